/* `entente merge`: finishes a sweep from its parts, which tell by what command they were made. */
#include "base/mem.h"
#include "cli/command.h"
#include "run/parts.h"
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct {
    const char *path;
    bool quiet, json;
} merge_arguments_t;

enum { KEY_JSON = 256 };

static const struct argp_option option_table[] = {
    {"quiet", 'q', NULL, 0, "No table", 0},
    {"json", KEY_JSON, NULL, 0, "The tables as JSON on stdout", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    merge_arguments_t *a = state->input;
    switch (key) {
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->path) argp_error(state, "one output is expected, \"%s\" is a second one", arg);
        a->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->path) argp_error(state, "which output? Give OUT.h5, whose parts lie in OUT.h5.parts");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The output's path from the root, as the command is repeated in the folder where it was given. */
static char *absolute(const char *path) {
    char here[4096], *out = NULL;
    if (*path == '/') return strdup(path);
    if (!getcwd(here, sizeof here) || asprintf(&out, "%s/%s", here, path) < 0) return NULL;
    return out;
}

static int repeat(const merge_arguments_t *a, char *recipe) {
    size_t lines = 0;
    for (const char *c = recipe; *c; c++) lines += *c == '\n';
    char **words = calloc(lines + 8, sizeof *words), *out = absolute(a->path), *rest = recipe,
         *folder = strsep(&rest, "\n");
    int n = 0, status = EX_SOFTWARE;
    if (!words || !out) goto out;
    for (char *word; rest && *rest && (word = strsep(&rest, "\n"));) words[n++] = word;
    if (chdir(folder)) {
        fprintf(stderr, "entente: %s, where the sweep was begun: %s\n", folder, strerror(errno));
        status = EX_NOINPUT;
        goto out;
    }
    words[n++] = "-o";
    words[n++] = out;
    words[n++] = "--only-merge";
    if (a->quiet) words[n++] = "--quiet";
    if (a->json) words[n++] = "--json";
    status = command_sweep(n, words);
out:
    free(words);
    free(out);
    return status;
}

int command_merge(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "OUT.h5",
        "Finishes a sweep from the parts that its tasks have left in OUT.h5.parts."
        "\vNothing is simulated: what is missing or damaged is named (exit code 65), and nothing is written. "
        "The "
        "command that began the sweep, without --task, does what is missing and merges as well.",
        NULL,
        NULL,
        NULL};
    merge_arguments_t arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    char *recipe = parts_read_recipe(arguments.path);
    if (!recipe) {
        bool there = !access(arguments.path, F_OK);
        fprintf(stderr,
                there ? "entente: %s is complete already\n" : "entente: %s: no parts of a sweep are there\n",
                arguments.path);
        return there ? 0 : EX_NOINPUT;
    }
    int status = repeat(&arguments, recipe);
    mem_free(recipe);
    return status;
}
