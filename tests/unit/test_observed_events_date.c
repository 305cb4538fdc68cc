/* Dates in the forms that files of events have. */
#include "observed/events_date.h"

#include "../support/check.h"
#include "base/date.h"

#include <stdio.h>

/* The text as days since 1970; NAN for no date or a date without its day. */
static double days(const char *text, date_order_t order) {
    moment_t moment;
    return moment_parse(text, order, &moment) == MOMENT_READ && moment.n_days == 1 ? moment.time : NAN;
}

static void test_forms(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int year, month, day;
        double hours;
    } want[] = {
        {"2018-01-31", 2018, 1, 31, 0},
        {"2018/1/31", 2018, 1, 31, 0},
        {"2018.01.31", 2018, 1, 31, 0},
        {"20180131", 2018, 1, 31, 0},
        {" 2018-01-31 ", 2018, 1, 31, 0},
        {"1/31/2018", 2018, 1, 31, 0},
        {"31.01.2018", 2018, 1, 31, 0},
        {"31-1-2018", 2018, 1, 31, 0},
        {"5/5/2018", 2018, 5, 5, 0},
        {"2016-02-29", 2016, 2, 29, 0},
        {"1969-12-31T18:00", 1969, 12, 31, 18},
        {"0001-01-01", 1, 1, 1, 0},
        {"9999-12-31T23:59", 9999, 12, 31, 23 + 59 / 60.0},
        {"2018-01-05T12:30", 2018, 1, 5, 12.5},
        {"2018-01-05 12:30:00", 2018, 1, 5, 12.5},
        {"2018-01-05 12:30:00.000", 2018, 1, 5, 12.5},
        {"2018-01-05t12:30:36,5Z", 2018, 1, 5, 12.5 + 36.5 / 3600},
        {"2018-01-05 12:30:00 UTC", 2018, 1, 5, 12.5},
        {"2018-01-05T12:30:00+05:00", 2018, 1, 5, 7.5},
        {"2018-01-05T12:30:00-0530", 2018, 1, 5, 18},
        {"2018-01-05T02:30:00+05", 2018, 1, 4, 21.5},
        {"1/31/2018 12:00:00 AM", 2018, 1, 31, 0},
        {"1/31/2018 9:15 PM", 2018, 1, 31, 21.25},
        {"20180131 06:00", 2018, 1, 31, 6},
    };
    for (size_t w = 0; w < sizeof want / sizeof *want; w++) {
        double expected = date_from_civil(want[w].year, want[w].month, want[w].day) + want[w].hours / 24;
        if (!(fabs(days(want[w].text, ORDER_TOLD) - expected) < 1e-9))
            fail_msg("\"%s\" is %.9f, not %.9f", want[w].text, days(want[w].text, ORDER_TOLD), expected);
    }
}

static void test_none(void **state) {
    (void)state;
    static const char *const none[] = {"",
                                       "soon",
                                       "2018-02-30",
                                       "20180230",
                                       "2018-13-01",
                                       "2018-1-1x",
                                       "18-01-31",
                                       "1/31/18",
                                       "31/31/2018",
                                       "0/1/2018",
                                       "2018-01-31T",
                                       "2018-01-31 25:00",
                                       "2018-01-31T12",
                                       "2018-01-31T12:60",
                                       "2018-01-31T12:30:61",
                                       "2018-01-31 13:00 PM",
                                       "2018-01-31T12:30+5",
                                       "2018-01-31T12:30+25:00",
                                       "2018-01-31 12:30 CET",
                                       "10000-01-01",
                                       "2018-01/31",
                                       "2018--9-05",
                                       "2018-06-31",
                                       "1,5",
                                       "20180131x",
                                       "2018-01T12:00",
                                       "123456789",
                                       "2018-00-05"};
    moment_t moment;
    for (size_t n = 0; n < sizeof none / sizeof *none; n++)
        if (moment_parse(none[n], ORDER_TOLD, &moment) != MOMENT_NONE) fail_msg("\"%s\" is read", none[n]);
}

static void test_order(void **state) {
    (void)state;
    moment_t moment;
    assert_int_equal(moment_parse("3/4/2018", ORDER_TOLD, &moment), MOMENT_EITHER);
    CHECK_NEAR(days("3/4/2018", ORDER_MDY), date_from_civil(2018, 3, 4), 0);
    CHECK_NEAR(days("3/4/2018", ORDER_DMY), date_from_civil(2018, 4, 3), 0);
    assert_int_equal(moment_parse("3/13/2018", ORDER_DMY, &moment), MOMENT_NONE);
    assert_int_equal(moment_parse("13/3/2018", ORDER_MDY, &moment), MOMENT_NONE);
    assert_int_equal(moment_parse("3/4/2018", ORDER_YMD, &moment), MOMENT_NONE);
    CHECK_NEAR(days("2018-03-04", ORDER_DMY), date_from_civil(2018, 3, 4), 0);
    assert_true(moment_parse("3/13/2018", ORDER_TOLD, &moment) == MOMENT_READ && moment.order == ORDER_MDY);
    assert_true(moment_parse("13/3/2018", ORDER_TOLD, &moment) == MOMENT_READ && moment.order == ORDER_DMY);
    assert_true(moment_parse("3/3/2018", ORDER_TOLD, &moment) == MOMENT_READ && moment.order == ORDER_TOLD);
}

static void test_unknown_days(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int month, n_days;
    } want[] = {{"1994-06--9", 6, 30},  {"1994-06-", 6, 30},  {"1994-06", 6, 30},    {"1994-06-00", 6, 30},
                {"1994-02-XX", 2, 28},  {"1994-02-?", 2, 28}, {"1994-02-NA", 2, 28}, {"1994/02/99", 2, 28},
                {"19940600", 6, 30},    {"199406", 6, 30},    {"1994", 1, 365},      {"1994--9--9", 1, 365},
                {"1994-00-00", 1, 365}, {"1994--", 1, 365},   {"19940000", 1, 365}};
    for (size_t w = 0; w < sizeof want / sizeof *want; w++) {
        moment_t moment;
        if (moment_parse(want[w].text, ORDER_TOLD, &moment) != MOMENT_READ ||
            moment.n_days != want[w].n_days || moment.day != date_from_civil(1994, want[w].month, 1))
            fail_msg("\"%s\": %d days from %.0f", want[w].text, moment.n_days, moment.day);
    }
}

/* Every day of a month is drawn, none outside; by what the row says alone. */
static void test_draws(void **state) {
    (void)state;
    moment_t moment;
    int counts[29] = {0};
    assert_int_equal(moment_parse("1994-02", ORDER_TOLD, &moment), MOMENT_READ);
    for (int n = 0; n < 2800; n++) {
        char name[16];
        snprintf(name, sizeof name, "%d", n);
        const char *const names[] = {name, "b"};
        double day = moment_draw(&moment, 2, names) - moment.day;
        assert_true(day >= 0 && day < 28 && day == floor(day));
        CHECK_NEAR(moment_draw(&moment, 2, names) - moment.day, day, 0);
        counts[(int)day]++;
    }
    for (int d = 0; d < 28; d++) CHECK_SHARE_5_SIGMA(counts[d], 2800, 1 / 28.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_none),
                                       cmocka_unit_test(test_order), cmocka_unit_test(test_unknown_days),
                                       cmocka_unit_test(test_draws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
