/* The sensitivity tables of a sweep's file: parameters ranked for each quantity and each variant's
 * difference.
 */
#ifndef ENTENTE_CLI_TABLES_SENSITIVITY_TABLE_H
#define ENTENTE_CLI_TABLES_SENSITIVITY_TABLE_H

#include "store/store.h"
#include <jansson.h>
#include <stdio.h>

/* Only the quantities named, if there are any. To `out` as tables or, if `json` is not NULL, into a new list
 * *json. 0 or a negative code. */
int sensitivity_table(FILE *out, json_t **json, store_t *store, int n_names, const char *const *names,
                      fault_t *err);

#endif
