/* Same-day repeats lost to day-level dates.
 *
 * For each event type, place and day only the first event is reported. The integral of the intensity from
 * this event until midnight is the expected number of further events. These excite too. A fit that ignores
 * them attributes their offspring to the reported events. The fit therefore adds them with their expected
 * number, halfway to midnight, and is repeated until the numbers converge (an expectation-maximisation in
 * which unobserved events act through their mean). */
#ifndef ENTENTE_FIT_LIKELIHOOD_HIDDEN_H
#define ENTENTE_FIT_LIKELIHOOD_HIDDEN_H

#include "fit/likelihood/likelihood.h"

/* Sets hidden[event] of the likelihood's own events, at x. Those of other kinds stay. 0 or ERR_NOMEM. */
int likelihood_hidden(likelihood_t *self, const double *x, double *hidden);

#endif
