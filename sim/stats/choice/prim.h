/* Boxes of parameters in which something is frequent or large: the patient rule induction method (Friedman
 * and Fisher, "Bump hunting in high-dimensional data", Statistics and Computing 9, 1999), as scenario
 * discovery uses it (Bryant and Lempert, "Thinking inside the box", Technological Forecasting and Social
 * Change 77, 2010).
 *
 * From the box of all points that no earlier box has taken, each step peels off the PRIM_PEEL share of the
 * points with the least or the largest values of one parameter, points with equal values together: the
 * parameter and the side that leave the largest mean of y. Of the boxes on the way one is chosen. Limits lie
 * half-way between a point kept and one peeled off. There is no pasting.
 *
 * Peeling finds something in noise as well. A parameter's limits therefore stay only if the points that they
 * alone keep out have a mean of y lower by sqrt(2 ln k) standard errors, where k is the number of peels
 * looked at: about the largest of k normal deviates. */
#ifndef ENTENTE_STATS_CHOICE_PRIM_H
#define ENTENTE_STATS_CHOICE_PRIM_H

#include <stdbool.h>
#include <stddef.h>

#define PRIM_PEEL 0.05

typedef struct {
    size_t n;
    int n_axes;
    const double *x; /* [axis][n] parameters, finite */
    const double *y; /* [n] 0 or more: 1 where it holds, else 0; or a size */
} prim_data_t;

typedef enum {
    PRIM_BALANCED, /* the largest harmonic mean of coverage and density, of a y that is 0 or 1 */
    PRIM_HIGHEST   /* the largest mean of y */
} prim_aim_t;

typedef struct {
    double low, high; /* NAN: no limit on that side */
} prim_limits_t;

typedef struct {
    size_t n;              /* points in it */
    double density;        /* their mean of y */
    double coverage;       /* their share of the sum of y over all points */
    int n_limited;         /* parameters with a limit */
    prim_limits_t *limits; /* [axis], the caller's */
} prim_box_t;

/* The next box, of at least `least` points, of those that are not `taken`[n]; its own are then taken as well.
 * 0 or ERR_NOMEM. Cost: n_axes x n for each step, and n_axes sorts. */
int prim_find(const prim_data_t *data, prim_aim_t aim, size_t least, bool *taken, prim_box_t *box);

#endif
