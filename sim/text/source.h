/* The texts a scenario is made of: the scenario's file, shared kinds, tables.
 *
 * Every file is read once, whole, and kept, because the output file stores the texts as provenance and
 * diagnostics quote their lines. A set of sources can also be given from memory (path, text): then files
 * are never looked for on disk, so that a run can be repeated from what an output file holds.
 *
 * A text is rejected before any parser reads it if it is longer than SOURCE_MAX_BYTES, contains a zero byte
 * or is not valid UTF-8 (an invalid byte can make libfyaml loop forever). */
#ifndef ENTENTE_TEXT_SOURCE_H
#define ENTENTE_TEXT_SOURCE_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SOURCE_MAX_BYTES ((size_t)64 << 20)

/* A place in a source; lines and columns (code points) count from 1. Line 0 is the file as a whole. */
typedef struct {
    int file, line, column;
} location_t;

typedef struct {
    char *path; /* as given, or joined to the folder of the file that names it */
    char *text; /* ended by a zero */
    size_t length;
    bool used;     /* asked for by the reader */
    size_t *lines; /* offsets at which lines start; made when first needed */
    size_t n_lines;
} source_t;

typedef struct {
    source_t *items;
    int n;
    size_t capacity;
    bool given; /* all texts are here already; nothing is read from disk */
} sources_t;

void sources_free(sources_t *self); /* safe on a zeroed set */

/* Adds a text under a path (both copied); its index or ERR_NOMEM. */
int sources_give(sources_t *self, const char *path, const char *text, size_t length);

/* Opens a file for reading, standard input for "-", which can be read once: a descriptor or -1, a stream or
 * NULL, with errno. What a person reads of "-" is source_name. */
int source_descriptor(const char *path);
FILE *source_stream(const char *path);
/* The whole of a text, ended by a zero; mem_free. ERR_NOINPUT, ERR_DATA when it is longer than
 * SOURCE_MAX_BYTES or holds a zero byte, ERR_NOMEM. */
int source_text(const char *path, char **text, fault_t *err);
const char *source_name(const char *path);

/* The index of the file `path` ("-": standard input), reading it if it is not there yet. ERR_NOINPUT when it
 * cannot be read, ERR_DATA when it is no text; then `err` says why and `line`, `column` where (0 if nowhere).
 */
int sources_open(sources_t *self, const char *path, fault_t *err, int *line, int *column);

/* `path` seen from the folder of file `from`; the caller frees it (mem_free), NULL without memory. */
char *sources_join(const sources_t *self, int from, const char *path);

/* Length of the valid UTF-8 sequence at `text`, 0 if there is none (overlong forms, surrogates and values
 * beyond U+10FFFF are none). */
size_t source_utf8_length(const char *text, size_t left);

/* The line's text (not ended by a zero) and length without its line break. */
const char *source_line(source_t *self, int line, size_t *length);

#endif
