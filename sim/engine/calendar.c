/* The calendar: dated events as plans, and which of them there are in the variant at hand. */
#include "engine/internal.h"

#include <string.h>

void calendar_settle_roles(const engine_t *self, plan_t *plan) {
    const actor_t *actors = self->model->actors;
    int i = plan->initiator, j = plan->target;
    if (self->kinds[plan->kind].scope != SCOPE_DYAD || strcmp(actors[i].name, actors[j].name) < 0) return;
    plan->initiator = j, plan->target = i;
}

plan_t calendar_plan(const engine_t *self, int index, bool known) {
    const model_t *model = self->model;
    const calendar_entry_t *entry = known ? &model->history[index] : &model->calendar[index];
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), known ? "history" : "calendar");
    key = rng_key_text(key, entry->id ? entry->id : model->kinds[entry->kind].name);
    const summit_t *summit = &model->kinds[entry->kind].summit;
    plan_t plan = plan_none();
    plan.kind = entry->kind;
    plan.initiator = entry->initiator;
    plan.target = entry->target;
    plan.group = entry->group >= 0 ? entry->group : summit->on ? summit->group : -1;
    plan.time = entry->time;
    plan.key = key;
    plan.cause = known ? CAUSE_HISTORY : CAUSE_CALENDAR;
    plan.entry = index;
    plan.to = entry->to;
    plan.reply = entry->reply;
    plan.level = entry->level;
    plan.success = entry->success;
    plan.sector = entry->sector;
    plan.value_usd = entry->value_usd;
    plan.days = entry->days;
    plan.known = known;
    if (entry->until > entry->time)
        plan.time = entry->time + draw_unit(key, DRAW_TIME) * (entry->until - entry->time);
    calendar_settle_roles(self, &plan);
    return plan;
}

bool calendar_occurs(const engine_t *self, const plan_t *dated) {
    return draw_unit(dated->key, DRAW_OCCURS) < self->model->calendar[dated->entry].probability;
}

/* Dropped itself, or part of something dropped. */
static bool dropped(const engine_t *self, int entry) {
    for (; entry >= 0; entry = self->model->calendar[entry].parent)
        if (in_list(self->variant->n_drop, self->variant->drop, entry)) return true;
    return false;
}

static bool cancelled(const engine_t *self, int entry) {
    for (; entry >= 0; entry = self->model->calendar[entry].parent)
        if (in_list(self->variant->n_cancel, self->variant->cancel, entry)) return true;
    return false;
}

int calendar_schedule(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    const variant_t *variant = self->variant;
    for (int rank = 0; rank < model->n_calendar; rank++) { /* by id, so that the file's order is none */
        int e = self->calendar_by_rank[rank];
        const calendar_entry_t *entry = &model->calendar[e];
        if (!(entry->in_base || in_list(variant->n_add, variant->add, e)) || dropped(self, e)) continue;
        plan_t plan = calendar_plan(self, e, false);
        if (!calendar_occurs(self, &plan)) continue;
        if (in_list(variant->n_decline, variant->decline, e)) plan.reply = REPLY_DECLINE;
        if (in_list(variant->n_accept, variant->accept, e)) plan.reply = REPLY_ACCEPT;
        if (cancelled(self, e)) {
            item_t item = {.type = ITEM_CANCELLED, .plan = plan};
            if (agenda_add(&self->agenda, plan.time, CLASS_CALENDAR, (uint64_t)rank << 8, &item) ==
                AGENDA_NONE)
                return ERR_NOMEM;
        } else {
            TRY(schedule_event(self, &plan, false));
        }
    }
out:
    return ret;
}
