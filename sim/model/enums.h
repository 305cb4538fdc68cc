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
#define X(id, word) TAKE_##id,
typedef enum { TAKE_LIST(X) TAKE_N } taken_t;
#undef X

extern const char *const scope_names[SCOPE_N];
extern const char *const level_names[LEVEL_N];
extern const char *const role_names[ROLE_N];
extern const char *const relation_names[RELATION_N];
extern const char *const when_names[WHEN_N];
extern const char *const reply_names[REPLY_N];
extern const char *const taken_names[TAKE_N];

#endif
