/* `entente show`: a scenario or an output file, for a person. */
#include "cli/show.h"

#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/reopen.h"
#include "cli/show_output.h"

#include <stdio.h>
#include <sysexits.h>

typedef struct {
    common_t common;
    bool parameters, all;
} show_options_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "show what? Give a scenario or an output file",
     TEXT(common_t, path)},
    {"parameters", 'p', NULL, "List the scenario's parameters: path, value, what is allowed",
     FLAG(show_options_t, parameters)},
    {"all", 'a', NULL, "With --parameters: those that cannot be varied too", FLAG(show_options_t, all)},
    OPTION_SET(""),
    {0},
};

int command_show(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO|OUT.h5",
        "Shows what is in a scenario (actors, ties, kinds of event with their expected numbers, calendar, "
        "quantities, variants) or in an output file (how it was made, status, summary).",
        NULL};
    show_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    if (is_output(options.common.path) && !options.parameters) return show_output(options.common.path);

    opened_t opened;
    int status = open_scenario(&opened, &options.common);
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
