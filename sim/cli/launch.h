/* Shared by the commands that simulate: from options to a plan and a run. */
#ifndef ENTENTE_CLI_LAUNCH_H
#define ENTENTE_CLI_LAUNCH_H

#include "cli/open_scenario.h"
#include "run/run.h"
#include <jansson.h>

typedef struct {
    plan_request_t request; /* complete but for a design */
    run_options_t options;
    int *variants;
    const char **paths, **texts; /* of the files the scenario was read from */
    char *out;                   /* the output, links resolved */
    char start[32];
} launch_t;

/* The request and the options as `common` has them; without variants named there, all. `opened`, `common` and
 * `command` are borrowed, and self must not be moved. 0 or the exit code, all said. Free in any case. */
int launch_init(launch_t *self, const common_t *common, opened_t *opened, const char *command);
void launch_free(launch_t *self); /* safe on a zeroed one */

int launch_processors(void);                         /* that this process may use */
char *launch_command(int argc, char **argv);         /* as a shell would read it; free() */
void launch_print_word(FILE *out, const char *word); /* likewise, one of them */

/* What a run's report says, for --json, to which the caller adds the tables. NULL without memory. */
json_t *launch_report(const char *out_path, const run_report_t *report);
/* The working folder; free(). NULL with `err` set: ERR_NOINPUT when it is gone, ERR_NOMEM. */
char *launch_folder(fault_t *err);
/* The working folder, the command's name and its words (option_words; NULL: there was no memory), one a line:
 * what `entente merge` goes by. free() */
int launch_recipe(const char *command, char **words, char **recipe, fault_t *err);
/* On stderr, what a share of it did. */
void launch_tell_share(const common_t *common, const run_report_t *report);
/* What to say behind "is complete already" of a file that has new labels; "" of any other. */
const char *launch_renamed(const run_report_t *report);
/* On stderr, whether replicates failed, if the run came to an end. */
void launch_tell_failed(int ret, const run_report_t *report);

#endif
