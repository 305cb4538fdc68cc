/* A path to the rare event, drawn from all those that the trees have found in proportion to their weights. */
#ifndef ENTENTE_CLI_RARE_PATH_H
#define ENTENTE_CLI_RARE_PATH_H

#include "run/plan/plan.h"

/* Draws it: trees[n] are the estimates of the trees, of which it simulates one again. *there: whether any
 * has come to the event. 0 or a negative code.
 */
int rare_path_draw(const plan_request_t *request, uint32_t n, const double *trees, path_t *path, bool *there,
                   fault_t *err);

/* The --branch of `entente trace`: "DAY:KEY". */
#define RARE_BRANCH_BYTES 64
void rare_path_branch(const branch_t *branch, char out[RARE_BRANCH_BYTES]);

#endif
