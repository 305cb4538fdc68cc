#include "text/diagnostic.h"

#include "support/check.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    sources_t sources;
    diagnostics_t diagnostics;
} said_t;

static void say(said_t *self, severity_t severity, int line, int column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    diagnostics_add(&self->diagnostics, severity, &self->sources.items[0], "x", (location_t){0, line, column},
                    format, arguments);
    va_end(arguments);
}

static void begin(said_t *self, const char *text) {
    *self = (said_t){0};
    diagnostics_init(&self->diagnostics);
    assert_int_equal(sources_give(&self->sources, "x.yaml", text, strlen(text)), 0);
}

/* What is printed; the caller frees. */
static char *printed(said_t *self, int limit) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    diagnostics_print(&self->diagnostics, out, limit);
    fclose(out);
    return text;
}

static void end(said_t *self) {
    sources_free(&self->sources);
    diagnostics_free(&self->diagnostics);
}

static void test_order_and_count(void **state) {
    (void)state;
    said_t said;
    begin(&said, "one\ntwo\n");
    say(&said, SEVERITY_WARNING, 2, 2, "w");
    say(&said, SEVERITY_ERROR, 1, 3, "b");
    say(&said, SEVERITY_ERROR, 1, 1, "a");
    say(&said, SEVERITY_ERROR, 1, 1, "a"); /* the same once more says nothing new */
    char *text = printed(&said, 100);
    assert_string_equal(text, "x.yaml:1:1: error: a\n     1 | one\n       | ^\n"
                              "x.yaml:1:3: error: b\n     1 | one\n       |   ^\n"
                              "x.yaml:2:2: warning: w\n     2 | two\n       |  ^\n"
                              "2 errors, 1 warning\n");
    free(text);
    end(&said);
}

static void test_limit(void **state) {
    (void)state;
    said_t said;
    begin(&said, "x\n");
    for (int i = 0; i < 2 * DIAGNOSTICS_KEPT; i++) say(&said, SEVERITY_ERROR, 1, 1, "number %d", i);
    assert_int_equal(said.diagnostics.n, DIAGNOSTICS_KEPT);
    char *text = printed(&said, 2);
    assert_non_null(strstr(text, "number 1\n"));
    assert_null(strstr(text, "number 2\n"));
    assert_non_null(strstr(text, "2000 errors; the first 2 are shown\n"));
    free(text);
    end(&said);
}

static void test_tabs_and_wide_letters(void **state) {
    (void)state;
    said_t said;
    begin(&said, "\té: ü\r\n");
    say(&said, SEVERITY_ERROR, 1, 5, "here");
    char *text = printed(&said, 100);
    assert_non_null(strstr(text, "     1 |  é: ü\n       |     ^\n"));
    free(text);
    end(&said);
}

static void test_long_lines_are_cut(void **state) {
    (void)state;
    char line[1001];
    memset(line, 'a', 1000);
    line[1000] = 0;
    line[700] = 'X';
    said_t said;
    begin(&said, line);
    say(&said, SEVERITY_ERROR, 1, 701, "here");
    const diagnostic_t *item = &said.diagnostics.items[0];
    assert_true(strlen(item->line) < 120);
    assert_int_equal(item->line[item->caret], 'X');
    assert_int_equal(strncmp(item->line, "...", 3), 0);
    end(&said);
}

static void test_places_that_are_none(void **state) {
    (void)state;
    said_t said;
    begin(&said, "x\n");
    say(&said, SEVERITY_ERROR, 0, 0, "of the file");
    say(&said, SEVERITY_ERROR, 99, 99, "behind the end");
    char *text = printed(&said, 100);
    assert_non_null(strstr(text, "x.yaml: error: of the file\n"));
    assert_non_null(strstr(text, "x.yaml:99:99: error: behind the end\n"));
    free(text);
    end(&said);
}

static void test_terminals_are_safe(void **state) {
    (void)state;
    said_t said;
    begin(&said, "\x1b[31m \xff\n");
    say(&said, SEVERITY_ERROR, 1, 1, "a \x1b[2J b");
    assert_string_equal(said.diagnostics.items[0].line, "?[31m ?");
    assert_string_equal(said.diagnostics.items[0].text, "a ?[2J b");
    end(&said);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_count),       cmocka_unit_test(test_limit),
        cmocka_unit_test(test_tabs_and_wide_letters), cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_places_that_are_none),  cmocka_unit_test(test_terminals_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
