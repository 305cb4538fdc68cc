/* Multilevel splitting against probabilities that are known otherwise: a Poisson count, the count of a Hawkes
 * process, the first passage of a strength that decays between jumps.
 *
 * Of each case 200 estimates are made, each with a pilot, trees and random numbers of its own. Their mean
 * must be the probability, their 95 % intervals must cover it in 93 to 97 % of them (rejected is what such a
 * coverage makes unlikely), and near 1e-5 a simulation must be worth 100 plain replicates. `--quick` makes 12
 * smaller estimates a case and does not judge their coverage. A twin with a planted error, weights that are
 * half as large again, must be seen. */
#include "lab.h"
#include "report.h"

#include "run/split/pilot.h"
#include "run/split/split.h"
#include "stats/estimate.h"

enum { TREES_MOST = 4000, PILOT = 500, SPLITS = 5, PATHS = 50 };
static int n_seeds = 200, n_trees = TREES_MOST;

#define DAYS 365.0
#define A_YEAR (DAYS / DAYS_PER_YEAR)

typedef struct {
    const char *name;
    double known, error; /* its relative error, 0 where it is exact */
    void (*make)(model_t *model);
    bool ever;
    uint64_t first_seed;
} case_t;

/* ---- models -------------------------------------------------------------------------------------------- */

/* Two actors and one event type, and the event that is quantity 0. */
static void make_toy(model_t *m, quantity_t event) {
    toy_init(m, 2, 1, DAYS);
    m->n_quantities = 1;
    m->quantities = arena_alloc(&m->arena, 1, sizeof *m->quantities);
    event.name = "event";
    event.tie = event.flow = event.condition = -1;
    event.at = event.until = DAYS;
    event.has_threshold = event.above = true;
    *m->quantities = event;
}

static void make_counts(model_t *m, double rate, double above) {
    static int kinds[] = {0};
    make_toy(m, (quantity_t){.what = QUANTITY_COUNT, .n_kinds = 1, .kinds = kinds, .threshold = above});
    m->kinds[0].rate_per_year = rate;
}

static void make_poisson(model_t *m) {
    make_counts(m, 1, 11);
}

static void make_poisson_at_1e5(model_t *m) {
    make_counts(m, 1, 10);
}

#define HAWKES_RATE 1.0 /* a year, in each direction */
#define BRANCHING 0.4
#define DECAY (1 / 20.0) /* a day */
#define HAWKES_ABOVE 30

static void make_hawkes(model_t *m) {
    make_counts(m, HAWKES_RATE, HAWKES_ABOVE);
    toy_excite(m, 0, 0, RELATION_SAME, BRANCHING, DECAY);
}

#define JUMP_RATE 6.0 /* a year, in each direction */
#define JUMP 0.1      /* of what is left to 1 */
#define PASSAGE 0.55
enum { PASSAGE_SURE = 80, PASSAGE_POINTS = 120 * PASSAGE_SURE };

static void make_passage(model_t *m) {
    make_toy(m, (quantity_t){.what = QUANTITY_STRENGTH, .threshold = PASSAGE});
    m->quantities[0].tie = 0;
    m->kinds[0].rate_per_year = JUMP_RATE;
    m->kinds[0].goldstein = 10;
    m->dynamics.strength_half_life = 30;
    m->dynamics.gain_divisor = 10 * m->dynamics.level[LEVEL_OFFICIAL] / JUMP;
}

/* ---- what is known ------------------------------------------------------------------------------------- */

/* P(N > k) of a Poisson law. */
static double poisson_tail(double mean, int k) {
    double term = exp(-mean), sum = 0;
    for (int i = 1; i <= k + 60; i++) {
        term *= mean / i;
        if (i > k) sum += term;
    }
    return sum;
}

/* Power series in z up to the threshold. */
enum { ORDER = HAWKES_ABOVE + 1 };

static void series_exp(const double *g, double *out) {
    out[0] = exp(g[0]);
    for (int n = 1; n < ORDER; n++) {
        out[n] = 0;
        for (int k = 1; k <= n; k++) out[n] += k * g[k] * out[n - k] / n;
    }
}

/* Of the generating function F = z exp(G) of a family's size by its age: G' = decay (branching (F - 1) - G).
 */
static void family_slope(const double *g, double *slope, double *family) {
    double e[ORDER];
    series_exp(g, e);
    for (int n = 0; n < ORDER; n++) {
        family[n] = n ? e[n - 1] : 0;
        slope[n] = DECAY * (BRANCHING * (family[n] - (n == 0)) - g[n]);
    }
}

/* P(N > HAWKES_ABOVE): families of immigrants; their sizes by the method of Runge and Kutta. */
static double hawkes_tail(void) {
    enum { STEPS = 4000 };
    double h = DAYS / STEPS, rate = 2 * HAWKES_RATE / DAYS_PER_YEAR, g[ORDER] = {0}, log_count[ORDER] = {0};
    for (int s = 0; s < STEPS; s++) {
        double k[4][ORDER], f[4][ORDER], at[ORDER];
        family_slope(g, k[0], f[0]);
        for (int i = 1; i < 4; i++) {
            for (int n = 0; n < ORDER; n++) at[n] = g[n] + (i < 3 ? h / 2 : h) * k[i - 1][n];
            family_slope(at, k[i], f[i]);
        }
        for (int n = 0; n < ORDER; n++) {
            g[n] += h / 6 * (k[0][n] + 2 * k[1][n] + 2 * k[2][n] + k[3][n]);
            log_count[n] += rate * h / 6 * (f[0][n] + 2 * f[1][n] + 2 * f[2][n] + f[3][n] - 6 * (n == 0));
        }
    }
    double law[ORDER], below = 0;
    series_exp(log_count, law);
    for (int n = 0; n < ORDER; n++) below += law[n];
    return 1 - below;
}

/* P(a first passage within the time), by the strength at its start: a grid on which the strength decays from
 * one point to the next in one step, and at its end is 0. Above its point PASSAGE_SURE a jump passes. */
typedef struct {
    double now[PASSAGE_POINTS + 2], before[PASSAGE_POINTS + 2]; /* with that much time, and a step less */
    double to[PASSAGE_POINTS + 1];                              /* where a jump leads to; -1: past it */
} passage_t;

static double after_jump(const double *h, double to) {
    int at = (int)to;
    return to < 0 ? 1 : h[at] + (to - at) * (h[at + 1] - h[at]);
}

static void passage_step(passage_t *p, double mean) {
    for (int j = 0; j <= PASSAGE_POINTS; j++) {
        int next = j < PASSAGE_POINTS ? j + 1 : j;
        double at_end = p->to[j] < 0 ? 1 : after_jump(p->before, p->to[next]);
        p->now[j] =
            exp(-mean) * (p->before[next] + mean / 2 * at_end) + mean / 2 * after_jump(p->now, p->to[j]);
    }
}

static double passage_probability(void) {
    static passage_t p;
    double sure = (PASSAGE - JUMP) / (1 - JUMP), fall = log(PASSAGE / sure) / PASSAGE_SURE;
    double step = fall * 30 / M_LN2, mean = 2 * JUMP_RATE / DAYS_PER_YEAR * step, last = 0;
    for (int j = 0; j <= PASSAGE_POINTS; j++) {
        double s = j < PASSAGE_POINTS ? PASSAGE * exp(-fall * j) : 0, to = s + JUMP * (1 - s);
        p.to[j] = j < PASSAGE_SURE ? -1 : fmax(0, log(PASSAGE / to) / fall);
    }
    int steps = (int)(DAYS / step);
    for (int t = 0; t <= steps; t++) {
        last = p.before[PASSAGE_POINTS];
        passage_step(&p, mean);
        memcpy(p.before, p.now, sizeof p.now);
    }
    return last + (DAYS / step - steps) * (p.now[PASSAGE_POINTS] - last);
}

/* ---- estimates ----------------------------------------------------------------------------------------- */

typedef struct {
    moments_t trees;      /* of all seeds */
    double simulations;   /* of all trees */
    int n_told, n_covers; /* intervals */
} outcome_t;

static void estimate_once(const case_t *c, uint64_t seed, double planted, outcome_t *outcome) {
    static double trees[TREES_MOST];
    model_t m;
    engine_t *engine;
    fault_t err = {0};
    result_t root;
    observation_t nothing = {0};
    estimate_t e;
    c->make(&m);
    assert_int_equal(model_finish(&m), 0);
    split_t split = {.watch = {.ever = c->ever}, .splits = SPLITS, .most_paths = PATHS};
    pilot_t pilot = {.model = &m, .seed = seed, .n_paths = PILOT};
    if (pilot_find_levels(&pilot, &split, &err)) fail_msg("%s", err.text);
    assert_int_equal(split_make_columns(&split, &m), 0);
    tree_t tree = {0};
    assert_int_equal(tree_init(&tree, &split, &m), 0);
    assert_int_equal(result_init(&root, &split.columns, &nothing), 0);
    assert_int_equal(engine_init(&engine, &m, seed), 0);
    tree.engine.engine = engine;
    for (uint32_t i = 0; i < (uint32_t)n_trees; i++) {
        assert_int_equal(tree_simulate(&tree, i, &root), 0);
        trees[i] = planted * root.quantities[SPLIT_EVENT];
        moments_add(&outcome->trees, trees[i]);
        outcome->simulations += root.quantities[split_column_of_cost(&split)];
    }
    assert_int_equal(estimate_columns(trees, NULL, (size_t)n_trees, false, NAN, &e, &err), 0);
    outcome->n_told += !isnan(e.low);
    outcome->n_covers += e.low <= c->known && c->known <= e.high;
    tree_free(&tree);
    result_free(&root);
    engine_free(engine);
    split_free(&split);
    model_free(&m);
}

/* Plain replicates that a simulation is worth. */
static double gain_of(const outcome_t *o, double known) {
    return known * (1 - known) / (moments_var(&o->trees) * o->simulations / o->trees.n);
}

static outcome_t estimate_seeds(const case_t *c, int n, double planted) {
    outcome_t o = {0};
    for (int s = 0; s < n; s++) estimate_once(c, c->first_seed + (uint64_t)s, planted, &o);
    return o;
}

static double off(const outcome_t *o, const case_t *c) {
    return (o->trees.mean - c->known) / hypot(sqrt(moments_var(&o->trees) / o->trees.n), c->error * c->known);
}

static void check_case(const case_t *c, double least_gain) {
    char name[128];
    outcome_t o = estimate_seeds(c, n_seeds, 1);
    double share = o.n_covers / (double)o.n_told, gain = gain_of(&o, c->known);
    printf("%s: known %.5g, estimated %.5g, intervals %d of %d, cover %.1f %%, gain %.0f\n", c->name,
           c->known, o.trees.mean, o.n_told, n_seeds, 100 * share, gain);
    report_estimate(c->name, c->known, o.trees.mean,
                    hypot(sqrt(moments_var(&o.trees) / o.trees.n), c->error * c->known));
    snprintf(name, sizeof name, "%s: replicates a simulation is worth, at least", c->name);
    report_holds(name, least_gain, gain, gain >= least_gain);
    if (n_seeds < 200) return;
    snprintf(name, sizeof name, "%s: share of intervals that cover", c->name);
    double bound = fmin(fmax(share, 0.93), 0.97);
    report_p(name, 0.95, share, normal_p((share - bound) / sqrt(bound * (1 - bound) / o.n_told)));
    snprintf(name, sizeof name, "%s: share that has an interval, at least", c->name);
    report_holds(name, 0.9, o.n_told / (double)n_seeds, o.n_told >= 0.9 * n_seeds);
}

static void test_known_probabilities(void **state) {
    (void)state;
    const case_t cases[] = {
        {"Poisson count above 11", poisson_tail(2 * A_YEAR, 11), 0, make_poisson, false, 1000},
        {"Poisson count above 10", poisson_tail(2 * A_YEAR, 10), 0, make_poisson_at_1e5, false, 2000},
        {"Hawkes count", hawkes_tail(), 0, make_hawkes, false, 3000},
        {"first passage of a strength", passage_probability(), 1e-3, make_passage, true, 4000},
    };
    report_open("rare");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(&cases[i], 100);
    assert_int_equal(report_close(), 0);
}

/* All weights are half as large again. */
static void test_a_planted_error_is_seen(void **state) {
    (void)state;
    const case_t c = {"Poisson count above 11", poisson_tail(2 * A_YEAR, 11), 0, make_poisson, false, 1000};
    int n = n_seeds < 50 ? n_seeds : 50;
    outcome_t right = estimate_seeds(&c, n, 1), wrong = estimate_seeds(&c, n, 1.5);
    assert_true(fabs(off(&right, &c)) < 4);
    assert_true(off(&wrong, &c) > 4);
    assert_true(wrong.n_covers < 0.6 * wrong.n_told);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_seeds = 12, n_trees = 1000;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_probabilities),
        cmocka_unit_test(test_a_planted_error_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
