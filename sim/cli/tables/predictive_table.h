/* The figures of a predictive check as a table of 80 columns with a verdict, for `fit --simulate` and
 * `validate`. */
#ifndef ENTENTE_CLI_TABLES_PREDICTIVE_TABLE_H
#define ENTENTE_CLI_TABLES_PREDICTIVE_TABLE_H

#include "fit/score/predictive.h"

/* What a figure that is rejected means, or NULL. */
const char *predictive_verdict(const checked_t *checked, int figure);
void predictive_print_figures(const checked_t checked[PREDICTIVE_N]);
void predictive_print_verdict(const checked_t checked[PREDICTIVE_N]);

#endif
