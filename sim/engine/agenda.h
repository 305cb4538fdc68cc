/* Scheduled items: events, replies, ends of conditions, starts
 * and ends of deliveries, changes of membership, interventions, refreshes.
 *
 * Items at one time are taken by class (agenda_class_t, in its order), then by `order`: the alphabetical
 * rank of the id for calendar entries, a key of the identity for the rest. So neither the order of a file
 * nor the order of scheduling matters. */
#ifndef ENTENTE_ENGINE_AGENDA_H
#define ENTENTE_ENGINE_AGENDA_H

#include "base/heap.h"
#include "engine/log.h"
#include "model/model.h"

/* An event that will happen, with what is known of it. */
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
    bool on_the_side; /* a meeting on the sidelines of a summit, a reply: needs no day of a leader */
    bool known;       /* of the history: the state at the start includes its effects */
} plan_t;

typedef enum { CLASS_STATE, CLASS_REFRESH, CLASS_INTERVENTION, CLASS_CALENDAR, CLASS_FOLLOWS } agenda_class_t;

typedef enum {
    ITEM_EVENT,
    ITEM_CANCELLED,    /* a dated event that the variant calls off: only its row */
    ITEM_REPLY,        /* to the invitation `plan`; amount = 1 if it lapses */
    ITEM_CONDITION,    /* ends condition a on site b, of spell token */
    ITEM_DELIVERY,     /* adds amount USD a year to flow a */
    ITEM_MEMBERSHIP,   /* actor b joins (amount 1) or leaves (0) group a */
    ITEM_PRESENCE,     /* actor a enters (amount 1) or leaves (0) */
    ITEM_INTERVENTION, /* intervention a */
    ITEM_REFRESH
} item_type_t;

typedef struct {
    item_type_t type;
    int a, b;
    double amount;
    uint64_t token;
    plan_t plan;
} item_t;

typedef struct {
    heap_t heap;
    item_t *items;
    uint64_t *order;
    uint32_t *free;
    uint32_t n_items, n_free;
    size_t item_capacity, order_capacity, free_capacity;
} agenda_t;

#define AGENDA_NONE UINT32_MAX

int agenda_init(agenda_t *self);
void agenda_free(agenda_t *self);
void agenda_clear(agenda_t *self);
/* Puts an item down for `time`; its id, or AGENDA_NONE when memory is out. */
uint32_t agenda_add(agenda_t *self, double time, agenda_class_t klass, uint64_t order, const item_t *item);
double agenda_time(const agenda_t *self); /* of the next item, INFINITY when empty */
/* Takes the next item out; the agenda must not be empty. Its id stays its own until agenda_release. */
item_t agenda_pop(agenda_t *self, uint32_t *id);
void agenda_release(agenda_t *self, uint32_t id);
bool agenda_pending(const agenda_t *self, uint32_t id);
void agenda_remove(agenda_t *self, uint32_t id); /* a pending item, id and all */

#endif
