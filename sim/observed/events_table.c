#include "observed/events_table.h"

#include "base/mem.h"
#include "text/source.h"

#include <csv.h>
#include <ctype.h>
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

static bool is_same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char x = *a == '_' ? ' ' : (char)tolower((unsigned char)*a),
             y = *b == '_' ? ' ' : (char)tolower((unsigned char)*b);
        if (x != y) return false;
    }
    return *a == *b;
}

int events_table_column(const events_table_t *self, const char *name) {
    for (int c = 0; c < self->n_columns; c++)
        if (is_same_name(self->cells[c], name)) return c;
    return -1;
}

void events_table_check_single(events_table_t *self, int c) {
    for (int other = c + 1; other < self->n_columns; other++)
        if (is_same_name(self->cells[other], self->cells[c]))
            events_table_complain(self, "the columns %d and %d are both called \"%.60s\"", c + 1, other + 1,
                                  self->cells[c]);
}

bool events_table_decimal_comma(const events_table_t *self, const char *text) {
    return self->separator == ';' && strchr(text, ',') && text[strspn(text, "0123456789.,+-")] == 0;
}

/* ---- cells and rows ---------------------------------------------------------------------------------- */

static void on_cell(void *text, size_t length, void *data) {
    events_table_t *self = data;
    int cell = self->n_cells++;
    self->has_text |= length > 0;
    if (cell >= EVENTS_MOST_CELLS || !self->wanted[cell]) return;
    const char *from = text ? text : "";
    if (self->separator == '\t' && self->plain_tabs && length >= 2 && from[0] == '"' &&
        from[length - 1] == '"')
        from++, length -= 2; /* a cell that is quoted as a whole */
    self->too_long |= length >= EVENTS_CELL_BYTES;
    snprintf(self->cells[cell], EVENTS_CELL_BYTES, "%.*s", (int)length, from);
}

static int take_header(events_table_t *self, int n) {
    self->begun = true;
    self->n_columns = n;
    self->too_long = false;
    if (n > EVENTS_MOST_CELLS)
        return error_set(self->err, ERR_DATA,
                         "%s:%ld: %d columns; at most %d are read: keep those that are needed", self->path,
                         self->line, n, EVENTS_MOST_CELLS);
    return self->header(self, self->data);
}

static void on_row(int c, void *data) {
    (void)c;
    events_table_t *self = data;
    int n = self->n_cells;
    bool is_row = self->begun, has_text = self->has_text;
    self->n_cells = 0;
    self->has_text = false;
    self->row_line = self->line;
    if (self->ret < 0 || !has_text) return;
    if (!self->begun) {
        self->ret = take_header(self, n);
        is_row = self->ret > 0;
    }
    if (self->ret < 0 || !is_row) return;
    self->has_rows = true;
    self->ret = 0;
    if (n != self->n_columns)
        events_table_complain(self, "%d cells, the first row has %d", n, self->n_columns);
    else if (self->too_long)
        events_table_complain(self, "a cell has more than %d bytes", EVENTS_CELL_BYTES - 1);
    else
        self->ret = self->row(self, self->data);
    self->too_long = false;
}

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Files that are often mistaken for tables, by their first bytes. */
static const struct {
    const char *bytes, *what;
} others[] = {{"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or save it as CSV"},
              {"\x1F\x8B", "compressed (gzip): unpack it"},
              {"BZh", "compressed (bzip2): unpack it"},
              {"\xFD"
               "7zXZ",
               "compressed (xz): unpack it"},
              {"\xD0\xCF\x11\xE0", "a spreadsheet: save it as CSV"},
              {"\xFF\xFE", "UTF-16: save it as UTF-8"},
              {"\xFE\xFF", "UTF-16: save it as UTF-8"}};

static int check_kind(const events_table_t *self, const char *text, size_t length) {
    for (size_t o = 0; o < sizeof others / sizeof *others; o++) {
        size_t n = strlen(others[o].bytes);
        if (length >= n && !memcmp(text, others[o].bytes, n))
            return error_set(self->err, ERR_DATA, "%s is %s", self->path, others[o].what);
    }
    return 0;
}

static int check_bytes(const events_table_t *self, const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        if ((signed char)text[i] > 0) {
            i++;
            continue;
        }
        size_t n = source_utf8_length(text + i, length - i);
        if (text[i] == 0)
            return error_set(
                self->err, ERR_DATA,
                "%s:%ld: a zero byte: the file is binary (or UTF-16), a table (CSV) in UTF-8 is expected",
                self->path, self->line);
        if (n == 0)
            return error_set(self->err, ERR_DATA,
                             "%s:%ld: byte 0x%02X is not valid UTF-8 here; save the file as UTF-8",
                             self->path, self->line, (unsigned char)text[i]);
        i += n;
    }
    return 0;
}

/* The separator of the cells of the first line: a tab if it has any, else the most frequent one. */
static char find_separator(const char *line, size_t length) {
    static const char separators[] = {',', ';', '|'};
    size_t counts[sizeof separators] = {0}, most = 0;
    if (memchr(line, '\t', length)) return '\t';
    for (size_t i = 0; i < length; i++)
        for (size_t s = 0; s < sizeof separators; s++) counts[s] += line[i] == separators[s];
    for (size_t s = 1; s < sizeof separators; s++)
        if (counts[s] > counts[most]) most = s;
    return separators[most];
}

static int start_parser(events_table_t *self, struct csv_parser *parser, const char *line, size_t length) {
    if (csv_init(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL)) return error_memory(self->err);
    self->separator = find_separator(line, length);
    csv_set_delim(parser, (unsigned char)self->separator);
    if (self->separator == '\t' && self->plain_tabs) csv_set_quote(parser, 0); /* a byte that no line has */
    memset(self->wanted, true, sizeof self->wanted);
    return 0;
}

static int parse(events_table_t *self, struct csv_parser *parser, const char *line, size_t length) {
    if (self->line == 1 && length >= 3 && !memcmp(line, "\xEF\xBB\xBF", 3)) line += 3, length -= 3;
    int ret = check_bytes(self, line, length);
    if (ret < 0) return ret;
    if (csv_parse(parser, line, length, on_cell, on_row, self) == length) return self->ret;
    if (csv_error(parser) != CSV_EPARSE)
        return error_set(self->err, ERR_DATA, "%s:%ld: %s", self->path, self->line,
                         csv_strerror(csv_error(parser)));
    return error_set(
        self->err, ERR_DATA,
        "%s:%ld: a quote stands inside a cell; put the cell in quotes and double the quotes in it",
        self->path, self->line);
}

/* The end of the line that begins there; NULL if more of the file is needed. The first line shows how lines
 * end. */
static const char *end_of_line(events_table_t *self, const char *from, size_t length) {
    const char *lf = memchr(from, '\n', length), *cr = self->line_end ? NULL : memchr(from, '\r', length);
    if (!self->line_end && cr && cr + 1 == from + length) return NULL;
    if (!self->line_end && (lf || cr)) self->line_end = cr && cr + 1 != lf && (!lf || cr < lf) ? '\r' : '\n';
    return self->line_end == '\r' ? memchr(from, '\r', length) : lf;
}

/* Divides the file into lines in a buffer of fixed size. */
static int read_lines(events_table_t *self, FILE *file, struct csv_parser *parser, bool *started,
                      char *buffer) {
    size_t held = 0;
    int ret = 0;
    for (bool more = true; more;) {
        size_t got = fread(buffer + held, 1, LINE_BYTES - held, file);
        if (ferror(file))
            return error_set(self->err, ERR_NOINPUT, "cannot read %s: %s", self->path, strerror(errno));
        more = got > 0;
        held += got;
        size_t from = 0;
        if (!*started && held > 0) TRY(check_kind(self, buffer, held));
        while (from < held) {
            const char *end = end_of_line(self, buffer + from, held - from);
            if (!end && more) break;
            size_t length = end ? (size_t)(end - buffer) + 1 - from : held - from;
            self->line++;
            if (!*started) TRY(start_parser(self, parser, buffer, length));
            *started = true;
            TRY(parse(self, parser, buffer + from, length));
            from += length;
        }
        if (from == 0 && held == LINE_BYTES)
            return error_set(self->err, ERR_DATA, "%s:%ld: a line of more than %d bytes: not a table",
                             self->path, self->line + 1, LINE_BYTES);
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
    self->cells = mem_alloc(EVENTS_MOST_CELLS, sizeof *self->cells);
    FILE *file = source_stream(self->path);
    self->err = err;
    if (!file) TRY(error_set(err, ERR_NOINPUT, "cannot open %s: %s", self->path, strerror(errno)));
    TRY_MEM(buffer && self->cells);
    TRY(read_lines(self, file, &parser, &started, buffer));
    if (started && csv_fini(&parser, on_cell, on_row, self))
        ret = error_set(err, ERR_DATA, "%s: a quoted cell begins after line %ld and does not end", self->path,
                        self->row_line);
    if (ret == 0) ret = self->ret;
    if (ret == 0 && !self->begun) ret = error_set(err, ERR_DATA, "%s is empty", self->path);
    if (ret == 0 && self->errors)
        ret = error_set(err, ERR_DATA, "%s: %ld rows cannot be read", self->path, self->errors);
out:
    if (started) csv_free(&parser);
    if (file) fclose(file);
    mem_free(buffer);
    mem_free(self->cells);
    self->cells = NULL;
    return ret;
}
