/* Designs: sizes, what each promises of its coordinates, growth, and values within their ranges. */
#include "../support/check.h"

#include "base/error.h"
#include "base/mem.h"
#include "stats/design/design.h"
#include <math.h>

static double values[3];
static param_t params[3] = {{.path = "p.a", .value = &values[0], .low = 0, .high = 1},
                            {.path = "p.b", .value = &values[1], .low = 0, .high = 100},
                            {.path = "p.c", .value = &values[2], .low = -5, .high = 5}};
static double listed[] = {1, 3, 10, 30};
static sweep_axis_t axes[3] = {{.param = 0, .dist = {DIST_UNIFORM, {0.2, 0.6}}},
                               {.param = 1, .range = SWEEP_LOG_UNIFORM, .dist = {DIST_CONSTANT, {1, 100}}},
                               {.param = 2, .dist = {DIST_NORMAL, {0, 2}}}};
static model_t model = {.n_params = 3, .params = params};

static points_t make(design_t design, int size) {
    points_t p;
    fault_t err = {0};
    assert_int_equal(points_make(&p, design, size, 3, axes, &model, 7, &err), 0);
    for (int i = 0; i < p.n_points; i++)
        for (int a = 0; a < 3; a++) {
            double v = p.values[3 * i + a];
            assert_true(p.units[3 * i + a] >= 0 && p.units[3 * i + a] <= 1);
            assert_true(v >= params[a].low && v <= params[a].high);
        }
    return p;
}

static void test_values(void **state) {
    (void)state;
    assert_true(fabs(sweep_axis_value(&axes[0], &params[0], 0.5) - 0.4) < 1e-12);
    assert_true(fabs(sweep_axis_value(&axes[1], &params[1], 0.5) - 10) < 1e-9);
    assert_true(sweep_axis_value(&axes[1], &params[1], 0) == 1 &&
                sweep_axis_value(&axes[1], &params[1], 1) == 100);
    assert_true(sweep_axis_value(&axes[2], &params[2], 1) == 5); /* the parameter's own end */
    sweep_axis_t own = {.range = SWEEP_VALUES, .n_values = 4, .values = listed};
    assert_true(sweep_axis_value(&own, &params[1], 0) == 1 && sweep_axis_value(&own, &params[1], 0.5) == 10 &&
                sweep_axis_value(&own, &params[1], 1) == 30);
}

static void test_grid(void **state) {
    (void)state;
    points_t p = make(DESIGN_GRID, 3);
    assert_int_equal(p.n_points, 27);
    assert_true(p.values[0] == 0.2 && fabs(p.values[3 * 26] - 0.6) < 1e-15); /* from end to end */
    assert_true(fabs(p.values[3 + 2]) < 1e-9 && p.values[1] == p.values[4]); /* the last axis runs fastest */
    points_free(&p);
}

static void test_latin(void **state) {
    (void)state;
    enum { N = 50 };
    points_t p = make(DESIGN_LATIN, N);
    for (int a = 0; a < 3; a++) {
        int seen[N] = {0};
        for (int i = 0; i < N; i++) seen[(int)(p.units[3 * i + a] * N)]++;
        for (int i = 0; i < N; i++) assert_int_equal(seen[i], 1);
    }
    points_free(&p);
}

static void test_growth(void **state) {
    (void)state;
    static const design_t growing[] = {DESIGN_RANDOM, DESIGN_SOBOL, DESIGN_SALTELLI, DESIGN_MORRIS};
    for (size_t k = 0; k < sizeof growing / sizeof *growing; k++) {
        points_t small = make(growing[k], 8), large = make(growing[k], 20);
        assert_memory_equal(small.values, large.values, (size_t)small.n_points * 3 * sizeof(double));
        points_free(&small);
        points_free(&large);
    }
}

/* Axes have draws of their own: their coordinates go together no more than by chance (5 standard errors). */
static void test_independent_axes(void **state) {
    (void)state;
    static const design_t drawn[] = {DESIGN_RANDOM, DESIGN_LATIN};
    enum { N = 2000 };
    for (size_t k = 0; k < sizeof drawn / sizeof *drawn; k++) {
        points_t p = make(drawn[k], N);
        for (int a = 0; a < 3; a++) {
            double sum = 0;
            for (int i = 0; i < N; i++)
                sum += (p.units[3 * i + a] - 0.5) * (p.units[3 * i + (a + 1) % 3] - 0.5);
            assert_true(fabs(12 * sum / N) < 5 / sqrt(N));
        }
        points_free(&p);
    }
}

/* 2^k - 1 points of Sobol' and the 0 that is left out have as many in each half, quarter, ... */
static void test_sobol(void **state) {
    (void)state;
    points_t p = make(DESIGN_SOBOL, 63);
    for (int a = 0; a < 3; a++) {
        int seen[16] = {1};
        for (int i = 0; i < 63; i++) seen[(int)(p.units[3 * i + a] * 16)]++;
        for (int i = 0; i < 16; i++) assert_int_equal(seen[i], 4);
    }
    points_free(&p);
}

static void test_saltelli(void **state) {
    (void)state;
    points_t p = make(DESIGN_SALTELLI, 16);
    assert_int_equal(p.n_points, 16 * 5);
    for (int i = 0; i < 16; i++) {
        const double *a = p.units + 15 * (size_t)i, *b = a + 3;
        for (int k = 0; k < 3; k++)
            for (int c = 0; c < 3; c++) assert_true(a[3 * (k + 2) + c] == (c == k ? b[c] : a[c]));
    }
    points_free(&p);
}

static void test_morris(void **state) {
    (void)state;
    points_t p = make(DESIGN_MORRIS, 25);
    for (int t = 0; t < 25; t++) {
        int changed[3] = {0};
        for (int s = 0; s < 3; s++)
            for (int a = 0; a < 3; a++) {
                double d = p.units[3 * (4 * t + s + 1) + a] - p.units[3 * (4 * t + s) + a];
                if (d != 0) {
                    assert_true(fabs(fabs(d) - MORRIS_STEP) < 1e-12);
                    changed[a]++;
                }
            }
        for (int a = 0; a < 3; a++) assert_int_equal(changed[a], 1);
    }
    /* A range is walked from end to end, a distribution between its 2.5 % and 97.5 % quantiles. */
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < p.n_points; i++)
        for (int a = 0; a < 3; a++) {
            low[a] = fmin(low[a], p.values[3 * i + a]);
            high[a] = fmax(high[a], p.values[3 * i + a]);
        }
    assert_true(low[0] == 0.2 && high[0] == 0.6 && low[1] == 1 && high[1] == 100);
    assert_true(fabs(low[2] + 2 * 1.959964) < 1e-5 && fabs(high[2] - 2 * 1.959964) < 1e-5);
    points_free(&p);
}

static void test_too_many(void **state) {
    (void)state;
    points_t p;
    fault_t err = {0};
    assert_int_equal(points_make(&p, DESIGN_GRID, 1000, 3, axes, &model, 7, &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "1000000000 points"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_latin),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_independent_axes),
        cmocka_unit_test(test_sobol),
        cmocka_unit_test(test_saltelli),
        cmocka_unit_test(test_morris),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
