#include "cli/options.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 40, FIRST_KEY = 256 /* of options without a letter: then the row's index */ };

typedef struct {
    const command_line_t *line;
    void *arguments;
} parse_t;

uint64_t option_number(struct argp_state *state, const char *option, const char *text, uint64_t least,
                       uint64_t most) {
    char *end;
    uintmax_t n = strtoumax(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n < least || n > most)
        argp_error(state, "%s is \"%s\": a number from %" PRIu64 " to %" PRIu64 " is expected", option, text,
                   least, most);
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

static void take_text(struct argp_state *state, const option_t *option, texts_t *list, const char *text) {
    if (list->n == OPTION_REPEATS)
        argp_error(state, "%s%s is given more than %d times", option->name ? "--" : "",
                   option->name ? option->name : option->argument, OPTION_REPEATS);
    list->items[list->n++] = text;
}

static void take(struct argp_state *state, const option_t *option, void *arguments, char *text) {
    void *to = (char *)arguments + option->at;
    if (option->given) *((bool *)arguments + option->given) = true;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)to = true;
        break;
    case OPTION_TEXT:
        *(const char **)to = text;
        break;
    case OPTION_TEXTS:
        take_text(state, option, to, text);
        break;
    case OPTION_NUMBER:
        if (text) take_number(state, option, to, text);
        break;
    case OPTION_READ:
        option->read(state, arguments, text);
        break;
    case OPTION_END:
        break;
    }
}

static bool is_missing(const option_t *option, const void *arguments) {
    const void *at = (const char *)arguments + option->at;
    return option->type == OPTION_TEXTS ? ((const texts_t *)at)->n == 0 : *(const char *const *)at == NULL;
}

/* What stands without an option goes to the first row that has room. */
static void take_positional(struct argp_state *state, const parse_t *parse, char *text) {
    const option_t *last = NULL;
    for (const option_t *o = parse->line->options; o->type; o++) {
        if (o->name) continue;
        last = o;
        if (o->type == OPTION_TEXTS || is_missing(o, parse->arguments)) {
            take(state, o, parse->arguments, text);
            return;
        }
    }
    if (last) argp_error(state, "one %s is expected, \"%s\" is a second one", last->argument, text);
}

static void check(struct argp_state *state, const parse_t *parse) {
    for (const option_t *o = parse->line->options; o->type; o++)
        if (o->required && is_missing(o, parse->arguments)) argp_error(state, "%s", o->required);
    if (parse->line->check) parse->line->check(state, parse->arguments);
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    const parse_t *parse = state->input;
    if (key == ARGP_KEY_ARG) {
        take_positional(state, parse, text);
        return 0;
    }
    if (key == ARGP_KEY_END) {
        check(state, parse);
        return 0;
    }
    int row = 0;
    for (const option_t *o = parse->line->options; o->type; o++, row++) {
        if (!o->name || key != (o->letter ? o->letter : FIRST_KEY + row)) continue;
        take(state, o, parse->arguments, text);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

void options_parse(const command_line_t *line, int argc, char **argv, void *arguments) {
    struct argp_option list[MOST_OPTIONS] = {{0}};
    int n = 0, row = 0;
    for (const option_t *o = line->options; o->type; o++, row++) {
        if (!o->name) continue;
        assert(n < MOST_OPTIONS - 1);
        list[n++] = (struct argp_option){.name = o->name,
                                         .key = o->letter ? o->letter : FIRST_KEY + row,
                                         .arg = o->argument,
                                         .flags = o->flags,
                                         .doc = o->help};
    }
    struct argp argp = {.options = list, .parser = parse_option, .args_doc = line->usage, .doc = line->about};
    parse_t parse = {line, arguments};
    argp_parse(&argp, argc, argv, 0, NULL, &parse);
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
    size_t most = MOST_OPTIONS;
    for (const option_t *o = options; o->type; o++)
        if (o->type == OPTION_TEXTS) most += OPTION_REPEATS;
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
