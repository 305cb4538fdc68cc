/* The log-likelihood, its gradient and its information, tie by tie. */
#include "fit/likelihood/internal.h"

#include "base/mem.h"

#include <string.h>

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

/* The row of the second flow's log baseline rate, the last one, if the place is such a flow; else NULL. */
static inline double *flow_row(const likelihood_t *self, const sums_t *sums, int place) {
    return is_by_flow(self) && place % 2 ? sums->information + (size_t)(sums->n - 1) * (size_t)sums->n : NULL;
}

/* ---- integrals --------------------------------------------------------------------------------------- */

/* The integral of exp(a + sum beta z) c over an interval, as minus a log-likelihood, so that its second
 * derivatives add to the information. */
static void add_piece(const likelihood_t *self, const double *x, const double *factors, const piece_t *piece,
                      sums_t *sums) {
    int n = sums->n, p = self->n_terms, rate = first_of(self, PARAMETER_RATE),
        beta = first_of(self, PARAMETER_COEFFICIENT), weekdays = first_of(self, PARAMETER_WEEKDAY),
        month = first_of(self, PARAMETER_MONTH) + piece->month;
    double *flow = flow_row(self, sums, piece->place);
    for (size_t m = piece->first; m < piece->first + (size_t)piece->n_nodes; m++) {
        const double *weights = node_of(self, m), *z = weights + self->n_classes;
        double base = base_of(self, x, z) * self->place_factors[piece->place], part = 0;
        const double *f = factors + piece->month * self->n_classes;
        for (int c = 0; c < self->n_classes; c++) {
            double here = base * weights[c] * f[c];
            part += here;
            if (!self->options.weekdays || here == 0) continue;
            int w = weekdays + c;
            double *row = sums->information + w * n;
            sums->gradient[w] -= here;
            row[rate] += here;
            for (int s = 0; s < p; s++) row[beta + s] += here * z[s];
            row[w] += here;
            if (flow) flow[w] += here;
            if (self->options.months) sums->information[month * n + w] += here;
        }
        sums->value -= part;
        sums->gradient[rate] -= part;
        sums->information[rate * n + rate] += part;
        for (int s = 0; s < p; s++) {
            double *row = sums->information + (beta + s) * n, z_part = part * z[s];
            sums->gradient[beta + s] -= z_part;
            row[rate] += z_part;
            for (int r = 0; r <= s; r++) row[beta + r] += z_part * z[r];
        }
        if (flow) {
            sums->gradient[n - 1] -= part;
            flow[rate] += part;
            flow[n - 1] += part;
            for (int s = 0; s < p; s++) flow[beta + s] += part * z[s];
            if (self->options.months) flow[month] += part;
        }
        if (!self->options.months) continue;
        double *row = sums->information + month * n;
        sums->gradient[month] -= part;
        row[rate] += part;
        for (int s = 0; s < p; s++) row[beta + s] += part * z[s];
        row[month] += part;
    }
}

/* The same for excitation `e`, from the integrals of c K by cell, [n_cells][3]. */
static void add_excitation(const likelihood_t *self, const double *x, const double *factors, int e,
                           const double *integrals, sums_t *sums) {
    int at = branching_of(self, e), h = half_life_of(self, e);
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
        if (self->options.weekdays) season[n++] = first_of(self, PARAMETER_WEEKDAY) + cell % N_WEEKDAYS;
        if (self->options.months) season[n++] = first_of(self, PARAMETER_MONTH) + cell / self->n_classes;
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
    double base, rate;         /* with random effects; without the season */
    double d[MOST_PARAMETERS]; /* of the rate by the parameters that precede the season's */
} event_t;

static void look_at(const likelihood_t *self, const double *x, size_t row, double effect, event_t *event) {
    const double *z = self->own_values + row * (size_t)self->n_terms;
    const double *k = self->excited + 3 * row * (size_t)self->n_excitations;
    int beta = first_of(self, PARAMETER_COEFFICIENT);
    event->rate = event->base = event->d[first_of(self, PARAMETER_RATE)] =
        base_of(self, x, z) * self->place_factors[self->own_places[row]] * effect;
    for (int s = 0; s < self->n_terms; s++) event->d[beta + s] = event->base * z[s];
    for (int e = 0; e < self->n_excitations; e++) {
        double branching = x[branching_of(self, e)];
        event->rate += branching * k[3 * e];
        event->d[branching_of(self, e)] = k[3 * e];
        event->d[half_life_of(self, e)] = branching * k[3 * e + 1];
    }
}

static void add_event(const likelihood_t *self, const double *x, const double *factors, size_t row,
                      double effect, sums_t *sums) {
    event_t event = {0};
    look_at(self, x, row, effect, &event);
    int day = day_of(self, self->own_times[row]), n = self->parameters.n_rate, p = self->n_terms,
        rate = first_of(self, PARAMETER_RATE), beta = first_of(self, PARAMETER_COEFFICIENT);
    if (!(event.rate > 0)) {
        sums->value = -INFINITY;
        return;
    }
    const double *z = self->own_values + row * (size_t)p;
    const double *k = self->excited + 3 * row * (size_t)self->n_excitations;
    double share = event.base / event.rate;
    sums->value += elementary_log(event.rate * self->season[day] * factors[cell_of(self, day)]);
    for (int i = 0; i < n; i++) {
        double slope = event.d[i] / event.rate;
        sums->gradient[i] += slope;
        double *to = sums->information + i * sums->n;
        for (int j = 0; j <= i; j++) to[j] += slope * event.d[j] / event.rate;
        if (i >= beta + p) continue;
        double second = share * (i < beta ? 1 : z[i - beta]);
        to[rate] -= second;
        for (int j = beta; j <= i; j++) to[j] -= second * z[j - beta];
    }
    for (int e = 0; e < self->n_excitations; e++) {
        int at = branching_of(self, e), h = half_life_of(self, e);
        add_information(sums, h, at, -k[3 * e + 1] / event.rate);
        add_information(sums, h, h, -x[at] * k[3 * e + 2] / event.rate);
    }
    double *flow = flow_row(self, sums, self->own_places[row]);
    if (flow) {
        sums->gradient[sums->n - 1] += share;
        for (int j = 0; j < n; j++) flow[j] += share * event.d[j] / event.rate;
        flow[rate] -= share;
        for (int s = 0; s < p; s++) flow[beta + s] -= share * z[s];
        flow[sums->n - 1] += share * (share - 1);
    }
    if (self->options.weekdays)
        sums->gradient[first_of(self, PARAMETER_WEEKDAY) + self->weekday_of[day]] += 1;
    if (self->options.months) sums->gradient[first_of(self, PARAMETER_MONTH) + self->month_of[day]] += 1;
}

/* ---- a tie's own factor ------------------------------------------------------------------------------ */

/* u is integrated by the trapezoid rule in t, u = mode + s sinh t: as fine as the peak of width s, and as
 * wide as the tails of the prior, which matter where excitation also explains the events. */
enum { N_SIDE = 24, N_NODES = 2 * N_SIDE + 1 };

typedef struct { /* a tie's events and exposure, u apart */
    size_t n;
    const double *base, *excited; /* [n] */
    double exposure, sd;
} alone_t;

typedef struct {
    double u[N_NODES], share[N_NODES]; /* of the posterior */
    double log_integral;               /* of the likelihood, seasons at events left out, times the prior */
} posterior_t;

/* The derivative of the log-likelihood with the prior by u, and minus the second one. */
static double slope_at(const alone_t *alone, double u, double *curve) {
    double precision = 1 / (alone->sd * alone->sd), e = elementary_exp(u);
    double slope = -alone->exposure * e - precision * u;
    *curve = alone->exposure * e + precision;
    for (size_t m = 0; m < alone->n; m++) {
        double share = alone->base[m] * e / (alone->base[m] * e + alone->excited[m]);
        slope += share;
        *curve -= share * (1 - share);
    }
    return slope;
}

/* The mode of u by Newton's steps, limited to the interval between points of positive and negative
 * derivative. */
static double most_likely(const alone_t *alone, double *curve) {
    double low = -30, high = 30, u = 0;
    for (int step = 0; step < 200; step++) {
        double slope = slope_at(alone, u, curve);
        if (slope > 0)
            low = u;
        else
            high = u;
        double next = u + slope / *curve;
        if (*curve > 0 && fabs(next - u) < 1e-6) break;
        u = *curve > 0 && next > low && next < high ? next : (low + high) / 2;
    }
    return u;
}

static double log_density(const alone_t *alone, double u) {
    double z = u / alone->sd, e = elementary_exp(u), value = -alone->exposure * e - z * z / 2;
    for (size_t m = 0; m < alone->n; m++) value += elementary_log(alone->base[m] * e + alone->excited[m]);
    return value;
}

static posterior_t posterior_of(const alone_t *alone) {
    posterior_t posterior;
    double curve, middle = most_likely(alone, &curve), most = -INFINITY, sum = 0;
    double s = 1 / sqrt(fmax(curve, 0.25 / (alone->sd * alone->sd)));
    double reach = (8 * alone->sd + fabs(middle)) / s;
    double step = elementary_log(reach + sqrt(reach * reach + 1)) / N_SIDE; /* asinh */
    for (int i = 0; i < N_NODES; i++) {
        double up = elementary_exp(step * (i - N_SIDE)), down = 1 / up; /* sinh and cosh of it */
        posterior.u[i] = middle + s * ((up - down) / 2);
        posterior.share[i] = log_density(alone, posterior.u[i]) + elementary_log(s * ((up + down) / 2));
        most = fmax(most, posterior.share[i]);
    }
    for (int i = 0; i < N_NODES; i++) sum += posterior.share[i] = elementary_exp(posterior.share[i] - most);
    for (int i = 0; i < N_NODES; i++) posterior.share[i] /= sum;
    posterior.log_integral = most + elementary_log(sum * step / (alone->sd * sqrt(2 * M_PI)));
    return posterior;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

typedef struct { /* where a tie's pieces and events end */
    size_t piece, row;
} cursor_t;

typedef struct {
    likelihood_t *self;
    const double *x;
    double factors[N_WEEKDAYS * N_MONTHS];
    sums_t base, node, all; /* node: at one u of the present tie */
    double *mean, *work;    /* mean: of the gradient over u */
    double *event_base, *event_excited;
} pass_t;

static int pass_init(pass_t *pass, likelihood_t *self, const double *x) {
    size_t n = (size_t)self->parameters.n + is_by_flow(self),
           n_own = spread_of(self) >= 0 ? (size_t)self->n_own : 0;
    *pass = (pass_t){.self = self, .x = x};
    pass->work = mem_alloc(4 * n + 3 * n * n + 2 * n_own, sizeof *pass->work);
    if (!pass->work) return ERR_NOMEM;
    double *at = pass->work;
    for (int s = 0; s < 3; s++, at += n + n * n)
        *(s == 0   ? &pass->base
          : s == 1 ? &pass->node
                   : &pass->all) = (sums_t){.n = (int)n, .gradient = at, .information = at + n};
    pass->mean = at;
    pass->event_base = at + n;
    pass->event_excited = pass->event_base + n_own;
    season_factors(self, x, pass->factors);
    return 0;
}

/* Adds the events of a tie from `row` on, with u integrated out: the gradient is its mean over u, the
 * information its mean minus the gradient's variance (Louis 1982). */
static void add_over_u(pass_t *pass, int tie, size_t row, size_t end) {
    likelihood_t *self = pass->self;
    alone_t alone = {.n = end - row,
                     .base = pass->event_base,
                     .excited = pass->event_excited,
                     .exposure = -pass->base.value,
                     .sd = elementary_exp(pass->x[spread_of(self)])};
    event_t event;
    sums_t *node = &pass->node, *all = &pass->all;
    int n = all->n, spread = spread_of(self);
    double first = 0, second = 0;
    for (size_t m = 0; m < alone.n; m++) {
        int day = day_of(self, self->own_times[row + m]);
        look_at(self, pass->x, row + m, 1, &event);
        pass->event_base[m] = event.base;
        pass->event_excited[m] = event.rate - event.base;
        all->value += elementary_log(self->season[day] * pass->factors[cell_of(self, day)]);
    }
    posterior_t posterior = posterior_of(&alone);
    all->value += posterior.log_integral;
    memset(pass->mean, 0, (size_t)n * sizeof *pass->mean);
    for (int u = 0; u < N_NODES; u++) {
        double share = posterior.share[u], effect = elementary_exp(posterior.u[u]),
               z = posterior.u[u] / alone.sd;
        if (share < 1e-14) continue;
        first += share * effect, second += share * effect * effect;
        sums_clear(node);
        sums_add(node, effect, &pass->base);
        for (size_t r = row; r < end; r++) add_event(self, pass->x, pass->factors, r, effect, node);
        node->gradient[spread] += z * z - 1;
        node->information[spread * n + spread] += 2 * z * z;
        for (int i = 0; i < n; i++) {
            double g = node->gradient[i];
            pass->mean[i] += share * g;
            for (int j = 0; j <= i; j++)
                all->information[i * n + j] += share * (node->information[i * n + j] - g * node->gradient[j]);
        }
    }
    for (int i = 0; i < n; i++) {
        all->gradient[i] += pass->mean[i];
        for (int j = 0; j <= i; j++) all->information[i * n + j] += pass->mean[i] * pass->mean[j];
    }
    self->effects[tie] = elementary_log(first);
    self->effect_sds[tie] = sqrt(fmax(0, elementary_log(second / (first * first))));
    sums_clear(&pass->base);
}

/* Adds a tie's pieces and events. */
static void add_tie(pass_t *pass, int tie, cursor_t *at) {
    likelihood_t *self = pass->self;
    size_t first = at->row;
    for (; at->piece < self->n_pieces && tie_of(self, self->pieces[at->piece].place) == tie; at->piece++)
        add_piece(self, pass->x, pass->factors, &self->pieces[at->piece], &pass->base);
    while (at->row < (size_t)self->n_own && tie_of(self, self->own_places[at->row]) == tie) at->row++;
    if (spread_of(self) >= 0)
        add_over_u(pass, tie, first, at->row);
    else
        for (size_t row = first; row < at->row; row++)
            add_event(self, pass->x, pass->factors, row, 1, &pass->all);
}

bool likelihood_is_defined(const likelihood_t *self, const double *x) {
    for (int i = 0; i < self->parameters.n; i++) {
        parameter_kind_t kind = self->parameters.rows[i].kind;
        if (kind == PARAMETER_BRANCHING && !(x[i] >= 0)) return false;
        if (!(fabs(x[i]) < parameter_sorts[kind].most)) return false;
    }
    return true;
}

double likelihood_value(likelihood_t *self, const double *x, double *gradient, double *information) {
    pass_t pass = {0};
    cursor_t at = {0};
    size_t n = (size_t)self->parameters.n;
    double value = -INFINITY;
    if (!likelihood_is_defined(self, x) || excitation_prepare(self, x) < 0 || pass_init(&pass, self, x) < 0)
        goto out;
    for (int tie = 0; tie < self->model->n_ties; tie++) add_tie(&pass, tie, &at);
    sums_add(&pass.all, 1, &pass.base);
    for (int e = 0; e < self->n_excitations; e++)
        add_excitation(self, x, pass.factors, e, self->pooled + 3 * e * self->n_cells, &pass.all);
    value = pass.all.value;
    memcpy(gradient, pass.all.gradient, n * sizeof *gradient);
    for (size_t i = 0; information && i < n; i++)
        for (size_t j = 0; j <= i; j++)
            information[i * n + j] = information[j * n + i] =
                pass.all.information[i * (size_t)pass.all.n + j];
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

int likelihood_spread(likelihood_t *self, const double *x, double n_events, double *rates) {
    pass_t pass = {0};
    double at[MOST_PARAMETERS], exposure = 0;
    int ret = 0;
    for (int i = 0; i < self->parameters.n; i++) at[i] = self->parameters.rows[i].effects ? 0 : x[i];
    memset(rates, 0, 2 * (size_t)self->model->n_ties * sizeof *rates);
    TRY(pass_init(&pass, self, at));
    for (size_t p = 0; p < self->n_pieces; p++) {
        int place = self->pieces[p].place;
        sums_clear(&pass.base);
        add_piece(self, at, pass.factors, &self->pieces[p], &pass.base);
        exposure -= pass.base.value;
        if (self->kind->scope == SCOPE_DIRECTED)
            rates[place] -= pass.base.value;
        else
            rates[2 * place] = rates[2 * place + 1] -= pass.base.value / 2;
    }
    for (int flow = 0; flow < 2 * self->model->n_ties; flow++)
        rates[flow] *= n_events / (exposure * (self->until - self->options.from));
out:
    mem_free(pass.work);
    return ret;
}

/* The integrals of c K at every place up to the end, [n_excitations][all places][n_cells][3]; NULL without
 * memory. */
static double *place_integrals(likelihood_t *self, const double *x) {
    size_t n_places = (size_t)all_places(self), row = 3 * (size_t)self->n_cells;
    double *integrals = mem_alloc((size_t)self->n_excitations * n_places * row, sizeof *integrals);
    for (int e = 0; integrals && e < self->n_excitations; e++) {
        follow_t follow = {0};
        if (follow_init(&follow, self, e, x[half_life_of(self, e)]) < 0) {
            follow_free(&follow);
            mem_free(integrals);
            return NULL;
        }
        for (size_t m = 0; m < self->n_instants; m++) follow_instant(&follow, &self->instants[m]);
        for (size_t place = 0; place < n_places; place++)
            if (self->is_place[place])
                follow_at(&follow, (int)place, self->until, integrals + ((size_t)e * n_places + place) * row);
        follow_free(&follow);
    }
    return integrals;
}

int likelihood_each_tie(likelihood_t *self, const double *x, bool pooled, sums_fn visit, void *context) {
    pass_t pass = {0};
    cursor_t at = {0};
    size_t n_places = (size_t)all_places(self), row = 3 * (size_t)self->n_cells;
    double *integrals = NULL;
    int ret = 0, per_tie = self->kind->scope == SCOPE_DIRECTED ? 2 : 1;
    TRY(excitation_prepare(self, x));
    TRY(pass_init(&pass, self, x));
    if (!pooled) integrals = place_integrals(self, x);
    if (!pooled && !integrals) ret = ERR_NOMEM;
    for (int tie = 0; tie < self->model->n_ties && ret == 0; tie++) {
        sums_clear(&pass.all);
        sums_clear(&pass.base);
        add_tie(&pass, tie, &at);
        sums_add(&pass.all, 1, &pass.base);
        for (int place = per_tie * tie; place < per_tie * (tie + 1) && !pooled; place++)
            for (int e = 0; e < self->n_excitations && self->is_place[place]; e++)
                add_excitation(self, x, pass.factors, e,
                               integrals + ((size_t)e * n_places + (size_t)place) * row, &pass.all);
        visit(context, tie, &pass.all);
    }
    if (!pooled || ret < 0) goto out;
    sums_clear(&pass.all);
    for (int e = 0; e < self->n_excitations; e++)
        add_excitation(self, x, pass.factors, e, self->pooled + 3 * e * self->n_cells, &pass.all);
    visit(context, -1, &pass.all);
out:
    mem_free(integrals);
    mem_free(pass.work);
    return ret;
}
