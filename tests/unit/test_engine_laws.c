/* The engine samples the law it claims: first closed forms. Fixed seeds; each check fails a right program
 * once in more than a million seeds. The twin tests plant an error and see it caught. */
#include "../support/check.h"
#include "../support/toy.h"

typedef struct {
    model_t model;
    engine_t *engine;
    observation_t observation;
    result_t result;
} lab_t;

static void lab_open(lab_t *lab, uint64_t seed) {
    assert_int_equal(model_finish(&lab->model), 0);
    assert_int_equal(engine_init(&lab->engine, &lab->model, seed), 0);
    assert_int_equal(observation_init(&lab->observation, &lab->model), 0);
    assert_int_equal(result_init(&lab->result, &lab->model, &lab->observation), 0);
}

static void lab_close(lab_t *lab) {
    result_free(&lab->result);
    observation_free(&lab->observation);
    engine_free(lab->engine);
    model_free(&lab->model);
}

static void lab_run(lab_t *lab, uint32_t replicate) {
    assert_int_equal(engine_run(lab->engine, replicate, 0, 0, NULL, &lab->observation, &lab->result), 0);
    assert_int_equal(lab->result.stop, STOP_NONE);
}

/* ---- Poisson ---------------------------------------------------------------------------------------- */

static void poisson(lab_t *lab, double a_day, double horizon) {
    toy_init(&lab->model, 2, 1, horizon);
    lab->model.kinds[0].scope = SCOPE_DIRECTED;
    lab->model.kinds[0].rate_per_year = a_day * DAYS_PER_YEAR;
}

static void test_poisson_counts(void **state) {
    (void)state;
    lab_t lab;
    moments_t counts = {0}, squares = {0};
    poisson(&lab, 0.7, 10);
    lab_open(&lab, 1);
    for (uint32_t r = 0; r < 4000; r++) {
        lab_run(&lab, r);
        double n = (double)lab.result.n_events;
        moments_add(&counts, n);
        moments_add(&squares, (n - 14) * (n - 14));
    }
    CHECK_MEAN_5_SIGMA(&counts, 14);
    CHECK_MEAN_5_SIGMA(&squares, 14);
    lab_close(&lab);
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Largest distance between the empirical distribution of `x` and Exp(1), times sqrt(n). */
static double ks_exponential(double *x, size_t n) {
    double worst = 0;
    qsort(x, n, sizeof *x, ascending);
    for (size_t i = 0; i < n; i++) {
        double f = -expm1(-x[i]);
        worst = fmax(worst, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return worst * sqrt((double)n);
}

enum { KS_LIMIT = 3 }; /* P(D sqrt(n) > 3) = 3e-8 */

static double waits_against(double assumed_rate) {
    lab_t lab;
    poisson(&lab, 1, 10000);
    lab_open(&lab, 2);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    double *waits = malloc((size_t)log->n * sizeof *waits), last = 0;
    size_t n = 0;
    for (int32_t row = 0; row < log->n; row++) {
        if (log->initiator[row] != 0) continue;
        waits[n++] = (log->time[row] - last) * assumed_rate;
        last = log->time[row];
    }
    assert_true(n > 9000);
    double distance = ks_exponential(waits, n);
    free(waits);
    lab_close(&lab);
    return distance;
}

static void test_exponential_waits(void **state) {
    (void)state;
    assert_true(waits_against(1) < KS_LIMIT);
    assert_true(waits_against(1.1) > KS_LIMIT); /* the twin: a rate off by a tenth */
}

/* ---- Hawkes ----------------------------------------------------------------------------------------- */

/* mu = 0.5, alpha = 0.5, beta = 1 a day, from lambda_0 = mu: E N(100) = 99.0000. */
static void hawkes(lab_t *lab, double branching, double horizon) {
    toy_init(&lab->model, 2, 1, horizon);
    kind_t *kind = &lab->model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = 0.5 * DAYS_PER_YEAR;
    toy_excite(&lab->model, 0, 0, RELATION_SAME, branching, 1);
}

static moments_t hawkes_counts(double branching) {
    lab_t lab;
    moments_t counts = {0};
    hawkes(&lab, branching, 100);
    lab_open(&lab, 3);
    lab.observation.events = false;
    for (uint32_t r = 0; r < 4000; r++) {
        lab_run(&lab, r);
        moments_add(&counts, (double)lab.result.n_events);
    }
    lab_close(&lab);
    return counts;
}

static void test_hawkes_mean(void **state) {
    (void)state;
    moments_t right = hawkes_counts(0.5), wrong = hawkes_counts(0.525);
    CHECK_MEAN_5_SIGMA(&right, 99);
    assert_true(fabs(wrong.mean - 99) > 5 * sqrt(moments_var(&wrong) / wrong.n)); /* 5 % off is caught */
}

/* In a window of 10 days well after the start the mean is 10 and the variance 34.0404. */
static void test_hawkes_stationary_variance(void **state) {
    (void)state;
    lab_t lab;
    moments_t counts = {0}, squares = {0};
    hawkes(&lab, 0.5, 60);
    lab_open(&lab, 4);
    for (uint32_t r = 0; r < 4000; r++) {
        lab_run(&lab, r);
        double n = 0;
        for (int32_t row = 0; row < lab.result.log.n; row++) n += lab.result.log.time[row] >= 50;
        moments_add(&counts, n);
        moments_add(&squares, (n - 10) * (n - 10));
    }
    CHECK_MEAN_5_SIGMA(&counts, 10);
    CHECK_MEAN_5_SIGMA(&squares, 34.0404);
    lab_close(&lab);
}

/* Families under one spontaneous event have Borel sizes: with n = .6, P(1) = .548812, P(2) = .180717,
 * P(3) = .089261. Only families that had time to end are counted. */
static void test_hawkes_family_sizes(void **state) {
    (void)state;
    lab_t lab;
    hawkes(&lab, 0.6, 20000);
    lab_open(&lab, 5);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    int32_t *size = calloc((size_t)log->n, sizeof *size), *root = calloc((size_t)log->n, sizeof *root);
    long families = 0, of_size[4] = {0};
    for (int32_t row = 0; row < log->n; row++) {
        assert_true(log->parent[row] < row);
        assert_int_equal(log->parent[row] >= 0, log->cause[row] == CAUSE_EXCITED);
        root[row] = log->parent[row] < 0 ? row : root[log->parent[row]];
        size[root[row]]++;
    }
    for (int32_t row = 0; row < log->n && log->time[row] < 19900; row++) {
        if (root[row] != row) continue;
        families++;
        if (size[row] < 4) of_size[size[row]]++;
    }
    CHECK_SHARE_5_SIGMA(of_size[1], families, 0.548812);
    CHECK_SHARE_5_SIGMA(of_size[2], families, 0.180717);
    CHECK_SHARE_5_SIGMA(of_size[3], families, 0.089261);
    free(size);
    free(root);
    lab_close(&lab);
}

/* Two processes that excite each other: L = (I - G)^-1 mu; mu = (.3, .1), G = ((.3, .2), (.1, .4)) gives
 * (.5, .25) a day. */
static void test_mutual_excitation(void **state) {
    (void)state;
    lab_t lab;
    moments_t first = {0}, second = {0};
    toy_init(&lab.model, 2, 2, 2100);
    for (int k = 0; k < 2; k++) {
        lab.model.kinds[k].scope = SCOPE_DYAD;
        lab.model.kinds[k].rate_per_year = (k ? 0.1 : 0.3) * DAYS_PER_YEAR;
        toy_excite(&lab.model, k, 0, RELATION_SAME, k ? 0.1 : 0.3, 1);
        toy_excite(&lab.model, k, 1, RELATION_SAME, k ? 0.4 : 0.2, 2);
    }
    lab_open(&lab, 6);
    for (uint32_t r = 0; r < 100; r++) {
        lab_run(&lab, r);
        double n[2] = {0};
        for (int32_t row = 0; row < lab.result.log.n; row++)
            n[lab.result.log.kind[row]] += lab.result.log.time[row] >= 100;
        moments_add(&first, n[0] / 2000);
        moments_add(&second, n[1] / 2000);
    }
    CHECK_MEAN_5_SIGMA(&first, 0.5);
    CHECK_MEAN_5_SIGMA(&second, 0.25);
    lab_close(&lab);
}

/* An undirected event excites a directed kind both ways, and counts both ways for it. */
static void test_undirected_goes_both_ways(void **state) {
    (void)state;
    lab_t lab;
    moments_t there = {0}, back = {0}, counted = {0};
    toy_init(&lab.model, 2, 3, 2000);
    lab.model.kinds[0].scope = SCOPE_DYAD;
    lab.model.kinds[0].rate_per_year = 0.3 * DAYS_PER_YEAR;
    lab.model.kinds[1].scope = lab.model.kinds[2].scope = SCOPE_DIRECTED;
    toy_excite(&lab.model, 1, 0, RELATION_SAME, 0.25, 1);
    toy_excite(&lab.model, 1, 0, RELATION_REVERSED, 0.25, 1); /* there is no other way round */
    lab.model.kinds[2].rate_per_year = 0.05 * DAYS_PER_YEAR;
    *toy_terms(&lab.model, &lab.model.kinds[2].log_rate, 1) =
        (term_t){.statistic = &statistics[STATISTIC_INERTIA], .ref = 0, .coefficient = 1, .half_life = 30};
    lab_open(&lab, 8);
    for (uint32_t r = 0; r < 100; r++) {
        lab_run(&lab, r);
        double n[3][2] = {0};
        for (int32_t row = 0; row < lab.result.log.n; row++)
            n[lab.result.log.kind[row]][lab.result.log.initiator[row]]++;
        moments_add(&there, n[1][0] / 2000);
        moments_add(&back, n[1][1] / 2000);
        moments_add(&counted, (n[2][0] - n[2][1]) / 2000);
    }
    CHECK_MEAN_5_SIGMA(&there, 0.3 * 0.25);
    CHECK_MEAN_5_SIGMA(&back, 0.3 * 0.25);
    CHECK_MEAN_5_SIGMA(&counted, 0);
    lab_close(&lab);
}

/* ---- strength --------------------------------------------------------------------------------------- */

/* Bumps s += g (1 - s) at Poisson times of rate mu, relaxing to 0 at rate k:
 * E s = mu g / (k + mu g), E s^2 = mu (2 g (1 - g) E s + g^2) / (2 k + mu (1 - (1 - g)^2)). */
static void strength_moments(double half_life, moments_t *mean, moments_t *square) {
    lab_t lab;
    toy_init(&lab.model, 2, 1, 400);
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = 0.2 * DAYS_PER_YEAR;
    kind->goldstein = 20; /* official: half of it; g = 0.1 */
    lab.model.dynamics.strength_half_life = half_life;
    lab.model.output.all_ties = true;
    lab_open(&lab, 7);
    for (uint32_t r = 0; r < 20000; r++) {
        lab_run(&lab, r);
        double s = (double)lab.result.strength[lab.observation.n_times - 1];
        moments_add(mean, s);
        moments_add(square, s * s);
    }
    lab_close(&lab);
}

static void test_relaxing_strength(void **state) {
    (void)state;
    const double g = 0.1, mu = 0.2, k = log(2) / 30;
    moments_t mean = {0}, square = {0}, wrong = {0}, unused = {0};
    strength_moments(30, &mean, &square);
    double want = mu * g / (k + mu * g);
    CHECK_MEAN_5_SIGMA(&mean, want);
    CHECK_MEAN_5_SIGMA(&square,
                       mu * (2 * g * (1 - g) * want + g * g) / (2 * k + mu * (1 - (1 - g) * (1 - g))));
    strength_moments(33, &wrong, &unused); /* the twin: a decay off by a tenth */
    assert_true(fabs(wrong.mean - want) > 5 * sqrt(moments_var(&wrong) / wrong.n));
}

/* ---- pairing ---------------------------------------------------------------------------------------- */

/* Ten relaxing processes of rate exp(s) x 0.6 a year, each event a small bump, and a jump at day 0: after a
 * year the paired difference of the mean strength varies far less than an unpaired one. */
static void test_ten_processes_join_again(void **state) {
    (void)state;
    enum { PAIRS = 3000 };
    lab_t lab;
    toy_init(&lab.model, 5, 1, 365);
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = 0.6;
    kind->goldstein = 20;
    *toy_terms(&lab.model, &kind->log_rate, 1) =
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1, .slot = -1};
    lab.model.calendar = arena_alloc(&lab.model.arena, 1, sizeof *lab.model.calendar);
    lab.model.n_calendar = 1;
    lab.model.calendar[0] = toy_entry(arena_text(&lab.model.arena, "jump"), 0, 0, 1, 0.5);
    lab.model.calendar[0].level = LEVEL_LEADER;
    int drop = 0;
    lab.model.n_variants = 2;
    lab.model.variants[1] = (variant_t){.name = lab.model.variants[0].name, .n_drop = 1, .drop = &drop};
    lab.model.output.all_ties = true;
    lab_open(&lab, 8);
    moments_t paired = {0}, unpaired = {0};
    double last = NAN;
    for (uint32_t r = 0; r < PAIRS; r++) {
        double sum[2] = {0};
        for (int v = 0; v < 2; v++) {
            assert_int_equal(engine_run(lab.engine, r, v, 0, NULL, &lab.observation, &lab.result), 0);
            for (int e = 0; e < 10; e++)
                sum[v] += (double)lab.result.strength[(size_t)(lab.observation.n_times - 1) * 10 + (size_t)e];
        }
        moments_add(&paired, sum[0] - sum[1]);
        if (r > 0) moments_add(&unpaired, sum[0] - last);
        last = sum[1];
    }
    double reduction = moments_var(&unpaired) / moments_var(&paired);
    print_message("variance reduction after a year: %.0f\n", reduction);
    assert_true(reduction > 1000);
    lab_close(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson_counts),
        cmocka_unit_test(test_exponential_waits),
        cmocka_unit_test(test_hawkes_mean),
        cmocka_unit_test(test_hawkes_stationary_variance),
        cmocka_unit_test(test_hawkes_family_sizes),
        cmocka_unit_test(test_mutual_excitation),
        cmocka_unit_test(test_relaxing_strength),
        cmocka_unit_test(test_ten_processes_join_again),
        cmocka_unit_test(test_undirected_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
