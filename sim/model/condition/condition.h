/* Standing conditions: states that hold over an interval, on an actor, on a tie, or (directed ones) from a
 * sender to a target: sanctions are imposed by one side on the other, and lifted by none but their sender.
 *
 * Where a condition holds is a site: an actor, a tie, or the flow from the sender to the target. A tie has
 * columns of condition_state_t: one for each condition (of a directed one from tie.a to tie.b), and behind
 * these one more for each directed condition (from tie.b to tie.a). */
#ifndef ENTENTE_MODEL_CONDITION_CONDITION_H
#define ENTENTE_MODEL_CONDITION_CONDITION_H

#include "base/dist.h"
#include "model/enums.h"
#include <stdbool.h>

/* Of a directed condition: what the lead imposes or lifts, all members of the group do, and they do not do it
 * by themselves. */
typedef struct {
    int group, lead;
    bool keeps; /* a member that leaves the group keeps the lead's condition as its own; else it ends */
} coalition_t;

typedef struct {
    char *name, *label;
    bool on_actor, directed;
    double alignment_shift; /* added to b0 of the tie(s) while in force */
    double log_trade_shift; /* reached linearly over phase_in, left linearly over tail */
    double phase_in, tail;  /* days, 0 = at once */
    bool has_duration;      /* else it lasts until an event ends it */
    dist_t duration;        /* days */
    int n_coalitions;
    coalition_t *coalitions;
    int back; /* of a directed one: its second column; set by model_finish */
} condition_t;

typedef struct {               /* a condition in force at the start */
    int condition, actor, tie; /* actor for on_actor conditions, else tie */
    double since;              /* days, <= 0 */
    int flow;                  /* of a directed one: from its sender to its target */
} condition_start_t;

typedef struct {
    int condition;
    bool starts; /* else ends */
    role_t who;  /* whose actor condition, or the sender of a directed one; ignored on ties */
} condition_change_t;

static inline int condition_site(const condition_t *self, const condition_start_t *start) {
    return self->on_actor ? start->actor : self->directed ? start->flow : start->tie;
}
/* The tie of a site on a tie. */
static inline int condition_tie(const condition_t *self, int site) {
    return self->directed ? site / 2 : site;
}
/* Whether the actor, which is in the group, leaves decisions on the condition to another. */
bool condition_is_led(const condition_t *self, int group, int actor);

#endif
