/* Invariants, checked during a run in debug builds (ENTENTE_DEBUG); in other builds the calls do nothing. A
 * violation is an error of the engine: the check prints it to stderr and aborts the program. */
#ifndef ENTENTE_ENGINE_CHECK_H
#define ENTENTE_ENGINE_CHECK_H

#include "engine/internal.h"

#ifdef ENTENTE_DEBUG
#define CHECKED(call) call
#else
#define CHECKED(call) ((void)0)
#endif

/* After a step: strength, alignment and its long-run level are within [-1, 1]; queues are in order; baseline
 * intensities are below their bounds; no leader is booked in two places for events that have begun. A check
 * looks at all ties, processes and bookings, so it is made after each step of a small model and after every
 * so many of a large one. */
void check_step(engine_t *self);
/* At the horizon: the flow of running deals equals that of the deals whose end is still scheduled, to the
 * dollar. */
void check_end(const engine_t *self);

#endif
