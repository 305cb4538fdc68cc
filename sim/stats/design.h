/* clang-format off */
/* Designs: the points of a sweep.
 *
 * A point has one value for each axis (a swept parameter): the axis's quantile at a coordinate in [0, 1], so
 * a design is made in the unit cube whatever the ranges are. The draws of random and Latin designs are keyed
 * by the seed and the axis's path. Except for `grid` and `latin` a larger design begins with the points of a
 * smaller one, so a sweep can grow.
 *
 *   grid      every combination; an axis without own values has `size` of them, a range from end to
 *             end, a distribution at the middles of equally likely classes
 *   list      the rows of a CSV table
 *   random    independent draws
 *   latin     Latin hypercube: each axis has one point in each of `size` equally likely classes
 *   sobol     the Sobol' sequence
 *   saltelli  for Sobol' indices: two matrices A and B of `size` rows, and for each axis i the matrix AB_i,
 *             that is A with column i of B; row by row: A, B, AB_1, ... AB_d. Of the Sobol' sequence in 2 d
 *             dimensions, of random draws beyond 20 axes
 *   morris    `size` trajectories of d + 1 points on a grid of 4 levels, each step changing one axis by 2/3;
 *             a distribution is taken from its 2.5 % to its 97.5 % quantile */
/* clang-format on */
#ifndef ENTENTE_STATS_DESIGN_H
#define ENTENTE_STATS_DESIGN_H

#include "scenario/scenario.h"

#define DESIGN_POINTS_MOST 1000000
#define DESIGN_PROBES 16 /* most corners and points at random */
#define MORRIS_LEVELS 4
#define MORRIS_STEP (2.0 / 3)

typedef struct {
    design_t design;
    int size; /* as asked for: points, rows or trajectories; of a grid, points an axis */
    int n_points, n_axes;
    int *params;    /* [n_axes] */
    double *units;  /* [n_points][n_axes] coordinates; NULL for a list */
    double *values; /* [n_points][n_axes] */
    /* Points to judge the whole sweep by, whatever its size: the corners, of many axes some points at random;
     * of a list its first rows. */
    int n_probes;
    double *probes; /* [n_probes][n_axes] */
} points_t;

/* The design over n_axes axes (>= 1). 0, ERR_USAGE (too many points), ERR_NOMEM. */
int points_make(points_t *self, design_t design, int size, int n_axes, const sweep_axis_t *axes,
                const model_t *model, uint64_t seed, fault_t *err);
/* A list: the CSV table's head names the parameters' paths, each row is a point; values as for --set. */
int points_read(points_t *self, scenario_t *scenario, const char *path, fault_t *err);
void points_free(points_t *self); /* safe on a zeroed one */

/* The value of an axis at u in [0, 1], within the parameter's allowed range. */
double axis_value(const sweep_axis_t *axis, const param_t *param, double u);

#endif
