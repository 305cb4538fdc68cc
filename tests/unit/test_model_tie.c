/* The closed forms of a tie against a numerical integration of their equations, and their bounds. */
#include "../support/check.h"

#include "base/rng.h"
#include "model/tie.h"

typedef struct {
    double s, b, x;
} state_t;

/* ds/dt = -k_s (s - b), db/dt = -k_b (b - b0), dx/dt = -k_x (x - eta_s (b - b_ref)). */
static state_t slope(const relax_t *r, state_t at, double b0, double b_ref) {
    return (state_t){-r->k_s * (at.s - at.b), -r->k_b * (at.b - b0),
                     -r->k_x * (at.x - r->eta_s * (at.b - b_ref))};
}

static state_t step(state_t at, state_t slope, double h) {
    return (state_t){at.s + h * slope.s, at.b + h * slope.b, at.x + h * slope.x};
}

/* Runge and Kutta's fourth order in `n` steps. */
static state_t integrate(const relax_t *r, state_t at, double b0, double b_ref, double dt, int n) {
    double h = dt / n;
    for (int i = 0; i < n; i++) {
        state_t k1 = slope(r, at, b0, b_ref), k2 = slope(r, step(at, k1, h / 2), b0, b_ref);
        state_t k3 = slope(r, step(at, k2, h / 2), b0, b_ref), k4 = slope(r, step(at, k3, h), b0, b_ref);
        at.s += h / 6 * (k1.s + 2 * k2.s + 2 * k3.s + k4.s);
        at.b += h / 6 * (k1.b + 2 * k2.b + 2 * k3.b + k4.b);
        at.x += h / 6 * (k1.x + 2 * k2.x + 2 * k3.x + k4.x);
    }
    return at;
}

/* Half-lives of strength, alignment, trade: apart, equal, all but equal, strength the slower. */
static const double half_lives[][3] = {
    {30, 1096, 1089},
    {30, 30, 30},
    {30, 30 * (1 + 1e-7), 30 * (1 - 1e-7)},
    {30, 30 * (1 + 1e-4), 30 * (1 - 1e-4)},
    {90, 30, 7},
    {30, 30, 400},
    {400, 30, 30},
};
enum { N_HALF_LIVES = sizeof half_lives / sizeof *half_lives };

static relax_t relax_of(const double *h) {
    return (relax_t){log(2) / h[0], log(2) / h[1], log(2) / h[2], 0.95, 0.02};
}

static void test_against_integration(void **state) {
    (void)state;
    for (int h = 0; h < N_HALF_LIVES; h++) {
        relax_t r = relax_of(half_lives[h]);
        tie_state_t tie = {.time = 12, .s = 0.8, .b = -0.3, .own = 0.1, .b0 = 0.2};
        for (double dt = 1; dt < 2000; dt *= 3) {
            state_t want = integrate(&r, (state_t){0.8, -0.3, 0.4}, 0.2, 0.05, dt, 4000);
            CHECK_NEAR(tie_strength(&r, &tie, 12 + dt), want.s, 1e-8);
            CHECK_NEAR(tie_alignment(&r, &tie, 12 + dt), want.b, 1e-8);
            CHECK_NEAR(tie_trade(&r, &tie, 0.4, 0.05, 12 + dt), want.x, 1e-8);
        }
    }
}

/* Half-lives mean what they say. */
static void test_half_lives(void **state) {
    (void)state;
    relax_t r = relax_of(half_lives[0]);
    tie_state_t tie = {.s = 0.8, .b = 0.2, .b0 = 0.2};
    CHECK_NEAR(tie_strength(&r, &tie, 30), 0.5, 1e-15);
    tie = (tie_state_t){.s = 0, .b = 0.4, .b0 = -0.2};
    CHECK_NEAR(tie_alignment(&r, &tie, 1096), 0.1, 1e-15);
    tie = (tie_state_t){.s = 0, .b = 0.3, .b0 = 0.3};
    CHECK_NEAR(tie_trade(&r, &tie, 0, 0.1, 1089), 0.95 * 0.2 / 2, 1e-15); /* half way to eta_s (b - b_ref) */
    CHECK_NEAR(tie_strength(&r, &tie, 1e6), 0.3, 1e-15);
    CHECK_NEAR(tie_trade(&r, &tie, 5, 0.1, 1e6), 0.95 * 0.2, 1e-14);
}

/* At the anchor the state is the state, to the bit. */
static void test_anchor_is_exact(void **state) {
    (void)state;
    for (int h = 0; h < N_HALF_LIVES; h++) {
        relax_t r = relax_of(half_lives[h]);
        tie_state_t tie = {.time = 7.25, .s = 0.1, .b = -0.7, .b0 = 1.0 / 3};
        CHECK_NEAR(tie_strength(&r, &tie, 7.25), 0.1, 1e-16);
        CHECK_NEAR(tie_alignment(&r, &tie, 7.25), -0.7, 2e-16);
        CHECK_NEAR(tie_trade(&r, &tie, 0.25, 0.1, 7.25), 0.25, 1e-16);
    }
}

/* To anchor on the way changes nothing (but for what all but equal rates cancel: 1e-16 / |q - p| dt). */
static void test_anchors_compose(void **state) {
    (void)state;
    for (int h = 0; h < N_HALF_LIVES; h++) {
        relax_t r = relax_of(half_lives[h]);
        tie_state_t tie = {.time = 0, .s = -0.9, .b = 0.6, .b0 = 0.1}, on_the_way = tie;
        double x = 0.2;
        for (int i = 1; i <= 50; i++) {
            tie_state_t from = on_the_way;
            double t = 3.7 * i;
            x = tie_trade(&r, &from, x, 0.3, t);
            on_the_way.s = tie_strength(&r, &from, t);
            on_the_way.b = tie_alignment(&r, &from, t);
            on_the_way.time = t;
            CHECK_NEAR(on_the_way.s, tie_strength(&r, &tie, t), 2e-11);
            CHECK_NEAR(on_the_way.b, tie_alignment(&r, &tie, t), 1e-13);
            CHECK_NEAR(x, tie_trade(&r, &tie, 0.2, 0.3, t), 2e-11);
        }
    }
}

/* No jump where the formula gives way to its limit. */
static void test_no_seam_at_equal_rates(void **state) {
    (void)state;
    tie_state_t tie = {.s = 0.8, .b = -0.3, .b0 = 0.2};
    double before = NAN;
    for (double off = 1e-9; off < 1e-2; off *= 1.01) { /* passes |q - p| dt = 1e-5 */
        relax_t r = relax_of((double[]){30, 30 * (1 + off), 30});
        double s = tie_strength(&r, &tie, 25);
        if (!isnan(before)) CHECK_NEAR(s, before, 1e-10 + 0.02 * off);
        before = s;
    }
}

/* From any anchor s stays between the least and the largest of s, b and b0, and b between b and b0. */
static void test_bounds(void **state) {
    (void)state;
    rng_stream_t stream;
    rng_stream_init(&stream, 1, 0);
    for (int i = 0; i < 20000; i++) {
        relax_t r = relax_of(half_lives[i % N_HALF_LIVES]);
        tie_state_t tie = {.s = 2 * rng_stream_unit(&stream) - 1,
                           .b = 2 * rng_stream_unit(&stream) - 1,
                           .b0 = 2 * rng_stream_unit(&stream) - 1};
        if (i % 5 == 0) tie.s = 1, tie.b = 1;
        double t = -100 * log(rng_stream_unit(&stream)), s = tie_strength(&r, &tie, t),
               b = tie_alignment(&r, &tie, t);
        double low = fmin(tie.b, tie.b0), high = fmax(tie.b, tie.b0), rounding = 1e-15;
        assert_true(b >= low - rounding && b <= high + rounding);
        assert_true(s >= fmin(low, tie.s) - rounding && s <= fmax(high, tie.s) + rounding);
    }
}

static void test_bump(void **state) {
    (void)state;
    CHECK_NEAR(tie_bump(0.2, 0.5), 0.6, 1e-15);
    CHECK_NEAR(tie_bump(0.2, -0.5), -0.4, 1e-15);
    CHECK_NEAR(tie_bump(0.2, 0), 0.2, 0);
    CHECK_NEAR(tie_bump(1, 0.7), 1, 0);
    CHECK_NEAR(tie_bump(-1, -0.7), -1, 0);
    CHECK_NEAR(tie_bump(-0.3, 1), 1, 0);
    CHECK_NEAR(tie_bump(0.3, -1), -1, 0);
    rng_stream_t stream;
    rng_stream_init(&stream, 2, 0);
    for (int i = 0; i < 1000; i++) {
        double v = 2 * rng_stream_unit(&stream) - 1, g = rng_stream_unit(&stream),
               h = rng_stream_unit(&stream);
        if (i % 2) g = -g, h = -h;
        CHECK_NEAR(tie_bump(tie_bump(v, g), h), tie_bump(tie_bump(v, h), g),
                   1e-15); /* of one sign they commute */
        assert_true(fabs(tie_bump(v, g)) <= 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_integration),
        cmocka_unit_test(test_half_lives),
        cmocka_unit_test(test_anchor_is_exact),
        cmocka_unit_test(test_anchors_compose),
        cmocka_unit_test(test_no_seam_at_equal_rates),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_bump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
