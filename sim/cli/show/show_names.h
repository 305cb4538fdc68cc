/* `entente show --names`: names of a scenario, one a line. */
#ifndef ENTENTE_CLI_SHOW_NAMES_H
#define ENTENTE_CLI_SHOW_NAMES_H

#include "model/model.h"

#define SHOW_NAMES "actors, ties, kinds, calendar, quantities, variants or parameters"

/* Prints to stdout what `what`, one of SHOW_NAMES, stands for; without a model nothing. False: there is no
 * such list. */
bool show_names(const model_t *model, const char *what);

#endif
