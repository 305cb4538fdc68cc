/* `entente show`: a scenario or an output file, for a person. */
#include "cli/show/show.h"

#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/reopen.h"
#include "cli/show/show_names.h"
#include "cli/show/show_output.h"

#include <stdio.h>
#include <sysexits.h>

typedef struct {
    common_t common;
    bool parameters, all;
    const char *names;
} show_options_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "the file is missing; give a scenario or an output file",
     INPUT(common_t, path)},
    {"parameters", 'p', NULL,
     "List the parameters of the scenario (for an output file: with the values it was made with): path, "
     "value, allowed range",
     FLAG(show_options_t, parameters)},
    {"all", 'a', NULL, "With --parameters: also those that cannot be varied", FLAG(show_options_t, all)},
    {"names", 0, "WHAT", "List names alone, one a line, for scripts and completion: " SHOW_NAMES,
     TEXT(show_options_t, names)},
    OPTION_SET(""),
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const show_options_t *options = arguments;
    if (options->all && !options->parameters)
        argp_error(state, "--all: it extends --parameters; give that too");
    if (!options->names) return;
    if (options->parameters || options->common.sets.n)
        argp_error(state, "--names cannot be combined with --parameters or --set");
    if (!show_names(NULL, options->names))
        argp_error(state, "--names is \"%s\": " SHOW_NAMES " is expected", options->names);
}

/* The provenance of an output file cannot be changed by settings. */
static bool is_settled(const show_options_t *options) {
    if (options->common.sets.n == 0 || options->parameters) return false;
    fprintf(stderr,
            "entente: --set %s: an output file is shown as it was made; only --parameters takes settings\n",
            options->common.sets.items[0]);
    return true;
}

int command_show(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO|OUT.h5",
        "Lists the contents of a scenario (actors, ties, event types with their expected numbers, calendar, "
        "quantities, variants) or of an output file (provenance, status, summary).",
        check};
    show_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    opened_t opened = {0};
    reopened_t made = {0};
    int status = EX_OK;
    bool made_before = reopen_is_output(options.common.path);
    if (made_before && !options.parameters && !options.names) {
        status = is_settled(&options) ? EX_USAGE : show_output(options.common.path);
        goto out;
    }
    status = made_before ? reopen_scenario(&opened, &made, &options.common)
                         : opened_read(&opened, &options.common);
    if (status == EX_DATAERR && options.parameters) /* a path may be all that is wrong */
        show_parameters(&opened.scenario, options.all);
    if (status == EX_OK) {
        for (int s = 0; s < opened.n_settings; s++)
            *opened.scenario.model.params[opened.settings[s].param].value = opened.settings[s].value;
        if (options.names)
            (void)show_names(&opened.scenario.model, options.names);
        else if (options.parameters)
            show_parameters(&opened.scenario, options.all);
        else
            status = error_exit_code(show_scenario(&opened.scenario));
    }
out:
    opened_close(&opened);
    reopened_free(&made);
    options_free(option_table, &options);
    return status;
}
