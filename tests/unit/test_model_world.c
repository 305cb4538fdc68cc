/* The world between and at effects: conditions, deals, shocks, groups, counts; and that reads change nothing.
 */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/error.h"
#include "base/rng.h"
#include "model/world.h"

typedef struct {
    model_t model;
    world_t world;
    condition_t conditions[2];
} lab_t;

/* Actors A, B, C; trade 100 USD a year on every flow; ties at 0; no response of trade to alignment. */
static void lab_make(lab_t *lab) {
    model_t *m = &lab->model;
    toy_init(m, 3, 2, 1000);
    for (int e = 0; e < m->n_ties; e++) m->ties[e].trade_usd[0] = m->ties[e].trade_usd[1] = 100;
    m->conditions = lab->conditions;
    m->n_conditions = 2;
    lab->conditions[0] = (condition_t){
        .name = "pact", .alignment_shift = 0.4, .log_trade_shift = 0.6, .phase_in = 60, .tail = 100};
    lab->conditions[1] = (condition_t){.name = "unrest",
                                       .on_actor = true,
                                       .alignment_shift = -0.3,
                                       .log_trade_shift = -0.5,
                                       .phase_in = 10,
                                       .tail = 20};
}

static void lab_open(lab_t *lab) {
    assert_int_equal(model_finish(&lab->model), 0);
    assert_int_equal(world_init(&lab->world, &lab->model), 0);
    world_reset(&lab->world);
}

static void lab_close(lab_t *lab) {
    world_free(&lab->world);
    model_free(&lab->model);
}

static int tie_of(const lab_t *lab, int i, int j) {
    return model_tie(&lab->model, i, j);
}

/* What conditions, shocks and alignment have done to the flow, in log units. */
static double log_shift(const lab_t *lab, int flow, double now) {
    return log(world_trade(&lab->world, flow, now) / 100);
}

/* ---- conditions on a tie ---------------------------------------------------------------------------- */

static void test_condition_shifts_alignment(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.model.ties[0].alignment = lab.model.ties[0].baseline = 0.1;
    lab_open(&lab);
    world_t *w = &lab.world;
    double half_life = lab.model.dynamics.alignment_half_life;
    assert_true(world_condition_start(w, 0, 0, 50, 1));
    assert_true(world_condition_on_tie(w, 0, 0));
    assert_false(world_condition_on_tie(w, 0, 1));
    CHECK_NEAR(world_alignment(w, 0, 50), 0.1, 1e-15);
    CHECK_NEAR(world_alignment(w, 0, 50 + half_life), 0.3, 1e-14); /* half way from 0.1 to 0.5 */
    assert_true(world_condition_end(w, 0, 0, 50 + half_life, 0));
    CHECK_NEAR(world_alignment(w, 0, 50 + 2 * half_life), 0.2, 1e-14); /* half way back */
    CHECK_NEAR(world_alignment(w, 1, 5000), 0, 0);
    lab_close(&lab);
}

static void test_baseline_is_clamped(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.model.ties[0].baseline = 0.9;
    lab_open(&lab);
    world_condition_start(&lab.world, 0, 0, 0, 1);
    CHECK_NEAR(lab.world.ties[0].b0, 1, 0);
    world_condition_start(&lab.world, 1, 0, 0, 1); /* 0.9 + 0.4 - 0.3: clamped after the sum, not before */
    CHECK_NEAR(lab.world.ties[0].b0, 1, 1e-15);
    world_condition_end(&lab.world, 0, 0, 0, 0);
    CHECK_NEAR(lab.world.ties[0].b0, 0.6, 1e-15);
    lab_close(&lab);
}

static void test_phase_in_and_tail(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_t *w = &lab.world;
    world_condition_start(w, 0, 0, 30, 1);
    for (int flow = 0; flow < 2; flow++) {
        CHECK_NEAR(log_shift(&lab, flow, 30), 0, 1e-15);
        CHECK_NEAR(log_shift(&lab, flow, 45), 0.15, 1e-14); /* a quarter of the way */
        CHECK_NEAR(log_shift(&lab, flow, 90), 0.6, 1e-14);
        CHECK_NEAR(log_shift(&lab, flow, 400), 0.6, 1e-14);
    }
    CHECK_NEAR(log_shift(&lab, 2, 400), 0, 0);
    world_condition_end(w, 0, 0, 400, 0);
    CHECK_NEAR(log_shift(&lab, 0, 400), 0.6, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 425), 0.45, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 500), 0, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 900), 0, 0);
    lab_close(&lab);
}

/* Ended on the way in, begun again on the way out: each time from the level reached. */
static void test_level_is_continuous(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_t *w = &lab.world;
    world_condition_start(w, 0, 0, 0, 1);
    world_condition_end(w, 0, 0, 30, 0); /* at 1/2 */
    CHECK_NEAR(log_shift(&lab, 0, 30), 0.3, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 50), 0.6 * 0.3, 1e-14); /* 20 of 100 days off */
    world_condition_start(w, 0, 0, 50, 2);
    CHECK_NEAR(log_shift(&lab, 0, 50), 0.6 * 0.3, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 62), 0.6 * 0.5, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 200), 0.6, 1e-14);
    lab_close(&lab);
}

static void test_at_once(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.conditions[0].phase_in = lab.conditions[0].tail = 0;
    lab_open(&lab);
    world_condition_start(&lab.world, 0, 0, 10, 1);
    CHECK_NEAR(log_shift(&lab, 0, 10), 0.6, 1e-14);
    world_condition_end(&lab.world, 0, 0, 20, 0);
    CHECK_NEAR(log_shift(&lab, 0, 20), 0, 0);
    lab_close(&lab);
}

/* In force since before the start: its phase-in is as far as it would be, the anchor stays at the start. */
static void test_since_before_the_start(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_condition_start(&lab.world, 0, 0, -45, 1);
    CHECK_NEAR(log_shift(&lab, 0, 0), 0.45, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 15), 0.6, 1e-14);
    CHECK_NEAR(world_alignment(&lab.world, 0, 0), 0, 0);
    CHECK_NEAR(lab.world.ties[0].b0, 0.4, 0);
    lab_close(&lab);
}

/* The end of a spell that was renewed does nothing; an end without a token ends any. */
static void test_tokens(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_t *w = &lab.world;
    assert_true(world_condition_start(w, 0, 0, 0, 11));
    assert_false(world_condition_start(w, 0, 0, 30, 12)); /* renewed */
    CHECK_NEAR(log_shift(&lab, 0, 45), 0.45, 1e-14);      /* and its phase-in goes on */
    assert_false(world_condition_end(w, 0, 0, 50, 11));
    assert_true(world_condition_on_tie(w, 0, 0));
    assert_true(world_condition_end(w, 0, 0, 60, 12));
    assert_false(world_condition_end(w, 0, 0, 61, 0));
    world_condition_start(w, 0, 0, 70, 13);
    assert_true(world_condition_end(w, 0, 0, 80, 0));
    lab_close(&lab);
}

/* ---- conditions on an actor ------------------------------------------------------------------------- */

static void test_condition_on_actor(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_t *w = &lab.world;
    int ab = tie_of(&lab, 0, 1), ac = tie_of(&lab, 0, 2), bc = tie_of(&lab, 1, 2);
    world_condition_start(w, 1, 0, 0, 1);
    assert_true(world_condition_on_actor(w, 1, 0) && !world_condition_on_actor(w, 1, 1));
    assert_true(world_condition_on_tie(w, 1, ab) && world_condition_on_tie(w, 1, ac));
    assert_false(world_condition_on_tie(w, 1, bc));
    CHECK_NEAR(w->ties[ab].b0, -0.3, 0);
    CHECK_NEAR(w->ties[bc].b0, 0, 0);
    world_condition_start(w, 1, 1, 5, 2); /* on both ends it counts once... */
    CHECK_NEAR(w->ties[ab].b0, -0.3, 0);
    CHECK_NEAR(w->ties[bc].b0, -0.3, 0);
    CHECK_NEAR(log_shift(&lab, 2 * ab, 7), -0.35, 1e-14); /* ... and of the levels 0.7 and 0.2 the stronger */
    CHECK_NEAR(log_shift(&lab, 2 * bc, 7), -0.1, 1e-14);
    world_condition_end(w, 1, 0, 8, 0);
    assert_true(world_condition_on_tie(w, 1, ab));
    CHECK_NEAR(w->ties[ab].b0, -0.3, 0);
    CHECK_NEAR(w->ties[ac].b0, 0, 0);
    lab_close(&lab);
}

/* ---- deals, shocks ---------------------------------------------------------------------------------- */

/* Hundreds of deals that begin and end in disorder leave the flow at its own figure, to the bit. */
static void test_deals_go_back_to_zero(void **state) {
    (void)state;
    enum { N = 500 };
    lab_t lab;
    double amounts[N];
    int order[N];
    lab_make(&lab);
    lab_open(&lab);
    rng_stream_t stream;
    rng_stream_init(&stream, 3, 0);
    double before = world_trade(&lab.world, 0, 900), sum = 0, delivered = 0;
    for (int d = 0; d < N; d++) {
        amounts[d] = round(1e11 * rng_stream_unit(&stream) * rng_stream_unit(&stream)) + 1;
        order[d] = d;
        sum += amounts[d];
        world_deal(&lab.world, 0, 0.25 * d, amounts[d]);
    }
    CHECK_NEAR(world_trade(&lab.world, 0, 200), 100 + sum, 1e-3);
    for (int d = N - 1; d > 0; d--) {
        int e = (int)(rng_stream_unit(&stream) * (d + 1)), swap = order[d];
        order[d] = order[e], order[e] = swap;
    }
    for (int d = 0; d < N; d++) {
        world_deal(&lab.world, 0, 200 + d, -amounts[order[d]]);
        delivered += amounts[order[d]] * (200 + d - 0.25 * order[d]) / DAYS_PER_YEAR;
    }
    assert_true(lab.world.flows[0].deals == 0);
    assert_true(world_trade(&lab.world, 0, 900) == before);
    CHECK_NEAR(world_delivered(&lab.world, 0, 900) / delivered, 1, 1e-12);
    CHECK_NEAR(world_delivered(&lab.world, 1, 900), 0, 0);
    lab_close(&lab);
}

static void test_deals_where_there_is_no_trade(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.model.ties[0].trade_usd[1] = NAN;
    lab_open(&lab);
    assert_true(isnan(world_trade(&lab.world, 1, 0)));
    world_deal(&lab.world, 1, 10, 250);
    CHECK_NEAR(world_trade(&lab.world, 1, 20), 250, 0);
    CHECK_NEAR(world_delivered(&lab.world, 1, 10 + DAYS_PER_YEAR), 250, 1e-12);
    world_deal(&lab.world, 1, 30, -250);
    assert_true(isnan(world_trade(&lab.world, 1, 40)));
    lab_close(&lab);
}

static void test_shocks_fade(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    for (int k = 0; k < 2; k++) {
        lab.model.kinds[k].trade_shock = 0.1;
        lab.model.kinds[k].trade_shock_half_life = k ? 40 : 10;
    }
    lab_open(&lab);
    world_shock(&lab.world, 0, 100, 0, 0.3);
    world_shock(&lab.world, 0, 110, 1, -0.2);
    world_shock(&lab.world, 0, 120, 0, 0.3);
    double want = 0.3 * exp2(-3) + 0.3 * exp2(-1) - 0.2 * exp2(-0.5);
    CHECK_NEAR(log_shift(&lab, 0, 130), want, 1e-14);
    world_settle(&lab.world, 125);
    CHECK_NEAR(log_shift(&lab, 0, 130), want, 1e-14);
    CHECK_NEAR(log_shift(&lab, 1, 130), 0, 0);
    lab_close(&lab);
}

/* X = X0 exp(x + eta_f (s - b)), the former slow, the latter at once. */
static void test_trade_follows_relations(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    dynamics_t *d = &lab.model.dynamics;
    d->alignment_on_trade = 0.9, d->atmosphere_on_trade = 0.05, d->trade_half_life = 200;
    lab.model.ties[0] = (tie_t){.a = 0,
                                .b = 1,
                                .strength = 0.7,
                                .alignment = 0.3,
                                .baseline = 0.3,
                                .alignment_ref = 0.1,
                                .trade_usd = {100, 100},
                                .distance_km = NAN};
    lab_open(&lab);
    CHECK_NEAR(log_shift(&lab, 0, 0), 0.05 * 0.4, 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 30), 0.05 * 0.2 + 0.9 * 0.2 * (1 - exp2(-30.0 / 200)), 1e-14);
    CHECK_NEAR(log_shift(&lab, 0, 1e5), 0.9 * 0.2, 1e-13);
    lab_close(&lab);
}

/* ---- strength, groups, counts ----------------------------------------------------------------------- */

static void test_bump_and_lasting_share(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.model.ties[0].strength = 0.8, lab.model.ties[0].alignment = lab.model.ties[0].baseline = 0.4;
    lab_open(&lab);
    double change = world_bump(&lab.world, 0, 30, 0.5, 0.1); /* by then s = 0.6 */
    CHECK_NEAR(change, 0.2, 1e-14);
    CHECK_NEAR(world_strength(&lab.world, 0, 30), 0.8, 1e-14);
    CHECK_NEAR(world_alignment(&lab.world, 0, 30), 0.4 + 0.05 * 0.6, 1e-14);
    CHECK_NEAR(world_bump(&lab.world, 0, 30, -7, 0), -1.8, 1e-14); /* a gain beyond 1 is cut */
    CHECK_NEAR(world_strength(&lab.world, 0, 30), -1, 1e-15);
    lab_close(&lab);
}

static void test_groups(void **state) {
    (void)state;
    lab_t lab;
    static group_t groups[WORLD_MAX_GROUPS];
    member_t members[] = {{0, -INFINITY, INFINITY}, {1, 10, INFINITY}, {2, -50, -20}, {2, 0, 30}};
    lab_make(&lab);
    for (int g = 0; g < WORLD_MAX_GROUPS; g++) groups[g] = (group_t){.name = "g"};
    groups[0] = (group_t){.name = "first", .n_members = 2, .members = members};
    groups[5] = (group_t){.name = "former", .n_members = 1, .members = members + 2};
    groups[63] = (group_t){.name = "last", .n_members = 4, .members = members};
    lab.model.groups = groups;
    lab.model.n_groups = WORLD_MAX_GROUPS;
    lab_open(&lab);
    assert_true(world_member(&lab.world, 63, 0) && world_member(&lab.world, 63, 2));
    assert_false(world_member(&lab.world, 63, 1) || world_member(&lab.world, 0, 2) ||
                 world_member(&lab.world, 62, 0));
    assert_false(world_member(&lab.world, 5, 2)); /* its only spell is over */
    world_join(&lab.world, 63, 1, true);
    world_join(&lab.world, 63, 1, true);
    world_join(&lab.world, 63, 0, false);
    assert_true(world_member(&lab.world, 63, 1) && !world_member(&lab.world, 63, 0));
    assert_true(world_member(&lab.world, 0, 0));
    world_reset(&lab.world);
    assert_true(world_member(&lab.world, 63, 0) && !world_member(&lab.world, 63, 1));
    lab_close(&lab);
}

static void test_presence_at_the_start(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab.model.actors[1].from = 5;
    lab.model.actors[2].until = 0; /* exclusive */
    lab_open(&lab);
    assert_true(lab.world.present[0] && !lab.world.present[1] && !lab.world.present[2]);
    lab_close(&lab);
}

static void test_counts_decay(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    term_t *terms = toy_terms(&lab.model, &lab.model.kinds[0].log_rate, 2);
    terms[0] = (term_t){.statistic = statistic_find("inertia"), .half_life = 10};
    terms[1] = (term_t){.statistic = statistic_find("reciprocity"), .half_life = 30, .ref = 1};
    lab_open(&lab);
    assert_int_equal(lab.world.n_counters, 2);
    assert_int_not_equal(terms[0].slot, terms[1].slot);
    world_add_count(&lab.world, terms[0].slot, 3, -20);
    world_add_count(&lab.world, terms[0].slot, 3, 0);
    world_add_count(&lab.world, terms[0].slot, 3, 10);
    CHECK_NEAR(world_count(&lab.world, terms[0].slot, 3, 20), 0.0625 + 0.25 + 0.5, 1e-15);
    CHECK_NEAR(world_count(&lab.world, terms[0].slot, 2, 20), 0, 0);
    CHECK_NEAR(world_count(&lab.world, terms[1].slot, 3, 20), 0, 0);
    lab_close(&lab);
}

/* Parameters set in mid-run leave alone what has passed: what was reached stays, and goes on by the new ones.
 */
static void test_settled_before_parameters_change(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    kind_t *kind = &lab.model.kinds[0];
    kind->trade_shock = 0.1, kind->trade_shock_half_life = 10;
    lab.model.dynamics.alignment_on_trade = 0.9;
    lab.model.ties[0].alignment = lab.model.ties[0].baseline = 0.5;
    term_t *term = toy_terms(&lab.model, &kind->log_rate, 1);
    *term = (term_t){.statistic = statistic_find("inertia"), .half_life = 10};
    lab_open(&lab);
    world_add_count(&lab.world, term->slot, 2, 0);
    world_condition_start(&lab.world, 0, 1, 0, 0);
    world_shock(&lab.world, 2, 0, 0, 0.3);
    double slow = log_shift(&lab, 0, 30);
    world_settle(&lab.world, 30);
    term->half_life = 20;
    lab.conditions[0].phase_in = 120;
    lab.conditions[0].alignment_shift = 0;
    kind->trade_shock_half_life = 20;
    lab.model.ties[0].alignment_ref = 0.5;
    world_prepare(&lab.world);
    CHECK_NEAR(world_count(&lab.world, term->slot, 2, 30), exp2(-3), 1e-15);
    CHECK_NEAR(world_count(&lab.world, term->slot, 2, 50), exp2(-4), 1e-15);
    CHECK_NEAR(log_shift(&lab, 0, 30), slow, 1e-14);
    world_relevel(&lab.world, 30);
    lab.model.dynamics.alignment_on_trade = 0;
    world_settle(&lab.world, 30);
    world_prepare(&lab.world);
    double left = log_shift(&lab, 2, 30) - 0.6 * 0.5 - 0.3 * exp2(-3); /* the slow response of this tie */
    double fades = left * exp2(-60 / lab.model.dynamics.trade_half_life);
    CHECK_NEAR(log_shift(&lab, 2, 90), 0.6 * (0.5 + 0.5) + 0.3 * exp2(-3 - 3) + fades, 1e-12);
    lab_close(&lab);
}

/* ---- purity, memory --------------------------------------------------------------------------------- */

/* Reads, in whatever number and order, leave every byte of the state as it was. */
static void test_reads_are_pure(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    lab_open(&lab);
    world_t *w = &lab.world;
    world_condition_start(w, 0, 0, 1, 5);
    world_bump(w, 0, 2, 0.3, 0.2);
    world_deal(w, 0, 3, 77);
    tie_state_t ties[3];
    flow_state_t flows[6];
    condition_state_t conditions[6];
    memcpy(ties, w->ties, sizeof ties);
    memcpy(flows, w->flows, sizeof flows);
    memcpy(conditions, w->on_ties, sizeof conditions);
    double later = world_trade(w, 0, 700);
    for (double t = 3; t < 1000; t += 7.7)
        for (int flow = 0; flow < 6; flow++) {
            world_strength(w, flow / 2, t);
            world_alignment(w, flow / 2, t);
            world_trade(w, flow, t);
            world_delivered(w, flow, t);
        }
    assert_memory_equal(ties, w->ties, sizeof ties);
    assert_memory_equal(flows, w->flows, sizeof flows);
    assert_memory_equal(conditions, w->on_ties, sizeof conditions);
    assert_true(world_trade(w, 0, 700) == later);
    lab_close(&lab);
}

static void test_out_of_memory(void **state) {
    (void)state;
    lab_t lab;
    lab_make(&lab);
    *toy_terms(&lab.model, &lab.model.kinds[0].log_rate, 1) =
        (term_t){.statistic = statistic_find("inertia"), .half_life = 10};
    assert_int_equal(model_finish(&lab.model), 0);
    int failures = 0, ret;
    do {
        mem_fail_after(failures);
        ret = world_init(&lab.world, &lab.model);
        mem_fail_after(-1);
        if (ret == 0) break;
        assert_int_equal(ret, ERR_NOMEM);
    } while (++failures < 100);
    assert_int_equal(ret, 0);
    assert_int_equal(failures, 19);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_condition_shifts_alignment),
        cmocka_unit_test(test_baseline_is_clamped),
        cmocka_unit_test(test_phase_in_and_tail),
        cmocka_unit_test(test_level_is_continuous),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_since_before_the_start),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_condition_on_actor),
        cmocka_unit_test(test_deals_go_back_to_zero),
        cmocka_unit_test(test_deals_where_there_is_no_trade),
        cmocka_unit_test(test_shocks_fade),
        cmocka_unit_test(test_trade_follows_relations),
        cmocka_unit_test(test_bump_and_lasting_share),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_presence_at_the_start),
        cmocka_unit_test(test_counts_decay),
        cmocka_unit_test(test_settled_before_parameters_change),
        cmocka_unit_test(test_reads_are_pure),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
