/* Suggestions for a path that names no parameter, as complete paths. */
#include "model/renamed.h"
#include "scenario/reader.h"
#include "text/suggest.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NAMED = 6 };

/* Whether `path` (of `length` bytes) leads to the parameter, by whole keys. */
static bool leads_to(const char *path, size_t length, const param_t *param) {
    return !strncmp(param->path, path, length) && (param->path[length] == '.' || length == 0);
}

static bool leads_anywhere(const param_t *params, int n, const char *path, size_t length) {
    for (int i = 0; i < n; i++)
        if (leads_to(path, length, &params[i])) return true;
    return false;
}

/* How much of the path, in whole keys, leads to parameters. */
static size_t known_length(const param_t *params, int n, const char *path) {
    size_t known = 0;
    for (size_t end = strcspn(path, "."); leads_anywhere(params, n, path, end);
         end += 1 + strcspn(path + end + 1, ".")) {
        known = end;
        if (!path[end]) break;
    }
    return known;
}

/* Appends to a text of `size` bytes, or not at all where that has no room. */
static void append(char *out, size_t size, const char *before, const char *text, const char *after) {
    size_t length = strlen(out);
    if (length + strlen(before) + strlen(text) + strlen(after) < size)
        snprintf(out + length, size - length, "%s%s%s", before, text, after);
}

static void list_parameters(const param_t *params, int n, const char *path, char *out, size_t size) {
    int count = 0;
    char more[32];
    append(out, size, "", path, " is a mapping");
    for (int i = 0; i < n; i++) {
        if (params[i].structural || !leads_to(path, strlen(path), &params[i])) continue;
        if (count++ < MOST_NAMED)
            append(out, size, count > 1 ? ", " : "; its parameters are ", params[i].path, "");
    }
    snprintf(more, sizeof more, "%d", count - MOST_NAMED);
    if (count > MOST_NAMED) append(out, size, " and ", more, " more");
    if (count == 0) append(out, size, "; none of its numbers can be varied", "", "");
}

/* The parameter that the path would name with another key behind its first `known` bytes, or if it is not the
 * `whole` path, the first one that it leads to. NULL: no key is near. */
static const char *with_other_key(const param_t *params, int n, const char *path, size_t known, bool whole) {
    char key[256], other[256];
    const char *from = path + known + (known > 0), *rest = from + strcspn(from, ".");
    size_t skip = known + (known > 0);
    int found = -1;
    if ((size_t)(rest - from) >= sizeof key) return NULL;
    snprintf(key, sizeof key, "%.*s", (int)(rest - from), from);
    suggest_t near = suggest_for(key);
    for (int i = 0; i < n; i++) {
        if (params[i].structural || !leads_to(path, known, &params[i])) continue;
        const char *there = params[i].path + skip;
        size_t length = strcspn(there, ".");
        if (length >= sizeof other || (whole && strcmp(there + length, rest) != 0)) continue;
        snprintf(other, sizeof other, "%.*s", (int)length, there);
        int before = near.distance;
        suggest_offer(&near, other);
        if (near.distance < before) found = i;
    }
    return found < 0 ? NULL : params[found].path;
}

static const char *nearest(const param_t *params, int n, const char *path) {
    suggest_t near = suggest_for(path);
    for (int i = 0; i < n; i++)
        if (!params[i].structural) suggest_offer(&near, params[i].path);
    return near.best;
}

/* An entry that an intervention or a variant adds is one of the calendar: interventions.X.add.ID.KEY is
 * calendar.ID.KEY. */
static bool added_path(const char *path, char *out, size_t size) {
    const char *add = strstr(path, ".add.");
    bool adds = !strncmp(path, "interventions.", 14) || !strncmp(path, "variants.", 9);
    if (!add || !adds) return false;
    int n = snprintf(out, size, "calendar.%s", add + 5);
    return n > 0 && (size_t)n < size;
}

void param_unknown(const param_t *params, int n, const char *path, char *out, size_t size) {
    char reversed[PARAM_PATH_BYTES], renamed[PARAM_PATH_BYTES];
    if ((renamed_path(path, renamed, sizeof renamed) || added_path(path, renamed, sizeof renamed)) &&
        param_find(params, n, renamed) >= 0) {
        *out = '\0';
        append(out, size, "no parameter is called \"", path, "\": ");
        append(out, size, "it is called \"", renamed, "\"");
        return;
    }
    size_t known = known_length(params, n, path);
    if (param_reverse_tie(path, reversed, sizeof reversed)) {
        size_t other = known_length(params, n, reversed);
        if (other > known) path = reversed, known = other;
    }
    *out = '\0';
    if (*path && known == strlen(path)) {
        list_parameters(params, n, path, out, size);
        return;
    }
    const char *near = with_other_key(params, n, path, known, true);
    if (!near) near = with_other_key(params, n, path, known, false);
    if (!near) near = nearest(params, n, path);
    append(out, size, "no parameter is called \"", path, "\"");
    if (!*out) append(out, size, "no parameter has so long a path", "", "");
    if (near) append(out, size, "; did you mean \"", near, "\"?");
    append(out, size, " (`entente show --parameters` lists them)", "", "");
}
