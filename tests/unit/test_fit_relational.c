/* Relational event models: published fits again, derivatives against differences, statistics by hand. */
#include "../support/check.h"

#include "fit/relational.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_EVENTS 1000

typedef struct {
    int n;
    relational_event_t events[MOST_EVENTS];
} list_t;

/* Rows "time,from,to,..." of the benchmark data; false, said, where the folder is absent. */
static bool read_list(list_t *list, const char *name) {
    const char *folder = getenv("ENTENTE_DATA");
    char path[1024], line[256];
    if (folder)
        snprintf(path, sizeof path, "%s/benchmarks/%s", folder, name);
    else
        snprintf(path, sizeof path, ENTENTE_SOURCE_DIR "/../shared/data/benchmarks/%s", name);
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("%s is not there: skipped; ENTENTE_DATA names the data folder\n", path);
        return false;
    }
    list->n = 0;
    while (fgets(line, sizeof line, file) && list->n < MOST_EVENTS) {
        relational_event_t *e = &list->events[list->n];
        if (sscanf(line, "%lf,%d,%d", &e->time, &e->from, &e->to) == 3) e->from--, e->to--, list->n++;
    }
    fclose(file);
    return true;
}

static void test_remstimate(void **state) {
    (void)state;
    list_t list;
    if (!read_list(&list, "remstimate_tie_data.csv")) skip();
    const relational_id_t statistics[] = {RELATIONAL_BASELINE, RELATIONAL_INDEGREE_SENDER, RELATIONAL_INERTIA,
                                          RELATIONAL_RECIPROCITY};
    relational_t model = {.n_actors = 5,
                          .n_events = list.n,
                          .events = list.events,
                          .n_statistics = 4,
                          .statistics = statistics,
                          .first = 1};
    relational_fit_t fit;
    assert_int_equal(relational_fit(&model, &fit, NULL), 0);
    assert_true(fit.maximum.converged);
    const double want[] = {-4.940907, 0.045451, -0.200296, -0.052226};
    for (int s = 0; s < 4; s++) CHECK_NEAR(fit.maximum.x[s], want[s], 1e-6);
    CHECK_NEAR(fit.maximum.log_l, -600.2416, 1e-4);
    relational_fit_free(&fit);
}

static void test_goldfish(void **state) {
    (void)state;
    list_t list;
    if (!read_list(&list, "social_evolution_calls.csv")) skip();
    const relational_id_t statistics[] = {RELATIONAL_INERTIA, RELATIONAL_RECIPROCITY,
                                          RELATIONAL_TRANSITIVITY};
    relational_t model = {.n_actors = 84,
                          .n_events = list.n,
                          .events = list.events,
                          .n_statistics = 3,
                          .statistics = statistics,
                          .form = RELATIONAL_CHOICE,
                          .presence = true};
    relational_fit_t fit;
    assert_int_equal(list.n, 439);
    assert_int_equal(relational_fit(&model, &fit, NULL), 0);
    assert_true(fit.maximum.converged);
    const double want[] = {5.19690, 1.39802, -0.23036}, errors[] = {.17397, .17300, .21554};
    for (int s = 0; s < 3; s++) {
        CHECK_NEAR(fit.maximum.x[s], want[s], 1e-5);
        CHECK_NEAR(fit.maximum.se[s], errors[s], 1e-5);
    }
    CHECK_NEAR(fit.maximum.log_l, -696.7185, 1e-4);
    CHECK_NEAR(fit.aic, 2 * model.n_statistics - 2 * fit.maximum.log_l, 1e-9);
    CHECK_NEAR(fit.bic, model.n_statistics * log(fit.n_fitted) - 2 * fit.maximum.log_l, 1e-9);
    assert_int_equal(fit.n_fitted, model.n_events - model.first);
    for (int s = 0; s < model.n_statistics; s++) {
        CHECK_NEAR(fit.z[s], fit.maximum.x[s] / fit.maximum.se[s], 1e-12);
        CHECK_NEAR(fit.p[s], erfc(fabs(fit.z[s]) / sqrt(2)), 1e-9);
    }
    relational_fit_free(&fit);
}

static const relational_event_t few[] = {{1, 0, 1}, {2, 1, 2}, {2.5, 0, 1}, {4, 2, 0}, {5, 3, 1},
                                         {5, 1, 0}, {6, 0, 2}, {7.5, 3, 0}, {9, 2, 3}};

/* Gradient and information are those of the value, in each form and for every statistic. */
static void test_derivatives(void **state) {
    (void)state;
    enum { P = RELATIONAL_N };
    relational_id_t statistics[P];
    for (int s = 0; s < P; s++) statistics[s] = (relational_id_t)s;
    for (int form = 0; form < 3; form++)
        for (int presence = 0; presence < 2; presence++) {
            relational_t model = {.n_actors = 4,
                                  .n_events = 9,
                                  .events = few,
                                  .n_statistics = P,
                                  .statistics = statistics,
                                  .form = (relational_form_t)form,
                                  .presence = presence};
            double x[P], g[P], info[P * P], up[P], down[P], h = 1e-5;
            for (int s = 0; s < P; s++) x[s] = 0.1 * (s - 4);
            assert_true(isfinite(relational_log_likelihood(&model, x, g, info)));
            for (int s = 0; s < P; s++) {
                double at = x[s];
                x[s] = at + h;
                double above = relational_log_likelihood(&model, x, up, NULL);
                x[s] = at - h;
                double below = relational_log_likelihood(&model, x, down, NULL);
                x[s] = at;
                CHECK_NEAR((above - below) / (2 * h), g[s], 1e-6 * (1 + fabs(g[s])));
                for (int q = 0; q < P; q++)
                    CHECK_NEAR((down[q] - up[q]) / (2 * h), info[s * P + q],
                               1e-6 * (1 + fabs(info[s * P + q])));
            }
        }
}

/* One event after three: its choice by hand. After 0>1, 1>2, 0>1, actor 0 chooses among 1, 2, 3: inertia (2,
 * 0, 0), two-paths (0, 1, 0), shared partners (0, 1, 0), events received by the target (2, 1, 0). */
static void test_by_hand(void **state) {
    (void)state;
    const relational_event_t events[] = {{1, 0, 1}, {2, 1, 2}, {3, 0, 1}, {4, 0, 2}};
    const relational_id_t statistics[] = {RELATIONAL_INERTIA, RELATIONAL_TRANSITIVITY,
                                          RELATIONAL_SHARED_PARTNERS, RELATIONAL_INDEGREE_RECEIVER};
    relational_t model = {.n_actors = 4,
                          .n_events = 4,
                          .events = events,
                          .n_statistics = 4,
                          .statistics = statistics,
                          .form = RELATIONAL_CHOICE,
                          .first = 3};
    double g[4], x[] = {0.3, 0.5, 0.25, -0.2};
    double first = 2 * 0.3 - 2 * 0.2, second = 0.5 + 0.25 - 0.2;
    CHECK_NEAR(relational_log_likelihood(&model, x, g, NULL), second - log(exp(first) + exp(second) + 1),
               1e-12);
}

static void test_mistakes(void **state) {
    (void)state;
    const relational_id_t inertia = RELATIONAL_INERTIA, baseline = RELATIONAL_BASELINE;
    relational_event_t bad[] = {{1, 0, 1}, {2, 1, 1}};
    relational_t model = {
        .n_actors = 4, .n_events = 2, .events = bad, .n_statistics = 1, .statistics = &inertia};
    relational_fit_t fit;
    fault_t err = {0};
    assert_int_equal(relational_fit(&model, &fit, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "event 2 does not have two different actors"));
    bad[1] = (relational_event_t){0.5, 1, 2};
    assert_int_equal(relational_fit(&model, &fit, &err), ERR_DATA);
    bad[1].time = 2;
    model.statistics = &baseline;
    model.form = RELATIONAL_ORDINAL;
    assert_int_equal(relational_fit(&model, &fit, &err), ERR_DATA);
    model.n_events = 0;
    assert_int_equal(relational_fit(&model, &fit, &err), ERR_DATA);
    relational_fit_free(&fit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remstimate),  cmocka_unit_test(test_goldfish),
        cmocka_unit_test(test_derivatives), cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
