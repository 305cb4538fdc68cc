#include "base/rng.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Distinguishes the hash of a number from that of a text with the same bytes. */
#define NUMBER_DOMAIN 0x6e756d6265720001u

static void lanes_one_by_one(uint64_t key, int n, uint64_t c[4][RNG_LANES]) {
    for (int k = 0; k < n; k++) {
        uint32_t block[4];
        for (int w = 0; w < 4; w++) block[w] = (uint32_t)c[w][k];
        rng_philox(key, block, block);
        for (int w = 0; w < 4; w++) c[w][k] = block[w];
    }
}

#ifdef __x86_64__
/* Four lanes of 64 bits each: the multiplication reads their lower halves and fills them whole. */
__attribute__((target("avx2"))) static void lanes_by_four(uint64_t key, int n, uint64_t c[4][RNG_LANES]) {
    const __m256i m0 = _mm256_set1_epi64x(0xD2511F53), m1 = _mm256_set1_epi64x(0xCD9E8D57);
    for (int k = 0; k < n; k += 4) {
        __m256i v[4];
        for (int w = 0; w < 4; w++) v[w] = _mm256_loadu_si256((const __m256i *)&c[w][k]);
        uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
        for (int round = 0; round < 10; round++) {
            const __m256i a = _mm256_mul_epu32(m0, v[0]), b = _mm256_mul_epu32(m1, v[2]);
            v[0] = _mm256_xor_si256(_mm256_srli_epi64(b, 32), _mm256_xor_si256(v[1], _mm256_set1_epi64x(k0)));
            v[2] = _mm256_xor_si256(_mm256_srli_epi64(a, 32), _mm256_xor_si256(v[3], _mm256_set1_epi64x(k1)));
            v[1] = b;
            v[3] = a;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        for (int w = 0; w < 4; w++) _mm256_storeu_si256((__m256i *)&c[w][k], v[w]);
    }
}
#endif

void rng_philox_lanes(uint64_t key, int n, uint64_t c[4][RNG_LANES]) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        lanes_by_four(key, n, c);
        return;
    }
#endif
    lanes_one_by_one(key, n, c);
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
