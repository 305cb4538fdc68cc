/* Parts on the disk (docs/output-format.md, "Parts"): a head, then for each part a record with its head and
 * its arrays. Numbers have the format of this machine: the merge must run on the same type of machine.
 * */
#include "base/hash.h"
#include "base/mem.h"
#include "store/file/sealed.h"
#include "store/part.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MARK UINT64_C(0x5354524150544e45) /* "ENTPARTS" */
#define PART_MARK UINT64_C(0x3254524150544e45) /* "ENTPART2" */
#define BUFFER ((size_t)256 * 1024)

typedef struct {
    uint64_t mark;
    char identity[HASH_SIZE + 7]; /* ends with zeros */
} file_head_t;

typedef struct {
    uint64_t mark, n_bytes; /* of the record, with this */
    int64_t point;
    uint64_t first, n, n_rows, n_counts[TALLY_N], n_packed[TRAJECTORY_N];
    uint32_t shape[8]; /* of the layout */
} part_head_t;

struct part_file {
    sealed_t *disk;
    char *path, *temporary; /* NULL when it is read */
    uint64_t at;            /* of the next byte */
    unsigned char *buffer;  /* bytes before `at` that are not written yet */
    size_t n_held;
    packer_t *packer;
    file_head_t head;
};

typedef struct {
    void *bytes;
    size_t n;
} block_t;

/* ---- what a part is made of ---------------------------------------------------------------------------- */

#define FIXED (VALUE_N + 4)
#define X(name, type, ...) +1
enum { COLUMNS = 0 LOG_COLUMNS(X), BLOCKS = FIXED + COLUMNS + 3 * TALLY_N };
#undef X

/* The arrays in their order, without the trajectories: their sizes follow from the layout and the head. */
static int list_blocks(const part_t *part, block_t out[BLOCKS]) {
    const layout_t *layout = part->layout;
    const observation_t *seen = layout->observation;
    size_t runs = (size_t)layout->n_variants * part->n, rows = (size_t)part->log.n;
    size_t metrics = (size_t)seen->n_metric_times * (size_t)seen->n_metric_columns;
    int n = 0;
    for (int v = 0; v < VALUE_N; v++) {
        const value_t *value = &value_rows[v];
        size_t all = (value->by_variant ? runs : part->n) * value_count(value, layout);
        out[n++] = (block_t){part->values[v], all * value->size};
    }
    out[n++] = (block_t){part->metrics, runs * metrics * sizeof *part->metrics};
    out[n++] = (block_t){part->event_offset, runs * sizeof *part->event_offset};
    out[n++] = (block_t){part->event_rows, runs * sizeof *part->event_rows};
#define X(name, type, ...) out[n++] = (block_t){part->log.name, rows * sizeof *part->log.name};
    LOG_COLUMNS(X)
#undef X
    out[n++] = (block_t){part->sharing, rows * part_sharing_bytes(layout)};
    for (int k = 0; k < TALLY_N; k++) {
        const counts_t *counts = &part->counts[k];
        out[n++] = (block_t){counts->cell, counts->n * sizeof *counts->cell};
        out[n++] = (block_t){counts->code, counts->n * sizeof *counts->code};
        out[n++] = (block_t){counts->count, counts->n * sizeof *counts->count};
    }
    return n;
}

static void tell_shape(const layout_t *layout, uint32_t out[8]) {
    const observation_t *seen = layout->observation;
    const int shape[8] = {layout->n_variants,     layout->model->n_quantities,
                          layout->model->n_kinds, layout->model->n_uncertain,
                          seen->n_times,          seen->n_ties,
                          seen->n_metric_times,   seen->n_metric_columns};
    for (int i = 0; i < 8; i++) out[i] = (uint32_t)shape[i];
}

static bool has_trajectories(const part_t *part) {
    return layout_has_trajectories(part->layout) && part->n;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static void flush(part_file_t *self) {
    sealed_write(self->disk, self->at - self->n_held, self->buffer, self->n_held);
    self->n_held = 0;
}

static void put(part_file_t *self, const void *bytes, size_t n) {
    if (self->n_held + n > BUFFER) flush(self);
    if (n > BUFFER)
        sealed_write(self->disk, self->at, bytes, n);
    else if (n)
        memcpy(self->buffer + self->n_held, bytes, n);
    if (n <= BUFFER) self->n_held += n;
    self->at += n;
}

/* Over what was put before. */
static void put_at(part_file_t *self, uint64_t at, const void *bytes, size_t n) {
    flush(self);
    sealed_write(self->disk, at, bytes, n);
}

typedef struct {
    part_file_t *file;
    uint32_t *sizes;
    size_t n;
    uint64_t n_bytes;
} chunk_sink_t;

static int put_chunk(void *context, const uint64_t *at, const void *packed, size_t n, fault_t *err) {
    (void)at, (void)err;
    chunk_sink_t *sink = context;
    put(sink->file, packed, n);
    sink->sizes[sink->n++] = (uint32_t)n;
    sink->n_bytes += n;
    return 0;
}

/* The sizes of its chunks, then the chunks. */
static int put_trajectory(part_file_t *self, const part_t *part, int k, uint64_t *n_bytes, fault_t *err) {
    const float *values[TRAJECTORY_N] = {part->strength, part->alignment, part->trade};
    grid_t grid = layout_grid(part->layout, k, part->n);
    size_t n = grid_chunks(&grid);
    uint64_t at = self->at;
    chunk_sink_t sink = {self, mem_alloc(n, sizeof *sink.sizes), 0, 0};
    if (!sink.sizes) return error_memory(err);
    put(self, sink.sizes, n * sizeof *sink.sizes);
    int ret = packer_pack(self->packer, &grid, values[k], put_chunk, &sink, err);
    if (!ret) put_at(self, at, sink.sizes, n * sizeof *sink.sizes);
    *n_bytes = sink.n_bytes;
    mem_free(sink.sizes);
    return ret;
}

int part_file_add(part_file_t *self, const part_t *part, fault_t *err) {
    block_t blocks[BLOCKS];
    int ret = 0, n = list_blocks(part, blocks);
    uint64_t begin = self->at;
    part_head_t head = {.mark = PART_MARK,
                        .point = part->point,
                        .first = part->first,
                        .n = part->n,
                        .n_rows = (uint64_t)part->log.n};
    for (int k = 0; k < TALLY_N; k++) head.n_counts[k] = part->counts[k].n;
    tell_shape(part->layout, head.shape);
    put(self, &head, sizeof head);
    for (int i = 0; i < n; i++) put(self, blocks[i].bytes, blocks[i].n);
    for (int k = 0; k < TRAJECTORY_N && has_trajectories(part); k++)
        TRY(put_trajectory(self, part, k, &head.n_packed[k], err));
    head.n_bytes = self->at - begin;
    put_at(self, begin, &head, sizeof head);
    ret = sealed_trouble(self->disk, err);
out:
    return ret;
}

static part_file_t *make(const char *path, bool writing) {
    part_file_t *self = mem_alloc(1, sizeof *self);
    if (!self || !writing) return self;
    size_t size = strlen(path) + 32;
    self->path = mem_alloc(size, 1);
    self->temporary = mem_alloc(size, 1);
    self->buffer = mem_alloc(BUFFER, 1);
    self->packer = packer_new(1);
    if (self->path && self->temporary && self->buffer && self->packer) {
        snprintf(self->path, size, "%s", path);
        snprintf(self->temporary, size, "%s.%ld.tmp", path, (long)getpid());
        return self;
    }
    part_file_close(self);
    return NULL;
}

int part_file_create(part_file_t **out, const char *path, const char *identity, fault_t *err) {
    part_file_t *self = *out = make(path, true);
    if (!self) return error_memory(err);
    unlink(self->temporary); /* of a process that had our number and died */
    int ret = sealed_create(&self->disk, self->temporary, err);
    if (ret) {
        part_file_close(self);
        *out = NULL;
        return ret;
    }
    self->head.mark = FILE_MARK;
    snprintf(self->head.identity, sizeof self->head.identity, "%s", identity);
    put(self, &self->head, sizeof self->head);
    return 0;
}

int part_file_finish(part_file_t *self, fault_t *err) {
    flush(self);
    int ret = sealed_finish(self->disk, err);
    self->disk = NULL;
    if (!ret && rename(self->temporary, self->path))
        ret = error_set(err, ERR_IO, "%s: renaming failed: %s", self->path, strerror(errno));
    if (ret) unlink(self->temporary);
    if (!ret) ret = sealed_sync_folder(self->path, err);
    part_file_close(self);
    return ret;
}

void part_file_close(part_file_t *self) {
    if (!self) return;
    sealed_close(self->disk);
    packer_free(self->packer);
    mem_free(self->buffer);
    mem_free(self->path);
    mem_free(self->temporary);
    mem_free(self);
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static int get(part_file_t *self, void *bytes, size_t n, fault_t *err) {
    if (sealed_read(self->disk, self->at, bytes, n)) return sealed_trouble(self->disk, err);
    self->at += n;
    return 0;
}

int part_file_open(part_file_t **out, const char *path, fault_t *err) {
    part_file_t *self = *out = make(path, false);
    if (!self) return error_memory(err);
    int ret = 0;
    TRY(sealed_open(&self->disk, path, SEALED_WHOLE | SEALED_NO_LINK, err));
    TRY(get(self, &self->head, sizeof self->head, err));
    if (self->head.mark != FILE_MARK || self->head.identity[sizeof self->head.identity - 1] != '\0')
        ret = error_set(err, ERR_DATA, "%s: is not a part of a run", path);
out:
    if (!ret) return 0;
    part_file_close(self);
    *out = NULL;
    return ret;
}

const char *part_file_identity(const part_file_t *self) {
    return self->head.identity;
}

/* The record fits the layout, the room and the file. */
static bool fits(const part_file_t *self, const part_t *part, const part_head_t *head) {
    uint64_t left = sealed_size(self->disk) - self->at + sizeof *head;
    uint32_t shape[8];
    tell_shape(part->layout, shape);
    if (memcmp(shape, head->shape, sizeof shape) != 0 || head->mark != PART_MARK || head->n_bytes > left ||
        head->n > part->most || head->first > UINT32_MAX || head->point < -1 || head->point > INT_MAX ||
        head->n_rows > INT32_MAX || head->n_rows > left / sizeof *part->log.time)
        return false;
    for (int k = 0; k < TALLY_N; k++)
        if (head->n_counts[k] > left / sizeof(uint32_t)) return false;
    for (int k = 0; k < TRAJECTORY_N; k++)
        if (head->n_packed[k] > left) return false;
    return true;
}

static int get_trajectory(part_file_t *self, part_t *part, int k, size_t n_bytes, fault_t *err) {
    int ret = 0;
    grid_t grid = layout_grid(part->layout, k, part->n);
    size_t n = grid_chunks(&grid);
    uint64_t all = 0;
    if (part_reserve_chunks(part, k, n_bytes) < 0) return error_memory(err);
    TRY(get(self, part->packed[k].sizes, n * sizeof *part->packed[k].sizes, err));
    TRY(get(self, part->packed[k].bytes, n_bytes, err));
    for (size_t i = 0; i < n; i++) all += part->packed[k].sizes[i];
    if (all != n_bytes) ret = error_set(err, ERR_DATA, "its trajectories are cut in another way");
out:
    return ret;
}

int part_file_next(part_file_t *self, part_t *part, fault_t *err) {
    part_head_t head;
    block_t blocks[BLOCKS];
    uint64_t begin = self->at;
    int ret = 0;
    TRY(get(self, &head, sizeof head, err));
    if (!fits(self, part, &head)) return error_set(err, ERR_DATA, "holds no more parts, or others");
    part_clear(part, (int)head.point, (uint32_t)head.first, (uint32_t)head.n);
    if (part_reserve_rows(part, head.n_rows) < 0) ret = ERR_NOMEM;
    for (int k = 0; k < TALLY_N && !ret; k++)
        if (head.n_counts[k]) ret = counts_init(&part->counts[k], head.n_counts[k]);
    if (ret) return error_memory(err);
    part->log.n = (int32_t)head.n_rows;
    int n = list_blocks(part, blocks);
    uint64_t needed = sizeof head;
    for (int i = 0; i < n; i++) needed += blocks[i].n;
    if (needed > head.n_bytes) return error_set(err, ERR_DATA, "its shape is another");
    for (int i = 0; i < n; i++) TRY(get(self, blocks[i].bytes, blocks[i].n, err));
    for (int k = 0; k < TRAJECTORY_N && has_trajectories(part); k++)
        TRY(get_trajectory(self, part, k, head.n_packed[k], err));
    if (self->at - begin != head.n_bytes) ret = error_set(err, ERR_DATA, "its shape is another");
out:
    return ret;
}
