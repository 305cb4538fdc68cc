/* Anderson's acceleration of a fixed-point iteration (Anderson 1965; Walker and Ni 2011, type II).
 *
 * The plain iteration is x <- x + g(x). From the last few changes of x and of g the step is chosen that
 * a linear g would need. Where g is nearly linear that takes about as many steps as g has slow directions,
 * and no derivative. Sums run in a fixed order: the same numbers give the same bits. */
#ifndef ENTENTE_BASE_ANDERSON_H
#define ENTENTE_BASE_ANDERSON_H

#include <stdbool.h>

#define ANDERSON_DEPTH 8 /* at most */

typedef struct {
    int n, most;                                 /* length of x now, at most */
    int count, next;                             /* changes that are kept, where the next one goes */
    bool begun;                                  /* `x` and `g` hold the last point */
    double *memory;                              /* owns all of the following */
    double *x, *g;                               /* [n] */
    double *dx, *dg;                             /* [ANDERSON_DEPTH][most] */
    double gram[ANDERSON_DEPTH][ANDERSON_DEPTH]; /* inner products of the rows of dg */
} anderson_t;

int anderson_init(anderson_t *self, int most); /* 0 or ERR_NOMEM */
void anderson_free(anderson_t *self);          /* safe on a zeroed one */
/* Forgets everything; x has n <= most numbers from now on. */
void anderson_begin(anderson_t *self, int n);
/* The step[n] to take from x[n], where the plain one would be g[n]. */
void anderson_step(anderson_t *self, const double *x, const double *g, double *step);

#endif
