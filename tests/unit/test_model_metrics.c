/* Network metrics against values worked out by hand, and that looking at them changes no event. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/error.h"
#include "model/metrics.h"

static char *all_names[METRIC_N];

static void choose(model_t *m, int n, char **names) {
    m->output.n_metrics = n;
    m->output.metrics = names;
}

static void choose_all(model_t *m) {
    for (int i = 0; i < METRIC_N; i++) all_names[i] = (char *)metrics[i].name;
    choose(m, METRIC_N, all_names);
}

/* A strength that stays: strength, alignment and baseline are one. */
static void set_tie(model_t *m, int i, int j, double s) {
    tie_t *tie = &m->ties[model_tie(m, i, j)];
    tie->strength = tie->alignment = tie->baseline = s;
}

typedef struct {
    model_t model;
    world_t world;
    double values[256];
} lab_t;

/* Actors with neutral ties; set some, then look. */
static void lab_open(lab_t *lab, int n_actors) {
    toy_init(&lab->model, n_actors, 1, 10);
    assert_int_equal(model_finish(&lab->model), 0);
    choose_all(&lab->model);
}

static void lab_look(lab_t *lab) {
    assert_int_equal(world_init(&lab->world, &lab->model), 0);
    world_reset(&lab->world);
    assert_true(metrics_columns(&lab->model) <= 256);
    assert_int_equal(metrics_compute(&lab->world, 5, lab->values), 0);
}

static void lab_close(lab_t *lab) {
    world_free(&lab->world);
    model_free(&lab->model);
}

/* The column of that name. */
static double column(const lab_t *lab, const char *name) {
    char other[64];
    for (int c = 0; c < metrics_columns(&lab->model); c++) {
        metrics_column_name(&lab->model, c, other, sizeof other);
        if (!strcmp(other, name)) return lab->values[c];
    }
    fail_msg("there is no column %s", name);
    return NAN;
}

/* ---- names ------------------------------------------------------------------------------------------ */

static void test_columns(void **state) {
    (void)state;
    model_t m;
    char name[32];
    char *names[] = {"cohesion", "density", "eigenvector"};
    group_t groups[] = {{.name = "C5+1"}, {.name = "G20"}};
    toy_init(&m, 3, 1, 10);
    m.n_groups = 2;
    m.groups = groups;
    assert_int_equal(metrics_columns(&m), 0);
    choose(&m, 3, names);
    assert_int_equal(metrics_columns(&m), 2 + 1 + 3);
    const char *want[] = {"cohesion:C5+1",  "cohesion:G20",   "density",
                          "eigenvector:A0", "eigenvector:B1", "eigenvector:C2"};
    for (int c = 0; c < 6; c++) {
        metrics_column_name(&m, c, name, sizeof name);
        assert_string_equal(name, want[c]);
    }
    assert_ptr_equal(metric_find("balance"), &metrics[METRIC_BALANCE]);
    assert_null(metric_find("balanced"));
    model_free(&m);
}

/* ---- the signed graph ------------------------------------------------------------------------------- */

/* Ties AB 0.5, AC -0.3, AD 0.1, BC -0.4, BD 0, CD 0.8. */
static void signed_square(lab_t *lab) {
    lab_open(lab, 4);
    set_tie(&lab->model, 0, 1, 0.5);
    set_tie(&lab->model, 0, 2, -0.3);
    set_tie(&lab->model, 0, 3, 0.1);
    set_tie(&lab->model, 1, 2, -0.4);
    set_tie(&lab->model, 2, 3, 0.8);
}

static void test_signed_graph(void **state) {
    (void)state;
    lab_t lab;
    signed_square(&lab);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "density"), 2.0 / 6, 1e-15); /* AB and CD are close */
    CHECK_NEAR(column(&lab, "mean_strength"), 0.7 / 6, 1e-15);
    CHECK_NEAR(column(&lab, "weighted_degree:A0"), 0.3, 1e-15);
    CHECK_NEAR(column(&lab, "weighted_degree:B1"), 0.1, 1e-15);
    CHECK_NEAR(column(&lab, "weighted_degree:C2"), 0.1, 1e-15);
    CHECK_NEAR(column(&lab, "weighted_degree:D3"), 0.9, 1e-15);
    /* ABC: + - -, balanced, weight 0.06. ACD: - + +, not, 0.024. ABD and BCD hold the neutral BD: none. */
    CHECK_NEAR(column(&lab, "balance"), 0.5, 1e-15);
    CHECK_NEAR(column(&lab, "weighted_balance"), 0.06 / 0.084, 1e-14);
    lab_close(&lab);
}

static void test_cohesion_follows_membership(void **state) {
    (void)state;
    lab_t lab;
    member_t members[] = {{0, -INFINITY, INFINITY}, {1, -INFINITY, INFINITY}, {2, -INFINITY, 3}};
    group_t groups[] = {{.name = "trio", .n_members = 3, .members = members},
                        {.name = "one", .n_members = 1, .members = members}};
    signed_square(&lab);
    lab.model.n_groups = 2;
    lab.model.groups = groups;
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "cohesion:trio"), -0.2 / 3, 1e-15);
    assert_true(isnan(column(&lab, "cohesion:one")));
    world_join(&lab.world, 0, 2, false);
    assert_int_equal(metrics_compute(&lab.world, 5, lab.values), 0);
    CHECK_NEAR(column(&lab, "cohesion:trio"), 0.5, 1e-15);
    lab_close(&lab);
}

/* Who is absent takes no part, and has no figures. */
static void test_absent_actor(void **state) {
    (void)state;
    lab_t lab;
    signed_square(&lab);
    lab.model.actors[1].from = 7;
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "mean_strength"), 0.6 / 3, 1e-15);
    CHECK_NEAR(column(&lab, "density"), 1.0 / 3, 1e-15);
    CHECK_NEAR(column(&lab, "balance"), 0, 0);
    assert_true(isnan(column(&lab, "weighted_degree:B1")));
    assert_true(isnan(column(&lab, "eigenvector:B1")));
    assert_true(isnan(column(&lab, "betweenness:B1")));
    /* of the positive graph A - D - C is left */
    CHECK_NEAR(column(&lab, "betweenness:D3"), 1, 1e-12);
    lab_close(&lab);
}

/* The state is that of the moment asked for. */
static void test_moment(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 2);
    lab.model.ties[0].strength = 0.8;
    lab.model.dynamics.strength_half_life = 5;
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "mean_strength"), 0.4, 1e-15);
    lab_close(&lab);
}

/* ---- the positive graph ----------------------------------------------------------------------------- */

/* A in the middle of B, C, D, whose own ties are bad. */
static void test_star(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 4);
    for (int j = 1; j < 4; j++) set_tie(&lab.model, 0, j, 0.6);
    for (int i = 1; i < 4; i++)
        for (int j = i + 1; j < 4; j++) set_tie(&lab.model, i, j, -0.9);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "eigenvector:A0"), 1, 1e-12);
    CHECK_NEAR(column(&lab, "eigenvector:C2"), 1 / sqrt(3), 1e-12);
    CHECK_NEAR(column(&lab, "betweenness:A0"), 1, 1e-12);
    CHECK_NEAR(column(&lab, "betweenness:B1"), 0, 1e-12);
    CHECK_NEAR(column(&lab, "clustering"), 0, 1e-12); /* no triangle at A; the others have one tie */
    lab_close(&lab);
}

/* Weights matter: a path A-B-C with ties 0.3 and 0.4 has eigenvalue 0.5 and vector (3, 5, 4) / 5. */
static void test_eigenvector_weights(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 4);
    set_tie(&lab.model, 0, 1, 0.3);
    set_tie(&lab.model, 1, 2, 0.4);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "eigenvector:A0"), 0.6, 1e-12);
    CHECK_NEAR(column(&lab, "eigenvector:B1"), 1, 1e-12);
    CHECK_NEAR(column(&lab, "eigenvector:C2"), 0.8, 1e-12);
    CHECK_NEAR(column(&lab, "eigenvector:D3"), 0, 1e-12);
    lab_close(&lab);
}

static double wave(int i, int j) {
    return sin(1.7 * (i * 60 + j) + 0.3);
}
static double star(int i, int j) {
    (void)j;
    return i == 0 ? 0.3 : 0;
}
static double path(int i, int j) {
    return j == i + 1 ? 0.5 : 0;
}
static double both_ways(int i, int j) { /* no tie within either of two sides */
    return i % 2 == j % 2 ? 0 : 0.1 + fabs(wave(i, j)) / 2;
}
static double halves(int i, int j) { /* two networks, the second of the larger eigenvalue by 1 in 1000 */
    return i < 30 && j < 30 ? 0.5 : i >= 30 && j >= 30 ? 0.5005 : 0;
}

/* A positive vector with a x = lambda x, or one that is positive where its component has the largest lambda:
 * there is only one, and lambda is the largest eigenvalue (Perron and Frobenius). */
static void test_eigenvector_of_any_network(void **state) {
    (void)state;
    static double (*const networks[])(int, int) = {wave, star, path, both_ways, halves};
    static char *name[] = {"eigenvector"};
    enum { N = 60 };
    for (int k = 0; k < 5; k++) {
        lab_t lab;
        lab_open(&lab, N);
        choose(&lab.model, 1, name);
        for (int i = 0; i < N; i++)
            for (int j = i + 1; j < N; j++) set_tie(&lab.model, i, j, networks[k](i, j));
        lab_look(&lab);
        const double *x = lab.values;
        double lambda = 0, most = 0;
        for (int i = 0; i < N; i++) most = fmax(most, x[i]);
        assert_true(most == 1);
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int j = 0; j < N; j++)
                if (j != i) sum += fmax(0, networks[k](i < j ? i : j, i < j ? j : i)) * x[j];
            if (x[i] == 1) lambda = sum;
            if (networks[k] != halves) assert_true(x[i] > 0);
            if (networks[k] == halves) CHECK_NEAR(x[i], i >= 30, 1e-12);
        }
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int j = 0; j < N; j++)
                if (j != i) sum += fmax(0, networks[k](i < j ? i : j, i < j ? j : i)) * x[j];
            CHECK_NEAR(sum, lambda * x[i], 1e-13 * lambda);
        }
        lab_close(&lab);
    }
}

/* A strong tie is a short way: A to C directly is 1 / 0.1 = 10 long, by B 1 / 0.5 + 1 / 0.25 = 6. */
static void test_betweenness_takes_strong_ties(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 3);
    set_tie(&lab.model, 0, 1, 0.5);
    set_tie(&lab.model, 1, 2, 0.25);
    set_tie(&lab.model, 0, 2, 0.1);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "betweenness:B1"), 1, 1e-12);
    CHECK_NEAR(column(&lab, "betweenness:A0"), 0, 1e-12);
    lab_close(&lab);
    lab_open(&lab, 3); /* and directly 1 / 0.2 = 5 is the shorter one */
    set_tie(&lab.model, 0, 1, 0.5);
    set_tie(&lab.model, 1, 2, 0.25);
    set_tie(&lab.model, 0, 2, 0.2);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "betweenness:B1"), 0, 1e-12);
    lab_close(&lab);
}

/* Triangle ABC and D tied to A. At A, of the pairs BC, BD, CD only BC is tied:
 * c_A = (w_AB + w_AC) / (s_A (k_A - 1)) = (0.4 + 0.2) / (1.2 x 2) = 0.25; c_B = c_C = 1; D has one tie. */
static void test_clustering(void **state) {
    (void)state;
    lab_t lab;
    lab_open(&lab, 4);
    set_tie(&lab.model, 0, 1, 0.4);
    set_tie(&lab.model, 0, 2, 0.2);
    set_tie(&lab.model, 1, 2, 0.9);
    set_tie(&lab.model, 0, 3, 0.6);
    set_tie(&lab.model, 1, 3, -0.5);
    lab_look(&lab);
    CHECK_NEAR(column(&lab, "clustering"), (0.25 + 1 + 1) / 3, 1e-12);
    lab_close(&lab);
}

/* Two triangles of weight 0.5 joined by one such tie: 2 (3/7 - (7/14)^2) = 5/14. With the bridge at 0.25 the
 * whole is 3.25, each half has 1.5 within and a share of 1/2 of the ends: 2 (1.5/3.25 - 1/4). */
static void test_modularity(void **state) {
    (void)state;
    lab_t lab;
    for (int weak = 0; weak < 2; weak++) {
        lab_open(&lab, 6);
        for (int t = 0; t < 6; t += 3) {
            set_tie(&lab.model, t, t + 1, 0.5);
            set_tie(&lab.model, t, t + 2, 0.5);
            set_tie(&lab.model, t + 1, t + 2, 0.5);
        }
        set_tie(&lab.model, 2, 3, weak ? 0.25 : 0.5);
        lab_look(&lab);
        CHECK_NEAR(column(&lab, "modularity"), weak ? 2 * (1.5 / 3.25 - 0.25) : 5.0 / 14, 1e-12);
        CHECK_NEAR(column(&lab, "betweenness:C2"), 0.6, 1e-12); /* all 2 x 3 pairs across, of 10 */
        lab_close(&lab);
    }
}

/* No positive tie, one actor, nobody: nothing is defined, and nothing breaks. */
static void test_degenerate(void **state) {
    (void)state;
    for (int present = 0; present < 3; present++) {
        lab_t lab;
        lab_open(&lab, 3);
        set_tie(&lab.model, 0, 1, -0.5);
        for (int i = present; i < 3; i++) lab.model.actors[i].until = -1;
        lab_look(&lab);
        const char *names[] = {"eigenvector:A0", "betweenness:A0", "clustering",
                               "modularity",     "balance",        "weighted_balance"};
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) assert_true(isnan(column(&lab, names[n])));
        assert_true(isnan(column(&lab, "mean_strength")) == (present < 2));
        lab_close(&lab);
    }
}

/* A state has one value, whatever was computed before, in whatever order. */
static void test_reproducible(void **state) {
    (void)state;
    static char *other_order[] = {"modularity", "eigenvector"};
    lab_t lab;
    lab_open(&lab, 12);
    for (int e = 0; e < lab.model.n_ties; e++) {
        tie_t *tie = &lab.model.ties[e];
        tie->strength = tie->alignment = tie->baseline = sin(1.7 * e + 0.3);
    }
    lab_look(&lab);
    double again[256];
    int n = metrics_columns(&lab.model);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(metrics_compute(&lab.world, 5, again), 0);
        assert_memory_equal(again, lab.values, (size_t)n * sizeof *again);
    }
    double modularity = column(&lab, "modularity"), centre = column(&lab, "eigenvector:D3");
    choose(&lab.model, 2, other_order);
    assert_int_equal(metrics_compute(&lab.world, 5, lab.values), 0);
    assert_true(column(&lab, "modularity") == modularity && column(&lab, "eigenvector:D3") == centre);
    lab_close(&lab);
}

static void test_out_of_memory(void **state) {
    (void)state;
    lab_t lab;
    signed_square(&lab);
    lab_look(&lab);
    int failures = 0, ret;
    do {
        mem_fail_after(failures);
        ret = metrics_compute(&lab.world, 5, lab.values);
        mem_fail_after(-1);
    } while (ret == ERR_NOMEM && ++failures < 100);
    assert_int_equal(ret, 0);
    assert_int_equal(failures, 6);
    lab_close(&lab);
}

/* ---- in a run --------------------------------------------------------------------------------------- */

static void busy_model(model_t *m) {
    toy_init(m, 5, 2, 200);
    m->kinds[0].rate_per_year = 12;
    m->kinds[0].goldstein = 20;
    m->kinds[0].lasting = 0.3;
    *toy_terms(m, &m->kinds[0].log_rate, 1) =
        (term_t){.statistic = statistic_find("strength"), .coefficient = 1, .ref = -1};
    m->kinds[1].rate_per_year = 6;
    m->kinds[1].goldstein = -20;
    toy_excite(m, 1, 0, RELATION_REVERSED, 0.3, 0.5);
    assert_int_equal(model_finish(m), 0);
}

static void run(model_t *m, observation_t *observation, result_t *result) {
    engine_t *engine;
    assert_int_equal(engine_init(&engine, m, 7), 0);
    assert_int_equal(observation_init(observation, m), 0);
    assert_int_equal(result_init(result, m, observation), 0);
    assert_int_equal(engine_run(engine, 3, 0, 0, NULL, observation, result), 0);
    assert_int_equal(result->stop, STOP_NONE);
    engine_free(engine);
}

static void test_metrics_change_no_event(void **state) {
    (void)state;
    model_t m;
    observation_t plain, looking;
    result_t without, with;
    busy_model(&m);
    run(&m, &plain, &without);
    choose_all(&m);
    m.output.metrics_every = 0.9;
    run(&m, &looking, &with);
    assert_int_equal(plain.n_metric_times, 0);
    assert_int_equal(looking.n_metric_times, 224); /* 0, 0.9, ..., 199.8, 200 */
    assert_true(without.log.n > 100);
    assert_int_equal(with.log.n, without.log.n);
    size_t n = (size_t)with.log.n;
#define X(name, type, ...) assert_memory_equal(with.log.name, without.log.name, n * sizeof(type));
    LOG_COLUMNS(X)
#undef X
    result_free(&with);
    result_free(&without);
    observation_free(&plain);
    observation_free(&looking);
    model_free(&m);
}

/* The values of a run are those of its trajectories at the same moments. */
static void test_metrics_of_a_run(void **state) {
    (void)state;
    static char *names[] = {"mean_strength", "weighted_degree"};
    model_t m;
    observation_t o;
    result_t result;
    busy_model(&m);
    choose(&m, 2, names);
    m.output.metrics_every = m.output.every = 25;
    m.output.all_ties = true;
    run(&m, &o, &result);
    assert_int_equal(o.n_metric_columns, 6);
    assert_int_equal(o.n_metric_times, o.n_times);
    assert_int_equal(o.n_ties, m.n_ties);
    for (int t = 0; t < o.n_times; t++) {
        const double *metrics = result.metrics + (size_t)t * 6;
        double mean = 0, degree = 0;
        for (int e = 0; e < m.n_ties; e++) {
            double s = result.strength[t * m.n_ties + e];
            mean += s / m.n_ties;
            if (m.ties[e].a == 2 || m.ties[e].b == 2) degree += s;
        }
        assert_true(o.metric_times[t] == o.times[t]);
        CHECK_NEAR(metrics[0], mean, 1e-6);
        CHECK_NEAR(metrics[1 + 2], degree, 1e-6);
        if (t > 0) assert_true(metrics[0] != 0);
    }
    result_free(&result);
    observation_free(&o);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_signed_graph),
        cmocka_unit_test(test_cohesion_follows_membership),
        cmocka_unit_test(test_absent_actor),
        cmocka_unit_test(test_moment),
        cmocka_unit_test(test_star),
        cmocka_unit_test(test_eigenvector_weights),
        cmocka_unit_test(test_eigenvector_of_any_network),
        cmocka_unit_test(test_betweenness_takes_strong_ties),
        cmocka_unit_test(test_clustering),
        cmocka_unit_test(test_modularity),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_reproducible),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_metrics_change_no_event),
        cmocka_unit_test(test_metrics_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
