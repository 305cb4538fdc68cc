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
    {"trace", "print one replicate as a readable log", command_trace},
    {"compare", "print the differences between the variants of an output file", command_compare},
    {"fit", "estimate rates and excitation from observed events", command_fit},
    {"relational", "fit a relational event model to a table of events", command_relational},
    {"score", "score forecasts against observed events and baselines", command_score},
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
    {0},
};

const char *argp_program_version = "entente " ENTENTE_VERSION;

static void print_version(FILE *out) {
    fprintf(out, "entente %s", ENTENTE_VERSION);
    if (*ENTENTE_GIT) fprintf(out, " (%s)", ENTENTE_GIT);
    fprintf(out, "\nbuilt by %s\n", ENTENTE_BUILD);
}

static void print_help(FILE *out) {
    fputs("Usage: entente COMMAND [OPTION...] [ARGUMENT...]\n"
          "Simulates diplomatic and trade ties between countries as discrete events.\n\n"
          "Commands:\n",
          out);
    for (const command_t *c = commands; c->name; c++) fprintf(out, "  %-11s %s\n", c->name, c->summary);
    fputs("\n  -?, -h, --help  this list; `entente COMMAND --help` lists a command's options\n"
          "  -V, --version   version and build\n"
          "\nAn option that takes one value may be given twice with the same value only. An input file may\n"
          "be -, standard input. figure, report and export need Python.\n",
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

int main(int argc, char **argv) {
    printable_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file that is larger than allowed is a write that fails */
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
