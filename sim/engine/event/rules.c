#include "engine/event/rules.h"

#include <math.h>
#include <string.h>

/* What has become of an entry: engine.outcomes. */
enum { NOT_YET, FAILED, SUCCEEDED };

/* ---- memory ----------------------------------------------------------------------------------------- */

typedef struct {
    engine_t *engine;
    int intervention;
} owner_t;

static void note_count(rule_t *rule, void *context) {
    const owner_t *owner = context;
    rules_t *rules = &owner->engine->rules;
    if (rule->type != RULE_COUNT) return;
    rules->counts[rule->slot] = rule;
    rules->owners[rule->slot] = owner->intervention;
    if (rule->at_least > rules->room) rules->room = rule->at_least;
}

int rules_init(engine_t *self) {
    const model_t *model = self->model;
    rules_t *rules = &self->rules;
    size_t n = (size_t)model->n_rule_counts, all = n + (size_t)model->n_interventions + 1;
    rules->counts = mem_alloc(n + 1, sizeof *rules->counts);
    rules->owners = mem_alloc(n + 1, sizeof *rules->owners);
    rules->outcomes = mem_alloc((size_t)model->n_calendar + 1, sizeof *rules->outcomes);
    rules->room = 1;
    if (!rules->counts || !rules->owners || !rules->outcomes) return ERR_NOMEM;
    owner_t owner = {self, -1};
    rule_visit_all(model, note_count, &owner);
    for (owner.intervention = 0; owner.intervention < model->n_interventions; owner.intervention++) {
        rule_t *rule = model->interventions[owner.intervention].when;
        if (rule && rule_is_exact(rule)) rule_visit(rule, note_count, &owner);
    }
    rules->recalls = mem_alloc(all * (size_t)rules->room, sizeof *rules->recalls);
    return rules->recalls ? 0 : ERR_NOMEM;
}

void rules_free(engine_t *self) {
    void *blocks[] = {self->rules.counts, self->rules.owners, self->rules.outcomes, self->rules.recalls};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
}

void rules_start(engine_t *self) {
    const model_t *model = self->model;
    int n = (model->n_rule_counts + model->n_interventions) * self->rules.room;
    for (int k = 0; k < n; k++) self->rules.recalls[k] = -INFINITY;
    for (int e = 0; e < model->n_calendar; e++) self->rules.outcomes[e] = NOT_YET;
}

static double *recalls_of(const engine_t *self, int slot) {
    return self->rules.recalls + slot * self->rules.room;
}

double *rules_acted(const engine_t *self, int intervention) {
    return recalls_of(self, self->model->n_rule_counts + intervention);
}

/* ---- whether it holds ------------------------------------------------------------------------------- */

static int actor_of(int actor, const event_plan_t *plan) {
    if (actor == RULE_OF_INITIATOR) return plan->initiator;
    return actor == RULE_OF_TARGET ? plan->target : actor;
}

static int tie_of(const engine_t *self, int tie, const event_plan_t *plan) {
    if (tie != RULE_OWN_TIE) return tie;
    return plan->initiator < 0 || plan->target < 0 ? -1
                                                   : model_tie(self->model, plan->initiator, plan->target);
}

static bool is_within(const rule_t *rule, double value) {
    return (isnan(rule->above) || value > rule->above) && (isnan(rule->below) || value < rule->below);
}

static bool state_holds(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    const world_t *world = &self->world;
    int tie = tie_of(self, rule->tie, plan);
    if (tie < 0) return false;
    if (rule->type == RULE_STRENGTH) return is_within(rule, world_strength(world, tie, self->now));
    if (rule->type == RULE_ALIGNMENT) return is_within(rule, world_alignment(world, tie, self->now));
    double trade = 0; /* a flow without a figure is none */
    for (int flow = 2 * tie; flow < 2 * tie + 2; flow++) {
        double usd = rule->flow >= 0 && rule->flow != flow ? 0 : world_trade(world, flow, self->now);
        trade += isnan(usd) ? 0 : usd;
    }
    return is_within(rule, trade);
}

static bool imposed(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    int flow = rule->flow;
    if (flow == RULE_OWN_FLOW) flow = model_flow(self->model, plan->initiator, plan->target);
    if (flow == RULE_OWN_BACK) flow = model_flow(self->model, plan->target, plan->initiator);
    return world_condition_from(&self->world, rule->condition, flow);
}

static bool condition_holds(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    int actor = actor_of(rule->actor, plan), tie = tie_of(self, rule->tie, plan);
    if (actor >= 0) return world_condition_on_actor(&self->world, rule->condition, actor);
    if (rule->flow != -1 && tie >= 0) return imposed(self, rule, plan);
    return tie >= 0 && world_condition_on_tie(&self->world, rule->condition, tie);
}

static bool count_holds(const engine_t *self, const rule_t *rule) {
    double oldest = recalls_of(self, rule->slot)[self->rules.room - rule->at_least];
    return oldest > -INFINITY && oldest + rule->within > self->now; /* as the look is timed */
}

static bool entry_holds(const engine_t *self, const rule_t *rule) {
    int outcome = self->rules.outcomes[rule->entry];
    switch (rule->is) {
    case FATE_HELD:
        return outcome != NOT_YET;
    case FATE_SUCCEEDED:
        return outcome == SUCCEEDED;
    case FATE_FAILED:
        return outcome == FAILED;
    default:
        return outcome == NOT_YET && self->now >= floor(self->model->calendar[rule->entry].until) + 1;
    }
}

static bool members_hold(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    const model_t *model = self->model;
    double weight = 0, all = 0;
    int n = 0, n_all = 0;
    for (int p = 0; p < rule->n_parts; p++) {
        int actor = rule->members[p];
        if (!world_member(&self->world, rule->group, actor)) continue;
        double one = rule->attribute < 0 ? 1 : model->actors[actor].attributes[rule->attribute];
        bool holds = rule_holds(self, &rule->parts[p], plan);
        n_all++, n += holds;
        all += one, weight += holds ? one : 0;
    }
    return n_all > 0 &&
           n >= (rule->at_least > 0   ? rule->at_least
                 : isnan(rule->share) ? n_all
                                      : 0) &&
           (isnan(rule->share) || weight >= rule->share * all);
}

static bool some_hold(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    int n = 0;
    for (int p = 0; p < rule->n_parts; p++) n += rule_holds(self, &rule->parts[p], plan);
    return n >= rule->at_least;
}

bool rule_holds(const engine_t *self, const rule_t *rule, const event_plan_t *plan) {
    int actor;
    switch (rule->type) {
    case RULE_STRENGTH:
    case RULE_ALIGNMENT:
    case RULE_TRADE:
        return state_holds(self, rule, plan);
    case RULE_ATTRIBUTE:
        actor = actor_of(rule->actor, plan);
        return actor >= 0 && is_within(rule, self->model->actors[actor].attributes[rule->attribute]);
    case RULE_CONDITION:
        return condition_holds(self, rule, plan);
    case RULE_COUNT:
        return count_holds(self, rule);
    case RULE_ENTRY:
        return entry_holds(self, rule);
    case RULE_DATE:
        return self->now >= rule->from && self->now < rule->until;
    case RULE_NOT:
        return !rule_holds(self, rule->parts, plan);
    case RULE_SOME:
        return some_hold(self, rule, plan);
    case RULE_MEMBERS:
        return members_hold(self, rule, plan);
    }
    return false;
}

const rule_t *rule_of_event(const engine_t *self, const event_plan_t *plan) {
    if (plan->from) return plan->from->only_if;
    return plan->entry >= 0 && !plan->known ? self->model->calendar[plan->entry].only_if : NULL;
}

/* ---- what changes ----------------------------------------------------------------------------------- */

static int put_down(engine_t *self, int intervention, double time) {
    item_t item = {.type = ITEM_INTERVENTION, .intervention = intervention};
    uint64_t order = rng_key_text(0, self->model->interventions[intervention].id);
    if (!(time < self->model->horizon)) return 0;
    return agenda_add(&self->agenda, time, CLASS_INTERVENTION, order, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

/* A look at the intervention, in those of the acting courses that have it. */
static int look_at(engine_t *self, int intervention, double time) {
    course_set_t acting = self->acting, on = 0;
    for (course_set_t left = acting; left; left &= left - 1)
        if (variant_intervenes(self->model, self->courses[course_first(left)].variant, intervention))
            on |= left & -left;
    if (!on) return 0;
    courses_act(self, on);
    int ret = put_down(self, intervention, time);
    courses_act(self, acting);
    return ret;
}

bool rules_counts(const rule_t *rule, int kind) {
    return in_list(rule->n_kinds, rule->kinds, kind);
}

bool rules_count_kind(const engine_t *self, int kind) {
    for (int c = 0; c < self->model->n_rule_counts; c++)
        if (rules_counts(self->rules.counts[c], kind)) return true;
    return false;
}

static bool counts_from_to(const rule_t *rule, int i, int j) {
    return (rule->initiator < 0 || rule->initiator == i) && (rule->target < 0 || rule->target == j);
}

static bool counts_it(const engine_t *self, const rule_t *rule, const event_plan_t *plan, bool success) {
    int i = plan->initiator, j = plan->target;
    if (plan->time < rule->from || plan->time >= rule->until || (rule->successful && !success)) return false;
    if (rule->tie >= 0 && (i < 0 || j < 0 || model_tie(self->model, i, j) != rule->tie)) return false;
    return counts_from_to(rule, i, j) ||
           (self->kinds[plan->kind].scope == SCOPE_DYAD && counts_from_to(rule, j, i));
}

static int count(engine_t *self, const rule_t *rule, double time) {
    int ret = 0, room = self->rules.room, owner = self->rules.owners[rule->slot];
    double *recalls = recalls_of(self, rule->slot);
    memmove(recalls, recalls + 1, (size_t)(room - 1) * sizeof *recalls);
    recalls[room - 1] = time;
    if (owner < 0) return 0;
    TRY(look_at(self, owner, self->now));
    if (time + rule->within > self->now) TRY(look_at(self, owner, time + rule->within));
out:
    return ret;
}

int rules_event(engine_t *self, const event_plan_t *plan, bool success) {
    int ret = 0;
    for (int c = 0; c < self->model->n_rule_counts; c++) {
        const rule_t *rule = self->rules.counts[c];
        if (rules_counts(rule, plan->kind) && counts_it(self, rule, plan, success))
            TRY(count(self, rule, plan->time));
    }
    if (plan->entry < 0 || plan->known) return 0;
    self->rules.outcomes[plan->entry] = success ? SUCCEEDED : FAILED;
    TRY(rules_changed(self, RULE_ENTRY, plan->entry));
out:
    return ret;
}

typedef struct {
    rule_type_t type;
    int of;
    bool found;
} sought_t;

static void seek(rule_t *rule, void *context) {
    sought_t *sought = context;
    int of = rule->type == RULE_CONDITION ? rule->condition
             : rule->type == RULE_ENTRY   ? rule->entry
                                          : rule->group;
    sought->found |= rule->type == sought->type && of == sought->of;
}

int rules_changed(engine_t *self, rule_type_t type, int of) {
    int ret = 0;
    for (int n = 0; n < self->model->n_interventions; n++) {
        rule_t *rule = self->model->interventions[n].when;
        sought_t sought = {type, of, false};
        if (!rule || !rule_is_exact(rule)) continue;
        rule_visit(rule, seek, &sought);
        if (sought.found) TRY(look_at(self, n, self->now));
    }
out:
    return ret;
}

/* ---- dates ------------------------------------------------------------------------------------------ */

typedef struct {
    engine_t *engine;
    int intervention, ret;
} dates_t;

static void look_then(dates_t *dates, double time) {
    if (time > 0 && dates->ret == 0) dates->ret = put_down(dates->engine, dates->intervention, time);
}

static void look_at_dates(rule_t *rule, void *context) {
    dates_t *dates = context;
    if (rule->type == RULE_DATE) {
        look_then(dates, rule->from);
        look_then(dates, rule->until);
    }
    if (rule->type == RULE_ENTRY && rule->is == FATE_NOT_HELD)
        look_then(dates, floor(dates->engine->model->calendar[rule->entry].until) + 1);
}

int rules_schedule(engine_t *self, int intervention) {
    dates_t dates = {self, intervention, put_down(self, intervention, 0)};
    rule_visit(self->model->interventions[intervention].when, look_at_dates, &dates);
    return dates.ret;
}
