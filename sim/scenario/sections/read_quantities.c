/* Quantities (named outcomes) and the contents of the output. */
#include "scenario/sections/read_kinds.h"

#include "scenario/units.h"
#include <stdio.h>
#include <string.h>

typedef struct { /* as written; quantity_t is made of it */
    char *label;
    int place[4];    /* tie of strength, alignment, delivered, and the filter `tie` */
    int trade, flow; /* tie and flow of `trade` */
    int sum, condition;
    int n_counted, n_first, n_kinds;
    int *counted, *first, *kinds;
    int initiator, target;
    bool successful;
    double at, from, until, above, below;
    const node_t *thresholds; /* the list, or NULL */
} draft_t;

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

/* A tie or a directed dyad: an arrow fills in initiator and target instead. */
static void read_filter(reader_t *r, const field_t *field, const node_t *node, void *at) {
    draft_t *draft = (draft_t *)((char *)at - field->at);
    int tie = reader_tie(r, node);
    if (tie < 0 || !strstr(node->text, "->")) {
        *(int *)at = tie;
        return;
    }
    reader_pair(r, node, &draft->initiator, &draft->target);
    *(int *)at = -1;
}
static const type_t type_filter = {SHAPE_OWN, "a tie such as KAZ-USA, or a direction such as KAZ -> USA",
                                   read_filter, "{\"type\": \"string\"}"};

/* In the quantity's own unit: a plain number, an amount of money, or a time as a duration. */
static void read_threshold(reader_t *r, const field_t *field, const node_t *node, void *at) {
    bool good = node->type == NODE_SCALAR &&
                (units_parse(DIM_MONEY, node->text, at) || units_parse(DIM_DURATION, node->text, at));
    if (!good) reader_expected(r, node, field->type->expected);
}
static const type_t type_threshold = {SHAPE_NUMBER, "a number in the quantity's unit", read_threshold, NULL};

/* What is made of them needs the quantity: see add_thresholds. */
static void read_thresholds(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_is_list(r, node, field->type->expected)) return;
    *(const node_t **)at = node;
}
static const type_t type_thresholds = {
    SHAPE_OWN, "a list of numbers in the quantity's unit", read_thresholds,
    "{\"type\": \"array\", \"items\": {\"type\": [\"number\", \"string\"]}}"};

static const char *const sums[] = {"value"};

static const field_t quantity_fields[] = {
    {"label", &type_text, 0, AT(draft_t, label), .unset = "the name", .what = "Name in tables and plots."},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"strength", &type_tie, 0, AT(draft_t, place[0]), .what = "Strength of that tie at a date.",
     .example = "KAZ-USA"},
    {"alignment", &type_tie, 0, AT(draft_t, place[1]), .what = "Alignment of that tie at a date.",
     .example = "KAZ-USA"},
    {"trade", &type_flow, 0, AT(draft_t, trade),
     .what = "Trade of a tie (both ways) or of one flow at a date, USD a year.", .example = "KAZ -> USA"},
    {"delivered", &type_tie, 0, AT(draft_t, place[2]),
     .what = "USD delivered by deals on that tie until a date.", .example = "UZB-USA"},
    {"condition", &type_name, 0, AT(draft_t, condition), .catalog = CATALOG_CONDITION,
     .what = "1 if the condition is in force on `tie` at a date.", .example = "conflict"},
    {"count", &type_names, 0, .at = offsetof(draft_t, counted), .count = offsetof(draft_t, n_counted),
     .catalog = CATALOG_KIND, .what = "Number of events of these types.",
     .example = "[leader_visit, c5_summit]"},
    {"first", &type_names, 0, .at = offsetof(draft_t, first), .count = offsetof(draft_t, n_first),
     .catalog = CATALOG_KIND, .what = "Days from the start to the first event of these types.",
     .example = "leader_visit"},
    {"sum", &type_enum, 0, AT(draft_t, sum), NAMES(sums),
     .what = "`value`: sum of the values of events of `kind`, USD.", .example = "value"},
    {"kind", &type_names, 0, .at = offsetof(draft_t, kinds), .count = offsetof(draft_t, n_kinds),
     .catalog = CATALOG_KIND, .what = "Event types whose values are summed.", .example = "deal"},
    {"tie", &type_filter, 0, AT(draft_t, place[3]), .unset = "everywhere",
     .what = "Only events on that tie (either direction), or in that direction.", .example = "KAZ-USA"},
    {"initiator", &type_name, 0, AT(draft_t, initiator), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events that this actor initiates; of an undirected type, those in which it takes part.",
     .example = "USA"},
    {"target", &type_name, 0, AT(draft_t, target), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events with this target; of an undirected type, those in which it takes part.",
     .example = "KAZ"},
    {"successful", &type_bool, 0, AT(draft_t, successful), .fallback = "false",
     .what = "Only events that succeeded."},
    {"at", &type_date, 0, AT(draft_t, at), .unset = "the end", .what = "Date of the state.",
     .example = "2026-12-31"},
    {"from", &type_date, 0, AT(draft_t, from), .unset = "the start", .what = "Only events from this day on."},
    {"until", &type_date, 0, AT(draft_t, until), .unset = "the end", .what = "Only events before this day."},
    {"above", &type_threshold, 0, AT(draft_t, above), .unset = "the quantity itself",
     .what = "The quantity is then 1 if above this, else 0; its mean is a probability.", .example = "0"},
    {"below", &type_threshold, 0, AT(draft_t, below), .unset = "the quantity itself",
     .what = "The same for below this.", .example = "0.3"},
    {"thresholds", &type_thresholds, 0, AT(draft_t, thresholds), .unset = "none",
     .what = "Additional quantities `NAME>NUMBER`: the probability that it is above each of these.",
     .example = "[0, 0.3]"},
};
const section_t section_quantity = {.name = "quantity",
                                    .what = "A named outcome: exactly one of strength, alignment, trade, "
                                            "delivered, condition, count, first, sum.",
                                    SECTION_FIELDS(quantity_fields)};

static const struct {
    const char *key;
    quantity_kind_t what;
    bool state; /* of a moment, else of events in an interval */
} whats[] = {
    {"strength", QUANTITY_STRENGTH, true},   {"alignment", QUANTITY_ALIGNMENT, true},
    {"trade", QUANTITY_TRADE, true},         {"delivered", QUANTITY_REALISED, true},
    {"condition", QUANTITY_CONDITION, true}, {"count", QUANTITY_COUNT, false},
    {"first", QUANTITY_FIRST, false},        {"sum", QUANTITY_SUM, false},
};
#define N_WHATS (int)(sizeof whats / sizeof *whats)

static int which(reader_t *r, const node_t *node) {
    int found = -1, n = 0;
    for (int w = 0; w < N_WHATS; w++) {
        if (!node_get(node, whats[w].key)) continue;
        found = w;
        n++;
    }
    if (n == 1) return found;
    reader_error(r, node->mark,
                 "%s: exactly one of strength, alignment, trade, delivered, condition, count, first, sum is "
                 "expected%s",
                 r->path, n > 1 ? ", here are several" : "");
    return -1;
}

static void misplaced(reader_t *r, const node_t *node, const char *const *keys, const char *key) {
    for (; *keys; keys++) {
        const entry_t *entry = node_entry(node, *keys);
        if (entry)
            reader_error(r, entry->mark, "%s.%s has no meaning together with `%s`", r->path, *keys, key);
    }
}

static void check_times(reader_t *r, const quantity_t *quantity, const node_t *node, bool state) {
    double horizon = r->model->horizon;
    if (r->period_missing) return;
    if (state && (quantity->at < 0 || quantity->at > horizon))
        reader_error(r, node_get(node, "at") ? node_get(node, "at")->mark : node->mark,
                     "%s.at is outside the period", r->path);
    if (!state && quantity->from >= quantity->until)
        reader_error(r, node->mark, "%s: the interval ends before it begins (from, until)", r->path);
    else if (!state && (quantity->from < 0 || quantity->until > horizon))
        reader_warning(r, node_get(node, quantity->from < 0 ? "from" : "until")->mark,
                       "%s: events are counted within the period only", r->path);
}

static void make(reader_t *r, const draft_t *draft, const node_t *node, quantity_t *quantity) {
    static const char *const of_events[] = {"kind", "initiator", "target", "successful",
                                            "from", "until",     NULL};
    static const char *const of_states[] = {"at", NULL};
    int w = which(r, node);
    if (w < 0) return;
    bool condition = whats[w].what == QUANTITY_CONDITION;
    quantity->what = whats[w].what;
    quantity->tie = condition || !whats[w].state ? draft->place[3]
                    : whats[w].what == QUANTITY_TRADE
                        ? draft->trade
                        : draft->place[whats[w].what == QUANTITY_REALISED ? 2 : (int)whats[w].what];
    quantity->flow = draft->flow;
    quantity->condition = draft->condition;
    quantity->kinds = whats[w].what == QUANTITY_COUNT   ? draft->counted
                      : whats[w].what == QUANTITY_FIRST ? draft->first
                                                        : draft->kinds;
    quantity->n_kinds = whats[w].what == QUANTITY_COUNT   ? draft->n_counted
                        : whats[w].what == QUANTITY_FIRST ? draft->n_first
                                                          : draft->n_kinds;
    quantity->initiator = draft->initiator;
    quantity->target = draft->target;
    quantity->successful_only = draft->successful;
    quantity->at = isnan(draft->at) ? r->model->horizon : draft->at;
    quantity->from = isnan(draft->from) ? 0 : draft->from;
    quantity->until = isnan(draft->until) ? r->model->horizon : draft->until;
    quantity->has_threshold = !isnan(draft->above) || !isnan(draft->below);
    quantity->above = !isnan(draft->above);
    quantity->threshold = quantity->above ? draft->above : draft->below;

    misplaced(r, node, whats[w].state ? of_events : of_states, whats[w].key);
    if (whats[w].state && !condition) misplaced(r, node, (const char *const[]){"tie", NULL}, whats[w].key);
    if (!whats[w].state && whats[w].what != QUANTITY_SUM)
        misplaced(r, node, (const char *const[]){"kind", NULL}, whats[w].key);
    if (whats[w].what == QUANTITY_SUM && !node_get(node, "kind"))
        reader_error(r, node->mark, "%s.kind is missing: name the event types whose values are summed",
                     r->path);
    if (condition && !node_get(node, "tie"))
        reader_error(r, node->mark, "%s.tie is missing: the tie on which the condition may be in force",
                     r->path);
    if (draft->thresholds && (condition || quantity->has_threshold))
        misplaced(r, node, (const char *const[]){"thresholds", NULL},
                  condition             ? "condition"
                  : isnan(draft->above) ? "below"
                                        : "above");
    if (!isnan(draft->above) && !isnan(draft->below))
        reader_error(r, node->mark, "%s: either above or below", r->path);
    if (whats[w].what == QUANTITY_TRADE && quantity->tie >= 0) {
        const tie_t *tie = &r->model->ties[quantity->tie];
        bool none = quantity->flow >= 0 ? isnan(tie->trade_usd[quantity->flow & 1])
                                        : isnan(tie->trade_usd[0]) && isnan(tie->trade_usd[1]);
        if (none && !r->gravity)
            reader_error(r, node_get(node, "trade")->mark,
                         "%s.trade: this tie has no trade; give ties.%s-%s.exports, or "
                         "trade.gravity",
                         r->path, r->model->actors[tie->a].name, r->model->actors[tie->b].name);
    }
    check_times(r, quantity, node, whats[w].state);
}

/* ---- thresholds -------------------------------------------------------------------------------------- */

static bool parse_threshold(const quantity_t *quantity, const char *text, double *value) {
    switch (quantity->what) {
    case QUANTITY_TRADE:
    case QUANTITY_REALISED:
    case QUANTITY_SUM:
        return units_parse(DIM_MONEY, text, value);
    case QUANTITY_FIRST:
        return units_parse(DIM_DURATION, text, value) || units_parse(DIM_NUMBER, text, value);
    default:
        return units_parse(DIM_NUMBER, text, value);
    }
}

/* Adds separate quantities after `quantity`, which is the last one. */
static void add_thresholds(reader_t *r, const draft_t *draft, const quantity_t *quantity) {
    size_t outer = reader_push(r, "thresholds");
    for (int i = 0; draft->thresholds && i < draft->thresholds->n; i++) {
        const node_t *item = draft->thresholds->items[i];
        quantity_t *own = &r->model->quantities[r->model->n_quantities];
        double value;
        *own = *quantity;
        if (item->type != NODE_SCALAR || !parse_threshold(quantity, item->text, &value)) {
            reader_expected(r, item, "a number in the quantity's unit");
            continue;
        }
        bool again = false;
        for (const quantity_t *q = quantity + 1; q < own; q++) again |= q->threshold == value;
        if (again) {
            reader_error(r, item->mark, "%s: %s is given a second time", r->path, item->text);
            continue;
        }
        own->name = reader_format(r, "%s>%s", quantity->name, item->text);
        if (quantity->label) own->label = reader_format(r, "%s: more than %s", quantity->label, item->text);
        own->has_threshold = own->above = true;
        own->threshold = value;
        r->model->n_quantities++;
    }
    reader_pop(r, outer);
}

static int count_with_thresholds(const node_t *node) {
    int n = node->n;
    for (int i = 0; i < node->n; i++) {
        const node_t *value = node->entries[i].value, *list;
        if (value->type == NODE_MAPPING && (list = node_get(value, "thresholds")) && list->type == NODE_LIST)
            n += list->n;
    }
    return n;
}

void read_quantities(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to quantities")) return;
    model_t *model = r->model;
    model->quantities = READER_NEW(r, count_with_thresholds(node), quantity_t);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        reader_check_name(r, "a quantity", entry->key, entry->mark, ". \t/=,<>");
        quantity_t *quantity = &model->quantities[model->n_quantities++];
        *quantity = (quantity_t){.tie = -1, .flow = -1, .condition = -1, .initiator = -1, .target = -1};
        quantity->name = reader_text(r, entry->key);
        draft_t draft = {.place = {-1, -1, -1, -1},
                         .trade = -1,
                         .flow = -1,
                         .condition = -1,
                         .initiator = -1,
                         .target = -1};
        size_t outer = reader_push(r, entry->key);
        int errors = reader_errors(r);
        r->silent++; /* the draft is no home for parameters */
        bool good = reader_section(r, &section_quantity, entry->value, &draft);
        r->silent--;
        quantity->label = draft.label;
        if (good && reader_errors(r) == errors) make(r, &draft, entry->value, quantity);
        if (good && reader_errors(r) == errors) add_thresholds(r, &draft, quantity);
        if (quantity->has_threshold) {
            size_t inner = reader_push(r, quantity->above ? "above" : "below");
            reader_param(r, &quantity->threshold, DIM_NUMBER, -INFINITY, INFINITY, true);
            reader_pop(r, inner);
        }
        reader_pop(r, outer);
    }
}

/* ---- output ----------------------------------------------------------------------------------------- */

static void read_output_ties(reader_t *r, const field_t *field, const node_t *node, void *at) {
    output_t *output = at;
    if (node->type == NODE_SCALAR && !strcmp(node->text, "all")) {
        output->all_ties = true;
        return;
    }
    if (node->type != NODE_LIST) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    output->ties = READER_NEW(r, node->n, int);
    for (int i = 0; i < node->n; i++) {
        int tie = reader_tie(r, node->items[i]);
        bool again = false;
        for (int k = 0; k < output->n_ties; k++) again |= output->ties[k] == tie;
        if (again && tie >= 0)
            reader_warning(r, node->items[i]->mark, "%s: this tie is given a second time", r->path);
        if (tie >= 0 && !again) output->ties[output->n_ties++] = tie;
    }
}
static const type_t type_output_ties = {
    SHAPE_OWN, "all, or a list of ties", read_output_ties,
    "{\"anyOf\": [{\"const\": \"all\"}, {\"type\": \"array\", \"items\": {\"type\": "
    "\"string\"}}]}"};

static void read_metrics(reader_t *r, const field_t *field, const node_t *node, void *at) {
    output_t *output = (output_t *)((char *)at - field->at);
    int n = node->type == NODE_LIST ? node->n : 1;
    output->metrics = READER_NEW(r, n, char *);
    for (int i = 0; i < n; i++) {
        int metric = reader_find(r, CATALOG_METRIC, node->type == NODE_LIST ? node->items[i] : node);
        if (metric >= 0)
            output->metrics[output->n_metrics++] = reader_text(r, catalog_name(r, CATALOG_METRIC, metric));
    }
}
static const type_t type_metrics = {SHAPE_NAMES, "names of metrics", read_metrics, NULL};

static const field_t precision_fields[] = {
    {"strength", &type_number, FIELD_STRUCTURAL, AT(output_t, precision), BETWEEN(0, 1), .fallback = "0.001",
     .what = "Absolute error of stored strengths and alignments; 0 stores exact values.", .example = "0.001"},
    {"trade", &type_number, FIELD_STRUCTURAL, AT(output_t, trade_precision), BETWEEN(0, 1),
     .fallback = "0.001", .what = "Relative error of stored trade.", .example = "0.001"},
};
static const section_t section_precision = {
    .name = "output.precision",
    .what = "Precision of stored trajectories (rounding makes files small).",
    SECTION_FIELDS(precision_fields)};

static const field_t metrics_fields[] = {
    {"every", &type_number, FIELD_STRUCTURAL, AT(output_t, metrics_every), .dimension = DIM_DURATION,
     POSITIVE, .fallback = "30 d", .what = "Interval between their times.", .example = "30 d"},
    {"of", &type_metrics, FIELD_REQUIRED, AT(output_t, metrics), .catalog = CATALOG_METRIC,
     .what = "Its name.", .example = "[density, balance]"},
};
static const section_t section_metrics = {
    .name = "output.metrics", .what = "Metrics of the network.", SECTION_FIELDS(metrics_fields)};

static const field_t output_fields[] = {
    {"every", &type_number, FIELD_STRUCTURAL, AT(output_t, every), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "1 week", .what = "Interval between the times of trajectories.", .example = "1 week"},
    {"events", &type_bool, 0, AT(output_t, events), .fallback = "true",
     .what = "Whether the event log is stored."},
    {"trajectories", &type_bool, 0, AT(output_t, trajectories), .fallback = "true",
     .what = "Whether trajectories are stored."},
    {"ties", &type_output_ties, 0, .unset = "the ties in quantities", .what = "The ties of the trajectories.",
     .example = "[KAZ-USA, UZB-USA]"},
    {"precision", &type_section, 0, .section = &section_precision, .what = "Precision of trajectories.",
     .example = "{strength: 0.001, trade: 0.001}"},
    {"metrics", &type_section, FIELD_LATENT, .section = &section_metrics, .unset = "none",
     .what = "Metrics of the network.", .example = "{every: 30 d, of: [density, balance]}"},
};
const section_t section_output = {
    .name = "output", .what = "What a run stores besides the summary.", SECTION_FIELDS(output_fields)};
