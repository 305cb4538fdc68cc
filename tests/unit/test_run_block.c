/* The size of blocks: the events it is reckoned from, and what it follows. */
#include "../support/identity.h"

#include "model/stability.h"
#include "run/plan/block.h"

/* ---- events to be expected -------------------------------------------------------------------------- */

static double simulated(model_t *m, uint32_t n) {
    observation_t o = {0};
    result_t r;
    engine_t *engine;
    double sum = 0;
    assert_int_equal(result_init(&r, m, &o), 0);
    assert_int_equal(engine_init(&engine, m, 1), 0);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(engine_run(engine, i, 0, 0, NULL, &o, &r), 0);
        sum += (double)r.n_events;
    }
    engine_free(engine);
    result_free(&r);
    return sum / n;
}

static void test_events_of_shipped_scenarios(void **state) {
    (void)state;
    static const char *const names[] = {"minimal.yaml",           "c5plus1-2025.yaml",
                                        "central-asia-2026.yaml", "ukraine-talks.yaml",
                                        "white-house-2018.yaml",  "fitted/icews-2018.yaml"};
    for (size_t s = 0; s < sizeof names / sizeof *names; s++) {
        texts_t texts;
        scenario_t scenario;
        double expected;
        texts_load(&texts, names[s]);
        assert_int_equal(texts_read(&texts, &scenario), 0);
        assert_int_equal(stability_events(&scenario.model, INFINITY, &expected), 0);
        double seen = simulated(&scenario.model, 5);
        if (!(expected > seen / 2 && expected < 2 * seen))
            fail_msg("%s: %.1f events expected, %.1f simulated", names[s], expected, seen);
        scenario_free(&scenario);
        texts_free(&texts);
    }
}

/* ---- what the size follows ----------------------------------------------------------------------------- */

#define SCENARIO(kind, rest)                                                                            \
    "entente: 1\ntitle: t\nperiod: {start: 2026-01-01, end: 2026-07-01}\n"                              \
    "actors: {AAA: {}, BBB: {}, CCC: {}}\nties: {AAA-BBB: {strength: 0.2}, AAA-CCC: {}, BBB-CCC: {}}\n" \
    "kinds: {call: {scope: initiator -> target, " kind "}}\nquantities: {n: {count: call}}\n" rest

#define RATE "kinds.call.rate.per_year"

typedef struct {
    scenario_t scenario;
    const char *sets[2]; /* "PATH", "VALUE" */
    points_t points;
    uint64_t seed;
    uint32_t n_replicates;
} wanted_t;

static wanted_t wanted(const char *text) {
    wanted_t self = {.seed = 1, .n_replicates = 100};
    const char *path = "s.yaml";
    size_t length = strlen(text);
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    if (scenario_read_texts(&self.scenario, 1, &path, &text, &length, &diagnostics)) {
        diagnostics_print(&diagnostics, stderr, 5);
        fail();
    }
    diagnostics_free(&diagnostics);
    return self;
}

/* Frees it. */
static uint32_t block_of(wanted_t self) {
    model_t *m = &self.scenario.model;
    int variants[8];
    setting_t setting;
    fault_t err = {0};
    observation_t o = {0};
    uint32_t block = 0;
    for (int v = 0; v < m->n_variants; v++) variants[v] = v;
    plan_request_t request = {.model = m,
                              .seed = self.seed,
                              .n_replicates = self.n_replicates,
                              .n_variants = m->n_variants,
                              .variants = variants,
                              .settings = &setting,
                              .points = self.points.n_axes ? &self.points : NULL};
    if (self.sets[0]) {
        assert_int_equal(scenario_set(&self.scenario, self.sets[0], self.sets[1], &setting, &err), 0);
        request.n_settings = 1;
    }
    double before = 0, after = 0;
    for (int p = 0; p < m->n_params; p++) before += isfinite(*m->params[p].value) ? *m->params[p].value : 0;
    assert_int_equal(block_replicates(&request, &o, &block), 0);
    for (int p = 0; p < m->n_params; p++) after += isfinite(*m->params[p].value) ? *m->params[p].value : 0;
    assert_true(before == after);
    points_free(&self.points);
    scenario_free(&self.scenario);
    return block;
}

static void test_it_follows_the_rates_that_are_simulated(void **state) {
    (void)state;
    const uint32_t slow = block_of(wanted(SCENARIO("rate: {per_year: 6}", ""))),
                   fast = block_of(wanted(SCENARIO("rate: {per_year: 1e4}", "")));
    assert_int_equal(slow, BLOCK_MOST);
    assert_in_range(fast, 1, 20);
    wanted_t set = wanted(SCENARIO("rate: {per_year: 6}", ""));
    set.sets[0] = RATE, set.sets[1] = "1e4";
    assert_int_equal(block_of(set), fast);
    assert_int_equal(
        block_of(wanted(SCENARIO("rate: {per_year: 6}", "variants: {more: {set: {" RATE ": 1e4}}}\n"))),
        fast); /* the base costs next to nothing beside it */
    assert_int_equal(
        block_of(wanted(SCENARIO("rate: {per_year: 6}",
                                 "interventions: [{id: more, at: 2026-02-01, set: {" RATE ": 1e4}}]\n"))),
        fast);
    assert_int_equal(block_of(wanted(SCENARIO("rate: {per_year: 6}",
                                              "uncertain: {" RATE ": {uniform: [9999, 10001]}}\n"))),
                     fast);
    wanted_t fixed =
        wanted(SCENARIO("rate: {per_year: 6}", "uncertain: {" RATE ": {uniform: [9999, 10001]}}\n"));
    fixed.sets[0] = RATE, fixed.sets[1] = "6"; /* what is set is not drawn */
    assert_int_equal(block_of(fixed), slow);
}

static void test_it_follows_excitation(void **state) {
    (void)state;
#define EXCITED(branching)                                                                                  \
    SCENARIO("rate: {per_year: 100}, excited_by: [{kind: call, branching: " branching ", half_life: 1 d}]", \
             "")
    uint32_t none = block_of(wanted(EXCITED("0"))), some = block_of(wanted(EXCITED("0.9"))),
             without_end = block_of(wanted(EXCITED("1.5")));
    assert_in_range(some, none / 20, none / 5);
    assert_int_equal(without_end, 1);
#undef EXCITED
}

/* Of growing numbers of points the blocks stay the same, or a sweep could not grow. */
static void test_it_follows_the_fastest_point(void **state) {
    (void)state;
    static const design_t designs[] = {DESIGN_GRID, DESIGN_RANDOM, DESIGN_SOBOL, DESIGN_SALTELLI,
                                       DESIGN_MORRIS};
    const uint32_t fast = block_of(wanted(SCENARIO("rate: {per_year: 1e4}", "")));
    for (size_t d = 0; d < sizeof designs / sizeof *designs; d++)
        for (int size = 1; size <= 64; size *= 4)
            for (uint64_t seed = 1; seed <= 2; seed++) {
                wanted_t w = wanted(SCENARIO("rate: {per_year: 6}", ""));
                sweep_axis_t axis = {.param = scenario_param(&w.scenario, RATE),
                                     .dist = {DIST_UNIFORM, {0, 1e4}}};
                fault_t err = {0};
                w.seed = seed;
                assert_int_equal(
                    points_make(&w.points, designs[d], size, 1, &axis, &w.scenario.model, seed, &err), 0);
                assert_int_equal(block_of(w), fast);
            }
}

static void test_it_follows_the_fastest_row_or_value(void **state) {
    (void)state;
    const uint32_t fast = block_of(wanted(SCENARIO("rate: {per_year: 1e4}", "")));
    fault_t err = {0};
    char path[] = "/tmp/entente-block-XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");
    fputs(RATE "\n6\n1e4\n7\n", out);
    fclose(out);
    wanted_t list = wanted(SCENARIO("rate: {per_year: 6}", ""));
    assert_int_equal(scenario_points(&list.scenario, path, &list.points, &err), 0);
    assert_int_equal(block_of(list), fast);
    remove(path);
    wanted_t values = wanted(SCENARIO("rate: {per_year: 6}", ""));
    double three[] = {6, 1e4, 7};
    sweep_axis_t axis = {.param = scenario_param(&values.scenario, RATE),
                         .range = SWEEP_VALUES,
                         .n_values = 3,
                         .values = three};
    assert_int_equal(points_make(&values.points, DESIGN_GRID, 1, 1, &axis, &values.scenario.model, 1, &err),
                     0);
    assert_int_equal(block_of(values), fast);
}

static void test_it_follows_nothing_else(void **state) {
    (void)state;
    const char *text =
        SCENARIO("rate: {per_year: 1000}", "uncertain: {" RATE ": {lognormal: {median: 1000, sigma: 1}}}\n");
    uint32_t first = block_of(wanted(text));
    for (uint32_t n = 1; n < 100000; n *= 10) {
        wanted_t w = wanted(text);
        w.n_replicates = n;
        w.seed = n + 7;
        assert_int_equal(block_of(w), first);
    }
}

static void test_without_memory(void **state) {
    (void)state;
    const char *text = SCENARIO("rate: {per_year: 10}", "uncertain: {" RATE ": {uniform: [1, 2]}}\n");
    wanted_t w = wanted(text);
    int variant = 0, ret = ERR_NOMEM;
    observation_t o = {0};
    plan_request_t request = {.model = &w.scenario.model, .n_variants = 1, .variants = &variant};
    for (long n = 0; n < 500 && ret; n++) {
        uint32_t block;
        double before = *w.scenario.model.params[0].value;
        mem_fail_after(n);
        ret = block_replicates(&request, &o, &block);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        assert_true(*w.scenario.model.params[0].value == before || isnan(before));
    }
    assert_int_equal(ret, 0);
    scenario_free(&w.scenario);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_of_shipped_scenarios),
        cmocka_unit_test(test_it_follows_the_rates_that_are_simulated),
        cmocka_unit_test(test_it_follows_excitation),
        cmocka_unit_test(test_it_follows_the_fastest_point),
        cmocka_unit_test(test_it_follows_the_fastest_row_or_value),
        cmocka_unit_test(test_it_follows_nothing_else),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
