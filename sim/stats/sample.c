#include "stats/sample.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_sort_float.h>
#include <gsl/gsl_statistics_double.h>

void sample_sort(double *values, size_t n) {
    gsl_sort(values, 1, n);
}

void sample_sort_float(float *values, size_t n) {
    gsl_sort_float(values, 1, n);
}

double sample_mean(const double *values, size_t n) {
    return gsl_stats_mean(values, 1, n);
}

double sample_variance(const double *values, size_t n, double mean) {
    return gsl_stats_variance_m(values, 1, n, mean);
}

double sample_lag1(const double *values, size_t n) {
    return gsl_stats_lag1_autocorrelation(values, 1, n);
}

double sample_quantile(const double *sorted, size_t n, double p) {
    return gsl_stats_quantile_from_sorted_data(sorted, 1, n, p);
}
