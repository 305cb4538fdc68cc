#include "io/events_table.h"

#include "base/mem.h"
#include "io/source.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define ERRORS_SHOWN 20
#define LINE_BYTES (1 << 20)

void events_table_complain(events_table_t *self, const char *format, ...) {
    if (self->errors++ >= ERRORS_SHOWN || !self->messages) return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(self->messages, "%s:%ld: error: ", self->path, self->line);
    vfprintf(self->messages, format, arguments);
    fputc('\n', self->messages);
    va_end(arguments);
}

int events_table_column(const events_table_t *self, const char *name) {
    for (int c = 0; c < self->n_columns; c++)
        if (!strcmp(self->cells[c], name)) return c;
    return -1;
}

static void on_cell(void *text, size_t length, void *data) {
    events_table_t *self = data;
    int cell = self->n_cells++;
    if (cell >= EVENTS_MOST_CELLS || !self->wanted[cell]) return;
    const char *from = text ? text : "";
    if (self->tabs && self->plain_tabs && length >= 2 && from[0] == '"' && from[length - 1] == '"')
        from++, length -= 2; /* a cell that is quoted as a whole */
    self->too_long |= length >= EVENTS_CELL_BYTES;
    snprintf(self->cells[cell], EVENTS_CELL_BYTES, "%.*s", (int)length, from);
}

static void on_row(int c, void *data) {
    (void)c;
    events_table_t *self = data;
    int n = self->n_cells;
    self->n_cells = 0;
    if (self->ret < 0) return;
    bool is_row = self->begun;
    if (!self->begun) {
        self->begun = true;
        self->n_columns = n > EVENTS_MOST_CELLS ? EVENTS_MOST_CELLS : n;
        self->too_long = false;
        self->ret = self->header(self, self->data);
        is_row = self->ret > 0;
    }
    if (self->ret < 0 || !is_row) return;
    self->ret = 0;
    if (n != self->n_columns)
        events_table_complain(self, "%d cells, the first row has %d", n, self->n_columns);
    else if (self->too_long)
        events_table_complain(self, "a cell has more than %d bytes", EVENTS_CELL_BYTES - 1);
    else
        self->ret = self->row(self, self->data);
    self->too_long = false;
}

static int start_parser(events_table_t *self, struct csv_parser *parser, const char *line, size_t length,
                        fault_t *err) {
    if (csv_init(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL))
        return error_set(err, ERR_NOMEM, "out of memory");
    self->tabs = memchr(line, '\t', length) != NULL;
    if (self->tabs) csv_set_delim(parser, '\t');
    if (self->tabs && self->plain_tabs) csv_set_quote(parser, 0); /* a byte that no line has */
    memset(self->wanted, true, sizeof self->wanted);
    return 0;
}

static int parse(events_table_t *self, struct csv_parser *parser, const char *line, size_t length,
                 fault_t *err) {
    if (self->line == 1 && length >= 3 && !memcmp(line, "\xEF\xBB\xBF", 3)) line += 3, length -= 3;
    if (memchr(line, 0, length))
        return error_set(err, ERR_DATA, "%s:%ld: a zero byte: the file is binary, a table (CSV) is expected",
                         self->path, self->line);
    if (csv_parse(parser, line, length, on_cell, on_row, self) != length)
        return error_set(err, ERR_DATA, "%s:%ld: %s", self->path, self->line,
                         csv_strerror(csv_error(parser)));
    return self->ret;
}

/* Cuts the file into lines in a buffer of fixed size. */
static int read_lines(events_table_t *self, FILE *file, struct csv_parser *parser, bool *started,
                      char *buffer, fault_t *err) {
    size_t held = 0;
    int ret = 0;
    for (bool more = true; more;) {
        size_t got = fread(buffer + held, 1, LINE_BYTES - held, file);
        if (ferror(file))
            return error_set(err, ERR_NOINPUT, "cannot read %s: %s", self->path, strerror(errno));
        more = got > 0;
        held += got;
        size_t from = 0;
        while (from < held) {
            const char *end = memchr(buffer + from, '\n', held - from);
            if (!end && more) break;
            size_t length = end ? (size_t)(end - buffer) + 1 - from : held - from;
            self->line++;
            if (!*started) TRY(start_parser(self, parser, buffer, length, err));
            *started = true;
            TRY(parse(self, parser, buffer + from, length, err));
            from += length;
        }
        if (from == 0 && held == LINE_BYTES)
            return error_set(err, ERR_DATA, "%s:%ld: a line of more than %d bytes: no table", self->path,
                             self->line + 1, LINE_BYTES);
        memmove(buffer, buffer + from, held - from);
        held -= from;
    }
out:
    return ret;
}

int events_table_read(events_table_t *self, fault_t *err) {
    struct csv_parser parser;
    bool started = false;
    int ret = 0;
    char *buffer = mem_alloc(LINE_BYTES, 1);
    FILE *file = source_stream(self->path);
    if (!file) ret = error_set(err, ERR_NOINPUT, "cannot open %s: %s", self->path, strerror(errno));
    if (file && !buffer) ret = error_set(err, ERR_NOMEM, "out of memory");
    if (ret < 0) goto out;
    TRY(read_lines(self, file, &parser, &started, buffer, err));
    if (started && csv_fini(&parser, on_cell, on_row, self))
        ret = error_set(err, ERR_DATA, "%s:%ld: a quoted cell does not end", self->path, self->line);
    if (ret == 0) ret = self->ret;
    if (ret == 0 && !self->begun) ret = error_set(err, ERR_DATA, "%s is empty", self->path);
    if (ret == 0 && self->errors)
        ret = error_set(err, ERR_DATA, "%s: %ld rows cannot be read", self->path, self->errors);
out:
    if (started) csv_free(&parser);
    if (file) fclose(file);
    mem_free(buffer);
    return ret;
}
