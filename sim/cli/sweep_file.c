/* Files of options: "@FILE" among a sweep's arguments. */
#include "cli/sweep.h"

#include "base/mem.h"

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

static int add_file(words_t *words, const char *path, FILE *in) {
    char *line = NULL;
    size_t room = 0;
    int ret = 0;
    while (getline(&line, &room, in) >= 0) TRY(add_line(words, path, line));
out:
    free(line);
    return ret;
}

char **sweep_expand(arena_t *arena, int *argc, char **argv) {
    words_t words = {.arena = arena};
    char **kept = NULL;
    int ret = 0;
    for (int i = 0; i < *argc && ret == 0; i++) {
        FILE *in = i && *argv[i] == '@' ? fopen(argv[i] + 1, "re") : NULL;
        ret = in ? add_file(&words, argv[i] + 1, in) : add(&words, argv[i]);
        if (in) fclose(in);
    }
    if (ret == 0) kept = arena_alloc(arena, words.n + 1, sizeof *kept);
    for (size_t w = 0; kept && w < words.n; w++) kept[w] = words.items[w];
    if (kept) *argc = (int)words.n;
    mem_free(words.items);
    return kept;
}
