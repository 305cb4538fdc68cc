#include "io/events_codes.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    codes_t *codes;
    const char *system;
    int code, name, dyad; /* columns */
    fault_t *err;
} reading_t;

static int on_header(events_table_t *t, void *data) {
    reading_t *r = data;
    r->code = events_table_column(t, r->system ? r->system : "code");
    r->name = events_table_column(t, r->system ? "actor" : "kind");
    r->dyad = r->system ? -1 : events_table_column(t, "dyad");
    if (r->code >= 0 && r->name >= 0 && (r->system || r->dyad >= 0)) return 0;
    if (!r->system)
        return error_set(r->err, ERR_DATA, "%s:1: the columns code, kind and dyad are expected", t->path);
    return error_set(r->err, ERR_DATA,
                     "%s:1: the columns actor and %s are expected: %s is no system of codes "
                     "that the table has",
                     t->path, r->system, r->system);
}

static int on_row(events_table_t *t, void *data) {
    reading_t *r = data;
    code_t code = {.line = t->line};
    snprintf(code.code, sizeof code.code, "%s", t->cells[r->code]);
    snprintf(code.name, sizeof code.name, "%s", t->cells[r->name]);
    if (r->system && !*code.code) return 0;
    if (r->dyad >= 0) {
        const char *dyad = t->cells[r->dyad];
        if (!strcmp(dyad, "undirected"))
            code.dyad = DYAD_UNDIRECTED;
        else if (!strcmp(dyad, "mirror"))
            code.dyad = DYAD_MIRROR;
        else if (*dyad && strcmp(dyad, "directed") != 0)
            events_table_complain(t, "dyad is \"%s\": directed, undirected or mirror is expected", dyad);
    }
    int ret = ARRAY_RESERVE(r->codes->items, r->codes->n, r->codes->capacity);
    if (ret < 0) return error_set(r->err, ret, "out of memory");
    r->codes->items[r->codes->n++] = code;
    return 0;
}

static int by_code(const void *a, const void *b) {
    const code_t *x = a, *y = b;
    int order = strcmp(x->code, y->code);
    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

int codes_read(codes_t *self, const char *path, const char *system, FILE *messages, fault_t *err) {
    int ret = 0;
    *self = (codes_t){0};
    reading_t reading = {.codes = self, .system = system, .err = err};
    events_table_t *t = mem_alloc(1, sizeof *t);
    if (!t) return error_set(err, ERR_NOMEM, "out of memory");
    *t = (events_table_t){
        .path = path, .messages = messages, .header = on_header, .row = on_row, .data = &reading};
    TRY(events_table_read(t, err));
    qsort(self->items, self->n, sizeof *self->items, by_code);
    for (size_t i = 1; i < self->n; i++)
        if (!strcmp(self->items[i].code, self->items[i - 1].code)) {
            ret = error_set(err, ERR_DATA, "%s:%ld: the code \"%s\" stands in line %ld already", path,
                            self->items[i].line, self->items[i].code, self->items[i - 1].line);
            break;
        }
out:
    mem_free(t);
    return ret;
}

void codes_free(codes_t *self) {
    mem_free(self->items);
    *self = (codes_t){0};
}

static int is_code(const void *key, const void *item) {
    return strcmp(key, ((const code_t *)item)->code);
}

const code_t *codes_find(const codes_t *self, const char *code) {
    const code_t *found = self->n ? bsearch(code, self->items, self->n, sizeof *self->items, is_code) : NULL;
    return found || !self->n ? found : bsearch("*", self->items, self->n, sizeof *self->items, is_code);
}
