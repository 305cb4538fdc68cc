/* How often each code of a rounded trajectory occurred in each cell (variant, time, tie or flow).
 *
 * Counts are integers: they can be added in any order and in any grouping with the same sum, and mean, sd
 * and quantiles follow from them alone. Memory grows with the number of distinct codes, not of replicates.
 *
 * Codes are held cell by cell and sorted when a cell is full; what has been counted lies in sorted lists,
 * each at least twice as long as the next, so that an entry is moved a logarithmic number of times. */
#ifndef ENTENTE_STATS_TALLY_H
#define ENTENTE_STATS_TALLY_H

#include "store/store.h"

/* Trajectories of more cells of strength than this are not summarised (a run with all ties of a scenario with
 * many actors): counting them would take more memory than a worker should. The run says so, and the file. */
#define TALLY_MOST_CELLS 3000u

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

/* Number of cells of a layout's trajectories of that kind; 0 if they are not summarised. */
size_t tally_cells(const layout_t *layout, tally_kind_t kind);
/* Adds one replicate's trajectories of one variant to both tallies. */
int tally_add_result(tally_t tallies[TALLY_N], const layout_t *layout, int variant, const result_t *result);

/* Mean, sd and quantiles of every cell, from sorted counts; the fan's arrays are mem_alloc'ed. */
int fan_init(fan_t *self, const counts_t *counts, size_t n_cells, const rounding_t *rounding);
void fan_free(fan_t *self);

#endif
