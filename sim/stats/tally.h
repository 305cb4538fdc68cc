/* How often each code of a rounded trajectory occurred in each cell (variant, time, tie or flow).
 *
 * Counts are integers: they can be added in any order and in any grouping with the same sum, and mean, sd
 * and quantiles follow from them alone. Memory grows with the number of distinct codes, not of replicates.
 *
 * Codes are stored cell by cell and sorted when a cell is full. The counts are in sorted lists, each at
 * least twice as long as the next, so that an entry is moved a logarithmic number of times. */
#ifndef ENTENTE_STATS_TALLY_H
#define ENTENTE_STATS_TALLY_H

#include "stats/estimate.h"
#include "stats/rounding.h"
#include <stddef.h>

/* How often each code occurred in each cell: entries sorted by (cell, code).
 * cell = (variant * n_times + time) * n_items + item. */
typedef struct {
    size_t n;
    uint32_t *cell, *count;
    int32_t *code;
} counts_t;

int counts_init(counts_t *self, size_t n); /* ERR_NOMEM */
void counts_free(counts_t *self);

#define TALLY_HELD 32 /* codes of a cell */

typedef struct {
    size_t n_cells;
    int32_t *held; /* [n_cells][TALLY_HELD]; NULL until there is one */
    uint8_t *n_held;
    bool any_held;
    int n_lists;
    counts_t lists[64]; /* more would not fit into memory */
} tally_t;

void tally_init(tally_t *self, size_t n_cells);
void tally_free(tally_t *self);
void tally_clear(tally_t *self);                           /* keeps the memory of `held` */
int tally_add(tally_t *self, uint32_t cell, int32_t code); /* cell < n_cells; 0 or ERR_NOMEM */
int tally_merge(tally_t *self, counts_t *counts);          /* takes them over, sorted as they are */
/* All that was counted, sorted by (cell, code), and nothing is left; freed by counts_free. */
int tally_take(tally_t *self, counts_t *counts);

typedef struct {                  /* of trajectories, one float a cell (NaN where nothing was counted) */
    float *mean, *sd, *quantiles; /* [cell], [cell], [quantile][cell] with cells as in counts_t */
} fan_t;

/* Mean, sd and quantiles of every cell, from sorted counts; the fan's arrays are mem_alloc'ed. */
int fan_init(fan_t *self, const counts_t *counts, size_t n_cells, const rounding_t *rounding);
void fan_free(fan_t *self);

#endif
