#include "engine/log.h"

#include "base/error.h"
#include "base/mem.h"

#define X(id, word) word,
const char *const cause_names[CAUSE_N] = {CAUSE_LIST(X)};
const char *const status_names[STATUS_N] = {STATUS_LIST(X)};
#undef X

void log_init(log_t *self) {
    *self = (log_t){0};
}

void log_free(log_t *self) {
#define X(name, type, ...) mem_free(self->name);
    LOG_COLUMNS(X)
#undef X
    log_init(self);
}

void log_clear(log_t *self) {
    self->n = 0;
}

static int grow(log_t *self) {
    size_t capacity = self->capacity ? 2 * self->capacity : 256;
    if (capacity > INT32_MAX) return ERR_NOMEM;
    void *block;
#define X(name, type, ...)                                                                 \
    if (!(block = mem_resize(self->name, capacity, sizeof *self->name))) return ERR_NOMEM; \
    self->name = block;
    LOG_COLUMNS(X)
#undef X
    self->capacity = capacity;
    return 0;
}

int32_t log_append(log_t *self, const log_row_t *row) {
    if ((size_t)self->n == self->capacity && grow(self) < 0) return ERR_NOMEM;
#define X(name, type, ...) self->name[self->n] = row->name;
    LOG_COLUMNS(X)
#undef X
    return self->n++;
}
