/* Counter-based random numbers: a draw depends only on its name, never on earlier draws.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011): 128 bits out of a 64-bit key and a 128-bit counter. Keys are hashes (XXH3, 64 bits) of the seed
 * and of names; a key never contains an index, a pointer, a thread, a rank, a variant or a design point. Two
 * streams with different keys or different purposes are independent. */
#ifndef ENTENTE_BASE_RNG_H
#define ENTENTE_BASE_RNG_H

#include <stdint.h>

/* One Philox4x32-10 block. The low half of `key` is the first key word. */
static inline void rng_philox(uint64_t key, const uint32_t counter[4], uint32_t out[4]) {
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u; /* the golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* The counters (0, second, third, fourth) of blocks that are computed side by side, and a least value of the
 * second number of each. A cache line. */
enum { RNG_LANES = 4, RNG_GROUPS_MAX = 8 };
typedef struct {
    _Alignas(16) uint32_t second[RNG_LANES], third[RNG_LANES], fourth[RNG_LANES], least[RNG_LANES];
} rng_lanes_t;
/* Of `n` groups (at most RNG_GROUPS_MAX) the blocks under the key whose second number is not below its least
 * value: bit RNG_LANES g + k is the k-th of group g. `mark` is set in the second word of every counter. */
uint32_t rng_philox_reach(uint64_t key, uint32_t mark, int n, const rng_lanes_t *groups);
/* The second number of the block with counter (0, second, 0, 0) under each of RNG_LANES keys. */
void rng_philox_second(const uint64_t keys[RNG_LANES], uint32_t second, uint32_t out[RNG_LANES]);

/* Derives a key from a key and a text or a number. Order matters; texts are hashed with their length,
 * so ("ab","c") and ("a","bc") differ. */
uint64_t rng_key_text(uint64_t key, const char *text);
uint64_t rng_key_number(uint64_t key, uint64_t number);
uint64_t rng_key_doubles(uint64_t key, int n, const double *values); /* by their bits */

/* 64 random bits to a double in (0, 1): never 0, never 1. */
static inline double rng_to_unit(uint64_t bits) {
    return ((double)(int64_t)(bits >> 12) + 0.5) * 0x1.0p-52;
}

/* A stream of numbers under one key: the counter is (block, purpose). Cheap to make, lives on the
 * stack, needs no freeing. */
typedef struct {
    uint64_t key, purpose, block;
    uint32_t words[4];
    int used; /* of the four words */
} rng_stream_t;

void rng_stream_init(rng_stream_t *self, uint64_t key, uint64_t purpose);
uint64_t rng_stream_bits(rng_stream_t *self); /* the next 64 bits */
double rng_stream_unit(rng_stream_t *self);   /* uniform in (0, 1) */

#endif
