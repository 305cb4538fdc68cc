/* A start within the period: what took place before a day is observed, and the model simulates what follows.
 *
 * Until `complete` the calendar's observed entries are all that took place where the observations cover: the
 * events of `kinds` on `ties`. Other events that would fall into that time do not occur. Where they do not
 * cover, and from `complete` on, events are simulated; from `complete` to `day` observed ones take place
 * besides. Declared changes (spells of groups and presence, interventions' settings and conditions) hold at
 * their dates. A zeroed one: nothing is observed. */
#ifndef ENTENTE_MODEL_AS_OF_H
#define ENTENTE_MODEL_AS_OF_H

#include <stdbool.h>

typedef struct {
    double day, complete; /* days from the start, 0 <= complete <= day */
    bool *ties;           /* [n_ties] covered; NULL: all. Events of one actor or a group count as covered */
    bool *kinds;          /* [n_kinds] likewise */
} as_of_t;

/* Whether all events of a kind on a tie (-1: of an actor or a group) are observed until `complete`. */
static inline bool as_of_covers(const as_of_t *self, int kind, int tie) {
    return (!self->kinds || self->kinds[kind]) && (!self->ties || tie < 0 || self->ties[tie]);
}

#endif
