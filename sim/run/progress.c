#include "run/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define EVERY_TERMINAL 0.1 /* seconds */
#define EVERY_PLAIN 5.0
#define EVERY_JSON 1.0

double progress_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void progress_begin(progress_t *self, progress_mode_t mode, int64_t total, int64_t before) {
    *self =
        (progress_t){.mode = mode, .terminal = isatty(STDERR_FILENO) == 1, .total = total, .before = before};
    self->start = self->last = progress_clock();
}

/* "1 h 02 min", "3 min 20 s", "12 s" */
static void format_span(double seconds, char out[32]) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, 32, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, 32, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(out, 32, "%ld s", s);
}

static void draw(const progress_t *self, int64_t done, double rate, double left) {
    char bar[BAR_WIDTH + 1], span[32];
    double share = self->total ? (double)done / (double)self->total : 1;
    for (int i = 0; i < BAR_WIDTH; i++) bar[i] = i < (int)(share * BAR_WIDTH) ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    format_span(left, span);
    if (self->terminal) dprintf(STDERR_FILENO, "\r[%s] ", bar);
    fprintf(stderr, "%s%lld of %lld replicates, %.*f a second",
            self->terminal ? "" : "entente: ", (long long)done, (long long)self->total, rate < 10 ? 1 : 0,
            rate);
    if (left >= 0 && done < self->total) fprintf(stderr, ", %s left", span);
    if (self->terminal)
        dprintf(STDERR_FILENO, "\033[K");
    else
        fputc('\n', stderr);
}

void progress_update(progress_t *self, int64_t done, int workers) {
    double now = progress_clock(), spent = now - self->start;
    double every = self->mode == PROGRESS_JSON ? EVERY_JSON : self->terminal ? EVERY_TERMINAL : EVERY_PLAIN;
    if (self->mode == PROGRESS_QUIET || now - self->last < every) return;
    self->last = now;
    double rate = spent > 0 ? (double)(done - self->before) / spent : 0;
    double left = rate > 0 ? (double)(self->total - done) / rate : -1;
    if (self->mode == PROGRESS_JSON) {
        fprintf(stderr,
                "{\"done\": %lld, \"total\": %lld, \"per_second\": %.6g, \"seconds_left\": %.6g, "
                "\"workers\": %d}\n",
                (long long)done, (long long)self->total, rate, left < 0 ? 0 : left, workers);
        return;
    }
    draw(self, done, rate, left);
    self->shown = true;
}

void progress_end(progress_t *self, int64_t done) {
    double spent = progress_clock() - self->start;
    if (self->shown && self->terminal) {
        draw(self, done, spent > 0 ? (double)(done - self->before) / spent : 0, -1);
        fputc('\n', stderr);
    }
    self->shown = false;
}

void progress_say(progress_t *self, bool important, const char *format, ...) {
    if (self->mode != PROGRESS_AUTO && !important) return;
    if (self->shown && self->terminal) dprintf(STDERR_FILENO, "\r\033[K");
    fputs("entente: ", stderr);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}
