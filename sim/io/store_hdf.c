#include "io/store_hdf.h"

#include "base/hash.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- errors ---------------------------------------------------------------------------------------- */

typedef struct {
    int n_errno;      /* errno named in the stack, 0 if none */
    char reason[256]; /* the innermost message */
} trace_t;

static herr_t look_at(unsigned n, const H5E_error2_t *entry, void *data) {
    trace_t *stack = data;
    if (!entry->desc) return 0;
    if (n == 0) snprintf(stack->reason, sizeof stack->reason, "%s", entry->desc);
    const char *number = strstr(entry->desc, "errno = ");
    if (number && !stack->n_errno) stack->n_errno = (int)strtol(number + strlen("errno = "), NULL, 10);
    return 0;
}

/* `silent`: the code where the stack names no errno. */
static int fault_of(fault_t *err, int silent, const char *format, va_list args) {
    trace_t stack = {0};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look_at, &stack); /* upward: the innermost call comes first */
    H5Eclear2(H5E_DEFAULT);
    if (err && err->code) return err->code; /* the first failure tells most */
    char what[512];
    vsnprintf(what, sizeof what, format, args);
    if (stack.n_errno == ENOSPC || stack.n_errno == EDQUOT)
        return error_set(err, ERR_IO, "%s: disk full", what);
    if (stack.n_errno) return error_set(err, ERR_IO, "%s: %s", what, strerror(stack.n_errno));
    return error_set(err, silent, "%s: HDF5 says \"%s\"", what, *stack.reason ? stack.reason : "failed");
}

int hdf_fault(fault_t *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int ret = fault_of(err, ERR_IO, format, args);
    va_end(args);
    return ret;
}

int hdf_fault_read(fault_t *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int ret = fault_of(err, ERR_DATA, format, args);
    va_end(args);
    return ret;
}

void hdf_init(void) {
    /* HDF5 takes and frees some megabytes for every file it opens; given back to the system each time, that
     * costs more than all the rest of a small file. */
    mallopt(M_MMAP_THRESHOLD, 256 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_TOP_PAD, 4 << 20);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* ---- files and groups ------------------------------------------------------------------------------ */

#define SEAL_BLOCK 512 /* the least that HDF5 leaves free */

/* The checksum of what follows the block; false with errno if the file cannot be read. */
static bool seal_of(int fd, char seal[HASH_SIZE]) {
    struct stat info;
    if (fd < 0 || fstat(fd, &info)) return false;
    size_t size = (size_t)info.st_size;
    errno = EINVAL;
    if (size <= SEAL_BLOCK) return false;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED) return false;
    hash_bytes((const char *)bytes + SEAL_BLOCK, size - SEAL_BLOCK, seal);
    munmap(bytes, size);
    return true;
}

int hdf_check_seal(const char *path, fault_t *err) {
    char there[HASH_SIZE] = "", seal[HASH_SIZE] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
    if (!seal_of(fd, seal) || pread(fd, there, HASH_SIZE - 1, 0) != HASH_SIZE - 1 || strcmp(there, seal) != 0)
        ret = error_set(err, ERR_DATA, "%s: missing or damaged", path);
    if (fd >= 0) close(fd);
    return ret;
}

hid_t hdf_create(const char *path, bool sealed, fault_t *err) {
    hid_t fcpl = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(fcpl, false);
    if (sealed) H5Pset_userblock(fcpl, SEAL_BLOCK);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, H5P_DEFAULT);
    if (file < 0) { /* asked before the next call of HDF5, which forgets the error */
        hdf_fault(err, "%s: cannot create", path);
        if (err && !strstr(err->text, "disk full")) err->code = ERR_CANTCREATE;
        unlink(path); /* HDF5 may have begun it */
    }
    H5Pclose(fcpl);
    return file;
}

bool hdf_is_locked(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK; /* as HDF5 locks */
    if (fd >= 0) close(fd);
    return locked;
}

hid_t hdf_open(const char *path, fault_t *err) {
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file >= 0) return file;
    if (hdf_is_locked(path))
        error_set(err, ERR_NOINPUT, "%s: another program has it open for writing; close it there", path);
    else
        hdf_fault(err, "%s: cannot read as HDF5", path);
    if (err) err->code = ERR_NOINPUT;
    return file;
}

int hdf_close_written(hid_t file, const char *path, bool sealed, fault_t *err) {
    int ret = 0;
    char seal[HASH_SIZE];
    if (H5Fflush(file, H5F_SCOPE_GLOBAL) < 0) ret = hdf_fault(err, "%s: writing failed", path);
    if (H5Fclose(file) < 0 && !ret) ret = hdf_fault(err, "%s: closing failed", path);
    if (ret) return ret;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (sealed && (!seal_of(fd, seal) || pwrite(fd, seal, HASH_SIZE - 1, 0) != HASH_SIZE - 1))
        ret = error_set(err, ERR_IO, "%s: sealing failed: %s", path, strerror(errno));
    else if (fd < 0 || fsync(fd))
        ret = error_set(err, ERR_IO, "%s: making it durable failed: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return ret;
}

hid_t hdf_group(hid_t parent, const char *name, fault_t *err) {
    hid_t gcpl = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(gcpl, false);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, gcpl, H5P_DEFAULT);
    if (group < 0) hdf_fault(err, "group %s", name);
    H5Pclose(gcpl);
    return group;
}

bool hdf_has(hid_t parent, const char *name) {
    return H5Lexists(parent, name, H5P_DEFAULT) > 0;
}

/* ---- attributes ------------------------------------------------------------------------------------ */

int hdf_attr_array(hid_t object, const char *name, hid_t type, size_t n, const void *values, fault_t *err) {
    int ret = 0;
    hsize_t size = n;
    hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL);
    hid_t attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0 || H5Awrite(attr, type, values) < 0) ret = hdf_fault(err, "attribute %s", name);
    if (attr >= 0) H5Aclose(attr);
    H5Sclose(space);
    return ret;
}

static hid_t text_type(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

int hdf_attr_text(hid_t object, const char *name, const char *text, fault_t *err) {
    if (!text) return 0;
    size_t length = strlen(text);
    hid_t type = text_type(length ? length : 1);
    int ret = hdf_attr_array(object, name, type, 1, text, err);
    H5Tclose(type);
    return ret;
}

int hdf_attr_double(hid_t object, const char *name, double value, fault_t *err) {
    return hdf_attr_array(object, name, H5T_NATIVE_DOUBLE, 1, &value, err);
}

int hdf_attr_int(hid_t object, const char *name, int64_t value, fault_t *err) {
    return hdf_attr_array(object, name, H5T_NATIVE_INT64, 1, &value, err);
}

char *hdf_read_attr_text(hid_t object, const char *name) {
    if (H5Aexists(object, name) <= 0) return NULL;
    char *text = NULL;
    hid_t attr = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attr);
    if (H5Tget_class(type) == H5T_STRING && !H5Tis_variable_str(type)) {
        size_t size = H5Tget_size(type);
        text = mem_alloc(size + 1, 1);
        if (text && H5Aread(attr, type, text) < 0) {
            mem_free(text);
            text = NULL;
        }
    }
    H5Tclose(type);
    H5Aclose(attr);
    return text;
}

static bool read_attr(hid_t object, const char *name, hid_t type, void *value) {
    if (H5Aexists(object, name) <= 0) return false;
    hid_t attr = H5Aopen(object, name, H5P_DEFAULT);
    hid_t space = H5Aget_space(attr);
    bool ok = H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attr, type, value) >= 0;
    H5Sclose(space);
    H5Aclose(attr);
    H5Eclear2(H5E_DEFAULT);
    return ok;
}

bool hdf_read_attr_double(hid_t object, const char *name, double *value) {
    return read_attr(object, name, H5T_NATIVE_DOUBLE, value);
}

bool hdf_read_attr_int(hid_t object, const char *name, int64_t *value) {
    return read_attr(object, name, H5T_NATIVE_INT64, value);
}

/* ---- datasets -------------------------------------------------------------------------------------- */

static hid_t creation_plist(void) {
    hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_attr_creation_order(dcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(dcpl, false);
    return dcpl;
}

/* HDF5 takes and clears a megabyte for each conversion of texts if not told that less will do. */
static hid_t text_transfer(void) {
    hid_t dxpl = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_buffer(dxpl, 16384, NULL, NULL);
    return dxpl;
}

static hid_t variable_text_type(void) {
    return text_type(H5T_VARIABLE);
}

static void as_scale(hid_t dataset, const char *name, const char *long_name, fault_t *err) {
    if (H5DSset_scale(dataset, name) < 0) hdf_fault(err, "dimension %s", name);
    hdf_attr_text(dataset, "long_name", long_name, err);
}

static int write_texts(hid_t group, const char *name, hsize_t n, const char *const *texts, hid_t *made,
                       fault_t *err) {
    int ret = 0;
    hid_t type = variable_text_type(), space = H5Screate_simple(1, &n, NULL), dcpl = creation_plist(),
          dxpl = text_transfer();
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, dxpl, texts) < 0)
        ret = hdf_fault(err, "texts %s", name);
    H5Pclose(dxpl);
    H5Pclose(dcpl);
    H5Sclose(space);
    H5Tclose(type);
    *made = dataset;
    return ret;
}

int hdf_scale_names(hid_t group, const char *name, size_t n, const char *const *names, const char *long_name,
                    fault_t *err) {
    fault_t own = {0};
    if (!err) err = &own;
    hid_t dataset;
    int ret = write_texts(group, name, n, names, &dataset, err);
    if (!ret) {
        as_scale(dataset, name, long_name, err);
        ret = err->code;
    }
    if (dataset >= 0) H5Dclose(dataset);
    return ret;
}

static hid_t make_scale(hid_t group, const char *name, hid_t type, hsize_t n, bool growing, hid_t dcpl) {
    hsize_t most = growing ? H5S_UNLIMITED : n;
    hid_t space = H5Screate_simple(1, &n, &most);
    if (growing) {
        hsize_t chunk = n > 0 && n < 65536 ? n : 65536; /* none yet: it will grow */
        H5Pset_chunk(dcpl, 1, &chunk);
        H5Pset_deflate(dcpl, 1);
    }
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    H5Pclose(dcpl);
    H5Sclose(space);
    return dataset;
}

hid_t hdf_scale_numbers(hid_t group, const char *name, hid_t type, size_t n, bool growing, const void *values,
                        const char *long_name, fault_t *err) {
    hid_t dataset = make_scale(group, name, type, n, growing, creation_plist());
    if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        hdf_fault(err, "dimension %s", name);
        if (dataset >= 0) H5Dclose(dataset);
        return -1;
    }
    as_scale(dataset, name, long_name, err);
    return dataset;
}

int hdf_scale_plain(hid_t group, const char *name, size_t n, bool stored, fault_t *err) {
    hid_t dcpl = creation_plist();
    if (stored) {
        H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY);
        H5Pset_fill_time(dcpl, H5D_FILL_TIME_ALLOC);
    }
    hid_t dataset = make_scale(group, name, H5T_IEEE_F32BE, n, true, dcpl);
    if (dataset < 0) return hdf_fault(err, "dimension %s", name);
    /* The text by which netCDF-4 knows a dimension that is no variable. */
    char text[64];
    snprintf(text, sizeof text, "This is a netCDF dimension but not a netCDF variable.%10zu", n);
    int ret = H5DSset_scale(dataset, text) < 0 ? hdf_fault(err, "dimension %s", name) : 0;
    H5Dclose(dataset);
    return ret;
}

size_t hdf_scale_size(hid_t group, const char *name) {
    if (!hdf_has(group, name)) return 0;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return 0;
    hid_t space = H5Dget_space(dataset);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(dataset);
    return n < 0 ? 0 : (size_t)n;
}

static int set_fill(hid_t dataset, hid_t dcpl, hid_t type, fault_t *err) {
    if (H5Tget_class(type) != H5T_FLOAT) return 0;
    if (dataset < 0) {
        double nan = NAN;
        H5Pset_fill_value(dcpl, H5T_NATIVE_DOUBLE, &nan);
        return 0;
    }
    float nan_float = NAN;
    double nan = NAN;
    bool single = H5Tget_size(type) == sizeof(float);
    return hdf_attr_array(dataset, "_FillValue", type, 1, single ? (void *)&nan_float : (void *)&nan, err);
}

hid_t hdf_variable(hid_t group, const variable_t *v, fault_t *err) {
    char dims[160], *rest = dims;
    snprintf(dims, sizeof dims, "%s", v->dims);
    int rank = 0;
    hsize_t size[HDF_MAX_RANK], most[HDF_MAX_RANK], chunk[HDF_MAX_RANK];
    hid_t scales[HDF_MAX_RANK], dataset = -1;
    for (char *name; (name = strsep(&rest, " "));) {
        hid_t scale = rank < HDF_MAX_RANK ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
        if (scale < 0) {
            hdf_fault(err, "variable %s: dimension %s", v->name, name);
            goto out;
        }
        hid_t space = H5Dget_space(scale);
        H5Sget_simple_extent_dims(space, &size[rank], &most[rank]);
        H5Sclose(space);
        chunk[rank] = v->chunk[rank] ? v->chunk[rank] : size[rank];
        if (most[rank] == H5S_UNLIMITED) {
            if (!v->chunk[rank] && chunk[rank] > 65536) chunk[rank] = 65536;
        } else if (chunk[rank] > size[rank]) {
            chunk[rank] = size[rank];
        }
        if (!chunk[rank]) chunk[rank] = 1;
        scales[rank++] = scale;
    }
    hid_t dcpl = creation_plist(), space = H5Screate_simple(rank, size, most);
    H5Pset_chunk(dcpl, rank, chunk);
    if (v->shuffle && !v->plain) H5Pset_shuffle(dcpl);
    if (!v->plain) H5Pset_deflate(dcpl, 1);
    set_fill(-1, dcpl, v->type, err);
    dataset = H5Dcreate2(group, v->name, v->type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    H5Pclose(dcpl);
    H5Sclose(space);
    bool failed = dataset < 0 || set_fill(dataset, -1, v->type, err) < 0 ||
                  hdf_attr_text(dataset, "long_name", v->long_name, err) < 0 ||
                  hdf_attr_text(dataset, "units", v->units, err) < 0;
    for (int d = 0; d < rank && !failed; d++) failed = H5DSattach_scale(dataset, scales[d], (unsigned)d) < 0;
    if (failed) {
        hdf_fault(err, "variable %s", v->name);
        if (dataset >= 0) H5Dclose(dataset);
        dataset = -1;
    }
out:
    while (rank) H5Dclose(scales[--rank]);
    return dataset;
}

int hdf_variable_write(hid_t group, const variable_t *v, hid_t memory_type, const void *values,
                       fault_t *err) {
    hid_t dataset = hdf_variable(group, v, err);
    if (dataset < 0) return ERR_IO;
    int ret = 0;
    if (H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        ret = hdf_fault(err, "writing %s", v->name);
    H5Dclose(dataset);
    return ret;
}

static int box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count, void *values,
               bool write, fault_t *err) {
    int ret = 0;
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    hid_t memory = H5Screate_simple(rank, count, NULL);
    if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        (write ? H5Dwrite(dataset, memory_type, memory, space, H5P_DEFAULT, values)
               : H5Dread(dataset, memory_type, memory, space, H5P_DEFAULT, values)) < 0)
        ret = write ? hdf_fault(err, "writing") : hdf_fault_read(err, "reading");
    H5Sclose(memory);
    H5Sclose(space);
    return ret;
}

int hdf_write_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count,
                  const void *values, fault_t *err) {
    return box(dataset, memory_type, start, count, (void *)(uintptr_t)values, true, err);
}

int hdf_read_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count, void *values,
                 fault_t *err) {
    return box(dataset, memory_type, start, count, values, false, err);
}

int hdf_read_all(hid_t group, const char *name, hid_t memory_type, size_t n, void *values, fault_t *err) {
    int ret = 0;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return hdf_fault_read(err, "reading %s", name);
    hid_t space = H5Dget_space(dataset);
    if (H5Sget_simple_extent_npoints(space) != (hssize_t)n)
        ret = error_set(err, ERR_DATA, "%s has another size than expected", name);
    else if (n && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        ret = hdf_fault_read(err, "reading %s", name);
    H5Sclose(space);
    H5Dclose(dataset);
    return ret;
}

int hdf_read_texts(hid_t group, const char *name, size_t *n, char ***texts, fault_t *err) {
    int ret = 0;
    *n = 0;
    *texts = NULL;
    char **raw = NULL;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0) return hdf_fault(err, "reading %s", name);
    hid_t space = H5Dget_space(dataset), type = variable_text_type();
    hssize_t count = H5Sget_simple_extent_npoints(space);
    if (count < 0) count = 0;
    raw = mem_alloc((size_t)count, sizeof *raw);
    *texts = mem_alloc((size_t)count, sizeof **texts);
    if (!raw || !*texts) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
    } else if (count && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0) {
        ret = hdf_fault(err, "reading %s", name);
    } else {
        *n = (size_t)count;
        for (size_t i = 0; i < *n; i++) {
            const char *text = raw[i] ? raw[i] : "";
            (*texts)[i] = mem_alloc(strlen(text) + 1, 1);
            if ((*texts)[i])
                memcpy((*texts)[i], text, strlen(text) + 1);
            else
                ret = error_set(err, ERR_NOMEM, "out of memory");
        }
        if (count) H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw);
    }
    mem_free(raw);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
    if (ret) {
        hdf_free_texts(*n, *texts);
        *n = 0;
        *texts = NULL;
    }
    return ret;
}

void hdf_free_texts(size_t n, char **texts) {
    for (size_t i = 0; texts && i < n; i++) mem_free(texts[i]);
    mem_free(texts);
}

int hdf_write_texts(hid_t group, const char *name, const char *dim, const char *const *texts,
                    const char *long_name, fault_t *err) {
    hid_t dataset = -1, scale = H5Dopen2(group, dim, H5P_DEFAULT);
    int ret = write_texts(group, name, hdf_scale_size(group, dim), texts, &dataset, err);
    if (!ret) ret = hdf_attr_text(dataset, "long_name", long_name, err);
    if (!ret && (scale < 0 || H5DSattach_scale(dataset, scale, 0) < 0))
        ret = hdf_fault(err, "texts %s", name);
    if (dataset >= 0) H5Dclose(dataset);
    if (scale >= 0) H5Dclose(scale);
    return ret;
}

int hdf_write_text(hid_t group, const char *name, const char *text, fault_t *err) {
    int ret = 0;
    hid_t type = variable_text_type(), space = H5Screate(H5S_SCALAR), dcpl = creation_plist();
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0)
        ret = hdf_fault(err, "text %s", name);
    if (dataset >= 0) H5Dclose(dataset);
    H5Pclose(dcpl);
    H5Sclose(space);
    H5Tclose(type);
    return ret;
}
