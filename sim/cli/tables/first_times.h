/* How likely it is that a first time comes by the end, P(T <= horizon): in each variant, and its change, with
 * what uncertain parameters do to both. As a probability, it is estimated like a quantity with a threshold.
 */
#ifndef ENTENTE_CLI_TABLES_FIRST_TIMES_H
#define ENTENTE_CLI_TABLES_FIRST_TIMES_H

#include "store/store.h"

typedef struct {
    char *name, *label;    /* "NAME<=end"; "LABEL, by the end" */
    estimate_t *estimates; /* [variant] */
} first_time_t;

typedef struct {
    size_t n;
    first_time_t *items;
} first_times_t;

/* Of the quantities in days that are infinite in some replicates; estimates [variant][quantity] of a file
 * without points. 0 or a negative code; free in any case. */
int first_times_read(first_times_t *self, store_t *store, const estimate_t *estimates, fault_t *err);
void first_times_free(first_times_t *self); /* safe on a zeroed one */

#endif
