#include "stats/sample.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_sort_float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

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

double sample_gini(const double *sorted, size_t n) {
    double sum = 0, weighted = 0;
    for (size_t i = 0; i < n; i++) {
        sum += sorted[i];
        weighted += (2 * (double)i + 1 - (double)n) * sorted[i];
    }
    return sum > 0 ? weighted / ((double)n * sum) : NAN;
}

/* The number of sorted values below `value`, or not above it. */
static size_t count_below(const double *sorted, size_t n, double value, bool or_equal) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < value || (or_equal && sorted[middle] == value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Ranks less their mean; sorted[n] is work. */
static void centred_ranks(const double *values, size_t n, double *ranks, double *sorted) {
    memcpy(sorted, values, n * sizeof *sorted);
    sample_sort(sorted, n);
    for (size_t i = 0; i < n; i++)
        ranks[i] = ((double)count_below(sorted, n, values[i], false) +
                    (double)count_below(sorted, n, values[i], true) - (double)n) /
                   2;
}

double sample_rank_correlation(const double *x, const double *y, size_t n, double *work) {
    double *rank_x = work, *rank_y = work + n, xx = 0, yy = 0, xy = 0;
    centred_ranks(x, n, rank_x, work + 2 * n);
    centred_ranks(y, n, rank_y, work + 2 * n);
    for (size_t i = 0; i < n; i++) {
        xx += rank_x[i] * rank_x[i];
        yy += rank_y[i] * rank_y[i];
        xy += rank_x[i] * rank_y[i];
    }
    return xx > 0 && yy > 0 ? xy / (sqrt(xx) * sqrt(yy)) : NAN;
}
