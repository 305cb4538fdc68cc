#include "scenario/checks/reach.h"

#include <stdio.h>

/* ---- telling ---------------------------------------------------------------------------------------- */

/* Whether some of the text comes from another file. */
static bool is_mixed(const node_t *node, int file) {
    if (!node) return false;
    for (int i = 0; i < node->n; i++) {
        const node_t *part = node->type == NODE_LIST ? node->items[i] : node->entries[i].value;
        if (part->type == NODE_SCALAR ? part->mark.file != file : is_mixed(part, file)) return true;
    }
    return false;
}

void reach_idle(const facts_t *f, location_t mark, const node_t *value, const char *why, const char *remedy,
                const char *format, ...) {
    char path[512], excerpt[64], is[80] = "";
    va_list arguments;
    if (!reach_is_own(f, mark) && is_mixed(f->part, mark.file)) return;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    if (value && value->type == NODE_SCALAR)
        snprintf(is, sizeof is, " is %s and", node_excerpt(value, excerpt, sizeof excerpt));
    reader_warning(f->r, mark, "%s%s does nothing: %s; %s", path, is, why, remedy);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void vary(facts_t *f, int n, const setting_t *settings) {
    for (int s = 0; s < n; s++) f->varied[settings[s].param] |= !settings[s].scales; /* 0 stays 0 */
}

static void find_varied(facts_t *f) {
    const model_t *m = f->m;
    const sweep_t *sweep = &f->r->scenario->sweep;
    f->varied = READER_NEW(f->r, m->n_params, bool);
    for (int u = 0; u < m->n_uncertain; u++) f->varied[m->uncertain[u].param] = true;
    for (int n = 0; n < m->n_followers; n++) f->varied[m->followers[n].param] = true;
    for (int a = 0; a < sweep->n_axes; a++) f->varied[sweep->axes[a].param] = true;
    for (int v = 0; v < m->n_variants; v++) vary(f, m->variants[v].n_settings, m->variants[v].settings);
    for (int n = 0; n < m->n_interventions; n++)
        vary(f, m->interventions[n].n_settings, m->interventions[n].settings);
}

bool reach_counts(const facts_t *f, const double *value) {
    if (*value != 0) return true;
    for (int p = 0; p < f->m->n_params; p++)
        if (f->r->params[p].value == value && f->varied[p]) return true;
    return false;
}

/* ---- who takes part --------------------------------------------------------------------------------- */

bool reach_has_role(const facts_t *f, const kind_t *kind, role_t role) {
    if (role == ROLE_INITIATOR) return true;
    if (role == ROLE_TARGET) return f->r->targeted[kind - f->m->kinds];
    if (role == ROLE_MEDIATOR) return is_dyadic(kind);
    return kind->scope == SCOPE_GROUP && (role == ROLE_MEMBER || kind->summit.on);
}

bool reach_excites(const kind_t *source, const kind_t *kind, relation_t relation) {
    bool from_two = is_dyadic(source);
    switch (kind->scope) {
    case SCOPE_GROUP:
        return relation == RELATION_SAME && source->scope == SCOPE_GROUP;
    case SCOPE_ACTOR:
        return relation == RELATION_SAME || relation == RELATION_INITIATOR || from_two;
    default:
        break;
    }
    switch (relation) {
    case RELATION_SAME:
        return source->scope != SCOPE_ACTOR;
    case RELATION_REVERSED:
        return source->scope == SCOPE_DIRECTED && kind->scope == SCOPE_DIRECTED;
    case RELATION_INITIATOR:
        return source->scope != SCOPE_GROUP;
    default:
        return from_two;
    }
}

const char *reach_never_follows(const facts_t *f, const kind_t *parent, const kind_t *child,
                                const consequence_t *c) {
    if (!reach_has_role(f, parent, c->initiator)) return "no actor has the initiator's role in the event";
    bool each = c->target == ROLE_MEMBER || c->target == ROLE_GUEST;
    if ((each || is_dyadic(child)) && !reach_has_role(f, parent, c->target))
        return "no actor has the target's role in the event";
    if (c->initiator == c->target && !each) return "its initiator and its target are the same actor";
    return NULL;
}

/* ---- what can happen -------------------------------------------------------------------------------- */

static bool has_place(const model_t *m, const kind_t *kind) {
    if (kind->scope == SCOPE_GROUP) return m->n_groups > 0;
    for (int i = 0; kind->scope == SCOPE_ACTOR && i < m->n_actors; i++)
        if (may_happen_at(kind, i, -1)) return true;
    for (int e = 0; kind->scope != SCOPE_ACTOR && e < m->n_ties; e++)
        if (may_happen_at(kind, m->ties[e].a, m->ties[e].b) ||
            may_happen_at(kind, m->ties[e].b, m->ties[e].a))
            return true;
    return false;
}

static bool is_excited(const facts_t *f, const kind_t *kind) {
    for (int x = 0; x < kind->n_excitations; x++) {
        const excitation_t *excitation = &kind->excitations[x];
        int source = excitation->kind;
        if ((f->happens[source] || f->past[source]) && reach_counts(f, &excitation->branching) &&
            reach_excites(&f->m->kinds[source], kind, excitation->relation))
            return true;
    }
    return false;
}

static bool note(bool *flag) {
    bool news = !*flag;
    *flag = true;
    return news;
}

static bool follow(facts_t *f, int kind) {
    f->follows[kind] = true;
    return note(&f->happens[kind]);
}

/* Marks what follows from events of a type that occurs or is in the history; returns whether anything was
 * new. */
static bool add_followers(facts_t *f, int k) {
    const kind_t *kind = &f->m->kinds[k];
    bool news = false;
    if (!f->happens[k] && !f->past[k]) return false;
    for (int c = 0; c < kind->n_then; c++) {
        const consequence_t *then = &kind->then[c];
        if (reach_counts(f, &then->chance.probability) &&
            !reach_never_follows(f, kind, &f->m->kinds[then->kind], then))
            news |= follow(f, then->kind);
    }
    if (!f->happens[k]) return news; /* nobody answers or meets at what is in the history */
    if (kind->reply.on) {
        news |= follow(f, kind->reply.accepted);
        news |= follow(f, kind->reply.declined);
        news |= follow(f, kind->reply.lapsed);
    }
    for (int s = 0; s < kind->summit.n_sidelines; s++)
        if (reach_counts(f, &kind->summit.sidelines[s].chance.probability))
            news |= follow(f, kind->summit.sidelines[s].kind);
    return news;
}

static void find_happening(facts_t *f) {
    const model_t *m = f->m;
    f->happens = READER_NEW(f->r, m->n_kinds, bool);
    f->follows = READER_NEW(f->r, m->n_kinds, bool);
    f->past = READER_NEW(f->r, m->n_kinds, bool);
    for (int h = 0; h < m->n_history; h++) f->past[m->history[h].kind] = true;
    for (int c = 0; c < m->n_calendar; c++)
        if (m->calendar[c].time < m->horizon && reach_counts(f, &m->calendar[c].probability))
            f->happens[m->calendar[c].kind] = true;
    for (bool news = true; news;) {
        news = false;
        for (int k = 0; k < m->n_kinds; k++) {
            const kind_t *kind = &m->kinds[k];
            if ((reach_counts(f, &kind->rate_per_year) || is_excited(f, kind)) && has_place(m, kind))
                news |= note(&f->happens[k]);
            news |= add_followers(f, k);
        }
    }
}

/* ---- values ----------------------------------------------------------------------------------------- */

static void find_values(facts_t *f) {
    const model_t *m = f->m;
    f->mediated = READER_NEW(f->r, m->n_kinds, bool);
    for (int c = 0; c < m->n_calendar; c++) f->mediated[m->calendar[c].kind] |= m->calendar[c].is_mediated;
    for (int k = 0; k < m->n_kinds; k++) {
        f->mediated[k] |= m->kinds[k].has_mediator;
        for (int c = 0; c < m->kinds[k].n_then; c++)
            f->mediated[m->kinds[k].then[c].kind] |= m->kinds[k].then[c].has_mediator;
    }
    f->has_value = READER_NEW(f->r, m->n_kinds, bool);
    f->value_reads = READER_NEW(f->r, m->n_kinds, bool);
    for (int c = 0; c < m->n_calendar; c++)
        f->has_value[m->calendar[c].kind] |= !isnan(m->calendar[c].value_usd);
    for (int h = 0; h < m->n_history; h++)
        f->has_value[m->history[h].kind] |= !isnan(m->history[h].value_usd);
    for (int k = 0; k < m->n_kinds; k++) {
        const kind_t *kind = &m->kinds[k];
        f->has_value[k] |= kind->has_value;
        f->value_reads[k] |= kind->deal.on;
        for (int c = 0; c < kind->n_then; c++) {
            f->value_reads[k] |= kind->then[c].has_share;
            f->has_value[kind->then[c].kind] |= kind->then[c].has_share;
        }
    }
    for (int q = 0; q < m->n_quantities; q++)
        for (int n = 0; m->quantities[q].what == QUANTITY_SUM && n < m->quantities[q].n_kinds; n++)
            f->value_reads[m->quantities[q].kinds[n]] = true;
}

void reach_check(reader_t *r) {
    facts_t facts = {.r = r, .m = r->model};
    find_varied(&facts);
    find_happening(&facts);
    find_values(&facts);
    reach_kinds(&facts);
    reach_then(&facts);
    reach_outcomes(&facts);
    reach_quantities(&facts);
}
