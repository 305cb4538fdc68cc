#include "fit/likelihood.h"

#include "base/date.h"
#include "base/mem.h"
#include "model/predictor.h"
#include "model/world.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TERMS 32

typedef struct { /* a weight in the integral of the base rate; its terms are in `terms` */
    double weight, from, until;
} node_t;

typedef struct { /* something that excites a place, or (excitation -1) an event of the kind there */
    double time;
    int place, excitation, event;
} mark_t;

struct likelihood {
    model_t *model;
    const kind_t *kind;
    int k, n_terms, n_excitations, n_parameters, n_places, n_own, n_days;
    double until;
    const term_t *terms[MOST_TERMS];
    double *season;         /* [n_days] */
    double *season_sum;     /* [n_days + 1] its integral up to a day */
    bool has_season, still; /* no statistic moves */
    bool *is_place;         /* [flows or ties] */
    size_t n_nodes, nodes_capacity, node_values_capacity;
    node_t *nodes;
    double *node_values; /* [n_nodes][n_terms] statistic - centre */
    double *own_values;  /* [n_own][n_terms] */
    double *own_times;
    size_t n_marks, marks_capacity;
    mark_t *marks; /* by place and time, then events before what excites */
    size_t n_touches[16], touches_capacity[16];
    double *touches[16]; /* times at which each excitation was raised, all places together */
};

static double season_at(const likelihood_t *self, double t) {
    int day = (int)floor(t);
    return self->season[day < 0 ? 0 : day < self->n_days ? day : self->n_days - 1];
}

/* The integral of the season over [0, t]. */
static double season_to(const likelihood_t *self, double t) {
    int day = (int)floor(t);
    if (day >= self->n_days) day = self->n_days - 1;
    return self->season_sum[day] + self->season[day] * (t - day);
}

static int make_season(likelihood_t *self) {
    const season_t *season = &self->kind->season;
    self->n_days = (int)ceil(self->until);
    self->season = mem_alloc((size_t)self->n_days, sizeof *self->season);
    self->season_sum = mem_alloc((size_t)self->n_days + 1, sizeof *self->season_sum);
    if (!self->season || !self->season_sum) return ERR_NOMEM;
    for (int d = 0; d < self->n_days; d++) {
        double factor = 1, middle = d + 0.5;
        int year, month, day;
        date_civil(self->model->start + d, &year, &month, &day);
        if (season->has_weekday) factor *= season->weekday[date_weekday(self->model->start + d)];
        if (season->has_month) factor *= season->month[month - 1];
        bool inside = false;
        for (int w = 0; w < season->n_windows; w++)
            if (middle >= season->windows[w].from && middle < season->windows[w].until)
                inside = true, factor *= season->windows[w].factor;
        if (season->only_in_windows && !inside) factor = 0;
        self->season[d] = factor;
        self->has_season |= factor != 1;
        self->season_sum[d + 1] = self->season_sum[d] + factor;
    }
    return 0;
}

/* ---- places ----------------------------------------------------------------------------------------- */

static void actors_of(const likelihood_t *self, int place, int *i, int *j) {
    const model_t *m = self->model;
    if (self->kind->scope == SCOPE_DIRECTED)
        *i = flow_from(m, place), *j = flow_to(m, place);
    else
        *i = m->ties[place].a, *j = m->ties[place].b;
}

static int place_of(const likelihood_t *self, int i, int j) {
    int flow = i < 0 || j < 0 || i == j ? -1 : model_flow(self->model, i, j);
    if (flow < 0) return -1;
    int place = self->kind->scope == SCOPE_DIRECTED ? flow : flow / 2;
    return self->is_place[place] ? place : -1;
}

static bool is_there(const likelihood_t *self, int actor) {
    return self->model->actors[actor].from <= 0 && self->model->actors[actor].until >= self->until;
}

static int all_places(const likelihood_t *self) {
    return self->kind->scope == SCOPE_DIRECTED ? 2 * self->model->n_ties : self->model->n_ties;
}

static int make_places(likelihood_t *self) {
    int n = all_places(self);
    self->is_place = mem_alloc((size_t)n + 1, sizeof *self->is_place);
    if (!self->is_place) return ERR_NOMEM;
    for (int p = 0; p < n; p++) {
        int i, j;
        actors_of(self, p, &i, &j);
        self->is_place[p] = may_happen_at(self->kind, i, j) && is_there(self, i) && is_there(self, j);
        self->n_places += self->is_place[p];
    }
    return 0;
}

/* ---- the past along the observed events --------------------------------------------------------------- */

static int add_node(likelihood_t *self, const world_t *world, int place, double at, double from, double until,
                    double weight) {
    int i, j, ret = 0;
    if (weight <= 0) return 0;
    actors_of(self, place, &i, &j);
    TRY(ARRAY_RESERVE(self->nodes, self->n_nodes, self->nodes_capacity));
    size_t p = (size_t)self->n_terms;
    if (p && (self->n_nodes + 1) * p > self->node_values_capacity) {
        size_t more = 2 * (self->n_nodes + 1) * p;
        double *values = mem_resize(self->node_values, more, sizeof *values);
        if (!values) return ERR_NOMEM;
        self->node_values = values;
        self->node_values_capacity = more;
    }
    for (size_t s = 0; s < p; s++)
        self->node_values[self->n_nodes * p + s] =
            term_value(world, self->terms[s], i, j, at) - self->terms[s]->centre;
    self->nodes[self->n_nodes++] = (node_t){weight, from, until};
out:
    return ret;
}

/* The integral over [from, until) at one place, during which no event touches it. */
static int cover(likelihood_t *self, const world_t *world, int place, double from, double until,
                 double piece) {
    static const double x[4] = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                0.8611363115940526};
    static const double w[4] = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                0.3478548451374538};
    int ret = 0;
    if (self->still || piece == INFINITY)
        return add_node(self, world, place, from, from, until,
                        season_to(self, until) - season_to(self, from));
    for (double a = from, b; a < until; a = b) {
        b = fmin(until, a + piece);
        if (self->has_season) b = fmin(b, floor(a) + 1);
        double c = season_at(self, a), half = (b - a) / 2;
        for (int n = 0; n < 4; n++)
            TRY(add_node(self, world, place, a + half * (1 + x[n]), a, b, c * half * w[n]));
    }
out:
    return ret;
}

/* The longest piece over which Gauss and Legendre are exact enough; INFINITY where values only jump. */
static double longest_piece(const likelihood_t *self) {
    double shortest = INFINITY;
    for (int s = 0; s < self->n_terms; s++) {
        const term_t *term = self->terms[s];
        if (term->statistic->id == STATISTIC_STRENGTH)
            shortest = fmin(shortest, fmin(self->model->dynamics.strength_half_life,
                                           self->model->dynamics.alignment_half_life));
        if (term->statistic->id == STATISTIC_ALIGNMENT)
            shortest = fmin(shortest, self->model->dynamics.alignment_half_life);
        if (term->statistic->has_half_life) shortest = fmin(shortest, term->half_life);
    }
    return shortest / 2;
}

typedef struct {
    likelihood_t *self;
    world_t *world;
    double *covered; /* [all places] */
    double piece;
} walk_t;

static int cover_place(walk_t *walk, int place, double until) {
    if (place < 0 || walk->covered[place] >= until) return 0;
    double from = walk->covered[place];
    walk->covered[place] = until;
    return cover(walk->self, walk->world, place, from, until, walk->piece);
}

static int cover_all(walk_t *walk, double until) {
    int ret = 0;
    for (int p = 0; p < all_places(walk->self); p++)
        if (walk->self->is_place[p]) TRY(cover_place(walk, p, until));
out:
    return ret;
}

static void apply(walk_t *walk, const observed_t *event) {
    const model_t *m = walk->self->model;
    const kind_t *kind = &m->kinds[event->kind];
    int flow = event->target < 0 ? -1 : model_flow(m, event->initiator, event->target);
    if (flow < 0) return;
    double level = 0;
    for (int l = 0; l < LEVEL_N; l++) level += kind->level_weight[l] * m->dynamics.level[l];
    double g =
        kind->goldstein / m->dynamics.gain_divisor * level * kind->pair_weight[ROLE_INITIATOR][ROLE_TARGET];
    if (event->time >= 0 && g != 0)
        world_bump(walk->world, flow / 2, event->time, fmax(-1, fmin(1, g)), kind->lasting);
    for (int c = 0; c < walk->world->n_counters; c++)
        if (walk->world->counters[c]->ref == event->kind) {
            world_add_count(walk->world, c, flow, event->time);
            if (kind->scope == SCOPE_DYAD) world_add_count(walk->world, c, flow ^ 1, event->time);
        }
}

static int add_mark(likelihood_t *self, mark_t mark) {
    int ret = ARRAY_RESERVE(self->marks, self->n_marks, self->marks_capacity);
    if (ret == 0) self->marks[self->n_marks++] = mark;
    return ret;
}

static int excite(likelihood_t *self, int x, int i, int j, double time) {
    int place = place_of(self, i, j), ret = 0;
    if (place < 0) return 0;
    TRY(add_mark(self, (mark_t){time, place, x, -1}));
    TRY(ARRAY_RESERVE(self->touches[x], self->n_touches[x], self->touches_capacity[x]));
    self->touches[x][self->n_touches[x]++] = time;
out:
    return ret;
}

/* Everything the event excites, as engine/excite.c has it. */
static int excite_all(likelihood_t *self, const observed_t *event) {
    int i = event->initiator, j = event->target, ret = 0;
    bool dyad = self->kind->scope == SCOPE_DYAD;
    for (int x = 0; x < self->n_excitations; x++) {
        const excitation_t *excitation = &self->kind->excitations[x];
        if (excitation->kind != event->kind || j < 0) continue;
        if (excitation->relation == RELATION_SAME) TRY(excite(self, x, i, j, event->time));
        if (excitation->relation == RELATION_REVERSED && !dyad) TRY(excite(self, x, j, i, event->time));
        for (int m = 0; excitation->relation >= RELATION_INITIATOR && m < self->model->n_actors; m++) {
            if (m == i || m == j) continue;
            if (excitation->relation == RELATION_INITIATOR)
                TRY(excite(self, x, i, m, event->time));
            else
                TRY(excite(self, x, m, j, event->time));
        }
    }
out:
    return ret;
}

static int add_own(walk_t *walk, const observed_t *event, int place, fault_t *err) {
    likelihood_t *self = walk->self;
    int i, j;
    if (place < 0 || season_at(self, event->time) <= 0)
        return error_set(
            err, ERR_DATA,
            "an event of %s on day %.0f happens where its intensity is always 0: its actors have no "
            "tie, may not take part in it (between), are absent for a time, or its season is 0",
            self->kind->name, floor(event->time));
    actors_of(self, place, &i, &j);
    for (int s = 0; s < self->n_terms; s++)
        self->own_values[self->n_own * self->n_terms + s] =
            term_value(walk->world, self->terms[s], i, j, event->time) - self->terms[s]->centre;
    self->own_times[self->n_own] = event->time;
    return add_mark(self, (mark_t){event->time, place, -1, self->n_own++});
}

static int by_place(const void *a, const void *b) {
    const mark_t *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->excitation - y->excitation; /* events (-1) first */
}

static int walk_events(likelihood_t *self, int n_events, const observed_t *events, fault_t *err) {
    world_t world = {0};
    int ret = world_init(&world, self->model);
    walk_t walk = {.self = self, .world = &world, .piece = longest_piece(self)};
    double refresh = self->model->dynamics.refresh, next = refresh;
    if (ret < 0) goto out;
    ret = ERR_NOMEM;
    walk.covered = mem_alloc((size_t)all_places(self) + 1, sizeof *walk.covered);
    if (!walk.covered) goto out;
    world_prepare(&world);
    world_reset(&world);
    world_refresh(&world, 0);
    for (int e = 0; e < n_events; e++) {
        const observed_t *event = &events[e];
        if (event->time >= self->until) break;
        while (!self->still && self->model->has_sampled && next <= event->time) {
            TRY(cover_all(&walk, next));
            world_refresh(&world, next);
            next += refresh;
        }
        if (!self->still && event->time > 0 && event->target >= 0) {
            TRY(cover_place(&walk, place_of(self, event->initiator, event->target), event->time));
            TRY(cover_place(&walk, place_of(self, event->target, event->initiator), event->time));
        }
        if (event->kind == self->k && event->time >= 0)
            TRY(add_own(&walk, event, place_of(self, event->initiator, event->target), err));
        TRY(excite_all(self, event));
        apply(&walk, event);
    }
    while (!self->still && self->model->has_sampled && next < self->until) {
        TRY(cover_all(&walk, next));
        world_refresh(&world, next);
        next += refresh;
    }
    TRY(cover_all(&walk, self->until));
    qsort(self->marks, self->n_marks, sizeof *self->marks, by_place);
out:
    mem_free(walk.covered);
    world_free(&world);
    return ret;
}

int likelihood_init(likelihood_t **out_self, model_t *model, int k, int n_events, const observed_t *events,
                    double until, fault_t *err) {
    const kind_t *kind = &model->kinds[k];
    int ret = 0, n_own = 0;
    *out_self = NULL;
    for (int e = 0; e < n_events; e++)
        n_own += events[e].kind == k && events[e].time >= 0 && events[e].time < until;
    if (kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD)
        return error_set(err, ERR_DATA, "%s is not fitted: its scope is %s", kind->name,
                         scope_names[kind->scope]);
    if (kind->log_rate.n > MOST_TERMS || kind->n_excitations > 16)
        return error_set(err, ERR_DATA, "%s has more than 32 statistics or 16 excitations", kind->name);
    if (n_own == 0) return error_set(err, ERR_DATA, "%s is not fitted: there is no event of it", kind->name);
    likelihood_t *self = mem_alloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_NOMEM, "out of memory");
    *self = (likelihood_t){.model = model,
                           .kind = kind,
                           .k = k,
                           .until = until,
                           .still = true,
                           .n_terms = kind->log_rate.n,
                           .n_excitations = kind->n_excitations,
                           .n_parameters = 1 + kind->log_rate.n + 2 * kind->n_excitations};
    for (int s = 0; s < self->n_terms; s++) {
        self->terms[s] = &kind->log_rate.terms[s];
        self->still &= self->terms[s]->statistic->klass == STATISTIC_STATIC;
    }
    self->own_values = mem_alloc((size_t)n_own * (size_t)self->n_terms, sizeof *self->own_values);
    self->own_times = mem_alloc((size_t)n_own, sizeof *self->own_times);
    ret = ERR_NOMEM;
    if (!self->own_values || !self->own_times) goto out;
    TRY(make_season(self));
    TRY(make_places(self));
    TRY(walk_events(self, n_events, events, err));
out:
    if (ret < 0) {
        likelihood_free(self);
        return ret == ERR_NOMEM ? error_set(err, ret, "out of memory") : ret;
    }
    *out_self = self;
    return 0;
}

void likelihood_free(likelihood_t *self) {
    if (!self) return;
    mem_free(self->season);
    mem_free(self->season_sum);
    mem_free(self->is_place);
    mem_free(self->nodes);
    mem_free(self->node_values);
    mem_free(self->own_values);
    mem_free(self->own_times);
    mem_free(self->marks);
    for (int x = 0; x < 16; x++) mem_free(self->touches[x]);
    mem_free(self);
}

int likelihood_n_parameters(const likelihood_t *self) {
    return self->n_parameters;
}

int likelihood_n_events(const likelihood_t *self) {
    return self->n_own;
}

int likelihood_n_places(const likelihood_t *self) {
    return self->n_places;
}

void likelihood_parameters(const likelihood_t *self, double *x) {
    x[0] = log(self->kind->rate_per_year / DAYS_PER_YEAR);
    for (int s = 0; s < self->n_terms; s++) x[1 + s] = self->terms[s]->loading;
    for (int n = 0; n < self->n_excitations; n++) {
        x[1 + self->n_terms + 2 * n] = self->kind->excitations[n].branching;
        x[2 + self->n_terms + 2 * n] = log(self->kind->excitations[n].half_life);
    }
}

/* ---- value and gradient ------------------------------------------------------------------------------ */

static double base_of(const likelihood_t *self, const double *x, const double *values) {
    double eta = x[0];
    for (int s = 0; s < self->n_terms; s++) eta += x[1 + s] * values[s];
    return exp(eta);
}

static double minus_base(const likelihood_t *self, const double *x, double *gradient) {
    double sum = 0;
    size_t p = (size_t)self->n_terms;
    for (size_t n = 0; n < self->n_nodes; n++) {
        const double *values = self->node_values + n * p;
        double part = self->nodes[n].weight * base_of(self, x, values);
        sum -= part;
        gradient[0] -= part;
        for (size_t s = 0; s < p; s++) gradient[1 + s] -= part * values[s];
    }
    return sum;
}

/* Integral over [from, to] of c(t) theta S(t), S the sum of exp(-theta age) over the touches of one
 * excitation at all places, and its derivative by theta. Touches before `from` must be in S; the state is
 * carried on. */
typedef struct {
    double s, aged; /* sum of exp(-theta age), sum of age exp(-theta age) */
    double time;
    size_t next;
    double integral, slope;
} pool_t;

static void pool_to(const likelihood_t *self, int x, double theta, double to, pool_t *pool) {
    while (pool->time < to) {
        double b = to;
        bool touched = pool->next < self->n_touches[x] && self->touches[x][pool->next] <= b;
        if (touched) b = self->touches[x][pool->next];
        if (self->has_season && pool->time >= 0 && floor(pool->time) + 1 < b)
            b = floor(pool->time) + 1, touched = false;
        if (pool->time < 0 && b > 0) b = 0, touched = false;
        double dt = b - pool->time, e = exp(-theta * dt),
               c = pool->time < 0 ? 0 : season_at(self, pool->time);
        pool->integral += c * pool->s * (1 - e);
        pool->slope += c * (pool->s * dt * e - pool->aged * (1 - e));
        pool->aged = (pool->aged + pool->s * dt) * e;
        pool->s *= e;
        pool->time = b;
        if (touched) pool->s += 1, pool->next++;
        while (pool->next < self->n_touches[x] && self->touches[x][pool->next] <= pool->time)
            pool->s += 1, pool->next++;
    }
}

static pool_t pool_start(const likelihood_t *self, int x) {
    pool_t pool = {.time = self->n_touches[x] ? fmin(0, self->touches[x][0]) : 0};
    while (pool.next < self->n_touches[x] && self->touches[x][pool.next] <= pool.time)
        pool.s += 1, pool.next++;
    return pool;
}

static double minus_excitation(const likelihood_t *self, const double *x, double *gradient) {
    double sum = 0;
    for (int n = 0; n < self->n_excitations; n++) {
        double branching = x[1 + self->n_terms + 2 * n], theta = M_LN2 / exp(x[2 + self->n_terms + 2 * n]);
        pool_t pool = pool_start(self, n);
        pool_to(self, n, theta, self->until, &pool);
        sum -= branching * pool.integral;
        gradient[1 + self->n_terms + 2 * n] -= pool.integral;
        gradient[2 + self->n_terms + 2 * n] +=
            branching * pool.slope * theta; /* d theta / d log h = -theta */
    }
    return sum;
}

typedef struct {
    double s, aged, time;
} trace_t;

static double add_event(const likelihood_t *self, const double *x, const mark_t *mark, const trace_t *traces,
                        double *gradient) {
    const double *values = self->own_values + (size_t)mark->event * (size_t)self->n_terms;
    double base = base_of(self, x, values), rate = base, by_n[16], by_half_life[16];
    for (int n = 0; n < self->n_excitations; n++) {
        double branching = x[1 + self->n_terms + 2 * n], theta = M_LN2 / exp(x[2 + self->n_terms + 2 * n]);
        double dt = mark->time - traces[n].time, e = traces[n].s > 0 ? exp(-theta * dt) : 0;
        double s = traces[n].s * e, aged = (traces[n].aged + traces[n].s * dt) * e;
        by_n[n] = theta * s;
        by_half_life[n] = -theta * branching * (s - theta * aged);
        rate += branching * theta * s;
    }
    if (!(rate > 0)) return -INFINITY;
    gradient[0] += base / rate;
    for (int s = 0; s < self->n_terms; s++) gradient[1 + s] += base / rate * values[s];
    for (int n = 0; n < self->n_excitations; n++) {
        gradient[1 + self->n_terms + 2 * n] += by_n[n] / rate;
        gradient[2 + self->n_terms + 2 * n] += by_half_life[n] / rate;
    }
    return log(rate * season_at(self, mark->time));
}

double likelihood_value(const likelihood_t *self, const double *x, double *gradient) {
    memset(gradient, 0, (size_t)self->n_parameters * sizeof *gradient);
    for (int n = 0; n < self->n_excitations; n++)
        if (x[1 + self->n_terms + 2 * n] < 0 || fabs(x[2 + self->n_terms + 2 * n]) > 20) return -INFINITY;
    double sum = minus_base(self, x, gradient) + minus_excitation(self, x, gradient);
    trace_t traces[16];
    for (size_t n = 0; n < self->n_marks; n++) {
        const mark_t *mark = &self->marks[n];
        if (n == 0 || mark->place != self->marks[n - 1].place) memset(traces, 0, sizeof traces);
        if (mark->excitation < 0) {
            sum += add_event(self, x, mark, traces, gradient);
            if (sum == -INFINITY) return sum;
            continue;
        }
        trace_t *trace = &traces[mark->excitation];
        double theta = M_LN2 / exp(x[2 + self->n_terms + 2 * mark->excitation]),
               dt = mark->time - trace->time;
        double e = trace->s > 0 ? exp(-theta * dt) : 0;
        trace->aged = (trace->aged + trace->s * dt) * e;
        trace->s = trace->s * e + 1;
        trace->time = mark->time;
    }
    return sum;
}

/* ---- fit --------------------------------------------------------------------------------------------- */

typedef struct {
    const likelihood_t *self;
    const bool *is_free;
    double *x, *gradient;
} free_part_t;

static double free_value(const double *x, double *gradient, double *information, void *data) {
    (void)information;
    free_part_t *part = data;
    int n = part->self->n_parameters;
    for (int i = 0, f = 0; i < n; i++)
        if (part->is_free[i]) part->x[i] = x[f++];
    double value = likelihood_value(part->self, part->x, part->gradient);
    for (int i = 0, f = 0; i < n; i++)
        if (part->is_free[i]) gradient[f++] = part->gradient[i];
    return value;
}

static int climb_free(free_part_t *part, likelihood_fit_t *fit) {
    int n = part->self->n_parameters, n_free = 0, ret = ERR_NOMEM;
    double *start = mem_alloc((size_t)n, sizeof *start);
    maximum_t m = {0};
    if (!start) goto out;
    for (int i = 0; i < n; i++)
        if (part->is_free[i]) start[n_free++] = part->x[i];
    objective_t objective = {.n = n_free, .value = free_value, .data = part};
    TRY(maximise(&objective, start, &m));
    maximum_t *all = &fit->maximum;
    memset(all->covariance, 0, (size_t)n * (size_t)n * sizeof *all->covariance);
    for (int i = 0, f = 0; i < n; i++) {
        all->se[i] = 0;
        all->x[i] = part->is_free[i] ? m.x[f] : part->x[i];
        if (!part->is_free[i]) continue;
        all->se[i] = m.se[f];
        for (int j = 0, g = 0; j < n; j++)
            if (part->is_free[j]) all->covariance[i * n + j] = m.covariance[f * n_free + g++];
        f++;
    }
    all->log_l = m.log_l, all->start_log_l = m.start_log_l, all->gradient = m.gradient;
    all->converged = m.converged, all->told = m.told;
    all->iterations += m.iterations;
    fit->aic = 2 * n_free - 2 * m.log_l;
    fit->bic = n_free * log(part->self->n_own) - 2 * m.log_l;
    memcpy(part->x, all->x, (size_t)n * sizeof *part->x);
out:
    maximum_free(&m);
    mem_free(start);
    return ret;
}

/* Whether the data can tell the term's loading: its statistic is not the same everywhere. */
static bool term_varies(const likelihood_t *self, int s) {
    size_t p = (size_t)self->n_terms;
    for (size_t n = 1; n < self->n_nodes; n++)
        if (self->node_values[n * p + (size_t)s] != self->node_values[s]) return true;
    return false;
}

/* Fixes at 0 the excitation whose branching the climb has brought closest to the edge; false if there is
 * none. */
static bool drop_excitation(const likelihood_t *self, double *x, bool *is_free, double below) {
    int at = -1;
    for (int n = 0; n < self->n_excitations; n++) {
        int i = 1 + self->n_terms + 2 * n;
        if (is_free[i] && x[i] < below && (at < 0 || x[i] < x[at])) at = i;
    }
    if (at < 0) return false;
    x[at] = 0;
    is_free[at] = is_free[at + 1] = false;
    return true;
}

int likelihood_fit(const likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit) {
    size_t n = (size_t)self->n_parameters;
    int ret = ERR_NOMEM;
    *fit = (likelihood_fit_t){
        .maximum = {.x = mem_alloc(n, sizeof(double)),
                    .se = mem_alloc(n, sizeof(double)),
                    .covariance = mem_alloc(n * n, sizeof(double))},
        .is_free = mem_alloc(n, sizeof(bool)),
    };
    free_part_t part = {
        .self = self, .x = mem_alloc(n, sizeof(double)), .gradient = mem_alloc(n, sizeof(double))};
    if (!fit->maximum.x || !fit->maximum.se || !fit->maximum.covariance || !fit->is_free || !part.x ||
        !part.gradient)
        goto out;
    part.is_free = fit->is_free;
    likelihood_parameters(self, part.x);
    part.x[0] = 0;
    double exposure = -minus_base(self, part.x, part.gradient); /* at rate 1 */
    part.x[0] = log(self->n_own / exposure);
    for (size_t i = 0; i < n; i++) fit->is_free[i] = true;
    for (int x = 0; x < self->n_excitations; x++) {
        int i = 1 + self->n_terms + 2 * x;
        part.x[i] = fmax(0.05, fmin(0.5, part.x[i]));
        if (keep_half_lives) fit->is_free[i + 1] = false;
        if (self->n_touches[x] > 0) continue;
        fit->is_free[i] = fit->is_free[i + 1] = false;
        part.x[i] = self->kind->excitations[x].branching;
    }
    for (int s = 0; s < self->n_terms; s++) fit->is_free[1 + s] = term_varies(self, s);
    part.x[0] += log(0.7);
    TRY(climb_free(&part, fit));
    while (!fit->maximum.converged && drop_excitation(self, part.x, fit->is_free, 0.02)) {
        fit->n_at_edge++;
        TRY(climb_free(&part, fit));
    }
out:
    mem_free(part.x);
    mem_free(part.gradient);
    return ret;
}

void likelihood_fit_free(likelihood_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->is_free);
    *self = (likelihood_fit_t){0};
}

/* ---- residuals --------------------------------------------------------------------------------------- */

typedef struct {
    double time, rate; /* a change of the pooled base rate per unit of season where it is still */
} step_t;

static int by_time(const void *a, const void *b) {
    double x = ((const step_t *)a)->time, y = ((const step_t *)b)->time;
    return x < y ? -1 : x > y;
}

int likelihood_residuals(const likelihood_t *self, const double *x, residuals_t *residuals) {
    int ret = ERR_NOMEM, n = self->n_own;
    bool by_season = self->still || self->n_nodes == 0;
    step_t *steps = mem_alloc(2 * self->n_nodes + 1, sizeof *steps);
    double *gaps = mem_alloc((size_t)n, sizeof *gaps);
    pool_t pools[16];
    if (!steps || !gaps) goto out;
    size_t n_steps = 0, next = 0;
    for (size_t m = 0; m < self->n_nodes; m++) {
        const node_t *node = &self->nodes[m];
        double span = node->until - node->from;
        if (by_season) span = season_to(self, node->until) - season_to(self, node->from);
        double rate = node->weight * base_of(self, x, self->node_values + m * (size_t)self->n_terms) / span;
        steps[n_steps++] = (step_t){node->from, rate};
        steps[n_steps++] = (step_t){node->until, -rate};
    }
    qsort(steps, n_steps, sizeof *steps, by_time);
    for (int a = 0; a < self->n_excitations; a++) pools[a] = pool_start(self, a);
    double base = 0, rate = 0, at = 0, before = 0;
    for (int m = 0; m < n; m++) {
        double t = self->own_times[m], total;
        for (; next < n_steps && steps[next].time <= t; next++) {
            double to = steps[next].time;
            base += rate * (by_season ? season_to(self, to) - season_to(self, at) : to - at);
            rate += steps[next].rate;
            at = to;
        }
        base += rate * (by_season ? season_to(self, t) - season_to(self, at) : t - at);
        at = t;
        total = base;
        for (int a = 0; a < self->n_excitations; a++) {
            pool_to(self, a, M_LN2 / exp(x[2 + self->n_terms + 2 * a]), t, &pools[a]);
            total += x[1 + self->n_terms + 2 * a] * pools[a].integral;
        }
        gaps[m] = total - before;
        before = total;
    }
    residuals->n = n;
    residuals->mean = gsl_stats_mean(gaps, 1, (size_t)n);
    residuals->serial = n > 2 ? gsl_stats_lag1_autocorrelation(gaps, 1, (size_t)n) * sqrt(n) : NAN;
    gsl_sort(gaps, 1, (size_t)n);
    double d = 0;
    for (int m = 0; m < n; m++) {
        double u = -expm1(-gaps[m]);
        d = fmax(d, fmax((m + 1.0) / n - u, u - (double)m / n));
    }
    residuals->ks = d * sqrt(n);
    ret = 0;
out:
    mem_free(steps);
    mem_free(gaps);
    return ret;
}
