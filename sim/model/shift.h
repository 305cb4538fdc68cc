/* Moves the start of a model, and with it all dates. */
#ifndef ENTENTE_MODEL_SHIFT_H
#define ENTENTE_MODEL_SHIFT_H

#include "model/model.h"

/* Moves the start `by` days later. Entries and interventions that are then before the start occur only in
 * variants that name them; the distance of the horizon from the start does not change. */
void shift_dates(model_t *model, double by);

#endif
