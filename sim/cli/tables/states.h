/* The states of the world of an output file, over which options are compared: the points of a sweep, each
 * with the means of its replicates; or the replicates of a run, each with its draws of the uncertain
 * parameters. */
#ifndef ENTENTE_CLI_TABLES_STATES_H
#define ENTENTE_CLI_TABLES_STATES_H

#include "store/store.h"

typedef struct {
    store_t *store;
    bool of_points;
    uint32_t n_replicates; /* of a state's point, or of the run */
    size_t n_variants, n_quantities, n_axes;
    char **variants, **quantities, **labels, **units, **axes;
    /* Of the quantity read last. */
    size_t n;
    double *x;      /* [axis][n] parameters in their canonical unit */
    double *values; /* [variant][n]; a first time that does not come counts as the end */
} states_t;

/* Opens a file. 0 or a negative code; free in any case. */
int states_open(states_t *self, const char *path, fault_t *err);
void states_free(states_t *self);

/* The index of a quantity or variant of the file, or ERR_USAGE with a suggestion; `length` bytes of the name
 * count. */
int states_quantity(const states_t *self, const char *name, size_t length, fault_t *err);
int states_variant(const states_t *self, const char *name, size_t length, fault_t *err);

/* The values of a quantity, in place of those read before: in the states in which no variant has a missing
 * value; or in all, NAN in the others. */
int states_read(states_t *self, int quantity, fault_t *err);
int states_read_all(states_t *self, int quantity, fault_t *err);

/* "512 points of 100 replicates", "1000 replicates" */
void states_name(const states_t *self, char out[64]);

#endif
