/* The part of `entente run` that other commands share: from an open scenario to a finished output file. */
#ifndef ENTENTE_CLI_RUN_H
#define ENTENTE_CLI_RUN_H

#include "cli/open_scenario.h"

typedef struct {
    common_t common;
    texts_t precisions;
} run_arguments_t;

/* The rows of a run's options but for those of the scenario and the output. */
#define OPTIONS_RUN                                                                                         \
    OPTION_REPLICATES(""), OPTION_SEED, OPTION_WORKERS, OPTION_SET(""), OPTION_FIXED, OPTION_VARIANTS,      \
        {"precision", 0, "NAME[:VARIANT]=HALFWIDTH",                                                        \
         "Continue until the half-width of the 95 % confidence interval of the quantity's mean is at most " \
         "this in every variant, or with :VARIANT that of the paired change by that variant; in the "       \
         "quantity's unit, or as a percentage of the estimate (10%). At most --replicates, if given, else " \
         "ten million; may be repeated",                                                                    \
         TEXTS(run_arguments_t, precisions)},                                                               \
        OPTION_TASK, OPTION_RESTART("run"),                                                                 \
        OPTION_QUIET("Print no progress and no table; with --json only no progress"),                       \
        OPTION_JSON("Progress as JSON lines on stderr, the table as JSON on stdout"),                       \
        OPTION_BLOCK("Replicates a block, for tests", .flags = OPTION_HIDDEN), OPTION_ONLY_MERGE

/* The command that runs, by which `entente merge` repeats it. */
typedef struct {
    const char *name;
    const option_t *options;
    const void *arguments; /* they begin with run_arguments_t */
} run_command_t;

/* What must not be given together. */
void run_check(struct argp_state *state, const void *arguments);
/* Simulates what the arguments say, writes the output and prints its quantities; `command` as launch_command
 * has it. The exit code, all said. */
int run_opened(const run_command_t *by, opened_t *opened, const char *command);

#endif
