/* Stability: the branching matrix, which has the expected direct offspring of each event type by each type,
 * and its spectral radius. Below one the expected number of descendants is finite (sufficient, not
 * necessary; feedback from strength to rates is not included). */
#ifndef ENTENTE_MODEL_STABILITY_H
#define ENTENTE_MODEL_STABILITY_H

#include "model/model.h"

/* Writes [n_kinds][n_kinds] the mean number of offspring of type `column` of an event of type `row`, over
 * all places, as an upper bound: excitation at the largest possible number of places, consequences, replies
 * and sideline meetings at their probability without statistics. With `excitation` false there are only
 * consequences. A later offspring counts exp(-discount x mean delay), discount per day. */
void stability_matrix(const model_t *model, bool excitation, double discount, double *matrix);

/* Events a year of each type without a parent, into [n_kinds] each: `spontaneous`, the baseline events over
 * all places in the state at the start, without seasons, and `calendar`, the mean number of dated events of
 * the base over the period. 0 or ERR_NOMEM. */
int stability_sources(model_t *model, double *spontaneous, double *calendar);

/* The total events a year that `sources` events a year lead to, themselves and all descendants, into
 * `total`; infinite if the radius is not below 1. */
void stability_total(const double *matrix, int n_kinds, double radius, const double *sources, double *total);

/* Expected events in a replicate of the base, into `events`: those of stability_sources and their
 * descendants before the period ends, with the mean number of excited places; at most `most`. Changes of the
 * intensities by events are ignored. 0 or ERR_NOMEM. Cost: as stability_sources. */
int stability_events(model_t *model, double most, double *events);

/* Largest eigenvalue of a non-negative matrix. */
double stability_radius(const double *matrix, int n);

/* The heaviest cycle among kinds of a matrix with radius >= 1: kinds into `cycle` [n], its length. */
int stability_cycle(const double *matrix, int n, int *cycle);

#endif
