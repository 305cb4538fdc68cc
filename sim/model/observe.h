/* Observed events of a finished model (model/as_of.h), for those that have them as data and no scenario text.
 */
#ifndef ENTENTE_MODEL_OBSERVE_H
#define ENTENTE_MODEL_OBSERVE_H

#include "model/model.h"

/* Adds entries, copied but for what they point to, to the calendar as observed; parameters stay where the
 * entries before them have gone. 0 or ERR_NOMEM. */
int model_observe(model_t *self, int n, const calendar_entry_t *entries);

#endif
