/* Points of a space of parameters with a number each, and boxes in that space: what the two methods of
 * scenario discovery (stats/choice/prim.h, stats/choice/cart.h) have in common. */
#ifndef ENTENTE_STATS_CHOICE_BOX_H
#define ENTENTE_STATS_CHOICE_BOX_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t n;
    int n_axes;
    const double *x; /* [axis][n] parameters, finite */
    const double *y; /* [n] 0 or more: 1 where it holds, else 0; or a size */
} box_points_t;

typedef struct {
    double low, high; /* NAN: no limit on that side */
} box_limits_t;

typedef struct {
    size_t n;             /* points in it */
    double density;       /* their mean of y */
    double coverage;      /* their share of the sum of y over all points */
    int n_limited;        /* parameters with a limit */
    box_limits_t *limits; /* [axis], the caller's */
} box_found_t;

static inline const double *box_axis(const box_points_t *points, int axis) {
    return points->x + (size_t)axis * points->n;
}

/* Orders numbers of points by the values given, equal ones by their number; for qsort_r. */
static inline int box_by_value(const void *a, const void *b, void *values) {
    const double *of = values;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    if (of[i] != of[k]) return of[i] < of[k] ? -1 : 1;
    return (i > k) - (i < k);
}

#endif
