/* Constraints of a design: a point that breaks one is left out. Designs that need all of their points
 * (saltelli, morris) have none. */
#ifndef ENTENTE_STATS_CONSTRAINT_H
#define ENTENTE_STATS_CONSTRAINT_H

#include "stats/design/design.h"

/* Leaves out the points that break any; n_dropped[n] counts those that break each. The sides are among the
 * points' parameters. ERR_USAGE if none is left or the design needs all. If a larger design begins with the
 * points of a smaller one, it still does so afterwards. */
int points_keep(points_t *self, int n, const constraint_t *constraints, int *n_dropped, fault_t *err);

#endif
