#include "stats/interval.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include <float.h>
#include <math.h>

#define Z95 1.959963984540054
#define TAIL_SHARE 20 /* the tail is one in so many of the values that differ */
#define TAIL_MOST 4   /* it is no tail if it is more than one in so many */

#define TAIL_LEAST_EXCESS 0.05 /* over 1, of an index */

static const ends_t untold = {NAN, NAN};

/* ---- means ------------------------------------------------------------------------------------------ */

double interval_carriers(const sample_moments_t *sample) {
    double carriers = sample->squares * (sample->squares / sample->fourths);
    return isfinite(carriers) ? carriers : 0;
}

bool interval_mean_is_carried(double carriers) {
    return carriers >= INTERVAL_CARRIERS;
}

bool interval_change_is_carried(double carriers, int64_t n_differ, int64_t n) {
    return carriers >= (2 * n_differ < n ? INTERVAL_CARRIERS_OF_CHANGE : INTERVAL_CARRIERS);
}

void interval_tail_add(sample_moments_t *sample, double deviation) {
    double size = fabs(deviation);
    int at = INTERVAL_TAIL;
    sample->lowest = fmin(sample->lowest, deviation);
    sample->highest = fmax(sample->highest, deviation);
    if (!(size > sample->largest[at])) return;
    for (; at && sample->largest[at - 1] < size; at--) sample->largest[at] = sample->largest[at - 1];
    sample->largest[at] = size;
}

void interval_sample_add(sample_moments_t *sample, double deviation) {
    double square = deviation * deviation;
    sample->squares += square;
    sample->cubes += deviation * square;
    sample->fourths += square * square;
    interval_tail_add(sample, deviation);
}

bool interval_is_unseen(const sample_moments_t *sample) {
    return sample->squares < INTERVAL_UNSEEN * sample->uncoupled;
}

typedef struct {
    double index, error;
} tail_t;

static tail_t tail_of(const sample_moments_t *sample) {
    static const tail_t none = {INFINITY, 0};
    double share = (double)sample->n_differ / TAIL_SHARE, sum = 0;
    int n = (int)fmin(fmax(share, INTERVAL_TAIL_LEAST), INTERVAL_TAIL);
    if (sample->n_differ < TAIL_MOST * n || sample->largest[n] <= 0) return none;
    for (int i = 0; i < n; i++) sum += elementary_log(sample->largest[i] / sample->largest[n]);
    return sum > 0 ? (tail_t){n / sum, sqrt(n) / sum} : none;
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

ends_t interval_unjudged(const sample_moments_t *sample) {
    double n = (double)sample->n, kurtosis = n / interval_carriers(sample);
    tail_t tail = tail_of(sample);
    double variance = sample->squares / n, skew = sample->cubes / (n * variance * sqrt(variance)) / sqrt(n);
    double degrees = kurtosis > 1 ? fmin(2 * n / (kurtosis - 1), n - 1) : n - 1;
    double error = sqrt(variance / (n - 1)), t = quantile_t(degrees, 0.975);
    double beyond = 1 / fmax(tail.index - tail.error - 1, TAIL_LEAST_EXCESS) / n; /* of the largest value */
    return (ends_t){sample->mean - error * skewed(skew, t) + beyond * sample->lowest,
                    sample->mean - error * skewed(skew, -t) + beyond * sample->highest};
}

ends_t interval_mean(const sample_moments_t *sample) {
    double carriers = interval_carriers(sample);
    bool carried = sample->uncoupled > 0 ? interval_change_is_carried(carriers, sample->n_differ, sample->n)
                                         : interval_mean_is_carried(carriers);
    if (!carried || interval_is_unseen(sample) || tail_of(sample).index < INTERVAL_TAIL_INDEX) return untold;
    return interval_unjudged(sample);
}

/* ---- quantiles --------------------------------------------------------------------------------------- */

#define NEGLIGIBLE 1e-18

/* P(k + 1) / P(k) of the binomial law. */
static double binomial_step(double n, double p, double k) {
    return (n - k) / (k + 1) * (p / (1 - p));
}

/* Weights relative to that of the mode, added up from the ends, where they are negligible, to 2.5 %. */
ranks_t interval_quantile(int64_t n, double p) {
    double size = (double)n, weight = 1, total = 1, sum = 0, first_weight, last_weight;
    int64_t first = (int64_t)fmin(floor((size + 1) * p), size), last = first; /* the mode */
    while (first > 0 && weight > NEGLIGIBLE) total += weight /= binomial_step(size, p, (double)--first);
    first_weight = weight;
    for (weight = 1; last < n && weight > NEGLIGIBLE;)
        total += weight *= binomial_step(size, p, (double)last++);
    last_weight = weight;
    for (weight = first_weight; sum + weight <= 0.025 * total;) {
        sum += weight;
        weight *= binomial_step(size, p, (double)first++);
    }
    for (sum = 0, weight = last_weight; sum + weight <= 0.025 * total;) {
        sum += weight;
        weight /= binomial_step(size, p, (double)--last);
    }
    return (ranks_t){first - 1, last};
}

/* ---- shares ----------------------------------------------------------------------------------------- */

ends_t interval_share(double share, double n) {
    double z2 = Z95 * Z95, middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (ends_t){fmax(middle - half, 0), fmin(middle + half, 1)};
}

/* Of n pairs, as a share each: those that rise, those that fall. */
typedef struct {
    double rises, falls, n;
} pairs_t;

/* How many standard errors the difference seen lies above `difference`, by the most likely share of falls if
 * that is the true one. */
static double score(const pairs_t *seen, double difference) {
    double gap = seen->rises - seen->falls, free = difference * (1 - difference);
    double b = (2 - gap) * difference - seen->rises - seen->falls;
    double falls = (sqrt(fmax(b * b + 8 * seen->falls * free, 0)) - b) / 4;
    return (gap - difference) * sqrt(seen->n) / sqrt(fmax(2 * falls + free, DBL_MIN));
}

/* Where the score is `level`, between a difference with a higher score and one with a lower. */
static double difference_at(const pairs_t *seen, double level, double high, double low) {
    for (int i = 0; i < DBL_MANT_DIG; i++) {
        double middle = (high + low) / 2;
        if (score(seen, middle) > level)
            high = middle;
        else
            low = middle;
    }
    return (high + low) / 2;
}

ends_t interval_difference_of_shares(double mean, double sd, double n) {
    double differ = mean * mean + (n - 1) / n * sd * sd; /* a share, as its parts */
    pairs_t seen = {.rises = fmax(differ + mean, 0) / 2, .falls = fmax(differ - mean, 0) / 2, .n = n};
    return (ends_t){difference_at(&seen, Z95, -1, mean), difference_at(&seen, -Z95, mean, 1)};
}

ends_t interval_of_difference(double x, ends_t of_x, double y, ends_t of_y) {
    double below = (x - of_x.low) * (x - of_x.low) + (of_y.high - y) * (of_y.high - y);
    double above = (of_x.high - x) * (of_x.high - x) + (y - of_y.low) * (y - of_y.low);
    return (ends_t){x - y - sqrt(below), x - y + sqrt(above)};
}
