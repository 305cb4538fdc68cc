/* The scenario as of a later day, with what was observed until then as its past.
 *
 * All that is dated moves with the start. The events observed before that day become the history, which
 * counts and excites (docs/model.md); strength and alignment of each tie are those that the events since the
 * scenario's own start lead to (fit/observed.h). What the scenario itself dates before that day is left out,
 * for what was observed stands in its place. Not seen, as in a fit: conditions, memberships and trade that
 * events changed on the way. */
#ifndef ENTENTE_FIT_RESTART_H
#define ENTENTE_FIT_RESTART_H

#include "observed/events.h"

/* The model starts at `origin` (days from its start, whole, >= 0) and ends `horizon` days later. Quantities
 * go. Events are ordered by time. There is no way back: work on a copy, such as a forked process has. 0 or
 * ERR_NOMEM. */
int restart_at(model_t *model, int n_events, const observed_t *events, double origin, double horizon);

/* The model starts `by` days earlier (later, below 0), as it stands and without a history, and ends at
 * `until` of its time before. */
void restart_earlier(model_t *model, double by, double until);

#endif
