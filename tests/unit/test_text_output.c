#include "text/output.h"

#include "base/mem.h"
#include "support/check.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int enter(void **state) {
    static char folder[] = "/tmp/test_text_output.XXXXXX";
    *state = folder;
    return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int leave(void **state) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", (const char *)*state);
    return chdir("/") || system(command);
}

static void put(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void assert_holds(const char *path, const char *text) {
    char there[64] = "";
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_true(fread(there, 1, sizeof there - 1, in) < sizeof there - 1);
    fclose(in);
    assert_string_equal(there, text);
}

static void assert_resolves(const char *path, const char *expected) {
    char *resolved;
    assert_int_equal(output_resolve(path, &resolved, NULL), 0);
    assert_string_equal(resolved, expected);
    mem_free(resolved);
}

static void test_chains_of_links(void **state) {
    (void)state;
    char *resolved;
    fault_t err = {0};
    mkdir("scratch", 0777);
    assert_return_code(symlink("scratch/one", "link"), 0);
    assert_return_code(symlink("../scratch/two", "scratch/one"), 0); /* from where the link is */
    assert_resolves("plain", "plain");
    assert_resolves("link", "scratch/../scratch/two"); /* not there */
    put("scratch/two", "x");
    assert_resolves("./link", "./scratch/../scratch/two");
    assert_return_code(symlink("there", "and"), 0);
    assert_return_code(symlink("and", "there"), 0);
    assert_int_equal(output_resolve("and", &resolved, &err), ERR_CANTCREATE);
    assert_null(resolved);
    assert_int_equal(output_resolve("-", &resolved, &err), ERR_CANTCREATE);
}

static void test_names_of_one_file(void **state) {
    (void)state;
    put("a", "x");
    put("b", "x");
    assert_return_code(link("a", "hard"), 0);
    assert_return_code(symlink("a", "soft"), 0);
    assert_return_code(symlink("nothing", "dangling"), 0);
    assert_true(output_is_same("a", "./a"));
    assert_true(output_is_same("a", "hard"));
    assert_true(output_is_same("soft", "a"));
    assert_false(output_is_same("a", "b"));
    assert_false(output_is_same("a", "nothing"));
    assert_true(output_is_same("nothing", "./nothing"));
    assert_true(output_is_same("dangling", "nothing"));
    assert_false(output_is_same("nothing", "nobody"));
    assert_false(output_is_same("no/folder", "no/folder")); /* neither can be written */
}

static void test_what_may_be_replaced(void **state) {
    (void)state;
    fault_t err = {0};
    put("mine", "head\nrow\n");
    put("other", "heads\nrow\n");
    put("empty", "");
    assert_int_equal(output_check("new", "head\n", &err), 0);
    assert_int_equal(output_check("mine", "head\n", &err), 0);
    assert_int_equal(output_check("other", "head\n", &err), ERR_CANTCREATE);
    assert_int_equal(output_check("empty", "head\n", &err), ERR_CANTCREATE);
    assert_int_equal(output_check("/dev/null", "head\n", &err), ERR_CANTCREATE);
    assert_int_equal(output_check(".", "head\n", &err), ERR_CANTCREATE);
}

/* A text appears whole or not at all, and nothing is left of one that is dropped. */
static void test_a_text(void **state) {
    (void)state;
    output_file_t out;
    put("table", "head\nold\n");
    assert_int_equal(output_begin(&out, "table", "head\n", NULL), 0);
    fputs("head\nnew\n", out.file);
    assert_holds("table", "head\nold\n");
    assert_int_equal(output_flush(&out, NULL), 0);
    assert_holds(out.temporary, "head\nnew\n");
    output_drop(&out);
    assert_holds("table", "head\nold\n");
    assert_int_equal(output_begin(&out, "table", "head\n", NULL), 0);
    fputs("head\nnew\n", out.file);
    assert_int_equal(output_end(&out, NULL), 0);
    output_drop(&out);
    output_drop(&out);
    assert_holds("table", "head\nnew\n");
    output_file_t none = {0};
    assert_int_equal(output_end(&none, NULL), 0);
    assert_int_equal(system("test -z \"$(ls | grep tmp)\""), 0);
}

static void test_no_memory(void **state) {
    (void)state;
    int n = 0, ret = ERR_NOMEM;
    put("scarce", "head\nold\n");
    assert_return_code(symlink("scarce", "to-scarce"), 0);
    for (; ret == ERR_NOMEM; n++) {
        output_file_t out;
        mem_fail_after(n);
        ret = output_begin(&out, "to-scarce", "head\n", NULL);
        mem_fail_after(-1);
        output_drop(&out);
    }
    assert_int_equal(ret, 0);
    assert_true(n > 3);
    assert_holds("scarce", "head\nold\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains_of_links),
        cmocka_unit_test(test_names_of_one_file),
        cmocka_unit_test(test_what_may_be_replaced),
        cmocka_unit_test(test_a_text),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
