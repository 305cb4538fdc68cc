/* The list of processes, their layout, and which processes the events of a type excite. */
#include "engine/internal.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

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

/* An event type has processes if it is excited, or has a baseline rate or may be given one. */
static bool can_happen_by_itself(const engine_t *self, int k) {
    const model_t *model = self->model;
    const kind_t *kind = &model->kinds[k];
    if (kind->rate_per_year > 0 || kind->n_excitations > 0 || self->rate_is_set[k]) return true;
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->params[model->uncertain[u].param].value == &kind->rate_per_year) return true;
    for (int f = 0; f < model->n_followers; f++)
        if (model->params[model->followers[f].param].value == &kind->rate_per_year) return true;
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

static site_actors_t place_of(const model_t *model, scope_t scope, int site) {
    if (scope == SCOPE_ACTOR) return (site_actors_t){(int16_t)site, -1, -1};
    if (scope == SCOPE_GROUP) return (site_actors_t){-1, -1, (int16_t)site};
    int flow = scope == SCOPE_DIRECTED ? site : 2 * site;
    site_actors_t place = {(int16_t)flow_from(model, flow), (int16_t)flow_to(model, flow), -1};
    bool turned = scope == SCOPE_DYAD && strcmp(model->actors[place.i].name, model->actors[place.j].name) > 0;
    return turned ? (site_actors_t){place.j, place.i, -1} : place;
}

static bool has_column(const region_t *region, const term_t *term) {
    for (int c = 0; c < region->n_columns; c++)
        if (region->columns[c].term.statistic == term->statistic && region->columns[c].term.ref == term->ref)
            return true;
    return false;
}

/* A column for each static statistic that a kind of the scope reads. */
static int columns_init(engine_t *self, scope_t scope) {
    const model_t *model = self->model;
    region_t *region = &self->regions[scope];
    size_t n = 0;
    for (int k = 0; k < model->n_kinds; k++) n += (size_t)model->kinds[k].log_rate.n;
    if (!(region->columns = mem_alloc(n + 1, sizeof *region->columns))) return ERR_NOMEM;
    for (int k = 0; k < model->n_kinds; k++) {
        const predictor_t *predictor = &model->kinds[k].log_rate;
        for (int t = 0; self->kinds[k].slot >= 0 && model->kinds[k].scope == scope && t < predictor->n; t++) {
            const term_t *term = &predictor->terms[t];
            if (term->statistic->klass != STATISTIC_STATIC || has_column(region, term)) continue;
            column_t *column = &region->columns[region->n_columns++];
            column->term = *term;
            column->term.reference = NAN;
            column->values = mem_alloc((size_t)region->n_sites + 1, sizeof *column->values);
            if (!column->values) return ERR_NOMEM;
        }
    }
    return 0;
}

static int region_init(engine_t *self, scope_t scope) {
    const model_t *model = self->model;
    region_t *region = &self->regions[scope];
    region->n_sites = sites_of(model, scope);
    size_t kinds = (size_t)model->n_kinds + 1;
    region->of_strength = mem_alloc(kinds, sizeof *region->of_strength);
    region->of_alignment = mem_alloc(kinds, sizeof *region->of_alignment);
    region->unknown = mem_alloc(kinds, sizeof *region->unknown);
    region->actors = mem_alloc((size_t)region->n_sites + 1, sizeof *region->actors);
    if (!region->of_strength || !region->of_alignment || !region->unknown || !region->actors)
        return ERR_NOMEM;
    for (int site = 0; site < region->n_sites; site++) region->actors[site] = place_of(model, scope, site);
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
    return columns_init(self, scope);
}

static bool counts(const predictor_t *predictor, int kind) {
    for (int n = 0; n < predictor->n; n++)
        if (predictor->terms[n].statistic->has_half_life && predictor->terms[n].ref == kind) return true;
    return false;
}

static int kind_state_init(engine_t *self, int k) {
    model_t *model = self->model;
    kind_state_t *state = &self->kinds[k];
    state->lazy = mem_alloc((size_t)model->kinds[k].log_rate.n + 1, sizeof *state->lazy);
    state->counters = mem_alloc((size_t)self->world.n_counters + 1, sizeof *state->counters);
    state->counted_by = mem_alloc((size_t)model->n_kinds + 1, sizeof *state->counted_by);
    const season_t *season = &model->kinds[k].season;
    if (season->has_weekday || season->has_month || season->n_windows) {
        state->season = mem_alloc((size_t)self->n_days, sizeof *state->season);
        if (!state->season) return ERR_NOMEM;
    }
    size_t sites = state->slot < 0 ? 0 : (size_t)self->regions[model->kinds[k].scope].n_sites;
    state->static_part = mem_alloc(sites + 1, sizeof *state->static_part);
    if (!state->lazy || !state->counters || !state->counted_by || !state->static_part) return ERR_NOMEM;
    for (int c = 0; c < self->world.n_counters; c++)
        if (self->world.counters[c]->ref == k) state->counters[state->n_counters++] = c;
    for (int reader = 0; reader < model->n_kinds; reader++)
        if (self->kinds[reader].slot >= 0 && counts(&model->kinds[reader].log_rate, k))
            state->counted_by[state->n_counted_by++] = reader;
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
    self->streams = mem_alloc_lines(n / RNG_LANES + (size_t)model->n_kinds + 1, sizeof *self->streams);
    if (!self->receivers || !self->streams) return ERR_NOMEM;
    for (int fill = 0; fill < 2; fill++) {
        size_t at = 0, group = 0;
        for (int k = 0; fill && k < model->n_kinds; k++) {
            kind_state_t *state = &self->kinds[k];
            state->receivers = self->receivers + at;
            state->streams = self->streams + group;
            at += (size_t)state->n_receivers;
            group += (size_t)groups_of(state->n_receivers);
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
    site_actors_t place = process_actors(self, p);
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
    self->others = mem_alloc_lines((size_t)self->n_processes + 1, sizeof *self->others);
    if (!self->room || !self->next || !self->others) return ERR_NOMEM;
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
        void *blocks[] = {state->lazy, state->counters, state->counted_by, state->season, state->static_part};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    }
    for (int scope = 0; scope < SCOPE_N; scope++) {
        mem_free(self->regions[scope].of_strength);
        mem_free(self->regions[scope].of_alignment);
        mem_free(self->regions[scope].unknown);
        mem_free(self->regions[scope].actors);
        for (int c = 0; c < self->regions[scope].n_columns; c++)
            mem_free(self->regions[scope].columns[c].values);
        mem_free(self->regions[scope].columns);
    }
    mem_free(self->kinds);
    mem_free(self->receivers);
    mem_free(self->streams);
    mem_free(self->processes);
    mem_free(self->room);
    mem_free(self->next);
    mem_free(self->others);
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
    self->others = NULL;
    self->offspring = NULL;
    self->offspring_capacity = 0;
    self->n_processes = self->n_bunches = 0;
    self->columns_key = 0;
    memset(self->regions, 0, sizeof self->regions);
}
