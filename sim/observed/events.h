/* Observed events from tables, mapped to a scenario's event types.
 *
 * Several files are read as one table. The first row of each shows its layout (observed/events_layout.h):
 * plain (`date`, `initiator`, `target`, and `kind` or `code`, optionally `value_usd` and `level`), ICEWS,
 * ICEWS by country, POLECAT (the code is TYPE-mode, else TYPE), GDELT with or without a header. Actors have
 * the scenario's names, or codes in a column of a table of countries. A table maps codes to event types
 * (observed/events_codes.h) and may require a level of the two actors; an event's level is the lower of
 * theirs. If a file has texts and no codes, the codes are CAMEO's for these texts, or the texts themselves.
 * The initiator of an event that is coded in both directions is unknown, so a random draw decides, seeded by
 * the pair, the day and the event type. A date without a time of day gets a uniform time within its day,
 * seeded by the row's content, so that the same data give the same times in any order of the rows; the same
 * holds if all times are 00:00:00. A date without its day is an error, is left out, or gets a random day in
 * the same way (observed/events_date.h). With `marks` a plain table may also have the columns id, level,
 * success, group and participants (separated by `;`); then an event of a group has its host as initiator.
 * Rows with the same event type, actors and moment count once; with dates without a time of day that is once
 * a day. Every unused row is counted under one reason. An unreadable row is an error with its line. */
#ifndef ENTENTE_OBSERVED_EVENTS_H
#define ENTENTE_OBSERVED_EVENTS_H

#include "base/error.h"
#include "base/mem.h"
#include "model/model.h"
#include "observed/events_date.h"
#include <stdio.h>

typedef struct {               /* further columns of a plain table, of an event */
    const char *id;            /* of the calendar's entry that took place; NULL none */
    int level, success, group; /* -1 none */
    int n_participants;
    int *participants; /* of an event of a group: actors of the scenario */
} observed_marks_t;

typedef struct {
    double time; /* days from the scenario's start; negative: history, which excites and is counted */
    int kind, initiator, target;
    double value_usd;              /* NAN none */
    const observed_marks_t *marks; /* NULL none; of the arena events_t.texts */
} observed_t;

typedef struct { /* of an event type: reports in the data for one event of a scenario */
    double mean; /* their number, the median where it is not known; 0: the table of codes does not say */
    double sd;   /* of its logarithm, over what it may be */
} reporting_t;

/* X(id, why a row is not used) */
#define DROP_LIST(X)                                                                \
    X(CODE, "code not mapped to an event type")                                     \
    X(LEVEL, "below the level that the table of codes requires")                    \
    X(KIND, "event type not in the scenario")                                       \
    X(NOBODY, "no country for one of the two")                                      \
    X(SEVERAL, "several countries on one side")                                     \
    X(COUNTRY, "country's code not in the table of countries")                      \
    X(ACTOR, "actor not in the scenario")                                           \
    X(SELF, "initiator and target are the same")                                    \
    X(PLACE, "no tie, or the event type cannot occur between them in the scenario") \
    X(MIRROR, "the other half of a paired code")                                    \
    X(TWICE, "a repeat of the same event type, actors and day")                     \
    X(DAY, "day not known")                                                         \
    X(AFTER, "after the last day used")

typedef enum {
#define X(id, ...) DROP_##id,
    DROP_LIST(X)
#undef X
        DROP_N
} drop_t;
extern const char *const drop_reasons[DROP_N];

/* Common property of rows left out, such as their codes, the most frequent first. */
enum {
    NAMED_SHOWN = 6,
    NAMED_STARRED = DROP_N /* codes that "*" took, though another form of them has a row */,
    NAMED_N
};
typedef struct {
    const char *text, *meant; /* meant: what the text is probably meant for, or NULL */
    long rows;
} named_t;
typedef struct {
    int n, n_all; /* shown; different ones */
    long rows;    /* of all */
    named_t items[NAMED_SHOWN];
} names_t;

typedef struct {
    const char *path, *layout; /* layout: its name */
    long rows, disordered;     /* disordered: rows dated before the row above; they are sorted */
} events_file_t;

typedef struct {
    observed_t *items; /* by time */
    int n, n_files;
    size_t capacity;
    events_file_t *files; /* [n_files] */
    long rows, dropped[DROP_N];
    names_t names[NAMED_N];
    double first, last; /* the first day with a row; the end of the last one, `until` at most; days from the
                           scenario's start */
    bool timed;         /* a row used has a time of day; else there is at most one a kind, actors and day */
    long untimed;       /* rows used that have none */
    bool lacks_levels;  /* the table of codes asks for levels, and some file has none */
    arena_t texts;
    unsigned char *days;  /* bits: which days have a row */
    reporting_t *reports; /* [n_kinds] */
} events_t;

typedef struct { /* paths; NULL none */
    int n_files;
    const char *const *files;
    const char *mapping;   /* codes to kinds; without it rows must name kinds */
    const char *countries; /* codes of countries to actors */
    const char *system;    /* the column of `countries` that the events use; NULL: iso3 */
    date_order_t order;    /* of dates that begin with day or month */
    unknown_days_t unknown_days;
    bool marks; /* plain tables may have marks, events of one actor or a group, and no rows */
} events_source_t;

/* Reads the events. Those from `until` on (days from the start) are dropped. The first 20 rows of a file that
 * cannot be read are printed to `messages`, PATH:LINE: error: ... 0, ERR_USAGE (a file given twice),
 * ERR_DATA, ERR_NOINPUT, ERR_NOMEM, with `err`. Free in any case. */
int events_import(events_t *self, const model_t *model, const events_source_t *source, double until,
                  FILE *messages, fault_t *err);
void events_free(events_t *self); /* safe on a zeroed one */

/* The longest run of days without a row from the day `from` on, up to the last row; *begin is its first day,
 * and *n_with the number of days with one. Days from the scenario's start. */
int events_longest_gap(const events_t *self, const model_t *model, int from, int *begin, int *n_with);

/* Whether two of the files are one, *again the later. */
bool events_same_file(int n_files, const char *const *files, int *again);

#endif
