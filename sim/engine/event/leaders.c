/* Leaders' calendars for events: which leaders are needed, which are free, and when. */
#include "engine/internal.h"

bool leaders_needed(const engine_t *self, const event_plan_t *plan) {
    if (!(self->kinds[plan->kind].duties & DUTY_IN_PERSON) || plan->on_the_side) return false;
    const kind_t *kind = &self->model->kinds[plan->kind];
    return plan->level == LEVEL_LEADER || (plan->level < 0 && kind->level_weight[LEVEL_LEADER] >= 1);
}

int leaders_place(const event_plan_t *plan) {
    return plan->group < 0 && plan->target >= 0 ? plan->target : plan->initiator;
}

void leaders_days(const engine_t *self, const event_plan_t *plan, int *first, int *last) {
    event_days(plan->time, isnan(plan->days) ? self->model->kinds[plan->kind].days : plan->days, first, last);
}

bool leaders_free_one(const engine_t *self, const event_plan_t *plan, int actor) {
    int first, last;
    leaders_days(self, plan, &first, &last);
    return !diary_collision(&self->diary, actor, first, last, leaders_place(plan), NULL);
}

bool leaders_free(const engine_t *self, const event_plan_t *plan) {
    return (plan->initiator < 0 || leaders_free_one(self, plan, plan->initiator)) &&
           (plan->target < 0 || leaders_free_one(self, plan, plan->target));
}

int leaders_book(engine_t *self, const event_plan_t *plan, int actor, uint32_t item) {
    booking_t booking = {
        .place = leaders_place(plan), .item = item, .precedence = self->model->kinds[plan->kind].precedence};
    leaders_days(self, plan, &booking.first_day, &booking.last_day);
    return actor < 0 ? 0 : diary_add(&self->diary, actor, &booking);
}

int leaders_occupy(engine_t *self, const event_plan_t *plan, const party_t *party, uint32_t item) {
    int ret = 0;
    bool convened = self->model->kinds[plan->kind].summit.on;
    if (item != AGENDA_NONE) diary_release_all(&self->diary, item);
    for (int p = 0; p < party->n; p++)
        if (convened || party->who[p].role <= ROLE_TARGET)
            TRY(leaders_book(self, plan, party->who[p].actor, DIARY_HELD));
out:
    return ret;
}

bool leaders_can_clear(const engine_t *self, const event_plan_t *plan, int actor) {
    int first, last;
    const booking_t *booking = NULL;
    if (actor < 0) return true;
    leaders_days(self, plan, &first, &last);
    while ((booking = diary_collision(&self->diary, actor, first, last, leaders_place(plan), booking)))
        if (booking->item == DIARY_HELD || booking->precedence >= self->model->kinds[plan->kind].precedence)
            return false;
    return true;
}
