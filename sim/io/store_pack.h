/* Chunks packed as HDF5's filters shuffle and gzip would, and written as they are.
 *
 * HDF5 packs one chunk after another, with zlib. Here libdeflate does it (two to three times as fast, and any
 * reader unpacks it), in as many threads as asked for; the threads call nothing of HDF5. What is written does
 * not depend on their number. */
#ifndef ENTENTE_IO_STORE_PACK_H
#define ENTENTE_IO_STORE_PACK_H

#include "io/store_hdf.h"

typedef struct packer packer_t;

packer_t *packer_new(int n_threads); /* >= 1; NULL without memory */
void packer_free(packer_t *self);    /* NULL is fine */

/* Begins to pack one whole chunk, items densely packed in memory, of each of n chunked, compressed datasets
 * (1-D), with its first item at `at`. All threads but the caller's work on it from now on; datasets and
 * values stay until packer_finish, which does what is left and writes. 0, ERR_NOMEM or ERR_IO, also of what
 * was begun before. */
int packer_start_rows(packer_t *self, size_t n, const hid_t *datasets, const void *const *values, hsize_t at,
                      fault_t *err);
int packer_finish(packer_t *self, fault_t *err); /* nothing begun: nothing done */

/* Writes a whole dataset from memory of its own type: as H5Dwrite does. One that is not compressed is written
 * by it. */
int packer_write_all(packer_t *self, hid_t dataset, const void *values, fault_t *err);

#endif
