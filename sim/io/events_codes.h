/* The tables by which observed events are read: codes to kinds, and countries' codes to actors.
 *
 * A table of codes has the columns `code`, `kind` (empty: not used) and `dyad`: directed (as the row says),
 * undirected (coded both ways: one for a pair and a day), or mirror (the other half of another code:
 * dropped). The code "*" stands for all that have no row of their own. A table of countries has the column
 * `actor` (the name in scenarios) and one for each system of codes; a cell may be empty. */
#ifndef ENTENTE_IO_EVENTS_CODES_H
#define ENTENTE_IO_EVENTS_CODES_H

#include "io/events_table.h"

typedef enum { DYAD_DIRECTED, DYAD_UNDIRECTED, DYAD_MIRROR } dyad_t;

typedef struct { /* what a code stands for */
    char code[EVENTS_CELL_BYTES], name[EVENTS_CELL_BYTES];
    dyad_t dyad;
    long line;
} code_t;

typedef struct {
    code_t *items; /* by code */
    size_t n, capacity;
} codes_t;

/* Reads a table; `system` NULL: of codes to kinds, else of countries by that column. A code that stands twice
 * is an error. 0, ERR_DATA, ERR_NOINPUT, ERR_NOMEM. Free in any case. */
int codes_read(codes_t *self, const char *path, const char *system, FILE *messages, fault_t *err);
void codes_free(codes_t *self);

/* The code's entry, else that of "*", else NULL. O(log n). */
const code_t *codes_find(const codes_t *self, const char *code);

#endif
