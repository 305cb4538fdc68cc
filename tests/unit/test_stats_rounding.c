/* Rounded values are within the error that was asked for, and their codes are in their order. */
#include "../support/check.h"

#include "stats/rounding.h"

static void test_absolute_rounding_keeps_its_word(void **state) {
    (void)state;
    static const double errors[] = {0.1, 0.01, 0.001, 0.0005, 1e-5};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        rounding_t rounding = rounding_absolute(errors[i]);
        assert_true(rounding.error <= errors[i] && rounding.error > errors[i] / 2);
        for (float x = -1; x <= 1; x += 0.00137f) {
            float stored = rounding_store(&rounding, x);
            assert_true(fabs((double)stored - (double)x) <= rounding.error * (1 + 1e-6));
            assert_true(rounding_store(&rounding, stored) == stored);
        }
    }
}

static void test_relative_rounding_keeps_its_word(void **state) {
    (void)state;
    static const double errors[] = {0.1, 0.01, 0.001, 1e-5};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        rounding_t rounding = rounding_relative(errors[i]);
        assert_true(rounding.error <= errors[i] && rounding.error > errors[i] / 2);
        for (float x = 1e-3f; x < 1e13f; x *= 1.0371f)
            for (int sign = -1; sign <= 1; sign += 2) {
                float value = (float)sign * x, stored = rounding_store(&rounding, value);
                assert_true(fabs((double)stored - (double)value) <= rounding.error * (double)x * (1 + 1e-6));
            }
        assert_true(rounding_store(&rounding, 0) == 0);
        assert_true(isnan(rounding_store(&rounding, NAN)));
    }
}

static void test_codes_are_in_the_values_order(void **state) {
    (void)state;
    rounding_t roundings[] = {rounding_absolute(0.001), rounding_relative(0.001), rounding_absolute(0),
                              rounding_relative(0)};
    for (size_t i = 0; i < sizeof roundings / sizeof *roundings; i++)
        for (float x = -1; x < 1; x += 0.00091f)
            assert_true(rounding_code(&roundings[i], x) <= rounding_code(&roundings[i], x + 0.00091f));
    assert_true(rounding_store(&roundings[2], 0.123456789f) == 0.123456789f); /* exact */
    assert_true(rounding_store(&roundings[3], 1.23456789e9f) == 1.23456789e9f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absolute_rounding_keeps_its_word),
        cmocka_unit_test(test_relative_rounding_keeps_its_word),
        cmocka_unit_test(test_codes_are_in_the_values_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
