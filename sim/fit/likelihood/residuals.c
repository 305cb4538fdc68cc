#include "fit/likelihood/residuals.h"

#include "base/math/quantile.h"
#include "base/mem.h"
#include "fit/likelihood/internal.h"
#include "stats/sample.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const residuals_names[RESIDUALS_N] = {"all dyads as one", "dyads of low rate",
                                                  "dyads of middle rate", "dyads of high rate"};

typedef struct { /* a change of the pooled base rate per unit of the season's integral */
    double time, rate;
} step_t;

typedef struct {
    int place;
    double rate; /* of the base at the start */
} ranked_t;

typedef struct {
    likelihood_t *self;
    const double *x;
    double factors[N_WEEKDAYS * N_MONTHS];
    double *clock;   /* [n_days + 1] the season's integral */
    double *at;      /* [n_own] the place's integral up to the event */
    double *totals;  /* [all places] up to the end */
    double *pooled;  /* [n_own] the integral of all places up to the event, by row */
    step_t *steps;   /* [2 n_pieces] */
    ranked_t *ranks; /* [n_places] */
    int *group;      /* [all places] */
} rescale_t;

static double clock_at(const rescale_t *r, double t) {
    int day = day_of(r->self, t);
    return r->clock[day] + (r->clock[day + 1] - r->clock[day]) * (t - day);
}

static int rescale_init(rescale_t *r, likelihood_t *self, const double *x) {
    size_t n_own = (size_t)self->n_own, n_places = (size_t)all_places(self);
    *r = (rescale_t){.self = self, .x = x};
    r->clock = mem_alloc((size_t)self->n_days + 1, sizeof *r->clock);
    r->at = mem_alloc(n_own, sizeof *r->at);
    r->pooled = mem_alloc(n_own, sizeof *r->pooled);
    r->totals = mem_alloc(n_places, sizeof *r->totals);
    r->group = mem_alloc(n_places, sizeof *r->group);
    r->ranks = mem_alloc((size_t)self->n_places, sizeof *r->ranks);
    r->steps = mem_alloc(2 * self->n_pieces, sizeof *r->steps);
    if (!r->clock || !r->at || !r->pooled || !r->totals || !r->group || !r->ranks || !r->steps)
        return ERR_NOMEM;
    season_factors(self, x, r->factors);
    for (int d = 0; d < self->n_days; d++)
        r->clock[d + 1] = r->clock[d] + self->season[d] * r->factors[cell_of(self, d)];
    return 0;
}

static void rescale_free(rescale_t *r) {
    mem_free(r->clock);
    mem_free(r->at);
    mem_free(r->pooled);
    mem_free(r->totals);
    mem_free(r->group);
    mem_free(r->ranks);
    mem_free(r->steps);
}

/* ---- the base rate ----------------------------------------------------------------------------------- */

static double integral_of(const rescale_t *r, const piece_t *piece) {
    const likelihood_t *self = r->self;
    double sum = 0;
    for (size_t n = piece->first; n < piece->first + (size_t)piece->n_nodes; n++) {
        const double *weights = node_of(self, n);
        double weight = 0;
        for (int c = 0; c < self->n_classes; c++)
            weight += weights[c] * r->factors[piece->month * self->n_classes + c];
        sum += weight * base_of(self, r->x, weights + self->n_classes);
    }
    return sum;
}

static int by_step(const void *a, const void *b) {
    double x = ((const step_t *)a)->time, y = ((const step_t *)b)->time;
    return x < y ? -1 : x > y;
}

static void add_base(rescale_t *r) {
    likelihood_t *self = r->self;
    size_t row = 0, n_steps = 0, n_own = (size_t)self->n_own, next = 0;
    int n_ranks = 0;
    for (size_t p = 0; p < self->n_pieces; p++) {
        const piece_t *piece = &self->pieces[p];
        double from = clock_at(r, piece->from), span = clock_at(r, piece->until) - from;
        double bare = integral_of(r, piece),
               whole = bare * elementary_exp(self->effects[tie_of(self, piece->place)]) *
                       self->place_factors[piece->place];
        if (p == 0 || piece->place != self->pieces[p - 1].place)
            r->ranks[n_ranks++] = (ranked_t){piece->place, span > 0 ? bare / span : 0};
        for (;
             row < n_own && (self->own_places[row] < piece->place || /* at the very end of its place */
                             (self->own_places[row] == piece->place && self->own_times[row] < piece->until));
             row++)
            r->at[row] = r->totals[self->own_places[row]] +
                         (self->own_places[row] == piece->place && span > 0
                              ? whole * fmax(0, clock_at(r, self->own_times[row]) - from) / span
                              : 0);
        r->totals[piece->place] += whole;
        if (!(span > 0)) continue;
        r->steps[n_steps++] = (step_t){piece->from, whole / span};
        r->steps[n_steps++] = (step_t){piece->until, -whole / span};
    }
    for (; row < n_own; row++) r->at[row] = r->totals[self->own_places[row]];
    assert(n_ranks == self->n_places); /* each place has a piece */
    qsort(r->steps, n_steps, sizeof *r->steps, by_step);
    double base = 0, rate = 0, at = 0;
    for (size_t m = 0; m < self->n_instants; m++) {
        const instant_t *instant = &self->instants[m];
        if (instant->excitation >= 0) continue;
        for (; next < n_steps && r->steps[next].time <= instant->time; next++) {
            double to = clock_at(r, r->steps[next].time);
            base += rate * (to - at);
            rate += r->steps[next].rate;
            at = to;
        }
        base += rate * (clock_at(r, instant->time) - at);
        at = clock_at(r, instant->time);
        r->pooled[instant->row] = base;
    }
}

/* ---- excitation -------------------------------------------------------------------------------------- */

static double weigh(const rescale_t *r, const double *sums) {
    double sum = 0;
    for (int cell = 0; cell < r->self->n_cells; cell++) sum += r->factors[cell] * sums[3 * cell];
    return sum;
}

static int add_excitation(rescale_t *r, int e) {
    likelihood_t *self = r->self;
    double branching = r->x[branching_of(self, e)];
    size_t n_sums = 3 * (size_t)self->n_cells;
    follow_t follow = {0};
    if (branching == 0) return 0;
    double *sums = mem_alloc(n_sums, sizeof *sums);
    int ret = sums ? follow_init(&follow, self, e, r->x[half_life_of(self, e)]) : ERR_NOMEM;
    if (ret < 0) goto out;
    for (size_t m = 0; m < self->n_instants; m++) {
        const instant_t *instant = &self->instants[m];
        if (instant->excitation >= 0) {
            follow_instant(&follow, instant);
            continue;
        }
        follow_at(&follow, instant->place, instant->time, sums);
        r->at[instant->row] += branching * weigh(r, sums);
        follow_all(&follow, instant->time, sums);
        r->pooled[instant->row] += branching * weigh(r, sums);
        follow_instant(&follow, instant);
    }
    for (int place = 0; place < all_places(self); place++) {
        if (!self->is_place[place]) continue;
        follow_at(&follow, place, self->until, sums);
        r->totals[place] += branching * weigh(r, sums);
    }
out:
    follow_free(&follow);
    mem_free(sums);
    return ret;
}

/* ---- what is seen in them ---------------------------------------------------------------------------- */

static int by_rate(const void *a, const void *b) {
    const ranked_t *x = a, *y = b;
    if (x->rate != y->rate) return x->rate < y->rate ? -1 : 1;
    return x->place - y->place;
}

static void make_groups(rescale_t *r) {
    int n = r->self->n_places;
    double all = 0, so_far = 0;
    qsort(r->ranks, (size_t)n, sizeof *r->ranks, by_rate);
    for (int p = 0; p < n; p++) all += r->ranks[p].rate;
    for (int p = 0; p < n; p++) {
        double middle = so_far + r->ranks[p].rate / 2;
        r->group[r->ranks[p].place] = middle < all / 3       ? RESIDUALS_LOW
                                      : middle < 2 * all / 3 ? RESIDUALS_MIDDLE
                                                             : RESIDUALS_HIGH;
        so_far += r->ranks[p].rate;
    }
}

/* Normal scores, so that the critical value of the correlation does not depend on the long tail of Exp(1).
 * */
static double serial_of(const double *gaps, double *scores, int n) {
    if (n < 3) return NAN;
    for (int m = 0; m < n; m++)
        scores[m] = quantile_normal(fmin(1 - 1e-12, fmax(1e-12, -elementary_expm1(-gaps[m]))));
    return sample_lag1(scores, (size_t)n) * sqrt(n);
}

static void judge(residuals_t *residuals, double *work) {
    int n = residuals->n;
    residuals->mean = n ? sample_mean(residuals->gaps, (size_t)n) : NAN;
    residuals->serial = serial_of(residuals->gaps, work, n);
    memcpy(work, residuals->gaps, (size_t)n * sizeof *work);
    sample_sort(work, (size_t)n);
    double d = 0;
    for (int m = 0; m < n; m++) {
        double u = -elementary_expm1(-work[m]);
        d = fmax(d, fmax((m + 1.0) / n - u, u - (double)m / n));
    }
    residuals->ks = n ? d * sqrt(n) : NAN;
}

double residuals_ks_level(int group) {
    return group == RESIDUALS_POOLED ? RESIDUALS_KS_FITTED : RESIDUALS_KS_LEVEL;
}

int residuals_init(residuals_t residuals[RESIDUALS_N], likelihood_t *self, const double *x) {
    rescale_t r;
    int ret = rescale_init(&r, self, x);
    double *work = NULL, before = 0, carry[RESIDUALS_N] = {0};
    size_t n_own = (size_t)self->n_own, row = 0;
    memset(residuals, 0, RESIDUALS_N * sizeof *residuals);
    if (ret < 0) goto out;
    ret = ERR_NOMEM;
    work = mem_alloc(n_own, sizeof *work);
    for (int g = 0; g < RESIDUALS_N; g++)
        if (!(residuals[g].gaps = mem_alloc(n_own, sizeof *work))) goto out;
    if (!work) goto out;
    add_base(&r);
    for (int e = 0; e < self->n_excitations; e++) TRY(add_excitation(&r, e));
    make_groups(&r);
    residuals_t *pooled = &residuals[RESIDUALS_POOLED];
    pooled->n_places = self->n_places;
    for (size_t m = 0; m < self->n_instants; m++) {
        const instant_t *instant = &self->instants[m];
        if (instant->excitation >= 0) continue;
        pooled->gaps[pooled->n++] = r.pooled[instant->row] - before;
        before = r.pooled[instant->row];
    }
    for (int place = 0; place < all_places(self); place++) {
        if (!self->is_place[place]) continue;
        int g = r.group[place];
        double last = 0;
        residuals[g].n_places++;
        for (; row < n_own && self->own_places[row] == place; row++) {
            residuals[g].gaps[residuals[g].n++] = carry[g] + r.at[row] - last;
            carry[g] = 0, last = r.at[row];
        }
        carry[g] += r.totals[place] - last;
        residuals[g].expected += r.totals[place];
        pooled->expected += r.totals[place];
    }
    for (int g = 0; g < RESIDUALS_N; g++) judge(&residuals[g], work);
    ret = 0;
out:
    if (ret < 0) residuals_free(residuals);
    rescale_free(&r);
    mem_free(work);
    return ret;
}

void residuals_free(residuals_t residuals[RESIDUALS_N]) {
    for (int g = 0; g < RESIDUALS_N; g++) mem_free(residuals[g].gaps);
    memset(residuals, 0, RESIDUALS_N * sizeof *residuals);
}
