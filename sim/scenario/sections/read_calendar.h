/* Entries are expanded first (an entry with several targets, stops or repeats becomes several) and read when
 * all ids are known. */
#ifndef ENTENTE_SCENARIO_SECTIONS_READ_CALENDAR_H
#define ENTENTE_SCENARIO_SECTIONS_READ_CALENDAR_H

#include "scenario/sections/read_kinds.h"

typedef struct {
    const node_t *node;
    char *id;
    bool made;  /* the id is made of the content */
    int parent; /* expanded entry it is a stop of, -1 */
    bool in_base, relative, observed;
    bool again; /* not the first of a `repeat` */
    int order;
} expanded_t;

typedef struct {
    reader_t *r;
    expanded_t *items;
    int n;
    bool in_base, relative; /* of what is added next */
} expansion_t;

/* Expands the entries of a list and remembers which they are (reader->added), NULL for none. */
void expand_entries(expansion_t *self, const node_t *list);

/* Makes the ids of what is expanded unique; those that were written twice are reported. */
void read_calendar_ids(expansion_t *self);

/* Lays the observed entries over those of the calendar that have their ids; others are added. Then, of each
 * that was read, what it must not say. */
void read_observed_expand(expansion_t *calendar, const node_t *list);
void read_observed_check(reader_t *r, const node_t *node, calendar_entry_t *entry);

extern const section_t section_repeat;
#endif
