/* Merging: a part's replicates are put behind those that are there. Small variables are copied by value,
 * trajectories as compressed chunks. */
#include "base/mem.h"
#include "io/store_file.h"
#include <stdio.h>
#include <string.h>

#define BATCH_BYTES ((hsize_t)4 * 1024 * 1024)

typedef struct { /* a box of replicates of one point: [point][variant][replicate]... or [point][replicate]...
                  */
    int rank, axis; /* axis of the replicates */
    hsize_t size[HDF_MAX_RANK];
} shape_t;

static shape_t shape_of(hid_t dataset, bool has_point, bool by_variant) {
    shape_t shape = {0};
    hid_t space = H5Dget_space(dataset);
    shape.rank = H5Sget_simple_extent_dims(space, shape.size, NULL);
    H5Sclose(space);
    shape.axis = (has_point ? 1 : 0) + (by_variant ? 1 : 0);
    return shape;
}

/* Copies replicates [from, from + n) of `source` to [to, to + n), one variant at a time, in batches. */
static int copy_values(hid_t target, hid_t source, bool has_point, bool by_variant, hsize_t point_to,
                       hsize_t point_from, hsize_t to, hsize_t from, hsize_t n, fault_t *err) {
    int ret = 0;
    shape_t a = shape_of(target, has_point, by_variant), b = shape_of(source, has_point, by_variant);
    hid_t type = H5Dget_type(target);
    hsize_t row = H5Tget_size(type);
    void *buffer = NULL;
    for (int d = 0; d < a.rank; d++) {
        bool free_axis = d == a.axis || (has_point && d == 0);
        if (a.rank != b.rank || (!free_axis && a.size[d] != b.size[d])) {
            ret = error_set(err, ERR_DATA, "its shape is another");
            goto out;
        }
        if (d > a.axis) row *= a.size[d];
    }
    hsize_t batch = BATCH_BYTES / row ? BATCH_BYTES / row : 1, variants = by_variant ? a.size[a.axis - 1] : 1;
    if (batch > n) batch = n;
    buffer = mem_alloc(batch, row);
    if (!buffer) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    for (hsize_t v = 0; v < variants; v++)
        for (hsize_t done = 0; done < n; done += batch) {
            hsize_t start[HDF_MAX_RANK] = {0}, count[HDF_MAX_RANK];
            for (int d = 0; d < a.rank; d++) count[d] = d > a.axis ? a.size[d] : 1;
            count[a.axis] = n - done < batch ? n - done : batch;
            if (by_variant) start[a.axis - 1] = v;
            if (has_point) start[0] = point_from;
            start[a.axis] = from + done;
            TRY(hdf_read_box(source, type, start, count, buffer, err));
            if (has_point) start[0] = point_to;
            start[a.axis] = to + done;
            TRY(hdf_write_box(target, type, start, count, buffer, err));
        }
out:
    mem_free(buffer);
    H5Tclose(type);
    return ret;
}

/* Copies the stored chunks that cover replicates [from, from + n) of `source`. */
static int copy_chunks(hid_t target, hid_t source, bool has_point, hsize_t point_to, hsize_t point_from,
                       hsize_t to, hsize_t from, hsize_t n, fault_t *err) {
    int ret = 0;
    shape_t a = shape_of(target, has_point, true), b = shape_of(source, has_point, true);
    hsize_t chunk[HDF_MAX_RANK] = {0}, other[HDF_MAX_RANK] = {0}, at[HDF_MAX_RANK] = {0},
            first[HDF_MAX_RANK] = {0}, end[HDF_MAX_RANK] = {0}, most = 0;
    hid_t plist = H5Dget_create_plist(target), plist_b = H5Dget_create_plist(source);
    H5Pget_chunk(plist, HDF_MAX_RANK, chunk);
    H5Pget_chunk(plist_b, HDF_MAX_RANK, other);
    H5Pclose(plist);
    H5Pclose(plist_b);
    for (int d = 0; d < a.rank; d++) {
        bool free_axis = d == a.axis || (has_point && d == 0);
        if (a.rank != b.rank || chunk[d] != other[d] || (!free_axis && a.size[d] != b.size[d]))
            return error_set(err, ERR_DATA, "its shape is another");
        end[d] = b.size[d];
    }
    if (has_point) {
        first[0] = point_from;
        end[0] = point_from + 1;
    }
    first[a.axis] = from;
    end[a.axis] = from + n;
    memcpy(at, first, sizeof at);
    void *buffer = NULL;
    for (bool more = true; more;) {
        hsize_t bytes = 0;
        uint32_t filters = 0;
        if (H5Dget_chunk_storage_size(source, at, &bytes) < 0) bytes = 0; /* never written: all fill values */
        if (bytes > most) {
            void *larger = mem_resize(buffer, bytes, 1);
            if (!larger) {
                ret = error_set(err, ERR_NOMEM, "out of memory");
                goto out;
            }
            buffer = larger;
            most = bytes;
        }
        if (bytes) {
            hsize_t put[HDF_MAX_RANK];
            memcpy(put, at, sizeof put);
            if (has_point) put[0] = point_to;
            put[a.axis] = to + (at[a.axis] - from);
            if (H5Dread_chunk(source, H5P_DEFAULT, at, &filters, buffer) < 0)
                ret = hdf_fault_read(err, "reading trajectories");
            else if (H5Dwrite_chunk(target, H5P_DEFAULT, filters, put, bytes, buffer) < 0)
                ret = hdf_fault(err, "writing trajectories");
            if (ret) goto out;
        }
        more = false;
        for (int d = a.rank - 1; d >= 0; d--) {
            at[d] += chunk[d];
            if (at[d] < end[d]) {
                more = true;
                break;
            }
            at[d] = first[d];
        }
    }
out:
    mem_free(buffer);
    H5Eclear2(H5E_DEFAULT);
    return ret;
}

/* ---- event log: rows are held until they fill a chunk -------------------------------------------------- */

int store_hold_rows(store_t *self, fault_t *err) {
    for (int c = 0; c < COLUMN_N && self->events >= 0; c++) {
        size_t size = H5Tget_size(column_type(c));
        self->held[c] = mem_alloc(CHUNK_EVENTS, size);
        self->packing[c] = mem_alloc(CHUNK_EVENTS, size);
        if (!self->held[c] || !self->packing[c]) return error_set(err, ERR_NOMEM, "out of memory");
    }
    return 0;
}

/* Has the rows held packed as a chunk, the last one padded, while others are read. */
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

/* Takes over the part's rows [start, start + n). */
static int copy_rows(store_t *self, store_t *part, hsize_t start, hsize_t n, fault_t *err) {
    int ret = 0;
    hid_t sources[COLUMN_N];
    for (int c = 0; c < COLUMN_N; c++)
        if ((sources[c] = H5Dopen2(part->events, column_names[c], H5P_DEFAULT)) < 0)
            ret = hdf_fault_read(err, "no variable events/%s", column_names[c]);
    for (hsize_t done = 0, count; done < n && !ret; done += count) {
        hsize_t held = (hsize_t)self->n_held, from = start + done;
        count = n - done < CHUNK_EVENTS - held ? n - done : CHUNK_EVENTS - held;
        for (int c = 0; c < COLUMN_N && !ret; c++)
            ret = hdf_read_box(sources[c], column_type(c), &from, &count,
                               (char *)self->held[c] + held * H5Tget_size(column_type(c)), err);
        if (ret) break;
        self->n_held += (int64_t)count;
        self->n_events += (int64_t)count;
        if (self->n_held == CHUNK_EVENTS) ret = pack_held(self, err);
    }
    for (int c = 0; c < COLUMN_N; c++)
        if (sources[c] >= 0) H5Dclose(sources[c]);
    return ret;
}

/* netCDF-4 keeps the size of a dimension without coordinates in its name. */
int store_seal_events(store_t *self, fault_t *err) {
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
    if (scale >= 0) H5Dclose(scale);
    return ret;
}

static int append_events(store_t *self, store_t *part, hsize_t point_to, hsize_t point_from, hsize_t to,
                         hsize_t from, hsize_t n, fault_t *err) {
    int ret = 0;
    size_t n_variants = hdf_scale_size(self->events, "variant"), runs = n_variants * n;
    int64_t *offset = mem_alloc(runs, sizeof *offset), *count = mem_alloc(runs, sizeof *count);
    hid_t offsets = H5Dopen2(part->events, "offset", H5P_DEFAULT),
          counts = H5Dopen2(part->events, "count", H5P_DEFAULT);
    hsize_t start[3] = {point_from, 0, from}, box[3] = {1, n_variants, n};
    int skip = self->has_point ? 0 : 1;
    if (!offset || !count) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    if (offsets < 0 || counts < 0) {
        ret = hdf_fault_read(err, "events");
        goto out;
    }
    TRY(hdf_read_box(offsets, H5T_NATIVE_INT64, start + skip, box + skip, offset, err));
    TRY(hdf_read_box(counts, H5T_NATIVE_INT64, start + skip, box + skip, count, err));
    int64_t first = offset[0], total = 0;
    for (size_t i = 0; i < runs; i++) {
        total += count[i];
        offset[i] += self->n_events - first;
    }
    start[0] = point_to;
    start[2] = to;
    TRY(hdf_write_box(self->offset, H5T_NATIVE_INT64, start + skip, box + skip, offset, err));
    TRY(hdf_write_box(self->count, H5T_NATIVE_INT64, start + skip, box + skip, count, err));
    if (total) TRY(copy_rows(self, part, (hsize_t)first, (hsize_t)total, err));
out:
    if (offsets >= 0) H5Dclose(offsets);
    if (counts >= 0) H5Dclose(counts);
    mem_free(offset);
    mem_free(count);
    return ret;
}

static hid_t open_or_fault(store_t *part, const char *name, fault_t *err) {
    hid_t dataset = H5Dopen2(part->file, name, H5P_DEFAULT);
    if (dataset < 0) hdf_fault_read(err, "no variable %s", name);
    return dataset;
}

static int append(store_t *self, store_t *part, int point, uint32_t from, uint32_t to, fault_t *err) {
    int ret = 0;
    /* A part holds one point, a final file all of them. */
    hsize_t point_to = self->has_point ? (hsize_t)point : 0, n = to - from, begin = from - part->first;
    hsize_t point_from = self->has_point && hdf_scale_size(part->file, "point") > 1 ? (hsize_t)point : 0;
    for (int v = 0; v < VALUE_N; v++) {
        if (self->values[v] < 0) continue;
        hid_t source = open_or_fault(part, value_names[v], err);
        if (source < 0) return err->code;
        ret = copy_values(self->values[v], source, self->has_point, v != VALUE_DRAWN, point_to, point_from,
                          from, begin, n, err);
        H5Dclose(source);
        if (ret) return ret;
    }
    for (int m = 0; m < schema_metrics(self->layout); m++) {
        char name[64];
        int columns;
        if (self->metrics[m] < 0) continue;
        schema_metric(self->layout, m, name, &columns);
        hid_t source = open_or_fault(part, name, err);
        if (source < 0) return err->code;
        ret = copy_values(self->metrics[m], source, self->has_point, true, point_to, point_from, from, begin,
                          n, err);
        H5Dclose(source);
        if (ret) return ret;
    }
    for (int k = 0; k < TRAJECTORY_N; k++) {
        if (self->trajectories[k] < 0) continue;
        hid_t source = open_or_fault(part, trajectory_names[k], err);
        if (source < 0) return err->code;
        ret = copy_chunks(self->trajectories[k], source, self->has_point, point_to, point_from, from, begin,
                          n, err);
        H5Dclose(source);
        if (ret) return ret;
    }
    if (self->events < 0) return 0;
    if (part->events < 0) return error_set(err, ERR_DATA, "it has no events");
    return append_events(self, part, point_to, point_from, from, begin, n, err);
}

int store_append(store_t *self, store_t *part, int point, uint32_t from, uint32_t to, fault_t *err) {
    uint32_t chunk = self->chunk_replicates, end = part->first + part->n_replicates;
    fault_t own = {0};
    if (part->chunk_replicates != chunk || from % chunk || from < part->first || to > end ||
        to > self->n_replicates || (to % chunk && to != end))
        return error_set(err, ERR_DATA, "%s: does not hold replicates %u to %u in blocks of %u", part->path,
                         from, to, chunk);
    int ret = append(self, part, point, from, to, &own);
    /* The fault may lie in either file: a full disk is the target's, another shape the part's. */
    if (ret) error_set(err, ret, "%s: merging %s: %s", self->path, part->path, own.text);
    return ret;
}

int store_read_counts(store_t *self, tally_kind_t kind, counts_t *counts, fault_t *err) {
    char name[64];
    *counts = (counts_t){0};
    snprintf(name, sizeof name, "histogram/%s", tally_names[kind]);
    if (!hdf_has(self->file, "histogram") || !hdf_has(self->file, name)) return 0;
    int ret = 0;
    hid_t group = H5Gopen2(self->file, name, H5P_DEFAULT);
    size_t n = counts->n = hdf_scale_size(group, "entry");
    counts->cell = mem_alloc(n, sizeof *counts->cell);
    counts->code = mem_alloc(n, sizeof *counts->code);
    counts->count = mem_alloc(n, sizeof *counts->count);
    if (!counts->cell || !counts->code || !counts->count) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    TRY(hdf_read_all(group, "cell", H5T_NATIVE_UINT32, n, counts->cell, err));
    TRY(hdf_read_all(group, "code", H5T_NATIVE_INT32, n, counts->code, err));
    TRY(hdf_read_all(group, "count", H5T_NATIVE_UINT32, n, counts->count, err));
out:
    if (group >= 0) H5Gclose(group);
    if (ret) counts_free(counts);
    return ret;
}
