/* Increments of rescaled time by hand, of events wherever they lie in their place's time. */
#include "fit/likelihood/residuals.h"

#include "../support/check.h"
#include "../support/toy.h"

enum { DAYS = 20 };

/* One kind at an even rate of 0.1 a day on the dyad's two directions; the residuals of these events. */
static void open_residuals(residuals_t residuals[RESIDUALS_N], int n, const observed_t *events,
                           bool once_a_day) {
    model_t m;
    double x[1];
    likelihood_t *likelihood;
    const likelihood_options_t options = {.once_a_day = once_a_day};
    toy_init(&m, 2, 1, DAYS);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].rate_per_year = 0.1 * DAYS_PER_YEAR;
    assert_int_equal(model_finish(&m), 0);
    assert_int_equal(likelihood_init(&likelihood, &m, 0, n, events, DAYS, &options, NULL), 0);
    likelihood_parameters(likelihood, x);
    assert_int_equal(residuals_init(residuals, likelihood, x), 0);
    likelihood_free(likelihood);
    model_free(&m);
}

/* Two places are laid end to end, in two groups of one rate; what each gets together is its events' times at
 * risk. */
static void check_gaps(const residuals_t residuals[RESIDUALS_N], const double want[2][3], const int n[2]) {
    int place = 0;
    for (int g = RESIDUALS_LOW; g < RESIDUALS_N; g++) {
        if (residuals[g].n_places == 0) continue;
        assert_int_equal(residuals[g].n_places, 1);
        assert_int_equal(residuals[g].n, n[place]);
        for (int e = 0; e < n[place]; e++) CHECK_NEAR(residuals[g].gaps[e], want[place][e], 1e-12);
        place++;
    }
    assert_int_equal(place, 2);
}

/* An event on the last day: its place rests until the end, no exposure follows. Of the first place and of the
 * last. */
static void test_on_the_last_day(void **state) {
    (void)state;
    for (int last = 0; last < 2; last++) {
        const observed_t events[] = {{3.25, 0, 0, 1, NAN, NULL},
                                     {7.5, 0, 1, 0, NAN, NULL},
                                     {19.25, 0, last ? 1 : 0, last ? 0 : 1, NAN, NULL}};
        double want[2][3] = {{0.325, 0.1 * (19.25 - 4)}, {0.75}};
        int n[2] = {2, 1};
        if (last) want[1][1] = 0.1 * (19.25 - 8), n[0] = 1, n[1] = 2;
        residuals_t residuals[RESIDUALS_N];
        open_residuals(residuals, 3, events, true);
        check_gaps(residuals, want, n);
        assert_int_equal(residuals[RESIDUALS_POOLED].n, 3);
        for (int e = 0; e < 3; e++) assert_true(residuals[RESIDUALS_POOLED].gaps[e] > 0);
        CHECK_NEAR(residuals[RESIDUALS_POOLED].expected, 0.1 * (2 * DAYS - 0.75 - 0.5 - 0.75), 1e-12);
        residuals_free(residuals);
    }
}

/* With times of day nobody rests: every moment counts. */
static void test_with_times(void **state) {
    (void)state;
    const observed_t events[] = {
        {3.25, 0, 0, 1, NAN, NULL}, {7.5, 0, 1, 0, NAN, NULL}, {19.25, 0, 1, 0, NAN, NULL}};
    const double want[2][3] = {{0.325}, {0.75, 1.175}};
    const int n[2] = {1, 2};
    residuals_t residuals[RESIDUALS_N];
    open_residuals(residuals, 3, events, false);
    check_gaps(residuals, want, n);
    CHECK_NEAR(residuals[RESIDUALS_POOLED].gaps[2], 0.2 * (19.25 - 7.5), 1e-12);
    residuals_free(residuals);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_on_the_last_day),
                                       cmocka_unit_test(test_with_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
