/* Opening, closing, and writing of parts. */
#include "base/mem.h"
#include "io/store_file.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy_text(const char *text) {
    char *copy = mem_alloc(strlen(text) + 1, 1);
    return copy ? memcpy(copy, text, strlen(text) + 1) : NULL;
}

store_t *store_new(const char *path) {
    hdf_init();
    store_t *self = mem_alloc(1, sizeof *self);
    if (!self) return NULL;
    self->path = copy_text(path);
    self->identity = copy_text("");
    self->file = self->events = self->offset = self->count = -1;
    for (int i = 0; i < VALUE_N; i++) self->values[i] = -1;
    for (int i = 0; i < TRAJECTORY_N; i++) self->trajectories[i] = -1;
    for (int i = 0; i < COLUMN_N; i++) self->columns[i] = -1;
    for (int i = 0; i < METRIC_N; i++) self->metrics[i] = -1;
    if (self->path && self->identity) return self;
    store_close(self);
    return NULL;
}

static void close_dataset(hid_t *dataset) {
    if (*dataset >= 0) H5Dclose(*dataset);
    *dataset = -1;
}

void store_close_variables(store_t *self) {
    for (int i = 0; i < VALUE_N; i++) close_dataset(&self->values[i]);
    for (int i = 0; i < TRAJECTORY_N; i++) close_dataset(&self->trajectories[i]);
    for (int i = 0; i < COLUMN_N; i++) close_dataset(&self->columns[i]);
    for (int i = 0; i < METRIC_N; i++) close_dataset(&self->metrics[i]);
    close_dataset(&self->offset);
    close_dataset(&self->count);
    if (self->events >= 0) H5Gclose(self->events);
    self->events = -1;
}

void store_close(store_t *self) {
    if (!self) return;
    store_close_variables(self);
    if (self->file >= 0) H5Fclose(self->file);
    H5Eclear2(H5E_DEFAULT);
    packer_free(self->packer);
    for (int c = 0; c < COLUMN_N; c++) {
        mem_free(self->held[c]);
        mem_free(self->packing[c]);
    }
    mem_free(self->path);
    mem_free(self->identity);
    mem_free(self);
}

const char *store_path(const store_t *self) {
    return self->path;
}
const char *store_identity(const store_t *self) {
    return self->identity;
}
uint32_t store_replicates(const store_t *self) {
    return self->n_replicates;
}
uint32_t store_first(const store_t *self) {
    return self->first;
}

int store_create(store_t **out, const char *path, const layout_t *layout, uint32_t n_replicates, int threads,
                 fault_t *err) {
    store_t *self = *out = store_new(path);
    if (!self) return error_set(err, ERR_NOMEM, "out of memory");
    int ret = 0;
    self->writing = true;
    self->file = hdf_create(path, false, err);
    if (self->file < 0) {
        ret = err->code;
        goto out;
    }
    schema_range_t range = {0, layout->n_points, 0, n_replicates, -1};
    TRY(store_make(self, layout, &range, err));
    self->packer = packer_new(threads);
    if (!self->packer) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    TRY(store_hold_rows(self, err));
    return 0;
out:
    store_close(self);
    *out = NULL;
    return ret;
}

int store_finish(store_t *self, fault_t *err) {
    int ret = store_seal_events(self, err);
    store_close_variables(self);
    int closed = hdf_close_written(self->file, self->path, self->is_part, err);
    self->file = -1;
    store_close(self);
    return ret ? ret : closed;
}

int store_open_part(store_t **out, const char *path, fault_t *err) {
    *out = NULL;
    int ret = hdf_check_seal(path, err);
    return ret ? ret : store_open(out, path, err);
}

bool store_is_locked(const char *path) {
    return hdf_is_locked(path);
}

int store_open(store_t **out, const char *path, fault_t *err) {
    int64_t first = 0, chunk = 0;
    char *schema = NULL, *identity = NULL;
    int ret = 0;
    store_t *self = *out = store_new(path);
    if (!self) return error_set(err, ERR_NOMEM, "out of memory");
    self->file = hdf_open(path, err);
    if (self->file < 0) {
        ret = err->code;
        goto out;
    }
    schema = hdf_read_attr_text(self->file, "entente_schema");
    if (!schema || !hdf_read_attr_int(self->file, "first_replicate", &first) ||
        !hdf_read_attr_int(self->file, "chunk_replicates", &chunk)) {
        ret = error_set(err, ERR_DATA, "%s: not an output file of entente", path);
        goto out;
    }
    if (strtol(schema, NULL, 10) != strtol(STORE_SCHEMA, NULL, 10)) {
        ret = error_set(err, ERR_DATA, "%s: written in format %s; this program reads %s", path, schema,
                        STORE_SCHEMA);
        goto out;
    }
    identity = hdf_read_attr_text(self->file, "identity");
    if (identity) {
        mem_free(self->identity);
        self->identity = identity;
    }
    self->first = (uint32_t)first;
    self->chunk_replicates = (uint32_t)chunk;
    self->n_replicates = (uint32_t)hdf_scale_size(self->file, "replicate");
    self->has_point = hdf_has(self->file, "point");
    if (hdf_has(self->file, "events")) self->events = H5Gopen2(self->file, "events", H5P_DEFAULT);
out:
    mem_free(schema);
    if (!ret) return 0;
    store_close(self);
    *out = NULL;
    return ret;
}

/* ---- parts ----------------------------------------------------------------------------------------- */

static int write_whole(store_t *self, hid_t dataset, const void *values, fault_t *err) {
    return dataset < 0 || !values ? 0 : packer_write_all(self->packer, dataset, values, err);
}

static int write_entries(store_t *self, hid_t group, const char *name, hid_t type, const char *what,
                         const void *values, fault_t *err) {
    variable_t v = {.name = name,
                    .dims = "entry",
                    .type = type,
                    .plain = self->is_part,
                    .shuffle = true,
                    .long_name = what};
    hid_t dataset = hdf_variable(group, &v, err);
    if (dataset < 0) return ERR_IO;
    int ret = packer_write_all(self->packer, dataset, values, err);
    H5Dclose(dataset);
    return ret;
}

int store_write_counts(store_t *self, tally_kind_t kind, const counts_t *counts, fault_t *err) {
    const rounding_t *rounding = kind == TALLY_TRADE ? &self->layout->trade : &self->layout->strength;
    hid_t file = self->file;
    int ret = 0;
    char name[64];
    hid_t group = -1;
    if (!hdf_has(file, "histogram")) {
        group = hdf_group(file, "histogram", err);
        if (group < 0) return ERR_IO;
        H5Gclose(group);
    }
    snprintf(name, sizeof name, "histogram/%s", tally_names[kind]);
    group = hdf_group(file, name, err);
    if (group < 0) return ERR_IO;
    TRY(hdf_scale_plain(group, "entry", counts->n, !self->is_part, err));
    TRY(write_entries(self, group, "cell", H5T_NATIVE_UINT32, "(variant * times + time) * items + item",
                      counts->cell, err));
    TRY(write_entries(self, group, "code", H5T_NATIVE_INT32, "code of the value", counts->code, err));
    TRY(write_entries(self, group, "count", H5T_NATIVE_UINT32, "replicates with that code", counts->count,
                      err));
    if (rounding->relative)
        TRY(hdf_attr_int(group, "code_shift", rounding->shift, err));
    else
        TRY(hdf_attr_double(group, "code_step", rounding->step, err));
out:
    H5Gclose(group);
    return ret;
}

/* One variable a metric out of rows of all columns. */
static int write_metrics(store_t *self, const part_t *part, fault_t *err) {
    const layout_t *layout = part->layout;
    size_t all = (size_t)layout->observation->n_metric_columns;
    size_t rows = (size_t)layout->n_variants * part->n * (size_t)layout->observation->n_metric_times;
    int ret = 0;
    for (int m = 0, first = 0; m < schema_metrics(layout) && !ret; m++) {
        char name[64];
        int columns;
        schema_metric(layout, m, name, &columns);
        float *values = mem_alloc(rows * (size_t)columns, sizeof *values);
        if (!values) return error_set(err, ERR_NOMEM, "out of memory");
        for (size_t r = 0; r < rows; r++)
            memcpy(values + r * (size_t)columns, part->metrics + r * all + first,
                   (size_t)columns * sizeof *values);
        ret = write_whole(self, self->metrics[m], values, err);
        mem_free(values);
        first += columns;
    }
    return ret;
}

static int write_part(store_t *self, const part_t *part, const char *identity, fault_t *err) {
    const layout_t *layout = part->layout;
    int ret = 0;
    schema_range_t range = {part->point, 1, part->first, part->n, layout->events ? part->log.n : 0};
    TRY(store_make(self, layout, &range, err));
    TRY(hdf_attr_text(self->file, "identity", identity, err));
    TRY(write_whole(self, self->values[VALUE_STATUS], part->status, err));
    TRY(write_whole(self, self->values[VALUE_STOP_TIME], part->stop_time, err));
    TRY(write_whole(self, self->values[VALUE_QUANTITIES], part->quantities, err));
    TRY(write_whole(self, self->values[VALUE_EVENT_COUNT], part->event_count, err));
    TRY(write_whole(self, self->values[VALUE_DRAWN], part->drawn, err));
    TRY(write_whole(self, self->trajectories[TRAJECTORY_STRENGTH], part->strength, err));
    TRY(write_whole(self, self->trajectories[TRAJECTORY_ALIGNMENT], part->alignment, err));
    TRY(write_whole(self, self->trajectories[TRAJECTORY_TRADE], part->trade, err));
    TRY(write_metrics(self, part, err));
    if (layout->events) {
        self->n_events = part->log.n;
        const void *columns[COLUMN_N] = {
#define X(name, type, what) part->log.name,
            LOG_COLUMNS(X)
#undef X
        };
        for (int c = 0; c < COLUMN_N; c++) TRY(write_whole(self, self->columns[c], columns[c], err));
        TRY(write_whole(self, self->offset, part->event_offset, err));
        TRY(write_whole(self, self->count, part->event_rows, err));
    }
    for (int k = 0; k < TALLY_N; k++)
        if (part->counts[k].n) TRY(store_write_counts(self, k, &part->counts[k], err));
out:
    return ret;
}

int store_sync_folder(const char *path, fault_t *err) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) && errno != EINVAL)) {
        int ret = error_set(err, ERR_IO, "%s: making the folder durable failed: %s", path, strerror(errno));
        if (fd >= 0) close(fd);
        return ret;
    }
    close(fd);
    return 0;
}

int store_write_part(const char *path, const part_t *part, const char *identity, fault_t *err) {
    int ret = 0;
    char temporary[4096];
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid()) >= sizeof temporary)
        return error_set(err, ERR_CANTCREATE, "%s: the path is too long", path);
    store_t *self = store_new(temporary);
    if (!self || !(self->packer = packer_new(1))) {
        store_close(self);
        return error_set(err, ERR_NOMEM, "out of memory");
    }
    self->writing = self->is_part = true;
    self->file = hdf_create(temporary, true, err);
    if (self->file < 0) {
        ret = err->code;
        store_close(self);
        return ret;
    }
    ret = write_part(self, part, identity, err);
    int finished = store_finish(self, err);
    if (!ret) ret = finished;
    if (!ret && rename(temporary, path))
        ret = error_set(err, ERR_IO, "%s: renaming failed: %s", path, strerror(errno));
    if (ret) unlink(temporary);
    return ret ? ret : store_sync_folder(path, err);
}
