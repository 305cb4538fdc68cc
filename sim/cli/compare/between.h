/* `entente compare OLD.h5 NEW.h5`: two output files, such as forecasts of different days.
 *
 * Replicates with the same number are paired if both runs have the same seed: where both simulate the same
 * thing they have the same random numbers, and where they do not, pairs are independent, which costs nothing
 * but the gain. With different seeds the difference is that of independent means. */
#ifndef ENTENTE_CLI_COMPARE_BETWEEN_H
#define ENTENTE_CLI_COMPARE_BETWEEN_H

#include "cli/compare/surprises.h"
#include "cli/options/options.h"
#include "cli/tables/compared.h"
#include <jansson.h>

enum { OLD, NEW, BOTH };

typedef struct { /* of a variant that both have: a level, or its change from the base */
    const char *variant;
    bool is_change;
    double means[BOTH];
    estimate_t of; /* its difference: NEW less OLD; without pairs only its mean and ends, NAN: none */
} difference_t;

typedef struct {
    const char *name, *label, *unit;
    size_t n;
    difference_t *differences;
} between_row_t;

typedef struct {
    char *name, *old, *new; /* NULL: there is none, or it is a section of the scenario */
    bool of_scenario, in_old, in_new;
} differing_t;

typedef struct {
    const char *paths[BOTH];
    comparison_t files[BOTH];
    char *plans[BOTH];
    bool paired;
    uint32_t n_pairs;
    size_t n_rows, n_differing, differing_capacity, n_only[BOTH];
    between_row_t *rows;
    differing_t *differing;
    const char **only[BOTH]; /* names of quantities that the other does not have in that unit */
    bool has_surprises;
    surprises_t surprises;
    arena_t arena;
} between_t;

typedef struct {
    const char *paths[BOTH];
    int n_names; /* 0: all quantities of both */
    const char *const *names;
    int surprises; /* how many to list; 0: none */
    int workers;
} between_request_t;

/* Whether a word of the command line names a file, and no quantity. */
bool between_is_file(const char *word);

/* 0 or a negative code; between_free then too. */
int between_read(between_t *self, const between_request_t *request, fault_t *err);
void between_free(between_t *self); /* safe on a zeroed one */

/* between_table.c */
void between_print(const between_t *self, int n_surprises);
json_t *between_json(const between_t *self, int n_surprises); /* NULL without memory */

#endif
