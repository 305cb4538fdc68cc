/* Ten million arguments of each elementary function against MPFR. */
#include "support/elementary.h"

static void test_errors(void **state) {
    (void)state;
    for (int r = 0; r < N_RANGES; r++) {
        int of_function = 0;
        for (int k = 0; k < N_RANGES; k++) of_function += !strcmp(ranges[k].name, ranges[r].name);
        range_check(r, 10000000 / of_function);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
