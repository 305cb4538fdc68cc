/* Fingerprints of a model: the tables leave out no byte of a struct, and what counts counts by its value and
 * name. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/error.h"
#include "model/digest/digest.h"
#include "model/digest/digest_tables.h"
#include <stdlib.h>

/* ---- the tables are complete ------------------------------------------------------------------------- */

/* The first byte of a struct that is no padding and that no row has, or that two rows have; -1. */
static int uncovered(const record_t *record) {
    unsigned char *mask = malloc(record->size), *seen = calloc(record->size, 1);
    int found = -1;
    memset(mask, 0xff, record->size);
    record->clear_padding(mask);
    for (int r = 0; r < record->n; r++)
        for (size_t b = 0; b < record->rows[r].size; b++) seen[record->rows[r].at + b]++;
    for (size_t b = 0; b < record->size && found < 0; b++)
        if (mask[b] ? seen[b] != 1 : seen[b] > 1) found = (int)b;
    free(mask);
    free(seen);
    return found;
}

static void test_no_member_is_forgotten(void **state) {
    (void)state;
    if (!digest_records[0]->clear_padding) skip(); /* the compiler cannot tell padding from members */
    int n = 0;
    for (const record_t *const *record = digest_records; *record; record++, n++) {
        int byte = uncovered(*record);
        if (byte >= 0)
            fail_msg("%s, byte %d: sim/model/digest/digest_tables.c has no row for this member, or two",
                     (*record)->name, byte);
    }
    assert_int_equal(n, 38);
}

/* A row that is taken away is missed, even if padding lies beside it. */
static void test_a_missing_row_is_seen(void **state) {
    (void)state;
    if (!digest_records[0]->clear_padding) skip();
    for (const record_t *const *record = digest_records; *record; record++)
        for (int r = 0; r < (*record)->n; r++) {
            record_row_t rows[64];
            record_t less = **record;
            memcpy(rows, less.rows, (size_t)less.n * sizeof *rows);
            rows[r] = rows[--less.n];
            less.rows = rows;
            if (uncovered(&less) < 0) fail_msg("%s without %s", less.name, (*record)->rows[r].name);
        }
}

/* ---- what counts --------------------------------------------------------------------------------------- */

/* Four actors, two kinds, a condition, a group, two calendar entries, two quantities, three variants. */
static void make_model(model_t *m) {
    arena_t *arena = &m->arena;
    toy_init(m, 4, 2, 100);
    m->n_actor_attributes = 2;
    m->actor_attributes = arena_alloc(arena, 2, sizeof *m->actor_attributes);
    m->actor_attributes[0] = arena_text(arena, "read");
    m->actor_attributes[1] = arena_text(arena, "unread");
    for (int i = 0; i < 4; i++) m->actors[i].attributes = arena_alloc(arena, 2, sizeof(double));
    toy_terms(m, &m->kinds[0].log_rate, 1)[0] =
        (term_t){.statistic = &statistics[STATISTIC_INITIATOR], .ref = 0, .coefficient = 1};
    for (int k = 0; k < 2; k++) {
        m->kinds[k].summit.group = -1;
        m->kinds[k].reply.accepted = m->kinds[k].reply.declined = m->kinds[k].reply.lapsed = -1;
    }
    m->n_conditions = 1;
    m->conditions = arena_alloc(arena, 1, sizeof *m->conditions);
    m->conditions[0].name = arena_text(arena, "war");
    m->n_calendar = 3;
    m->calendar = arena_alloc(arena, 3, sizeof *m->calendar);
    for (int e = 0; e < 3; e++) {
        m->calendar[e] = toy_entry(arena_text(arena, (const char *[]){"c", "a", "b"}[e]), 0, 0, 1, 0);
        m->calendar[e].in_base = e < 2;
    }
    m->n_quantities = 2;
    m->quantities = arena_alloc(arena, 2, sizeof *m->quantities);
    for (int q = 0; q < 2; q++)
        m->quantities[q] = (quantity_t){.name = arena_text(arena, q ? "y" : "x"),
                                        .what = QUANTITY_STRENGTH,
                                        .tie = q,
                                        .flow = -1,
                                        .condition = -1};
    m->n_params = 2;
    m->params = arena_alloc(arena, 2, sizeof *m->params);
    m->params[0] =
        (param_t){.path = arena_text(arena, "kinds.kind0.rate"), .value = &m->kinds[0].rate_per_year};
    m->params[1] =
        (param_t){.path = arena_text(arena, "kinds.kind1.rate"), .value = &m->kinds[1].rate_per_year};
    m->n_variants = 3;
    m->variants[1] = (variant_t){.name = arena_text(arena, "set"),
                                 .n_settings = 2,
                                 .settings = arena_alloc(arena, 2, sizeof(setting_t))};
    m->variants[1].settings[0] = (setting_t){.param = 0, .value = 3};
    m->variants[1].settings[1] = (setting_t){.param = 1, .value = 4};
    m->variants[2] =
        (variant_t){.name = arena_text(arena, "add"), .n_add = 1, .add = arena_alloc(arena, 1, sizeof(int))};
    m->variants[2].add[0] = 2;
    assert_int_equal(model_finish(m), 0);
}

static char *digest(const model_t *m, int n_variants) {
    static const int variants[] = {0, 1, 2};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(model_digest(m, n_variants, variants, "", out), 0);
    fclose(out);
    return text;
}

/* The names of the lines that differ, a blank behind each: "actors kind kind0 ". */
static void differences(const char *a, const char *b, char *out, size_t size) {
    *out = '\0';
    while (*a && *b) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n"), name = strcspn(a, ":");
        if (n != m || strncmp(a, b, n))
            snprintf(out + strlen(out), size - strlen(out), "%.*s;", (int)name, a);
        a += n + 1;
        b += m + 1;
    }
    assert_true(!*a && !*b);
}

#define CHANGED(change, want)                              \
    do {                                                   \
        char what_[512];                                   \
        char *before_ = digest(&m, 3), *after_;            \
        change;                                            \
        after_ = digest(&m, 3);                            \
        differences(before_, after_, what_, sizeof what_); \
        assert_string_equal(what_, want);                  \
        free(before_);                                     \
        free(after_);                                      \
    } while (0)

static void swap(void *a, void *b, size_t size) {
    char held[sizeof(kind_t)];
    assert_in_range(size, 1, sizeof held);
    memcpy(held, a, size);
    memcpy(a, b, size);
    memcpy(b, held, size);
}
#define SWAP(array, i, k) swap(&(array)[i], &(array)[k], sizeof *(array))

static void test_each_section_by_its_name(void **state) {
    (void)state;
    static bool first_tie[6] = {true};
    static int first_quantity[1] = {0};
    rule_t rule = rule_none();
    model_t m;
    make_model(&m);
    CHANGED(m.horizon = 101, "period;");
    CHANGED(m.event_cap = 7, "event_cap;");
    CHANGED(m.actors[2].gdp_usd = 5, "actors;");
    CHANGED(m.actors[2].attributes[0] = 5, "actors;");
    CHANGED(m.ties[3].trade_usd[1] = 5, "ties;");
    CHANGED(m.conditions[0].tail = 5, "conditions;");
    CHANGED(m.conditions[0].directed = true, "conditions;");
    CHANGED(m.kinds[1].only_if = &rule, "kind kind1;");
    CHANGED(m.dynamics.level[2] = 5, "effects and trade;");
    CHANGED(m.kinds[1].season.weekday[6] = 5, "kind kind1;");
    CHANGED(m.kinds[0].log_rate.terms[0].reference = 5, "kind kind0;");
    CHANGED(m.calendar[1].time = 5, "calendar;");
    CHANGED(m.calendar[2].time = 5, "variant add;");
    CHANGED(m.variants[1].settings[0].value = 5, "variant set;");
    CHANGED(m.variants[1].settings[0].scales = true, "variant set;");
    CHANGED(m.quantities[1].at = 5, "quantities;");
    CHANGED(m.quantities[1].every = 5, "quantities;");
    CHANGED(m.quantities[1].take = TAKE_MAX, "quantities;");
    CHANGED(m.quantities[1].ties = first_tie, "quantities;");
    CHANGED(m.quantities[1].n_parts = 1; m.quantities[1].parts = first_quantity, "quantities;");
    model_free(&m);
}

static void test_what_is_for_the_reader_does_not_count(void **state) {
    (void)state;
    model_t m;
    make_model(&m);
    CHANGED(m.title = m.note = "x", "");
    CHANGED(m.actors[1].label = m.actors[1].source = m.actors[1].type = m.actors[1].region = "x", "");
    CHANGED(m.kinds[1].note = m.kinds[1].source = "x", "");
    CHANGED(m.ties[1].source = "x", "");
    CHANGED(m.quantities[1].label = "x", "");
    CHANGED(m.variants[1].note = "x", "");
    CHANGED(m.calendar[1].source = "x", "");
    CHANGED(m.actors[1].attributes[1] = 5, ""); /* no statistic reads it */
    CHANGED(m.seed = 9; m.replicates = 3, "");
    model_free(&m);
}

/* Where it decides the order of a dimension or of a sum, and nowhere else. */
static void test_orders(void **state) {
    (void)state;
    model_t m;
    make_model(&m);
    CHANGED(SWAP(m.ties, 1, 4); model_finish(&m), "order of ties;quantities;"); /* one is of tie 1 */
    CHANGED(SWAP(m.quantities, 0, 1), "order of quantities;");
    CHANGED(SWAP(m.kinds, 0, 1), "order of kinds;calendar;variant add;"); /* entries are of kind 0 */
    CHANGED(SWAP(m.calendar, 0, 1), "");
    CHANGED(SWAP(m.variants[1].settings, 0, 1), "");
    model_free(&m);
}

/* Variants that are not simulated do not count, nor what only they add. */
static void test_only_simulated_variants(void **state) {
    (void)state;
    model_t m;
    make_model(&m);
    char *before = digest(&m, 2), what[64];
    m.calendar[2].time = 5;
    m.variants[2].n_decline = 0;
    m.variants[2].name = "other";
    char *after = digest(&m, 2);
    differences(before, after, what, sizeof what);
    assert_string_equal(what, "");
    free(before);
    free(after);
    model_free(&m);
}

/* Of two settings for one parameter the later one holds. */
static void test_the_later_setting_holds(void **state) {
    (void)state;
    model_t m;
    make_model(&m);
    m.variants[1].settings[1].param = 0;
    CHANGED(m.variants[1].settings[0].value = 99, "");
    CHANGED(m.variants[1].settings[1].value = 99, "variant set;");
    model_free(&m);
}

static void test_without_memory(void **state) {
    (void)state;
    model_t m;
    make_model(&m);
    static const int variants[] = {0, 1, 2};
    bool good = false;
    for (long n = 0; n < 300 && !good; n++) {
        FILE *out = fopen("/dev/null", "w");
        mem_fail_after(n);
        int ret = model_digest(&m, 3, variants, "", out);
        mem_fail_after(-1);
        fclose(out);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        good = ret == 0;
    }
    assert_true(good);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_member_is_forgotten),
        cmocka_unit_test(test_a_missing_row_is_seen),
        cmocka_unit_test(test_each_section_by_its_name),
        cmocka_unit_test(test_what_is_for_the_reader_does_not_count),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_only_simulated_variants),
        cmocka_unit_test(test_the_later_setting_holds),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
