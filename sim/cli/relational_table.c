#include "cli/relational_table.h"

#include "base/date.h"
#include "base/suggest.h"
#include "io/events_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum { COLUMN_TIME, COLUMN_INITIATOR, COLUMN_TARGET, COLUMN_N } column_t;

static const char *const column_words[COLUMN_N] = {"time", "initiator", "target"};

typedef struct {
    relational_table_t *table;
    const relational_source_t *source;
    int columns[COLUMN_N];
    double before; /* time of the row above */
    fault_t *err;
} reading_t;

/* ---- times ------------------------------------------------------------------------------------------- */

static bool read_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

bool relational_time(const char *text, time_sort_t *sort, double *time) {
    if (*sort != TIME_DATE && read_number(text, time)) {
        *sort = TIME_NUMBER;
        return true;
    }
    if (*sort != TIME_NUMBER && date_parse(text, time, NULL)) {
        *sort = TIME_DATE;
        return true;
    }
    return false;
}

const char *relational_time_expected(time_sort_t sort) {
    static const char *const texts[] = {
        [TIME_UNKNOWN] = "a number, or a date such as 2018-01-31 or 2018-01-31T14:30,",
        [TIME_NUMBER] = "a number, as the first row has it,",
        [TIME_DATE] = "a date such as 2018-01-31 or 2018-01-31T14:30, as the first row has it,"};
    return texts[sort];
}

/* ---- actors ------------------------------------------------------------------------------------------ */

/* One after the other: the fit looks at every dyad for each event, which takes longer. */
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
    if (!own || ARRAY_RESERVE(self->actors, self->n_actors, self->actors_capacity))
        return error_set(err, ERR_NOMEM, "out of memory");
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
        events_table_complain(t, "actor \"%s\" is here a second time", name);
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
    time_sort_t sort = TIME_UNKNOWN;
    double time;
    for (int c = 0; c < COLUMN_N; c++) r->columns[c] = c;
    if (t->n_columns < COLUMN_N)
        events_table_complain(t, "%d column%s: time, initiator and target are expected", t->n_columns,
                              t->n_columns == 1 ? "" : "s");
    else if (relational_time(t->cells[0], &sort, &time))
        events_table_complain(t, "this is an event: a first row that names the columns is expected");
}

static int on_header(events_table_t *t, void *data) {
    reading_t *r = data;
    if (r->source->column_names)
        find_named(r, t);
    else
        take_first(r, t);
    if (t->errors)
        return error_set(r->err, ERR_DATA, "%s has not the columns that are read%s", t->path,
                         r->source->column_names ? "" : "; --columns names them");
    memset(t->wanted, false, sizeof t->wanted);
    for (int c = 0; c < COLUMN_N; c++) t->wanted[r->columns[c]] = true;
    return 0;
}

/* The actor of a cell, which is told if there is none (-1); below that an error code. */
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
    events_table_complain(t, "the %s \"%s\" is no actor of %s%s%s%s", column_words[c], name,
                          r->source->actors, near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                          near.best ? "\"?" : "");
    return -1;
}

static int on_row(events_table_t *t, void *data) {
    reading_t *r = data;
    relational_table_t *table = r->table;
    relational_event_t event;
    const char *time = t->cells[r->columns[COLUMN_TIME]];
    if (!relational_time(time, &table->sort, &event.time)) {
        events_table_complain(t, "the time is \"%s\": %s is expected", time,
                              relational_time_expected(table->sort));
        return 0;
    }
    event.from = read_actor(r, t, COLUMN_INITIATOR);
    if (event.from < 0) return event.from == -1 ? 0 : event.from;
    event.to = read_actor(r, t, COLUMN_TARGET);
    if (event.to < 0) return event.to == -1 ? 0 : event.to;
    if (event.from == event.to) {
        events_table_complain(t, "\"%s\" is initiator and target: an event is of two different actors",
                              table->actors[event.from]);
        return 0;
    }
    if (ARRAY_RESERVE(table->events, table->n_events, table->events_capacity))
        return error_set(r->err, ERR_NOMEM, "out of memory");
    table->disordered += event.time < r->before;
    r->before = event.time;
    table->events[table->n_events++] = event;
    return 0;
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
    if (!list) return error_set(err, ERR_NOMEM, "out of memory");
    for (int e = 0; e < self->n_events; e++) list[e] = (listed_t){self->events[e], e};
    qsort(list, (size_t)self->n_events, sizeof *list, by_time);
    for (int e = 0; e < self->n_events; e++) self->events[e] = list[e].event;
    mem_free(list);
    return 0;
}

int relational_table_read(relational_table_t *self, const relational_source_t *source, FILE *messages,
                          fault_t *err) {
    *self = (relational_table_t){0};
    arena_init(&self->names);
    int ret = 0;
    reading_t r = {.table = self, .source = source, .before = -INFINITY, .err = err};
    events_table_t *t = mem_alloc(1, sizeof *t);
    if (!t) return error_set(err, ERR_NOMEM, "out of memory");
    if (source->actors) {
        *t = (events_table_t){.path = source->actors,
                              .messages = messages,
                              .header = on_actor_header,
                              .row = on_actor,
                              .data = &r};
        TRY(events_table_read(t, err));
    }
    *t = (events_table_t){
        .path = source->events, .messages = messages, .header = on_header, .row = on_row, .data = &r};
    TRY(events_table_read(t, err));
    if (self->n_events == 0) {
        ret = error_set(err, ERR_DATA, "%s has a header and no rows", source->events);
        goto out;
    }
    if (self->disordered) TRY(sort(self, err));
    for (int e = 1; e < self->n_events; e++)
        self->simultaneous += self->events[e].time == self->events[e - 1].time;
out:
    mem_free(t);
    return ret;
}

void relational_table_free(relational_table_t *self) {
    mem_free(self->events);
    mem_free(self->actors);
    arena_free(&self->names);
    *self = (relational_table_t){0};
}
