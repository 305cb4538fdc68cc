/* Events that dates without a time of day hide.
 *
 * Of a kind, a place and a day one event is told: the first. Until midnight the intensity goes on, so that on
 * average as many more happen there as it amounts to. Those excite as well, and where they are left out the
 * ones that are told seem to excite more than they do. So they are put where they are expected, halfway to
 * midnight, and the fit is made again, until that moves them no more (an expectation-maximisation whose
 * hidden events act through their mean). */
#ifndef ENTENTE_FIT_LIKELIHOOD_HIDDEN_H
#define ENTENTE_FIT_LIKELIHOOD_HIDDEN_H

#include "fit/likelihood/likelihood.h"

/* Sets hidden[event] of the likelihood's own events, at x. Those of other kinds stay. 0 or ERR_NOMEM. */
int likelihood_hidden(likelihood_t *self, const double *x, double *hidden);

#endif
