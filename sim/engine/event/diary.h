/* Leaders' calendars: on which days a leader is occupied, and where.
 *
 * A place is the actor that hosts. Two engagements conflict if they share a day but not the place: a host
 * may receive two visitors on one day, and a guest of a summit may meet others there. Days are whole days
 * since the scenario's start. */
#ifndef ENTENTE_ENGINE_EVENT_DIARY_H
#define ENTENTE_ENGINE_EVENT_DIARY_H

#include "engine/course/course_set.h"
#include <stddef.h>

typedef struct {
    int first_day, last_day; /* inclusive */
    int place;
    double precedence;
    uint32_t item;        /* of the agenda while it is to come; DIARY_HELD once it has begun */
    uint32_t serial;      /* set by diary_add: the how many-th; so the next */
    course_set_t courses; /* in which it holds */
} booking_t;

#define DIARY_HELD UINT32_MAX

typedef struct {
    int n_actors;
    int *n;
    size_t *capacity;
    booking_t **bookings; /* [n_actors][n] in the order in which they were made */
    uint32_t n_added;
    course_set_t acting; /* the courses that read and write it at present, and agree on what they do */
} diary_t;

int diary_init(diary_t *self, int n_actors);
void diary_free(diary_t *self);
void diary_clear(diary_t *self);
int diary_add(diary_t *self, int actor, const booking_t *booking); /* 0 or ERR_NOMEM */
/* The first booking of `actor` that conflicts with these days at `place`; NULL if there is none. With
 * `after` (a former result), the first after that one. */
const booking_t *diary_collision(const diary_t *self, int actor, int first_day, int last_day, int place,
                                 const booking_t *after);
void diary_release(diary_t *self, int actor, uint32_t item); /* removes the actor's booking for it */
void diary_release_all(diary_t *self, uint32_t item);
void diary_compact(diary_t *self, int actor); /* removes bookings that belong to no course */
/* The courses whose bookings of the actor on these days are not the root's. */
course_set_t diary_differing(const diary_t *self, int actor, int first_day, int last_day);

#endif
