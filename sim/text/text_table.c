#include "text/text_table.h"

#include "base/mem.h"
#include <stdarg.h>
#include <string.h>

void text_table_init(text_table_t *self, const char *const *heads) {
    *self = (text_table_t){0};
    while (self->n_columns < TEXT_TABLE_COLUMNS && heads[self->n_columns]) {
        self->heads[self->n_columns] = heads[self->n_columns];
        self->n_columns++;
    }
}

void text_table_add(text_table_t *self, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t size = (size_t)vsnprintf(NULL, 0, format, arguments) + 1;
    char *cell = mem_alloc(size, 1);
    if (cell) vsnprintf(cell, size, format, again);
    va_end(again);
    va_end(arguments);
    if (!cell || ARRAY_RESERVE(self->cells, self->n, self->capacity)) {
        mem_free(cell);
        self->out_of_memory = true;
        return;
    }
    self->cells[self->n++] = cell;
}

int text_width(const char *text) {
    int width = 0;
    for (; *text; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static const char *head_of(const text_table_t *self, int column) {
    return self->heads[column] + (self->heads[column][0] == '>');
}

static void print_cell(const text_table_t *self, int column, const char *text, int width, bool last,
                       FILE *out) {
    int blanks = width - text_width(text);
    bool right = self->heads[column][0] == '>';
    fprintf(out, "  %*s%s", right ? blanks : 0, "", text);
    if (!right && !last) fprintf(out, "%*s", blanks, "");
}

void text_table_print(text_table_t *self, FILE *out) {
    int widths[TEXT_TABLE_COLUMNS] = {0};
    size_t columns = (size_t)self->n_columns;
    for (int c = 0; c < self->n_columns; c++) widths[c] = text_width(head_of(self, c));
    for (size_t i = 0; i < self->n; i++) {
        int width = text_width(self->cells[i]);
        if (width > widths[i % columns]) widths[i % columns] = width;
    }
    for (int c = 0; c < self->n_columns; c++)
        print_cell(self, c, head_of(self, c), widths[c], c + 1 == self->n_columns, out);
    fputc('\n', out);
    for (size_t i = 0; i < self->n; i++) {
        int c = (int)(i % columns);
        bool last = c + 1 == self->n_columns;
        print_cell(self, c, self->cells[i], widths[c], last, out);
        if (last) fputc('\n', out);
    }
    if (self->out_of_memory) fputs("  (out of memory: lines are missing)\n", out);
    for (size_t i = 0; i < self->n; i++) mem_free(self->cells[i]);
    mem_free(self->cells);
    *self = (text_table_t){0};
}
