/* How often the Monte Carlo intervals of means and changes miss: samples of 1,000 pairs are drawn with
 * replacement from 20,000 pairs of a shipped scenario, whose mean is known, and from planted laws.
 *
 * A row says which share of all samples has an interval that misses: 5 %, or less if intervals are left out.
 * What is more than 7 % is rejected. Beside it the table on the standard output has the share of the samples
 * with an interval, how many of those cover, and how many Student's t would cover. An argument names a file
 * of pairs in place of the one that is simulated first (and kept: a second run begins with it). */
#include "lab.h"
#include "report.h"

#include "base/math/quantile.h"
#include "run/run.h"
#include "scenario/scenario.h"
#include "stats/estimate.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <unistd.h>

enum { N = 1000, PAIRS = 20000 };
static int n_samples = 2000;
static const char *pairs_path; /* NULL: they are simulated */

/* ---- coverage --------------------------------------------------------------------------------------- */

typedef struct { /* base NULL: the mean of x, else that of x - base; [n] each */
    const char *name;
    const double *x, *base;
    size_t n;
    double mean;
    bool probability;
} population_t;

typedef struct { /* shares of the samples */
    double told, missed, covered_by_t;
} coverage_t;

static void sample_once(const population_t *p, gsl_rng *rng, double *x, double *base, coverage_t *c) {
    estimate_t e;
    fault_t err = {0};
    for (int i = 0; i < N; i++) {
        size_t at = gsl_rng_uniform_int(rng, p->n);
        x[i] = p->x[at];
        if (p->base) base[i] = p->base[at];
    }
    assert_int_equal(estimate_columns(x, p->base ? base : NULL, N, p->probability, NAN, &e, &err), 0);
    double low = p->base ? e.difference_low : e.low, high = p->base ? e.difference_high : e.high;
    double mean = p->base ? e.difference : e.mean, sd = p->base ? e.difference_sd : e.sd;
    c->told += !isnan(low);
    c->missed += low > p->mean || p->mean > high;
    c->covered_by_t += fabs(mean - p->mean) <= quantile_t(N - 1, 0.975) * sd / sqrt((double)N);
}

static coverage_t coverage(const population_t *p) {
    static double x[N], base[N];
    coverage_t c = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 20251223);
    for (int s = 0; s < n_samples; s++) sample_once(p, rng, x, base, &c);
    gsl_rng_free(rng);
    return (coverage_t){c.told / n_samples, c.missed / n_samples, c.covered_by_t / n_samples};
}

static coverage_t report_coverage(const population_t *p) {
    coverage_t c = coverage(p);
    double most = 0.07, error = sqrt(most * (1 - most) / n_samples);
    report_p(p->name, 0.05, c.missed, c.missed > most ? normal_p((c.missed - most) / error) : 1);
    char covered[16] = "-";
    if (c.told > 0.02) snprintf(covered, sizeof covered, "%.1f %%", 100 * (1 - c.missed / c.told));
    printf("| %s | %.1f %% | %.1f %% | %s | %.1f %% |\n", p->name, 100 * c.covered_by_t, 100 * c.told,
           covered, 100 * c.missed);
    return c;
}

static void print_head(void) {
    printf("\n| mean or change | Student's t covers | an interval is given | of those cover | given and "
           "missed |\n"
           "|---|---|---|---|---|\n");
}

/* ---- planted laws ----------------------------------------------------------------------------------- */

typedef double draw_t(gsl_rng *rng);

static double normal(gsl_rng *rng) {
    return gsl_ran_gaussian(rng, 1);
}

static double heavy(gsl_rng *rng) {
    return gsl_ran_lognormal(rng, 0, 2);
}

static double no_variance(gsl_rng *rng) {
    return gsl_ran_pareto(rng, 1.5, 1);
}

static double one_in_a_thousand(gsl_rng *rng) {
    return gsl_rng_uniform(rng) < 0.001 ? gsl_ran_exponential(rng, 1) : 0;
}

static double one_in_thirty(gsl_rng *rng) {
    return gsl_rng_uniform(rng) < 1.0 / 30;
}

static coverage_t planted(const char *name, draw_t *draw) {
    double *x = calloc(PAIRS, sizeof *x);
    population_t p = {.name = name, .x = x, .n = PAIRS};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 7);
    for (int i = 0; i < PAIRS; i++) {
        x[i] = draw(rng);
        p.mean += x[i] / PAIRS;
    }
    coverage_t c = report_coverage(&p);
    gsl_rng_free(rng);
    free(x);
    return c;
}

static void test_planted_laws(void **state) {
    (void)state;
    report_open("coverage-laws");
    print_head();
    assert_true(planted("normal", normal).told == 1);
    assert_true(planted("1 in 30, alike", one_in_thirty).told > 0.99);
    coverage_t rare = planted("1 in 1,000, exponential", one_in_a_thousand);
    coverage_t tail = planted("lognormal, sigma 2", heavy), none = planted("Pareto, index 1.5", no_variance);
    assert_true(rare.told < 0.05 && tail.told < 0.2 && none.told < 0.2);
    assert_true(rare.covered_by_t < 0.8 && tail.covered_by_t < 0.92); /* and that it takes another interval */
    assert_int_equal(report_close(), 0);
}

/* ---- the shipped scenario --------------------------------------------------------------------------- */

static void simulate(scenario_t *scenario, const char *path) {
    model_t *m = &scenario->model;
    m->output.events = m->output.trajectories = false; /* 20 GB of what is not looked at */
    int *variants = calloc((size_t)m->n_variants, sizeof *variants);
    for (int v = 0; v < m->n_variants; v++) variants[v] = v;
    const char *name = "central-asia-2026.yaml", *text = "";
    plan_request_t request = {.model = m,
                              .scenario = name,
                              .seed = m->seed,
                              .n_replicates = PAIRS,
                              .n_variants = m->n_variants,
                              .variants = variants};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    run_options_t options = {.out_path = path,
                             .workers = processors > 0 ? (int)processors : 1,
                             .progress = PROGRESS_QUIET,
                             .provenance = {.scenario = name,
                                            .n_files = 1,
                                            .paths = &name,
                                            .texts = &text,
                                            .command = "verify",
                                            .start = "now"}};
    plan_t plan = {0};
    run_report_t report = {0};
    fault_t err = {0};
    if (plan_init(&plan, &request, &err) || run_all(&plan, &options, &report, &err)) fail_msg("%s", err.text);
    plan_free(&plan);
    free(variants);
}

/* Columns [variant][quantity][replicate]. */
static double *read_pairs(const char *path, const model_t *m, uint32_t *n) {
    store_t *store;
    fault_t err = {0};
    size_t n_quantities = (size_t)m->n_quantities;
    if (store_open(&store, path, &err)) fail_msg("%s", err.text);
    *n = store_replicates(store);
    assert_int_equal(store_size(store, "variant"), m->n_variants);
    assert_int_equal(store_size(store, "quantity"), m->n_quantities);
    double *rows = calloc(*n * n_quantities, sizeof *rows);
    double *columns = calloc((size_t)m->n_variants * n_quantities * *n, sizeof *columns);
    for (int v = 0; v < m->n_variants; v++) {
        assert_int_equal(store_read_quantities(store, -1, v, 0, *n, rows, &err), 0);
        for (size_t q = 0; q < n_quantities; q++)
            for (uint32_t i = 0; i < *n; i++)
                columns[((size_t)v * n_quantities + q) * *n + i] = rows[i * n_quantities + q];
    }
    free(rows);
    store_close(store);
    return columns;
}

static void report_pairs(const model_t *m, const double *columns, uint32_t n) {
    char name[160];
    for (int v = 0; v < m->n_variants; v++)
        for (int q = 0; q < m->n_quantities; q++) {
            population_t p = {.name = name,
                              .x = columns + (size_t)(v * m->n_quantities + q) * n,
                              .base = v ? columns + (size_t)q * n : NULL,
                              .n = n,
                              .probability = quantity_is_probability(&m->quantities[q])};
            for (uint32_t i = 0; i < n; i++) p.mean += (p.x[i] - (v ? p.base[i] : 0)) / n;
            snprintf(name, sizeof name, "%s%s%s", m->quantities[q].name, v ? ", " : "",
                     v ? m->variants[v].name : "");
            report_coverage(&p);
        }
}

static void test_shipped_scenario(void **state) {
    (void)state;
    const char *out = getenv("ENTENTE_VERIFY_OUT");
    char path[1024];
    scenario_t scenario;
    diagnostics_t diagnostics;
    uint32_t n;
    diagnostics_init(&diagnostics);
    snprintf(path, sizeof path, "%s/scenarios/central-asia-2026.yaml", ENTENTE_SOURCE_DIR);
    assert_int_equal(scenario_read(&scenario, path, &diagnostics), 0);
    snprintf(path, sizeof path, "%s/coverage-pairs.h5", out ? out : ENTENTE_SOURCE_DIR "/out/verify");
    if (!pairs_path) simulate(&scenario, path);
    double *columns = read_pairs(pairs_path ? pairs_path : path, &scenario.model, &n);
    report_open("coverage");
    print_head();
    report_pairs(&scenario.model, columns, n);
    assert_int_equal(report_close(), 0);
    free(columns);
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_planted_laws),
                                       cmocka_unit_test(test_shipped_scenario)};
    if (is_quick(argc, argv)) {
        n_samples = 400;
        const struct CMUnitTest quick[] = {cmocka_unit_test(test_planted_laws)};
        return cmocka_run_group_tests(quick, NULL, NULL);
    }
    pairs_path = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
