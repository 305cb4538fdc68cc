/* Estimates against direct calculation; counts that do not depend on their order. */
#include "../support/check.h"

#include "base/mem.h"
#include "stats/estimate.h"
#include "stats/interval.h"
#include "stats/tally.h"
#include <gsl/gsl_randist.h>
#include <stdlib.h>

enum { N = 10007, N_VARIANTS = 2, N_QUANTITIES = 3 };

/* Quantity 0 is smooth, 1 has many ties, 2 never comes in a third of the replicates. */
static double value(int variant, uint32_t i, int q) {
    double u = fmod(0.6180339887498949 * (i + 1), 1), w = fmod(0.7548776662466927 * (i + 1), 1);
    if (q == 0) return 1e6 + log(u) + 0.1 * variant * w;
    if (q == 1) return floor(5 * u) + variant * (w < 0.1);
    return u < 1.0 / 3 ? INFINITY : u;
}

static bool failed(int variant, uint32_t i) {
    return variant == 1 && i % 100 == 7;
}

static int read_values(void *context, int variant, uint32_t first, uint32_t n, double *values, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++)
        for (int q = 0; q < N_QUANTITIES; q++)
            values[(int)i * N_QUANTITIES + q] = value(variant, first + i, q);
    return 0;
}

static int read_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status, fault_t *err) {
    (void)context, (void)err;
    for (uint32_t i = 0; i < n; i++) status[i] = failed(variant, first + i) ? 1 : 0;
    return 0;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* numpy.quantile of sorted x. */
static double quantile(const double *x, size_t n, double p) {
    double at = p * (double)(n - 1);
    size_t k = (size_t)at;
    return k + 1 < n && x[k] != x[k + 1] ? x[k] + (at - (double)k) * (x[k + 1] - x[k]) : x[k];
}

/* What never comes counts as the end, at 2. */
static double restricted(double x) {
    return x == INFINITY ? 2 : x;
}

static ends_t interval_of(size_t n, const double *x, double mean) {
    sample_moments_t sample = {.n = (int64_t)n, .mean = mean};
    for (size_t i = 0; i < n; i++) {
        double off = restricted(x[i]) - mean;
        sample.n_differ += restricted(x[i]) != 0;
        sample.squares += off * off;
        sample.cubes += off * off * off;
        sample.fourths += off * off * off * off;
        interval_tail_add(&sample, off);
    }
    return interval_mean(&sample);
}

static void check_estimates(size_t memory) {
    estimate_source_t source = {.values = read_values, .status = read_status, .memory = memory, .horizon = 2};
    estimate_t e[N_VARIANTS * N_QUANTITIES];
    fault_t err = {0};
    int64_t n_failed;
    assert_int_equal(estimate_all(&source, N_VARIANTS, N_QUANTITIES, N, e, &n_failed, &err), 0);
    assert_int_equal(n_failed, 100);
    double *x = calloc(N, sizeof *x);
    for (int v = 0; v < N_VARIANTS; v++)
        for (int q = 0; q < N_QUANTITIES; q++) {
            const estimate_t *own = &e[v * N_QUANTITIES + q];
            moments_t all = {0}, gap = {0}, base = {0};
            size_t n = 0;
            int64_t n_finite = 0;
            for (uint32_t i = 0; i < N; i++) {
                if (failed(1, i)) continue;
                x[n++] = value(v, i, q);
                n_finite += isfinite(value(v, i, q));
                moments_add(&all, restricted(value(v, i, q)));
                moments_add(&gap, restricted(value(v, i, q)) - restricted(value(0, i, q)));
                moments_add(&base, restricted(value(0, i, q)));
            }
            qsort(x, n, sizeof *x, ascending);
            assert_int_equal(own->n, n);
            assert_int_equal(own->n_finite, n_finite);
            CHECK_NEAR(own->mean, all.mean, 1e-9 * fabs(all.mean));
            CHECK_NEAR(own->sd, sqrt(moments_var(&all)), 1e-9 * own->sd);
            ends_t ends = interval_of(n, x, all.mean);
            CHECK_NEAR(own->low, ends.low, 1e-9 * own->sd + 1e-14 * fabs(all.mean));
            CHECK_NEAR(own->high, ends.high, 1e-9 * own->sd + 1e-14 * fabs(all.mean));
            CHECK_NEAR(own->difference, gap.mean, 1e-9);
            CHECK_NEAR(own->difference_sd, sqrt(moments_var(&gap)), 1e-9);
            if (gap.m2 > 1e-9)
                CHECK_NEAR(own->reduction, (moments_var(&all) + moments_var(&base)) / moments_var(&gap),
                           1e-6 * own->reduction);
            for (int k = 0; k < ESTIMATE_QUANTILES; k++) {
                double wanted = quantile(x, n, estimate_quantiles[k]);
                if (isinf(wanted))
                    assert_true(own->quantiles.at[k] == wanted);
                else
                    CHECK_NEAR(own->quantiles.at[k], wanted, 0);
            }
        }
    free(x);
}

static void test_estimates_in_memory(void **state) {
    (void)state;
    check_estimates(0);
}

static void test_estimates_by_passes(void **state) {
    (void)state;
    check_estimates(1);
}

/* A variant in which an event also comes late: over the replicates in which it comes the mean would rise. */
static void test_first_times_are_restricted(void **state) {
    (void)state;
    enum { PAIRS = 2000 }; /* coupled so closely that 200 would be too few */
    double base[PAIRS], x[PAIRS];
    estimate_t e;
    fault_t err = {0};
    for (int i = 0; i < PAIRS; i++) {
        base[i] = i % 2 ? INFINITY : 10;
        x[i] = i % 4 == 1 ? 90 : base[i]; /* one in four, of those that had none */
    }
    assert_int_equal(estimate_columns(x, base, PAIRS, false, 100, &e, &err), 0);
    assert_int_equal(e.n_finite, PAIRS * 3 / 4);
    assert_int_equal(e.n_differ, PAIRS / 4);
    CHECK_NEAR(e.mean, (2 * 10 + 90 + 100) / 4.0, 1e-12);
    CHECK_NEAR(e.difference, -10 / 4.0, 1e-12);
    assert_true(e.difference_high < 0);
    assert_true(e.quantiles.at[4] == INFINITY);
    assert_int_equal(estimate_columns(x, base, PAIRS / 10, false, 100, &e, &err), 0);
    assert_true(isnan(e.difference_low) && isnan(e.reduction));
}

/* What is worth 3 alone and 4 alone, and 10 together; in one future in four nothing of it comes. */
static void test_interaction(void **state) {
    (void)state;
    enum { ROWS = 400, COLUMNS = 2 };
    double values[4][ROWS * COLUMNS];
    fault_t err = {0};
    estimate_t e;
    for (int i = 0; i < ROWS; i++) {
        bool never = i % 4 == 0;
        for (int v = 0; v < 4; v++)
            values[v][i * COLUMNS] = never ? INFINITY : i + (const double[]){10, 7, 6, 0}[v];
    }
    interaction_t of = {values[0], values[1], values[2], values[3], ROWS, COLUMNS, 500};
    assert_int_equal(estimate_interaction(&of, &e, &err), 0);
    CHECK_NEAR(e.difference, 0.75 * (10 - 3 - 4), 1e-12);
    assert_int_equal(e.n_differ, ROWS * 3 / 4);
    assert_true(e.difference_low < e.difference && e.difference < e.difference_high);
    values[2][COLUMNS] = NAN; /* that row is left out */
    assert_int_equal(estimate_interaction(&of, &e, &err), 0);
    assert_int_equal(e.n, ROWS - 1);
    CHECK_NEAR(e.difference, 3 * (0.75 * ROWS - 1) / (ROWS - 1), 1e-12);
}

static void test_few_and_no_replicates(void **state) {
    (void)state;
    estimate_t e;
    fault_t err = {0};
    double x[] = {3}, none[] = {NAN, NAN};
    assert_int_equal(estimate_columns(x, NULL, 1, false, NAN, &e, &err), 0);
    CHECK_NEAR(e.mean, 3, 0);
    CHECK_NEAR(e.quantiles.at[0], 3, 0);
    assert_true(isnan(e.sd) && isnan(e.low));
    assert_int_equal(estimate_columns(none, NULL, 2, false, NAN, &e, &err), 0);
    assert_int_equal(e.n, 0);
    assert_true(isnan(e.mean) && isnan(e.quantiles.at[2]));
}

/* How often the interval of a share, or of a difference of paired shares, holds the truth: exactly, by
 * summing over all outcomes. */
static double coverage_of_share(double p, int n, bool probability) {
    double covered = 0, x[64];
    for (int k = 0; k <= n; k++) {
        estimate_t e;
        fault_t err = {0};
        for (int i = 0; i < n; i++) x[i] = i < k;
        assert_int_equal(estimate_columns(x, NULL, (size_t)n, probability, NAN, &e, &err), 0);
        if (e.low <= p && p <= e.high) covered += gsl_ran_binomial_pdf((unsigned)k, p, (unsigned)n);
    }
    return covered;
}

static double coverage_of_difference(double up, double down, int n, bool probability) {
    double covered = 0, x[64], base[64];
    for (int b = 0; b <= n; b++)
        for (int c = 0; b + c <= n; c++) {
            estimate_t e;
            fault_t err = {0};
            for (int i = 0; i < n; i++) {
                x[i] = i < b;
                base[i] = i >= b && i < b + c;
            }
            assert_int_equal(estimate_columns(x, base, (size_t)n, probability, NAN, &e, &err), 0);
            if (e.difference_low <= up - down && up - down <= e.difference_high)
                covered +=
                    gsl_ran_multinomial_pdf(3, (double[]){up, down, 1 - up - down},
                                            (unsigned[]){(unsigned)b, (unsigned)c, (unsigned)(n - b - c)});
        }
    return covered;
}

static void test_intervals_of_probabilities(void **state) {
    (void)state;
    estimate_t e;
    fault_t err = {0};
    double none[200] = {0};
    assert_int_equal(estimate_columns(none, NULL, 200, true, NAN, &e, &err), 0);
    CHECK_NEAR(e.low, 0, 0);
    CHECK_NEAR(e.high, 3.841459 / (200 + 3.841459), 1e-6); /* z^2 / (n + z^2) */
    double least = 1, least_mean = 1, sum = 0;
    int n = 0;
    for (double p = 0.01; p < 0.995; p += 0.01, n++) {
        double covered = coverage_of_share(p, 50, true);
        sum += covered;
        least = fmin(least, covered);
        least_mean = fmin(least_mean, coverage_of_share(p, 50, false));
    }
    print_message("[ shares: covered %.3f on average, least %.3f (as a mean: %.3f) ]\n", sum / n, least,
                  least_mean);
    CHECK_NEAR(sum / n, 0.95, 0.01);
    assert_true(least > 0.9);
    assert_true(least_mean < 0.5); /* and that this test can tell */
    static const double ways[][2] = {{0.02, 0.02}, {0.05, 0.01}, {0.1, 0.1}, {0.3, 0.1}};
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        double covered = coverage_of_difference(ways[w][0], ways[w][1], 40, true);
        print_message("[ differences %g, %g: covered %.3f (as a mean: %.3f) ]\n", ways[w][0], ways[w][1],
                      covered, coverage_of_difference(ways[w][0], ways[w][1], 40, false));
        assert_true(covered > 0.93);
    }
}

/* Counting in two parts and merging them the other way round gives the same. */
static void test_tallies_add_in_any_order(void **state) {
    (void)state;
    tally_t all, a, b;
    counts_t x, y, z;
    tally_init(&all, 7), tally_init(&a, 7), tally_init(&b, 7);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t cell = i % 7;
        int32_t code = (int32_t)(i * 2654435761u >> 24) - 128;
        assert_int_equal(tally_add(&all, cell, code), 0);
        assert_int_equal(tally_add(i % 3 ? &a : &b, cell, code), 0);
    }
    assert_int_equal(tally_take(&a, &x), 0);
    assert_int_equal(tally_merge(&b, &x), 0);
    assert_int_equal(tally_take(&b, &y), 0);
    assert_int_equal(tally_take(&all, &z), 0);
    assert_int_equal(x.n, 0);
    assert_int_equal(y.n, z.n);
    assert_memory_equal(y.cell, z.cell, y.n * sizeof *y.cell);
    assert_memory_equal(y.code, z.code, y.n * sizeof *y.code);
    assert_memory_equal(y.count, z.count, y.n * sizeof *y.count);
    for (size_t i = 1; i < y.n; i++)
        assert_true(y.cell[i - 1] < y.cell[i] || (y.cell[i - 1] == y.cell[i] && y.code[i - 1] < y.code[i]));
    uint64_t counted = 0;
    for (size_t i = 0; i < y.n; i++) counted += y.count[i];
    assert_int_equal(counted, 20000);
    counts_free(&y), counts_free(&z);
    assert_int_equal(tally_add(&a, 1, 1), 0);
    tally_clear(&a);
    assert_int_equal(tally_take(&a, &x), 0);
    assert_int_equal(x.n, 0);
    assert_int_equal(tally_add(&a, 1, 3), 0); /* and nothing of what was cleared comes back */
    assert_int_equal(tally_take(&a, &x), 0);
    assert_true(x.n == 1 && x.cell[0] == 1 && x.code[0] == 3 && x.count[0] == 1);
    counts_free(&x);
    tally_free(&all), tally_free(&a), tally_free(&b);
}

/* Of a scenario without trade every part's counts of trade are empty, and there may be many parts. */
static void test_tallies_of_nothing_add_up(void **state) {
    (void)state;
    tally_t t;
    counts_t counts = {0};
    tally_init(&t, 3);
    for (int i = 0; i < 1000; i++) assert_int_equal(tally_merge(&t, &counts), 0);
    assert_int_equal(t.n_lists, 0);
    assert_int_equal(tally_add(&t, 2, 5), 0);
    assert_int_equal(tally_take(&t, &counts), 0);
    assert_true(counts.n == 1 && counts.cell[0] == 2 && counts.code[0] == 5);
    counts_free(&counts);
    tally_free(&t);
}

static void test_tally_without_memory(void **state) {
    (void)state;
    for (long n = 0; n < 12; n++) {
        tally_t t;
        counts_t counts = {0};
        tally_init(&t, 3000);
        mem_fail_after(n);
        int ret = 0;
        for (uint32_t i = 0; i < 3 * 3000 && !ret; i++) ret = tally_add(&t, i % 300, (int32_t)i);
        if (!ret) ret = tally_take(&t, &counts);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        counts_free(&counts);
        tally_free(&t);
    }
}

static void test_fan_of_counts(void **state) {
    (void)state;
    tally_t t;
    counts_t counts;
    fan_t fan;
    rounding_t rounding = rounding_absolute(0.5); /* step 1 */
    tally_init(&t, 3);
    for (int32_t code = 1; code <= 4; code++) tally_add(&t, 2, code); /* 1 2 3 4 in cell 2 */
    assert_int_equal(tally_take(&t, &counts), 0);
    assert_int_equal(fan_init(&fan, &counts, 3, &rounding), 0);
    assert_true(isnan(fan.mean[0]));
    CHECK_NEAR((double)fan.mean[2], 2.5, 1e-6);
    CHECK_NEAR((double)fan.sd[2], 1.2909944487, 1e-6);
    CHECK_NEAR((double)fan.quantiles[2 * 3 + 2], 2.5, 1e-6);
    CHECK_NEAR((double)fan.quantiles[0 * 3 + 2], 1.15, 1e-6);
    fan_free(&fan);
    counts_free(&counts);
    tally_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_estimates_in_memory),
        cmocka_unit_test(test_estimates_by_passes),
        cmocka_unit_test(test_first_times_are_restricted),
        cmocka_unit_test(test_interaction),
        cmocka_unit_test(test_few_and_no_replicates),
        cmocka_unit_test(test_tallies_add_in_any_order),
        cmocka_unit_test(test_tallies_of_nothing_add_up),
        cmocka_unit_test(test_tally_without_memory),
        cmocka_unit_test(test_fan_of_counts),
        cmocka_unit_test(test_intervals_of_probabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
