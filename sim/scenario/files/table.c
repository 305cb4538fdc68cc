/* Tables (CSV) as nodes: a list of mappings from column to cell, so that a table's row is read by the same
 * functions as a mapping in YAML and its errors point into the table. libcsv appears here only. */
#include "scenario/reader.h"

#include <csv.h>
#include <string.h>

#define MAX_COLUMNS 256

typedef struct {
    reader_t *r;
    location_t here, start; /* of the byte in hand, of the cell in hand */
    bool started, failed, out_of_memory;
    const char *columns[MAX_COLUMNS];
    location_t column_marks[MAX_COLUMNS];
    int n_columns;
    bool header_done;
    int cell; /* of the row in hand */
    node_t *row, *table;
    size_t capacity;
} csv_reader_t;

static bool fail(csv_reader_t *self, bool out_of_memory) {
    self->out_of_memory |= out_of_memory;
    self->failed = true;
    return false;
}

static void add_column(csv_reader_t *self, const char *name, location_t mark) {
    if (self->n_columns == MAX_COLUMNS) {
        reader_error(self->r, mark, "a table has at most %d columns", MAX_COLUMNS);
        fail(self, false);
        return;
    }
    for (int c = 0; c < self->n_columns; c++) {
        if (strcmp(self->columns[c], name) != 0) continue;
        reader_error(self->r, mark, "column \"%.60s\" is given a second time", name);
        fail(self, false);
        return;
    }
    if (!*name) {
        reader_error(self->r, mark, "column %d has no name; the first line of a table names its columns",
                     self->n_columns + 1);
        fail(self, false);
        return;
    }
    self->columns[self->n_columns] = arena_text(&self->r->nodes, name);
    if (!self->columns[self->n_columns]) fail(self, true);
    self->column_marks[self->n_columns++] = mark;
}

/* Empty cells are keys that are not there. */
static void add_cell(csv_reader_t *self, const char *text, location_t mark) {
    if (!self->row) {
        self->row = node_mapping(&self->r->nodes, mark, self->n_columns);
        if (!self->row) {
            fail(self, true);
            return;
        }
    }
    int cell = self->cell++;
    if (cell >= self->n_columns) {
        if (cell == self->n_columns)
            reader_error(self->r, mark,
                         "this line has more cells than the table has columns (%d); put a text with commas "
                         "in quotes",
                         self->n_columns);
        return;
    }
    if (!*text) return;
    node_t *node = node_scalar(&self->r->nodes, mark, text);
    if (!node) {
        fail(self, true);
        return;
    }
    node->quoted = true; /* "null" is a text here */
    node_put(self->row, self->columns[cell], self->column_marks[cell], node);
}

static void on_cell(void *text, size_t length, void *data) {
    (void)length; /* CSV_APPEND_NULL ends the text */
    csv_reader_t *self = data;
    location_t mark = self->started ? self->start : self->here;
    self->started = false;
    if (self->failed) return;
    if (self->header_done)
        add_cell(self, text, mark);
    else
        add_column(self, text, mark);
}

/* A header with one column: its cells probably have another separator. */
static void check_separator(csv_reader_t *self) {
    const char *other = self->n_columns == 1 ? strpbrk(self->columns[0], ";\t") : NULL;
    if (!other) return;
    reader_error(self->r, self->column_marks[0],
                 "the cells of this table seem to be separated by %s; separate them by commas, and write "
                 "numbers with a "
                 "decimal point",
                 *other == ';' ? "semicolons" : "tabs");
    fail(self, false);
}

static void on_row(int c, void *data) {
    (void)c;
    csv_reader_t *self = data;
    self->started = false;
    if (self->failed) return;
    if (!self->header_done) {
        self->header_done = true;
        check_separator(self);
        return;
    }
    if (self->cell < self->n_columns)
        reader_error(self->r, self->row->mark, "this line has %d cells, the table has %d columns", self->cell,
                     self->n_columns);
    if (mem_array_reserve((void **)&self->table->items, (size_t)self->table->n, &self->capacity,
                          sizeof(node_t *)))
        fail(self, true);
    else
        self->table->items[self->table->n++] = self->row;
    self->row = NULL;
    self->cell = 0;
}

static bool parse(csv_reader_t *self, const source_t *source) {
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL)) return fail(self, true);
    size_t first = source->length >= 3 && !memcmp(source->text, "\xEF\xBB\xBF", 3) ? 3 : 0;
    for (size_t i = first; i < source->length && !self->failed; i++) {
        char byte = source->text[i];
        if (!self->started && byte != '\n' && byte != '\r' && byte != ',') {
            self->started = true;
            self->start = self->here;
        }
        if (csv_parse(&parser, &byte, 1, on_cell, on_row, self) != 1) {
            if (csv_error(&parser) == CSV_EPARSE)
                reader_error(self->r, self->here,
                             "a quote stands inside a cell; put the cell in quotes and double the "
                             "quotes in it");
            fail(self, csv_error(&parser) == CSV_ENOMEM);
        }
        if (byte == '\n') {
            self->here.line++;
            self->here.column = 1;
        } else if (((unsigned char)byte & 0xC0) != 0x80) {
            self->here.column++;
        }
    }
    if (!self->failed && csv_fini(&parser, on_cell, on_row, self)) {
        reader_error(self->r, self->start, "a quoted cell begins here and does not end");
        self->failed = true;
    }
    csv_free(&parser);
    return !self->failed;
}

const node_t *reader_table(reader_t *r, const node_t *name) {
    if (!reader_is_scalar(r, name, "the path of a table (CSV)")) return NULL;
    int file = reader_open(r, name);
    if (file < 0) return NULL;
    csv_reader_t *self = READER_NEW(r, 1, csv_reader_t);
    self->r = r;
    self->here = self->start = (location_t){file, 1, 1};
    self->table = READER_NEW(r, 1, node_t);
    *self->table = (node_t){.type = NODE_LIST, .mark = {file, 1, 1}, .text = ""};
    bool good = parse(self, &r->scenario->sources.items[file]);
    const node_t **items = NULL;
    if (good) items = arena_alloc(&r->nodes, (size_t)self->table->n, sizeof *items);
    if (items && self->table->n) memcpy(items, self->table->items, (size_t)self->table->n * sizeof *items);
    mem_free((void *)self->table->items);
    self->table->items = items;
    reader_need(r, !self->out_of_memory && (items || !good));
    if (good && !self->header_done) {
        reader_error(r, (location_t){file, 0, 0}, "the table is empty");
        return NULL;
    }
    return good ? self->table : NULL;
}
