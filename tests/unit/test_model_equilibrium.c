/* An equilibrium against what must hold of any: accounts, closed forms, limits, invariances. */
#include "support/equilibrium.h"

static double foreign_share(int i) {
    return 1 - solver.flows[i * solver.n + i] / solver.base.spending[i];
}

/* ---- accounts -------------------------------------------------------------------------------------- */

static void test_accounts_under_all_rules(void **state) {
    (void)state;
    const int sizes[] = {2, 3, 7, 30};
    for (int k = 0; k < 4; k++)
        for (int bits = 0; bits < 32; bits++) {
            made_economy_t made;
            assert_int_equal(made_economy_init(&made, sizes[k], (uint64_t)bits), 0);
            made_economy_change(&made, 0.3, 0.5);
            for (int at = 0; at < made.n * made.n; at++)
                made.tariffs[at] = bits & 8 ? made.new_tariffs[at] / 3 : 0;
            made_economy_change(&made, 0.3, 0.5);
            for (int i = 0; i < made.n; i++) {
                made.kept[i] = bits & 4 ? 0.2 * made_unit(&made) : 0;
                made.endowment[i] = exp(0.05 * made_normal(&made));
            }
            economy_t economy = economy_of(&made);
            economy.rules = rules_of(bits);
            take_up(&economy);
            solve(&(trade_shock_t){made.log_shift, made.new_tariffs, made.endowment});
            check_accounts();
            assert_in_range(solver.iterations, 3, 60);
            made_economy_free(&made);
        }
}

static void test_no_change_is_the_baseline(void **state) {
    (void)state;
    for (int bits = 0; bits < 32; bits++) {
        made_economy_t made;
        assert_int_equal(made_economy_init(&made, 12, 5), 0);
        made_economy_change(&made, 0, 0.4);
        memcpy(made.tariffs, made.new_tariffs, 144 * sizeof *made.tariffs);
        for (int i = 0; i < 12; i++) made.kept[i] = 0.02 * i;
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        take_up(&economy);
        assert_int_equal(solver.iterations, 1);
        for (int i = 0; i < 12; i++) {
            CHECK_NEAR(solver.gate[i], 1, 1e-13);
            CHECK_NEAR(solver.price[i], 1, 1e-13);
            CHECK_NEAR(solver.employment[i], 1, 1e-13);
            CHECK_NEAR(trade_real_income(&solver, i), 1, 1e-13);
            CHECK_NEAR(trade_welfare(&solver, i), 1, 1e-13);
            for (int j = 0; j < 12; j++)
                CHECK_NEAR(equilibrium_flow(&solver, i, j), made.flows[i * 12 + j],
                           1e-13 * made.flows[i * 12 + j]);
        }
        made_economy_free(&made);
    }
}

/* ---- closed forms and limits ----------------------------------------------------------------------- */

/* Two equal actors who raise the same tariff: wages stay, the home share and prices are known. */
static void test_two_equal_actors(void **state) {
    (void)state;
    const double flows[] = {80, 20, 20, 80}, t = 0.3, eps = 5;
    const double tariffs[] = {0, t, t, 0};
    economy_t economy = {.n = 2, .rules = {.elasticity = eps}, .flows = flows};
    take_up(&economy);
    solve(&(trade_shock_t){.tariffs = tariffs});
    double abroad = 0.2 * pow(1 + t, -eps), sum = 0.8 + abroad, share = abroad / sum;
    double spending = 100 / (1 - share * t / (1 + t));
    for (int i = 0; i < 2; i++) {
        CHECK_NEAR(solver.wage[i], 1, 1e-12);
        CHECK_NEAR(solver.price[i], pow(sum, -1 / eps), 1e-12);
        CHECK_NEAR(solver.spending[i], spending, 1e-10);
        CHECK_NEAR(equilibrium_flow(&solver, i, 1 - i), share / (1 + t) * spending, 1e-10);
        CHECK_NEAR(equilibrium_flow_paid(&solver, i, 1 - i), share * spending, 1e-10);
        CHECK_NEAR(solver.revenue[i], share * t / (1 + t) * spending, 1e-10);
    }
}

/* Arkolakis, Costinot and Rodriguez-Clare (2012): the real wage is the home share to the power -1 / eps. */
static void test_real_wage_follows_the_home_share(void **state) {
    (void)state;
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 20, 3), 0);
    made_economy_change(&made, 0.5, 0.5);
    economy_t economy = economy_of(&made);
    take_up(&economy);
    solve(&(trade_shock_t){made.log_shift, made.new_tariffs, NULL});
    for (int i = 0; i < 20; i++) {
        double share = equilibrium_flow(&solver, i, i) / solver.spending[i];
        double before = made.flows[i * 20 + i] / solver.base.spending[i];
        CHECK_NEAR(solver.wage[i] / solver.price[i], pow(share / before, -0.25), 1e-11);
    }
    made_economy_free(&made);
}

static void close_all(made_economy_t *made, double shift) {
    for (int i = 0; i < made->n; i++)
        for (int j = 0; j < made->n; j++) made->log_shift[i * made->n + j] = i == j ? 0 : shift;
}

/* Nobody trades: everybody lives on its own income, which buys the old home share to the power 1 / eps. */
static void test_autarky(void **state) {
    (void)state;
    for (int bits = 0; bits < 16; bits++) {
        made_economy_t made;
        assert_int_equal(made_economy_init(&made, 9, 4), 0);
        close_all(&made, bits % 2 ? -INFINITY : EQUILIBRIUM_CLOSED - 1);
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        take_up(&economy);
        solve(&(trade_shock_t){.log_shift = made.log_shift});
        assert_int_equal(solver.blocks.n_blocks, 9);
        for (int i = 0; i < 9; i++) {
            double share = 1 - foreign_share(i), afford = solver.base.income[i] / solver.base.spending[i];
            CHECK_NEAR(solver.transfer[i], 0, 1e-12 * solver.income[i]);
            CHECK_NEAR(trade_real_income(&solver, i) * (bits & 1 ? solver.price[i] : 1),
                       afford * (bits & 1 ? 1 : pow(share, 0.25)), 1e-11);
            for (int j = 0; j < 9; j++) assert_true(i == j || equilibrium_flow(&solver, i, j) == 0);
        }
        made_economy_free(&made);
    }
}

/* Balanced trade, so that no transfer stands in the way: costs that rise without end lead to autarky. */
static void test_costs_without_end(void **state) {
    (void)state;
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 9, 6), 0);
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < i; j++) made.flows[i * 9 + j] = made.flows[j * 9 + i];
    economy_t economy = economy_of(&made);
    double last[9], gap = INFINITY;
    for (int i = 0; i < 9; i++) last[i] = NAN;
    take_up(&economy);
    for (int k = 1; k <= 4; k++) {
        close_all(&made, -8.0 * k);
        solve(&(trade_shock_t){.log_shift = made.log_shift});
        for (int i = 0; i < 9; i++) last[i] = trade_real_income(&solver, i);
        close_all(&made, -INFINITY);
        solve(&(trade_shock_t){.log_shift = made.log_shift});
        double worst = 0;
        for (int i = 0; i < 9; i++) worst = fmax(worst, fabs(last[i] - trade_real_income(&solver, i)));
        assert_true(worst < gap / 100);
        gap = worst;
    }
    assert_true(gap < 1e-11);
    made_economy_free(&made);
}

/* One actor is hit: it trades less with all, and loses most. One without trade is hit: nothing happens. */
static void test_one_actor(void **state) {
    (void)state;
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 12, 7), 0);
    for (int j = 0; j < 12; j++)
        if (j != 11) made.flows[11 * 12 + j] = made.flows[j * 12 + 11] = 0;
    made.flows[11 * 12 + 11] = 3;
    economy_t economy = economy_of(&made);
    take_up(&economy);
    for (int j = 1; j < 12; j++) made.log_shift[j] = made.log_shift[j * 12] = -0.5;
    solve(&(trade_shock_t){.log_shift = made.log_shift});
    double hit = trade_real_income(&solver, 0);
    assert_true(hit < 1);
    for (int j = 1; j < 11; j++) {
        assert_true(trade_real_income(&solver, j) > hit);
        assert_true(equilibrium_flow(&solver, 0, j) <= made.flows[j]);
    }
    CHECK_NEAR(trade_real_income(&solver, 11), 1, 1e-14);
    close_all(&made, 0);
    for (int j = 0; j < 11; j++) made.log_shift[11 * 12 + j] = made.log_shift[j * 12 + 11] = -INFINITY;
    solve(&(trade_shock_t){.log_shift = made.log_shift});
    for (int j = 0; j < 12; j++) CHECK_NEAR(trade_real_income(&solver, j), 1, 1e-14);
    made_economy_free(&made);
}

/* A small tariff of a large buyer turns the terms of trade: it gains, its partner loses; a tariff of 1000 %
 * hurts. */
static void test_terms_of_trade(void **state) {
    (void)state;
    const double flows[] = {700, 100, 100, 300};
    economy_t economy = {.n = 2, .rules = {.elasticity = 4}, .flows = flows};
    take_up(&economy);
    double tariffs[] = {0, 0, 0.05, 0};
    solve(&(trade_shock_t){.tariffs = tariffs});
    assert_true(trade_real_income(&solver, 0) > 1 && trade_real_income(&solver, 1) < 1);
    tariffs[2] = 10;
    solve(&(trade_shock_t){.tariffs = tariffs});
    assert_true(trade_real_income(&solver, 0) < 1 && trade_real_income(&solver, 1) < 1);
}

/* ---- who is in it ---------------------------------------------------------------------------------- */

/* Two halves without a flow between them are solved as each half would be alone, numeraire and transfers too.
 */
static void test_two_halves(void **state) {
    (void)state;
    enum { N = 12, HALF = 6 };
    for (int bits = 0; bits < 32; bits++) {
        made_economy_t made, half[2];
        double real[N], flow[N];
        assert_int_equal(made_economy_init(&made, N, 11), 0);
        memset(made.flows, 0, N * N * sizeof *made.flows);
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        for (int h = 0; h < 2; h++) {
            assert_int_equal(made_economy_init(&half[h], HALF, 12 + (uint64_t)h), 0);
            made_economy_change(&half[h], 0.4, 0.3);
            economy_t alone = economy_of(&half[h]);
            alone.rules = economy.rules;
            take_up(&alone);
            solve(&(trade_shock_t){half[h].log_shift, half[h].new_tariffs, NULL});
            for (int i = 0; i < HALF; i++) {
                real[h * HALF + i] = trade_welfare(&solver, i);
                flow[h * HALF + i] = equilibrium_flow(&solver, i, (i + 1) % HALF);
                for (int j = 0; j < HALF; j++) {
                    int at = (h * HALF + i) * N + h * HALF + j, from = i * HALF + j;
                    made.flows[at] = half[h].flows[from];
                    made.log_shift[at] = half[h].log_shift[from];
                    made.new_tariffs[at] = half[h].new_tariffs[from];
                }
            }
        }
        take_up(&economy);
        solve(&(trade_shock_t){made.log_shift, made.new_tariffs, NULL});
        assert_int_equal(solver.blocks.n_blocks, 2);
        for (int i = 0; i < N; i++) {
            CHECK_NEAR(trade_welfare(&solver, i), real[i], 1e-10);
            CHECK_NEAR(equilibrium_flow(&solver, i, i / HALF * HALF + (i + 1) % HALF), flow[i],
                       1e-10 * flow[i]);
        }
        for (int h = 0; h < 2; h++) made_economy_free(&half[h]);
        made_economy_free(&made);
    }
}

/* An embargo cuts the world in two; in each part accounts hold, and no transfer passes. */
static void test_embargo_between_blocks(void **state) {
    (void)state;
    for (int bits = 0; bits < 32; bits++) {
        made_economy_t made;
        assert_int_equal(made_economy_init(&made, 10, 13), 0);
        for (int i = 0; i < 10; i++)
            for (int j = 0; j < 10; j++)
                if ((i < 4) != (j < 4)) made.log_shift[i * 10 + j] = -INFINITY;
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits);
        take_up(&economy);
        solve(&(trade_shock_t){.log_shift = made.log_shift});
        check_accounts();
        assert_int_equal(solver.blocks.n_blocks, 2);
        double owed = 0;
        for (int i = 0; i < 4; i++) {
            owed += solver.transfer[i];
            for (int j = 4; j < 10; j++)
                assert_true(equilibrium_flow(&solver, i, j) == 0 && equilibrium_flow(&solver, j, i) == 0);
        }
        CHECK_NEAR(owed, 0, 1e-11 * solver.income[0]);
        made_economy_free(&made);
    }
}

/* 3 is absent. 2 has no trade at home: under an embargo on it nothing of it is left, and the others go on. */
static void test_absent_and_dropped(void **state) {
    (void)state;
    const double flows[16] = {60, 20, 10, 0, 20, 90, 10, 0, 10, 10, 0, 0, 0, 0, 0, 0};
    double shift[16] = {0};
    economy_t economy = {.n = 4, .rules = {.elasticity = 4}, .flows = flows};
    take_up(&economy);
    for (int j = 0; j < 2; j++) shift[2 * 4 + j] = shift[j * 4 + 2] = -INFINITY;
    solve(&(trade_shock_t){.log_shift = shift});
    assert_int_equal(solver.blocks.block[2], -1);
    assert_int_equal(solver.blocks.block[3], -1);
    assert_true(trade_real_income(&solver, 2) == 0 && trade_welfare(&solver, 2) == 0);
    assert_true(solver.income[2] == 0 && isnan(solver.price[2]) && solver.wage[2] == 0);
    assert_true(trade_real_income(&solver, 3) == 1 && trade_welfare(&solver, 3) == 1 && solver.price[3] == 1);
    for (int j = 0; j < 4; j++)
        assert_true(equilibrium_flow(&solver, 2, j) == 0 && equilibrium_flow(&solver, j, 2) == 0);
    for (int i = 0; i < 2; i++) assert_true(trade_real_income(&solver, i) < 1);
    solve(&(trade_shock_t){0}); /* the embargo ends */
    for (int i = 0; i < 4; i++) CHECK_NEAR(trade_real_income(&solver, i), 1, 1e-13);
}

/* ---- other forms ----------------------------------------------------------------------------------- */

/* The conditional form against the plain balancing of rows and columns (Deming and Stephan 1940). */
static void test_conditional_is_biproportional(void **state) {
    (void)state;
    enum { N = 15 };
    made_economy_t made;
    double want[N * N], rows[N] = {0}, columns[N] = {0};
    assert_int_equal(made_economy_init(&made, N, 21), 0);
    made_economy_change(&made, 0.7, 0);
    economy_t economy = economy_of(&made);
    economy.rules.output = OUTPUT_FIXED;
    take_up(&economy);
    solve(&(trade_shock_t){.log_shift = made.log_shift});
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            rows[i] += made.flows[i * N + j];
            columns[j] += made.flows[i * N + j];
            want[i * N + j] = made.flows[i * N + j] * exp(made.log_shift[i * N + j]);
        }
    for (int k = 0; k < 4000; k++)
        for (int i = 0; i < N; i++) {
            double row = 0, column = 0;
            for (int j = 0; j < N; j++) row += want[i * N + j];
            for (int j = 0; j < N; j++) want[i * N + j] *= rows[i] / row;
            for (int j = 0; j < N; j++) column += want[j * N + i];
            for (int j = 0; j < N; j++) want[j * N + i] *= columns[i] / column;
        }
    for (int i = 0; i < N; i++) {
        CHECK_NEAR(solver.income[i], rows[i], 1e-12 * rows[i]);
        CHECK_NEAR(solver.spending[i], columns[i], 1e-12 * columns[i]);
        for (int j = 0; j < N; j++)
            CHECK_NEAR(equilibrium_flow(&solver, i, j), want[i * N + j], 1e-9 * want[i * N + j]);
    }
    made_economy_free(&made);
}

/* All grow alike: flows do in constant dollars, prices and shares do not move. */
static void test_growth(void **state) {
    (void)state;
    for (int bits = 0; bits < 16; bits++) {
        made_economy_t made;
        assert_int_equal(made_economy_init(&made, 10, 22), 0);
        for (int i = 0; i < 10; i++) made.endowment[i] = 1.2;
        economy_t economy = economy_of(&made);
        economy.rules = rules_of(bits | 8);
        take_up(&economy);
        solve(&(trade_shock_t){.endowment = made.endowment});
        for (int i = 0; i < 10; i++) {
            CHECK_NEAR(solver.price[i], 1, 1e-12);
            CHECK_NEAR(trade_real_income(&solver, i), 1.2, 1e-11);
            for (int j = 0; j < 10; j++)
                CHECK_NEAR(equilibrium_flow(&solver, i, j), 1.2 * made.flows[i * 10 + j],
                           1e-11 * made.flows[i * 10 + j]);
        }
        made_economy_free(&made);
    }
}

/* One grows: its goods become cheaper, all others gain. */
static void test_growth_of_one(void **state) {
    (void)state;
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 10, 23), 0);
    made.endowment[4] = 1.5;
    economy_t economy = economy_of(&made);
    economy.rules.numeraire = NUMERAIRE_PRICES;
    economy.rules.deficits = DEFICITS_OF_OWN;
    take_up(&economy);
    solve(&(trade_shock_t){.endowment = made.endowment});
    assert_true(solver.gate[4] < 1 && trade_real_income(&solver, 4) > 1.2);
    for (int i = 0; i < 10; i++) assert_true(i == 4 || trade_real_income(&solver, i) > 1);
    made_economy_free(&made);
}

/* The numeraire changes no quantity, nor does the unit of money. */
static void test_money_is_a_veil(void **state) {
    (void)state;
    made_economy_t made;
    assert_int_equal(made_economy_init(&made, 10, 24), 0);
    made_economy_change(&made, 0.3, 0.4);
    const trade_shock_t shock = {made.log_shift, made.new_tariffs, NULL};
    for (int bits = 0; bits < 32; bits++) {
        double real[10], flow[10];
        if (bits & (8 | 1)) continue; /* fixed outputs are money */
        economy_t economy = economy_of(&made);
        for (int again = 0; again < 3; again++) {
            economy.rules = rules_of(again == 1 ? bits | 8 : bits);
            if (again == 2)
                for (int at = 0; at < 100; at++) made.flows[at] *= 1e6;
            take_up(&economy);
            solve(&shock);
            for (int i = 0; i < 10; i++) {
                double share = equilibrium_flow_paid(&solver, i, 0) / solver.spending[0];
                if (again) {
                    CHECK_NEAR(trade_welfare(&solver, i), real[i], 1e-11);
                    CHECK_NEAR(share, flow[i], 1e-11);
                }
                real[i] = trade_welfare(&solver, i);
                flow[i] = share;
            }
        }
        for (int at = 0; at < 100; at++) made.flows[at] /= 1e6;
    }
    made_economy_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accounts_under_all_rules),
        cmocka_unit_test(test_no_change_is_the_baseline),
        cmocka_unit_test(test_two_equal_actors),
        cmocka_unit_test(test_real_wage_follows_the_home_share),
        cmocka_unit_test(test_autarky),
        cmocka_unit_test(test_costs_without_end),
        cmocka_unit_test(test_one_actor),
        cmocka_unit_test(test_terms_of_trade),
        cmocka_unit_test(test_two_halves),
        cmocka_unit_test(test_embargo_between_blocks),
        cmocka_unit_test(test_absent_and_dropped),
        cmocka_unit_test(test_conditional_is_biproportional),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_growth_of_one),
        cmocka_unit_test(test_money_is_a_veil),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
