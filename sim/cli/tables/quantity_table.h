/* The table of quantities that `run` and `show` end with, and the numbers in it. */
#ifndef ENTENTE_CLI_TABLES_QUANTITY_TABLE_H
#define ENTENTE_CLI_TABLES_QUANTITY_TABLE_H

#include "store/store.h"
#include <jansson.h>
#include <stdio.h>

/* How the numbers of one quantity are shown: all in one scale, with the same decimals. */
typedef struct {
    double divisor;
    int decimals;
    char unit[32]; /* "bn USD", "" for plain numbers */
} number_style_t;

/* A style for numbers up to `largest` that still shows differences of `finest` (such as a half-width). */
number_style_t number_style(const char *unit, double largest, double finest);
/* "0.341", "-" for NaN, "never" for infinity; `out` is returned. */
char *quantity_number_text(const number_style_t *style, double value, char out[32]);
/* "0.338 .. 0.344" */
char *quantity_range_text(const number_style_t *style, double low, double high, char out[72]);
/* The interval of a mean or a difference, or why the replicates do not give one: "same in all", "none
 * differ", "3 of 1000 differ", or "too few" that carry the variance (stats/interval.h). */
char *quantity_mean_interval_text(const number_style_t *style, const estimate_t *e, char out[72]);
char *quantity_difference_interval_text(const number_style_t *style, const estimate_t *e, char out[72]);

/* The range of E[value | parameters], or why there is none: as above, "too few", or "not seen" if the
 * replicates do not tell it from noise (stats/parameters/smooth.h). */
char *quantity_parameters_text(const number_style_t *style, const estimate_t *e, char out[72]);
char *quantity_difference_parameters_text(const number_style_t *style, const estimate_t *e, char out[72]);

/* The 90 % range of single values, or of single differences. */
char *quantity_chance_text(const number_style_t *style, const quantiles_t *of, char out[72]);
/* "  (ends 0.11 .. 0.12, 0.41 .. 0.43)", the 95 % intervals of both quantiles, and the end of the line. */
void quantity_print_ends(FILE *out, const number_style_t *style, const quantiles_t *of);

/* Whether a file's replicates, of a run, drew different parameters: with --fixed, none do. */
int quantity_has_parameters(store_t *store, bool *has, fault_t *err);

/* Of every quantity, each variant's mean and each change from the first variant, with three ranges: how far
 * the mean is computed, what uncertain parameters do to it, what chance does. Of an output file without
 * points. 0 or a negative code. */
int quantity_table_print(FILE *out, store_t *store, fault_t *err);
/* The same as JSON: a list of objects; NaN and infinity are null. NULL on failure. */
json_t *quantity_table_json(store_t *store, fault_t *err);
json_t *json_number(double value);
/* The members of a level, and of a change (NULL: null, as of the first variant): docs/running.md. */
void quantity_level_json(json_t *row, const estimate_t *e);
void quantity_change_json(json_t *row, const estimate_t *e);

#endif
