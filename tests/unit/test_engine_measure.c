/* The points of a process's measure: a unit Poisson process on each strip, the same from wherever one looks.
 */
#include "../support/check.h"

#include "base/rng.h"
#include "engine/process/measure.h"
#include <stdlib.h>

enum { STRIPS = 6, MOST = 200000 };

static point_t points[MOST], others[MOST];

static measure_t a_measure(uint64_t key) {
    return (measure_t){.key = rng_key_number(key, 1), .replicate = 3, .scale = 0.7};
}

static double floor_of(const measure_t *m, int strip) {
    return strip == 0 ? 0 : measure_top(m, strip - 1);
}

/* All points of a strip in (after, until), as the engine walks them. */
static int walk(const measure_t *m, int strip, double after, double until, double below, point_t *into) {
    int n = 0;
    uint32_t number = 0;
    while (measure_next(m, strip, after, until, below, &into[n], &number)) {
        assert_true(into[n].time > after && into[n].time < until);
        after = into[n].time;
        number = 0;
        assert_true(++n < MOST);
    }
    return n;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Kolmogorov and Smirnov's distance of a sample from the uniform law on (0, 1), times sqrt(n). */
static double ks_uniform(double *u, int n) {
    double worst = 0;
    qsort(u, (size_t)n, sizeof *u, ascending);
    for (int i = 0; i < n; i++) worst = fmax(worst, fmax(u[i] - (double)i / n, (i + 1.0) / n - u[i]));
    return worst * sqrt(n);
}
#define KS_LIMIT 3 /* P(D sqrt(n) > 3) = 3e-8 */

/* ---- the law ---------------------------------------------------------------------------------------- */

static void test_strips_lie_on_one_another(void **state) {
    (void)state;
    measure_t m = a_measure(1);
    CHECK_NEAR(measure_top(&m, 0), 0.7, 0);
    for (int strip = 0; strip < STRIPS; strip++) {
        double low = floor_of(&m, strip), high = measure_top(&m, strip);
        assert_true(high > low);
        int n = walk(&m, strip, 0, 2000 / (high - low), INFINITY, points);
        assert_true(n > 1500);
        for (int i = 0; i < n; i++) assert_true(points[i].height >= low && points[i].height < high);
    }
}

/* Numbers of points in areas of 5: mean 5, variance 5, no link between neighbours. */
static void test_counts(void **state) {
    (void)state;
    for (int strip = 0; strip < STRIPS; strip++) {
        moments_t count = {0}, square = {0}, neighbours = {0};
        for (uint64_t key = 0; key < 40; key++) {
            measure_t m = a_measure(key);
            double thickness = measure_top(&m, strip) - floor_of(&m, strip), window = 5 / thickness,
                   before = NAN;
            int n = walk(&m, strip, 0.123, 0.123 + 200 * window, INFINITY, points), p = 0;
            for (int w = 0; w < 200; w++) {
                double in = 0;
                for (; p < n && points[p].time < 0.123 + (w + 1) * window; p++) in++;
                moments_add(&count, in);
                moments_add(&square, (in - 5) * (in - 5));
                if (w > 0) moments_add(&neighbours, (in - 5) * (before - 5));
                before = in;
            }
        }
        CHECK_MEAN_5_SIGMA(&count, 5);
        CHECK_MEAN_5_SIGMA(&square, 5);
        CHECK_MEAN_5_SIGMA(&neighbours, 0);
    }
}

static void test_uniform(void **state) {
    (void)state;
    static double times[MOST], heights[MOST], gaps[MOST];
    for (int strip = 0; strip < STRIPS; strip++) {
        measure_t m = a_measure(5);
        double low = floor_of(&m, strip), thickness = measure_top(&m, strip) - low, until = 50000 / thickness;
        int n = walk(&m, strip, 0, until, INFINITY, points);
        CHECK_NEAR(n, 50000, 5 * sqrt(50000));
        moments_t product = {0};
        for (int i = 0; i < n; i++) {
            times[i] = points[i].time / until;
            heights[i] = (points[i].height - low) / thickness;
            gaps[i] = -expm1(-thickness * (points[i].time - (i ? points[i - 1].time : 0)));
            moments_add(&product, (heights[i] - 0.5) * (fmod(points[i].time * thickness, 1) - 0.5));
        }
        CHECK_MEAN_5_SIGMA(&product, 0); /* where in its cell a point is says nothing of its height */
        assert_true(ks_uniform(times, n) < KS_LIMIT);
        assert_true(ks_uniform(heights, n) < KS_LIMIT);
        assert_true(ks_uniform(gaps, n) < KS_LIMIT); /* waits are exponential, across cells too */
    }
}

/* ---- the same from everywhere ----------------------------------------------------------------------- */

/* From any moment the first point found is the next of the whole list: nothing is missed, nothing moves. */
static void test_from_any_moment(void **state) {
    (void)state;
    rng_stream_t stream;
    rng_stream_init(&stream, 9, 0);
    for (int strip = 0; strip < STRIPS; strip++) {
        measure_t m = a_measure(2);
        double thickness = measure_top(&m, strip) - floor_of(&m, strip), until = 3000 / thickness;
        int n = walk(&m, strip, 0, until, INFINITY, points);
        for (int trial = 0; trial < 20000; trial++) {
            int i = (int)(rng_stream_unit(&stream) * (n - 1));
            double after;
            switch (trial % 4) {
            case 0: /* at a point: the one behind it */
                after = points[i].time;
                break;
            case 1: /* just before a point */
                after = nextafter(points[++i].time, 0);
                i--;
                break;
            case 2: /* at the edge of a cell */
                after = floor(points[i].time * thickness) / thickness;
                break;
            default:
                after = until * rng_stream_unit(&stream);
            }
            while (i > 0 && points[i].time > after) i--;
            while (i < n && points[i].time <= after) i++;
            point_t found;
            assert_true(measure_next(&m, strip, after, until, INFINITY, &found, &(uint32_t){0}) == (i < n));
            if (i == n) continue;
            assert_true(found.time == points[i].time && found.height == points[i].height);
        }
    }
}

/* `until` is exclusive. */
static void test_until(void **state) {
    (void)state;
    measure_t m = a_measure(2);
    point_t first, none;
    assert_true(measure_next(&m, 0, 10, 1e9, INFINITY, &first, &(uint32_t){0}));
    assert_false(measure_next(&m, 0, 10, first.time, INFINITY, &none, &(uint32_t){0}));
    assert_true(measure_next(&m, 0, 10, nextafter(first.time, 1e9), INFINITY, &none, &(uint32_t){0}));
    assert_true(none.time == first.time);
    assert_false(measure_next(&m, 0, 10, 10, INFINITY, &none, &(uint32_t){0}));
}

/* A list made in pieces of random length is the list made at once. */
static void test_pieces(void **state) {
    (void)state;
    measure_t m = a_measure(4);
    rng_stream_t stream;
    rng_stream_init(&stream, 10, 0);
    int n = walk(&m, 1, 0, 2000, INFINITY, points), got = 0;
    for (double from = 0, to; from < 2000; from = to) {
        to = fmin(2000, from - 3 * log(rng_stream_unit(&stream)));
        got += walk(&m, 1, from, to, INFINITY, others + got);
    }
    assert_int_equal(got, n);
    for (int i = 0; i < n; i++)
        assert_true(points[i].time == others[i].time && points[i].height == others[i].height);
}

/* Years away nothing is lost to rounding, and the law holds. */
static void test_far_away(void **state) {
    (void)state;
    measure_t m = a_measure(6);
    double from = 4e5, thickness = measure_top(&m, 3) - measure_top(&m, 2);
    int n = walk(&m, 3, from, from + 10000 / thickness, INFINITY, points);
    CHECK_NEAR(n, 10000, 500);
    point_t found;
    for (int i = 0; i + 1 < n; i += 17) {
        assert_true(measure_next(&m, 3, points[i].time, 1e9, INFINITY, &found, &(uint32_t){0}));
        assert_true(found.time == points[i + 1].time);
    }
}

/* Going on from a point by its number is the same as looking from its time. */
static void test_goes_on(void **state) {
    (void)state;
    measure_t m = a_measure(8);
    for (int strip = 0; strip < STRIPS; strip++) {
        double thickness = measure_top(&m, strip) - floor_of(&m, strip), after = 0;
        int n = walk(&m, strip, 0, 3000 / thickness, INFINITY, points);
        uint32_t number = 0;
        for (int i = 0; i < n; i++) {
            point_t found;
            assert_true(measure_next(&m, strip, after, 3000 / thickness, INFINITY, &found, &number));
            assert_true(number > 0 && found.time == points[i].time && found.height == points[i].height);
            after = found.time;
        }
    }
}

/* ---- the bound -------------------------------------------------------------------------------------- */

/* Below a height come all points that are below it, and no other. */
static void test_below(void **state) {
    (void)state;
    for (int strip = 0; strip < STRIPS; strip++) {
        measure_t m = a_measure(7);
        double low = floor_of(&m, strip), thickness = measure_top(&m, strip) - low,
               below = low + 0.3 * thickness;
        int n = walk(&m, strip, 40, 40 + 3000 / thickness, INFINITY, points), g = 0;
        int got = walk(&m, strip, 40, 40 + 3000 / thickness, below, others);
        for (int i = 0; i < n; i++)
            if (points[i].height < below) assert_true(g < got && others[g++].time == points[i].time);
        assert_true(g == got && got > 0 && got < n);
    }
}

static void test_exp_above(void **state) {
    (void)state;
    for (double x = -690; x < 700; x += 0.0371) {
        double ratio = exp_above(x) / exp(x);
        assert_true(ratio >= 1 && ratio <= 1 + 3e-5);
    }
    assert_true(exp_above(800) == INFINITY && exp_above(INFINITY) == INFINITY && exp_above(NAN) == INFINITY);
    assert_true(exp_above(-800) > 0 && exp_above(-INFINITY) > 0);
}

/* ---- names ------------------------------------------------------------------------------------------ */

static int in_common(int n, int n_others) {
    int common = 0;
    for (int i = 0, j = 0; i < n && j < n_others;) {
        common += points[i].time == others[j].time;
        if (points[i].time < others[j].time)
            i++;
        else
            j++;
    }
    return common;
}

/* Key, replicate and strip each name points of their own; equal names equal points. */
static void test_names(void **state) {
    (void)state;
    measure_t m = a_measure(1), same = a_measure(1), other_key = a_measure(2), other_replicate = m;
    other_replicate.replicate++;
    int n = walk(&m, 1, 0, 3000, INFINITY, points);
    assert_int_equal(in_common(n, walk(&same, 1, 0, 3000, INFINITY, others)), n);
    assert_int_equal(in_common(n, walk(&other_key, 1, 0, 3000, INFINITY, others)), 0);
    assert_int_equal(in_common(n, walk(&other_replicate, 1, 0, 3000, INFINITY, others)), 0);
    assert_int_equal(in_common(n, walk(&m, 0, 0, 3000, INFINITY, others)), 0);
    assert_int_equal(in_common(n, walk(&m, 2, 0, 3000, INFINITY, others)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strips_lie_on_one_another),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_from_any_moment),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_far_away),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_exp_above),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
