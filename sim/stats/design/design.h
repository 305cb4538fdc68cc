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

#include "base/error.h"
#include "model/model.h"

typedef enum { SWEEP_DIST, SWEEP_VALUES, SWEEP_LOG_UNIFORM } sweep_range_t;

typedef struct { /* one swept parameter */
    int param;
    sweep_range_t range;
    dist_t dist; /* SWEEP_DIST; SWEEP_LOG_UNIFORM: its low and high are p[0], p[1] */
    int n_values;
    double *values; /* SWEEP_VALUES */
} sweep_axis_t;

typedef enum {
    DESIGN_NONE,
    DESIGN_GRID,
    DESIGN_RANDOM,
    DESIGN_LATIN,
    DESIGN_SOBOL,
    DESIGN_SALTELLI,
    DESIGN_MORRIS,
    DESIGN_LIST, /* of the command line alone */
    DESIGN_N
} design_t;
extern const char *const design_names[DESIGN_N]; /* "none", "grid", "random", ... */

/* Whether the design's indices need every point, so that none can be left out. */
bool design_needs_all(design_t design);

typedef struct { /* LEFT < RIGHT: points where it does not hold are left out of a sweep */
    const char *name;
    int params[2];    /* of the sides; -1: a value */
    double values[2]; /* in the other side's unit */
    bool less, equal; /* < or <=, else > or >=; equal is kept */
} constraint_t;

typedef struct { /* what `entente sweep` does */
    design_t design;
    int points; /* of the design; see stats/design/design.h for what they count */
    int n_axes, n_constraints;
    sweep_axis_t *axes;
    constraint_t *constraints;
} sweep_t;

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
    /* Points that represent the whole sweep, whatever its size: the corners; with many axes some random
     * points; with a list its first rows. */
    int n_probes;
    double *probes; /* [n_probes][n_axes] */
} points_t;

/* The design over n_axes axes (>= 1). 0, ERR_USAGE (too many points), ERR_NOMEM. */
int points_make(points_t *self, design_t design, int size, int n_axes, const sweep_axis_t *axes,
                const model_t *model, uint64_t seed, fault_t *err);
void points_free(points_t *self); /* safe on a zeroed one */

/* The value of an axis at u in [0, 1], within the parameter's allowed range. */
double sweep_axis_value(const sweep_axis_t *axis, const param_t *param, double u);

#endif
