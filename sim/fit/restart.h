/* The scenario as of a later day, with the events observed until then as its past.
 *
 * All dates move with the start. The events observed before that day become the history: they excite and
 * enter the counts (docs/model.md). Strength and alignment of each tie are those that the events since the
 * scenario's start have produced (fit/observed.h). Dated entries of the scenario before that day are left
 * out, because the observed events replace them. As in a fit, changes of conditions, memberships and trade
 * by observed events are ignored. */
#ifndef ENTENTE_FIT_RESTART_H
#define ENTENTE_FIT_RESTART_H

#include "observed/events.h"

/* The model starts at `origin` (days from its start, whole, >= 0) and ends `horizon` days later. Quantities
 * are removed. Events are ordered by time. The change cannot be undone: work on a copy, such as that of a
 * forked process. 0 or ERR_NOMEM. */
int restart_at(model_t *model, int n_events, const observed_t *events, double origin, double horizon);

/* The model starts `by` days earlier (later if negative), unchanged and without a history, and ends at
 * `until` in its former time. */
void restart_earlier(model_t *model, double by, double until);

#endif
