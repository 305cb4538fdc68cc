/* Monte Carlo 95 % intervals of shares and means, and when a sample is too small for one.
 *
 * Means. Student's t misses the mean far more often than in 5 % of samples if most values are equal and a few
 * are not, or if the tail is heavy: the mean and the standard deviation then go together. The interval here
 * is Hall's, which undoes the skewness by a cubic transformation ("On the removal of skewness by
 * transformation", Journal of the Royal Statistical Society B 54, 1992), with Student's quantile at the
 * degrees of freedom that the kurtosis leaves for the variance, 2 n / (kurtosis - 1), n - 1 at most
 * (Satterthwaite).
 *
 * A sample's mean misses what lies beyond the largest value seen, which in a heavy tail is not little. Each
 * end is therefore moved outwards by what a Pareto tail has beyond that value in one of n,
 * largest / (index - 1) / n (Johansson, "Estimating the mean of heavy-tailed distributions", Extremes 6,
 * 2003). The index is Hill's ("A simple general approach to inference about the tail of a distribution",
 * Annals of Statistics 3, 1975) of the largest twentieth of the deviations, INTERVAL_TAIL_LEAST to
 * INTERVAL_TAIL of them but at most a quarter of all, less one standard error, index / sqrt(their number). An
 * interval near the limit below is wide, so that samples which by chance look well behaved still cover.
 *
 * It is left out where a sample cannot tell:
 *   - too few values carry the variance. Their number is n / kurtosis: of n values of which k differ from the
 *     others, alike, it is about k; one value that outweighs all others makes it 1. A mean needs
 *     INTERVAL_CARRIERS, and a change that is 0 in most pairs INTERVAL_CARRIERS_OF_CHANGE: the few that
 *     differ may have any size, and samples in which they seem alike have missed the largest;
 *   - the tail is so heavy that the variance may not exist: its index is below INTERVAL_TAIL_INDEX, one
 *     standard error below the 2 that a variance needs;
 *   - for a difference of paired values: the pairs are coupled more closely than their number can show. If in
 *     a share p of the pairs the coupling fails, that alone gives the differences p times the variance that
 *     they would have without coupling. n pairs show no such pair with probability 5 % if p is
 *     INTERVAL_UNSEEN / n (the rule of three). Where the variance seen is below that, the greater part of it
 *     may be unseen.
 *
 * tests/verification/test_coverage.c measures how often intervals miss and how often they are left out. */
#ifndef ENTENTE_STATS_INTERVAL_H
#define ENTENTE_STATS_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#define INTERVAL_CARRIERS 10.0
#define INTERVAL_CARRIERS_OF_CHANGE 20.0 /* of one that is 0 in most pairs */
#define INTERVAL_TAIL 25
#define INTERVAL_TAIL_LEAST 10
#define INTERVAL_TAIL_INDEX 1.6
#define INTERVAL_UNSEEN 3.0 /* pairs in n that n pairs may fail to show */

typedef struct { /* of an interval; NAN, NAN: the sample cannot tell */
    double low, high;
} ends_t;

typedef struct {
    int64_t n, n_differ; /* values; those that are not 0 */
    double mean;
    double squares, cubes, fourths;    /* sums of powers of the deviations from the mean */
    double lowest, highest;            /* deviations; 0 at most, 0 at least */
    double largest[INTERVAL_TAIL + 1]; /* sizes of deviations, the largest first; 0 where there are fewer */
    double uncoupled; /* of a difference: the variance that it would have without coupling; else 0 */
} sample_moments_t;

/* How many values carry the variance: from 1 to n; 0 if there is none. */
double interval_carriers(const sample_moments_t *sample);

/* Whether that many suffice: of a mean; of a change in n pairs of which n_differ are not 0. */
bool interval_mean_is_carried(double carriers);
bool interval_change_is_carried(double carriers, int64_t n_differ, int64_t n);

ends_t interval_mean(const sample_moments_t *sample);
/* The same, also where a sample cannot tell: it then covers less. For a sample with a variance. */
ends_t interval_unjudged(const sample_moments_t *sample);

/* Order statistics that enclose a quantile of n independent values, for any law. */
typedef struct {
    int64_t low, high; /* ranks from 0; -1 and n: there is no such value, n is too small */
} ranks_t;

/* The narrowest whose tails have at most 2.5 % each, from the binomial law of the number of values below the
 * quantile (David and Nagaraja, "Order Statistics", 2003, 7.1). Ends exist from 72 values on for p of 0.05.
 * Cost: sqrt(n). */
ranks_t interval_quantile(int64_t n, double p);

/* Wilson's, of a share of n. */
ends_t interval_share(double share, double n);

/* Of the mean of n differences, each -1, 0 or 1, with that standard deviation: the share of rises less that
 * of falls. The interval has the differences that the score test does not reject (Tango, "Equivalence test
 * and confidence interval for the difference in proportions for the paired-sample design", Statistics in
 * Medicine 17, 1998). It covers 93 % at the least, about 95 % where ten pairs differ, and more where fewer
 * do. */
ends_t interval_difference_of_shares(double mean, double sd, double n);

/* Of x - y, of two independent estimates with their intervals (Zou and Donner, "Construction of confidence
 * limits about effect measures", Statistics in Medicine 27, 2008; of two shares with Wilson's intervals it is
 * Newcombe's). NAN where either has none. */
ends_t interval_of_difference(double x, ends_t of_x, double y, ends_t of_y);

/* Whether the pairs are too few to show that they are coupled so closely. */
bool interval_is_unseen(const sample_moments_t *sample);

/* Adds a deviation from the mean to the sums of powers and to the largest. */
void interval_sample_add(sample_moments_t *sample, double deviation);
/* To the largest alone. */
void interval_tail_add(sample_moments_t *sample, double deviation);

#endif
