/* Rules (model/rule/rule.h): the one place in which they are evaluated.
 *
 * A rule reads the state, and two things that the engine keeps for rules alone: for each count the times of
 * the last events that it counts, and for each calendar entry whether it was held. A step that changes what
 * an exact rule reads puts down a look at its intervention at the same moment, before whatever else happens
 * then. */
#ifndef ENTENTE_ENGINE_EVENT_RULES_H
#define ENTENTE_ENGINE_EVENT_RULES_H

#include "engine/internal.h"

int rules_init(engine_t *self); /* ERR_NOMEM */
void rules_free(engine_t *self);
void rules_start(engine_t *self); /* nothing has happened */

/* Whether it holds now; `plan` is the event whose rule it is, NULL: an intervention's. */
bool rule_holds(const engine_t *self, const rule_t *rule, const event_plan_t *plan);
/* The rule of a scheduled event, NULL if it has none. */
const rule_t *rule_of_event(const engine_t *self, const event_plan_t *plan);

/* Whether some rule counts events of the kind. */
bool rules_count_kind(const engine_t *self, int kind);
bool rules_counts(const rule_t *rule, int kind);
/* An event occurs; something that rules read has changed. */
int rules_event(engine_t *self, const event_plan_t *plan, bool success);
int rules_changed(engine_t *self, rule_type_t type, int of);
/* Looks at an intervention with an exact rule at the start and at all dates that it names. */
int rules_schedule(engine_t *self, int intervention);

/* Whether an intervention with an exact rule has acted. */
double *rules_acted(const engine_t *self, int intervention);

#endif
