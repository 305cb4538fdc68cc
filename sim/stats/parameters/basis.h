/* Smooth functions of the uncertain parameters, as columns over the replicates: powers of one parameter and
 * products of two.
 *
 * A parameter counts as its logarithm where all draws are positive and that takes away at least half of their
 * skewness; it is then standardised. Columns are centred and made orthonormal one after another (modified
 * Gram-Schmidt); a column that depends on those before it is left out. Draws of different parameters are
 * independent, so the columns of one parameter keep its meaning; of parameters that are drawn jointly, those
 * of all of them together do.
 *
 * A basis begins with the parameters themselves and, where the rows suffice, their squares. More columns are
 * added for one outcome (stats/parameters/smooth.h) and taken away again. */
#ifndef ENTENTE_STATS_PARAMETERS_BASIS_H
#define ENTENTE_STATS_PARAMETERS_BASIS_H

#include <stdbool.h>
#include <stddef.h>

#define BASIS_ROWS_PER_LINE 5    /* rows a column needs if the columns are the parameters alone */
#define BASIS_ROWS_PER_COLUMN 10 /* if there are squares, cubes or products among them */
#define BASIS_CHOSEN 5           /* parameters of an outcome that may have cubes and products */
#define BASIS_BENT 3             /* of those, that may have products with a square */
#define BASIS_ADDED (BASIS_CHOSEN + BASIS_CHOSEN * (BASIS_CHOSEN - 1) / 2 + BASIS_BENT * (BASIS_BENT - 1))

typedef struct {   /* z_a^power, or a product of parameters a and b: z_a z_b or (z_a^2 - 1) z_b */
    int a, b;      /* b = a: no product */
    int power;     /* of z_a: 1 to 3, in a product 1 or 2 */
    double centre; /* its mean over the rows before it is centred */
} basis_term_t;

typedef struct {
    int n, d; /* rows, parameters */
    int n_terms, most;
    double *z;           /* [d][n] the standardised parameters; all 0 for a constant one */
    double *q;           /* [n_terms][n] orthonormal */
    double *r;           /* [most][most] the centred column k is the sum of r[k][l] q[l] over l <= k */
    basis_term_t *terms; /* [n_terms] */
} basis_t;

/* draws [n][d]. Without columns if the rows are too few for the parameters. 0 or ERR_NOMEM. */
int basis_init(basis_t *self, int n, int d, const double *draws);
void basis_free(basis_t *self); /* safe on a zeroed one */

/* False if it depends on the columns before it. */
bool basis_add(basis_t *self, basis_term_t term);

/* What the function with these coefficients of the orthonormal columns, taken back to the terms themselves,
 * says of parameter a alone where it is z: its deviation from the mean. */
void basis_solve(const basis_t *self, const double *of_columns, double *of_terms);
/* The centred term in a row. */
double basis_value(const basis_t *self, const basis_term_t *term, size_t row);
double basis_main(const basis_t *self, const double *of_terms, int a, double z);

#endif
