/* Monte Carlo 95 % intervals of shares and means, and when a sample is too small for one.
 *
 * Means. Student's t misses the mean far more often than in 5 % of samples if most values are equal and a few
 * are not, or if the tail is heavy: the mean and the standard deviation then go together. The interval here
 * is Hall's, which undoes the skewness by a cubic transformation ("On the removal of skewness by
 * transformation", Journal of the Royal Statistical Society B 54, 1992), with Student's quantile at the
 * degrees of freedom that the kurtosis leaves for the variance, 2 n / (kurtosis - 1), n - 1 at most
 * (Satterthwaite).
 *
 * It is left out where a sample cannot tell:
 *   - fewer than INTERVAL_CARRIERS values carry the variance. Their number is n / kurtosis: of n values of
 *     which k differ from the others, alike, it is about k; one value that outweighs all others makes it 1;
 *   - the tail is so heavy that the variance may not exist: Hill's estimate of the tail index ("A simple
 *     general approach to inference about the tail of a distribution", Annals of Statistics 3, 1975) from the
 *     largest twentieth of the deviations, INTERVAL_TAIL at most, is below INTERVAL_TAIL_INDEX, one standard
 *     error below the 2 that a variance needs. With fewer than INTERVAL_TAIL_LEAST it is not estimated.
 *
 * tests/verification/test_coverage.c measures how often intervals miss and how often they are left out. */
#ifndef ENTENTE_STATS_INTERVAL_H
#define ENTENTE_STATS_INTERVAL_H

#include <stdint.h>

#define INTERVAL_CARRIERS 10.0
#define INTERVAL_TAIL 25
#define INTERVAL_TAIL_LEAST 10
#define INTERVAL_TAIL_INDEX 1.6

typedef struct { /* of an interval; NAN, NAN: the sample cannot tell */
    double low, high;
} ends_t;

typedef struct {
    int64_t n, n_differ; /* values; those that are not 0 */
    double mean;
    double squares, cubes, fourths;    /* sums of powers of the deviations from the mean */
    double largest[INTERVAL_TAIL + 1]; /* sizes of deviations, the largest first; 0 where there are fewer */
} sample_moments_t;

/* How many values carry the variance: from 1 to n; 0 if there is none. */
double interval_carriers(const sample_moments_t *sample);

ends_t interval_mean(const sample_moments_t *sample);

/* Wilson's, of a share of n. */
ends_t interval_share(double share, double n);

/* Of the mean of n differences, each -1, 0 or 1: with two pairs more, of which one differs each way. */
ends_t interval_difference_of_shares(double mean, double sd, double n);

/* Keeps the deviation's size if it is among the largest. */
void interval_tail_add(sample_moments_t *sample, double deviation);

#endif
