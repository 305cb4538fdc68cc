/* test_fit_dyadic.c with 200 sets, also with random effects of ties, of actors, and of both. A right interval
 * of 95 % holds the truth fewer than 180 times with probability 0.0012 and always with 0.00004. */
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

/* Effects of actors alone do not hold where ties differ; those of both hold in each design. */
static void test_actors(void **state) {
    (void)state;
    const likelihood_options_t actors = {.actor_effects_sd = 0.5, .actor_spread = true},
                               both = {.actor_effects_sd = 0.5,
                                       .actor_spread = true,
                                       .random_effects_sd = 0.5,
                                       .spread = true};
    for (int d = 0; d < N_DYADIC; d++) {
        const dyadic_t *design = &dyadic_designs[d];
        if (design->tie_sd > 0) {
            cover_t alone = dyadic_cover(design, N_SETS, &actors);
            print_message("  sd of actors %.3f\n", sqrt(alone.variance.mean));
        }
        cover_t cover = dyadic_cover(design, N_SETS, &both);
        print_message("  sd of actors %.3f, correlation of an actor's two %.3f\n", sqrt(cover.variance.mean),
                      cover.correlation.mean);
        CHECK_MEAN_5_SIGMA(&cover.estimate, DYADIC_COEFFICIENT);
        assert_in_range(cover.robust, 180, N_SETS - 1);
        if (design->actor_sd > 0) CHECK_MEAN_5_SIGMA(&cover.variance, design->actor_sd * design->actor_sd);
        if (design->directed) CHECK_MEAN_5_SIGMA(&cover.correlation, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cover), cmocka_unit_test(test_actors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
