/* The agenda gives back what was put down by time, class and order, whatever the order of putting down. */
#include "../support/check.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "engine/event/agenda.h"

enum { N = 400 };

typedef struct {
    double time;
    agenda_class_t klass;
    uint64_t order;
} slot_t;

/* Few times, so that ties abound; orders differ from the eighth bit on. */
static slot_t slot_of(int i) {
    return (slot_t){(double)(i % 7), (agenda_class_t)(i / 7 % 5), (uint64_t)(i / 35) << 8};
}

static uint32_t put(agenda_t *agenda, int i) {
    slot_t slot = slot_of(i);
    item_t item = {.type = ITEM_INTERVENTION, .intervention = i};
    uint32_t id = agenda_add(agenda, slot.time, slot.klass, slot.order, &item);
    assert_int_not_equal(id, AGENDA_NONE);
    return id;
}

static bool is_before(slot_t a, slot_t b) {
    if (a.time != b.time) return a.time < b.time;
    return a.klass != b.klass ? a.klass < b.klass : a.order < b.order;
}

static void shuffle(int *order, uint64_t seed) {
    rng_stream_t stream;
    rng_stream_init(&stream, seed, 0);
    for (int i = 0; i < N; i++) order[i] = i;
    for (int i = N - 1; i > 0; i--) {
        int j = (int)(rng_stream_unit(&stream) * (i + 1)), swap = order[i];
        order[i] = order[j], order[j] = swap;
    }
}

static void test_same_in_every_order(void **state) {
    (void)state;
    agenda_t agenda;
    int first[N], order[N];
    assert_int_equal(agenda_init(&agenda), 0);
    for (uint64_t seed = 0; seed < 20; seed++) {
        shuffle(order, seed);
        for (int i = 0; i < N; i++) put(&agenda, order[i]);
        for (int i = 0; i < N; i++) {
            uint32_t id;
            assert_true(agenda_time(&agenda) ==
                        slot_of(agenda.items[heap_top(&agenda.heap)->id].intervention).time);
            int got = agenda_pop(&agenda, &id).intervention;
            agenda_release(&agenda, id);
            if (seed == 0) first[i] = got;
            assert_int_equal(got, first[i]);
            if (i > 0) assert_true(is_before(slot_of(first[i - 1]), slot_of(first[i])));
        }
        assert_true(agenda_time(&agenda) == INFINITY);
    }
    agenda_free(&agenda);
}

/* At one moment the classes go before whatever orders. */
static void test_classes_at_one_moment(void **state) {
    (void)state;
    static const agenda_class_t classes[] = {CLASS_STATE, CLASS_REFRESH, CLASS_INTERVENTION, CLASS_CALENDAR,
                                             CLASS_FOLLOWS};
    agenda_t agenda;
    assert_int_equal(agenda_init(&agenda), 0);
    for (int c = 4; c >= 0; c--) {
        item_t item = {.intervention = c};
        agenda_add(&agenda, 3, classes[c], c % 2 ? 0 : UINT64_MAX, &item);
    }
    for (int c = 0; c < 5; c++) {
        uint32_t id;
        assert_int_equal(agenda_pop(&agenda, &id).intervention, c);
    }
    agenda_free(&agenda);
}

/* What is put down while things are taken out comes at its place, also at the moment at hand. */
static void test_added_while_taking(void **state) {
    (void)state;
    agenda_t agenda;
    uint32_t id;
    assert_int_equal(agenda_init(&agenda), 0);
    item_t items[] = {{.intervention = 0}, {.intervention = 1}, {.intervention = 2}, {.intervention = 3}};
    agenda_add(&agenda, 5, CLASS_CALENDAR, 1 << 8, &items[0]);
    agenda_add(&agenda, 5, CLASS_CALENDAR, 2 << 8, &items[2]);
    assert_int_equal(agenda_pop(&agenda, &id).intervention, 0);
    agenda_add(&agenda, 5, CLASS_FOLLOWS, 0, &items[3]);
    agenda_add(&agenda, 5, CLASS_STATE, 0, &items[1]);
    for (int want = 1; want < 4; want++) assert_int_equal(agenda_pop(&agenda, &id).intervention, want);
    agenda_free(&agenda);
}

/* An id stays its item's own from being taken out to being released; then it is used again. */
static void test_ids(void **state) {
    (void)state;
    agenda_t agenda;
    uint32_t taken;
    assert_int_equal(agenda_init(&agenda), 0);
    uint32_t a = put(&agenda, 0), b = put(&agenda, 1);
    assert_int_not_equal(a, b);
    assert_true(agenda_pending(&agenda, a) && agenda_pending(&agenda, b));
    assert_false(agenda_pending(&agenda, AGENDA_NONE));
    agenda_pop(&agenda, &taken);
    assert_int_equal(taken, a);
    assert_false(agenda_pending(&agenda, a));
    uint32_t c = put(&agenda, 2);
    assert_true(c != a && c != b);
    agenda_release(&agenda, a);
    assert_int_equal(put(&agenda, 3), a);
    agenda_remove(&agenda, b);
    assert_false(agenda_pending(&agenda, b));
    assert_int_equal(put(&agenda, 4), b);
    assert_int_equal(agenda.items[b].intervention, 4);
    agenda_free(&agenda);
}

static void test_remove(void **state) {
    (void)state;
    agenda_t agenda;
    uint32_t ids[N], taken;
    int order[N], left = 0, last = -1;
    assert_int_equal(agenda_init(&agenda), 0);
    shuffle(order, 5);
    for (int i = 0; i < N; i++) ids[order[i]] = put(&agenda, order[i]);
    for (int i = 0; i < N; i += 3) agenda_remove(&agenda, ids[i]);
    assert_true(heap_verify(&agenda.heap));
    for (; agenda_time(&agenda) < INFINITY; left++) {
        int got = agenda_pop(&agenda, &taken).intervention;
        assert_int_equal(taken, ids[got]);
        assert_int_not_equal(got % 3, 0);
        if (last >= 0) assert_true(is_before(slot_of(last), slot_of(got)));
        last = got;
    }
    assert_int_equal(left, N - (N + 2) / 3);
    agenda_free(&agenda);
}

static void test_clear(void **state) {
    (void)state;
    agenda_t agenda;
    uint32_t id;
    assert_int_equal(agenda_init(&agenda), 0);
    for (int i = 0; i < N; i++) put(&agenda, i);
    agenda_clear(&agenda);
    assert_true(agenda_time(&agenda) == INFINITY);
    for (uint32_t i = 0; i < N; i++) assert_false(agenda_pending(&agenda, i));
    put(&agenda, 3);
    assert_int_equal(agenda_pop(&agenda, &id).intervention, 3);
    agenda_free(&agenda);
    agenda_free(&agenda);
}

static void test_out_of_memory(void **state) {
    (void)state;
    item_t item = {.intervention = 0};
    int failures = 0;
    for (;; failures++) {
        agenda_t agenda;
        int added = 0;
        assert_int_equal(agenda_init(&agenda), 0);
        mem_fail_after(failures);
        while (added < 100 && agenda_add(&agenda, added, CLASS_STATE, 0, &item) != AGENDA_NONE) added++;
        mem_fail_after(-1);
        for (int i = 0; i < added; i++) { /* what was put down is all there */
            uint32_t id;
            assert_true(agenda_time(&agenda) == i);
            agenda_pop(&agenda, &id);
        }
        assert_true(agenda_time(&agenda) == INFINITY);
        agenda_free(&agenda);
        if (added == 100) break;
    }
    assert_true(failures > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_in_every_order),
        cmocka_unit_test(test_classes_at_one_moment),
        cmocka_unit_test(test_added_while_taking),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
