/* Linear predictors: the log of an intensity relative to its baseline rate, or the log odds of a
 * probability.
 *
 * A predictor is evaluated for an initiator i and a target j (j = -1 for events of one actor). A statistic
 * of a tie or a target counts as its reference value if there is no tie or target. The parts are split by
 * the class of their statistics so that an engine can combine the constant ones and bound the others. */
#ifndef ENTENTE_MODEL_PREDICTOR_H
#define ENTENTE_MODEL_PREDICTOR_H

#include "base/rng.h"
#include "model/world.h"

/* Sum over the terms of one class: STATIC reads the model, LAZY the state at `now`, SAMPLED the values
 * of the last refresh. */
double predictor_part(const world_t *world, const predictor_t *predictor, statistic_class_t klass, int i,
                      int j, double now);

/* All three parts. */
double predictor_value(const world_t *world, const predictor_t *predictor, int i, int j, double now);

/* One term's statistic at `now`. */
double term_value(const world_t *world, const term_t *term, int i, int j, double now);

/* Sum of coefficient x statistic over LAZY terms, at `now`, and at most from `now` until the next effect on
 * the dyad. */
double terms_sum(const world_t *world, int n, const term_t *const *terms, int i, int j, double now);
double terms_most(const world_t *world, int n, const term_t *const *terms, int i, int j, double now);

/* The chance's probability for i and j at `now`; of an event with a mediator (-1: none), whose statistics
 * count as their reference value elsewhere. */
double chance_mediated(const world_t *world, const chance_t *chance, int i, int j, int mediator, double now);
double chance_probability(const world_t *world, const chance_t *chance, int i, int j, double now);

#endif
