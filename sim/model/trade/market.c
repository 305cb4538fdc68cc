#include "model/trade/market.h"

#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "model/trade/trade_outcome.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct market {
    equilibrium_t solver;
    bool made; /* the baseline, from the parameters as they are */
    bool sound;
    double *memory;
    double *flows, *then;        /* [n * n] of the baseline: flows, tariffs */
    double *log_shift, *tariffs; /* [n * n] */
    double *endowment;           /* [n] */
    double foreseen_at;          /* NAN: nothing is foreseen */
    bool foreseen;               /* there is an equilibrium */
    double *multilateral;        /* [3 n] the world's in it, */
    bool *closed;                /* [2 n_ties] and whose flows are closed */
    double (*kept)[4];           /* [n_ties] log shifts and tariffs of those that differ */
};

int market_init(world_t *world) {
    size_t n = (size_t)world->model->n_actors, ties = (size_t)world->model->n_ties;
    market_t *self = world->market = mem_alloc(1, sizeof *self);
    if (!self) return ERR_NOMEM;
    self->memory = mem_alloc(4 * n * n + 4 * n + 1, sizeof *self->memory);
    self->closed = mem_alloc(2 * ties + 1, sizeof *self->closed);
    self->kept = mem_alloc(ties + 1, sizeof *self->kept);
    if (!self->memory || !self->closed || !self->kept || equilibrium_init(&self->solver, (int)n) < 0)
        return ERR_NOMEM; /* world_free frees what there is */
    self->flows = self->memory;
    self->then = self->flows + n * n;
    self->log_shift = self->then + n * n;
    self->tariffs = self->log_shift + n * n;
    self->endowment = self->tariffs + n * n;
    self->multilateral = self->endowment + n;
    market_forget(self);
    return 0;
}

void market_free(market_t *self) {
    if (!self) return;
    equilibrium_free(&self->solver);
    mem_free(self->memory);
    mem_free(self->closed);
    mem_free(self->kept);
    mem_free(self);
}

void market_forget(market_t *self) {
    self->made = false;
    self->foreseen_at = NAN;
}

void market_reset(world_t *world) {
    const model_t *model = world->model;
    for (int k = 0; k < 3 * model->n_actors; k++) world->multilateral[k] = k >= 2 * model->n_actors;
    memset(world->closed, 0, 2 * (size_t)model->n_ties * sizeof *world->closed);
    world->market->foreseen_at = NAN;
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

/* What its own tie makes of each of its flows; true if that is not what was known. */
static bool look_at(const world_t *world, int tie, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    double shifts[2];
    bool differs = false;
    if (isnan(model->ties[tie].trade_usd[0]) && isnan(model->ties[tie].trade_usd[1])) return false;
    world_log_shifts(world, tie, now, shifts);
    for (int flow = 2 * tie; flow < 2 * tie + 2; flow++) {
        if (isnan(model->ties[tie].trade_usd[flow & 1])) continue;
        int at = flow_from(model, flow) * model->n_actors + flow_to(model, flow);
        double tariff = world_tariff(world, flow, now);
        differs |= self->log_shift[at] != shifts[flow & 1] || self->tariffs[at] != tariff;
        self->log_shift[at] = shifts[flow & 1];
        self->tariffs[at] = tariff;
    }
    return differs;
}

/* All ties, and growth of each economy. */
static void look_at_all(const world_t *world, double now) {
    const model_t *model = world->model;
    market_t *self = world->market;
    if (!self->made) make_baseline(world);
    for (int tie = 0; tie < model->n_ties; tie++) look_at(world, tie, now);
    for (int i = 0; i < model->n_actors; i++)
        self->endowment[i] = model->has_growth ? elementary_exp(world_growth(world, i, now)) : 1;
}

/* The flows that rules of blocks have closed beside those that are closed themselves. */
static void find_closed(const world_t *world, bool *closed) {
    const model_t *model = world->model;
    const market_t *self = world->market;
    memset(closed, 0, 2 * (size_t)model->n_ties * sizeof *closed);
    for (int flow = 0; flow < 2 * model->n_ties && !self->solver.whole; flow++) {
        int at = flow_from(model, flow) * model->n_actors + flow_to(model, flow);
        closed[flow] = self->flows[at] > 0 && !(self->solver.pull[at] > 0);
    }
}

/* Solves. A flow is figure x own part x a factor of the exporter x one of the importer: the price at the
 * gate, and what the importer spends for its price index. */
static bool solve(const world_t *world, double now, double *multilateral, bool *closed) {
    market_t *self = world->market;
    equilibrium_t *solver = &self->solver;
    int n = world->model->n_actors;
    trade_shock_t shock = {self->log_shift, self->tariffs, self->endowment};
    if (!self->sound || equilibrium_solve(solver, &shock, false) != EQUILIBRIUM_FOUND) return false;
#ifdef ENTENTE_DEBUG
    assert(trade_imbalance(solver) < 1e-10);
#endif
    for (int i = 0; i < n; i++) {
        bool trades = solver->blocks.block[i] >= 0;
        multilateral[i] = trades ? solver->supply[i] : 1;
        multilateral[n + i] = trades ? solver->reach[i] / solver->base.spending[i] : 1;
        multilateral[2 * n + i] = trade_real_income(solver, i);
    }
    elementary_log_n(multilateral, multilateral, 2 * (size_t)n);
    for (int i = 0; i < n && world->model->has_growth; i++) {
        multilateral[i] -= world_growth(world, i, now) / 2;
        multilateral[n + i] -= world_growth(world, i, now) / 2;
    }
    find_closed(world, closed);
    return true;
}

static void adopt(world_t *world) {
    const market_t *self = world->market;
    if (!self->foreseen) {
        world->unbalanced = true;
        return;
    }
    memcpy(world->multilateral, self->multilateral,
           3 * (size_t)world->model->n_actors * sizeof *world->multilateral);
    memcpy(world->closed, self->closed, 2 * (size_t)world->model->n_ties * sizeof *world->closed);
}

void market_foresee(world_t *world, double now) {
    market_t *self = world->market;
    look_at_all(world, now);
    self->foreseen = solve(world, now, self->multilateral, self->closed);
    self->foreseen_at = now;
}

void market_clear(world_t *world, double now) {
    if (world->market->foreseen_at != now) market_foresee(world, now);
    adopt(world);
    world->market->foreseen_at = NAN;
}

static void keep(const world_t *world, int tie, double *kept, bool back) {
    const model_t *model = world->model;
    market_t *self = world->market;
    for (int f = 0; f < 2; f++) {
        int at = flow_from(model, 2 * tie + f) * model->n_actors + flow_to(model, 2 * tie + f);
        double *numbers[] = {&self->log_shift[at], &self->tariffs[at]};
        for (int k = 0; k < 2; k++)
            *(back ? numbers[k] : &kept[2 * f + k]) = *(back ? &kept[2 * f + k] : numbers[k]);
    }
}

void market_clear_beside(world_t *world, double now, int n, const int *ties) {
    market_t *self = world->market;
    bool differs = false;
    assert(self->foreseen_at == now);
    for (int k = 0; k < n; k++) keep(world, ties[k], self->kept[k], false);
    for (int k = 0; k < n; k++) differs |= look_at(world, ties[k], now);
    if (!differs)
        adopt(world);
    else if (!solve(world, now, world->multilateral, world->closed))
        world->unbalanced = true;
    for (int k = 0; k < n; k++) keep(world, ties[k], self->kept[k], true);
}
