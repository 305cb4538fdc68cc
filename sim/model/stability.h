/* Stability: the expected number of direct offspring between kinds, as a branching matrix, and
 * its spectral radius. Below one the number of offspring is finite (sufficient, not necessary: strength also
 * feeds back into rates). */
#ifndef ENTENTE_MODEL_STABILITY_H
#define ENTENTE_MODEL_STABILITY_H

#include "model/model.h"

/* Writes [n_kinds][n_kinds] mean offspring of kind `row` that are of kind `column`, over all places, from
 * above: excitation with its greatest fan-out, consequences, replies and sidelines at their plain
 * probability. `excitation` false leaves consequences only. A later offspring counts exp(-discount x mean
 * delay), discount per day. */
void stability_matrix(const model_t *model, bool excitation, double discount, double *matrix);

/* Events a year of each kind without a parent, into [n_kinds] each: `spontaneous`, the baseline events over
 * all places as things stand at the start, seasons left out, and `calendar`, the mean number of dated ones of
 * the base over the period. 0 or ERR_NOMEM. */
int stability_sources(model_t *model, double *spontaneous, double *calendar);

/* What `sources` events a year beget with the matrix, themselves included, into `total`; infinite where the
 * radius is not below 1. */
void stability_total(const double *matrix, int n_kinds, double radius, const double *sources, double *total);

/* Events to be expected in a replicate of the base, into `events`: those of stability_sources, and what they
 * beget before the period ends, with a mean fan-out; at most `most`. What events change in the intensities is
 * left out. 0 or ERR_NOMEM. Cost: as stability_sources. */
int stability_events(model_t *model, double most, double *events);

/* Largest eigenvalue of a non-negative matrix. */
double stability_radius(const double *matrix, int n);

/* The heaviest cycle among kinds of a matrix with radius >= 1: kinds into `cycle` [n], its length. */
int stability_cycle(const double *matrix, int n, int *cycle);

#endif
