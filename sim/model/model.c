#include "model/model.h"

#include "base/date.h"
#include "base/error.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALSO(id, word)
const char *const scope_names[SCOPE_N] = {SCOPE_LIST(ENUM_WORD)};
const char *const level_names[LEVEL_N] = {LEVEL_LIST(ENUM_WORD)};
const char *const role_names[ROLE_N] = {ROLE_LIST(ENUM_WORD, ALSO, )};
const char *const relation_names[RELATION_N] = {RELATION_LIST(ENUM_WORD)};
const char *const when_names[WHEN_N] = {WHEN_LIST(ENUM_WORD)};
const char *const reply_names[REPLY_N] = {FORCED_REPLY_LIST(ENUM_WORD)};
const char *const taken_names[TAKE_N] = {TAKE_LIST(ENUM_WORD)};
const char *const aim_names[AIM_N] = {AIM_LIST(ENUM_WORD)};
const char *const tariff_change_names[TARIFF_CHANGE_N] = {TARIFF_CHANGE_LIST(ENUM_WORD)};

void model_init(model_t *self) {
    *self = (model_t){0};
    arena_init(&self->arena);
    self->dynamics = (dynamics_t){
        .strength_half_life = 30,
        .alignment_half_life = 3 * DAYS_PER_YEAR,
        .trade_half_life = 4.3 * M_LN2 * DAYS_PER_YEAR,
        .gain_divisor = 100,
        .level = {2, 1, 0.5},
        .refresh = 30,
    };
    self->trade = (trade_t){.elasticity = 5, .output_ratio = 2, .deficits = DEFICITS_OF_OWN};
    self->output = (output_t){.every = 7,
                              .events = true,
                              .trajectories = true,
                              .precision = 1e-3,
                              .trade_precision = 1e-3,
                              .metrics_every = 30};
    self->replicates = 1000;
    self->seed = 1;
    self->event_cap = 1e6;
}

void model_free(model_t *self) {
    if (!self) return;
    arena_free(&self->arena);
    *self = (model_t){0};
}

/* ---- what model_finish derives ---------------------------------------------------------------------- */

static int finish_ties(model_t *self) {
    size_t n = (size_t)self->n_actors;
    self->tie_of = arena_alloc(&self->arena, n * n, sizeof *self->tie_of);
    if (!self->tie_of) return ERR_NOMEM;
    for (size_t i = 0; i < n * n; i++) self->tie_of[i] = -1;
    for (int e = 0; e < self->n_ties; e++) {
        const tie_t *tie = &self->ties[e];
        self->tie_of[tie->a * self->n_actors + tie->b] = e;
        self->tie_of[tie->b * self->n_actors + tie->a] = e;
    }
    return 0;
}

/* Each kind that shocks trade gets a slot for what its shocks have left on a flow. */
static int finish_shocks(model_t *self) {
    self->shock_kinds = arena_alloc(&self->arena, (size_t)self->n_kinds, sizeof *self->shock_kinds);
    if (!self->shock_kinds) return ERR_NOMEM;
    self->n_shocks = 0;
    for (int k = 0; k < self->n_kinds; k++) {
        kind_t *kind = &self->kinds[k];
        kind->shock_slot = -1;
        if (kind->trade_shock_half_life <= 0) continue;
        kind->shock_slot = self->n_shocks;
        self->shock_kinds[self->n_shocks++] = k;
    }
    return 0;
}

double kind_pair_weight(const kind_t *self, role_t a, role_t b) {
    role_t other = a == ROLE_MEDIATOR ? b : b == ROLE_MEDIATOR ? a : ROLE_N;
    if (other == ROLE_N) return self->pair_weight[a][b];
    return other <= ROLE_TARGET ? self->mediator_weight[other] : 0;
}

predictor_t *kind_predictor(kind_t *kind, int i) {
    predictor_t *own[] = {&kind->log_rate, &kind->success.log_odds, &kind->reply.accept.log_odds,
                          &kind->summit.attendance.log_odds, &kind->summit.guest_attendance.log_odds};
    int n_own = (int)(sizeof own / sizeof *own);
    if (i < n_own) return own[i];
    if ((i -= n_own) < kind->n_then) return &kind->then[i].chance.log_odds;
    if ((i -= kind->n_then) < kind->summit.n_sidelines) return &kind->summit.sidelines[i].chance.log_odds;
    return NULL;
}

static void finish_conditions(model_t *self) {
    self->n_condition_columns = self->n_conditions;
    for (int c = 0; c < self->n_conditions; c++) {
        condition_t *condition = &self->conditions[c];
        condition->back = condition->directed ? self->n_condition_columns++ : -1;
    }
}

static void finish_flags(model_t *self) {
    for (int k = 0; k < self->n_kinds; k++) {
        const predictor_t *predictor;
        self->has_spillover |= self->kinds[k].spillover != 0;
        for (int n = 0; (predictor = kind_predictor(&self->kinds[k], n)); n++)
            for (int i = 0; i < predictor->n; i++) {
                self->has_sampled |= predictor->terms[i].statistic->klass == STATISTIC_SAMPLED;
                self->reads_trade |= predictor->terms[i].statistic->id == STATISTIC_LOG_TRADE;
            }
        self->has_tariffs |= self->kinds[k].tariff.on;
    }
    self->has_tariffs |= self->n_tariffs > 0;
    for (int n = 0; n < self->n_interventions; n++) self->has_tariffs |= self->interventions[n].n_tariffs > 0;
    for (int i = 0; i < self->n_actors; i++) self->has_growth |= self->actors[i].growth != 0;
}

static int by_time_then_name(const void *x, const void *y, void *tariffs) {
    const tariff_t *a = (const tariff_t *)tariffs + *(const int *)x,
                   *b = (const tariff_t *)tariffs + *(const int *)y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int finish_tariffs(model_t *self) {
    size_t n = (size_t)self->n_tariffs;
    self->tariff_order = arena_alloc(&self->arena, n, sizeof *self->tariff_order);
    if (!self->tariff_order) return ERR_NOMEM;
    for (int i = 0; i < self->n_tariffs; i++) self->tariff_order[i] = i;
    if (n) qsort_r(self->tariff_order, n, sizeof *self->tariff_order, by_time_then_name, self->tariffs);
    return 0;
}

static int by_time_then_id(const void *x, const void *y) {
    const calendar_entry_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return strcmp(a->id ? a->id : "", b->id ? b->id : "");
}

static int finish_texts(model_t *self) {
    for (int i = 0; i < self->n_actors; i++)
        if (!self->actors[i].label) self->actors[i].label = self->actors[i].name;
    for (int q = 0; q < self->n_quantities; q++) {
        quantity_t *quantity = &self->quantities[q];
        if (!quantity->label) quantity->label = quantity->name;
        if (!quantity->unit) {
            quantity->unit = arena_text(&self->arena, quantity_unit(self, quantity));
            if (!quantity->unit) return ERR_NOMEM;
        }
    }
    return 0;
}

int model_finish(model_t *self) {
    int ret = 0;
    TRY(finish_ties(self));
    TRY(finish_shocks(self));
    TRY(finish_tariffs(self));
    TRY(finish_texts(self));
    finish_conditions(self);
    finish_flags(self);
    self->n_rule_counts = rule_number_counts(self);
    if (self->n_history)
        qsort(self->history, (size_t)self->n_history, sizeof *self->history, by_time_then_id);
out:
    return ret;
}

/* ---- quantities ------------------------------------------------------------------------------------- */

bool quantity_is_probability(const quantity_t *self) {
    return !strcmp(self->unit, "probability");
}

int quantity_steps(const quantity_t *self) {
    double steps = self->every > 0 ? ceil((self->until - self->from) / self->every * (1 - 1e-12)) : 1;
    return steps > 1 ? (int)steps : 1;
}

const char *quantity_unit(const model_t *self, const quantity_t *quantity) {
    static const char *const units[] = {
        [QUANTITY_STRENGTH] = "1",       [QUANTITY_ALIGNMENT] = "1",
        [QUANTITY_TRADE] = "USD/year",   [QUANTITY_REALISED] = "USD",
        [QUANTITY_COUNT] = "events",     [QUANTITY_SUM] = "USD",
        [QUANTITY_FIRST] = "days",       [QUANTITY_CONDITION] = "probability",
        [QUANTITY_COMBINED] = "1",       [QUANTITY_EXPORTS] = "USD/year",
        [QUANTITY_IMPORTS] = "USD/year", [QUANTITY_REVENUE] = "USD/year",
        [QUANTITY_REAL_INCOME] = "%",
    };
    bool extreme = quantity->take == TAKE_MIN || quantity->take == TAKE_MAX;
    if (quantity->has_threshold) return "probability";
    if (quantity->what == QUANTITY_COMBINED && quantity->take != TAKE_RATIO) {
        const char *unit = quantity_unit(self, &self->quantities[quantity->parts[0]]);
        return extreme || strcmp(unit, "probability") != 0 ? unit : "1";
    }
    if (quantity->what == QUANTITY_CONDITION && quantity->every > 0 && !extreme)
        return quantity->take == TAKE_DAYS ? "days" : "1";
    return units[quantity->what];
}

/* ---- names ------------------------------------------------------------------------------------------ */

#define FIND(function, count, items, field)                    \
    int function(const model_t *self, const char *name) {      \
        for (int i = 0; i < self->count; i++)                  \
            if (!strcmp(self->items[i].field, name)) return i; \
        return -1;                                             \
    }
FIND(model_actor, n_actors, actors, name)
FIND(model_kind, n_kinds, kinds, name)
FIND(model_group, n_groups, groups, name)
FIND(model_condition, n_conditions, conditions, name)
FIND(model_calendar, n_calendar, calendar, id)
FIND(model_variant, n_variants, variants, name)
FIND(model_quantity, n_quantities, quantities, name)
FIND(model_param, n_params, params, path)

/* ---- variants ---------------------------------------------------------------------------------------- */

double setting_value(const model_t *self, const setting_t *setting) {
    const param_t *param = &self->params[setting->param];
    if (!setting->scales) return setting->value;
    return fmin(param->high, fmax(param->low, setting->value * *param->value));
}

bool variant_intervenes(const model_t *self, const variant_t *variant, int intervention) {
    return self->interventions[intervention].in_base
               ? !in_list(variant->n_without_interventions, variant->without_interventions, intervention)
               : in_list(variant->n_interventions, variant->interventions, intervention);
}

static bool is_probability_of_calendar(const model_t *self, int param) {
    for (int e = 0; e < self->n_calendar; e++)
        if (self->params[param].value == &self->calendar[e].probability) return true;
    return false;
}

bool variant_is_difference(const model_t *self, const variant_t *variant) {
    if (variant->n_without_history || variant->n_without_ongoing) return false;
    for (int n = 0; n < variant->n_settings; n++)
        if (!is_probability_of_calendar(self, variant->settings[n].param)) return false;
    for (int n = 0; n < self->n_interventions; n++)
        if (self->interventions[n].n_settings > 0 && variant_intervenes(self, variant, n)) return false;
    return true;
}
