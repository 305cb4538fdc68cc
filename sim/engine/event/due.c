/* Finds the next due item, and processes it at its time. */
#include "engine/event/coalition.h"

#include <string.h>

/* The host of a group's meeting without a named host: the chair on that day, else the first member; either
 * must be present. */
static int host_of(const engine_t *self, int g) {
    const group_t *group = &self->model->groups[g];
    for (int c = 0; c < group->n_chairs; c++)
        if (self->now >= group->chairs[c].from && self->now < group->chairs[c].until &&
            self->world.present[group->chairs[c].actor])
            return group->chairs[c].actor;
    for (int m = 0; m < group->n_members; m++) {
        int actor = group->members[m].actor;
        if (world_member(&self->world, g, actor) && self->world.present[actor]) return actor;
    }
    return -1;
}

/* Whether its mediator is there, events of its type take place now, and its sender decides on what it does.
 */
static bool may_happen(const engine_t *self, const event_plan_t *plan) {
    const rule_t *rule = self->model->kinds[plan->kind].only_if;
    return (plan->mediator < 0 || self->world.present[plan->mediator]) &&
           (!rule || rule_holds(self, rule, plan)) && !coalition_binds(self, plan);
}

/* The baseline or excited event of a process at this time; false if no host or no leader is free for it. */
static bool plan_here(const engine_t *self, const process_t *p, uint64_t key, event_plan_t *plan) {
    *plan = event_plan_none();
    plan->kind = p->kind;
    plan->time = self->now;
    plan->key = key;
    site_actors_t at = process_actors(self, p);
    plan->initiator = at.i, plan->target = at.j, plan->group = at.group;
    if (plan->group < 0) {
        plan->mediator = calendar_usual_mediator(self, plan);
        return may_happen(self, plan);
    }
    plan->initiator = host_of(self, plan->group);
    return plan->initiator >= 0 && (!leaders_needed(self, plan) || leaders_free(self, plan)) &&
           may_happen(self, plan);
}

int due_try(engine_t *self, process_t *p, bool moves_on) {
    bool high = p->high.time < p->low.time;
    point_t point = high ? p->high : p->low;
    double factor = process_factor(self, p, self->now);
    event_plan_t plan;
    uint64_t time_bits;
    memcpy(&time_bits, &point.time, sizeof time_bits);
    bool happens =
        point.height < factor * process_base(self, p, self->now) &&
        plan_here(self, p, rng_key_number(rng_key_number(p->key, self->replicate), time_bits), &plan);
    int32_t row = happens ? happen_now(self, &plan, AGENDA_NONE) : 0;
    if (moves_on) process_next(self, p, high); /* after what the event does to its bound */
    return row < ROW_NONE ? row : 0;
}

/* An excited candidate is due. */
static int try_offspring(engine_t *self, const offspring_t *offspring) {
    const process_t *p = &self->processes[offspring->process];
    event_plan_t plan;
    if (!(process_factor(self, p, self->now) > offspring->needs) ||
        !plan_here(self, p, offspring->key, &plan))
        return 0;
    plan.cause = CAUSE_EXCITED;
    plan.parent = offspring->parent;
    int32_t row = happen_now(self, &plan, AGENDA_NONE);
    return row < ROW_NONE ? row : 0;
}

/* Whether the event cannot take place because the actor of the role is absent and does not enter by the
 * event itself. */
static bool is_missed(const engine_t *self, const event_plan_t *plan, bool present, role_t role) {
    const kind_t *kind = &self->model->kinds[plan->kind];
    for (int p = 0; p < kind->n_presences && !present; p++)
        present = kind->presences[p].enters && kind->presences[p].who == role;
    return !present;
}

/* Whether its rule does not hold, or what it is withdrawn with did not take place and will not. */
static bool is_withdrawn(const engine_t *self, const event_plan_t *plan) {
    const rule_t *rule = rule_of_event(self, plan);
    const calendar_entry_t *entry = plan->entry >= 0 ? &self->model->calendar[plan->entry] : NULL;
    if (!may_happen(self, plan) || (rule && !rule_holds(self, rule, plan))) return true;
    return entry && entry->withdrawn && !self->rules.outcomes[entry->parent] &&
           schedule_pending(self, entry->parent) == AGENDA_NONE;
}

/* A scheduled event is due: it occurs unless an actor that it needs is absent, or it is withdrawn. */
static int happen_scheduled(engine_t *self, const event_plan_t *scheduled, uint32_t id) {
    event_plan_t plan = *scheduled;
    const calendar_entry_t *entry = plan.entry >= 0 ? &self->model->calendar[plan.entry] : NULL;
    plan.time = self->now;
    if (entry && entry->parent >= 0) plan.parent = self->calendar_row[entry->parent];
    const bool *present = self->world.present;
    if (!plan.observed &&
        ((plan.initiator >= 0 && is_missed(self, &plan, present[plan.initiator], ROLE_INITIATOR)) ||
         (plan.target >= 0 && is_missed(self, &plan, present[plan.target], ROLE_TARGET)) ||
         is_withdrawn(self, &plan))) {
        diary_release_all(&self->diary, id);
        return happen_not(self, &plan, STATUS_CANCELLED);
    }
    int32_t row = happen_now(self, &plan, id);
    if (entry) self->calendar_row[plan.entry] = row;
    return row < ROW_NONE ? row : 0;
}

static int change_member(engine_t *self, int group, int actor, bool joins) {
    int ret = 0;
    TRY(coalition_member(self, group, actor, joins));
    TRY(rules_changed(self, RULE_MEMBERS, group));
out:
    return ret;
}

static int take_item(engine_t *self, const item_t *item, uint32_t id) {
    world_t *world = &self->world;
    switch (item->type) {
    case ITEM_EVENT:
        return happen_scheduled(self, &item->plan, id);
    case ITEM_CANCELLED:
        return happen_not(self, &item->plan, STATUS_CANCELLED);
    case ITEM_REPLY:
        return reply_now(self, item);
    case ITEM_CONDITION:
        effect_end_condition(self, item->spell.condition, item->spell.site, self->now, item->spell.token);
        return rules_changed(self, RULE_CONDITION, item->spell.condition);
    case ITEM_DELIVERY:
        world_deal(world, item->delivery.flow, self->now, item->delivery.usd_per_year);
        return 0;
    case ITEM_TARIFF:
        effect_tariff(self, &self->model->tariffs[item->tariff]);
        return 0;
    case ITEM_MEMBERSHIP:
        world_join(world, item->change.group, item->change.actor, item->change.on);
        actor_changed(self, item->change.actor);
        return change_member(self, item->change.group, item->change.actor, item->change.on);
    case ITEM_PRESENCE:
        world->present[item->change.actor] = item->change.on;
        return 0;
    case ITEM_INTERVENTION:
        return intervene_now(self, item);
    case ITEM_REFRESH:
        noise_advance(self);
        world_refresh(world, self->now);
        if (self->model->has_sampled) {
            processes_refresh(self);
            processes_bind_all(self);
        }
        return schedule_refresh(self);
    }
    return 0;
}

int due_take(engine_t *self, const due_t *due, bool moves_on) {
    switch (due->type) {
    case DUE_CANDIDATE:
        return due_try(self, &self->processes[due->process], moves_on);
    case DUE_OFFSPRING:
        return try_offspring(self, &due->offspring);
    default:
        return take_item(self, &due->item, due->id);
    }
}

/* ---- what is next ----------------------------------------------------------------------------------- */

/* In which of the courses the host of the summit is there. */
static course_set_t with_host(const engine_t *self, const event_plan_t *plan, course_set_t courses) {
    course_set_t with = 0;
    for (course_set_t left = courses; left; left &= left - 1) {
        int c = course_first(left);
        bool present = plan->initiator < 0 || course_has_present(self, c, plan->initiator);
        if (!is_missed(self, plan, present, ROLE_INITIATOR)) with |= course_bit(c);
    }
    return with;
}

/* An invitation that ends because its summit is next. */
static bool find_ending(engine_t *self, due_t *due) {
    uint32_t id = heap_top(&self->agenda.heap)->id;
    const item_t *next = &self->agenda.items[id];
    const event_plan_t *plan = &next->plan;
    if (next->type != ITEM_EVENT || plan->entry < 0 || !(self->kinds[plan->kind].duties & DUTY_CONVENES))
        return false;
    course_set_t courses = with_host(self, plan, self->agenda.courses[id]);
    uint32_t reply = reply_next_due(self, plan->entry, courses);
    if (reply == AGENDA_NONE) return false;
    *due = (due_t){.type = DUE_ITEM,
                   .courses = courses & self->agenda.courses[reply],
                   .id = AGENDA_NONE,
                   .item = self->agenda.items[reply]};
    due->item.lapses = due->item.plan.reply == REPLY_DRAWN; /* a reply that is fixed is given now */
    courses_act(self, due->courses);
    agenda_remove(&self->agenda, reply);
    courses_act(self, self->all);
    return true;
}

static void find_item(engine_t *self, due_t *due) {
    if (find_ending(self, due)) return;
    due->type = DUE_ITEM;
    due->item = agenda_pop(&self->agenda, &due->id);
    due->courses = self->agenda.courses[due->id];
}

/* Of several courses, all that have the same candidate come at once, so that none has it twice. */
static course_set_t with_candidate(const engine_t *self, bool of_root, const heap_entry_t *next) {
    int block = block_of_process(self, &self->processes[next->what]);
    course_set_t courses = of_root ? self->all : 0;
    if (block < 0) return courses;
    courses &= ~self->owners[block];
    for (course_set_t left = self->owners[block]; left; left &= left - 1) {
        const heap_t *queue = &self->courses[course_first(left)].queue;
        if (!heap_empty(queue) && heap_top(queue)->time == next->time && heap_top(queue)->what == next->what)
            courses |= left & -left;
    }
    return courses;
}

static void find_candidate(engine_t *self, due_t *due) {
    const heap_t *queue = &self->queue;
    bool of_root = !heap_empty(queue) && heap_top(queue)->time <= self->own_next.time;
    if (!of_root) queue = &self->courses[self->own_next.course].queue;
    const heap_entry_t *next = heap_top(queue);
    if (next->id >= self->n_bunches) {
        due->type = DUE_OFFSPRING;
        due->offspring = offspring_pop(self);
        due->courses = due->offspring.courses;
        return;
    }
    due->type = DUE_CANDIDATE;
    due->process = next->what;
    due->courses = self->n_courses == 1 ? COURSE_ROOT : with_candidate(self, of_root, next);
}

double due_time(const engine_t *self) {
    double candidate = heap_empty(&self->queue) ? INFINITY : heap_top(&self->queue)->time;
    return fmin(agenda_time(&self->agenda), fmin(candidate, self->own_next.time));
}

void due_find(engine_t *self, due_t *due) {
    if (agenda_time(&self->agenda) <= self->now)
        find_item(self, due);
    else
        find_candidate(self, due);
}
