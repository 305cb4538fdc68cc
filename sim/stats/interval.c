#include "stats/interval.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include <math.h>
#include <stdbool.h>

#define Z95 1.959963984540054
#define TAIL_SHARE 20 /* the tail is one in so many of the values that differ */

static const ends_t untold = {NAN, NAN};

/* ---- means ------------------------------------------------------------------------------------------ */

double interval_carriers(const sample_moments_t *sample) {
    double carriers = sample->squares * (sample->squares / sample->fourths);
    return isfinite(carriers) ? carriers : 0;
}

void interval_tail_add(sample_moments_t *sample, double deviation) {
    double size = fabs(deviation);
    int at = INTERVAL_TAIL;
    if (!(size > sample->largest[at])) return;
    for (; at && sample->largest[at - 1] < size; at--) sample->largest[at] = sample->largest[at - 1];
    sample->largest[at] = size;
}

static bool is_tail_heavy(const sample_moments_t *sample) {
    int64_t share = sample->n_differ / TAIL_SHARE;
    int n = share < INTERVAL_TAIL ? (int)share : INTERVAL_TAIL;
    if (n < INTERVAL_TAIL_LEAST || sample->largest[n] <= 0) return false;
    double sum = 0;
    for (int i = 0; i < n; i++) sum += elementary_log(sample->largest[i] / sample->largest[n]);
    return n < INTERVAL_TAIL_INDEX * sum;
}

/* The inverse of Hall's transformation: of a Student's t that is symmetric, the one of a sample whose
 * skewness over the root of its size is `skew`. */
static double skewed(double skew, double t) {
    double inner = skew * t - skew * skew / 6;
    if (fabs(skew) < 1e-8) return t;
    double root = inner > -1 ? elementary_expm1(elementary_log1p(inner) / 3)
                             : -1 - elementary_exp(elementary_log(-1 - inner) / 3);
    return 3 * root / skew;
}

ends_t interval_mean(const sample_moments_t *sample) {
    double n = (double)sample->n, carriers = interval_carriers(sample), kurtosis = n / carriers;
    if (!(carriers >= INTERVAL_CARRIERS) || is_tail_heavy(sample)) return untold;
    double variance = sample->squares / n, skew = sample->cubes / (n * variance * sqrt(variance)) / sqrt(n);
    double degrees = kurtosis > 1 ? fmin(2 * n / (kurtosis - 1), n - 1) : n - 1;
    double error = sqrt(variance / (n - 1)), t = quantile_t(degrees, 0.975);
    return (ends_t){sample->mean - error * skewed(skew, t), sample->mean - error * skewed(skew, -t)};
}

/* ---- shares ----------------------------------------------------------------------------------------- */

ends_t interval_share(double share, double n) {
    double z2 = Z95 * Z95, middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (ends_t){fmax(middle - half, 0), fmin(middle + half, 1)};
}

ends_t interval_difference_of_shares(double mean, double sd, double n) {
    double squares = n * mean * mean + (n - 1) * sd * sd + 1, middle = n * mean / (n + 2);
    double half = Z95 * sqrt((squares / (n + 2) - middle * middle) / (n + 2));
    return (ends_t){fmax(middle - half, -1), fmin(middle + half, 1)};
}
