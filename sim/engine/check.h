/* Invariants, checked after every event in debug builds (ENTENTE_DEBUG); elsewhere the calls do nothing. A
 * violation is a fault of the engine: it is named on stderr and the program aborts. */
#ifndef ENTENTE_ENGINE_CHECK_H
#define ENTENTE_ENGINE_CHECK_H

#include "engine/internal.h"

#ifdef ENTENTE_DEBUG
#define CHECKED(call) call
#else
#define CHECKED(call) ((void)0)
#endif

/* Strength, alignment and its level within [-1, 1]; queues in order; base intensities below their bounds; no
 * leader booked in two places for what has begun. Cost: all ties, processes and bookings. */
void check_state(engine_t *self);
/* At the horizon: what deals still run is what the agenda has yet to end, to the dollar. */
void check_end(const engine_t *self);

#endif
