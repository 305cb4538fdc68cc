/* Keys of the scenario language that had an older name. The reader rejects the old name and gives the new
 * one. The draws of a parameter are keyed by its path with the older names, so that renaming a key changes
 * no draw. */
#ifndef ENTENTE_MODEL_RENAMED_H
#define ENTENTE_MODEL_RENAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The key that `old` was an older name of; NULL: there is none. */
const char *renamed_key(const char *old);

/* A parameter's path with the keys' present names in place of older ones, cut to `size`. Whether any differs.
 */
bool renamed_path(const char *path, char *out, size_t size);

/* `key` and a parameter's path as one key of random numbers. */
uint64_t renamed_draw(uint64_t key, const char *path);

#endif
