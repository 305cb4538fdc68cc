#include "base/rng.h"

#include "support/check.h"

static void check_block(uint64_t key, const uint32_t counter[4], const uint32_t want[4]) {
    uint32_t out[4];
    rng_philox(key, counter, out);
    for (int i = 0; i < 4; i++) assert_int_equal(out[i], want[i]);
}

/* The known answers of the Random123 distribution (kat_vectors, philox4x32 10). */
static void test_known_answers(void **state) {
    (void)state;
    check_block(0, (uint32_t[]){0, 0, 0, 0}, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_block(UINT64_MAX, (uint32_t[]){0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_block(0x299f31d0a4093822, (uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* Side by side come the same second numbers as one by one, however many there are. */
static void test_lanes(void **state) {
    (void)state;
    const uint64_t key = 0x299f31d0a4093822;
    const uint32_t marks[] = {0, UINT32_C(1) << 30};
    for (int n = 1; n <= RNG_GROUPS_MAX; n++)
        for (int m = 0; m < 2; m++) {
            rng_lanes_t groups[RNG_GROUPS_MAX];
            uint32_t expected = 0;
            for (int k = 0; k < RNG_LANES * n; k++) {
                rng_lanes_t *group = &groups[k / RNG_LANES];
                int lane = k % RNG_LANES;
                uint32_t out[4], second = 0x1E3779B9u * (unsigned)(k + n), third = (unsigned)k,
                                 fourth = ~third;
                rng_philox(key, (uint32_t[]){0, second | marks[m], third, fourth}, out);
                bool reaches = (k / 2 + n) % 2; /* by a hair, or not */
                group->second[lane] = second, group->third[lane] = third, group->fourth[lane] = fourth;
                group->least[lane] = reaches ? out[1] : out[1] + 1;
                expected |= (uint32_t)reaches << k;
            }
            assert_true(rng_philox_reach(key, marks[m], n, groups) == expected);
        }
}

/* The numbers of a stream are those of its blocks, in order. */
static void test_stream_is_its_blocks(void **state) {
    (void)state;
    const uint64_t key = 0x299f31d0a4093822, purpose = 0x0370734413198a2e;
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    for (uint32_t block = 0; block < 5; block++) {
        uint32_t out[4];
        rng_philox(key, (uint32_t[]){block, 0, 0x13198a2e, 0x03707344}, out);
        assert_true(rng_stream_bits(&stream) == (out[0] | (uint64_t)out[1] << 32));
        assert_true(rng_stream_bits(&stream) == (out[2] | (uint64_t)out[3] << 32));
    }
}

/* Frozen: a change of these keys moves every result ever published with the program. */
static void test_keys_are_frozen(void **state) {
    (void)state;
    assert_true(rng_key_text(0, "") == 0x2d06800538d394c2u);
    assert_true(rng_key_text(20251223, "invitation") == 0x835f4633d806da5eu);
    assert_true(rng_key_number(20251223, 7) == 0x0b147fead9cf3ea9u);
}

static void test_keys_differ(void **state) {
    (void)state;
    const uint64_t seed = 1;
    assert_true(rng_key_text(rng_key_text(seed, "ab"), "c") != rng_key_text(rng_key_text(seed, "a"), "bc"));
    assert_true(rng_key_text(rng_key_text(seed, "a"), "b") != rng_key_text(rng_key_text(seed, "b"), "a"));
    assert_true(rng_key_text(seed, "a") != rng_key_text(seed + 1, "a"));
    assert_true(rng_key_number(seed, 'a') != rng_key_text(seed, "a"));
    assert_true(rng_key_number(1, 2) != rng_key_number(2, 1));
    assert_true(rng_key_number(0, 0) != 0);
    /* small seeds and replicates, as they are used, never meet */
    enum { SEEDS = 40, REPLICATES = 40, N = SEEDS * REPLICATES };
    uint64_t keys[N];
    for (uint64_t i = 0; i < N; i++) keys[i] = rng_key_number(i / REPLICATES, i % REPLICATES);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < i; k++) assert_true(keys[i] != keys[k]);
    }
}

static void test_unit_interval_is_open(void **state) {
    (void)state;
    assert_true(rng_to_unit(0) > 0);
    assert_true(rng_to_unit(UINT64_MAX) < 1);
    CHECK_NEAR(rng_to_unit(UINT64_MAX / 2), 0.5, 1e-15);
}

enum { DRAWS = 200000 };

static void test_uniform_moments_and_bins(void **state) {
    (void)state;
    enum { BINS = 64 };
    moments_t first = {0}, square = {0}, lag = {0};
    int bins[BINS] = {0};
    double last = 0.5;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_text(1, "uniform"), 0);
    for (int i = 0; i < DRAWS; i++) {
        const double u = rng_stream_unit(&stream);
        moments_add(&first, u);
        moments_add(&square, u * u);
        moments_add(&lag, (u - 0.5) * (last - 0.5));
        bins[(int)(u * BINS)]++;
        last = u;
    }
    CHECK_MEAN_5_SIGMA(&first, 0.5);
    CHECK_MEAN_5_SIGMA(&square, 1.0 / 3);
    CHECK_MEAN_5_SIGMA(&lag, 0);
    for (int i = 0; i < BINS; i++) CHECK_SHARE_5_SIGMA(bins[i], DRAWS, 1.0 / BINS);
}

/* First numbers of neighbouring keys and purposes: as independent as those of one stream. */
static void test_streams_are_independent(void **state) {
    (void)state;
    moments_t by_key = {0}, by_purpose = {0};
    double last_key = 0, last_purpose = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        rng_stream_t a, b;
        rng_stream_init(&a, rng_key_number(3, i), 0);
        rng_stream_init(&b, 3, i);
        const double u = rng_stream_unit(&a) - 0.5, v = rng_stream_unit(&b) - 0.5;
        if (i > 0) {
            moments_add(&by_key, u * last_key);
            moments_add(&by_purpose, v * last_purpose);
        }
        last_key = u;
        last_purpose = v;
    }
    CHECK_MEAN_5_SIGMA(&by_key, 0);
    CHECK_MEAN_5_SIGMA(&by_purpose, 0);
    CHECK_NEAR(moments_var(&by_key), 1.0 / 144, 1e-3 / 12);
    CHECK_NEAR(moments_var(&by_purpose), 1.0 / 144, 1e-3 / 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_stream_is_its_blocks),
        cmocka_unit_test(test_keys_are_frozen),
        cmocka_unit_test(test_keys_differ),
        cmocka_unit_test(test_unit_interval_is_open),
        cmocka_unit_test(test_uniform_moments_and_bins),
        cmocka_unit_test(test_streams_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
