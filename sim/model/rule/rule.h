/* Rules: statements on the state, the events so far and the date, which hold or do not (docs/model.md).
 *
 * A rule is a tree. Its leaves read a tie, an attribute, a condition, the events of some types, the outcome
 * of a calendar entry or the date; `parts` combine other rules. Interventions act when their rule first
 * holds; calendar entries and consequences take place only if theirs holds at their moment. The engine
 * evaluates rules in one place (engine/event/rules.h). */
#ifndef ENTENTE_MODEL_RULE_RULE_H
#define ENTENTE_MODEL_RULE_RULE_H

#include "base/mem.h"
#include <stdbool.h>

struct model;

typedef enum {
    RULE_STRENGTH, /* of a tie; so the next two */
    RULE_ALIGNMENT,
    RULE_TRADE,     /* USD a year, of a flow or of both flows of a tie */
    RULE_ATTRIBUTE, /* of an actor */
    RULE_CONDITION, /* is in force */
    RULE_COUNT,     /* enough events of some types have occurred */
    RULE_ENTRY,     /* what has become of a calendar entry */
    RULE_DATE,      /* now is in [from, until) */
    RULE_NOT,       /* its only part does not hold */
    RULE_SOME,      /* at least so many of its parts hold */
    RULE_MEMBERS    /* its part holds for enough of a group's present members */
} rule_type_t;

/* Of a calendar entry. X(id, word). */
#define FATE_LIST(X)          \
    X(HELD, "held")           \
    X(SUCCEEDED, "succeeded") \
    X(FAILED, "failed")       \
    X(NOT_HELD, "not_held") /* the day after its date has come, and it has not been held */
#define X(id, word) FATE_##id,
typedef enum { FATE_LIST(X) FATE_N } fate_t;
#undef X
extern const char *const fate_names[FATE_N];

/* In place of an actor or a tie: those of the event whose rule it is. */
enum { RULE_OF_INITIATOR = -2, RULE_OF_TARGET = -3, RULE_OWN_TIE = -2 };
/* The flow of the event's initiator to its target, and back. */
enum { RULE_OWN_FLOW = -2, RULE_OWN_BACK = -3 };

typedef struct rule rule_t;
struct rule {
    rule_type_t type;
    int tie, flow; /* -1: none (of a count: any); both flows. Of a directed condition: from its sender */
    int actor;     /* of an attribute or a condition, -1 */
    int attribute; /* RULE_MEMBERS: the weight of a member, -1: all have the same */
    int condition, entry, group;
    double above, below; /* of a state and an attribute; NAN: no bound */

    int n_kinds; /* of a count */
    int *kinds;
    int initiator, target; /* -1: anybody; of an undirected event in either role */
    bool successful;       /* only events that succeeded */
    double within;         /* only those of the last so many days; INFINITY */
    double from, until;    /* days: the window of a count, of a date */

    fate_t is;
    int at_least; /* events, parts or members */
    double share; /* of the weight of all present members, NAN */

    int n_parts;
    rule_t *parts;
    int *members; /* [n_parts] RULE_MEMBERS: the actor of each part */
    int slot;     /* of a count: set by model_finish */
};

/* A rule without any reference. */
rule_t rule_none(void);
/* Whether it changes only at events, at changes of conditions and memberships, and at dates, so that the
 * moment at which it begins to hold is known exactly. A rule on strength, alignment or trade is not. */
bool rule_is_exact(const rule_t *self);
/* Calls `visit` for the rule and all its parts; NULL is fine. */
void rule_visit(rule_t *self, void (*visit)(rule_t *rule, void *context), void *context);
/* The same for all rules of the model: of interventions, calendar entries, event types and consequences. */
void rule_visit_all(const struct model *model, void (*visit)(rule_t *rule, void *context), void *context);
/* Numbers the counts of all rules; their number. */
int rule_number_counts(struct model *model);

#endif
