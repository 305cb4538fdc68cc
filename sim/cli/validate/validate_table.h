/* The result of `entente validate`: as a table, as JSON, and each dyad and actor as a row of a CSV. */
#ifndef ENTENTE_CLI_VALIDATE_VALIDATE_TABLE_H
#define ENTENTE_CLI_VALIDATE_VALIDATE_TABLE_H

#include "fit/score/predictive.h"

enum { SIZE_CLASSES = 4 };
extern const char *const size_classes[SIZE_CLASSES]; /* of the expected number of a cell */

typedef struct {
    int n[SIZE_CLASSES], inside[SIZE_CLASSES];
    double covered[SIZE_CLASSES]; /* sums */
} sizes_t;

typedef struct {
    int n;
    band_t *bands; /* the largest misses first */
    sizes_t sizes;
} unit_t;

typedef struct {
    int kind;
    const checked_t *checked; /* [PREDICTIVE_N] */
    unit_t units[2];          /* by bands_t */
} validated_t;

typedef struct {
    const model_t *model;
    const char *scenario;
    double from, until; /* days from the start */
    int n_sets, n;
    uint64_t seed;
    validated_t *items;
} validation_t;

/* Reads the bands of a kind from the counts. 0 or ERR_NOMEM; validated_free in any case. */
int validated_init(validated_t *self, const dyad_counts_t *counts, int kind, const checked_t *checked);
void validated_free(validated_t *self);

void validation_print(const validation_t *self);
int validation_print_json(const validation_t *self); /* 0 or ERR_NOMEM */
int validation_check_csv(const char *path, fault_t *err);
int validation_write_csv(const validation_t *self, const char *path, fault_t *err);

#endif
