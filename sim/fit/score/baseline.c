#include "fit/score/baseline.h"

#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "fit/newton.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *const baseline_names[BASELINE_N] = {
#define X(id, name) [BASELINE_##id] = name,
    BASELINE_LIST(X)
#undef X
};

/* ---- the past ---------------------------------------------------------------------------------------------
 */

int series_init(series_t *self, int n_dyads, int n_days, const uint8_t *days) {
    size_t row = (size_t)n_days + 1;
    double factor = elementary_exp(-M_LN2 / BASELINE_HALF_LIFE);
    *self = (series_t){.n_dyads = n_dyads,
                       .n_days = n_days,
                       .sums = mem_alloc((size_t)n_dyads * row, sizeof(int)),
                       .decayed = mem_alloc((size_t)n_dyads * row, sizeof(double)),
                       .weights = mem_alloc(row, sizeof(double))};
    if (!self->sums || !self->decayed || !self->weights) return ERR_NOMEM;
    for (size_t d = 0; d < (size_t)n_days; d++) self->weights[d + 1] = (self->weights[d] + 1) * factor;
    for (size_t e = 0; e < (size_t)n_dyads; e++)
        for (size_t d = 0; d < (size_t)n_days; d++) {
            uint8_t on = days[e * (size_t)n_days + d];
            self->sums[e * row + d + 1] = self->sums[e * row + d] + on;
            self->decayed[e * row + d + 1] = (self->decayed[e * row + d] + on) * factor;
        }
    return 0;
}

void series_free(series_t *self) {
    mem_free(self->sums);
    mem_free(self->decayed);
    mem_free(self->weights);
    *self = (series_t){0};
}

static int first_window(int window) {
    return window > BASELINE_START ? window : BASELINE_START;
}

int baseline_windows(int from, int window) {
    int n = from - window - first_window(window) + 1;
    return n > 0 ? n : 0;
}

/* ---- shares: climatology and persistence
 * ------------------------------------------------------------------- */

static bool was_active(const series_t *series, int dyad, int origin, int window) {
    int from = origin > window ? origin - window : 0;
    return series_count(series, dyad, from, origin) > 0;
}

static int forecast_shares(const series_t *series, bool persistent, int from, int window, int n_origins,
                           const int *origins, double *p, double *pmf) {
    size_t bins = (size_t)window + 1;
    double *shares = mem_alloc(2 * bins, sizeof *shares), total[2] = {0};
    if (!shares) return ERR_NOMEM;
    for (int o = first_window(window); o <= from - window; o++)
        for (int e = 0; e < series->n_dyads; e++) {
            size_t active = persistent && was_active(series, e, o, window);
            shares[active * bins + (size_t)series_count(series, e, o, o + window)]++;
            total[active]++;
        }
    for (size_t a = 0; a < 2; a++)
        for (size_t k = 0; k < bins; k++) /* a state never seen: as the other */
            shares[a * bins + k] = total[a] > 0 ? shares[a * bins + k] / total[a] : NAN;
    for (size_t a = 0; a < 2; a++)
        if (total[a] <= 0) memcpy(shares + a * bins, shares + (1 - a) * bins, bins * sizeof *shares);
    for (int o = 0; o < n_origins; o++)
        for (int e = 0; e < series->n_dyads; e++) {
            size_t cell = (size_t)o * (size_t)series->n_dyads + (size_t)e;
            size_t active = persistent && was_active(series, e, origins[o], window);
            memcpy(pmf + cell * bins, shares + active * bins, bins * sizeof *pmf);
            p[cell] = 1 - shares[active * bins];
        }
    mem_free(shares);
    return 0;
}

/* ---- rates: dyad count and decayed count
 * --------------------------------------------------------------------- */

static double feature(const series_t *series, bool decays, int dyad, int origin) {
    size_t at = (size_t)dyad * ((size_t)series->n_days + 1) + (size_t)origin;
    return decays ? elementary_log((series->decayed[at] + 0.5) / fmax(1, series->weights[origin]))
                  : elementary_log((series->sums[at] + 0.5) / fmax(1, origin));
}

typedef struct { /* windows to learn from, by their feature */
    int n;
    const double *features;
    const int *counts;
    bool of_events; /* else of counts */
} sample_t;

/* The log-likelihood of one window at eta, with its first and second derivative. */
static double window_log_l(const sample_t *sample, int i, double eta, double *slope, double *bend) {
    double mean = fmin(elementary_exp(eta), 700),
           grown = elementary_expm1(mean);            /* 700: exp of it is finite */
    if (sample->of_events && sample->counts[i] > 0) { /* log(1 - exp(-mean)) */
        *slope = mean / grown;
        *bend = mean * (grown - mean * (grown + 1)) / (grown * grown);
        return elementary_log(-elementary_expm1(-mean));
    }
    double count = sample->of_events ? 0 : sample->counts[i];
    *slope = count - mean;
    *bend = -mean;
    return count * eta - mean;
}

static double sample_log_l(const double *x, double *gradient, double *information, void *data) {
    const sample_t *sample = data;
    double sum = 0, by[2] = {0}, bends[3] = {0};
    for (int i = 0; i < sample->n; i++) {
        double f = sample->features[i], slope, bend;
        sum += window_log_l(sample, i, x[0] + x[1] * f, &slope, &bend);
        by[0] += slope, by[1] += slope * f;
        bends[0] -= bend, bends[1] -= bend * f, bends[2] -= bend * f * f;
    }
    gradient[0] = by[0], gradient[1] = by[1];
    if (information) {
        information[0] = bends[0], information[3] = bends[2];
        information[1] = information[2] = bends[1];
    }
    return sum;
}

/* a and b; b is 0 if the features of all dyads are equal. */
static int learn(sample_t *sample, bool of_events, double x[2]) {
    double total = 0;
    sample->of_events = of_events;
    for (int i = 0; i < sample->n; i++) total += of_events ? sample->counts[i] > 0 : sample->counts[i];
    double share = fmax(0.5, total) / sample->n;
    x[0] = elementary_log(of_events ? -elementary_log1p(-fmin(share, 1 - 0.5 / sample->n)) : share), x[1] = 0;
    objective_t objective = {.n = 2, .value = sample_log_l, .has_information = true, .data = sample};
    maximum_t maximum;
    int ret = newton_maximise(&objective, x, &maximum);
    if (ret == 0 && maximum.converged) x[0] = maximum.x[0], x[1] = maximum.x[1];
    maximum_free(&maximum);
    return ret;
}

/* 1/size of the negative binomial whose variance, mean + mean^2/size, is that of the sample; 0: Poisson. */
static double dispersion(const sample_t *sample, const double x[2]) {
    double excess = 0, squares = 0;
    for (int i = 0; i < sample->n; i++) {
        double mean = elementary_exp(x[0] + x[1] * sample->features[i]), off = sample->counts[i] - mean;
        excess += off * off - mean;
        squares += mean * mean;
    }
    return squares > 0 ? fmax(0, excess / squares) : 0;
}

/* Each term of either distribution is the one before times a ratio. */
static void fill_pmf(double mean, double over_size, int window, double *pmf) {
    bool poisson = over_size < 1e-6;
    double left = 1, size = poisson ? 0 : 1 / over_size, odds = poisson ? mean : mean / (size + mean);
    double p = elementary_exp(poisson ? -mean : -size * elementary_log1p(mean / size));
    for (int k = 0; k < window; k++) {
        if (k > 0) p *= odds * (poisson ? 1 : size + k - 1) / k;
        pmf[k] = p;
        left -= p;
    }
    pmf[window] = fmax(0, left);
}

static int forecast_rates(const series_t *series, bool decays, int from, int window, int n_origins,
                          const int *origins, double *p, double *pmf) {
    int first = first_window(window), n = (from - window - first + 1) * series->n_dyads, ret = ERR_NOMEM;
    double *features = mem_alloc((size_t)n, sizeof *features), events[2], counts[2];
    int *windows = mem_alloc((size_t)n, sizeof *windows), i = 0;
    sample_t sample = {n, features, windows, true};
    if (!features || !windows) goto out;
    for (int o = first; o <= from - window; o++)
        for (int e = 0; e < series->n_dyads; e++, i++) {
            features[i] = feature(series, decays, e, o);
            windows[i] = series_count(series, e, o, o + window);
        }
    TRY(learn(&sample, true, events));
    TRY(learn(&sample, false, counts));
    double over_size = dispersion(&sample, counts);
    for (int o = 0; o < n_origins; o++)
        for (int e = 0; e < series->n_dyads; e++) {
            size_t cell = (size_t)o * (size_t)series->n_dyads + (size_t)e;
            double x = feature(series, decays, e, origins[o]);
            p[cell] = -elementary_expm1(-elementary_exp(events[0] + events[1] * x));
            fill_pmf(elementary_exp(counts[0] + counts[1] * x), over_size, window,
                     pmf + cell * ((size_t)window + 1));
        }
out:
    mem_free(features);
    mem_free(windows);
    return ret;
}

int baseline_forecast(const series_t *series, baseline_t which, int from, int window, int n_origins,
                      const int *origins, double *p, double *pmf) {
    if (which == BASELINE_CLIMATOLOGY || which == BASELINE_PERSISTENCE)
        return forecast_shares(series, which == BASELINE_PERSISTENCE, from, window, n_origins, origins, p,
                               pmf);
    return forecast_rates(series, which == BASELINE_DECAYED, from, window, n_origins, origins, p, pmf);
}
