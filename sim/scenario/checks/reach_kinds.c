/* Keys of an event type without effect. */
#include "scenario/checks/reach.h"

#include <stdio.h>
#include <string.h>

/* The entry of a dotted path below the mapping. */
static const entry_t *find_entry(const node_t *node, const char *path) {
    char key[32];
    for (;;) {
        size_t length = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        const entry_t *entry = node && node->type == NODE_MAPPING ? node_entry(node, key) : NULL;
        if (!entry || !path[length]) return entry;
        node = entry->value;
        path += length + 1;
    }
}

/* ---- what makes a key idle ---------------------------------------------------------------------------- */

static bool has_no_intensity(const facts_t *f, int k) {
    return !reach_counts(f, &f->m->kinds[k].rate_per_year) && f->m->kinds[k].n_excitations == 0;
}
static bool has_no_rate(const facts_t *f, int k) {
    return !reach_counts(f, &f->m->kinds[k].rate_per_year);
}
static bool is_of_group(const facts_t *f, int k) {
    return f->m->kinds[k].scope == SCOPE_GROUP && !has_no_intensity(f, k);
}
static bool is_of_actor(const facts_t *f, int k) {
    return f->m->kinds[k].scope == SCOPE_ACTOR;
}
static bool has_no_target(const facts_t *f, int k) {
    return !reach_has_role(f, &f->m->kinds[k], ROLE_TARGET);
}
static bool is_of_actor_with_intensity(const facts_t *f, int k) {
    return is_of_actor(f, k) && !has_no_intensity(f, k);
}
static bool moves_no_tie(const facts_t *f, int k) {
    return is_of_actor(f, k) && reach_counts(f, &f->m->kinds[k].goldstein);
}
static bool shocks_no_tie(const facts_t *f, int k) {
    return is_of_actor(f, k) && reach_counts(f, &f->m->kinds[k].trade_shock);
}

/* No pair that a group's event can have has a weight. */
static bool touches_no_pair(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    if (kind->scope != SCOPE_GROUP) return false;
    for (int p = 0; p < PAIR_ROLES; p++)
        for (int q = p; q < PAIR_ROLES; q++)
            if (reach_has_role(f, kind, (role_t)p) && reach_has_role(f, kind, (role_t)q) &&
                (p | q) != ROLE_INITIATOR && reach_counts(f, &kind->pair_weight[p][q]))
                return false;
    return reach_counts(f, &kind->goldstein);
}

static bool is_share_of_nothing(const facts_t *f, int k, const double *share) {
    return reach_counts(f, share) && !reach_counts(f, &f->m->kinds[k].goldstein);
}
static bool has_idle_lasting(const facts_t *f, int k) {
    return is_share_of_nothing(f, k, &f->m->kinds[k].lasting);
}
static bool has_idle_spillover(const facts_t *f, int k) {
    return is_share_of_nothing(f, k, &f->m->kinds[k].spillover);
}
static bool has_idle_failure(const facts_t *f, int k) {
    return is_share_of_nothing(f, k, &f->m->kinds[k].failure);
}
static bool cannot_fail(const facts_t *f, int k) {
    return reach_counts(f, &f->m->kinds[k].failure) && !f->m->kinds[k].has_success;
}
static bool has_idle_days(const facts_t *f, int k) {
    return !f->m->kinds[k].in_person && reach_counts(f, &f->m->kinds[k].days);
}
static bool has_idle_precedence(const facts_t *f, int k) {
    return !f->m->kinds[k].in_person && reach_counts(f, &f->m->kinds[k].precedence);
}

static bool needs_no_leader(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    if (!kind->in_person || kind->level_weight[LEVEL_LEADER] > 0) return false;
    for (int c = 0; c < f->m->n_calendar; c++)
        if (f->m->calendar[c].kind == k && f->m->calendar[c].level == LEVEL_LEADER) return false;
    return true;
}

static bool has_idle_value(const facts_t *f, int k) {
    return !is_dyadic(&f->m->kinds[k]) && !f->value_reads[k];
}
static bool has_idle_sectors(const facts_t *f, int k) {
    return !f->has_value[k] || has_idle_value(f, k);
}
static bool has_idle_deal(const facts_t *f, int k) {
    return !f->has_value[k];
}
static bool has_no_place(const facts_t *f, int k) {
    return reach_counts(f, &f->m->kinds[k].rate_per_year) && !f->happens[k];
}

static const struct {
    const char *key;
    bool (*is_idle)(const facts_t *f, int kind);
    bool own; /* it depends on the rest of the scenario */
    const char *why, *remedy;
} rows[] = {
    {"season", has_no_intensity, false,
     "it multiplies an intensity, and the event type has neither a rate nor an excitation",
     "give the event type a rate, or leave it out"},
    {"between", has_no_intensity, false,
     "it limits baseline and excited events, and the event type has neither a rate nor an excitation",
     "leave it out; entries and consequences name their own actors"},
    {"between", is_of_group, false, "the host initiates an event of a group", "leave it out"},
    {"between.targets", is_of_actor_with_intensity, false, "an event of scope \"actor\" has no target",
     "leave it out"},
    {"rate.log_effects", has_no_rate, false,
     "the baseline rate is 0, and statistics do not multiply excitation",
     "give rate.per_year, or leave it out"},
    {"rate.per_year", has_no_place, true,
     "no two actors with a tie may have such an event (for scope \"actor\", no actor)",
     "check `between` and `ties`"},
    {"days", has_idle_days, false, "the length of an event matters only for leaders' calendars",
     "set in_person: true, or leave it out"},
    {"precedence", has_idle_precedence, false, "only events in person conflict",
     "set in_person: true, or leave it out"},
    {"in_person", needs_no_leader, true, "it occupies leaders, and no event of the type has the level leader",
     "give the event type or an entry that level, or leave it out"},
    {"value", has_idle_value, false,
     "events of this scope make no deal, and no quantity and no consequence uses their values",
     "sum it in a quantity, or leave it out"},
    {"sectors", has_idle_sectors, false, "a sector describes a value, and nothing has or uses one here",
     "give the event type a value, or leave it out"},
    {"deal", has_idle_deal, true, "events of the type have no value to deliver",
     "give the event type, or its entries, a value"},
    {"effect.goldstein", moves_no_tie, false, "an event of scope \"actor\" changes no tie",
     "leave it out, or give the event type a scope of two actors or a group"},
    {"effect.goldstein", touches_no_pair, false,
     "every pair of roles that the event can have has the weight 0",
     "give a pair a weight under effect.pairs"},
    {"effect.trade", shocks_no_tie, false, "an event of scope \"actor\" changes no tie",
     "leave it out, or give the event type a scope of two actors or a group"},
    {"effect.tariff", has_no_target, false,
     "an event of this scope has no target, whose goods it could be on",
     "leave it out, or give the event type a scope of two actors"},
    {"effect.lasting", has_idle_lasting, false, "it is a share of the gain, and effect.goldstein is 0",
     "give effect.goldstein, or leave it out"},
    {"effect.spillover", has_idle_spillover, false, "it is a share of the gain, and effect.goldstein is 0",
     "give effect.goldstein, or leave it out"},
    {"effect.failure", has_idle_failure, false, "it is a factor on the gain, and effect.goldstein is 0",
     "give effect.goldstein, or leave it out"},
    {"effect.failure", cannot_fail, false, "events of the type always succeed",
     "give the event type a probability of success, or leave it out"},
};

static void check_keys(const facts_t *f, int k) {
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        const entry_t *entry = find_entry(f->r->kind_nodes[k], rows[n].key);
        if (entry && (!rows[n].own || reach_is_own(f, entry->mark)) && rows[n].is_idle(f, k))
            reach_idle(f, entry->mark, entry->value, rows[n].why, rows[n].remedy, "kinds.%s.%s",
                       f->m->kinds[k].name, rows[n].key);
    }
}

/* ---- weights of pairs of roles ------------------------------------------------------------------------ */

static void check_pairs(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    const entry_t *pairs = find_entry(f->r->kind_nodes[k], "effect.pairs");
    for (int e = 0; pairs && e < pairs->value->n; e++) {
        const entry_t *entry = &pairs->value->entries[e];
        role_t pair[2] = {ROLE_N, ROLE_N};
        node_t name = {.type = NODE_SCALAR, .mark = entry->mark, .text = entry->key};
        type_role_pair.read(f->r, &(field_t){.type = &type_role_pair}, &name, pair);
        bool met = reach_has_role(f, kind, pair[0]) && reach_has_role(f, kind, pair[1]) &&
                   !(pair[0] == pair[1] && pair[0] <= ROLE_TARGET) && kind->scope != SCOPE_ACTOR;
        if (!met)
            reach_idle(f, entry->mark, entry->value, "the event has no such pair",
                       is_dyadic(kind) ? "an event of two actors has one pair, initiator-target"
                       : kind->scope == SCOPE_ACTOR
                           ? "leave it out: an event of scope \"actor\" has one actor"
                           : "a summit has hosts, members and guests, another event of a group its host and "
                             "members, and a target if an entry names one",
                       "kinds.%s.effect.pairs.%s", kind->name, entry->key);
        else if ((pair[0] == ROLE_MEDIATOR || pair[1] == ROLE_MEDIATOR) && !f->mediated[k] &&
                 reach_is_own(f, entry->mark))
            reach_idle(f, entry->mark, entry->value, "no entry of this type names a mediator",
                       "give an entry of the calendar, a consequence or the event type a `mediator`, or "
                       "leave it out",
                       "kinds.%s.effect.pairs.%s", kind->name, entry->key);
    }
}

/* ---- whom changes concern ------------------------------------------------------------------------------ */

static void check_who(const facts_t *f, int k, const char *key, bool of_conditions) {
    const kind_t *kind = &f->m->kinds[k];
    const node_t *list = node_get(f->r->kind_nodes[k], key);
    for (int i = 0; list && i < list->n; i++) {
        const node_t *item = list->items[i], *who = node_get(item, "who");
        const node_t *name = item->type == NODE_SCALAR ? item : node_get(item, "condition");
        int condition = of_conditions && name ? model_condition(f->m, name->text) : -1;
        if (!strcmp(key, "enters") || !strcmp(key, "exits")) who = item->type == NODE_SCALAR ? item : who;
        if (!who) continue;
        if (condition >= 0 && !f->m->conditions[condition].on_actor && !f->m->conditions[condition].directed)
            reach_idle(f, who->mark, who, "the condition holds on the tie of the two", "leave it out",
                       "kinds.%s.%s.%s.who", kind->name, key, name->text);
        else if (!strcmp(who->text, "target") && !reach_has_role(f, kind, ROLE_TARGET))
            reach_idle(f, who->mark, who, "an event of this scope has no target", "name its initiator",
                       "kinds.%s.%s.%d.who", kind->name, key, i);
    }
}

/* ---- excitation ---------------------------------------------------------------------------------------- */

static void check_excitations(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    const node_t *list = node_get(f->r->kind_nodes[k], "excited_by");
    for (int x = 0; list && x < kind->n_excitations; x++) {
        const excitation_t *excitation = &kind->excitations[x];
        const kind_t *source = &f->m->kinds[excitation->kind];
        const entry_t *relation = node_entry(list->items[x], "relation");
        char why[256];
        if (!reach_excites(source, kind, excitation->relation)) {
            snprintf(
                why, sizeof why, "an event of scope \"%s\" excites none of scope \"%s\" by the relation %s",
                scope_names[source->scope], scope_names[kind->scope], relation_names[excitation->relation]);
            reach_idle(f, relation ? relation->mark : list->items[x]->mark, NULL, why,
                       "docs/model.md, \"Excitation\", lists the relations", "kinds.%s.excited_by.%s",
                       kind->name, source->name);
        } else if (reach_is_own(f, list->items[x]->mark) && !f->happens[excitation->kind] &&
                   !f->past[excitation->kind]) {
            snprintf(why, sizeof why, "no event of type %s can occur, and the history has none",
                     source->name);
            reach_idle(f, list->items[x]->mark, NULL, why, "leave it out", "kinds.%s.excited_by.%s",
                       kind->name, source->name);
        }
    }
}

/* ---- kinds without events ------------------------------------------------------------------------------ */

static void check_happens(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    if (f->happens[k] || f->past[k] || !node_get(node_get(f->r->root, "kinds"), kind->name)) return;
    if (reach_counts(f, &kind->rate_per_year)) return; /* told at its rate */
    reader_warning(f->r, f->r->kind_marks[k],
                   "kinds.%s cannot occur in the period: it has no baseline rate, no event excites it or "
                   "leads to it, and no calendar entry has this type; give it one of these, or leave it out",
                   kind->name);
}

void reach_kinds(const facts_t *facts) {
    for (int k = 0; k < facts->m->n_kinds; k++) {
        facts_t own = *facts;
        const facts_t *f = &own;
        own.part = facts->r->kind_nodes[k];
        check_keys(f, k);
        check_pairs(f, k);
        check_who(f, k, "starts", true);
        check_who(f, k, "ends", true);
        check_who(f, k, "joins", false);
        check_who(f, k, "leaves", false);
        check_who(f, k, "enters", false);
        check_who(f, k, "exits", false);
        check_excitations(f, k);
        check_happens(f, k);
    }
}
