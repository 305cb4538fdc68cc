/* The event log of one replicate: one row for each event, one array for each column, rows in order of time.
 *
 * Rows of the history come first, with negative times. An event with participants (a summit) is one row,
 * followed by a row for each participant except the host (role member or guest, initiator = the participant,
 * target = the host, summit = the summit's row), members by name, then guests by name. A scheduled event
 * that is moved or cancelled has a row at the moment of the decision; `status` says which. */
#ifndef ENTENTE_ENGINE_LOG_H
#define ENTENTE_ENGINE_LOG_H

#include <stddef.h>
#include <stdint.h>

/* X(id, word in files). */
#define CAUSE_LIST(X)                                              \
    X(HISTORY, "history")           /* observed */                 \
    X(CALENDAR, "calendar")         /* dated in the scenario */    \
    X(INTERVENTION, "intervention") /* added by an intervention */ \
    X(SPONTANEOUS, "baseline")                                     \
    X(EXCITED, "excited")         /* by event `parent` */          \
    X(CONSEQUENCE, "consequence") /* of event `parent` */
#define STATUS_LIST(X) X(HELD, "held") X(MOVED, "moved") X(CANCELLED, "cancelled")

#define X(id, word) CAUSE_##id,
typedef enum { CAUSE_LIST(X) CAUSE_N } cause_t;
#undef X
extern const char *const cause_names[CAUSE_N];

#define X(id, word) STATUS_##id,
typedef enum { STATUS_LIST(X) STATUS_N } status_t;
#undef X
extern const char *const status_names[STATUS_N];

#define ROW_NONE (-1) /* the row of what has none; errors in its place are less */

/* What codes are indices of; -1 is none. */
typedef enum {
    CODES_NONE, /* they are numbers */
    CODES_KIND,
    CODES_ACTOR,
    CODES_GROUP,
    CODES_SECTOR,
    CODES_ROLE,
    CODES_LEVEL,
    CODES_STATUS,
    CODES_CAUSE,
    CODES_STOP
} codes_t;

/* X(column, C type, unit, CODES_..., what it is); the store writes one dataset for each. */
#define LOG_COLUMNS(X)                                                                                 \
    X(time, double, "days since start", NONE, "days from the scenario's start")                        \
    X(kind, int16_t, NULL, KIND, "kind of event")                                                      \
    X(initiator, int16_t, NULL, ACTOR, "who begins it, hosts it or comes to it; -1 none")              \
    X(target, int16_t, NULL, ACTOR, "whom it is directed at; -1 none")                                 \
    X(group, int16_t, NULL, GROUP, "group it convenes or concerns; -1 none")                           \
    X(role, int8_t, NULL, ROLE, "part of the initiator: initiator, target, member, guest, mediator")   \
    X(level, int8_t, NULL, LEVEL, "leader, minister, official")                                        \
    X(success, int8_t, NULL, NONE, "1 or 0; 1 where success is not at stake")                          \
    X(status, int8_t, NULL, STATUS, "held, moved or cancelled")                                        \
    X(cause, int8_t, NULL, CAUSE, "why it happened")                                                   \
    X(sector, int16_t, NULL, SECTOR, "sector of the economy; -1 none")                                 \
    X(parent, int32_t, NULL, NONE, "row (of this replicate's log) it came from; -1 none")              \
    X(summit, int32_t, NULL, NONE, "row of the event with participants it belongs to; -1 none")        \
    X(value_usd, double, "USD", NONE, "value in USD; NaN none")                                        \
    X(effect, float, NULL, NONE, "change of strength on the tie of initiator and target at the event") \
    X(strength, float, NULL, NONE, "strength of that tie just after it; NaN none")

typedef struct {
    int32_t n;
    size_t capacity;
#define X(name, type, ...) type *name;
    LOG_COLUMNS(X)
#undef X
} log_t;

typedef struct { /* one row */
#define X(name, type, ...) type name;
    LOG_COLUMNS(X)
#undef X
} log_row_t;

void log_init(log_t *self);
void log_free(log_t *self);
void log_clear(log_t *self); /* keeps the memory */
/* Appends a row; its index, or ERR_NOMEM (less than ROW_NONE). */
int32_t log_append(log_t *self, const log_row_t *row);

#endif
