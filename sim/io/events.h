/* Observed events from a table, mapped to a scenario's kinds.
 *
 * Five layouts, told by the first row: plain (`date`, `initiator`, `target`, and `kind` or `code`, optionally
 * `value_usd`), ICEWS (`Event Date`, `Source Country`, `Target Country`, `CAMEO Code`), ICEWS by country
 * (`date`, `source_iso3`, `target_iso3`, `cameo_code`), POLECAT (`Event Date`, `Actor Country`, `Recipient
 * Country`, `Event Type`, `Event Mode`; the code is TYPE-mode, else TYPE), and the event table of GDELT 2.0
 * (61 columns without a header). Actors go by the scenario's names, or by a column of a table of countries.
 * Codes become kinds by a table (io/events_codes.h). Who began an event that is coded both ways is unknown,
 * so a coin named by the pair, the day and the kind decides. A date without a time of day gets a time within
 * its day, uniform and named by the row's content, so that the same data give the same times in any order of
 * the rows. The same kind, actors and moment count once: so of dates without a time of day one a day.
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
    X(NOBODY, "no country for one of the two")                                 \
    X(SEVERAL, "several countries on one side")                                \
    X(COUNTRY, "country's code not in the table of countries")                 \
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
    double last; /* the end of the last day with a row, `until` at most; days from the scenario's start */
    bool timed;  /* a row used has a time of day; else all are told once a kind, actors and day */
    const char *layout; /* its name */
} events_t;

typedef struct { /* paths; NULL none */
    const char *events;
    const char *mapping;   /* codes to kinds; without it rows must name kinds */
    const char *countries; /* codes of countries to actors */
    const char *system;    /* the column of `countries` that the events use; NULL: iso3 */
} events_source_t;

/* Reads the events. Those from `until` on (days from the start) are dropped. The first 20 rows that cannot be
 * read are printed to `messages`, PATH:LINE: error: ... 0, ERR_DATA, ERR_NOINPUT, ERR_NOMEM, with `err`. Free
 * in any case. */
int events_import(events_t *self, const model_t *model, const events_source_t *source, double until,
                  FILE *messages, fault_t *err);
/* The same without a table of countries. */
int events_read(events_t *self, const model_t *model, const char *path, const char *mapping, double until,
                FILE *messages, fault_t *err);
void events_free(events_t *self); /* safe on a zeroed one */

#endif
