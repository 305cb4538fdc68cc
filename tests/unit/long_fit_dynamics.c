/* Parameters of ties that made simulated events are found again, in 200 sets of two sizes: intervals hold
 * them in at least 90 of 100. The quick test is test_fit_dynamics.c. */
#include "../support/dynamics.h"

enum { SETS = 200 };

static void check(double days) {
    recovered_t found;
    recover_moving(SETS, days, 1, &found);
    assert_in_range(found.fitted, 0.97 * SETS, SETS);
    for (int d = 0; d < 2; d++) assert_in_range(found.profile[d], ceil(0.90 * found.fitted), SETS);
    for (int i = 0; i < 2; i++) CHECK_MEAN_5_SIGMA(&found.moments[i], 0);
}

static void test_few_events(void **state) {
    (void)state;
    check(250);
}

static void test_many_events(void **state) {
    (void)state;
    check(1000);
}

/* The twin: events that weigh half as much as the scenario says: the divisor is missed, and the intervals say
 * so.
 */
static void test_a_planted_error(void **state) {
    (void)state;
    recovered_t found;
    recover_moving(SETS / 4, 1000, 2, &found);
    assert_true(found.profile[0] < SETS / 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_few_events), cmocka_unit_test(test_many_events),
                                       cmocka_unit_test(test_a_planted_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
