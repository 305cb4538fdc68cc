/* E[outcome | parameters]: how much of the outcome's variance it carries, over which range it lies, and which
 * parameters move it.
 *
 * The variance between replicates is that of the mean given the parameters plus the mean variance given the
 * parameters (the law of total variance). Every replicate has its own parameters, so the first part is
 * estimated by regression on smooth functions of them (stats/parameters/basis.h): in all parameters, linear
 * and squares; cubes and products of pairs for the BASIS_CHOSEN that matter most by the first fit. What is
 * chosen from the first fit is not biased by its noise: what more columns explain is independent of it.
 *
 * A fit follows the noise too: with p columns a share p / n of pure noise. That part is taken away with each
 * row's own variance, estimated without the row ("Leave-out estimation of variance components", Kline, Saggio
 * and Sølvsten, Econometrica 88, 2020), so that the noise may depend on the parameters, as counts do. The
 * fitted values are narrowed by the same factor about their mean before their quantiles are taken. Where the
 * 95 % interval of the share reaches 0 the parameters cannot be distinguished from noise: the range has no
 * width.
 *
 * What the columns cannot follow (jumps, products of three) counts as chance, so the share errs low.
 *
 * A parameter's share of the variance of E[outcome | parameters] is that of its own columns and half of each
 * product (the Shapley effect of independent inputs: Owen, "Sobol' indices and Shapley value", SIAM/ASA
 * Journal on Uncertainty Quantification 2, 2014); shares add up to 1. What correlated parameters explain
 * cannot be divided among them without a further assumption, so parameters that are drawn jointly count as
 * one: each has the share of its whole set, and shares add up to 1 over sets. Intervals are the delta
 * method's, from the influence of each row, plus what indices vary by without any influence. Influences on
 * the share of all parameters are skewed and have heavy tails where the outcome has: theirs is that of
 * stats/interval.h. */
#ifndef ENTENTE_STATS_PARAMETERS_SMOOTH_H
#define ENTENTE_STATS_PARAMETERS_SMOOTH_H

#include "stats/parameters/basis.h"
#include "stats/sensitivity.h"

#define SMOOTH_HALF_WIDTH_MOST \
    0.25 /* of the interval of a parameter's share; with a wider one the replicates are too few */
#define SMOOTH_LOW 0.05 /* quantiles of E[outcome | parameters], and of a parameter */
#define SMOOTH_HIGH 0.95

typedef struct {
    double r2;        /* of the fit as it is, with the noise that it follows */
    interval_t share; /* of the outcome's variance */
    double low, high; /* SMOOTH_LOW and _HIGH quantiles of E[outcome | parameters] */
} smooth_t;           /* NAN all over if the rows are too few or the outcome does not vary */

typedef struct {            /* of one parameter */
    interval_t share;       /* of the variance of E[outcome | parameters]; NAN: too few */
    double at_low, at_high; /* E[outcome] with the parameter at its SMOOTH_LOW and _HIGH quantile, those drawn
                               jointly with it at their means */
} carrier_t;

typedef struct {     /* what else is asked for; each may be NULL */
    const int *sets; /* [d] >= 0: the set of jointly drawn parameters that it is in; NULL: all are alone */
    carrier_t *carriers; /* [d] */
    double *mains; /* [d][n] E[outcome | one parameter, or its set] - E[outcome], narrowed as the fit; 0: no
                      estimate */
    double *whole; /* [n] E[outcome | parameters] - E[outcome], narrowed */
} smooth_detail_t;

/* y[n], all finite, of the basis' rows. 0 or ERR_NOMEM. The basis is as before afterwards. */
int smooth_fit(basis_t *basis, const double *y, smooth_t *out, const smooth_detail_t *detail);

#endif
