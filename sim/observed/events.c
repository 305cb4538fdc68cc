#include "observed/events.h"

#include "observed/events_importer.h"
#include "text/suggest.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

const char *const drop_reasons[DROP_N] = {
#define X(id, why) [DROP_##id] = why,
    DROP_LIST(X)
#undef X
};

/* ---- rows that are left out ------------------------------------------------------------------------ */

/* The name of the actor that was probably meant. */
static const char *actor_meant(const model_t *model, const char *text) {
    suggest_t near = suggest_for(text);
    for (int i = 0; i < model->n_actors; i++)
        if (strlen(text) > 4 || !strcasecmp(text, model->actors[i].name))
            suggest_offer(&near, model->actors[i].name);
    return near.best;
}

static const char *kind_meant(const model_t *model, const char *text) {
    suggest_t near = suggest_for(text);
    for (int k = 0; k < model->n_kinds; k++) suggest_offer(&near, model->kinds[k].name);
    return near.best;
}

static const char *meant(const importer_t *in, int which, const char *text) {
    const char *other = which == DROP_CODE || which == NAMED_STARRED ? codes_meant(&in->mapping, text)
                        : which == DROP_COUNTRY                      ? codes_meant(&in->countries, text)
                        : which == DROP_ACTOR                        ? actor_meant(in->model, text)
                        : which == DROP_KIND                         ? kind_meant(in->model, text)
                                                                     : NULL;
    return other && strcmp(other, text) != 0 ? other : NULL;
}

/* Copies the most frequent texts. */
static int name_dropped(importer_t *in) {
    events_t *events = in->events;
    for (int t = 0; t < NAMED_N; t++) {
        text_counts_t *counts = &in->counts[t];
        names_t *names = &events->names[t];
        text_counts_sort(counts);
        names->n_all = counts->n;
        names->rows = counts->all;
        for (; names->n < counts->n && names->n < NAMED_SHOWN; names->n++) {
            const counted_t *item = &counts->items[names->n];
            const char *other = meant(in, t, item->text);
            named_t *named = &names->items[names->n];
            *named =
                (named_t){arena_text(&events->texts, item->text), arena_text(&events->texts, other), item->n};
            if (!named->text || (other && !named->meant)) return no_memory(in);
        }
    }
    return 0;
}

enum { MOST_HELD = 1000000 }; /* rows */

/* ---- whether day or month comes first -------------------------------------------------------------- */

static int hold(importer_t *in, const events_table_t *t) {
    if (in->n_held == MOST_HELD || ARRAY_RESERVE(in->held, in->n_held, in->held_capacity) < 0)
        return in->n_held == MOST_HELD ? 0 : no_memory(in);
    held_t *held = &in->held[in->n_held++];
    *held = (held_t){.line = t->line};
    for (int c = 0; c < COLUMN_N; c++)
        if (in->columns[c] >= 0 && !(held->cells[c] = arena_text(&in->held_texts, t->cells[in->columns[c]])))
            return no_memory(in);
    return 0;
}

static int read_row(importer_t *in, events_table_t *t, moment_result_t result, const moment_t *moment);

/* Reads the rows that were held until the order of their dates was known; then restores the current row. */
static int release(importer_t *in, events_table_t *t) {
    size_t n = in->n_held;
    moment_t moment;
    int ret = 0;
    if (n == 0) return 0;
    TRY(hold(in, t));
    for (size_t h = 0; h < in->n_held; h++) {
        const held_t *held = &in->held[h];
        t->line = held->line;
        for (int c = 0; c < COLUMN_N; c++)
            if (held->cells[c]) snprintf(t->cells[in->columns[c]], sizeof *t->cells, "%s", held->cells[c]);
        if (h < n) TRY(read_row(in, t, moment_parse(cell(in, t, COLUMN_DATE), in->order, &moment), &moment));
    }
    in->n_held = 0;
    arena_free(&in->held_texts);
out:
    return ret;
}

static int refuse_order(const importer_t *in, const char *path) {
    const held_t *held = &in->held[0];
    return error_set(in->err, ERR_DATA,
                     "%s:%ld: date is \"%s\": no date of the file shows whether the month or the day is "
                     "first; give --dates mdy (month first) or --dates dmy (day first)",
                     path, held->line, held->cells[COLUMN_DATE]);
}

/* ---- a file ------------------------------------------------------------------------------------------ */

/* Adds a row, with its date read in the order known so far. */
static int read_row(importer_t *in, events_table_t *t, moment_result_t result, const moment_t *moment) {
    const char *date = cell(in, t, COLUMN_DATE);
    if (result != MOMENT_READ) {
        const char *order = in->order == ORDER_MDY ? ", or 1/31/2018 as other rows have it, the month first,"
                            : in->order == ORDER_DMY ? ", or 31/1/2018 as other rows have it, the day first,"
                                                     : "";
        events_table_complain(t, "date is \"%s\": " MOMENT_FORMS "%s is expected", date, order);
        return 0;
    }
    if (moment->n_days > 1 && in->source->unknown_days == UNKNOWN_DAYS_REFUSED) {
        events_table_complain(
            t,
            "date is \"%s\": the day is not known; --unknown-days drop leaves such rows out, "
            "--unknown-days draw draws a day",
            date);
        return 0;
    }
    bool lacks = !*cell(in, t, COLUMN_INITIATOR) || (!*cell(in, t, COLUMN_TARGET) && !in->source->marks);
    if (!in->layout->may_lack_country && lacks) {
        events_table_complain(t, "the %s is missing",
                              *cell(in, t, COLUMN_INITIATOR) ? "target" : "initiator");
        return 0;
    }
    return events_row_take(in, t, moment);
}

static int on_row(events_table_t *t, void *data) {
    importer_t *in = data;
    moment_t moment;
    int ret = 0;
    in->file->rows++;
    moment_result_t result = moment_parse(cell(in, t, COLUMN_DATE), in->order, &moment);
    bool tells = in->order == ORDER_TOLD && result == MOMENT_READ && moment.order != ORDER_TOLD;
    if (in->n_held == MOST_HELD) return refuse_order(in, t->path);
    if (!tells && (result == MOMENT_EITHER || in->n_held > 0)) return hold(in, t);
    if (tells) {
        in->order = moment.order;
        TRY(release(in, t));
    }
    ret = read_row(in, t, result, &moment);
out:
    return ret;
}

static int on_header(events_table_t *t, void *data) {
    importer_t *in = data;
    int is_data = layout_find(t, &in->layout, in->columns, in->err);
    if (is_data < 0) return is_data;
    in->file->layout = in->layout->name;
    if (in->columns[COLUMN_KIND] < 0 && in->mapping.n == 0)
        return error_set(in->err, ERR_DATA,
                         "%s has codes: a table that maps them to event types is needed (--mapping)",
                         t->path);
    in->events->lacks_levels |= in->mapping.has_levels && in->columns[COLUMN_INITIATOR_LEVEL] < 0;
    if (in->columns[COLUMN_TEXT] < 0 || in->columns[COLUMN_CODE] >= 0 || in->cameo.n > 0) return is_data;
    return codes_cameo(&in->cameo) < 0 ? no_memory(in) : is_data;
}

static int read_file(importer_t *in, const char *path, FILE *messages) {
    events_table_t t = {.path = path,
                        .messages = messages,
                        .header = on_header,
                        .row = on_row,
                        .data = in,
                        .plain_tabs = true};
    in->layout = NULL;
    in->before = -INFINITY;
    in->order = in->source->order;
    in->n_held = 0;
    arena_free(&in->held_texts);
    int ret = events_table_read(&t, in->err);
    if (ret == 0 && in->n_held > 0) ret = refuse_order(in, t.path);
    if (ret == ERR_DATA && in->source->marks && in->layout && !t.has_rows && t.errors == 0) ret = 0;
    if (ret == 0 && in->file->rows == 0 && !in->source->marks)
        ret = error_set(in->err, ERR_DATA, "%s has a header and no rows", path);
    return ret;
}

/* Reads every file, also after one that cannot be read, so that every error is reported. */
static int read_files(importer_t *in, FILE *messages) {
    int ret = 0;
    for (int f = 0; f < in->source->n_files && ret != ERR_NOMEM; f++) {
        if (ret < 0 && messages)
            fprintf(messages, "entente: %s\n", in->err ? in->err->text : error_text(ret));
        in->file = &in->events->files[f];
        in->file->path = in->source->files[f];
        int one = read_file(in, in->source->files[f], messages);
        if (one < 0) ret = one;
        in->events->rows += in->file->rows;
    }
    return ret;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static int by_time(const void *x, const void *y) {
    const observed_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    if (a->kind != b->kind) return a->kind - b->kind;
    if (a->initiator != b->initiator) return a->initiator - b->initiator;
    return a->target - b->target;
}

/* If all times of day are midnight, the dates have none. */
static void draw_midnights(importer_t *in) {
    events_t *events = in->events;
    assert(in->drawn || !events->n);
    for (int e = 0; e < events->n && !events->timed; e++)
        if (!isnan(in->drawn[e])) events->items[e].time = in->drawn[e];
}

/* Sorts by time and drops repeats: rows with the same content have the same time. */
static void sort_and_drop(events_t *self) {
    int n = 0;
    if (self->n == 0) return;
    if (self->n) qsort(self->items, (size_t)self->n, sizeof *self->items, by_time);
    for (int e = 0; e < self->n; e++) {
        if (n && by_time(&self->items[e], &self->items[n - 1]) == 0)
            self->dropped[DROP_TWICE]++;
        else
            self->items[n++] = self->items[e];
    }
    self->n = n;
}

bool events_same_file(int n_files, const char *const *files, int *again) {
    struct stat one, two;
    for (int b = 1; b < n_files; b++)
        for (int a = 0; a < b; a++)
            if (!stat(files[a], &one) && !stat(files[b], &two) && S_ISREG(one.st_mode) &&
                one.st_dev == two.st_dev && one.st_ino == two.st_ino)
                return *again = b, true;
    return false;
}

static int check_source(const model_t *model, const events_source_t *source, fault_t *err) {
    int again;
    if (events_same_file(source->n_files, source->files, &again))
        return error_set(err, ERR_USAGE, "--events %s: the same file is given twice", source->files[again]);
    if (model->start != floor(model->start))
        return error_set(
            err, ERR_DATA,
            "the scenario starts within a day, but events are used by whole days; let it start at 00:00");
    return 0;
}

int events_import(events_t *self, const model_t *model, const events_source_t *source, double until,
                  FILE *messages, fault_t *err) {
    *self = (events_t){.first = INFINITY, .n_files = source->n_files};
    importer_t in = {.events = self, .model = model, .source = source, .until = until, .err = err};
    self->files = mem_alloc((size_t)source->n_files, sizeof *self->files);
    self->days = mem_alloc(ALL_DAYS / 8 + 1, sizeof *self->days);
    int ret = 0;
    self->reports = mem_alloc((size_t)model->n_kinds + 1, sizeof *self->reports);
    if (!self->files || !self->days || !self->reports) {
        ret = no_memory(&in);
        goto out;
    }
    TRY(check_source(model, source, err));
    if (source->mapping) TRY(codes_read(&in.mapping, source->mapping, NULL, messages, err));
    for (int k = 0; k < model->n_kinds; k++)
        self->reports[k] = codes_reports(&in.mapping, model->kinds[k].name);
    if (source->countries)
        TRY(codes_read(&in.countries, source->countries, source->system ? source->system : "iso3", messages,
                       err));
    TRY(read_files(&in, messages));
    draw_midnights(&in);
    sort_and_drop(self);
    TRY(name_dropped(&in));
out:
    for (int n = 0; n < NAMED_N; n++) text_counts_free(&in.counts[n]);
    codes_free(&in.mapping);
    codes_free(&in.countries);
    codes_free(&in.cameo);
    mem_free(in.drawn);
    mem_free(in.held);
    arena_free(&in.held_texts);
    return ret;
}

int events_longest_gap(const events_t *self, const model_t *model, int from, int *begin, int *n_with) {
    int start = (int)model->start + DAYS_BEFORE_1970, longest = 0, gap = 0;
    *begin = from;
    *n_with = 0;
    for (int day = from; day < self->last; day++) {
        int bit = start + day;
        bool has_row = bit >= 0 && bit < ALL_DAYS && (self->days[bit / 8] >> bit % 8 & 1);
        *n_with += has_row;
        gap = has_row ? 0 : gap + 1;
        if (gap > longest) longest = gap, *begin = day - gap + 1;
    }
    return longest;
}

void events_free(events_t *self) {
    mem_free(self->items);
    mem_free(self->files);
    mem_free(self->days);
    mem_free(self->reports);
    arena_free(&self->texts);
    *self = (events_t){0};
}
