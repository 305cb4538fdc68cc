/* HDF5 reads and writes a sealed file (store/file/sealed.h).
 *
 * To HDF5 no write ever fails; code that writes must check sealed_trouble. A failed read is an error of
 * HDF5's call, with "errno = N" in its stack. */
#ifndef ENTENTE_STORE_FILE_STORE_DRIVER_H
#define ENTENTE_STORE_FILE_STORE_DRIVER_H

#include "store/file/sealed.h"
#include <hdf5.h>

/* A list of access properties for H5Fcreate and H5Fopen of this file, which must stay open longer than
 * HDF5's. The caller closes the list. Negative on failure. */
hid_t driver_access(sealed_t *disk);

typedef struct {
    uint64_t at, size; /* in the file, of bytes; size 0: nothing is stored there */
    bool filtered;     /* by all filters of its dataset */
} driver_chunk_t;

/* Where the chunk that begins at `place` lies, of a dataset in a file with such access. At the cost of one
 * search in the index: H5Dget_chunk_info_by_coord goes through all chunks. 0 or -1. */
int driver_find_chunk(hid_t file, hid_t dataset, const hsize_t *place, driver_chunk_t *out);

#endif
