#include "io/events.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/events_codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const drop_reasons[DROP_N] = {
#define X(id, why) [DROP_##id] = why,
    DROP_LIST(X)
#undef X
};

/* ---- layouts ----------------------------------------------------------------------------------------- */

typedef enum {
    COLUMN_DATE,
    COLUMN_INITIATOR,
    COLUMN_TARGET,
    COLUMN_KIND,
    COLUMN_CODE,
    COLUMN_MODE,
    COLUMN_VALUE,
    COLUMN_N
} column_t;

typedef struct {
    const char *name;
    const char *columns[COLUMN_N];
    bool may_lack_country; /* a row without one is dropped, not an error */
} layout_t;

static const layout_t layouts[] = {
    {"plain", {"date", "initiator", "target", "kind", "code", NULL, "value_usd"}, false},
    {"ICEWS", {"Event Date", "Source Country", "Target Country", NULL, "CAMEO Code", NULL, NULL}, true},
    {"ICEWS by country", {"date", "source_iso3", "target_iso3", NULL, "cameo_code", NULL, NULL}, true},
    {"POLECAT",
     {"Event Date", "Actor Country", "Recipient Country", NULL, "Event Type", "Event Mode", NULL},
     true},
};

/* GDELT 2.0 (codebook of 19 February 2015): tab separated, no header; SQLDATE, Actor1CountryCode,
 * Actor2CountryCode, EventCode. */
static const layout_t gdelt = {"GDELT 2.0", {0}, true};
enum { GDELT_COLUMNS = 61 };
static const int gdelt_columns[COLUMN_N] = {1, 7, 17, -1, 26, -1, -1};

typedef struct {
    events_t *events;
    const model_t *model;
    const events_source_t *source;
    codes_t mapping, countries;
    const layout_t *layout;
    int columns[COLUMN_N]; /* -1 none */
    double until, before;
    fault_t *err;
} importer_t;

static bool is_number(const char *text) {
    return *text && !text[strspn(text, "0123456789")];
}

static bool has_layout(importer_t *in, const events_table_t *t, const layout_t *layout) {
    for (int c = 0; c < COLUMN_N; c++)
        in->columns[c] = layout->columns[c] ? events_table_column(t, layout->columns[c]) : -1;
    in->layout = layout;
    return in->columns[COLUMN_DATE] >= 0 && in->columns[COLUMN_INITIATOR] >= 0 &&
           in->columns[COLUMN_TARGET] >= 0 &&
           (in->columns[COLUMN_KIND] >= 0 || in->columns[COLUMN_CODE] >= 0);
}

static int find_layout(importer_t *in, const events_table_t *t) {
    size_t n = sizeof layouts / sizeof *layouts, l = 0;
    if (t->tabs && t->n_columns == GDELT_COLUMNS && is_number(t->cells[0])) {
        memcpy(in->columns, gdelt_columns, sizeof in->columns);
        in->layout = &gdelt;
        return 1;
    }
    while (l < n && !has_layout(in, t, &layouts[l])) l++;
    if (l < n) return 0;
    return error_set(
        in->err, ERR_DATA,
        "%s:1: the columns date, initiator, target and kind (or code) are expected, or those of ICEWS: "
        "Event Date, Source Country, Target Country, CAMEO Code, or date, source_iso3, target_iso3, "
        "cameo_code; "
        "of POLECAT: Event Date, Actor Country, Recipient Country, Event Type; or the 61 columns of GDELT "
        "2.0 without a header",
        t->path);
}

static int on_header(events_table_t *t, void *data) {
    importer_t *in = data;
    int is_data = find_layout(in, t);
    if (is_data < 0) return is_data;
    in->events->layout = in->layout->name;
    if (in->columns[COLUMN_KIND] < 0 && in->mapping.n == 0)
        return error_set(in->err, ERR_DATA,
                         "%s has codes: a table that maps them to kinds is needed (--mapping)", t->path);
    memset(t->wanted, false, sizeof t->wanted);
    for (int c = 0; c < COLUMN_N; c++)
        if (in->columns[c] >= 0) t->wanted[in->columns[c]] = true;
    return is_data;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static int drop(importer_t *in, drop_t why) {
    in->events->dropped[why]++;
    return 0;
}

static const char *cell(const importer_t *in, const events_table_t *t, column_t c) {
    return in->columns[c] < 0 ? "" : t->cells[in->columns[c]];
}

/* 2018-01-31, with a time of day or without, or 20180131. */
static bool read_date(const char *text, double *days, bool *has_time) {
    char dashed[16];
    if (strlen(text) != 8 || !is_number(text)) return date_parse(text, days, has_time);
    snprintf(dashed, sizeof dashed, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
    return date_parse(dashed, days, has_time);
}

/* The scenario's actor of a cell, or -1 with the reason. */
static int find_actor(const importer_t *in, const char *text, drop_t *why) {
    if (in->layout->may_lack_country && strchr(text, ';')) return *why = DROP_SEVERAL, -1;
    bool is_none = in->layout->may_lack_country && (!strcmp(text, "None") || !strcmp(text, "NULL"));
    if (!*text || is_none) return *why = DROP_NOBODY, -1;
    if (in->source->countries) {
        const code_t *country = codes_find(&in->countries, text);
        if (!country) return *why = DROP_COUNTRY, -1;
        text = country->name;
    }
    *why = DROP_ACTOR;
    return model_actor(in->model, text);
}

/* The kind's name of a row, or NULL with the reason. */
static const char *find_kind(const importer_t *in, const events_table_t *t, dyad_t *dyad, drop_t *why) {
    const char *code = cell(in, t, COLUMN_CODE), *mode = cell(in, t, COLUMN_MODE);
    char whole[2 * EVENTS_CELL_BYTES];
    *dyad = DYAD_DIRECTED;
    if (*cell(in, t, COLUMN_KIND)) return cell(in, t, COLUMN_KIND);
    snprintf(whole, sizeof whole, "%s-%s", code, mode);
    const code_t *rule = codes_find(&in->mapping, *mode ? whole : code);
    if (*mode && (!rule || !strcmp(rule->code, "*"))) rule = codes_find(&in->mapping, code);
    *why = rule && rule->dyad == DYAD_MIRROR ? DROP_MIRROR : DROP_CODE;
    if (!rule || rule->dyad == DYAD_MIRROR || !*rule->name) return NULL;
    *dyad = rule->dyad;
    return rule->name;
}

/* Gives an event its time within the day and, where it has no direction, its initiator, by draws named by
 * what it is. */
static observed_t place_event(const importer_t *in, int k, int i, int j, double days, bool both) {
    const model_t *model = in->model;
    const kind_t *kind = &model->kinds[k];
    const char *a = model->actors[i].name, *b = model->actors[j].name;
    if (both && strcmp(a, b) > 0) {
        int swap = i;
        i = j, j = swap;
        a = model->actors[i].name, b = model->actors[j].name;
    }
    uint64_t key = rng_key_text(rng_key_text(rng_key_text(0, kind->name), a), b);
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_doubles(key, 1, &days), 0);
    double within = rng_stream_unit(&stream);
    bool swapped = both && rng_stream_unit(&stream) >= 0.5 && kind->scope != SCOPE_DYAD;
    if (both && !may_happen_at(kind, swapped ? j : i, swapped ? i : j)) swapped = !swapped;
    return (observed_t){days - model->start + within, k, swapped ? j : i, swapped ? i : j, NAN};
}

static int on_row(events_table_t *t, void *data) {
    importer_t *in = data;
    const model_t *model = in->model;
    double days, value = NAN;
    bool has_time;
    dyad_t dyad;
    drop_t why;
    const char *date = cell(in, t, COLUMN_DATE), *initiator = cell(in, t, COLUMN_INITIATOR),
               *target = cell(in, t, COLUMN_TARGET), *money = cell(in, t, COLUMN_VALUE);
    in->events->rows++;
    if (!read_date(date, &days, &has_time)) {
        events_table_complain(t, "date is \"%s\": a date such as 2018-01-31 is expected", date);
        return 0;
    }
    if (!in->layout->may_lack_country && (!*initiator || !*target)) {
        events_table_complain(t, "the %s is missing", *initiator ? "target" : "initiator");
        return 0;
    }
    if (*money) {
        char *end;
        value = strtod(money, &end);
        if (*end || !isfinite(value))
            events_table_complain(t, "value_usd is \"%s\": a number is expected", money);
    }
    double time = days - model->start;
    in->events->disordered += time < in->before;
    in->before = time;
    in->events->last = fmax(in->events->last, fmin(floor(time) + 1, in->until));
    if (time >= in->until) return drop(in, DROP_AFTER);
    const char *name = find_kind(in, t, &dyad, &why);
    if (!name) return drop(in, why);
    int k = model_kind(model, name);
    if (k < 0) return drop(in, DROP_KIND);
    int i = find_actor(in, initiator, &why);
    if (i < 0) return drop(in, why);
    int j = find_actor(in, target, &why);
    if (j < 0) return drop(in, why);
    if (i == j) return drop(in, DROP_SELF);
    const kind_t *kind = &model->kinds[k];
    observed_t event = place_event(in, k, i, j, days, dyad == DYAD_UNDIRECTED || kind->scope == SCOPE_DYAD);
    if (has_time) event.time = time;
    event.value_usd = value;
    if ((kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD) || model_tie(model, i, j) < 0 ||
        !may_happen_at(kind, event.initiator, event.target))
        return drop(in, DROP_PLACE);
    int ret = ARRAY_RESERVE(in->events->items, in->events->n, in->events->capacity);
    if (ret < 0) return error_set(in->err, ret, "out of memory");
    in->events->items[in->events->n++] = event;
    in->events->timed |= has_time;
    return 0;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static int by_time(const void *x, const void *y) {
    const observed_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    if (a->kind != b->kind) return a->kind - b->kind;
    if (a->initiator != b->initiator) return a->initiator - b->initiator;
    return a->target - b->target;
}

/* Sorts by time and drops what is there twice: the same row content has the same time. */
static void sort_and_drop(events_t *self) {
    int n = 0;
    if (self->n == 0) return;
    qsort(self->items, (size_t)self->n, sizeof *self->items, by_time);
    for (int e = 0; e < self->n; e++) {
        if (n && by_time(&self->items[e], &self->items[n - 1]) == 0)
            self->dropped[DROP_TWICE]++;
        else
            self->items[n++] = self->items[e];
    }
    self->n = n;
}

int events_import(events_t *self, const model_t *model, const events_source_t *source, double until,
                  FILE *messages, fault_t *err) {
    int ret = 0;
    *self = (events_t){0};
    importer_t in = {.events = self, .model = model, .source = source, .until = until, .before = -INFINITY};
    in.err = err;
    events_table_t *t = mem_alloc(1, sizeof *t);
    if (!t) return error_set(err, ERR_NOMEM, "out of memory");
    if (source->mapping) TRY(codes_read(&in.mapping, source->mapping, NULL, messages, err));
    if (source->countries)
        TRY(codes_read(&in.countries, source->countries, source->system ? source->system : "iso3", messages,
                       err));
    *t = (events_table_t){.path = source->events,
                          .messages = messages,
                          .header = on_header,
                          .row = on_row,
                          .data = &in,
                          .plain_tabs = true};
    TRY(events_table_read(t, err));
    sort_and_drop(self);
    if (self->rows == 0) ret = error_set(err, ERR_DATA, "%s has a header and no rows", source->events);
out:
    codes_free(&in.mapping);
    codes_free(&in.countries);
    mem_free(t);
    return ret;
}

int events_read(events_t *self, const model_t *model, const char *path, const char *mapping, double until,
                FILE *messages, fault_t *err) {
    const events_source_t source = {.events = path, .mapping = mapping};
    return events_import(self, model, &source, until, messages, err);
}

void events_free(events_t *self) {
    mem_free(self->items);
    *self = (events_t){0};
}
