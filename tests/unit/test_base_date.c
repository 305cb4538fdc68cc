#include "base/date.h"

#include "support/check.h"
#include <stdio.h>

static double parsed(const char *text) {
    double days = NAN;
    if (!date_parse(text, &days, NULL)) fail_msg("%s is not accepted", text);
    return days;
}

static void test_known_days(void **state) {
    (void)state;
    CHECK_NEAR(parsed("1970-01-01"), 0, 0);
    CHECK_NEAR(parsed("1969-12-31"), -1, 0);
    CHECK_NEAR(parsed("2000-03-01"), 11017, 0);
    CHECK_NEAR(parsed("2025-12-23"), 20445, 0);
    CHECK_NEAR(parsed("0001-01-01"), -719162, 0);
    CHECK_NEAR(parsed("2025-12-23T12:00"), 20445.5, 0);
    CHECK_NEAR(parsed("2025-12-23T06:00:00Z"), 20445.25, 0);
    CHECK_NEAR(parsed("2025-12-23T15:30:10"), 20445 + (15 * 3600 + 30 * 60 + 10) / 86400.0, 0);
    assert_int_equal(date_weekday(parsed("2025-12-23")), 1); /* Tuesday */
    assert_int_equal(date_weekday(parsed("1969-12-31T23:59")), 2);
    assert_int_equal(date_weekday(parsed("1600-01-01")), 5);
}

/* A walk over every day of 1000 to 3000 with its own count of months and leap years. */
static void test_every_day_of_two_millennia(void **state) {
    (void)state;
    int year = 1000, month = 1, day = 1, weekday = 2; /* 1000-01-01 was a Wednesday in this calendar */
    for (double days = date_from_civil(1000, 1, 1); year < 3000; days += 1) {
        int y, m, d;
        date_civil(days, &y, &m, &d);
        assert_true(y == year && m == month && d == day);
        date_civil(days + 0.999, &y, &m, &d);
        assert_true(y == year && m == month && d == day);
        assert_true(date_from_civil(year, month, day) == days);
        assert_int_equal(date_weekday(days), weekday);

        weekday = (weekday + 1) % 7;
        const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        if (++day > lengths[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) month = 1, year++;
        }
    }
}

static void test_text_round_trip(void **state) {
    (void)state;
    char text[32], again[32];
    for (int i = 0; i < 40000; i++) {
        const double days = parsed("1850-01-01") + i * 2.371;
        date_format(days, text);
        assert_int_equal(strlen(text), 10);
        CHECK_NEAR(parsed(text), floor(days + 1e-7), 0);
    }
    for (int minute = 0; minute < 1440; minute++) {
        snprintf(text, sizeof text, "2026-02-28T%02d:%02d", minute / 60, minute % 60);
        date_format_minute(parsed(text), again);
        assert_string_equal(again, text);
        /* the same minute reached by adding to another origin */
        date_format_minute(parsed("2025-12-23") + (parsed(text) - parsed("2025-12-23")), again);
        assert_string_equal(again, text);
    }
    date_format(INFINITY, text);
    assert_string_equal(text, "-");
    date_format_minute(NAN, text);
    assert_string_equal(text, "-");
    date_format(1e300, text);
    assert_string_equal(text, "-");
}

static void test_seconds(void **state) {
    (void)state;
    char text[32], again[32];
    for (int second = 0; second < 86400; second += 7) {
        snprintf(text, sizeof text, "2026-02-28T%02d:%02d:%02d", second / 3600, second / 60 % 60,
                 second % 60);
        const double days = parsed(text), origin = parsed("2025-12-23T00:00:30");
        if (second % 60 == 0) text[16] = '\0';
        date_format_second(days, again);
        assert_string_equal(again, text);
        date_format_second(origin + (days - origin), again); /* reached by adding to another origin */
        assert_string_equal(again, text);
        if (second == 0) text[10] = '\0';
        date_format_moment(days, again);
        assert_string_equal(again, text);
    }
    date_format_second(NAN, text);
    assert_string_equal(text, "-");
}

static void test_time_of_day_is_told(void **state) {
    (void)state;
    double days;
    bool has_time = true;
    assert_true(date_parse("2025-12-23", &days, &has_time));
    assert_false(has_time);
    assert_true(date_parse("2025-12-23T00:00", &days, &has_time));
    assert_true(has_time);
}

static void test_wrong_dates(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",           "2025",        "2025-12",          "2025-13-01",          "2025-00-01",
        "2025-02-29", "1900-02-29",  "2025-04-31",       "2025-12-00",          "2025-12-23 ",
        "25-12-23",   "2025-1-1",    "2025-12-23T",      "2025-12-23T15",       "2025-12-23T24:00",
        "2025/12/23", "2025-12-23Z", "2025-12-23T15:60", "2025-12-23T15:30:60", "2025-12-23T15:30:10.5",
        "-025-12-23", "+025-12-23",  "2025-12-23T15:3",  "2025-12-23T15:30:1",  "2025-12-23T15:30ZZ",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double days = -7;
        if (date_parse(wrong[i], &days, NULL)) fail_msg("%s is accepted", wrong[i]);
        CHECK_NEAR(days, -7, 0);
    }
    CHECK_NEAR(parsed("2024-02-29"), parsed("2024-03-01") - 1, 0);
    CHECK_NEAR(parsed("2000-02-29"), parsed("2000-03-01") - 1, 0);
}

static void test_durations(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double days;
    } right[] = {
        {"30 d", 30},
        {"30d", 30},
        {"1 day", 1},
        {"2 days", 2},
        {"1.5 y", 1.5 * 365.2425},
        {"3 years", 3 * 365.2425},
        {"1 yr", 365.2425},
        {"1 year", 365.2425},
        {"2 weeks", 14},
        {"1 week", 7},
        {"2w", 14},
        {"6 months", 365.2425 / 2},
        {"1 month", 365.2425 / 12},
        {"12 h", 0.5},
        {"1 hour", 1 / 24.0},
        {"36 hours", 1.5},
        {"90 min", 0.0625},
        {"43200 s", 0.5},
        {"43200 sec", 0.5},
        {"0 d", 0},
        {"-2 d", -2},
        {".5 d", 0.5},
        {"1e2 d", 100},
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        double days = NAN;
        if (!date_parse_duration(right[i].text, &days)) fail_msg("%s is not accepted", right[i].text);
        CHECK_NEAR(days, right[i].days, 1e-12 * (1 + fabs(right[i].days)));
    }
    static const char *const wrong[] = {"",       "d",        "30",      "30 ",   "30 dd",
                                        "30 d ",  "thirty d", "30 D",    "inf d", "nan d",
                                        "0x10 d", " 3 d",     "1e999 d", "- 3 d", "3 d 4 h"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double days = -7;
        if (date_parse_duration(wrong[i], &days)) fail_msg("%s is accepted", wrong[i]);
        CHECK_NEAR(days, -7, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_days),          cmocka_unit_test(test_every_day_of_two_millennia),
        cmocka_unit_test(test_text_round_trip),     cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_time_of_day_is_told), cmocka_unit_test(test_wrong_dates),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
