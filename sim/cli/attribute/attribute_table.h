/* What each thing changes that was left out: the tables of `entente attribute`, from an output file whose
 * variants are the base and, after it, `without:NAME` (model/without.h).
 *
 * The effect of a thing is the quantity with it minus the quantity without it, over paired replicates: the
 * negative of the difference that `entente compare` shows. Things are ranked by the size of their effect. */
#ifndef ENTENTE_CLI_ATTRIBUTE_TABLE_H
#define ENTENTE_CLI_ATTRIBUTE_TABLE_H

#include "store/store.h"
#include <jansson.h>
#include <stdio.h>

typedef struct { /* of an output file */
    store_t *store;
    size_t n_variants, n_quantities;
    char **variants, **quantities, **labels, **units;
    bool *shown;           /* [quantity] */
    estimate_t *estimates; /* [variant][quantity] */
} attribution_t;

/* Opens the file. Shown are the quantities named, or all. 0 or a negative code; free in any case. */
int attribution_open(attribution_t *self, const char *path, int n_names, const char *const *names,
                     fault_t *err);
void attribution_free(attribution_t *self); /* safe on a zeroed one */

/* A table a quantity of the `most` largest effects (0: of all). 0 or a negative code. */
int attribution_print(const attribution_t *self, size_t most, FILE *out, fault_t *err);
json_t *attribution_json(const attribution_t *self); /* a list; NULL without memory */

/* The variants of the n things that matter most: by their largest effect in any quantity shown, in standard
 * deviations of it. Fewer if fewer have an effect: how many; or ERR_NOMEM. */
int attribution_first(const attribution_t *self, int n, size_t *variants, fault_t *err);

/* Of a file whose variants are the base, n things, and their pairs in that order (1 with 2, 1 with 3, ...):
 * the interaction of a pair is the effect of both minus the effects of each. */
int attribution_print_pairs(const attribution_t *self, int n, size_t most, FILE *out, fault_t *err);
/* *list is new. */
int attribution_pairs_json(const attribution_t *self, int n, json_t **list, fault_t *err);

#endif
