#include "text/diagnostic.h"

#include <stdlib.h>
#include <string.h>

const char *const severity_names[SEVERITY_N] = {"error", "warning"};

#define WIDTH 100 /* most code points of a line that are shown */

void diagnostics_init(diagnostics_t *self) {
    *self = (diagnostics_t){0};
    arena_init(&self->arena);
}

void diagnostics_free(diagnostics_t *self) {
    arena_free(&self->arena);
    mem_free(self->items);
    *self = (diagnostics_t){0};
}

static bool continues(char c) { /* a later byte of a UTF-8 sequence */
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t advance(const char *text, size_t length, size_t from, int points) {
    while (from < length && points > 0) {
        from++;
        while (from < length && continues(text[from])) from++;
        points--;
    }
    return from;
}

/* Tabs become blanks, so that the caret is in the right column. Control characters and bytes that are not
 * UTF-8 become question marks, so that the output is safe for a terminal. */
static void make_printable(char *text) {
    for (char *c = text; *c;) {
        size_t n = source_utf8_length(c, strlen(c));
        if (*c == '\t') *c = ' ';
        if (n == 0 || (n == 1 && ((unsigned char)*c < 0x20 || *c == 0x7F))) *c = '?';
        c += n ? n : 1;
    }
}

/* The part of a long line around the place. */
static void quote_line(diagnostics_t *self, diagnostic_t *item, source_t *source) {
    size_t length;
    const char *line = source_line(source, item->mark.line, &length);
    int column = item->mark.column > 0 ? item->mark.column - 1 : 0;
    int first = column > WIDTH * 3 / 4 ? column - WIDTH / 2 : 0;
    size_t start = advance(line, length, 0, first), end = advance(line, length, start, WIDTH);
    const char *before = start > 0 ? "..." : "", *after = end < length ? "..." : "";
    size_t size = end - start + 7;
    char *quoted = arena_alloc(&self->arena, size, 1);
    if (!quoted) {
        self->out_of_memory = true;
        return;
    }
    snprintf(quoted, size, "%s%.*s%s", before, (int)(end - start), line + start, after);
    make_printable(quoted);
    item->line = quoted;
    item->caret = column - first + (int)strlen(before);
}

void diagnostics_add(diagnostics_t *self, severity_t severity, source_t *source, const char *path,
                     location_t mark, const char *format, va_list arguments) {
    self->counts[severity]++;
    if (self->n >= DIAGNOSTICS_KEPT) return;
    va_list again;
    va_copy(again, arguments);
    size_t size = (size_t)vsnprintf(NULL, 0, format, again) + 1;
    va_end(again);
    char *text = arena_alloc(&self->arena, size, 1);
    if (text) {
        vsnprintf(text, size, format, arguments);
        make_printable(text);
    }
    diagnostic_t item = {.severity = severity, .mark = mark, .line = "", .order = self->n};
    item.path = arena_text(&self->arena, source ? source->path : path);
    item.text = text;
    if (source && mark.line > 0) quote_line(self, &item, source);
    if (!item.path || !item.text || ARRAY_RESERVE(self->items, self->n, self->capacity)) {
        self->out_of_memory = true;
        return;
    }
    self->items[self->n++] = item;
    self->sorted = false;
}

static int by_place(const void *x, const void *y) {
    const diagnostic_t *a = x, *b = y;
    if (a->mark.file != b->mark.file) return a->mark.file < b->mark.file ? -1 : 1;
    if (a->mark.line != b->mark.line) return a->mark.line < b->mark.line ? -1 : 1;
    if (a->mark.column != b->mark.column) return a->mark.column < b->mark.column ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool same(const diagnostic_t *a, const diagnostic_t *b) {
    return a->mark.file == b->mark.file && a->mark.line == b->mark.line && a->mark.column == b->mark.column &&
           a->severity == b->severity && !strcmp(a->text, b->text) && !strcmp(a->path, b->path);
}

void diagnostics_sort(diagnostics_t *self) {
    if (self->sorted || self->n == 0) return;
    qsort(self->items, (size_t)self->n, sizeof *self->items, by_place);
    int kept = 1;
    for (int i = 1; i < self->n; i++) {
        if (same(&self->items[i], &self->items[kept - 1]))
            self->counts[self->items[i].severity]--;
        else
            self->items[kept++] = self->items[i];
    }
    self->n = kept;
    self->sorted = true;
}

static void print_one(const diagnostic_t *item, FILE *out) {
    fputs(item->path, out);
    if (item->mark.line > 0) fprintf(out, ":%d:%d", item->mark.line, item->mark.column);
    fprintf(out, ": %s: %s\n", severity_names[item->severity], item->text);
    if (!*item->line) return;
    fprintf(out, " %5d | %s\n       | %*s^\n", item->mark.line, item->line, item->caret, "");
}

static void print_count(int n, const char *what, FILE *out) {
    fprintf(out, "%d %s%s", n, what, n == 1 ? "" : "s");
}

void diagnostics_print(diagnostics_t *self, FILE *out, int limit) {
    diagnostics_sort(self);
    int errors = self->counts[SEVERITY_ERROR], warnings = self->counts[SEVERITY_WARNING];
    if (errors + warnings == 0) return;
    int shown = self->n < limit ? self->n : limit;
    for (int i = 0; i < shown; i++) print_one(&self->items[i], out);
    if (errors > 0) print_count(errors, severity_names[SEVERITY_ERROR], out);
    if (errors > 0 && warnings > 0) fputs(", ", out);
    if (warnings > 0) print_count(warnings, severity_names[SEVERITY_WARNING], out);
    if (shown < errors + warnings) fprintf(out, "; the first %d are shown", shown);
    fputc('\n', out);
}
