/* Reading of finished files. */
#include "base/mem.h"
#include "store/store_file.h"
#include "text/source.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- checks at opening ---------------------------------------------------------------------- */

size_t store_size(const store_t *self, const char *dimension) {
    const entry_t *entry = catalogue_object(&self->catalogue, dimension);
    return entry && entry->rank == 1 ? entry->size[0] : 0;
}

bool store_has(const store_t *self, const char *path) {
    return catalogue_object(&self->catalogue, path);
}

const char *store_attribute(const store_t *self, const char *group, const char *name) {
    const attribute_t *attribute = catalogue_attribute(&self->catalogue, group, name);
    return attribute ? attribute->text : NULL;
}

double store_attribute_number(const store_t *self, const char *group, const char *name, double absent) {
    const attribute_t *attribute = catalogue_attribute(&self->catalogue, group, name);
    return attribute ? attribute->number : absent;
}

uint64_t store_seed(const store_t *self) {
    return catalogue_attribute(&self->catalogue, "", "seed")->whole;
}

double store_start_day(const store_t *self) {
    return catalogue_attribute(&self->catalogue, "", "start_day")->number;
}

/* ---- whole datasets
 * ---------------------------------------------------------------------------------------- */

/* The means of a histogram require its entries in order, each with a valid cell.
 * */
static int check_counts(const store_t *self, tally_kind_t kind, const counts_t *counts, fault_t *err) {
    uint64_t cells = (uint64_t)store_size(self, "variant") * store_size(self, "time") *
                     store_size(self, kind == TALLY_TRADE ? "flow" : "tie");
    for (size_t i = 0; i < counts->n; i++) {
        bool ordered = !i || counts->cell[i] > counts->cell[i - 1] ||
                       (counts->cell[i] == counts->cell[i - 1] && counts->code[i] > counts->code[i - 1]);
        if (!ordered || counts->cell[i] >= cells || !counts->count[i])
            return error_set(err, ERR_DATA, "%s: histogram/%s: entry %zu is none", self->path,
                             tally_names[kind], i);
    }
    return 0;
}

/* A fault in a file is reported with the file's name. */
static int named(const store_t *self, int ret, const fault_t *own, fault_t *err) {
    return ret ? error_set(err, ret, "%s: %s", self->path, own->text) : 0;
}

/* Names go to messages and JSON, so they must be UTF-8; paths and settings of the provenance may be any
 * bytes. */
static int check_text(const char *path, const char *text, fault_t *err) {
    size_t left = strlen(text);
    for (size_t n; left && strncmp(path, "provenance/", 11) != 0; text += n, left -= n)
        if (!(n = source_utf8_length(text, left)))
            return error_set(err, ERR_DATA, "%s: a name is not valid UTF-8", path);
    return 0;
}

int store_names(store_t *self, const char *path, size_t *n, char ***names, fault_t *err) {
    const entry_t *entry = catalogue_object(&self->catalogue, path);
    fault_t own = {0};
    *names = NULL;
    if (!entry || entry->rank > 1) return error_set(err, ERR_DATA, "%s: no %s", self->path, path);
    size_t count = entry->rank ? entry->size[0] : 1;
    int ret = hdf_read_texts(self->file, path, count, names, &own);
    for (size_t i = 0; i < count && !ret; i++) ret = check_text(path, (*names)[i], &own);
    if (!ret) {
        *n = count;
    } else {
        hdf_free_texts(count, *names);
        *names = NULL;
    }
    return named(self, ret, &own, err);
}

void store_free_names(size_t n, char **names) {
    hdf_free_texts(n, names);
}

int store_text(store_t *self, const char *path, char **text, fault_t *err) {
    size_t n = 0;
    char **texts;
    *text = NULL;
    int ret = store_names(self, path, &n, &texts, err);
    if (ret) return ret;
    if (n != 1) ret = error_set(err, ERR_DATA, "%s: %s is not one text", self->path, path);
    if (!ret && texts) {
        *text = texts[0];
        texts[0] = NULL;
    }
    store_free_names(n, texts);
    return ret;
}

static int read_whole(store_t *self, const char *path, hid_t type, size_t n, void *values, fault_t *err) {
    fault_t own = {0};
    object_t object;
    int ret = hdf_look(self->file, path, sealed_size(self->disk), &object, &own);
    if (!ret && (!object.there || object.group)) ret = error_set(&own, ERR_DATA, "no %s", path);
    ret = hdf_close(object.type, ret, &own);
    if (!ret) ret = hdf_read_all(self->file, path, type, n, values, &own);
    return named(self, ret, &own, err);
}

int store_numbers(store_t *self, const char *path, size_t n, double *values, fault_t *err) {
    return read_whole(self, path, H5T_NATIVE_DOUBLE, n, values, err);
}

int store_days(store_t *self, const char *path, size_t n, double *days, fault_t *err) {
    int ret = store_numbers(self, path, n, days, err);
    for (size_t i = 0; i < n && !ret; i++)
        if (!(fabs(days[i]) <= CATALOGUE_MOST_DAYS))
            ret = error_set(err, ERR_DATA, "%s: %s: %g is no day", self->path, path, days[i]);
    return ret;
}

int store_integers(store_t *self, const char *path, size_t n, int64_t *values, fault_t *err) {
    return read_whole(self, path, H5T_NATIVE_INT64, n, values, err);
}

int store_read_counts(store_t *self, tally_kind_t kind, counts_t *counts, fault_t *err) {
    char path[64];
    *counts = (counts_t){0};
    snprintf(path, sizeof path, "histogram/%s/entry", tally_names[kind]);
    size_t n = store_size(self, path);
    if (!n) return 0;
    int ret = 0;
    if (counts_init(counts, n) < 0) return error_memory(err);
    snprintf(path, sizeof path, "histogram/%s/cell", tally_names[kind]);
    TRY(read_whole(self, path, H5T_NATIVE_UINT32, n, counts->cell, err));
    snprintf(path, sizeof path, "histogram/%s/code", tally_names[kind]);
    TRY(read_whole(self, path, H5T_NATIVE_INT32, n, counts->code, err));
    snprintf(path, sizeof path, "histogram/%s/count", tally_names[kind]);
    TRY(read_whole(self, path, H5T_NATIVE_UINT32, n, counts->count, err));
    ret = check_counts(self, kind, counts, err);
out:
    if (ret) counts_free(counts);
    return ret;
}

/* ---- some replicates
 * ----------------------------------------------------------------------------------------- */

typedef struct {        /* of one variable: some replicates of one point and of one variant, or of all */
    int point, variant; /* -1: without that axis */
    uint32_t first, n;
    int n_rest; /* axes behind the replicates */
    hsize_t start[2], count[2];
} column_t;

static int read_box(store_t *self, hid_t dataset, hid_t type, const column_t *column, void *values,
                    fault_t *err) {
    hsize_t start[HDF_MAX_RANK] = {0}, count[HDF_MAX_RANK] = {0};
    int axis = 0;
    if (self->has_point) {
        start[axis] = (hsize_t)(column->point < 0 ? 0 : column->point);
        count[axis++] = 1;
    }
    if (column->variant >= 0) {
        start[axis] = (hsize_t)column->variant;
        count[axis++] = 1;
    }
    start[axis] = column->first;
    count[axis++] = column->n;
    for (int i = 0; i < column->n_rest; i++, axis++) {
        start[axis] = column->start[i];
        count[axis] = column->count[i];
    }
    return hdf_read_box(dataset, type, start, count, values, err);
}

/* `open`: the variable of a file that is being written. */
static int read_column(store_t *self, const char *name, hid_t open, hid_t type, const column_t *column,
                       void *values, fault_t *err) {
    fault_t own = {0};
    int ret = 0;
    if (!self->layout && !store_has(self, name)) ret = error_set(&own, ERR_DATA, "no %s", name);
    hid_t dataset = ret || self->layout ? open : H5Dopen2(self->file, name, H5P_DEFAULT);
    if (!ret && dataset < 0) ret = hdf_fault_read(&own, "reading %s", name);
    if (!ret) ret = read_box(self, dataset, type, column, values, &own);
    if (!self->layout) ret = hdf_close(dataset, ret, &own);
    return named(self, ret, &own, err);
}

int store_read_quantities(store_t *self, int point, int variant, uint32_t first, uint32_t n, double *values,
                          fault_t *err) {
    hsize_t all = self->layout ? (hsize_t)self->layout->model->n_quantities : store_size(self, "quantity");
    column_t column = {point, variant, first, n, 1, {0}, {all}};
    return read_column(self, "quantity_value", self->values[VALUE_QUANTITIES], H5T_NATIVE_DOUBLE, &column,
                       values, err);
}

int store_read_status(store_t *self, int point, int variant, uint32_t first, uint32_t n, int8_t *status,
                      fault_t *err) {
    column_t column = {point, variant, first, n, 0, {0}, {0}};
    return read_column(self, "status", self->values[VALUE_STATUS], H5T_NATIVE_INT8, &column, status, err);
}

int store_read_draws(store_t *self, int point, uint32_t first, uint32_t n, double *values, fault_t *err) {
    hsize_t all = self->layout ? (hsize_t)self->layout->model->n_uncertain : store_size(self, "parameter");
    column_t column = {point, -1, first, n, 1, {0}, {all}};
    return read_column(self, "drawn", self->values[VALUE_DRAWN], H5T_NATIVE_DOUBLE, &column, values, err);
}

int store_read_trajectory(store_t *self, const trajectory_t *of, float *values, fault_t *err) {
    column_t column = {of->point, of->variant, of->first, of->n, 2, {(hsize_t)of->time, (hsize_t)of->item},
                       {1, 1}};
    return read_column(self, of->name, -1, H5T_NATIVE_FLOAT, &column, values, err);
}
