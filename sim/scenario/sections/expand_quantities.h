/* Quantities that stand for several: NAME>NUMBER for each of `thresholds`, NAME@DATE for each of `dates`. */
#ifndef ENTENTE_SCENARIO_SECTIONS_EXPAND_QUANTITIES_H
#define ENTENTE_SCENARIO_SECTIONS_EXPAND_QUANTITIES_H

#include "scenario/reader.h"

/* Adds them behind the last quantity, which is valid and made of `node`. */
void expand_quantity(reader_t *r, const node_t *node);

#endif
