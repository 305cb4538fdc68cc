/* Opening and closing. */
#include "base/mem.h"
#include "store/file/store_driver.h"
#include "store/store_file.h"
#include "store/store_rehearsal.h"
#include <stdio.h>
#include <string.h>

store_t *store_new(const char *path) {
    hdf_init();
    size_t length = strlen(path) + 1;
    store_t *self = mem_alloc(1, sizeof *self);
    if (!self) return NULL;
    self->path = mem_alloc(length, 1);
    self->file = self->events = self->offset = self->count = -1;
    for (int i = 0; i < VALUE_N; i++) self->values[i] = -1;
    for (int i = 0; i < TRAJECTORY_N; i++) self->trajectories[i] = -1;
    for (int i = 0; i < COLUMN_N; i++) self->columns[i] = -1;
    for (int i = 0; i < METRIC_N; i++) self->metrics[i] = -1;
    if (self->path) return memcpy(self->path, path, length), self;
    store_close(self);
    return NULL;
}

static int close_all(hid_t *ids, int n, int ret, fault_t *err) {
    for (int i = 0; i < n; i++) {
        ret = hdf_close(ids[i], ret, err);
        ids[i] = -1;
    }
    return ret;
}

int store_close_variables(store_t *self, int ret, fault_t *err) {
    ret = close_all(self->values, VALUE_N, ret, err);
    ret = close_all(self->trajectories, TRAJECTORY_N, ret, err);
    ret = close_all(self->columns, COLUMN_N, ret, err);
    ret = close_all(self->metrics, METRIC_N, ret, err);
    ret = close_all(&self->offset, 1, ret, err);
    ret = close_all(&self->count, 1, ret, err);
    return close_all(&self->events, 1, ret, err);
}

void store_close(store_t *self) {
    if (!self) return;
    packer_free(self->packer);
    store_close_variables(self, 0, NULL);
    /* If HDF5 could not close the file it may use it again, so the underlying file stays open until the
     * process ends. */
    if (hdf_close(self->file, 0, NULL) == 0) sealed_close(self->disk);
    catalogue_free(&self->catalogue);
    for (int c = 0; c < COLUMN_N; c++) {
        mem_free(self->held[c]);
        mem_free(self->packing[c]);
    }
    mem_free(self->path);
    mem_free(self);
}

const char *store_path(const store_t *self) {
    return self->path;
}
uint32_t store_replicates(const store_t *self) {
    return self->n_replicates;
}
uint32_t store_chunk_replicates(const store_t *self) {
    return self->chunk_replicates;
}
int store_trouble(const store_t *self, fault_t *err) {
    return sealed_trouble(self->disk, err);
}

int store_create(store_t **out, const char *path, const layout_t *layout, uint32_t n_replicates, int threads,
                 fault_t *err) {
    store_t *self = *out = store_new(path);
    if (!self) return error_memory(err);
    int ret = 0;
    TRY(sealed_create(&self->disk, path, err));
    self->file = hdf_create(self->disk, path, err);
    if (self->file < 0) TRY(err->code);
    TRY(store_make(self, layout, n_replicates, err));
    self->packer = packer_new(threads);
    TRY_MEM(self->packer);
    TRY(store_hold_rows(self, err));
    TRY(store_trouble(self, err));
out:
    if (!ret) return 0;
    store_close(self);
    *out = NULL;
    return ret;
}

/* Marks the bytes of compressed chunks: gzip's checksum lets readers verify them. */
static int note_chunks(store_t *self, const char *path, fault_t *err) {
    object_t object;
    grid_t grid;
    bool packed = false;
    int ret = hdf_look(self->file, path, UINT64_MAX / 4096, &object, err);
    if (ret || !object.there) return ret;
    ret = hdf_close(object.type, 0, err);
    hid_t dataset = H5Dopen2(self->file, path, H5P_DEFAULT);
    if (dataset < 0 || !store_grid(dataset, &grid, &packed)) ret = hdf_fault(err, "%s", path);
    uint64_t at[GRID_MOST_RANK] = {0};
    for (bool more = !ret && packed && grid_bytes(&grid); more; more = grid_advance(&grid, at)) {
        hsize_t place[HDF_MAX_RANK];
        driver_chunk_t chunk;
        for (int d = 0; d < HDF_MAX_RANK; d++) place[d] = at[d];
        if (driver_find_chunk(self->file, dataset, place, &chunk) < 0) {
            ret = hdf_fault(err, "%s", path);
            break;
        }
        if (chunk.size && chunk.filtered) sealed_own_checksum(self->disk, chunk.at, chunk.size);
    }
    return hdf_close(dataset, ret, err);
}

int store_finish(store_t *self, fault_t *err) {
    int ret = store_end_events(self, err);
    ret = store_close_variables(self, ret, err);
    if (!ret && H5Fflush(self->file, H5F_SCOPE_GLOBAL) < 0)
        ret = hdf_fault(err, "%s: writing failed", self->path);
    const char *path;
    for (size_t n = 0; !ret && (path = catalogue_dataset(n)); n++) ret = note_chunks(self, path, err);
    int closed = hdf_close_written(self->file, self->disk, self->path, err);
    self->file = -1;
    if (!ret) ret = closed;
    if (!ret) {
        ret = sealed_finish(self->disk, err);
        self->disk = NULL;
    }
    store_close(self);
    return ret;
}

static int open_content(store_t *self, fault_t *err) {
    fault_t own = {0};
    self->file = hdf_open(self->disk, self->path, err);
    if (self->file < 0) return err->code;
    int ret = catalogue_read(&self->catalogue, self->file, sealed_size(self->disk), &own);
    if (!ret) ret = store_trouble(self, &own);
    return ret ? error_set(err, ret, "%s: %s", self->path, own.text) : 0;
}

static int open_checked(store_t **out, const char *path, bool whole, fault_t *err) {
    store_t *self = *out = store_new(path);
    if (!self) return error_memory(err);
    int ret;
    TRY(sealed_open(&self->disk, path, whole ? SEALED_WHOLE : 0, err));
    TRY(store_rehearse(self, open_content, err));
    TRY(open_content(self, err));
    self->chunk_replicates = (uint32_t)catalogue_attribute(&self->catalogue, "", "chunk_replicates")->whole;
    self->n_replicates = (uint32_t)store_size(self, "replicate");
    self->has_point = store_has(self, "point");
out:
    if (!ret) return 0;
    store_close(self);
    *out = NULL;
    return ret;
}

int store_open(store_t **out, const char *path, fault_t *err) {
    return open_checked(out, path, false, err);
}

int store_open_whole(store_t **out, const char *path, fault_t *err) {
    return open_checked(out, path, true, err);
}
