/* A trial of a plan: how much processor time its replicates take on this machine.
 *
 * Simulates replicates of all variants at points spread over the design and writes nothing. Writing parts and
 * merging them come on top. */
#ifndef ENTENTE_RUN_TRIAL_H
#define ENTENTE_RUN_TRIAL_H

#include "run/plan/plan.h"

typedef struct {
    int n_replicates; /* simulated, each in all variants */
    double seconds;   /* of one processor, for all replicates of the plan at this pace */
} trial_t;

/* Ends after the replicate with which it has taken `most` seconds. The plan has no trees (its `split` is
 * NULL). 0 or ERR_NOMEM. */
int trial_run(const plan_t *plan, double most, trial_t *trial);

#endif
