/* Events that were observed (model/as_of.h): which events they exclude, and what they say about invitations
 * and consequences that were not drawn. */
#ifndef ENTENTE_ENGINE_EVENT_OBSERVED_H
#define ENTENTE_ENGINE_EVENT_OBSERVED_H

#include "engine/internal.h"

int observed_init(engine_t *self); /* 0 or ERR_NOMEM */
void observed_free(engine_t *self);

/* Whether an event that is not observed cannot occur then, because it would have been. What precedes the
 * start is the history's. */
static inline bool observed_excludes(const engine_t *self, int kind, int tie, double time) {
    return time >= 0 && time < self->model->as_of.complete && as_of_covers(&self->model->as_of, kind, tie);
}
bool observed_excludes_plan(const engine_t *self, const event_plan_t *plan);

/* Whether a calendar entry is the observed reply to an observed invitation, which its invitation brings. */
bool observed_is_reply(const engine_t *self, int entry);
/* The entry that is the observed reply to the invitation of this plan, NULL if there is none. */
const calendar_entry_t *observed_reply(const engine_t *self, const event_plan_t *invitation);
/* How many of the plan's `c`-th consequence have been observed. */
int observed_consequences(const engine_t *self, const event_plan_t *plan, int c);

#endif
