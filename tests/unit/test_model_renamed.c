/* Older names of keys: what they are called, and that draws go by them. */
#include "base/rng.h"
#include "model/renamed.h"
#include "support/check.h"

static void test_keys(void **state) {
    (void)state;
    assert_string_equal(renamed_key("loading"), "coefficient");
    assert_string_equal(renamed_key("centre"), "reference");
    assert_string_equal(renamed_key("realised"), "delivered");
    assert_null(renamed_key("coefficient"));
    assert_null(renamed_key(""));
}

/* Names that a scenario gives (of kinds, attributes, items of lists) are no keys. */
static void test_paths(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"kinds.call.rate.log_effects.strength.loading", "kinds.call.rate.log_effects.strength.coefficient"},
        {"kinds.call.rate.log_effects.tie.loading.centre",
         "kinds.call.rate.log_effects.tie.loading.reference"},
        {"kinds.deal.deal.realised.beta.mean", "kinds.deal.deal.delivered.beta.mean"},
        {"kinds.realised.deal.lag.constant", NULL},
        {"kinds.loading.rate.per_year", NULL},
        {"ties.A-B.attributes.loading", NULL},
        {"kinds.call.rate.log_effects.tie.loading.coefficient", NULL},
        {"", NULL},
    };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        char out[128];
        assert_int_equal(renamed_path(cases[n][0], out, sizeof out), cases[n][1] != NULL);
        assert_string_equal(out, cases[n][1] ? cases[n][1] : cases[n][0]);
        if (cases[n][1]) assert_true(renamed_draw(7, cases[n][1]) == rng_key_text(7, cases[n][0]));
    }
    assert_true(renamed_draw(7, "kinds.call.rate.per_year") == rng_key_text(7, "kinds.call.rate.per_year"));
    char cut[8];
    assert_true(renamed_path("kinds.call.rate.log_effects.strength.loading", cut, sizeof cut));
    assert_string_equal(cut, "kinds.c");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys), cmocka_unit_test(test_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
