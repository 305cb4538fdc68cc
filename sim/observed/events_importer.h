/* Shared by the files of the importer of events: events.c reads the files and their dates, events_row.c
 * makes an event of a row. */
#ifndef ENTENTE_OBSERVED_EVENTS_IMPORTER_H
#define ENTENTE_OBSERVED_EVENTS_IMPORTER_H

#include "observed/events.h"
#include "observed/events_codes.h"
#include "observed/events_layout.h"
#include "observed/text_counts.h"

/* Days of the years 0000 to 9999, for the bits of those with a row. */
enum { DAYS_BEFORE_1970 = 719528, ALL_DAYS = 3652425 };

typedef struct { /* a row whose date cannot be told yet */
    long line;
    const char *cells[COLUMN_N];
} held_t;

typedef struct {
    events_t *events;
    const model_t *model;
    const events_source_t *source;
    codes_t mapping, countries, cameo;
    text_counts_t counts[NAMED_N];
    double until;
    /* the time drawn for each event whose time of day is 00:00:00, NAN of the others */
    double *drawn;
    size_t drawn_capacity;
    /* of the file in hand */
    events_file_t *file;
    const layout_t *layout;
    int columns[COLUMN_N]; /* -1 none */
    double before;
    date_order_t order;
    held_t *held;
    size_t n_held, held_capacity;
    arena_t held_texts;
    char code[2 * EVENTS_CELL_BYTES]; /* of the row in hand, with its mode */
    fault_t *err;
} importer_t;

static inline int no_memory(const importer_t *in) {
    return error_memory(in->err);
}

static inline const char *cell(const importer_t *in, const events_table_t *t, column_t c) {
    return in->columns[c] < 0 ? "" : t->cells[in->columns[c]];
}

/* Adds the event of a row whose date was read, or counts the reason why it is left out. 0, or an error code
 * if reading must end. */
int events_row_take(importer_t *in, events_table_t *t, const moment_t *moment);
/* Adds the marks of the row, if it has any. 0, ERR_NOMEM; what cannot be read is complained of. */
int events_row_marks(const importer_t *in, events_table_t *t, observed_t *event);

#endif
