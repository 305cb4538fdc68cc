/* Indices of functions with known ones: Ishigami and Homma 1990, Sobol's g-function; values that SALib
 * publishes (its user guide, tests/test_sobol.py, tests/test_test_functions.py,
 * tests/test_analyze_morris.py); and replicate noise of a known size. */
#include "../support/check.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/sobol.h"
#include "stats/design/design.h"
#include "stats/sensitivity.h"
#include <math.h>

/* A model with nothing but parameters: designs need their paths and ranges alone. */
typedef struct {
    model_t model;
    sweep_axis_t axes[8];
    param_t params[8];
    double values[8];
} cube_t;

static void cube_init(cube_t *c, int n, double low, double high) {
    static char *const names[] = {"p.0", "p.1", "p.2", "p.3", "p.4", "p.5", "p.6", "p.7"};
    *c = (cube_t){0};
    for (int a = 0; a < n; a++) {
        c->params[a] = (param_t){.path = names[a], .value = &c->values[a], .low = -1e9, .high = 1e9};
        c->axes[a] = (sweep_axis_t){.param = a, .dist = {DIST_UNIFORM, {low, high}}};
    }
    c->model.n_params = n;
    c->model.params = c->params;
}

static double ishigami(const double *x) {
    return sin(x[0]) + 7 * pow(sin(x[1]), 2) + 0.1 * pow(x[2], 4) * sin(x[0]);
}

/* 8 parameters, of usual importance; 6, SALib's example. */
static const double g_usual[] = {0, 1, 4.5, 9, 99, 99, 99, 99}, g_salib[] = {78, 12, 0.5, 2, 97, 33};

static double g_value(const double *x, int n, const double *a) {
    double y = 1;
    for (int i = 0; i < n; i++) y *= (fabs(4 * x[i] - 2) + a[i]) / (1 + a[i]);
    return y;
}

static double g_of_8(const double *x) {
    return g_value(x, 8, g_usual);
}

static double g_of_6(const double *x) {
    return g_value(x, 6, g_salib);
}

static double *evaluate(const points_t *p, double (*f)(const double *x)) {
    double *y = mem_alloc((size_t)p->n_points, sizeof *y);
    for (int i = 0; i < p->n_points; i++) y[i] = f(p->values + (size_t)i * (size_t)p->n_axes);
    return y;
}

static void assert_inside(interval_t i, double truth, double widest) {
    assert_true(i.low <= truth && truth <= i.high);
    assert_true(i.low <= i.value && i.value <= i.high);
    assert_true(i.high - i.low < widest);
}

static void test_ishigami(void **state) {
    (void)state;
    cube_t c;
    points_t p;
    fault_t err = {0};
    influence_t out[3];
    cube_init(&c, 3, -M_PI, M_PI);
    assert_int_equal(points_make(&p, DESIGN_SALTELLI, 4096, 3, c.axes, &c.model, 1, &err), 0);
    assert_int_equal(p.n_points, 4096 * 5);
    double *y = evaluate(&p, ishigami);
    influence_clear(3, out);
    assert_int_equal(sensitivity_sobol(3, 4096, y, out), 0);
    /* V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2 */
    const double first[] = {0.3139, 0.4424, 0}, total[] = {0.5576, 0.4424, 0.2437};
    for (int a = 0; a < 3; a++) {
        assert_inside(out[a].first, first[a], 0.15);
        assert_inside(out[a].total, total[a], 0.1);
        assert_true(fabs(out[a].first.value - first[a]) < 0.01);
        assert_true(fabs(out[a].total.value - total[a]) < 0.01);
    }
    /* what SALib's user guide prints for 1,024 rows, within what either may be off */
    const double salib_first[] = {0.316832, 0.443763, 0.012203},
                 salib_total[] = {0.555860, 0.441898, 0.244675};
    for (int a = 0; a < 3; a++) {
        assert_true(fabs(out[a].first.value - salib_first[a]) < 0.02);
        assert_true(fabs(out[a].total.value - salib_total[a]) < 0.02);
    }
    mem_free(y);
    points_free(&p);
}

/* Of the g-function: V_i = 1 / (3 (1 + a_i)^2), V = prod(1 + V_i) - 1. */
static void check_g(int n, const double *a, double (*f)(const double *x), double *first, double *total) {
    cube_t c;
    points_t p;
    fault_t err = {0};
    influence_t out[8];
    cube_init(&c, n, 0, 1);
    assert_int_equal(points_make(&p, DESIGN_SALTELLI, 4096, n, c.axes, &c.model, 1, &err), 0);
    double *y = evaluate(&p, f), v[8], all = 1;
    for (int i = 0; i < n; i++) all *= 1 + (v[i] = 1 / (3 * (1 + a[i]) * (1 + a[i])));
    influence_clear(n, out);
    assert_int_equal(sensitivity_sobol(n, 4096, y, out), 0);
    for (int i = 0; i < n; i++) {
        first[i] = v[i] / (all - 1);
        total[i] = v[i] * all / (1 + v[i]) / (all - 1);
        assert_true(fabs(out[i].first.value - first[i]) < 0.02);
        assert_true(fabs(out[i].total.value - total[i]) < 0.02);
        assert_inside(out[i].first, first[i], 0.2);
        assert_inside(out[i].total, total[i], 0.2);
    }
    mem_free(y);
    points_free(&p);
}

static void test_g_function(void **state) {
    (void)state;
    double first[8], total[8];
    check_g(8, g_usual, g_of_8, first, total);
    check_g(6, g_salib, g_of_6, first, total);
    const double salib_first[] = {0.000276, 0.010195, 0.765743, 0.191436, 0.000179, 0.001490};
    for (int i = 0; i < 6; i++) assert_true(fabs(first[i] - salib_first[i]) < 1e-6);
}

/* Six trajectories of two parameters and what comes of them: the exercise of Saltelli's textbook that SALib
 * tests itself with. */
static void test_morris_by_hand(void **state) {
    (void)state;
    const double t = 1.0 / 3;
    const double units[] = {0,     t, 0,     1,     2 * t, 1,     0, t,     2 * t, t, 2 * t, 1,
                            2 * t, 0, 2 * t, 2 * t, 0,     2 * t, t, 1,     1,     1, 1,     t,
                            t,     1, t,     t,     1,     t,     t, 2 * t, t,     0, 1,     0};
    const double y[] = {0.97, 0.71, 2.39, 0.97, 2.30, 2.39, 1.87, 2.40, 0.87,
                        2.15, 1.71, 1.54, 2.15, 2.17, 1.54, 2.20, 1.87, 1.0};
    influence_t out[2];
    influence_clear(2, out);
    assert_int_equal(sensitivity_morris(2, 6, units, y, out), 0);
    const double mu_star[] = {1.62, 0.35}, mu[] = {0.66, 0.21}, sigma[] = {1.79, 0.41};
    for (int a = 0; a < 2; a++) {
        assert_true(fabs(out[a].mu_star.value - mu_star[a]) < 0.01);
        assert_true(fabs(out[a].mu - mu[a]) < 0.01);
        assert_true(fabs(out[a].sigma - sigma[a]) < 0.01);
    }
    /* of the 1,000 resamples 95 % lie within about 0.5 of 1.62 */
    assert_true(fabs((out[0].mu_star.high - out[0].mu_star.low) / 2 - 0.5) < 0.1);
}

/* On the levels -pi, -pi/3, pi/3, pi the effects of Ishigami's function have means in closed form; SALib has
 * 7.767792, 7.875, 6.308785 of 10,000 trajectories. */
static void test_morris_of_ishigami(void **state) {
    (void)state;
    enum { N = 10000 };
    cube_t c;
    points_t p;
    fault_t err = {0};
    influence_t out[3];
    cube_init(&c, 3, -M_PI, M_PI);
    assert_int_equal(points_make(&p, DESIGN_MORRIS, N, 3, c.axes, &c.model, 1, &err), 0);
    double *y = evaluate(&p, ishigami), s = sin(M_PI / 3), far = pow(M_PI, 4), near = far / 81;
    influence_clear(3, out);
    assert_int_equal(sensitivity_morris(3, N, p.units, y, out), 0);
    const double mu_star[] = {1.5 * s * (1 + 0.05 * (far + near)), 7.875, 1.5 * 0.1 * (far - near) * s / 2},
                 salib[] = {7.767792, 7.875, 6.308785};
    for (int a = 0; a < 3; a++) {
        double error = out[a].sigma / sqrt(N);
        assert_true(fabs(out[a].mu_star.value - mu_star[a]) < 5 * error + 1e-9);
        assert_true(fabs(out[a].mu_star.value - salib[a]) < 7.1 * error + 1e-9); /* two estimates */
    }
    mem_free(y);
    points_free(&p);
}

/* y = 2 x0 - 5 x1 + x0 x2: elementary effects by hand. */
static double bent(const double *x) {
    return 2 * x[0] - 5 * x[1] + x[0] * x[2];
}

static void test_morris(void **state) {
    (void)state;
    cube_t c;
    points_t p;
    fault_t err = {0};
    influence_t out[3];
    cube_init(&c, 3, 0, 1);
    assert_int_equal(points_make(&p, DESIGN_MORRIS, 400, 3, c.axes, &c.model, 1, &err), 0);
    assert_int_equal(p.n_points, 1600);
    double *y = evaluate(&p, bent);
    influence_clear(3, out);
    assert_int_equal(sensitivity_morris(3, 400, p.units, y, out), 0);
    assert_inside(out[0].mu_star, 2.5, 0.2); /* 2 + x2, the mean of x2 on the levels is 1/2 */
    assert_true(fabs(out[0].sigma - sqrt(5.0 / 36)) < 0.03);
    assert_true(fabs(out[1].mu + 5) < 1e-9 && fabs(out[1].mu_star.value - 5) < 1e-9 && out[1].sigma < 1e-9);
    assert_inside(out[2].mu_star, 0.5, 0.2);
    mem_free(y);
    points_free(&p);
}

static void test_regression(void **state) {
    (void)state;
    enum { N = 2000 };
    double *x = mem_alloc(2 * N, sizeof *x), *y = mem_alloc(N, sizeof *y), r2;
    influence_t out[2];
    rng_stream_t s;
    rng_stream_init(&s, 1, 2);
    for (int i = 0; i < N; i++) {
        x[2 * i] = rng_stream_unit(&s);
        x[2 * i + 1] = 10 * rng_stream_unit(&s);
        y[i] = 3 * x[2 * i] - 0.4 * x[2 * i + 1] + rng_stream_unit(&s); /* variances 9, 16, 1 twelfths */
    }
    influence_clear(2, out);
    assert_int_equal(sensitivity_regression(2, N, 1, x, y, out, &r2), 0);
    assert_true(fabs(out[0].regression.value - 3 / sqrt(26)) < 0.03);
    assert_true(fabs(out[1].regression.value + 4 / sqrt(26)) < 0.03);
    assert_true(fabs(r2 - 25.0 / 26) < 0.01);
    assert_inside(out[0].regression, out[0].regression.value, 0.1);
    for (int i = 0; i < N; i++) x[2 * i + 1] = 2 * x[2 * i]; /* the same parameter twice */
    influence_clear(2, out);
    assert_int_equal(sensitivity_regression(2, N, 1, x, y, out, &r2), 0);
    assert_true(isnan(out[0].regression.value) && isnan(r2));
    mem_free(x);
    mem_free(y);
}

/* Points in rows of 10 that share an error: the interval is as wide as 40 rows make it, and covers in 95 of
 * 100 samples; that of independent points would be a third as wide. 85 or fewer have a chance of 2e-4. */
static void test_regression_in_rows(void **state) {
    (void)state;
    enum { ROWS = 40, WIDTH = 10, N = ROWS * WIDTH, SAMPLES = 100 };
    double x[N], y[N], r2;
    dist_t normal = {DIST_NORMAL, {0, 1}};
    int covered = 0, naive = 0;
    for (uint64_t k = 0; k < SAMPLES; k++) {
        influence_t out[1];
        rng_stream_t s;
        rng_stream_init(&s, 5, k);
        for (int i = 0; i < ROWS; i++) {
            double shared = dist_sample(&normal, &s), level = dist_sample(&normal, &s);
            for (int j = 0; j < WIDTH; j++) {
                x[i * WIDTH + j] = level + 0.1 * dist_sample(&normal, &s);
                y[i * WIDTH + j] = shared + 0.1 * dist_sample(&normal, &s);
            }
        }
        influence_clear(1, out);
        assert_int_equal(sensitivity_regression(1, N, WIDTH, x, y, out, &r2), 0);
        covered += out[0].regression.low <= 0 && out[0].regression.high >= 0;
        assert_int_equal(sensitivity_regression(1, N, 1, x, y, out, &r2), 0);
        naive += out[0].regression.low <= 0 && out[0].regression.high >= 0;
    }
    assert_true(covered > 85);
    assert_true(naive < 70); /* the twin: without the rows it is wrong, and this test sees it */
}

/* What replicates share is no noise between points: sd 10 in common, 1 of their own, means 0 .. 1 apart. */
static void test_noise(void **state) {
    (void)state;
    enum { P = 200, R = 50 };
    double *y = mem_alloc(P * R, sizeof *y), means[P], shared[R];
    response_t out;
    rng_stream_t s;
    rng_stream_init(&s, 3, 4);
    dist_t normal = {DIST_NORMAL, {0, 1}};
    for (int r = 0; r < R; r++) shared[r] = 10 * dist_sample(&normal, &s);
    for (int p = 0; p < P; p++)
        for (int r = 0; r < R; r++) y[p * R + r] = p / (P - 1.0) + shared[r] + dist_sample(&normal, &s);
    assert_int_equal(sensitivity_response(P, R, y, means, &out), 0);
    double between = 1.0 / 12 + 1.0 / R;
    assert_int_equal(out.n, P);
    assert_true(fabs(out.sd * out.sd / between - 1) < 0.2);
    assert_true(fabs(out.noise - 1.0 / R / (out.sd * out.sd)) < 0.02);
    assert_true(out.within > 7 && out.within < 13);
    y[5 * R + 7] = INFINITY; /* one replicate is left out, no point */
    assert_int_equal(sensitivity_response(P, R, y, means, &out), 0);
    assert_true(out.n == P && isfinite(means[5]) && isfinite(out.noise));
    mem_free(y);
}

static void test_too_little(void **state) {
    (void)state;
    double y[] = {1, 2, 3}, r2;
    influence_t out[1];
    influence_clear(1, out);
    assert_int_equal(sensitivity_sobol(1, 1, y, out), 0);
    assert_true(isnan(out[0].first.value));
    assert_int_equal(sensitivity_regression(1, 3, 1, y, y, out, &r2), 0);
    assert_true(isnan(r2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ishigami),
        cmocka_unit_test(test_g_function),
        cmocka_unit_test(test_morris),
        cmocka_unit_test(test_morris_by_hand),
        cmocka_unit_test(test_morris_of_ishigami),
        cmocka_unit_test(test_regression),
        cmocka_unit_test(test_regression_in_rows),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_too_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
