/* What stands under a run's final name: nothing, a finished file of this plan, or what must not be
 * overwritten. */
#ifndef ENTENTE_RUN_PLAN_EARLIER_H
#define ENTENTE_RUN_PLAN_EARLIER_H

#include "run/plan/plan.h"

typedef struct {
    bool there;
    uint32_t n_replicates;
    int n_points;
    bool reusable; /* its replicates end with a whole block, or where the plan's do */
    bool renamed;  /* title or labels are others in the scenario by now, which changes no result */
} earlier_t;

/* ERR_DATA when it is of another plan, with what differs; ERR_CANTCREATE when it is no file of ours. With
 * `restart` a file of ours may be of any plan, and counts as none. */
int earlier_look(const plan_t *plan, const char *out_path, bool restart, earlier_t *earlier, fault_t *err);

/* Whether it holds all that the plan asks for. */
bool earlier_is_complete(const plan_t *plan, const earlier_t *earlier);

#endif
