/* Rules: `when` of interventions, `if` of calendar entries and consequences (model/rule/rule.h). */
#ifndef ENTENTE_SCENARIO_SECTIONS_READ_RULES_H
#define ENTENTE_SCENARIO_SECTIONS_READ_RULES_H

#include "scenario/reader.h"

/* Each reads into a rule_t *, NULL where the key is absent. A rule of an event may speak of the event's own
 * tie and actors. */
extern const type_t type_rule, type_event_rule;
extern const section_t section_rule;

#endif
