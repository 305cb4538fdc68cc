/* A deliberately simple simulator on the same Poisson measures as the engine.
 *
 * It generates every point of every process up to a cap over the whole period and every point of every
 * event's own measures, walks through them in order of time, and evaluates each intensity from scratch by its
 * definition: the state of a tie from the full list of effects on it, decayed counts as sums. No heap, no
 * bound, no anchor, no cache. Its log must be the engine's.
 *
 * Left out: scheduled events that need leaders (in-person kinds may only happen by themselves). */
#ifndef ENTENTE_VERIFY_NAIVE_H
#define ENTENTE_VERIFY_NAIVE_H

#include "engine/engine.h"

typedef struct {
    double highest;  /* largest intensity met, in units of the process's cap; below 1/2 the run is valid */
    size_t n_points; /* looked at */
    size_t n_touches;
    double imbalance; /* of a market, the largest log that Newton's method left: it may find no solution */
} naive_report_t;

/* One replicate into `result` (log, counts and trajectories of `observation`). `strips` strips of each
 * measure are generated. The model's parameters are as before on return. Stops at the event cap. */
void naive_run(model_t *model, uint64_t seed, uint32_t replicate, int variant, int strips,
               const observation_t *observation, result_t *result, naive_report_t *report);

/* A STATIC statistic: it needs no run. */
double naive_fixed(const model_t *m, const term_t *term, int i, int j);

#endif
