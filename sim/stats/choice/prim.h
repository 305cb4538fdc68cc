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

#include "stats/choice/box.h"

#define PRIM_PEEL 0.05

typedef enum {
    PRIM_BALANCED, /* the largest harmonic mean of coverage and density, of a y that is 0 or 1 */
    PRIM_HIGHEST   /* the largest mean of y */
} prim_aim_t;

/* The next box, of at least `least` points, of those that are not `taken`[n]; its own are then taken as well.
 * 0 or ERR_NOMEM. Cost: n_axes x n for each step, and n_axes sorts. */
int prim_find(const box_points_t *data, prim_aim_t aim, size_t least, bool *taken, box_found_t *box);

#endif
