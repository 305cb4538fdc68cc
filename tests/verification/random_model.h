/* Small random scenarios that use every mechanism at once, from a seed alone. */
#ifndef ENTENTE_VERIFY_RANDOM_MODEL_H
#define ENTENTE_VERIFY_RANDOM_MODEL_H

#include "model/model.h"

/* A finished model of 3 to 5 actors with one to three variants besides the base. */
void random_model(model_t *model, uint64_t seed);

#endif
