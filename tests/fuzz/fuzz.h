/* What the fuzz targets share. A target is one file: it defines LLVMFuzzerTestOneInput, returns 0, and ends
 * the process (fuzz_need) when what always holds does not. */
#ifndef ENTENTE_FUZZ_H
#define ENTENTE_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Libraries lose some memory when they refuse what is damaged. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5\nleak:libfyaml\n";
}

/* What is freed is held back for as long as one input takes, not for thousands: fresh memory for each costs
 * more than what is looked for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "quarantine_size_mb=4";
}

enum { FUZZ_SEPARATOR = 0x1e /* between the texts of one input */ };

static inline void fuzz_need(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

/* A copy with a zero behind it, of its own allocation so that reading beyond it is seen; free. */
static inline char *fuzz_text(const uint8_t *bytes, size_t n) {
    char *text = malloc(n + 1);
    if (!text) abort();
    memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

/* The texts of an input, `most` at most; free each. How many there are. */
static inline int fuzz_split(const uint8_t *bytes, size_t n, int most, char **texts, size_t *lengths) {
    int count = 0;
    for (const uint8_t *at = bytes, *end = bytes + n; count < most;) {
        const uint8_t *next =
            count + 1 < most && at < end ? memchr(at, FUZZ_SEPARATOR, (size_t)(end - at)) : NULL;
        lengths[count] = (size_t)((next ? next : end) - at);
        texts[count] = fuzz_text(at, lengths[count]);
        count++;
        if (!next) break;
        at = next + 1;
    }
    return count;
}

typedef struct { /* a file in memory that can be opened by its path */
    int fd;
    char path[64];
} fuzz_file_t;

static inline void fuzz_file_init(fuzz_file_t *self, const char *name) {
    self->fd = memfd_create(name, 0);
    fuzz_need(self->fd >= 0, "a file in memory");
    snprintf(self->path, sizeof self->path, "/proc/%ld/fd/%d", (long)getpid(), self->fd);
}

static inline void fuzz_file_put(const fuzz_file_t *self, const void *bytes, size_t n) {
    fuzz_need(pwrite(self->fd, bytes, n, 0) == (ssize_t)n && !ftruncate(self->fd, (off_t)n),
              "a file in memory");
}

#endif
