/* The effect of an observed event on the state that intensities depend on (docs/fitting.md).
 *
 * It changes the strength and alignment of its dyad by the effect of its type, with the level's multiplier
 * at its expectation, and enters the counts of statistics. An event before the scenario's start enters the
 * counts and changes no tie. */
#ifndef ENTENTE_FIT_OBSERVED_H
#define ENTENTE_FIT_OBSERVED_H

#include "model/world.h"
#include "observed/events.h"

/* Events are given in order of time. */
void observed_move(world_t *world, const observed_t *event);

#endif
