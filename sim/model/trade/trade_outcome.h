/* What an equilibrium means: who trades how much, who gains, and where diverted trade goes.
 *
 * All is read from the last solution (model/trade/equilibrium.h), in money a year of its numeraire, at
 * exporters' prices unless said otherwise; NAN where there is no solution. Trade is with others: domestic
 * flows are apart. */
#ifndef ENTENTE_MODEL_TRADE_OUTCOME_H
#define ENTENTE_MODEL_TRADE_OUTCOME_H

#include "model/trade/equilibrium.h"

typedef struct {
    double exports, imports, domestic;
    double imports_paid; /* tariffs included */
    double income;       /* of labour; with no nu, the value of output */
    double spending;     /* income + revenue + transfer */
    double revenue;      /* of tariffs */
    double transfer;     /* received from others */
} actor_trade_t;

/* The accounts of an actor in the solution, and at the baseline. O(n). */
actor_trade_t trade_of_actor(const equilibrium_t *self, int actor);
actor_trade_t trade_of_actor_before(const equilibrium_t *self, int actor);

/* Factor of real income, what spending buys: (E' / E) / P. 1 for an actor that is absent at the baseline, 0
 * for one that has lost all trade and production. O(1). */
double trade_real_income(const equilibrium_t *self, int actor);

/* Factor of welfare: real income less what the effort of labour is worth to those who supply it,
 * (E' - k Y') / P over E - k Y / relief with k = kappa / (1 + kappa). Quasi-linear utility, under which
 * labour supply has the elasticity kappa at the net wage relief w / P. Real income itself where labour is
 * given. */
double trade_welfare(const equilibrium_t *self, int actor);

/* What became of the flow exporter -> importer against the baseline, and who took its place: changes of
 * flows. What the importer buys more of, from others or at home, and what the exporter sells more of, to
 * others or at home. O(n). */
typedef struct {
    double flow;
    double importer_from_others, importer_at_home;
    double exporter_to_others, exporter_at_home;
} diversion_t;
diversion_t trade_diversion(const equilibrium_t *self, int exporter, int importer);

/* By how much the solution breaks its accounts, in parts of the money in question; for checks in debug
 * builds. The largest of: income and sales, spending and purchases, spending and means of each actor; the sum
 * of transfers in each block. n^2 steps; NAN where there is no solution. */
double trade_imbalance(const equilibrium_t *self);

#endif
