/* The past of one event type along the observed events: its places, its season, its own events with their
 * statistics, the exciting events, and the intervals between. */
#include "fit/likelihood/actors.h"

#include "base/date.h"
#include "base/mem.h"
#include "fit/observed.h"
#include "model/predictor.h"

#include <stdlib.h>

/* ---- season ------------------------------------------------------------------------------------------ */

static int make_season(likelihood_t *self) {
    const season_t *season = &self->kind->season;
    const likelihood_options_t *options = &self->options;
    size_t n_days = (size_t)ceil(self->until);
    self->n_days = (int)n_days;
    self->n_classes = options->weekdays ? N_WEEKDAYS : 1;
    self->n_cells = self->n_classes * (options->months ? N_MONTHS : 1);
    self->has_season = options->weekdays || options->months;
    self->season = mem_alloc(n_days, sizeof *self->season);
    self->weekday_of = mem_alloc(n_days, sizeof *self->weekday_of);
    self->month_of = mem_alloc(n_days, sizeof *self->month_of);
    if (!self->season || !self->weekday_of || !self->month_of) return ERR_NOMEM;
    for (int d = 0; d < self->n_days; d++) {
        double factor = 1, middle = d + 0.5;
        int year, month, day, weekday = date_weekday(self->model->start + d);
        date_civil(self->model->start + d, &year, &month, &day);
        if (options->weekdays)
            self->weekday_of[d] = (unsigned char)weekday;
        else if (season->has_weekday)
            factor *= season->weekday[weekday];
        if (options->months)
            self->month_of[d] = (unsigned char)(month - 1);
        else if (season->has_month)
            factor *= season->month[month - 1];
        bool inside = false;
        for (int w = 0; w < season->n_windows; w++)
            if (middle >= season->windows[w].from && middle < season->windows[w].until)
                inside = true, factor *= season->windows[w].factor;
        if (season->only_in_windows && !inside) factor = 0;
        self->season[d] = factor;
        self->has_season |= factor != 1;
    }
    return 0;
}

void season_factors(const likelihood_t *self, const double *x, double *factors) {
    for (int cell = 0; cell < self->n_cells; cell++) {
        factors[cell] = 1;
        if (self->options.weekdays)
            factors[cell] *= elementary_exp(x[first_of(self, PARAMETER_WEEKDAY) + cell % N_WEEKDAYS]);
        if (self->options.months)
            factors[cell] *= elementary_exp(x[first_of(self, PARAMETER_MONTH) + cell / self->n_classes]);
    }
}

/* ---- places ------------------------------------------------------------------------------------------ */

void likelihood_place_actors(const likelihood_t *self, int place, int *i, int *j) {
    const model_t *m = self->model;
    if (self->kind->scope == SCOPE_DIRECTED)
        *i = flow_from(m, place), *j = flow_to(m, place);
    else
        *i = m->ties[place].a, *j = m->ties[place].b;
}

double term_at(const likelihood_t *self, const world_t *world, int s, int place, double t) {
    const parameter_t *row = term_row(self, s);
    int i, j;
    if (!row->term) return row->effects[tie_of(self, place)];
    likelihood_place_actors(self, place, &i, &j);
    return term_value(world, row->term, i, j, t) - row->term->reference;
}

static int place_of(const likelihood_t *self, int i, int j) {
    int flow = i < 0 || j < 0 || i == j ? -1 : model_flow(self->model, i, j);
    if (flow < 0) return -1;
    int place = self->kind->scope == SCOPE_DIRECTED ? flow : flow / 2;
    return self->is_place[place] ? place : -1;
}

static bool is_there(const likelihood_t *self, int actor) {
    return self->model->actors[actor].from <= self->options.from &&
           self->model->actors[actor].until >= self->until;
}

static int make_places(likelihood_t *self) {
    size_t n_actors = (size_t)self->model->n_actors;
    self->is_place = mem_alloc((size_t)all_places(self) + 1, sizeof *self->is_place);
    self->out_places = mem_alloc(n_actors, sizeof *self->out_places);
    self->in_places = mem_alloc(n_actors, sizeof *self->in_places);
    if (!self->is_place || !self->out_places || !self->in_places) return ERR_NOMEM;
    for (int p = 0; p < all_places(self); p++) {
        int i, j;
        likelihood_place_actors(self, p, &i, &j);
        if (!may_happen_at(self->kind, i, j) || !is_there(self, i) || !is_there(self, j)) continue;
        self->is_place[p] = true;
        self->n_places++;
        self->out_places[i]++;
        (self->kind->scope == SCOPE_DYAD ? self->out_places : self->in_places)[j]++;
    }
    return 0;
}

/* ---- the walk ---------------------------------------------------------------------------------------- */

typedef struct {
    likelihood_t *self;
    world_t *world;
    double *covered; /* [all places] */
    double longest;
} walk_t;

static int cover_place(walk_t *walk, int place, double until) {
    if (place < 0 || walk->covered[place] >= until) return 0;
    double from = walk->covered[place];
    walk->covered[place] = until;
    return exposure_add(walk->self, walk->world, place, from, until, walk->longest);
}

static int cover_all(walk_t *walk, double until) {
    int ret = 0;
    for (int p = 0; p < all_places(walk->self); p++)
        if (walk->self->is_place[p]) TRY(cover_place(walk, p, until));
out:
    return ret;
}

/* Whether an event of the type changes the statistic of the term. */
static bool moves(const model_t *model, int kind, const term_t *term) {
    switch (term->statistic->motion) {
    case MOTION_STRENGTH:
    case MOTION_ALIGNMENT:
        return model->kinds[kind].goldstein != 0;
    case MOTION_COUNT:
        return term->ref == kind;
    case MOTION_NONE:
    case MOTION_CLOCK:
        break;
    }
    return false;
}

/* Whether an event of the type changes statistics of the fitted type. */
static bool matters(const likelihood_t *self, int kind) {
    bool any = false;
    for (int s = 0; s < self->kind->log_rate.n; s++)
        any |= moves(self->model, kind, &self->kind->log_rate.terms[s]);
    return any;
}

static int add_instant(likelihood_t *self, instant_t instant) {
    int ret = ARRAY_RESERVE(self->instants, self->n_instants, self->instants_capacity);
    if (ret == 0) self->instants[self->n_instants++] = instant;
    return ret;
}

/* Adds the marks of all that the event excites, as in engine/process/excite.c; `like` has the weight and the
 * source. */
static int excite(likelihood_t *self, const observed_t *event, instant_t like) {
    int i = event->initiator, j = event->target, ret = 0;
    bool both_ways =
        self->kind->scope == SCOPE_DIRECTED && self->model->kinds[event->kind].scope == SCOPE_DYAD;
    for (int x = 0; x < self->n_excitations && j >= 0; x++) {
        const excitation_t *excitation = &self->kind->excitations[x];
        instant_t instant = like;
        instant.excitation = x, instant.place = place_of(self, i, j), instant.actor = -1;
        if (excitation->kind != event->kind) continue;
        if (excitation->relation == RELATION_REVERSED)
            instant.place = self->kind->scope == SCOPE_DYAD || both_ways ? -1 : place_of(self, j, i);
        else if (excitation->relation != RELATION_SAME)
            instant.actor = excitation->relation == RELATION_INITIATOR ? i : j;
        if (instant.place >= 0 || instant.actor >= 0) TRY(add_instant(self, instant));
        instant.place = place_of(self, j, i);
        if (both_ways && excitation->relation == RELATION_SAME && instant.place >= 0)
            TRY(add_instant(self, instant));
    }
out:
    return ret;
}

/* The expected events before the data begin. */
static int excite_left_truncated(likelihood_t *self) {
    const model_t *model = self->model;
    int n_flows = 2 * model->n_ties, ret = 0;
    for (int k = 0; self->options.left_truncated && k < model->n_kinds; k++)
        for (int flow = 0; flow < n_flows; flow++) {
            double rate = self->options.left_truncated[k * n_flows + flow];
            observed_t event = {
                .kind = k, .initiator = flow_from(model, flow), .target = flow_to(model, flow)};
            if (rate > 0)
                TRY(excite(self, &event,
                           (instant_t){.time = self->options.begin, .weight = rate, .is_stream = true}));
        }
out:
    return ret;
}

static int add_own(walk_t *walk, const observed_t *event, int e, int place, fault_t *err) {
    likelihood_t *self = walk->self;
    if (place < 0 || self->season[day_of(self, event->time)] <= 0)
        return error_set(
            err, ERR_DATA,
            "an event of %s on day %.0f occurred where its intensity is always 0: its actors have no "
            "tie, may not take part in it (between), are absent for a time, or its season is 0",
            self->kind->name, floor(event->time));
    for (int s = 0; s < self->n_terms; s++)
        self->own_values[self->n_own * self->n_terms + s] = term_at(self, walk->world, s, place, event->time);
    if (self->options.once_a_day) { /* another could not be told until midnight */
        int ret = cover_place(walk, place, event->time);
        if (ret < 0) return ret;
        walk->covered[place] = floor(event->time) + 1;
    }
    self->own_times[self->n_own] = event->time;
    self->own_places[self->n_own] = place;
    self->own_events[self->n_own] = e;
    return add_instant(
        self, (instant_t){
                  .time = event->time, .excitation = -1, .place = place, .actor = -1, .row = self->n_own++});
}

static int by_time(const void *a, const void *b) {
    const instant_t *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    if ((x->excitation < 0) != (y->excitation < 0)) return x->excitation < 0 ? -1 : 1;
    if (x->excitation != y->excitation) return x->excitation - y->excitation;
    return x->place != y->place ? x->place - y->place : x->actor - y->actor;
}

/* Own events by place, in time. */
static int sort_own(likelihood_t *self) {
    size_t n = (size_t)self->n_own, n_places = (size_t)all_places(self), p = (size_t)self->n_terms;
    int ret = ERR_NOMEM;
    int *next = mem_alloc(n_places + 1, sizeof *next), *places = mem_alloc(n, sizeof *places),
        *events = mem_alloc(n, sizeof *events);
    double *values = mem_alloc(n * p, sizeof *values), *times = mem_alloc(n, sizeof *times);
    if (!next || !places || !events || !values || !times) goto out;
    for (size_t e = 0; e < n; e++) next[self->own_places[e] + 1]++;
    for (size_t place = 0; place < n_places; place++) next[place + 1] += next[place];
    for (size_t m = 0; m < self->n_instants; m++) {
        instant_t *instant = &self->instants[m];
        if (instant->excitation >= 0) continue;
        size_t from = (size_t)instant->row, to = (size_t)next[instant->place]++;
        for (size_t s = 0; s < p; s++) values[to * p + s] = self->own_values[from * p + s];
        times[to] = instant->time;
        places[to] = instant->place;
        events[to] = self->own_events[from];
        instant->row = (int)to;
    }
    mem_free(self->own_values);
    mem_free(self->own_times);
    mem_free(self->own_places);
    mem_free(self->own_events);
    self->own_values = values, self->own_times = times, self->own_places = places;
    self->own_events = events;
    values = times = NULL, places = events = NULL;
    ret = 0;
out:
    mem_free(next);
    mem_free(places);
    mem_free(events);
    mem_free(values);
    mem_free(times);
    return ret;
}

static int walk_events(likelihood_t *self, int n_events, const observed_t *events, fault_t *err) {
    world_t world = {0};
    int ret = world_init(&world, self->model);
    walk_t walk = {.self = self, .world = &world, .longest = exposure_longest(self)};
    double refresh = self->model->dynamics.refresh, next = refresh;
    bool sampled = !self->still && self->model->has_sampled;
    if (ret < 0) goto out;
    ret = ERR_NOMEM;
    walk.covered = mem_alloc((size_t)all_places(self) + 1, sizeof *walk.covered);
    if (!walk.covered) goto out;
    for (int p = 0; p < all_places(self); p++) walk.covered[p] = self->options.from;
    world_prepare(&world);
    world_reset(&world);
    world_refresh(&world, 0);
    TRY(excite_left_truncated(self));
    for (int e = 0; e < n_events; e++) {
        const observed_t *event = &events[e];
        if (event->time >= self->until) break;
        while (sampled && next <= event->time) {
            TRY(cover_all(&walk, next));
            world_refresh(&world, next);
            next += refresh;
        }
        if (!self->still && event->time > 0 && event->target >= 0 && matters(self, event->kind)) {
            TRY(cover_place(&walk, place_of(self, event->initiator, event->target), event->time));
            TRY(cover_place(&walk, place_of(self, event->target, event->initiator), event->time));
        }
        if (event->kind == self->k && event->time >= self->options.from)
            TRY(add_own(&walk, event, e, place_of(self, event->initiator, event->target), err));
        TRY(excite(self, event, (instant_t){.time = event->time, .weight = 1}));
        double hidden = self->options.hidden ? self->options.hidden[e] : 0;
        double until_midnight = floor(event->time) + 1 - event->time;
        if (hidden > 0)
            TRY(excite(self, event, (instant_t){.time = event->time + until_midnight / 2, .weight = hidden}));
        observed_move(&world, event);
    }
    while (sampled && next < self->until) {
        TRY(cover_all(&walk, next));
        world_refresh(&world, next);
        next += refresh;
    }
    TRY(cover_all(&walk, self->until));
    if (self->n_instants) qsort(self->instants, self->n_instants, sizeof *self->instants, by_time);
    TRY(sort_own(self));
    TRY(exposure_sort(self));
out:
    mem_free(walk.covered);
    world_free(&world);
    return ret;
}

int likelihood_init(likelihood_t **out_self, model_t *model, int k, int n_events, const observed_t *events,
                    double until, const likelihood_options_t *options, fault_t *err) {
    const kind_t *kind = &model->kinds[k];
    int ret = 0;
    size_t n_own = 0;
    double from = options ? options->from : 0;
    *out_self = NULL;
    for (int e = 0; e < n_events; e++)
        n_own += events[e].kind == k && events[e].time >= from && events[e].time < until;
    if (kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD)
        return error_set(err, ERR_DATA, "%s is not fitted: its scope is %s", kind->name,
                         scope_names[kind->scope]);
    int n_terms = kind->log_rate.n + (options ? options->n_others : 0);
    if (n_terms > MOST_TERMS || kind->n_excitations > MOST_EXCITATIONS)
        return error_set(err, ERR_DATA, "%s has more than %d statistics or %d excitations", kind->name,
                         MOST_TERMS, MOST_EXCITATIONS);
    if (n_own == 0) return error_set(err, ERR_DATA, "%s is not fitted: there is no event of it", kind->name);
    likelihood_t *self = mem_alloc(1, sizeof *self);
    if (!self) return error_memory(err);
    *self = (likelihood_t){.model = model,
                           .kind = kind,
                           .k = k,
                           .until = until,
                           .still = true,
                           .n_terms = n_terms,
                           .n_excitations = kind->n_excitations};
    if (options) self->options = *options;
    for (int s = 0; s < kind->log_rate.n; s++)
        self->still &= kind->log_rate.terms[s].statistic->klass == STATISTIC_STATIC;
    for (int x = 0; x < self->n_excitations; x++) self->half_lives[x] = NAN;
    self->own_values = mem_alloc(n_own * (size_t)self->n_terms, sizeof *self->own_values);
    self->own_times = mem_alloc(n_own, sizeof *self->own_times);
    self->own_places = mem_alloc(n_own, sizeof *self->own_places);
    self->own_events = mem_alloc(n_own, sizeof *self->own_events);
    self->excited = mem_alloc(n_own * (size_t)self->n_excitations, 3 * sizeof *self->excited);
    self->effects = mem_alloc((size_t)model->n_ties, sizeof *self->effects);
    self->effect_sds = mem_alloc((size_t)model->n_ties, sizeof *self->effect_sds);
    ret = ERR_NOMEM;
    if (!self->own_values || !self->own_times || !self->own_places || !self->own_events || !self->excited ||
        !self->effects || !self->effect_sds)
        goto out;
    TRY(parameters_build(self));
    TRY(make_season(self));
    self->pooled = mem_alloc((size_t)self->n_excitations * (size_t)self->n_cells, 3 * sizeof *self->pooled);
    ret = ERR_NOMEM;
    if (!self->pooled) goto out;
    TRY(make_places(self));
    TRY(actors_init(self));
    TRY(walk_events(self, n_events, events, err));
out:
    if (ret < 0) {
        likelihood_free(self);
        return ret == ERR_NOMEM ? error_memory(err) : ret;
    }
    *out_self = self;
    return 0;
}

void likelihood_free(likelihood_t *self) {
    if (!self) return;
    mem_free(self->parameters.rows);
    mem_free(self->season);
    mem_free(self->weekday_of);
    mem_free(self->month_of);
    mem_free(self->is_place);
    mem_free(self->out_places);
    mem_free(self->in_places);
    mem_free(self->pieces);
    mem_free(self->nodes);
    mem_free(self->own_values);
    mem_free(self->own_times);
    mem_free(self->own_places);
    mem_free(self->own_events);
    mem_free(self->instants);
    mem_free(self->excited);
    mem_free(self->pooled);
    mem_free(self->effects);
    mem_free(self->effect_sds);
    mem_free(self->place_factors);
    actor_effects_free(&self->actors);
    mem_free(self);
}

int likelihood_n_events(const likelihood_t *self) {
    return self->n_own;
}

int likelihood_n_places(const likelihood_t *self) {
    return self->n_places;
}
