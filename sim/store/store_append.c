/* Merging: appends a part's replicates. Its trajectories are already compressed.
 * */
#include "base/mem.h"
#include "store/store_file.h"
#include <stdio.h>
#include <string.h>

/* ---- arrays ------------------------------------------------------------------------------------------- */

/* Puts [variant][replicate]... (or [replicate]...) where the part belongs. */
static int put_values(store_t *self, hid_t dataset, bool by_variant, const part_t *part, const void *values,
                      fault_t *err) {
    grid_t grid;
    bool packed;
    hsize_t start[HDF_MAX_RANK] = {0}, count[HDF_MAX_RANK] = {0};
    int axis = (self->has_point ? 1 : 0) + (by_variant ? 1 : 0);
    if (!store_grid(dataset, &grid, &packed)) return hdf_fault_write(dataset, err);
    for (int d = 0; d < grid.rank; d++) count[d] = grid.size[d];
    if (self->has_point) {
        start[0] = (hsize_t)part->point;
        count[0] = 1;
    }
    start[axis] = part->first;
    count[axis] = part->n;
    for (int d = 0; d < grid.rank; d++)
        if (!count[d]) return 0;
    hid_t type = H5Dget_type(dataset);
    int ret =
        type < 0 ? hdf_fault_write(dataset, err) : hdf_write_box(dataset, type, start, count, values, err);
    return hdf_close(type, ret, err);
}

/* One variable a metric out of rows of all columns. */
static int put_metrics(store_t *self, const part_t *part, fault_t *err) {
    const layout_t *layout = part->layout;
    size_t all = (size_t)layout->observation->n_metric_columns;
    size_t rows = (size_t)layout->n_variants * part->n * (size_t)layout->observation->n_metric_times;
    int ret = 0;
    for (int m = 0, first = 0; m < schema_metrics(layout) && !ret; m++) {
        char name[64];
        int columns;
        schema_metric(layout, m, name, &columns);
        if (self->metrics[m] < 0) continue;
        float *values = mem_alloc(rows * (size_t)columns, sizeof *values);
        if (!values) return error_memory(err);
        for (size_t r = 0; r < rows; r++)
            memcpy(values + r * (size_t)columns, part->metrics + r * all + first,
                   (size_t)columns * sizeof *values);
        ret = put_values(self, self->metrics[m], true, part, values, err);
        mem_free(values);
        first += columns;
    }
    return ret;
}

static int put_chunks(store_t *self, int k, const part_t *part, fault_t *err) {
    const chunks_t *chunks = &part->packed[k];
    grid_t grid = layout_grid(part->layout, k, part->n);
    uint64_t at[GRID_MOST_RANK] = {0};
    const unsigned char *bytes = chunks->bytes;
    size_t i = 0;
    for (bool more = part->n > 0; more; more = grid_advance(&grid, at)) {
        hsize_t place[HDF_MAX_RANK];
        int d = 0;
        if (self->has_point) place[d++] = (hsize_t)part->point;
        place[d++] = at[0];
        place[d++] = part->first + at[1];
        place[d++] = at[2];
        place[d] = at[3];
        if (H5Dwrite_chunk(self->trajectories[k], H5P_DEFAULT, 0, place, chunks->sizes[i], bytes) < 0)
            return hdf_fault(err, "writing %s", schema_trajectory_names[k]);
        bytes += chunks->sizes[i++];
    }
    return 0;
}

/* ---- event log: rows are held until they fill a chunk -------------------------------------------------- */

int store_hold_rows(store_t *self, fault_t *err) {
    for (int c = 0; c < COLUMN_N && self->events >= 0; c++) {
        size_t size = H5Tget_size(column_type(c));
        self->held[c] = mem_alloc(CHUNK_EVENTS, size);
        self->packing[c] = mem_alloc(CHUNK_EVENTS, size);
        if (!self->held[c] || !self->packing[c]) return error_memory(err);
    }
    return 0;
}

/* Starts packing the held rows as a chunk (the last one padded) while others are read. */
static int pack_held(store_t *self, fault_t *err) {
    int ret = 0;
    hsize_t end = (hsize_t)self->n_events, held = (hsize_t)self->n_held;
    TRY(packer_finish(self->packer, err));
    for (int c = 0; c < COLUMN_N; c++) {
        size_t size = H5Tget_size(column_type(c));
        void *full = self->held[c];
        memset((char *)full + held * size, 0, (CHUNK_EVENTS - held) * size);
        self->held[c] = self->packing[c];
        self->packing[c] = full;
        if (H5Dset_extent(self->columns[c], &end) < 0) return hdf_fault(err, "events/%s", column_names[c]);
    }
    self->n_held = 0;
    ret = packer_start_rows(self->packer, COLUMN_N, self->columns, (const void *const *)self->packing,
                            end - held, err);
out:
    return ret;
}

/* Rows of a replicate's log by their places among the variant's. */
static void renumber(int32_t *rows, size_t n, const int32_t *place) {
    for (size_t k = 0; k < n; k++)
        if (rows[k] >= 0) rows[k] = place[rows[k]];
}

/* Appends `n` rows that lie together in the part's log. */
static int put_rows(store_t *self, const log_t *log, size_t first, size_t n, const int32_t *place,
                    fault_t *err) {
#define X(name, type, ...) {log->name, sizeof(type)},
    const struct {
        const void *values;
        size_t size;
    } columns[COLUMN_N] = {LOG_COLUMNS(X)};
#undef X
    int ret = 0;
    for (size_t done = 0, count; done < n && !ret; done += count) {
        size_t held = (size_t)self->n_held;
        count = n - done < CHUNK_EVENTS - held ? n - done : CHUNK_EVENTS - held;
        for (int c = 0; c < COLUMN_N; c++) {
            size_t size = columns[c].size;
            memcpy((char *)self->held[c] + held * size,
                   (const char *)columns[c].values + (first + done) * size, count * size);
        }
        renumber((int32_t *)self->held[COLUMN_parent] + held, count, place);
        renumber((int32_t *)self->held[COLUMN_summit] + held, count, place);
        self->n_held += (int64_t)count;
        self->n_events += (int64_t)count;
        if (self->n_held == CHUNK_EVENTS) ret = pack_held(self, err);
    }
    return ret;
}

/* Appends the rows of one variant of a replicate, stretch by stretch of those that lie together. `place` has
 * room for each row of the log: its place among the variant's, ROW_NONE: it is none of them. */
static int put_run(store_t *self, const part_t *part, size_t run, int32_t *place, fault_t *err) {
    int variant = (int)(run / part->n), ret = 0;
    const log_t *log = &part->log;
    int64_t from = part->event_offset[run], first = from, row = from;
    for (int32_t n = 0; n < part->event_rows[run] && !ret; row++) {
        int32_t at = (int32_t)(row - from);
        if (row < 0 || row >= log->n || log->parent[row] > at || log->summit[row] > at)
            return error_set(err, ERR_DATA, "events: rows that are not there");
        bool is_its = part_has_row(part, (size_t)row, variant);
        place[at] = is_its ? n++ : ROW_NONE;
        if (is_its) continue;
        ret = put_rows(self, log, (size_t)first, (size_t)(row - first), place, err);
        first = row + 1;
    }
    return ret ? ret : put_rows(self, log, (size_t)first, (size_t)(row - first), place, err);
}

/* Replicate by replicate, its variants in their order. */
static int put_log(store_t *self, const part_t *part, fault_t *err) {
    size_t variants = (size_t)part->layout->n_variants;
    int32_t *place = mem_alloc((size_t)part->log.n + 1, sizeof *place);
    int ret = 0;
    if (!place) return error_memory(err);
    for (size_t i = 0; i < variants * part->n && !ret; i++)
        ret = put_run(self, part, i % variants * part->n + i / variants, place, err);
    mem_free(place);
    return ret;
}

/* netCDF-4 keeps the size of a dimension without coordinates in its name. */
int store_end_events(store_t *self, fault_t *err) {
    if (self->events < 0) return 0;
    int ret = self->n_held ? pack_held(self, err) : 0;
    if (!ret) ret = packer_finish(self->packer, err);
    if (ret) return ret;
    hsize_t n = (hsize_t)self->n_events;
    hid_t scale = H5Dopen2(self->events, "event", H5P_DEFAULT);
    char text[64];
    snprintf(text, sizeof text, "This is a netCDF dimension but not a netCDF variable.%10lld", (long long)n);
    if (scale < 0 || H5Dset_extent(scale, &n) < 0 || H5Adelete(scale, "NAME") < 0)
        ret = hdf_fault(err, "%s: events", self->path);
    else
        ret = hdf_attr_text(scale, "NAME", text, err);
    return hdf_close(scale, ret, err);
}

static int put_events(store_t *self, const part_t *part, fault_t *err) {
    size_t runs = (size_t)part->layout->n_variants * part->n;
    int64_t *offset = mem_alloc(runs, sizeof *offset);
    if (!offset) return error_memory(err);
    size_t variants = (size_t)part->layout->n_variants;
    int64_t at = self->n_events;
    for (size_t i = 0; i < runs; i++) {
        size_t run = i % variants * part->n + i / variants;
        offset[run] = at;
        at += part->event_rows[run];
    }
    int ret = put_values(self, self->offset, true, part, offset, err);
    if (!ret) ret = put_values(self, self->count, true, part, part->event_rows, err);
    if (!ret) ret = put_log(self, part, err);
    mem_free(offset);
    return ret;
}

int store_append(store_t *self, const part_t *part, fault_t *err) {
    uint32_t chunk = self->chunk_replicates, end = part->first + part->n;
    int ret = 0;
    if (part->layout != self->layout || part->first % chunk || part->n > chunk || end > self->n_replicates ||
        (part->n < chunk && end != self->n_replicates) || (self->has_point && part->point < 0))
        return error_set(err, ERR_DATA, "replicates %u to %u are no block of %u of %u", part->first, end,
                         chunk, self->n_replicates);
    for (int v = 0; v < VALUE_N; v++)
        if (self->values[v] >= 0)
            TRY(put_values(self, self->values[v], value_rows[v].by_variant, part, part->values[v], err));
    TRY(put_metrics(self, part, err));
    for (int k = 0; k < TRAJECTORY_N; k++)
        if (self->trajectories[k] >= 0) TRY(put_chunks(self, k, part, err));
    if (self->events >= 0) TRY(put_events(self, part, err));
    ret = store_trouble(self, err);
out:
    return ret;
}
