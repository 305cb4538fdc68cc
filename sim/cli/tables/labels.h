/* The labels that a scenario gives to names of an output file. */
#ifndef ENTENTE_CLI_TABLES_LABELS_H
#define ENTENTE_CLI_TABLES_LABELS_H

#include "store/store.h"
#include <stdio.h>

/* "  NAME  LABEL" for each variant (`of` "variant") or parameter that has one; nothing without any. 0 or a
 * negative code. */
int labels_print(FILE *out, store_t *store, const char *of, fault_t *err);

#endif
