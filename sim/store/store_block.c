/* Reads a part back from a finished file, to copy it into a larger one. */
#include "base/mem.h"
#include "store/store_file.h"
#include <stdio.h>
#include <string.h>

/* A variable of `row` values a replicate (and variant); none are there for 0. */
static int read_block(store_t *self, const char *name, hid_t type, bool by_variant, hsize_t row,
                      const part_t *part, void *values, fault_t *err) {
    const entry_t *entry = catalogue_object(&self->catalogue, name);
    hsize_t start[HDF_MAX_RANK] = {0}, count[HDF_MAX_RANK] = {0}, there = 1;
    int axis = (self->has_point ? 1 : 0) + (by_variant ? 1 : 0);
    if (!row) return 0;
    if (!entry) return error_set(err, ERR_DATA, "no %s", name);
    for (int d = 0; d < entry->rank; d++) {
        count[d] = entry->size[d];
        if (d > axis) there *= entry->size[d];
    }
    if (self->has_point) {
        start[0] = (hsize_t)part->point;
        count[0] = 1;
    }
    if (there != row || (by_variant && count[axis - 1] != (hsize_t)part->layout->n_variants))
        return error_set(err, ERR_DATA, "%s: its shape is another", name);
    start[axis] = part->first;
    count[axis] = part->n;
    hid_t dataset = H5Dopen2(self->file, name, H5P_DEFAULT);
    int ret = dataset < 0 ? hdf_fault_read(err, "reading %s", name)
                          : hdf_read_box(dataset, type, start, count, values, err);
    return hdf_close(dataset, ret, err);
}

static int read_metrics(store_t *self, part_t *part, fault_t *err) {
    const layout_t *layout = part->layout;
    const observation_t *seen = layout->observation;
    size_t all = (size_t)seen->n_metric_columns;
    size_t rows = (size_t)layout->n_variants * part->n * (size_t)seen->n_metric_times;
    int ret = 0;
    for (int m = 0, first = 0; m < schema_metrics(layout) && !ret; m++) {
        char name[64];
        int columns;
        schema_metric(layout, m, name, &columns);
        if (!columns) continue;
        float *values = mem_alloc(rows * (size_t)columns, sizeof *values);
        if (!values) return error_memory(err);
        ret = read_block(self, name, H5T_NATIVE_FLOAT, true, (hsize_t)seen->n_metric_times * (hsize_t)columns,
                         part, values, err);
        for (size_t r = 0; r < rows && !ret; r++)
            memcpy(part->metrics + r * all + first, values + r * (size_t)columns,
                   (size_t)columns * sizeof *values);
        mem_free(values);
        first += columns;
    }
    return ret;
}

/* The chunks as they are stored: twice over them, for their sizes and for their bytes. */
static int read_chunks(hid_t dataset, const grid_t *grid, bool has_point, part_t *part, int k, fault_t *err) {
    chunks_t *chunks = &part->packed[k];
    size_t all = 0;
    for (int pass = 0; pass < 2; pass++) {
        uint64_t at[GRID_MOST_RANK] = {0};
        size_t i = 0, done = 0;
        if (pass && part_reserve_chunks(part, k, all) < 0) return error_memory(err);
        for (bool more = part->n > 0; more; more = grid_advance(grid, at), i++) {
            hsize_t place[HDF_MAX_RANK], size = 0;
            uint32_t unfiltered = 0;
            int d = 0;
            if (has_point) place[d++] = (hsize_t)part->point;
            place[d++] = at[0];
            place[d++] = part->first + at[1];
            place[d++] = at[2];
            place[d] = at[3];
            if (H5Dget_chunk_storage_size(dataset, place, &size) < 0 ||
                (pass && H5Dread_chunk(dataset, H5P_DEFAULT, place, &unfiltered, chunks->bytes + done) < 0))
                return hdf_fault_read(err, "reading %s", schema_trajectory_names[k]);
            if (!size || size > UINT32_MAX || unfiltered || (pass && size != chunks->sizes[i]))
                return error_set(err, ERR_DATA, "%s: a chunk is missing", schema_trajectory_names[k]);
            chunks->sizes[i] = (uint32_t)size;
            done += size;
        }
        all = done;
    }
    return 0;
}

static int read_trajectory(store_t *self, part_t *part, int k, fault_t *err) {
    const entry_t *entry = catalogue_object(&self->catalogue, schema_trajectory_names[k]);
    grid_t grid = layout_grid(part->layout, k, part->n), own;
    int skip = self->has_point ? 1 : 0, ret = 0;
    bool packed = false, same;
    if (!entry) return error_set(err, ERR_DATA, "no %s", schema_trajectory_names[k]);
    hid_t dataset = H5Dopen2(self->file, schema_trajectory_names[k], H5P_DEFAULT);
    if (dataset < 0 || !store_grid(dataset, &own, &packed))
        TRY(hdf_fault_read(err, "reading %s", schema_trajectory_names[k]));
    same = packed && own.rank == grid.rank + skip && own.item == grid.item && own.shuffle == grid.shuffle;
    for (int d = 0; d < grid.rank && same; d++)
        same = own.chunk[d + skip] == grid.chunk[d] && (d == 1 || own.size[d + skip] == grid.size[d]);
    if (same && skip) same = own.chunk[0] == 1;
    if (!same) TRY(error_set(err, ERR_DATA, "%s: its shape is another", schema_trajectory_names[k]));
    TRY(read_chunks(dataset, &grid, skip, part, k, err));
out:
    return hdf_close(dataset, ret, err);
}

/* Its rows lie together: one replicate behind the other. */
static int read_rows(store_t *self, part_t *part, fault_t *err) {
    size_t runs = (size_t)part->layout->n_variants * part->n;
    hsize_t first = INT64_MAX, all = store_size(self, "events/event"), n = 0;
    for (size_t i = 0; i < runs; i++) {
        if (part->event_offset[i] < 0 || part->event_rows[i] < 0 || (hsize_t)part->event_offset[i] > all ||
            (hsize_t)part->event_rows[i] > all)
            return error_set(err, ERR_DATA, "events: rows that are not there");
        if ((hsize_t)part->event_offset[i] < first) first = (hsize_t)part->event_offset[i];
        n += (hsize_t)part->event_rows[i];
    }
    if (n > INT32_MAX || first > all || n > all - first)
        return error_set(err, ERR_DATA, "events: rows that are not there");
    for (size_t i = 0; i < runs; i++) {
        part->event_offset[i] -= (int64_t)first;
        hsize_t end = (hsize_t)part->event_offset[i] + (hsize_t)part->event_rows[i];
        if (end > n) return error_set(err, ERR_DATA, "events: the rows of a replicate do not lie together");
    }
    if (part_reserve_rows(part, n) < 0) return error_memory(err);
    part->log.n = (int32_t)n;
    memset(part->sharing, 0, n * part_sharing_bytes(part->layout));
    for (size_t i = 0; i < runs; i++)
        for (int64_t r = 0; r < part->event_rows[i]; r++)
            part_give_row(part, (size_t)(part->event_offset[i] + r), (int)(i / part->n));
    void *columns[COLUMN_N] = {
#define X(name, type, ...) part->log.name,
        LOG_COLUMNS(X)
#undef X
    };
    int ret = 0;
    for (int c = 0; c < COLUMN_N && n && !ret; c++) {
        char path[64];
        snprintf(path, sizeof path, "events/%s", column_names[c]);
        hid_t dataset = H5Dopen2(self->file, path, H5P_DEFAULT);
        ret = dataset < 0 ? hdf_fault_read(err, "reading %s", path)
                          : hdf_read_box(dataset, column_type(c), &first, &n, columns[c], err);
        ret = hdf_close(dataset, ret, err);
    }
    return ret;
}

static int read_part(store_t *self, part_t *part, fault_t *err) {
    const layout_t *layout = part->layout;
    int ret = 0;
    for (int v = 0; v < VALUE_N; v++) {
        const value_t *value = &value_rows[v];
        TRY(read_block(self, value->name, schema_type(value->size, value->is_float), value->by_variant,
                       value_count(value, layout), part, part->values[v], err));
    }
    TRY(read_metrics(self, part, err));
    for (int k = 0; k < TRAJECTORY_N && layout_has_trajectories(layout); k++)
        TRY(read_trajectory(self, part, k, err));
    if (!layout->events) goto out;
    TRY(read_block(self, "events/offset", H5T_NATIVE_INT64, true, 1, part, part->event_offset, err));
    TRY(read_block(self, "events/count", H5T_NATIVE_INT64, true, 1, part, part->event_rows, err));
    TRY(read_rows(self, part, err));
out:
    return ret;
}

int store_read_part(store_t *self, int point, uint32_t first, uint32_t n, part_t *part, fault_t *err) {
    fault_t own = {0};
    size_t points = self->has_point ? store_size(self, "point") : 0;
    if (first % self->chunk_replicates || n > self->chunk_replicates || n > part->most ||
        first > self->n_replicates || n > self->n_replicates - first ||
        (self->has_point ? point < 0 || (size_t)point >= points : point >= 0))
        return error_set(err, ERR_DATA, "%s: does not hold replicates %u to %u in blocks of %u", self->path,
                         first, first + n, self->chunk_replicates);
    part_clear(part, point, first, n);
    int ret = read_part(self, part, &own);
    if (!ret) ret = store_trouble(self, &own);
    return ret ? error_set(err, ret, "%s: %s", self->path, own.text) : 0;
}
