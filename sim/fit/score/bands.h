/* Whether observed counts lie where simulated ones do: of dyads and of actors, and who is whose first
 * partner.
 *
 * Counts are discrete, so that a band of whole counts holds more than 90 % of them: of a dyad with 0.02
 * events in the mean it holds 98 or 100 %. A count's position is therefore an interval, [below, upto] / (n +
 * 1) with n the number of sets, of which `below` have less and `upto` - 1 have as much or less; the count is
 * covered by the share of that interval that lies between 5 and 95 % (the nonrandomised PIT: Czado, Gneiting
 * and Held 2009). The mean over cells is 90 % for a correct model whatever the counts, as if each position
 * were drawn within its interval.
 *
 * The same is done for each simulated set, as if it were the observed one, given the others: their spread
 * shows how far a share can be from 90 % when cells depend on each other. */
#ifndef ENTENTE_FIT_SCORE_BANDS_H
#define ENTENTE_FIT_SCORE_BANDS_H

#include "model/model.h"

/* Counts by set, event type and dyad (either direction); set 0 is the observed one. */
typedef struct {
    const model_t *model;
    size_t n_sets; /* without the observed one */
    int n_kept;
    int *kept;      /* [n_kinds] the place of a kind with observed events, -1 of the others */
    float *by_dyad; /* [n_sets + 1][n_kept][n_ties] */
} dyad_counts_t;

float *dyad_counts_of(const dyad_counts_t *self, size_t set, int kind); /* [n_ties] */
void dyad_counts_free(dyad_counts_t *self);                             /* safe on a zeroed one */

typedef struct {
    int a, b; /* actors; b is -1 where all ties of `a` are counted together */
    double observed;
    double mean, low,
        high; /* of the sets: mean, and the least counts that 5 % and 95 % of them do not exceed */
    double position, covered; /* the middle of the interval; the share of it between 5 and 95 % */
    bool inside;              /* low <= observed <= high */
} band_t;

typedef enum { BANDS_DYADS, BANDS_ACTORS } bands_t;

/* The share of covered cells of each set, covered[n_sets + 1], NAN where no set has an event. Cells that are
 * 0 in all sets are left out. `bands`, if not NULL, has room for a cell of each tie or actor, and takes those
 * that are used, *n_bands. 0 or ERR_NOMEM. */
int bands_cover(const dyad_counts_t *counts, int kind, bands_t of, double *covered, band_t *bands,
                int *n_bands);

/* Of each set the share of actors with an event whose most frequent partner is the one with the most events
 * in the mean over the (other) sets; of several most frequent ones that partner has its part. */
int bands_first_partners(const dyad_counts_t *counts, int kind, double *shares);

#endif
