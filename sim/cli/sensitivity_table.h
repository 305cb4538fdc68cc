/* The ranked tables that a sweep ends with: what drives each quantity, and the variants' differences. */
#ifndef ENTENTE_CLI_SENSITIVITY_TABLE_H
#define ENTENTE_CLI_SENSITIVITY_TABLE_H

#include "io/store.h"
#include "run/design.h"
#include <jansson.h>

/* For a sweep's file made of `points`; only the quantities named, if there are any. To `out` as tables and,
 * if `json` is not NULL, into a new list *json. 0 or a negative code. */
int sensitivity_table(FILE *out, json_t **json, store_t *store, const points_t *points, const model_t *model,
                      int n_names, const char *const *names, fault_t *err);

#endif
