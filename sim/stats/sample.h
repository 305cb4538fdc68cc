/* A sample of numbers: its order, mean, variance, quantiles and concentration; the rank correlation of two.
 */
#ifndef ENTENTE_STATS_SAMPLE_H
#define ENTENTE_STATS_SAMPLE_H

#include <stddef.h>

void sample_sort(double *values, size_t n);
void sample_sort_float(float *values, size_t n);
double sample_mean(const double *values, size_t n);
double sample_variance(const double *values, size_t n, double mean); /* with n - 1 */
double sample_lag1(const double *values, size_t n);                  /* autocorrelation of neighbours */
/* Of sorted values, linear between neighbours; p in [0, 1]. */
double sample_quantile(const double *sorted, size_t n, double p);
/* The Gini coefficient of sorted values of 0 and more: 0 if all are equal, (n - 1) / n if one has everything.
 * NAN if all are 0. */
double sample_gini(const double *sorted, size_t n);
/* Spearman's rank correlation, equal values having their mean rank; work[3 n]. NAN if all of either are
 * equal. */
double sample_rank_correlation(const double *x, const double *y, size_t n, double *work);

#endif
