#include "scenario/units.h"

#include "base/date.h"
#include "support/check.h"
#include <float.h>

static void test_values(void **state) {
    (void)state;
    static const struct {
        dimension_t dimension;
        const char *text;
        double value;
    } cases[] = {
        {DIM_NUMBER, "0.6", 0.6},
        {DIM_NUMBER, "-1e-3", -1e-3},
        {DIM_NUMBER, "+.5", 0.5},
        {DIM_NUMBER, "5.", 5},
        {DIM_PROBABILITY, "1", 1},
        {DIM_RATE, "17", 17},
        {DIM_DURATION, "30 d", 30},
        {DIM_DURATION, "2weeks", 14},
        {DIM_DURATION, "1 y", DAYS_PER_YEAR},
        {DIM_DURATION, "6 months", DAYS_PER_YEAR / 2},
        {DIM_MONEY, "1.0 bn USD", 1e9},
        {DIM_MONEY, "250 M USD", 250e6},
        {DIM_MONEY, "40k USD", 40e3},
        {DIM_MONEY, "27 tn", 27e12},
        {DIM_MONEY, "12 USD", 12},
        {DIM_MONEY, "1.5e9", 1.5e9},
        {DIM_MONEY, "2 billion USD", 2e9},
        {DIM_DISTANCE, "10500 km", 10500},
        {DIM_DISTANCE, "10500", 10500},
        {DIM_DATE, "1970-01-02", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        assert_true(units_parse(cases[i].dimension, cases[i].text, &value));
        assert_true(fabs(value - cases[i].value) <= 1e-12 * fabs(cases[i].value));
    }
}

static void test_what_is_no_value(void **state) {
    (void)state;
    static const struct {
        dimension_t dimension;
        const char *text;
    } cases[] = {
        {DIM_NUMBER, ""},           {DIM_NUMBER, "nan"},       {DIM_NUMBER, "inf"},
        {DIM_NUMBER, "0x10"},       {DIM_NUMBER, "1e400"},     {DIM_NUMBER, "1,5"},
        {DIM_NUMBER, "3 d"},        {DIM_NUMBER, "."},         {DIM_NUMBER, "1 2"},
        {DIM_NUMBER, "-"},          {DIM_DURATION, "30"},      {DIM_DURATION, "d"},
        {DIM_DURATION, "3 moons"},  {DIM_MONEY, "1 bn EUR"},   {DIM_MONEY, "1 zillion"},
        {DIM_MONEY, "USD"},         {DIM_MONEY, "1 bn USD x"}, {DIM_MONEY, "1e308 bn"},
        {DIM_DISTANCE, "10 miles"}, {DIM_DATE, "2026-02-30"},  {DIM_DATE, "tomorrow"},
        {DIM_RATE, "3 per year"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        assert_false(units_parse(cases[i].dimension, cases[i].text, &value));
    }
}

static const char *expect(dimension_t dimension, double low, double high) {
    static char text[128];
    units_expect(dimension, low, high, text, sizeof text);
    return text;
}

static void test_expectations(void **state) {
    (void)state;
    assert_string_equal(expect(DIM_NUMBER, -INFINITY, INFINITY), "a number");
    assert_string_equal(expect(DIM_PROBABILITY, 0, 1), "a probability from 0 to 1");
    assert_string_equal(expect(DIM_RATE, 0, INFINITY), "a number of events a year, 0 or more");
    assert_string_equal(expect(DIM_DURATION, DBL_MIN, INFINITY),
                        "a duration such as \"30 d\" or \"2 y\", more than 0");
    assert_string_equal(expect(DIM_NUMBER, 3, INFINITY), "a number, 3 or more");
    assert_string_equal(expect(DIM_NUMBER, -INFINITY, 3), "a number, at most 3");
    assert_string_equal(expect(DIM_NUMBER, DBL_MIN, 1), "a number above 0, at most 1");
    assert_string_equal(expect(DIM_DATE, 0, 1), "a date such as 2026-03-01");
}

static const char *format(dimension_t dimension, double value) {
    static char text[64];
    units_format(dimension, value, date_from_civil(2026, 1, 1), text, sizeof text);
    return text;
}

static void test_formats(void **state) {
    (void)state;
    assert_string_equal(format(DIM_MONEY, 1.5e9), "1.5 bn USD");
    assert_string_equal(format(DIM_MONEY, 999.99e6), "1 bn USD"); /* not "1000 M USD" */
    assert_string_equal(format(DIM_MONEY, -2e6), "-2 M USD");
    assert_string_equal(format(DIM_MONEY, 0), "0 USD");
    assert_string_equal(format(DIM_DURATION, 30), "30 d");
    assert_string_equal(format(DIM_DURATION, 0), "0 d");
    assert_string_equal(format(DIM_DURATION, 0.5), "12 h");
    assert_string_equal(format(DIM_DURATION, 3 * DAYS_PER_YEAR), "3 y");
    assert_string_equal(format(DIM_DISTANCE, 10500), "10500 km");
    assert_string_equal(format(DIM_DATE, 31), "2026-02-01");
    assert_string_equal(format(DIM_NUMBER, 0.25), "0.25");
    assert_string_equal(format(DIM_MONEY, NAN), "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_what_is_no_value),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
