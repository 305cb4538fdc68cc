/* test_fit_dyadic.c with 200 sets, also with random effects of ties. A right interval of 95 % holds the truth
 * fewer than 180 times with probability 0.0012 and always with 0.00004. */
#include "../support/dyadic.h"

enum { N_SETS = 200 };

static void test_cover(void **state) {
    (void)state;
    const likelihood_options_t random_effects = {.random_effects_sd = 0.5, .spread = true};
    for (int d = 0; d < N_DYADIC; d++)
        for (int own = 0; own < 2; own++) {
            const dyadic_t *design = &dyadic_designs[d];
            cover_t cover = dyadic_cover(design, N_SETS, own ? &random_effects : NULL);
            CHECK_MEAN_5_SIGMA(&cover.estimate, DYADIC_COEFFICIENT);
            assert_in_range(cover.robust, 180, N_SETS - 1);
            if (!own) assert_true(cover.model_based < 180);
            if (design->actor_sd > 0) assert_true(cover.clustered < 180); /* the twin */
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cover)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
