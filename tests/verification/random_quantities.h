/* Random quantities of every form, for a random model. */
#ifndef ENTENTE_VERIFY_RANDOM_QUANTITIES_H
#define ENTENTE_VERIFY_RANDOM_QUANTITIES_H

#include "model/model.h"

/* In place of those that the finished model has; its event types get lengths of up to 5 days. */
void random_quantities(model_t *model, uint64_t seed);

#endif
