/* What is read from tables of observed events: moments, the end of the data, who and what. */
#include "observed/events.h"

#include "../support/check.h"
#include "../support/toy.h"

#include <unistd.h>

/* Reads the text as a file of events for four actors and two directed kinds, from `start` on. */
static int import(model_t *m, events_t *events, const char *start, double until, const char *text) {
    char path[] = "/tmp/test_observed_events.XXXXXX";
    fault_t err = {0};
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && !close(file));
    toy_init(m, 4, 2, 365);
    for (int k = 0; k < 2; k++) m->kinds[k].scope = SCOPE_DIRECTED;
    assert_true(date_parse(start, &m->start, NULL));
    assert_int_equal(model_finish(m), 0);
    const char *const files[] = {path};
    const events_source_t source = {.n_files = 1, .files = files};
    int ret = events_import(events, m, &source, until, NULL, &err);
    unlink(path);
    return ret;
}

static void test_time_of_day(void **state) {
    (void)state;
    model_t m;
    events_t events;
    assert_int_equal(import(&m, &events, "2018-01-01", INFINITY,
                            "date,initiator,target,kind\n"
                            "2018-03-02T06:00,A0,B1,kind0\n"
                            "2018-03-01T18:30:36,B1,A0,kind1\n"
                            "2017-12-31T12:00Z,A0,B1,kind0\n"
                            "2018-03-01T18:30:36,C2,A0,kind1\n"),
                     0);
    assert_int_equal(events.n, 4);
    const double want[] = {-0.5, 59 + 18.51 / 24, 59 + 18.51 / 24, 60.25};
    for (int e = 0; e < 4; e++) CHECK_NEAR(events.items[e].time, want[e], 1e-9);
    assert_int_equal(events.items[1].initiator, 1);
    assert_int_equal(events.items[2].initiator, 2);
    CHECK_NEAR(events.last, 61, 0);
    events_free(&events);
    model_free(&m);
}

/* A date alone: a moment within its day, the same in any order of the rows, and not the same for all. */
static void test_dates(void **state) {
    (void)state;
    static const char *const rows[] = {"2018-01-01,A0,B1,kind0\n", "2018-01-31,B1,A0,kind0\n",
                                       "2018-01-31,A0,B1,kind0\n", "2018-01-31,A0,B1,kind1\n"};
    double times[2][4];
    for (int turn = 0; turn < 2; turn++) {
        model_t m;
        events_t events;
        char text[512] = "date,initiator,target,kind\n";
        for (int r = 0; r < 4; r++) strcat(text, rows[turn ? 3 - r : r]);
        assert_int_equal(import(&m, &events, "2018-01-01", INFINITY, text), 0);
        assert_int_equal(events.n, 4);
        assert_int_equal(events.files[0].disordered, turn ? 1 : 0);
        for (int e = 0; e < 4; e++) {
            times[turn][e] = events.items[e].time;
            assert_int_equal(floor(events.items[e].time), e ? 30 : 0);
        }
        CHECK_NEAR(events.last, 31, 0); /* the last day is whole */
        events_free(&events);
        model_free(&m);
    }
    for (int e = 0; e < 4; e++) CHECK_NEAR(times[0][e], times[1][e], 0);
    assert_true(times[0][1] < times[0][2] && times[0][2] < times[0][3]);
}

/* Rows from `until` on are counted and tell that data were taken until then; so does what is left out for
 * another reason. */
static void test_end(void **state) {
    (void)state;
    static const char *const text = "date,initiator,target,kind\n"
                                    "2018-01-10,A0,B1,kind0\n"
                                    "2018-01-20,A0,ZZ,kind0\n"
                                    "2018-01-31T23:59:59,A0,B1,kind0\n"
                                    "2018-02-01,A0,B1,kind0\n";
    model_t m;
    events_t events;
    assert_int_equal(import(&m, &events, "2018-01-01", 31, text), 0);
    assert_int_equal(events.n, 2);
    assert_int_equal(events.dropped[DROP_AFTER], 1);
    assert_int_equal(events.dropped[DROP_ACTOR], 1);
    CHECK_NEAR(events.items[1].time, 31 - 1.0 / 86400, 1e-9);
    CHECK_NEAR(events.last, 31, 0);
    events_free(&events);
    model_free(&m);
    assert_int_equal(import(&m, &events, "2018-01-01", 25, text), 0);
    CHECK_NEAR(events.last, 25, 0);
    events_free(&events);
    model_free(&m);
    assert_int_equal(import(&m, &events, "2018-01-01", 40, text), 0);
    CHECK_NEAR(events.last, 32, 0);
    events_free(&events);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_time_of_day), cmocka_unit_test(test_dates),
                                       cmocka_unit_test(test_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
