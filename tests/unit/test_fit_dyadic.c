/* Robust intervals hold where actors differ, where ties do and where both do, in what the model does not
 * read; an error that ignores what ties of one actor have in common is caught. A right interval of 95 % holds
 * the truth in fewer than 32 of 40 sets with probability 0.0006. */
#include "../support/dyadic.h"

enum { N_SETS = 40 };

static void test_cover(void **state) {
    (void)state;
    for (int d = 0; d < N_DYADIC; d++) {
        const dyadic_t *design = &dyadic_designs[d];
        cover_t cover = dyadic_cover(design, N_SETS, NULL);
        CHECK_MEAN_5_SIGMA(&cover.estimate, DYADIC_COEFFICIENT);
        assert_in_range(cover.robust, 32, N_SETS);
        assert_true(cover.model_based < 32);
        if (design->actor_sd > 0) assert_true(cover.clustered < 32); /* the twin */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cover)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
