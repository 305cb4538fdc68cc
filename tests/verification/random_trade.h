/* Random trade for a random model: equilibrium, tariffs, growth and noise. */
#ifndef ENTENTE_VERIFY_RANDOM_TRADE_H
#define ENTENTE_VERIFY_RANDOM_TRADE_H

#include "model/model.h"

/* Adds them to a finished model, in two of three models an equilibrium. */
void random_trade(model_t *model, uint64_t seed);

#endif
