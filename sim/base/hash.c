#include "base/hash.h"

#include <stdio.h>
#include <xxhash.h>

void hash_bytes(const void *bytes, size_t n, char out[HASH_SIZE]) {
    XXH128_hash_t hash = XXH3_128bits(bytes, n);
    snprintf(out, HASH_SIZE, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}
