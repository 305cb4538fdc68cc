/* Distributions of scenario parameters, marks and delays: one table of kinds.
 *
 * Parameters are in the unit of the quantity itself (days, USD, plain numbers), except `sigma` of the
 * lognormal (log units), shapes and concentrations. */
#ifndef ENTENTE_BASE_DIST_H
#define ENTENTE_BASE_DIST_H

#include "base/rng.h"
#include <stdbool.h>

#define DIST_MAX_PARAMS 3

/* X(enum, keyword in scenario files, parameter names). The sign before a name says what the parameter may be:
 * '=' what the quantity may, in its unit; '>' positive, in its unit; '%' positive, and what the quantity may,
 * which has no unit; '+' a plain positive number. */
#define DIST_LIST(X)                                      \
    X(DIST_CONSTANT, "constant", {"=value"})              \
    X(DIST_UNIFORM, "uniform", {"=low", "=high"})         \
    X(DIST_NORMAL, "normal", {"=mean", ">sd"})            \
    X(DIST_LOGNORMAL, "lognormal", {">median", "+sigma"}) \
    X(DIST_EXPONENTIAL, "exponential", {">mean"})         \
    X(DIST_GAMMA, "gamma", {">mean", "+shape"})           \
    X(DIST_BETA, "beta", {"%mean", "+concentration"})     \
    X(DIST_TRIANGULAR, "triangular", {"=low", "=mode", "=high"})

typedef enum {
#define X(name, keyword, ...) name,
    DIST_LIST(X)
#undef X
        DIST_N
} dist_kind_t;

typedef struct {
    dist_kind_t kind;
    double p[DIST_MAX_PARAMS]; /* in the order of DIST_LIST */
} dist_t;

/* Keyword and parameter names of a kind (names carry their sign; NULL past the last). */
const char *dist_keyword(dist_kind_t kind);
const char *dist_param(dist_kind_t kind, int i);

/* NULL if the parameters are valid, else the mistake ("sd must be positive"). */
const char *dist_invalid(const dist_t *self);

/* A draw: the quantile of one number of the stream, so that draws of two variants with different parameters
 * stay paired.
 * */
double dist_sample(const dist_t *self, rng_stream_t *stream);
double dist_mean(const dist_t *self);
double dist_quantile(const dist_t *self, double u); /* u in (0, 1) */
double dist_at_normal(const dist_t *self,
                      double z); /* at the probability of less than z of a standard normal */
/* Smallest and largest value it can take (may be infinite). */
void dist_support(const dist_t *self, double *low, double *high);

#endif
