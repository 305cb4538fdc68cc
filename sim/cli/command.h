/* The program's subcommands: one table (main.c), and for each command NAME a file NAME.c with its option
 * table.
 *
 * A command gets its own arguments with argv[0] = "entente NAME", parses them (cli/options/options.h, which
 * ends the program with exit code 64 if an option is invalid) and returns the exit code: 0 or one of
 * sysexits.h (base/error.h: error_exit_code). Results go to stdout, messages to stderr. */
#ifndef ENTENTE_CLI_COMMAND_H
#define ENTENTE_CLI_COMMAND_H

#include "base/error.h"
#include <jansson.h>

int command_new(int argc, char **argv);
int command_check(int argc, char **argv);
int command_show(int argc, char **argv);
int command_run(int argc, char **argv);
int command_forecast(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_fit(int argc, char **argv);
int command_relational(int argc, char **argv);
int command_score(int argc, char **argv);
int command_validate(int argc, char **argv);
int command_sweep(int argc, char **argv);
int command_attribute(int argc, char **argv);
int command_rare(int argc, char **argv);
int command_choose(int argc, char **argv);
int command_discover(int argc, char **argv);
int command_merge(int argc, char **argv);
/* Of the Python package: they do not return if it starts. */
int command_figure(int argc, char **argv);
int command_report(int argc, char **argv);
int command_export(int argc, char **argv);
int command_explore(int argc, char **argv);

/* The exit code of `ret`. On failure, first prints "entente: WHAT: TEXT" to stderr (without WHAT if it is
 * NULL).
 * */
int command_ended(int ret, const char *what, const fault_t *err);

/* Prints the JSON to stdout and frees it. 0, or ERR_NOMEM for NULL. */
int command_print_json(json_t *json);

#endif
