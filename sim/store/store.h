/* The output file (HDF5; docs/output-format.md is the specification).
 *
 * It contains the parts of a run (store/part.h) in order, with summary and provenance, and is sealed
 * (store/file/sealed.h). Opening compares a file with its seal and with the specification, so sizes and
 * types are those that the functions below state; a failed read is an error and never counts as a missing
 * object. The store does not depend on workers, plans or the inside of the engine, and only store_hdf.h and
 * the headers that it needs include hdf5.h. Functions return 0 or a negative code and fill `err` (never
 * NULL). */
#ifndef ENTENTE_STORE_STORE_H
#define ENTENTE_STORE_STORE_H

#include "stats/estimate.h"
#include "stats/sensitivity.h"
#include "store/part.h"

/* Major: readers of the old one fail. Minor: objects were added. */
#define STORE_SCHEMA "2.0"

typedef struct store store_t; /* an open file */

/* ---- writing ----------------------------------------------------------------------------------------- */

/* A file for replicates [0, n_replicates) of all points, to be filled by store_append; so many threads help
 * to compress it. */
int store_create(store_t **self, const char *path, const layout_t *layout, uint32_t n_replicates, int threads,
                 fault_t *err);
/* Appends a packed part: in order of point, then replicates. */
int store_append(store_t *self, const part_t *part, fault_t *err);
/* Seals, makes durable and closes a created file; if anything failed it is removed. `self` is freed in any
 * case. */
int store_finish(store_t *self, fault_t *err);

/* ---- opening ----------------------------------------------------------------------------------------- */

/* Opens a finished file for reading; `whole` compares every byte with the seal, however large the file (small
 * ones always are). ERR_NOINPUT for what is no output file, ERR_SCHEMA or ERR_NEWER for one of another
 * format, ERR_LOCKED while another program writes it, ERR_DAMAGED if it is not as it was written, ERR_DATA if
 * it does not follow the specification, ERR_IO. */
int store_open(store_t **self, const char *path, fault_t *err);
int store_open_whole(store_t **self, const char *path, fault_t *err);
void store_close(store_t *self); /* NULL is fine; a created file that is not finished is removed */

/* ERR_IO if the system failed to read any of it so far. To be asked when all is read. */
int store_trouble(const store_t *self, fault_t *err);

const char *store_path(const store_t *self);
uint32_t store_replicates(const store_t *self);

/* Replicates [first, first + n) of a point (-1 without points) as a part of that layout, which is the file's;
 * n is at most a chunk, and `first` begins one. ERR_DATA if the layout is another. */
int store_read_part(store_t *self, int point, uint32_t first, uint32_t n, part_t *part, fault_t *err);
/* The counts of a file without points; empty (cell NULL) where there are none. Freed by counts_free. */
int store_read_counts(store_t *self, tally_kind_t kind, counts_t *counts, fault_t *err);

/* ---- summary of the final file ----------------------------------------------------------------------- */

/* estimates[point][variant][quantity]; fans may be NULL, so may counts[kind]. */
int store_write_summary(store_t *self, const estimate_t *estimates, const fan_t fans[TALLY_N],
                        const counts_t counts[TALLY_N], int64_t n_failed, fault_t *err);

/* ---- what matters in a sweep (the group `sensitivity`) ------------------------------------------------- */

int store_write_sensitivity(store_t *self, const sensitivity_t *sensitivity, fault_t *err);
/* ERR_DATA if it has none: it is no sweep's, or its scenario names no quantity. Freed by sensitivity_free. */
int store_read_sensitivity(store_t *self, sensitivity_t *out, fault_t *err);

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

/* ---- reading ----------------------------------------------------------------------------------------- */

/* The name of a swept parameter's variable: its path, blanks and slashes as underscores. */
void store_swept_name(const char *path, char out[PARAM_PATH_BYTES]);

/* Size of a dimension ("variant", "time", "summary/probability", ...), 0 when there is none. */
size_t store_size(const store_t *self, const char *dimension);
/* Whether an object of the specification is there. */
bool store_has(const store_t *self, const char *path);
/* An attribute ("" of the root): a text, borrowed, or NULL; a number, `absent` when it is not there. */
const char *store_attribute(const store_t *self, const char *group, const char *name);
double store_attribute_number(const store_t *self, const char *group, const char *name, double absent);
uint64_t store_seed(const store_t *self);
double store_start_day(const store_t *self); /* days since 1970-01-01 of time 0 */
uint32_t store_chunk_replicates(const store_t *self);

/* The names of a dimension, or of a dataset of texts ("provenance/file_text"), all along one dimension as
 * many: freed by store_free_names. *n stays if that fails. */
int store_names(store_t *self, const char *path, size_t *n, char ***names, fault_t *err);
void store_free_names(size_t n, char **names);
/* A whole dataset of n numbers; ERR_DATA if there are more or fewer. */
int store_numbers(store_t *self, const char *path, size_t n, double *values, fault_t *err);
int store_days(store_t *self, const char *path, size_t n, double *days,
               fault_t *err); /* ERR_DATA unless dates */
int store_integers(store_t *self, const char *path, size_t n, int64_t *values, fault_t *err);
/* A scalar text; mem_free. */
int store_text(store_t *self, const char *path, char **text, fault_t *err);

/* Column: values of one quantity (of one variant of one point; point -1 without points) of replicates
 * [first, first + n); `status` likewise. */
int store_read_quantities(store_t *self, int point, int variant, uint32_t first, uint32_t n, double *values,
                          fault_t *err); /* [n][quantity] */
int store_read_status(store_t *self, int point, int variant, uint32_t first, uint32_t n, int8_t *status,
                      fault_t *err);
/* Values drawn for the uncertain parameters: [n][parameter]. */
int store_read_draws(store_t *self, int point, uint32_t first, uint32_t n, double *values, fault_t *err);
/* "strength", "alignment" or "trade" of one item at one time, in replicates [first, first + n). */
typedef struct {
    const char *name;
    int point, variant, time, item;
    uint32_t first, n;
} trajectory_t;
int store_read_trajectory(store_t *self, const trajectory_t *of, float *values, fault_t *err);
/* Estimates as stored: [point][variant][quantity], mem_alloc'ed. */
int store_read_estimates(store_t *self, estimate_t **estimates, fault_t *err);

#endif
