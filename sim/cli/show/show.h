/* `entente show SCENARIO`: the contents of a scenario, as tables. */
#ifndef ENTENTE_CLI_SHOW_SHOW_H
#define ENTENTE_CLI_SHOW_SHOW_H

#include "scenario/scenario.h"

/* Prints to stdout. 0 or ERR_NOMEM. */
int show_scenario(scenario_t *scenario);
/* Every parameter with its value and range; those that cannot be varied only if `all`. */
void show_parameters(const scenario_t *scenario, bool all);

#endif
