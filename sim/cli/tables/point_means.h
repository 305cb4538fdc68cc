/* How precisely the replicates of a sweep tell a mean over its points.
 *
 * With common random numbers all points share their replicates, so that a mean over many points of few
 * replicates has the error of these few. The means over the points of each replicate are alike and
 * independent of each other, with common random numbers and without: their mean has Student's interval. It
 * holds for the points as they are. */
#ifndef ENTENTE_CLI_TABLES_POINT_MEANS_H
#define ENTENTE_CLI_TABLES_POINT_MEANS_H

#include "stats/interval.h"
#include "store/store.h"

/* The 95 % intervals of the first variant's means and of the others' differences from it, into
 * ends[variant][quantity]; NAN where there is one replicate, or all have the same mean. Replicates that
 * stopped early are left out, and a first time that does not come counts as the end. 0 or a negative code. */
int point_means_read(store_t *store, size_t n_variants, size_t n_quantities, ends_t *ends, fault_t *err);

#endif
