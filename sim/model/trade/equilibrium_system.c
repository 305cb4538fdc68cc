#include "model/trade/equilibrium_system.h"

#include "model/trade/equilibrium_sums.h"

#include <math.h>

#define MOST_LOG 300.0 /* of a supply: beyond it products leave the range of numbers */
#define LEAST_SLOPE \
    0.1 /* of a market or of labour supply: no step may go too far beyond what its size asks */
#define HARDLY \
    0.01 /* of income: where trade is less, rounding of the income hides how well the market clears */
#define MOST_RELIEF 0.9 /* of labour income */

/* In place of fmax and fmin, which are calls. */
static inline double larger(double a, double b) {
    return a > b ? a : b;
}
static inline double smaller(double a, double b) {
    return a < b ? a : b;
}

static bool fixed(const equilibrium_t *self) {
    return self->rules.output == OUTPUT_FIXED;
}

static bool elastic(const equilibrium_t *self) {
    return self->rules.labour_supply > 0 && !fixed(self);
}

int equilibrium_length(const equilibrium_t *self) {
    return elastic(self) ? 2 * self->n : self->n;
}

/* Prices and quantities at x. */
static bool produce(equilibrium_t *self, const double *x) {
    int n = self->n;
    const bool is_fixed = fixed(self), is_elastic = elastic(self);
    double eps = self->rules.elasticity, psi = is_fixed ? 0 : self->rules.scale;
    for (int i = 0; i < n; i++) {
        double log_employed = self->log_endowment[i] + (is_elastic ? x[n + i] : 0);
        double log_gate = x[i] - psi * log_employed;
        if (!(fabs(eps * log_gate) < MOST_LOG && fabs(x[i]) < MOST_LOG && fabs(log_employed) < MOST_LOG)) {
            self->actor = i;
            return false;
        }
        self->employment[i] = log_employed;
        self->gate[i] = log_gate;
        self->supply[i] = -eps * log_gate;
    }
    elementary_exp_n(self->supply, self->supply, (size_t)n);
    elementary_exp_n(self->employment, self->employment, (size_t)n);
    if (!is_fixed) elementary_exp_n(self->wage, x, (size_t)n);
    for (int i = 0; i < n; i++) {
        if (is_fixed) self->wage[i] = 1;
        self->income[i] =
            self->blocks.block[i] < 0 ? 0 : self->base.income[i] * self->wage[i] * self->employment[i];
    }
    return true;
}

/* How much is offered in each market for a unit of its reach: market[j] from all, market_net[j] the same
 * without the tariffs, and foreign_net[j] from abroad. */
static void offer(equilibrium_t *self) {
    bool taxed = self->net != self->pull;
    equilibrium_columns(self->market, self->pull, self->supply, self->n);
    if (taxed) equilibrium_columns(self->foreign_net, self->net, self->supply, self->n);
    for (int j = 0; j < self->n; j++) {
        double home = self->supply[j] * self->home[j];
        if (!taxed) self->foreign_net[j] = self->market[j];
        self->market[j] += home;
        self->market_net[j] = self->foreign_net[j] + home;
    }
}

/* What transfers are measured by: the income of each block over that of the baseline, or by how much the
 * ratios of transfers to income would make its members spend more than they earn. */
static void measure_blocks(equilibrium_t *self) {
    bool own = self->rules.deficits == DEFICITS_OF_OWN;
    double *measure = self->block_measure, *total = self->block_total;
    for (int b = 0; b < self->blocks.n_blocks; b++) measure[b] = total[b] = 0;
    for (int i = 0; i < self->n; i++) {
        int b = self->blocks.block[i];
        if (b < 0) continue;
        measure[b] += self->income[i] * (own ? self->deficit[i] : 1);
        total[b] += own ? self->income[i] : self->base.income[i];
    }
    for (int b = 0; b < self->blocks.n_blocks; b++) measure[b] /= total[b];
}

/* A factor common to all brings spending in proportion to income down to what is earned: with d the ratio of
 * i's transfer to its income and D the mean of these, 1 + d becomes (1 + d) / (1 + D). */
static double transfer(const equilibrium_t *self, int i) {
    double measure = self->block_measure[self->blocks.block[i]];
    return self->rules.deficits == DEFICITS_OF_OWN
               ? self->income[i] * (self->deficit[i] - measure) / (1 + measure)
               : self->blocks.transfer[i] * measure;
}

/* Who spends what. */
static bool spend(equilibrium_t *self) {
    measure_blocks(self);
    for (int j = 0; j < self->n; j++) {
        self->spending[j] = self->reach[j] = self->sold[j] = self->steep[j] = self->transfer[j] = 0;
        if (self->blocks.block[j] < 0) continue;
        self->transfer[j] = transfer(self, j);
        double spent = (self->income[j] + self->transfer[j]) * self->market[j] / self->market_net[j];
        if (!(spent > 0 && spent < INFINITY)) {
            self->actor = j;
            return false;
        }
        self->spending[j] = spent;
        self->reach[j] = spent / self->market[j];
        self->sold[j] = (1 - self->kept[j]) * self->reach[j];
        self->steep[j] = self->sold[j] / self->market[j];
    }
    return true;
}

/* Exports of each actor, as far as they are its income, and own[i]: its share in the markets it exports to,
 * the mean over its exports. */
static void sell(equilibrium_t *self) {
    const row_sums_t of = {self->net, self->sold, self->pull, self->steep};
    equilibrium_rows(self->exports, self->own, &of, self->n);
    for (int i = 0; i < self->n; i++) {
        double total = self->exports[i];
        self->exports[i] = self->supply[i] * total;
        self->own[i] = total > 0 ? self->supply[i] * self->own[i] / total : 0;
    }
}

/* Log of the price index of what actor i buys. */
static double log_price(const equilibrium_t *self, int i, double log_wage) {
    double eps = self->rules.elasticity, phi = self->power[i] / eps,
           price = -logarithm(self->market[i]) / eps;
    return phi == 1 ? price
                    : price + (1 - phi) * (logarithm(self->spending[i] / self->base.spending[i]) - log_wage);
}

/* By what factor actor i's net wage changes at a given wage, because tariffs replace a tax on labour. */
static double relief(const equilibrium_t *self, int i) {
    if (self->rules.revenue != REVENUE_TAX_RELIEF) return 1;
    double taken = (1 - self->market_net[i] / self->market[i]) * self->spending[i];
    double rate = fmin(taken / self->income[i], MOST_RELIEF);
    return (1 - fmin(self->base.revenue[i] / self->base.income[i], MOST_RELIEF)) / (1 - rate);
}

/* Log of the labour that actor i supplies. */
static double log_labour(const equilibrium_t *self, int i, double log_wage) {
    return self->rules.labour_supply * (log_wage - log_price(self, i, log_wage) + logarithm(relief(self, i)));
}

/* The market of actor i clears where it sells abroad what it buys abroad, transfers counted: exports + T =
 * (1 - nu) imports, a transfer to others on the other side. In logs this is nearly linear in the price even
 * where trade is next to nothing, while sales over income would hardly move; and no large sum hides it. */
typedef struct {
    double excess;    /* log of what comes in over what goes out */
    double by_price;  /* minus the slopes of excess in the log price at the gate, */
    double by_income; /* and in log income */
} clearing_t;

/* What comes in over what goes out of each actor, in logs; 0 where there is neither. */
static void weigh(equilibrium_t *self) {
    for (int i = 0; i < self->n; i++) {
        double imports = (1 - self->kept[i]) * self->foreign_net[i] * self->reach[i];
        bool trades = self->blocks.block[i] >= 0 && (self->exports[i] > 0 || imports > 0);
        self->in[i] = trades ? self->exports[i] + larger(self->transfer[i], 0) : 1;
        self->out[i] = trades ? imports - smaller(self->transfer[i], 0) : 1;
        self->excess[i] = self->in[i] / self->out[i];
    }
    elementary_log_n(self->excess, self->excess, (size_t)self->n);
}

static clearing_t clear(const equilibrium_t *self, int i) {
    double imports = (1 - self->kept[i]) * self->foreign_net[i] * self->reach[i];
    if (!(self->exports[i] > 0 || imports > 0)) return (clearing_t){0};
    bool own = self->rules.deficits == DEFICITS_OF_OWN;
    double bought = imports / self->out[i], sold = self->exports[i] / self->in[i];
    double home = 1 - self->foreign_net[i] / self->market_net[i];
    double spent = smaller(1, self->income[i] / (self->income[i] + self->transfer[i]));
    return (clearing_t){.excess = self->excess[i],
                        .by_price = self->rules.elasticity * (sold * (1 - self->own[i]) + bought * home),
                        .by_income = fixed(self) ? 0
                                     : own       ? sold
                                                 : bought * spent};
}

/* What actor i's market asks of its price, as if nobody else's moved, and where labour is elastic what it
 * asks of both; the larger condition of the two. A patient step divides by more than the largest slope there
 * is. */
static double respond(equilibrium_t *self, int i, const double *x, double *step) {
    int n = self->n;
    step[i] = 0;
    if (elastic(self)) step[n + i] = 0;
    if (self->blocks.block[i] < 0) return 0;
    clearing_t market = clear(self, i);
    double eps = self->rules.elasticity, kappa = self->rules.labour_supply, psi = self->rules.scale;
    double slope = self->patient ? 2 * eps + 1 : larger(market.by_price + market.by_income, LEAST_SLOPE);
    step[i] = market.excess / slope;
    if (!elastic(self)) return fabs(market.excess);
    double lack = log_labour(self, i, x[i]) - x[n + i];
    if (self->patient) {
        step[n + i] = lack / (2 * (1 + kappa));
    } else {
        double share = self->supply[i] * self->home[i] / self->market[i], variety = self->power[i] / eps - 1;
        double own_slope = fmax(1 - kappa * (psi * share + variety), LEAST_SLOPE);
        double by_labour = (market.by_income - psi * market.by_price) / own_slope;
        slope = fmax(slope + by_labour * kappa * (1 - share), LEAST_SLOPE);
        step[i] = (market.excess - by_labour * lack) / slope;
        step[n + i] = lack / own_slope;
    }
    return fmax(fabs(market.excess), fabs(lack));
}

/* The level of a block's prices is free: what a step would change of it is taken out. */
static void level(equilibrium_t *self, double *step) {
    double *drift = self->block_measure, *weight = self->block_total;
    for (int b = 0; b < self->blocks.n_blocks; b++) drift[b] = weight[b] = 0;
    for (int i = 0; i < self->n; i++) {
        int b = self->blocks.block[i];
        if (b < 0) continue;
        drift[b] += self->base.income[i] * step[i];
        weight[b] += self->base.income[i];
    }
    for (int i = 0; i < self->n; i++) {
        int b = self->blocks.block[i];
        if (b >= 0) step[i] -= drift[b] / weight[b];
    }
}

double equilibrium_evaluate(equilibrium_t *self, const double *x, double *step) {
    if (!produce(self, x)) return INFINITY;
    offer(self);
    if (!spend(self)) return INFINITY;
    sell(self);
    weigh(self);
    double worst = 0;
    for (int i = 0; i < self->n; i++) {
        double condition = respond(self, i, x, step);
        if (condition <= worst) continue;
        worst = condition;
        self->actor = i;
        if (!isfinite(worst)) return INFINITY;
    }
    if (self->coupled && self->whole && !self->patient) equilibrium_spread(self, step);
    level(self, step);
    return worst;
}

/* ---- the numeraire --------------------------------------------------------------------------------- */

/* By what factor the money of a block is scaled. */
static double money(const equilibrium_t *self, int block) {
    double before = 0, after = 0;
    for (int i = 0; i < self->n; i++) {
        if (self->blocks.block[i] != block) continue;
        bool prices = self->rules.numeraire == NUMERAIRE_PRICES;
        double weight = prices ? self->base.spending[i] : self->base.income[i];
        before += weight;
        after += prices ? weight * self->price[i] : fixed(self) ? weight * self->gate[i] : self->income[i];
    }
    return before / after;
}

/* An actor without trade and production: nothing has changed if it was so at the baseline. */
static void settle_idle(equilibrium_t *self, int i) {
    bool absent = !(self->base.income[i] > 0);
    self->wage[i] = self->employment[i] = absent;
    self->relief[i] = 1;
    self->gate[i] = self->price[i] = absent ? 1 : NAN;
    self->income[i] = self->spending[i] = self->revenue[i] = self->transfer[i] = 0;
}

void equilibrium_settle(equilibrium_t *self) {
    for (int i = 0; i < self->n; i++) {
        if (self->blocks.block[i] < 0) continue;
        self->relief[i] = relief(self, i);
        self->gate[i] = exponential(self->gate[i]);
        self->price[i] = exponential(log_price(self, i, fixed(self) ? 0 : logarithm(self->wage[i])));
    }
    for (int b = 0; b < self->blocks.n_blocks; b++) self->block_measure[b] = money(self, b);
    for (int i = 0; i < self->n; i++) {
        int b = self->blocks.block[i];
        if (b < 0) {
            settle_idle(self, i);
            continue;
        }
        double scale = self->block_measure[b];
        self->gate[i] *= scale;
        self->price[i] *= scale;
        if (!fixed(self)) {
            self->wage[i] *= scale;
            self->income[i] *= scale;
            self->spending[i] *= scale;
            self->transfer[i] *= scale;
            self->reach[i] *= scale;
        }
        self->revenue[i] = self->spending[i] * (1 - self->market_net[i] / self->market[i]);
    }
}
