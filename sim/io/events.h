/* Observed events from a table (CSV), mapped to a scenario's kinds.
 *
 * Two layouts, told by the header: plain (`date`, `initiator`, `target`, and `kind` or `code`, optionally
 * `value_usd`), and ICEWS by country (`date`, `source_iso3`, `target_iso3`, `cameo_code`). Actors go by the
 * scenario's names. Codes become kinds by a table with the columns `code`, `kind` (empty: not used) and
 * `dyad`: directed     as the row says undirected   coded both ways: one for a pair and a day; who began is
 * unknown, so a coin named by the pair, the day and the kind decides mirror       the other half of another
 * code: dropped The same kind, actors and day count once. A date without a time of day gets a time within its
 * day, uniform and named by the row's content, so that the same data give the same times in any order of the
 * rows.
 *
 * Every row that is not used is counted under one reason. A row that cannot be read is an error with its
 * line. */
#ifndef ENTENTE_IO_EVENTS_H
#define ENTENTE_IO_EVENTS_H

#include "base/error.h"
#include "model/model.h"
#include <stdio.h>

typedef struct {
    double time; /* days from the scenario's start; negative: history, which excites and is counted */
    int kind, initiator, target;
    double value_usd; /* NAN none */
} observed_t;

/* X(id, why a row is not used) */
#define DROP_LIST(X)                                                           \
    X(CODE, "code not mapped to a kind")                                       \
    X(KIND, "kind not in the scenario")                                        \
    X(ACTOR, "actor not in the scenario")                                      \
    X(SELF, "initiator and target are the same")                               \
    X(PLACE, "no tie, or the kind cannot happen between them in the scenario") \
    X(MIRROR, "the other half of a paired code")                               \
    X(TWICE, "the same kind, actors and day a second time")                    \
    X(AFTER, "after the last day taken")

typedef enum {
#define X(id, ...) DROP_##id,
    DROP_LIST(X)
#undef X
        DROP_N
} drop_t;
extern const char *const drop_reasons[DROP_N];

typedef struct {
    observed_t *items; /* by time */
    int n;
    size_t capacity;
    long rows, dropped[DROP_N], disordered; /* disordered: rows dated before the row above; they are sorted */
    double last; /* the end of the last day with a row, days from the scenario's start */
} events_t;

/* Reads `path`; `mapping` is the path of the table of codes (NULL: rows must name kinds). Events from `until`
 * on (days from the start) are dropped. The first 20 rows that cannot be read are printed to `messages`,
 * PATH:LINE: error: ... 0, ERR_DATA, ERR_NOINPUT, ERR_NOMEM, with `err`. Free in any case. */
int events_read(events_t *self, const model_t *model, const char *path, const char *mapping, double until,
                FILE *messages, fault_t *err);
void events_free(events_t *self); /* safe on a zeroed one */

#endif
