/* A part of a run: the results of some replicates of one design point, in memory and on disk.
 *
 * Parts are the pieces of the final file (io/store.h) that workers make and `store_append` puts end to end.
 * Trajectories are cut into chunks of `chunk_replicates` replicates from replicate 0 on, and a part begins at
 * a multiple of it, so that its chunks are compressed once, by the worker, and stand in the final file as
 * they are.
 *
 * Functions return 0 or a negative code and fill `err` (never NULL). */
#ifndef ENTENTE_IO_PART_H
#define ENTENTE_IO_PART_H

#include "base/error.h"
#include "engine/result.h"
#include "io/pack.h"
#include <stdbool.h>
#include <stdint.h>

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

void counts_free(counts_t *self);

/* Trajectories as they are stored. */
enum { TRAJECTORY_STRENGTH, TRAJECTORY_ALIGNMENT, TRAJECTORY_TRADE, TRAJECTORY_N };

/* How one of them is cut, of n replicates: [variant][replicate][time][tie or flow]. */
grid_t layout_grid(const layout_t *layout, int trajectory, uint32_t n);
bool layout_has_trajectories(const layout_t *layout);

typedef struct { /* a trajectory's chunks, compressed, in the order of grid_advance */
    size_t n_bytes, room;
    uint32_t *sizes; /* [grid_chunks] bytes of each */
    unsigned char *bytes;
} chunks_t;

/* All variants of replicates [first, first + n) of one point, in memory. Trajectories are there as numbers
 * (part_init), or compressed (part_init_packed). */
typedef struct {
    const layout_t *layout;
    int point; /* -1 without points */
    uint32_t first, n;
    uint32_t most;               /* replicates there is room for */
    int8_t *status;              /* [variant][replicate]: stop_t */
    double *stop_time;           /* [variant][replicate] days from the start */
    double *quantities;          /* [variant][replicate][quantity] */
    int64_t *event_count;        /* [variant][replicate][kind] */
    double *drawn;               /* [replicate][uncertain] */
    float *strength, *alignment; /* [variant][replicate][time][tie]; NULL unless stored; so the next */
    float *trade;                /* [variant][replicate][time][flow] */
    chunks_t packed[TRAJECTORY_N];
    float *metrics; /* [variant][replicate][metric time][metric column]; NULL without metrics */
    int64_t *event_offset, *event_rows; /* [variant][replicate] */
    log_t log;                          /* replicate by replicate, its variants in their order */
    counts_t counts[TALLY_N];           /* filled by the caller before it is written; freed with the part */
} part_t;

/* To be filled by part_add. */
int part_init(part_t *self, const layout_t *layout, int point, uint32_t first, uint32_t n);
/* To be filled from a file, for at most so many replicates. */
int part_init_packed(part_t *self, const layout_t *layout, uint32_t most);
void part_free(part_t *self);                                         /* safe on a zeroed part */
void part_clear(part_t *self, int point, uint32_t first, uint32_t n); /* reuse for n <= most */
/* Takes over the result of variant number `variant` (of the layout's) of replicate first + i. Trajectories
 * and quantities of a replicate that stopped early become NaN. To be called for i and variant ascending. */
int part_add(part_t *self, uint32_t i, int variant, const result_t *result);
int part_reserve_rows(part_t *self, size_t n); /* room in the log for so many */
/* Room for so many bytes of a trajectory's chunks. */
int part_reserve_chunks(part_t *self, int trajectory, size_t n_bytes);
int counts_init(counts_t *self, size_t n); /* ERR_NOMEM */

/* ---- on the disk ------------------------------------------------------------------------------------- */

/* A file of one or more parts, sealed (io/sealed.h). It gets its name when it is whole, so that after a crash
 * it is there whole or not at all. `identity` is what it is a piece of. */
typedef struct part_file part_file_t;

int part_file_create(part_file_t **self, const char *path, const char *identity, fault_t *err);
int part_file_add(part_file_t *self, const part_t *part, fault_t *err);
int part_file_finish(part_file_t *self, fault_t *err); /* frees it, whatever comes */

/* ERR_DATA if it is not as it was written, ERR_NOINPUT if it is not there or no such file, ERR_IO. */
int part_file_open(part_file_t **self, const char *path, fault_t *err);
const char *part_file_identity(const part_file_t *self);
/* The next part, into one of part_init_packed. ERR_DATA if there is none or its layout is another. */
int part_file_next(part_file_t *self, part_t *part, fault_t *err);
void part_file_close(part_file_t *self); /* one that is not finished is removed; NULL is fine */

#endif
