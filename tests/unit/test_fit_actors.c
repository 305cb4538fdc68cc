/* Random effects of actors: derivatives against differences, the integral against a grid, and intervals,
 * standard deviations and correlations over simulated sets. */
#include "../support/dyadic.h"

#include "fit/likelihood/actors.h"

#include <gsl/gsl_linalg.h>

/* An actor's two effects go together: a prior that no estimate would be. */
static actor_effects_t some_effects(const model_t *m, bool directed) {
    actor_effects_t actors = {.n_actors = m->n_actors,
                              .n_sides = directed ? 2 : 1,
                              .variance = {0.25, 0.4},
                              .covariance = directed ? 0.1 : 0};
    actors.effects = calloc((size_t)(2 * m->n_actors), sizeof *actors.effects);
    for (int b = 0; b < actors.n_actors * actors.n_sides; b++) actors.effects[b] = 0.1 * (b % 5 - 2);
    return actors;
}

static void test_derivatives(void **state) {
    (void)state;
    static const likelihood_options_t all[] = {{.actor_effects_sd = 0.5},
                                               {.actor_effects_sd = 0.5, .weekdays = true, .months = true},
                                               {.actor_effects_sd = 0.5, .random_effects_sd = 0.7}};
    enum { N_OPTIONS = sizeof all / sizeof *all, MOST = 80 };
    static double x[MOST], g[MOST], up[MOST], down[MOST], information[MOST * MOST];
    for (int c = 0; c < 2 * N_OPTIONS; c++) {
        const dyadic_t *design = &dyadic_designs[c % 2 ? 2 : 0];
        model_t m;
        int n;
        dyadic_model(&m, design, 3);
        toy_excite(&m, 0, 0, RELATION_SAME, 0.2, 3);
        observed_t *events = dyadic_events(&m, 3, &n);
        likelihood_options_t options = all[c / 2];
        actor_effects_t start = some_effects(&m, design->directed);
        options.actor_start = &start;
        likelihood_t *self;
        assert_int_equal(likelihood_init(&self, &m, 0, n < 200 ? n : 200, events, 100, &options, NULL), 0);
        int n_own = likelihood_n_parameters(self), n_all = n_estimates(self);
        assert_true(n_all < MOST);
        likelihood_parameters(self, x);
        for (int i = 0; i < n_own; i++) x[i] += 0.01 * (i % 3);
        for (int b = n_own; b < n_all; b++) x[b] = start.effects[b - n_own];
        double value = actors_value(self, x, g, information), h = 1e-5;
        double penalised = likelihood_value(self, x, up, NULL);
        assert_true(isfinite(value) && value < penalised); /* the prior's part */
        for (int i = 0; i < n_all; i++) {
            double at = x[i];
            x[i] = at + h;
            double above = actors_value(self, x, up, NULL);
            x[i] = at - h;
            double below = actors_value(self, x, down, NULL);
            x[i] = at;
            CHECK_NEAR((above - below) / (2 * h), g[i], 1e-5 * (1 + fabs(g[i])));
            for (int j = 0; j < n_all; j++)
                CHECK_NEAR(-(up[j] - down[j]) / (2 * h), information[i * n_all + j],
                           1e-5 * (1 + fabs(information[i * n_all + j])));
        }
        likelihood_free(self);
        actor_effects_free(&start);
        free(events);
        model_free(&m);
    }
}

/* ---- the integral ------------------------------------------------------------------------------------ */

/* The mode of the effects, by Newton's steps; the parameters stay. */
static void find_mode(likelihood_t *self, double *x, int n, int all, double *work) {
    double *g = work, *information = work + all;
    int m = all - n;
    for (int step = 0; step < 50; step++) {
        actors_value(self, x, g, information);
        gsl_matrix_view h =
            gsl_matrix_view_array_with_tda(information + n * all + n, (size_t)m, (size_t)m, (size_t)all);
        gsl_vector_view b = gsl_vector_view_array(g + n, (size_t)m);
        assert_int_equal(gsl_linalg_cholesky_decomp1(&h.matrix), 0);
        assert_int_equal(gsl_linalg_cholesky_svx(&h.matrix, &b.vector), 0);
        for (int i = 0; i < m; i++) x[n + i] += g[n + i];
    }
}

/* Of two actors and one tie only the flows' sums of two effects matter, normal with these moments: the log of
 * the integral of L over them. */
static double on_a_grid(likelihood_t *self, const double *x, double variance, double covariance,
                        bool directed) {
    enum { SIDE = 80 };
    const double step = 0.06, rest = directed ? variance - covariance * covariance / variance : 1;
    double sum = 0, g[8], effects[4] = {0};
    actor_effects_t actors = {.effects = effects};
    for (int a = -SIDE; a <= SIDE; a++)
        for (int b = directed ? -SIDE : 0; b <= (directed ? SIDE : 0); b++) {
            double u = step * a, v = step * b, left = v - covariance / variance * u;
            effects[0] = u, effects[2] = v; /* of both as initiators, all else 0 */
            likelihood_set_actors(self, &actors);
            double log_l = likelihood_value(self, x, g, NULL);
            double density = exp(log_l - u * u / (2 * variance)) / sqrt(2 * M_PI * variance);
            sum += step * density *
                   (directed ? step * exp(-left * left / (2 * rest)) / sqrt(2 * M_PI * rest) : 1);
        }
    return log(sum);
}

static void test_integral(void **state) {
    (void)state;
    for (int directed = 0; directed < 2; directed++) {
        model_t m;
        likelihood_t *self;
        double x[8], work[8 + 64];
        observed_t events[60];
        toy_init(&m, 2, 1, 60);
        m.kinds[0].scope = directed ? SCOPE_DIRECTED : SCOPE_DYAD;
        m.kinds[0].rate_per_year = 0.4 * DAYS_PER_YEAR;
        assert_int_equal(model_finish(&m), 0);
        for (int e = 0; e < 60; e++) events[e] = (observed_t){e + 0.5, 0, e % 3 == 0, e % 3 != 0, NAN, NULL};
        actor_effects_t start = some_effects(&m, directed);
        start.variance[0] = 0.5, start.variance[1] = 0.7;
        const likelihood_options_t options = {.actor_effects_sd = 1, .actor_start = &start};
        assert_int_equal(likelihood_init(&self, &m, 0, 60, events, 60, &options, NULL), 0);
        int n = likelihood_n_parameters(self), all = n_estimates(self);
        likelihood_parameters(self, x);
        for (int b = n; b < all; b++) x[b] = 0;
        find_mode(self, x, n, all, work);
        double laplace = actors_log_l(self, x);
        double exact =
            on_a_grid(self, x, start.variance[0] + start.variance[directed], 2 * start.covariance, directed);
        print_message("%s: Laplace %.4f, grid %.4f\n", directed ? "directed" : "undirected", laplace, exact);
        CHECK_NEAR(laplace, exact, 0.01);
        likelihood_free(self);
        actor_effects_free(&start);
        model_free(&m);
    }
}

/* ---- sets -------------------------------------------------------------------------------------------- */

/* A right interval of 95 % holds the truth in fewer than 32 of 40 sets with probability 0.0006. */
static void test_cover(void **state) {
    (void)state;
    enum { N_SETS = 40 };
    const likelihood_options_t estimated = {.actor_effects_sd = 0.5, .actor_spread = true},
                               too_small = {.actor_effects_sd = 0.05};
    const dyadic_t *design = &dyadic_designs[0];
    cover_t cover = dyadic_cover(design, N_SETS, &estimated);
    CHECK_MEAN_5_SIGMA(&cover.estimate, DYADIC_COEFFICIENT);
    CHECK_MEAN_5_SIGMA(&cover.variance, design->actor_sd * design->actor_sd);
    assert_in_range(cover.robust, 32, N_SETS);
    cover = dyadic_cover(design, N_SETS, &too_small); /* the twin */
    assert_true(cover.robust < 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_derivatives), cmocka_unit_test(test_integral),
                                       cmocka_unit_test(test_cover)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
