/* The tables for reading observed events: from codes to event types, and from countries' codes to actors.
 *
 * A table of codes has the columns `code`, `kind` (empty: not used) and `dyad`: directed (used as it is),
 * undirected (coded in both directions: one event for each pair and day), or mirror (the other half of
 * another code: left out). The row with the code "*" applies to all codes without a row. In a column `level`
 * (leader, minister, official) a row may require at least this level of both actors; a code may have a row
 * for each level, and the highest that an event reaches applies. The columns `reports` and `reports_sd` say
 * of an event type how many reports an act of it has; rows of one type that say so say the same.
 *
 * A table of countries has the column `actor` (the name in scenarios) and one for each system of codes; a
 * cell may be empty. Codes of countries compare without case, accents and punctuation (observed/fold.h). */
#ifndef ENTENTE_OBSERVED_EVENTS_CODES_H
#define ENTENTE_OBSERVED_EVENTS_CODES_H

#include "base/mem.h"
#include "model/model.h"
#include "observed/events.h"
#include "observed/events_table.h"

typedef enum { DYAD_DIRECTED, DYAD_UNDIRECTED, DYAD_MIRROR } dyad_t;

typedef struct {                   /* the meaning of a code */
    const char *key, *code, *name; /* as it compares; as it is written; the kind or the actor */
    dyad_t dyad;
    level_t level; /* the least; LEVEL_N any */
    reporting_t reports;
    long line;
} code_t;

typedef struct {
    arena_t texts;
    code_t *items; /* by key, those of one by level, the highest first */
    size_t n, capacity;
    bool folded; /* keys are */
    bool has_levels;
} codes_t;

/* Reads a table; `system` NULL: of codes to kinds, else of countries by that column. A code that occurs
 * twice is an error, unless both rows have the same actor. 0, ERR_DATA, ERR_NOINPUT, ERR_NOMEM. Free in any
 * case. */
int codes_read(codes_t *self, const char *path, const char *system, FILE *messages, fault_t *err);
/* The codes of CAMEO by their texts: the entry's `name` is the code. 0 or ERR_NOMEM. Free in any case. */
int codes_cameo(codes_t *self);
void codes_free(codes_t *self); /* safe on a zeroed one */

/* Whether the table has the code itself; O(log n). */
bool codes_has(const codes_t *self, const char *code);
/* The code's entry for events of that level (LEVEL_N: unknown), else that of "*", else NULL; also NULL if
 * all rows of the code require a higher level. O(log n). */
const code_t *codes_find(const codes_t *self, const char *code, level_t level);
/* The code of the table that differs by leading zeros or ".0" alone, such as 042 by 42 or 42.0, or NULL. */
const char *codes_padded(const codes_t *self, const char *code);
/* The reports for an event of that type; mean 0 if no row of it says so. */
reporting_t codes_reports(const codes_t *self, const char *kind);
/* A code of the table that may have been meant: that one, or one with a similar spelling; NULL if there is
 * none. */
const char *codes_meant(const codes_t *self, const char *code);

/* The level that a text means: the highest level of its parts between commas; LEVEL_N if there is none.
 *
 *   leader    leader, L, and ICEWS's sector "Executive Office"
 *   minister  minister, and ICEWS's sector "Executive"
 *   official  official, G, M, and ICEWS's sectors "Government" and "Military" */
level_t codes_level(const char *text);

#endif
