/* The conditions of an equilibrium at a point: what the solver (model/trade/equilibrium.c) iterates. For it
 * alone.
 */
#ifndef ENTENTE_MODEL_TRADE_EQUILIBRIUM_SYSTEM_H
#define ENTENTE_MODEL_TRADE_EQUILIBRIUM_SYSTEM_H

#include "model/trade/equilibrium.h"

#include "base/math/elementary.h"

#include <math.h>

/* All elementary functions that an equilibrium is made of. */
static inline double exponential(double x) {
    return elementary_exp(x);
}
static inline double logarithm(double x) {
    return elementary_log(x);
}

/* How many unknowns there are: n log wages (gate prices if output is fixed), and n of log labour if it is
 * elastic. */
int equilibrium_length(const equilibrium_t *self);

/* Evaluates the system at x and puts the plain iteration's step into `step`. The largest condition in log
 * units, that of self->actor; INFINITY where some actor would have nothing to spend, or numbers leave their
 * range. */
double equilibrium_evaluate(equilibrium_t *self, const double *x, double *step);

/* Finds how markets hang together at the baseline, whose blocks are known; overwrites what an evaluation
 * leaves. Some 2 n^3 steps. */
void equilibrium_couple(equilibrium_t *self);
/* What each market asks of its own price becomes what all together ask of theirs; [n]. */
void equilibrium_spread(equilibrium_t *self, double *step);

/* Makes the solution of what was evaluated last: scaled to the numeraire, block by block. */
void equilibrium_settle(equilibrium_t *self);

#endif
