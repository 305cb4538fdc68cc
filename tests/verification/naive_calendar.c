/* What the scenario and the variant plan: dated events, changes of who belongs where, interventions. */
#include "naive_internal.h"

#include <stdio.h>
#include <string.h>

/* The ids from the whole to the part, between bytes that no id has. */
static void place(const model_t *m, int entry, char *out, size_t size) {
    char inner[1024] = "";
    if (m->calendar[entry].withdrawn) place(m, m->calendar[entry].parent, inner, sizeof inner);
    assert(snprintf(out, size, "%s%s\x01", inner, m->calendar[entry].id) < (int)size);
}

int naive_by_place(const model_t *m, int a, int b) {
    char first[1024], second[1024];
    place(m, a, first, sizeof first);
    place(m, b, second, sizeof second);
    return strcmp(first, second);
}

static const char *id_of(const calendar_entry_t *entry) {
    return entry->drawn_as ? entry->drawn_as : entry->id;
}

int naive_mediator(const naive_t *n, const event_t *e, int actor) {
    if (n->m->kinds[e->kind].scope > SCOPE_DYAD || e->target < 0) return -1;
    return actor == e->initiator || actor == e->target ? -1 : actor;
}

int naive_usual_mediator(const naive_t *n, const event_t *e) {
    const kind_t *k = &n->m->kinds[e->kind];
    return k->has_mediator ? naive_mediator(n, e, k->mediator) : -1;
}

event_t naive_entry_event(const naive_t *n, int index, bool known) {
    const model_t *m = n->m;
    const calendar_entry_t *entry = known ? &m->history[index] : &m->calendar[index];
    uint64_t key = rng_key_text(rng_key_text(n->key, known ? "history" : "calendar"), id_of(entry));
    const summit_t *summit = &m->kinds[entry->kind].summit;
    event_t e = {.kind = entry->kind,
                 .initiator = entry->initiator,
                 .target = entry->target,
                 .group = entry->group >= 0 ? entry->group
                          : summit->on      ? summit->group
                                            : -1,
                 .time = entry->time,
                 .key = key,
                 .cause = known ? CAUSE_HISTORY : CAUSE_CALENDAR,
                 .parent = -1,
                 .entry = index,
                 .mediator = entry->is_mediated ? entry->mediator : -1,
                 .to = entry->to,
                 .reply = entry->reply,
                 .level = entry->level,
                 .success = entry->success,
                 .sector = entry->sector,
                 .value_usd = entry->value_usd,
                 .days = entry->days,
                 .expires = INFINITY,
                 .known = known};
    if (e.target >= 0 && naive_who_initiates(m, e.kind, e.initiator, e.target) == e.target)
        e.initiator = entry->target, e.target = entry->initiator;
    if (!entry->is_mediated && !entry->observed) e.mediator = naive_usual_mediator(n, &e);
    while (!known && entry->part_time) entry = &m->calendar[entry->parent];
    uint64_t moment = rng_key_text(rng_key_text(n->key, known ? "history" : "calendar"), id_of(entry));
    if (entry->until > entry->time) e.time += naive_unit(moment, MARK_TIME) * (entry->until - entry->time);
    return e;
}

static bool listed(int count, const int *list, int entry, const calendar_entry_t *calendar) {
    for (int e = entry; e >= 0; e = calendar ? calendar[e].parent : -1)
        for (int k = 0; k < count; k++)
            if (list[k] == e) return true;
    return false;
}

void naive_schedule_calendar(naive_t *n) {
    const model_t *m = n->m;
    const variant_t *v = n->variant;
    for (int e = 0; e < m->n_calendar; e++) {
        if (!m->calendar[e].in_base && !listed(v->n_add, v->add, e, NULL)) continue;
        if (listed(v->n_drop, v->drop, e, m->calendar)) continue;
        event_t event = naive_entry_event(n, e, false);
        if (naive_unit(event.key, MARK_OCCURS) >= m->calendar[e].probability) continue;
        if (listed(v->n_decline, v->decline, e, NULL)) event.reply = REPLY_DECLINE;
        if (listed(v->n_accept, v->accept, e, NULL)) event.reply = REPLY_ACCEPT;
        naive_put_event(n, &event);
        if (n->n_todos && listed(v->n_cancel, v->cancel, e, m->calendar) && n->calendar_todo[e] >= 0)
            n->todos[n->calendar_todo[e]].type = DO_CANCELLED;
    }
}

static void put_change(naive_t *n, todo_type_t type, double time, int a, int b, bool on) {
    if (time > 0 && time < n->m->horizon)
        naive_put(n, (todo_t){.type = type,
                              .time = time,
                              .klass = 0,
                              .order = (uint64_t)on << 40,
                              .a = a,
                              .b = b,
                              .on = on});
}

void naive_schedule_changes(naive_t *n) {
    const model_t *m = n->m;
    for (int g = 0; g < m->n_groups; g++)
        for (int k = 0; k < m->groups[g].n_members; k++) {
            const member_t *member = &m->groups[g].members[k];
            put_change(n, DO_MEMBERSHIP, member->from, g, member->actor, true);
            put_change(n, DO_MEMBERSHIP, member->until, g, member->actor, false);
        }
    for (int i = 0; i < m->n_actors; i++) {
        put_change(n, DO_PRESENCE, m->actors[i].from, i, -1, true);
        put_change(n, DO_PRESENCE, m->actors[i].until, i, -1, false);
    }
    naive_levy(n, true);
    naive_put(n, (todo_t){.type = DO_REFRESH, .time = m->dynamics.refresh, .klass = 1});
    for (int k = 0; k < m->n_interventions; k++) {
        const intervention_t *it = &m->interventions[k];
        if (!naive_intervenes(n, k)) continue;
        if (it->when)
            naive_schedule_rule(n, k);
        else
            naive_put(n, (todo_t){.type = DO_INTERVENTION,
                                  .time = it->at,
                                  .klass = 2,
                                  .order = rng_key_text(0, it->id),
                                  .a = k});
    }
}

bool naive_intervenes(const naive_t *n, int k) {
    return n->m->interventions[k].in_base ||
           listed(n->variant->n_interventions, n->variant->interventions, k, NULL);
}

/* The first in the alphabet of the entries that it drops, with their stops and parts, and that are still to
 * come; -1. */
static int next_dropped(const naive_t *n, const intervention_t *it) {
    const model_t *m = n->m;
    int next = -1;
    for (int e = 0; e < m->n_calendar; e++) {
        int at = n->calendar_todo[e];
        if (!listed(it->n_drop, it->drop, e, m->calendar) || at < 0) continue;
        if (n->todos[at].done || n->todos[at].type != DO_EVENT) continue;
        if (next < 0 || naive_by_place(m, e, next) < 0) next = e;
    }
    return next;
}

void naive_intervene(naive_t *n, const todo_t *todo) {
    const model_t *m = n->m;
    const intervention_t *it = &m->interventions[todo->a];
    if (it->when && (n->acted[todo->a] || !naive_rule_holds(n, it->when, NULL))) {
        todo_t again = *todo;
        again.time += it->every;
        again.done = false;
        if (!n->acted[todo->a]) naive_put(n, again); /* of an exact rule it is idle */
        return;
    }
    n->acted[todo->a] = it->when != NULL;
    for (int next; (next = next_dropped(n, it)) >= 0;) {
        n->todos[n->calendar_todo[next]].done = true;
        naive_not_held(n, &n->todos[n->calendar_todo[next]].event);
    }
    for (int c = 0; c < it->n_conditions; c++) {
        const condition_start_t *change = &it->conditions[c];
        int site = condition_site(&m->conditions[change->condition], change);
        if (it->condition_opens[c])
            naive_declare_condition(n, change, it->id, n->now, false);
        else
            naive_end_condition(n, change->condition, site, n->now, 0);
    }
    for (int k = 0; k < it->n_tariffs; k++) naive_set_tariff(n, &it->tariffs[k], n->now, false);
    for (int a = 0; a < it->n_add; a++) {
        event_t event = naive_entry_event(n, it->add[a], false);
        event.time += n->now;
        event.cause = CAUSE_INTERVENTION;
        if (naive_unit(event.key, MARK_OCCURS) < m->calendar[it->add[a]].probability)
            naive_put_event(n, &event);
    }
    for (int s = 0; s < it->n_settings; s++) {
        double *where = m->params[it->settings[s].param].value;
        PUSH(n->settings, n->n_settings, (setting_made_t){n->now, where, *where});
        naive_set(m, &it->settings[s]);
    }
    for (int e = 0; it->n_settings && e < m->n_ties; e++) naive_level_anew(n, e, n->now);
}
