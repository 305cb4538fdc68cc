#include "base/error.h"
#include "support/check.h"

static void test_set_fills_code_and_text(void **state) {
    (void)state;
    fault_t err = {0};
    assert_int_equal(error_set(&err, ERR_DATA, "%s: %d", "rate", -3), ERR_DATA);
    assert_int_equal(err.code, ERR_DATA);
    assert_string_equal(err.text, "rate: -3");
    assert_int_equal(error_set(NULL, ERR_IO, "nobody reads this"), ERR_IO);
}

static void test_long_text_is_cut(void **state) {
    (void)state;
    fault_t err = {0};
    error_set(&err, ERR_DATA, "%5000d", 1);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_string_equal(err.text + sizeof err.text - 5, " ...");
    error_set(&err, ERR_DATA, "%1023d", 1); /* has room */
    assert_string_equal(err.text + sizeof err.text - 3, " 1");
    char letters[3000] = "";
    for (int i = 0; i < 999; i++) memcpy(letters + 3 * i, "\u65e5", 3);
    for (int before = 0; before < 3; before++) { /* behind a whole letter, wherever it ends */
        error_set(&err, ERR_DATA, "%.*s%s", before, "xx", letters);
        size_t length = strlen(err.text);
        assert_string_equal(err.text + length - 3, "...");
        assert_int_equal((length - 3 - (size_t)before) % 3, 0);
        assert_true(length > sizeof err.text - 5);
    }
}

static void test_codes(void **state) {
    (void)state;
    assert_int_equal(error_exit_code(0), 0);
    assert_int_equal(error_exit_code(12345), 70);
    assert_string_equal(error_text(0), "no error");
    assert_string_equal(error_text(12345), "unknown error");
    assert_int_equal(error_exit_code(ERR_USAGE), 64);
    assert_int_equal(error_exit_code(ERR_DATA), 65);
    assert_int_equal(error_exit_code(ERR_INTERRUPTED), 75);
#define X(name, exit_code, text)                        \
    assert_true(name < 0);                              \
    assert_int_equal(error_exit_code(name), exit_code); \
    assert_string_equal(error_text(name), text);
    ERROR_LIST(X)
#undef X
}

static int passes_on(int code, int *reached) {
    int ret = 0;
    TRY(code);
    *reached = 1;
out:
    return ret;
}

static void test_try_leaves_on_failure_only(void **state) {
    (void)state;
    int reached = 0;
    assert_int_equal(passes_on(ERR_NOMEM, &reached), ERR_NOMEM);
    assert_int_equal(reached, 0);
    assert_int_equal(passes_on(0, &reached), 0);
    assert_int_equal(reached, 1);
}

static int asks_for(const void *there, fault_t *err, int *reached) {
    int ret = 0;
    TRY_MEM(there);
    *reached = 1;
out:
    return ret;
}

static void test_missing_memory_is_said(void **state) {
    (void)state;
    int reached = 0;
    fault_t err = {0};
    assert_int_equal(asks_for(NULL, &err, &reached), ERR_NOMEM);
    assert_int_equal(reached, 0);
    assert_int_equal(err.code, ERR_NOMEM);
    assert_string_equal(err.text, "out of memory");
    assert_int_equal(asks_for(&err, NULL, &reached), 0);
    assert_int_equal(reached, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_code_and_text),
        cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_missing_memory_is_said),
        cmocka_unit_test(test_try_leaves_on_failure_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
