/* Aligned tables on a terminal: cells are collected row by row, columns are as wide as their widest cell. */
#ifndef ENTENTE_TEXT_TEXT_TABLE_H
#define ENTENTE_TEXT_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_TABLE_COLUMNS 12

typedef struct {
    int n_columns;
    const char *heads[TEXT_TABLE_COLUMNS]; /* borrowed; one that begins with '>' is aligned right */
    char **cells;                          /* [n] row by row */
    size_t n, capacity;
    bool out_of_memory;
} text_table_t;

/* Heads in their order, ended by NULL. */
void text_table_init(text_table_t *self, const char *const *heads);
/* The next cell; printf style. */
void text_table_add(text_table_t *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Code points: what a terminal shows side by side, but for rare wide letters. */
int text_width(const char *text);
/* Prints (two blanks before each column) and frees. */
void text_table_print(text_table_t *self, FILE *out);

#endif
