#include "base/dist.h"

#include "support/check.h"

static const dist_t examples[] = {
    {DIST_CONSTANT, {4.5}},       {DIST_UNIFORM, {-2, 3}},        {DIST_NORMAL, {10, 2}},
    {DIST_LOGNORMAL, {0.6, 0.3}}, {DIST_LOGNORMAL, {2e9, 1.2}},   {DIST_EXPONENTIAL, {2}},
    {DIST_GAMMA, {10, 2}},        {DIST_GAMMA, {1e6, 0.4}},       {DIST_GAMMA, {3, 250}},
    {DIST_BETA, {0.2, 5}},        {DIST_BETA, {0.9, 400}},        {DIST_BETA, {0.5, 1}},
    {DIST_TRIANGULAR, {0, 1, 4}}, {DIST_TRIANGULAR, {-1, -1, 4}}, {DIST_TRIANGULAR, {-1, 4, 4}},
};
enum { N_EXAMPLES = sizeof examples / sizeof *examples, DRAWS = 100000 };

static rng_stream_t stream_of(int example) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_text(1, "dist"), (uint64_t)example), 0);
    return stream;
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(dist_keyword(DIST_LOGNORMAL), "lognormal");
    assert_string_equal(dist_param(DIST_LOGNORMAL, 0), ">median");
    assert_string_equal(dist_param(DIST_LOGNORMAL, 1), "+sigma");
    assert_null(dist_param(DIST_LOGNORMAL, 2));
    assert_null(dist_param(DIST_LOGNORMAL, 3));
    assert_null(dist_param(DIST_LOGNORMAL, -1));
    for (int kind = 0; kind < DIST_N; kind++) {
        assert_non_null(dist_keyword((dist_kind_t)kind));
        assert_non_null(dist_param((dist_kind_t)kind, 0));
    }
}

static void test_validity(void **state) {
    (void)state;
    for (int i = 0; i < N_EXAMPLES; i++) assert_null(dist_invalid(&examples[i]));
    const dist_t wrong[] = {
        {DIST_CONSTANT, {NAN}},        {DIST_UNIFORM, {1, 1}},       {DIST_UNIFORM, {0, INFINITY}},
        {DIST_NORMAL, {0, 0}},         {DIST_LOGNORMAL, {0, 1}},     {DIST_LOGNORMAL, {1, -1}},
        {DIST_EXPONENTIAL, {0}},       {DIST_GAMMA, {-1, 1}},        {DIST_GAMMA, {1, 0}},
        {DIST_BETA, {1, 2}},           {DIST_BETA, {0.5, 0}},        {DIST_TRIANGULAR, {0, 5, 4}},
        {DIST_TRIANGULAR, {0, -1, 4}}, {DIST_TRIANGULAR, {2, 2, 2}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_non_null(dist_invalid(&wrong[i]));
    assert_string_equal(dist_invalid(&(dist_t){DIST_NORMAL, {0, 0}}), "sd must be positive");
}

static void test_sample_mean(void **state) {
    (void)state;
    for (int i = 0; i < N_EXAMPLES; i++) {
        rng_stream_t stream = stream_of(i);
        moments_t moments = {0};
        for (int k = 0; k < DRAWS; k++) moments_add(&moments, dist_sample(&examples[i], &stream));
        CHECK_MEAN_5_SIGMA(&moments, dist_mean(&examples[i]));
    }
}

/* The share of draws below the u-quantile is u, and draws keep to the support. */
static void test_quantile_against_sample(void **state) {
    (void)state;
    static const double levels[] = {0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999};
    enum { LEVELS = sizeof levels / sizeof *levels };
    for (int i = 0; i < N_EXAMPLES; i++) {
        if (examples[i].kind == DIST_CONSTANT) continue;
        double quantiles[LEVELS], low, high;
        int below[LEVELS] = {0};
        for (int q = 0; q < LEVELS; q++) quantiles[q] = dist_quantile(&examples[i], levels[q]);
        dist_support(&examples[i], &low, &high);
        rng_stream_t stream = stream_of(1000 + i);
        for (int k = 0; k < DRAWS; k++) {
            const double x = dist_sample(&examples[i], &stream);
            assert_true(x >= low && x <= high);
            for (int q = 0; q < LEVELS; q++) below[q] += x <= quantiles[q];
        }
        for (int q = 0; q < LEVELS; q++) CHECK_SHARE_5_SIGMA(below[q], DRAWS, levels[q]);
    }
}

static void test_known_quantiles(void **state) {
    (void)state;
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_CONSTANT, {4.5}}, 0.3), 4.5, 0);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_NORMAL, {10, 2}}, 0.975), 10 + 2 * 1.959963984540054, 1e-12);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_LOGNORMAL, {0.6, 0.3}}, 0.5), 0.6, 1e-15);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_EXPONENTIAL, {2}}, 0.5), 2 * log(2), 1e-15);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_GAMMA, {3, 1}}, 0.5), 3 * log(2), 1e-9);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_BETA, {0.5, 2}}, 0.3), 0.3, 1e-9);
    CHECK_NEAR(dist_quantile(&(dist_t){DIST_TRIANGULAR, {0, 1, 2}}, 0.5), 1, 1e-15);
}

/* Monotone and finite everywhere. */
static void test_quantiles_of_hard_shapes(void **state) {
    (void)state;
    static const double shapes[] = {0.01, 0.1, 0.5, 1, 3, 40, 1000, 1e5};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (size_t m = 0; m < 3; m++) {
            const dist_t gamma = {DIST_GAMMA, {1, shapes[s]}};
            const dist_t beta = {DIST_BETA, {(double[]){0.001, 0.5, 0.98}[m], shapes[s]}};
            double last_gamma = 0, last_beta = 0;
            for (int k = 1; k < 200; k++) {
                const double u = k / 200.0;
                const double g = dist_quantile(&gamma, u), b = dist_quantile(&beta, u);
                assert_true(isfinite(g) && g >= last_gamma);
                assert_true(b >= last_beta && b <= 1);
                last_gamma = g;
                last_beta = b;
            }
            assert_true(dist_quantile(&gamma, 1e-12) >= 0);
            assert_true(isfinite(dist_quantile(&gamma, 1 - 1e-12)));
            assert_true(dist_quantile(&beta, 1 - 1e-12) <= 1);
        }
    }
}

static void test_support(void **state) {
    (void)state;
    double low, high;
    dist_support(&(dist_t){DIST_CONSTANT, {4.5}}, &low, &high);
    assert_true(low == 4.5 && high == 4.5);
    dist_support(&(dist_t){DIST_NORMAL, {0, 1}}, &low, &high);
    assert_true(low == -INFINITY && high == INFINITY);
    dist_support(&(dist_t){DIST_GAMMA, {1, 1}}, &low, &high);
    assert_true(low == 0 && high == INFINITY);
    dist_support(&(dist_t){DIST_BETA, {0.5, 1}}, &low, &high);
    assert_true(low == 0 && high == 1);
    dist_support(&(dist_t){DIST_TRIANGULAR, {-1, 2, 4}}, &low, &high);
    assert_true(low == -1 && high == 4);
}

/* A draw with other parameters stays paired: same stream, same rank. */
static void test_draws_stay_paired(void **state) {
    (void)state;
    const dist_t pairs[][2] = {
        {{DIST_EXPONENTIAL, {2}}, {DIST_EXPONENTIAL, {3}}},
        {{DIST_GAMMA, {2, 1.7}}, {DIST_GAMMA, {3, 1.7}}},
        {{DIST_LOGNORMAL, {2, 0.5}}, {DIST_LOGNORMAL, {3, 0.5}}},
    };
    for (int i = 0; i < 3; i++) {
        rng_stream_t a = stream_of(i), b = stream_of(i);
        for (int k = 0; k < 100; k++) {
            const double x = dist_sample(&pairs[i][0], &a), y = dist_sample(&pairs[i][1], &b);
            CHECK_NEAR(y / x, 1.5, 1e-12);
        }
    }
}

/* Also of another shape: the larger of two draws is the larger under both. */
static void test_ranks_stay_paired(void **state) {
    (void)state;
    const dist_t pairs[][2] = {
        {{DIST_GAMMA, {2, 1.7}}, {DIST_GAMMA, {3, 0.4}}},
        {{DIST_BETA, {0.2, 5}}, {DIST_BETA, {0.6, 30}}},
        {{DIST_NORMAL, {0, 1}}, {DIST_TRIANGULAR, {0, 1, 4}}},
    };
    for (int i = 0; i < 3; i++) {
        rng_stream_t a = stream_of(i), b = stream_of(i);
        double last_x = 0, last_y = 0;
        for (int k = 0; k < 1000; k++) {
            const double x = dist_sample(&pairs[i][0], &a), y = dist_sample(&pairs[i][1], &b);
            if (k > 0) assert_true((x < last_x) == (y < last_y));
            last_x = x, last_y = y;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_sample_mean),
        cmocka_unit_test(test_quantile_against_sample),
        cmocka_unit_test(test_known_quantiles),
        cmocka_unit_test(test_quantiles_of_hard_shapes),
        cmocka_unit_test(test_support),
        cmocka_unit_test(test_draws_stay_paired),
        cmocka_unit_test(test_ranks_stay_paired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
