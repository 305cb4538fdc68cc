/* Each statistic against a value worked out by hand; the bounds of lazy ones hold until the next effect. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/rng.h"
#include "model/predictor.h"

enum { A, B, C, D };

typedef struct {
    model_t model;
    world_t world;
    term_t *terms; /* [STATISTIC_N] one of each, coefficient 1, reference value 0 */
    member_t members[3][2];
    group_t groups[3];
    condition_t conditions[3];
    double actor_attributes[4], tie_attributes[6];
} lab_t;

static void set_tie(model_t *m, int i, int j, double s) {
    tie_t *tie = &m->ties[model_tie(m, i, j)];
    tie->strength = tie->alignment = tie->baseline = s;
}

/* A-B: strength 0.5, alignment 0.2, long run 0.3, 1,000 km, trade 100 and 300 USD. Other ties stay: AC 0.4,
 * AD -0.2, BC 0.6, BD -0.1, CD 0. Groups: {A, B}, {A, B}, {A, C}. Nothing is known of D. */
static void lab_open(lab_t *lab) {
    model_t *m = &lab->model;
    toy_init(m, 4, 2, 1e6);
    lab->terms = toy_terms(m, &m->kinds[0].log_rate, STATISTIC_N);
    for (int s = 0; s < STATISTIC_N; s++)
        lab->terms[s] = (term_t){.statistic = &statistics[s],
                                 .coefficient = 1,
                                 .ref = statistics[s].ref == REF_NONE ? -1 : 0,
                                 .half_life = 20};
    lab->terms[STATISTIC_GROUP].ref = 2;
    lab->terms[STATISTIC_CONDITION_INITIATOR].ref = lab->terms[STATISTIC_CONDITION_TARGET].ref = 2;
    assert_int_equal(model_finish(m), 0);

    for (int i = 0; i < 4; i++) m->actors[i].attributes = &lab->actor_attributes[i];
    for (int e = 0; e < 6; e++) {
        lab->tie_attributes[e] = NAN;
        m->ties[e].attributes = &lab->tie_attributes[e];
    }
    m->n_actor_attributes = m->n_tie_attributes = 1;
    lab->actor_attributes[A] = -6, lab->actor_attributes[B] = 7, lab->actor_attributes[C] = 0;
    lab->actor_attributes[D] = NAN;
    m->actors[A].gdp_usd = 2e12, m->actors[B].gdp_usd = 5e11, m->actors[D].gdp_usd = NAN;
    tie_t *ab = &m->ties[model_tie(m, A, B)];
    *ab = (tie_t){.a = A,
                  .b = B,
                  .strength = 0.5,
                  .alignment = 0.2,
                  .baseline = 0.3,
                  .alignment_ref = 0.2,
                  .trade_usd = {100, 300},
                  .distance_km = 1000,
                  .attributes = ab->attributes};
    *ab->attributes = 0.75;
    set_tie(m, A, C, 0.4);
    set_tie(m, A, D, -0.2);
    set_tie(m, B, C, 0.6);
    set_tie(m, B, D, -0.1);

    const int in[3][2] = {{A, B}, {A, B}, {A, C}};
    for (int g = 0; g < 3; g++) {
        for (int n = 0; n < 2; n++) lab->members[g][n] = (member_t){in[g][n], -INFINITY, INFINITY};
        lab->groups[g] = (group_t){.name = "g", .n_members = 2, .members = lab->members[g]};
    }
    m->groups = lab->groups, m->n_groups = 3;
    lab->conditions[0] = (condition_t){.name = "pact", .alignment_shift = 0.5};
    lab->conditions[1] = (condition_t){.name = "unrest", .on_actor = true, .alignment_shift = -0.5};
    lab->conditions[2] = (condition_t){.name = "sanctions", .directed = true, .back = 3};
    m->conditions = lab->conditions, m->n_conditions = 3, m->n_condition_columns = 4;

    assert_int_equal(world_init(&lab->world, m), 0);
    world_reset(&lab->world);
    world_refresh(&lab->world, 0);
}

static void lab_close(lab_t *lab) {
    world_free(&lab->world);
    model_free(&lab->model);
}

/* The statistic by itself, off its reference value. */
static double statistic(const lab_t *lab, statistic_id_t id, int i, int j, double now) {
    predictor_t one = {1, &lab->terms[id]};
    return predictor_value(&lab->world, &one, i, j, now);
}

/* ---- values ----------------------------------------------------------------------------------------- */

typedef struct {
    double ab, ba; /* of A -> B and B -> A at day 30 */
    bool listed;
} want_t;

/* The table above as it is 30 days on, after two events A -> B on days 10 and 30 and the pact from day 30 on.
 * A statistic that is not in the list has no test, and fails. */
static void test_values(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    int ab = model_tie(&lab.model, A, B), flow = model_flow(&lab.model, A, B);
    double k_s = log(2) / 30, k_b = log(2) / (3 * DAYS_PER_YEAR), fade = exp2(-30 / (3 * DAYS_PER_YEAR));
    double b = 0.3 - 0.1 * fade, s = 0.3 + 0.2 * 0.5 - 0.1 * k_s * (fade - 0.5) / (k_s - k_b);
    double n = exp2(-1) + 1; /* of one kind's events, half-life 20 days */
    const want_t want[STATISTIC_N] = {
        [STATISTIC_STRENGTH] = {s, s, true},
        [STATISTIC_ALIGNMENT] = {b, b, true},
        [STATISTIC_LOG_GDP_INITIATOR] = {log(2e12), log(5e11), true},
        [STATISTIC_LOG_GDP_TARGET] = {log(5e11), log(2e12), true},
        [STATISTIC_LOG_DISTANCE] = {log(1000), log(1000), true},
        [STATISTIC_INITIATOR] = {-6, 7, true},
        [STATISTIC_TARGET] = {7, -6, true},
        [STATISTIC_TIE] = {0.75, 0.75, true},
        [STATISTIC_CONDITION] = {1, 1, true},
        [STATISTIC_CONDITION_INITIATOR] = {1, 0, true},
        [STATISTIC_CONDITION_TARGET] = {0, 1, true},
        [STATISTIC_SHARED_GROUPS] = {log(3), log(3), true},
        [STATISTIC_GROUP] = {0, 0, true},
        [STATISTIC_INERTIA] = {log1p(n), 0, true},
        [STATISTIC_RECIPROCITY] = {0, log1p(n), true},
        [STATISTIC_YEARS] = {30 / 365.2425, 30 / 365.2425, true},
        [STATISTIC_LOG_TRADE] = {log(400), log(400), true},
        [STATISTIC_DEGREE_INITIATOR] = {log1p(0.4), log1p(0.6), true},
        [STATISTIC_DEGREE_TARGET] = {log1p(0.6), log1p(0.4), true},
        [STATISTIC_SHARED_PARTNERS] = {log(2), log(2), true},
        [STATISTIC_BALANCE] = {log1p(0.26), log1p(0.26), true}, /* 0.4 x 0.6 + (-0.2) x (-0.1) */
        [STATISTIC_MEDIATOR_STRENGTH] = {0, 0, true},           /* the reference: test_mediator */
        [STATISTIC_MEDIATOR_BIAS] = {0, 0, true},
    };
    for (int c = 0; c < lab.world.n_counters; c++) {
        world_add_count(&lab.world, c, flow, 10);
        world_add_count(&lab.world, c, flow, 30);
    }
    world_condition_start(&lab.world, 0, ab, 30, 1);
    world_condition_start(&lab.world, 2, flow, 30, 1);
    for (int id = 0; id < STATISTIC_N; id++) {
        if (!want[id].listed) fail_msg("%s has no value to be tested against", statistics[id].name);
        double forth = statistic(&lab, (statistic_id_t)id, A, B, 30),
               back = statistic(&lab, (statistic_id_t)id, B, A, 30);
        if (!(fabs(forth - want[id].ab) < 1e-12 && fabs(back - want[id].ba) < 1e-12))
            fail_msg("%s is %.15g and %.15g, want %.15g and %.15g", statistics[id].name, forth, back,
                     want[id].ab, want[id].ba);
    }
    lab_close(&lab);
}

/* What is declared to move does while nothing happens, and nothing else does: who integrates a statistic goes
 * by that. */
static void test_motion(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    for (int c = 0; c < lab.world.n_counters; c++)
        for (int way = 0; way < 2; way++)
            world_add_count(&lab.world, c, model_flow(&lab.model, way ? B : A, way ? A : B), 0);
    for (int id = 0; id < STATISTIC_N; id++) {
        double before = statistic(&lab, (statistic_id_t)id, A, B, 1),
               after = statistic(&lab, (statistic_id_t)id, A, B, 9);
        if ((before != after) != (statistics[id].motion != MOTION_NONE))
            fail_msg("%s is %.15g and %.15g eight days later", statistics[id].name, before, after);
        if (statistics[id].has_half_life && statistics[id].motion != MOTION_COUNT)
            fail_msg("%s has a half-life and is no count", statistics[id].name);
    }
    lab_close(&lab);
}

static void test_some_other_dyads(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    CHECK_NEAR(statistic(&lab, STATISTIC_GROUP, A, C, 0), 1, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_SHARED_GROUPS, A, C, 0), log(2), 1e-15);
    CHECK_NEAR(statistic(&lab, STATISTIC_SHARED_GROUPS, B, C, 0), 0, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_BALANCE, A, D, 0), -log1p(0.05), 1e-14); /* 0.5 x (-0.1) + 0.4 x 0 */
    CHECK_NEAR(statistic(&lab, STATISTIC_SHARED_PARTNERS, A, D, 0), 0, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_LOG_TRADE, A, C, 0), 0, 0); /* no trade counts as 1 USD */
    lab.terms[STATISTIC_CONDITION].ref = 1;
    world_condition_start(&lab.world, 1, C, 0, 1);
    CHECK_NEAR(statistic(&lab, STATISTIC_CONDITION, A, C, 0), 1, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_CONDITION, C, B, 0), 1, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_CONDITION, A, B, 0), 0, 0);
    lab_close(&lab);
}

/* Sampled statistics stay until the next refresh, the others do not. */
static void test_sampled_hold(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    world_bump(&lab.world, model_tie(&lab.model, A, C), 10, 0.5, 0); /* 0.4 to 0.7 */
    CHECK_NEAR(statistic(&lab, STATISTIC_DEGREE_INITIATOR, A, B, 10), log1p(0.4), 1e-15);
    CHECK_NEAR(statistic(&lab, STATISTIC_STRENGTH, A, C, 10), 0.7, 1e-15);
    world_refresh(&lab.world, 10);
    CHECK_NEAR(statistic(&lab, STATISTIC_DEGREE_INITIATOR, A, B, 10), log1p(0.7), 1e-15);
    CHECK_NEAR(statistic(&lab, STATISTIC_BALANCE, A, B, 10), log1p(0.7 * 0.6 + 0.02), 1e-14);
    lab_close(&lab);
}

/* What is unknown, or has no place, counts as the reference value: it contributes nothing. */
static void test_unknown_is_the_reference(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    static const statistic_id_t unknown[] = {STATISTIC_LOG_GDP_TARGET, STATISTIC_TARGET, STATISTIC_TIE,
                                             STATISTIC_LOG_DISTANCE};
    for (int s = 0; s < STATISTIC_N; s++) lab.terms[s].reference = 3;
    for (size_t u = 0; u < sizeof unknown / sizeof *unknown; u++)
        CHECK_NEAR(statistic(&lab, unknown[u], A, D, 0), 0, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_LOG_GDP_INITIATOR, D, A, 0), 0, 0);
    CHECK_NEAR(statistic(&lab, STATISTIC_INITIATOR, D, A, 0), 0, 0);
    static const statistic_id_t of_a_tie[] = {
        STATISTIC_STRENGTH,         STATISTIC_ALIGNMENT,     STATISTIC_LOG_GDP_TARGET,
        STATISTIC_LOG_DISTANCE,     STATISTIC_TARGET,        STATISTIC_TIE,
        STATISTIC_INERTIA,          STATISTIC_RECIPROCITY,   STATISTIC_LOG_TRADE,
        STATISTIC_DEGREE_INITIATOR, STATISTIC_DEGREE_TARGET, STATISTIC_SHARED_PARTNERS,
        STATISTIC_BALANCE,
    };
    for (size_t t = 0; t < sizeof of_a_tie / sizeof *of_a_tie; t++)
        CHECK_NEAR(statistic(&lab, of_a_tie[t], A, -1, 0), 0, 0); /* an event of one actor */
    CHECK_NEAR(statistic(&lab, STATISTIC_LOG_GDP_INITIATOR, A, -1, 0), log(2e12) - 3, 1e-14);
    CHECK_NEAR(statistic(&lab, STATISTIC_GROUP, A, -1, 0), 1 - 3, 0);
    lab.terms[STATISTIC_CONDITION].ref = 1;
    world_condition_start(&lab.world, 1, A, 0, 1);
    CHECK_NEAR(statistic(&lab, STATISTIC_CONDITION, A, -1, 0), 1 - 3, 0);
    lab_close(&lab);
}

/* ---- sums ------------------------------------------------------------------------------------------- */

static void test_coefficients_references_and_parts(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    predictor_t all = {STATISTIC_N, lab.terms};
    double want = 0;
    for (int s = 0; s < STATISTIC_N; s++) {
        double x = statistic(&lab, (statistic_id_t)s, A, B, 12);
        lab.terms[s].coefficient = s % 3 - 0.7;
        lab.terms[s].reference = 0.1 * s;
        if (statistics[s].subject != SUBJECT_MEDIATOR) want += (s % 3 - 0.7) * (x - 0.1 * s);
    }
    CHECK_NEAR(predictor_value(&lab.world, &all, A, B, 12), want, 1e-12);
    double parts = 0;
    for (int klass = STATISTIC_STATIC; klass <= STATISTIC_SAMPLED; klass++)
        parts += predictor_part(&lab.world, &all, (statistic_class_t)klass, A, B, 12);
    CHECK_NEAR(parts, want, 1e-12);
    lab_close(&lab);
}

static void test_chance(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    chance_t plain = {.probability = 0.3};
    CHECK_NEAR(chance_probability(&lab.world, &plain, A, B, 0), 0.3, 0);
    lab.terms[0] =
        (term_t){.statistic = statistic_find("strength"), .coefficient = 2, .reference = 0.2, .ref = -1};
    chance_t moved = {0.3, {1, lab.terms}};
    CHECK_NEAR(chance_probability(&lab.world, &moved, A, B, 0), 1 / (1 + 7.0 / 3 * exp(-0.6)), 1e-14);
    moved.probability = 1;
    CHECK_NEAR(chance_probability(&lab.world, &moved, A, B, 0), 1, 0);
    moved.probability = 0;
    CHECK_NEAR(chance_probability(&lab.world, &moved, A, B, 0), 0, 0);
    lab_close(&lab);
}

/* ---- bounds ----------------------------------------------------------------------------------------- */

static double unit(rng_stream_t *stream) {
    return rng_stream_unit(stream);
}

/* Something happens on A-B. */
static void random_effect(lab_t *lab, rng_stream_t *stream, double now) {
    int ab = model_tie(&lab->model, A, B);
    world_bump(&lab->world, ab, now, 1.6 * unit(stream) - 0.8, unit(stream) < 0.5 ? 0.9 : 0);
    if (unit(stream) < 0.3) world_condition_start(&lab->world, 0, ab, now, 1);
    if (unit(stream) < 0.3) world_condition_end(&lab->world, 0, ab, now, 0);
    if (unit(stream) < 0.3) world_condition_start(&lab->world, 1, B, now, 1);
    if (unit(stream) < 0.3) world_condition_end(&lab->world, 1, B, now, 0);
    if (unit(stream) < 0.3) world_join(&lab->world, 2, B, unit(stream) < 0.5);
    for (int c = 0; c < lab->world.n_counters; c++)
        if (unit(stream) < 0.5) world_add_count(&lab->world, c, 2 * ab + (unit(stream) < 0.5), now);
}

/* From any moment on, whatever the signs of the coefficients, no lazy term passes its bound before the next
 * effect. */
/* C has ties 0.4 with A and 0.6 with B; D -0.2 and -0.1. */
static void test_mediator(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    term_t terms[2] = {lab.terms[STATISTIC_MEDIATOR_STRENGTH], lab.terms[STATISTIC_MEDIATOR_BIAS]};
    terms[0].coefficient = 3, terms[0].reference = 0.1, terms[1].coefficient = -2;
    chance_t chance = {0.4, {2, terms}};
    double odds = 0.4 / 0.6;
    double by_c = odds * exp(3 * (0.5 - 0.1) - 2 * 0.2), by_d = odds * exp(3 * (-0.15 - 0.1) - 2 * 0.1);
    for (int turned = 0; turned < 2; turned++) {
        int i = turned ? B : A, j = turned ? A : B;
        CHECK_NEAR(chance_mediated(&lab.world, &chance, i, j, C, 0), by_c / (1 + by_c), 1e-12);
        CHECK_NEAR(chance_mediated(&lab.world, &chance, i, j, D, 0), by_d / (1 + by_d), 1e-12);
        CHECK_NEAR(chance_mediated(&lab.world, &chance, i, j, -1, 0), 0.4, 1e-12);
        CHECK_NEAR(chance_probability(&lab.world, &chance, i, j, 0), 0.4, 1e-12);
    }
    lab_close(&lab);
}

static void test_bounds_hold(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab);
    rng_stream_t stream;
    rng_stream_init(&stream, 4, 0);
    double now = 0;
    int near = 0; /* how often strength, going up or down, comes near its bound */
    for (int round = 0; round < 3000; round++) {
        random_effect(&lab, &stream, now);
        lab.terms[STATISTIC_CONDITION].ref = round % 2;
        double looked = now + (round % 3 == 0 ? 0 : -20 * log(unit(&stream)));
        double end = looked - 60 * log(unit(&stream));
        for (int s = 0; s < STATISTIC_N; s++) {
            term_t *term = &lab.terms[s];
            if (term->statistic->klass != STATISTIC_LAZY) continue;
            term->coefficient = unit(&stream) < 0.5 ? -1 : 1;
            const term_t *one[] = {term};
            double bound = terms_most(&lab.world, 1, one, A, B, looked), slack = INFINITY;
            for (int n = 0; n <= 20; n++) {
                double x = term_value(&lab.world, term, A, B, looked + (end - looked) * n / 20);
                slack = fmin(slack, bound - term->coefficient * x);
            }
            if (!(slack >= -1e-14)) fail_msg("%s passes its bound by %g", statistics[s].name, -slack);
            near += s == STATISTIC_STRENGTH && slack < 1e-3;
        }
        now = end;
    }
    assert_true(near > 1000);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_motion),
        cmocka_unit_test(test_some_other_dyads),
        cmocka_unit_test(test_sampled_hold),
        cmocka_unit_test(test_unknown_is_the_reference),
        cmocka_unit_test(test_coefficients_references_and_parts),
        cmocka_unit_test(test_chance),
        cmocka_unit_test(test_mediator),
        cmocka_unit_test(test_bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
