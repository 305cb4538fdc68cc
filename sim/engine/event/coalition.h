/* Directed conditions that several impose jointly (coalition_t). What the lead does, and who joins or leaves,
 * may change all ties of the members, so that its footprint is everything. */
#ifndef ENTENTE_ENGINE_EVENT_COALITION_H
#define ENTENTE_ENGINE_EVENT_COALITION_H

#include "engine/event/rules.h"

typedef struct { /* of a condition */
    double since;
    uint64_t token;
} spell_t;

/* A spell of a condition has begun, or ended, on a flow: if its sender leads others, on theirs too. */
void coalition_follow(engine_t *self, int condition, int flow, const spell_t *spell, bool starts);
/* An actor has joined the group, or left it. */
int coalition_member(engine_t *self, int group, int actor, bool joins);
/* Whether the event would start or end what its sender leaves to the lead of a coalition. */
bool coalition_binds(const engine_t *self, const event_plan_t *plan);

/* Whether there is a coalition for the condition, of the group, in what events of the kind change. */
bool coalition_of_condition(const engine_t *self, int condition);
bool coalition_of_group(const engine_t *self, int group);
bool coalition_of_kind(const engine_t *self, int kind);
/* Whether an event of such a kind from i to j changes something for others than the two. */
bool coalition_reaches(const engine_t *self, int kind, int i, int j);

#endif
