#include "fit/relational_table.h"

#include "observed/events.h"
#include "observed/events_table.h"
#include "text/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum { COLUMN_TIME, COLUMN_INITIATOR, COLUMN_TARGET, COLUMN_N } column_t;

static const char *const column_words[COLUMN_N] = {"time", "initiator", "target"};

typedef struct {
    relational_table_t *table;
    const relational_source_t *source;
    int columns[COLUMN_N];
    /* For each event whose date does not show whether month or day comes first, its time if the day comes
     * first; else NAN. */
    double *day_first;
    size_t day_first_capacity;
    /* of the file in hand */
    int first, n_either; /* its first event; events that have such a second time */
    long either_line;    /* of the first of them */
    char either[EVENTS_CELL_BYTES];
    fault_t *err;
} reading_t;

/* ---- times ------------------------------------------------------------------------------------------- */

static bool read_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

/* 20180131, which could be a number. */
static bool is_compact_date(const char *text) {
    moment_t moment;
    return strlen(text) == 8 && strspn(text, "0123456789") == 8 && (*text == '1' || *text == '2') &&
           moment_parse(text, ORDER_YMD, &moment) == MOMENT_READ && moment.n_days == 1;
}

/* Whether a time of the table is a date, as far as the rows read so far show. */
static bool is_date(const char *text, time_sort_t sort) {
    double number;
    return sort == TIME_DATE ||
           (sort == TIME_UNKNOWN && (is_compact_date(text) || !read_number(text, &number)));
}

bool relational_time(const char *text, time_sort_t *sort, date_order_t order, double *time) {
    moment_t moment;
    bool date = is_date(text, *sort);
    if (date ? moment_parse(text, order, &moment) != MOMENT_READ || moment.n_days > 1
             : !read_number(text, time))
        return false;
    if (date) *time = moment.time;
    *sort = date ? TIME_DATE : TIME_NUMBER;
    return true;
}

const char *relational_time_expected(time_sort_t sort) {
    static const char *const texts[] = {[TIME_UNKNOWN] = "a number, or " MOMENT_FORMS ",",
                                        [TIME_NUMBER] = "a number, as the first row has it,",
                                        [TIME_DATE] = MOMENT_FORMS ", as the first row has it,"};
    return texts[sort];
}

/* ---- actors ------------------------------------------------------------------------------------------ */

/* A linear search: the fit visits every dyad for each event, which takes longer. */
static int find_actor(const relational_table_t *self, const char *name) {
    for (int i = 0; i < self->n_actors; i++)
        if (!strcmp(self->actors[i], name)) return i;
    return -1;
}

/* Its number, or an error code. */
static int add_actor(relational_table_t *self, const char *path, const char *name, fault_t *err) {
    if (self->n_actors == RELATIONAL_MOST_ACTORS)
        return error_set(err, ERR_DATA, "%s has more than %d actors", path, RELATIONAL_MOST_ACTORS);
    const char *own = arena_text(&self->names, name);
    if (!own || ARRAY_RESERVE(self->actors, self->n_actors, self->actors_capacity)) return error_memory(err);
    self->actors[self->n_actors] = own;
    return self->n_actors++;
}

static int on_actor_header(events_table_t *t, void *data) {
    (void)data;
    memset(t->wanted, false, sizeof t->wanted);
    t->wanted[0] = true;
    return 0;
}

static int on_actor(events_table_t *t, void *data) {
    reading_t *r = data;
    const char *name = t->cells[0];
    if (!*name) {
        events_table_complain(t, "the actor's name (the first column) is missing");
        return 0;
    }
    if (find_actor(r->table, name) >= 0) {
        events_table_complain(t, "actor \"%s\" is listed twice", name);
        return 0;
    }
    int ret = add_actor(r->table, t->path, name, r->err);
    return ret < 0 ? ret : 0;
}

/* ---- events ------------------------------------------------------------------------------------------ */

bool relational_column_names(const char *text, int lengths[3]) {
    int n = 0;
    for (;; text++) {
        int length = (int)strcspn(text, ",");
        if (length == 0 || n == COLUMN_N) return false;
        lengths[n++] = length;
        text += length;
        if (!*text) return n == COLUMN_N;
    }
}

static void complain_of_column(events_table_t *t, const char *name) {
    suggest_t near = suggest_for(name);
    for (int c = 0; c < t->n_columns; c++) suggest_offer(&near, t->cells[c]);
    events_table_complain(t, "there is no column \"%s\"%s%s%s", name, near.best ? "; did you mean \"" : "",
                          near.best ? near.best : "", near.best ? "\"?" : "");
}

static void find_named(reading_t *r, events_table_t *t) {
    const char *name = r->source->column_names;
    int lengths[COLUMN_N] = {0};
    relational_column_names(name, lengths); /* the command's check saw that it is right */
    for (int c = 0; c < COLUMN_N; c++) {
        char own[EVENTS_CELL_BYTES];
        snprintf(own, sizeof own, "%.*s", lengths[c], name);
        name += lengths[c] + 1;
        r->columns[c] = events_table_column(t, own);
        if (r->columns[c] < 0) complain_of_column(t, own);
    }
}

static void take_first(reading_t *r, events_table_t *t) {
    moment_t moment;
    double number;
    for (int c = 0; c < COLUMN_N; c++) r->columns[c] = c;
    if (t->n_columns < COLUMN_N)
        events_table_complain(t, "%d column%s: time, initiator and target are expected", t->n_columns,
                              t->n_columns == 1 ? "" : "s");
    else if (read_number(t->cells[0], &number) ||
             moment_parse(t->cells[0], ORDER_TOLD, &moment) != MOMENT_NONE)
        events_table_complain(t, "this is an event: a first row that names the columns is expected");
}

static int on_header(events_table_t *t, void *data) {
    reading_t *r = data;
    if (r->source->column_names)
        find_named(r, t);
    else
        take_first(r, t);
    if (t->errors)
        return error_set(r->err, ERR_DATA, "%s does not have the columns to read%s", t->path,
                         r->source->column_names ? "" : "; --columns names them");
    memset(t->wanted, false, sizeof t->wanted);
    for (int c = 0; c < COLUMN_N; c++) t->wanted[r->columns[c]] = true;
    return 0;
}

/* The actor of a cell; -1 if there is none, which is reported; below that an error code. */
static int read_actor(const reading_t *r, events_table_t *t, column_t c) {
    const char *name = t->cells[r->columns[c]];
    if (!*name) {
        events_table_complain(t, "the %s is missing", column_words[c]);
        return -1;
    }
    int i = find_actor(r->table, name);
    if (i >= 0) return i;
    if (!r->source->actors) return add_actor(r->table, t->path, name, r->err);
    suggest_t near = suggest_for(name);
    for (int n = 0; n < r->table->n_actors; n++) suggest_offer(&near, r->table->actors[n]);
    events_table_complain(t, "the %s \"%s\" is not an actor of %s%s%s%s", column_words[c], name,
                          r->source->actors, near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                          near.best ? "\"?" : "");
    return -1;
}

static int add_event(reading_t *r, const relational_event_t *event, double day_first) {
    relational_table_t *table = r->table;
    if (ARRAY_RESERVE(table->events, table->n_events, table->events_capacity) ||
        ARRAY_RESERVE(r->day_first, table->n_events, r->day_first_capacity))
        return error_memory(r->err);
    r->day_first[table->n_events] = day_first;
    table->events[table->n_events++] = *event;
    return 0;
}

/* A time that is a date; *other is its time if the day comes first and the file does not show the order.
 * False: an error was reported, or the row is left out. */
static bool read_date(reading_t *r, events_table_t *t, const char *text, double *time, double *other) {
    relational_table_t *table = r->table;
    moment_t moment;
    *other = NAN;
    moment_result_t result = moment_parse(text, table->order, &moment);
    if (result == MOMENT_READ && moment.order != ORDER_TOLD) table->order = moment.order;
    if (result == MOMENT_READ && moment.n_days > 1) {
        table->sort = TIME_DATE;
        table->no_days += r->source->unknown_days == UNKNOWN_DAYS_DROPPED;
        if (r->source->unknown_days == UNKNOWN_DAYS_REFUSED)
            events_table_complain(t,
                                  "the time is \"%s\": the day is unknown; --unknown-days drop leaves such "
                                  "rows out, --unknown-days draw draws a day",
                                  text);
        if (r->source->unknown_days != UNKNOWN_DAYS_DRAWN) return false;
        const char *names[] = {t->cells[r->columns[COLUMN_INITIATOR]], t->cells[r->columns[COLUMN_TARGET]]};
        moment.time = moment_draw(&moment, 2, names);
    }
    if (result == MOMENT_EITHER) {
        moment_parse(text, ORDER_DMY, &moment);
        *other = moment.time;
        moment_parse(text, ORDER_MDY, &moment);
        if (r->n_either++ == 0) {
            r->either_line = t->line;
            snprintf(r->either, sizeof r->either, "%s", text);
        }
    }
    *time = moment.time;
    if (result == MOMENT_NONE)
        events_table_complain(t, "the time is \"%s\": %s%s is expected", text,
                              relational_time_expected(table->sort),
                              table->order == ORDER_MDY   ? " the month first where the year comes last,"
                              : table->order == ORDER_DMY ? " the day first where the year comes last,"
                                                          : "");
    else
        table->sort = TIME_DATE;
    return result != MOMENT_NONE;
}

/* False: the row was reported, or is left out. */
static bool read_time(reading_t *r, events_table_t *t, double *time, double *other) {
    relational_table_t *table = r->table;
    const char *text = t->cells[r->columns[COLUMN_TIME]];
    *other = NAN;
    if (is_date(text, table->sort)) return read_date(r, t, text, time, other);
    if (relational_time(text, &table->sort, table->order, time)) return true;
    events_table_complain(t, "the time is \"%s\": %s is expected", text,
                          relational_time_expected(table->sort));
    return false;
}

static int on_row(events_table_t *t, void *data) {
    reading_t *r = data;
    relational_event_t event;
    double other;
    const char *from = t->cells[r->columns[COLUMN_INITIATOR]], *to = t->cells[r->columns[COLUMN_TARGET]];
    if (events_table_decimal_comma(t, t->cells[r->columns[COLUMN_TIME]]))
        return error_set(
            r->err, ERR_DATA,
            "%s:%ld: the time is \"%s\": the file seems to have decimal commas; save it with decimal points",
            t->path, t->line, t->cells[r->columns[COLUMN_TIME]]);
    if (!read_time(r, t, &event.time, &other)) return 0;
    bool is_loop = *from && !strcmp(from, to);
    if (is_loop && !r->source->actors) {
        r->table->loops++;
        return 0;
    }
    event.from = read_actor(r, t, COLUMN_INITIATOR);
    if (event.from < 0) return event.from == -1 ? 0 : event.from;
    event.to = read_actor(r, t, COLUMN_TARGET);
    if (event.to < 0) return event.to == -1 ? 0 : event.to;
    r->table->loops += is_loop;
    return is_loop ? 0 : add_event(r, &event, other);
}

/* ---- a file ------------------------------------------------------------------------------------------ */

/* Decides the order of a file's dates when all of them have been read. */
static int end_file(reading_t *r, const char *path, int *disordered) {
    relational_table_t *table = r->table;
    if (r->n_either > 0 && table->order == ORDER_TOLD)
        return error_set(r->err, ERR_DATA,
                         "%s:%ld: the time is \"%s\": no date of the file shows whether the month or the day "
                         "is first; give --dates mdy (month first) or --dates dmy (day first)",
                         path, r->either_line, r->either);
    for (int e = r->first; e < table->n_events && table->order == ORDER_DMY; e++)
        if (!isnan(r->day_first[e])) table->events[e].time = r->day_first[e];
    for (int e = r->first + 1; e < table->n_events; e++)
        *disordered += table->events[e].time < table->events[e - 1].time;
    return 0;
}

static int read_file(reading_t *r, int f, FILE *messages) {
    const char *path = r->source->files[f];
    r->first = r->table->n_events;
    r->n_either = 0;
    r->table->order = r->source->order;
    events_table_t t = {.path = path, .messages = messages, .header = on_header, .row = on_row, .data = r};
    int ret = events_table_read(&t, r->err);
    if (ret == 0 && !t.has_rows) ret = error_set(r->err, ERR_DATA, "%s has a header and no rows", path);
    return ret < 0 ? ret : end_file(r, path, &r->table->disordered[f]);
}

/* ---- the whole --------------------------------------------------------------------------------------- */

typedef struct {
    relational_event_t event;
    int row;
} listed_t;

static int by_time(const void *x, const void *y) {
    const listed_t *a = x, *b = y;
    if (a->event.time != b->event.time) return a->event.time < b->event.time ? -1 : 1;
    return a->row - b->row;
}

static int sort(relational_table_t *self, fault_t *err) {
    listed_t *list = mem_alloc((size_t)self->n_events, sizeof *list);
    if (!list) return error_memory(err);
    for (int e = 0; e < self->n_events; e++) list[e] = (listed_t){self->events[e], e};
    qsort(list, (size_t)self->n_events, sizeof *list, by_time);
    for (int e = 0; e < self->n_events; e++) self->events[e] = list[e].event;
    mem_free(list);
    return 0;
}

/* Reads every file, also after one that cannot be read, so that every error is reported. */
static int read_files(reading_t *r, FILE *messages) {
    int ret = 0, again;
    if (events_same_file(r->source->n_files, r->source->files, &again))
        return error_set(r->err, ERR_USAGE, "%s: the same file is given twice", r->source->files[again]);
    for (int f = 0; f < r->source->n_files && ret != ERR_NOMEM; f++) {
        if (ret < 0 && messages) fprintf(messages, "entente: %s\n", r->err ? r->err->text : error_text(ret));
        int one = read_file(r, f, messages);
        if (one < 0) ret = one;
    }
    return ret;
}

int relational_table_read(relational_table_t *self, const relational_source_t *source, FILE *messages,
                          fault_t *err) {
    *self = (relational_table_t){0};
    arena_init(&self->names);
    int ret = 0;
    reading_t r = {.table = self, .source = source, .err = err};
    self->disordered = mem_alloc((size_t)source->n_files, sizeof *self->disordered);
    TRY_MEM(self->disordered);
    if (source->actors) {
        events_table_t t = {.path = source->actors,
                            .messages = messages,
                            .header = on_actor_header,
                            .row = on_actor,
                            .data = &r};
        TRY(events_table_read(&t, err));
    }
    TRY(read_files(&r, messages));
    if (self->n_events == 0) {
        ret = error_set(err, ERR_DATA, "%s: every row is left out", source->files[0]);
        goto out;
    }
    TRY(sort(self, err));
    for (int e = 1; e < self->n_events; e++)
        self->simultaneous += self->events[e].time == self->events[e - 1].time;
out:
    mem_free(r.day_first);
    return ret;
}

void relational_table_free(relational_table_t *self) {
    mem_free(self->events);
    mem_free(self->actors);
    mem_free(self->disordered);
    arena_free(&self->names);
    *self = (relational_table_t){0};
}
