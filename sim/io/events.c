#include "io/events.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CELLS 64
#define CELL_BYTES 128
#define ERRORS_SHOWN 20

const char *const drop_reasons[DROP_N] = {
#define X(id, why) [DROP_##id] = why,
    DROP_LIST(X)
#undef X
};

/* ---- rows of a table, one at a time ------------------------------------------------------------------ */

typedef struct table_reader table_reader_t;
struct table_reader {
    const char *path;
    FILE *messages;
    long line, errors;
    int n_columns, n_cells;
    char columns[MOST_CELLS][CELL_BYTES], cells[MOST_CELLS][CELL_BYTES];
    bool header_done, too_long;
    int (*header)(table_reader_t *, void *); /* 0 or an error code */
    int (*row)(table_reader_t *, void *);
    void *data;
    int ret;
};

static void complain(table_reader_t *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(table_reader_t *t, const char *format, ...) {
    if (t->errors++ >= ERRORS_SHOWN || !t->messages) return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(t->messages, "%s:%ld: error: ", t->path, t->line);
    vfprintf(t->messages, format, arguments);
    fputc('\n', t->messages);
    va_end(arguments);
}

static void on_cell(void *text, size_t length, void *data) {
    table_reader_t *t = data;
    int cell = t->n_cells++;
    if (cell >= MOST_CELLS) return;
    t->too_long |= length >= CELL_BYTES;
    snprintf(t->cells[cell], CELL_BYTES, "%s", text ? (const char *)text : "");
}

static void on_row(int c, void *data) {
    (void)c;
    table_reader_t *t = data;
    int n = t->n_cells;
    t->n_cells = 0;
    if (t->ret < 0) return;
    if (!t->header_done) {
        t->header_done = true;
        t->n_columns = n > MOST_CELLS ? MOST_CELLS : n;
        memcpy(t->columns, t->cells, sizeof t->columns);
        t->ret = t->header(t, t->data);
    } else if (n != t->n_columns) {
        complain(t, "%d cells, the header has %d", n, t->n_columns);
    } else if (t->too_long) {
        complain(t, "a cell has more than %d bytes", CELL_BYTES - 1);
    } else {
        t->ret = t->row(t, t->data);
    }
    t->too_long = false;
}

static int column(const table_reader_t *t, const char *name) {
    for (int c = 0; c < t->n_columns; c++)
        if (!strcmp(t->columns[c], name)) return c;
    return -1;
}

static int read_table(table_reader_t *t, fault_t *err) {
    struct csv_parser parser;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    FILE *file = fopen(t->path, "r");
    if (!file) return error_set(err, ERR_NOINPUT, "cannot open %s: %s", t->path, strerror(errno));
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL)) {
        fclose(file);
        return error_set(err, ERR_NOMEM, "out of memory");
    }
    while (t->ret == 0 && (length = getline(&line, &capacity, file)) > 0) {
        const char *text = line;
        t->line++;
        if (t->line == 1 && length >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) text += 3, length -= 3;
        if (memchr(text, 0, (size_t)length)) {
            t->ret =
                error_set(err, ERR_DATA, "%s:%ld: a zero byte: the file is binary, a table (CSV) is expected",
                          t->path, t->line);
        } else if (csv_parse(&parser, text, (size_t)length, on_cell, on_row, t) != (size_t)length) {
            t->ret =
                error_set(err, ERR_DATA, "%s:%ld: %s", t->path, t->line, csv_strerror(csv_error(&parser)));
        }
    }
    if (t->ret == 0 && ferror(file))
        t->ret = error_set(err, ERR_NOINPUT, "cannot read %s: %s", t->path, strerror(errno));
    if (t->ret == 0 && csv_fini(&parser, on_cell, on_row, t))
        t->ret = error_set(err, ERR_DATA, "%s:%ld: a quoted cell does not end", t->path, t->line);
    if (t->ret == 0 && !t->header_done) t->ret = error_set(err, ERR_DATA, "%s is empty", t->path);
    if (t->ret == 0 && t->errors)
        t->ret = error_set(err, ERR_DATA, "%s: %ld rows cannot be read", t->path, t->errors);
    csv_free(&parser);
    free(line);
    fclose(file);
    return t->ret;
}

/* ---- codes to kinds ---------------------------------------------------------------------------------- */

typedef enum { DYAD_DIRECTED, DYAD_UNDIRECTED, DYAD_MIRROR } dyad_t;

typedef struct {
    char code[16], kind[CELL_BYTES];
    dyad_t dyad;
} rule_t;

typedef struct {
    rule_t *rules;
    size_t n, capacity;
    int code, kind, dyad; /* columns */
    fault_t *err;
} mapping_t;

static int mapping_header(table_reader_t *t, void *data) {
    mapping_t *m = data;
    m->code = column(t, "code"), m->kind = column(t, "kind"), m->dyad = column(t, "dyad");
    if (m->code >= 0 && m->kind >= 0 && m->dyad >= 0) return 0;
    return error_set(m->err, ERR_DATA, "%s:1: the columns code, kind and dyad are expected", t->path);
}

static int mapping_row(table_reader_t *t, void *data) {
    mapping_t *m = data;
    rule_t rule = {0};
    const char *dyad = t->cells[m->dyad];
    snprintf(rule.code, sizeof rule.code, "%.15s", t->cells[m->code]);
    snprintf(rule.kind, sizeof rule.kind, "%s", t->cells[m->kind]);
    if (!strcmp(dyad, "undirected"))
        rule.dyad = DYAD_UNDIRECTED;
    else if (!strcmp(dyad, "mirror"))
        rule.dyad = DYAD_MIRROR;
    else if (*dyad && strcmp(dyad, "directed") != 0)
        complain(t, "dyad is \"%s\": directed, undirected or mirror is expected", dyad);
    int ret = ARRAY_RESERVE(m->rules, m->n, m->capacity);
    if (ret < 0) return error_set(m->err, ret, "out of memory");
    m->rules[m->n++] = rule;
    return 0;
}

/* The code's rule, else that of the code "*". */
static const rule_t *find_rule(const mapping_t *m, const char *code) {
    const rule_t *rest = NULL;
    for (size_t r = 0; r < m->n; r++) {
        if (!strcmp(m->rules[r].code, code)) return &m->rules[r];
        if (!strcmp(m->rules[r].code, "*")) rest = &m->rules[r];
    }
    return rest;
}

/* ---- events ------------------------------------------------------------------------------------------ */

typedef struct {
    events_t *events;
    const model_t *model;
    mapping_t mapping;
    double until, before;
    int date, initiator, target, kind, code, value;
    fault_t *err;
} importer_t;

static int first_column(const table_reader_t *t, const char *a, const char *b) {
    int c = column(t, a);
    return c >= 0 ? c : column(t, b);
}

static int events_header(table_reader_t *t, void *data) {
    importer_t *in = data;
    in->date = column(t, "date");
    in->initiator = first_column(t, "initiator", "source_iso3");
    in->target = first_column(t, "target", "target_iso3");
    in->kind = column(t, "kind");
    in->code = first_column(t, "code", "cameo_code");
    in->value = column(t, "value_usd");
    if (in->date < 0 || in->initiator < 0 || in->target < 0 || (in->kind < 0 && in->code < 0))
        return error_set(
            in->err, ERR_DATA,
            "%s:1: the columns date, initiator, target and kind (or code) are expected, or those of ICEWS: "
            "date, source_iso3, target_iso3, cameo_code",
            t->path);
    if (in->kind < 0 && in->mapping.n == 0)
        return error_set(in->err, ERR_DATA,
                         "%s has codes: a table that maps them to kinds is needed (--mapping)", t->path);
    return 0;
}

static int drop(importer_t *in, drop_t why) {
    in->events->dropped[why]++;
    return 0;
}

static int events_row(table_reader_t *t, void *data) {
    importer_t *in = data;
    const model_t *model = in->model;
    double days, value = NAN;
    bool has_time;
    char *end;
    in->events->rows++;
    if (!date_parse(t->cells[in->date], &days, &has_time)) {
        complain(t, "date is \"%s\": a date such as 2018-01-31 is expected", t->cells[in->date]);
        return 0;
    }
    if (!*t->cells[in->initiator] || !*t->cells[in->target]) {
        complain(t, "the %s is missing", *t->cells[in->initiator] ? "target" : "initiator");
        return 0;
    }
    if (in->value >= 0 && *t->cells[in->value]) {
        value = strtod(t->cells[in->value], &end);
        if (*end || !isfinite(value))
            complain(t, "value_usd is \"%s\": a number is expected", t->cells[in->value]);
    }
    double time = days - model->start;
    in->events->disordered += time < in->before;
    in->before = time;
    if (time >= in->until) return drop(in, DROP_AFTER);
    in->events->last = fmax(in->events->last, floor(time) + 1);
    dyad_t dyad = DYAD_DIRECTED;
    const char *name = in->kind >= 0 ? t->cells[in->kind] : "";
    if (!*name) {
        const rule_t *rule = in->code >= 0 ? find_rule(&in->mapping, t->cells[in->code]) : NULL;
        if (rule && rule->dyad == DYAD_MIRROR) return drop(in, DROP_MIRROR);
        if (!rule || !*rule->kind) return drop(in, DROP_CODE);
        name = rule->kind;
        dyad = rule->dyad;
    }
    int k = model_kind(model, name), i = model_actor(model, t->cells[in->initiator]),
        j = model_actor(model, t->cells[in->target]);
    if (k < 0) return drop(in, DROP_KIND);
    if (i < 0 || j < 0) return drop(in, DROP_ACTOR);
    if (i == j) return drop(in, DROP_SELF);
    const kind_t *kind = &model->kinds[k];
    bool both = dyad == DYAD_UNDIRECTED || kind->scope == SCOPE_DYAD;
    const char *a = model->actors[i].name, *b = model->actors[j].name;
    if (both && strcmp(a, b) > 0) {
        const char *swap = a;
        a = b, b = swap;
    }
    uint64_t key = rng_key_text(rng_key_text(rng_key_text(0, kind->name), a), b);
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_doubles(key, 1, &days), 0);
    double within = rng_stream_unit(&stream);
    if (both) {
        bool first = rng_stream_unit(&stream) < 0.5 || kind->scope == SCOPE_DYAD;
        i = model_actor(model, first ? a : b), j = model_actor(model, first ? b : a);
        if (!may_happen_at(kind, i, j)) {
            int swap = i;
            i = j, j = swap;
        }
    }
    if ((kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD) || model_tie(model, i, j) < 0 ||
        !may_happen_at(kind, i, j))
        return drop(in, DROP_PLACE);
    int ret = ARRAY_RESERVE(in->events->items, in->events->n, in->events->capacity);
    if (ret < 0) return error_set(in->err, ret, "out of memory");
    in->events->items[in->events->n++] = (observed_t){has_time ? time : time + within, k, i, j, value};
    return 0;
}

static int by_content(const void *x, const void *y) {
    const observed_t *a = x, *b = y;
    double day_a = floor(a->time), day_b = floor(b->time);
    if (day_a != day_b) return day_a < day_b ? -1 : 1;
    if (a->kind != b->kind) return a->kind - b->kind;
    if (a->initiator != b->initiator) return a->initiator - b->initiator;
    if (a->target != b->target) return a->target - b->target;
    return a->time < b->time ? -1 : a->time > b->time;
}

static int by_time(const void *x, const void *y) {
    const observed_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return by_content(x, y);
}

static void drop_repeated(events_t *self) {
    int n = 0;
    if (self->n == 0) return;
    qsort(self->items, (size_t)self->n, sizeof *self->items, by_content);
    for (int e = 0; e < self->n; e++) {
        const observed_t *a = &self->items[e], *b = n ? &self->items[n - 1] : NULL;
        if (b && floor(a->time) == floor(b->time) && a->kind == b->kind && a->initiator == b->initiator &&
            a->target == b->target)
            self->dropped[DROP_TWICE]++;
        else
            self->items[n++] = *a;
    }
    self->n = n;
    qsort(self->items, (size_t)n, sizeof *self->items, by_time);
}

int events_read(events_t *self, const model_t *model, const char *path, const char *mapping, double until,
                FILE *messages, fault_t *err) {
    int ret = 0;
    *self = (events_t){0};
    importer_t in = {
        .events = self, .model = model, .until = until, .before = -INFINITY, .err = err, .mapping.err = err};
    table_reader_t *t = mem_alloc(1, sizeof *t);
    if (!t) return error_set(err, ERR_NOMEM, "out of memory");
    if (mapping) {
        *t = (table_reader_t){.path = mapping,
                              .messages = messages,
                              .header = mapping_header,
                              .row = mapping_row,
                              .data = &in.mapping};
        TRY(read_table(t, err));
    }
    *t = (table_reader_t){
        .path = path, .messages = messages, .header = events_header, .row = events_row, .data = &in};
    TRY(read_table(t, err));
    drop_repeated(self);
    if (self->rows == 0) ret = error_set(err, ERR_DATA, "%s has a header and no rows", path);
out:
    mem_free(in.mapping.rules);
    mem_free(t);
    return ret;
}

void events_free(events_t *self) {
    mem_free(self->items);
    *self = (events_t){0};
}
