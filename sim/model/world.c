#include "model/world.h"

#include "base/date.h"
#include "base/error.h"
#include "base/math/elementary.h"
#include "model/condition/state.h"
#include "model/trade/market.h"
#include "model/trade/tariff.h"
#include <math.h>
#include <string.h>

static double clamp1(double v) {
    return v > 1 ? 1 : v < -1 ? -1 : v;
}

/* ---- life ------------------------------------------------------------------------------------------- */

static size_t at_least_one(int n) {
    return n > 0 ? (size_t)n : 1;
}

/* Gives every term that counts events its own counter, because its half-life may vary separately. */
static int number_counters(world_t *self, model_t *model) {
    predictor_t *predictor;
    size_t capacity = 0;
    for (int k = 0; k < model->n_kinds; k++)
        for (int n = 0; (predictor = kind_predictor(&model->kinds[k], n)); n++)
            for (int i = 0; i < predictor->n; i++) {
                term_t *term = &predictor->terms[i];
                term->slot = -1;
                if (!term->statistic->has_half_life) continue;
                if (ARRAY_RESERVE(self->counters, self->n_counters, capacity) < 0) return ERR_NOMEM;
                term->slot = self->n_counters;
                self->counters[self->n_counters++] = term;
            }
    return 0;
}

int world_init(world_t *self, model_t *model) {
    int ret = 0;
    *self = (world_t){.model = model};
    for (int n = 0; n <= WORLD_MAX_GROUPS; n++) self->log1p[n] = elementary_log1p(n);
    size_t ties = at_least_one(model->n_ties), actors = at_least_one(model->n_actors);
    TRY(number_counters(self, model));
    self->ties = mem_alloc_lines(ties, sizeof *self->ties);
    self->flows = mem_alloc(2 * ties, sizeof *self->flows);
    self->shocks = mem_alloc(2 * ties * at_least_one(model->n_shocks), sizeof *self->shocks);
    self->shock_rates = mem_alloc(at_least_one(model->n_shocks), sizeof *self->shock_rates);
    if (!(self->on_trade = mem_alloc(at_least_one(model->n_conditions), sizeof *self->on_trade)))
        ret = ERR_NOMEM;
    self->on_ties = mem_alloc(ties * at_least_one(model->n_condition_columns), sizeof *self->on_ties);
    self->on_actors = mem_alloc(actors * at_least_one(model->n_conditions), sizeof *self->on_actors);
    self->memberships = mem_alloc(actors, sizeof *self->memberships);
    self->present = mem_alloc(actors, sizeof *self->present);
    self->counts = mem_alloc(2 * ties * at_least_one(self->n_counters), sizeof *self->counts);
    self->sampled = mem_alloc(model->has_sampled ? 2 * ties * SAMPLED_N : 1, sizeof *self->sampled);
    self->log_gdp = mem_alloc(actors, sizeof *self->log_gdp);
    self->log_distance = mem_alloc(ties, sizeof *self->log_distance);
    self->strengths = mem_alloc(model->has_sampled ? ties : 1, sizeof *self->strengths);
    self->tariffs = mem_alloc(model->has_tariffs ? 2 * ties : 1, sizeof *self->tariffs);
    self->tariffs_then = mem_alloc(model->has_tariffs ? 2 * ties : 1, sizeof *self->tariffs_then);
    self->multilateral = mem_alloc(model->trade.in_equilibrium ? 3 * actors : 1, sizeof *self->multilateral);
    self->closed = mem_alloc(model->trade.in_equilibrium ? 2 * ties : 1, sizeof *self->closed);
    if (model_has_noise(model) && !(self->noise = mem_alloc(2 * ties, sizeof *self->noise))) ret = ERR_NOMEM;
    if (model->trade.in_equilibrium) TRY(market_init(self));
    if (!self->ties || !self->flows || !self->shocks || !self->shock_rates || !self->on_ties ||
        !self->on_actors || !self->memberships || !self->present || !self->counts || !self->sampled ||
        !self->strengths || !self->log_gdp || !self->log_distance || !self->tariffs || !self->tariffs_then ||
        !self->multilateral || !self->closed)
        ret = ERR_NOMEM;
out:
    if (ret < 0)
        world_free(self);
    else
        world_prepare(self);
    return ret;
}

void world_free(world_t *self) {
    void *blocks[] = {self->ties,     self->flows,        self->shocks,  self->shock_rates,
                      self->on_ties,  self->on_actors,    self->present, self->memberships,
                      self->counters, self->counts,       self->sampled, self->strengths,
                      self->log_gdp,  self->log_distance, self->tariffs, self->tariffs_then,
                      self->noise,    self->multilateral, self->closed};
    mem_free(self->on_trade);
    market_free(self->market);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) mem_free(blocks[i]);
    *self = (world_t){0};
}

void world_prepare(world_t *self) {
    const model_t *model = self->model;
    const dynamics_t *d = &model->dynamics;
    self->relax = (relax_t){M_LN2 / d->strength_half_life, M_LN2 / d->alignment_half_life,
                            M_LN2 / d->trade_half_life, d->alignment_on_trade, d->atmosphere_on_trade};
    for (int i = 0; i < model->n_actors; i++) self->log_gdp[i] = elementary_log(model->actors[i].gdp_usd);
    for (int e = 0; e < model->n_ties; e++)
        self->log_distance[e] = elementary_log(model->ties[e].distance_km);
    for (int i = 0; i < model->n_shocks; i++)
        self->shock_rates[i] = M_LN2 / model->kinds[model->shock_kinds[i]].trade_shock_half_life;
    self->n_on_trade = 0;
    for (int c = 0; c < model->n_conditions; c++)
        if (model->conditions[c].log_trade_shift != 0) self->on_trade[self->n_on_trade++] = c;
    if (self->market) market_forget(self->market);
}

void world_reset(world_t *self) {
    const model_t *model = self->model;
    size_t flows = 2 * (size_t)model->n_ties;
    for (int e = 0; e < model->n_ties; e++) {
        const tie_t *tie = &model->ties[e];
        self->ties[e] = (tie_state_t){0, tie->strength, tie->alignment, tie->baseline, tie->baseline, {0, 0}};
        for (int f = 0; f < 2; f++)
            if (isnan(tie->trade_usd[f])) self->ties[e].x[f] = NAN;
    }
    memset(self->flows, 0, flows * sizeof *self->flows);
    if (model->has_tariffs) tariffs_reset(self);
    if (self->noise) memset(self->noise, 0, flows * sizeof *self->noise);
    self->unbalanced = false;
    if (self->market) market_reset(self);
    memset(self->shocks, 0, flows * (size_t)model->n_shocks * sizeof *self->shocks);
    size_t conditions = (size_t)model->n_conditions;
    memset(self->on_ties, 0,
           (size_t)model->n_ties * (size_t)model->n_condition_columns * sizeof *self->on_ties);
    memset(self->on_actors, 0, (size_t)model->n_actors * conditions * sizeof *self->on_actors);
    memset(self->counts, 0, flows * (size_t)self->n_counters * sizeof *self->counts);
    for (int i = 0; i < model->n_actors; i++) {
        self->memberships[i] = 0;
        self->present[i] = model->actors[i].from <= 0 && model->actors[i].until > 0;
    }
    for (int g = 0; g < model->n_groups; g++)
        for (int m = 0; m < model->groups[g].n_members; m++) {
            const member_t *member = &model->groups[g].members[m];
            if (member->from <= 0 && member->until > 0) world_join(self, g, member->actor, true);
        }
}

/* ---- long-run levels -------------------------------------------------------------------------------- */

void world_relevel(world_t *self, double now) {
    for (int tie = 0; tie < self->model->n_ties; tie++) {
        self->ties[tie].own = self->model->ties[tie].baseline;
        condition_level_of(self, tie, now);
    }
}

/* ---- reads ------------------------------------------------------------------------------------------ */

double world_strength(const world_t *self, int tie, double now) {
    return tie_strength(&self->relax, &self->ties[tie], now);
}

double world_alignment(const world_t *self, int tie, double now) {
    return tie_alignment(&self->relax, &self->ties[tie], now);
}

/* Of a flow with figures: x its log deviation, `off` the strength's distance from the alignment, and the
 * shift of the conditions in force. */
static double log_shift_of(const world_t *self, int flow, double now, double x, double off,
                           double conditions) {
    const model_t *model = self->model;
    int tie = flow / 2;
    double log_shift = x, dt = now - self->ties[tie].time;
    if (self->relax.eta_f != 0) log_shift += self->relax.eta_f * off;
    const double *shock = &self->shocks[(size_t)flow * (size_t)model->n_shocks];
    for (int i = 0; i < model->n_shocks; i++)
        if (shock[i] != 0) log_shift += shock[i] * elementary_exp(-self->shock_rates[i] * dt);
    log_shift += conditions;
    if (self->noise) log_shift += self->noise[flow];
    return log_shift;
}

static double multilateral_of(const world_t *self, int flow) {
    const model_t *model = self->model;
    if (self->closed[flow]) return -INFINITY;
    return self->multilateral[flow_from(model, flow)] +
           self->multilateral[model->n_actors + flow_to(model, flow)];
}

static double trade_of(const world_t *self, int flow, double now, double log_shift) {
    if (self->model->has_growth) log_shift += world_flow_growth(self, flow, now);
    if (self->model->has_tariffs) log_shift += world_log_tariff(self, flow, now);
    if (self->market) log_shift += multilateral_of(self, flow);
    return self->model->ties[flow / 2].trade_usd[flow & 1] * elementary_exp(log_shift) +
           self->flows[flow].deals;
}

static double trade_of_deals(const world_t *self, int flow) {
    return self->flows[flow].deals > 0 ? self->flows[flow].deals : NAN;
}

double world_log_shift(const world_t *self, int flow, double now) {
    int tie = flow / 2;
    const tie_t *fixed = &self->model->ties[tie];
    const tie_state_t *state = &self->ties[tie];
    const relax_t *relax = &self->relax;
    double x = tie_trade(relax, state, state->x[flow & 1], fixed->alignment_ref, now), off = 0;
    if (relax->eta_f != 0) off = tie_strength(relax, state, now) - tie_alignment(relax, state, now);
    return log_shift_of(self, flow, now, x, off, conditions_on_trade(self, tie, now));
}

double world_trade(const world_t *self, int flow, double now) {
    if (isnan(self->model->ties[flow / 2].trade_usd[flow & 1])) return trade_of_deals(self, flow);
    return trade_of(self, flow, now, world_log_shift(self, flow, now));
}

/* `off` is the strength's distance from the alignment. */
static void log_shifts_by(const world_t *self, int tie, double now, double off, double shifts[2]) {
    const tie_t *fixed = &self->model->ties[tie];
    const tie_state_t *state = &self->ties[tie];
    const relax_t *relax = &self->relax;
    if (isnan(fixed->trade_usd[0]) && isnan(fixed->trade_usd[1])) return;
    double dt = now - state->time, exp_b = elementary_exp(-relax->k_b * dt),
           exp_x = elementary_exp(-relax->k_x * dt), conditions = conditions_on_trade(self, tie, now);
    for (int f = 0; f < 2; f++) {
        if (isnan(fixed->trade_usd[f])) continue;
        double x = tie_trade_by(relax, state, state->x[f], fixed->alignment_ref, dt, exp_b, exp_x);
        shifts[f] = log_shift_of(self, 2 * tie + f, now, x, off, conditions);
    }
}

void world_log_shifts(const world_t *self, int tie, double now, double shifts[2]) {
    double s = 0, b = 0;
    if (self->relax.eta_f != 0) tie_at(&self->relax, &self->ties[tie], now, &s, &b);
    log_shifts_by(self, tie, now, s - b, shifts);
}

void world_look(const world_t *self, int tie, double now, look_t *look) {
    const tie_t *fixed = &self->model->ties[tie];
    double shifts[2] = {0};
    tie_at(&self->relax, &self->ties[tie], now, &look->strength, &look->alignment);
    log_shifts_by(self, tie, now, look->strength - look->alignment, shifts);
    for (int f = 0; f < 2; f++)
        look->trade[f] = isnan(fixed->trade_usd[f]) ? trade_of_deals(self, 2 * tie + f)
                                                    : trade_of(self, 2 * tie + f, now, shifts[f]);
}

double world_delivered(const world_t *self, int flow, double now) {
    const flow_state_t *f = &self->flows[flow];
    return f->delivered + f->deals * (now - f->delivered_at) / DAYS_PER_YEAR;
}

static decayed_t *count_at(const world_t *self, int counter, int flow) {
    return &self->counts[(size_t)flow * (size_t)self->n_counters + (size_t)counter];
}

double world_count(const world_t *self, int counter, int flow, double now) {
    const decayed_t *count = count_at(self, counter, flow);
    if (count->count == 0) return 0;
    return count->count * elementary_exp(-M_LN2 / self->counters[counter]->half_life * (now - count->time));
}

/* ---- effects ---------------------------------------------------------------------------------------- */

void world_anchor(world_t *self, int tie, double now) {
    const model_t *model = self->model;
    tie_state_t *state = &self->ties[tie];
    if (state->time == now) return;
    const relax_t *relax = &self->relax;
    double dt = now - state->time;
    bool trades = !isnan(state->x[0]) || !isnan(state->x[1]);
    double exp_b = tie_exp_b(relax, state, dt), exp_x = trades ? elementary_exp(-relax->k_x * dt) : 1;
    for (int f = 0; f < 2; f++) {
        if (isnan(state->x[f])) continue;
        double reference = model->ties[tie].alignment_ref; /* of a tie without trade it is in no cache */
        state->x[f] = tie_trade_by(relax, state, state->x[f], reference, dt, exp_b, exp_x);
        double *shock = &self->shocks[(2 * (size_t)tie + (size_t)f) * (size_t)model->n_shocks];
        for (int i = 0; i < model->n_shocks; i++)
            if (shock[i] != 0) shock[i] *= elementary_exp(-self->shock_rates[i] * dt);
    }
    double s, b;
    tie_after(relax, state, dt, exp_b, &s, &b);
    state->s = s;
    state->b = b;
    state->time = now;
}

static void settle_counts(world_t *self, double now) {
    for (int c = 0; c < self->n_counters; c++)
        for (int flow = 0; flow < 2 * self->model->n_ties; flow++) {
            decayed_t *count = count_at(self, c, flow);
            if (count->count != 0) *count = (decayed_t){now, world_count(self, c, flow, now)};
        }
}

void world_settle(world_t *self, double now) {
    for (int tie = 0; tie < self->model->n_ties; tie++) world_anchor(self, tie, now);
    settle_counts(self, now);
    conditions_settle(self, now);
}

double world_bump(world_t *self, int tie, double now, double g, double lasting) {
    world_anchor(self, tie, now);
    tie_state_t *state = &self->ties[tie];
    double before = state->s;
    state->s = tie_bump(state->s, clamp1(g));
    if (lasting != 0) state->b = tie_bump(state->b, clamp1(lasting * g));
    return state->s - before;
}

void world_shock(world_t *self, int flow, double now, int shock_slot, double size) {
    world_anchor(self, flow / 2, now);
    self->shocks[(size_t)flow * (size_t)self->model->n_shocks + (size_t)shock_slot] += size;
}

void world_deal(world_t *self, int flow, double now, double usd_per_year) {
    flow_state_t *f = &self->flows[flow];
    f->delivered = world_delivered(self, flow, now);
    f->delivered_at = now;
    f->deals += usd_per_year;
}

void world_join(world_t *self, int group, int actor, bool joins) {
    uint64_t bit = UINT64_C(1) << group;
    if (joins)
        self->memberships[actor] |= bit;
    else
        self->memberships[actor] &= ~bit;
}

void world_add_count(world_t *self, int counter, int flow, double now) {
    decayed_t *count = count_at(self, counter, flow);
    *count = (decayed_t){now, world_count(self, counter, flow, now) + 1};
}

/* ---- sampled statistics ----------------------------------------------------------------------------- */

static double positive_strength_of_others(const world_t *self, int actor, int except) {
    double sum = 0;
    for (int m = 0; m < self->model->n_actors; m++) {
        int tie = m == actor || m == except ? -1 : model_tie(self->model, actor, m);
        if (tie >= 0) sum += fmax(0, self->strengths[tie]);
    }
    return sum;
}

static void refresh_flow(world_t *self, int flow, double now) {
    const model_t *model = self->model;
    int i = flow_from(model, flow), j = flow_to(model, flow), partners = 0;
    double triads = 0;
    for (int m = 0; m < model->n_actors; m++) {
        int im = m == i || m == j ? -1 : model_tie(model, i, m);
        int jm = im < 0 ? -1 : model_tie(model, j, m);
        if (jm < 0) continue;
        double s_im = self->strengths[im], s_jm = self->strengths[jm];
        partners += s_im > 0 && s_jm > 0;
        triads += s_im * s_jm;
    }
    double *sampled = &self->sampled[(size_t)flow * SAMPLED_N];
    sampled[SAMPLED_LOG_TRADE] = 0; /* so that a change of trade that no statistic reads changes no sample */
    if (model->reads_trade) {
        double there = world_trade(self, flow, now), back = world_trade(self, flow ^ 1, now);
        double trade = (isnan(there) ? 0 : there) + (isnan(back) ? 0 : back);
        sampled[SAMPLED_LOG_TRADE] = elementary_log(fmax(1, trade));
    }
    sampled[SAMPLED_DEGREE_INITIATOR] = elementary_log1p(positive_strength_of_others(self, i, j));
    sampled[SAMPLED_DEGREE_TARGET] = elementary_log1p(positive_strength_of_others(self, j, i));
    sampled[SAMPLED_SHARED_PARTNERS] = elementary_log1p(partners);
    sampled[SAMPLED_BALANCE] = copysign(elementary_log1p(fabs(triads)), triads);
}

void world_refresh(world_t *self, double now) {
    const model_t *model = self->model;
    if (self->market) market_clear(self, now);
    if (!model->has_sampled) return;
    for (int tie = 0; tie < model->n_ties; tie++) self->strengths[tie] = world_strength(self, tie, now);
    for (int flow = 0; flow < 2 * model->n_ties; flow++) refresh_flow(self, flow, now);
}

void world_refresh_ties(world_t *self, double now, int n, const int *ties) {
    const model_t *model = self->model;
    if (self->market) market_clear_beside(self, now, n, ties);
    if (!model->has_sampled) return;
    for (int tie = 0; tie < model->n_ties; tie++) self->strengths[tie] = world_strength(self, tie, now);
    for (int k = 0; k < n; k++)
        for (int f = 0; f < 2; f++) refresh_flow(self, 2 * ties[k] + f, now);
}

/* ---- slabs ----------------------------------------------------------------------------------------- */

void world_tie_slabs(world_t *self, slab_t slabs[WORLD_TIE_SLABS]) {
    size_t conditions = (size_t)self->model->n_condition_columns, shocks = (size_t)self->model->n_shocks;
    size_t sampled = self->model->has_sampled ? SAMPLED_N : 0;
    slabs[0] = (slab_t){&self->ties, sizeof *self->ties};
    slabs[1] = (slab_t){&self->flows, 2 * sizeof *self->flows};
    slabs[2] = (slab_t){&self->shocks, 2 * shocks * sizeof *self->shocks};
    slabs[3] = (slab_t){&self->on_ties, conditions * sizeof *self->on_ties};
    slabs[4] = (slab_t){&self->counts, 2 * (size_t)self->n_counters * sizeof *self->counts};
    slabs[5] = (slab_t){&self->sampled, 2 * sampled * sizeof *self->sampled};
    slabs[6] = (slab_t){&self->tariffs, self->model->has_tariffs ? 2 * sizeof *self->tariffs : 0};
}

void world_market_slabs(world_t *self, slab_t slabs[WORLD_MARKET_SLABS]) {
    size_t actors = 3 * (size_t)self->model->n_actors, flows = 2 * (size_t)self->model->n_ties;
    slabs[0] = (slab_t){&self->multilateral, self->market ? actors * sizeof *self->multilateral : 0};
    slabs[1] = (slab_t){&self->closed, self->market ? flows * sizeof *self->closed : 0};
}

void world_actor_slabs(world_t *self, slab_t slabs[WORLD_ACTOR_SLABS]) {
    size_t conditions = (size_t)self->model->n_conditions;
    slabs[0] = (slab_t){&self->memberships, sizeof *self->memberships};
    slabs[1] = (slab_t){&self->present, sizeof *self->present};
    slabs[2] = (slab_t){&self->on_actors, conditions * sizeof *self->on_actors};
}
