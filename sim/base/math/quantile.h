/* Quantiles, with the same bits on every processor (base/math/elementary.h).
 *
 * The normal one is Wichura's rational function (Algorithm AS 241, Applied Statistics 37, 1988). Gamma and
 * beta are solved by Halley's steps for y, the logarithm of x or of its odds: in y the logarithms of both
 * tails are concave, so that the steps go to the root from anywhere. A tail is its density in y times a
 * series or a continued fraction; the density is Stirling's main part and what it lacks (Loader, "Fast and
 * accurate computation of binomial probabilities", 2000), so that large shapes lose nothing.
 *
 * u lies in (0, 1), shapes are positive. Relative errors are below 1e-15 for the normal quantile and below
 * 1e-13 for the others. They are larger only where u does not determine x more precisely: for a small shape
 * a, a relative change of u changes the quantile by 1/a times as much. The cost grows with the root of the
 * shapes; below 100 it is less than a microsecond for gamma. */
#ifndef ENTENTE_BASE_MATH_QUANTILE_H
#define ENTENTE_BASE_MATH_QUANTILE_H

double quantile_normal(double u);
double quantile_gamma(double shape, double u); /* of scale 1 */
double quantile_beta(double a, double b, double u);
double quantile_t(double degrees, double u); /* Student's */

/* The probability of more than `x` (>= 0): of a gamma of scale 1, and of a normal's size beyond it. */
double quantile_tail_gamma(double shape, double x);
double quantile_tail_normal_two_sided(double x);

#endif
