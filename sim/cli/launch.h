/* What the commands that simulate share. */
#ifndef ENTENTE_CLI_LAUNCH_H
#define ENTENTE_CLI_LAUNCH_H

#include "cli/open_scenario.h"
#include <argp.h>

/* A whole number of an option's text, or the end of the program with a message. */
uint64_t launch_number(struct argp_state *state, const char *option, const char *text, uint64_t least,
                       uint64_t most);
int launch_processors(void); /* that this process may use */
/* The variants to run, the base first; their number, or -1 with *status set. Without names: all. */
int launch_variants(const opened_t *opened, int n_names, const char *const *names, int *out, int *status);
char *launch_command(int argc, char **argv); /* as a shell would read it; free() */
void launch_moment(char out[32]);            /* now, UTC */

#endif
