/* Rules of a random model, of every type. */
#include "random_dice.h"

#include <math.h>

static rule_t any_rule(dice_t *d, bool own, int depth);

static rule_t bounds(dice_t *d, rule_t r, double size) {
    bool above = maybe(d, 0.5);
    if (above || maybe(d, 0.2)) r.above = between(d, -size, above ? 0.3 * size : 0);
    if (!above) r.below = between(d, 0, size);
    return r;
}

static rule_t of_state(dice_t *d, bool own) {
    const model_t *m = d->m;
    rule_t r = rule_none();
    r.type = (rule_type_t)upto(d, RULE_STRENGTH, RULE_ATTRIBUTE);
    r.tie = own && maybe(d, 0.5) ? RULE_OWN_TIE : upto(d, 0, m->n_ties - 1);
    if (r.type == RULE_ATTRIBUTE) {
        r.tie = -1;
        r.attribute = 0;
        r.actor = own && maybe(d, 0.5) ? RULE_OF_INITIATOR : upto(d, 0, m->n_actors - 1);
        return bounds(d, r, 1);
    }
    if (r.type != RULE_TRADE) return bounds(d, r, 0.6);
    if (r.tie >= 0 && maybe(d, 0.5)) r.flow = 2 * r.tie + upto(d, 0, 1);
    r.above = between(d, 0, 1e9);
    return r;
}

static rule_t of_condition(dice_t *d, bool own) {
    const model_t *m = d->m;
    rule_t r = rule_none();
    if (!m->n_conditions) return of_state(d, own);
    r.type = RULE_CONDITION;
    r.condition = upto(d, 0, m->n_conditions - 1);
    r.tie = own && maybe(d, 0.5) ? RULE_OWN_TIE : upto(d, 0, m->n_ties - 1);
    if (m->conditions[r.condition].on_actor && maybe(d, 0.5)) {
        r.tie = -1;
        r.actor = own && maybe(d, 0.5) ? RULE_OF_TARGET : upto(d, 0, m->n_actors - 1);
    }
    if (m->conditions[r.condition].directed && maybe(d, 0.6))
        r.flow = r.tie == RULE_OWN_TIE ? (maybe(d, 0.5) ? RULE_OWN_FLOW : RULE_OWN_BACK)
                                       : 2 * r.tie + upto(d, 0, 1);
    return r;
}

static rule_t of_count(dice_t *d) {
    const model_t *m = d->m;
    rule_t r = rule_none();
    r.type = RULE_COUNT;
    r.n_kinds = upto(d, 1, 2);
    MAKE(d, r.kinds, r.n_kinds);
    for (int k = 0; k < r.n_kinds; k++) r.kinds[k] = upto(d, 0, m->n_kinds - 1);
    if (maybe(d, 0.2)) r.tie = upto(d, 0, m->n_ties - 1);
    if (maybe(d, 0.3)) r.initiator = upto(d, 0, m->n_actors - 1);
    if (maybe(d, 0.2)) r.target = upto(d, 0, m->n_actors - 1);
    r.successful = maybe(d, 0.3);
    r.at_least = upto(d, 1, 4);
    r.from = maybe(d, 0.5) ? between(d, -40, m->horizon / 2) : 0;
    if (maybe(d, 0.2)) r.until = between(d, m->horizon / 2, m->horizon);
    if (maybe(d, 0.4)) r.within = between(d, 3, 40);
    return r;
}

static rule_t of_members(dice_t *d, bool own, int depth) {
    const model_t *m = d->m;
    rule_t r = rule_none();
    const group_t *group = m->n_groups ? &m->groups[r.group = upto(d, 0, m->n_groups - 1)] : NULL;
    if (!group || !group->n_members) return of_count(d);
    bool counts = maybe(d, 0.7);
    r.type = RULE_MEMBERS;
    MAKE(d, r.parts, group->n_members);
    MAKE(d, r.members, group->n_members);
    for (int k = 0; k < group->n_members; k++) {
        int actor = group->members[k].actor;
        if (in_list(r.n_parts, r.members, actor)) continue;
        r.parts[r.n_parts] = counts ? of_count(d) : any_rule(d, own, depth + 1);
        if (counts) r.parts[r.n_parts].initiator = actor;
        r.members[r.n_parts++] = actor;
    }
    r.at_least = maybe(d, 0.5) ? upto(d, 1, 2) : 0;
    if (maybe(d, 0.5)) r.share = between(d, 0, 1);
    return r;
}

static rule_t of_parts(dice_t *d, bool own, int depth) {
    rule_t r = rule_none();
    r.type = maybe(d, 0.4) ? RULE_NOT : RULE_SOME;
    r.n_parts = r.type == RULE_NOT ? 1 : upto(d, 2, 3);
    MAKE(d, r.parts, r.n_parts);
    for (int p = 0; p < r.n_parts; p++) r.parts[p] = any_rule(d, own, depth + 1);
    r.at_least = upto(d, 1, r.n_parts);
    return r;
}

static rule_t any_rule(dice_t *d, bool own, int depth) {
    const model_t *m = d->m;
    rule_t r = rule_none();
    switch (upto(d, 0, depth < 2 ? 9 : 5)) {
    case 0:
        return of_state(d, own);
    case 1:
        return of_condition(d, own);
    case 2:
        r.type = RULE_DATE;
        if (maybe(d, 0.7)) r.from = between(d, 0, m->horizon);
        if (!isfinite(r.from) || maybe(d, 0.3)) r.until = between(d, m->horizon / 2, m->horizon);
        return r;
    case 3:
    case 4:
        if (!m->n_calendar) return of_count(d);
        r.type = RULE_ENTRY;
        r.entry = upto(d, 0, m->n_calendar - 1);
        r.is = (fate_t)upto(d, 0, FATE_N - 1);
        return r;
    case 5:
        return of_count(d);
    case 6:
    case 7:
        return of_members(d, own, depth);
    default:
        return of_parts(d, own, depth);
    }
}

rule_t *random_rule(dice_t *d, bool own) {
    rule_t *rule;
    MAKE(d, rule, 1)[0] = any_rule(d, own, 0);
    return rule;
}

/* Of event types, consequences and dated entries; parts, which are withdrawn with the whole. */
void random_rules(dice_t *d) {
    model_t *m = d->m;
    if (!m->n_ties) return;
    for (int k = 0; k < m->n_kinds; k++)
        if (maybe(d, 0.2)) m->kinds[k].only_if = random_rule(d, true);
    for (int k = 0; k < m->n_kinds; k++)
        for (int c = 0; c < m->kinds[k].n_then; c++) {
            consequence_t *then = &m->kinds[k].then[c];
            if (maybe(d, 0.2)) then->only_if = random_rule(d, true);
            if ((then->has_mediator = maybe(d, 0.2)))
                then->mediator = maybe(d, 0.5) ? MEDIATOR_OF_EVENT : upto(d, 0, m->n_actors - 1);
        }
    for (int n = 0; n < m->n_calendar; n++) {
        calendar_entry_t *e = &m->calendar[n];
        if (maybe(d, 0.2)) e->only_if = random_rule(d, true);
        if ((e->has_chance = maybe(d, 0.2))) e->chance = maybe(d, 0.3) ? upto(d, 0, 1) : between(d, 0, 1);
        if (n > 0 && !e->in_base && m->calendar[n - 1].in_base && maybe(d, 0.5))
            e->drawn_as = m->calendar[n - 1].id;
        if (e->parent < 0 || maybe(d, 0.3)) continue;
        e->withdrawn = true;
        if (!(e->part_time = maybe(d, 0.5))) continue;
        e->time = m->calendar[e->parent].time;
        e->until = m->calendar[e->parent].until;
    }
}
