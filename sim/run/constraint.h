/* Constraints of a design: a point that breaks one is left out.
 *
 *   "NAME: LEFT OP RIGHT", OP one of < <= > >=, a side the path of a swept parameter or a value with its unit
 *
 * Designs that rest on all of their points (saltelli, morris) have none. */
#ifndef ENTENTE_RUN_CONSTRAINT_H
#define ENTENTE_RUN_CONSTRAINT_H

#include "run/design.h"

typedef struct {
    char *text, *name; /* of one piece of memory, free()d by constraint_free */
    int axes[2];       /* of the sides, -1: a value */
    double values[2];
    bool less, equal; /* < or <=, else > or >=; equal is kept */
    int n_dropped;    /* points that break it */
} constraint_t;

/* Reads `text`; its sides are looked for among the points' axes. 0 or ERR_USAGE, ERR_NOMEM. */
int constraint_read(constraint_t *self, const char *text, scenario_t *scenario, const points_t *points,
                    fault_t *err);
void constraint_free(constraint_t *self); /* safe on a zeroed one */

/* Leaves out the points that break any, and counts them. ERR_USAGE when none is left or the design needs
 * all. A larger design that began with a smaller one's points still does. */
int points_keep(points_t *self, int n, constraint_t *constraints, fault_t *err);

#endif
