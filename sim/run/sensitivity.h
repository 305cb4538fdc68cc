/* Sensitivity: the influence of each swept parameter on an outcome. Pure functions of the outcome at the
 * points of a design (run/design.h), in its order.
 *
 * Points whose outcome is not finite are left out: with their row of a Saltelli design, with their trajectory
 * of a Morris one. Intervals are 95 %: by 1,000 bootstrap resamples of rows or trajectories (percentiles;
 * keyed, so the same each time), of regression coefficients by their standard error. NAN where there are
 * too few. */
#ifndef ENTENTE_RUN_SENSITIVITY_H
#define ENTENTE_RUN_SENSITIVITY_H

#include "io/store.h"

void influence_clear(int n_axes, influence_t *out);

/* y[n_rows * (n_axes + 2)]: A, B, AB_1 ... of each row. 0 or ERR_NOMEM; so the next. */
int sensitivity_sobol(int n_axes, int n_rows, const double *y, influence_t *out);
/* units and y of n_trajectories * (n_axes + 1) points. */
int sensitivity_morris(int n_axes, int n_trajectories, const double *units, const double *y,
                       influence_t *out);
/* x[n][n_axes]; each `group` points that follow each other are made of the same draws, so what is left of
 * them goes together (1: none do), and standard errors are of whole groups left out. Nothing is told when
 * parameters depend on each other linearly. */
int sensitivity_regression(int n_axes, int n, int group, const double *x, const double *y, influence_t *out,
                           double *r2);

/* y[n_points][n_replicates]. With common random numbers what all points share in a replicate moves them
 * together and is no noise between them; so the noise is what is left of y after the means of its point and
 * of its replicate (two-way layout), over the replicates that are finite at all points; NAN when those are
 * fewer than half of them. means[n_points]: of the finite values of each point. */
int sensitivity_response(int n_points, int n_replicates, const double *y, double *means, response_t *out);

#endif
