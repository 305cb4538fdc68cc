#include "base/rng.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Distinguishes the hash of a number from that of a text with the same bytes. */
#define NUMBER_DOMAIN 0x6e756d6265720001u

static uint32_t reach_one_by_one(uint64_t key, uint32_t mark, int n, const rng_lanes_t *groups) {
    uint32_t reach = 0;
    for (int g = 0; g < n; g++)
        for (int k = 0; k < RNG_LANES; k++) {
            uint32_t block[4] = {0, groups[g].second[k] | mark, groups[g].third[k], groups[g].fourth[k]};
            rng_philox(key, block, block);
            reach |= (uint32_t)(block[1] >= groups[g].least[k]) << (RNG_LANES * g + k);
        }
    return reach;
}

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2"))) static inline

WIDE __m256i widened(const uint32_t words[RNG_LANES]) {
    return _mm256_cvtepu32_epi64(_mm_load_si128((const __m128i *)words));
}

/* Four lanes of 64 bits each: the multiplication reads their lower halves and fills them whole. */
WIDE uint32_t reach_of_four(uint64_t key, uint32_t mark, const rng_lanes_t *group) {
    const __m256i m0 = _mm256_set1_epi64x(0xD2511F53), m1 = _mm256_set1_epi64x(0xCD9E8D57);
    __m256i c0 = _mm256_setzero_si256(), c2 = widened(group->third), c3 = widened(group->fourth);
    __m256i c1 = _mm256_or_si256(widened(group->second), _mm256_set1_epi64x(mark));
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        const __m256i a = _mm256_mul_epu32(m0, c0), b = _mm256_mul_epu32(m1, c2);
        c0 = _mm256_xor_si256(_mm256_srli_epi64(b, 32), _mm256_xor_si256(c1, _mm256_set1_epi64x(k0)));
        c2 = _mm256_xor_si256(_mm256_srli_epi64(a, 32), _mm256_xor_si256(c3, _mm256_set1_epi64x(k1)));
        c1 = b;
        c3 = a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    const __m256i second = _mm256_and_si256(c1, _mm256_set1_epi64x(UINT32_MAX));
    const __m256i below = _mm256_cmpgt_epi64(widened(group->least), second);
    return ~(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(below)) & 15u;
}

/* The same, each lane under a key of its own. */
__attribute__((target("avx2"))) static void second_of_four(const uint64_t keys[RNG_LANES], uint32_t second,
                                                           uint32_t out[RNG_LANES]) {
    const __m256i m0 = _mm256_set1_epi64x(0xD2511F53), m1 = _mm256_set1_epi64x(0xCD9E8D57);
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX), all = _mm256_loadu_si256((const __m256i *)keys);
    __m256i k0 = _mm256_and_si256(all, low), k1 = _mm256_srli_epi64(all, 32);
    __m256i c0 = _mm256_setzero_si256(), c1 = _mm256_set1_epi64x(second), c2 = c0, c3 = c0;
    for (int round = 0; round < 10; round++) {
        const __m256i a = _mm256_mul_epu32(m0, c0), b = _mm256_mul_epu32(m1, c2);
        c0 = _mm256_xor_si256(_mm256_srli_epi64(b, 32), _mm256_xor_si256(c1, k0));
        c2 = _mm256_xor_si256(_mm256_srli_epi64(a, 32), _mm256_xor_si256(c3, k1));
        c1 = b;
        c3 = a;
        k0 = _mm256_add_epi32(k0, _mm256_set1_epi64x(0x9E3779B9));
        k1 = _mm256_add_epi32(k1, _mm256_set1_epi64x(0xBB67AE85));
    }
    uint64_t words[RNG_LANES];
    _mm256_storeu_si256((__m256i *)words, c1);
    for (int k = 0; k < RNG_LANES; k++) out[k] = (uint32_t)words[k];
}

__attribute__((target("avx2"))) static uint32_t reach_by_four(uint64_t key, uint32_t mark, int n,
                                                              const rng_lanes_t *groups) {
    uint32_t reach = 0;
    for (int g = 0; g < n; g++) reach |= reach_of_four(key, mark, &groups[g]) << (RNG_LANES * g);
    return reach;
}
#endif

uint32_t rng_philox_reach(uint64_t key, uint32_t mark, int n, const rng_lanes_t *groups) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) return reach_by_four(key, mark, n, groups);
#endif
    return reach_one_by_one(key, mark, n, groups);
}

void rng_philox_second(const uint64_t keys[RNG_LANES], uint32_t second, uint32_t out[RNG_LANES]) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        second_of_four(keys, second, out);
        return;
    }
#endif
    for (int k = 0; k < RNG_LANES; k++) {
        uint32_t block[4] = {0, second, 0, 0};
        rng_philox(keys[k], block, block);
        out[k] = block[1];
    }
}

uint64_t rng_key_text(uint64_t key, const char *text) {
    return XXH3_64bits_withSeed(text, strlen(text), key);
}

uint64_t rng_key_doubles(uint64_t key, int n, const double *values) {
    return n > 0 ? XXH3_64bits_withSeed(values, (size_t)n * sizeof *values, key) : key;
}

uint64_t rng_key_number(uint64_t key, uint64_t number) {
    const uint64_t pair[2] = {key, number};
    return XXH3_64bits_withSeed(pair, sizeof pair, NUMBER_DOMAIN);
}

void rng_stream_init(rng_stream_t *self, uint64_t key, uint64_t purpose) {
    *self = (rng_stream_t){.key = key, .purpose = purpose, .used = 4};
}

uint64_t rng_stream_bits(rng_stream_t *self) {
    if (self->used == 4) {
        const uint32_t counter[4] = {(uint32_t)self->block, (uint32_t)(self->block >> 32),
                                     (uint32_t)self->purpose, (uint32_t)(self->purpose >> 32)};
        rng_philox(self->key, counter, self->words);
        self->block++;
        self->used = 0;
    }
    const uint32_t *words = self->words + self->used;
    self->used += 2;
    return words[0] | (uint64_t)words[1] << 32;
}

double rng_stream_unit(rng_stream_t *self) {
    return rng_to_unit(rng_stream_bits(self));
}
