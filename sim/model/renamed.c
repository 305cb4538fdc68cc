#include "model/renamed.h"

#include "base/rng.h"
#include "model/model.h"
#include <string.h>

typedef struct {
    const char *old, *name;
    const char *after; /* a part of every path before the key: a user's names do not count */
    bool is_last;      /* of its path */
} renamed_t;

static const renamed_t table[] = {
    {"loading", "coefficient", ".log_", true},
    {"centre", "reference", ".log_", true},
    {"realised", "delivered", ".deal.", false},
};
enum { N = sizeof table / sizeof *table };

const char *renamed_key(const char *old) {
    for (int i = 0; i < N; i++)
        if (!strcmp(table[i].old, old)) return table[i].name;
    return NULL;
}

/* The other name of the key of `length` bytes at `at` of a path, or NULL. */
static const char *other_name(const char *path, const char *at, size_t length, bool to_old) {
    for (int i = 0; i < N; i++) {
        const renamed_t *r = &table[i];
        const char *from = to_old ? r->name : r->old;
        if (strncmp(at, from, length) != 0 || from[length] || (r->is_last && at[length])) continue;
        const char *before = strstr(path, r->after);
        if (before && before < at) return to_old ? r->old : r->name;
    }
    return NULL;
}

/* Copies a piece of a path; where the next one goes. It is cut to its room. */
static size_t put(char *out, size_t size, size_t used, const char *piece, size_t length) {
    size_t room = size - used - 1, n = length < room ? length : room;
    memcpy(out + used, piece, n);
    out[used + n] = '\0';
    return used + n;
}

/* Draws ask for it in each replicate. */
static bool translate(const char *path, bool to_old, char *out, size_t size) {
    bool any = false;
    size_t used = 0;
    for (const char *at = path;; at++) {
        size_t length = strcspn(at, ".");
        const char *other = other_name(path, at, length, to_old);
        any |= other != NULL;
        if (at > path) used = put(out, size, used, ".", 1);
        used = put(out, size, used, other ? other : at, other ? strlen(other) : length);
        at += length;
        if (!*at) return any;
    }
}

bool renamed_path(const char *path, char *out, size_t size) {
    return translate(path, false, out, size);
}

uint64_t renamed_draw(uint64_t key, const char *path) {
    char old[PARAM_PATH_BYTES];
    return rng_key_text(key, translate(path, true, old, sizeof old) ? old : path);
}
