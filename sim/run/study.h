/* The end of a sweep: computes the indices of stats/sensitivity.h for every quantity in the first variant
 * and for its paired difference from the first in the others, and writes them to the file. */
#ifndef ENTENTE_RUN_STUDY_H
#define ENTENTE_RUN_STUDY_H

#include "stats/design/design.h"
#include "store/store.h"

/* Reads the quantities of `out`, a file that is being written for all of `points`, and writes the group
 * `sensitivity`; nothing where no quantity is named. */
int study_write(store_t *out, const points_t *points, const layout_t *layout, uint32_t n_replicates,
                fault_t *err);

#endif
