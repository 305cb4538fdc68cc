/* Where the files that a scenario names are found: beside the file that names them, else in the folders of
 * ENTENTE_LIBRARY (separated by colons), else in the installed library. */
#include "scenario/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of texts given from memory, the index of the one at the path; -1. */
static int given_at(const sources_t *sources, const char *path) {
    for (int i = 0; i < sources->n; i++)
        if (!strcmp(sources->items[i].path, path)) return i;
    return -1;
}

static bool is_there(const sources_t *sources, const char *path) {
    return sources->given ? given_at(sources, path) >= 0 : access(path, F_OK) == 0;
}

/* A text from memory that was found in some folder of the search path when it was read: its path ends so. */
static const char *given_below(const sources_t *sources, const char *name) {
    size_t n = strlen(name);
    for (int i = 0; i < sources->n; i++) {
        const char *path = sources->items[i].path;
        size_t length = strlen(path);
        if (length > n && path[length - n - 1] == '/' && !strcmp(path + length - n, name)) return path;
    }
    return NULL;
}

/* The file in the first of the folders that has it, or NULL; mem_free. -1 in *ret without memory. */
static char *in_folders(const char *folders, const char *name, int *ret) {
    for (; folders && *folders; folders += *folders == ':') {
        size_t length = strcspn(folders, ":"), size = length + strlen(name) + 2;
        char *path = length ? mem_alloc(size, 1) : NULL;
        if (length && !path) *ret = ERR_NOMEM;
        if (path) snprintf(path, size, "%.*s/%s", (int)length, folders, name);
        if (path && access(path, F_OK) == 0) return path;
        mem_free(path);
        folders += length;
    }
    return NULL;
}

int scenario_library_file(const char *name, char **path) {
    int ret = 0;
    *path = in_folders(getenv("ENTENTE_LIBRARY"), name, &ret);
    if (!*path) *path = in_folders(ENTENTE_LIBRARY_DIR, name, &ret);
    return ret ? ret : *path ? 0 : ERR_NOINPUT;
}

/* The text in the arena of the nodes; takes it. */
static const char *keep(reader_t *r, char *text) {
    char *copy = arena_text(&r->nodes, text);
    mem_free(text);
    reader_need(r, copy);
    return copy;
}

const char *reader_search(reader_t *r, const node_t *name) {
    const sources_t *sources = &r->scenario->sources;
    char *joined = sources_join(sources, name->mark.file, name->text);
    reader_need(r, joined);
    const char *beside = keep(r, joined);
    if (is_there(sources, beside) || *name->text == '/' || !*name->text) return beside;
    if (sources->given) {
        const char *found = given_below(sources, name->text);
        return found ? found : beside;
    }
    char *found;
    int ret = scenario_library_file(name->text, &found);
    reader_need(r, ret != ERR_NOMEM);
    return ret == 0 ? keep(r, found) : beside;
}

static const char *folders_looked_in(reader_t *r) {
    const char *given = getenv("ENTENTE_LIBRARY");
    return reader_format(r,
                         "; nor is it in the library (%s%s" ENTENTE_LIBRARY_DIR
                         "), whose folders `entente --library=FOLDER COMMAND` adds to",
                         given ? given : "", given && *given ? ":" : "");
}

int reader_open(reader_t *r, const node_t *name) {
    sources_t *sources = &r->scenario->sources;
    const char *path = reader_search(r, name);
    fault_t err = {0};
    location_t mark = {0};
    int file =
        !strcmp(path, "-")
            ? error_set(&err, ERR_DATA, "-: the files of a scenario need names; standard input has none")
            : sources_open(sources, path, &err, &mark.line, &mark.column);
    if (mark.line > 0) /* a fault within the file */
        while (strcmp(sources->items[mark.file].path, path) != 0) mark.file++;
    reader_need(r, file != ERR_NOMEM);
    if (file >= 0) return file;
    bool nowhere = file == ERR_NOINPUT && !sources->given && *name->text != '/' && access(path, F_OK) != 0;
    reader_error(r, mark.line > 0 ? mark : name->mark, "%s%s", err.text, nowhere ? folders_looked_in(r) : "");
    r->no_input |= file == ERR_NOINPUT;
    return -1;
}

const node_t *reader_parse(reader_t *r, int file) {
    for (int i = 0; i < r->n_parsed; i++)
        if (r->parsed[i].file == file) return r->parsed[i].root;
    reader_grow(r, (void **)&r->parsed, r->n_parsed, &r->parsed_capacity, sizeof *r->parsed);
    const node_t *root = NULL;
    int ret = yaml_parse(&r->nodes, &r->scenario->sources, file, r->diagnostics, &root);
    reader_need(r, ret != ERR_NOMEM);
    r->parsed[r->n_parsed++] = (parsed_t){.file = file, .root = root};
    return root;
}
