#include "text/source.h"

#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void sources_free(sources_t *self) {
    for (int i = 0; i < self->n; i++) {
        mem_free(self->items[i].path);
        mem_free(self->items[i].text);
        mem_free(self->items[i].lines);
    }
    mem_free(self->items);
    *self = (sources_t){0};
}

static char *copy_text(const char *text, size_t length) {
    char *copy = mem_alloc(length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

/* Takes `text`, whatever the outcome. */
static int append(sources_t *self, const char *path, char *text, size_t length) {
    char *name = copy_text(path, strlen(path));
    if (!name || !text || ARRAY_RESERVE(self->items, self->n, self->capacity)) {
        mem_free(name);
        mem_free(text);
        return ERR_NOMEM;
    }
    self->items[self->n] = (source_t){.path = name, .text = text, .length = length};
    return self->n++;
}

int sources_give(sources_t *self, const char *path, const char *text, size_t length) {
    self->given = true;
    return append(self, path, copy_text(text, length), length);
}

size_t source_utf8_length(const char *text, size_t left) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) return 1;
    size_t n = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
               : (s[0] & 0xF0) == 0xE0        ? 3
               : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                              : 0;
    if (n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    if (s[0] == 0xE0 && s[1] < 0xA0) return 0;
    if (s[0] == 0xED && s[1] > 0x9F) return 0;
    if (s[0] == 0xF0 && s[1] < 0x90) return 0;
    if (s[0] == 0xF4 && s[1] > 0x8F) return 0;
    return n;
}

/* Rejects bytes that are not text, with their place. */
static int check_text(const char *path, const char *text, size_t length, fault_t *err, int *line,
                      int *column) {
    *line = *column = 1;
    for (size_t i = 0; i < length;) {
        unsigned char byte = (unsigned char)text[i];
        size_t n = source_utf8_length(text + i, length - i);
        if (byte == 0)
            return error_set(err, ERR_DATA,
                             "a zero byte: %s is binary (or UTF-16), a text in UTF-8 is expected", path);
        if (n == 0)
            return error_set(
                err, ERR_DATA,
                "byte 0x%02X is not valid UTF-8 here; save the file as UTF-8 (not Latin-1 or UTF-16)", byte);
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)
            return error_set(err, ERR_DATA, "control character 0x%02X: a text is expected", byte);
        if (byte == '\n') {
            *line += 1;
            *column = 1;
        } else {
            *column += 1;
        }
        i += n;
    }
    *line = *column = 0;
    return 0;
}

static int read_all(int fd, const char *path, size_t expected, char **text, size_t *length, fault_t *err) {
    size_t capacity = expected + 1, n = 0;
    char *buffer = mem_alloc(capacity + 1, 1);
    if (!buffer) return ERR_NOMEM;
    for (;;) {
        if (n == capacity) { /* a pipe, or a file that grew */
            char *larger = mem_resize(buffer, capacity * 2 + 1, 1);
            if (!larger) {
                mem_free(buffer);
                return ERR_NOMEM;
            }
            buffer = larger;
            capacity *= 2;
        }
        ssize_t got = read(fd, buffer + n, capacity - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            mem_free(buffer);
            return error_set(err, ERR_NOINPUT, "cannot read %s: %s", path, strerror(errno));
        }
        if (got == 0) break;
        n += (size_t)got;
        if (n > SOURCE_MAX_BYTES) {
            mem_free(buffer);
            return error_set(err, ERR_DATA, "%s has more than %zu MiB, the limit", path,
                             SOURCE_MAX_BYTES >> 20);
        }
    }
    buffer[n] = 0;
    *text = buffer;
    *length = n;
    return 0;
}

int source_descriptor(const char *path) {
    return strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC)
                                  : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

FILE *source_stream(const char *path) {
    int fd = source_descriptor(path);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && !stream) close(fd);
    return stream;
}

const char *source_name(const char *path) {
    return strcmp(path, "-") != 0 ? path : "standard input";
}

static int load(const char *path, char **text, size_t *length, fault_t *err) {
    int fd = source_descriptor(path);
    path = source_name(path);
    if (fd < 0)
        return errno == ENOENT ? error_set(err, ERR_NOINPUT, "there is no file %s", path)
                               : error_set(err, ERR_NOINPUT, "cannot open %s: %s", path, strerror(errno));
    struct stat info;
    int ret = 0;
    if (fstat(fd, &info) < 0)
        ret = error_set(err, ERR_NOINPUT, "cannot read %s: %s", path, strerror(errno));
    else if (S_ISDIR(info.st_mode))
        ret = error_set(err, ERR_NOINPUT, "%s is a directory, a file is expected", path);
    else if (S_ISREG(info.st_mode) && (uintmax_t)info.st_size > SOURCE_MAX_BYTES)
        ret = error_set(err, ERR_DATA, "%s has %.1f MiB; at most %zu MiB are read", path,
                        (double)info.st_size / (1 << 20), SOURCE_MAX_BYTES >> 20);
    else
        ret = read_all(fd, path, S_ISREG(info.st_mode) ? (size_t)info.st_size : 4096, text, length, err);
    close(fd);
    return ret;
}

int source_text(const char *path, char **text, fault_t *err) {
    size_t length = 0;
    *text = NULL;
    int ret = load(path, text, &length, err);
    if (ret == ERR_NOMEM) return error_memory(err);
    if (ret || !*text || strlen(*text) == length) return ret;
    mem_free(*text);
    *text = NULL;
    return error_set(err, ERR_DATA, "%s: a zero byte: a text is expected", source_name(path));
}

int sources_open(sources_t *self, const char *path, fault_t *err, int *line, int *column) {
    *line = *column = 0;
    int index = -1;
    for (int i = 0; i < self->n && index < 0; i++)
        if (!strcmp(self->items[i].path, path)) index = i;
    if (index >= 0 && self->items[index].used) return index;
    if (index < 0 && self->given)
        return error_set(err, ERR_NOINPUT, "%s is not among the texts that were given", path);
    if (index < 0) {
        char *text = NULL;
        size_t length = 0;
        int ret = load(path, &text, &length, err);
        if (ret < 0) return ret;
        index = append(self, source_name(path), text, length);
        if (index < 0) return index;
    }
    source_t *source = &self->items[index];
    source->used = true;
    int ret = check_text(source->path, source->text, source->length, err, line, column);
    return ret < 0 ? ret : index;
}

char *sources_join(const sources_t *self, int from, const char *path) {
    const char *base = self->items[from].path;
    const char *slash = strrchr(base, '/');
    int folder = path[0] == '/' || !slash ? 0 : (int)(slash - base) + 1;
    size_t size = (size_t)folder + strlen(path) + 1;
    char *joined = mem_alloc(size, 1);
    if (joined) snprintf(joined, size, "%.*s%s", folder, base, path);
    return joined;
}

static int index_lines(source_t *self) {
    size_t n = 1;
    for (size_t i = 0; i < self->length; i++) n += self->text[i] == '\n';
    self->lines = mem_alloc(n, sizeof *self->lines);
    if (!self->lines) return ERR_NOMEM;
    self->n_lines = n;
    size_t line = 1;
    for (size_t i = 0; i < self->length; i++)
        if (self->text[i] == '\n') self->lines[line++] = i + 1;
    return 0;
}

const char *source_line(source_t *self, int line, size_t *length) {
    *length = 0;
    if (line < 1 || (!self->lines && index_lines(self) < 0) || (size_t)line > self->n_lines) return "";
    const char *start = self->text + self->lines[line - 1];
    const char *end = memchr(start, '\n', self->length - self->lines[line - 1]);
    if (!end) end = self->text + self->length;
    if (end > start && end[-1] == '\r') end--;
    if (line == 1 && end - start >= 3 && !memcmp(start, "\xEF\xBB\xBF", 3)) start += 3;
    *length = (size_t)(end - start);
    return start;
}
