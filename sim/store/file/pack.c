#include "store/file/pack.h"

#include "base/mem.h"
#include <isa-l/igzip_lib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Levels of 0 to 3: planes of bytes that differ from item to item need the large tables to find what is
 * repeated far back; elsewhere they take twice the time for nothing. */
#define LEVEL_PLAIN 1
#define LEVEL_SHUFFLED 3
#define TABLES_PLAIN ISAL_DEF_LVL1_DEFAULT /* bytes */
#define TABLES_SHUFFLED ISAL_DEF_LVL3_DEFAULT
_Static_assert(TABLES_PLAIN <= TABLES_SHUFFLED, "room for both");
#define CHUNKS_A_THREAD 4 /* packed at a time */

typedef struct {
    pack_sink_t sink;
    void *context;
    uint64_t at[GRID_MOST_RANK]; /* its first item */
    const unsigned char *values;
    size_t n, item; /* bytes in all, of an item */
    bool shuffle;
    unsigned char *packed; /* [room] */
    size_t room, n_packed;
} chunk_t;

typedef struct { /* what one thread needs */
    packer_t *packer;
    pthread_t thread;
    struct isal_zstream stream;
    unsigned char *tables;   /* [TABLES_SHUFFLED] the compressor's */
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
        if (!(self->hands[i].tables = mem_alloc(TABLES_SHUFFLED, 1))) {
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
        mem_free(self->hands[i].tables);
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

/* What cannot be packed is stored in pieces of 65,535 bytes, five bytes before each; and a frame. */
static size_t packed_at_most(size_t bytes) {
    return bytes + 5 * (bytes / 65535 + 1) + 64;
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
        TRY(reserve(&self->chunks[i].packed, &self->chunks[i].room, packed_at_most(bytes)));
    for (int i = 0; i < self->n_hands; i++)
        TRY(reserve(&self->hands[i].shuffled, &self->hands[i].room, bytes));
out:
    return ret;
}

__attribute__((always_inline)) static inline void
shuffle_items(const unsigned char *restrict from, size_t items, size_t item, unsigned char *restrict to) {
    for (size_t byte = 0; byte < item; byte++)
        for (size_t i = 0; i < items; i++) to[byte * items + i] = from[i * item + byte];
}

/* Of a size that is known to the compiler many go at a time. */
static void shuffle(const unsigned char *from, size_t n, size_t item, unsigned char *to) {
    if (item == 2)
        shuffle_items(from, n / 2, 2, to);
    else if (item == 4)
        shuffle_items(from, n / 4, 4, to);
    else if (item == 8)
        shuffle_items(from, n / 8, 8, to);
    else
        shuffle_items(from, n / item, item, to);
}

static void pack(hand_t *hand, chunk_t *chunk) {
    const unsigned char *from = chunk->values;
    bool shuffled = chunk->shuffle && chunk->item > 1;
    uint32_t tables = shuffled ? TABLES_SHUFFLED : TABLES_PLAIN;
    if (shuffled) {
        shuffle(from, chunk->n, chunk->item, hand->shuffled);
        from = hand->shuffled;
    }
    struct isal_zstream *stream = &hand->stream;
    memset(stream, 0, sizeof *stream); /* the bytes must not depend on what was packed before */
    memset(hand->tables, 0, tables);
    isal_deflate_stateless_init(stream);
    stream->gzip_flag = IGZIP_ZLIB;
    stream->level = shuffled ? LEVEL_SHUFFLED : LEVEL_PLAIN;
    stream->level_buf = hand->tables;
    stream->level_buf_size = tables;
    stream->end_of_stream = 1;
    stream->next_in = (unsigned char *)from;
    stream->avail_in = (uint32_t)chunk->n;
    stream->next_out = chunk->packed;
    stream->avail_out = (uint32_t)chunk->room;
    chunk->n_packed = isal_deflate_stateless(stream) == COMP_OK ? stream->total_out : 0;
}

static void *pack_some(void *data) {
    hand_t *hand = data;
    packer_t *self = hand->packer;
    for (size_t i; (i = atomic_fetch_add(&self->next, 1)) < self->n_chunks;) pack(hand, &self->chunks[i]);
    return NULL;
}

/* All threads except this one begin to pack chunks [0, n_chunks). If a thread cannot be started, the others
 * do its share. */
static void start(packer_t *self) {
    atomic_store(&self->next, 0);
    for (int i = 1; i < self->n_hands && (size_t)i < self->n_chunks; i++) {
        if (pthread_create(&self->hands[i].thread, NULL, pack_some, &self->hands[i])) break;
        self->n_started = i;
    }
}

int packer_finish(packer_t *self, fault_t *err) {
    int ret = 0;
    pack_some(&self->hands[0]);
    join(self);
    for (size_t i = 0; i < self->n_chunks && !ret; i++) {
        const chunk_t *chunk = &self->chunks[i];
        if (chunk->n_packed)
            ret = chunk->sink(chunk->context, chunk->at, chunk->packed, chunk->n_packed, err);
        else
            ret = error_set(err, ERR_INTERNAL, "a chunk of %zu bytes cannot be compressed", chunk->n);
    }
    self->n_chunks = 0;
    return ret;
}

int packer_start(packer_t *self, size_t n, const pack_job_t *jobs, fault_t *err) {
    size_t most = 0;
    int ret = 0;
    TRY(packer_finish(self, err));
    for (size_t i = 0; i < n; i++)
        if (jobs[i].bytes > most) most = jobs[i].bytes;
    if (make_room(self, n, most) < 0) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        chunk_t *chunk = &self->chunks[i];
        chunk->sink = jobs[i].sink;
        chunk->context = jobs[i].context;
        chunk->at[0] = jobs[i].at;
        chunk->values = jobs[i].values;
        chunk->n = jobs[i].bytes;
        chunk->item = jobs[i].item;
        chunk->shuffle = jobs[i].shuffle;
    }
    self->n_chunks = n;
    start(self);
out:
    return ret;
}

/* ---- grids ------------------------------------------------------------------------------------------ */

size_t grid_chunk_bytes(const grid_t *self) {
    size_t bytes = self->item;
    for (int d = 0; d < self->rank; d++) bytes *= self->chunk[d];
    return bytes;
}

size_t grid_bytes(const grid_t *self) {
    size_t bytes = self->item;
    for (int d = 0; d < self->rank; d++) bytes *= self->size[d];
    return bytes;
}

size_t grid_chunks(const grid_t *self) {
    size_t n = 1;
    for (int d = 0; d < self->rank; d++) n *= (self->size[d] + self->chunk[d] - 1) / self->chunk[d];
    return n;
}

bool grid_advance(const grid_t *self, uint64_t *at) {
    for (int d = self->rank - 1; d >= 0; d--) {
        at[d] += self->chunk[d];
        if (at[d] < self->size[d]) return true;
        at[d] = 0;
    }
    return false;
}

/* The part of `values` that lies in the chunk at `at`; `stride` and `step`: bytes from one index of axis d to
 * the next, in memory and in the chunk. */
static void gather(const grid_t *grid, int d, const uint64_t *at, size_t stride, size_t step,
                   const unsigned char *values, unsigned char *to) {
    uint64_t left = grid->size[d] - at[d], n = left < grid->chunk[d] ? left : grid->chunk[d];
    stride /= grid->size[d];
    step /= grid->chunk[d];
    values += at[d] * stride;
    if (d == grid->rank - 1)
        memcpy(to, values, n * grid->item);
    else
        for (uint64_t i = 0; i < n; i++)
            gather(grid, d + 1, at, stride, step, values + i * stride, to + i * step);
}

int packer_pack(packer_t *self, const grid_t *grid, const void *values, pack_sink_t sink, void *context,
                fault_t *err) {
    size_t all = grid_bytes(grid), bytes = grid_chunk_bytes(grid);
    size_t batch = self->n_hands > 1 ? (size_t)self->n_hands * CHUNKS_A_THREAD : 1;
    uint64_t at[GRID_MOST_RANK] = {0};
    int ret = 0;
    TRY(packer_finish(self, err));
    if (!all) return 0;
    if (make_room(self, batch, bytes) < 0 ||
        reserve(&self->gathered, &self->gathered_room, batch * bytes) < 0)
        return error_memory(err);
    for (bool more = true; more;) {
        size_t n = 0;
        for (; more && n < batch; n++) {
            chunk_t *chunk = &self->chunks[n];
            unsigned char *to = self->gathered + n * bytes;
            memset(to, 0, bytes);
            gather(grid, 0, at, all, bytes, values, to);
            chunk->sink = sink;
            chunk->context = context;
            memcpy(chunk->at, at, sizeof at);
            chunk->values = to;
            chunk->n = bytes;
            chunk->item = grid->item;
            chunk->shuffle = grid->shuffle;
            more = grid_advance(grid, at);
        }
        self->n_chunks = n;
        start(self);
        TRY(packer_finish(self, err));
    }
out:
    return ret;
}
