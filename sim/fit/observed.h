/* What an observed event does to the state that intensities read.
 *
 * As docs/fitting.md says: it moves the strength and alignment of its dyad by its kind's effect, with the
 * level's multiplier at its expectation, and is counted where a statistic counts its kind. An event before
 * the scenario's start is counted and moves no tie. */
#ifndef ENTENTE_FIT_OBSERVED_H
#define ENTENTE_FIT_OBSERVED_H

#include "model/world.h"
#include "observed/events.h"

/* Events are given in order of time. */
void observed_move(world_t *world, const observed_t *event);

#endif
