/* The next-event loop: one replicate of one variant, exact in continuous time.
 *
 * Every process (event type x place) has a fixed unit Poisson measure over (time, height); a point is an
 * event iff its height is below the process's intensity at its time (engine/process/measure.h). Scheduled
 * events (calendar, consequences, ends of conditions) wait in an agenda, ordered by time, then class, then a
 * key of their identity, so that the order of a file never matters. The loop takes the earlier of the two,
 * advances the clock, applies the event and calls the observers.
 *
 * Two variants of one replicate use the same measures and the same random marks: they differ only where and
 * while their intensities or their calendars differ.
 *
 * An engine works on one model at a time in one thread; parallel runs use several processes. */
#ifndef ENTENTE_ENGINE_ENGINE_H
#define ENTENTE_ENGINE_ENGINE_H

#include "engine/result.h"

typedef struct engine engine_t;

/* From a moment on all that is random is drawn anew, under another key. What has happened by then, and what
 * is scheduled by then with its time, stays. Two replicates that differ in the key of their last branch are
 * independent given the state at its time, and have the same law. */
typedef struct {
    double time;  /* days from the start; what happens at this very moment comes before it */
    uint64_t key; /* not 0 */
} branch_t;

/* An engine for a finished model (borrowed; its parameters are written and restored during a run).
 * `seed` is the run's master seed. The scales of the Poisson measures are taken from the parameters as
 * they stand now, so make the engine before any override is applied. 0 or ERR_NOMEM. */
int engine_init(engine_t **self, model_t *model, uint64_t seed);
void engine_free(engine_t *self); /* NULL is fine */

/* Simulates replicate `replicate` of variant `variant` into `result`. Parameters: the model's, then the
 * replicate's draws of the uncertain ones (but for those that `settings` names), then `settings` (a design
 * point, --set; may be NULL), then the followers of uncertain ones, then the variant's own. The model's
 * parameters are as before on return. 0, ERR_NOMEM; a replicate that explodes is not an error
 * (result->stop). */
int engine_run(engine_t *self, uint32_t replicate, int variant, int n_settings, const setting_t *settings,
               const observation_t *observation, result_t *result);

/* The following calls of engine_run follow these branches, ordered by time (borrowed; n = 0: none). */
void engine_branch(engine_t *self, int n, const branch_t *branches);

/* The same for several variants, one result each, with the same bits. Variants that share the parameters of
 * the first one are simulated as differences from it, so that they cost little more than their changes. */
int engine_run_all(engine_t *self, uint32_t replicate, int n, const int *variants, int n_settings,
                   const setting_t *settings, const observation_t *observation, result_t *results);

/* Of the last engine_run_all: how many events of the variants but the first were simulated anew, those of
 * variants that were simulated alone among them. */
int64_t engine_anew(const engine_t *self);

#endif
