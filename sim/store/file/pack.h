/* Divides arrays into chunks and compresses them as HDF5's filters shuffle and gzip do.
 *
 * HDF5 compresses one chunk after another, with zlib. This code uses ISA-L (five times as fast; every
 * reader can decompress it), in a given number of threads. The output depends neither on this number nor on
 * what was packed before, and the caller's thread receives it in order. */
#ifndef ENTENTE_STORE_FILE_PACK_H
#define ENTENTE_STORE_FILE_PACK_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRID_MOST_RANK 6

typedef struct { /* an array and its chunks; the last of an axis may stick out, and is filled with zeros */
    int rank;
    uint64_t size[GRID_MOST_RANK], chunk[GRID_MOST_RANK];
    size_t item;  /* bytes of one */
    bool shuffle; /* the items' first bytes, then their second ones, ... */
} grid_t;

size_t grid_chunk_bytes(const grid_t *self);
size_t grid_bytes(const grid_t *self);  /* of the array */
size_t grid_chunks(const grid_t *self); /* their number */
bool grid_advance(const grid_t *self,
                  uint64_t *at); /* from a chunk's first item to the next one's; false: no more */

/* Takes a chunk that is ready. 0 or a negative code, which is passed on. */
typedef int (*pack_sink_t)(void *context, const uint64_t *at, const void *packed, size_t n, fault_t *err);

typedef struct packer packer_t;

packer_t *packer_new(int n_threads); /* >= 1; NULL without memory */
void packer_free(packer_t *self);    /* NULL is fine */

/* Divides an array, densely packed in memory, into chunks and compresses it. */
int packer_pack(packer_t *self, const grid_t *grid, const void *values, pack_sink_t sink, void *context,
                fault_t *err);

typedef struct { /* one chunk that lies together in memory, of a 1-D array */
    uint64_t at;
    const void *values;
    size_t bytes, item;
    bool shuffle;
    pack_sink_t sink;
    void *context;
} pack_job_t;

/* Begins to compress n chunks: all threads but the caller's work on them from now on. Values and contexts
 * stay until packer_finish, which does what is left and hands them out. 0, ERR_NOMEM, or what the sinks say,
 * also of what was begun before. */
int packer_start(packer_t *self, size_t n, const pack_job_t *jobs, fault_t *err);
int packer_finish(packer_t *self, fault_t *err); /* nothing begun: nothing done */

#endif
