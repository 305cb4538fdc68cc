/* The tariffs of a world at its start; what reads and sets them is in model/world.h. */
#ifndef ENTENTE_MODEL_TRADE_TARIFF_H
#define ENTENTE_MODEL_TRADE_TARIFF_H

#include "model/world.h"

/* Those at the date of the figures, and those that hold at the start. */
void tariffs_reset(world_t *self);

#endif
