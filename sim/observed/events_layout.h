/* The layouts of event files: the meaning of the columns, by name or, without a header, by position. */
#ifndef ENTENTE_OBSERVED_EVENTS_LAYOUT_H
#define ENTENTE_OBSERVED_EVENTS_LAYOUT_H

#include "observed/events_table.h"

typedef enum {
    COLUMN_DATE,
    COLUMN_INITIATOR,
    COLUMN_TARGET,
    COLUMN_KIND, /* a kind's name, a code (with a mode), or the event's text: one of them has to be there */
    COLUMN_CODE,
    COLUMN_MODE,
    COLUMN_TEXT,
    COLUMN_VALUE,
    COLUMN_INITIATOR_LEVEL,
    COLUMN_TARGET_LEVEL,
    COLUMN_ID,
    COLUMN_LEVEL,
    COLUMN_SUCCESS,
    COLUMN_GROUP,
    COLUMN_PARTICIPANTS,
    COLUMN_N
} column_t;

typedef struct {
    const char *name;
    const char *columns[COLUMN_N]; /* NULL: it has none */
    bool may_lack_country;         /* a row without one is dropped, not an error */
} layout_t;

/* Finds the layout of the table's first row and its columns (-1 none), and keeps only those. 1 if that row is
 * data already, 0 if it is a header, ERR_DATA if it is of no layout, with `err`. */
int layout_find(events_table_t *t, const layout_t **layout, int columns[COLUMN_N], fault_t *err);

#endif
