/* 100 data sets of each recipe: estimates unbiased, 95 % intervals cover 88 % or more of the truths (a right
 * program falls below once in a thousand: 95 % less three and a quarter standard errors). */
#include "../support/recovery.h"

static void test_recovery(void **state) {
    (void)state;
    for (int r = 0; r < N_RECIPES; r++) recover(&recipes[r], 100, 0.88);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recovery)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
