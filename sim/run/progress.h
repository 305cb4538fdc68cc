/* Progress of a run on stderr: a bar on a terminal, a line every few seconds otherwise, a
 * JSON object a line for machines, or nothing. */
#ifndef ENTENTE_RUN_PROGRESS_H
#define ENTENTE_RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { PROGRESS_AUTO, PROGRESS_QUIET, PROGRESS_JSON } progress_mode_t;

typedef struct {
    progress_mode_t mode;
    bool terminal, shown;
    double start, last;    /* seconds of a clock that never jumps */
    int64_t total, before; /* replicates: of the run; already done when it began */
} progress_t;

double progress_clock(void);
void progress_begin(progress_t *self, progress_mode_t mode, int64_t total, int64_t before);
void progress_update(progress_t *self, int64_t done, int workers);
void progress_end(progress_t *self, int64_t done); /* leaves the line */
/* A message on a separate line: "entente: text". Quiet runs print only `important` ones. */
void progress_say(progress_t *self, bool important, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
