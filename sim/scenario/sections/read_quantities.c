/* Quantities: named outcomes. */
#include "scenario/sections/expand_quantities.h"
#include "scenario/sections/read_kinds.h"

#include "base/date.h"
#include "scenario/units.h"
#include <stdio.h>
#include <string.h>

typedef struct { /* as written; quantity_t is made of it */
    char *label;
    int place[3];    /* tie of strength, alignment, delivered */
    int trade, flow; /* tie and flow of `trade` */
    int actors[4];   /* of exports, imports, tariff_revenue, real_income */
    int sum, condition;
    int n_counted, n_first, n_kinds, n_ties, n_initiators, n_targets, n_parts;
    int *counted, *first, *kinds, *ties, *initiators, *targets, *parts;
    int from_actor, to_actor; /* of a direction in `tie`, -1 */
    int take, by;
    bool successful;
    double at, from, until, every, above, below;
    const node_t *thresholds, *dates;
} draft_t;

/* ---- types ------------------------------------------------------------------------------------------ */

/* "KAZ-USA": both flows; "KAZ -> USA": one. */
static void read_flow(reader_t *r, const field_t *field, const node_t *node, void *at) {
    draft_t *draft = (draft_t *)((char *)at - field->at);
    draft->trade = reader_tie(r, node);
    int a, b;
    if (draft->trade < 0 || !strstr(node->text, "->") || !reader_pair(r, node, &a, &b)) return;
    draft->flow = 2 * draft->trade + (r->model->ties[draft->trade].a == a ? 0 : 1);
}
static const type_t type_flow = {SHAPE_OWN, "a tie such as KAZ-USA, or a flow such as KAZ -> USA", read_flow,
                                 "{\"type\": \"string\"}"};

/* Ties, or a directed dyad: an arrow fills in initiator and target instead. */
static void read_filter(reader_t *r, const field_t *field, const node_t *node, void *at) {
    draft_t *draft = (draft_t *)((char *)at - field->at);
    int n = node->type == NODE_LIST ? node->n : 1;
    if (node->type == NODE_MAPPING) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    draft->ties = READER_NEW(r, n, int);
    for (int i = 0; i < n; i++) {
        const node_t *item = node->type == NODE_LIST ? node->items[i] : node;
        int tie = reader_tie(r, item);
        if (tie < 0) continue;
        bool directed = strstr(item->text, "->") != NULL;
        if (directed && node->type == NODE_LIST)
            reader_error(r, item->mark,
                         "%s: %s: ties of a list have no direction; name the actors in `initiator` and "
                         "`target`",
                         r->path, item->text);
        else if (directed)
            reader_pair(r, item, &draft->from_actor, &draft->to_actor);
        else
            draft->ties[draft->n_ties++] = tie;
    }
}
static const type_t type_filter = {
    SHAPE_OWN, "one or a list: a tie such as KAZ-USA; or a direction such as KAZ -> USA", read_filter,
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

/* In the quantity's own unit: a plain number, an amount of money, or a time as a duration. */
static void read_threshold(reader_t *r, const field_t *field, const node_t *node, void *at) {
    bool good = node->type == NODE_SCALAR &&
                (units_parse(DIM_MONEY, node->text, at) || units_parse(DIM_DURATION, node->text, at));
    if (!good) reader_expected(r, node, field->type->expected);
}
static const type_t type_threshold = {SHAPE_NUMBER, "a number in the quantity's unit", read_threshold, NULL};

/* What is made of them needs the quantity: see expand_quantities.c. */
static void read_thresholds(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_is_list(r, node, field->type->expected)) return;
    *(const node_t **)at = node;
}
static const type_t type_thresholds = {
    SHAPE_OWN, "a list of numbers in the quantity's unit", read_thresholds,
    "{\"type\": \"array\", \"items\": {\"type\": [\"number\", \"string\"]}}"};

static void read_dates(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (node->type == NODE_MAPPING)
        reader_expected(r, node, field->type->expected);
    else
        *(const node_t **)at = node;
}
static const type_t type_dates = {
    SHAPE_OWN, "a list of dates, or an interval such as 1 month", read_dates,
    "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}]}"};

/* Quantities above this one in the file: those that are read already. */
static void read_parts(reader_t *r, const field_t *field, const node_t *node, void *at) {
    draft_t *draft = (draft_t *)((char *)at - field->at);
    if (!reader_is_list(r, node, field->type->expected)) return;
    draft->parts = READER_NEW(r, node->n, int);
    for (int i = 0; i < node->n; i++) {
        const node_t *item = node->items[i];
        if (!reader_is_scalar(r, item, "the name of a quantity")) continue;
        int part = model_quantity(r->model, item->text);
        if (part < 0 && node_get(node_get(r->root, "quantities"), item->text))
            reader_error(r, item->mark, "%s: %s is not above this quantity in the file; move it there",
                         r->path, item->text);
        else if (part < 0)
            reader_find(r, CATALOG_QUANTITY, item); /* to report it */
        else if (in_list(draft->n_parts, draft->parts, part))
            reader_error(r, item->mark, "%s: %s is given a second time", r->path, item->text);
        else
            draft->parts[draft->n_parts++] = part;
    }
}
static const type_t type_parts = {SHAPE_OWN, "a list of names of quantities", read_parts,
                                  "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"};

/* ---- keys ------------------------------------------------------------------------------------------- */

static const char *const sums[] = {"value"}, *const counted_by[] = {"event", "trip"};

#define LIST(member, counter) .at = offsetof(draft_t, member), .count = offsetof(draft_t, counter)

static const field_t quantity_fields[] = {
    {"label", &type_text, 0, AT(draft_t, label), .unset = "the name", .what = "Name in tables and plots."},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"strength", &type_tie, 0, AT(draft_t, place[0]), .what = "Strength of that tie.", .example = "KAZ-USA"},
    {"alignment", &type_tie, 0, AT(draft_t, place[1]), .what = "Alignment of that tie.",
     .example = "KAZ-USA"},
    {"trade", &type_flow, 0, AT(draft_t, trade),
     .what = "Trade of a tie (both ways) or of one flow, USD a year.", .example = "KAZ -> USA"},
    {"exports", &type_name, 0, AT(draft_t, actors[0]), .catalog = CATALOG_ACTOR,
     .what = "Exports of that actor to all others, USD a year.", .example = "KAZ"},
    {"imports", &type_name, 0, AT(draft_t, actors[1]), .catalog = CATALOG_ACTOR,
     .what = "Its imports from all others, USD a year, without tariffs.", .example = "KAZ"},
    {"tariff_revenue", &type_name, 0, AT(draft_t, actors[2]), .catalog = CATALOG_ACTOR,
     .what = "What its tariffs yield, USD a year.", .example = "USA"},
    {"real_income", &type_name, 0, AT(draft_t, actors[3]), .catalog = CATALOG_ACTOR,
     .what = "Change of its real income since trade.base_year, percent; needs an equilibrium of trade.",
     .example = "KAZ"},
    {"delivered", &type_tie, 0, AT(draft_t, place[2]), .what = "USD delivered by deals on that tie so far.",
     .example = "UZB-USA"},
    {"condition", &type_name, 0, AT(draft_t, condition), .catalog = CATALOG_CONDITION,
     .what = "1 while the condition is in force on `tie`, else 0; of a directed one `tie` may name its "
             "sender and "
             "target: `USA -> RUS`.",
     .example = "conflict"},
    {"count", &type_names, 0, LIST(counted, n_counted), .catalog = CATALOG_KIND,
     .what = "Number of events of any of these types.", .example = "[leader_visit, c5_summit]"},
    {"first", &type_names, 0, LIST(first, n_first), .catalog = CATALOG_KIND,
     .what = "Days from the start to the first event of any of these types.", .example = "leader_visit"},
    {"sum", &type_enum, 0, AT(draft_t, sum), NAMES(sums),
     .what = "`value`: sum of the values of events of `kind`, USD.", .example = "value"},
    {"kind", &type_names, 0, LIST(kinds, n_kinds), .catalog = CATALOG_KIND,
     .what = "Event types whose values are summed.", .example = "deal"},
    {"combine", &type_parts, 0, AT(draft_t, parts),
     .what = "Quantities above this one in the file, of one unit. `take` says how they are combined.",
     .example = "[kaz_strength, uzb_strength]"},
    {"take", &type_enum, 0, AT(draft_t, take), NAMES(taken_names),
     .unset = "of a state its value at a date; of `combine` the sum",
     .what = "Of a state: its mean, min or max over the window `from`, `until`; of a condition also the days "
             "in force. Of `combine`: sum, difference (the first minus the others), mean, min, max, or the "
             "ratio of two, the second of which is trade.",
     .example = "mean"},
    {"every", &type_number, FIELD_STRUCTURAL, AT(draft_t, every), .dimension = DIM_DURATION, POSITIVE,
     .unset = "1 d", .what = "Longest step of a window; the state is read in the middle of equal steps.",
     .example = "1 d"},
    {"tie", &type_filter, 0, AT(draft_t, ties), .unset = "everywhere",
     .what = "Only events on any of these ties (either direction), or in that direction.",
     .example = "KAZ-USA"},
    {"initiator", &type_names, 0, LIST(initiators, n_initiators), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events that any of these initiates; of an undirected type, those in which it takes part.",
     .example = "USA"},
    {"target", &type_names, 0, LIST(targets, n_targets), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events with any of these targets; of an undirected type, those in which it takes part.",
     .example = "[KAZ, UZB]"},
    {"successful", &type_bool, 0, AT(draft_t, successful), .fallback = "false",
     .what = "Only events that succeeded."},
    {"by", &type_enum, 0, AT(draft_t, by), NAMES(counted_by), .fallback = "event",
     .what = "What is counted on `tie`: each event, or each trip: events whose days overlap count once, as a "
             "summit and the meetings at its side.",
     .example = "trip"},
    {"at", &type_date, 0, AT(draft_t, at), .unset = "the end", .what = "Date of the state.",
     .example = "2026-12-31"},
    {"from", &type_date, 0, AT(draft_t, from), .unset = "the start",
     .what = "Start of the window of events, or of a state with `take`."},
    {"until", &type_date, 0, AT(draft_t, until), .unset = "the end",
     .what = "End of the window; this day is not in it."},
    {"above", &type_threshold, 0, AT(draft_t, above), .unset = "the quantity itself",
     .what = "The quantity is then 1 if above this, else 0; its mean is a probability.", .example = "0"},
    {"below", &type_threshold, 0, AT(draft_t, below), .unset = "the quantity itself",
     .what = "The same for below this.", .example = "0.3"},
    {"thresholds", &type_thresholds, 0, AT(draft_t, thresholds), .unset = "none",
     .what = "Additional quantities `NAME>NUMBER`: the probability that it is above each of these.",
     .example = "[0, 0.3]"},
    {"dates", &type_dates, 0, AT(draft_t, dates), .unset = "none",
     .what = "A curve: additional quantities `NAME@DATE`, with each date in place of `at` or `until`; of "
             "`first` the probability that it has come before the date. An interval stands for all dates so "
             "far apart.",
     .example = "1 month"},
};
#define WHATS                                                                                           \
    "strength, alignment, trade, exports, imports, tariff_revenue, real_income, delivered, condition, " \
    "count, "                                                                                           \
    "first, sum, combine"
const section_t section_quantity = {.name = "quantity",
                                    .what = "A named outcome: exactly one of " WHATS ".",
                                    SECTION_FIELDS(quantity_fields)};

static const struct {
    const char *key;
    quantity_kind_t what;
} whats[] = {
    {"strength", QUANTITY_STRENGTH},
    {"alignment", QUANTITY_ALIGNMENT},
    {"trade", QUANTITY_TRADE},
    {"delivered", QUANTITY_REALISED},
    {"condition", QUANTITY_CONDITION},
    {"count", QUANTITY_COUNT},
    {"first", QUANTITY_FIRST},
    {"sum", QUANTITY_SUM},
    {"combine", QUANTITY_COMBINED},
    {"exports", QUANTITY_EXPORTS},
    {"imports", QUANTITY_IMPORTS},
    {"tariff_revenue", QUANTITY_REVENUE},
    {"real_income", QUANTITY_REAL_INCOME},
};
#define N_WHATS (int)(sizeof whats / sizeof *whats)

/* The keys that go with some quantities only. */
#define OF(id) (1u << QUANTITY_##id)
#define OF_EVENTS (OF(COUNT) | OF(FIRST) | OF(SUM))
#define OF_ACTOR (OF(EXPORTS) | OF(IMPORTS) | OF(REVENUE) | OF(REAL_INCOME))
#define OF_STATES (OF(STRENGTH) | OF(ALIGNMENT) | OF(TRADE) | OF(REALISED) | OF(CONDITION) | OF_ACTOR)
static const struct {
    const char *key;
    unsigned of;
    bool of_window; /* of states only together with `take` */
} keys[] = {
    {"kind", OF(SUM), false},
    {"tie", OF_EVENTS | OF(CONDITION), false},
    {"initiator", OF_EVENTS, false},
    {"target", OF_EVENTS, false},
    {"successful", OF_EVENTS, false},
    {"by", OF(COUNT), false},
    {"at", OF_STATES, false},
    {"from", OF_EVENTS | OF_STATES, true},
    {"until", OF_EVENTS | OF_STATES, true},
    {"every", OF_STATES, true},
    {"take", OF_STATES | OF(COMBINED), false},
};

static int which(reader_t *r, const node_t *node) {
    int found = -1, n = 0;
    for (int w = 0; w < N_WHATS; w++) {
        if (!node_get(node, whats[w].key)) continue;
        found = w;
        n++;
    }
    if (n == 1) return found;
    reader_error(r, node->mark, "%s: exactly one of " WHATS " is expected%s", r->path,
                 n > 1 ? ", here are several" : "");
    return -1;
}

/* ---- checks ----------------------------------------------------------------------------------------- */

static void misplaced(reader_t *r, const node_t *node, const char *key, const char *other,
                      const char *remedy) {
    const entry_t *entry = node_entry(node, key);
    if (entry)
        reader_error(r, entry->mark, "%s.%s has no meaning together with `%s`%s", r->path, key, other,
                     remedy);
}

static void check_keys(reader_t *r, const quantity_t *quantity, const draft_t *draft, const node_t *node,
                       const char *what) {
    bool state = quantity_is_state(quantity), window = state && quantity->every > 0;
    bool condition = quantity->what == QUANTITY_CONDITION;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        if (!(keys[k].of >> quantity->what & 1))
            misplaced(r, node, keys[k].key, what, "");
        else if (state && keys[k].of_window && !window)
            misplaced(r, node, keys[k].key, what, " at a date; give `take` as well, or leave it out");
    }
    if (window) misplaced(r, node, "at", "take", "; give `from` and `until`");
    if (draft->from_actor >= 0) {
        misplaced(r, node, "initiator", "tie", ", which gives a direction");
        misplaced(r, node, "target", "tie", ", which gives a direction");
    }
    if (draft->thresholds) {
        if (condition && !strcmp(quantity_unit(r->model, quantity), "probability"))
            misplaced(r, node, "thresholds", "condition", "");
        else if (quantity->has_threshold)
            misplaced(r, node, "thresholds", quantity->above ? "above" : "below", "");
    }
    if (quantity->what == QUANTITY_FIRST && quantity->has_threshold)
        misplaced(r, node, "dates", quantity->above ? "above" : "below", "");
}

static void check_missing(reader_t *r, const quantity_t *quantity, const draft_t *draft, const node_t *node) {
    if (quantity->what == QUANTITY_SUM && !node_get(node, "kind"))
        reader_error(r, node->mark, "%s.kind is missing: name the event types whose values are summed",
                     r->path);
    if (quantity->what == QUANTITY_CONDITION && !node_get(node, "tie"))
        reader_error(r, node->mark, "%s.tie is missing: the tie on which the condition may be in force",
                     r->path);
    else if (quantity->what == QUANTITY_CONDITION && quantity->tie < 0 && !r->ties_missing)
        reader_error(r, node_get(node, "tie")->mark,
                     "%s.tie: one tie is expected, with a direction only of a directed condition; `combine` "
                     "joins several such quantities",
                     r->path);
    if (quantity->trips && !quantity->ties)
        reader_error(r, node_entry(node, "by")->mark,
                     "%s.by: give a `tie` (or several) whose trips are meant", r->path);
    if (!isnan(draft->above) && !isnan(draft->below))
        reader_error(r, node->mark, "%s: either above or below", r->path);
    if (quantity->what == QUANTITY_REAL_INCOME && !r->model->trade.in_equilibrium)
        reader_error(r, node_get(node, "real_income")->mark,
                     "%s.real_income needs an equilibrium of trade; `trade: {equilibrium: full}` reports "
                     "what it lacks",
                     r->path);
    if (quantity->what != QUANTITY_TRADE || quantity->tie < 0) return;
    const tie_t *tie = &r->model->ties[quantity->tie];
    bool none = quantity->flow >= 0 ? isnan(tie->trade_usd[quantity->flow & 1])
                                    : isnan(tie->trade_usd[0]) && isnan(tie->trade_usd[1]);
    if (none && !r->gravity)
        reader_error(r, node_get(node, "trade")->mark,
                     "%s.trade: this tie has no trade; give ties.%s-%s.exports, or trade.gravity", r->path,
                     r->model->actors[tie->a].name, r->model->actors[tie->b].name);
}

static void check_times(reader_t *r, const quantity_t *quantity, const node_t *node) {
    double horizon = r->model->horizon;
    bool state = quantity_is_state(quantity), window = quantity->every > 0;
    if (r->period_missing || quantity->what == QUANTITY_COMBINED) return;
    if (state && !window && (quantity->at < 0 || quantity->at > horizon))
        reader_error(r, node_get(node, "at") ? node_get(node, "at")->mark : node->mark,
                     "%s.at is outside the period", r->path);
    if (state && !window) return;
    bool outside = quantity->from < 0 || quantity->until > horizon;
    const char *key = quantity->from < 0 ? "from" : "until";
    if (quantity->from >= quantity->until)
        reader_error(r, node->mark, "%s: the interval ends before it begins (from, until)", r->path);
    else if (outside && window)
        reader_error(r, node_get(node, key)->mark, "%s.%s is outside the period", r->path, key);
    else if (outside)
        reader_warning(r, node_get(node, key)->mark, "%s: events are counted within the period only",
                       r->path);
    else if (window && (quantity->until - quantity->from) / quantity->every > 1e5)
        reader_error(r, node_get(node, "every")->mark, "%s.every: the window has more than 100000 such steps",
                     r->path);
}

/* ---- making ----------------------------------------------------------------------------------------- */

static bool *chosen(reader_t *r, int size, int n, const int *items) {
    if (n == 0) return NULL;
    bool *set = READER_NEW(r, size, bool);
    for (int i = 0; i < n; i++) set[items[i]] = true;
    return set;
}

static void take_events(reader_t *r, const draft_t *draft, quantity_t *quantity) {
    const model_t *model = r->model;
    bool directed = draft->from_actor >= 0;
    quantity->kinds = quantity->what == QUANTITY_COUNT   ? draft->counted
                      : quantity->what == QUANTITY_FIRST ? draft->first
                                                         : draft->kinds;
    quantity->n_kinds = quantity->what == QUANTITY_COUNT   ? draft->n_counted
                        : quantity->what == QUANTITY_FIRST ? draft->n_first
                                                           : draft->n_kinds;
    quantity->ties = chosen(r, model->n_ties, draft->n_ties, draft->ties);
    quantity->initiators = chosen(r, model->n_actors, directed ? 1 : draft->n_initiators,
                                  directed ? &draft->from_actor : draft->initiators);
    quantity->targets = chosen(r, model->n_actors, directed ? 1 : draft->n_targets,
                               directed ? &draft->to_actor : draft->targets);
    quantity->successful_only = draft->successful;
    quantity->trips = draft->by == 1;
}

static int tie_of(const draft_t *draft, quantity_kind_t what) {
    if (what == QUANTITY_CONDITION) return draft->n_ties ? draft->ties[0] : -1;
    if (what == QUANTITY_TRADE) return draft->trade;
    return draft->place[what == QUANTITY_REALISED ? 2 : (int)what];
}

/* From a sender to a target, if it is directed. */
static void place_condition(const reader_t *r, const draft_t *draft, quantity_t *quantity) {
    const model_t *model = r->model;
    bool directed = draft->condition >= 0 && model->conditions[draft->condition].directed;
    if (draft->n_ties > 1) quantity->tie = -1;
    if (!directed || draft->from_actor < 0 || draft->to_actor < 0 || !r->tie_of) return;
    int tie = r->tie_of[draft->from_actor * model->n_actors + draft->to_actor];
    quantity->tie = tie;
    if (tie >= 0) quantity->flow = 2 * tie + (model->ties[tie].a == draft->from_actor ? 0 : 1);
}

static void make(reader_t *r, const draft_t *draft, const node_t *node, quantity_t *quantity) {
    int w = which(r, node);
    if (w < 0) return;
    quantity->what = whats[w].what;
    bool state = quantity_is_state(quantity), combined = quantity->what == QUANTITY_COMBINED;
    quantity->take = draft->take >= 0 ? (taken_t)draft->take : combined ? TAKE_SUM : TAKE_MEAN;
    quantity->at = isnan(draft->at) ? r->model->horizon : draft->at;
    quantity->from = isnan(draft->from) ? 0 : draft->from;
    quantity->until = isnan(draft->until) ? r->model->horizon : draft->until;
    quantity->has_threshold = !isnan(draft->above) || !isnan(draft->below);
    quantity->above = !isnan(draft->above);
    quantity->threshold = quantity->above ? draft->above : draft->below;
    if (combined) {
        quantity->parts = draft->parts;
        quantity->n_parts = draft->n_parts;
    } else if (state) {
        if (quantity_is_of_actor(quantity))
            quantity->actor = draft->actors[quantity->what - QUANTITY_EXPORTS];
        else
            quantity->tie = tie_of(draft, quantity->what);
        quantity->flow = draft->flow;
        quantity->condition = draft->condition;
        if (quantity->what == QUANTITY_CONDITION) place_condition(r, draft, quantity);
        if (draft->take >= 0) quantity->every = isnan(draft->every) ? 1 : draft->every;
    } else {
        take_events(r, draft, quantity);
    }
    int errors = reader_errors(r);
    if (combined) quantity_check_combination(r, quantity, node);
    if (combined && reader_errors(r) > errors) quantity->n_parts = 0;
    if (!combined || quantity->n_parts > 0) check_keys(r, quantity, draft, node, whats[w].key);
    quantity_check_take(r, quantity, node);
    check_missing(r, quantity, draft, node);
    check_times(r, quantity, node);
}

static void read_quantity(reader_t *r, const entry_t *entry) {
    model_t *model = r->model;
    quantity_t quantity = {
        .tie = -1, .flow = -1, .actor = -1, .condition = -1, .name = reader_text(r, entry->key)};
    draft_t draft = {.place = {-1, -1, -1},
                     .trade = -1,
                     .flow = -1,
                     .condition = -1,
                     .from_actor = -1,
                     .to_actor = -1,
                     .take = -1};
    size_t outer = reader_push(r, entry->key);
    int errors = reader_errors(r);
    r->silent++; /* the draft is no home for parameters */
    bool good = reader_section(r, &section_quantity, entry->value, &draft);
    r->silent--;
    quantity.label = draft.label;
    quantity.what = QUANTITY_COMBINED; /* of nothing, until it is made */
    if (good && reader_errors(r) == errors) make(r, &draft, entry->value, &quantity);
    *READER_APPEND(r, model->quantities, model->n_quantities, quantity_t) = quantity;
    if (good && reader_errors(r) == errors) expand_quantity(r, entry->value);
    reader_pop(r, outer);
}

void read_quantities(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to quantities")) return;
    model_t *model = r->model;
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        const char *date = strrchr(entry->key, '@');
        double days;
        reader_check_name(r, "a quantity", entry->key, entry->mark, ". \t/=,<>");
        if (date && date_parse(date + 1, &days, NULL))
            reader_error(r, entry->mark, "\"%.60s\": a name may not end in @ and a date, which `dates` uses",
                         entry->key);
        read_quantity(r, entry);
    }
    for (int i = 0; i < node->n; i++) { /* the array does not move any more */
        quantity_t *quantity = &model->quantities[model_quantity(model, node->entries[i].key)];
        if (!quantity->has_threshold) continue;
        size_t outer = reader_push(r, node->entries[i].key);
        size_t inner = reader_push(r, quantity->above ? "above" : "below");
        reader_param(r, &quantity->threshold, DIM_NUMBER, -INFINITY, INFINITY, true);
        reader_pop(r, inner);
        reader_pop(r, outer);
    }
}
