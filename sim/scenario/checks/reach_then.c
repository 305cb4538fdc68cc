/* Statistics, consequences and sideline meetings without effect. */
#include "scenario/checks/reach.h"

#include <stdio.h>

/* ---- statistics -----------------------------------------------------------------------------------------
 */

/* What a statistic speaks of besides the initiator. */
static statistic_subject_t subject_of(const facts_t *f, const term_t *term) {
    statistic_subject_t subject = term->statistic->subject;
    if (subject != SUBJECT_CONDITION) return subject;
    return f->m->conditions[term->ref].on_actor ? SUBJECT_INITIATOR : SUBJECT_TIE;
}

enum { RATE, SUCCESS }; /* predictors of a kind, by their numbers */

/* Whether a predictor of the kind, by its number (kind_predictor), is read for two actors. */
static bool has_two(const facts_t *f, const kind_t *kind, int predictor) {
    enum { N_OWN = 5 };
    if (predictor == RATE) return is_dyadic(kind);
    if (predictor == SUCCESS) return reach_has_role(f, kind, ROLE_TARGET);
    int consequence = predictor - N_OWN;
    if (consequence < 0 || consequence >= kind->n_then) return true;
    return reach_has_role(f, kind, kind->then[consequence].target);
}

static int predictor_of(kind_t *kind, const term_t *term) {
    const predictor_t *predictor;
    for (int n = 0; (predictor = kind_predictor(kind, n)); n++)
        if (predictor->n && term >= predictor->terms && term < predictor->terms + predictor->n) return n;
    return -1;
}

static void check_term(const facts_t *f, const need_t *need) {
    kind_t *kind = &f->r->model->kinds[need->kind];
    const term_t *term = need->term;
    int predictor = predictor_of(kind, term);
    statistic_subject_t subject = subject_of(f, term);
    char why[256];
    if (predictor < 0 || !reach_counts(f, &term->coefficient)) return;
    if (predictor == 0 && !reach_counts(f, &kind->rate_per_year)) return; /* told of the whole */
    if (subject == SUBJECT_MEDIATOR && predictor != SUCCESS) {
        reach_idle(f, need->node->mark, need->node, "only an event that happens has a mediator",
                   "move it to the log_odds of the event's `success`", "%s", need->path);
    } else if (subject == SUBJECT_MEDIATOR && is_dyadic(kind)) {
        if (!f->mediated[need->kind] && reach_is_own(f, need->node->mark))
            reach_idle(f, need->node->mark, need->node, "no entry of this type names a mediator",
                       "give an entry of the calendar a `mediator`, or leave it out", "%s", need->path);
    } else if (subject != SUBJECT_INITIATOR && !has_two(f, kind, predictor)) {
        snprintf(why, sizeof why,
                 "events of scope \"%s\" have no target, and without %s the statistic never varies",
                 scope_names[kind->scope], subject == SUBJECT_TIE ? "a tie" : "one");
        reach_idle(f, need->node->mark, need->node, why, "leave it out, or take a statistic of the initiator",
                   "%s", need->path);
    } else if (term->statistic->ref == REF_KIND && f->m->kinds[term->ref].scope == SCOPE_ACTOR) {
        snprintf(why, sizeof why,
                 "it counts pairs of actors that events of type %s bring together, and events of scope "
                 "\"actor\" bring none together",
                 f->m->kinds[term->ref].name);
        reach_idle(f, need->node->mark, need->node, why, "count another event type, or leave it out", "%s",
                   need->path);
    } else if (term->statistic->ref == REF_KIND && reach_is_own(f, need->node->mark) &&
               !f->happens[term->ref] && !f->past[term->ref]) {
        snprintf(why, sizeof why, "no event of type %s can occur, and the history has none",
                 f->m->kinds[term->ref].name);
        reach_idle(f, need->node->mark, need->node, why, "leave it out", "%s", need->path);
    }
}

/* ---- consequences ---------------------------------------------------------------------------------------
 */

typedef struct {
    const facts_t *f;
    const kind_t *parent, *child;
    const consequence_t *then;
    const node_t *node;
} follower_view_t;

static bool is_each(role_t role) {
    return role == ROLE_MEMBER || role == ROLE_GUEST;
}

static const char *never(const follower_view_t *v) {
    return reach_never_follows(v->f, v->parent, v->child, v->then);
}

static const char *by_name(const follower_view_t *v) {
    bool swaps = v->parent->scope == SCOPE_DIRECTED && v->child->scope == SCOPE_DYAD;
    return swaps ? "an event of an undirected type has no direction: the first actor by name takes the "
                   "initiator's roles"
                 : NULL;
}

static const char *not_mediated(const follower_view_t *v) {
    if (!is_dyadic(v->child)) return "an event that is not between two has no mediator";
    return v->then->mediator == MEDIATOR_OF_EVENT && !is_dyadic(v->parent) ? "the first event has no mediator"
                                                                           : NULL;
}

static const char *not_cancelled(const follower_view_t *v) {
    return is_dyadic(v->child) || (v->child->scope == SCOPE_GROUP && is_dyadic(v->parent))
               ? NULL
               : "an event that cancels it must occur on its tie, and it has none";
}

/* Keys of a consequence. */
static const struct {
    const char *key; /* NULL: the consequence */
    const char *(*why)(const follower_view_t *v);
    const char *remedy;
} rows[] = {
    {NULL, never, "name other roles with `initiator` and `target`"},
    {"initiator", by_name, "leave it out"},
    {"target", by_name, "leave it out"},
    {"mediator", not_mediated, "leave it out"},
    {"cancelled_by", not_cancelled, "leave it out"},
};

static void check_consequence(const facts_t *f, const follower_view_t *v) {
    const char *parent = v->parent->name, *name = v->then->name;
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++) {
        const char *why = rows[n].why(v);
        const entry_t *entry = rows[n].key ? node_entry(v->node, rows[n].key) : NULL;
        if (!why || (rows[n].key && !entry)) continue;
        reach_idle(f, entry ? entry->mark : v->node->mark, entry ? entry->value : NULL, why, rows[n].remedy,
                   "kinds.%s.then.%s%s%s", parent, name, entry ? "." : "", entry ? rows[n].key : "");
    }
    if (never(v)) return;
    if (v->child->scope == SCOPE_DYAD && v->then->initiator == v->then->target && is_each(v->then->target))
        reader_warning(
            f->r, v->node->mark,
            "kinds.%s.then.%s is drawn twice for each pair, once in either order, because its type has no "
            "direction; halve its probability, or let the pairs meet on the `sidelines` of a summit",
            parent, name);
    if (v->parent->scope == SCOPE_DYAD && v->child->scope == SCOPE_DIRECTED)
        reader_warning(f->r, v->node->mark,
                       "kinds.%s.then.%s goes from the first actor by name to the second, because events of "
                       "%s have no direction; give that type the scope \"%s\", or this one the scope dyad",
                       parent, name, parent, scope_names[SCOPE_DIRECTED]);
    if (v->child->scope == SCOPE_GROUP && v->child->summit.group < 0 && v->parent->scope != SCOPE_GROUP)
        reader_warning(
            f->r, v->node->mark,
            "kinds.%s.then.%s concerns no group: neither the event nor its type has one; name it in "
            "kinds.%s.summit.group",
            parent, name, v->child->name);
}

static void check_consequences(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    const node_t *list = node_get(f->r->kind_nodes[k], "then");
    for (int c = 0; list && c < kind->n_then; c++) {
        follower_view_t view = {f, kind, &f->m->kinds[kind->then[c].kind], &kind->then[c], list->items[c]};
        check_consequence(f, &view);
    }
}

static void check_sidelines(const facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    const node_t *list = node_get(node_get(f->r->kind_nodes[k], "summit"), "sidelines");
    for (int s = 0; list && s < kind->summit.n_sidelines; s++) {
        const sideline_t *side = &kind->summit.sidelines[s];
        bool alone = side->first == side->second && side->first <= ROLE_TARGET;
        if (!alone && reach_has_role(f, kind, side->first) && reach_has_role(f, kind, side->second)) continue;
        const node_t *pairs = node_get(list->items[s], "pairs");
        reach_idle(f, pairs->mark, pairs, "a summit has no such pair",
                   "the roles of a pair are host, member and guest, such as host-guest",
                   "kinds.%s.summit.sidelines.%s.pairs", kind->name, f->m->kinds[side->kind].name);
    }
}

void reach_then(const facts_t *f) {
    for (int n = 0; n < f->r->n_needs; n++) {
        facts_t own = *f;
        own.part = f->r->kind_nodes[f->r->needs[n].kind];
        check_term(&own, &f->r->needs[n]);
    }
    for (int k = 0; k < f->m->n_kinds; k++) {
        facts_t own = *f;
        own.part = f->r->kind_nodes[k];
        check_consequences(&own, k);
        check_sidelines(&own, k);
    }
}
