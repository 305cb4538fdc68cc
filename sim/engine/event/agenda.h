/* Scheduled items: events, replies, ends of conditions, starts
 * and ends of deliveries, changes of membership, interventions, refreshes.
 *
 * Items at one time are processed by class (in the order of agenda_class_t), then by `order`: the
 * alphabetical rank of the id for calendar entries, a key of the identity for the rest. Therefore neither
 * the order of a file nor the order of scheduling matters. */
#ifndef ENTENTE_ENGINE_EVENT_AGENDA_H
#define ENTENTE_ENGINE_EVENT_AGENDA_H

#include "base/heap.h"
#include "engine/course/course_set.h"
#include "engine/log.h"
#include "model/model.h"
#include <math.h>

/* A scheduled event, with its known properties. */
typedef struct {
    int kind, initiator, target, group;
    double time;
    uint64_t key; /* its identity: all its random numbers come from it */
    cause_t cause;
    int32_t parent; /* row of the log, -1 */
    int entry;      /* of the calendar (`known`: of the history), -1 */
    int to;         /* the summit an invitation is to (calendar entry), -1 */
    forced_reply_t reply;
    int level, success, sector; /* -1: to be drawn */
    double value_usd, days;     /* NAN: to be drawn; the kind's */
    double expires;             /* it may not be moved past this time */
    const consequence_t *from;  /* what made it, NULL */
    int mediator;               /* -1: none; here, so that the numbers above fill whole vectors */
    bool on_the_side; /* a meeting on the sidelines of a summit, a reply: needs no day of a leader */
    bool known;       /* of the history: the state at the start includes its effects */
    bool observed;    /* it took place, then */
} event_plan_t;

/* A plan without known properties: a baseline event. */
static inline event_plan_t event_plan_none(void) {
    return (event_plan_t){.kind = -1,
                          .initiator = -1,
                          .target = -1,
                          .group = -1,
                          .cause = CAUSE_SPONTANEOUS,
                          .parent = ROW_NONE,
                          .entry = -1,
                          .to = -1,
                          .level = -1,
                          .success = -1,
                          .sector = -1,
                          .value_usd = NAN,
                          .days = NAN,
                          .expires = INFINITY,
                          .mediator = -1};
}

typedef enum { CLASS_STATE, CLASS_REFRESH, CLASS_INTERVENTION, CLASS_CALENDAR, CLASS_FOLLOWS } agenda_class_t;

typedef enum {
    ITEM_EVENT,
    ITEM_CANCELLED,  /* a dated event that the variant cancels: only its row in the log */
    ITEM_REPLY,      /* to an invitation */
    ITEM_CONDITION,  /* the end of a spell of a condition */
    ITEM_DELIVERY,   /* a deal's deliveries begin or end */
    ITEM_TARIFF,     /* a dated tariff comes into force */
    ITEM_MEMBERSHIP, /* an actor joins or leaves a group */
    ITEM_PRESENCE,   /* an actor enters or leaves */
    ITEM_INTERVENTION,
    ITEM_REFRESH
} item_type_t;

typedef struct {
    item_type_t type;
    int32_t row; /* ITEM_REPLY: the invitation's */
    union {
        event_plan_t plan; /* ITEM_EVENT, ITEM_CANCELLED; ITEM_REPLY: the invitation */
        struct {
            int condition, site; /* tie or actor */
            uint64_t token;      /* of the spell */
        } spell;                 /* ITEM_CONDITION */
        struct {
            int flow;
            double usd_per_year; /* negative: they end */
        } delivery;
        struct {
            int actor, group; /* group -1 for ITEM_PRESENCE */
            bool on;          /* joins, enters */
        } change;
        int intervention;
        int tariff;
    };
    bool lapses; /* ITEM_REPLY */
} item_t;

typedef struct {
    heap_t heap;
    item_t *items;
    uint64_t *order;
    course_set_t *courses; /* in which it waits */
    uint32_t *serial;      /* the how many-th that was put down */
    uint32_t *free;
    uint32_t n_items, n_free, n_added;
    size_t item_capacity, order_capacity, courses_capacity, serial_capacity, free_capacity;
    course_set_t acting; /* the courses that read and write it at present, and agree on what they do */
} agenda_t;

#define AGENDA_NONE UINT32_MAX

int agenda_init(agenda_t *self);
void agenda_free(agenda_t *self);
void agenda_clear(agenda_t *self);
/* Schedules an item for `time`; returns its id, or AGENDA_NONE without memory. */
uint32_t agenda_add(agenda_t *self, double time, agenda_class_t klass, uint64_t order, const item_t *item);
double agenda_time(const agenda_t *self); /* of the next item, INFINITY when empty */
/* Takes the next item out; the agenda must not be empty. The id is not reused before agenda_release. */
item_t agenda_pop(agenda_t *self, uint32_t *id);
void agenda_release(agenda_t *self, uint32_t id);
bool agenda_waits(const agenda_t *self, uint32_t id, course_set_t courses); /* in any of them */
bool agenda_pending(const agenda_t *self, uint32_t id);                     /* in the acting courses */
void agenda_remove(agenda_t *self,
                   uint32_t id); /* a pending item, out of the acting courses; of none, id and all */

#endif
