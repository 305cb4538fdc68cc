/* Files of options: "@FILE" among a sweep's arguments. */
#include "cli/sweep/sweep.h"

#include "base/error.h"
#include "base/mem.h"
#include "text/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    arena_t *arena; /* the words' */
    char **items;
    size_t n, capacity;
} words_t;

static int add(words_t *words, char *word) {
    if (!word || ARRAY_RESERVE(words->items, words->n, words->capacity) < 0) return ERR_NOMEM;
    words->items[words->n++] = word;
    return 0;
}

static char *join(arena_t *arena, const char *before, size_t n, const char *between, const char *after) {
    size_t size = n + strlen(between) + strlen(after) + 1;
    char *word = arena_alloc(arena, size, 1);
    if (word) snprintf(word, size, "%.*s%s%s", (int)n, before, between, after);
    return word;
}

/* A line "NAME VALUE" of the file at `path` as a word; nothing if it has none. */
static int add_line(words_t *words, const char *path, char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    char *name = line + strspn(line, " \t");
    if (!*name || *name == '#') return 0;
    char *blank = name + strcspn(name, " \t");
    const char *value = blank + strspn(blank, " \t"), *slash = strrchr(path, '/');
    *blank = '\0';
    if (strcmp(name, "scenario") == 0) {
        size_t folder = slash && *value != '/' ? (size_t)(slash - path) + 1 : 0;
        return add(words, join(words->arena, path, folder, "", value));
    }
    const char *option = join(words->arena, "--", 2, "", name);
    return add(words, option ? join(words->arena, option, strlen(option), *value ? "=" : "", value) : NULL);
}

static int add_file(words_t *words, const char *path, fault_t *err) {
    char *text, *rest, *line;
    int ret = 0;
    TRY(source_text(path, &text, err));
    for (rest = text; (line = strsep(&rest, "\n"));) TRY(add_line(words, path, line));
out:
    mem_free(text);
    return ret;
}

/* Adds an argument to the words of the command line, or the contents of its file to those of files. */
static int add_argument(words_t *files, words_t *own, char *argument) {
    if (*argument != '@') return add(own, argument);
    fault_t err = {0};
    int ret = add_file(files, argument + 1, &err);
    if (err.code) fprintf(stderr, "entente: %s: the options cannot be read: %s\n", argument, err.text);
    return ret;
}

/* The words as the arena's, ended by NULL as argv is. */
static int keep(words_t *words, sweep_words_t *out) {
    *out = (sweep_words_t){.items = arena_alloc(words->arena, words->n + 1, sizeof *out->items)};
    if (!out->items) return ERR_NOMEM;
    for (size_t w = 0; w < words->n; w++) out->items[out->n++] = words->items[w];
    return 0;
}

int sweep_expand(arena_t *arena, int argc, char **argv, sweep_words_t *files, sweep_words_t *own) {
    words_t of_files = {.arena = arena}, others = {.arena = arena};
    int ret;
    TRY(add(&of_files, argv[0]));
    TRY(add(&others, argv[0]));
    bool passed = false; /* arguments after `--` are for sbatch */
    for (int i = 1; i < argc; i++) {
        passed |= !strcmp(argv[i], "--");
        TRY(passed ? add(&others, argv[i]) : add_argument(&of_files, &others, argv[i]));
    }
    TRY(keep(&of_files, files));
    TRY(keep(&others, own));
out:
    if (ret == ERR_NOMEM) fputs("entente: out of memory\n", stderr);
    mem_free(of_files.items);
    mem_free(others.items);
    return error_exit_code(ret);
}
