/* A good file made by the program, and changes to it behind which a valid seal is put: files that somebody
 * has made up. Unless the target has a way of its own, an input is a list of changes of four bytes: where
 * (three, little-endian), and the new value. */
#ifndef ENTENTE_FUZZ_TEMPLATE_H
#define ENTENTE_FUZZ_TEMPLATE_H

#include "fuzz/fuzz.h"
#include <endian.h>
#include <isa-l/crc.h>

typedef struct {
    uint8_t *bytes, *changed;
    size_t n, room; /* of `bytes` without the seal; of `changed` without one */
} template_t;

enum { TEMPLATE_BLOCK = 65536, TEMPLATE_FOOTER = 24 };

static inline void template_read(template_t *self, const char *path) {
    FILE *in = fopen(path, "re");
    fuzz_need(in != NULL && !fseek(in, 0, SEEK_END), "the good file is there");
    size_t size = (size_t)ftell(in);
    self->bytes = malloc(size);
    self->room = 4 * size;
    self->changed = malloc(2 * self->room);
    rewind(in);
    fuzz_need(self->bytes && self->changed && fread(self->bytes, 1, size, in) == size, "it can be read");
    fclose(in);
    uint64_t content;
    memcpy(&content, self->bytes + size - 16, sizeof content);
    self->n = (size_t)le64toh(content);
    fuzz_need(self->n < size, "it bears a seal");
}

/* Puts the n bytes of `changed`, sealed, into `file`. */
static inline void template_put(template_t *self, size_t n, const fuzz_file_t *file) {
    uint8_t *end = self->changed + n;
    for (size_t at = 0; at < n; at += TEMPLATE_BLOCK, end += 8) {
        size_t left = n - at < TEMPLATE_BLOCK ? n - at : TEMPLATE_BLOCK;
        uint32_t crc = htole32(crc32_gzip_refl(0, self->changed + at, left)), own = 0;
        memcpy(end, &crc, 4);
        memcpy(end + 4, &own, 4);
    }
    uint64_t size = htole64(n);
    uint32_t block = htole32(TEMPLATE_BLOCK);
    memcpy(end, "ENTSEAL1", 8);
    memcpy(end + 8, &size, 8);
    memcpy(end + 16, &block, 4);
    uint32_t crc = htole32(crc32_gzip_refl(0, self->changed + n, (size_t)(end + 20 - self->changed) - n));
    memcpy(end + 20, &crc, 4);
    fuzz_file_put(file, self->changed, (size_t)(end - self->changed) + TEMPLATE_FOOTER);
}

/* Changes bytes as the input says. */
static inline void template_change(template_t *self, const uint8_t *input, size_t n,
                                   const fuzz_file_t *file) {
    memcpy(self->changed, self->bytes, self->n);
    for (size_t i = 0; i + 4 <= n; i += 4) {
        size_t at = (size_t)input[i] | (size_t)input[i + 1] << 8 | (size_t)input[i + 2] << 16;
        self->changed[at % self->n] = input[i + 3];
    }
    template_put(self, self->n, file);
}

#endif
