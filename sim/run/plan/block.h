/* The number of replicates in a block.
 *
 * A block should take BLOCK_SECONDS on one processor, as far as the scenario allows an estimate, and its
 * trajectories should fit into BLOCK_BYTES. The estimate uses the expected number of events
 * (model/stability.h) with the simulated parameters: settings, those of the variants and of interventions;
 * the mean over some draws of uncertain ones; in a sweep the corner of the ranges (in a list the row) with
 * most events. It is a function of these alone, never of the number of workers or replicates. */
#ifndef ENTENTE_RUN_PLAN_BLOCK_H
#define ENTENTE_RUN_PLAN_BLOCK_H

#include "run/plan/plan.h"

#define BLOCK_SECONDS 0.5
#define BLOCK_BYTES ((double)32 * 1024 * 1024)
#define BLOCK_MOST 1000

/* Replicates a block, from the series 1, 2, 5, 10, ... BLOCK_MOST. The model's parameters are as before on
 * return. 0 or ERR_NOMEM. */
int block_replicates(const plan_request_t *request, const observation_t *observation, uint32_t *replicates);

#endif
