/* A run's identity: how a scenario is written does not matter, what it says does; and the message tells what
 * differs. */
#include "../support/identity.h"

#include "run/plan/identity.h"

/* ---- messages -------------------------------------------------------------------------------------------
 */

static void check_message(const char *there, const char *here, const char *want) {
    char what[700];
    bool differ = identity_differences(there, here, "folder/s.yaml", what, sizeof what);
    assert_string_equal(what, want);
    assert_true(differ == (*want != '\0'));
}

static void test_messages(void **state) {
    (void)state;
    check_message("seed: 1\nscenario actors: 0\n", "scenario actors: 0\nseed: 1\n", "");
    check_message("seed: 1\nset x: 1\nvariants: base a\n", "seed: 2\nset y: 2\nvariants: base\n",
                  "seed: 1 there, 2 here; set y was not given; variants: base a there, base here; set x was "
                  "given there");
    check_message(
        "seed: 1\nscenario actors: 0\nscenario kind a: 1\nscenario kind b: 2\nscenario order of kinds: 3\n",
        "seed: 1\nscenario actors: 1\nscenario kind a: 1\nscenario kind c: 2\nscenario order of kinds: 4\n",
        "s.yaml has changed: actors, kind c (new), kind b (gone)");
    check_message("scenario actors: 0\nscenario order of actors: 1\n",
                  "scenario actors: 0\nscenario order of actors: 2\n", "s.yaml has changed: order of actors");
    check_message("scenario a: 0\nscenario b: 0\nscenario c: 0\nscenario d: 0\nscenario e: 0\nscenario f: "
                  "0\nscenario g: 0\n",
                  "scenario a: 1\nscenario b: 1\nscenario c: 1\nscenario d: 1\nscenario e: 1\nscenario f: "
                  "1\nscenario g: 1\n",
                  "s.yaml has changed: a, b, c, d, e, f and 1 more");
    check_message(
        "replicates a block: 200\n", "replicates a block: 20\n",
        "blocks of 200 replicates in the earlier parts, of 20 in this run; --block 200 continues with them");
    check_message("replicates a block: 200\nseed: 1\n", "replicates a block: 20\nseed: 2\n",
                  "seed: 1 there, 2 here");
    check_message("stored: everything\nscenario output: 1\n", "scenario output: 2\n",
                  "stored was given there");
}

static void join(void *context, const identity_change_t *change) {
    char *text = context;
    sprintf(text + strlen(text), "%s%.*s %.*s>%.*s;", change->of_scenario ? "*" : "", change->n_name,
            change->name, change->n_there, change->there ? change->there : "-", change->n_here,
            change->here ? change->here : "-");
}

static void test_one_by_one(void **state) {
    (void)state;
    char all[256] = "";
    identity_visit("seed: 1\nscenario actors: a\nscenario kind x: b\nreplicates a block: 4\n",
                   "seed: 2\nscenario actors: c\nscenario order of kinds: d\nreplicates a block: 8\n", join,
                   all);
    assert_string_equal(all, "seed 1>2;*actors a>c;*kind x b>;");
    *all = '\0';
    identity_visit("scenario order of kinds: d\n", "scenario order of kinds: e\n", join, all);
    assert_string_equal(all, "*order of kinds d>e;");
    *all = '\0';
    identity_visit("seed: 1\n", "seed: 1\n", join, all);
    assert_string_equal(all, "");
}

static void test_a_message_is_cut_to_its_room(void **state) {
    (void)state;
    char little[20], long_line[4000] = "variants: ";
    assert_true(identity_differences("seed: 1\n", "seed: 2\n", "s", little, sizeof little));
    assert_string_equal(little, "seed: 1 there, 2 he");
    memset(long_line + 10, 'a', sizeof long_line - 12);
    char what[300];
    assert_true(identity_differences(long_line, "variants: base\n", "s", what, sizeof what));
    assert_non_null(strstr(what, "... there, base here"));
}

/* ---- scenarios written in other ways ------------------------------------------------------------------ */

#define HEAD                                                                                \
    "entente: 1\ntitle: t\nperiod: {start: 2026-01-01, end: 2026-07-01}\n"                  \
    "actors: {AAA: {gdp: 1 bn USD, attributes: {x: 1, y: 2}}, BBB: {attributes: {x: 3}}}\n" \
    "ties: {AAA-BBB: {strength: 0.2}}\n"
#define KIND                                                                                           \
    "kinds: {call: {scope: initiator -> target, rate: {per_year: 6, log_effects: {initiator: {of: x, " \
    "coefficient: 1}}}, then: [{kind: call, probability: 0.1, delay: {constant: 30 d}}]}}\n"
#define REST                                                                       \
    "quantities: {n: {count: call}, s: {strength: AAA-BBB}}\nvariants: {a: {set: " \
    "{kinds.call.rate.per_year: 3}}}\n"

typedef struct {
    char *identity, results[HASH_SIZE];
} facts_t;

/* Frees the scenario. */
static facts_t facts_of(scenario_t *scenario) {
    facts_t facts;
    results_of(scenario, 1, facts.results);
    facts.identity = plan_text(scenario);
    scenario_free(scenario);
    return facts;
}

static facts_t facts_of_text(const char *text) {
    const char *path = "s.yaml";
    size_t length = strlen(text);
    scenario_t scenario;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    if (scenario_read_texts(&scenario, 1, &path, &text, &length, &diagnostics)) {
        diagnostics_print(&diagnostics, stderr, 5);
        fail_msg("not a scenario: %s", text);
    }
    diagnostics_free(&diagnostics);
    return facts_of(&scenario);
}

/* Whether just that differs between two identities, and no result does if it is nothing. Frees both. */
static void check_facts(facts_t there, facts_t here, const char *want) {
    check_message(there.identity, here.identity, want);
    assert_true((strcmp(there.identity, here.identity) == 0) == (*want == '\0'));
    if (!*want) assert_string_equal(there.results, here.results);
    free(there.identity);
    free(here.identity);
}

static void check_texts(const char *there, const char *here, const char *want) {
    check_facts(facts_of_text(there), facts_of_text(here), want);
}

static void test_one_value_in_two_spellings(void **state) {
    (void)state;
#define WITH(kind) HEAD "kinds: {call: {scope: initiator -> target, " kind "}}\n" REST
    check_texts(HEAD KIND REST, HEAD KIND "# comment\n" REST, "");
    check_texts(WITH("rate: {per_year: 6}"), WITH("rate: {per_year: 0.6e1}"), "");
    check_texts(WITH("rate: {per_year: 6}"), WITH("\"rate\": {'per_year': \"6.0\"}"), "");
    check_texts(WITH("rate: {per_year: 6}"), WITH("note: word, source: book, rate: {per_year: 6}"), "");
    check_texts(WITH("rate: {per_year: 6}"),
                WITH("rate: {per_year: 6, log_effects: {}}, effect: {goldstein: 0}"), "");
    check_texts(WITH("then: [{kind: call, probability: 0.1, delay: {constant: 30 d}}]"),
                WITH("then: [{delay: {constant: 720 h}, probability: 1e-1, kind: call}]"), "");
    check_texts(WITH("rate: {per_year: 6}"), WITH("rate: {per_year: 6.000001}"),
                "s.yaml has changed: kind call");
#undef WITH
}

#define CALL(id, day) "{id: " id ", date: 2026-03-" day ", kind: call, initiator: AAA, target: BBB}"
#define BACK(id, day) "{id: " id ", date: 2026-03-" day ", kind: call, initiator: BBB, target: AAA}"

static void test_what_is_unordered(void **state) {
    (void)state;
    check_texts(HEAD KIND REST, HEAD REST KIND, "");
    check_texts(HEAD KIND REST "calendar: [" CALL("a", "01") ", " CALL("b", "01") ", " CALL("c", "02") "]\n",
                HEAD KIND REST "calendar: [" CALL("c", "02") ", " CALL("b", "01") ", " CALL("a", "01") "]\n",
                "");
    /* The log has a row of each entry that an intervention drops, all at one moment. */
#define DROPS(list) "interventions: [{id: stop, at: 2026-02-01, drop: [" list "]}]\n"
    check_texts(HEAD KIND REST "calendar: [" CALL("a", "01") ", " BACK("b", "02") "]\n" DROPS("a, b"),
                HEAD KIND REST "calendar: [" BACK("b", "02") ", " CALL("a", "01") "]\n" DROPS("b, a"), "");
#undef DROPS
    check_texts(HEAD KIND REST "interventions: [{id: x, at: 2026-02-01, set: {kinds.call.rate.per_year: 9}}, "
                               "{id: y, at: 2026-02-01, set: {kinds.call.rate.per_year: 1}}]\n",
                HEAD KIND REST "interventions: [{id: y, at: 2026-02-01, set: {kinds.call.rate.per_year: 1}}, "
                               "{id: x, at: 2026-02-01, set: {kinds.call.rate.per_year: 9}}]\n",
                "");
}

static void test_order_that_decides(void **state) {
    (void)state;
    check_texts("quantities: {n: {count: call}, s: {strength: AAA-BBB}}\n" HEAD KIND,
                "quantities: {s: {strength: AAA-BBB}, n: {count: call}}\n" HEAD KIND,
                "s.yaml has changed: order of quantities");
}

/* ---- shipped scenarios, written anew ---------------------------------------------------------------------
 */

/* Mappings of free names, whose order decides that of a dimension or of a sum. */
static bool keeps_order(const char *key) {
    static const char *const keys[] = {"actors",      "groups",     "ties",     "conditions",
                                       "kinds",       "quantities", "variants", "uncertain",
                                       "log_effects", "log_odds",   "sectors"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (!strcmp(key, keys[k])) return true;
    return false;
}

/* In quotes where a quote may stand, the keys of mappings the other way round (but for `all` only those that
 * mean nothing), without a comment. */
static void write_node(FILE *out, const node_t *node, const char *key, const char *turned) {
    if (node->type == NODE_SCALAR) {
        if (node_is_null(node)) fputs("null", out);
        if (node_is_null(node)) return;
        fputc('"', out);
        for (const char *c = node->text; *c; c++)
            fprintf(out, strchr("\"\\", *c) ? "\\%c" : *c == '\n' ? "\\n" : "%c", *c);
        fputc('"', out);
        return;
    }
    bool mapping = node->type == NODE_MAPPING, back = turned ? !strcmp(key, turned) : !keeps_order(key);
    fputc(mapping ? '{' : '[', out);
    for (int i = 0; i < node->n; i++) {
        int at = mapping && back ? node->n - 1 - i : i;
        if (i) fputs(", ", out);
        if (mapping) fprintf(out, "\"%s\": ", node->entries[at].key);
        write_node(out, mapping ? node->entries[at].value : node->items[at],
                   mapping ? node->entries[at].key : key, turned);
    }
    fputc(mapping ? '}' : ']', out);
}

static void write_anew(texts_t *texts, const char *turned) {
    for (int i = 0; i < texts->n; i++) {
        if (!strcmp(strrchr(texts->paths[i], '.'), ".csv")) continue;
        arena_t arena;
        sources_t sources = {0};
        diagnostics_t diagnostics;
        const node_t *root;
        char *text = NULL;
        arena_init(&arena);
        diagnostics_init(&diagnostics);
        sources_give(&sources, texts->paths[i], texts->texts[i], texts->lengths[i]);
        assert_int_equal(yaml_parse(&arena, &sources, 0, &diagnostics, &root), 0);
        FILE *out = open_memstream(&text, &texts->lengths[i]);
        write_node(out, root, "", turned);
        fclose(out);
        free(texts->texts[i]);
        texts->texts[i] = text;
        diagnostics_free(&diagnostics);
        sources_free(&sources);
        arena_free(&arena);
    }
}

static facts_t facts_of_texts(const texts_t *texts) {
    scenario_t scenario;
    assert_int_equal(texts_read(texts, &scenario), 0);
    return facts_of(&scenario);
}

static const char *const shipped[] = {
    "minimal.yaml",          "c5plus1-2025.yaml",      "central-asia-2026.yaml",     "ukraine-talks.yaml",
    "white-house-2018.yaml", "fitted/icews-2018.yaml", "../tests/samples/rules.yaml"};
enum { SHIPPED = sizeof shipped / sizeof *shipped };

static void test_shipped_scenarios_written_anew(void **state) {
    (void)state;
    for (int s = 0; s < SHIPPED; s++) {
        texts_t texts;
        texts_load(&texts, shipped[s]);
        facts_t before = facts_of_texts(&texts);
        write_anew(&texts, NULL);
        check_facts(before, facts_of_texts(&texts), "");
        texts_free(&texts);
    }
}

static void test_orders_of_a_shipped_scenario(void **state) {
    (void)state;
    static const char *const turned[] = {"quantities", "groups", "uncertain"};
    for (size_t k = 0; k < sizeof turned / sizeof *turned; k++) {
        texts_t texts;
        char want[64];
        texts_load(&texts, "central-asia-2026.yaml");
        facts_t before = facts_of_texts(&texts);
        write_anew(&texts, turned[k]);
        snprintf(want, sizeof want, "s.yaml has changed: order of %s", turned[k]);
        check_facts(before, facts_of_texts(&texts), want);
        texts_free(&texts);
    }
}

/* ---- one scalar after another ----------------------------------------------------------------------------
 */

static verdict_t change_sample(const char *name, int own, int others, void (*blind)(model_t *)) {
    subject_t subject;
    subject_init(&subject, name, 1, blind);
    verdict_t verdict = change_each(&subject, own, others);
    subject_free(&subject);
    return verdict;
}

/* A sample of what long_run_identity.c looks at whole. */
static void test_changed_scalars(void **state) {
    (void)state;
    static const int own[SHIPPED] = {1, 60, 50, 60, 60, 6000, 1};
    int n_changes = 0, n_for_reader = 0;
    for (int s = 0; s < SHIPPED; s++) {
        verdict_t v = change_sample(shipped[s], own[s], 800, NULL);
        if (v.n_missed || v.n_refused)
            fail_msg("%s: %d changes missed, %d refused in vain: %s", shipped[s], v.n_missed, v.n_refused,
                     v.first);
        n_changes += v.n_changes;
        n_for_reader += v.n_for_reader;
    }
    assert_in_range(n_changes, 50, 10000);
    assert_in_range(n_for_reader, 5, 1000);
}

/* Members that an identity might leave out by mistake: the test above would see it. */
static void blind_to_goldstein(model_t *m) {
    for (int k = 0; k < m->n_kinds; k++) m->kinds[k].goldstein = 0;
}
static void blind_to_strength(model_t *m) {
    for (int e = 0; e < m->n_ties; e++) m->ties[e].strength = 0;
}
static void
blind_to_labels_no_more(model_t *m) { /* the other way round: what does not count is made to count */
    m->event_cap = (double)(m->title[0] + m->title[strlen(m->title) - 1]);
}

static void test_what_is_left_out_is_missed(void **state) {
    (void)state;
    assert_true(change_sample("minimal.yaml", 1, 1, blind_to_goldstein).n_missed > 0);
    assert_true(change_sample("minimal.yaml", 1, 1, blind_to_strength).n_missed > 0);
    assert_true(change_sample("minimal.yaml", 1, 1, blind_to_labels_no_more).n_refused > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_a_message_is_cut_to_its_room),
        cmocka_unit_test(test_one_value_in_two_spellings),
        cmocka_unit_test(test_what_is_unordered),
        cmocka_unit_test(test_order_that_decides),
        cmocka_unit_test(test_shipped_scenarios_written_anew),
        cmocka_unit_test(test_orders_of_a_shipped_scenario),
        cmocka_unit_test(test_changed_scalars),
        cmocka_unit_test(test_what_is_left_out_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
