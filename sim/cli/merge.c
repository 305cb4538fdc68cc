/* `entente merge`: completes a run or sweep from its parts, which contain the original command. */
#include "base/mem.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/options/options.h"
#include "run/plan/parts.h"
#include "text/output.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const option_t option_table[] = {
    {NULL, .argument = "output",
     .required = "the output file is missing; give OUT.h5 (its parts are in OUT.h5.parts)",
     INPUT(common_t, path)},
    OPTION_QUIET("No table"),
    OPTION_JSON("The tables as JSON on stdout"),
    {0},
};

/* The output's path from the root, as the command is repeated in the folder where it was given. */
static char *absolute(const char *path, fault_t *err) {
    char *here = *path == '/' ? strdup("") : launch_folder(err), *out = NULL;
    if (!here) return NULL;
    if (asprintf(&out, "%s%s%s", here, *here ? "/" : "", path) < 0) out = NULL;
    if (!out) error_memory(err);
    free(here);
    return out;
}

static int repeat(const common_t *a, char *recipe) {
    size_t lines = 0;
    for (const char *c = recipe; *c; c++) lines += *c == '\n';
    fault_t err = {0};
    char **words = calloc(lines + 8, sizeof *words), *out = absolute(a->path, &err), *rest = recipe,
         *folder = strsep(&rest, "\n");
    const char *name = rest ? strsep(&rest, "\n") : "";
    int (*run)(int, char **) = !strcmp(name, "run")         ? command_run
                               : !strcmp(name, "forecast")  ? command_forecast
                               : !strcmp(name, "sweep")     ? command_sweep
                               : !strcmp(name, "attribute") ? command_attribute
                               : !strcmp(name, "rare")      ? command_rare
                                                            : NULL;
    int n = 0, status;
    char program[64];
    if (!words) error_memory(&err);
    if (!words || err.code) {
        status = command_ended(err.code, NULL, &err);
        goto out;
    }
    if (!run) {
        fprintf(stderr, "entente: %s.parts/recipe is damaged; repeat the original command\n", a->path);
        status = EX_DATAERR;
        goto out;
    }
    snprintf(program, sizeof program, "entente %s", name);
    words[n++] = program;
    for (char *word; rest && *rest && (word = strsep(&rest, "\n"));)
        if (strncmp(word, "--output=", 9) != 0) words[n++] = word;
    if (chdir(folder)) {
        fprintf(stderr, "entente: %s, where it was started: %s\n", folder, strerror(errno));
        status = EX_NOINPUT;
        goto out;
    }
    words[n++] = "-o";
    words[n++] = out;
    words[n++] = "--only-merge";
    if (a->quiet) words[n++] = "--quiet";
    if (a->json) words[n++] = "--json";
    status = run(n, words);
out:
    free(words);
    free(out);
    return status;
}

int command_merge(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "OUT.h5",
        "Completes a run or sweep from the parts that its tasks have written to OUT.h5.parts.\vIt simulates "
        "nothing: if parts are missing or damaged, it names them (exit code 65) and writes nothing. The "
        "original command without --task simulates the missing parts and merges as well.",
        NULL};
    common_t arguments = {0};
    fault_t err = {0};
    char *out, *recipe = NULL;
    options_parse(&line, argc, argv, &arguments);
    int ret = output_resolve(arguments.path, &out, &err), status;
    if (ret) return command_ended(ret, NULL, &err);
    ret = parts_read_recipe(out, &recipe, &err);
    if (ret) {
        status = command_ended(ret, NULL, &err);
    } else if (recipe) {
        arguments.path = out;
        status = repeat(&arguments, recipe);
    } else {
        bool there = !access(arguments.path, F_OK);
        if (there) parts_remove_bare(out);
        fprintf(stderr,
                there ? "entente: %s is complete already\n"
                      : "entente: %s: there are no parts of a run or sweep\n",
                arguments.path);
        status = there ? 0 : EX_NOINPUT;
    }
    mem_free(recipe);
    mem_free(out);
    return status;
}
