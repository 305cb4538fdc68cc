/* Reading of final files (and of parts, while a run is under way). */
#include "base/mem.h"
#include "io/store_file.h"
#include <string.h>

hid_t store_dataset(store_t *self, const char *path, fault_t *err) {
    hid_t dataset = H5Dopen2(self->file, path, H5P_DEFAULT);
    if (dataset < 0) hdf_fault(err, "%s: no %s", self->path, path);
    return dataset;
}

size_t store_size(store_t *self, const char *dimension) {
    return hdf_scale_size(self->file, dimension);
}

/* Every link of the path must be there, and H5Lexists looks at the last one only. */
bool store_has(store_t *self, const char *path) {
    char part[PARAM_PATH_BYTES];
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
        size_t length = (size_t)(slash - path);
        if (length == 0 || length >= sizeof part) return false;
        memcpy(part, path, length);
        part[length] = '\0';
        if (!hdf_has(self->file, part)) return false;
    }
    return hdf_has(self->file, path);
}

int store_names(store_t *self, const char *path, size_t *n, char ***names, fault_t *err) {
    *n = 0;
    *names = NULL;
    if (!store_has(self, path)) return error_set(err, ERR_DATA, "%s: no %s", self->path, path);
    return hdf_read_texts(self->file, path, n, names, err);
}

void store_free_names(size_t n, char **names) {
    hdf_free_texts(n, names);
}

int store_numbers(store_t *self, const char *path, size_t n, double *values, fault_t *err) {
    if (!store_has(self, path)) return error_set(err, ERR_DATA, "%s: no %s", self->path, path);
    return hdf_read_all(self->file, path, H5T_NATIVE_DOUBLE, n, values, err);
}

static hid_t open_group(store_t *self, const char *group) {
    return *group ? H5Gopen2(self->file, group, H5P_DEFAULT) : H5Gopen2(self->file, "/", H5P_DEFAULT);
}

char *store_attribute(store_t *self, const char *group, const char *name) {
    if (*group && !store_has(self, group)) return NULL;
    hid_t object = open_group(self, group);
    if (object < 0) return NULL;
    char *text = hdf_read_attr_text(object, name);
    H5Gclose(object);
    return text;
}

bool store_attribute_number(store_t *self, const char *group, const char *name, double *value) {
    if (*group && !store_has(self, group)) return false;
    hid_t object = open_group(self, group);
    if (object < 0) return false;
    bool ok = hdf_read_attr_double(object, name, value);
    H5Gclose(object);
    return ok;
}

bool store_seed(store_t *self, uint64_t *seed) {
    hid_t attr = H5Aopen(self->file, "seed", H5P_DEFAULT);
    if (attr < 0) return false;
    bool ok = H5Aread(attr, H5T_NATIVE_UINT64, seed) >= 0;
    H5Aclose(attr);
    return ok;
}

double store_start_day(store_t *self) {
    double day = 0;
    hdf_read_attr_double(self->file, "start_day", &day);
    return day;
}

char *store_text(store_t *self, const char *path, fault_t *err) {
    size_t n;
    char **texts, *text = NULL;
    if (store_names(self, path, &n, &texts, err)) return NULL;
    if (n) {
        text = texts[0];
        texts[0] = NULL;
    }
    store_free_names(n, texts);
    return text;
}

/* A box of one point and one variant (-1: without that axis): replicates [first, first + n) and `rest` behind
 * them. */
static int read_column(store_t *self, const char *name, hid_t type, int point, int variant, uint32_t first,
                       uint32_t n, int n_rest, const hsize_t *rest_start, const hsize_t *rest_count,
                       void *values, fault_t *err) {
    hsize_t start[HDF_MAX_RANK] = {0}, count[HDF_MAX_RANK];
    int axis = 0;
    if (!store_has(self, name)) return error_set(err, ERR_DATA, "%s: no %s", self->path, name);
    hid_t dataset = store_dataset(self, name, err);
    if (dataset < 0) return err->code;
    if (self->has_point) {
        start[axis] = (hsize_t)(point < 0 ? 0 : point);
        count[axis++] = 1;
    }
    if (variant >= 0) {
        start[axis] = (hsize_t)variant;
        count[axis++] = 1;
    }
    start[axis] = first;
    count[axis++] = n;
    for (int i = 0; i < n_rest; i++) {
        start[axis] = rest_start[i];
        count[axis++] = rest_count[i];
    }
    int ret = hdf_read_box(dataset, type, start, count, values, err);
    H5Dclose(dataset);
    return ret;
}

int store_read_quantities(store_t *self, int point, int variant, uint32_t first, uint32_t n, double *values,
                          fault_t *err) {
    hsize_t zero = 0, all = store_size(self, "quantity");
    return read_column(self, "quantity_value", H5T_NATIVE_DOUBLE, point, variant, first, n, 1, &zero, &all,
                       values, err);
}

int store_read_status(store_t *self, int point, int variant, uint32_t first, uint32_t n, int8_t *status,
                      fault_t *err) {
    return read_column(self, "status", H5T_NATIVE_INT8, point, variant, first, n, 0, NULL, NULL, status, err);
}

int store_read_draws(store_t *self, int point, uint32_t first, uint32_t n, double *values, fault_t *err) {
    hsize_t zero = 0, all = store_size(self, "parameter");
    return read_column(self, "drawn", H5T_NATIVE_DOUBLE, point, -1, first, n, 1, &zero, &all, values, err);
}

int store_read_trajectory(store_t *self, const char *name, int point, int variant, uint32_t first, uint32_t n,
                          int time, int item, float *values, fault_t *err) {
    hsize_t start[2] = {(hsize_t)time, (hsize_t)item}, count[2] = {1, 1};
    return read_column(self, name, H5T_NATIVE_FLOAT, point, variant, first, n, 2, start, count, values, err);
}
