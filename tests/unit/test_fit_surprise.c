/* Surprises: of the true model as many counts are rare as its sets say; what a model misses is ranked first.
 */
#include "fit/score/surprise.h"

#include "../support/recovery.h"

enum { SETS = 60, REPLICATES = 200 };

/* Two directed kinds, Poisson, on the dyads of six; some tens of days are looked at. */
static void make_plain(model_t *m) {
    toy_init(m, 6, 2, 60);
    for (int k = 0; k < 2; k++) {
        m->kinds[k].scope = SCOPE_DIRECTED;
        m->kinds[k].rate_per_year = (k ? 0.01 : 0.06) * DAYS_PER_YEAR;
    }
    m->output.events = true;
}

/* The surprises of the plain model in the events of a set. */
static void find(int n, const observed_t *events, surprises_found_t *found) {
    model_t m;
    fault_t err = {0};
    calendar_entry_t *entries = calloc((size_t)n + 1, sizeof *entries);
    make_plain(&m);
    assert_int_equal(model_finish(&m), 0);
    for (int e = 0; e < n; e++)
        entries[e] = (calendar_entry_t){.kind = events[e].kind,
                                        .initiator = events[e].initiator,
                                        .target = events[e].target,
                                        .group = -1,
                                        .time = events[e].time};
    const surprise_task_t task = {.from = 20,
                                  .until = 60,
                                  .n_events = n,
                                  .events = entries,
                                  .replicates = REPLICATES,
                                  .workers = 1,
                                  .seed = 77};
    assert_int_equal(surprise_find(found, &m, &task, &err), 0);
    assert_int_equal(found->n_done, REPLICATES);
    free(entries);
    model_free(&m);
}

/* Sums over the sets that `plant` changes: counts that are rare, and how many were expected. */
static void sum_up(void (*plant)(model_t *m), double *rare, double *expected, int *first) {
    *rare = *expected = 0;
    *first = 0;
    for (uint32_t r = 0; r < SETS; r++) {
        model_t m;
        surprises_found_t found;
        int n;
        make_plain(&m);
        if (plant) plant(&m);
        observed_t *events = simulate(&m, 9, r, &n);
        find(n, events, &found);
        *rare += found.n_rare;
        *expected += found.rare_mean;
        *first += found.items[0].kind == 1 && found.items[0].tie == 0;
        surprise_free(&found);
        free(events);
        model_free(&m);
    }
}

/* 30 counts in each of 60 sets, of which about 3 % are rare. */
static void test_the_true_model(void **state) {
    (void)state;
    double rare, expected;
    int first;
    sum_up(NULL, &rare, &expected, &first);
    print_message("%.0f rare counts, %.1f expected; the first one is the planted one in %d sets\n", rare,
                  expected, first);
    assert_true(expected > 20);
    assert_true(fabs(rare - expected) < 5 * sqrt(expected));
    assert_true(first < SETS / 4);
}

/* One tie has the rare kind ten times as often. */
static void plant_tie(model_t *m) {
    *toy_terms(m, &m->kinds[1].log_rate, 1) =
        (term_t){.statistic = &statistics[STATISTIC_TIE], .ref = 0, .coefficient = log(10)};
    for (int e = 0; e < m->n_ties; e++) {
        m->ties[e].attributes = arena_alloc(&m->arena, 1, sizeof(double));
        m->ties[e].attributes[0] = e == 0;
    }
}

static void plant_all(model_t *m) {
    m->kinds[0].rate_per_year *= 2;
}

static void test_what_is_missed(void **state) {
    (void)state;
    double rare, expected;
    int first;
    sum_up(plant_tie, &rare, &expected, &first);
    print_message("a tie: %.0f rare counts, %.1f expected; it is the first in %d sets\n", rare, expected,
                  first);
    assert_true(first > 3 * SETS / 4);
    sum_up(plant_all, &rare, &expected, &first);
    print_message("twice as many: %.0f rare counts, %.1f expected\n", rare, expected);
    assert_true(rare > expected + 10 * sqrt(expected));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_true_model),
                                       cmocka_unit_test(test_what_is_missed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
