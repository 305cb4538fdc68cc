/* Conditions in the state of the world, for the files of the world alone. */
#ifndef ENTENTE_MODEL_CONDITION_STATE_H
#define ENTENTE_MODEL_CONDITION_STATE_H

#include "model/world.h"

double conditions_on_trade(const world_t *self, int tie, double now); /* log units */
/* The tie's b0: clamp(own + shifts of the conditions in force), after re-anchoring the tie. */
void condition_level_of(world_t *self, int tie, double now);
void conditions_settle(world_t *self, double now);

#endif
