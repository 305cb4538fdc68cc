/* The distributions of uncertain parameters (read_uncertain.c), and which are drawn jointly (read_joint.c).
 */
#ifndef ENTENTE_SCENARIO_SECTIONS_UNCERTAIN_READ_UNCERTAIN_H
#define ENTENTE_SCENARIO_SECTIONS_UNCERTAIN_READ_UNCERTAIN_H

#include "scenario/reader.h"

/* Once all distributions are read; adds the parameters of tables. */
void read_joint(reader_t *r, const node_t *node);

#endif
