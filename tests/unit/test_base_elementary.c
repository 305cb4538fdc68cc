#include "support/elementary.h"

#include <stdlib.h>

static void test_errors(void **state) {
    (void)state;
    for (int r = 0; r < N_RANGES; r++) range_check(r, 20000);
}

/* A result that is off by one in the last place of a table's cell would be seen. */
static void test_an_error_is_seen(void **state) {
    (void)state;
    mpfr_t exact, work;
    mpfr_inits2(160, exact, work, (mpfr_ptr)NULL);
    double x = 1.25;
    CHECK_NEAR(range_error(&(range_t){.function = elementary_exp_called, .exact = mpfr_exp}, x, exact, work),
               0.25, 0.26);
    assert_true(range_error(&(range_t){.function = elementary_expm1, .exact = mpfr_exp}, x, exact, work) >
                1e15);
    mpfr_clears(exact, work, (mpfr_ptr)NULL);
}

static void same(double got, double want) {
    if (isnan(want) ? !isnan(got) : elementary_bits(got) != elementary_bits(want))
        fail_msg("%a, want %a", got, want);
}

static void test_special_values(void **state) {
    (void)state;
    same(elementary_exp(0.0), 1), same(elementary_exp(-0.0), 1), same(elementary_exp(0x1p-1074), 1);
    same(elementary_exp(INFINITY), INFINITY), same(elementary_exp(-INFINITY), 0),
        same(elementary_exp(NAN), NAN);
    same(elementary_exp(709.782712893384), 0x1.fffffffffff2ap+1023);
    same(elementary_exp(709.7827128933841), INFINITY), same(elementary_exp(1e300), INFINITY);
    same(elementary_exp(-745.1332191019411), 0x1p-1074), same(elementary_exp(-745.1332191019412), 0);
    same(elementary_exp(-1e300), 0);
    same(elementary_log(1), 0), same(elementary_log(0.0), -INFINITY), same(elementary_log(-0.0), -INFINITY);
    same(elementary_log(-1), NAN), same(elementary_log(-INFINITY), NAN), same(elementary_log(NAN), NAN);
    same(elementary_log(INFINITY), INFINITY), same(elementary_log(0x1p-1074), -0x1.74385446d71c3p+9);
    same(elementary_log1p(0.0), 0), same(elementary_log1p(-0.0), -0.0);
    same(elementary_log1p(0x1p-1074), 0x1p-1074), same(elementary_log1p(-0x1p-1074), -0x1p-1074);
    same(elementary_log1p(-1), -INFINITY), same(elementary_log1p(-1.5), NAN);
    same(elementary_log1p(INFINITY), INFINITY), same(elementary_log1p(NAN), NAN);
    same(elementary_expm1(0.0), 0), same(elementary_expm1(-0.0), -0.0);
    same(elementary_expm1(0x1p-1074), 0x1p-1074), same(elementary_expm1(-INFINITY), -1);
    same(elementary_expm1(INFINITY), INFINITY), same(elementary_expm1(NAN), NAN),
        same(elementary_expm1(-50), -1);
    same(elementary_sin(0.0), 0), same(elementary_sin(-0.0), -0.0), same(elementary_cos(0), 1);
    same(elementary_sin(1.1e5), NAN), same(elementary_cos(-INFINITY), NAN), same(elementary_sin(NAN), NAN);
    same(elementary_asin(0.0), 0), same(elementary_asin(-0.0), -0.0), same(elementary_asin(1), M_PI_2);
    same(elementary_asin(-1), -M_PI_2), same(elementary_asin(1.0000000000000002), NAN),
        same(elementary_asin(NAN), NAN);
}

/* exp and log never fall from one double to the next: neighbours anywhere, and where cells meet. */
static void test_monotone(void **state) {
    (void)state;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(1, "monotone"), 0);
    for (int i = 0; i < 200000; i++) {
        double at = (rng_stream_unit(&stream) - 0.5) * (i % 3 ? 2 : 1400);
        if (i % 3 == 2) at = (floor(at * 128) + 0.5) * (M_LN2 / 128); /* where a cell of exp ends */
        double x = at;
        for (int k = 0; k < 20; k++, x = nextafter(x, INFINITY))
            assert_true(elementary_exp(x) <= elementary_exp(nextafter(x, INFINITY)));
        uint64_t bits = elementary_bits(exp(at));
        if (i % 2) bits = (bits & ~((UINT64_C(1) << 45) - 1)) - 10; /* of log */
        x = elementary_double(bits);
        for (int k = 0; k < 20; k++, x = nextafter(x, INFINITY))
            assert_true(elementary_log(x) <= elementary_log(nextafter(x, INFINITY)));
    }
}

typedef void many_t(double *out, const double *x, size_t n);

/* Arguments side by side give the bits of one at a time: any number of them, in place, out of the ordinary.
 */
static void test_many(void **state) {
    (void)state;
    static const struct {
        many_t *many;
        double (*one)(double);
    } pairs[] = {{elementary_exp_n, elementary_exp_called},
                 {elementary_log_n, elementary_log_called},
                 {elementary_log1p_n, elementary_log1p}};
    static const double odd[] = {0,  -0.0, INFINITY, -INFINITY, NAN,  0x1p-1074, -1,
                                 -2, 708,  -708,     720,       -740, 1e308};
    enum { MOST = 1003 };
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(1, "many"), 0);
    for (int round = 0; round < 300; round++) {
        double x[MOST], out[MOST + 1];
        size_t n = round < 20 ? (size_t)round : MOST;
        for (size_t i = 0; i < n; i++) {
            double u = rng_stream_unit(&stream);
            x[i] = round % 3 == 0 ? 1400 * (u - 0.5) : round % 3 == 1 ? 4 * u : exp(60 * (u - 0.5));
            if (round % 2 && u < 0.02) x[i] = odd[i % (sizeof odd / sizeof *odd)];
        }
        for (int p = 0; p < 3; p++) {
            out[n] = 42;
            pairs[p].many(out, x, n);
            for (size_t i = 0; i < n; i++) same(out[i], pairs[p].one(x[i]));
            assert_true(out[n] == 42);
            memcpy(out, x, n * sizeof *x);
            pairs[p].many(out, out, n);
            for (size_t i = 0; i < n; i++) same(out[i], pairs[p].one(x[i]));
        }
    }
}

static void test_decades(void **state) {
    (void)state;
    for (int n = -22; n <= 22; n++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", n);
        double power = strtod(text, NULL);
        assert_true(elementary_power_of_ten(n) == power);
        assert_int_equal(elementary_decade(power), n);
        assert_int_equal(elementary_decade(nextafter(power, 0)), n - 1);
        assert_int_equal(elementary_decade(9.99 * power), n);
    }
    assert_int_equal(elementary_decade(0), 0);
    assert_int_equal(elementary_decade(INFINITY), 0);
    assert_int_equal(elementary_decade(1e308), 308);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),         cmocka_unit_test(test_an_error_is_seen),
        cmocka_unit_test(test_special_values), cmocka_unit_test(test_monotone),
        cmocka_unit_test(test_many),           cmocka_unit_test(test_decades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
