/* The equilibrium's solver: the same bits, any order, any start, extreme changes, and what it says if there
 * is none. */
#include "base/error.h"
#include "base/mem.h"
#include "support/equilibrium.h"

static void test_order_of_actors(void **state) {
    (void)state;
    enum { N = 11 };
    made_economy_t made, turned;
    double real[N];
    assert_int_equal(made_economy_init(&made, N, 31), 0);
    assert_int_equal(made_economy_init(&turned, N, 31), 0);
    made_economy_change(&made, 0.5, 0.5);
    economy_t economy = economy_of(&made);
    economy.rules = rules_of(16);
    take_up(&economy);
    solve(&(trade_shock_t){made.log_shift, made.new_tariffs, NULL});
    for (int i = 0; i < N; i++) real[i] = trade_welfare(&solver, i);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int from = i * N + j, to = (i * 4 % N) * N + j * 4 % N;
            turned.flows[to] = made.flows[from];
            turned.log_shift[to] = made.log_shift[from];
            turned.new_tariffs[to] = made.new_tariffs[from];
        }
    economy = economy_of(&turned);
    economy.rules = rules_of(16);
    take_up(&economy);
    solve(&(trade_shock_t){turned.log_shift, turned.new_tariffs, NULL});
    for (int i = 0; i < N; i++) CHECK_NEAR(trade_welfare(&solver, i * 4 % N), real[i], 1e-11);
    made_economy_free(&made);
    made_economy_free(&turned);
}

/* A cold start gives the same bits whatever was solved before; a warm one the same numbers, in no more steps.
 */
static void test_cold_and_warm(void **state) {
    (void)state;
    enum { N = 25 };
    made_economy_t made;
    double cold[N], wild[N * N];
    assert_int_equal(made_economy_init(&made, N, 32), 0);
    for (int bits = 2; bits < 32; bits += 4) {
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        take_up(&economy);
        made_economy_change(&made, 2, 3);
        memcpy(wild, made.log_shift, sizeof wild);
        made_economy_change(&made, 0.1, 0.2);
        const trade_shock_t shock = {made.log_shift, made.new_tariffs, NULL}, far = {wild, NULL, NULL};
        solve(&shock);
        int iterations = solver.iterations;
        memcpy(cold, solver.price, sizeof cold);
        assert_int_equal(equilibrium_solve(&solver, &shock, true), EQUILIBRIUM_FOUND);
        assert_int_equal(solver.iterations, 1);
        solve(&far);
        assert_int_equal(equilibrium_solve(&solver, &shock, true), EQUILIBRIUM_FOUND);
        for (int i = 0; i < N; i++) CHECK_NEAR(solver.price[i], cold[i], 1e-10);
        solve(&far);
        solve(&shock);
        assert_memory_equal(solver.price, cold, sizeof cold);
        made_economy_drift(&made, 1e-4);
        assert_int_equal(equilibrium_solve(&solver, &shock, true), EQUILIBRIUM_FOUND);
        assert_true(solver.iterations <= iterations);
    }
    made_economy_free(&made);
}

/* Makes flows differ by factors of hundreds, domestic trade as well, and a ring that no missing flow breaks.
 */
static void scatter(made_economy_t *made) {
    int n = made->n;
    for (int i = 0; i < n; i++) {
        int j = (i + 1) % n;
        for (int k = 0; k < n; k++) made->flows[i * n + k] *= exp((i == k ? 0.7 : 1.5) * made_normal(made));
        if (j != i)
            made->flows[i * n + j] = made->flows[j * n + i] = 0.1 * made->flows[i * n + i] * made_unit(made);
    }
}

/* Closes half of the links between actors both ways, but for those that make a ring. */
static void close_half(made_economy_t *made) {
    int n = made->n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (i - j != 1 && i - j != n - 1 && made_unit(made) < 0.5)
                made->log_shift[i * n + j] = made->log_shift[j * n + i] = -INFINITY;
}

/* Costs that change by factors of thousands, tariffs of 1000 %, half of the links closed, growth by factors.
 * With transfers in proportion to income there is an equilibrium (labour supply taken to be moderate), and it
 * is found. */
static void test_extremes(void **state) {
    (void)state;
    int longest = 0, total = 0;
    for (uint64_t k = 0; k < 1000; k++) {
        made_economy_t made;
        int n = 2 + (int)(k % 29);
        assert_int_equal(made_economy_init(&made, n, 40 + k), 0);
        scatter(&made);
        made_economy_change(&made, k % 2 ? 1 : 6, k % 3 ? 10 : 0);
        if (k % 4) close_half(&made);
        for (int i = 0; i < n; i++) made.endowment[i] = exp((k % 4 ? 0.1 : 1) * made_normal(&made));
        economy_t economy = economy_of(&made);
        economy.rules.elasticity = k % 7 ? 2 : 8;
        economy.rules.deficits = DEFICITS_OF_OWN;
        economy.rules.labour_supply = k % 5 ? 0 : 2;
        take_up(&economy);
        solve(&(trade_shock_t){made.log_shift, made.new_tariffs, made.endowment});
        check_accounts();
        total += solver.iterations;
        longest = solver.iterations > longest ? solver.iterations : longest;
        made_economy_free(&made);
    }
    assert_true(longest > 100 && total < 30500); /* some are hard, on the whole they take some 30 each */
}

/* An actor shrinks so much that at its old wage it could not pay what it gives to others; at a higher one it
 * can. */
static void test_a_start_that_cannot_pay(void **state) {
    (void)state;
    const double flows[4] = {60, 40, 10, 190}, endowment[2] = {0.2, 1};
    economy_t economy = {.n = 2, .rules = {.elasticity = 4}, .flows = flows};
    take_up(&economy);
    solve(&(trade_shock_t){.endowment = endowment});
    check_accounts();
    assert_true(solver.wage[0] > 1.5);
}

/* One actor is as large as ten billion others, and trades little: rounding of its income must not hide their
 * trade. */
static void test_a_giant(void **state) {
    (void)state;
    enum { N = 12 };
    for (int bits = 0; bits < 32; bits++) {
        made_economy_t made;
        assert_int_equal(made_economy_init(&made, N, 33), 0);
        made_economy_change(&made, 0.3, 0.5);
        made.flows[0] = 1e10 * made.flows[N + 1];
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        take_up(&economy);
        solve(&(trade_shock_t){made.log_shift, made.new_tariffs, NULL});
        assert_true(solver.iterations < 50);
        for (int i = 0; i < N; i++) {
            actor_trade_t trade = trade_of_actor(&solver, i);
            CHECK_NEAR(trade.exports + solver.transfer[i], trade.imports,
                       2e-11 * (trade.exports + trade.imports));
        }
        made_economy_free(&made);
    }
}

static void check_nothing(int actor, int partner) {
    assert_int_equal(solver.actor, actor);
    assert_int_equal(solver.partner, partner);
    for (int i = 0; i < solver.n; i++) {
        assert_true(isnan(solver.wage[i]) && isnan(solver.price[i]) && isnan(solver.income[i]));
        assert_true(isnan(trade_real_income(&solver, i)) && isnan(trade_welfare(&solver, i)));
        for (int j = 0; j < solver.n; j++) assert_true(isnan(equilibrium_flow(&solver, i, j)));
    }
    assert_true(equilibrium_status_text(solver.status)[0]);
}

/* 0 gives away a fifth of its income. Where nearly nobody can buy from it, no price makes that possible. */
static void test_unpayable(void **state) {
    (void)state;
    const double flows[9] = {60, 20, 20, 5, 90, 15, 15, 10, 80};
    double shift[9] = {0};
    for (int j = 1; j < 3; j++) shift[j] = -60;
    economy_t economy = {.n = 3, .rules = {.elasticity = 4}, .flows = flows};
    for (int elastic = 0; elastic < 2; elastic++) {
        economy.rules.labour_supply = elastic;
        economy.rules.deficits = DEFICITS_OF_WORLD;
        take_up(&economy);
        assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){.log_shift = shift}, false),
                         EQUILIBRIUM_UNPAYABLE);
        check_nothing(0, -1);
        assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){0}, true), EQUILIBRIUM_FOUND);
        check_accounts();
    }
    economy.rules.deficits = DEFICITS_OF_OWN;
    economy.rules.labour_supply = 0;
    take_up(&economy);
    solve(&(trade_shock_t){.log_shift = shift});
    check_accounts();
}

static void test_bad_changes(void **state) {
    (void)state;
    const double flows[4] = {80, 20, 20, 80};
    const double bad_shift[] = {NAN, INFINITY, 101}, bad_tariff[] = {NAN, -0.1},
                 bad_endowment[] = {NAN, 0, -1, 1e7};
    economy_t economy = {.n = 2, .rules = {.elasticity = 4}, .flows = flows};
    take_up(&economy);
    for (int k = 0; k < 3; k++) {
        double shift[4] = {0, bad_shift[k], 0, 0};
        assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){.log_shift = shift}, false),
                         EQUILIBRIUM_BAD_SHOCK);
        check_nothing(0, 1);
    }
    for (int k = 0; k < 2; k++) {
        double tariffs[4] = {0, 0, bad_tariff[k], 0};
        assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){.tariffs = tariffs}, true),
                         EQUILIBRIUM_BAD_SHOCK);
        check_nothing(1, 0);
    }
    double at_home[4] = {0, 0, 0, 0.2};
    assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){.tariffs = at_home}, true),
                     EQUILIBRIUM_BAD_SHOCK);
    check_nothing(1, 1);
    for (int k = 0; k < 4; k++) {
        double endowment[2] = {1, bad_endowment[k]};
        assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){.endowment = endowment}, true),
                         EQUILIBRIUM_BAD_SHOCK);
        check_nothing(1, -1);
    }
    assert_int_equal(equilibrium_solve(&solver, &(trade_shock_t){0}, true), EQUILIBRIUM_FOUND);
    check_accounts();
}

/* A tariff without end is an embargo. */
static void test_endless_tariff(void **state) {
    (void)state;
    const double flows[9] = {80, 10, 10, 10, 90, 20, 10, 20, 70};
    double tariffs[9] = {0, 0, INFINITY, 0, 0, 0, INFINITY, 0, 0}, real[3];
    const double shift[9] = {0, 0, -INFINITY, 0, 0, 0, -INFINITY, 0, 0};
    economy_t economy = {.n = 3, .rules = {.elasticity = 4}, .flows = flows};
    take_up(&economy);
    solve(&(trade_shock_t){.log_shift = shift});
    for (int i = 0; i < 3; i++) real[i] = trade_real_income(&solver, i);
    for (int k = 0; k < 2; k++) {
        tariffs[2] = tariffs[6] = k ? 1e9 : INFINITY;
        solve(&(trade_shock_t){.tariffs = tariffs});
        for (int i = 0; i < 3; i++) CHECK_NEAR(trade_real_income(&solver, i), real[i], 1e-12);
        if (!k) assert_true(equilibrium_flow(&solver, 0, 2) == 0 && solver.revenue[2] == 0);
    }
}

static void test_shift_of_cost(void **state) {
    (void)state;
    CHECK_NEAR(equilibrium_shift_of_cost(4, 0.1), -4 * log(1.1), 1e-15);
    CHECK_NEAR(equilibrium_shift_of_cost(6, 0), 0, 0);
    assert_true(equilibrium_shift_of_cost(4, INFINITY) == -INFINITY);
}

static void test_out_of_memory(void **state) {
    (void)state;
    equilibrium_t other;
    for (int k = 0; k < 3; k++) {
        mem_fail_after(k);
        assert_int_equal(equilibrium_init(&other, 10), ERR_NOMEM);
        mem_fail_after(-1);
        equilibrium_free(&other);
    }
    /* A solve takes no memory. */
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 10, 1), 0);
    economy_t economy = economy_of(&made);
    mem_fail_after(0);
    take_up(&economy);
    solve(&(trade_shock_t){0});
    mem_fail_after(-1);
    made_economy_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_actors), cmocka_unit_test(test_cold_and_warm),
        cmocka_unit_test(test_extremes),        cmocka_unit_test(test_a_start_that_cannot_pay),
        cmocka_unit_test(test_a_giant),         cmocka_unit_test(test_unpayable),
        cmocka_unit_test(test_bad_changes),     cmocka_unit_test(test_endless_tariff),
        cmocka_unit_test(test_shift_of_cost),   cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
