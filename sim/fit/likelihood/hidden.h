/* Same-day repeats lost to day-level dates.
 *
 * For a kind, a place and a day only the first event is reported. The intensity continues until midnight; its
 * integral is the expected number of further events. These excite too. If they are ignored, the reported
 * events seem to excite more than they do. The fit therefore adds them at their expected number, halfway to
 * midnight, and is repeated until the numbers settle (an expectation-maximisation in which unobserved events
 * act through their mean). */
#ifndef ENTENTE_FIT_LIKELIHOOD_HIDDEN_H
#define ENTENTE_FIT_LIKELIHOOD_HIDDEN_H

#include "fit/likelihood/likelihood.h"

/* Sets hidden[event] of the likelihood's own events, at x. Those of other kinds stay. 0 or ERR_NOMEM. */
int likelihood_hidden(likelihood_t *self, const double *x, double *hidden);

#endif
