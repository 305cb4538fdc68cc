/* Scheduled events: an event is scheduled for a day on which the leaders it needs are free, a conflicting
 * event of lower precedence is moved, and a cancelled event leaves the agenda. */
#include "engine/event/observed.h"

#include "base/mem.h"

enum { MOVE_DAYS_MAX = 90 }; /* an event that finds no day within so many is cancelled */

int schedule_clear(engine_t *self, const event_plan_t *plan, int actor, uint32_t item) {
    int ret = 0, first, last;
    event_plan_t *moved = NULL;
    size_t n_moved = 0, capacity = 0;
    const booking_t *booking;
    if (actor < 0) return 0;
    leaders_days(self, plan, &first, &last);
    while ((booking = diary_collision(&self->diary, actor, first, last, leaders_place(plan), NULL))) {
        uint32_t other = booking->item;
        const event_plan_t *theirs = &self->agenda.items[other].plan;
        if (self->model->kinds[theirs->kind].summit.on && theirs->initiator != actor) {
            diary_release(&self->diary, actor, other); /* a summit goes on without a member */
            continue;
        }
        TRY(ARRAY_RESERVE(moved, n_moved, capacity));
        moved[n_moved++] = self->agenda.items[other].plan;
        diary_release_all(&self->diary, other);
        if (agenda_pending(&self->agenda, other)) agenda_remove(&self->agenda, other);
    }
    TRY(leaders_book(self, plan, actor, item));
    for (size_t m = 0; m < n_moved; m++) {
        moved[m].time += 1;
        TRY(schedule_event(self, &moved[m], true));
    }
out:
    mem_free(moved);
    return ret;
}

static uint32_t put_down(engine_t *self, const event_plan_t *plan) {
    item_t item = {.type = ITEM_EVENT, .plan = *plan};
    bool dated = plan->entry >= 0 && !plan->known;
    uint32_t id = dated ? agenda_add(&self->agenda, plan->time, CLASS_CALENDAR,
                                     self->calendar_rank[plan->entry] << 8, &item)
                        : agenda_add(&self->agenda, plan->time, CLASS_FOLLOWS, plan->key, &item);
    return id;
}

/* A summit keeps its day; an actor with an engagement of higher precedence is not booked and does not
 * attend. */
static int book_awaited(engine_t *self, const event_plan_t *plan, uint32_t item) {
    int ret = 0;
    for (int r = 0; r < self->model->n_actors; r++) {
        int actor = self->by_name[r];
        if (actor != plan->initiator && reply_awaited_as(self, plan, actor) != ROLE_N &&
            leaders_can_clear(self, plan, actor))
            TRY(schedule_clear(self, plan, actor, item));
    }
out:
    return ret;
}

int schedule_event(engine_t *self, const event_plan_t *wanted, bool moved) {
    int ret = 0;
    event_plan_t plan = *wanted;
    if (plan.time >= self->model->horizon || observed_excludes_plan(self, &plan)) return 0;
    if (plan.observed || !leaders_needed(self, &plan))
        return put_down(self, &plan) == AGENDA_NONE ? ERR_NOMEM : 0;
    double latest = fmin(wanted->time + MOVE_DAYS_MAX, plan.expires);
    while (!leaders_can_clear(self, &plan, plan.initiator) || !leaders_can_clear(self, &plan, plan.target)) {
        plan.time += 1;
        moved = true;
        if (plan.time > latest) return happen_not(self, wanted, STATUS_CANCELLED);
    }
    if (moved) TRY(happen_not(self, &plan, STATUS_MOVED));
    uint32_t item = put_down(self, &plan);
    if (item == AGENDA_NONE) return ERR_NOMEM;
    TRY(schedule_clear(self, &plan, plan.initiator, item));
    TRY(schedule_clear(self, &plan, plan.target, item));
    if (self->model->kinds[plan.kind].summit.on) TRY(book_awaited(self, &plan, item));
out:
    return ret;
}

/* ---- what is pending --------------------------------------------------------------------------------- */

uint32_t schedule_pending(const engine_t *self, int entry) {
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        if (item->type != ITEM_EVENT || item->plan.entry != entry || item->plan.known) continue;
        if (agenda_pending(&self->agenda, id)) return id;
    }
    return AGENDA_NONE;
}

/* The next pending consequence on the dyad that an event of the kind cancels: the earliest, whatever its id.
 */
static uint32_t next_cancelled(const engine_t *self, int kind, int i, int j) {
    uint32_t first = AGENDA_NONE;
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        const event_plan_t *plan = &item->plan;
        if (item->type != ITEM_EVENT || !plan->from || !agenda_waits(&self->agenda, id, self->acting))
            continue;
        bool on_dyad =
            (plan->initiator == i && plan->target == j) || (plan->initiator == j && plan->target == i);
        if (!on_dyad || !in_list(plan->from->n_cancelled_by, plan->from->cancelled_by, kind)) continue;
        course_agree(self->acting, self->agenda.courses[id]);
        const event_plan_t *best = first == AGENDA_NONE ? NULL : &self->agenda.items[first].plan;
        if (!best || plan->time < best->time || (plan->time == best->time && plan->key < best->key))
            first = id;
    }
    return first;
}

int schedule_cancel(engine_t *self, int kind, int i, int j) {
    int ret = 0;
    if (!self->cancels[kind]) return 0;
    for (uint32_t id; (id = next_cancelled(self, kind, i, j)) != AGENDA_NONE;) {
        TRY(happen_not(self, &self->agenda.items[id].plan, STATUS_CANCELLED));
        diary_release_all(&self->diary, id);
        agenda_remove(&self->agenda, id);
    }
out:
    return ret;
}

int schedule_refresh(engine_t *self) {
    item_t refresh = {.type = ITEM_REFRESH};
    double time = self->now + self->model->dynamics.refresh;
    return agenda_add(&self->agenda, time, CLASS_REFRESH, 0, &refresh) == AGENDA_NONE ? ERR_NOMEM : 0;
}
