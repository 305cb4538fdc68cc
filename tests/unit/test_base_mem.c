#include "base/mem.h"

#include "base/error.h"
#include "support/check.h"

static int hook_off(void **state) {
    (void)state;
    mem_fail_after(-1);
    return 0;
}

static void test_alloc_is_zeroed(void **state) {
    (void)state;
    unsigned char *block = mem_alloc(1000, 3);
    assert_non_null(block);
    for (int i = 0; i < 3000; i++) assert_int_equal(block[i], 0);
    mem_free(block);

    void *empty = mem_alloc(0, 8);
    assert_non_null(empty);
    mem_free(empty);
    mem_free(NULL);
}

static void test_lines(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 24, 64, 1000, (size_t)5 << 20};
    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
        unsigned char *block = mem_alloc_lines(sizes[n], 1);
        assert_non_null(block);
        memset(block, 1, sizes[n]);
        mem_free(block);
        block = mem_alloc_lines(sizes[n], 1); /* the same one, as a rule */
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % CACHE_LINE, 0);
        for (size_t i = 0; i < sizes[n]; i++)
            if (block[i]) fail_msg("byte %zu of %zu is not zero", i, sizes[n]);
        mem_free(block);
    }
    assert_null(mem_alloc_lines(SIZE_MAX / 2, 3));
    assert_null(mem_alloc_lines(PTRDIFF_MAX, 1));
    mem_fail_after(0);
    assert_null(mem_alloc_lines(1, 1));
}

static void test_overflow_is_refused(void **state) {
    (void)state;
    assert_null(mem_alloc(SIZE_MAX / 2, 3));
    assert_null(mem_alloc(SIZE_MAX, 1));
    int *block = mem_alloc(1, sizeof *block);
    *block = 7;
    assert_null(mem_resize(block, SIZE_MAX / 4, 8));
    assert_int_equal(*block, 7);
    mem_free(block);
}

static void test_fails_on_demand(void **state) {
    (void)state;
    mem_fail_after(2);
    void *a = mem_alloc(1, 1), *b = mem_resize(NULL, 1, 1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(mem_alloc(1, 1));
    assert_null(mem_resize(a, 2, 1));
    mem_fail_after(-1);
    void *c = mem_alloc(1, 1);
    assert_non_null(c);
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

static void test_arena(void **state) {
    (void)state;
    arena_t arena;
    arena_init(&arena);
    unsigned char *blocks[500];
    size_t sizes[500];
    for (size_t i = 0; i < 500; i++) {
        sizes[i] = i * i % 6000; /* some larger than a whole first block, some empty */
        blocks[i] = arena_alloc(&arena, sizes[i], 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i % 251) + 1, sizes[i]);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(blocks[i][k], i % 251 + 1);
    }
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&arena, SIZE_MAX, 1));
    arena_free(&arena);
    assert_int_equal(arena.bytes, 0);
    arena_free(&arena);
}

static void test_arena_text(void **state) {
    (void)state;
    arena_t arena;
    arena_init(&arena);
    assert_string_equal(arena_text(&arena, "Tashkent"), "Tashkent");
    assert_string_equal(arena_text_n(&arena, "Tashkent", 4), "Tash");
    assert_string_equal(arena_text_n(&arena, "Osh", 100), "Osh");
    assert_string_equal(arena_text(&arena, ""), "");
    assert_null(arena_text(&arena, NULL));
    assert_null(arena_text_n(&arena, NULL, 3));
    mem_fail_after(0);
    arena_t other = {0};
    assert_null(arena_text(&other, "Osh"));
    arena_free(&other);
    mem_fail_after(-1);
    arena_free(&arena);
}

static void test_array_reserve(void **state) {
    (void)state;
    int *items = NULL;
    size_t n = 0, capacity = 0;
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(ARRAY_RESERVE(items, n, capacity), 0);
        assert_true(capacity > n);
        items[n++] = i;
    }
    for (int i = 0; i < 10000; i++) assert_int_equal(items[i], i);
    n = capacity;
    mem_fail_after(0);
    assert_int_equal(ARRAY_RESERVE(items, n, capacity), ERR_NOMEM);
    assert_int_equal(items[9999], 9999);
    assert_int_equal(capacity, n);
    mem_fail_after(-1);
    mem_free(items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_alloc_is_zeroed, hook_off),
        cmocka_unit_test_teardown(test_lines, hook_off),
        cmocka_unit_test_teardown(test_overflow_is_refused, hook_off),
        cmocka_unit_test_teardown(test_fails_on_demand, hook_off),
        cmocka_unit_test_teardown(test_arena, hook_off),
        cmocka_unit_test_teardown(test_arena_text, hook_off),
        cmocka_unit_test_teardown(test_array_reserve, hook_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
