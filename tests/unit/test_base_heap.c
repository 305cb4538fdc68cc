#include "base/heap.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

static void test_empty(void **state) {
    (void)state;
    heap_t heap;
    assert_int_equal(heap_init(&heap, 0, NULL), 0);
    assert_true(heap_empty(&heap) && heap_verify(&heap));
    heap_free(&heap);
    heap_free(&heap);

    assert_int_equal(heap_init(&heap, 3, NULL), 0);
    heap_remove(&heap, 1);
    heap_set(&heap, 1, INFINITY);
    assert_true(heap_empty(&heap) && heap_verify(&heap));
    heap_free(&heap);
}

/* Random sets, changes and removals beside a plain array; times are coarse, so that many are equal. */
static void run_against_array(uint32_t n, const uint64_t *order, int times) {
    enum { STEPS = 20000 };
    heap_t heap;
    double expected[300];
    uint32_t carried[300] = {0};
    assert_true(n <= 300);
    assert_int_equal(heap_init(&heap, n, order), 0);
    for (uint32_t id = 0; id < n; id++) expected[id] = INFINITY;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_text(1, "heap"), n), (uint64_t)times);
    for (int step = 0; step < STEPS; step++) {
        const uint32_t id = (uint32_t)(rng_stream_unit(&stream) * n);
        const double u = rng_stream_unit(&stream);
        if (u < 0.2) {
            heap_remove(&heap, id);
            expected[id] = INFINITY;
        } else {
            expected[id] = u < 0.3 ? INFINITY : floor(rng_stream_unit(&stream) * times);
            heap_set_as(&heap, id, carried[id] = (uint32_t)step, expected[id]);
        }
        if (step % 50 == 0) assert_true(heap_verify(&heap));

        uint32_t least = 0;
        for (uint32_t i = 1; i < n; i++) {
            if (expected[i] > expected[least]) continue;
            if (expected[i] < expected[least] || (order && order[i] < order[least])) least = i;
        }
        if (expected[least] == INFINITY) {
            assert_true(heap_empty(&heap));
        } else {
            assert_int_equal(heap_top(&heap)->id, least);
            assert_true(heap_top(&heap)->time == expected[least]);
            assert_int_equal(heap_top(&heap)->what, carried[least]);
        }
    }
    heap_clear(&heap);
    assert_true(heap_empty(&heap) && heap_verify(&heap));
    heap_free(&heap);
}

static void test_against_array(void **state) {
    (void)state;
    uint64_t order[300];
    for (uint32_t i = 0; i < 300; i++)
        order[i] = rng_key_number(9, i) % 40; /* equal orders too: then by id */
    static const uint32_t sizes[] = {1, 2, 5, 6, 21, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        run_against_array(sizes[i], NULL, 10);
        run_against_array(sizes[i], order, 10);
        run_against_array(sizes[i], order, 1);
        run_against_array(sizes[i], order, 1000000);
    }
}

/* Equal times leave the queue by order, then by id, whatever the order in which they came. */
static void test_equal_times(void **state) {
    (void)state;
    enum { N = 64 };
    uint64_t order[N];
    for (uint32_t id = 0; id < N; id++) order[id] = (id * 37u) % 16;
    for (uint32_t stride = 1; stride < N; stride += 2) {
        heap_t heap;
        assert_int_equal(heap_init(&heap, N, order), 0);
        for (uint32_t i = 0; i < N; i++) heap_set(&heap, i * stride % N, 5.0);
        uint64_t last_order = 0;
        uint32_t last_id = 0;
        for (uint32_t i = 0; i < N; i++) {
            const uint32_t id = heap_top(&heap)->id;
            if (i > 0) assert_true(order[id] > last_order || (order[id] == last_order && id > last_id));
            last_order = order[id];
            last_id = id;
            heap_remove(&heap, id);
            assert_true(heap_verify(&heap));
        }
        assert_true(heap_empty(&heap));
        heap_free(&heap);
    }
}

static void test_grow_keeps_the_queue(void **state) {
    (void)state;
    heap_t heap;
    assert_int_equal(heap_init(&heap, 4, NULL), 0);
    for (uint32_t id = 0; id < 4; id++) heap_set(&heap, id, 1000.0 - id);
    for (uint32_t n = 5; n < 200; n++) {
        assert_int_equal(heap_grow(&heap, n, NULL), 0);
        heap_set(&heap, n - 1, 1000.0 - (n - 1));
        assert_int_equal(heap_top(&heap)->id, n - 1);
    }
    assert_int_equal(heap_grow(&heap, 3, NULL), 0);
    assert_int_equal(heap.n, 199);
    assert_true(heap_verify(&heap));
    heap_free(&heap);
}

static void test_out_of_memory(void **state) {
    (void)state;
    for (int n = 0; n < 2; n++) {
        heap_t heap;
        mem_fail_after(n);
        assert_int_equal(heap_init(&heap, 10, NULL), ERR_NOMEM);
        mem_fail_after(-1);
        heap_free(&heap);
    }
    for (int n = 0; n < 2; n++) {
        heap_t heap;
        assert_int_equal(heap_init(&heap, 2, NULL), 0);
        heap_set(&heap, 0, 2);
        heap_set(&heap, 1, 1);
        mem_fail_after(n);
        assert_int_equal(heap_grow(&heap, 1000, NULL), ERR_NOMEM);
        mem_fail_after(-1);
        assert_true(heap_verify(&heap) && heap_top(&heap)->id == 1);
        assert_int_equal(heap_grow(&heap, 1000, NULL), 0);
        heap_set(&heap, 999, 0.5);
        assert_true(heap_verify(&heap) && heap_top(&heap)->id == 999);
        heap_free(&heap);
    }
}

static void test_verify_sees_damage(void **state) {
    (void)state;
    heap_t heap;
    assert_int_equal(heap_init(&heap, 10, NULL), 0);
    for (uint32_t id = 0; id < 10; id++) heap_set(&heap, id, id);
    heap.entries[7].time = -1;
    assert_false(heap_verify(&heap));
    heap.entries[7].time = 7;
    assert_true(heap_verify(&heap));
    heap.position[3] = 4;
    assert_false(heap_verify(&heap));
    heap.position[3] = HEAP_NOWHERE;
    assert_false(heap_verify(&heap));
    heap_free(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_against_array),
        cmocka_unit_test(test_equal_times),   cmocka_unit_test(test_grow_keeps_the_queue),
        cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_verify_sees_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
