#include "model/renamed.h"

#include "base/rng.h"
#include "model/model.h"
#include <stdio.h>
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
        const char *from = to_old ? r->name : r->old, *before = strstr(path, r->after);
        if (strlen(from) == length && !strncmp(at, from, length) && before && before < at &&
            (!r->is_last || !at[length]))
            return to_old ? r->old : r->name;
    }
    return NULL;
}

static bool translate(const char *path, bool to_old, char *out, size_t size) {
    bool any = false;
    size_t used = 0;
    for (const char *at = path;; at++) {
        size_t length = strcspn(at, ".");
        const char *other = other_name(path, at, length, to_old);
        any |= other != NULL;
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%.*s", at > path ? "." : "",
                                     other ? (int)strlen(other) : (int)length, other ? other : at);
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
