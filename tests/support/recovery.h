/* Parameters that made simulated events are found again: shared by the quick test and the long one. */
#ifndef ENTENTE_TESTS_RECOVERY_H
#define ENTENTE_TESTS_RECOVERY_H

#include "check.h"
#include "toy.h"

#include "fit/likelihood/residuals.h"

typedef struct {
    const char *name;
    void (*make)(model_t *m); /* kind 0 is fitted */
    likelihood_options_t options;
} recipe_t;

static inline void make_poisson(model_t *m) {
    toy_init(m, 6, 1, 60);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.2 * DAYS_PER_YEAR;
    for (int a = 0; a < m->n_actors; a++) m->actors[a].gdp_usd = exp(25 + 0.7 * a);
    toy_terms(m, &m->kinds[0].log_rate, 1)[0] = (term_t){
        .statistic = &statistics[STATISTIC_LOG_GDP_TARGET], .ref = -1, .coefficient = 0.4, .reference = 26};
    m->kinds[0].season.has_weekday = true;
    for (int d = 0; d < 7; d++) m->kinds[0].season.weekday[d] = d < 5 ? 1.2 : 0.5;
}

static inline void make_hawkes(model_t *m) {
    toy_init(m, 6, 1, 150);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.1 * DAYS_PER_YEAR;
    toy_excite(m, 0, 0, RELATION_SAME, 0.4, 0.5);
    toy_excite(m, 0, 0, RELATION_REVERSED, 0.15, 0.5);
}

/* Events warm their tie and the warmth raises the rate. */
static inline void make_state(model_t *m) {
    toy_init(m, 7, 1, 150);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.08 * DAYS_PER_YEAR;
    m->kinds[0].goldstein = 20;
    m->kinds[0].lasting = 0.1;
    for (int e = 0; e < m->n_ties; e++)
        m->ties[e].strength = m->ties[e].alignment = m->ties[e].baseline = 0.8 * (e % 5 - 2) / 2.0;
    term_t *terms = toy_terms(m, &m->kinds[0].log_rate, 2);
    terms[0] = (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1};
    terms[1] = (term_t){
        .statistic = &statistics[STATISTIC_RECIPROCITY], .ref = 0, .coefficient = 0.3, .half_life = 10};
}

/* Excitation and weekdays, whose factors are estimated; their mean is 1. */
static inline void make_seasons(model_t *m) {
    make_hawkes(m);
    m->kinds[0].season.has_weekday = true;
    for (int d = 0; d < 7; d++) m->kinds[0].season.weekday[d] = d < 5 ? 1.2 : 0.5;
}

/* A rate that doubles within the year, beside excitation. */
static inline void make_drift(model_t *m) {
    toy_init(m, 6, 1, 300);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.04 * DAYS_PER_YEAR;
    toy_terms(m, &m->kinds[0].log_rate, 1)[0] =
        (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .coefficient = 0.7};
    toy_excite(m, 0, 0, RELATION_SAME, 0.3, 0.2);
}

/* All at once, with a second kind that also excites. */
static inline void make_mixed(model_t *m) {
    toy_init(m, 7, 2, 150);
    for (int k = 0; k < 2; k++) m->kinds[k].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.08 * DAYS_PER_YEAR;
    m->kinds[1].rate_per_year = 0.05 * DAYS_PER_YEAR;
    m->kinds[1].goldstein = -30;
    for (int e = 0; e < m->n_ties; e++)
        m->ties[e].strength = m->ties[e].alignment = m->ties[e].baseline = 0.8 * (e % 5 - 2) / 2.0;
    toy_terms(m, &m->kinds[0].log_rate, 1)[0] =
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 0.8};
    toy_excite(m, 0, 0, RELATION_SAME, 0.3, 0.6);
    toy_excite(m, 0, 1, RELATION_REVERSED, 0.5, 0.3);
}

static const recipe_t recipes[] = {
    {"poisson", make_poisson, {0}}, {"hawkes", make_hawkes, {0}},
    {"state", make_state, {0}},     {"mixed", make_mixed, {0}},
    {"drift", make_drift, {0}},     {"seasons", make_seasons, {.weekdays = true}}};
enum { N_RECIPES = sizeof recipes / sizeof *recipes };

#define RECOVERY_SEED 20260101

/* The held events of a replicate, ordered by time; the caller frees. */
static inline observed_t *observe(const result_t *result, int *n) {
    const log_t *log = &result->log;
    observed_t *events = calloc((size_t)log->n + 1, sizeof *events);
    *n = 0;
    for (int r = 0; r < log->n; r++)
        if (log->status[r] == STATUS_HELD)
            events[(*n)++] =
                (observed_t){log->time[r], log->kind[r], log->initiator[r], log->target[r], NAN, NULL};
    return events;
}

/* Those of a replicate of a model, which is finished, by an engine of its own; the caller frees. */
static inline observed_t *simulate(model_t *model, uint64_t seed, uint32_t replicate, int *n) {
    engine_t *engine;
    observation_t observation;
    result_t result;
    model->output.events = true;
    assert_int_equal(model_finish(model), 0);
    assert_int_equal(engine_init(&engine, model, seed), 0);
    assert_int_equal(observation_init(&observation, model), 0);
    observation.events = true;
    assert_int_equal(result_init(&result, model, &observation), 0);
    assert_int_equal(engine_run(engine, replicate, 0, 0, NULL, &observation, &result), 0);
    observed_t *events = observe(&result, n);
    result_free(&result);
    observation_free(&observation);
    engine_free(engine);
    return events;
}

/* Simulates `n_sets` sets and fits each. Estimates must be unbiased within five standard errors of their
 * mean, 50 % intervals hold the truth half of the time within five standard errors, and the share of 95 %
 * intervals that do lie in [least_cover, most_cover]: errors told too small or too large are seen. */
static inline void recover(const recipe_t *recipe, int n_sets, double least_cover, double most_cover) {
    model_t model;
    engine_t *engine;
    observation_t observation;
    result_t result;
    recipe->make(&model);
    model.output.events = true;
    assert_int_equal(model_finish(&model), 0);
    assert_int_equal(engine_init(&engine, &model, RECOVERY_SEED), 0);
    assert_int_equal(observation_init(&observation, &model), 0);
    observation.events = true;
    assert_int_equal(result_init(&result, &model, &observation), 0);

    enum { MOST = 16 };
    moments_t moments[MOST] = {0};
    double truth[MOST];
    int n = 0, covered[MOST] = {0}, half[MOST] = {0}, fitted = 0;
    int rejected[2][2][RESIDUALS_N] = {0}; /* of the truth, of the estimates; by KS, by serial correlation */
    for (int r = 0; r < n_sets; r++) {
        int n_events;
        assert_int_equal(engine_run(engine, (uint32_t)r, 0, 0, NULL, &observation, &result), 0);
        observed_t *events = observe(&result, &n_events);
        likelihood_t *likelihood;
        likelihood_fit_t fit;
        residuals_t residuals[RESIDUALS_N];
        fault_t err = {0};
        if (likelihood_init(&likelihood, &model, 0, n_events, events, model.horizon, &recipe->options, &err))
            fail_msg("%s", err.text);
        n = likelihood_n_parameters(likelihood);
        likelihood_parameters(likelihood, truth);
        if (recipe->options.weekdays) /* relative to Monday's; estimates have mean 1 */
            for (int d = 1; d <= 7; d++) truth[n - d] += log(model.kinds[0].season.weekday[0]);
        assert_int_equal(likelihood_fit(likelihood, false, &fit), 0);
        if (!fit.maximum.converged) print_message("%s, set %d: %s\n", recipe->name, r, fit.maximum.told);
        if (fit.maximum.converged && fit.n_at_edge == 0) {
            fitted++;
            for (int i = 0; i < n; i++) {
                moments_add(&moments[i], fit.maximum.x[i]);
                covered[i] += fabs(fit.maximum.x[i] - truth[i]) < 1.959964 * fit.maximum.se[i];
                half[i] += fabs(fit.maximum.x[i] - truth[i]) < 0.674490 * fit.maximum.se[i];
            }
        }
        /* under the truth the increments are Exp(1) */
        for (int at = 0; at < 2; at++) {
            assert_int_equal(residuals_init(residuals, likelihood, at ? fit.maximum.x : truth), 0);
            for (int g = 0; g < RESIDUALS_N; g++) {
                if (!at) CHECK_NEAR(residuals[g].mean, 1, 5 / sqrt(residuals[g].n));
                rejected[at][0][g] += residuals[g].ks > (at ? residuals_ks_level(g) : RESIDUALS_KS_LEVEL);
                rejected[at][1][g] += fabs(residuals[g].serial) > RESIDUALS_SERIAL_LEVEL;
            }
            residuals_free(residuals);
        }
        likelihood_fit_free(&fit);
        likelihood_free(likelihood);
        free(events);
    }
    for (int i = 0; i < n; i++) {
        print_message("%-8s parameter %d: truth %8.4f, mean %8.4f, sd %.4f, 95 %% intervals cover %d, 50 %% "
                      "intervals %d of %d\n",
                      recipe->name, i, truth[i], moments[i].mean, sqrt(moments_var(&moments[i])), covered[i],
                      half[i], fitted);
        CHECK_MEAN_5_SIGMA(&moments[i], truth[i]);
        CHECK_SHARE_5_SIGMA(half[i], fitted, 0.5);
        assert_in_range(covered[i], ceil(least_cover * fitted), most_cover * fitted);
    }
    print_message("%-8s fitted %d of %d\n", recipe->name, fitted, n_sets);
    assert_true(fitted >= 0.95 * n_sets);
    for (int g = 0; g < RESIDUALS_N; g++)
        print_message(
            "%-8s %s: at 5 %% KS rejects the truth %d, the estimates %d, serial correlation %d, %d\n",
            recipe->name, residuals_names[g], rejected[0][0][g], rejected[1][0][g], rejected[0][1][g],
            rejected[1][1][g]);
    /* The level, within five standard errors: of the truth from both sides, of the estimates from above. */
    for (int at = 0; at < 2; at++)
        for (int test = 0; test < 2; test++) {
            int all = 0;
            for (int g = 0; g < RESIDUALS_N; g++) {
                all += rejected[at][test][g];
                assert_true(rejected[at][test][g] <= 0.05 * n_sets + 5 * sqrt(0.05 * 0.95 * n_sets));
            }
            if (!at) CHECK_SHARE_5_SIGMA(all, RESIDUALS_N * n_sets, 0.05);
        }
    result_free(&result);
    observation_free(&observation);
    engine_free(engine);
    model_free(&model);
}

#endif
