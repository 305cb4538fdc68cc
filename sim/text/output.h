/* Output files: their names, what they may replace, and when they appear.
 *
 * A symbolic link stands for its target, existing or not: the file is made
 * beside the target, so that the link stays and a large result lies on the target's disk. Only an existing
 * file that the same command made is replaced; everything else is refused with
 * ERR_CANTCREATE, unchanged. */
#ifndef ENTENTE_TEXT_OUTPUT_H
#define ENTENTE_TEXT_OUTPUT_H

#include "base/error.h"
#include <stdbool.h>
#include <stdio.h>

/* The name that a chain of links ends in, `path` itself if it is no link. mem_free. ERR_CANTCREATE of links
 * that lead round in a circle and of "-", which no file is called; ERR_NOMEM. */
int output_resolve(const char *path, char **resolved, fault_t *err);

/* Whether two names are of one file, there already or not, whatever links are on the way. */
bool output_is_same(const char *a, const char *b);

/* Whether a text that begins with `beginning` may be written there: nothing is there, or a regular file that
 * begins so too. 0, ERR_CANTCREATE, ERR_NOMEM. */
int output_check(const char *path, const char *beginning, fault_t *err);

/* A text that is written as it comes, under a temporary name until it is whole. */
typedef struct {
    char *path, *temporary; /* resolved; NULL while there is none */
    FILE *file;
} output_file_t;

/* Creates the file for `path` if output_check allows it; the caller writes `beginning`. ERR_CANTCREATE,
 * ERR_NOMEM. output_drop in any case. */
int output_begin(output_file_t *self, const char *path, const char *beginning, fault_t *err);
/* Makes what was written durable; then it can be read under its temporary name. ERR_IO. */
int output_flush(output_file_t *self, fault_t *err);
/* The same, and gives it its name. ERR_IO, ERR_CANTCREATE. Nothing on what was not begun. */
int output_end(output_file_t *self, fault_t *err);
void output_drop(output_file_t *self); /* removes what was not ended; safe on a zeroed one */

#endif
