/* What a file says of the scenario's `choose`: the variants that are options, and the quantities by which one
 * chooses between them. */
#ifndef ENTENTE_CLI_TABLES_DECLARED_H
#define ENTENTE_CLI_TABLES_DECLARED_H

#include "model/enums.h"
#include "store/store.h"

typedef struct {
    bool there; /* the file has a choice, and two of its options or more */
    size_t n_variants, n_quantities;
    bool *options; /* [variant] */
    aim_t *aims;   /* [quantity] */
} declared_t;

/* 0 or a negative code; free in any case. */
int declared_read(declared_t *self, store_t *store, fault_t *err);
void declared_free(declared_t *self); /* safe on a zeroed one */

/* Without a choice in the file every variant is an option, and there are no quantities to choose by. */
bool declared_option(const declared_t *self, size_t variant);
aim_t declared_aim(const declared_t *self, size_t quantity);

#endif
