/* What is fitted to may begin after the scenario's start: it is as if the scenario began then, with what
 * happened before as its past. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/rng.h"
#include "fit/likelihood/hidden.h"
#include "fit/likelihood/residuals.h"

enum { N_EVENTS = 240, FROM = 47, UNTIL = 130, N_PLACES = 12 };

/* Two directed kinds; excitation by all relations, counts, a season and a drift. `shift`: the start is so
 * much later. */
static void make(model_t *m, double shift) {
    toy_init(m, 4, 2, 200);
    for (int k = 0; k < 2; k++) m->kinds[k].scope = SCOPE_DIRECTED;
    kind_t *kind = &m->kinds[0];
    m->start = date_from_civil(2018, 1, 15) + shift;
    kind->rate_per_year = 0.1 * DAYS_PER_YEAR;
    kind->season.has_weekday = kind->season.has_month = true;
    for (int d = 0; d < 12; d++) kind->season.month[d] = 0.7 + 0.05 * d;
    for (int d = 0; d < 7; d++) kind->season.weekday[d] = d < 5 ? 1.1 : 0.6;
    for (int r = 0; r < RELATION_N; r++)
        toy_excite(m, 0, r % 2, (relation_t)r, 0.05 + 0.02 * r, 0.1 + 0.1 * r);
    term_t *terms = toy_terms(m, &kind->log_rate, 2);
    terms[0] =
        (term_t){.statistic = &statistics[STATISTIC_INERTIA], .ref = 0, .coefficient = 0.3, .half_life = 15};
    terms[1] = (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .coefficient = 0.5};
    terms[1].reference = -shift / DAYS_PER_YEAR;
    assert_int_equal(model_finish(m), 0);
}

/* From before the start on, more and more. */
static void make_events(observed_t *events, double shift) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(0, "events"), 0);
    for (int e = 0; e < N_EVENTS; e++) {
        int i = (int)(4 * rng_stream_unit(&stream)), j = (i + 1 + (int)(3 * rng_stream_unit(&stream))) % 4;
        double time = -5 + 0.58 * (e + rng_stream_unit(&stream));
        events[e] = (observed_t){time - shift, rng_stream_unit(&stream) < 0.3, i, j, NAN, NULL};
    }
}

typedef struct {
    model_t model;
    likelihood_t *likelihood;
    double left_truncated[2 * N_PLACES], hidden[N_EVENTS];
} side_t;

/* Begins within, or is shifted to begin at the start. */
static void open_side(side_t *side, bool shifted, bool once_a_day, bool seasons) {
    double shift = shifted ? FROM : 0;
    observed_t events[N_EVENTS];
    fault_t err = {0};
    make(&side->model, shift);
    make_events(events, shift);
    for (int c = 0; c < 2 * N_PLACES; c++) side->left_truncated[c] = 0.01 * (1 + c % 3);
    for (int e = 0; e < N_EVENTS; e++) side->hidden[e] = 0.1 * (e % 2);
    const likelihood_options_t options = {.from = FROM - shift,
                                          .begin = -6 - shift,
                                          .left_truncated = side->left_truncated,
                                          .hidden = once_a_day ? side->hidden : NULL,
                                          .once_a_day = once_a_day,
                                          .weekdays = seasons,
                                          .months = seasons,
                                          .random_effects_sd = seasons ? 0.5 : 0};
    if (likelihood_init(&side->likelihood, &side->model, 0, N_EVENTS, events, UNTIL - shift, &options, &err))
        fail_msg("%s", err.text);
}

static void close_side(side_t *side) {
    likelihood_free(side->likelihood);
    model_free(&side->model);
}

static void test_as_if_it_began_then(void **state) {
    (void)state;
    static side_t sides[2];
    for (int options = 0; options < 4; options++) {
        double x[40] = {0}, again[40] = {0}, g[2][40] = {{0}}, value[2], spread[2][N_PLACES],
               hidden[2][N_EVENTS] = {{0}};
        residuals_t residuals[2][RESIDUALS_N];
        for (int s = 0; s < 2; s++) {
            open_side(&sides[s], s, options & 1, options & 2);
            likelihood_parameters(sides[s].likelihood, s ? again : x);
            value[s] = likelihood_value(sides[s].likelihood, x, g[s], NULL);
            assert_int_equal(likelihood_spread(sides[s].likelihood, x, 100, spread[s]), 0);
            assert_int_equal(likelihood_hidden(sides[s].likelihood, x, hidden[s]), 0);
            assert_int_equal(residuals_init(residuals[s], sides[s].likelihood, x), 0);
        }
        assert_true(isfinite(value[0]));
        assert_int_equal(likelihood_n_events(sides[0].likelihood), likelihood_n_events(sides[1].likelihood));
        assert_true(likelihood_n_events(sides[0].likelihood) < 0.6 * N_EVENTS);
        CHECK_NEAR(value[0], value[1], 1e-7 * fabs(value[1]));
        for (int i = 0; i < likelihood_n_parameters(sides[0].likelihood); i++) {
            CHECK_NEAR(x[i], again[i], 1e-12);
            CHECK_NEAR(g[0][i], g[1][i], 1e-6 * (1 + fabs(g[1][i])));
        }
        for (int c = 0; c < N_PLACES; c++) CHECK_NEAR(spread[0][c], spread[1][c], 1e-8);
        for (int e = 0; e < N_EVENTS; e++) CHECK_NEAR(hidden[0][e], hidden[1][e], 1e-8);
        for (int r = 0; r < RESIDUALS_N; r++) {
            assert_int_equal(residuals[0][r].n, residuals[1][r].n);
            CHECK_NEAR(residuals[0][r].expected, residuals[1][r].expected, 1e-6);
            for (int n = 0; n < residuals[0][r].n; n++)
                CHECK_NEAR(residuals[0][r].gaps[n], residuals[1][r].gaps[n], 1e-6);
        }
        for (int s = 0; s < 2; s++) {
            residuals_free(residuals[s]);
            close_side(&sides[s]);
        }
    }
}

/* And so are the estimates, seasons included: the days before do not tell which factors there are. */
static void test_estimates(void **state) {
    (void)state;
    static side_t sides[2];
    likelihood_fit_t fits[2];
    for (int s = 0; s < 2; s++) {
        open_side(&sides[s], s, false, true);
        assert_int_equal(likelihood_fit(sides[s].likelihood, true, &fits[s]), 0);
        assert_true(fits[s].maximum.converged);
    }
    for (int i = 0; i < likelihood_n_parameters(sides[0].likelihood); i++) {
        assert_int_equal(fits[0].is_free[i], fits[1].is_free[i]);
        CHECK_NEAR(fits[0].maximum.x[i], fits[1].maximum.x[i], 1e-4);
        if (fits[0].is_free[i]) CHECK_NEAR(fits[0].maximum.se[i], fits[1].maximum.se[i], 1e-4);
    }
    for (int s = 0; s < 2; s++) {
        likelihood_fit_free(&fits[s]);
        close_side(&sides[s]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_if_it_began_then),
                                       cmocka_unit_test(test_estimates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
