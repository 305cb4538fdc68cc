#include "cli/options/options.h"

#include "base/mem.h"
#include "cli/terminal.h"
#include "text/output.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

enum { MOST_OPTIONS = 40, FIRST_KEY = 256 /* of options without a letter: then the row's index */ };

/* Renamed options: the old name is an error that gives the new one. */
static const struct {
    const char *old, *name;
} renamed[] = {
    {"shrink", "random-effects"},
    {"correlated", "correlated-random-effects"},
    {"unseen", "left-truncated"},
    {"shared", "pool"},
};
enum {
    RENAMED_N = sizeof renamed / sizeof *renamed,
    RENAMED_KEY = FIRST_KEY + MOST_OPTIONS,
    HANG_KEY = RENAMED_KEY + RENAMED_N
};

typedef struct {
    const command_line_t *line;
    void *arguments;
    int pass, n_passes;
    struct {
        int pass; /* in which it was given last, 0: not at all */
        const char *text;
    } given[MOST_OPTIONS]; /* by row */
} parse_t;

bool texts_add(texts_t *self, const char *text) {
    size_t n = (size_t)self->n;
    if ((n & (n - 1)) == 0) { /* the room doubles at powers of two */
        const char **items = reallocarray(self->items, n ? 2 * n : 1, sizeof *items);
        if (!items) return false;
        self->items = items;
    }
    self->items[self->n++] = text;
    return true;
}

uint64_t option_number(struct argp_state *state, const char *option, const char *text, uint64_t least,
                       uint64_t most) {
    char *end;
    errno = 0;
    uintmax_t n = strtoumax(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n < least || n > most)
        argp_error(state, "%s is \"%s\": a whole number from %" PRIu64 " to %" PRIu64 " is expected", option,
                   text, least, most);
    return n;
}

static void take_number(struct argp_state *state, const option_t *option, void *to, const char *text) {
    char name[32];
    snprintf(name, sizeof name, "--%s", option->name);
    uint64_t n = option_number(state, name, text, option->least, option->most);
    if (option->size == sizeof(uint64_t))
        *(uint64_t *)to = n;
    else
        *(uint32_t *)to = (uint32_t)n;
}

static bool may_repeat(const option_t *option) {
    return option->type == OPTION_FLAG || option->type == OPTION_TEXTS || option->repeats;
}

/* Whether there is something to take: not if it was given like that. */
static bool is_new(struct argp_state *state, parse_t *parse, const option_t *option, const char *text) {
    size_t row = (size_t)(option - parse->line->options);
    const char *before = parse->given[row].text;
    bool again = parse->given[row].pass == parse->pass && !may_repeat(option);
    if (again && strcmp(before ? before : "", text ? text : "") != 0)
        argp_error(state, "--%s is given twice: \"%s\" and \"%s\"; it takes one value", option->name,
                   before ? before : "", text ? text : "");
    parse->given[row].pass = parse->pass;
    parse->given[row].text = text;
    return !again;
}

static void take(struct argp_state *state, parse_t *parse, const option_t *option, char *text) {
    void *to = (char *)parse->arguments + option->at;
    if (!is_new(state, parse, option, text)) return;
    if (option->given) *((bool *)parse->arguments + option->given) = true;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)to = true;
        break;
    case OPTION_TEXT:
        *(const char **)to = text;
        break;
    case OPTION_TEXTS:
        if (!texts_add(to, text)) argp_failure(state, EX_SOFTWARE, 0, "out of memory");
        break;
    case OPTION_NUMBER:
        if (text) take_number(state, option, to, text);
        break;
    case OPTION_READ:
        option->read(state, parse->arguments, text);
        break;
    case OPTION_END:
        break;
    }
}

static bool is_missing(const option_t *option, const void *arguments) {
    const void *at = (const char *)arguments + option->at;
    return option->type == OPTION_TEXTS ? ((const texts_t *)at)->n == 0 : *(const char *const *)at == NULL;
}

/* An argument without an option goes to the first row that has room. */
static void take_positional(struct argp_state *state, parse_t *parse, char *text) {
    const option_t *last = NULL;
    for (const option_t *o = parse->line->options; o->type; o++) {
        if (o->name) continue;
        last = o;
        if (o->type == OPTION_TEXTS || parse->given[o - parse->line->options].pass < parse->pass) {
            take(state, parse, o, text);
            return;
        }
    }
    if (last) argp_error(state, "one %s is expected, \"%s\" is a second one", last->argument, text);
}

/* ---- what was given together ------------------------------------------------------------------------- */

/* The n-th file that an option names; NULL: there are no more. */
static const char *file_of(const option_t *option, const void *arguments, int n) {
    const void *at = (const char *)arguments + option->at;
    const texts_t *list = at;
    if (option->type == OPTION_TEXTS) return n < list->n ? list->items[n] : NULL;
    return n == 0 ? *(const char *const *)at : NULL;
}

static const char *spelling(const option_t *option, char out[32]) {
    snprintf(out, 32, "%s%s", option->name ? "--" : "the ", option->name ? option->name : option->argument);
    return out;
}

/* Compares an output file with all other files of the command. */
static void check_written(struct argp_state *state, const parse_t *parse, const option_t *option,
                          const char *path) {
    char one[32], two[32], *resolved;
    fault_t err = {0};
    int ret = output_resolve(path, &resolved, &err);
    mem_free(resolved);
    if (ret)
        argp_failure(state, error_exit_code(ret), 0, "--%s %s: %s", option->name, path,
                     strstr(err.text, ": ") ? strstr(err.text, ": ") + 2 : err.text);
    for (const option_t *o = parse->line->options; o->type; o++) {
        const char *other;
        for (int n = 0; o->file && o != option && (other = file_of(o, parse->arguments, n)); n++) {
            if (!strcmp(other, "-") || !output_is_same(path, other)) continue;
            argp_failure(state, EX_CANTCREAT, 0,
                         o->file == FILE_READ
                             ? "%s %s: the command reads this file, as %s; choose another name"
                             : "%s %s: %s would write the same file; choose another name",
                         spelling(option, one), path, spelling(o, two));
        }
    }
}

static void check_files(struct argp_state *state, const parse_t *parse) {
    int n_stdin = 0;
    for (const option_t *o = parse->line->options; o->type; o++) {
        const char *path;
        for (int n = 0; o->file && (path = file_of(o, parse->arguments, n)); n++) {
            char name[32];
            if (!*path) argp_error(state, "%s is empty: the name of a file is expected", spelling(o, name));
            if (o->file == FILE_WRITTEN)
                check_written(state, parse, o, path);
            else if (!strcmp(path, "-") && ++n_stdin > 1)
                argp_error(state, "standard input, -, can be read only once; name the other file");
        }
    }
}

static void check(struct argp_state *state, const parse_t *parse) {
    for (const option_t *o = parse->line->options; o->type; o++)
        if (o->required && is_missing(o, parse->arguments)) argp_error(state, "%s", o->required);
    if (parse->line->check) parse->line->check(state, parse->arguments);
    check_files(state, parse);
}

bool options_is_stream(const char *path) {
    struct stat info;
    return !strcmp(path, "-") || (!stat(path, &info) && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    parse_t *parse = state->input;
    if (key == ARGP_KEY_ARG) {
        take_positional(state, parse, text);
        return 0;
    }
    if (key == ARGP_KEY_END) {
        if (parse->pass == parse->n_passes) check(state, parse);
        return 0;
    }
    if (key == 'h') {
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    }
    if (key == HANG_KEY) {
        argp_error(state, "unrecognized option '--HANG'");
        return 0;
    }
    if (key >= RENAMED_KEY && key < RENAMED_KEY + RENAMED_N) {
        argp_error(state, "--%s is not an option; its name is --%s", renamed[key - RENAMED_KEY].old,
                   renamed[key - RENAMED_KEY].name);
        return 0;
    }
    int row = 0;
    for (const option_t *o = parse->line->options; o->type; o++, row++) {
        if (!o->name || key != (o->letter ? o->letter : FIRST_KEY + row)) continue;
        take(state, parse, o, text);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

/* Rows of argp for the old names of the command's options. */
static void list_renamed(const command_line_t *line, struct argp_option *list) {
    int n = 0;
    for (const option_t *o = line->options; o->type; o++)
        for (int r = 0; o->name && r < RENAMED_N; r++)
            if (!strcmp(o->name, renamed[r].name))
                list[n++] = (struct argp_option){.name = renamed[r].old,
                                                 .key = RENAMED_KEY + r,
                                                 .arg = "VALUE",
                                                 .flags = OPTION_HIDDEN | OPTION_ARG_OPTIONAL};
}

void options_parse_over(const command_line_t *line, int n_words, char **words, int argc, char **argv,
                        void *arguments) {
    terminal_begin();
    struct argp_option list[MOST_OPTIONS + RENAMED_N + 3] = {
        {.key = 'h', .flags = OPTION_HIDDEN},
        /* argp's own, for who debugs it: "--H" would sleep for an hour */
        {.name = "HANG", .key = HANG_KEY, .arg = "SECONDS", .flags = OPTION_HIDDEN | OPTION_ARG_OPTIONAL}};
    int n = 2, row = 0;
    for (const option_t *o = line->options; o->type; o++, row++) {
        assert(row < MOST_OPTIONS);
        if (!o->name) continue;
        list[n++] = (struct argp_option){.name = o->name,
                                         .key = o->letter ? o->letter : FIRST_KEY + row,
                                         .arg = o->argument,
                                         .flags = o->flags,
                                         .doc = o->help};
    }
    list_renamed(line, list + n);
    struct argp argp = {.options = list, .parser = parse_option, .args_doc = line->usage, .doc = line->about};
    parse_t parse = {.line = line, .arguments = arguments, .n_passes = n_words > 1 ? 2 : 1};
    if (n_words > 1) {
        parse.pass++;
        argp_parse(&argp, n_words, words, 0, NULL, &parse);
    }
    parse.pass++;
    argp_parse(&argp, argc, argv, 0, NULL, &parse);
}

void options_parse(const command_line_t *line, int argc, char **argv, void *arguments) {
    options_parse_over(line, 0, NULL, argc, argv, arguments);
}

void options_free(const option_t *options, void *arguments) {
    for (const option_t *o = options; o->type; o++) {
        texts_t *list = (texts_t *)(void *)((char *)arguments + o->at);
        if (o->type != OPTION_TEXTS) continue;
        free(list->items);
        *list = (texts_t){0};
    }
}

/* ---- written down again ------------------------------------------------------------------------------ */

/* "--name=text", "--name", or the text of what has no name. */
static char *word_of(const option_t *option, const char *text) {
    const char *name = option->name;
    char *word = NULL;
    int n = asprintf(&word, "%s%s%s%s", name ? "--" : "", name ? name : "", name && text ? "=" : "",
                     text ? text : "");
    return n < 0 ? NULL : word;
}

/* False without memory. */
static bool add_words(char **words, int *n, const option_t *option, const void *arguments) {
    const void *at = (const char *)arguments + option->at;
    const texts_t *list = at;
    char number[32];
    switch (option->type) {
    case OPTION_FLAG:
        return !*(const bool *)at || (words[(*n)++] = word_of(option, NULL));
    case OPTION_TEXT:
        return !*(const char *const *)at || (words[(*n)++] = word_of(option, *(const char *const *)at));
    case OPTION_TEXTS:
        for (int i = 0; i < list->n; i++)
            if (!(words[(*n)++] = word_of(option, list->items[i]))) return false;
        return true;
    case OPTION_NUMBER: {
        uint64_t value = option->size == sizeof(uint64_t) ? *(const uint64_t *)at : *(const uint32_t *)at;
        bool given = option->given ? *((const bool *)arguments + option->given) : value > 0;
        snprintf(number, sizeof number, "%" PRIu64, value);
        return !given || (words[(*n)++] = word_of(option, number));
    }
    case OPTION_READ:
    case OPTION_END:
        break;
    }
    return true;
}

char **option_words(const option_t *options, const void *arguments) {
    size_t most = MOST_OPTIONS + 1;
    for (const option_t *o = options; o->type; o++)
        if (o->type == OPTION_TEXTS)
            most += (size_t)((const texts_t *)(const void *)((const char *)arguments + o->at))->n;
    char **words = calloc(most, sizeof *words);
    int n = 0;
    bool good = words != NULL;
    for (const option_t *o = options; good && o->type; o++)
        if (!o->once) good = add_words(words, &n, o, arguments);
    if (good) return words;
    option_words_free(words);
    return NULL;
}

void option_words_free(char **words) {
    for (char **w = words; w && *w; w++) free(*w);
    free(words);
}
