/* How many replicates make a block.
 *
 * A block is to take BLOCK_SECONDS of one processor, as far as that can be told from the scenario, and to
 * keep its trajectories within BLOCK_BYTES. The estimate counts the events to be expected (model/stability.h)
 * with the parameters that are simulated: settings, the variants' own, those of interventions; uncertain ones
 * by the mean over some draws; of a sweep the corner of its ranges (of a list the row) that makes most
 * events. It is a function of these alone, never of workers or of the number of replicates. */
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
