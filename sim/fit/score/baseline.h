/* Baseline forecasts: four that use only the past of the events.
 *
 *   climatology    the share of all dyads' windows so far with an event
 *   persistence    that share among windows that follow a window with an event, and among the others
 *   dyad count     the dyad's own events a day so far
 *   decayed count  the same, an event's weight halving every 30 days
 *
 * A count n of events over w days becomes a rate exp(a + b log((n + 1/2) / w)), and the rate a probability 1
 * - exp(-rate). a and b, like the shares, are estimated from the windows before the first forecast. Each
 * baseline is therefore calibrated, shrinks towards the mean as far as the data suggest, and gives a
 * probability above 0 without any event. For the distribution of the count, the first two use that of those
 * windows; the last two use the negative binomial with mean exp(a + b log(...)), by Poisson maximum
 * likelihood, and with the variance of the windows. */
#ifndef ENTENTE_FIT_SCORE_BASELINE_H
#define ENTENTE_FIT_SCORE_BASELINE_H

#include <stdint.h>

#define BASELINE_HALF_LIFE 30 /* days */
#define BASELINE_START 30 /* days of data before the first window they learn from (a window's, if longer) */

#define BASELINE_LIST(X)          \
    X(CLIMATOLOGY, "climatology") \
    X(PERSISTENCE, "persistence") \
    X(COUNT, "dyad count")        \
    X(DECAYED, "decayed count")
typedef enum {
#define X(id, ...) BASELINE_##id,
    BASELINE_LIST(X)
#undef X
        BASELINE_N
} baseline_t;
extern const char *const baseline_names[BASELINE_N];

/* The days with an event, dyad by dyad, from the first day of the data on. */
typedef struct {
    int n_dyads, n_days;
    int *sums;       /* [n_dyads][n_days + 1] days with an event before day d */
    double *decayed; /* [n_dyads][n_days + 1] their weights */
    double *weights; /* [n_days + 1] of all days before day d */
} series_t;

/* `days`: [n_dyads][n_days] 1 on days with an event. 0 or ERR_NOMEM. */
int series_init(series_t *self, int n_dyads, int n_days, const uint8_t *days);
void series_free(series_t *self);
static inline int series_count(const series_t *self, int dyad, int from, int until) {
    const int *sums = self->sums + (long)dyad * (self->n_days + 1);
    return sums[until] - sums[from];
}

/* Windows it can learn from before day `from`. */
int baseline_windows(int from, int window);

/* Forecasts of windows that begin on `origins` (days of the series): the probability of an event
 * p[n_origins][n_dyads] and the distribution of the count pmf[n_origins][n_dyads][window + 1], learnt from
 * windows that end by `from`, of which there must be one. 0 or ERR_NOMEM. */
int baseline_forecast(const series_t *series, baseline_t which, int from, int window, int n_origins,
                      const int *origins, double *p, double *pmf);

#endif
