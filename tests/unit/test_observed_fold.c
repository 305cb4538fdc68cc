/* Names of countries compare without case, accents and punctuation. */
#include "observed/fold.h"

#include "../support/check.h"

static void test_pairs(void **state) {
    (void)state;
    static const char *const same[][2] = {
        {"C\xC3\xB4te d\xE2\x80\x99Ivoire", "COTE D'IVOIRE"},
        {"C\xC3\xB4te d`Ivoire", "Cote d\xC2\xB4Ivoire"},
        {"Co\xCC\x82te d'Ivoire", "Cote dIvoire"}, /* a combining mark */
        {"Bahamas, The", "the Bahamas"},
        {"Guinea-Bissau", "Guinea Bissau"},
        {"Guinea\xE2\x80\x93"
         "Bissau",
         "guinea  bissau"},
        {"St. Lucia", "Saint Lucia"},
        {"Bosnia & Herzegovina", "Bosnia and Herzegovina"},
        {"S\xC3\xA3o Tom\xC3\xA9 and Pr\xC3\xADncipe", "Sao Tome and Principe"},
        {"T\xC3\xBCrkiye", "TURKIYE"},
        {"Vi\xE1\xBB\x87t Nam", "Viet Nam"},
        {"\xC3\x85land", "aland"},
        {"Cura\xC3\xA7"
         "ao",
         "CURACAO"},
        {"\xC3\x86r\xC3\xB8", "aero"},
        {"\xC5\x81\xC3\xB3"
         "d\xC5\xBA",
         "lodz"},
        {" Korea ,\xC2\xA0Republic of ", "Korea (Republic of)"},
        {"U.S.A.", "U S A"},
    };
    for (size_t p = 0; p < sizeof same / sizeof *same; p++) {
        char a[100], b[100];
        fold_text(same[p][0], a, sizeof a);
        fold_text(same[p][1], b, sizeof b);
        if (strcmp(a, b) != 0 || !*a)
            fail_msg("\"%s\" folds to \"%s\", \"%s\" to \"%s\"", same[p][0], a, same[p][1], b);
    }
}

static void test_differences(void **state) {
    (void)state;
    static const char *const differ[][2] = {{"Niger", "Nigeria"},
                                            {"Guinea", "Guinea-Bissau"},
                                            {"Korea, Republic of", "Korea, North"},
                                            {"Congo", "Congo, DR"},
                                            {"Theland", "land"}};
    for (size_t p = 0; p < sizeof differ / sizeof *differ; p++) {
        char a[100], b[100];
        fold_text(differ[p][0], a, sizeof a);
        fold_text(differ[p][1], b, sizeof b);
        assert_string_not_equal(a, b);
    }
}

/* Any bytes, into room of any size. */
static void test_room(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "the",
                                        "st",
                                        "St St St",
                                        "\xFF\xC3",
                                        "\xE1\xBB",
                                        "Saint Kitts and Nevis",
                                        "\xC3\x86\xC3\x86\xC3\x86\xC3\x86"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        for (size_t size = 1; size < 40; size++) {
            char out[41];
            memset(out, 'x', sizeof out);
            fold_text(texts[t], out, size);
            assert_true(memchr(out, 0, size) != NULL);
            for (size_t i = size; i < sizeof out; i++) assert_int_equal(out[i], 'x');
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_differences),
                                       cmocka_unit_test(test_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
