/* What is to be done, a list in no order. */
#include "naive_internal.h"

void naive_put(naive_t *n, todo_t todo) {
    todo.number = n->n_todos;
    PUSH(n->todos, n->n_todos, todo);
}

void naive_put_event(naive_t *n, const event_t *event) {
    bool dated = event->entry >= 0 && !event->known;
    int rank = 0;
    if (event->time >= n->m->horizon) return;
    for (int e = 0; dated && e < n->m->n_calendar; e++) rank += naive_by_place(n->m, e, event->entry) < 0;
    assert(!naive_takes_leaders(&n->m->kinds[event->kind], event->level, event->aside));
    if (dated) n->calendar_todo[event->entry] = n->n_todos;
    naive_put(n, (todo_t){.type = DO_EVENT,
                          .time = event->time,
                          .klass = dated ? 3 : 4,
                          .order = dated ? (uint64_t)rank : event->key,
                          .event = *event});
}

/* Index of the item that comes next, -1 if there is none. */
int naive_next_todo(const naive_t *n) {
    int best = -1;
    for (int k = 0; k < n->n_todos; k++) {
        const todo_t *a = &n->todos[k], *b = best < 0 ? NULL : &n->todos[best];
        if (a->done) continue;
        if (!b || a->time < b->time ||
            (a->time == b->time && (a->klass < b->klass || (a->klass == b->klass && a->order < b->order))))
            best = k;
    }
    return best;
}

void naive_cancel_pending(naive_t *n, const event_t *e) {
    for (;;) { /* the earliest first */
        todo_t *first = NULL;
        for (int k = 0; k < n->n_todos; k++) {
            todo_t *todo = &n->todos[k];
            const event_t *p = &todo->event;
            if (todo->done || todo->type != DO_EVENT || !p->from) continue;
            if (!(p->initiator == e->initiator && p->target == e->target) &&
                !(p->initiator == e->target && p->target == e->initiator))
                continue;
            bool cancelled = false;
            for (int c = 0; c < p->from->n_cancelled_by; c++)
                cancelled |= p->from->cancelled_by[c] == e->kind;
            if (cancelled &&
                (!first || p->time < first->time || (p->time == first->time && p->key < first->event.key)))
                first = todo;
        }
        if (!first) return;
        first->done = true;
        naive_not_held(n, &first->event);
    }
}
