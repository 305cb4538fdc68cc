#include "model/trade/market.h"

#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "model/trade/trade_outcome.h"

#include <assert.h>
#include <math.h>

struct market {
    equilibrium_t solver;
    bool made; /* the baseline, from the parameters as they are */
    bool sound;
    double *memory;
    double *flows, *then;        /* [n * n] of the baseline: flows, tariffs */
    double *log_shift, *tariffs; /* [n * n] taken from the ties */
    double *log_tariff;          /* [n * n] and what they add to the log of a flow */
    double *change;              /* [n * n] of each flow, log units */
    double *endowment;           /* [n] */
};

int market_init(world_t *world) {
    size_t n = (size_t)world->model->n_actors;
    market_t *self = world->market = mem_alloc(1, sizeof *self);
    if (!self) return ERR_NOMEM;
    self->memory = mem_alloc(6 * n * n + n + 1, sizeof *self->memory);
    if (!self->memory || equilibrium_init(&self->solver, (int)n) < 0)
        return ERR_NOMEM; /* world_free frees what there is */
    self->flows = self->memory;
    self->then = self->flows + n * n;
    self->log_shift = self->then + n * n;
    self->tariffs = self->log_shift + n * n;
    self->log_tariff = self->tariffs + n * n;
    self->change = self->log_tariff + n * n;
    self->endowment = self->change + n * n;
    return 0;
}

void market_free(market_t *self) {
    if (!self) return;
    equilibrium_free(&self->solver);
    mem_free(self->memory);
    mem_free(self);
}

void market_forget(market_t *self) {
    self->made = false;
}

void market_reset(world_t *world) {
    const model_t *model = world->model;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) world->multilateral[flow] = 0;
    for (int i = 0; i < model->n_actors; i++) world->multilateral[2 * model->n_ties + i] = 1;
}

const equilibrium_t *market_solution(const market_t *self) {
    return &self->solver;
}

/* ---- the baseline ---------------------------------------------------------------------------------- */

static double figure(const model_t *model, int flow) {
    double usd = model->ties[flow / 2].trade_usd[flow & 1];
    return isnan(usd) ? 0 : usd;
}

double market_domestic(const model_t *model, int actor) {
    const actor_t *of = &model->actors[actor];
    if (!isnan(of->domestic_usd)) return of->domestic_usd;
    double exports = 0, imports = 0;
    for (int j = 0; j < model->n_actors; j++) {
        if (j == actor || model_tie(model, actor, j) < 0) continue;
        exports += figure(model, model_flow(model, actor, j));
        imports += figure(model, model_flow(model, j, actor));
    }
    if (exports == 0 && imports == 0) return 0;
    return model->trade.output_ratio * of->gdp_usd - exports;
}

static void make_baseline(const world_t *world) {
    const model_t *model = world->model;
    market_t *self = world->market;
    int n = model->n_actors;
    for (int at = 0; at < n * n; at++) self->flows[at] = self->then[at] = 0;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        int at = flow_from(model, flow) * n + flow_to(model, flow);
        self->flows[at] = figure(model, flow);
        if (model->has_tariffs) self->then[at] = world->tariffs_then[flow];
    }
    for (int i = 0; i < n; i++) self->flows[i * n + i] = market_domestic(model, i);
    economy_t economy = {.n = n,
                         .rules = {.elasticity = model->trade.elasticity,
                                   .output = model->trade.output,
                                   .deficits = model->trade.deficits,
                                   .numeraire = NUMERAIRE_PRICES},
                         .flows = self->flows,
                         .tariffs = self->then};
    self->sound = economy_check(&economy, NULL, 0) == 0;
    if (self->sound) equilibrium_baseline(&self->solver, &economy);
    self->made = true;
}

/* ---- a refresh ------------------------------------------------------------------------------------- */

void market_take(world_t *world, int tie, double now) {
    const model_t *model = world->model;
    const tie_t *fixed = &model->ties[tie];
    market_t *self = world->market;
    double shifts[2];
    world_log_shifts(world, tie, now, shifts);
    for (int f = 0; f < 2; f++) {
        if (isnan(fixed->trade_usd[f])) continue;
        int at = flow_from(model, 2 * tie + f) * model->n_actors + flow_to(model, 2 * tie + f);
        self->log_shift[at] = shifts[f];
        self->tariffs[at] = world_tariff(world, 2 * tie + f, now);
        self->log_tariff[at] = world_log_tariff(world, 2 * tie + f, now);
    }
}

/* What each flow has got beyond its own part. */
static void hand_out(world_t *world, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    int n = model->n_actors;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        int i = flow_from(model, flow), j = flow_to(model, flow), at = i * n + j;
        self->change[flow] =
            self->flows[at] > 0 ? equilibrium_flow(&self->solver, i, j) / self->flows[at] : 1;
    }
    elementary_log_n(self->change, self->change, 2 * (size_t)model->n_ties);
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        int at = flow_from(model, flow) * n + flow_to(model, flow);
        world->multilateral[flow] = self->flows[at] > 0
                                        ? self->change[flow] - self->log_shift[at] - self->log_tariff[at] -
                                              world_flow_growth(world, flow, now)
                                        : 0;
    }
    for (int i = 0; i < n; i++)
        world->multilateral[2 * model->n_ties + i] = trade_real_income(&self->solver, i);
}

void market_clear(world_t *world, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    if (!self->made) make_baseline(world);
    for (int i = 0; i < model->n_actors; i++)
        self->endowment[i] = model->has_growth ? elementary_exp(world_growth(world, i, now)) : 1;
    trade_shock_t shock = {self->log_shift, self->tariffs, self->endowment};
    if (!self->sound || equilibrium_solve(&self->solver, &shock, false) != EQUILIBRIUM_FOUND) {
        world->unbalanced = true;
        return;
    }
#ifdef ENTENTE_DEBUG
    assert(trade_imbalance(&self->solver) < 1e-10);
#endif
    hand_out(world, now);
}
