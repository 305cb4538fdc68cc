/* The table of a likelihood's parameters: every number of x has its row, and every row says what it is. */
#include "../support/check.h"
#include "../support/toy.h"

#include "fit/likelihood/likelihood.h"

#include <string.h>

enum { N_EVENTS = 40, N_TIES = 6, UNTIL = 60 };

static param_t params[] = {{.path = "kinds.kind0.rate.per_year"},
                           {.path = "kinds.kind0.rate.log_effects.inertia.coefficient"},
                           {.path = "kinds.kind0.excited_by.1.half_life"}};

/* One directed kind that reads two statistics and is excited twice. */
static void make(model_t *m, observed_t *events) {
    toy_init(m, 4, 1, 100);
    kind_t *kind = &m->kinds[0];
    m->start = date_from_civil(2018, 1, 1); /* a Monday */
    kind->scope = SCOPE_DIRECTED;
    kind->rate_per_year = 50;
    term_t *terms = toy_terms(m, &kind->log_rate, 2);
    terms[0] =
        (term_t){.statistic = &statistics[STATISTIC_INERTIA], .ref = 0, .coefficient = 0.3, .half_life = 15};
    terms[1] = (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .coefficient = -0.5};
    toy_excite(m, 0, 0, RELATION_SAME, 0.2, log(2) / 3);
    toy_excite(m, 0, 0, RELATION_REVERSED, 0.1, log(2) / 7);
    kind->season.has_weekday = true;
    for (int d = 0; d < 7; d++) kind->season.weekday[d] = d < 5 ? 1.2 : 0.6;
    assert_int_equal(model_finish(m), 0);
    params[0].value = &kind->rate_per_year;
    params[1].value = &terms[0].coefficient;
    params[2].value = &kind->excitations[1].half_life;
    m->params = params, m->n_params = 3;
    for (int e = 0; e < N_EVENTS; e++)
        events[e] = (observed_t){1.4 * e + 0.3, 0, e % 4, (e + 1 + e % 3) % 4, NAN, NULL};
}

static const double others[N_TIES] = {0.1, -0.2, 0.3, -0.1, 0.2, 0};
static const double *const all_others[] = {others};
static const char *const other_names[] = {"visit"};

typedef struct {
    parameter_kind_t kind;
    int index;
    const char *name, *path;
    double value; /* in the row's unit */
} expected_t;

static void check_rows(const model_t *m, const likelihood_t *likelihood, int n, const expected_t *expected) {
    const parameters_t *table = likelihood_table(likelihood);
    double x[64];
    char name[64];
    assert_int_equal(table->n, n);
    assert_int_equal(likelihood_n_parameters(likelihood), n);
    likelihood_parameters(likelihood, x);
    for (int i = 0; i < n; i++) {
        const parameter_t *row = &table->rows[i];
        assert_int_equal(row->kind, expected[i].kind);
        assert_int_equal(row->index, expected[i].index);
        assert_int_equal(parameters_at(table, row->kind, row->index), i);
        parameter_name(row, m, name, sizeof name);
        assert_string_equal(name, expected[i].name);
        assert_string_equal(row->path, expected[i].path);
        CHECK_NEAR(parameter_value(row, x[i]), expected[i].value, 1e-9);
        CHECK_NEAR(parameter_error(row, x[i], 0.1),
                   parameter_sorts[row->kind].is_log ? 0.1 * expected[i].value : 0.1, 1e-9);
    }
    for (int kind = 0; kind < PARAMETER_N; kind++)
        assert_int_equal(parameters_at(table, (parameter_kind_t)kind, table->count[kind]), -1);
}

static void test_every_parameter_has_its_row(void **state) {
    (void)state;
    model_t m;
    observed_t events[N_EVENTS];
    make(&m, events);
    const likelihood_options_t options = {.weekdays = true,
                                          .others = all_others,
                                          .other_names = other_names,
                                          .n_others = 1,
                                          .random_effects_sd = 0.5};
    const expected_t expected[] = {
        {PARAMETER_RATE, 0, "rate.per_year", "kinds.kind0.rate.per_year", 50},
        {PARAMETER_COEFFICIENT, 0, "inertia", "kinds.kind0.rate.log_effects.inertia.coefficient", 0.3},
        {PARAMETER_COEFFICIENT, 1, "years", "", -0.5},
        {PARAMETER_COEFFICIENT, 2, "random effect of visit", "", 0},
        {PARAMETER_BRANCHING, 0, "by kind0, same: branching ratio", "", 0.2},
        {PARAMETER_HALF_LIFE, 0, "    half-life, days", "", 3},
        {PARAMETER_BRANCHING, 1, "by kind0, reversed: branching ratio", "", 0.1},
        {PARAMETER_HALF_LIFE, 1, "    half-life, days", "kinds.kind0.excited_by.1.half_life", 7},
        {PARAMETER_WEEKDAY, 0, "weekday 1", "kinds.kind0.season.weekday.0", 1},
        {PARAMETER_WEEKDAY, 1, "weekday 2", "kinds.kind0.season.weekday.1", 1},
        {PARAMETER_WEEKDAY, 2, "weekday 3", "kinds.kind0.season.weekday.2", 1},
        {PARAMETER_WEEKDAY, 3, "weekday 4", "kinds.kind0.season.weekday.3", 1},
        {PARAMETER_WEEKDAY, 4, "weekday 5", "kinds.kind0.season.weekday.4", 1},
        {PARAMETER_WEEKDAY, 5, "weekday 6", "kinds.kind0.season.weekday.5", 0.5},
        {PARAMETER_WEEKDAY, 6, "weekday 7", "kinds.kind0.season.weekday.6", 0.5},
        {PARAMETER_SPREAD, 0, "sd of random effects", "", 0.5}};
    likelihood_t *likelihood;
    assert_int_equal(likelihood_init(&likelihood, &m, 0, N_EVENTS, events, UNTIL, &options, NULL), 0);
    check_rows(&m, likelihood, sizeof expected / sizeof *expected, expected);
    const parameter_t *rows = likelihood_table(likelihood)->rows;
    assert_ptr_equal(rows[1].term, &m.kinds[0].log_rate.terms[0]);
    assert_ptr_equal(rows[3].effects, others);
    assert_null(rows[3].term);
    assert_ptr_equal(rows[7].excitation, &m.kinds[0].excitations[1]);
    for (int i = 0; i < 2; i++) assert_true(parameter_least(&rows[i]) == -INFINITY);
    CHECK_NEAR(parameter_least(&rows[4]), 0, 0);
    CHECK_NEAR(parameter_least(&rows[15]), log(0.01), 1e-12);
    likelihood_free(likelihood);
    model_free(&m);
}

/* Without statistics and excitation too, months follow what precedes them. */
static void test_of_a_bare_kind(void **state) {
    (void)state;
    model_t m;
    observed_t events[N_EVENTS];
    make(&m, events);
    m.kinds[0].log_rate.n = 0;
    m.kinds[0].n_excitations = 0;
    m.n_params = 0;
    expected_t expected[13] = {{PARAMETER_RATE, 0, "rate.per_year", "", 50}};
    char names[12][24], paths[12][64];
    for (int f = 0; f < 12; f++) {
        snprintf(names[f], sizeof names[f], "month %d", f + 1);
        snprintf(paths[f], sizeof paths[f], "kinds.kind0.season.month.%d", f);
        expected[1 + f] = (expected_t){PARAMETER_MONTH, f, names[f], paths[f], 1};
    }
    const likelihood_options_t options = {.months = true};
    likelihood_t *likelihood;
    assert_int_equal(likelihood_init(&likelihood, &m, 0, N_EVENTS, events, UNTIL, &options, NULL), 0);
    check_rows(&m, likelihood, 13, expected);
    likelihood_free(likelihood);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_parameter_has_its_row),
                                       cmocka_unit_test(test_of_a_bare_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
