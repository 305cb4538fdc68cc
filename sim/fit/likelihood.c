/* The log-likelihood, its gradient and its information, tie by tie. */
#include "fit/internal.h"

#include "base/mem.h"

#include <string.h>

/* Value, gradient and information of a part; the information is kept for j <= i until it is finished. */
typedef struct {
    int n;
    double value;
    double *gradient, *information;
} sums_t;

static void sums_clear(sums_t *sums) {
    size_t n = (size_t)sums->n;
    sums->value = 0;
    memset(sums->gradient, 0, n * sizeof *sums->gradient);
    memset(sums->information, 0, n * n * sizeof *sums->information);
}

/* into += factor x part. */
static void sums_add(sums_t *into, double factor, const sums_t *part) {
    int n = into->n;
    into->value += factor * part->value;
    for (int i = 0; i < n; i++) {
        into->gradient[i] += factor * part->gradient[i];
        for (int j = 0; j <= i; j++) into->information[i * n + j] += factor * part->information[i * n + j];
    }
}

static inline void add_information(sums_t *sums, int i, int j, double value) {
    sums->information[i > j ? i * sums->n + j : j * sums->n + i] += value;
}

/* ---- integrals --------------------------------------------------------------------------------------- */

/* The integral of exp(a + sum beta z) c over a piece, as minus a log-likelihood: the information is what it
 * curves upwards. */
static void add_piece(const likelihood_t *self, const double *x, const double *factors, const piece_t *piece,
                      sums_t *sums) {
    int n = sums->n, p = self->n_terms;
    for (size_t m = piece->first; m < piece->first + (size_t)piece->n_nodes; m++) {
        const double *weights = node_of(self, m), *z = weights + self->n_classes;
        double base = base_of(self, x, z), part = 0;
        const double *f = factors + piece->month * self->n_classes;
        for (int c = 0; c < self->n_classes; c++) {
            double here = base * weights[c] * f[c];
            part += here;
            if (!self->options.weekdays || here == 0) continue;
            int w = self->weekdays + c;
            double *row = sums->information + w * n;
            sums->gradient[w] -= here;
            row[0] += here;
            for (int s = 0; s < p; s++) row[1 + s] += here * z[s];
            row[w] += here;
            if (self->options.months) sums->information[(self->months + piece->month) * n + w] += here;
        }
        sums->value -= part;
        sums->gradient[0] -= part;
        sums->information[0] += part;
        for (int s = 0; s < p; s++) {
            double *row = sums->information + (1 + s) * n, z_part = part * z[s];
            sums->gradient[1 + s] -= z_part;
            row[0] += z_part;
            for (int r = 0; r <= s; r++) row[1 + r] += z_part * z[r];
        }
        if (!self->options.months) continue;
        int month = self->months + piece->month;
        double *row = sums->information + month * n;
        sums->gradient[month] -= part;
        row[0] += part;
        for (int s = 0; s < p; s++) row[1 + s] += part * z[s];
        row[month] += part;
    }
}

/* The same for excitation `e`, from the integrals of c K by cell, [n_cells][3]. */
static void add_excitation(const likelihood_t *self, const double *x, const double *factors, int e,
                           const double *integrals, sums_t *sums) {
    int at = 1 + self->n_terms + 2 * e, h = at + 1;
    double branching = x[at];
    for (int cell = 0; cell < self->n_cells; cell++) {
        const double *integral = integrals + 3 * cell;
        double k = factors[cell] * integral[0], slope = factors[cell] * integral[1];
        if (k == 0) continue;
        sums->value -= branching * k;
        sums->gradient[at] -= k;
        sums->gradient[h] -= branching * slope;
        add_information(sums, h, at, slope);
        add_information(sums, h, h, branching * factors[cell] * integral[2]);
        int season[2], n = 0;
        if (self->options.weekdays) season[n++] = self->weekdays + cell % N_WEEKDAYS;
        if (self->options.months) season[n++] = self->months + cell / self->n_classes;
        for (int a = 0; a < n; a++) {
            sums->gradient[season[a]] -= branching * k;
            add_information(sums, season[a], at, k);
            add_information(sums, season[a], h, branching * slope);
            for (int b = 0; b <= a; b++) add_information(sums, season[a], season[b], branching * k);
        }
    }
}

/* ---- events ------------------------------------------------------------------------------------------ */

typedef struct {
    double base, rate;         /* with u; without the season */
    double d[MOST_PARAMETERS]; /* of the rate by a, beta, (n, log half-life): the first n_rate */
} event_t;

static int n_rate(const likelihood_t *self) {
    return 1 + self->n_terms + 2 * self->n_excitations;
}

static void look_at(const likelihood_t *self, const double *x, size_t row, double effect, event_t *event) {
    const double *z = self->own_values + row * (size_t)self->n_terms;
    const double *k = self->excited + 3 * row * (size_t)self->n_excitations;
    event->rate = event->base = event->d[0] = base_of(self, x, z) * effect;
    for (int s = 0; s < self->n_terms; s++) event->d[1 + s] = event->base * z[s];
    for (int e = 0, i = 1 + self->n_terms; e < self->n_excitations; e++, i += 2) {
        event->rate += x[i] * k[3 * e];
        event->d[i] = k[3 * e];
        event->d[i + 1] = x[i] * k[3 * e + 1];
    }
}

static void add_event(const likelihood_t *self, const double *x, const double *factors, size_t row,
                      double effect, sums_t *sums) {
    event_t event;
    look_at(self, x, row, effect, &event);
    int day = day_of(self, self->own_times[row]), n = n_rate(self), p = self->n_terms;
    if (!(event.rate > 0)) {
        sums->value = -INFINITY;
        return;
    }
    const double *z = self->own_values + row * (size_t)p;
    const double *k = self->excited + 3 * row * (size_t)self->n_excitations;
    double share = event.base / event.rate;
    sums->value += log(event.rate * self->season[day] * factors[cell_of(self, day)]);
    for (int i = 0; i < n; i++) {
        double slope = event.d[i] / event.rate;
        sums->gradient[i] += slope;
        double *to = sums->information + i * sums->n;
        for (int j = 0; j <= i; j++) to[j] += slope * event.d[j] / event.rate;
        if (i > p) continue;
        double second = share * (i ? z[i - 1] : 1);
        to[0] -= second;
        for (int j = 1; j <= i; j++) to[j] -= second * z[j - 1];
    }
    for (int e = 0, i = 1 + p; e < self->n_excitations; e++, i += 2) {
        add_information(sums, i + 1, i, -k[3 * e + 1] / event.rate);
        add_information(sums, i + 1, i + 1, -x[i] * k[3 * e + 2] / event.rate);
    }
    if (self->options.weekdays) sums->gradient[self->weekdays + self->weekday_of[day]] += 1;
    if (self->options.months) sums->gradient[self->months + self->month_of[day]] += 1;
}

/* ---- a tie's own factor ------------------------------------------------------------------------------ */

/* The derivative of the tie's log-likelihood with its prior by u, and minus the second one. */
static double effect_slope(const likelihood_t *self, const double *base, const double *excited, size_t n,
                           double exposure, double u, double *curve) {
    double precision = 1 / (self->options.shrink * self->options.shrink), e = exp(u);
    double slope = -exposure * e - precision * u;
    *curve = exposure * e + precision;
    for (size_t m = 0; m < n; m++) {
        double share = base[m] * e / (base[m] * e + excited[m]);
        slope += share;
        *curve -= share * (1 - share);
    }
    return slope;
}

/* The most likely u: Newton's steps, kept between where the slope is positive and where it is negative. */
static double effect_solve(const likelihood_t *self, const double *base, const double *excited, size_t n,
                           double exposure, double u) {
    double low = -30, high = 30, curve;
    for (int step = 0; step < 200; step++) {
        double slope = effect_slope(self, base, excited, n, exposure, u, &curve);
        if (slope > 0)
            low = u;
        else
            high = u;
        double next = u + slope / curve;
        if (curve > 0 && fabs(next - u) < 1e-9) return next; /* and so exact: the steps converge squared */
        if (!(curve > 0 && next > low && next < high)) next = (low + high) / 2;
        u = next;
    }
    return u;
}

/* Adds what profiling u out takes from the information: the outer product of its row over its own. */
static void profile(const likelihood_t *self, const double *x, size_t row, size_t end, double effect,
                    double curve, const sums_t *base, double *cross, sums_t *sums) {
    int n = sums->n;
    event_t event;
    for (int i = 0; i < n; i++) cross[i] = -effect * base->gradient[i];
    for (; row < end; row++) {
        look_at(self, x, row, effect, &event);
        const double *z = self->own_values + row * (size_t)self->n_terms;
        double share = event.base / event.rate;
        for (int i = 0; i <= self->n_terms; i++) cross[i] -= share * (1 - share) * (i ? z[i - 1] : 1);
        for (int i = 1 + self->n_terms; i < n_rate(self); i++) cross[i] += share * event.d[i] / event.rate;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) sums->information[i * n + j] -= cross[i] * cross[j] / curve;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

typedef struct { /* where a tie's pieces and events end */
    size_t piece, row;
} cursor_t;

typedef struct {
    likelihood_t *self;
    const double *x;
    double factors[N_WEEKDAYS * N_MONTHS];
    sums_t base, all;
    double *cross, *work;
    double *event_base, *event_excited; /* of the present tie, for its u */
} pass_t;

static int pass_init(pass_t *pass, likelihood_t *self, const double *x) {
    size_t n = (size_t)self->n_parameters, n_own = self->options.shrink > 0 ? (size_t)self->n_own : 0;
    *pass = (pass_t){.self = self, .x = x};
    pass->work = mem_alloc(3 * n + 2 * n * n + 2 * n_own, sizeof *pass->work);
    if (!pass->work) return ERR_NOMEM;
    pass->base = (sums_t){.n = (int)n, .gradient = pass->work, .information = pass->work + 3 * n};
    pass->all = (sums_t){.n = (int)n, .gradient = pass->work + n, .information = pass->work + 3 * n + n * n};
    pass->cross = pass->work + 2 * n;
    pass->event_base = pass->work + 3 * n + 2 * n * n;
    pass->event_excited = pass->event_base + n_own;
    season_factors(self, x, pass->factors);
    return 0;
}

/* Adds a tie's pieces and events to pass->all, u at its best. */
static void add_tie(pass_t *pass, int tie, cursor_t *at) {
    likelihood_t *self = pass->self;
    size_t first = at->row;
    for (; at->piece < self->n_pieces && tie_of(self, self->pieces[at->piece].place) == tie; at->piece++)
        add_piece(self, pass->x, pass->factors, &self->pieces[at->piece], &pass->base);
    while (at->row < (size_t)self->n_own && tie_of(self, self->own_places[at->row]) == tie) at->row++;
    double effect = 1, *u = &self->effects[tie], curve = 0, sd = self->options.shrink;
    if (sd > 0) {
        event_t event;
        for (size_t row = first; row < at->row; row++) {
            look_at(self, pass->x, row, 1, &event);
            pass->event_base[row - first] = event.base;
            pass->event_excited[row - first] = event.rate - event.base;
        }
        size_t n = at->row - first;
        double exposure = -pass->base.value;
        *u = effect_solve(self, pass->event_base, pass->event_excited, n, exposure, *u);
        effect_slope(self, pass->event_base, pass->event_excited, n, exposure, *u, &curve);
        effect = exp(*u);
        self->n_effective += 1 - 1 / (sd * sd * curve);
        pass->all.value -= *u * *u / (2 * sd * sd);
        profile(self, pass->x, first, at->row, effect, curve, &pass->base, pass->cross, &pass->all);
        sums_add(&pass->all, effect, &pass->base);
        sums_clear(&pass->base);
    }
    for (size_t row = first; row < at->row; row++)
        add_event(self, pass->x, pass->factors, row, effect, &pass->all);
}

static bool is_allowed(const likelihood_t *self, const double *x) {
    for (int i = 1 + self->n_terms; i < n_rate(self); i += 2)
        if (!(x[i] >= 0) || !(fabs(x[i + 1]) < 20)) return false;
    for (int i = self->weekdays; i < self->n_parameters; i++)
        if (!(fabs(x[i]) < 20)) return false;
    return true;
}

double likelihood_value(likelihood_t *self, const double *x, double *gradient, double *information) {
    pass_t pass = {0};
    cursor_t at = {0};
    size_t n = (size_t)self->n_parameters;
    double value = -INFINITY;
    self->n_effective = 0;
    if (!is_allowed(self, x) || excitation_prepare(self, x) < 0 || pass_init(&pass, self, x) < 0) goto out;
    for (int tie = 0; tie < self->model->n_ties; tie++) add_tie(&pass, tie, &at);
    sums_add(&pass.all, 1, &pass.base);
    for (int e = 0; e < self->n_excitations; e++)
        add_excitation(self, x, pass.factors, e, self->pooled + 3 * e * self->n_cells, &pass.all);
    value = pass.all.value;
    memcpy(gradient, pass.all.gradient, n * sizeof *gradient);
    for (size_t i = 0; information && i < n; i++)
        for (size_t j = 0; j <= i; j++)
            information[i * n + j] = information[j * n + i] = pass.all.information[i * n + j];
out:
    mem_free(pass.work);
    return value;
}

double likelihood_exposure(likelihood_t *self, const double *x) {
    pass_t pass = {0};
    double exposure = 0;
    if (pass_init(&pass, self, x) < 0) return 0;
    for (size_t p = 0; p < self->n_pieces; p++)
        add_piece(self, x, pass.factors, &self->pieces[p], &pass.base);
    exposure = -pass.base.value;
    mem_free(pass.work);
    return exposure;
}

static int score_excitation(likelihood_t *self, const double *x, pass_t *pass, int e, double *scores) {
    follow_t follow = {0};
    size_t n = (size_t)self->n_parameters;
    double *sums = mem_alloc(3 * (size_t)self->n_cells, sizeof *sums);
    int ret = sums ? follow_init(&follow, self, e, x[2 + self->n_terms + 2 * e]) : ERR_NOMEM;
    if (ret < 0) goto out;
    for (size_t m = 0; m < self->n_marks; m++) follow_mark(&follow, &self->marks[m]);
    for (int place = 0; place < all_places(self); place++) {
        if (!self->is_place[place]) continue;
        follow_at(&follow, place, self->until, sums);
        sums_clear(&pass->all);
        add_excitation(self, x, pass->factors, e, sums, &pass->all);
        double *score = scores + (size_t)tie_of(self, place) * n;
        for (size_t i = 0; i < n; i++) score[i] += pass->all.gradient[i];
    }
out:
    follow_free(&follow);
    mem_free(sums);
    return ret;
}

int likelihood_scores(likelihood_t *self, const double *x, double *scores) {
    pass_t pass = {0};
    cursor_t at = {0};
    size_t n = (size_t)self->n_parameters;
    int ret = 0;
    TRY(excitation_prepare(self, x));
    TRY(pass_init(&pass, self, x));
    for (int tie = 0; tie < self->model->n_ties; tie++) {
        sums_clear(&pass.all);
        sums_clear(&pass.base);
        add_tie(&pass, tie, &at);
        sums_add(&pass.all, 1, &pass.base);
        memcpy(scores + (size_t)tie * n, pass.all.gradient, n * sizeof *scores);
    }
    for (int e = 0; e < self->n_excitations; e++) TRY(score_excitation(self, x, &pass, e, scores));
out:
    mem_free(pass.work);
    return ret;
}
