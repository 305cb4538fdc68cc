/* Diaries: what collides, what is found, what is struck out. */
#include "../support/check.h"

#include "base/error.h"
#include "base/mem.h"
#include "engine/event/diary.h"

enum { ASTANA = 10, TASHKENT = 11, MIAMI = 12 };

static void book(diary_t *diary, int actor, int first, int last, int place, uint32_t item) {
    booking_t booking = {.first_day = first, .last_day = last, .place = place, .precedence = 1, .item = item};
    assert_int_equal(diary_add(diary, actor, &booking), 0);
}

/* The item of the collision found first, -1 if the leader is free. */
static int64_t in_the_way(const diary_t *diary, int actor, int first, int last, int place) {
    const booking_t *booking = diary_collision(diary, actor, first, last, place, NULL);
    return booking ? (int64_t)booking->item : -1;
}

static void test_days_and_places(void **state) {
    (void)state;
    diary_t diary;
    assert_int_equal(diary_init(&diary, 3), 0);
    book(&diary, 1, 5, 7, ASTANA, 42);
    static const struct {
        int first, last, place;
        bool collides;
    } cases[] = {
        {5, 5, TASHKENT, true},   {7, 7, TASHKENT, true},  {6, 6, TASHKENT, true},  {1, 5, TASHKENT, true},
        {7, 9, TASHKENT, true},   {1, 90, TASHKENT, true}, {4, 4, TASHKENT, false}, {8, 8, TASHKENT, false},
        {-3, 4, TASHKENT, false}, {6, 6, ASTANA, false},   {1, 90, ASTANA, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        assert_int_equal(in_the_way(&diary, 1, cases[c].first, cases[c].last, cases[c].place),
                         cases[c].collides ? 42 : -1);
    assert_int_equal(in_the_way(&diary, 0, 6, 6, TASHKENT), -1); /* another's diary */
    assert_int_equal(in_the_way(&diary, 2, 6, 6, TASHKENT), -1);
    diary_free(&diary);
}

/* All collisions are found, one after another. */
static void test_goes_on_behind(void **state) {
    (void)state;
    diary_t diary;
    assert_int_equal(diary_init(&diary, 1), 0);
    for (uint32_t i = 0; i < 40; i++) book(&diary, 0, (int)i, (int)i + 1, i % 3 == 0 ? ASTANA : MIAMI, i);
    int found = 0, sum = 0;
    const booking_t *booking = NULL;
    while ((booking = diary_collision(&diary, 0, 10, 20, ASTANA, booking))) {
        assert_int_equal(booking->place, MIAMI);
        assert_true(booking->last_day >= 10 && booking->first_day <= 20);
        found++;
        sum += (int)booking->item;
    }
    int want = 0, want_sum = 0;
    for (int i = 9; i <= 20; i++)
        if (i % 3 != 0) want++, want_sum += i;
    assert_int_equal(found, want);
    assert_int_equal(sum, want_sum);
    diary_free(&diary);
}

static void test_release(void **state) {
    (void)state;
    diary_t diary;
    assert_int_equal(diary_init(&diary, 2), 0);
    for (int actor = 0; actor < 2; actor++) {
        book(&diary, actor, 1, 1, ASTANA, 7);
        book(&diary, actor, 2, 2, ASTANA, 8);
        book(&diary, actor, 3, 3, ASTANA, 7);
    }
    diary_release(&diary, 0, 7);
    assert_int_equal(in_the_way(&diary, 0, 1, 1, MIAMI), -1);
    assert_int_equal(in_the_way(&diary, 0, 2, 2, MIAMI), 8);
    assert_int_equal(in_the_way(&diary, 0, 3, 3, MIAMI), -1);
    assert_int_equal(in_the_way(&diary, 1, 3, 3, MIAMI), 7);
    diary_release_all(&diary, 8);
    for (int actor = 0; actor < 2; actor++) assert_int_equal(in_the_way(&diary, actor, 2, 2, MIAMI), -1);
    assert_int_equal(in_the_way(&diary, 1, 1, 1, MIAMI), 7);
    diary_release(&diary, 1, 99); /* nothing of that name */
    assert_int_equal(diary.n[1], 2);
    diary_free(&diary);
}

/* What is held stays, whatever is released for items to come. */
static void test_held_and_clear(void **state) {
    (void)state;
    diary_t diary;
    assert_int_equal(diary_init(&diary, 2), 0);
    book(&diary, 0, 1, 2, ASTANA, DIARY_HELD);
    book(&diary, 1, 1, 2, ASTANA, DIARY_HELD);
    book(&diary, 1, 9, 9, ASTANA, 8);
    diary_release_all(&diary, 8);
    for (int actor = 0; actor < 2; actor++)
        assert_int_equal(in_the_way(&diary, actor, 2, 2, MIAMI), (int64_t)DIARY_HELD);
    assert_int_equal(in_the_way(&diary, 1, 9, 9, MIAMI), -1);
    diary_clear(&diary);
    for (int actor = 0; actor < 2; actor++) assert_int_equal(in_the_way(&diary, actor, 1, 9, MIAMI), -1);
    diary_free(&diary);
}

static void test_out_of_memory(void **state) {
    (void)state;
    diary_t diary;
    booking_t booking = {.first_day = 1, .last_day = 1, .place = ASTANA};
    for (int n = 0; n < 3; n++) {
        mem_fail_after(n);
        assert_int_equal(diary_init(&diary, 4), ERR_NOMEM);
        mem_fail_after(-1);
        diary_free(&diary);
    }
    assert_int_equal(diary_init(&diary, 4), 0);
    mem_fail_after(0);
    assert_int_equal(diary_add(&diary, 2, &booking), ERR_NOMEM);
    mem_fail_after(-1);
    assert_int_equal(in_the_way(&diary, 2, 1, 1, MIAMI), -1);
    assert_int_equal(diary_add(&diary, 2, &booking), 0);
    diary_free(&diary);
    diary_free(&diary);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_and_places), cmocka_unit_test(test_goes_on_behind),
        cmocka_unit_test(test_release),         cmocka_unit_test(test_held_and_clear),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
