/* The existing file under a run's final name: none, a finished file of this plan, or a file that must not be
 * overwritten. */
#ifndef ENTENTE_RUN_PLAN_EARLIER_H
#define ENTENTE_RUN_PLAN_EARLIER_H

#include "run/plan/plan.h"

typedef struct {
    bool there;
    uint32_t n_replicates;
    int n_points;
    bool reusable; /* its replicates end with a whole block, or where the plan's do */
    bool renamed;  /* title, labels or `choose` are others in the scenario by now, which changes no result */
} earlier_t;

/* ERR_DATA if it is of another plan, with the differences; ERR_CANTCREATE if it is not an output file. With
 * `restart` an output file of any plan is allowed and counts as none. */
int earlier_look(const plan_t *plan, const char *out_path, bool restart, earlier_t *earlier, fault_t *err);

/* Whether it contains all replicates of the plan. */
bool earlier_is_complete(const plan_t *plan, const earlier_t *earlier);

#endif
