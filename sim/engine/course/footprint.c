/* The footprint of a due item: the state that it may read and write, known before it is processed. It must
 * include all that is read and written. A larger footprint only costs time, a smaller one is an error, which
 * assertions detect where they can. */
#include "engine/event/coalition.h"

static void add(engine_t *self, int block) {
    footprint_t *footprint = &self->footprint;
    if (footprint->stamp[block] == footprint->step) return;
    footprint->stamp[block] = footprint->step;
    footprint->blocks[footprint->n++] = block;
}

static void add_tie(engine_t *self, int i, int j) {
    int tie = i < 0 || j < 0 ? -1 : model_tie(self->model, i, j);
    if (tie >= 0) add(self, block_of_tie(self, tie));
}

static void add_actor(engine_t *self, int actor) {
    if (actor >= 0) add(self, block_of_actor(self, actor));
}

static void add_ties_of(engine_t *self, int actor) {
    for (int j = 0; actor >= 0 && j < self->model->n_actors; j++)
        if (j != actor) add_tie(self, actor, j);
}

/* ---- blocks ----------------------------------------------------------------------------------------- */

/* Counts of events in rules. */
static void add_counts(engine_t *self, int kind) {
    for (int c = 0; c < self->model->n_rule_counts; c++)
        if (rules_counts(self->rules.counts[c], kind)) add(self, block_of_rule(self, c));
}

static void add_tie_and_ends(engine_t *self, int tie) {
    if (tie < 0) return;
    add(self, block_of_tie(self, tie));
    add_actor(self, self->model->ties[tie].a);
    add_actor(self, self->model->ties[tie].b);
}

/* What a rule reads; the event's own tie and actors are there already. */
static void add_rule(engine_t *self, const rule_t *rule) {
    if (!rule) return;
    add_tie_and_ends(self, rule->tie);
    add_actor(self, rule->actor);
    if (rule->entry >= 0) add(self, block_of_entry(self, rule->entry));
    if (rule->slot >= 0) add(self, block_of_rule(self, rule->slot));
    for (int p = 0; p < rule->n_parts; p++) {
        if (rule->members) add_actor(self, rule->members[p]);
        add_rule(self, &rule->parts[p]);
    }
}

/* An event of the kind from i to j, and what it does at once. */
static void write_event(engine_t *self, int kind, int i, int j) {
    unsigned duties = self->kinds[kind].duties;
    add_tie(self, i, j);
    if (duties & DUTY_TALLIED) add_counts(self, kind);
    if (duties & DUTY_SPREADS) add_ties_of(self, j);
    for (int end = 0; (duties & DUTY_ACTORS) && end < 2; end++) {
        add_actor(self, end ? j : i);
        add_ties_of(self, end ? j : i);
    }
}

static void read_event(engine_t *self, int kind, int i, int j) {
    add_actor(self, i);
    add_actor(self, j);
    if (self->kinds[kind].duties & DUTY_SPREADS) add_ties_of(self, i);
}

static bool is_wide(const engine_t *self, int kind, int i, int j, int group) {
    unsigned duties = self->kinds[kind].duties;
    if ((duties & DUTY_ALLIED) && coalition_reaches(self, kind, i, j)) return true;
    return group >= 0 || self->kinds[kind].scope == SCOPE_GROUP || (duties & (DUTY_CONVENES | DUTY_SUMMONS));
}

/* ---- the agenda and the diaries --------------------------------------------------------------------- */

course_set_t footprint_diaries(const engine_t *self) {
    course_set_t differ = 0;
    for (int actor = 0; actor < self->model->n_actors; actor++)
        differ |= diary_differing(&self->diary, actor, INT32_MIN, INT32_MAX);
    return differ;
}

static bool has_plans(const engine_t *self, int actor) {
    for (int b = 0; actor >= 0 && b < self->diary.n[actor]; b++)
        if (self->diary.bookings[actor][b].item != DIARY_HELD) return true;
    return false;
}

/* The diaries: on the days of an event that begins now; if it may lead to one that needs leaders, on all
 * future days; and if that may move other engagements, of all actors. */
static course_set_t diaries(const engine_t *self, int kind, int i, int j, double days) {
    unsigned duties = self->kinds[kind].duties;
    if (!(duties & (DUTY_IN_PERSON | DUTY_BOOKS))) return 0;
    if ((duties & DUTY_BOOKS) && (has_plans(self, i) || has_plans(self, j))) return footprint_diaries(self);
    int first = (int)floor(self->now), last = first + (days > 1 ? (int)ceil(days) : 1);
    if (duties & DUTY_BOOKS) last = INT32_MAX;
    course_set_t differ = i >= 0 ? diary_differing(&self->diary, i, first, last) : 0;
    return j >= 0 ? differ | diary_differing(&self->diary, j, first, last) : differ;
}

static course_set_t items_of_dyad(const engine_t *self, int i, int j) {
    course_set_t differ = 0;
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        if (item->type != ITEM_EVENT || !item->plan.from || !agenda_waits(&self->agenda, id, self->all))
            continue;
        int a = item->plan.initiator, b = item->plan.target;
        if ((a == i && b == j) || (a == j && b == i)) differ |= course_differing(self->agenda.courses[id]);
    }
    return differ;
}

static course_set_t items_of_entry(const engine_t *self, int entry) {
    course_set_t differ = 0;
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        if (item->type == ITEM_EVENT && item->plan.entry == entry &&
            agenda_waits(&self->agenda, id, self->all))
            differ |= course_differing(self->agenda.courses[id]);
    }
    return differ;
}

static void differ_in_event(engine_t *self, int kind, int i, int j, double days) {
    double length = isnan(days) ? self->model->kinds[kind].days : days;
    self->footprint.differ |= diaries(self, kind, i, j, length);
    if (self->cancels[kind] && j >= 0) self->footprint.differ |= items_of_dyad(self, i, j);
}

/* ---- something due ---------------------------------------------------------------------------------- */

static void of_event(engine_t *self, int kind, int i, int j, int group, double days) {
    footprint_t *footprint = &self->footprint;
    if (is_wide(self, kind, i, j, group)) {
        footprint->all = true;
        footprint->differ |= footprint_diaries(self);
        if (self->cancels[kind] && j >= 0) footprint->differ |= items_of_dyad(self, i, j);
        return;
    }
    write_event(self, kind, i, j);
    footprint->n_write = footprint->n;
    read_event(self, kind, i, j);
    differ_in_event(self, kind, i, j, days);
}

static void of_process(engine_t *self, const process_t *p) {
    site_actors_t at = process_actors(self, p);
    if (self->model->kinds[p->kind].has_mediator) self->footprint.all = true;
    of_event(self, p->kind, at.i, at.j, at.group, NAN);
    add_rule(self, self->model->kinds[p->kind].only_if);
}

static void of_scheduled(engine_t *self, const event_plan_t *plan) {
    if (plan->entry >= 0) add(self, block_of_entry(self, plan->entry));
    if (plan->mediator >= 0) self->footprint.all = true;
    of_event(self, plan->kind, plan->initiator, plan->target, plan->group, plan->days);
    int parent = plan->entry >= 0 ? self->model->calendar[plan->entry].parent : -1;
    if (parent >= 0) add(self, block_of_entry(self, parent));
    if (parent >= 0 && self->model->calendar[plan->entry].withdrawn)
        self->footprint.differ |= items_of_entry(self, parent);
    add_rule(self, rule_of_event(self, plan));
    add_rule(self, self->model->kinds[plan->kind].only_if);
}

/* The reply is an event of one of three types, from guest to host. Its consequences have the roles of the
 * invitation. A reply to a dated summit changes who is expected there. */
static void of_reply(engine_t *self, const event_plan_t *invitation) {
    footprint_t *footprint = &self->footprint;
    const reply_t *rules = &self->model->kinds[invitation->kind].reply;
    const int kinds[] = {rules->accepted, rules->declined, rules->lapsed, invitation->kind};
    int guest = invitation->target, host = invitation->initiator;
    for (int n = 0; n < 4; n++)
        if (kinds[n] >= 0 &&
            (is_wide(self, kinds[n], guest, host, -1) || is_wide(self, kinds[n], host, guest, -1)))
            footprint->all = true;
    for (int n = 0; n < 4; n++)
        if (kinds[n] >= 0) { /* roles of an undirected event may be turned */
            write_event(self, kinds[n], guest, host);
            write_event(self, kinds[n], host, guest);
        }
    if (invitation->to >= 0) add(self, block_of_entry(self, invitation->to));
    footprint->n_write = footprint->n;
    for (int n = 0; n < 4; n++)
        if (kinds[n] >= 0) {
            read_event(self, kinds[n], guest, host);
            read_event(self, kinds[n], host, guest);
            differ_in_event(self, kinds[n], guest, host, NAN);
        }
    if (footprint->all || invitation->to >= 0) footprint->differ |= footprint_diaries(self);
    if (invitation->to >= 0) footprint->differ |= items_of_entry(self, invitation->to);
}

static void of_spell(engine_t *self, int condition, int site) {
    const condition_t *ends = &self->model->conditions[condition];
    if (ends->on_actor) {
        add_actor(self, site);
        add_ties_of(self, site);
    } else {
        add(self, block_of_tie(self, condition_tie(ends, site)));
    }
    if (coalition_of_condition(self, condition)) self->footprint.all = true;
    self->footprint.n_write = self->footprint.n;
}

static void of_item(engine_t *self, const item_t *item) {
    int actor = -1;
    switch (item->type) {
    case ITEM_EVENT:
        of_scheduled(self, &item->plan);
        return;
    case ITEM_REPLY:
        of_reply(self, &item->plan);
        return;
    case ITEM_CONDITION:
        of_spell(self, item->spell.condition, item->spell.site);
        return;
    case ITEM_DELIVERY:
        add(self, block_of_tie(self, item->delivery.flow / 2));
        break;
    case ITEM_TARIFF:
        for (int k = 0; k < self->model->tariffs[item->tariff].n_flows; k++)
            add(self, block_of_tie(self, self->model->tariffs[item->tariff].flows[k] / 2));
        break;
    case ITEM_MEMBERSHIP:
        if (coalition_of_group(self, item->change.group)) self->footprint.all = true;
        actor = item->change.actor;
        break;
    case ITEM_PRESENCE:
        actor = item->change.actor;
        break;
    case ITEM_INTERVENTION:
        add_rule(self, self->model->interventions[item->intervention].when);
        add(self, block_of_rule(self, self->model->n_rule_counts + item->intervention));
        if (!intervene_acts(self, item->intervention)) return; /* it looks, and may wait on */
        self->footprint.all = true;
        self->footprint.differ = self->all;
        break;
    case ITEM_REFRESH: /* has a separate step */
    case ITEM_CANCELLED:
        break;
    }
    add_actor(self, actor);
    add_ties_of(self, actor);
    self->footprint.n_write = self->footprint.n;
}

/* What holds on an actor counts on its ties. */
static void add_ends(engine_t *self) {
    for (int k = 0; k < self->footprint.n_write; k++) {
        int tie = self->footprint.blocks[k] - self->blocks[BLOCK_TIE].first;
        if (tie >= self->model->n_ties) continue;
        add_actor(self, self->model->ties[tie].a);
        add_actor(self, self->model->ties[tie].b);
    }
}

void footprint_find(engine_t *self, const due_t *due) {
    footprint_t *footprint = &self->footprint;
    footprint->all = false;
    footprint->n = footprint->n_write = 0;
    footprint->differ = 0;
    footprint->step++;
    if (due->type == DUE_CANDIDATE)
        of_process(self, &self->processes[due->process]);
    else if (due->type == DUE_OFFSPRING)
        of_process(self, &self->processes[due->offspring.process]);
    else
        of_item(self, &due->item);
    add_ends(self);
}
