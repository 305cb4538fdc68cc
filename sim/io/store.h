/* The output file and its parts (HDF5; docs/output-format.md is the specification).
 *
 * A part holds replicates [first, last) of one design point with the same objects as the final file; the
 * final file is the parts put end to end, with summary and provenance. Trajectories are cut into chunks of
 * `chunk_replicates` replicates from replicate 0 on, and a part begins at a multiple of it, so that merging
 * copies their compressed chunks as they are.
 *
 * A layout says what a file holds. Nothing here knows workers, plans or the engine's insides, and no header
 * but store_hdf.h knows hdf5.h. Functions return 0 or a negative code and fill `err` (never NULL). */
#ifndef ENTENTE_IO_STORE_H
#define ENTENTE_IO_STORE_H

#include "base/error.h"
#include "engine/result.h"
#include <stdbool.h>
#include <stdint.h>

/* Major: readers of the old one fail. Minor: objects were added. */
#define STORE_SCHEMA "1.2"

/* Rounding of what is stored: value -> integer code -> stored value, monotone. Trajectories are rounded to
 * it before they are written, and their summaries count codes, so they are exact for what is stored. */
typedef struct {
    bool relative; /* by mantissa bits, else by multiples of `step` */
    bool exact;    /* the stored values stay as they are; codes serve the summaries only */
    double step;   /* a power of two */
    int shift;     /* mantissa bits dropped */
    double error;  /* the most that a code's value is off: absolute, or relative */
} rounding_t;

/* The coarsest rounding to within `error` (absolute, or relative); 0 stores exact values. */
rounding_t rounding_absolute(double error);
rounding_t rounding_relative(double error);
int32_t rounding_code(const rounding_t *self, float value); /* of a value that is not NaN */
float rounding_value(const rounding_t *self, int32_t code);
float rounding_store(const rounding_t *self, float value); /* what is written for it; NaN stays */

typedef struct {
    const model_t *model; /* borrowed, so the next */
    const observation_t *observation;
    uint64_t seed;
    int n_variants;
    const int *variants; /* [n_variants] of the model's; [0] is the one others are compared with */
    bool trajectories;   /* store them (their summaries are made in any case) */
    int64_t left_out;    /* cells of trajectories that are not summarised, being too many or a sweep's */
    bool events;
    uint32_t chunk_replicates; /* see above; >= 1 */
    int n_points;              /* 0: no dimension `point` */
    int n_swept;
    const int *swept;           /* [n_swept] of the model's params */
    const double *swept_values; /* [n_points][n_swept] */
    rounding_t strength, trade; /* strength's serves alignment too */
} layout_t;

/* Trajectories as they are summarised: items (ties or flows) x times are the cells. */
typedef enum { TALLY_STRENGTH, TALLY_TRADE, TALLY_N } tally_kind_t;

/* How often each code occurred in each cell: entries sorted by (cell, code).
 * cell = (variant * n_times + time) * n_items + item. */
typedef struct {
    size_t n;
    uint32_t *cell, *count;
    int32_t *code;
} counts_t;

/* One part's data in memory, all variants of replicates [first, first + n). */
typedef struct {
    const layout_t *layout;
    int point; /* -1 without points */
    uint32_t first, n;
    int8_t *status;              /* [variant][replicate]: stop_t */
    double *stop_time;           /* [variant][replicate] days from the start */
    double *quantities;          /* [variant][replicate][quantity] */
    int64_t *event_count;        /* [variant][replicate][kind] */
    double *drawn;               /* [replicate][uncertain] */
    float *strength, *alignment; /* [variant][replicate][time][tie]; NULL unless stored; so the next */
    float *trade;                /* [variant][replicate][time][flow] */
    float *metrics;              /* [variant][replicate][metric time][metric column]; NULL without metrics */
    int64_t *event_offset, *event_rows; /* [variant][replicate] */
    log_t log;                          /* replicate by replicate, its variants in their order */
    counts_t counts[TALLY_N];           /* filled by the caller before it is written; freed with the part */
} part_t;

int part_init(part_t *self, const layout_t *layout, int point, uint32_t first, uint32_t n);
void part_free(part_t *self);                                         /* safe on a zeroed part */
void part_clear(part_t *self, int point, uint32_t first, uint32_t n); /* reuse for n <= the n of part_init */
/* Takes over the result of variant number `variant` (of the layout's) of replicate first + i. Trajectories
 * and quantities of a replicate that stopped early become NaN, and its events are left out. To be called for
 * i and variant ascending. */
int part_add(part_t *self, uint32_t i, int variant, const result_t *result);

/* Writes a part under a temporary name, makes it durable and renames it: after a crash it is there whole
 * or not at all. `identity` is kept as an attribute. ERR_IO "disk full" as the case may be. */
int store_write_part(const char *path, const part_t *part, const char *identity, fault_t *err);

/* Makes a rename in the folder of `path` durable. */
int store_sync_folder(const char *path, fault_t *err);

/* ---- merging --------------------------------------------------------------------------------------- */

typedef struct store store_t; /* an open file */

/* A file for replicates [0, n_replicates) of all points, to be filled by store_append; so many threads help
 * to compress it. */
int store_create(store_t **self, const char *path, const layout_t *layout, uint32_t n_replicates, int threads,
                 fault_t *err);

/* Opens a part or a final file for reading; refuses what is no entente file or of another major schema. */
int store_open(store_t **self, const char *path, fault_t *err);
bool store_is_locked(const char *path); /* another program has it open for writing, and it cannot be read */
/* A part, all of whose bytes must be those that were written. ERR_DATA when they are not. */
int store_open_part(store_t **self, const char *path, fault_t *err);
void store_close(store_t *self); /* NULL is fine; a created file is left incomplete */

const char *store_path(const store_t *self);
const char *store_identity(const store_t *self); /* of a part or plan; "" when there is none */
uint32_t store_replicates(const store_t *self);
uint32_t store_first(const store_t *self); /* replicate a part begins with */

/* Puts `part`'s replicates [from, to) of its point (or of all points, when it is a final file) into `self`,
 * in order of (point, replicate). Parts must be appended in that order. */
int store_append(store_t *self, store_t *part, int point, uint32_t from, uint32_t to, fault_t *err);

/* The counts of a part or of a final file without points; empty (cell NULL) where there are none. Freed
 * by counts_free. */
int store_read_counts(store_t *self, tally_kind_t kind, counts_t *counts, fault_t *err);
void counts_free(counts_t *self);

/* ---- summary of the final file ----------------------------------------------------------------------- */

#define SUMMARY_QUANTILES 5
extern const double summary_quantiles[SUMMARY_QUANTILES]; /* 0.05, 0.25, 0.5, 0.75, 0.95 */

typedef struct { /* of one quantity in one variant, over the replicates that ran well in all variants */
    int64_t n, n_finite; /* replicates; those with a finite value (a first time may never come) */
    double mean, sd;     /* of the finite values */
    double low, high;    /* Monte Carlo 95 % interval of the mean */
    double quantiles[SUMMARY_QUANTILES];                               /* of all n values */
    double difference, difference_sd, difference_low, difference_high; /* paired, to the first variant */
    double reduction;                    /* variance of an unpaired difference / variance of the paired one */
    double share, share_low, share_high; /* of the variance that follows the uncertain parameters, and its 95
                                          * % interval (run/spread.h); NAN without any */
} estimate_t;

typedef struct {                  /* of trajectories, one float a cell (NaN where nothing was counted) */
    float *mean, *sd, *quantiles; /* [cell], [cell], [quantile][cell] with cells as in counts_t */
} fan_t;

/* estimates[point][variant][quantity]; fans may be NULL, so may counts[kind]. */
int store_write_summary(store_t *self, const estimate_t *estimates, const fan_t fans[TALLY_N],
                        const counts_t counts[TALLY_N], int64_t n_failed, fault_t *err);

/* ---- what matters in a sweep (the group `sensitivity`; run/sensitivity.h tells how it is reckoned) ------
 */

typedef struct {
    double value, low, high; /* with its 95 % interval */
} interval_t;

typedef struct {             /* of one parameter; NAN where the design tells nothing of it */
    interval_t first, total; /* Sobol' indices: Saltelli et al. 2010 (b), Jansen 1999 */
    interval_t mu_star;    /* Morris: mean absolute elementary effect, over the whole range (u from 0 to 1) */
    double mu, sigma;      /* their mean and standard deviation: sigma >> |mu| is curvature or interaction */
    interval_t regression; /* standardised regression coefficient */
} influence_t;

typedef struct {     /* of an outcome over the design */
    int n;           /* points with a finite outcome */
    double mean, sd; /* between points */
    double within;   /* standard deviation between the replicates of a point, mean over points */
    double noise;    /* share of the variance between points that is noise of the replicates */
    double r2;       /* of the regression */
} response_t;

typedef struct { /* outcomes: each quantity in the first variant, and its difference to it in the others */
    char design[16]; /* "saltelli", ... */
    size_t n_variants, n_quantities, n_swept;
    char **swept;           /* [n_swept] paths of the parameters */
    response_t *responses;  /* [variant][quantity] */
    influence_t *influence; /* [variant][quantity][swept] */
} sensitivity_t;

int store_write_sensitivity(store_t *self, const sensitivity_t *sensitivity, fault_t *err);
/* ERR_DATA if it has none: it is no sweep's, or its scenario names no quantity. */
int store_read_sensitivity(store_t *self, sensitivity_t *out, fault_t *err);
void sensitivity_free(sensitivity_t *self); /* of store_read_sensitivity; safe on a zeroed one */

/* ---- provenance -------------------------------------------------------------------------------------- */

typedef struct {
    const char *scenario; /* path of the main file, files[0] */
    int n_files;
    const char *const *paths, *const *texts;
    int n_settings;
    const char *const *settings; /* "path=value" as given to --set */
    const char *command;         /* command line */
    const char *start, *end;     /* moments, UTC */
    const char *identity;        /* of the plan */
    const char *plan;            /* the plan's text: one "name: value" a line */
    int workers;
} provenance_t;

int store_write_provenance(store_t *self, const provenance_t *provenance, fault_t *err);

/* Flushes, makes durable and closes a created file. `self` is freed in any case. */
int store_finish(store_t *self, fault_t *err);

/* ---- reading a final file ---------------------------------------------------------------------------- */

/* The name of a swept parameter's variable: its path, blanks and slashes as underscores. */
void store_swept_name(const model_t *model, int param, char out[PARAM_PATH_BYTES]);

/* Size of a dimension ("variant", "time", ...), 0 when there is none. */
size_t store_size(store_t *self, const char *dimension);
/* The names of a dimension, or of a dataset of texts ("provenance/file_text"): freed by store_free_names. */
int store_names(store_t *self, const char *path, size_t *n, char ***names, fault_t *err);
void store_free_names(size_t n, char **names);
/* A whole dataset of n numbers. */
int store_numbers(store_t *self, const char *path, size_t n, double *values, fault_t *err);
bool store_has(store_t *self, const char *path);
char *store_attribute(store_t *self, const char *group, const char *name); /* text or NULL; mem_free */
bool store_attribute_number(store_t *self, const char *group, const char *name, double *value);
bool store_seed(store_t *self, uint64_t *seed);
char *store_text(store_t *self, const char *path,
                 fault_t *err);        /* a scalar text; mem_free; NULL on failure */
double store_start_day(store_t *self); /* days since 1970-01-01 of time 0 */

/* Column: values of one quantity (of one variant of one point; point -1 without points) of replicates
 * [first, first + n); `status` likewise. */
int store_read_quantities(store_t *self, int point, int variant, uint32_t first, uint32_t n, double *values,
                          fault_t *err); /* [n][quantity] */
int store_read_status(store_t *self, int point, int variant, uint32_t first, uint32_t n, int8_t *status,
                      fault_t *err);
/* Values drawn for the uncertain parameters: [n][parameter]. */
int store_read_draws(store_t *self, int point, uint32_t first, uint32_t n, double *values, fault_t *err);
/* "strength", "alignment" or "trade" of one item at one time. */
int store_read_trajectory(store_t *self, const char *name, int point, int variant, uint32_t first, uint32_t n,
                          int time, int item, float *values, fault_t *err);
/* Estimates as stored: [point][variant][quantity], mem_alloc'ed. */
int store_read_estimates(store_t *self, estimate_t **estimates, fault_t *err);

#endif
