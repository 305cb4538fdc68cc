#include "base/rng.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

/* Tells the hash of a number from that of a text of the same bytes. */
#define NUMBER_DOMAIN 0x6e756d6265720001u

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

/* The stream behind GSL's interface. */

static void gsl_set(void *state, unsigned long seed) {
    (void)state;
    (void)seed;
    assert(!"a stream is named by its key; it cannot be seeded");
}

static unsigned long gsl_get(void *state) {
    return rng_stream_bits(state);
}

static double gsl_get_unit(void *state) {
    return rng_stream_unit(state);
}

static const gsl_rng_type stream_type = {
    .name = "philox4x32-10",
    .max = UINT64_MAX,
    .min = 0,
    .size = sizeof(rng_stream_t),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_unit,
};
const gsl_rng_type *const rng_gsl_type = &stream_type;
