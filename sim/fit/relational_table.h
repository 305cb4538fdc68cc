/* The events of `entente relational`: a table of time, initiator and target, actors by their names. */
#ifndef ENTENTE_FIT_RELATIONAL_TABLE_H
#define ENTENTE_FIT_RELATIONAL_TABLE_H

#include "base/mem.h"
#include "fit/relational.h"
#include "observed/events_date.h"
#include <stdio.h>

enum { RELATIONAL_MOST_ACTORS = 10000 }; /* the likelihood holds some 26 bytes for each dyad */

/* What a time is, as the first row has it. */
typedef enum { TIME_UNKNOWN, TIME_NUMBER, TIME_DATE /* days since 1970 */ } time_sort_t;

typedef struct {
    int n_files;
    const char *const *files; /* paths of the events, read as one table */
    const char *actors; /* path of the table whose first column is all actors; NULL: those of the events */
    const char *column_names; /* "TIME,INITIATOR,TARGET"; NULL: the first three columns */
    date_order_t order;       /* of dates that begin with day or month */
    unknown_days_t unknown_days;
} relational_source_t;

typedef struct {
    relational_event_t *events; /* by time; those of one time as they are listed */
    int n_events, n_actors;
    time_sort_t sort;
    date_order_t order; /* of the last file's dates */
    int *disordered;    /* [n_files] rows before the time of the row above; they are sorted */
    int simultaneous;   /* events at the time of the one before */
    int loops, no_days; /* rows left out: initiator and target are the same; the day is not known */
    const char **actors;
    size_t events_capacity, actors_capacity;
    arena_t names;
} relational_table_t;

/* Reads all. The first 20 rows of a table that cannot be read are reported on `messages`, PATH:LINE: error:
 * ... 0, ERR_USAGE (a file given twice), ERR_DATA, ERR_NOINPUT, ERR_NOMEM, with `err`. Free in any case. */
int relational_table_read(relational_table_t *self, const relational_source_t *source, FILE *messages,
                          fault_t *err);
void relational_table_free(relational_table_t *self); /* safe on a zeroed one */

/* Whether the text is a time of that sort, and which; TIME_UNKNOWN takes both, and becomes one. Eight digits
 * that are a date of the years 1000 to 2999 (20180131) are a date. */
bool relational_time(const char *text, time_sort_t *sort, date_order_t order, double *time);
/* "a number", "a date such as ..." */
const char *relational_time_expected(time_sort_t sort);

/* Three names parted by commas, none of them empty: their lengths. */
bool relational_column_names(const char *text, int lengths[3]);

#endif
