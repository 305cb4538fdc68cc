/* `entente show`: a scenario or an output file, for a person. */
#include "cli/show.h"

#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/reopen.h"
#include "cli/show_output.h"

#include <argp.h>
#include <stdio.h>
#include <sysexits.h>

typedef struct {
    const char *path;
    bool parameters, all;
    const char *sets[64];
    int n_sets;
} show_options_t;

enum { KEY_SET = 256 };

static const struct argp_option option_table[] = {
    {"parameters", 'p', NULL, 0, "List the scenario's parameters: path, value, what is allowed", 0},
    {"all", 'a', NULL, 0, "With --parameters: those that cannot be varied too", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "Give a parameter another value; may be repeated", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    show_options_t *options = state->input;
    switch (key) {
    case 'p':
        options->parameters = true;
        return 0;
    case 'a':
        options->all = true;
        return 0;
    case KEY_SET:
        if (options->n_sets == 64) argp_error(state, "--set is given more than 64 times");
        options->sets[options->n_sets++] = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (options->path) argp_error(state, "one file is expected, \"%s\" is a second one", arg);
        options->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!options->path) argp_error(state, "show what? Give a scenario or an output file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_show(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "SCENARIO|OUT.h5",
        "Shows what is in a scenario (actors, ties, kinds of event with their expected numbers, calendar, "
        "quantities, variants) or in an output file (how it was made, status, summary).",
        NULL,
        NULL,
        NULL};
    show_options_t options = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if (is_output(options.path) && !options.parameters) return show_output(options.path);

    opened_t opened;
    int status = open_scenario(&opened, options.path, options.n_sets, options.sets);
    if (status == EX_OK) {
        for (int s = 0; s < opened.n_settings; s++)
            *opened.scenario.model.params[opened.settings[s].param].value = opened.settings[s].value;
        if (options.parameters)
            show_parameters(&opened.scenario, options.all);
        else
            status = error_exit_code(show_scenario(&opened.scenario));
    }
    close_scenario(&opened);
    return status;
}
