/* Linear regression of an outcome on d columns, from moments collected row by row: memory does not
 * grow with the rows, and rows in the same order give the same bits. */
#ifndef ENTENTE_STATS_REGRESSION_H
#define ENTENTE_STATS_REGRESSION_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int d;
    int64_t n;
    double *mean;    /* [d + 1], the outcome last */
    double *moments; /* [d + 1][d + 1] sums of products of the deviations from the means */
    double *own;     /* [d + 1] */
} regression_t;

int regression_init(regression_t *self, int d); /* 0 or ERR_NOMEM */
void regression_free(regression_t *self);       /* safe on a zeroed one */
void regression_add(regression_t *self, const double *x, double y);

typedef struct {
    int n_used;    /* columns that are not constant: the others are left out */
    int freedom;   /* rows - n_used - 1 */
    double r2;     /* share of the outcome's variance that the fit follows */
    double *beta;  /* [d] standardised coefficients; NAN for a constant column */
    double *error; /* [d] their standard errors */
} fit_t;

/* NAN all over where nothing can be told: fewer than REGRESSION_LEAST degrees of freedom, an outcome or
 * columns that do not vary, columns that depend on each other. 0 or ERR_NOMEM; free with fit_free. */
#define REGRESSION_LEAST 4
int regression_fit(const regression_t *self, fit_t *out);
void fit_free(fit_t *self); /* safe on a zeroed one */

#endif
