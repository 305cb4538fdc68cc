#include "store/file/store_hdf.h"

#include "base/mem.h"
#include "store/file/store_driver.h"
#include <assert.h>
#include <errno.h>
#include <hdf5_hl.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_MOST ((size_t)32 << 20) /* bytes of chunks that a variable keeps open */
#define CACHE_SLOTS 10007

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

int hdf_fault_write(hid_t dataset, fault_t *err) {
    char path[256] = "";
    hid_t stack = H5Eget_current_stack(); /* the next call would forget it */
    H5Iget_name(dataset, path, sizeof path);
    H5Eset_current_stack(stack);
    return hdf_fault(err, "writing %s", *path ? path + 1 : "a dataset");
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
    H5dont_atexit(); /* a file that is still open then is one given up */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

int hdf_close(hid_t id, int ret, fault_t *err) {
    if (id < 0) return ret;
    if (H5Idec_ref(id) >= 0) return ret;
    return ret ? ret : hdf_fault(err, "closing");
}

/* ---- files and groups ------------------------------------------------------------------------------ */

static hid_t creation_of_file(void) {
    hid_t fcpl = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(fcpl, false);
    return fcpl;
}

hid_t hdf_create(sealed_t *disk, const char *path, fault_t *err) {
    hid_t fcpl = creation_of_file(), access = driver_access(disk);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, fcpl, access);
    if (file < 0)
        hdf_fault(err, "%s: cannot create", path); /* asked before the next call, which forgets it */
    int ret = hdf_close(access, hdf_close(fcpl, 0, err), err);
    if (file < 0 || !ret) return file;
    hdf_close(file, ret, err);
    return -1;
}

hid_t hdf_open(sealed_t *disk, const char *path, fault_t *err) {
    hid_t access = driver_access(disk), file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (file < 0 && hdf_fault_read(err, "%s: cannot read as HDF5", path) == ERR_DATA && err)
        err->code = ERR_NOINPUT;
    if (!hdf_close(access, 0, err) || file < 0) return file;
    hdf_close(file, 0, err);
    return -1;
}

int hdf_close_written(hid_t file, sealed_t *disk, const char *path, fault_t *err) {
    int ret = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? hdf_fault(err, "%s: writing failed", path) : 0;
    if (H5Fclose(file) < 0 && !ret) ret = hdf_fault(err, "%s: closing failed", path);
    return ret ? ret : sealed_trouble(disk, err);
}

hid_t hdf_group(hid_t parent, const char *name, fault_t *err) {
    hid_t gcpl = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(gcpl, false);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, gcpl, H5P_DEFAULT);
    if (group < 0) hdf_fault(err, "group %s", name);
    if (!hdf_close(gcpl, 0, err) || group < 0) return group;
    hdf_close(group, 0, err);
    return -1;
}

/* ---- datasets -------------------------------------------------------------------------------------- */

hid_t hdf_text_type(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && H5Tset_size(type, size) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0) return type;
    hdf_close(type, 0, NULL);
    return -1;
}

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

static int as_scale(hid_t dataset, const char *name, const char *long_name, fault_t *err) {
    if (H5DSset_scale(dataset, name) < 0) return hdf_fault(err, "dimension %s", name);
    return hdf_attr_text(dataset, "long_name", long_name, err);
}

static int write_texts(hid_t group, const char *name, hsize_t n, const char *const *texts, hid_t *made,
                       fault_t *err) {
    int ret = 0;
    hid_t type = hdf_text_type(H5T_VARIABLE), space = H5Screate_simple(1, &n, NULL), dcpl = creation_plist(),
          dxpl = text_transfer();
    hid_t dataset = *made = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, dxpl, texts) < 0)
        ret = hdf_fault(err, "texts %s", name);
    ret = hdf_close(dxpl, ret, err);
    ret = hdf_close(dcpl, ret, err);
    ret = hdf_close(space, ret, err);
    return hdf_close(type, ret, err);
}

int hdf_scale_names(hid_t group, const char *name, size_t n, const char *const *names, const char *long_name,
                    fault_t *err) {
    hid_t dataset;
    int ret = write_texts(group, name, n, names, &dataset, err);
    if (!ret) ret = as_scale(dataset, name, long_name, err);
    return hdf_close(dataset, ret, err);
}

static hid_t make_scale(hid_t group, const char *name, hid_t type, hsize_t n, bool growing, hid_t dcpl,
                        fault_t *err) {
    hsize_t most = growing ? H5S_UNLIMITED : n, chunk = n > 0 && n < 65536 ? n : 65536; /* 0: it will grow */
    hid_t space = H5Screate_simple(1, &n, &most), dataset = -1;
    if (!growing || (H5Pset_chunk(dcpl, 1, &chunk) >= 0 && H5Pset_deflate(dcpl, 1) >= 0))
        dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (dataset < 0) hdf_fault(err, "dimension %s", name);
    if (!hdf_close(space, hdf_close(dcpl, 0, err), err) || dataset < 0) return dataset;
    hdf_close(dataset, 0, err);
    return -1;
}

hid_t hdf_scale_numbers(hid_t group, const char *name, hid_t type, size_t n, bool growing, const void *values,
                        const char *long_name, fault_t *err) {
    hid_t dataset = make_scale(group, name, type, n, growing, creation_plist(), err);
    if (dataset < 0) return -1;
    int ret = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0
                  ? hdf_fault(err, "dimension %s", name)
                  : as_scale(dataset, name, long_name, err);
    if (!ret) return dataset;
    hdf_close(dataset, ret, err);
    return -1;
}

int hdf_scale_plain(hid_t group, const char *name, size_t n, bool stored, fault_t *err) {
    hid_t dcpl = creation_plist();
    if (stored) {
        H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY);
        H5Pset_fill_time(dcpl, H5D_FILL_TIME_ALLOC);
    }
    hid_t dataset = make_scale(group, name, H5T_IEEE_F32BE, n, true, dcpl, err);
    if (dataset < 0) return ERR_IO;
    /* The text by which netCDF-4 knows a dimension that is no variable. */
    char text[64];
    snprintf(text, sizeof text, "This is a netCDF dimension but not a netCDF variable.%10zu", n);
    int ret = H5DSset_scale(dataset, text) < 0 ? hdf_fault(err, "dimension %s", name) : 0;
    return hdf_close(dataset, ret, err);
}

static int set_fill(hid_t dataset, hid_t dcpl, hid_t type, fault_t *err) {
    if (H5Tget_class(type) != H5T_FLOAT) return 0;
    if (dataset < 0) {
        double nan = NAN;
        return H5Pset_fill_value(dcpl, H5T_NATIVE_DOUBLE, &nan) < 0 ? hdf_fault(err, "fill value") : 0;
    }
    float nan_float = NAN;
    double nan = NAN;
    bool single = H5Tget_size(type) == sizeof(float);
    return hdf_attr_array(dataset, "_FillValue", type, 1, single ? (void *)&nan_float : (void *)&nan, err);
}

/* The dimensions of a variable: open scales and their sizes. Closed by the caller. */
static int open_scales(hid_t group, const variable_t *v, hid_t *scales, hsize_t *size, hsize_t *most,
                       int *rank, fault_t *err) {
    char dims[160], *rest = dims;
    int ret = 0;
    *rank = 0;
    snprintf(dims, sizeof dims, "%s", v->dims);
    for (char *name; !ret && (name = strsep(&rest, " "));) {
        hid_t scale = *rank < HDF_MAX_RANK ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
        if (scale < 0) return hdf_fault(err, "variable %s: dimension %s", v->name, name);
        scales[*rank] = scale;
        hid_t space = H5Dget_space(scale);
        if (space < 0 || H5Sget_simple_extent_dims(space, &size[*rank], &most[*rank]) != 1)
            ret = hdf_fault(err, "variable %s: dimension %s", v->name, name);
        ++*rank;
        ret = hdf_close(space, ret, err);
    }
    return ret;
}

/* Keeps the chunks open that lie side by side: few replicates more do not have each compressed anew. */
static hid_t access_plist(const variable_t *v, int rank, const hsize_t *size, const hsize_t *chunk) {
    size_t bytes = H5Tget_size(v->type);
    for (int d = 0; d < rank; d++) bytes *= chunk[d] * (v->chunk[d] == 1 ? size[d] : 1);
    hid_t dapl = H5Pcreate(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(dapl, CACHE_SLOTS, bytes < CACHE_MOST ? bytes : CACHE_MOST, 1);
    return dapl;
}

static hid_t make_variable(hid_t group, const variable_t *v, int rank, const hsize_t *size,
                           const hsize_t *most, fault_t *err) {
    hsize_t chunk[HDF_MAX_RANK];
    assert(rank <= HDF_MAX_RANK && size && most);
    for (int d = 0; d < rank; d++) {
        chunk[d] = v->chunk[d] ? v->chunk[d] : size[d];
        if (most[d] == H5S_UNLIMITED) {
            if (!v->chunk[d] && chunk[d] > 65536) chunk[d] = 65536;
        } else if (chunk[d] > size[d]) {
            chunk[d] = size[d];
        }
        if (!chunk[d]) chunk[d] = 1;
    }
    hid_t dcpl = creation_plist(), dapl = access_plist(v, rank, size, chunk),
          space = H5Screate_simple(rank, size, most), dataset = -1;
    if (H5Pset_chunk(dcpl, rank, chunk) >= 0 && (!v->shuffle || H5Pset_shuffle(dcpl) >= 0) &&
        H5Pset_deflate(dcpl, 1) >= 0 && set_fill(-1, dcpl, v->type, err) >= 0)
        dataset = H5Dcreate2(group, v->name, v->type, space, H5P_DEFAULT, dcpl, dapl);
    if (dataset < 0) hdf_fault(err, "variable %s", v->name);
    if (!hdf_close(space, hdf_close(dapl, hdf_close(dcpl, 0, err), err), err) || dataset < 0) return dataset;
    hdf_close(dataset, 0, err);
    return -1;
}

hid_t hdf_variable(hid_t group, const variable_t *v, fault_t *err) {
    hsize_t size[HDF_MAX_RANK] = {0}, most[HDF_MAX_RANK] = {0};
    hid_t scales[HDF_MAX_RANK], dataset = -1;
    int rank, ret = 0;
    TRY(open_scales(group, v, scales, size, most, &rank, err));
    dataset = make_variable(group, v, rank, size, most, err);
    if (dataset < 0) TRY(ERR_IO);
    TRY(set_fill(dataset, -1, v->type, err));
    TRY(hdf_attr_text(dataset, "long_name", v->long_name, err));
    TRY(hdf_attr_text(dataset, "units", v->units, err));
    for (int d = 0; d < rank && !ret; d++)
        if (H5DSattach_scale(dataset, scales[d], (unsigned)d) < 0)
            ret = hdf_fault(err, "variable %s", v->name);
out:
    while (rank) ret = hdf_close(scales[--rank], ret, err);
    if (!ret) return dataset;
    hdf_close(dataset, ret, err);
    return -1;
}

int hdf_variable_write(hid_t group, const variable_t *v, hid_t memory_type, const void *values,
                       fault_t *err) {
    hid_t dataset = hdf_variable(group, v, err);
    if (dataset < 0) return ERR_IO;
    int ret = H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0
                  ? hdf_fault(err, "writing %s", v->name)
                  : 0;
    return hdf_close(dataset, ret, err);
}

static int box_fault(hid_t dataset, bool write, fault_t *err) {
    char name[256] = "";
    hid_t stack = H5Eget_current_stack(); /* which asking for the name would clear */
    H5Iget_name(dataset, name, sizeof name);
    H5Eset_current_stack(stack);
    const char *path = name + (*name == '/');
    return write ? hdf_fault(err, "writing %s", path) : hdf_fault_read(err, "reading %s", path);
}

static int box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count, void *values,
               bool write, fault_t *err) {
    int ret = 0;
    hid_t space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    hid_t memory = rank < 1 || rank > HDF_MAX_RANK ? -1 : H5Screate_simple(rank, count, NULL);
    if (memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        (write ? H5Dwrite(dataset, memory_type, memory, space, H5P_DEFAULT, values)
               : H5Dread(dataset, memory_type, memory, space, H5P_DEFAULT, values)) < 0)
        ret = box_fault(dataset, write, err);
    return hdf_close(memory, hdf_close(space, ret, err), err);
}

int hdf_write_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count,
                  const void *values, fault_t *err) {
    return box(dataset, memory_type, start, count, (void *)(uintptr_t)values, true, err);
}

int hdf_read_box(hid_t dataset, hid_t memory_type, const hsize_t *start, const hsize_t *count, void *values,
                 fault_t *err) {
    return box(dataset, memory_type, start, count, values, false, err);
}

/* Opens a dataset that should have n values. */
static int open_sized(hid_t group, const char *name, size_t n, hid_t *dataset, fault_t *err) {
    *dataset = H5Dopen2(group, name, H5P_DEFAULT);
    hid_t space = *dataset < 0 ? -1 : H5Dget_space(*dataset);
    hssize_t there = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    int ret = there < 0              ? hdf_fault_read(err, "reading %s", name)
              : there != (hssize_t)n ? error_set(err, ERR_DATA, "%s has another size than expected", name)
                                     : 0;
    return hdf_close(space, ret, err);
}

int hdf_read_all(hid_t group, const char *name, hid_t memory_type, size_t n, void *values, fault_t *err) {
    hid_t dataset;
    int ret = open_sized(group, name, n, &dataset, err);
    if (!ret && n && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        ret = hdf_fault_read(err, "reading %s", name);
    return hdf_close(dataset, ret, err);
}

static int copy_texts(const char *const *from, size_t n, char **to, fault_t *err) {
    assert(from && to);
    for (size_t i = 0; i < n; i++) {
        const char *text = from[i] ? from[i] : "";
        size_t size = strlen(text) + 1;
        to[i] = mem_alloc(size, 1);
        if (!to[i]) return error_memory(err);
        memcpy(to[i], text, size);
    }
    return 0;
}

int hdf_read_texts(hid_t group, const char *name, size_t n, char ***texts, fault_t *err) {
    hid_t dataset, type = -1, space = -1;
    char **raw = NULL;
    int ret = 0;
    *texts = NULL;
    TRY(open_sized(group, name, n, &dataset, err));
    raw = mem_alloc(n, sizeof *raw);
    *texts = mem_alloc(n, sizeof **texts);
    TRY_MEM(raw && *texts);
    type = hdf_text_type(H5T_VARIABLE);
    space = H5Dget_space(dataset);
    if (type < 0 || space < 0 || (n && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0))
        TRY(hdf_fault_read(err, "reading %s", name));
    ret = copy_texts((const char *const *)raw, n, *texts, err);
    if (n && H5Dvlen_reclaim(type, space, H5P_DEFAULT, raw) < 0 && !ret)
        ret = hdf_fault_read(err, "reading %s", name);
out:
    mem_free(raw);
    ret = hdf_close(type, ret, err);
    ret = hdf_close(space, ret, err);
    ret = hdf_close(dataset, ret, err);
    if (ret) {
        hdf_free_texts(n, *texts);
        *texts = NULL;
    }
    return ret;
}

void hdf_free_texts(size_t n, char **texts) {
    for (size_t i = 0; texts && i < n; i++) mem_free(texts[i]);
    mem_free(texts);
}

int hdf_write_texts(hid_t group, const char *name, const char *dim, size_t n, const char *const *texts,
                    const char *long_name, fault_t *err) {
    hid_t dataset = -1, scale = H5Dopen2(group, dim, H5P_DEFAULT);
    int ret = scale < 0 ? hdf_fault(err, "texts %s", name) : 0;
    if (!ret) ret = write_texts(group, name, n, texts, &dataset, err);
    if (!ret) ret = hdf_attr_text(dataset, "long_name", long_name, err);
    if (!ret && H5DSattach_scale(dataset, scale, 0) < 0) ret = hdf_fault(err, "texts %s", name);
    return hdf_close(scale, hdf_close(dataset, ret, err), err);
}

int hdf_write_labels(hid_t group, const char *dim, size_t n, const char **labels, fault_t *err) {
    bool any = false;
    char name[32];
    for (size_t i = 0; i < n; i++) {
        if (!labels[i]) labels[i] = "";
        any |= *labels[i] != 0;
    }
    snprintf(name, sizeof name, "%s_label", dim);
    return any ? hdf_write_texts(group, name, dim, n, labels, "the scenario's label, or \"\"", err) : 0;
}

int hdf_write_text(hid_t group, const char *name, const char *text, fault_t *err) {
    int ret = 0;
    hid_t type = hdf_text_type(H5T_VARIABLE), space = H5Screate(H5S_SCALAR), dcpl = creation_plist();
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0)
        ret = hdf_fault(err, "text %s", name);
    ret = hdf_close(dataset, ret, err);
    ret = hdf_close(dcpl, ret, err);
    ret = hdf_close(space, ret, err);
    return hdf_close(type, ret, err);
}
