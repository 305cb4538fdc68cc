/* The draws of uncertain parameters, once a replicate.
 *
 * A parameter has its own distribution and is the quantile of its own random number, or is drawn jointly with
 * others (joint_draw_t):
 *
 *   correlation  the quantiles are taken at correlated numbers: the standard normals of the members' own
 *                random numbers, combined by the Cholesky factor of the correlation, so that each member
 *                keeps its distribution (a Gaussian copula)
 *   rows         a row of a table, all equally likely
 *
 * Members lie in the order of the keys of their draws, so that neither the order in the file nor a renamed
 * key changes a draw. */
#ifndef ENTENTE_MODEL_UNCERTAIN_UNCERTAIN_H
#define ENTENTE_MODEL_UNCERTAIN_UNCERTAIN_H

#include "base/dist.h"

struct model;

typedef struct {
    char *name;
    int n;               /* members */
    int *params;         /* [n] */
    double *correlation; /* [n][n] of the normals; NULL: of a table */
    double *factor;      /* [n][n] its lower Cholesky factor */
    int n_rows;
    double *rows; /* [n_rows][n] */
    char *source;
} joint_draw_t;

typedef struct {
    int param;
    dist_t dist;          /* of a table: its range */
    char *label, *source; /* may be NULL */
    int joint, member;    /* it is a member of this joint distribution; joint -1: of none */
} uncertain_t;

typedef struct { /* a parameter that always has the value of an uncertain one */
    int param, of;
} follower_t;

/* values [n_uncertain], within the parameters' allowed ranges; `key` is of the replicate. 0 or ERR_NOMEM. */
int uncertain_draw(const struct model *self, uint64_t key, double *values);
double uncertain_mean(const struct model *self, int u);
/* u in (0, 1). Costs O(rows log rows) for a table. NAN without memory. */
double uncertain_quantile(const struct model *self, int u, double quantile);
/* The values of a table, ascending [n_rows]; NULL without memory. The caller frees them (mem_free). */
double *uncertain_values(const struct model *self, int u);

/* factor [n][n] of a correlation [n][n], which is symmetric with 1 on its diagonal. False if it is not
 * positive semidefinite. */
bool uncertain_factor(int n, const double *correlation, double *factor);

#endif
