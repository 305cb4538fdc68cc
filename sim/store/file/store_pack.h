/* Compressed chunks written to HDF5's datasets as they are (store/file/pack.h). */
#ifndef ENTENTE_STORE_FILE_STORE_PACK_H
#define ENTENTE_STORE_FILE_STORE_PACK_H

#include "store/file/pack.h"
#include "store/file/store_hdf.h"

/* Begins with one whole chunk, items densely packed in memory, of each of n chunked, compressed datasets
 * (1-D), with its first item at `at`. As packer_start; the handles of the datasets stay where they are. */
int packer_start_rows(packer_t *self, size_t n, hid_t *datasets, const void *const *values, hsize_t at,
                      fault_t *err);

/* Writes a whole dataset from memory of its own type: as H5Dwrite does, by which one that is not compressed
 * is written. */
int packer_write_all(packer_t *self, hid_t dataset, const void *values, fault_t *err);

/* How a dataset is stored; false on failure. `packed`: in compressed chunks. */
bool store_grid(hid_t dataset, grid_t *grid, bool *packed);

#endif
