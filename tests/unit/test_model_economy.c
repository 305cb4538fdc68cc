#include "model/trade/economy.h"

#include "support/check.h"

#define N 3

/* 0 sells to 1 and itself, 1 to all, 2 to itself and 0. */
static const double flows[N * N] = {100, 20, 0, 10, 200, 30, 40, 0, 300};
static const double tariffs[N * N] = {0, 0.1, 0.5, 0.2, 0, 0, 0.25, 0, 0};
static const double kept[N] = {0.1, 0, 0.2};

static economy_t made(void) {
    return (economy_t){.n = N, .rules = {.elasticity = 4}, .flows = flows, .tariffs = tariffs, .kept = kept};
}

static void test_accounts_by_hand(void **state) {
    (void)state;
    double income[N], spending[N], revenue[N], transfer[N];
    economy_t economy = made();
    economy_accounts(&economy, &(accounts_t){income, spending, revenue, transfer});
    CHECK_NEAR(income[0], 0.9 * 100 + 20 + 0.1 * 150, 1e-12);
    CHECK_NEAR(income[1], 0.9 * 10 + 200 + 0.8 * 30, 1e-12);
    CHECK_NEAR(income[2], 0.9 * 40 + 0.8 * 300 + 0.2 * 330, 1e-12);
    CHECK_NEAR(revenue[0], 0.2 * 10 + 0.25 * 40, 1e-12);
    CHECK_NEAR(revenue[1], 0.1 * 20, 1e-12);
    CHECK_NEAR(revenue[2], 0, 0);
    CHECK_NEAR(spending[0], 150 + revenue[0], 1e-12);
    CHECK_NEAR(spending[1], 220 + revenue[1], 1e-12);
    CHECK_NEAR(spending[2], 330, 1e-12);
    for (int i = 0; i < N; i++) CHECK_NEAR(transfer[i], spending[i] - income[i] - revenue[i], 1e-12);
    CHECK_NEAR(transfer[0] + transfer[1] + transfer[2], 0, 1e-12);
}

static void test_without_tariffs_and_nu_income_is_sales(void **state) {
    (void)state;
    double income[N], spending[N], revenue[N], transfer[N];
    economy_t economy = made();
    economy.tariffs = economy.kept = NULL;
    economy_accounts(&economy, &(accounts_t){income, spending, revenue, transfer});
    const double want[N] = {120, 240, 340};
    for (int i = 0; i < N; i++) {
        assert_true(income[i] == want[i] && revenue[i] == 0);
        CHECK_NEAR(transfer[i], spending[i] - want[i], 0);
    }
}

/* That `economy` has exactly the problem (id, i, j). */
static void has(const economy_t *economy, economy_problem_id_t id, int i, int j) {
    economy_problem_t problem;
    assert_int_equal(economy_check(economy, &problem, 1), 1);
    assert_int_equal(problem.id, id);
    assert_int_equal(problem.i, i);
    assert_int_equal(problem.j, j);
    assert_true(economy_problem_what(id)[0] && economy_problem_allowed(id)[0]);
}

static void test_rules(void **state) {
    (void)state;
    economy_t economy = made();
    assert_int_equal(economy_check(&economy, NULL, 0), 0);
    const double bad[] = {0, -1, 51, NAN, INFINITY};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        economy.rules.elasticity = bad[k];
        has(&economy, ECONOMY_ELASTICITY, -1, -1);
    }
    economy = made();
    economy.kept = NULL;
    economy.rules.labour_supply = -0.1;
    has(&economy, ECONOMY_LABOUR_SUPPLY, -1, -1);
    economy.rules.labour_supply = 0;
    economy.rules.scale = 0.25;
    has(&economy, ECONOMY_SCALE, -1, -1);
    economy = made();
    economy.rules.labour_supply = 5; /* 5 x 0.2 / 0.8 > 1, 5 x 0.1 / 0.9 < 1 */
    has(&economy, ECONOMY_FEEDBACK, 2, -1);
}

static void test_figures(void **state) {
    (void)state;
    double bad_flows[N * N], bad_tariffs[N * N], bad_kept[N] = {0, 1, 0};
    economy_t economy = made();
    economy.kept = bad_kept;
    has(&economy, ECONOMY_KEPT, 1, -1);
    economy = made();
    const double wrong[] = {-1, NAN, INFINITY};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        memcpy(bad_flows, flows, sizeof flows);
        bad_flows[5] = wrong[k];
        economy.flows = bad_flows;
        has(&economy, ECONOMY_FLOW, 1, 2);
        memcpy(bad_tariffs, tariffs, sizeof tariffs);
        bad_tariffs[1] = wrong[k];
        economy.flows = flows;
        economy.tariffs = bad_tariffs;
        has(&economy, ECONOMY_TARIFF, 0, 1);
        economy.tariffs = tariffs;
    }
    memcpy(bad_tariffs, tariffs, sizeof tariffs);
    bad_tariffs[4] = 0.1;
    economy.tariffs = bad_tariffs;
    has(&economy, ECONOMY_TARIFF, 1, 1);
}

static void test_actors_without_sales_or_purchases(void **state) {
    (void)state;
    const double sells_nothing[N * N] = {100, 20, 5, 10, 200, 5, 0, 0, 0};
    const double buys_nothing[N * N] = {100, 20, 0, 10, 200, 0, 5, 5, 0};
    const double absent[N * N] = {100, 20, 0, 10, 200, 0, 0, 0, 0};
    const double alone[N * N] = {100, 20, 0, 10, 200, 0, 0, 0, 300};
    economy_t economy = {.n = N, .rules = {.elasticity = 4}, .flows = sells_nothing};
    has(&economy, ECONOMY_NO_SALES, 2, -1);
    economy.flows = buys_nothing;
    has(&economy, ECONOMY_NO_PURCHASES, 2, -1);
    economy.flows = absent;
    assert_int_equal(economy_check(&economy, NULL, 0), 0);
    economy.flows = alone;
    assert_int_equal(economy_check(&economy, NULL, 0), 0);
}

static void test_every_problem_at_once(void **state) {
    (void)state;
    const double bad[N * N] = {-1, 20, 0, 10, NAN, 30, 40, 0, INFINITY};
    economy_t economy = {.n = N, .flows = bad, .tariffs = tariffs};
    economy_problem_t problems[2];
    assert_int_equal(economy_check(&economy, problems, 2), 4);
    assert_int_equal(problems[0].id, ECONOMY_ELASTICITY);
    assert_int_equal(problems[1].id, ECONOMY_FLOW);
    CHECK_NEAR(problems[1].value, -1, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accounts_by_hand),
        cmocka_unit_test(test_without_tariffs_and_nu_income_is_sales),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_actors_without_sales_or_purchases),
        cmocka_unit_test(test_every_problem_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
