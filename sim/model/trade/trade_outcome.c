#include "model/trade/trade_outcome.h"

#include <math.h>

static double before(const equilibrium_t *self, int i, int j) {
    return self->flows[i * self->n + j];
}

actor_trade_t trade_of_actor(const equilibrium_t *self, int actor) {
    actor_trade_t out = {.domestic = equilibrium_flow(self, actor, actor),
                         .income = self->income[actor],
                         .spending = self->spending[actor],
                         .revenue = self->revenue[actor],
                         .transfer = self->transfer[actor]};
    for (int j = 0; j < self->n; j++) {
        if (j == actor) continue;
        out.exports += equilibrium_flow(self, actor, j);
        out.imports += equilibrium_flow(self, j, actor);
        out.imports_paid += equilibrium_flow_paid(self, j, actor);
    }
    return out;
}

actor_trade_t trade_of_actor_before(const equilibrium_t *self, int actor) {
    actor_trade_t out = {.domestic = before(self, actor, actor),
                         .income = self->base.income[actor],
                         .spending = self->base.spending[actor],
                         .revenue = self->base.revenue[actor],
                         .transfer = self->base.transfer[actor]};
    for (int j = 0; j < self->n; j++) {
        if (j == actor) continue;
        out.exports += before(self, actor, j);
        out.imports += before(self, j, actor);
        out.imports_paid += before(self, j, actor) * (1 + self->tariffs[j * self->n + actor]);
    }
    return out;
}

static bool absent(const equilibrium_t *self, int actor) {
    return !(self->base.income[actor] > 0);
}

/* It had production and has none any more; its price index is no number then. */
static bool dropped(const equilibrium_t *self, int actor) {
    return self->spending[actor] == 0;
}

double trade_real_income(const equilibrium_t *self, int actor) {
    if (absent(self, actor)) return 1;
    if (dropped(self, actor)) return 0;
    return self->spending[actor] / self->base.spending[actor] / self->price[actor];
}

double trade_welfare(const equilibrium_t *self, int actor) {
    double kappa = self->rules.output == OUTPUT_FIXED ? 0 : self->rules.labour_supply;
    if (absent(self, actor)) return 1;
    if (dropped(self, actor)) return 0;
    double effort = kappa / (1 + kappa);
    double now = (self->spending[actor] - effort * self->income[actor]) / self->price[actor];
    return now / (self->base.spending[actor] - effort * self->base.income[actor] / self->relief[actor]);
}

diversion_t trade_diversion(const equilibrium_t *self, int exporter, int importer) {
    diversion_t out = {
        .flow = equilibrium_flow(self, exporter, importer) - before(self, exporter, importer),
        .importer_at_home = equilibrium_flow(self, importer, importer) - before(self, importer, importer),
        .exporter_at_home = equilibrium_flow(self, exporter, exporter) - before(self, exporter, exporter)};
    for (int k = 0; k < self->n; k++) {
        if (k == exporter || k == importer) continue;
        out.importer_from_others += equilibrium_flow(self, k, importer) - before(self, k, importer);
        out.exporter_to_others += equilibrium_flow(self, exporter, k) - before(self, exporter, k);
    }
    return out;
}

/* The larger of `worst` and |a - b| in parts of b; NAN stays. */
static double worse(double worst, double a, double b) {
    double gap = a == b ? 0 : fabs(a - b) / fabs(b);
    return isnan(worst) || gap <= worst ? worst : gap;
}

static double imbalance_of(const equilibrium_t *self, int i) {
    double sold = 0, bought = 0, paid = 0, worst = 0;
    for (int j = 0; j < self->n; j++) {
        sold += (1 - self->kept[j]) * equilibrium_flow(self, i, j);
        bought += equilibrium_flow(self, j, i);
        paid += equilibrium_flow_paid(self, j, i);
    }
    worst = worse(worst, sold + self->kept[i] * bought, self->income[i]);
    worst = worse(worst, paid, self->spending[i]);
    return worse(worst, self->income[i] + self->revenue[i] + self->transfer[i], self->spending[i]);
}

double trade_imbalance(const equilibrium_t *self) {
    double worst = 0;
    for (int i = 0; i < self->n && !isnan(worst); i++) {
        double gap = imbalance_of(self, i);
        worst = gap <= worst ? worst : gap;
    }
    for (int b = 0; b < self->blocks.n_blocks && !isnan(worst); b++) {
        double owed = 0, spent = 0;
        for (int i = 0; i < self->n; i++) {
            owed += self->blocks.block[i] == b ? self->transfer[i] : 0;
            spent += self->blocks.block[i] == b ? self->spending[i] : 0;
        }
        worst = worse(worst, spent + owed, spent);
    }
    return worst;
}
