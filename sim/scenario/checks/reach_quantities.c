/* Quantities that are the same in every replicate. */
#include "scenario/checks/reach.h"

typedef struct {
    const quantity_t *quantity;
    bool happens, has_value, has_pairs, has_targets, has_success; /* of any of its kinds */
} quantity_view_t;

static quantity_view_t view_of(const facts_t *f, const quantity_t *quantity) {
    quantity_view_t view = {.quantity = quantity};
    for (int n = 0; n < quantity->n_kinds; n++) {
        int k = quantity->kinds[n];
        const kind_t *kind = &f->m->kinds[k];
        view.happens |= f->happens[k];
        view.has_value |= f->has_value[k];
        view.has_pairs |= kind->scope != SCOPE_ACTOR;
        view.has_targets |= reach_has_role(f, kind, ROLE_TARGET);
        view.has_success |= kind->has_success;
    }
    return view;
}

static const char *counts_nothing(const facts_t *f, const quantity_view_t *v) {
    (void)f;
    if (v->quantity->n_kinds == 0) return NULL;
    if (!v->happens) return "no event of its types can occur in the period";
    if (v->quantity->ties && !v->has_pairs) return "events of scope \"actor\" occur on no tie";
    if (!v->quantity->ties && v->quantity->targets && !v->has_targets)
        return "events of these types have no target";
    if (v->quantity->what == QUANTITY_SUM && !v->has_value) return "events of its types have no value";
    return NULL;
}

static const char *never_changes(const facts_t *f, const quantity_view_t *v) {
    int condition = v->quantity->condition, tie = v->quantity->tie;
    if (v->quantity->what != QUANTITY_CONDITION) return NULL;
    bool holds = reach_holds_at_start(f, condition, tie);
    bool ends = f->m->conditions[condition].has_duration || reach_is_changed(f, condition, false) ||
                reach_is_intervened(f, condition, tie, false);
    if (!holds && !reach_is_changed(f, condition, true) && !reach_is_intervened(f, condition, tie, true))
        return "nothing can start the condition there";
    return holds && !ends ? "the condition holds there at the start, and nothing can end it" : NULL;
}

static const char *delivers_nothing(const facts_t *f, const quantity_view_t *v) {
    if (v->quantity->what != QUANTITY_REALISED) return NULL;
    for (int k = 0; k < f->m->n_kinds; k++)
        if ((f->happens[k] || f->past[k]) && f->m->kinds[k].deal.on && f->has_value[k]) return NULL;
    return "no deal can be made";
}

static const char *beyond_bounds(const facts_t *f, const quantity_view_t *v) {
    (void)f;
    const quantity_t *q = v->quantity;
    if (!q->has_threshold) return NULL;
    if (q->what <= QUANTITY_ALIGNMENT && fabs(q->threshold) >= 1)
        return "strength and alignment lie within -1 and 1";
    if (q->what >= QUANTITY_COUNT && q->what <= QUANTITY_FIRST &&
        (q->above ? q->threshold < 0 : q->threshold <= 0))
        return "it is never below 0";
    return NULL;
}

/* Whether a quantity's filters admit an event between the two (in that direction, or in either). */
static bool admits(const quantity_t *q, int i, int j) {
    return (!q->initiators || q->initiators[i]) && (!q->targets || q->targets[j]);
}

/* Whether an event of the type may be one that the quantity counts: by itself, or as a dated entry. */
static bool occurs_there(const facts_t *f, const quantity_t *q, int k) {
    const model_t *m = f->m;
    const kind_t *kind = &m->kinds[k];
    bool turns = kind->scope == SCOPE_DYAD;
    bool by_itself = reach_counts(f, &kind->rate_per_year) || kind->n_excitations > 0;
    for (int e = 0; by_itself && e < m->n_ties; e++) {
        int a = m->ties[e].a, b = m->ties[e].b;
        if (q->ties && !q->ties[e]) continue;
        if ((may_happen_at(kind, a, b) && (admits(q, a, b) || (turns && admits(q, b, a)))) ||
            (may_happen_at(kind, b, a) && (admits(q, b, a) || (turns && admits(q, a, b)))))
            return true;
    }
    for (int c = 0; c < m->n_calendar; c++) {
        const calendar_entry_t *entry = &m->calendar[c];
        bool two = entry->kind == k && entry->target >= 0;
        int tie = two ? f->r->tie_of[entry->initiator * m->n_actors + entry->target] : -1;
        if (tie < 0 || (q->ties && !q->ties[tie])) continue;
        if (admits(q, entry->initiator, entry->target) ||
            (turns && admits(q, entry->target, entry->initiator)))
            return true;
    }
    return false;
}

static const char *counts_elsewhere(const facts_t *f, const quantity_view_t *v) {
    const quantity_t *q = v->quantity;
    if (q->n_kinds == 0 || (!q->ties && !q->initiators && !q->targets)) return NULL;
    for (int n = 0; n < q->n_kinds; n++) {
        int k = q->kinds[n];
        if (!is_dyadic(&f->m->kinds[k]) || f->follows[k] || occurs_there(f, q, k)) return NULL;
    }
    return "events of its types occur between other actors only (`between`, and the calendar)";
}

static bool has_shift(const facts_t *f, int c) {
    return reach_counts(f, &f->m->conditions[c].alignment_shift) ||
           reach_counts(f, &f->m->conditions[c].log_trade_shift);
}

/* Whether anything that is drawn, or an event, may move the state of ties. */
static bool moves(const facts_t *f) {
    const model_t *m = f->m;
    if (m->n_uncertain || m->n_interventions) return true;
    for (int p = 0; p < m->n_params; p++)
        if (f->varied[p]) return true;
    for (int k = 0; k < m->n_kinds; k++) {
        const kind_t *kind = &m->kinds[k];
        if ((f->happens[k] || f->past[k]) && kind->scope != SCOPE_ACTOR &&
            (kind->goldstein != 0 || kind->trade_shock != 0 || kind->deal.on))
            return true;
    }
    for (int c = 0; c < m->n_conditions; c++)
        if (has_shift(f, c) &&
            (m->conditions[c].has_duration || reach_is_changed(f, c, true) || reach_is_changed(f, c, false)))
            return true;
    return false;
}

static const char *never_moves(const facts_t *f, const quantity_view_t *v) {
    const quantity_t *q = v->quantity;
    if (q->what > QUANTITY_TRADE || q->n_parts) return NULL;
    return moves(f) ? NULL : "no event and no condition moves strength, alignment or trade";
}

static const struct {
    const char *(*why)(const facts_t *f, const quantity_view_t *v);
    const char *remedy;
} quantity_rows[] = {
    {counts_nothing, "name event types that can occur there, or leave it out"},
    {counts_elsewhere, "name actors between whom they can occur, or leave it out"},
    {never_moves, "give event types an effect, or leave it out"},
    {never_changes, "let an event or an intervention change it, or leave it out"},
    {delivers_nothing, "give an event type a deal and a value, or leave it out"},
    {beyond_bounds, "choose a threshold within them"},
};

void reach_quantities(const facts_t *f) {
    const node_t *quantities = node_get(f->r->root, "quantities");
    for (int q = 0; quantities && q < f->m->n_quantities; q++) {
        const quantity_t *quantity = &f->m->quantities[q];
        const entry_t *entry = node_entry(quantities, quantity->name);
        if (!entry) continue; /* one of `thresholds` */
        quantity_view_t view = view_of(f, quantity);
        for (size_t n = 0; n < sizeof quantity_rows / sizeof *quantity_rows; n++) {
            const char *why = quantity_rows[n].why(f, &view);
            if (!why) continue;
            reader_warning(f->r, entry->mark, "quantities.%s is the same in every replicate: %s; %s",
                           entry->key, why, quantity_rows[n].remedy);
            break;
        }
        const entry_t *successful = node_entry(entry->value, "successful");
        if (successful && quantity->successful_only && !view.has_success)
            reach_idle(f, successful->mark, successful->value, "events of its types always succeed",
                       "leave it out, or give an event type a probability of success",
                       "quantities.%s.successful", entry->key);
    }
}
