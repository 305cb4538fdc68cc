/* A part of a run: the results of some replicates of one design point, in memory and on the disk.
 *
 * Workers make the parts, and `store_append` appends them to the final file (store/store.h). Trajectories
 * are divided into chunks of `chunk_replicates` replicates from replicate 0 on, and a part begins at a
 * multiple of it, so that the worker compresses its chunks once and the final file has them unchanged.
 *
 * Functions return 0 or a negative code and fill `err` (never NULL). */
#ifndef ENTENTE_STORE_PART_H
#define ENTENTE_STORE_PART_H

#include "base/error.h"
#include "store/values.h"
#include <stdbool.h>
#include <stdint.h>

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
    uint32_t most; /* replicates there is room for */
    union {        /* [variant][replicate][value_count], of what variants share [replicate][value_count] */
        void *values[VALUE_N];
        struct {
#define X(id, name, type, ...) type *name;
            VALUE_LIST(X)
#undef X
        };
    };
    float *strength, *alignment; /* [variant][replicate][time][tie]; NULL unless stored; so the next */
    float *trade;                /* [variant][replicate][time][flow] */
    chunks_t packed[TRAJECTORY_N];
    float *metrics; /* [variant][replicate][metric time][metric column]; NULL without metrics */
    int64_t *event_offset, *event_rows; /* [variant][replicate] the row of `log` from which on its rows are,
                                           and their number */
    log_t log; /* replicate by replicate; rows that variants share are there once. Parents and summits are
                  rows from the first of the replicate (event_offset) on */
    unsigned char *sharing;   /* [log.n][part_sharing_bytes] bit v: it is a row of variant v */
    int64_t shared_from;      /* the row from which on the last log of several variants is */
    counts_t counts[TALLY_N]; /* filled by the caller before it is written; freed with the part */
} part_t;

static inline size_t part_sharing_bytes(const layout_t *layout) {
    return ((size_t)layout->n_variants + 7) / 8;
}
static inline bool part_has_row(const part_t *self, size_t row, int variant) {
    return self->sharing[row * part_sharing_bytes(self->layout) + (size_t)variant / 8] >> (variant % 8) & 1;
}
static inline void part_give_row(part_t *self, size_t row, int variant) {
    unsigned char *of = &self->sharing[row * part_sharing_bytes(self->layout) + (size_t)variant / 8];
    *of = (unsigned char)(*of | 1 << variant % 8);
}

/* To be filled by part_add. */
int part_init(part_t *self, const layout_t *layout, int point, uint32_t first, uint32_t n);
/* To be filled from a file, for at most so many replicates. */
int part_init_packed(part_t *self, const layout_t *layout, uint32_t most);
void part_free(part_t *self);                                         /* safe on a zeroed part */
void part_clear(part_t *self, int point, uint32_t first, uint32_t n); /* reuse for n <= most */
/* Takes over the result of variant number `variant` (of the layout's) of replicate first + i. Trajectories
 * and quantities of a replicate that stopped early become NaN. To be called for i and variant ascending, of
 * variants with one log for its root first. */
int part_add(part_t *self, uint32_t i, int variant, const result_t *result);
int part_reserve_rows(part_t *self, size_t n); /* room in the log for so many, which are no variant's yet */
/* Room for so many bytes of a trajectory's chunks. */
int part_reserve_chunks(part_t *self, int trajectory, size_t n_bytes);

/* ---- on the disk ------------------------------------------------------------------------------------- */

/* A sealed file of one or more parts (store/file/sealed.h). It gets its final name when it is complete, so
 * that after a crash it is complete or absent. `identity` is that of its block. */
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
