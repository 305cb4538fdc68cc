/* Each scalar of each shipped scenario and of the tables and kinds it reads, changed in turn: wherever
 * results differ the identity does, and titles, labels, notes and sources do not count. What several
 * scenarios read is changed whole in one of them, and of the fitted scenario, whose rows are alike, every
 * twentieth. */
#include "../support/identity.h"

static int n_changes, n_for_reader, n_seen;

static void change_all(const char *name, int own, int others) {
    subject_t subject;
    subject_init(&subject, name, 2, NULL);
    verdict_t v = change_each(&subject, own, others);
    subject_free(&subject);
    print_message("%s: %d changes, %d for the reader alone, %d seen\n", name, v.n_changes, v.n_for_reader,
                  v.n_seen);
    if (v.n_missed || v.n_refused)
        fail_msg("%s: %d changes missed, %d refused in vain: %s", name, v.n_missed, v.n_refused, v.first);
    n_changes += v.n_changes;
    n_for_reader += v.n_for_reader;
    n_seen += v.n_seen;
}

static void test_each_scalar(void **state) {
    (void)state;
    change_all("minimal.yaml", 1, 1);
    change_all("central-asia-2026.yaml", 1, 1);
    change_all("c5plus1-2025.yaml", 1, 10);
    change_all("ukraine-talks.yaml", 1, 10);
    change_all("white-house-2018.yaml", 1, 3); /* whose ties are of another year */
    change_all("fitted/icews-2018.yaml", 20, 20);
    change_all("fitted/relations.yaml", 1, 20);
    change_all("../tests/samples/rules.yaml", 1, 1);
    assert_in_range(n_changes, 10000, 1000000);
    assert_in_range(n_for_reader, 1000, n_changes);
    assert_in_range(n_seen, n_changes / 2, n_changes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_scalar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
