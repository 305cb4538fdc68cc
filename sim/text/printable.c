#include "text/printable.h"

#include "text/source.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LETTER = 4 /* most bytes of one in UTF-8 */, ROOM = 4096 };

typedef struct {
    int fd;
    size_t n_held; /* of a letter whose end is still to be written */
    char held[LETTER];
} sink_t;

static bool write_all(int fd, const char *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t now = write(fd, bytes + done, n - done);
        if (now < 0 && errno == EINTR) continue;
        if (now <= 0) return false;
        done += (size_t)now;
    }
    return true;
}

static uint32_t code_of(const char *letter, size_t n) {
    static const unsigned char first[LETTER + 1] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)letter[0] & first[n];
    for (size_t i = 1; i < n; i++) code = code << 6 | ((unsigned char)letter[i] & 0x3F);
    return code;
}

static bool is_printable(uint32_t code) {
    bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code <= 0x9F);
    bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return !control && !turns;
}

/* Whether more bytes may make a letter of these. */
static bool is_begun(const char *bytes, size_t n) {
    static const char ends[] = {(char)0x80, (char)0x90, (char)0xA0, (char)0xBF};
    char letter[LETTER];
    if (n >= LETTER || !n) return false;
    for (size_t length = n + 1; length <= LETTER; length++)
        for (size_t e = 0; e < sizeof ends; e++) {
            memset(letter, (int)(unsigned char)ends[e], sizeof letter);
            memcpy(letter, bytes, n);
            if (source_utf8_length(letter, length) == length) return true;
        }
    return false;
}

/* Writes n bytes, except an incomplete character at their end, which it holds back. */
static bool put(sink_t *self, const char *bytes, size_t n) {
    char out[ROOM + LETTER];
    size_t n_out = 0;
    for (size_t i = 0, length; i < n; i += length ? length : 1) {
        length = source_utf8_length(bytes + i, n - i);
        if (!length && is_begun(bytes + i, n - i)) {
            self->n_held = n - i;
            memcpy(self->held, bytes + i, self->n_held);
            break;
        }
        if (length && is_printable(code_of(bytes + i, length))) {
            memcpy(out + n_out, bytes + i, length);
            n_out += length;
        } else {
            out[n_out++] = '?';
        }
        if (n_out >= ROOM) {
            if (!write_all(self->fd, out, n_out)) return false;
            n_out = 0;
        }
    }
    return write_all(self->fd, out, n_out);
}

static ssize_t write_printable(void *cookie, const char *bytes, size_t n) {
    sink_t *self = cookie;
    size_t taken = 0;
    while (self->n_held && taken < n) { /* byte by byte, until the letter is whole or is none */
        char letter[LETTER];
        size_t length = self->n_held;
        memcpy(letter, self->held, length);
        letter[length++] = bytes[taken];
        self->n_held = 0;
        if (source_utf8_length(letter, length) == 0 && !is_begun(letter, length)) {
            if (!put(self, "?", 1)) return 0; /* the held bytes; the new one is checked separately */
            break;
        }
        taken++;
        if (!put(self, letter, length)) return 0;
    }
    return put(self, bytes + taken, n - taken) ? (ssize_t)n : 0;
}

static FILE *through(FILE *stream, sink_t *sink, int buffering) {
    FILE *filtered = fopencookie(sink, "w", (cookie_io_functions_t){.write = write_printable});
    if (!filtered) return stream;
    setvbuf(filtered, NULL, buffering, BUFSIZ);
    return filtered;
}

void printable_streams(void) {
    static sink_t sinks[2] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};
    stdout = through(stdout, &sinks[0], isatty(STDOUT_FILENO) == 1 ? _IOLBF : _IOFBF);
    stderr = through(stderr, &sinks[1], _IONBF);
}
