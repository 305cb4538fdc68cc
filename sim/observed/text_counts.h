/* Counts of texts, such as the codes of rows left out. */
#ifndef ENTENTE_OBSERVED_TEXT_COUNTS_H
#define ENTENTE_OBSERVED_TEXT_COUNTS_H

#include "base/mem.h"

enum { TEXT_COUNTS_MOST = 20000 }; /* largest number of different texts; further ones are counted together */

typedef struct {
    const char *text;
    long n;
} counted_t;

typedef struct {
    arena_t texts;
    counted_t *items; /* as they came, until text_counts_sort */
    int n;
    size_t capacity;
    int *slots; /* [2 TEXT_COUNTS_MOST] index + 1 of a text's item; 0 free */
    long all;   /* all counts, including texts counted together */
} text_counts_t;

/* Counts one; `text` is copied. 0 or ERR_NOMEM. Starts with a zeroed one; text_counts_free in any case. */
int text_counts_add(text_counts_t *self, const char *text);
/* Orders the items, those seen most often first; then nothing more is counted. */
void text_counts_sort(text_counts_t *self);
void text_counts_free(text_counts_t *self); /* safe on a zeroed one */

#endif
