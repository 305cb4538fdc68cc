/* Diagnostics: all problems of a scenario at once, each with its place.
 *
 *     scenarios/x.yaml:41:17: error: kinds.call.rate.per_year is "often": ...
 *        41 |       rate: {per_year: often}
 *           |                        ^
 *
 * A diagnostic contains its line, so it outlives the texts. Those beyond DIAGNOSTICS_KEPT are only
 * counted. */
#ifndef ENTENTE_TEXT_DIAGNOSTIC_H
#define ENTENTE_TEXT_DIAGNOSTIC_H

#include "base/mem.h"
#include "text/source.h"
#include <stdarg.h>
#include <stdio.h>

#define DIAGNOSTICS_KEPT 1000
#define DIAGNOSTICS_SHOWN 100

typedef enum { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_N } severity_t;
extern const char *const severity_names[SEVERITY_N];

typedef struct {
    severity_t severity;
    location_t mark;
    const char *path, *text;
    const char *line; /* a part of the source's line, "" when there is none */
    int caret;        /* where in `line` the place is: code points before it */
    int order;        /* of its arrival */
} diagnostic_t;

typedef struct {
    arena_t arena;
    diagnostic_t *items;
    size_t capacity;
    int n; /* kept */
    int counts[SEVERITY_N];
    bool sorted, out_of_memory;
} diagnostics_t;

void diagnostics_init(diagnostics_t *self);
void diagnostics_free(diagnostics_t *self); /* safe on a zeroed one */

/* Adds one; `source` may be NULL (then `path` alone tells the place). */
void diagnostics_add(diagnostics_t *self, severity_t severity, source_t *source, const char *path,
                     location_t mark, const char *format, va_list arguments);

/* Orders them by place: files in the order they were read, then line and column; the same text at the
 * same place is kept once. */
void diagnostics_sort(diagnostics_t *self);

/* Sorts and prints the first `limit` with their lines, then the count ("3 errors, 1 warning"). */
void diagnostics_print(diagnostics_t *self, FILE *out, int limit);

#endif
