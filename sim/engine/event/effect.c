/* What an event changes: strength and trade of its pairs, ties of third parties, deals, conditions, groups,
 * presence. */
#include "engine/event/coalition.h"

#include "base/date.h"
#include "base/mem.h"
#include <gsl/gsl_minmax.h>

/* ---- effects ---------------------------------------------------------------------------------------- */

/* g of the kind at that level of success and rank. Of an observed event whose level nobody noted the
 * multiplier is the expected one, as in a fit. */
double effect_gain(const engine_t *self, const event_plan_t *plan, const marks_t *marks) {
    const dynamics_t *d = &self->model->dynamics;
    const kind_t *kind = &self->model->kinds[plan->kind];
    double level = d->level[marks->level];
    if (plan->observed && plan->level < 0) {
        level = 0;
        for (int l = 0; l < LEVEL_N; l++) level += kind->level_weight[l] * d->level[l];
    }
    return kind->goldstein / d->gain_divisor * level * (marks->success ? 1 : kind->failure);
}

static double bump_tie(engine_t *self, int tie, double g, double lasting) {
    tie_changed(self, tie);
    return world_bump(&self->world, tie, self->now, g, lasting);
}

/* What a third party's tie gets. */
typedef struct {
    int tie;
    double g;
} spilled_t;

typedef struct {
    spilled_t *items;
    size_t n, capacity;
} spill_t;

/* For i -> j: a share of g goes to j's ties with each m, weighted by the strength between i and m. */
static int gather_spill(const engine_t *self, const kind_t *kind, int i, int j, double g, spill_t *spill) {
    const model_t *model = self->model;
    for (int m = 0; m < model->n_actors; m++) {
        int im = m == i || m == j ? -1 : model_tie(model, i, m), jm = im < 0 ? -1 : model_tie(model, j, m);
        if (jm < 0) continue;
        double weight = world_strength(&self->world, im, self->now);
        if (weight == 0) continue;
        if (ARRAY_RESERVE(spill->items, spill->n, spill->capacity) < 0) return ERR_NOMEM;
        spill->items[spill->n++] = (spilled_t){jm, kind->spillover * g * weight};
    }
    return 0;
}

int effect_spill(engine_t *self, const kind_t *kind, const party_t *party, double g, bool both_ways) {
    int ret = 0;
    spill_t spilled = {0};
    for (int p = 0; p < party->n; p++) {
        for (int q = p + 1; q < party->n; q++) {
            int i = party->who[p].actor, j = party->who[q].actor;
            bool main = !both_ways && party->who[q].role == ROLE_TARGET;
            double share = g * (main ? 1 : kind_pair_weight(kind, party->who[p].role, party->who[q].role));
            if (share == 0) continue;
            TRY(gather_spill(self, kind, i, j, share, &spilled));
            if (!main) TRY(gather_spill(self, kind, j, i, share, &spilled));
        }
    }
    for (size_t k = 0; k < spilled.n; k++)
        bump_tie(self, spilled.items[k].tie, spilled.items[k].g, kind->lasting);
out:
    mem_free(spilled.items);
    return ret;
}

/* Strength and trade on the tie of a pair; the change of strength. */
double effect_on_pair(engine_t *self, const kind_t *kind, int i, int j, double g, bool success) {
    int tie = model_tie(self->model, i, j);
    if (tie < 0) return 0;
    double change = g != 0 ? bump_tie(self, tie, g, kind->lasting) : 0;
    if (success && kind->shock_slot >= 0 && kind->trade_shock != 0) {
        world_shock(&self->world, 2 * tie, self->now, kind->shock_slot, kind->trade_shock);
        world_shock(&self->world, 2 * tie + 1, self->now, kind->shock_slot, kind->trade_shock);
    }
    return change;
}

static int deliver(engine_t *self, double from, double until, int flow, double usd_per_year, uint64_t key) {
    if (until <= self->now || usd_per_year == 0 || until <= 0) return 0;
    item_t item = {.type = ITEM_DELIVERY, .delivery = {flow, usd_per_year}};
    if (from <= self->now) /* a deal of the history may be under way: the first refresh is to see it */
        world_deal(&self->world, flow, self->now, usd_per_year);
    else if (agenda_add(&self->agenda, from, CLASS_STATE, key, &item) == AGENDA_NONE)
        return ERR_NOMEM;
    item.delivery.usd_per_year = -usd_per_year;
    return agenda_add(&self->agenda, until, CLASS_STATE, key, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

int effect_deal(engine_t *self, const event_plan_t *plan, const kind_t *kind, double value_usd) {
    int ret = 0, flow = plan->target < 0 ? -1 : model_flow(self->model, plan->initiator, plan->target);
    if (!kind->deal.on || flow < 0 || isnan(value_usd)) return 0;
    rng_stream_t stream;
    rng_stream_init(&stream, plan->key, DRAW_DEAL);
    double delivered = fmin(1, fmax(0, dist_sample(&kind->deal.delivered, &stream)));
    double duration = fmax(1, dist_sample(&kind->deal.duration, &stream));
    double lag = fmax(0, dist_sample(&kind->deal.lag, &stream));
    double a_year = value_usd * delivered / (duration / DAYS_PER_YEAR), from = plan->time + lag;
    double out = round(a_year * kind->deal.initiator_share),
           back = round(a_year * (1 - kind->deal.initiator_share));
    TRY(deliver(self, from, from + duration, flow, out, plan->key));
    TRY(deliver(self, from, from + duration, flow ^ 1, back, plan->key));
out:
    return ret;
}

static int actor_of(const event_plan_t *plan, role_t role) {
    return role == ROLE_TARGET ? plan->target : plan->initiator;
}

uint64_t effect_spell_token(const engine_t *self, const condition_start_t *start, const char *declared_by) {
    const model_t *model = self->model;
    const condition_t *condition = &model->conditions[start->condition];
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), declared_by);
    key = rng_key_text(key, condition->name);
    if (condition->on_actor) return rng_key_number(key, self->actor_keys[start->actor]);
    if (condition->directed) key = rng_key_number(key, self->actor_keys[flow_from(model, start->flow)]);
    uint64_t a = self->actor_keys[model->ties[start->tie].a], b = self->actor_keys[model->ties[start->tie].b];
    return rng_key_number(rng_key_number(key, GSL_MIN(a, b)), GSL_MAX(a, b));
}

int effect_begin_condition(engine_t *self, int c, int site, double since, uint64_t token, bool holds) {
    const condition_t *condition = &self->model->conditions[c];
    if (world_condition_start(&self->world, c, site, since, token))
        observe_change(self, CHANGE_STARTS, c, site, since);
    coalition_follow(self, c, site, &(spell_t){since, token}, true);
    if (!condition->has_duration) return 0;
    rng_stream_t stream;
    rng_stream_init(&stream, token, DRAW_DURATION);
    double end = since + fmax(0, dist_sample(&condition->duration, &stream));
    for (int tries = 0; holds && end <= self->now && tries < 10000; tries++) /* it has lasted until now */
        end = since + fmax(0, dist_sample(&condition->duration, &stream));
    item_t item = {.type = ITEM_CONDITION, .spell = {c, site, token}};
    bool pending = agenda_add(&self->agenda, fmax(end, self->now), CLASS_STATE, token, &item) != AGENDA_NONE;
    return pending ? 0 : ERR_NOMEM;
}

void effect_end_condition(engine_t *self, int condition, int site, double since, uint64_t token) {
    if (world_condition_end(&self->world, condition, site, since, token)) {
        observe_change(self, CHANGE_ENDS, condition, site, since);
        coalition_follow(self, condition, site, &(spell_t){since, 0}, false);
    }
    condition_changed(self, condition, site);
}

/* Where the event changes the condition, -1: nowhere. */
static int site_of(const engine_t *self, const event_plan_t *plan, const condition_change_t *change) {
    const condition_t *condition = &self->model->conditions[change->condition];
    int i = plan->initiator, j = plan->target;
    if (condition->on_actor) return actor_of(plan, change->who);
    if (j < 0) return -1;
    if (!condition->directed) return model_tie(self->model, i, j);
    return change->who == ROLE_TARGET ? model_flow(self->model, j, i) : model_flow(self->model, i, j);
}

static int change_condition(engine_t *self, const event_plan_t *plan, const condition_change_t *change) {
    int ret = 0;
    const condition_t *condition = &self->model->conditions[change->condition];
    int site = site_of(self, plan, change);
    if (site < 0) return 0;
    double since = fmin(plan->time, self->now);
    if (change->starts)
        TRY(effect_begin_condition(self, change->condition, site, since,
                                   rng_key_text(plan->key, condition->name), false));
    else
        effect_end_condition(self, change->condition, site, since, 0);
    condition_changed(self, change->condition, site);
    TRY(rules_changed(self, RULE_CONDITION, change->condition));
out:
    return ret;
}

void effect_tariff(engine_t *self, const tariff_t *tariff) {
    for (int k = 0; k < tariff->n_flows; k++)
        world_set_tariff(&self->world, tariff->flows[k], self->now, tariff->rate, tariff->phase_in);
}

/* The initiator's tariff on goods of the target. Tariffs of the past are those of the scenario. */
static void change_tariff(engine_t *self, const event_plan_t *plan, const tariff_change_t *change) {
    int flow = plan->target < 0 || plan->known ? -1 : model_flow(self->model, plan->target, plan->initiator);
    if (!change->on || flow < 0) return;
    double rate = change->rate;
    if (change->how == TARIFF_ADD) rate += self->world.tariffs[flow].to;
    if (change->how == TARIFF_MATCH) rate *= self->world.tariffs[flow ^ 1].to;
    world_set_tariff(&self->world, flow, self->now, fmax(0, rate), change->phase_in);
}

int effect_on_state(engine_t *self, const event_plan_t *plan, const kind_t *kind) {
    int ret = 0;
    change_tariff(self, plan, &kind->tariff);
    for (int c = 0; c < kind->n_conditions; c++) TRY(change_condition(self, plan, &kind->conditions[c]));
    for (int m = 0; m < kind->n_memberships; m++) {
        const membership_change_t *change = &kind->memberships[m];
        int group = change->group >= 0 ? change->group : plan->group, actor = actor_of(plan, change->who);
        if (group < 0 || actor < 0) continue;
        world_join(&self->world, group, actor, change->joins);
        actor_changed(self, actor);
        TRY(coalition_member(self, group, actor, change->joins));
        TRY(rules_changed(self, RULE_MEMBERS, group));
    }
    for (int p = 0; p < kind->n_presences; p++) {
        int actor = actor_of(plan, kind->presences[p].who);
        if (actor < 0) continue;
        self->world.present[actor] = kind->presences[p].enters;
        actor_changed(self, actor);
    }
out:
    return ret;
}
