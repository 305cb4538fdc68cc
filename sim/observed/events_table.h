/* Tables of observed events row by row, whatever their size: cells separated by commas, tabs, semicolons or
 * vertical bars, with a header or without.
 *
 * A callback gets the rows one at a time; only the requested cells of a row are kept. Memory does not depend
 * on the file: a line has at most 1 MiB. Lines end with LF, CR LF or CR; a byte order mark and rows without
 * anything in them are passed over. Unreadable rows are reported with their line; a file that is not UTF-8
 * text is rejected at the first invalid byte. */
#ifndef ENTENTE_OBSERVED_EVENTS_TABLE_H
#define ENTENTE_OBSERVED_EVENTS_TABLE_H

#include "base/error.h"
#include <stdbool.h>
#include <stdio.h>

enum { EVENTS_MOST_CELLS = 512, EVENTS_CELL_BYTES = 1024 };

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
    char (*cells)[EVENTS_CELL_BYTES]; /* of the row in hand, while the table is read */
    char separator, line_end;
    bool begun, has_rows;    /* the header is done; there was a row after it */
    bool too_long, has_text; /* of the row in hand */
    long row_line;           /* of the row before */
    int ret;
    fault_t *err;
};

/* Reads all of it. 0; ERR_NOINPUT, ERR_NOMEM; ERR_DATA if it is empty, is no table, or some rows could not be
 * read (each was reported). */
int events_table_read(events_table_t *self, fault_t *err);

/* Reports that the present row cannot be read, PATH:LINE: error: ... */
void events_table_complain(events_table_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether a cell is a number with a decimal comma, which a file has whose cells are separated by semicolons.
 */
bool events_table_decimal_comma(const events_table_t *self, const char *text);

/* The column of that name in the first row, -1 if there is none. Letters' case, and blanks for underscores,
 * make no difference. */
int events_table_column(const events_table_t *self, const char *name);
/* Reports whether a later column has the same name as column `c`. */
void events_table_check_single(events_table_t *self, int c);

#endif
