/* Tables of observed events row by row, whatever their size: comma or tab separated, with a header or
 * without.
 *
 * Rows go to a callback one at a time; of a row only the cells that were asked for are kept. Memory does not
 * depend on the file: a line has at most 1 MiB. What cannot be read is told with its line. */
#ifndef ENTENTE_IO_EVENTS_TABLE_H
#define ENTENTE_IO_EVENTS_TABLE_H

#include "base/error.h"
#include <stdbool.h>
#include <stdio.h>

enum { EVENTS_MOST_CELLS = 64, EVENTS_CELL_BYTES = 128 };

typedef struct events_table events_table_t;
struct events_table {
    const char *path;
    FILE *messages; /* the first 20 complaints go there; NULL none */
    /* Given the first row, in `cells`: 0 if it is a header, 1 if it is data already, or an error code. It may
     * clear `wanted` of columns that nobody reads. */
    int (*header)(events_table_t *, void *data);
    int (*row)(events_table_t *, void *data); /* 0 or an error code */
    void *data;
    bool plain_tabs; /* quotes mean nothing within a cell of a file with tabs */

    long line, errors;
    int n_columns, n_cells;
    bool wanted[EVENTS_MOST_CELLS];
    char cells[EVENTS_MOST_CELLS][EVENTS_CELL_BYTES];
    bool tabs, begun, too_long;
    int ret;
};

/* Reads all of it. 0; ERR_NOINPUT, ERR_NOMEM; ERR_DATA if it is empty, is no table, or some rows could not be
 * read (each was told). */
int events_table_read(events_table_t *self, fault_t *err);

/* Tells that the present row cannot be read, PATH:LINE: error: ... */
void events_table_complain(events_table_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The column of that name in the first row, -1 if there is none. */
int events_table_column(const events_table_t *self, const char *name);

#endif
