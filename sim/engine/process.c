/* Processes: which there are, and which of their points comes next.
 *
 * A process keeps two candidates. `low` is the next point of strip 0, whatever the intensity: it stays until
 * its time has come. `high` is the next point of the strips above that lies below the bound of the base
 * intensity; it is looked for anew whenever the bound rises past what it was looked for, which in a
 * well-scaled process is seldom. The earlier of the two is in the queue. A process whose bound lies far below
 * its scale sleeps: it keeps no `low` and looks for `high` in all strips.
 */
#include "engine/internal.h"

#include "base/date.h"
#include "base/mem.h"
#include <assert.h>
#include <gsl/gsl_math.h>
#include <string.h>

/* Logs of: how far below its scale a process sleeps; how much a bound may rise before strips are looked at
 * anew; the rounding of what is kept as a float; the intensity, a day, past which the clock could not tell
 * points apart. */
#define LOG_SLEEP (-3 * M_LN2)
#define LOG_SLACK 0.06
#define SCALE_ROOM 0x1.004p0
#define LOG_ROUNDING 2e-5f
#define LOG_INTENSITY_MAX (9 * M_LN10)

/* ---- layout ----------------------------------------------------------------------------------------- */

static int sites_of(const model_t *model, scope_t scope) {
    switch (scope) {
    case SCOPE_DIRECTED:
        return 2 * model->n_ties;
    case SCOPE_DYAD:
        return model->n_ties;
    case SCOPE_ACTOR:
        return model->n_actors;
    default:
        return model->n_groups;
    }
}

static bool sets_rate(const model_t *model, int n_settings, const setting_t *settings, const kind_t *kind) {
    for (int n = 0; n < n_settings; n++)
        if (model->params[settings[n].param].value == &kind->rate_per_year) return true;
    return false;
}

/* A kind can happen by itself if it is excited, or has a base rate or may be given one. */
static bool can_happen_by_itself(const engine_t *self, int k) {
    const model_t *model = self->model;
    const kind_t *kind = &model->kinds[k];
    if (kind->rate_per_year > 0 || kind->n_excitations > 0 || self->rate_is_set[k]) return true;
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->params[model->uncertain[u].param].value == &kind->rate_per_year) return true;
    for (int v = 0; v < model->n_variants; v++)
        if (sets_rate(model, model->variants[v].n_settings, model->variants[v].settings, kind)) return true;
    for (int n = 0; n < model->n_interventions; n++)
        if (sets_rate(model, model->interventions[n].n_settings, model->interventions[n].settings, kind))
            return true;
    return false;
}

bool processes_suffice(engine_t *self, int n_settings, const setting_t *settings) {
    bool suffice = true;
    for (int k = 0; k < self->model->n_kinds; k++) {
        if (self->kinds[k].slot >= 0 || !sets_rate(self->model, n_settings, settings, &self->model->kinds[k]))
            continue;
        self->rate_is_set[k] = true;
        suffice = false;
    }
    return suffice;
}

static place_t place_of(const model_t *model, scope_t scope, int site) {
    if (scope == SCOPE_ACTOR) return (place_t){(int16_t)site, -1, -1};
    if (scope == SCOPE_GROUP) return (place_t){-1, -1, (int16_t)site};
    int flow = scope == SCOPE_DIRECTED ? site : 2 * site;
    place_t place = {(int16_t)flow_from(model, flow), (int16_t)flow_to(model, flow), -1};
    bool turned = scope == SCOPE_DYAD && strcmp(model->actors[place.i].name, model->actors[place.j].name) > 0;
    return turned ? (place_t){place.j, place.i, -1} : place;
}

static int region_init(engine_t *self, scope_t scope) {
    const model_t *model = self->model;
    region_t *region = &self->regions[scope];
    region->n_sites = sites_of(model, scope);
    region->readers = mem_alloc((size_t)model->n_kinds + 1, sizeof *region->readers);
    region->places = mem_alloc((size_t)region->n_sites + 1, sizeof *region->places);
    if (!region->readers || !region->places) return ERR_NOMEM;
    for (int site = 0; site < region->n_sites; site++) region->places[site] = place_of(model, scope, site);
    for (int k = 0; k < model->n_kinds; k++)
        if (model->kinds[k].scope == scope && can_happen_by_itself(self, k))
            self->kinds[k].slot = (int16_t)region->n_kinds++;
    region->first = self->n_processes;
    self->n_processes += (uint32_t)region->n_sites * (uint32_t)region->n_kinds;
    region->n_bunches = (region->n_kinds + BUNCH_MAX - 1) / BUNCH_MAX;
    region->bunch_size =
        region->n_bunches ? (region->n_kinds + region->n_bunches - 1) / region->n_bunches : 1;
    region->first_bunch = self->n_bunches;
    self->n_bunches += (uint32_t)region->n_sites * (uint32_t)region->n_bunches;
    for (int k = 0; k < model->n_kinds; k++)
        if (model->kinds[k].scope == scope && self->kinds[k].slot >= 0)
            self->kinds[k].bunch = (int16_t)(self->kinds[k].slot / region->bunch_size);
    return 0;
}

static int kind_state_init(engine_t *self, int k) {
    model_t *model = self->model;
    kind_state_t *state = &self->kinds[k];
    state->lazy = mem_alloc((size_t)model->kinds[k].log_rate.n + 1, sizeof *state->lazy);
    state->counters = mem_alloc((size_t)self->world.n_counters + 1, sizeof *state->counters);
    const season_t *season = &model->kinds[k].season;
    if (season->has_weekday || season->has_month || season->n_windows) {
        state->season = mem_alloc((size_t)self->n_days, sizeof *state->season);
        if (!state->season) return ERR_NOMEM;
    }
    size_t sites = state->slot < 0 ? 0 : (size_t)self->regions[model->kinds[k].scope].n_sites;
    state->static_part = mem_alloc(sites + 1, sizeof *state->static_part);
    if (!state->lazy || !state->counters || !state->static_part) return ERR_NOMEM;
    for (int c = 0; c < self->world.n_counters; c++)
        if (self->world.counters[c]->ref == k) state->counters[state->n_counters++] = c;
    return 0;
}

/* The excitation's name: its relation, and its number among those of the same source and relation, which
 * differ by half-life. */
static uint32_t name_of(const kind_t *kind, int x) {
    const excitation_t *excitation = &kind->excitations[x];
    uint32_t number = 0;
    for (int y = 0; y < x; y++)
        number += kind->excitations[y].kind == excitation->kind &&
                  kind->excitations[y].relation == excitation->relation;
    return number * RELATION_N + (uint32_t)excitation->relation;
}

static receiver_t receiver_of(const engine_t *self, int k, int x) {
    const kind_t *kind = &self->model->kinds[k];
    const region_t *region = &self->regions[kind->scope];
    uint32_t slot = (uint32_t)self->kinds[k].slot;
    return (receiver_t){.key = self->kind_keys[k],
                        .name = OFFSPRING_STREAM | name_of(kind, x),
                        .first = region->first + slot,
                        .n_kinds = region->n_kinds,
                        .kind = k,
                        .excitation = x,
                        .scope = kind->scope,
                        .relation = kind->excitations[x].relation,
                        .anyone = !kind->initiators && !kind->targets};
}

/* Turns "who excites me" round: every kind's list of those it excites. */
static int receivers_init(engine_t *self) {
    model_t *model = self->model;
    size_t n = 0;
    for (int k = 0; k < model->n_kinds; k++) n += (size_t)model->kinds[k].n_excitations;
    self->receivers = mem_alloc_lines(n + 1, sizeof *self->receivers);
    self->streams = mem_alloc_lines(n + 1, sizeof *self->streams);
    if (!self->receivers || !self->streams) return ERR_NOMEM;
    for (int fill = 0; fill < 2; fill++) {
        size_t at = 0;
        for (int k = 0; fill && k < model->n_kinds; k++) {
            kind_state_t *state = &self->kinds[k];
            state->receivers = self->receivers + at;
            state->streams = self->streams + at;
            at += (size_t)state->n_receivers;
            state->n_receivers = 0;
        }
        for (int k = 0; k < model->n_kinds; k++)
            for (int x = 0; x < model->kinds[k].n_excitations; x++) {
                const excitation_t *excitation = &model->kinds[k].excitations[x];
                kind_state_t *source = &self->kinds[excitation->kind];
                if (fill) source->receivers[source->n_receivers] = receiver_of(self, k, x);
                source->n_receivers++;
            }
    }
    return 0;
}

/* The measure's key: the names of the process and nothing else. */
static uint64_t process_key(const engine_t *self, const process_t *p) {
    place_t place = process_place(self, p);
    uint64_t key = rng_key_number(self->seed, self->kind_keys[p->kind]);
    if (place.group >= 0) return rng_key_text(key, self->model->groups[place.group].name);
    uint64_t a = self->actor_keys[place.i], b = place.j < 0 ? 0 : self->actor_keys[place.j];
    if (self->model->kinds[p->kind].scope == SCOPE_DYAD && a > b) /* a dyad has no order of its actors */
        return rng_key_number(rng_key_number(key, b), a);
    return rng_key_number(rng_key_number(key, a), b);
}

static void place_processes(engine_t *self, int k) {
    const region_t *region = &self->regions[self->model->kinds[k].scope];
    for (int site = 0; self->kinds[k].slot >= 0 && site < region->n_sites; site++) {
        process_t *p = process_at(self, k, site);
        p->kind = (int16_t)k;
        p->site = site;
        p->key = process_key(self, p);
    }
}

static int sites_init(sites_t *self, int n) {
    self->list = mem_alloc((size_t)n + 1, sizeof *self->list);
    self->in = mem_alloc((size_t)n + 1, sizeof *self->in);
    return self->list && self->in ? 0 : ERR_NOMEM;
}

static void sites_free(sites_t *self) {
    mem_free(self->list);
    mem_free(self->in);
    *self = (sites_t){0};
}

static inline void sites_add(sites_t *self, int site) {
    if (self->in[site]) return;
    self->in[site] = true;
    self->list[self->n++] = site;
}

static void sites_clear(sites_t *self) {
    for (int n = 0; n < self->n; n++) self->in[self->list[n]] = false;
    self->n = 0;
}

int processes_init(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    self->n_days = (int)ceil(model->horizon) + 1;
    self->kinds = mem_alloc_lines((size_t)model->n_kinds + 1, sizeof *self->kinds);
    if (!self->kinds) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++) {
        self->kinds[k].slot = -1;
        self->kinds[k].scope = (uint8_t)model->kinds[k].scope;
    }
    for (int scope = 0; scope < SCOPE_N; scope++) TRY(region_init(self, (scope_t)scope));
    for (int k = 0; k < model->n_kinds; k++) TRY(kind_state_init(self, k));
    TRY(receivers_init(self));
    self->processes = mem_alloc_lines((size_t)self->n_processes + 1, sizeof *self->processes);
    if (!self->processes) return ERR_NOMEM;
    self->room = mem_alloc_lines((size_t)self->n_processes + 1, sizeof *self->room);
    self->next = mem_alloc_lines((size_t)self->n_processes + 1, sizeof *self->next);
    if (!self->room || !self->next) return ERR_NOMEM;
    self->is_large = self->n_processes > (1u << 18) / sizeof *self->processes;
    TRY(sites_init(&self->dirty_ties, model->n_ties));
    TRY(sites_init(&self->dirty_actors, model->n_actors));
    for (int k = 0; k < model->n_kinds; k++) place_processes(self, k);
    TRY(heap_init(&self->queue, self->n_bunches, NULL));
out:
    return ret;
}

void processes_free(engine_t *self) {
    for (int k = 0; self->kinds && k < self->model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        void *blocks[] = {state->lazy, state->counters, state->season, state->static_part};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    }
    for (int scope = 0; scope < SCOPE_N; scope++) {
        mem_free(self->regions[scope].readers);
        mem_free(self->regions[scope].places);
    }
    mem_free(self->kinds);
    mem_free(self->receivers);
    mem_free(self->streams);
    mem_free(self->processes);
    mem_free(self->room);
    mem_free(self->next);
    sites_free(&self->dirty_ties);
    sites_free(&self->dirty_actors);
    mem_free(self->offspring);
    heap_free(&self->queue);
    self->kinds = NULL;
    self->receivers = NULL;
    self->streams = NULL;
    self->processes = NULL;
    self->room = NULL;
    self->next = NULL;
    self->offspring = NULL;
    self->offspring_capacity = 0;
    self->n_processes = self->n_bunches = 0;
    memset(self->regions, 0, sizeof self->regions);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void prepare_duties(engine_t *self, int k) {
    const kind_t *kind = &self->model->kinds[k];
    kind_state_t *state = &self->kinds[k];
    bool shocks = kind->shock_slot >= 0 && kind->trade_shock != 0;
    bool changes = kind->deal.on || kind->n_conditions || kind->n_memberships || kind->n_presences;
    state->duties = (kind->has_value ? DUTY_VALUE : 0) | (kind->n_sectors ? DUTY_SECTOR : 0) |
                    (kind->has_success ? DUTY_SUCCESS : 0) | (kind->in_person ? DUTY_IN_PERSON : 0) |
                    (kind->summit.on ? DUTY_CONVENES : 0) |
                    (kind->goldstein != 0 || shocks ? DUTY_MOVES : 0) | (changes ? DUTY_CHANGES : 0) |
                    (kind->n_then || kind->reply.on ? DUTY_FOLLOWS : 0);
    state->sure_level = LEVEL_N;
    for (int l = 0; l < LEVEL_N; l++)
        if (kind->level_weight[l] >= 1) state->sure_level = (uint8_t)l;
}

static void prepare_season(engine_t *self, int k) {
    const season_t *season = &self->model->kinds[k].season;
    kind_state_t *state = &self->kinds[k];
    state->season_max = 1;
    state->log_season = 0;
    if (!state->season) return;
    state->season_max = 0;
    for (int day = 0; day < self->n_days; day++) {
        double factor = 1, date = self->model->start + day;
        int year, month, of_month;
        date_civil(date, &year, &month, &of_month);
        if (season->has_weekday) factor *= season->weekday[date_weekday(date)];
        if (season->has_month) factor *= season->month[month - 1];
        bool inside = false;
        for (int w = 0; w < season->n_windows; w++) {
            if (day < season->windows[w].from || day >= season->windows[w].until) continue;
            factor *= season->windows[w].factor;
            inside = inside || season->windows[w].factor > 0;
        }
        if (season->only_in_windows && !inside) factor = 0;
        state->season[day] = factor;
        state->season_max = GSL_MAX(state->season_max, factor);
    }
    state->log_season = log(state->season_max);
}

static void prepare_receivers(engine_t *self, int source) {
    for (int n = 0; n < self->kinds[source].n_receivers; n++) {
        receiver_t *r = &self->kinds[source].receivers[n];
        const excitation_t *excitation = &self->model->kinds[r->kind].excitations[r->excitation];
        r->decay = M_LN2 / excitation->half_life;
        r->mean = excitation->branching;
        r->most = r->mean * self->kinds[r->kind].season_max;
        bool spreads = r->relation >= RELATION_INITIATOR && r->scope <= SCOPE_DYAD; /* numbers of their own */
        self->kinds[source].streams[n] =
            (stream_t){r->name, (uint32_t)r->key, (uint32_t)(r->key >> 32), spreads ? 0 : none_below(r)};
    }
}

/* What the static statistics of all kinds are read from. */
static uint64_t attributes_key(const model_t *model) {
    uint64_t key = 0;
    for (int i = 0; i < model->n_actors; i++) {
        key = rng_key_doubles(key, 1, &model->actors[i].gdp_usd);
        key = rng_key_doubles(key, model->n_actor_attributes, model->actors[i].attributes);
    }
    for (int e = 0; e < model->n_ties; e++) {
        key = rng_key_doubles(key, 1, &model->ties[e].distance_km);
        key = rng_key_doubles(key, model->n_tie_attributes, model->ties[e].attributes);
    }
    return key;
}

/* The static part of a kind's predictor at every site, kept until what it is made of changes. */
static void prepare_static(engine_t *self, int k, uint64_t attributes) {
    const kind_t *kind = &self->model->kinds[k];
    kind_state_t *state = &self->kinds[k];
    const region_t *region = &self->regions[kind->scope];
    uint64_t key = attributes;
    state->log_base = kind->rate_per_year > 0 ? log(kind->rate_per_year / DAYS_PER_YEAR) : -INFINITY;
    for (int n = 0; n < kind->log_rate.n; n++) {
        key = rng_key_doubles(key, 1, &kind->log_rate.terms[n].loading);
        key = rng_key_doubles(key, 1, &kind->log_rate.terms[n].centre);
    }
    if (state->slot < 0 || key == state->static_key) return;
    state->static_key = key;
    for (int site = 0; site < region->n_sites; site++) {
        place_t at = region->places[site];
        double part =
            at.i < 0 ? 0 : predictor_part(&self->world, &kind->log_rate, STATISTIC_STATIC, at.i, at.j, 0);
        state->static_part[site] = at.i >= 0 && !may_happen_at(kind, at.i, at.j) ? -INFINITY : part;
    }
}

/* log of the part of the intensity that only parameters and refreshes change. */
static double log_rate_of(const engine_t *self, const process_t *p, bool sampled) {
    const kind_state_t *state = &self->kinds[p->kind];
    double log_rate = state->log_base + state->static_part[p->site] + state->lazy_constant;
    if (!sampled || !self->model->has_sampled || !(log_rate > -INFINITY)) return log_rate;
    place_t at = process_place(self, p);
    if (at.i < 0) return log_rate;
    return log_rate + predictor_part(&self->world, &self->model->kinds[p->kind].log_rate, STATISTIC_SAMPLED,
                                     at.i, at.j, self->now);
}

void processes_prepare(engine_t *self) {
    const model_t *model = self->model;
    uint64_t attributes = attributes_key(model);
    for (int scope = 0; scope < SCOPE_N; scope++) self->regions[scope].n_readers = 0;
    for (int k = 0; k < model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        region_t *region = &self->regions[model->kinds[k].scope];
        prepare_duties(self, k);
        prepare_season(self, k);
        prepare_static(self, k, attributes);
        kind_prepare(self, k);
        bool reads = state->strength_loading != 0 || state->alignment_loading != 0 || state->n_lazy > 0;
        if (state->slot >= 0 && reads && state->log_base > -INFINITY)
            region->readers[region->n_readers++] =
                (reader_t){state->slot, state->n_lazy > 0, state->strength_loading, state->alignment_loading};
    }
    for (int k = 0; k < model->n_kinds; k++) prepare_receivers(self, k);
    processes_refresh(self);
}

static inline uint32_t id_of(const engine_t *self, const process_t *p) {
    return (uint32_t)(p - self->processes);
}

static void make_room(engine_t *self, const process_t *p) {
    self->room[id_of(self, p)] =
        p->log_rate > -INFINITY ? (float)((double)p->log_ceiling - p->log_rate) - LOG_ROUNDING : INFINITY;
}

void processes_refresh(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->log_rate = log_rate_of(self, p, true);
        make_room(self, p);
    }
}

/* ---- candidates ------------------------------------------------------------------------------------- */

/* The scale of a measure: 2^(quarters / 4), and a thousandth more, so that a base rate of just that is below.
 */
static inline double scale_of(int quarters) {
    static const double root[] = {1, 0x1.306fe0a31b715p+0, 0x1.6a09e667f3bcdp+0, 0x1.ae89f995ad3adp+0};
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)(1023 + (quarters >> 2)) << 52};
    return SCALE_ROOM * root[quarters & 3] * two.value;
}

static inline measure_t measure_of(const engine_t *self, const process_t *p) {
    return (measure_t){p->key, self->replicate, scale_of(p->scale)};
}

/* Strip 0 is made to hold the base rate of the state at the start, at the season's height. */
void processes_scale(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->log_rate = log_rate_of(self, p, false); /* sampled statistics see all actors: a scale must not */
        double scale = self->kinds[p->kind].season_max * process_base(self, p, 0);
        bool usable = scale > 1e-9 && scale < 1e9;
        p->scale = (int16_t)ceil(4 * log2(usable ? scale : 1 / DAYS_PER_YEAR) - 1e-3);
    }
}

static const point_t never = {INFINITY, INFINITY};

void processes_reset(engine_t *self) {
    heap_clear(&self->queue);
    sites_clear(&self->dirty_ties);
    sites_clear(&self->dirty_actors);
    self->view.tie = -1;
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->low = p->high = never;
        p->log_ceiling = -INFINITY;
        p->asleep = true;
        make_room(self, p);
        self->next[n] = INFINITY;
    }
    self->n_offspring = 0;
    self->free_offspring = OFFSPRING_NONE;
}

/* Puts down the earlier of its candidates, and the earliest of its bunch in the queue. */
static void queue_earlier(engine_t *self, const process_t *p) {
    const kind_state_t *kind = &self->kinds[p->kind];
    const region_t *region = &self->regions[kind->scope];
    int from = kind->bunch * region->bunch_size;
    int n = GSL_MIN(region->bunch_size, region->n_kinds - from), least = 0;
    uint32_t first = region->first + (uint32_t)(p->site * region->n_kinds + from);
    const double *next = self->next + first;
    self->next[id_of(self, p)] = GSL_MIN(p->low.time, p->high.time);
    double time = next[0];
    for (int k = 1; k < n; k++) {
        least = next[k] < time ? k : least;
        time = GSL_MIN(next[k], time);
    }
    heap_set_as(&self->queue, bunch_of(self, p), first + (uint32_t)least, time);
}

/* The next point of strip 0; `number` as measure_next has it. */
static void look_low(engine_t *self, process_t *p, const measure_t *measure, uint32_t number) {
    if (!measure_next(measure, 0, self->now, self->model->horizon, INFINITY, &p->low, &number))
        p->low = never;
    p->low_number = number <= UINT8_MAX ? (uint8_t)number : 0;
}

/* Looks in the strips above 0 (asleep: in all) for the first point below the bound. Up to `known` it has been
 * looked for. */
static void look_high(engine_t *self, process_t *p, const measure_t *measure, double known, double bound) {
    if (known == 0) p->high = never;
    double until = GSL_MIN(GSL_MIN(p->low.time, p->high.time), self->model->horizon);
    for (int strip = p->asleep ? 0 : 1; strip <= MEASURE_MAX_STRIP; strip++) {
        if (strip > 0 && bound <= measure_top(measure, strip - 1)) break;
        if (measure_top(measure, strip) <= known) continue;
        uint32_t number = 0;
        if (measure_next(measure, strip, self->now, until, bound, &p->high, &number)) until = p->high.time;
    }
}

/* log of the top of its strip 0 */
static inline double log_scale(const process_t *p) {
    return (double)p->scale * (M_LN2 / 4) + 9.7e-4; /* log(SCALE_ROOM) is more */
}

/* Makes the candidates right for a bound of the log of its base rate. `risen`: what was found up to the
 * former one still holds. */
static void bind(engine_t *self, process_t *p, double log_bound, bool risen) {
    double log_season = self->kinds[p->kind].log_season, level = log_bound + log_season;
    if (level == -INFINITY) { /* nothing can happen until something raises it */
        p->low = p->high = never;
        p->asleep = true;
        p->log_ceiling = -INFINITY;
        make_room(self, p);
        queue_earlier(self, p);
        return;
    }
    if (!(level < LOG_INTENSITY_MAX)) {
        self->result->stop = STOP_INTENSITY;
        return;
    }
    measure_t measure = measure_of(self, p);
    double room = level - log_scale(p);
    bool sleeps = room < LOG_SLEEP;
    if (sleeps)
        p->low = never;
    else if (p->asleep)
        look_low(self, p, &measure, 0);
    bool holds = risen && p->asleep == sleeps;
    p->asleep = sleeps;
    if (!sleeps && room < 0) { /* all that fits into strip 0 has been looked for */
        p->high = never;
        p->log_ceiling = (float)(log_scale(p) - log_season) - LOG_ROUNDING;
    } else {
        double known = holds ? exp((double)p->log_ceiling + log_season) : 0;
        look_high(self, p, &measure, known, exp_above(level + LOG_SLACK));
        p->log_ceiling = (float)(log_bound + LOG_SLACK) - LOG_ROUNDING;
    }
    make_room(self, p);
    queue_earlier(self, p);
}

void process_bind(engine_t *self, process_t *p, double log_bound) {
    if (log_bound > (double)p->log_ceiling)
        bind(self, p, log_bound, true); /* else what was found still holds */
}

void process_next(engine_t *self, process_t *p, bool high) {
    if (!high) {
        measure_t measure = measure_of(self, p);
        look_low(self, p, &measure, p->low_number);
    }
    bind(self, p, process_log_bound(self, p, self->now),
         false); /* `high` was looked for up to this moment only */
}

void processes_bind_all(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        process_bind(self, p, process_log_bound(self, p, self->now));
    }
}

void tie_mark(engine_t *self, int tie) {
    if (self->view.tie == tie) self->view.tie = -1;
    sites_add(&self->dirty_ties, tie);
}

void actor_mark(engine_t *self, int actor) {
    sites_add(&self->dirty_actors, actor);
    for (int j = 0; j < self->model->n_actors; j++) {
        int tie = j == actor ? -1 : model_tie(self->model, actor, j);
        if (tie >= 0) tie_mark(self, tie);
    }
}

void processes_bind_dirty(engine_t *self) {
    for (int n = 0; n < self->dirty_ties.n; n++) {
        int tie = self->dirty_ties.list[n];
        site_bind(self, SCOPE_DIRECTED, 2 * tie);
        site_bind(self, SCOPE_DIRECTED, 2 * tie + 1);
        site_bind(self, SCOPE_DYAD, tie);
    }
    for (int n = 0; n < self->dirty_actors.n; n++) site_bind(self, SCOPE_ACTOR, self->dirty_actors.list[n]);
    sites_clear(&self->dirty_ties);
    sites_clear(&self->dirty_actors);
}
