#include "base/anderson.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

/* Runs x <- x + g(x) until |g| <= 1e-12; the number of evaluations, or 1000. */
static int iterate(void (*g)(const double *, double *, int), double *x, int n, bool plainly) {
    anderson_t mixer;
    double value[50], step[50];
    assert_int_equal(anderson_init(&mixer, 50), 0);
    anderson_begin(&mixer, n);
    int k = 1;
    for (; k < 1000; k++) {
        double worst = 0;
        g(x, value, n);
        for (int i = 0; i < n; i++) worst = fmax(worst, fabs(value[i]));
        if (worst <= 1e-12) break;
        if (plainly)
            memcpy(step, value, sizeof step);
        else
            anderson_step(&mixer, x, value, step);
        for (int i = 0; i < n; i++) x[i] += step[i];
    }
    anderson_free(&mixer);
    return k;
}

/* g = b - A x with a symmetric A of n different eigenvalues between 0.1 and 1. */
static void linear(const double *x, double *g, int n) {
    for (int i = 0; i < n; i++) {
        g[i] = 1;
        for (int j = 0; j < n; j++) g[i] -= x[j] * ((i == j ? 0.1 + 0.8 * i / n : 0) + 0.1 / n);
    }
}

/* Newton's square root written as a slow fixed point, in each coordinate another. */
static void roots(const double *x, double *g, int n) {
    for (int i = 0; i < n; i++) g[i] = 0.05 * ((i + 2) - x[i] * x[i]);
}

static void test_linear_in_as_many_steps_as_dimensions(void **state) {
    (void)state;
    double x[50] = {0}, g[50];
    assert_in_range(iterate(linear, x, 6, false), 2, 10);
    linear(x, g, 6);
    for (int i = 0; i < 6; i++) CHECK_NEAR(g[i], 0, 1e-12);
}

static void test_more_dimensions_than_are_remembered(void **state) {
    (void)state;
    double x[50] = {0}, y[50] = {0};
    int fast = iterate(linear, x, 50, false), slow = iterate(linear, y, 50, true);
    assert_in_range(fast, 10, 60);
    assert_true(slow > 3 * fast);
    for (int i = 0; i < 50; i++) CHECK_NEAR(x[i], y[i], 1e-10);
}

static void test_roots(void **state) {
    (void)state;
    double x[50];
    for (int i = 0; i < 20; i++) x[i] = 1;
    assert_in_range(iterate(roots, x, 20, false), 5, 100);
    for (int i = 0; i < 20; i++) CHECK_NEAR(x[i], sqrt(i + 2), 1e-10);
}

/* A repeated point teaches nothing: the plain step is taken. */
static void test_no_change(void **state) {
    (void)state;
    anderson_t mixer;
    const double x[3] = {1, 2, 3}, g[3] = {0.5, -0.5, 0.25};
    double step[3];
    assert_int_equal(anderson_init(&mixer, 3), 0);
    for (int k = 0; k < 3; k++) {
        anderson_step(&mixer, x, g, step);
        for (int i = 0; i < 3; i++) assert_true(step[i] == g[i]);
    }
    anderson_free(&mixer);
    anderson_free(&mixer);
}

static void test_out_of_memory(void **state) {
    (void)state;
    anderson_t mixer;
    mem_fail_after(0);
    assert_int_equal(anderson_init(&mixer, 10), ERR_NOMEM);
    mem_fail_after(-1);
    anderson_free(&mixer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_in_as_many_steps_as_dimensions),
        cmocka_unit_test(test_more_dimensions_than_are_remembered),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_no_change),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
