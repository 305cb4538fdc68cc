/* A kind's keys are one table (read_kinds.c); the mappings in it have their own: the season (read_season.c),
 * what an event does and what follows from it (read_effects.c). */
#ifndef ENTENTE_SCENARIO_SECTIONS_READ_KINDS_H
#define ENTENTE_SCENARIO_SECTIONS_READ_KINDS_H

#include "scenario/reader.h"

extern const type_t type_season; /* read_season.c */
extern const section_t season_section;
extern const type_t type_ignored; /* a text for people only */
extern const type_t type_condition_changes, type_membership_changes, type_presence_changes;
extern const section_t effect_section, deal_section, consequence_section, reply_section, summit_section,
    condition_change_section, membership_change_section, presence_change_section;

/* Checks across keys of what a kind does. */
void finish_effects(reader_t *r, kind_t *kind, const node_t *node);

#endif
