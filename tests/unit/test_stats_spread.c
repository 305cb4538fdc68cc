/* Regression by moments, and the share of a spread that follows the parameters: against direct calculation
 * and known shares, with the coverage of its interval. */
#include "../support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/regression.h"
#include "stats/spread.h"
#include <stdlib.h>

static double unit(uint64_t seed, uint32_t i, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_number(1, seed), i), purpose);
    return rng_stream_unit(&stream);
}

/* ---- regression -------------------------------------------------------------------------------------- */

static void test_regression_is_exact_on_a_plane(void **state) {
    (void)state;
    regression_t m;
    fit_t fit;
    assert_int_equal(regression_init(&m, 3), 0);
    for (uint32_t i = 0; i < 50; i++) {
        double x[] = {1e6 + unit(0, i, 1), 7, unit(0, i, 2)}; /* the second one is constant */
        regression_add(&m, x, 3 + 2 * x[0] - 5 * x[2]);
    }
    assert_int_equal(regression_fit(&m, &fit), 0);
    CHECK_NEAR(fit.r2, 1, 1e-9);
    assert_int_equal(fit.n_used, 2);
    assert_int_equal(fit.freedom, 47);
    assert_true(isnan(fit.beta[1]) && isnan(fit.error[1]));
    double x[] = {1e6 + 0.25, 7, 0.75};
    CHECK_NEAR(fit_at(&fit, &m, x) + m.mean[3], 3 + 2 * x[0] - 5 * x[2], 1e-6);
    fit_free(&fit);
    regression_free(&m);
}

static void test_regression_says_nothing_where_it_cannot(void **state) {
    (void)state;
    for (int what = 0; what < 4; what++) {
        regression_t m;
        fit_t fit;
        assert_int_equal(regression_init(&m, 2), 0);
        for (uint32_t i = 0; i < (what == 0 ? 6u : 50u); i++) { /* 6: three degrees of freedom */
            double x[] = {unit(0, i, 1), unit(0, i, 2)};
            if (what == 1) x[1] = 2 * x[0];
            if (what == 3) x[0] = x[1] = 5;
            regression_add(&m, x, what == 2 ? 4 : x[0] + unit(0, i, 3));
        }
        assert_int_equal(regression_fit(&m, &fit), 0);
        assert_true(isnan(fit.r2));
        fit_free(&fit);
        regression_free(&m);
    }
}

/* ---- the share of the spread --------------------------------------------------------------------------- */

enum { N_DRAWS = 4, N_QUANTITIES = 4 };

typedef struct {
    uint64_t seed;
} sample_t;

static double draw(uint64_t seed, uint32_t i, int u) {
    double x = unit(seed, i, (uint64_t)u);
    return u == 0 ? exp(6 * x) : x; /* the first one counts as lognormal: its logarithm matters */
}

static double normal(uint64_t seed, uint32_t i) {
    return sqrt(-2 * log(1 - unit(seed, i, 75))) * cos(2 * M_PI * unit(seed, i, 76));
}

/* 0: a share of 0.3; 1: the same with noise that is skew and grows with a draw; 2: nothing but noise; 3:
 * nothing but a draw, and never in a third of the replicates. */
static double value(uint64_t seed, uint32_t i, int q) {
    double a = log(draw(seed, i, 0)) / 6 - 0.5, b = draw(seed, i, 1) - 0.5,
           skew = -log(1 - unit(seed, i, 77)) - 1;
    double noise = sqrt(0.7 / 0.3 / 6); /* a and b have a variance of 1/12 each */
    if (q == 0) return 100 + a + b + noise * normal(seed, i);
    if (q == 1) return 100 + a + b + noise * sqrt(2 * draw(seed, i, 2)) * skew;
    if (q == 2) return skew;
    return unit(seed, i, 78) < 1.0 / 3 ? INFINITY : b;
}

static int read_values(void *context, int variant, uint32_t first, uint32_t n, double *values, fault_t *err) {
    const sample_t *s = context;
    (void)err;
    for (uint32_t i = 0; i < n; i++)
        for (int q = 0; q < N_QUANTITIES; q++)
            values[(int)i * N_QUANTITIES + q] =
                (first + i) % 50 == 7 ? NAN : value(s->seed, first + i, q) + variant;
    return 0;
}

static int read_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++) status[i] = variant == 1 && (first + i) % 50 == 7;
    return 0;
}

static int read_draws(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err) {
    const sample_t *s = context;
    (void)err;
    for (uint32_t i = 0; i < n; i++)
        for (int u = 0; u < N_DRAWS; u++) draws[(int)i * N_DRAWS + u] = draw(s->seed, first + i, u);
    return 0;
}

static void shares(uint64_t seed, uint32_t n, dist_kind_t first_kind, estimate_t *estimates) {
    sample_t sample = {seed};
    estimate_source_t source = {.context = &sample, .values = read_values, .status = read_status};
    uncertain_t uncertain[N_DRAWS] = {{.dist.kind = first_kind}};
    for (int u = 1; u < N_DRAWS; u++) uncertain[u].dist.kind = DIST_UNIFORM;
    spread_source_t spread = {&source, read_draws, N_DRAWS, uncertain};
    fault_t err = {0};
    assert_int_equal(spread_all(&spread, 2, N_QUANTITIES, n, estimates, &err), 0);
}

static void test_known_shares(void **state) {
    (void)state;
    estimate_t e[2 * N_QUANTITIES];
    shares(1, 20000, DIST_LOGNORMAL, e); /* in several batches */
    for (int v = 0; v < 2; v++) {
        const estimate_t *own = e + v * N_QUANTITIES;
        for (int q = 0; q < 2; q++) {
            CHECK_NEAR(own[q].share, 0.3, 5 * (own[q].share_high - own[q].share_low) / 3.92);
            assert_true(own[q].share_high - own[q].share_low < 0.05);
        }
        CHECK_NEAR(own[2].share, 0, 0.002);
        assert_true(own[2].share_low == 0 && own[2].share_high < 0.003);
        CHECK_NEAR(own[3].share, 1, 1e-9);
    }
    shares(1, 20000, DIST_UNIFORM, e); /* of the draw itself, not its logarithm, a line follows less */
    assert_true(e[0].share < 0.27);
    shares(1, 8, DIST_LOGNORMAL, e); /* too few */
    assert_true(isnan(e[0].share) && isnan(e[0].share_low));
}

/* 95 % intervals hold the truth that often, five standard errors allowed; less so where outcomes are skew and
 * replicates few. Without the correction for the number of parameters the estimates would be too large. */
static void test_intervals_cover(void **state) {
    (void)state;
    enum { TRIALS = 1000 };
    double covered[3] = {0}, truth[3] = {0.3, 0.3, 0}, five = 5 * sqrt(0.95 * 0.05 / TRIALS);
    moments_t mean = {0};
    for (uint64_t seed = 0; seed < TRIALS; seed++) {
        estimate_t e[2 * N_QUANTITIES];
        shares(100 + seed, 200, DIST_LOGNORMAL, e);
        for (int q = 0; q < 3; q++)
            covered[q] += (e[q].share_low <= truth[q] && truth[q] <= e[q].share_high) / (double)TRIALS;
        moments_add(&mean, e[0].share);
    }
    print_message("[ covered %.3f; skew %.3f; without influence %.3f; mean %.4f +- %.4f ]\n", covered[0],
                  covered[1], covered[2], mean.mean, sqrt(moments_var(&mean) / TRIALS));
    CHECK_NEAR(covered[0], 0.95, five);
    assert_true(covered[1] > 0.9 - five);
    assert_true(covered[2] > 0.95 - five);
    CHECK_NEAR(mean.mean, 0.3, 5 * sqrt(moments_var(&mean) / TRIALS));
    assert_true(5 * sqrt(moments_var(&mean) / TRIALS) <
                0.7 * 4 / 196); /* by so much R squared itself is higher */
}

static void test_without_memory(void **state) {
    (void)state;
    sample_t sample = {1};
    estimate_source_t source = {.context = &sample, .values = read_values, .status = read_status};
    uncertain_t uncertain[N_DRAWS] = {{.dist.kind = DIST_UNIFORM}};
    spread_source_t spread = {&source, read_draws, N_DRAWS, uncertain};
    estimate_t e[N_QUANTITIES];
    bool done = false;
    for (long n = 0; !done && n < 100; n++) {
        fault_t err = {0};
        mem_fail_after(n);
        int ret = spread_all(&spread, 1, N_QUANTITIES, 50, e, &err);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        done = ret == 0;
    }
    assert_true(done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regression_is_exact_on_a_plane),
        cmocka_unit_test(test_regression_says_nothing_where_it_cannot),
        cmocka_unit_test(test_known_shares),
        cmocka_unit_test(test_intervals_cover),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
