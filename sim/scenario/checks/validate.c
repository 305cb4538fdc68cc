/* Checks across sections of a scenario: roles of consequences, data that statistics need, endless chains of
 * events. */
#include "base/math/elementary.h"
#include "model/stability.h"
#include "scenario/checks/reach.h"
#include <stdio.h>
#include <string.h>

/* ---- roles ------------------------------------------------------------------------------------------ */

static bool has_role(const reader_t *r, const kind_t *kind, role_t role) {
    switch (kind->scope) {
    case SCOPE_DIRECTED:
    case SCOPE_DYAD:
        return role == ROLE_INITIATOR || role == ROLE_TARGET || role == ROLE_MEDIATOR;
    case SCOPE_ACTOR:
        return role == ROLE_INITIATOR;
    case SCOPE_GROUP:
        return role == ROLE_TARGET ? r->targeted[kind - r->model->kinds] : role != ROLE_MEDIATOR;
    case SCOPE_N:
        break;
    }
    return true;
}

static void find_targeted(reader_t *r) {
    const model_t *m = r->model;
    r->targeted = READER_NEW(r, m->n_kinds, bool);
    for (int k = 0; k < m->n_kinds; k++) r->targeted[k] = m->kinds[k].scope <= SCOPE_DYAD;
    for (int c = 0; c < m->n_calendar; c++)
        if (m->calendar[c].kind >= 0) r->targeted[m->calendar[c].kind] |= m->calendar[c].target >= 0;
    for (int h = 0; h < m->n_history; h++)
        if (m->history[h].kind >= 0) r->targeted[m->history[h].kind] |= m->history[h].target >= 0;
}

static void check_role(reader_t *r, const kind_t *parent, const kind_t *child, const node_t *item,
                       const char *which, role_t role) {
    if (has_role(r, parent, role)) return;
    const node_t *given = node_get(item, which);
    bool may_have = parent->scope == SCOPE_GROUP && role == ROLE_TARGET && !parent->summit.on;
    reader_error(r, given ? given->mark : item->mark,
                 "kinds.%s.then.%s: its %s is the event's %s, but events of scope \"%s\" have none%s; name "
                 "another role with "
                 "`%s`",
                 parent->name, child->name, which, role_names[role], scope_names[parent->scope],
                 may_have ? " unless a calendar entry names one (`target`)" : "", which);
}

static void check_consequences(reader_t *r, int k) {
    const kind_t *kind = &r->model->kinds[k];
    const node_t *then = node_get(r->kind_nodes[k], "then");
    for (int c = 0; then && then->type == NODE_LIST && c < kind->n_then; c++) {
        const consequence_t *consequence = &kind->then[c];
        if (consequence->kind < 0) continue;
        const kind_t *child = &r->model->kinds[consequence->kind];
        const node_t *item = then->items[c];
        check_role(r, kind, child, item, "initiator", consequence->initiator);
        bool two = child->scope == SCOPE_DIRECTED || child->scope == SCOPE_DYAD;
        if (!two) continue;
        check_role(r, kind, child, item, "target", consequence->target);
        if (consequence->initiator == consequence->target && consequence->initiator != ROLE_MEMBER &&
            consequence->initiator != ROLE_GUEST)
            reader_error(r, item->mark, "kinds.%s.then.%s: initiator and target are the same", kind->name,
                         child->name);
        if (consequence->has_share && !kind->has_value)
            reader_warning(r, node_entry(item, "share")->mark,
                           "kinds.%s.then.%s.share: events of type %s have no `value`; it is a share of "
                           "nothing unless an entry gives one",
                           kind->name, child->name, kind->name);
    }
}

static void check_sidelines(reader_t *r, int k) {
    const kind_t *kind = &r->model->kinds[k];
    const node_t *list = node_get(node_get(r->kind_nodes[k], "summit"), "sidelines");
    for (int s = 0; list && list->type == NODE_LIST && s < kind->summit.n_sidelines; s++) {
        int meeting = kind->summit.sidelines[s].kind;
        if (meeting < 0 || r->model->kinds[meeting].scope <= SCOPE_DYAD) continue;
        reader_error(r, list->items[s]->mark,
                     "kinds.%s.summit.sidelines: %s has scope \"%s\"; a sideline meeting has two actors",
                     kind->name, r->model->kinds[meeting].name, scope_names[r->model->kinds[meeting].scope]);
    }
}

static void check_replies(reader_t *r, int k) {
    const kind_t *kind = &r->model->kinds[k];
    if (!kind->reply.on) return;
    const int replies[] = {kind->reply.accepted, kind->reply.declined, kind->reply.lapsed};
    static const char *const names[] = {"accepted", "declined", "lapsed"};
    for (int i = 0; i < 3; i++) {
        if (replies[i] < 0) continue;
        const kind_t *reply = &r->model->kinds[replies[i]];
        const node_t *node = node_get(node_get(r->kind_nodes[k], "reply"), names[i]);
        if (reply->scope != SCOPE_DIRECTED && reply->scope != SCOPE_DYAD)
            reader_error(
                r, node ? node->mark : r->kind_marks[k],
                "kinds.%s.reply.%s: %s has scope \"%s\"; a reply goes from the target to the initiator",
                kind->name, names[i], reply->name, scope_names[reply->scope]);
        if (reply->only_if)
            reader_error(r, node ? node->mark : r->kind_marks[k],
                         "kinds.%s.reply.%s: %s has an `if`; a reply is given whatever holds", kind->name,
                         names[i], reply->name);
    }
}

/* ---- what statistics need --------------------------------------------------------------------------- */

/* The figure that the term reads of these, of which some may be NULL; 0 if it reads none of them. */
static double needed(const actor_t *initiator, const actor_t *target, const tie_t *tie, const term_t *term) {
    int ref = term->ref;
    switch (term->statistic->figure) {
    case FIGURE_NONE:
        break;
    case FIGURE_INITIATOR_GDP:
        return initiator ? initiator->gdp_usd : 0;
    case FIGURE_TARGET_GDP:
        return target ? target->gdp_usd : 0;
    case FIGURE_DISTANCE:
        return tie ? tie->distance_km : 0;
    case FIGURE_INITIATOR_ATTRIBUTE:
        return initiator && ref >= 0 ? initiator->attributes[ref] : 0;
    case FIGURE_TARGET_ATTRIBUTE:
        return target && ref >= 0 ? target->attributes[ref] : 0;
    case FIGURE_TIE_ATTRIBUTE:
        return tie && ref >= 0 ? tie->attributes[ref] : 0;
    }
    return 0;
}

static const char *need_name(const reader_t *r, const term_t *term) {
    switch (term->statistic->figure) {
    case FIGURE_NONE:
        break;
    case FIGURE_INITIATOR_GDP:
    case FIGURE_TARGET_GDP:
        return "the GDP";
    case FIGURE_DISTANCE:
        return "the distance";
    case FIGURE_INITIATOR_ATTRIBUTE:
    case FIGURE_TARGET_ATTRIBUTE:
        return r->model->actor_attributes[term->ref];
    case FIGURE_TIE_ATTRIBUTE:
        return r->model->tie_attributes[term->ref];
    }
    return "";
}

/* The actors and pairs that an event of the type may concern: pairs with a tie, within `between`. */
static void check_need(reader_t *r, const need_t *need) {
    const model_t *model = r->model;
    const kind_t *kind = need->kind >= 0 ? &model->kinds[need->kind] : NULL;
    bool *lacks = READER_NEW(r, model->n_actors, bool);
    roll_t actors = {0}, ties = {0};
    for (int e = 0; e < model->n_ties; e++) {
        const tie_t *tie = &model->ties[e];
        bool ab = !kind || may_happen_at(kind, tie->a, tie->b),
             ba = !kind || may_happen_at(kind, tie->b, tie->a);
        if (!ab && !ba) continue;
        const actor_t *a = &model->actors[tie->a], *b = &model->actors[tie->b];
        lacks[tie->a] |= (ab && isnan(needed(a, NULL, NULL, need->term))) ||
                         (ba && isnan(needed(NULL, a, NULL, need->term)));
        lacks[tie->b] |= (ba && isnan(needed(b, NULL, NULL, need->term))) ||
                         (ab && isnan(needed(NULL, b, NULL, need->term)));
        if (isnan(needed(NULL, NULL, tie, need->term))) {
            char name[PAIR_BYTES];
            snprintf(name, sizeof name, "%s-%s", a->name, b->name);
            roll_add(&ties, name);
        }
    }
    for (int i = 0; i < model->n_actors; i++)
        if (lacks[i]) roll_add(&actors, model->actors[i].name);
    if (actors.n == 0 && ties.n == 0) return;
    const char *what = need_name(r, need->term);
    bool attribute = need->term->statistic->ref != REF_NONE;
    reader_error(r, need->node->mark,
                 "%s needs %s%s of %s; give it%s, or limit the event type with `between`", need->path,
                 attribute ? "the attribute " : "", what, roll_text(actors.n ? &actors : &ties),
                 actors.n && attribute ? " (or actors.default.attributes)"
                 : actors.n            ? ""
                 : attribute           ? " (or ties.default.attributes)"
                                       : " (or the actors' lat and lon)");
}

static void check_needs(reader_t *r) {
    if (r->ties_missing || r->missing[CATALOG_ACTOR]) return;
    int reported = 0;
    for (int n = 0; n < r->n_needs; n++) {
        int errors = reader_errors(r);
        check_need(r, &r->needs[n]);
        reported += reader_errors(r) > errors;
    }
}

/* ---- chains without an end -------------------------------------------------------------------------- */

/* "a -> b -> a"; of a long one the beginning. */
static const char *name_cycle(reader_t *r, const int *cycle, int n) {
    enum { MOST = 20 };
    const char *text = n > 0 ? r->model->kinds[cycle[0]].name : "";
    for (int i = 1; i <= n && i <= MOST; i++)
        text = reader_format(r, "%s -> %s", text, r->model->kinds[cycle[i % n]].name);
    return n > MOST ? reader_format(r, "%s -> ... (%d kinds)", text, n) : text;
}

/* Consequences may form a cycle, unless one event can grow to ten thousand within the period: by a certain
 * cycle without delay, or one that multiplies events at every turn. */
static void check_chains(reader_t *r) {
    const model_t *model = r->model;
    size_t n = (size_t)model->n_kinds;
    double *matrix = READER_NEW(r, n * n, double);
    int *cycle = READER_NEW(r, n, int);
    stability_matrix(model, false, elementary_log(1e4) / model->horizon, matrix);
    double radius = stability_radius(matrix, model->n_kinds);
    if (radius >= 1 - 1e-9) {
        int length = stability_cycle(matrix, model->n_kinds, cycle);
        reader_error(r, length ? r->kind_marks[cycle[0]] : r->root->mark,
                     "a cycle of consequences without an end: %s; each turn multiplies the number of events "
                     "by %.3g. Lower a probability or a count, or add a delay",
                     name_cycle(r, cycle, length), radius);
        return;
    }
    stability_matrix(model, true, 0, matrix);
    radius = stability_radius(matrix, model->n_kinds);
    if (radius < 1) return;
    int length = stability_cycle(matrix, model->n_kinds, cycle);
    reader_warning(r, length ? r->kind_marks[cycle[0]] : r->root->mark,
                   "the number of events can grow without bound: each event may trigger more than one "
                   "further event on average; the spectral radius of the branching matrix is at most %.3g, "
                   "and it must be below 1 to exclude this (%s)",
                   radius, name_cycle(r, cycle, length));
}

void validate_scenario(reader_t *r) {
    const model_t *model = r->model;
    find_targeted(r);
    if (model->n_kinds > 0 && r->kind_nodes) {
        for (int k = 0; k < model->n_kinds; k++) {
            check_consequences(r, k);
            check_replies(r, k);
            check_sidelines(r, k);
        }
    }
    check_needs(r);
    if (model->n_kinds > 0 && !reader_errors(r)) check_chains(r);
    if (!reader_errors(r)) reach_check(r);
}
