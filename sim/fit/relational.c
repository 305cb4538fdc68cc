#include "fit/relational.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

const char *const relational_names[RELATIONAL_N] = {
#define X(id, name, what) [RELATIONAL_##id] = name,
    RELATIONAL_LIST(X)
#undef X
};

typedef struct {
    const relational_t *what;
    int n;                        /* actors */
    double *count;                /* [n * n] events i -> j, or 1 */
    double *in, *out;             /* [n] */
    double *two_paths, *partners; /* [n * n]; kept up to date where a statistic reads them */
    bool *tied, *linked;          /* [n * n] any event i -> j; in either direction */
    bool reads_paths, reads_partners;
} past_t;

static double *square(int n) {
    return mem_alloc((size_t)n * (size_t)n, sizeof(double));
}

static void past_free(past_t *self) {
    mem_free(self->count);
    mem_free(self->in);
    mem_free(self->out);
    mem_free(self->two_paths);
    mem_free(self->partners);
    mem_free(self->tied);
    mem_free(self->linked);
}

static bool past_init(past_t *self, const relational_t *what) {
    int n = what->n_actors;
    size_t cells = (size_t)n * (size_t)n;
    *self = (past_t){.what = what,
                     .n = n,
                     .count = square(n),
                     .in = mem_alloc((size_t)n, sizeof(double)),
                     .out = mem_alloc((size_t)n, sizeof(double)),
                     .two_paths = square(n),
                     .partners = square(n),
                     .tied = mem_alloc(cells, sizeof(bool)),
                     .linked = mem_alloc(cells, sizeof(bool))};
    for (int s = 0; s < what->n_statistics; s++) {
        self->reads_paths |= what->statistics[s] == RELATIONAL_TRANSITIVITY;
        self->reads_partners |= what->statistics[s] == RELATIONAL_SHARED_PARTNERS;
    }
    return self->count && self->in && self->out && self->two_paths && self->partners && self->tied &&
           self->linked;
}

static void link_partners(past_t *self, int i, int j) {
    int n = self->n;
    for (int k = 0; k < n; k++) { /* i is now a partner that j shares with i's others, and the reverse */
        if (k != i && k != j && self->linked[i * n + k])
            self->partners[j * n + k] += 1, self->partners[k * n + j] += 1;
        if (k != i && k != j && self->linked[j * n + k])
            self->partners[i * n + k] += 1, self->partners[k * n + i] += 1;
    }
    self->linked[i * n + j] = self->linked[j * n + i] = true;
}

static void past_add(past_t *self, int i, int j) {
    int n = self->n;
    bool is_new = !self->tied[i * n + j];
    if (!self->what->presence || is_new) {
        self->count[i * n + j] += 1;
        self->out[i] += 1;
        self->in[j] += 1;
    }
    if (is_new && self->reads_paths)
        for (int k = 0; k < n; k++) {
            if (self->tied[j * n + k] && k != i) self->two_paths[i * n + k] += 1;
            if (self->tied[k * n + i] && k != j) self->two_paths[k * n + j] += 1;
        }
    self->tied[i * n + j] = true;
    if (self->reads_partners && !self->linked[i * n + j]) link_partners(self, i, j);
}

static void past_read(const past_t *self, int i, int j, double *x) {
    int n = self->n;
    for (int s = 0; s < self->what->n_statistics; s++) {
        switch (self->what->statistics[s]) {
        case RELATIONAL_BASELINE:
            x[s] = 1;
            break;
        case RELATIONAL_INERTIA:
            x[s] = self->count[i * n + j];
            break;
        case RELATIONAL_RECIPROCITY:
            x[s] = self->count[j * n + i];
            break;
        case RELATIONAL_INDEGREE_SENDER:
            x[s] = self->in[i];
            break;
        case RELATIONAL_OUTDEGREE_SENDER:
            x[s] = self->out[i];
            break;
        case RELATIONAL_INDEGREE_RECEIVER:
            x[s] = self->in[j];
            break;
        case RELATIONAL_OUTDEGREE_RECEIVER:
            x[s] = self->out[j];
            break;
        case RELATIONAL_TRANSITIVITY:
            x[s] = self->two_paths[i * n + j];
            break;
        default:
            x[s] = self->partners[i * n + j];
        }
    }
}

typedef struct { /* sums over the dyads that could act */
    double total, *first, *second;
    double highest; /* of the predictors, for the logarithm of the sum */
} sums_t;

static double dot(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Adds a dyad with predictor eta; a larger predictor rescales the sum so far. */
static void sums_add(sums_t *self, const double *x, double eta, int p) {
    if (eta > self->highest) {
        double scale = elementary_exp(self->highest - eta);
        self->total *= scale;
        for (int a = 0; a < p; a++) self->first[a] *= scale;
        for (int a = 0; a < p * p; a++) self->second[a] *= scale;
        self->highest = eta;
    }
    double weight = elementary_exp(eta - self->highest);
    self->total += weight;
    for (int a = 0; a < p; a++) {
        self->first[a] += weight * x[a];
        for (int b = 0; b <= a; b++) self->second[a * p + b] += weight * x[a] * x[b];
    }
}

static void sums_clear(sums_t *self, int p) {
    self->total = 0;
    self->highest = -INFINITY;
    memset(self->first, 0, (size_t)p * sizeof *self->first);
    memset(self->second, 0, (size_t)p * (size_t)p * sizeof *self->second);
}

/* The event's share of the log-likelihood, its gradient and information. */
static double add_event(const relational_t *self, const past_t *past, int m, const double *beta, sums_t *sums,
                        double *x, double *gradient, double *information) {
    const relational_event_t *event = &self->events[m];
    int p = self->n_statistics, n = self->n_actors;
    bool choice = self->form == RELATIONAL_CHOICE;
    sums_clear(sums, p);
    for (int i = choice ? event->from : 0; i < (choice ? event->from + 1 : n); i++)
        for (int j = 0; j < n; j++) {
            if (i == j) continue;
            past_read(past, i, j, x);
            sums_add(sums, x, dot(x, beta, p), p);
        }
    past_read(past, event->from, event->to, x);
    double value = dot(x, beta, p), gap = 0, scale = 1 / sums->total;
    if (self->form == RELATIONAL_INTERVAL) {
        gap = event->time - (m == 0 ? self->origin : self->events[m - 1].time);
        scale = gap * elementary_exp(sums->highest);
        value -= scale * sums->total;
    } else {
        value -= sums->highest + elementary_log(sums->total);
    }
    for (int a = 0; a < p; a++) {
        gradient[a] += x[a] - scale * sums->first[a];
        for (int b = 0; information && b <= a; b++) {
            double part = scale * sums->second[a * p + b];
            if (self->form != RELATIONAL_INTERVAL) part -= scale * sums->first[a] * scale * sums->first[b];
            information[a * p + b] += part;
        }
    }
    return value;
}

double relational_log_likelihood(const relational_t *self, const double *beta, double *gradient,
                                 double *information) {
    int p = self->n_statistics;
    past_t past = {0};
    double *work = mem_alloc((size_t)p * ((size_t)p + 2), sizeof *work), value = NAN;
    if (!past_init(&past, self) || !work) goto out;
    sums_t sums = {.first = work, .second = work + p};
    memset(gradient, 0, (size_t)p * sizeof *gradient);
    if (information) memset(information, 0, (size_t)p * (size_t)p * sizeof *information);
    value = 0;
    for (int m = 0; m < self->n_events; m++) {
        if (m >= self->first)
            value += add_event(self, &past, m, beta, &sums, work + p + p * p, gradient, information);
        past_add(&past, self->events[m].from, self->events[m].to);
    }
    for (int a = 0; information && a < p; a++)
        for (int b = 0; b < a; b++) information[b * p + a] = information[a * p + b];
out:
    past_free(&past);
    mem_free(work);
    return value;
}

static double objective(const double *x, double *gradient, double *information, void *data) {
    return relational_log_likelihood(data, x, gradient, information);
}

static int check(const relational_t *self, fault_t *err) {
    if (self->n_statistics < 1 || self->first >= self->n_events)
        return error_set(err, ERR_DATA, "there is nothing to fit: %d statistics, %d events",
                         self->n_statistics, self->n_events - self->first);
    for (int m = 0; m < self->n_events; m++) {
        const relational_event_t *event = &self->events[m];
        if (event->from == event->to || event->from < 0 || event->from >= self->n_actors || event->to < 0 ||
            event->to >= self->n_actors)
            return error_set(err, ERR_DATA, "event %d does not have two different actors", m + 1);
        if (event->time < (m == 0 ? self->origin : self->events[m - 1].time))
            return error_set(err, ERR_DATA, "event %d comes before the one listed before it", m + 1);
    }
    for (int s = 0; s < self->n_statistics; s++)
        if (self->statistics[s] == RELATIONAL_BASELINE && self->form != RELATIONAL_INTERVAL)
            return error_set(err, ERR_DATA, "only times identify a baseline: leave it out with this form");
    return 0;
}

/* The criteria, standard errors and tests, once the coefficients are found. */
static void finish(const relational_t *self, relational_fit_t *result) {
    const maximum_t *maximum = &result->maximum;
    int k = self->n_statistics, n = self->n_events - self->first;
    result->n_fitted = n;
    result->aic = 2 * k - 2 * maximum->log_l;
    result->bic = k * elementary_log(n) - 2 * maximum->log_l;
    for (int s = 0; s < k; s++) {
        result->z[s] = maximum->x[s] / maximum->se[s];
        result->p[s] = quantile_tail_normal_two_sided(result->z[s]);
    }
}

int relational_fit(const relational_t *self, relational_fit_t *result, fault_t *err) {
    *result = (relational_fit_t){0};
    size_t n = (size_t)self->n_statistics;
    double *start = NULL;
    int ret;
    TRY(check(self, err));
    start = mem_alloc(n, sizeof *start);
    result->z = mem_alloc(n, sizeof *result->z);
    result->p = mem_alloc(n, sizeof *result->p);
    TRY_MEM(start && result->z && result->p);
    double from = self->first == 0 ? self->origin : self->events[self->first - 1].time;
    double span = self->events[self->n_events - 1].time - from;
    for (int s = 0; s < self->n_statistics; s++)
        if (self->statistics[s] == RELATIONAL_BASELINE && span > 0)
            start[s] =
                elementary_log((self->n_events - self->first) / span / self->n_actors / (self->n_actors - 1));
    objective_t o = {
        .n = self->n_statistics, .value = objective, .has_information = true, .data = (void *)self};
    TRY_MEM(newton_maximise(&o, start, &result->maximum) == 0);
    finish(self, result);
out:
    mem_free(start);
    return ret;
}

void relational_fit_free(relational_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->z);
    mem_free(self->p);
    *self = (relational_fit_t){0};
}
