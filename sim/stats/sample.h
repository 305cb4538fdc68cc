/* A sample of numbers: its order, mean, variance and quantiles. */
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

#endif
