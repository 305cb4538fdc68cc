/* Derives from the current parameters: duties, seasons, excitation, and for every process the part of its
 * baseline rate that only parameters and refreshes change. */
#include "engine/event/coalition.h"

#include "base/date.h"
#include <gsl/gsl_minmax.h>
#include <math.h>
#include <string.h>

static void prepare_duties(engine_t *self, int k) {
    const kind_t *kind = &self->model->kinds[k];
    kind_state_t *state = &self->kinds[k];
    bool shocks = kind->shock_slot >= 0 && kind->trade_shock != 0;
    bool changes =
        kind->deal.on || kind->n_conditions || kind->n_memberships || kind->n_presences || kind->tariff.on;
    state->duties = (kind->has_value ? DUTY_VALUE : 0) | (kind->n_sectors ? DUTY_SECTOR : 0) |
                    (kind->has_success ? DUTY_SUCCESS : 0) | (kind->in_person ? DUTY_IN_PERSON : 0) |
                    (kind->summit.on ? DUTY_CONVENES : 0) |
                    (kind->goldstein != 0 || shocks ? DUTY_MOVES : 0) | (changes ? DUTY_CHANGES : 0) |
                    (kind->n_then || kind->reply.on ? DUTY_FOLLOWS : 0);
    if (kind->spillover != 0 && kind->goldstein != 0) state->duties |= DUTY_SPREADS;
    if (kind->n_memberships || kind->n_presences) state->duties |= DUTY_ACTORS;
    for (int c = 0; c < kind->n_conditions; c++)
        if (self->model->conditions[kind->conditions[c].condition].on_actor) state->duties |= DUTY_ACTORS;
    for (int n = 0; n < kind->n_then; n++) {
        const kind_t *next = &self->model->kinds[kind->then[n].kind];
        if (!next->in_person || next->level_weight[LEVEL_LEADER] < 1) continue;
        state->duties |= next->summit.on ? DUTY_BOOKS | DUTY_SUMMONS : DUTY_BOOKS;
    }
    for (int q = 0; q < self->model->n_quantities; q++)
        if (in_list(self->model->quantities[q].n_kinds, self->model->quantities[q].kinds, k))
            state->duties |= DUTY_COUNTED;
    if (rules_count_kind(self, k)) state->duties |= DUTY_TALLIED;
    if (coalition_of_kind(self, k)) state->duties |= DUTY_ALLIED;
    state->sure_level = LEVEL_N;
    for (int l = 0; l < LEVEL_N; l++)
        if (kind->level_weight[l] >= 1) state->sure_level = (uint8_t)l;
}

/* Of the parameters of its factors. */
static uint64_t season_key(const season_t *season) {
    uint64_t key = rng_key_doubles(0, 7, season->weekday);
    key = rng_key_doubles(key, 12, season->month);
    for (int w = 0; w < season->n_windows; w++) {
        const window_t *window = &season->windows[w];
        key = rng_key_doubles(key, 3, (const double[]){window->from, window->until, window->factor});
    }
    return key;
}

/* Kept until a parameter of it changes. */
static void prepare_season(engine_t *self, int k) {
    const season_t *season = &self->model->kinds[k].season;
    kind_state_t *state = &self->kinds[k];
    if (!state->season) {
        state->season_max = 1;
        state->log_season = 0;
        return;
    }
    uint64_t key = season_key(season);
    if (key == state->season_key) return;
    state->season_key = key;
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
    state->log_season = elementary_log(state->season_max);
}

static void prepare_receivers(engine_t *self, int source) {
    for (int n = 0; n < self->kinds[source].n_receivers; n++) {
        receiver_t *r = &self->kinds[source].receivers[n];
        const excitation_t *excitation = &self->model->kinds[r->kind].excitations[r->excitation];
        r->decay = M_LN2 / excitation->half_life;
        r->mean = excitation->branching;
        r->most = r->mean * self->kinds[r->kind].season_max;
        if (r->scope == SCOPE_DIRECTED && r->relation == RELATION_SAME)
            self->kinds[source].duties |= DUTY_TURNS;
        bool spreads = r->relation >= RELATION_INITIATOR && r->scope <= SCOPE_DYAD; /* numbers of their own */
        rng_lanes_t *group = &self->kinds[source].streams[n / RNG_LANES];
        int lane = n % RNG_LANES;
        group->second[lane] = r->name;
        group->third[lane] = (uint32_t)r->key;
        group->fourth[lane] = (uint32_t)(r->key >> 32);
        group->least[lane] = spreads ? 0 : none_below(r);
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

/* Kept until an attribute changes. */
static void prepare_columns(engine_t *self, uint64_t attributes) {
    if (self->columns_key == attributes) return;
    self->columns_key = attributes;
    for (int scope = 0; scope < SCOPE_N; scope++) {
        const region_t *region = &self->regions[scope];
        for (int c = 0; c < region->n_columns; c++)
            for (int site = 0; site < region->n_sites; site++) {
                site_actors_t at = region->actors[site];
                region->columns[c].values[site] =
                    at.i < 0 ? NAN : term_value(&self->world, &region->columns[c].term, at.i, at.j, 0);
            }
    }
}

static void add_term(const region_t *region, const term_t *term, double *part) {
    const column_t *column = region->columns;
    while (column->term.statistic != term->statistic || column->term.ref != term->ref) column++;
    const double *values = column->values, reference = term->reference, coefficient = term->coefficient;
    for (int site = 0; site < region->n_sites; site++) {
        double value = isnan(values[site]) ? reference : values[site];
        part[site] += coefficient * (value - reference);
    }
}

/* The static part of a kind's predictor at every site, kept until what it is made of changes. */
static void prepare_static(engine_t *self, int k, uint64_t attributes) {
    const kind_t *kind = &self->model->kinds[k];
    kind_state_t *state = &self->kinds[k];
    const region_t *region = &self->regions[kind->scope];
    uint64_t key = attributes;
    state->log_base =
        kind->rate_per_year > 0 ? elementary_log(kind->rate_per_year / DAYS_PER_YEAR) : -INFINITY;
    for (int n = 0; n < kind->log_rate.n; n++) {
        key = rng_key_doubles(key, 1, &kind->log_rate.terms[n].coefficient);
        key = rng_key_doubles(key, 1, &kind->log_rate.terms[n].reference);
    }
    if (state->slot < 0 || key == state->static_key) return;
    state->static_key = key;
    memset(state->static_part, 0, (size_t)region->n_sites * sizeof *state->static_part);
    for (int n = 0; n < kind->log_rate.n; n++)
        if (kind->log_rate.terms[n].statistic->klass == STATISTIC_STATIC)
            add_term(region, &kind->log_rate.terms[n], state->static_part);
    for (int site = 0; (kind->initiators || kind->targets) && site < region->n_sites; site++) {
        site_actors_t at = region->actors[site];
        if (at.i >= 0 && !may_happen_at(kind, at.i, at.j)) state->static_part[site] = -INFINITY;
    }
}

/* log of the part of the intensity that only parameters and refreshes change. */
static double log_rate_of(const engine_t *self, const process_t *p, bool sampled) {
    const kind_state_t *state = &self->kinds[p->kind];
    double log_rate = state->log_base + state->static_part[p->site] + state->lazy_constant;
    if (!sampled || !self->model->has_sampled || !(log_rate > -INFINITY)) return log_rate;
    site_actors_t at = process_actors(self, p);
    if (at.i < 0) return log_rate;
    return log_rate + predictor_part(&self->world, &self->model->kinds[p->kind].log_rate, STATISTIC_SAMPLED,
                                     at.i, at.j, self->now);
}

static void prepare_reader(region_t *region, const kind_state_t *state) {
    bool happens = state->log_base > -INFINITY;
    for (int n = 0; happens && n < state->n_lazy; n++) {
        motion_t motion = state->lazy[n]->statistic->motion;
        region->others_move |= motion == MOTION_STRENGTH || motion == MOTION_ALIGNMENT;
    }
    region->of_strength[state->slot] = happens ? state->strength_coefficient : 0;
    region->of_alignment[state->slot] = happens ? state->alignment_coefficient : 0;
    region->unknown[state->slot] = happens && state->n_lazy > 0 ? INFINITY : 0;
    region->follows_others |= happens && state->n_lazy > 0;
    region->n_readers += happens && (state->strength_coefficient != 0 || state->alignment_coefficient != 0 ||
                                     state->n_lazy > 0);
}

void processes_prepare(engine_t *self) {
    const model_t *model = self->model;
    uint64_t attributes = attributes_key(model);
    prepare_columns(self, attributes);
    for (int scope = 0; scope < SCOPE_N; scope++)
        self->regions[scope].n_readers = 0, self->regions[scope].follows_others = false,
        self->regions[scope].others_move = false;
    for (int k = 0; k < model->n_kinds; k++) {
        kind_state_t *state = &self->kinds[k];
        region_t *region = &self->regions[model->kinds[k].scope];
        prepare_duties(self, k);
        prepare_season(self, k);
        prepare_static(self, k, attributes);
        intensity_prepare(self, k);
        if (state->slot >= 0) prepare_reader(region, state);
    }
    for (int k = 0; k < model->n_kinds; k++) prepare_receivers(self, k);
    for (int scope = 0; scope < SCOPE_N; scope++) processes_forget_others(self, (scope_t)scope);
}

void process_read_rate(engine_t *self, process_t *p) {
    p->log_rate = log_rate_of(self, p, true);
    process_make_room(self, p);
}

void processes_refresh(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_read_rate(self, &self->processes[n]);
    }
}

/* The scale makes strip 0 contain the baseline rate in the state at the start, at the season's maximum. */
void processes_scale(engine_t *self) {
    for (uint32_t n = 0; n < self->n_processes; n++) {
        process_t *p = &self->processes[n];
        p->log_rate = log_rate_of(self, p, false); /* sampled statistics see all actors: a scale must not */
        double scale = self->kinds[p->kind].season_max * process_base(self, p, 0);
        bool usable = scale > 1e-9 && scale < 1e9;
        p->scale = (int16_t)ceil(4 / M_LN2 * elementary_log(usable ? scale : 1 / DAYS_PER_YEAR) - 1e-3);
    }
}
