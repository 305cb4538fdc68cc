/* The engine against the naive one on the same Poisson measures, on random models that mix all mechanisms:
 * the logs must be the same, row by row, times to the bit. Long ring: more models, every variant. */
#include "lab.h"
#include "naive.h"
#include "random_model.h"
#include "random_trade.h"

#include <stdio.h>

enum { STRIPS = 4, STRIPS_MAX = 13 };

static int n_models = 400, n_replicates = 2;

static bool near(double a, double b, double tolerance) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tolerance * fmax(1, fmax(fabs(a), fabs(b)));
}

/* The first difference of two logs as a text; empty if there is none. */
static void compare_logs(const log_t *a, const log_t *b, char *text, size_t size) {
    *text = 0;
    int32_t n = a->n < b->n ? a->n : b->n;
    for (int32_t r = 0; r < n; r++) {
#define EXACT(column)                                                                           \
    if (a->column[r] != b->column[r]) {                                                         \
        snprintf(text, size, "row %d: " #column " %.17g against %.17g (time %.6f, kind %d)", r, \
                 (double)a->column[r], (double)b->column[r], a->time[r], a->kind[r]);           \
        return;                                                                                 \
    }
#define NEAR(column, tolerance)                                                                 \
    if (!near((double)a->column[r], (double)b->column[r], tolerance)) {                         \
        snprintf(text, size, "row %d: " #column " %.17g against %.17g (time %.6f, kind %d)", r, \
                 (double)a->column[r], (double)b->column[r], a->time[r], a->kind[r]);           \
        return;                                                                                 \
    }
        EXACT(time)
        EXACT(kind)
        EXACT(initiator)
        EXACT(target)
        EXACT(group)
        EXACT(role)
        EXACT(level)
        EXACT(success)
        EXACT(status)
        EXACT(cause)
        EXACT(sector)
        EXACT(parent)
        EXACT(summit)
        NEAR(value_usd, 1e-12)
        NEAR(effect, 2e-7) /* stored as float */
        NEAR(strength, 2e-7)
    }
    if (a->n != b->n) snprintf(text, size, "%d rows against %d", a->n, b->n);
}

static void compare_paths(const lab_t *lab, const result_t *naive, char *text, size_t size) {
    size_t cells = (size_t)lab->observation.n_times * (size_t)lab->observation.n_ties;
    for (size_t c = 0; c < cells && !*text; c++)
        if (!near((double)lab->result.strength[c], (double)naive->strength[c], 2e-7) ||
            !near((double)lab->result.alignment[c], (double)naive->alignment[c], 2e-7))
            snprintf(text, size, "cell %zu: strength %.9g against %.9g, alignment %.9g against %.9g", c,
                     (double)lab->result.strength[c], (double)naive->strength[c],
                     (double)lab->result.alignment[c], (double)naive->alignment[c]);
    for (size_t c = 0; c < 2 * cells && !*text; c++)
        if (!near((double)lab->result.trade[c], (double)naive->trade[c], 3e-7))
            snprintf(text, size, "cell %zu: trade %.9g against %.9g", c, (double)lab->result.trade[c],
                     (double)naive->trade[c]);
}

typedef struct {
    long runs, rows, points, excited, consequences, skipped, unsolved, deep, different;
} tally_t;

static void compare_run(lab_t *lab, uint64_t seed, uint32_t replicate, int variant, tally_t *tally) {
    char text[512];
    result_t naive;
    naive_report_t report;
    lab_variant(lab, replicate, variant);
    if (lab->result.stop != STOP_NONE) {
        tally->skipped++;
        return;
    }
    assert_int_equal(result_init(&naive, &lab->model, &lab->observation), 0);
    int strips = STRIPS; /* as many as the intensities need: none may come near the cap */
    do naive_run(&lab->model, seed, replicate, variant, strips++, &lab->observation, &naive, &report);
    while (report.highest > 0.25 && strips <= STRIPS_MAX);
    tally->deep += strips > STRIPS + 1;
    if (report.imbalance > 1e-9) {
        tally->unsolved++;
        result_free(&naive);
        return;
    }
    compare_logs(&lab->result.log, &naive.log, text, sizeof text);
    if (!*text) compare_paths(lab, &naive, text, sizeof text);
    if (!*text && naive.n_events != lab->result.n_events) snprintf(text, sizeof text, "counts of events");
    if (*text && tally->different++ < 20)
        print_message("model %llu, replicate %u, variant %d: %s\n", (unsigned long long)seed, replicate,
                      variant, text);
    tally->runs++;
    tally->rows += naive.log.n;
    tally->points += (long)report.n_points;
    for (int32_t r = 0; r < naive.log.n; r++) {
        tally->excited += naive.log.cause[r] == CAUSE_EXCITED;
        tally->consequences += naive.log.cause[r] == CAUSE_CONSEQUENCE;
    }
    result_free(&naive);
}

static void test_same_logs(void **state) {
    (void)state;
    tally_t tally = {0};
    for (uint64_t seed = 1; seed <= (uint64_t)n_models; seed++) {
        lab_t lab;
        random_model(&lab.model, seed);
        if (seed % 2) random_trade(&lab.model, seed);
        lab_start(&lab, seed);
        for (int r = 0; r < n_replicates; r++)
            for (int v = 0; v < lab.model.n_variants; v++)
                compare_run(&lab, seed, (uint32_t)(seed % 3) + (uint32_t)r, v, &tally);
        lab_close(&lab);
    }
    print_message("%d models, %ld runs, %ld rows (%ld excited, %ld consequences), %ld points looked at; "
                  "%ld runs at the event cap and %ld with a market that Newton's method does not solve left "
                  "out, %ld needed more strips\n",
                  n_models, tally.runs, tally.rows, tally.excited, tally.consequences, tally.points,
                  tally.skipped, tally.unsolved, tally.deep);
    assert_int_equal(tally.different, 0);
    assert_true(tally.runs > 10 * tally.skipped && tally.runs > 20 * tally.unsolved);
    assert_true(tally.excited > tally.rows / 50 && tally.consequences > tally.rows / 50);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_models = 50, n_replicates = 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_logs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
