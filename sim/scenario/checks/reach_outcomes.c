/* Conditions, dated entries, interventions and variants without effect. */
#include "scenario/checks/reach.h"

#include <stdio.h>
#include <string.h>

/* ---- conditions -----------------------------------------------------------------------------------------
 */

typedef struct {
    int condition;
    bool found;
} sought_t;

static void seek_condition(rule_t *rule, void *context) {
    sought_t *sought = context;
    sought->found |= rule->type == RULE_CONDITION && rule->condition == sought->condition;
}

static bool is_read(const facts_t *f, int condition) {
    const model_t *m = f->m;
    sought_t sought = {condition, false};
    rule_visit_all(m, seek_condition, &sought);
    if (sought.found) return true;
    if (reach_counts(f, &m->conditions[condition].alignment_shift) ||
        reach_counts(f, &m->conditions[condition].log_trade_shift))
        return true;
    for (int n = 0; n < f->r->n_needs; n++)
        if (f->r->needs[n].term->statistic->ref == REF_CONDITION && f->r->needs[n].term->ref == condition)
            return true;
    for (int q = 0; q < m->n_quantities; q++)
        if (m->quantities[q].what == QUANTITY_CONDITION && m->quantities[q].condition == condition)
            return true;
    return false;
}

bool reach_is_changed(const facts_t *f, int condition, bool starts) {
    for (int k = 0; k < f->m->n_kinds; k++)
        for (int c = 0; (f->happens[k] || f->past[k]) && c < f->m->kinds[k].n_conditions; c++)
            if (f->m->kinds[k].conditions[c].condition == condition &&
                f->m->kinds[k].conditions[c].starts == starts)
                return true;
    return false;
}

/* Whether the place (tie or actor, -1: any) is the change's. */
static bool is_at(const facts_t *f, const condition_start_t *change, int condition, int tie) {
    if (change->condition != condition) return false;
    if (tie < 0) return true;
    return f->m->conditions[condition].on_actor
               ? change->actor == f->m->ties[tie].a || change->actor == f->m->ties[tie].b
               : change->tie == tie;
}

bool reach_is_intervened(const facts_t *f, int condition, int tie, bool opens) {
    for (int n = 0; n < f->m->n_interventions; n++) {
        const intervention_t *intervention = &f->m->interventions[n];
        for (int c = 0; c < intervention->n_conditions; c++)
            if (intervention->condition_opens[c] == opens &&
                is_at(f, &intervention->conditions[c], condition, tie))
                return true;
    }
    return false;
}

bool reach_holds_at_start(const facts_t *f, int condition, int tie) {
    for (int n = 0; n < f->m->n_condition_starts; n++)
        if (is_at(f, &f->m->condition_starts[n], condition, tie)) return true;
    return false;
}

static void check_conditions(const facts_t *f) {
    const node_t *conditions = node_get(f->r->root, "conditions");
    for (int e = 0; conditions && e < conditions->n; e++) {
        const entry_t *entry = &conditions->entries[e];
        int c = model_condition(f->m, entry->key);
        if (c < 0) continue; /* `from` */
        if (!is_read(f, c))
            reader_warning(f->r, entry->mark,
                           "conditions.%s has no effect: it shifts neither alignment nor trade, and no "
                           "statistic, no rule and no quantity uses it; give it a shift, or use it",
                           entry->key);
        else if (!reach_holds_at_start(f, c, -1) && !reach_is_changed(f, c, true) &&
                 !reach_is_intervened(f, c, -1, true))
            reader_warning(f->r, entry->mark,
                           "conditions.%s can never hold: it is not ongoing, and no event that can occur and "
                           "no intervention starts it; let one start it, or leave it out",
                           entry->key);
    }
}

/* ---- dated entries --------------------------------------------------------------------------------------
 */

/* Whether it matters which of the two actors initiates an event of the type. */
static bool roles_matter(const facts_t *f, const kind_t *kind) {
    if (kind->n_memberships || kind->n_presences || kind->in_person || reach_counts(f, &kind->spillover))
        return true;
    if (kind->deal.on && kind->deal.initiator_share != 0.5) return true;
    for (int c = 0; c < kind->n_conditions; c++)
        if (f->m->conditions[kind->conditions[c].condition].on_actor) return true;
    for (int c = 0; c < kind->n_then; c++)
        if (f->m->kinds[kind->then[c].kind].scope != SCOPE_DYAD) return true;
    return false;
}

static bool is_listed(int n, const int *list, int item) {
    for (int i = 0; i < n; i++)
        if (list[i] == item) return true;
    return false;
}

typedef struct {
    const kind_t *kind;
    const calendar_entry_t *entry, *summit; /* that the invitation is to, NULL */
} entry_view_t;

static const char *occupies_nobody(const facts_t *f, const entry_view_t *v) {
    (void)f;
    return v->kind->in_person || v->kind->scope == SCOPE_N
               ? NULL
               : "the length of an event matters only for leaders' calendars, and its type is not in_person";
}
static const char *known_anyway(const facts_t *f, const entry_view_t *v) {
    (void)f;
    return v->entry->attend ? "`attend` lists the participants" : NULL;
}
static const char *cannot_come(const facts_t *f, const entry_view_t *v) {
    (void)f;
    if (!v->summit) return NULL;
    if (v->summit->initiator == v->entry->target) return "the host attends the summit whatever it replies";
    return v->summit->attend && !is_listed(v->summit->n_attend, v->summit->attend, v->entry->target)
               ? "the summit's `attend` lists the participants, and does not name the invited actor"
               : NULL;
}
static const char *turned(const facts_t *f, const entry_view_t *v) {
    const actor_t *actors = f->m->actors;
    bool is_turned = v->kind->scope == SCOPE_DYAD && v->entry->target >= 0 &&
                     strcmp(actors[v->entry->initiator].name, actors[v->entry->target].name) > 0;
    return is_turned && roles_matter(f, v->kind) ? "an event of scope \"dyad\" has no direction: the first "
                                                   "actor by name takes the initiator's roles"
                                                 : NULL;
}

static const struct {
    const char *key;
    const char *(*why)(const facts_t *f, const entry_view_t *v);
    const char *remedy;
} entry_rows[] = {
    {"days", occupies_nobody, "leave it out, or set in_person: true for the event type"},
    {"guests", known_anyway, "name them in `attend`, or leave that out"},
    {"to", cannot_come, "leave it out"},
    {"initiator", turned,
     "name the two in the order of their names, or give the event type the scope \"initiator -> target\""},
};

/* Whether the entry is another one of a `repeat`, of the same text as the first. */
static bool is_return(const facts_t *f, int c) {
    const char *id = f->m->calendar[c].id, *slash = strrchr(id, '/');
    bool before = c > 0 && f->r->entry_nodes[c - 1]->mark.file == f->r->entry_nodes[c]->mark.file &&
                  f->r->entry_nodes[c - 1]->mark.line == f->r->entry_nodes[c]->mark.line &&
                  f->r->entry_nodes[c - 1]->mark.column == f->r->entry_nodes[c]->mark.column;
    return before && slash && strspn(slash + 1, "0123456789") == strlen(slash + 1);
}

static int group_of(const facts_t *f, const calendar_entry_t *entry, int group) {
    if (group >= 0) return group;
    return entry->group >= 0 ? entry->group : f->m->kinds[entry->kind].summit.group;
}

/* Whether the actor is a member at some moment of the interval, by the dates of the group. */
static bool is_member(const facts_t *f, int group, int actor, double from, double until) {
    const group_t *g = &f->m->groups[group];
    for (int m = 0; m < g->n_members; m++)
        if (g->members[m].actor == actor && g->members[m].from <= until && g->members[m].until > from)
            return true;
    return false;
}

/* Whether an event that can happen makes anybody join (leave) the group. */
static bool is_moved(const facts_t *f, int group, bool joins) {
    for (int k = 0; k < f->m->n_kinds; k++)
        for (int n = 0; (f->happens[k] || f->past[k]) && n < f->m->kinds[k].n_memberships; n++) {
            const membership_change_t *change = &f->m->kinds[k].memberships[n];
            if (change->joins == joins && (change->group < 0 || change->group == group)) return true;
        }
    return false;
}

/* A member who is named as a guest comes as a member. */
static void check_guests(const facts_t *f, const calendar_entry_t *entry, const node_t *node) {
    const node_t *guests = node_get(node, "guests");
    int group = group_of(f, entry, -1);
    bool dated = !node_get(node, "after");
    for (int g = 0; group >= 0 && guests && !entry->attend && g < entry->n_guests; g++) {
        int actor = entry->guests[g];
        if (!is_member(f, group, actor, dated ? entry->time : 0, dated ? entry->until : f->m->horizon))
            continue;
        reader_warning(
            f->r, guests->mark,
            "calendar.%s.guests: %s is a member of %s then%s, and a member comes as a member: no "
            "consequence for a guest concerns it; end its membership with `until`, or let an event "
            "of the group without `summit` have it as its `target`",
            entry->id, f->m->actors[actor].name, f->m->groups[group].name,
            is_moved(f, group, false) ? " unless an event has made it leave" : "");
    }
}

static void check_target(const facts_t *f, const calendar_entry_t *entry, const node_t *node) {
    const kind_t *kind = &f->m->kinds[entry->kind];
    if (kind->scope != SCOPE_GROUP || entry->target >= 0) return;
    for (int c = 0; c < kind->n_then; c++)
        if (kind->then[c].target == ROLE_TARGET && is_dyadic(&f->m->kinds[kind->then[c].kind]))
            reader_warning(f->r, node->mark,
                           "calendar.%s has no target, so that kinds.%s.then.%s does not follow; name the "
                           "actor that the group decides about in `target`",
                           entry->id, kind->name, kind->then[c].name);
}

/* Who never is a member cannot leave. */
static void check_leaving(const facts_t *f, const calendar_entry_t *entry, const node_t *node) {
    const kind_t *kind = &f->m->kinds[entry->kind];
    for (int n = 0; n < kind->n_memberships; n++) {
        const membership_change_t *change = &kind->memberships[n];
        int actor = change->who == ROLE_TARGET ? entry->target : entry->initiator;
        int group = group_of(f, entry, change->group);
        if (change->joins || group < 0 || actor < 0 || is_moved(f, group, true) ||
            is_member(f, group, actor, 0, f->m->horizon))
            continue;
        reader_warning(f->r, node->mark,
                       "calendar.%s: %s cannot leave %s, of which it is no member; list it among "
                       "groups.%s.members, or leave the entry out",
                       entry->id, f->m->actors[actor].name, f->m->groups[group].name,
                       f->m->groups[group].name);
    }
}

static void check_entries(const facts_t *f) {
    for (int c = 0; c < f->m->n_calendar; c++) {
        const calendar_entry_t *entry = &f->m->calendar[c];
        if (is_return(f, c)) continue;
        check_guests(f, entry, f->r->entry_nodes[c]);
        check_target(f, entry, f->r->entry_nodes[c]);
        check_leaving(f, entry, f->r->entry_nodes[c]);
        entry_view_t view = {&f->m->kinds[entry->kind], entry,
                             entry->to >= 0 ? &f->m->calendar[entry->to] : NULL};
        for (size_t n = 0; n < sizeof entry_rows / sizeof *entry_rows; n++) {
            const entry_t *key = node_entry(f->r->entry_nodes[c], entry_rows[n].key);
            const char *why = key ? entry_rows[n].why(f, &view) : NULL;
            if (why)
                reach_idle(f, key->mark, key->value, why, entry_rows[n].remedy, "calendar.%s.%s", entry->id,
                           entry_rows[n].key);
        }
    }
}

/* ---- interventions and variants -------------------------------------------------------------------------
 */

/* Why a parameter has no effect once the period has begun, NULL if it has. */
static const char *only_at_start(const model_t *m, const double *value) {
    for (int e = 0; e < m->n_ties; e++)
        if (value == &m->ties[e].strength || value == &m->ties[e].alignment)
            return "start values are used only at the start";
    for (int c = 0; c < m->n_calendar; c++)
        if (value == &m->calendar[c].probability && m->calendar[c].in_base)
            return "the calendar entries that occur are drawn at the start";
    return NULL;
}

/* Why a factor has no effect, NULL if it has. */
static const char *scales_nothing(const facts_t *f, const setting_t *setting) {
    if (!setting->scales) return NULL;
    if (setting->value == 1) return "a factor of 1 changes nothing";
    return reach_counts(f, f->r->params[setting->param].value) ? NULL : "the parameter is 0";
}

static void check_settings(const facts_t *f) {
    const model_t *m = f->m;
    for (int p = 0; p < f->r->n_pending; p++) {
        const pending_t *pending = &f->r->pending[p];
        bool in_mid_run = false;
        for (int n = 0; n < m->n_interventions; n++)
            in_mid_run |= pending->settings == &m->interventions[n].settings;
        for (int s = 0; s < *pending->n; s++) {
            const entry_t *entry = &pending->node->entries[s];
            const setting_t *setting = &(*pending->settings)[s];
            const char *why = in_mid_run ? only_at_start(m, f->r->params[setting->param].value) : NULL;
            const char *remedy = why ? "set it in a variant, or set the level to which it returns"
                                     : "give a value, or another factor";
            if (!why) why = scales_nothing(f, setting);
            if (why)
                reach_idle(f, entry->mark, entry->value, why, remedy, "%s.%s", pending->path, entry->key);
        }
    }
}

static void check_variants(const facts_t *f) {
    const node_t *variants = node_get(f->r->root, "variants");
    for (int v = 1; variants && v < f->m->n_variants; v++) {
        const variant_t *variant = &f->m->variants[v];
        const entry_t *entry = node_entry(variants, variant->name);
        if (variant->n_drop + variant->n_decline + variant->n_accept + variant->n_cancel + variant->n_add +
                variant->n_settings + variant->n_interventions ==
            0)
            reader_warning(
                f->r, entry->mark,
                "variants.%s does not differ from the base; drop, cancel, add or set something, or "
                "leave it out",
                variant->name);
    }
}

void reach_outcomes(const facts_t *f) {
    check_conditions(f);
    check_entries(f);
    check_settings(f);
    check_variants(f);
}
