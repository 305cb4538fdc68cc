#include "scenario/yaml.h"

#include "support/check.h"

typedef struct {
    arena_t arena;
    sources_t sources;
    diagnostics_t diagnostics;
    const node_t *root;
    int ret;
} parsed_text_t;

static void parse(parsed_text_t *self, const char *text) {
    *self = (parsed_text_t){0};
    arena_init(&self->arena);
    diagnostics_init(&self->diagnostics);
    assert_int_equal(sources_give(&self->sources, "x.yaml", text, strlen(text)), 0);
    self->ret = yaml_parse(&self->arena, &self->sources, 0, &self->diagnostics, &self->root);
}

static void done(parsed_text_t *self) {
    arena_free(&self->arena);
    sources_free(&self->sources);
    diagnostics_free(&self->diagnostics);
}

static void test_tree_and_places(void **state) {
    (void)state;
    parsed_text_t p;
    parse(&p, "a: \"é x\"\n'b c' : [1, {x: y}, ~, ]\nc:\n  d: |\n    text\n");
    assert_int_equal(p.ret, 0);
    assert_int_equal(p.root->type, NODE_MAPPING);
    assert_int_equal(p.root->n, 3);
    const node_t *a = node_get(p.root, "a");
    assert_string_equal(a->text, "é x");
    assert_true(a->quoted);
    assert_int_equal(a->mark.line, 1);
    assert_int_equal(a->mark.column, 4); /* the quote itself */
    const entry_t *b = node_entry(p.root, "b c");
    assert_int_equal(b->mark.column, 1);
    assert_int_equal(b->value->n, 3);
    assert_string_equal(node_get(b->value->items[1], "x")->text, "y");
    assert_int_equal(b->value->items[1]->mark.column, 13);
    assert_true(node_is_null(b->value->items[2]));
    assert_string_equal(node_get(node_get(p.root, "c"), "d")->text, "text\n");
    assert_null(node_get(p.root, "no"));
    assert_null(node_get(NULL, "a"));
    assert_null(node_get(a, "a"));
    done(&p);
}

static void test_columns_are_code_points(void **state) {
    (void)state;
    parsed_text_t p;
    parse(&p, "{é: ü, b: c}\n");
    assert_int_equal(node_get(p.root, "b")->mark.column, 11);
    done(&p);
}

static void test_null(void **state) {
    (void)state;
    parsed_text_t p;
    parse(&p, "[~, null, '', 'null', x, ]\n");
    const bool expected[] = {true, true, false, false, false};
    assert_int_equal(p.root->n, 5);
    for (int i = 0; i < 5; i++) assert_int_equal(node_is_null(p.root->items[i]), expected[i]);
    done(&p);
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
        int line, column;
    } cases[] = {
        {"a: &x 1\nb: *x\n", "aliases", 2, 4},
        {"a: !!int 1\n", "tags", 1, 10},
        {"a: 1\n---\nb: 1\n", "second document", 2, 1},
        {"{[a]: 1}\n", "a key must be", 1, 2},
        {"a: [1, 2\n", "closing bracket", 2, 1},
        {"%YAML 1.2\n", "directives", 1, 1},
        {"a:\n  ? b\n", "explicit keys", 2, 3},
        {"", "empty", 0, 0},
        {"# only this\n", "empty", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parsed_text_t p;
        parse(&p, cases[i].text);
        assert_true(p.ret < 0);
        assert_null(p.root);
        assert_int_equal(p.diagnostics.n, 1);
        assert_non_null(strstr(p.diagnostics.items[0].text, cases[i].message));
        assert_int_equal(p.diagnostics.items[0].mark.line, cases[i].line);
        assert_int_equal(p.diagnostics.items[0].mark.column, cases[i].column);
        done(&p);
    }
}

/* A key given twice is reported, and the rest can still be looked at. */
static void test_duplicate_keys(void **state) {
    (void)state;
    parsed_text_t p;
    parse(&p, "a: 1\nb: {c: 1, c: 2}\na: 3\n");
    assert_int_equal(p.ret, 0);
    assert_non_null(p.root);
    assert_int_equal(p.diagnostics.counts[SEVERITY_ERROR], 2);
    assert_string_equal(p.diagnostics.items[1].text, "key \"a\" is given a second time; the first is at 1:1");
    assert_int_equal(p.diagnostics.items[1].mark.line, 3);
    assert_int_equal(p.diagnostics.items[0].mark.column, 11);
    done(&p);
}

static void test_depth(void **state) {
    (void)state;
    char text[2 * YAML_MAX_DEPTH + 8];
    for (int extra = 0; extra < 2; extra++) {
        size_t depth = YAML_MAX_DEPTH + (size_t)extra;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = 0;
        parsed_text_t p;
        parse(&p, text);
        assert_int_equal(p.ret < 0, extra);
        done(&p);
    }
}

static const node_t *merge(parsed_text_t *p, const char *text) {
    parse(p, text);
    assert_int_equal(p->ret, 0);
    return node_merge(&p->arena, node_get(p->root, "base"), node_get(p->root, "over"));
}

static void test_merge(void **state) {
    (void)state;
    parsed_text_t p;
    const node_t *merged = merge(&p, "base: {a: 1, b: {c: 2, d: 3}, l: [1, 2], u: 9}\n"
                                     "over: {a: 5, b: {d: 4, e: 6}, l: [7], n: x}\n");
    assert_string_equal(node_get(merged, "a")->text, "5");
    assert_string_equal(node_get(node_get(merged, "b"), "c")->text, "2");
    assert_string_equal(node_get(node_get(merged, "b"), "d")->text, "4");
    assert_string_equal(node_get(node_get(merged, "b"), "e")->text, "6");
    assert_int_equal(node_get(merged, "l")->n, 1); /* lists are replaced */
    assert_string_equal(node_get(merged, "u")->text, "9");
    assert_int_equal(node_get(merged, "u")->mark.line, 1); /* places stay where things were written */
    assert_int_equal(node_get(merged, "a")->mark.line, 2);
    assert_int_equal(node_get(p.root, "base")->n, 4); /* the sources are not changed */
    assert_string_equal(node_get(node_get(p.root, "base"), "a")->text, "1");
    done(&p);
}

static void test_a_distribution_replaces_a_distribution(void **state) {
    (void)state;
    parsed_text_t p;
    const node_t *merged =
        merge(&p, "base: {v: {lognormal: {median: 1, sigma: 2}}, w: {gamma: {mean: 1, shape: 2}}}\n"
                  "over: {v: {uniform: [0, 1]}, w: {gamma: {mean: 3, shape: 2}}}\n");
    assert_int_equal(node_get(merged, "v")->n, 1);
    assert_non_null(node_get(node_get(merged, "v"), "uniform"));
    assert_string_equal(node_get(node_get(node_get(merged, "w"), "gamma"), "mean")->text, "3");
    done(&p);
}

/* Every allocation that fails is reported as such and leaks nothing. */
static void test_out_of_memory(void **state) {
    (void)state;
    const char *text = "a: {b: [1, 2, {c: d}], e: f}\ng: 'h'\n";
    int failures = 0;
    for (long n = 0; n < 200; n++) {
        parsed_text_t p = {0};
        arena_init(&p.arena);
        diagnostics_init(&p.diagnostics);
        assert_int_equal(sources_give(&p.sources, "x.yaml", text, strlen(text)), 0);
        mem_fail_after(n);
        int ret = yaml_parse(&p.arena, &p.sources, 0, &p.diagnostics, &p.root);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        failures += ret != 0;
        done(&p);
    }
    assert_true(failures > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_and_places),
        cmocka_unit_test(test_columns_are_code_points),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_duplicate_keys),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_a_distribution_replaces_a_distribution),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
