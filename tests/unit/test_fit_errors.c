/* The standard errors that a fit reports: by hand for a Poisson model with weekdays, and for all at once by
 * differences, from the information and the scores before the season's mean is made 1. */
#include "../support/recovery.h"

#include <gsl/gsl_linalg.h>

enum { MOST = 40 };

/* What likelihood_fit reports, from the same by another way: x with the first factor of each season 0, its
 * covariance, and what each tie's score moves it by. */
typedef struct {
    int n, n_terms, weekdays, months, n_branchings;
    bool seen_weekday[7], seen_month[12];
} shape_t;

static double fold(const double *logs, const bool *seen, int n) {
    double sum = 0;
    int n_seen = 0;
    for (int f = 0; f < n; f++)
        if (seen[f]) sum += exp(logs[f]), n_seen++;
    return log(sum / n_seen);
}

/* Factors of mean 1; the base rate and the branchings take the rest. */
static void fold_all(const shape_t *shape, const double *x, double *out) {
    double common = fold(x + shape->weekdays, shape->seen_weekday, 7);
    memcpy(out, x, (size_t)shape->n * sizeof *out);
    for (int f = 0; f < 7; f++) out[shape->weekdays + f] = x[shape->weekdays + f] - common;
    if (shape->months) {
        double month = fold(x + shape->months, shape->seen_month, 12);
        for (int f = 0; f < 12; f++) out[shape->months + f] = x[shape->months + f] - month;
        common += month;
    }
    out[0] += common;
    for (int e = 0; e < shape->n_branchings; e++) out[1 + shape->n_terms + 2 * e] *= exp(common);
}

/* The inverse of the information of what is free. */
static void invert(int n, const double *information, const bool *is_free, double *covariance) {
    int which[MOST], n_free = 0, sign;
    double part[MOST * MOST], inverse[MOST * MOST];
    for (int i = 0; i < n; i++)
        if (is_free[i]) which[n_free++] = i;
    for (int i = 0; i < n_free; i++)
        for (int j = 0; j < n_free; j++) part[i * n_free + j] = information[which[i] * n + which[j]];
    size_t size = (size_t)n_free;
    gsl_matrix_view a = gsl_matrix_view_array(part, size, size),
                    b = gsl_matrix_view_array(inverse, size, size);
    gsl_permutation *p = gsl_permutation_alloc(size);
    gsl_linalg_LU_decomp(&a.matrix, p, &sign);
    gsl_linalg_LU_invert(&a.matrix, p, &b.matrix);
    gsl_permutation_free(p);
    memset(covariance, 0, (size_t)(n * n) * sizeof *covariance);
    for (int i = 0; i < n_free; i++)
        for (int j = 0; j < n_free; j++) covariance[which[i] * n + which[j]] = inverse[i * n_free + j];
}

/* Events of a simulated replicate. */
static observed_t *simulate(model_t *m, int *n) {
    engine_t *engine;
    observation_t observation;
    result_t result;
    m->output.events = true;
    assert_int_equal(model_finish(m), 0);
    assert_int_equal(engine_init(&engine, m, 20260101), 0);
    assert_int_equal(observation_init(&observation, m), 0);
    observation.events = true;
    assert_int_equal(result_init(&result, m, &observation), 0);
    assert_int_equal(engine_run(engine, 3, 0, 0, NULL, &observation, &result), 0);
    observed_t *events = observe(&result, n);
    result_free(&result);
    observation_free(&observation);
    engine_free(engine);
    return events;
}

/* Poisson with weekdays: each weekday's rate is its count over its exposure, the log's variance one over the
 * count; what the fit reports are functions of these seven. */
static void test_by_hand(void **state) {
    (void)state;
    model_t m;
    int n;
    make_poisson(&m);
    m.kinds[0].log_rate.n = 0;
    m.horizon = 66; /* not all weekdays as often */
    observed_t *events = simulate(&m, &n);
    const likelihood_options_t options = {.weekdays = true};
    likelihood_t *self;
    likelihood_fit_t fit;
    assert_int_equal(likelihood_init(&self, &m, 0, n, events, m.horizon, &options, NULL), 0);
    assert_int_equal(likelihood_fit(self, false, &fit), 0);
    assert_true(fit.maximum.converged);

    double count[7] = {0}, days[7] = {0}, rate[7], sum = 0, own[MOST][7] = {0};
    for (int d = 0; d < 66; d++) days[date_weekday(m.start + d)]++;
    for (int e = 0; e < n; e++) {
        int weekday = date_weekday(m.start + floor(events[e].time));
        count[weekday]++;
        own[model_tie(&m, events[e].initiator, events[e].target)][weekday]++;
    }
    for (int w = 0; w < 7; w++) sum += rate[w] = count[w] / (days[w] * 2 * m.n_ties);
    for (int i = 0; i < 8; i++) { /* the log of the mean rate, then the logs of the factors */
        double slope[7], variance = 0, meat = 0, want = log(i ? rate[i - 1] / (sum / 7) : sum / 7);
        for (int w = 0; w < 7; w++) slope[w] = i ? (i - 1 == w) - rate[w] / sum : rate[w] / sum;
        for (int w = 0; w < 7; w++) variance += slope[w] * slope[w] / count[w];
        for (int tie = 0; tie < m.n_ties; tie++) {
            double move = 0;
            for (int w = 0; w < 7; w++) move += slope[w] * (own[tie][w] - 2 * days[w] * rate[w]) / count[w];
            meat += move * move;
        }
        CHECK_NEAR(fit.maximum.x[i], want, 1e-6);
        CHECK_NEAR(fit.maximum.se[i] / sqrt(variance), 1, 1e-6);
        CHECK_NEAR(fit.cluster_se[i] / sqrt(meat * m.n_ties / (m.n_ties - 1.0)), 1, 1e-6);
    }
    likelihood_fit_free(&fit);
    likelihood_free(self);
    free(events);
    model_free(&m);
}

/* A statistic, two excitations with their half-lives, weekdays and months. */
static void test_by_differences(void **state) {
    (void)state;
    model_t m;
    int n_events;
    make_seasons(&m);
    for (int a = 0; a < m.n_actors; a++) m.actors[a].gdp_usd = exp(25 + 0.7 * a);
    toy_terms(&m, &m.kinds[0].log_rate, 1)[0] = (term_t){
        .statistic = &statistics[STATISTIC_LOG_GDP_TARGET], .ref = -1, .coefficient = 0.3, .reference = 26};
    observed_t *events = simulate(&m, &n_events);
    const likelihood_options_t options = {.weekdays = true, .months = true};
    likelihood_t *self;
    likelihood_fit_t fit;
    assert_int_equal(likelihood_init(&self, &m, 0, n_events, events, m.horizon, &options, NULL), 0);
    assert_int_equal(likelihood_fit(self, false, &fit), 0);
    assert_true(fit.maximum.converged && fit.n_at_edge == 0);

    shape_t shape = {.n = likelihood_n_parameters(self), .n_terms = 1, .n_branchings = 2};
    int n = shape.n;
    shape.weekdays = 6, shape.months = 13;
    bool is_free[MOST];
    int first_month = 12;
    for (int d = 0; d < (int)m.horizon; d++) {
        int year, month, day;
        date_civil(m.start + d, &year, &month, &day);
        shape.seen_month[month - 1] = shape.seen_weekday[date_weekday(m.start + d)] = true;
        if (month - 1 < first_month) first_month = month - 1;
    }
    for (int i = 0; i < n; i++) is_free[i] = fit.is_free[i];
    is_free[shape.weekdays] = is_free[shape.months + first_month] = false;

    /* back to where the first factors are 1, where the likelihood is the same */
    double x[MOST], g[MOST], information[MOST * MOST], covariance[MOST * MOST], slopes[MOST * MOST];
    double common = fit.maximum.x[shape.weekdays] + fit.maximum.x[shape.months + first_month];
    memcpy(x, fit.maximum.x, (size_t)n * sizeof *x);
    for (int f = 0; f < 7; f++) x[shape.weekdays + f] -= fit.maximum.x[shape.weekdays];
    for (int f = 0; f < 12; f++)
        if (shape.seen_month[f]) x[shape.months + f] -= fit.maximum.x[shape.months + first_month];
    x[0] += common;
    for (int e = 0; e < 2; e++) x[2 + 2 * e] *= exp(common);
    CHECK_NEAR(likelihood_value(self, x, g, information), fit.maximum.log_l, 1e-8);
    invert(n, information, is_free, covariance);
    for (int i = 0; i < n; i++) {
        double at = x[i], h = 1e-5, up[MOST], down[MOST];
        x[i] = at + h, fold_all(&shape, x, up);
        x[i] = at - h, fold_all(&shape, x, down);
        x[i] = at;
        for (int j = 0; j < n; j++) slopes[j * n + i] = (up[j] - down[j]) / (2 * h);
    }
    double *scores = calloc((size_t)(m.n_ties * n), sizeof *scores);
    assert_int_equal(likelihood_scores(self, x, scores), 0);
    for (int i = 0; i < n; i++) {
        double variance = 0, meat = 0, along[MOST] = {0};
        if (!fit.is_free[i]) continue;
        for (int j = 0; j < n; j++)
            for (int l = 0; l < n; l++) along[j] += slopes[i * n + l] * covariance[l * n + j];
        for (int j = 0; j < n; j++) variance += along[j] * slopes[i * n + j];
        for (int tie = 0; tie < m.n_ties; tie++) {
            double move = 0;
            for (int j = 0; j < n; j++) move += along[j] * scores[tie * n + j];
            meat += move * move;
        }
        CHECK_NEAR(fit.maximum.se[i] / sqrt(variance), 1, 1e-5);
        CHECK_NEAR(fit.cluster_se[i] / sqrt(meat * m.n_ties / (m.n_ties - 1.0)), 1, 1e-5);
    }
    free(scores);
    likelihood_fit_free(&fit);
    likelihood_free(self);
    free(events);
    model_free(&m);
}

/* ---- kinds together ---------------------------------------------------------------------------------- */

enum { KINDS = 2, PLACES = 30 };

/* Two Poisson kinds with one coefficient of the target's GDP, and weekdays. */
static void make_pair(model_t *m) {
    toy_init(m, 6, KINDS, 70);
    for (int a = 0; a < m->n_actors; a++) m->actors[a].gdp_usd = exp(25 + 0.7 * a);
    for (int k = 0; k < KINDS; k++) {
        m->kinds[k].scope = SCOPE_DIRECTED;
        m->kinds[k].rate_per_year = (k ? 0.05 : 0.15) * DAYS_PER_YEAR;
        toy_terms(m, &m->kinds[k].log_rate, 1)[0] =
            (term_t){.statistic = &statistics[STATISTIC_LOG_GDP_TARGET],
                     .ref = -1,
                     .coefficient = 0.4,
                     .reference = 26 + k};
    }
}

/* The stacked model by Newton's steps of its own: rates of both kinds and the common coefficient, from the
 * counts of each kind at each place. Estimates, errors of the information and clustered by tie. */
static void stack(const model_t *m, const double count[KINDS][PLACES], double x[3], double se[3],
                  double by_tie[3]) {
    double information[9], inverse[9], gradient[3], score[PLACES / 2][3];
    x[0] = x[1] = -2, x[2] = 0;
    for (int step = 0; step < 50; step++) {
        memset(information, 0, sizeof information), memset(gradient, 0, sizeof gradient);
        memset(score, 0, sizeof score);
        for (int k = 0; k < KINDS; k++)
            for (int place = 0; place < PLACES; place++) {
                double z =
                    log(m->actors[flow_to(m, place)].gdp_usd) - m->kinds[k].log_rate.terms[0].reference;
                double expected = m->horizon * exp(x[k] + x[2] * z), rest = count[k][place] - expected;
                gradient[k] += rest, gradient[2] += rest * z;
                score[place / 2][k] += rest, score[place / 2][2] += rest * z;
                information[4 * k] += expected, information[8] += expected * z * z;
                information[3 * k + 2] += expected * z, information[6 + k] += expected * z;
            }
        bool all[3] = {true, true, true};
        invert(3, information, all, inverse);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) x[i] += inverse[3 * i + j] * gradient[j];
    }
    for (int i = 0; i < 3; i++) {
        double meat = 0;
        for (int tie = 0; tie < PLACES / 2; tie++) {
            double move = 0;
            for (int j = 0; j < 3; j++) move += inverse[3 * i + j] * score[tie][j];
            meat += move * move;
        }
        se[i] = sqrt(inverse[4 * i]);
        by_tie[i] = sqrt(meat * (PLACES / 2) / (PLACES / 2 - 1.0));
    }
}

static void test_a_shared_coefficient(void **state) {
    (void)state;
    model_t m;
    int n;
    make_pair(&m);
    observed_t *events = simulate(&m, &n);
    likelihood_t *parts[KINDS];
    likelihood_fit_t fits[KINDS], alone;
    joint_fit_t together;
    double count[KINDS][PLACES] = {0}, x[3], se[3], by_tie[3], apart = 0;
    for (int e = 0; e < n; e++)
        count[events[e].kind][model_flow(&m, events[e].initiator, events[e].target)]++;
    for (int k = 0; k < KINDS; k++)
        assert_int_equal(likelihood_init(&parts[k], &m, k, n, events, m.horizon, NULL, NULL), 0);
    shared_t shared = {.statistics[STATISTIC_LOG_GDP_TARGET] = true};
    assert_int_equal(likelihood_fit_jointly(KINDS, parts, &shared, true, fits, &together), 0);
    stack(&m, count, x, se, by_tie);
    for (int k = 0; k < KINDS; k++) {
        assert_true(fits[k].maximum.converged);
        assert_int_equal(fits[k].shared[0], -1);
        assert_int_equal(fits[k].shared[1], 1); /* the first kind's */
        for (int i = 0; i < 2; i++) {
            int at = i ? 2 : k;
            CHECK_NEAR(fits[k].maximum.x[i], x[at], 1e-6);
            CHECK_NEAR(fits[k].maximum.se[i] / se[at], 1, 1e-6);
            CHECK_NEAR(fits[k].cluster_se[i] / by_tie[at], 1, 1e-6);
        }
    }
    assert_int_equal(together.n_shared, 1);
    assert_int_equal(together.n_free, 3);
    CHECK_NEAR(together.log_l, fits[0].maximum.log_l + fits[1].maximum.log_l, 1e-9);
    CHECK_NEAR(together.aic, 6 - 2 * together.log_l, 1e-9);
    for (int k = 0; k < KINDS; k++) likelihood_fit_free(&fits[k]);
    /* nothing shared: each kind by itself, and more likely */
    assert_int_equal(likelihood_fit_jointly(KINDS, parts, NULL, true, fits, NULL), 0);
    for (int k = 0; k < KINDS; k++) {
        assert_int_equal(likelihood_fit(parts[k], true, &alone), 0);
        apart += alone.maximum.log_l;
        for (int i = 0; i < 2; i++) {
            CHECK_NEAR(fits[k].maximum.x[i], alone.maximum.x[i], 1e-6);
            CHECK_NEAR(fits[k].maximum.se[i], alone.maximum.se[i], 1e-6);
            CHECK_NEAR(fits[k].cluster_se[i], alone.cluster_se[i], 1e-6);
        }
        likelihood_fit_free(&alone);
        likelihood_fit_free(&fits[k]);
    }
    assert_true(apart > together.log_l);
    for (int k = 0; k < KINDS; k++) likelihood_free(parts[k]);
    free(events);
    model_free(&m);
}

/* Shared weekdays of kinds without statistics are those of all their events together. */
static void test_shared_weekdays(void **state) {
    (void)state;
    model_t m;
    int n;
    make_pair(&m);
    for (int k = 0; k < KINDS; k++) m.kinds[k].log_rate.n = 0;
    observed_t *events = simulate(&m, &n);
    likelihood_t *parts[KINDS];
    likelihood_fit_t fits[KINDS];
    const likelihood_options_t options = {.weekdays = true};
    const shared_t shared = {.weekdays = true};
    double count[7] = {0}, of_kind[KINDS] = {0}, variance;
    for (int e = 0; e < n; e++) {
        count[date_weekday(m.start + floor(events[e].time))]++;
        of_kind[events[e].kind]++;
    }
    for (int k = 0; k < KINDS; k++)
        assert_int_equal(likelihood_init(&parts[k], &m, k, n, events, m.horizon, &options, NULL), 0);
    assert_int_equal(likelihood_fit_jointly(KINDS, parts, &shared, true, fits, NULL), 0);
    for (int k = 0; k < KINDS; k++) {
        CHECK_NEAR(fits[k].maximum.x[0], log(of_kind[k] / (PLACES * m.horizon)), 1e-6);
        for (int w = 0; w < 7; w++) { /* ten weeks: as many days of each */
            variance = 0;
            for (int g = 0; g < 7; g++) variance += pow((g == w) - count[g] / n, 2) / count[g];
            CHECK_NEAR(fits[k].maximum.x[1 + w], log(7 * count[w] / n), 1e-6);
            CHECK_NEAR(fits[k].maximum.se[1 + w] / sqrt(variance), 1, 1e-6);
        }
        likelihood_fit_free(&fits[k]);
        likelihood_free(parts[k]);
    }
    free(events);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand), cmocka_unit_test(test_by_differences),
                                       cmocka_unit_test(test_a_shared_coefficient),
                                       cmocka_unit_test(test_shared_weekdays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
