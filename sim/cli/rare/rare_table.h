/* What `entente rare` prints: the probability, how its levels are reached, what it cost. */
#ifndef ENTENTE_CLI_RARE_TABLE_H
#define ENTENTE_CLI_RARE_TABLE_H

#include "run/split/split.h"
#include "store/store.h"
#include <jansson.h>
#include <stdio.h>

typedef struct {          /* of an output file of trees */
    const split_t *split; /* borrowed */
    store_t *store;
    estimate_t *estimates; /* [column] */
    double *trees;         /* [replicate] the estimate of each tree; NAN where it stopped early */
    uint32_t n_trees;
} rare_table_t;

/* 0 or a negative code; free in any case. */
int rare_table_open(rare_table_t *self, const split_t *split, const char *path, fault_t *err);
void rare_table_free(rare_table_t *self); /* safe on a zeroed one */

void rare_table_print(const rare_table_t *self, FILE *out);
json_t *rare_table_json(const rare_table_t *self); /* NULL without memory */

/* How many plain replicates would give the same standard error, for each simulation that the trees took; NAN
 * if that is not known. */
double rare_table_gain(const rare_table_t *self);

#endif
