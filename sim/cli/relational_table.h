/* The events of `entente relational`: a table of who did something to whom and when, actors by their names.
 */
#ifndef ENTENTE_CLI_RELATIONAL_TABLE_H
#define ENTENTE_CLI_RELATIONAL_TABLE_H

#include "base/mem.h"
#include "fit/relational.h"
#include <stdio.h>

enum { RELATIONAL_MOST_ACTORS = 10000 }; /* the likelihood holds some 26 bytes for each dyad */

/* What a time is, as the first row has it. */
typedef enum { TIME_UNKNOWN, TIME_NUMBER, TIME_DATE /* days since 1970 */ } time_sort_t;

typedef struct {
    const char *events; /* path */
    const char *actors; /* path of the table whose first column is all actors; NULL: those of the events */
    const char *column_names; /* "TIME,INITIATOR,TARGET"; NULL: the first three columns */
} relational_source_t;

typedef struct {
    relational_event_t *events; /* by time; those of one time as they are listed */
    int n_events, n_actors;
    time_sort_t sort;
    int disordered,
        simultaneous; /* rows before the time of the row above (sorted); events at the last one's */
    const char **actors;
    size_t events_capacity, actors_capacity;
    arena_t names;
} relational_table_t;

/* Reads both. The first 20 rows of a table that cannot be read are told on `messages`, PATH:LINE: error: ...
 * 0, ERR_DATA, ERR_NOINPUT, ERR_NOMEM, with `err`. Free in any case. */
int relational_table_read(relational_table_t *self, const relational_source_t *source, FILE *messages,
                          fault_t *err);
void relational_table_free(relational_table_t *self); /* safe on a zeroed one */

/* Whether the text is a time of that sort, and which; TIME_UNKNOWN takes both, and becomes one. */
bool relational_time(const char *text, time_sort_t *sort, double *time);
/* "a number", "a date such as ..." */
const char *relational_time_expected(time_sort_t sort);

/* Three names parted by commas, none of them empty: their lengths. */
bool relational_column_names(const char *text, int lengths[3]);

#endif
