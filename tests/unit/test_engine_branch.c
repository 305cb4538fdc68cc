/* Branches: the past of a replicate stays, its future is drawn anew, with the same law and independent of the
 * other branches; and the levels of a pilot. */
#include "../verification/lab.h"

#include "stats/levels.h"

#define DAYS 200.0
#define BRANCH 80.0

/* A process that excites itself for weeks, and a quantity that counts it after the branch. */
static void open_hawkes(lab_t *lab) {
    static int kinds[] = {0};
    model_t *m = &lab->model;
    toy_init(m, 2, 1, DAYS);
    m->kinds[0].rate_per_year = 0.1 * DAYS_PER_YEAR;
    toy_excite(m, 0, 0, RELATION_SAME, 0.5, 0.05);
    m->n_quantities = 1;
    m->quantities = arena_alloc(&m->arena, 1, sizeof *m->quantities);
    *m->quantities = (quantity_t){.name = "later",
                                  .what = QUANTITY_COUNT,
                                  .n_kinds = 1,
                                  .kinds = kinds,
                                  .tie = -1,
                                  .flow = -1,
                                  .condition = -1,
                                  .from = BRANCH,
                                  .until = DAYS};
    lab_open(lab, 5);
}

static double later(lab_t *lab, uint32_t replicate, int n, const branch_t *branches) {
    engine_branch(lab->engine, n, branches);
    lab_run(lab, replicate);
    return lab->result.quantities[0];
}

static void test_the_past_stays(void **state) {
    (void)state;
    lab_t lab;
    open_hawkes(&lab);
    for (uint32_t r = 0; r < 20; r++) {
        double before[1000];
        later(&lab, r, 0, NULL);
        int n = lab.result.log.n, n_past = 0;
        memcpy(before, lab.result.log.time, (size_t)n * sizeof *before);
        while (n_past < n && before[n_past] <= BRANCH) n_past++;
        for (int at_event = 0; at_event < 2 && n_past > 0; at_event++) {
            branch_t branch = {at_event ? before[n_past - 1] : BRANCH, 7};
            later(&lab, r, 1, &branch);
            assert_true(lab.result.log.n >= n_past);
            assert_memory_equal(lab.result.log.time, before, (size_t)n_past * sizeof *before);
            for (int i = n_past; i < lab.result.log.n && i < n; i++)
                assert_true(lab.result.log.time[i] != before[i]);
        }
        later(&lab, r, 0, NULL);
        assert_int_equal(lab.result.log.n, n);
        assert_memory_equal(lab.result.log.time, before, (size_t)n * sizeof *before);
    }
    lab_close(&lab);
}

/* Given the past two branches are independent, so that the covariance of their counts is that of a branch and
 * of the replicate itself; and two branches in a row are worth one. */
static void test_the_law_stays(void **state) {
    (void)state;
    lab_t lab;
    moments_t plain = {0}, one = {0}, two = {0}, differences = {0};
    open_hawkes(&lab);
    for (uint32_t r = 0; r < 20000; r++) {
        const branch_t a[] = {{BRANCH, 7}, {BRANCH + 30, 9}}, b[] = {{BRANCH, 8}};
        double x = later(&lab, r, 0, NULL), y = later(&lab, r, 1, b), z = later(&lab, r, 2, a);
        moments_add(&plain, x);
        moments_add(&one, y - x);
        moments_add(&two, z - x);
        moments_add(&differences, (y - x) * (y - x) - (z - x) * (z - x));
    }
    CHECK_MEAN_5_SIGMA(&one, 0);
    CHECK_MEAN_5_SIGMA(&two, 0);
    CHECK_MEAN_5_SIGMA(&differences, 0);
    assert_true(moments_var(&one) > 1.2 * moments_var(&plain)); /* most of it is not of the past */
    lab_close(&lab);
}

static void test_levels(void **state) {
    (void)state;
    const double values[] = {1, 1, 2, 2, 2, 3, 3, 4, 5, INFINITY};
    double share = 0;
    assert_true(level_next(values, 10, -INFINITY, 0.2, &share) == 5);
    CHECK_NEAR(share, 0.2, 1e-12);
    assert_true(level_next(values, 10, -INFINITY, 0.45, &share) == 3);
    CHECK_NEAR(share, 0.5, 1e-12);
    assert_true(level_next(values, 10, 3, 0.9, &share) == 4);
    assert_true(isnan(level_next(values, 10, 5, 0.5, &share)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_past_stays),
        cmocka_unit_test(test_the_law_stays),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
