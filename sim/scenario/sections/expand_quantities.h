/* Quantities that stand for several: NAME>NUMBER for each of `thresholds`, NAME@DATE for each of `dates`. */
#ifndef ENTENTE_SCENARIO_SECTIONS_EXPAND_QUANTITIES_H
#define ENTENTE_SCENARIO_SECTIONS_EXPAND_QUANTITIES_H

#include "scenario/reader.h"

/* Adds them behind the last quantity, which is valid and made of `node`. */
void expand_quantity(reader_t *r, const node_t *node);

/* Reports what is wrong with `combine` and with `take` (check_quantities.c). */
void quantity_check_combination(reader_t *r, const quantity_t *quantity, const node_t *node);
void quantity_check_take(reader_t *r, const quantity_t *quantity, const node_t *node);

#endif
