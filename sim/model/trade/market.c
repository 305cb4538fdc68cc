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
    double *log_shift, *tariffs; /* [n * n] */
    double *endowment;           /* [n] */
};

int market_init(world_t *world) {
    size_t n = (size_t)world->model->n_actors;
    market_t *self = world->market = mem_alloc(1, sizeof *self);
    if (!self) return ERR_NOMEM;
    self->memory = mem_alloc(4 * n * n + n + 1, sizeof *self->memory);
    if (!self->memory || equilibrium_init(&self->solver, (int)n) < 0)
        return ERR_NOMEM; /* world_free frees what there is */
    self->flows = self->memory;
    self->then = self->flows + n * n;
    self->log_shift = self->then + n * n;
    self->tariffs = self->log_shift + n * n;
    self->endowment = self->tariffs + n * n;
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

/* What its own tie makes of each flow, and growth of each economy. */
static void take_state(const world_t *world, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    int n = model->n_actors;
    for (int at = 0; at < n * n; at++) self->log_shift[at] = self->tariffs[at] = 0;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        if (isnan(model->ties[flow / 2].trade_usd[flow & 1])) continue;
        int at = flow_from(model, flow) * n + flow_to(model, flow);
        self->log_shift[at] = world_log_shift(world, flow, now);
        self->tariffs[at] = world_tariff(world, flow, now);
    }
    for (int i = 0; i < n; i++)
        self->endowment[i] = model->has_growth ? elementary_exp(world_growth(world, i, now)) : 1;
}

/* What a flow has got beyond its own part, log units. */
static double multilateral(const world_t *world, int flow, double now) {
    const model_t *model = world->model;
    const market_t *self = world->market;
    int i = flow_from(model, flow), j = flow_to(model, flow), at = i * model->n_actors + j;
    if (!(self->flows[at] > 0)) return 0;
    double change = elementary_log(equilibrium_flow(&self->solver, i, j) / self->flows[at]);
    return change - self->log_shift[at] - world_log_tariff(world, flow, now) -
           world_flow_growth(world, flow, now);
}

void market_clear(world_t *world, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    if (!self->made) make_baseline(world);
    take_state(world, now);
    trade_shock_t shock = {self->log_shift, self->tariffs, self->endowment};
    if (!self->sound || equilibrium_solve(&self->solver, &shock, false) != EQUILIBRIUM_FOUND) {
        world->unbalanced = true;
        return;
    }
#ifdef ENTENTE_DEBUG
    assert(trade_imbalance(&self->solver) < 1e-10);
#endif
    for (int flow = 0; flow < 2 * model->n_ties; flow++)
        world->multilateral[flow] = multilateral(world, flow, now);
    for (int i = 0; i < model->n_actors; i++)
        world->multilateral[2 * model->n_ties + i] = trade_real_income(&self->solver, i);
}
