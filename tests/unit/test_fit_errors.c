/* The standard errors that a fit reports: by hand for a Poisson model with weekdays, and for all at once by
 * differences, from the information and the scores before the season's mean is made 1. */
#include "../support/recovery.h"
#include "fit/likelihood/internal.h"

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

typedef struct { /* of each tie, [n_ties][n] */
    int n;
    double *of;
} scores_t;

static void keep_score(void *context, int tie, const sums_t *sums) {
    scores_t *self = context;
    memcpy(self->of + tie * self->n, sums->gradient, (size_t)self->n * sizeof *sums->gradient);
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
    observed_t *events = simulate(&m, RECOVERY_SEED, 3, &n);
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
    observed_t *events = simulate(&m, RECOVERY_SEED, 3, &n_events);
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
    scores_t all = {n, scores};
    assert_int_equal(likelihood_each_tie(self, x, false, keep_score, &all), 0);
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

/* The robust errors of a Poisson model with one coefficient, from the counts at each place: what each tie and
 * each actor moves the estimates by, the latter as if made without it. */
static void test_dyadic_by_hand(void **state) {
    (void)state;
    enum { N_ACTORS = 6 };
    model_t m;
    int n;
    make_poisson(&m);
    m.kinds[0].season.has_weekday = false;
    observed_t *events = simulate(&m, RECOVERY_SEED, 3, &n);
    likelihood_t *self;
    likelihood_fit_t fit;
    assert_int_equal(likelihood_init(&self, &m, 0, n, events, m.horizon, NULL, NULL), 0);
    assert_int_equal(likelihood_fit(self, false, &fit), 0);

    double count[2 * 15] = {0}, ties[15][2] = {0}, weight[15][2] = {0}, all[3] = {0}, of[N_ACTORS][3] = {0};
    double score[N_ACTORS][2] = {0}, actor_weight[N_ACTORS][2] = {0}, tie_sum[3] = {0}, actor_sum[3] = {0};
    for (int e = 0; e < n; e++) count[model_flow(&m, events[e].initiator, events[e].target)]++;
    for (int place = 0; place < 2 * m.n_ties; place++) {
        const tie_t *tie = &m.ties[place / 2];
        double z = log(m.actors[flow_to(&m, place)].gdp_usd) - 26;
        double expected = m.horizon * exp(fit.maximum.x[0] + fit.maximum.x[1] * z);
        double slope[2] = {count[place] - expected, (count[place] - expected) * z};
        double curve[3] = {expected, expected * z, expected * z * z};
        for (int i = 0; i < 2; i++) {
            ties[place / 2][i] += slope[i], weight[place / 2][i] += curve[i];
            score[tie->a][i] += slope[i], score[tie->b][i] += slope[i];
            actor_weight[tie->a][i] += curve[i], actor_weight[tie->b][i] += curve[i];
        }
        for (int i = 0; i < 3; i++) all[i] += curve[i], of[tie->a][i] += curve[i], of[tie->b][i] += curve[i];
    }
#define SOLVE(h, v)                                                     \
    do {                                                                \
        double det = (h)[0] * (h)[2] - (h)[1] * (h)[1], first = (v)[0]; \
        (v)[0] = ((h)[2] * first - (h)[1] * (v)[1]) / det;              \
        (v)[1] = ((h)[0] * (v)[1] - (h)[1] * first) / det;              \
    } while (0)
    double squares[2][2] = {0}, fourths[2][2] = {0};
    for (int tie = 0; tie < m.n_ties; tie++) {
        SOLVE(all, ties[tie]);
        SOLVE(all, weight[tie]);
        for (int i = 0; i < 3; i++) tie_sum[i] += ties[tie][i / 2] * ties[tie][(i + 1) / 2] * 15 / 14;
        for (int i = 0; i < 2; i++)
            squares[0][i] += pow(weight[tie][i], 2), fourths[0][i] += pow(weight[tie][i], 4);
    }
    for (int a = 0; a < N_ACTORS; a++) {
        double without[3] = {all[0] - of[a][0], all[1] - of[a][1], all[2] - of[a][2]};
        SOLVE(without, score[a]);
        SOLVE(all, actor_weight[a]);
        for (int i = 0; i < 3; i++) actor_sum[i] += score[a][i / 2] * score[a][(i + 1) / 2];
        for (int i = 0; i < 2; i++)
            squares[1][i] += pow(actor_weight[a][i], 2), fourths[1][i] += pow(actor_weight[a][i], 4);
    }
    /* the positive part of what actors add, in units of the ties' errors: eigenvalues of a 2 x 2 matrix */
    double a = actor_sum[0] / tie_sum[0] - 2, d = actor_sum[2] / tie_sum[2] - 2;
    double b = (actor_sum[1] - 2 * tie_sum[1]) / sqrt(tie_sum[0] * tie_sum[2]);
    double root = sqrt(pow((a - d) / 2, 2) + b * b), values[2] = {(a + d) / 2 + root, (a + d) / 2 - root};
    double share[2] = {0};
    for (int v = 0; v < 2; v++) {
        double x = b, y = values[v] - a, length = x * x + y * y;
        if (values[v] > 0) share[0] += values[v] * x * x / length, share[1] += values[v] * y * y / length;
    }
    for (int i = 0; i < 2; i++) {
        double by_tie = tie_sum[2 * i], by_actor = share[i] * by_tie;
        CHECK_NEAR(fit.cluster_se[i] / sqrt(by_tie), 1, 1e-6);
        CHECK_NEAR(fit.robust_se[i] / sqrt(by_tie + by_actor), 1, 1e-6);
        double spread = by_tie * by_tie * fourths[0][i] / pow(squares[0][i], 2) +
                        by_actor * by_actor * fourths[1][i] / pow(squares[1][i], 2);
        CHECK_NEAR(fit.degrees[i] / (pow(by_tie + by_actor, 2) / spread), 1, 1e-6);
        CHECK_NEAR(fit.robust[3 * i], pow(fit.robust_se[i], 2), 1e-12);
    }
    CHECK_NEAR(fit.robust[1], fit.robust[2], 1e-15);
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
    observed_t *events = simulate(&m, RECOVERY_SEED, 3, &n);
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
    observed_t *events = simulate(&m, RECOVERY_SEED, 3, &n);
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
                                       cmocka_unit_test(test_dyadic_by_hand),
                                       cmocka_unit_test(test_a_shared_coefficient),
                                       cmocka_unit_test(test_shared_weekdays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
