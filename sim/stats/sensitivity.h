/* Sensitivity: the influence of each swept parameter on an outcome. Pure functions of the outcome at the
 * points of a design (stats/design/design.h), in its order.
 *
 * Points whose outcome is not finite are left out: with their row of a Saltelli design, with their
 * trajectory of a Morris one. Intervals are 95 %: by 1,000 bootstrap resamples of rows or trajectories
 * (percentiles; keyed, so the same each time), of regression coefficients by their standard error. NAN if
 * there are too few points. */
#ifndef ENTENTE_STATS_SENSITIVITY_H
#define ENTENTE_STATS_SENSITIVITY_H

#include <stddef.h>

typedef struct {
    double value, low, high; /* with its 95 % interval */
} interval_t;

typedef struct {             /* of one parameter; NAN where the design tells nothing of it */
    interval_t first, total; /* Sobol' indices: Saltelli et al. 2010 (b), Jansen 1999 */
    interval_t mu_star;    /* Morris: mean absolute elementary effect, over the whole range (u from 0 to 1) */
    double mu, sigma;      /* their mean and standard deviation: sigma >> |mu| is curvature or interaction */
    interval_t regression; /* standardised regression coefficient */
} influence_t;

typedef struct {     /* of an outcome over the design */
    int n;           /* points with a finite outcome */
    double mean, sd; /* between points */
    double within;   /* standard deviation between the replicates of a point, mean over points */
    double noise;    /* share of the variance between points that is noise of the replicates */
    double r2;       /* of the regression */
} response_t;

typedef struct { /* outcomes: each quantity in the first variant, and its difference to it in the others */
    char design[16]; /* "saltelli", ... */
    size_t n_variants, n_quantities, n_swept;
    char **swept;           /* [n_swept] paths of the parameters */
    response_t *responses;  /* [variant][quantity] */
    influence_t *influence; /* [variant][quantity][swept] */
} sensitivity_t;

void sensitivity_free(sensitivity_t *self); /* of names and arrays of its own; safe on a zeroed one */

void influence_clear(int n_axes, influence_t *out);

/* y[n_rows * (n_axes + 2)]: A, B, AB_1 ... of each row. 0 or ERR_NOMEM; so the next. */
int sensitivity_sobol(int n_axes, int n_rows, const double *y, influence_t *out);
/* units and y of n_trajectories * (n_axes + 1) points. */
int sensitivity_morris(int n_axes, int n_trajectories, const double *units, const double *y,
                       influence_t *out);
/* x[n][n_axes]; each `group` successive points share their draws, so their residuals are correlated (1: no
 * groups), and standard errors come from leaving out whole groups. There is no result if parameters depend
 * on each other linearly. */
int sensitivity_regression(int n_axes, int n, int group, const double *x, const double *y, influence_t *out,
                           double *r2);

/* y[n_points][n_replicates]. With common random numbers the effect of a replicate that all points share is
 * not noise between points. The noise is therefore the residual of y after subtracting the means of its
 * point and of its replicate (two-way layout), over the replicates that are finite at all points; NAN if
 * those are fewer than half of them. means[n_points]: of the finite values of each point. */
int sensitivity_response(int n_points, int n_replicates, const double *y, double *means, response_t *out);

#endif
