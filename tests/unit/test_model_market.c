/* The market of a world: every refresh clears, flows are those of the solution, and worlds that differ in few
 * ties get the bits that they would get alone. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/rng.h"
#include "model/trade/market.h"
#include "model/trade/trade_outcome.h"

enum { N = 7, TIES = N * (N - 1) / 2, STATES = 60 };

typedef struct {
    model_t model;
    world_t world;
    rng_stream_t dice;
    condition_t conditions[3];
    tariff_t tariff;
    int taxed;
} lab_t;

static double between(lab_t *lab, double low, double high) {
    return low + (high - low) * rng_stream_unit(&lab->dice);
}

/* The last actor is absent, the one before it trades with the first alone. */
static void lab_open(lab_t *lab, uint64_t seed, double growth) {
    model_t *m = &lab->model;
    *lab = (lab_t){0};
    rng_stream_init(&lab->dice, rng_key_number(9, seed), 0);
    toy_init(m, N, 1, 1000);
    m->trade.in_equilibrium = true;
    m->trade.figures_at = -200;
    m->trade.elasticity = between(lab, 2, 8);
    m->dynamics.alignment_on_trade = 0.9;
    m->dynamics.atmosphere_on_trade = 0.1;
    for (int i = 0; i < N; i++) {
        m->actors[i].domestic_usd = NAN;
        m->actors[i].growth = growth * between(lab, -1, 2);
    }
    for (int e = 0; e < m->n_ties; e++)
        for (int f = 0; f < 2; f++)
            if (m->ties[e].b < N - 2 || (m->ties[e].a == 0 && m->ties[e].b == N - 2))
                m->ties[e].trade_usd[f] = exp(between(lab, 15, 25));
    const double shifts[] = {-0.7, 0.3, -400};
    for (int c = 0; c < 3; c++)
        lab->conditions[c] = (condition_t){.name = "c", .log_trade_shift = shifts[c], .on_actor = c == 1};
    m->kinds[0].trade_shock = 0.1;
    m->kinds[0].trade_shock_half_life = 20;
    m->conditions = lab->conditions;
    m->n_conditions = 3;
    lab->tariff = (tariff_t){.name = "t", .n_flows = 1, .flows = &lab->taxed, .time = -300, .rate = 0.1};
    m->tariffs = &lab->tariff;
    m->n_tariffs = 1;
    assert_int_equal(model_finish(m), 0);
    assert_int_equal(world_init(&lab->world, m), 0);
    world_reset(&lab->world);
}

static void lab_close(lab_t *lab) {
    world_free(&lab->world);
    model_free(&lab->model);
}

/* Something happens on a tie, the same for the same dice. */
static void disturb(lab_t *lab, world_t *world, int tie, double now) {
    int what = (int)between(lab, 0, 5);
    double size = between(lab, 0, 1);
    if (what == 0) world_bump(world, tie, now, size, 0.5);
    if (what == 1) world_set_tariff(world, 2 * tie, now, size, 0);
    if (what == 2 && !world_condition_end(world, 0, tie, now, 0))
        world_condition_start(world, 0, tie, now, 1);
    if (what == 3 && !world_condition_end(world, 2, tie, now, 0))
        world_condition_start(world, 2, tie, now, 1);
    if (what == 4) world_shock(world, 2 * tie, now, 0, size < 0.4 ? -400 : size); /* or an end, one way */
}

static equilibrium_t *solution(world_t *world) {
    return (equilibrium_t *)(uintptr_t)market_solution(world->market);
}

/* Income and sales, spending and means, transfers: to 1e-10, and the check sees a difference of 1e-8. */
static void check_accounts(world_t *world) {
    equilibrium_t *found = solution(world);
    assert_true(trade_imbalance(found) < 1e-10);
    double reach = found->reach[0];
    found->reach[0] *= 1 + 1e-8;
    assert_true(trade_imbalance(found) > 1e-10);
    found->reach[0] = reach;
}

static void check_flows(const lab_t *lab, double now) {
    const world_t *world = &lab->world;
    const equilibrium_t *found = market_solution(world->market);
    for (int flow = 0; flow < 2 * TIES; flow++) {
        double usd = world_trade(world, flow, now), want;
        if (isnan(usd)) continue;
        want = equilibrium_flow(found, flow_from(&lab->model, flow), flow_to(&lab->model, flow));
        CHECK_NEAR(usd, want, 1e-11 * want);
    }
}

static void test_every_refresh_clears(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        lab_t lab;
        lab_open(&lab, seed, seed % 2 ? 0.03 : 0);
        for (int k = 0; k < STATES; k++) {
            double now = 10.0 * k;
            for (int n = 0; n < 3; n++) disturb(&lab, &lab.world, (int)between(&lab, 0, TIES), now);
            if (k % 9 == 4) world_condition_start(&lab.world, 1, k % N, now, 1);
            if (k % 9 == 8) world_condition_end(&lab.world, 1, (k - 4) % N, now, 0);
            world_refresh(&lab.world, now);
            assert_false(lab.world.unbalanced);
            check_accounts(&lab.world);
            check_flows(&lab, now);
        }
        lab_close(&lab);
    }
}

static void check_same(const world_t *a, const world_t *b) {
    assert_memory_equal(a->multilateral, b->multilateral, 3 * N * sizeof *a->multilateral);
    assert_memory_equal(a->closed, b->closed, 2 * TIES * sizeof *a->closed);
}

/* As a variant beside the base: its ties put into the world, and taken out again. */
static void test_beside(void **state) {
    (void)state;
    lab_t together, alone;
    lab_open(&together, 7, 0.02);
    lab_open(&alone, 7, 0.02);
    for (int k = 0; k < STATES; k++) {
        double now = 10.0 * k;
        int ties[2] = {k % TIES, (k + 3) % TIES};
        tie_state_t kept[TIES];
        memcpy(kept, together.world.ties, sizeof kept);
        market_foresee(&together.world, now);
        world_bump(&together.world, ties[1], now, 0.2, 0.5);
        if (k % 5) world_bump(&together.world, ties[0], now, -0.1, 0.5);
        market_clear_beside(&together.world, now, 2, ties);
        memcpy(alone.world.ties, together.world.ties, sizeof kept);
        market_clear(&alone.world, now);
        check_same(&together.world, &alone.world);

        memcpy(together.world.ties, kept, sizeof kept);
        memcpy(alone.world.ties, kept, sizeof kept);
        market_clear_beside(&together.world, now, 2, ties); /* no different: as the base */
        market_clear(&alone.world, now);
        check_same(&together.world, &alone.world);
        market_clear(&together.world, now);
        check_same(&together.world, &alone.world);
        world_bump(&together.world, ties[0], now, 0.1, 1);
        world_bump(&alone.world, ties[0], now, 0.1, 1);
    }
    lab_close(&together);
    lab_close(&alone);
}

/* An embargo on all that an actor sells closes what it buys too, unless a transfer pays for it; ended, all is
 * as before. */
static void test_embargo(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 11, 0);
    market_clear(&lab.world, 0);
    double before[3 * N];
    memcpy(before, lab.world.multilateral, sizeof before);
    int tie = model_tie(&lab.model, 0, N - 2);
    assert_true(world_condition_start(&lab.world, 2, tie, 0, 1));
    market_clear(&lab.world, 0);
    for (int f = 0; f < 2; f++) assert_true(world_trade(&lab.world, 2 * tie + f, 0) < 1e-100);
    assert_true(world_trade(&lab.world, 0, 0) > 0);
    check_accounts(&lab.world);
    assert_true(world_condition_end(&lab.world, 2, tie, 0, 0));
    market_clear(&lab.world, 0);
    assert_memory_equal(before, lab.world.multilateral, sizeof before);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_refresh_clears),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_embargo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
