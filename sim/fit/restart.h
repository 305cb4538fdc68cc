/* The scenario as of a later day, with the events observed until then as its past.
 *
 * It is the restart of `entente forecast` (model/as_of.h): the events from the scenario's start to that day
 * are observed entries of the calendar, whose effects the engine repeats in each replicate, and nothing else
 * takes place until then; those before the start become history. An event whose level is not known has the
 * expected one, as in a fit. Entries of the calendar before that day have passed. */
#ifndef ENTENTE_FIT_RESTART_H
#define ENTENTE_FIT_RESTART_H

#include "observed/events.h"

/* The model simulates from `origin` on (days from its start, whole, >= 0), and ends `horizon` days later. Its
 * start stays, and with it all times. Quantities are removed. Events are ordered by time; they take place at
 * the whole second before theirs. The change cannot be undone: work on a copy, such as that of a forked
 * process. 0 or ERR_NOMEM. */
int restart_at(model_t *model, int n_events, const observed_t *events, double origin, double horizon);

/* The model starts `by` days earlier (later if negative), unchanged and without a history, and ends at
 * `until` in its former time. */
void restart_earlier(model_t *model, double by, double until);

#endif
