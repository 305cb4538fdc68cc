/* entente: finds the subcommand and runs it. */
#include "cli/command.h"
#include "text/printable.h"
#include "text/suggest.h"
#include "version.h"
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

typedef struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} command_t;

static const command_t commands[] = {
    {"new", "write a commented scenario to start from", command_new},
    {"check", "report every problem of a scenario", command_check},
    {"show", "list the contents of a scenario or an output file", command_show},
    {"run", "simulate replicates and write an output file", command_run},
    {"forecast", "simulate from a day on, given the events observed until then", command_forecast},
    {"trace", "print one replicate as a readable log", command_trace},
    {"compare", "print the differences between the variants of an output file", command_compare},
    {"fit", "estimate rates and excitation from observed events", command_fit},
    {"relational", "fit a relational event model to a table of events", command_relational},
    {"score", "score forecasts against observed events and baselines", command_score},
    {"validate", "compare simulated with observed events", command_validate},
    {"sweep", "simulate a design of parameters and rank their influence", command_sweep},
    {"attribute", "rank what is on the calendar by what it changes", command_attribute},
    {"rare", "estimate the probability of a rare event", command_rare},
    {"choose", "print the regret of options over the points of a sweep", command_choose},
    {"discover", "find the parameters for which an outcome or an effect lies beyond a value",
     command_discover},
    {"merge", "complete a run or sweep from its parts", command_merge},
    {"figure", "draw an output file: fan charts, or a sweep's sensitivity", command_figure},
    {"report", "write a page on an output file for readers", command_report},
    {"export", "write an output file's tables as Parquet or CSV", command_export},
    {"explore", "show a scenario with sliders, on a page of this machine", command_explore},
    {0},
};

const char *argp_program_version = "entente " ENTENTE_VERSION;

static void print_version(FILE *out) {
    fprintf(out, "entente %s", ENTENTE_VERSION);
    if (*ENTENTE_GIT) fprintf(out, " (%s)", ENTENTE_GIT);
    fprintf(out, "\nbuilt by %s\n", ENTENTE_BUILD);
}

static void print_help(FILE *out) {
    fputs("Usage: entente [--library=FOLDER] COMMAND [OPTION...] [ARGUMENT...]\n"
          "Simulates diplomatic and trade ties between countries as discrete events.\n\n"
          "Commands:\n",
          out);
    for (const command_t *c = commands; c->name; c++) fprintf(out, "  %-11s %s\n", c->name, c->summary);
    fputs(
        "\n  -?, -h, --help  this list; `entente COMMAND --help` lists a command's options\n"
        "  -V, --version   version and build\n"
        "  --library=FOLDER  before the command: files that a scenario names and that are not beside it are\n"
        "                  looked for in this folder, then in those of the environment variable\n"
        "                  ENTENTE_LIBRARY (FOLDER:FOLDER), then in the installed library\n"
        "\nAn option that takes one value may be given twice with the same value only. An input file may\n"
        "be -, standard input. figure, report, export and explore need Python.\n",
        out);
}

static const command_t *find(const char *name) {
    for (const command_t *c = commands; c->name; c++)
        if (!strcmp(c->name, name)) return c;
    return NULL;
}

static int unknown(const char *name) {
    suggest_t near = suggest_for(name);
    for (const command_t *c = commands; c->name; c++) suggest_offer(&near, c->name);
    fprintf(stderr, "entente: unknown command \"%s\"", name);
    if (near.best) fprintf(stderr, "; did you mean \"%s\"?", near.best);
    fputs("\nTry `entente --help`.\n", stderr);
    return EX_USAGE;
}

/* Without this check, output to stdout on a full disk would be lost without an error. */
static int close_stdout(int status) {
    if (fflush(stdout) || ferror(stdout)) {
        if (errno == EPIPE) return status; /* the reader has seen enough */
        fprintf(stderr, "entente: writing to standard output failed: %s\n", strerror(errno));
        return status ? status : EX_IOERR;
    }
    return status;
}

static bool is(const char *text, const char *a, const char *b) {
    return !strcmp(text, a) || !strcmp(text, b);
}

/* --library=FOLDER: put before the folders of ENTENTE_LIBRARY, so that all processes of a run know it. 0 or
 * an exit code. */
static int add_library(const char *folder) {
    struct stat info;
    const char *rest = getenv("ENTENTE_LIBRARY");
    char *all = NULL;
    if (stat(folder, &info) < 0 || !S_ISDIR(info.st_mode) || strchr(folder, ':')) {
        fprintf(stderr, "entente: --library=%s: a folder is expected, without a colon in its name\n", folder);
        return EX_USAGE;
    }
    int n = asprintf(&all, "%s%s%s", folder, rest && *rest ? ":" : "", rest ? rest : "");
    int status = n < 0 || setenv("ENTENTE_LIBRARY", all, 1) ? EX_SOFTWARE : EX_OK;
    if (n >= 0) free(all);
    if (status) fputs("entente: out of memory\n", stderr);
    return status;
}

int main(int argc, char **argv) {
    printable_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file that is larger than allowed is a write that fails */
    for (; argc > 1 && !strncmp(argv[1], "--library=", 10); argc--) {
        int status = add_library(argv[1] + 10);
        if (status) return status;
        argv[1] = argv[0];
        argv++;
    }
    if (argc < 2) {
        print_help(stderr);
        return EX_USAGE;
    }
    if (is(argv[1], "--version", "-V")) {
        print_version(stdout);
        return close_stdout(EX_OK);
    }
    if (is(argv[1], "--help", "-?") || is(argv[1], "-h", "help")) {
        const command_t *about = argc > 2 ? find(argv[2]) : NULL;
        if (argc > 2 && !about) return unknown(argv[2]);
        if (!about) {
            print_help(stdout);
            return close_stdout(EX_OK);
        }
        char *help[] = {argv[0], argv[2], "--help", NULL};
        return main(3, help);
    }
    const command_t *command = find(argv[1]);
    if (!command) return unknown(argv[1]);

    char name[64];
    snprintf(name, sizeof name, "entente %s", command->name);
    argv[1] = name;
    return close_stdout(command->run(argc - 1, argv + 1));
}
