#include "support/equilibrium.h"

#define N 12

static made_economy_t made;

/* A change with tariffs at the baseline too, nu and elastic labour. */
static void change(trade_rules_t rules) {
    assert_int_equal(made_economy_init(&made, N, 51), 0);
    made_economy_change(&made, 0.3, 0.3);
    memcpy(made.tariffs, made.new_tariffs, N * N * sizeof *made.tariffs);
    made_economy_change(&made, 0.3, 0.6);
    for (int i = 0; i < N; i++) made.kept[i] = 0.01 * i;
    economy_t economy = economy_of(&made);
    economy.rules = rules;
    take_up(&economy);
    solve(&(trade_shock_t){made.log_shift, made.new_tariffs, NULL});
}

static void check_actor(actor_trade_t trade) {
    CHECK_NEAR(trade.domestic + trade.imports_paid, trade.spending, 1e-11 * trade.spending);
    CHECK_NEAR(trade.imports_paid - trade.imports, trade.revenue, 1e-11 * trade.spending);
    CHECK_NEAR(trade.income + trade.revenue + trade.transfer, trade.spending, 1e-11 * trade.spending);
}

static void test_accounts_of_actors(void **state) {
    (void)state;
    change(rules_of(16 | 8 | 4));
    double exports = 0, imports = 0;
    for (int i = 0; i < N; i++) {
        actor_trade_t now = trade_of_actor(&solver, i), before = trade_of_actor_before(&solver, i);
        check_actor(now);
        check_actor(before);
        exports += now.exports;
        imports += now.imports;
        double sold = 0;
        for (int j = 0; j < N; j++) sold += i == j ? 0 : made.flows[i * N + j];
        CHECK_NEAR(before.exports, sold, 1e-12 * sold);
        assert_true(before.domestic == made.flows[i * N + i]);
        CHECK_NEAR(trade_real_income(&solver, i), now.spending / before.spending / solver.price[i], 1e-14);
    }
    CHECK_NEAR(exports, imports, 1e-12 * exports);
    made_economy_free(&made);
}

/* Utility from its definition: consumption less an effort that costs c l^(1 + 1 / kappa), with c such that
 * the labour of the baseline is what its net wage calls for. */
static void test_welfare_is_utility(void **state) {
    (void)state;
    for (int bits = 0; bits < 32; bits++) {
        trade_rules_t rules = rules_of(bits);
        change(rules);
        for (int i = 0; i < N; i++) {
            double consumed = solver.spending[i] / solver.price[i],
                   utility = consumed / solver.base.spending[i];
            if (bits & 16 && !(bits & 1)) {
                double kappa = rules.labour_supply, net = 1 / solver.relief[i];
                double cost = net * solver.base.income[i] / (1 + 1 / kappa);
                utility = (consumed - cost * pow(solver.employment[i], 1 + 1 / kappa)) /
                          (solver.base.spending[i] - cost);
            }
            CHECK_NEAR(trade_welfare(&solver, i), utility, 1e-11);
        }
        made_economy_free(&made);
    }
}

/* Labour is what is best at the prices found: a little more or less of it makes nobody better off. */
static void test_labour_is_chosen(void **state) {
    (void)state;
    change(rules_of(16));
    for (int i = 0; i < N; i++) {
        double kappa = 0.5, y = solver.base.income[i], wage = y * solver.wage[i] / solver.price[i];
        double cost = y / (1 + 1 / kappa), best = -INFINITY, at = 0;
        for (int k = -1000; k <= 1000; k++) {
            double labour = solver.employment[i] * (1 + 1e-5 * k);
            double utility = wage * labour - cost * pow(labour, 1 + 1 / kappa);
            if (utility > best) best = utility, at = labour;
        }
        CHECK_NEAR(at / solver.employment[i], 1, 2e-5);
    }
    made_economy_free(&made);
}

/* A tariff on 0 -> 1: what 1 buys less of 0 it buys of others and at home; what 0 sells less there goes
 * elsewhere. */
static void test_diversion(void **state) {
    (void)state;
    assert_int_equal(made_economy_init(&made, N, 52), 0);
    made.flows[1] = 5;
    economy_t economy = economy_of(&made);
    economy.rules.numeraire = NUMERAIRE_PRICES;
    take_up(&economy);
    made.new_tariffs[1] = 0.4;
    solve(&(trade_shock_t){.tariffs = made.new_tariffs});
    diversion_t d = trade_diversion(&solver, 0, 1);
    assert_true(d.flow < 0 && d.importer_from_others > 0 && d.importer_at_home > 0);
    assert_true(d.exporter_to_others > 0);
    double bought = 0, sold = 0;
    for (int k = 0; k < N; k++) {
        bought += equilibrium_flow(&solver, k, 1) - made.flows[k * N + 1];
        sold += equilibrium_flow(&solver, 0, k) - made.flows[k];
    }
    CHECK_NEAR(d.flow + d.importer_from_others + d.importer_at_home, bought, 1e-12 * solver.spending[1]);
    CHECK_NEAR(d.flow + d.exporter_to_others + d.exporter_at_home, sold, 1e-12 * solver.income[0]);
    made_economy_free(&made);
}

/* The check of the accounts sees damage done to any of them. */
static void test_imbalance(void **state) {
    (void)state;
    change(rules_of(16 | 8));
    CHECK_NEAR(trade_imbalance(&solver), 0, 1e-11);
    double *numbers[] = {solver.income, solver.spending, solver.revenue, solver.transfer,
                         solver.supply, solver.reach,    solver.home};
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        double kept = numbers[k][3];
        numbers[k][3] = kept * (1 + 1e-6);
        assert_true(trade_imbalance(&solver) > 1e-9);
        numbers[k][3] = kept;
    }
    solver.transfer[2] += 1e-6 * solver.spending[2];
    solver.spending[2] += 1e-6 * solver.spending[2];
    assert_true(trade_imbalance(&solver) > 1e-9);
    solver.transfer[2] = NAN;
    assert_true(isnan(trade_imbalance(&solver)));
    made_economy_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accounts_of_actors), cmocka_unit_test(test_welfare_is_utility),
        cmocka_unit_test(test_labour_is_chosen),   cmocka_unit_test(test_diversion),
        cmocka_unit_test(test_imbalance),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
