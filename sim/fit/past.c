/* The past of one kind along the observed events. */
#include "fit/internal.h"

#include "base/date.h"
#include "base/mem.h"
#include "fit/observed.h"
#include "model/predictor.h"
#include "model/world.h"

#include <stdlib.h>

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
        observed_move(&world, event);
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
