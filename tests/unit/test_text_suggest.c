#include "text/suggest.h"

#include "support/check.h"

static void test_distance(void **state) {
    (void)state;
    assert_int_equal(suggest_distance("", ""), 0);
    assert_int_equal(suggest_distance("", "abc"), 3);
    assert_int_equal(suggest_distance("abc", "abc"), 0);
    assert_int_equal(suggest_distance("abc", "ABC"), 0); /* case is free */
    assert_int_equal(suggest_distance("coeficent", "coefficient"), 2);
    assert_int_equal(suggest_distance("per_yaer", "per_year"), 1); /* a swap is one slip */
    assert_int_equal(suggest_distance("kitten", "sitting"), 3);
    assert_int_equal(suggest_distance("ca", "abc"),
                     3); /* optimal string alignment, not the unrestricted form */
}

static const char *best(const char *word, const char *const *candidates) {
    suggest_t near = suggest_for(word);
    for (; *candidates; candidates++) suggest_offer(&near, *candidates);
    return near.best;
}

static void test_best(void **state) {
    (void)state;
    const char *const names[] = {"USA", "KAZ", "UZB", "EU", "coefficient", "reference", NULL};
    assert_string_equal(best("KAX", names), "KAZ");
    assert_string_equal(best("kaz", names), "KAZ");
    assert_string_equal(best("coeficient", names), "coefficient");
    assert_string_equal(best("referense", names), "reference");
    assert_null(best("x", names));      /* too short to be a slip of anything */
    assert_null(best("Brazil", names)); /* nothing near */
}

static void test_nothing_to_offer(void **state) {
    (void)state;
    suggest_t near = suggest_for("word");
    suggest_offer(&near, NULL);
    suggest_offer(&near, "");
    assert_null(near.best);
}

static void test_long_words(void **state) {
    (void)state;
    char a[800], b[800];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    a[799] = b[799] = 0;
    b[200] = 'b';
    assert_int_equal(suggest_distance(a, b), 1);
    b[600] = 'b';
    assert_int_equal(suggest_distance(a, b), 401); /* so far apart that it is no slip, however many differ */
    a[150] = 0;
    assert_int_equal(suggest_distance(a, b), 649);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_best),
        cmocka_unit_test(test_nothing_to_offer),
        cmocka_unit_test(test_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
