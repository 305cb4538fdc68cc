#include "io/store_pack.h"

#include "base/mem.h"
#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define LEVEL 1
#define CHUNKS_A_THREAD 4 /* packed at a time */

typedef struct {
    hid_t dataset;
    hsize_t at[HDF_MAX_RANK]; /* its first item */
    const unsigned char *values;
    size_t n, item;        /* bytes in all, of an item */
    bool shuffle;          /* the items' first bytes, then their second ones, ... */
    unsigned char *packed; /* [room] */
    size_t room, n_packed;
} chunk_t;

typedef struct { /* what one thread needs */
    packer_t *packer;
    pthread_t thread;
    struct libdeflate_compressor *deflate;
    unsigned char *shuffled; /* [room] */
    size_t room;
} hand_t;

struct packer {
    int n_hands, n_started; /* threads that are packing now: hands 1 .. n_started */
    hand_t *hands;
    size_t most, n_chunks; /* room in `chunks`, those to be packed now */
    chunk_t *chunks;
    unsigned char *gathered; /* [gathered_room] values of chunks that do not lie together */
    size_t gathered_room;
    atomic_size_t next;
};

packer_t *packer_new(int n_threads) {
    packer_t *self = mem_alloc(1, sizeof *self);
    if (!self) return NULL;
    self->n_hands = n_threads;
    self->hands = mem_alloc((size_t)n_threads, sizeof *self->hands);
    for (int i = 0; self->hands && i < n_threads; i++) {
        self->hands[i].packer = self;
        if (!(self->hands[i].deflate = libdeflate_alloc_compressor(LEVEL))) {
            packer_free(self);
            return NULL;
        }
    }
    if (self->hands) return self;
    packer_free(self);
    return NULL;
}

static void join(packer_t *self) {
    for (; self->n_started; self->n_started--) pthread_join(self->hands[self->n_started].thread, NULL);
}

void packer_free(packer_t *self) {
    if (!self) return;
    join(self);
    for (int i = 0; self->hands && i < self->n_hands; i++) {
        libdeflate_free_compressor(self->hands[i].deflate);
        mem_free(self->hands[i].shuffled);
    }
    for (size_t i = 0; i < self->most; i++) mem_free(self->chunks[i].packed);
    mem_free(self->hands);
    mem_free(self->chunks);
    mem_free(self->gathered);
    mem_free(self);
}

/* ---- packing --------------------------------------------------------------------------------------- */

static int reserve(unsigned char **block, size_t *room, size_t wanted) {
    if (wanted <= *room) return 0;
    void *larger = mem_resize(*block, wanted, 1);
    if (!larger) return ERR_NOMEM;
    *block = larger;
    *room = wanted;
    return 0;
}

/* Room for n chunks of `bytes` bytes at most. All memory is taken here: the threads take none. */
static int make_room(packer_t *self, size_t n, size_t bytes) {
    int ret = 0;
    if (n > self->most) {
        chunk_t *larger = mem_resize(self->chunks, n, sizeof *larger);
        if (!larger) return ERR_NOMEM;
        memset(larger + self->most, 0, (n - self->most) * sizeof *larger);
        self->chunks = larger;
        self->most = n;
    }
    for (size_t i = 0; i < n; i++)
        TRY(reserve(&self->chunks[i].packed, &self->chunks[i].room,
                    libdeflate_zlib_compress_bound(NULL, bytes)));
    for (int i = 0; i < self->n_hands; i++)
        TRY(reserve(&self->hands[i].shuffled, &self->hands[i].room, bytes));
out:
    return ret;
}

static void shuffle(const unsigned char *from, size_t n, size_t item, unsigned char *to) {
    size_t items = n / item;
    for (size_t byte = 0; byte < item; byte++)
        for (size_t i = 0; i < items; i++) *to++ = from[i * item + byte];
}

static void pack(hand_t *hand, chunk_t *chunk) {
    const unsigned char *from = chunk->values;
    if (chunk->shuffle && chunk->item > 1) {
        shuffle(from, chunk->n, chunk->item, hand->shuffled);
        from = hand->shuffled;
    }
    chunk->n_packed = libdeflate_zlib_compress(hand->deflate, from, chunk->n, chunk->packed, chunk->room);
}

static void *pack_some(void *data) {
    hand_t *hand = data;
    packer_t *self = hand->packer;
    for (size_t i; (i = atomic_fetch_add(&self->next, 1)) < self->n_chunks;) pack(hand, &self->chunks[i]);
    return NULL;
}

/* All threads but this one begin to pack chunks [0, n_chunks). Where one cannot be had the others do its
 * share. */
static void start(packer_t *self) {
    atomic_store(&self->next, 0);
    for (int i = 1; i < self->n_hands && (size_t)i < self->n_chunks; i++) {
        if (pthread_create(&self->hands[i].thread, NULL, pack_some, &self->hands[i])) break;
        self->n_started = i;
    }
}

/* Packs what is left and writes them all. */
int packer_finish(packer_t *self, fault_t *err) {
    int ret = 0;
    pack_some(&self->hands[0]);
    join(self);
    for (size_t i = 0; i < self->n_chunks && !ret; i++) {
        const chunk_t *chunk = &self->chunks[i];
        if (H5Dwrite_chunk(chunk->dataset, H5P_DEFAULT, 0, chunk->at, chunk->n_packed, chunk->packed) < 0)
            ret = hdf_fault(err, "writing");
    }
    self->n_chunks = 0;
    return ret;
}

/* ---- datasets -------------------------------------------------------------------------------------- */

typedef struct { /* how a dataset is stored */
    int rank;
    hsize_t size[HDF_MAX_RANK], chunk[HDF_MAX_RANK];
    size_t item, bytes; /* of one item, of a whole chunk */
    bool packed, shuffle;
} grid_t;

static bool has_filter(hid_t plist, H5Z_filter_t filter) {
    return H5Pget_filter_by_id2(plist, filter, NULL, NULL, NULL, 0, NULL, NULL) >= 0;
}

static grid_t grid_of(hid_t dataset) {
    grid_t grid = {0};
    hid_t plist = H5Dget_create_plist(dataset), space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    grid.item = H5Tget_size(type);
    grid.rank = H5Sget_simple_extent_dims(space, grid.size, NULL);
    grid.packed = H5Pget_layout(plist) == H5D_CHUNKED && has_filter(plist, H5Z_FILTER_DEFLATE);
    if (grid.packed) {
        H5Pget_chunk(plist, HDF_MAX_RANK, grid.chunk);
        grid.shuffle = has_filter(plist, H5Z_FILTER_SHUFFLE);
        grid.bytes = grid.item;
        for (int d = 0; d < grid.rank; d++) grid.bytes *= grid.chunk[d];
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Pclose(plist);
    H5Eclear2(H5E_DEFAULT); /* of a filter that is not there */
    return grid;
}

static void set_chunk(packer_t *self, size_t i, hid_t dataset, const grid_t *grid, const hsize_t *at,
                      const void *values) {
    chunk_t *chunk = &self->chunks[i];
    chunk->dataset = dataset;
    memcpy(chunk->at, at, (size_t)grid->rank * sizeof *at);
    chunk->values = values;
    chunk->n = grid->bytes;
    chunk->item = grid->item;
    chunk->shuffle = grid->shuffle;
}

int packer_start_rows(packer_t *self, size_t n, const hid_t *datasets, const void *const *values, hsize_t at,
                      fault_t *err) {
    size_t most = 0;
    int ret = 0;
    TRY(packer_finish(self, err));
    if (make_room(self, n, 0) < 0) return error_set(err, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        grid_t grid = grid_of(datasets[i]);
        set_chunk(self, i, datasets[i], &grid, &at, values[i]);
        if (grid.bytes > most) most = grid.bytes;
    }
    if (make_room(self, n, most) < 0) return error_set(err, ERR_NOMEM, "out of memory");
    self->n_chunks = n;
    start(self);
out:
    return ret;
}

/* The part of `values` that lies in the chunk at `at`; `stride` and `step`: bytes from one index of axis d to
 * the next, in memory and in the chunk. */
static void gather(const grid_t *grid, int d, const hsize_t *at, size_t stride, size_t step,
                   const unsigned char *values, unsigned char *to) {
    hsize_t left = grid->size[d] - at[d], n = left < grid->chunk[d] ? left : grid->chunk[d];
    stride /= grid->size[d];
    step /= grid->chunk[d];
    values += at[d] * stride;
    if (d == grid->rank - 1)
        memcpy(to, values, n * grid->item);
    else
        for (hsize_t i = 0; i < n; i++)
            gather(grid, d + 1, at, stride, step, values + i * stride, to + i * step);
}

/* The next chunk's place; false after the last. */
static bool advance(const grid_t *grid, hsize_t *at) {
    for (int d = grid->rank - 1; d >= 0; d--) {
        at[d] += grid->chunk[d];
        if (at[d] < grid->size[d]) return true;
        at[d] = 0;
    }
    return false;
}

int packer_write_all(packer_t *self, hid_t dataset, const void *values, fault_t *err) {
    grid_t grid = grid_of(dataset);
    size_t bytes = grid.item, batch = self->n_hands > 1 ? (size_t)self->n_hands * CHUNKS_A_THREAD : 1;
    hsize_t at[HDF_MAX_RANK] = {0};
    int ret = 0;
    TRY(packer_finish(self, err));
    for (int d = 0; d < grid.rank; d++) bytes *= grid.size[d];
    if (!bytes) return 0;
    if (!grid.packed) {
        hid_t type = H5Dget_type(dataset);
        if (H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
            ret = hdf_fault(err, "writing");
        H5Tclose(type);
        return ret;
    }
    if (make_room(self, batch, grid.bytes) < 0 ||
        reserve(&self->gathered, &self->gathered_room, batch * grid.bytes) < 0)
        return error_set(err, ERR_NOMEM, "out of memory");
    for (bool more = true; more;) {
        size_t n = 0;
        for (; more && n < batch; n++) {
            unsigned char *to = self->gathered + n * grid.bytes;
            memset(to, 0, grid.bytes); /* beyond the dataset's edge */
            gather(&grid, 0, at, bytes, grid.bytes, values, to);
            set_chunk(self, n, dataset, &grid, at, to);
            more = advance(&grid, at);
        }
        self->n_chunks = n;
        start(self);
        TRY(packer_finish(self, err));
    }
out:
    return ret;
}
