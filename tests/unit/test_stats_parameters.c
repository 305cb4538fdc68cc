/* What the uncertain parameters carry, against closed forms: the mean over 200 seeds within two standard
 * errors of a known share and of known quantiles, and a twin that shows that a fit's own R squared is not.
 *
 * For a right program each such comparison fails with probability 5 %; the seeds are fixed. */
#include "../support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/parameters/spread.h"
#include "stats/parameters/worth.h"
#include <stdlib.h>

enum { SEEDS = 200, ROWS = 1000, D = 6 };

static double unit(uint64_t seed, uint32_t i, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_number(1, seed), i), purpose);
    return rng_stream_unit(&stream);
}

static double normal(uint64_t seed, uint32_t i, uint64_t purpose) {
    return sqrt(-2 * log(1 - unit(seed, i, purpose))) * cos(2 * M_PI * unit(seed, i, purpose + 1000));
}

static double poisson(uint64_t seed, uint32_t i, double mean) {
    double u = unit(seed, i, 90), p = exp(-mean), sum = p;
    int k = 0;
    for (; u > sum && k < 1000; sum += p) p *= mean / ++k;
    return k;
}

/* ---- known parts ------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    double share, low, high; /* of E[y | parameters] */
    double carried[2];       /* by the first two parameters */
    double (*value)(uint64_t seed, uint32_t i, const double *x);
} case_t;

/* Variance 4 + 1 of the parameters, 7.5 of the noise. */
static double linear(uint64_t seed, uint32_t i, const double *x) {
    return 10 + 2 * x[0] + x[1] + sqrt(7.5) * normal(seed, i, 80);
}

/* A Poisson count whose mean is lognormal: 5 exp(0.5 z - 0.125), so that its noise grows with it. */
static double mixture(uint64_t seed, uint32_t i, const double *x) {
    return poisson(seed, i, 5 * exp(0.4 * x[0] + 0.3 * x[1] - 0.125));
}

/* A product of two parameters that one replicate in ten does not see at all. */
static double product(uint64_t seed, uint32_t i, const double *x) {
    return unit(seed, i, 80) < 0.9 ? -exp(0.3 * x[0] + 0.2 * x[1]) : 0;
}

static double noise(uint64_t seed, uint32_t i, const double *x) {
    (void)x;
    return 3 - log(1 - unit(seed, i, 80));
}

#define Q95 1.6448536269514722

/* Of the mixture: the variance of the mean is 25 (e^0.25 - 1), that of the counts given it 5. A product of
 * exponentials has the main effects e^s^2 - 1, and the product of both is theirs in halves. */
static const case_t cases[] = {
    {"linear-Gaussian",
     5 / 12.5,
     10 - Q95 * 2.23606797749979,
     10 + Q95 * 2.23606797749979,
     {0.8, 0.2},
     linear},
    {"Poisson mixture", 0.5867952, 5 * 0.38774, 5 * 2.00865, {0.6396646, 0.3603354}, mixture},
    {"product and chance", 0.5231604, -1.62857, -0.49737, {0.6921924, 0.3078076}, product},
};

/* The first parameter counts by its logarithm. */
static double *draws_of(uint64_t seed, int n, double *x) {
    double *draws = mem_alloc((size_t)n * D, sizeof *draws);
    for (int i = 0; i < n; i++)
        for (int a = 0; a < D; a++) {
            double z = normal(seed, (uint32_t)i, (uint64_t)a);
            x[i * D + a] = z;
            draws[i * D + a] = a ? z : exp(z);
        }
    return draws;
}

static bool holds(const interval_t *i, double truth) {
    return i->low <= truth && truth <= i->high;
}

static void fit(uint64_t seed, int n, const case_t *what, smooth_t *out, carrier_t *carriers) {
    double *x = calloc((size_t)n * D, sizeof *x), *y = calloc((size_t)n, sizeof *y);
    spread_t spread;
    assert_int_equal(spread_init(&spread, n, D, draws_of(seed, n, x)), 0);
    for (int i = 0; i < n; i++) y[i] = what->value(seed, (uint32_t)i, x + i * D);
    smooth_detail_t detail = {.carriers = carriers};
    assert_int_equal(spread_outcome(&spread, y, out, &detail), 0);
    spread_free(&spread);
    free(x);
    free(y);
}

static double off(const moments_t *m, double truth) {
    return (m->mean - truth) / sqrt(moments_var(m) / m->n);
}

/* Shares within two standard errors; the range within a hundredth of its width. The fit's own R squared,
 * which follows the noise too, is off by more than four standard errors. */
static void test_known_parts(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const case_t *what = &cases[c];
        moments_t share = {0}, low = {0}, high = {0}, carried[2] = {{0}}, r2 = {0};
        int covered[2] = {0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            smooth_t told;
            carrier_t carriers[D];
            fit(100 + seed, ROWS, what, &told, carriers);
            moments_add(&share, told.share.value);
            moments_add(&low, told.low);
            moments_add(&high, told.high);
            moments_add(&r2, told.r2);
            for (int a = 0; a < 2; a++) moments_add(&carried[a], carriers[a].share.value);
            covered[0] += holds(&told.share, what->share);
            covered[1] += holds(&carriers[0].share, what->carried[0]);
            assert_true(!(carriers[D - 1].share.low > 0.05)); /* it carries nothing */
        }
        print_message(
            "[ %s, standard errors off: share %.1f, carried %.1f %.1f; R squared %.1f; covered %d and "
            "%d of %d ]\n",
            what->name, off(&share, what->share), off(&carried[0], what->carried[0]),
            off(&carried[1], what->carried[1]), off(&r2, what->share), covered[0], covered[1], SEEDS);
        assert_true(fabs(off(&share, what->share)) < 2);
        for (int a = 0; a < 2; a++) assert_true(fabs(off(&carried[a], what->carried[a])) < 2);
        assert_true(off(&r2, what->share) > 4);
        CHECK_NEAR(low.mean, what->low, 0.01 * (what->high - what->low));
        CHECK_NEAR(high.mean, what->high, 0.01 * (what->high - what->low));
        for (int k = 0; k < 2; k++)
            CHECK_NEAR(covered[k] / (double)SEEDS, 0.95, 5 * sqrt(0.95 * 0.05 / SEEDS));
    }
}

/* Of noise the range has no width, and the interval of the share reaches 0, in 97.5 % of samples or more; R
 * squared is above the share in all. */
static void test_noise_has_no_range(void **state) {
    (void)state;
    const case_t what = {.name = "noise", .value = noise};
    int narrow = 0;
    moments_t share = {0}, r2 = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        smooth_t told;
        carrier_t carriers[D];
        fit(seed, ROWS, &what, &told, carriers);
        narrow += told.high - told.low <= 0 && told.share.low <= 0 && isnan(carriers[0].share.value);
        moments_add(&share, told.share.value);
        moments_add(&r2, told.r2);
        assert_true(told.r2 > told.share.value);
    }
    print_message("[ noise: no range in %d of %d; share %.4f, R squared %.4f ]\n", narrow, SEEDS, share.mean,
                  r2.mean);
    assert_true(narrow / (double)SEEDS > 0.975 - 5 * sqrt(0.975 * 0.025 / SEEDS));
    assert_true(share.mean < 0.01);
    assert_true(r2.mean > 0.025); /* 32 columns of 1,000 rows */
}

static void test_effect_of_one_parameter(void **state) {
    (void)state;
    smooth_t told;
    carrier_t carriers[D];
    fit(7, 20000, &cases[0], &told, carriers);
    CHECK_NEAR(carriers[0].at_low, 10 - 2 * Q95, 0.15);
    CHECK_NEAR(carriers[0].at_high, 10 + 2 * Q95, 0.15);
    CHECK_NEAR(carriers[1].at_low, 10 - Q95, 0.15);
    CHECK_NEAR(carriers[D - 1].at_high, 10, 0.15);
}

/* ---- what knowing is worth --------------------------------------------------------------------------- */

/* E max(0, X) - max(0, mean) of X ~ N(mean, sd). */
static double known_worth(double mean, double sd) {
    double z = fabs(mean) / sd;
    return sd * exp(-z * z / 2) / sqrt(2 * M_PI) - fabs(mean) * erfc(z / sqrt(2)) / 2;
}

/* Keep, which is worth 0, or change, which is worth -1 + 2 x0 + x1 on average: the value of knowing x0, x1,
 * all, and a parameter that matters not. */
static void estimate_worth(uint64_t seed, double worth[4]) {
    double *x = calloc(ROWS * D, sizeof *x), *y = calloc(ROWS, sizeof *y),
           *mains = calloc(ROWS * D, sizeof *y), *whole = calloc(ROWS, sizeof *y);
    spread_t spread;
    smooth_t told;
    smooth_detail_t detail = {.mains = mains, .whole = whole};
    assert_int_equal(spread_init(&spread, ROWS, D, draws_of(seed, ROWS, x)), 0);
    double mean = 0;
    for (uint32_t i = 0; i < ROWS; i++) mean += (y[i] = linear(seed, i, x + i * D) - 11) / ROWS;
    assert_int_equal(spread_outcome(&spread, y, &told, &detail), 0);
    const double *gains[4][2] = {
        {NULL, mains}, {NULL, mains + ROWS}, {NULL, whole}, {NULL, mains + (size_t)(D - 1) * ROWS}};
    for (int k = 0; k < 4; k++) {
        worth_t choice = {ROWS, 2, (double[]){0, mean}, gains[k], false}, mirrored = choice;
        worth[k] = worth_of(&choice);
        assert_int_equal(worth_best(&choice), mean > 0);
        mirrored.least = true; /* the other option is then the best, by as much */
        assert_int_equal(worth_best(&mirrored), mean < 0);
        CHECK_NEAR(worth_of(&mirrored) - worth[k], 0, 1e-9);
    }
    spread_free(&spread);
    free(x), free(y), free(mains), free(whole);
}

static void test_worth_of_knowing(void **state) {
    (void)state;
    moments_t worth[4] = {{0}};
    double truth[4] = {known_worth(-1, 2), known_worth(-1, 1), known_worth(-1, sqrt(5)), 0}, one[4];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        estimate_worth(500 + seed, one);
        for (int k = 0; k < 4; k++) moments_add(&worth[k], one[k]);
    }
    for (int k = 0; k < 3; k++) {
        print_message("[ worth %.4f, standard errors off: %.1f ]\n", truth[k], off(&worth[k], truth[k]));
        assert_true(fabs(off(&worth[k], truth[k])) < 2);
    }
    assert_true(worth[3].mean < 0.001);
}

static void test_too_few_rows(void **state) {
    (void)state;
    smooth_t told;
    carrier_t carriers[D];
    fit(1, BASIS_ROWS_PER_LINE * (D + 1) - 1, &cases[0], &told, carriers);
    assert_true(isnan(told.share.value) && isnan(told.low) && isnan(told.r2));
    assert_true(isnan(carriers[0].share.value) && isnan(carriers[0].at_low));
    fit(1, BASIS_ROWS_PER_LINE * (D + 1), &cases[0], &told, carriers);
    assert_true(!isnan(told.share.value));
}

/* ---- all of a run ------------------------------------------------------------------------------------ */

enum { N_QUANTITIES = 4 };

/* The change by variant 1. 0: a share of 0.5, about -3; 1: as 0, but undefined in every third replicate; 2:
 * in three replicates alone; 3: min(T, 1) where T never comes in half. */
static double change(uint32_t i, int q, const double *x) {
    if (q < 2) return q && i % 3 == 0 ? NAN : -3 + x[1] + normal(4, i, 80);
    if (q == 2) return i == 10 || i == 200 || i == 3000;
    return x[2] > 0 ? INFINITY : 0.5;
}

static void draws_at(uint32_t i, double *x) {
    for (int a = 0; a < D; a++) x[a] = normal(4, i, (uint64_t)a);
}

static int read_values(void *context, int variant, uint32_t first, uint32_t n, double *values, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        double x[D];
        draws_at(first + i, x);
        for (int q = 0; q < N_QUANTITIES; q++) {
            double base = q < 3 ? 10 + x[0] + normal(4, first + i, 70) : 0.5;
            double moved = q < 3 ? base + change(first + i, q, x) : change(first + i, q, x);
            values[(int)i * N_QUANTITIES + q] = (first + i) % 50 == 7 ? NAN : variant ? moved : base;
        }
    }
    return 0;
}

static int read_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++) status[i] = variant == 1 && (first + i) % 50 == 7;
    return 0;
}

static int read_draws(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++) draws_at(first + i, draws + i * D);
    return 0;
}

static int estimate(uint32_t n, estimate_t *estimates) {
    estimate_source_t source = {.values = read_values, .status = read_status, .horizon = 1};
    spread_source_t spread = {&source, read_draws, D};
    fault_t err = {0};
    int64_t n_failed;
    assert_int_equal(estimate_all(&source, 2, N_QUANTITIES, n, estimates, &n_failed, &err), 0);
    return spread_all(&spread, 2, N_QUANTITIES, n, estimates, &err);
}

static void test_levels_and_changes(void **state) {
    (void)state;
    estimate_t e[2 * N_QUANTITIES];
    assert_int_equal(estimate(SPREAD_ROWS + 5000, e), 0); /* in several batches; the last rows do not serve */
    const estimate_t *own = e + N_QUANTITIES;
    CHECK_NEAR(e[0].share, 0.5, 0.04);
    CHECK_NEAR(e[0].parameters_low, 10 - Q95, 0.1);
    assert_true(isnan(e[0].difference_share) && isnan(e[0].difference_parameters_low));
    CHECK_NEAR(own[0].share, 0.5, 0.04);
    CHECK_NEAR(own[0].parameters_high, 7 + Q95 * sqrt(2), 0.15);
    for (int q = 0; q < 2; q++) {
        CHECK_NEAR(own[q].difference_share, 0.5, 0.04);
        CHECK_NEAR((own[q].difference_share_high - own[q].difference_share_low) / 2, 0.015, 0.005);
        CHECK_NEAR(own[q].difference_parameters_low, -3 - Q95, 0.1);
        CHECK_NEAR(own[q].difference_parameters_high, -3 + Q95, 0.1);
        CHECK_NEAR(own[q].difference_quantiles.at[0], -3 - Q95 * sqrt(2), 0.1);
        CHECK_NEAR(own[q].difference_quantiles.at[4], -3 + Q95 * sqrt(2), 0.1);
    }
    assert_true(isnan(own[2].difference_share) && isnan(own[2].difference_parameters_high)); /* too few */
    CHECK_NEAR(own[2].share, 0.5, 0.04);
    CHECK_NEAR(own[2].difference_quantiles.at[4], 0, 0);
    CHECK_NEAR(own[3].difference_quantiles.at[4], 0.5, 0);
    assert_true(own[3].difference_share > 0.6); /* a jump, which smooth functions follow in part */
    assert_true(own[3].difference_parameters_low >= 0 && own[3].difference_parameters_high <= 0.5);
}

static void test_without_memory(void **state) {
    (void)state;
    estimate_t e[2 * N_QUANTITIES];
    bool done = false;
    for (long n = 0; !done && n < 300; n++) {
        estimate_source_t source = {.values = read_values, .status = read_status, .horizon = 1};
        spread_source_t spread = {&source, read_draws, D};
        fault_t err = {0};
        int64_t n_failed;
        assert_int_equal(estimate_all(&source, 2, N_QUANTITIES, 200, e, &n_failed, &err), 0);
        mem_fail_after(n);
        int ret = spread_all(&spread, 2, N_QUANTITIES, 200, e, &err);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        done = ret == 0;
    }
    assert_true(done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_parts),
        cmocka_unit_test(test_noise_has_no_range),
        cmocka_unit_test(test_effect_of_one_parameter),
        cmocka_unit_test(test_worth_of_knowing),
        cmocka_unit_test(test_too_few_rows),
        cmocka_unit_test(test_levels_and_changes),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
