#include "store/file/store_driver.h"

#include "base/mem.h"
#include <errno.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#pragma GCC diagnostic ignored "-Wunused-parameter" /* the library settles what its callbacks are given */

#define METADATA_BLOCK \
    ((hsize_t)16 * 1024) /* taken at a time, so that what is no chunk lies in few blocks of the seal */

typedef struct { /* a property of the list */
    sealed_t *disk;
} access_t;

typedef struct {
    H5FD_t base; /* the library's own part comes first */
    sealed_t *disk;
    haddr_t end;            /* of what HDF5 has given out */
    driver_chunk_t *sought; /* told of the next data to be read, which are not read then; NULL: read */
} driver_t;

static H5FD_t *open_file(const char *name, unsigned flags, hid_t list, haddr_t most) {
    const access_t *access = H5Pget_driver_info(list);
    driver_t *self = access ? mem_alloc(1, sizeof *self) : NULL;
    if (!self) return NULL;
    self->disk = access->disk;
    return &self->base;
}

static herr_t close_file(H5FD_t *file) {
    mem_free(file);
    return 0;
}

static int compare(const H5FD_t *a, const H5FD_t *b) {
    const sealed_t *left = ((const driver_t *)a)->disk, *right = ((const driver_t *)b)->disk;
    return left < right ? -1 : left > right;
}

static herr_t query(const H5FD_t *file, unsigned long *flags) {
    if (flags)
        *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                 H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t get_end(const H5FD_t *file, H5FD_mem_t type) {
    return ((const driver_t *)file)->end;
}

static herr_t set_end(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
    ((driver_t *)file)->end = end;
    return 0;
}

static haddr_t file_size(const H5FD_t *file, H5FD_mem_t type) {
    return sealed_size(((const driver_t *)file)->disk);
}

static herr_t get_handle(H5FD_t *file, hid_t list, void **handle) {
    *handle = file;
    return 0;
}

static herr_t read_bytes(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n, void *bytes) {
    driver_chunk_t *sought = ((driver_t *)file)->sought;
    if (sought && type == H5FD_MEM_DRAW) {
        sought->at = at;
        sought->size = n;
        return 0;
    }
    if (!sealed_read(((driver_t *)file)->disk, at, bytes, n)) return 0;
    H5Epush2(H5E_DEFAULT, __FILE__, __func__, __LINE__, H5E_ERR_CLS, H5E_VFL, H5E_READERROR, "errno = %d",
             errno);
    return -1;
}

static herr_t write_bytes(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t at, size_t n,
                          const void *bytes) {
    sealed_write(((driver_t *)file)->disk, at, bytes, n);
    return 0;
}

static herr_t truncate_file(H5FD_t *file, hid_t list, hbool_t closing) {
    driver_t *self = (driver_t *)file;
    if (self->end != sealed_size(self->disk)) sealed_resize(self->disk, self->end);
    return 0;
}

static const H5FD_class_t driver_class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = 513, /* those below 512 are given out */
#endif
    .name = "entente",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG, /* nothing is left open, whatever the caller forgot */
    .fapl_size = sizeof(access_t),
    .open = open_file,
    .close = close_file,
    .cmp = compare,
    .query = query,
    .get_eoa = get_end,
    .set_eoa = set_end,
    .get_eof = file_size,
    .get_handle = get_handle,
    .read = read_bytes,
    .write = write_bytes,
    .truncate = truncate_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t driver_access(sealed_t *disk) {
    const access_t access = {disk};
    hid_t list = H5Pcreate(H5P_FILE_ACCESS), driver = H5FDregister(&driver_class);
    herr_t failed = list < 0 || driver < 0 || H5Pset_driver(list, driver, &access) < 0 ||
                    H5Pset_meta_block_size(list, METADATA_BLOCK) < 0;
    if (driver >= 0) H5FDunregister(driver); /* the list and the file hold it */
    if (!failed) return list;
    if (list >= 0) H5Pclose(list);
    return -1;
}

int driver_find_chunk(hid_t file, hid_t dataset, const hsize_t *place, driver_chunk_t *out) {
    void *handle;
    hsize_t size = 0;
    uint32_t left_out = 0;
    char nothing;
    *out = (driver_chunk_t){0};
    if (H5Dget_chunk_storage_size(dataset, place, &size) < 0) return -1;
    if (!size) return 0;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0) return -1;
    driver_t *self = handle;
    self->sought = out;
    herr_t failed = H5Dread_chunk(dataset, H5P_DEFAULT, place, &left_out, &nothing);
    self->sought = NULL;
    out->filtered = !left_out;
    return failed < 0 || out->size != size ? -1 : 0;
}
