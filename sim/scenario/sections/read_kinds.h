/* A kind's keys are one table (read_kinds.c); the mappings in it have their own: the season (read_season.c),
 * what an event does and what follows from it (read_effects.c). */
#ifndef ENTENTE_SCENARIO_SECTIONS_READ_KINDS_H
#define ENTENTE_SCENARIO_SECTIONS_READ_KINDS_H

#include "scenario/reader.h"

extern const type_t type_season; /* read_season.c */
extern const section_t section_season;
extern const type_t type_ignored; /* a text for people only */
extern const type_t type_condition_changes, type_membership_changes, type_presence_changes;
extern const section_t section_effect, section_deal, section_consequence, section_reply, section_summit,
    section_condition_change, section_membership_change, section_presence_change;

/* Checks across keys of what a kind does. */
void read_effects_finish(reader_t *r, kind_t *kind, const node_t *node);

extern const type_t type_directed_tie; /* of a condition that starts, into condition_start_t */
void read_start_finish(reader_t *r, void *base, const node_t *node); /* of a condition_start_t */

#endif
