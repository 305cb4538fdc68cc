/* The start of a model moves, and with it the time of all that is dated. */
#ifndef ENTENTE_MODEL_SHIFT_H
#define ENTENTE_MODEL_SHIFT_H

#include "model/model.h"

/* The start lies `by` days later. What the calendar and the interventions date before it takes place in no
 * variant that does not name it; the horizon stays as far from the start as it is. */
void shift_dates(model_t *model, double by);

#endif
