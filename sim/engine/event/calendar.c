/* The calendar: dated events as plans, and which of them the present variant has. */
#include "engine/event/observed.h"

#include <string.h>

void calendar_settle_roles(const engine_t *self, event_plan_t *plan) {
    const actor_t *actors = self->model->actors;
    int i = plan->initiator, j = plan->target;
    if (self->kinds[plan->kind].scope != SCOPE_DYAD || strcmp(actors[i].name, actors[j].name) < 0) return;
    plan->initiator = j, plan->target = i;
}

int calendar_mediator(const engine_t *self, const event_plan_t *plan, int actor) {
    bool of_two = self->kinds[plan->kind].scope <= SCOPE_DYAD && plan->target >= 0;
    return of_two && actor != plan->initiator && actor != plan->target ? actor : -1;
}

int calendar_usual_mediator(const engine_t *self, const event_plan_t *plan) {
    const kind_t *kind = &self->model->kinds[plan->kind];
    return kind->has_mediator ? calendar_mediator(self, plan, kind->mediator) : -1;
}

/* The identity of an entry, from which all its random numbers come. */
static uint64_t key_of(const engine_t *self, const calendar_entry_t *entry, bool known) {
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), known ? "history" : "calendar");
    if (entry->drawn_as) return rng_key_text(key, entry->drawn_as);
    return rng_key_text(key, entry->id ? entry->id : self->model->kinds[entry->kind].name);
}

/* Parts at the moment of the whole are drawn with it. */
static uint64_t time_key(const engine_t *self, int entry) {
    while (self->model->calendar[entry].part_time) entry = self->model->calendar[entry].parent;
    return key_of(self, &self->model->calendar[entry], false);
}

/* Days of an entry's window that have passed without it. */
static double passed(const engine_t *self, const event_plan_t *plan) {
    const calendar_entry_t *entry = calendar_entry_of(self, plan);
    event_plan_t first = *plan;
    first.time = entry->time;
    if (plan->known || !observed_excludes_plan(self, &first)) return 0;
    return fmin(entry->until, self->model->as_of.complete) - entry->time;
}

event_plan_t calendar_plan(const engine_t *self, int index, bool known) {
    const model_t *model = self->model;
    const calendar_entry_t *entry = known ? &model->history[index] : &model->calendar[index];
    uint64_t key = key_of(self, entry, known);
    const summit_t *summit = &model->kinds[entry->kind].summit;
    event_plan_t plan = event_plan_none();
    plan.kind = entry->kind;
    plan.initiator = entry->initiator;
    plan.target = entry->target;
    plan.group = entry->group >= 0 ? entry->group : summit->on ? summit->group : -1;
    plan.mediator = entry->is_mediated ? entry->mediator
                    : entry->observed  ? -1
                                       : calendar_usual_mediator(self, &plan);
    plan.time = entry->time;
    plan.key = key;
    plan.cause = known || entry->observed ? CAUSE_HISTORY : CAUSE_CALENDAR;
    plan.entry = index;
    plan.to = entry->to;
    plan.reply = entry->reply;
    plan.level = entry->level;
    plan.success = entry->success;
    plan.sector = entry->sector;
    plan.value_usd = entry->value_usd;
    plan.days = entry->days;
    plan.known = known;
    plan.observed = entry->observed;
    calendar_settle_roles(self, &plan);
    if (entry->until > entry->time) {
        double from = entry->time + passed(self, &plan);
        plan.time = from + draw_unit(known ? key : time_key(self, index), DRAW_TIME) * (entry->until - from);
    }
    return plan;
}

/* A variant's setting counts, also where several courses share the parameters. */
static double probability_of(const engine_t *self, int entry) {
    const double *probability = &self->model->calendar[entry].probability;
    for (int n = 0; n < self->variant->n_settings && self->n_courses > 1; n++)
        if (self->model->params[self->variant->settings[n].param].value == probability)
            return setting_value(self->model, &self->variant->settings[n]);
    return *probability;
}

/* Given that it has not occurred in the part of its window that has passed. */
bool calendar_occurs(const engine_t *self, const event_plan_t *dated) {
    const calendar_entry_t *entry = &self->model->calendar[dated->entry];
    double p = probability_of(self, dated->entry), gone = passed(self, dated);
    if (dated->observed) return true;
    if (gone > 0 && entry->until > entry->time) {
        double share = gone / (entry->until - entry->time);
        p = p * share < 1 ? p * (1 - share) / (1 - p * share) : 0;
    }
    return draw_unit(dated->key, DRAW_OCCURS) < p;
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

/* The item of a dated event in the variant of the acting course: a plan, or none. */
static bool is_planned(const engine_t *self, int e, item_t *item) {
    const variant_t *variant = self->variant;
    if (!(self->model->calendar[e].in_base || in_list(variant->n_add, variant->add, e)) || dropped(self, e))
        return false;
    *item = (item_t){.type = cancelled(self, e) ? ITEM_CANCELLED : ITEM_EVENT,
                     .plan = calendar_plan(self, e, false)};
    if (in_list(variant->n_decline, variant->decline, e)) item->plan.reply = REPLY_DECLINE;
    if (in_list(variant->n_accept, variant->accept, e)) item->plan.reply = REPLY_ACCEPT;
    return !observed_is_reply(self, e) && !observed_excludes_plan(self, &item->plan) &&
           calendar_occurs(self, &item->plan);
}

static int put_down(engine_t *self, int e, const item_t *item) {
    if (item->type == ITEM_EVENT) return schedule_event(self, &item->plan, false);
    uint64_t order = self->calendar_rank[e] << 8;
    bool pending = agenda_add(&self->agenda, item->plan.time, CLASS_CALENDAR, order, item) != AGENDA_NONE;
    return pending ? 0 : ERR_NOMEM;
}

/* Schedules one dated event in all courses: together with the root in those that have the same item and the
 * same engagements. */
static int schedule_entry(engine_t *self, int e) {
    int ret = 0;
    item_t root, own;
    bool in_root = is_planned(self, e, &root);
    course_set_t alone = in_root && root.type == ITEM_EVENT && leaders_needed(self, &root.plan)
                             ? footprint_diaries(self) & self->all & ~COURSE_ROOT
                             : 0;
    course_set_t done = 0;
    for (int c = 1; c < self->n_courses; c++) {
        self->variant = self->courses[c].variant;
        bool planned = is_planned(self, e, &own);
        bool as_root =
            planned == in_root && (!planned || (own.type == root.type && own.plan.reply == root.plan.reply));
        if (!as_root) alone |= course_bit(c);
        if (!planned || !(alone & course_bit(c))) continue;
        courses_act(self, course_bit(c));
        merge_begin(self, c);
        TRY(put_down(self, e, &own));
        merge_end(self, c);
        done |= course_bit(c);
    }
    self->variant = self->courses[0].variant;
    courses_act(self, self->all & ~alone);
    merge_begin(self, 0);
    if (in_root) TRY(put_down(self, e, &root));
    merge_end(self, 0);
    courses_act(self, self->all);
    for (course_set_t left = in_root ? done : 0; left; left &= left - 1)
        merge_added(self, course_first(left));
out:
    return ret;
}

int calendar_schedule(engine_t *self) {
    int ret = 0;
    for (int rank = 0; rank < self->model->n_calendar; rank++) /* by id, so that the file's order is none */
        TRY(schedule_entry(self, self->calendar_by_rank[rank]));
out:
    return ret;
}
