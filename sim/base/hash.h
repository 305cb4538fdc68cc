/* Fingerprints: 128 bits (XXH3) as 32 hexadecimal digits. Against accidents, not against malice. */
#ifndef ENTENTE_BASE_HASH_H
#define ENTENTE_BASE_HASH_H

#include <stddef.h>

#define HASH_SIZE 33 /* with its zero */

void hash_bytes(const void *bytes, size_t n, char out[HASH_SIZE]);

#endif
