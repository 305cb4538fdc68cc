/* The model's enumerations: of each value its name in C and its word in scenario files and results. */
#ifndef ENTENTE_MODEL_ENUMS_H
#define ENTENTE_MODEL_ENUMS_H

/* Each list is X(id, word, ...); the words are `scope_names[SCOPE_N]`, ... */
#define ENUM_WORD(id, word) word,

/* Between whom an event happens. */
#define SCOPE_LIST(X)                  \
    X(DIRECTED, "initiator -> target") \
    X(DYAD, "dyad")                    \
    X(ACTOR, "actor")                  \
    X(GROUP, "group")

#define LEVEL_LIST(X)       \
    X(LEADER, "leader")     \
    X(MINISTER, "minister") \
    X(OFFICIAL, "official")

/* Role of an actor in an event. A dyadic event has an initiator and a target, and may have a mediator; in an
 * event of a group
 * the initiator is the host (or the acceding actor). ALSO(id, word) is a second word for a role; AND stands
 * between two words. */
#define ROLE_LIST(X, ALSO, AND)                                                                              \
    X(INITIATOR, "initiator")                                                                                \
    AND ALSO(INITIATOR, "host") AND X(TARGET, "target") AND X(MEMBER, "member") AND X(GUEST, "guest") AND X( \
        MEDIATOR, "mediator")

/* Which past events raise the intensity of a dyad i -> j. */
#define RELATION_LIST(X)                                    \
    X(SAME, "same")           /* those on i -> j */         \
    X(REVERSED, "reversed")   /* those on j -> i */         \
    X(INITIATOR, "initiator") /* those on i -> m, m != j */ \
    X(TARGET, "target")       /* those on m -> j, m != i */

/* What a consequence depends on; from ACCEPTED on, a reply. */
#define WHEN_LIST(X)        \
    X(ALWAYS, "always")     \
    X(SUCCESS, "success")   \
    X(FAILURE, "failure")   \
    X(ACCEPTED, "accepted") \
    X(DECLINED, "declined") \
    X(LAPSED, "lapsed")

/* An invitation's reply: drawn, or fixed. */
#define FORCED_REPLY_LIST(X) \
    X(DRAWN, "drawn")        \
    X(ACCEPT, "accept")      \
    X(DECLINE, "decline")

/* What a quantity takes of the values of a state in a window, or of other quantities. */
#define TAKE_LIST(X)                                                      \
    X(MEAN, "mean")                                                       \
    X(MIN, "min")                                                         \
    X(MAX, "max")                                                         \
    X(DAYS, "days")             /* of a window: those of the condition */ \
    X(SUM, "sum")               /* of quantities; so the next two */      \
    X(DIFFERENCE, "difference") /* the first one minus the others */      \
    X(RATIO, "ratio")           /* the first one over the second */

/* Whether one chooses between options by a quantity, and which value of it is the best. */
#define AIM_LIST(X) \
    X(NONE, "")     \
    X(MAX, "max")   \
    X(MIN, "min")

/* What the `rate` of an event's tariff is. */
#define TARIFF_CHANGE_LIST(X)                       \
    X(SET, "set")     /* the tariff from then on */ \
    X(ADD, "add")     /* is added to what it is */  \
    X(MATCH, "match") /* the part of the target's tariff */

#define X(id, word) SCOPE_##id,
typedef enum { SCOPE_LIST(X) SCOPE_N } scope_t;
#undef X
#define X(id, word) LEVEL_##id,
typedef enum { LEVEL_LIST(X) LEVEL_N } level_t;
#undef X
#define X(id, word) ROLE_##id,
#define ALSO(id, word)
typedef enum { ROLE_LIST(X, ALSO, ) ROLE_N } role_t;
enum { PAIR_ROLES = ROLE_MEDIATOR }; /* those before it, in pairs */
#undef ALSO
#undef X
#define X(id, word) RELATION_##id,
typedef enum { RELATION_LIST(X) RELATION_N } relation_t;
#undef X
#define X(id, word) WHEN_##id,
typedef enum { WHEN_LIST(X) WHEN_N } when_t;
#undef X
#define X(id, word) REPLY_##id,
typedef enum { FORCED_REPLY_LIST(X) REPLY_N } forced_reply_t;
#undef X
#define X(id, word) TARIFF_##id,
typedef enum { TARIFF_CHANGE_LIST(X) TARIFF_CHANGE_N } tariff_change_how_t;
#undef X
#define X(id, word) TAKE_##id,
typedef enum { TAKE_LIST(X) TAKE_N } taken_t;
#undef X

#define X(id, word) AIM_##id,
typedef enum { AIM_LIST(X) AIM_N } aim_t;
#undef X

typedef enum {
    QUANTITY_STRENGTH, /* of a tie at a date, or over a window; so all states */
    QUANTITY_ALIGNMENT,
    QUANTITY_TRADE,     /* USD a year, of a flow or both flows of a tie */
    QUANTITY_REALISED,  /* USD delivered by deals up to a date */
    QUANTITY_COUNT,     /* events of the kinds in a window */
    QUANTITY_SUM,       /* of their values, USD */
    QUANTITY_FIRST,     /* days from the start to the first one; INFINITY if none */
    QUANTITY_CONDITION, /* a state: 1 if the condition is in force at the date */
    QUANTITY_COMBINED,  /* of other quantities */
    QUANTITY_EXPORTS,   /* of an actor to all others, USD a year; so the next two; states */
    QUANTITY_IMPORTS,
    QUANTITY_REVENUE,    /* of its tariffs */
    QUANTITY_REAL_INCOME /* change of its real income since the date of the figures, percent */
} quantity_kind_t;

typedef enum {
    DIM_NUMBER,
    DIM_PROBABILITY,
    DIM_DURATION, /* days */
    DIM_RATE,     /* events a year */
    DIM_MONEY,    /* USD */
    DIM_DATE,     /* days from the start */
    DIM_DISTANCE, /* km */
    DIM_SHARE,    /* a part of something, written in percent */
    DIM_N
} dimension_t;

/* Largest number of bytes of a name; and, including the final zero, of a pair of names ("A->B") and of a
 * parameter's path. */
#define NAME_BYTES 80
#define PAIR_BYTES (2 * NAME_BYTES + 3)
#define PARAM_PATH_BYTES 1024

extern const char *const scope_names[SCOPE_N];
extern const char *const level_names[LEVEL_N];
extern const char *const role_names[ROLE_N];
extern const char *const relation_names[RELATION_N];
extern const char *const when_names[WHEN_N];
extern const char *const reply_names[REPLY_N];
extern const char *const taken_names[TAKE_N];
extern const char *const aim_names[AIM_N];
extern const char *const tariff_change_names[TARIFF_CHANGE_N];

#endif
