/* How boxes of parameters are shown. */
#ifndef ENTENTE_CLI_CHOOSE_BOXES_H
#define ENTENTE_CLI_CHOOSE_BOXES_H

#include "cli/tables/states.h"
#include "stats/choice/prim.h"
#include <jansson.h>
#include <stdio.h>

/* Least points of a box: this share of them. */
#define BOX_LEAST 0.05

/* A line for each parameter with limits: "    kinds.call.rate.per_year  above 3.2". */
void box_print_limits(const states_t *states, const box_found_t *box, FILE *out);
/* {parameter: {low, high}}, null where there is no limit. */
json_t *box_limits_json(const states_t *states, const box_found_t *box);

#endif
