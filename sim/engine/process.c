/* Processes: which there are, how intense they are, which of their points comes next.
 *
 * A process waits in the queue with its candidate, the first point of its measure below the top of the
 * strip that holds its bound. A bound that rises past that top adds the strips above; one that falls is
 * let be for one octave, since a candidate too high is turned down anyway when its time comes. */
#include "engine/internal.h"

#include "base/date.h"
#include "base/mem.h"
#include <assert.h>
#include <gsl/gsl_math.h>
#include <string.h>

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

/* A kind can happen by itself if it has a base rate, may be given one, or is excited. */
static bool can_happen_by_itself(const model_t *model, int k) {
    const kind_t *kind = &model->kinds[k];
    if (kind->rate_per_year > 0 || kind->n_excitations > 0) return true;
    for (int p = 0; p < model->n_params; p++)
        if (model->params[p].value == &kind->rate_per_year) return true;
    return false;
}

static int region_init(engine_t *self, scope_t scope) {
    const model_t *model = self->model;
    region_t *region = &self->regions[scope];
    size_t kinds = (size_t)model->n_kinds + 1;
    region->n_sites = sites_of(model, scope);
    size_t sites = (size_t)region->n_sites + 1;
    region->kinds = mem_alloc(kinds, sizeof *region->kinds);
    region->dirty = mem_alloc(sites, sizeof *region->dirty);
    region->dirty_sites = mem_alloc(sites, sizeof *region->dirty_sites);
    if (!region->kinds || !region->dirty || !region->dirty_sites) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++) {
        if (model->kinds[k].scope != scope || !can_happen_by_itself(model, k)) continue;
        self->kinds[k].slot = region->n_kinds;
        region->kinds[region->n_kinds++] = k;
    }
    region->first = self->n_processes;
    self->n_processes += (uint32_t)region->n_sites * (uint32_t)region->n_kinds;
    return 0;
}

static int kind_state_init(engine_t *self, int k) {
    model_t *model = self->model;
    kind_state_t *state = &self->kinds[k];
    size_t n = (size_t)model->kinds[k].n_excitations + 1, sources = 0;
    state->decay = mem_alloc(n, sizeof *state->decay);
    state->jump = mem_alloc(n, sizeof *state->jump);
    for (int r = 0; r < model->n_kinds; r++) sources += (size_t)model->kinds[r].n_excitations;
    state->receivers = mem_alloc(sources + 1, sizeof *state->receivers);
    const season_t *season = &model->kinds[k].season;
    if (season->has_weekday || season->has_month || season->n_windows) {
        state->season = mem_alloc((size_t)self->n_days, sizeof *state->season);
        if (!state->season) return ERR_NOMEM;
    }
    if (!state->decay || !state->jump || !state->receivers) return ERR_NOMEM;
    for (int r = 0; r < model->n_kinds; r++)
        for (int x = 0; x < model->kinds[r].n_excitations; x++)
            if (model->kinds[r].excitations[x].kind == k)
                state->receivers[state->n_receivers++] = (struct receiver){r, x};
    return 0;
}

void process_place(const engine_t *self, uint32_t process, int *kind, int *i, int *j, int *group) {
    const model_t *model = self->model;
    int scope = 0;
    while (scope + 1 < SCOPE_N && process >= self->regions[scope + 1].first) scope++;
    const region_t *region = &self->regions[scope];
    uint32_t n = process - region->first;
    int site = (int)(n / (uint32_t)region->n_kinds);
    *kind = region->kinds[n % (uint32_t)region->n_kinds];
    *i = *j = *group = -1;
    switch ((scope_t)scope) {
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
static uint64_t process_key(const engine_t *self, uint32_t process) {
    int kind, i, j, group;
    process_place(self, process, &kind, &i, &j, &group);
    uint64_t key = rng_key_number(self->seed, self->kind_keys[kind]);
    if (group >= 0) return rng_key_text(key, self->model->groups[group].name);
    uint64_t a = self->actor_keys[i], b = j < 0 ? 0 : self->actor_keys[j];
    if (self->model->kinds[kind].scope == SCOPE_DYAD && a > b) /* a dyad has no order of its actors */
        return rng_key_number(rng_key_number(key, b), a);
    return rng_key_number(rng_key_number(key, a), b);
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
    self->processes = mem_alloc((size_t)self->n_processes + 1, sizeof *self->processes);
    if (!self->processes) return ERR_NOMEM;
    for (uint32_t p = 0; p < self->n_processes; p++) self->processes[p].measure.key = process_key(self, p);
    TRY(heap_init(&self->queue, self->n_processes, NULL));
out:
    return ret;
}

void processes_free(engine_t *self) {
    for (int k = 0; self->kinds && k < self->model->n_kinds; k++) {
        mem_free(self->kinds[k].decay);
        mem_free(self->kinds[k].jump);
        mem_free(self->kinds[k].receivers);
        mem_free(self->kinds[k].season);
    }
    for (int scope = 0; scope < SCOPE_N; scope++) {
        mem_free(self->regions[scope].kinds);
        mem_free(self->regions[scope].dirty);
        mem_free(self->regions[scope].dirty_sites);
    }
    mem_free(self->kinds);
    mem_free(self->processes);
    mem_free(self->accumulators);
    heap_free(&self->queue);
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

/* log of the part of the intensity that only parameters and refreshes change. */
static double log_rate_of(const engine_t *self, uint32_t process) {
    int k, i, j, group;
    process_place(self, process, &k, &i, &j, &group);
    const kind_t *kind = &self->model->kinds[k];
    if (kind->rate_per_year <= 0) return -INFINITY;
    if (kind->initiators && i >= 0 && !kind->initiators[i] &&
        !(kind->scope == SCOPE_DYAD && kind->initiators[j]))
        return -INFINITY;
    if (kind->targets && j >= 0 && !kind->targets[j] && !(kind->scope == SCOPE_DYAD && kind->targets[i]))
        return -INFINITY;
    double log_rate = log(kind->rate_per_year / DAYS_PER_YEAR);
    if (kind->log_rate.n == 0 || i < 0) return log_rate;
    log_rate += predictor_part(&self->world, &kind->log_rate, STATISTIC_STATIC, i, j, self->now);
    if (self->model->has_sampled)
        log_rate += predictor_part(&self->world, &kind->log_rate, STATISTIC_SAMPLED, i, j, self->now);
    return log_rate;
}

int processes_prepare(engine_t *self) {
    const model_t *model = self->model;
    size_t n = 0;
    for (int k = 0; k < model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        prepare_season(self, k);
        prepare_kernels(self, k);
        state->first = n;
        if (state->slot >= 0)
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
    for (uint32_t p = 0; p < self->n_processes; p++) self->processes[p].log_rate = log_rate_of(self, p);
}

/* ---- intensity -------------------------------------------------------------------------------------- */

static double *accumulators_of(const engine_t *self, uint32_t process, int kind) {
    const region_t *region = &self->regions[self->model->kinds[kind].scope];
    const kind_state_t *state = &self->kinds[kind];
    size_t site = (process - region->first) / (uint32_t)region->n_kinds;
    return self->accumulators + state->first + site * (size_t)state->n_accumulators;
}

static double excitation_at(const engine_t *self, uint32_t process, int kind, double now) {
    const kind_state_t *state = &self->kinds[kind];
    if (state->n_accumulators == 0) return 0;
    const double *accumulators = accumulators_of(self, process, kind);
    double dt = now - self->processes[process].excited_at, sum = 0;
    for (int a = 0; a < state->n_accumulators; a++)
        if (accumulators[a] != 0) sum += accumulators[a] * exp(-state->decay[a] * dt);
    return sum;
}

/* Upper bound until the next effect on the process's site; the season by its maximum, absences not at all. */
static double bound_at(const engine_t *self, uint32_t process, double now) {
    int k, i, j, group;
    process_place(self, process, &k, &i, &j, &group);
    const process_t *p = &self->processes[process];
    const kind_t *kind = &self->model->kinds[k];
    double base = 0;
    if (p->log_rate > -INFINITY)
        base = exp(p->log_rate + (kind->log_rate.n && i >= 0
                                      ? predictor_lazy_bound(&self->world, &kind->log_rate, i, j, now)
                                      : 0));
    return self->kinds[k].season_max * (base + excitation_at(self, process, k, now));
}

/* 0 while an actor is absent or a needed leader elsewhere, else the season's factor. */
static double availability(const engine_t *self, int k, int i, int j, int group, double now) {
    if ((i >= 0 && !self->world.present[i]) || (j >= 0 && !self->world.present[j])) return 0;
    plan_t plan = {.kind = k,
                   .initiator = i,
                   .target = j,
                   .group = group,
                   .time = now,
                   .level = -1,
                   .days = NAN,
                   .entry = -1};
    if (needs_leaders(self, &plan) && !leaders_free(self, &plan)) return 0;
    if (!self->kinds[k].season) return 1;
    int day = (int)now;
    return self->kinds[k].season[day < self->n_days ? day : self->n_days - 1];
}

double process_intensity(const engine_t *self, uint32_t process, double now, double *excited) {
    int k, i, j, group;
    process_place(self, process, &k, &i, &j, &group);
    const process_t *p = &self->processes[process];
    const kind_t *kind = &self->model->kinds[k];
    double factor = availability(self, k, i, j, group, now), base = 0;
    if (p->log_rate > -INFINITY)
        base = exp(p->log_rate + (kind->log_rate.n && i >= 0 ? predictor_part(&self->world, &kind->log_rate,
                                                                              STATISTIC_LAZY, i, j, now)
                                                             : 0));
    *excited = factor * excitation_at(self, process, k, now);
    return factor * base + *excited;
}

/* ---- candidates ------------------------------------------------------------------------------------- */

void processes_scale(engine_t *self) {
    for (uint32_t p = 0; p < self->n_processes; p++) {
        int k, i, j, group;
        process_place(self, p, &k, &i, &j, &group);
        double scale = bound_at(self, p, 0);
        for (int x = 0; x < self->model->kinds[k].n_excitations; x++)
            scale = GSL_MAX(scale, self->kinds[k].jump[x]);
        /* a quarter of an octave apart, so that small edits of a file seldom move a scale */
        bool usable = scale > 1e-9 && scale < 1e9;
        self->processes[p].measure.scale = usable ? exp2(ceil(4 * log2(scale)) / 4) : 1 / DAYS_PER_YEAR;
    }
}

void processes_reset(engine_t *self) {
    heap_clear(&self->queue);
    for (uint32_t p = 0; p < self->n_processes; p++) {
        self->processes[p].measure.replicate = self->replicate;
        self->processes[p].top = -1;
        self->processes[p].excited_at = 0;
    }
    memset(self->accumulators, 0, self->accumulator_capacity * sizeof *self->accumulators);
    for (int scope = 0; scope < SCOPE_N; scope++) {
        region_t *region = &self->regions[scope];
        while (region->n_dirty > 0) region->dirty[region->dirty_sites[--region->n_dirty]] = false;
    }
}

static void queue_candidate(engine_t *self, uint32_t process, bool found) {
    heap_set(&self->queue, process, found ? self->processes[process].candidate.time : INFINITY);
}

void process_bind(engine_t *self, uint32_t process) {
    process_t *p = &self->processes[process];
    int strip = measure_strip(p->measure.scale, bound_at(self, process, self->now));
    if (strip > MEASURE_MAX_STRIP) {
        self->result->stop = STOP_INTENSITY;
        return;
    }
    bool queued = self->queue.position[process] != HEAP_NOWHERE;
    double horizon = self->model->horizon;
    if (strip > p->top) { /* the strips above may hold an earlier point */
        double until = queued ? p->candidate.time : horizon;
        bool found = measure_next(&p->measure, p->top + 1, strip, self->now, until, &p->candidate);
        p->top = (int8_t)strip;
        if (found) queue_candidate(self, process, true);
    } else if (strip < p->top - 1) {
        p->top = (int8_t)strip;
        if (strip < 0 || (queued && p->candidate.height >= ldexp(p->measure.scale, strip)))
            process_next(self, process);
    }
}

void process_next(engine_t *self, uint32_t process) {
    process_t *p = &self->processes[process];
    queue_candidate(self, process,
                    measure_next(&p->measure, 0, p->top, self->now, self->model->horizon, &p->candidate));
}

void processes_bind_all(engine_t *self) {
    for (uint32_t p = 0; p < self->n_processes; p++) process_bind(self, p);
}

void site_mark(engine_t *self, scope_t scope, int site) {
    region_t *region = &self->regions[scope];
    if (region->n_kinds == 0 || region->dirty[site]) return;
    region->dirty[site] = true;
    region->dirty_sites[region->n_dirty++] = site;
}

void tie_mark(engine_t *self, int tie) {
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
    for (int scope = 0; scope < SCOPE_N; scope++) {
        region_t *region = &self->regions[scope];
        while (region->n_dirty > 0) {
            int site = region->dirty_sites[--region->n_dirty];
            region->dirty[site] = false;
            uint32_t first = region->first + (uint32_t)site * (uint32_t)region->n_kinds;
            for (uint32_t p = first; p < first + (uint32_t)region->n_kinds; p++) process_bind(self, p);
        }
    }
}

/* ---- excitation ------------------------------------------------------------------------------------- */

/* Whether a touch stands in `relation` to the place (i, j, group) of a process of that scope. Events of one
 * actor and of groups excite by their own site; a mutual touch counts for both directions, once. */
static bool is_related(const touch_t *touch, relation_t relation, scope_t scope, int i, int j, int group) {
    if (scope == SCOPE_GROUP) return relation == RELATION_SAME && touch->group == group;
    if (scope == SCOPE_ACTOR)
        return relation == RELATION_SAME || relation == RELATION_INITIATOR
                   ? touch->i == i || (touch->mutual && touch->j == i)
                   : !touch->mutual && touch->j == i;
    bool same = touch->i == i && touch->j == j, reversed = touch->i == j && touch->j == i;
    bool undirected = touch->mutual || scope == SCOPE_DYAD;
    switch (relation) {
    case RELATION_SAME:
        return same || (undirected && reversed);
    case RELATION_REVERSED:
        return reversed && !undirected;
    case RELATION_INITIATOR:
        return !touch->mutual && !same && !reversed &&
               (touch->i == i || (scope == SCOPE_DYAD && touch->i == j));
    default:
        return !touch->mutual && !same && !reversed && touch->j >= 0 &&
               (touch->j == j || (scope == SCOPE_DYAD && touch->j == i));
    }
}

static void settle(engine_t *self, uint32_t process, int kind, double now) {
    const kind_state_t *state = &self->kinds[kind];
    process_t *p = &self->processes[process];
    double *accumulators = accumulators_of(self, process, kind);
    if (p->excited_at == now) return;
    for (int a = 0; a < state->n_accumulators; a++)
        if (accumulators[a] != 0) accumulators[a] *= exp(-state->decay[a] * (now - p->excited_at));
    p->excited_at = now;
}

void processes_settle(engine_t *self) {
    for (uint32_t p = 0; p < self->n_processes; p++) {
        int kind, i, j, group;
        process_place(self, p, &kind, &i, &j, &group);
        settle(self, p, kind, self->now);
    }
}

static void excite_site(engine_t *self, const touch_t *touch, int kind, int excitation, int site,
                        double now) {
    const kind_state_t *state = &self->kinds[kind];
    scope_t scope = self->model->kinds[kind].scope;
    uint32_t process =
        self->regions[scope].first + (uint32_t)(site * self->regions[scope].n_kinds + state->slot);
    double *accumulators = accumulators_of(self, process, kind);
    settle(self, process, kind, now);
    int slot = self->model->kinds[kind].excitations[excitation].slot;
    accumulators[slot] +=
        touch->weight * state->jump[excitation] * exp(-state->decay[slot] * (now - touch->time));
    site_mark(self, scope, site);
}

static bool may_be(const kind_t *kind, int i, int j) {
    if (kind->scope == SCOPE_DYAD)
        return (!kind->initiators || kind->initiators[i] || kind->initiators[j]) &&
               (!kind->targets || kind->targets[i] || kind->targets[j]);
    return (!kind->initiators || kind->initiators[i]) && (!kind->targets || j < 0 || kind->targets[j]);
}

/* Excites the process of the receiver at i -> j (the actor i where j < 0) if the touch is so related. */
static void try_place(engine_t *self, const touch_t *touch, struct receiver receiver, int i, int j,
                      double now) {
    const model_t *model = self->model;
    const kind_t *kind = &model->kinds[receiver.kind];
    int site = i;
    if (kind->scope != SCOPE_ACTOR) {
        int flow = i < 0 || j < 0 || i == j ? -1 : model_flow(model, i, j);
        if (flow < 0) return;
        site = kind->scope == SCOPE_DIRECTED ? flow : flow / 2;
    }
    relation_t relation = kind->excitations[receiver.excitation].relation;
    if (i < 0 || !may_be(kind, i, j) || !is_related(touch, relation, kind->scope, i, j, -1)) return;
    excite_site(self, touch, receiver.kind, receiver.excitation, site, now);
}

void touch_excite(engine_t *self, const touch_t *touch, double now) {
    const model_t *model = self->model;
    const kind_state_t *source = &self->kinds[touch->kind];
    for (int r = 0; r < source->n_receivers; r++) {
        struct receiver receiver = source->receivers[r];
        const kind_t *kind = &model->kinds[receiver.kind];
        relation_t relation = kind->excitations[receiver.excitation].relation;
        if (kind->scope == SCOPE_GROUP) {
            if (touch->group >= 0 && relation == RELATION_SAME)
                excite_site(self, touch, receiver.kind, receiver.excitation, touch->group, now);
        } else if (kind->scope == SCOPE_ACTOR) {
            try_place(self, touch, receiver, touch->i, -1, now);
            try_place(self, touch, receiver, touch->j, -1, now);
        } else if (relation == RELATION_SAME || relation == RELATION_REVERSED) {
            try_place(self, touch, receiver, touch->i, touch->j, now);
            if (kind->scope == SCOPE_DIRECTED) try_place(self, touch, receiver, touch->j, touch->i, now);
        } else {
            int shared = relation == RELATION_INITIATOR ? touch->i : touch->j;
            for (int m = 0; shared >= 0 && m < model->n_actors; m++) {
                if (m == touch->i || m == touch->j) continue;
                if (relation == RELATION_INITIATOR)
                    try_place(self, touch, receiver, shared, m, now);
                else
                    try_place(self, touch, receiver, m, shared, now);
            }
        }
    }
}

/* ---- parents ---------------------------------------------------------------------------------------- */

typedef struct {
    const engine_t *engine;
    int kind, i, j, group;
    double left;    /* of the weight to be walked through */
    int32_t parent; /* the last touch with a weight */
} walk_t;

static double weight_of(const walk_t *walk, const touch_t *touch) {
    const engine_t *self = walk->engine;
    const kind_t *kind = &self->model->kinds[walk->kind];
    const kind_state_t *state = &self->kinds[walk->kind];
    double weight = 0;
    for (int x = 0; x < kind->n_excitations; x++) {
        const excitation_t *excitation = &kind->excitations[x];
        if (excitation->kind != touch->kind ||
            !is_related(touch, excitation->relation, kind->scope, walk->i, walk->j, walk->group))
            continue;
        weight +=
            touch->weight * state->jump[x] * exp(-state->decay[excitation->slot] * (self->now - touch->time));
    }
    return weight;
}

/* Goes through a chain of touches from the newest on; true when the drawn weight is used up. Touches on
 * the tie of i and j belong to the tie's chain alone. */
static bool walk_chain(walk_t *walk, int32_t first, bool on_tie, int by) {
    const touch_t *touches = walk->engine->touches;
    int32_t next;
    for (int32_t n = first; n >= 0; n = next) {
        const touch_t *touch = &touches[n];
        next = on_tie ? touch->before_on_tie : touch->i == by ? touch->before_of_i : touch->before_of_j;
        bool is_on_tie =
            (touch->i == walk->i && touch->j == walk->j) || (touch->i == walk->j && touch->j == walk->i);
        if (!on_tie && walk->j >= 0 && is_on_tie) continue;
        double weight = weight_of(walk, touch);
        if (weight <= 0) continue;
        walk->parent = n;
        if ((walk->left -= weight) < 0) return true;
    }
    return false;
}

int32_t draw_parent(const engine_t *self, uint32_t process, uint64_t key) {
    walk_t walk = {.engine = self, .parent = -1};
    process_place(self, process, &walk.kind, &walk.i, &walk.j, &walk.group);
    rng_stream_t stream;
    rng_stream_init(&stream, key, DRAW_PARENT);
    walk.left = rng_stream_unit(&stream) * excitation_at(self, process, walk.kind, self->now);
    if (walk.group >= 0) {
        for (int32_t n = self->n_touches - 1; n >= 0 && walk.left >= 0; n--) {
            double weight = weight_of(&walk, &self->touches[n]);
            if (weight > 0) walk.parent = n, walk.left -= weight;
        }
        return walk.parent;
    }
    int tie = walk.j < 0 ? -1 : model_tie(self->model, walk.i, walk.j);
    if (tie >= 0 && walk_chain(&walk, self->last_on_tie[tie], true, -1)) return walk.parent;
    const kind_t *kind = &self->model->kinds[walk.kind];
    bool spreads = kind->scope == SCOPE_ACTOR;
    for (int x = 0; x < kind->n_excitations; x++)
        spreads |= kind->excitations[x].relation >= RELATION_INITIATOR;
    if (!spreads) return walk.parent;
    if (walk_chain(&walk, self->last_of[walk.i], false, walk.i)) return walk.parent;
    if (walk.j >= 0) walk_chain(&walk, self->last_of[walk.j], false, walk.j);
    return walk.parent;
}
