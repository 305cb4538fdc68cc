/* The market of a world: all flows of its ties in general equilibrium (model/trade/equilibrium.h).
 *
 * The baseline is that of the scenario's figures: the flows of ties, the tariffs of that time, and domestic
 * trade, which is the actor's figure or output_ratio x GDP - exports. At a refresh the market takes each
 * flow's log deviation by its own tie, the tariffs and the growth of each economy, solves, and leaves for
 * each actor what the others have added to the logs of its flows: flow = figure x exp(own deviation + own
 * growth + own tariff + multilateral of the exporter and of the importer) is then the flow of the
 * equilibrium. Until the next refresh only the flow's own part moves. The solver starts from the baseline
 * each time, so that the result depends on the state alone. */
#ifndef ENTENTE_MODEL_TRADE_MARKET_H
#define ENTENTE_MODEL_TRADE_MARKET_H

#include "model/trade/equilibrium.h"
#include "model/world.h"

/* Makes the world's market and its `multilateral`. 0 or ERR_NOMEM. */
int market_init(world_t *world);
void market_free(market_t *self);   /* safe on NULL */
void market_forget(market_t *self); /* parameters may have changed: the baseline is made again */
void market_reset(world_t *world);  /* prices of the baseline */

/* Solves for the state of the world at `now`. Where there is no equilibrium it sets world->unbalanced and
 * leaves the prices as they are. */
void market_clear(world_t *world, double now);

/* The same in two steps, for worlds that differ from this one in few ties: all that can be solved for this
 * world in advance, without changing it; then, for one that differs in the listed ties at most and shares its
 * actors' growth and its market, market_clear at the cost of these ties, and of a solution if they make a
 * difference. The next market_clear of this world at `now` takes what was foreseen. */
void market_foresee(world_t *world, double now);
void market_clear_beside(world_t *world, double now, int n, const int *ties);

/* Factor of an actor's real income since the date of the figures, at the last refresh. */
static inline double market_real_income(const world_t *world, int actor) {
    return world->multilateral[2 * world->model->n_actors + actor];
}

/* Domestic trade of an actor at the date of the figures, USD a year; NAN without a figure and without a GDP,
 * 0 for an actor without any flow. Below 0 if exports exceed output. */
double market_domestic(const model_t *model, int actor);

/* The last solution, of whatever world the market has solved for last. */
const equilibrium_t *market_solution(const market_t *self);

#endif
