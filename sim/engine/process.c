/* Processes: which there are, and which of their points comes next.
 *
 * A process keeps two candidates. `low` is the next point of strip 0, whatever the intensity: it stays until
 * its time has come. `high` is the next point of the strips above that lies below the bound as it falls from
 * now on; it is looked for anew whenever the bound rises, which in a well-scaled process is seldom, and
 * little is looked at, since an excitation soon fades into strip 0. The earlier of the two is in the queue. A
 * process whose bound lies far below its scale sleeps: it keeps no `low` and looks for `high` in all strips.
 */
#include "engine/internal.h"

#include "base/date.h"
#include "base/mem.h"
#include <assert.h>
#include <gsl/gsl_math.h>
#include <string.h>

#define SLEEP_BELOW 0.125       /* of the scale */
#define CEILING_SLACK 1.0625    /* a base bound may rise by so much before strips are looked at anew */
#define LOG_CEILING_SLACK 0.06f /* a little less than its log */
#define INTENSITY_MAX 1e9       /* a day: past it the clock could not tell points apart */
#define FADED 40.0              /* an excitation is gone when it has fallen by exp(-40) */

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

static int region_init(engine_t *self, scope_t scope) {
    const model_t *model = self->model;
    region_t *region = &self->regions[scope];
    region->n_sites = sites_of(model, scope);
    region->readers = mem_alloc((size_t)model->n_kinds + 1, sizeof *region->readers);
    if (!region->readers) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++)
        if (model->kinds[k].scope == scope && can_happen_by_itself(self, k))
            self->kinds[k].slot = region->n_kinds++;
    region->first = self->n_processes;
    self->n_processes += (uint32_t)region->n_sites * (uint32_t)region->n_kinds;
    return 0;
}

static int kind_state_init(engine_t *self, int k) {
    model_t *model = self->model;
    kind_state_t *state = &self->kinds[k];
    size_t n = (size_t)model->kinds[k].n_excitations + 1;
    state->decay = mem_alloc(n, sizeof *state->decay);
    state->jump = mem_alloc(n, sizeof *state->jump);
    state->lazy = mem_alloc((size_t)model->kinds[k].log_rate.n + 1, sizeof *state->lazy);
    state->counters = mem_alloc((size_t)self->world.n_counters + 1, sizeof *state->counters);
    const season_t *season = &model->kinds[k].season;
    if (season->has_weekday || season->has_month || season->n_windows) {
        state->season = mem_alloc((size_t)self->n_days, sizeof *state->season);
        if (!state->season) return ERR_NOMEM;
    }
    size_t sites = state->slot < 0 ? 0 : (size_t)self->regions[model->kinds[k].scope].n_sites;
    state->static_part = mem_alloc(sites + 1, sizeof *state->static_part);
    if (!state->decay || !state->jump || !state->lazy || !state->counters || !state->static_part)
        return ERR_NOMEM;
    for (int c = 0; c < self->world.n_counters; c++)
        if (self->world.counters[c]->ref == k) state->counters[state->n_counters++] = c;
    return 0;
}

/* Turns "who excites me" round: every kind's list of those it excites. */
static int receivers_init(engine_t *self) {
    model_t *model = self->model;
    for (int fill = 0; fill < 2; fill++) {
        for (int k = 0; fill && k < model->n_kinds; k++) {
            kind_state_t *state = &self->kinds[k];
            state->receivers = mem_alloc((size_t)state->n_receivers + 1, sizeof *state->receivers);
            if (!state->receivers) return ERR_NOMEM;
            state->n_receivers = 0;
        }
        for (int r = 0; r < model->n_kinds; r++)
            for (int x = 0; x < model->kinds[r].n_excitations; x++) {
                kind_state_t *source = &self->kinds[model->kinds[r].excitations[x].kind];
                if (fill) source->receivers[source->n_receivers] = (struct receiver){r, x};
                source->n_receivers++;
            }
    }
    return 0;
}

void process_place(const engine_t *self, const process_t *p, int *i, int *j, int *group) {
    const model_t *model = self->model;
    int site = p->site;
    *i = *j = *group = -1;
    switch (model->kinds[p->kind].scope) {
    case SCOPE_DIRECTED:
        *i = flow_from(model, site), *j = flow_to(model, site);
        break;
    case SCOPE_DYAD: { /* its roles go by name, so that they are the same in every order of the file */
        const tie_t *tie = &model->ties[site];
        bool turned = strcmp(model->actors[tie->a].name, model->actors[tie->b].name) > 0;
        *i = turned ? tie->b : tie->a, *j = turned ? tie->a : tie->b;
        break;
    }
    case SCOPE_ACTOR:
        *i = site;
        break;
    default:
        *group = site;
    }
}

/* The measure's key: the names of the process and nothing else. */
static uint64_t process_key(const engine_t *self, const process_t *p) {
    int i, j, group;
    process_place(self, p, &i, &j, &group);
    uint64_t key = rng_key_number(self->seed, self->kind_keys[p->kind]);
    if (group >= 0) return rng_key_text(key, self->model->groups[group].name);
    uint64_t a = self->actor_keys[i], b = j < 0 ? 0 : self->actor_keys[j];
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

int processes_init(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    self->n_days = (int)ceil(model->horizon) + 1;
    self->kinds = mem_alloc((size_t)model->n_kinds + 1, sizeof *self->kinds);
    if (!self->kinds) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++) self->kinds[k].slot = -1;
    for (int scope = 0; scope < SCOPE_N; scope++) TRY(region_init(self, (scope_t)scope));
    for (int k = 0; k < model->n_kinds; k++) TRY(kind_state_init(self, k));
    TRY(receivers_init(self));
    self->processes = mem_alloc((size_t)self->n_processes + 1, sizeof *self->processes);
    self->dirty = mem_alloc((size_t)self->n_processes + 1, sizeof *self->dirty);
    if (!self->processes || !self->dirty) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++) place_processes(self, k);
    TRY(heap_init(&self->queue, self->n_processes, NULL));
out:
    return ret;
}

void processes_free(engine_t *self) {
    for (int k = 0; self->kinds && k < self->model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        void *blocks[] = {state->decay,     state->jump,   state->lazy,       state->counters,
                          state->receivers, state->season, state->static_part};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    }
    for (int scope = 0; scope < SCOPE_N; scope++) mem_free(self->regions[scope].readers);
    mem_free(self->kinds);
    mem_free(self->processes);
    mem_free(self->dirty);
    mem_free(self->accumulators);
    heap_free(&self->queue);
    self->kinds = NULL;
    self->processes = NULL;
    self->dirty = NULL;
    self->accumulators = NULL;
    self->accumulator_capacity = 0;
    self->n_processes = 0;
    memset(self->regions, 0, sizeof self->regions);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void prepare_season(engine_t *self, int k) {
    const season_t *season = &self->model->kinds[k].season;
    kind_state_t *state = &self->kinds[k];
    state->season_max = 1;
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
}

/* Kernels: excitations of one half-life share an accumulator. */
static void prepare_kernels(engine_t *self, int k) {
    kind_t *kind = &self->model->kinds[k];
    kind_state_t *state = &self->kinds[k];
    state->n_accumulators = 0;
    for (int x = 0; x < kind->n_excitations; x++) {
        excitation_t *excitation = &kind->excitations[x];
        double decay = M_LN2 / excitation->half_life;
        int slot = 0;
        while (slot < state->n_accumulators && state->decay[slot] != decay) slot++;
        if (slot == state->n_accumulators) state->decay[state->n_accumulators++] = decay;
        excitation->slot = slot;
        state->jump[x] = excitation->branching * decay;
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
        int i, j, group;
        process_place(self, process_at(self, k, site), &i, &j, &group);
        double part = i < 0 ? 0 : predictor_part(&self->world, &kind->log_rate, STATISTIC_STATIC, i, j, 0);
        state->static_part[site] = i >= 0 && !may_happen_at(kind, i, j) ? -INFINITY : part;
    }
}

/* log of the part of the intensity that only parameters and refreshes change. */
static double log_rate_of(const engine_t *self, const process_t *p, bool sampled) {
    const kind_state_t *state = &self->kinds[p->kind];
    double log_rate = state->log_base + state->static_part[p->site] + state->lazy_constant;
    if (!sampled || !self->model->has_sampled || !(log_rate > -INFINITY)) return log_rate;
    int i, j, group;
    process_place(self, p, &i, &j, &group);
    if (i < 0) return log_rate;
    return log_rate + predictor_part(&self->world, &self->model->kinds[p->kind].log_rate, STATISTIC_SAMPLED,
                                     i, j, self->now);
}

int processes_prepare(engine_t *self) {
    const model_t *model = self->model;
    size_t n = 0;
    uint64_t attributes = attributes_key(model);
    for (int scope = 0; scope < SCOPE_N; scope++) self->regions[scope].n_readers = 0;
    for (int k = 0; k < model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        region_t *region = &self->regions[model->kinds[k].scope];
        prepare_season(self, k);
        prepare_kernels(self, k);
        prepare_static(self, k, attributes);
        kind_prepare(self, k);
        bool reads = state->strength_loading != 0 || state->alignment_loading != 0 || state->n_lazy > 0;
        if (state->slot >= 0 && reads && state->log_base > -INFINITY)
            region->readers[region->n_readers++] = state->slot;
        state->first = n;
        if (state->slot >= 0 && state->n_accumulators > 1)
            n += (size_t)state->n_accumulators * (size_t)self->regions[model->kinds[k].scope].n_sites;
    }
    if (n > self->accumulator_capacity || !self->accumulators) {
        double *grown = mem_resize(self->accumulators, n + 1, sizeof *grown);
        if (!grown) return ERR_NOMEM;
        self->accumulators = grown;
        self->accumulator_capacity = n;
    }
    processes_refresh(self);
    return 0;
}

void processes_refresh(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++)
        self->processes[n].log_rate = log_rate_of(self, &self->processes[n], true);
}

/* ---- candidates ------------------------------------------------------------------------------------- */

/* 2^(quarters / 4) */
static inline double quarter_octaves(int quarters) {
    static const double root[] = {1, 0x1.306fe0a31b715p+0, 0x1.6a09e667f3bcdp+0, 0x1.ae89f995ad3adp+0};
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)(1023 + (quarters >> 2)) << 52};
    return root[quarters & 3] * two.value;
}

static inline measure_t measure_of(const engine_t *self, const process_t *p) {
    return (measure_t){p->key, self->replicate, quarter_octaves(p->scale)};
}

/* Strip 0 is made to hold the base rate of the state at the start, at the season's height, with a little room
 * for excitation; or, where there is no base rate, one excitation. */
void processes_scale(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        const kind_t *kind = &self->model->kinds[p->kind];
        p->log_rate = log_rate_of(self, p, false); /* sampled statistics see all actors: a scale must not */
        double base = self->kinds[p->kind].season_max * process_base(self, p, 0), largest_jump = 0;
        for (int x = 0; x < kind->n_excitations; x++)
            largest_jump = GSL_MAX(largest_jump, self->kinds[p->kind].jump[x]);
        double scale = base == 0 ? largest_jump : kind->n_excitations ? 1.1 * base : base;
        bool usable = scale > 1e-9 && scale < 1e9;
        p->scale = (int16_t)ceil(4 * log2(usable ? scale : 1 / DAYS_PER_YEAR) - 1e-3);
    }
}

static const point_t never = {INFINITY, INFINITY};

void processes_reset(engine_t *self) {
    heap_clear(&self->queue);
    self->n_dirty = 0;
    self->view.tie = -1;
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->excited_at = p->excited = 0;
        p->low = p->high = never;
        p->log_ceiling = -INFINITY;
        p->dirty = 0;
        p->asleep = true;
    }
    memset(self->accumulators, 0, self->accumulator_capacity * sizeof *self->accumulators);
}

static inline uint32_t id_of(const engine_t *self, const process_t *p) {
    return (uint32_t)(p - self->processes);
}

static void queue_earlier(engine_t *self, process_t *p) {
    heap_set(&self->queue, id_of(self, p), GSL_MIN(p->low.time, p->high.time));
}

static void look_low(engine_t *self, process_t *p, const measure_t *measure) {
    if (!measure_next(measure, 0, self->now, self->model->horizon, NULL, &p->low)) p->low = never;
}

/* When an excess that falls from now on will be below `room`; at most when it is gone. */
static double fades_below(const ceiling_t *ceiling, double room) {
    double gone = ceiling->from + FADED / ceiling->decay;
    if (room <= 0) return ceiling->base > 0 ? INFINITY : gone;
    double at = ceiling->from + log_above(ceiling->excess / room) / ceiling->decay;
    return GSL_MIN(at, gone);
}

/* Looks in the strips above 0 (asleep: in all) for the first point that the bound does not rule out. */
static void look_high(engine_t *self, process_t *p, const measure_t *measure, const ceiling_t *ceiling) {
    double until = GSL_MIN(p->low.time, self->model->horizon), reach = ceiling->base + ceiling->excess;
    p->high = never;
    for (int strip = p->asleep ? 0 : 1; strip <= MEASURE_MAX_STRIP; strip++) {
        double floor_height = strip == 0 ? 0 : measure_top(measure, strip - 1);
        if (reach <= floor_height) break;
        double last =
            ceiling->base > floor_height ? INFINITY : fades_below(ceiling, floor_height - ceiling->base);
        if (measure_next(measure, strip, self->now, GSL_MIN(until, last), ceiling, &p->high))
            until = p->high.time;
    }
}

/* The bound as it falls from now on: what strength and the like may reach, and the excitation, which fades
 * no slower than its slowest accumulator. */
static ceiling_t ceiling_of(engine_t *self, const process_t *p, double base) {
    const kind_state_t *state = &self->kinds[p->kind];
    ceiling_t ceiling = {base, state->season_max * excitation_at(self, p, self->now), 1, self->now};
    for (int a = 0; a < state->n_accumulators; a++)
        ceiling.decay = a == 0 ? state->decay[0] : GSL_MIN(ceiling.decay, state->decay[a]);
    return ceiling;
}

static void bind(engine_t *self, process_t *p, double log_bound) {
    double slack = self->kinds[p->kind].season_max * CEILING_SLACK;
    ceiling_t ceiling = ceiling_of(self, p, log_bound > -INFINITY ? slack * exp_above(log_bound) : 0);
    double reach = ceiling.base + ceiling.excess;
    if (reach == 0) { /* nothing can happen until something raises it */
        p->low = p->high = never;
        p->asleep = true;
        p->log_ceiling = -INFINITY;
        heap_remove(&self->queue, id_of(self, p));
        return;
    }
    if (!(reach < INTENSITY_MAX)) {
        self->result->stop = STOP_INTENSITY;
        return;
    }
    measure_t measure = measure_of(self, p);
    bool sleeps = ceiling.base < SLEEP_BELOW * measure.scale;
    if (sleeps)
        p->low = never;
    else if (p->asleep)
        look_low(self, p, &measure);
    p->asleep = sleeps;
    look_high(self, p, &measure, &ceiling);
    p->log_ceiling = log_bound > -INFINITY ? (float)log_bound + LOG_CEILING_SLACK : -INFINITY;
    if (!sleeps && reach < measure.scale) { /* all that fits into strip 0 has been looked for */
        double room = (measure.scale - ceiling.excess) / self->kinds[p->kind].season_max;
        p->log_ceiling = GSL_MAX(p->log_ceiling, (float)log_below(room) - 1e-4f);
    }
    queue_earlier(self, p);
}

void process_bind(engine_t *self, process_t *p) {
    double log_bound = process_log_bound(self, p, self->now);
    if (p->dirty == DIRTY_STATE && log_bound <= (double)p->log_ceiling)
        return; /* what was found still holds */
    bind(self, p, log_bound);
}

void process_next(engine_t *self, process_t *p, bool high) {
    if (!high) {
        measure_t measure = measure_of(self, p);
        look_low(self, p, &measure);
    }
    bind(self, p, process_log_bound(self, p, self->now)); /* `high` was looked for up to this moment only */
}

void processes_bind_all(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) process_bind(self, &self->processes[n]);
}

void process_mark(engine_t *self, process_t *p, uint8_t why) {
    if (!p->dirty) self->dirty[self->n_dirty++] = id_of(self, p);
    p->dirty |= why;
}

static void site_mark(engine_t *self, scope_t scope, int site) {
    const region_t *region = &self->regions[scope];
    process_t *first = self->processes + region->first + site * region->n_kinds;
    for (int k = 0; k < region->n_readers; k++) process_mark(self, first + region->readers[k], DIRTY_STATE);
}

void tie_mark(engine_t *self, int tie) {
    if (self->view.tie == tie) self->view.tie = -1;
    site_mark(self, SCOPE_DIRECTED, 2 * tie);
    site_mark(self, SCOPE_DIRECTED, 2 * tie + 1);
    site_mark(self, SCOPE_DYAD, tie);
}

void actor_mark(engine_t *self, int actor) {
    site_mark(self, SCOPE_ACTOR, actor);
    for (int j = 0; j < self->model->n_actors; j++) {
        int tie = j == actor ? -1 : model_tie(self->model, actor, j);
        if (tie >= 0) tie_mark(self, tie);
    }
}

void processes_bind_dirty(engine_t *self) {
    for (uint32_t n = 0; n < self->n_dirty; n++) {
        process_t *p = &self->processes[self->dirty[n]];
        process_bind(self, p);
        p->dirty = 0;
    }
    self->n_dirty = 0;
}
