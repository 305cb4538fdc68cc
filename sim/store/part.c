#include "store/part.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

void part_clear(part_t *self, int point, uint32_t first, uint32_t n) {
    self->point = point;
    self->first = first;
    self->n = n;
    log_clear(&self->log);
    for (int k = 0; k < TALLY_N; k++) counts_free(&self->counts[k]);
}

static int init(part_t *self, const layout_t *layout, uint32_t n) {
    *self = (part_t){.layout = layout, .most = n};
    log_init(&self->log);
    size_t runs = (size_t)layout->n_variants * n;
    size_t n_metrics =
        (size_t)layout->observation->n_metric_times * (size_t)layout->observation->n_metric_columns;
    bool ok = true;
    for (int v = 0; v < VALUE_N; v++) {
        const value_t *value = &value_rows[v];
        size_t all = (value->by_variant ? runs : n) * value_count(value, layout);
        ok = ok && (self->values[v] = mem_alloc(all, value->size));
    }
    ok = ok && (self->event_offset = mem_alloc(runs, sizeof *self->event_offset)) &&
         (self->event_rows = mem_alloc(runs, sizeof *self->event_rows)) &&
         (!n_metrics || (self->metrics = mem_alloc(runs * n_metrics, sizeof(float))));
    if (ok) return 0;
    part_free(self);
    return ERR_NOMEM;
}

int part_init(part_t *self, const layout_t *layout, int point, uint32_t first, uint32_t n) {
    int ret = init(self, layout, n);
    if (ret) return ret;
    part_clear(self, point, first, n);
    if (!layout->trajectories) return 0;
    size_t runs = (size_t)layout->n_variants * n,
           cells = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
    if ((self->strength = mem_alloc(runs * cells, sizeof(float))) &&
        (self->alignment = mem_alloc(runs * cells, sizeof(float))) &&
        (self->trade = mem_alloc(runs * 2 * cells, sizeof(float))))
        return 0;
    part_free(self);
    return ERR_NOMEM;
}

int part_init_packed(part_t *self, const layout_t *layout, uint32_t most) {
    int ret = init(self, layout, most);
    if (ret || !layout_has_trajectories(layout)) return ret;
    for (int k = 0; k < TRAJECTORY_N; k++) {
        grid_t grid = layout_grid(layout, k, most);
        self->packed[k].sizes = mem_alloc(grid_chunks(&grid), sizeof *self->packed[k].sizes);
        if (!self->packed[k].sizes) ret = ERR_NOMEM;
    }
    if (ret) part_free(self);
    return ret;
}

void part_free(part_t *self) {
    if (!self->layout) return;
    for (int v = 0; v < VALUE_N; v++) mem_free(self->values[v]);
    mem_free(self->strength);
    mem_free(self->alignment);
    mem_free(self->trade);
    mem_free(self->metrics);
    mem_free(self->event_offset);
    mem_free(self->event_rows);
    for (int k = 0; k < TRAJECTORY_N; k++) {
        mem_free(self->packed[k].sizes);
        mem_free(self->packed[k].bytes);
    }
    log_free(&self->log);
    mem_free(self->sharing);
    for (int k = 0; k < TALLY_N; k++) counts_free(&self->counts[k]);
    *self = (part_t){0};
}

int part_reserve_chunks(part_t *self, int trajectory, size_t n_bytes) {
    chunks_t *chunks = &self->packed[trajectory];
    if (n_bytes > chunks->room) {
        void *larger = mem_resize(chunks->bytes, n_bytes, 1);
        if (!larger) return ERR_NOMEM;
        chunks->bytes = larger;
        chunks->room = n_bytes;
    }
    chunks->n_bytes = n_bytes;
    return 0;
}

static void store_rounded(const rounding_t *rounding, const float *from, float *to, size_t n, bool failed) {
    for (size_t i = 0; i < n; i++) to[i] = failed ? NAN : rounding_store(rounding, from[i]);
}

int part_reserve_rows(part_t *self, size_t n) {
    log_t *log = &self->log;
    if (n <= log->capacity) return 0;
#define X(name, type, ...)                                       \
    {                                                            \
        type *larger = mem_resize(log->name, n, sizeof *larger); \
        if (!larger) return ERR_NOMEM;                           \
        log->name = larger;                                      \
    }
    LOG_COLUMNS(X)
#undef X
    size_t each = part_sharing_bytes(self->layout);
    unsigned char *larger = mem_resize(self->sharing, n, each);
    if (!larger) return ERR_NOMEM;
    memset(larger + log->capacity * each, 0, (n - log->capacity) * each);
    self->sharing = larger;
    log->capacity = n;
    return 0;
}

/* All rows at once, column by column, as no variant's. */
static int append_log(part_t *self, const log_t *from) {
    log_t *to = &self->log;
    size_t n = (size_t)to->n, more = (size_t)from->n;
    if (!more) return 0;
    if (n + more > to->capacity && part_reserve_rows(self, 2 * (n + more)) < 0) return ERR_NOMEM;
#define X(name, type, ...) memcpy(to->name + n, from->name, more * sizeof *to->name);
    LOG_COLUMNS(X)
#undef X
    size_t each = part_sharing_bytes(self->layout);
    memset(self->sharing + n * each, 0, more * each);
    to->n += from->n;
    return 0;
}

/* Its events, from a log that variants before it may have brought already. */
static int add_events(part_t *self, size_t run, int variant, const result_t *result) {
    const result_t *root = result->root ? result->root : result;
    int64_t from = self->log.n, n = 0;
    if (root == result) {
        if (append_log(self, &result->log) < 0) return ERR_NOMEM;
        if (result->root) self->shared_from = from;
    } else {
        from = self->shared_from;
    }
    for (int32_t r = 0; r < root->log.n; r++) {
        if (result->root && !(root->row_courses[r] & course_bit(result->course))) continue;
        part_give_row(self, (size_t)(from + r), variant);
        n++;
    }
    self->event_offset[run] = from;
    self->event_rows[run] = n;
    return 0;
}

/* Puts the numbers of one variable at their place; `from` holds as many as it has. */
static void take_value(part_t *self, const value_t *value, void *to, uint32_t i, int variant, bool failed,
                       const void *from) {
    size_t n = value_count(value, self->layout);
    size_t row = value->by_variant ? (size_t)variant * self->n + i : i;
    if (!n || (!value->by_variant && variant > 0)) return;
    memcpy((char *)to + row * n * value->size, from, n * value->size);
    if (!failed || value->per != VALUE_PER_QUANTITY) return;
    for (size_t q = 0; q < n; q++) ((double *)to)[row * n + q] = NAN;
}

int part_add(part_t *self, uint32_t i, int variant, const result_t *result) {
    const layout_t *layout = self->layout;
    size_t run = (size_t)variant * self->n + i;
    bool failed = result->stop != STOP_NONE;

/* A single number of a run is a member of the result, perhaps of another type; other values are arrays. */
#define FROM_RUN(type, member) &(type){(type)result->member}
#define FROM_QUANTITY(type, member) result->member
#define FROM_KIND(type, member) result->member
#define FROM_PARAMETER(type, member) result->member
#define X(id, name, type, member, per, ...) \
    take_value(self, &value_rows[VALUE_##id], self->name, i, variant, failed, FROM_##per(type, member));
    VALUE_LIST(X)
#undef X
    if (layout->trajectories) {
        size_t cells = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
        store_rounded(&layout->strength, result->strength, self->strength + run * cells, cells, failed);
        store_rounded(&layout->strength, result->alignment, self->alignment + run * cells, cells, failed);
        store_rounded(&layout->trade, result->trade, self->trade + run * 2 * cells, 2 * cells, failed);
    }
    if (self->metrics) {
        size_t n =
            (size_t)layout->observation->n_metric_times * (size_t)layout->observation->n_metric_columns;
        for (size_t i = 0; i < n; i++) self->metrics[run * n + i] = failed ? NAN : (float)result->metrics[i];
    }
    bool keeps_log = layout->events && !failed; /* one that explodes has as many rows as a block of others */
    self->event_offset[run] = self->log.n;
    self->event_rows[run] = 0;
    return keeps_log ? add_events(self, run, variant, result) : 0;
}
