/* Tables of published figures for tests: the folder, and CSV files with a header and no quotes. */
#ifndef ENTENTE_TESTS_FIGURES_H
#define ENTENTE_TESTS_FIGURES_H

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    int n_columns, n_rows;
    char *text;   /* the file, cells ended by zeros */
    char **cells; /* [n_rows + 1][n_columns], the header first */
} figures_t;

static inline void figures_free(figures_t *self) {
    free(self->text);
    free(self->cells);
    *self = (figures_t){0};
}

/* Reads benchmarks/NAME of the data folder ($ENTENTE_DATA, or ../shared/data beside the repository); false,
 * with a message, where it is absent. */
static inline bool figures_read(figures_t *self, const char *name) {
    const char *folder = getenv("ENTENTE_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/benchmarks/%s", folder ? folder : ENTENTE_SOURCE_DIR "/../shared/data",
             name);
    *self = (figures_t){0};
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("%s is not there: skipped; ENTENTE_DATA names the data folder\n", path);
        return false;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file), most = 1;
    rewind(file);
    self->text = calloc(size + 1, 1);
    assert_non_null(self->text);
    assert_int_equal(fread(self->text, 1, size, file), size);
    fclose(file);
    for (size_t k = 0; k < size; k++) most += self->text[k] == ',' || self->text[k] == '\n';
    self->cells = calloc(most + 1, sizeof *self->cells);
    assert_non_null(self->cells);
    int cells = 0, lines = 0;
    for (char *at = self->text; *at;) {
        self->cells[cells++] = at;
        at += strcspn(at, ",\n");
        if (*at != ',' && lines++ == 0) self->n_columns = cells;
        if (*at) *at++ = '\0';
    }
    self->n_rows = lines - 1;
    assert_int_equal(cells, lines * self->n_columns);
    return true;
}

static inline const char *figures_text(const figures_t *self, int row, const char *column) {
    for (int k = 0; k < self->n_columns; k++)
        if (strcmp(self->cells[k], column) == 0) return self->cells[(row + 1) * self->n_columns + k];
    fail_msg("there is no column %s", column);
    return "";
}

static inline double figures_number(const figures_t *self, int row, const char *column) {
    return strtod(figures_text(self, row, column), NULL);
}

/* The first row whose `column` is `text`. */
static inline int figures_row(const figures_t *self, const char *column, const char *text) {
    for (int row = 0; row < self->n_rows; row++)
        if (strcmp(figures_text(self, row, column), text) == 0) return row;
    fail_msg("no row has %s in column %s", text, column);
    return -1;
}

#endif
