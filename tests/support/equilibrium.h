/* What the tests of model/trade/equilibrium.h share: a solver, economies, and what must hold of every
 * solution. */
#ifndef ENTENTE_TESTS_EQUILIBRIUM_H
#define ENTENTE_TESTS_EQUILIBRIUM_H

#include "model/trade/trade_outcome.h"
#include "support/check.h"
#include "support/made_economy.h"

static equilibrium_t solver; /* of up to 30 actors */

static inline int set_up(void **state) {
    (void)state;
    return equilibrium_init(&solver, 30);
}

static inline int tear_down(void **state) {
    (void)state;
    equilibrium_free(&solver);
    return 0;
}

static inline economy_t economy_of(const made_economy_t *made) {
    return (economy_t){.n = made->n,
                       .rules = {.elasticity = 4},
                       .flows = made->flows,
                       .tariffs = made->tariffs,
                       .kept = made->kept};
}

static inline void take_up(const economy_t *economy) {
    assert_int_equal(economy_check(economy, NULL, 0), 0);
    equilibrium_baseline(&solver, economy);
    assert_int_equal(solver.status, EQUILIBRIUM_FOUND);
}

static inline void solve(const trade_shock_t *shock) {
    assert_int_equal(equilibrium_solve(&solver, shock, false), EQUILIBRIUM_FOUND);
}

/* Income = sales, spending = purchases = income + revenue + transfer, transfers and trade balance, the
 * numeraire. */
static inline void check_accounts(void) {
    int n = solver.n;
    double exports = 0, imports = 0, transfers = 0, income = 0, before = 0, priced = 0, spent = 0;
    for (int i = 0; i < n; i++) {
        double sold = 0, bought = 0, paid = 0;
        for (int j = 0; j < n; j++) {
            double out = equilibrium_flow(&solver, i, j), in = equilibrium_flow(&solver, j, i);
            assert_true(out >= 0 && (out > 0) <= (solver.flows[i * n + j] > 0));
            sold += (1 - solver.kept[j]) * out;
            bought += in;
            paid += equilibrium_flow_paid(&solver, j, i);
            exports += i == j ? 0 : out;
            imports += i == j ? 0 : in;
        }
        sold += solver.kept[i] * bought;
        CHECK_NEAR(sold, solver.income[i], 1e-10 * solver.income[i]);
        CHECK_NEAR(paid, solver.spending[i], 1e-11 * solver.spending[i]);
        CHECK_NEAR(paid - bought, solver.revenue[i], 1e-11 * solver.spending[i]);
        CHECK_NEAR(solver.income[i] + solver.revenue[i] + solver.transfer[i], solver.spending[i],
                   1e-11 * solver.spending[i]);
        transfers += solver.transfer[i];
        income += solver.income[i];
        before += solver.base.income[i];
        spent += solver.base.spending[i];
        priced += solver.base.spending[i] * solver.price[i];
    }
    CHECK_NEAR(trade_imbalance(&solver), 0, 1e-10);
    CHECK_NEAR(exports, imports, 1e-11 * exports);
    CHECK_NEAR(transfers, 0, 1e-11 * income);
    if (solver.rules.numeraire == NUMERAIRE_PRICES)
        CHECK_NEAR(priced, spent, 1e-11 * spent);
    else if (solver.rules.output == OUTPUT_OF_FACTORS)
        CHECK_NEAR(income, before, 1e-11 * before);
}

/* All rules in turn: bit 0 output, 1 deficits, 2 revenue, 3 numeraire, 4 labour and scale. */
static inline trade_rules_t rules_of(int bits) {
    return (trade_rules_t){.elasticity = 4,
                           .labour_supply = bits & 16 ? 0.5 : 0,
                           .scale = bits & 16 ? 0.67 / 4 : 0,
                           .output = bits & 1 ? OUTPUT_FIXED : OUTPUT_OF_FACTORS,
                           .deficits = bits & 2 ? DEFICITS_OF_OWN : DEFICITS_OF_WORLD,
                           .revenue = bits & 4 ? REVENUE_TAX_RELIEF : REVENUE_LUMP_SUM,
                           .numeraire = bits & 8 ? NUMERAIRE_PRICES : NUMERAIRE_OUTPUT};
}

#endif
