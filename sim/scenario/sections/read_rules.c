#include "scenario/sections/read_rules.h"

#include <string.h>

/* ---- which keys go together ------------------------------------------------------------------------- */

/* A rule has one head; the other keys go with some heads. */
enum {
    HEAD_STRENGTH = 1,
    HEAD_ALIGNMENT = 2,
    HEAD_TRADE = 4,
    HEAD_ATTRIBUTE = 8,
    HEAD_CONDITION = 16,
    HEAD_COUNT = 32,
    HEAD_ENTRY = 64,
    HEAD_DATE = 128,
    HEAD_NOT = 256,
    HEAD_ALL = 512,
    HEAD_ANY = 1024,
    HEAD_OF = 2048,
    HEAD_MEMBERS = 4096,
    HEADS_STATE = HEAD_STRENGTH | HEAD_ALIGNMENT | HEAD_TRADE
};

static const struct {
    const char *key;
    int head;
    rule_type_t type;
} heads[] = {
    {"strength", HEAD_STRENGTH, RULE_STRENGTH},
    {"alignment", HEAD_ALIGNMENT, RULE_ALIGNMENT},
    {"trade", HEAD_TRADE, RULE_TRADE},
    {"attribute", HEAD_ATTRIBUTE, RULE_ATTRIBUTE},
    {"condition", HEAD_CONDITION, RULE_CONDITION},
    {"count", HEAD_COUNT, RULE_COUNT},
    {"entry", HEAD_ENTRY, RULE_ENTRY},
    {"after", HEAD_DATE, RULE_DATE},
    {"before", HEAD_DATE, RULE_DATE},
    {"not", HEAD_NOT, RULE_NOT},
    {"all", HEAD_ALL, RULE_SOME},
    {"any", HEAD_ANY, RULE_SOME},
    {"of", HEAD_OF, RULE_SOME},
    {"members", HEAD_MEMBERS, RULE_MEMBERS},
};
enum { N_HEADS = sizeof heads / sizeof *heads };

static const struct {
    const char *key, *with;
    int heads;
} others[] = {
    {"above", "strength, alignment, trade, attribute", HEADS_STATE | HEAD_ATTRIBUTE},
    {"below", "strength, alignment, trade, attribute", HEADS_STATE | HEAD_ATTRIBUTE},
    {"tie", "condition, count", HEAD_CONDITION | HEAD_COUNT},
    {"actor", "attribute, condition", HEAD_ATTRIBUTE | HEAD_CONDITION},
    {"initiator", "count", HEAD_COUNT},
    {"target", "count", HEAD_COUNT},
    {"successful", "count", HEAD_COUNT},
    {"within", "count", HEAD_COUNT},
    {"from", "count", HEAD_COUNT},
    {"until", "count", HEAD_COUNT},
    {"is", "entry", HEAD_ENTRY},
    {"at_least", "count, of, members", HEAD_COUNT | HEAD_OF | HEAD_MEMBERS},
    {"share", "members", HEAD_MEMBERS},
    {"weight", "members", HEAD_MEMBERS},
    {"each", "members", HEAD_MEMBERS},
};
enum { N_OTHERS = sizeof others / sizeof *others };

/* Its head, 0 after reporting. */
static int head_of(reader_t *r, const node_t *node, rule_t *rule) {
    int head = 0, n = 0;
    for (int h = 0; h < N_HEADS; h++) {
        if (!node_get(node, heads[h].key)) continue;
        n += heads[h].head != head;
        head = heads[h].head;
        rule->type = heads[h].type;
    }
    if (n == 1) return head;
    reader_error(
        r, node->mark,
        "%s: a rule has exactly one of strength, alignment, trade, attribute, condition, count, entry, "
        "after or before, not, all, any, of, members; combine several with all: [...]",
        r->path);
    return 0;
}

static bool refuse_others(reader_t *r, const node_t *node, int head) {
    int errors = reader_errors(r);
    for (int o = 0; o < N_OTHERS; o++) {
        const entry_t *entry = node_entry(node, others[o].key);
        if (entry && !(others[o].heads & head))
            reader_error(r, entry->mark, "%s.%s goes with %s", r->path, others[o].key, others[o].with);
    }
    return reader_errors(r) == errors;
}

/* ---- references ------------------------------------------------------------------------------------- */

static void read_actor(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int *actor = at;
    const char *word = node->type == NODE_SCALAR ? node->text : "";
    if (r->rule.in_each && !strcmp(word, "member"))
        *actor = r->rule.member;
    else if (r->rule.own && !strcmp(word, "initiator"))
        *actor = RULE_OF_INITIATOR;
    else if (r->rule.own && !strcmp(word, "target"))
        *actor = RULE_OF_TARGET;
    else
        *actor = reader_find(r, field->catalog, node);
}
static const type_t type_rule_actor = {SHAPE_OWN, "name of an actor, or initiator, target, member",
                                       read_actor, "{\"type\": \"string\"}"};

static void read_tie(reader_t *r, const field_t *field, const node_t *node, void *at) {
    rule_t *rule = (rule_t *)((char *)at - field->at);
    int *tie = &rule->tie;
    if (r->rule.own && node->type == NODE_SCALAR && !strcmp(node->text, "own")) {
        *tie = RULE_OWN_TIE;
        return;
    }
    const char *text = node->type == NODE_SCALAR ? node->text : "", *arrow = strstr(text, "->");
    if (r->rule.own && rule->type == RULE_CONDITION &&
        (!strcmp(text, "initiator -> target") || !strcmp(text, "target -> initiator"))) {
        *tie = RULE_OWN_TIE;
        rule->flow = text[0] == 'i' ? RULE_OWN_FLOW : RULE_OWN_BACK;
        return;
    }
    if ((rule->type != RULE_TRADE && rule->type != RULE_CONDITION) || !arrow) {
        *tie = reader_tie(r, node);
        return;
    }
    int from, to;
    if (!reader_pair(r, node, &from, &to) || from < 0 || to < 0) return;
    *tie = r->tie_of ? r->tie_of[from * r->model->n_actors + to] : -1;
    if (*tie >= 0) rule->flow = 2 * *tie + (r->model->ties[*tie].a == from ? 0 : 1);
    if (*tie < 0 && !r->ties_missing) (void)reader_tie(r, node); /* to report it */
}
static const type_t type_rule_tie = {SHAPE_OWN, "a tie such as KAZ-USA, or own", read_tie,
                                     "{\"type\": \"string\"}"};
static const type_t type_rule_flow = {SHAPE_OWN, "a tie such as KAZ-USA, a flow such as KAZ -> USA, or own",
                                      read_tie, "{\"type\": \"string\"}"};

static void read_entry(reader_t *r, const field_t *field, const node_t *node, void *at) {
    rule_entry_t *waiting = READER_APPEND(r, r->rule.entries, r->rule.n_entries, rule_entry_t);
    *waiting = (rule_entry_t){node, (rule_t *)((char *)at - field->at), reader_text(r, r->path)};
}
static const type_t type_rule_entry = {SHAPE_NAME, "name of a calendar entry", read_entry, NULL};

static void read_bound(reader_t *r, const field_t *field, const node_t *node, void *at) {
    const rule_t *rule = (const rule_t *)((const char *)at - field->at);
    bool money = rule->type == RULE_TRADE, any = money || rule->type == RULE_ATTRIBUTE;
    dimension_t dimension = money ? DIM_MONEY : DIM_NUMBER;
    double low = money ? 0 : any ? -INFINITY : -1, high = any ? INFINITY : 1, *value = at;
    if (reader_number(r, node, dimension, low, high, value))
        reader_param(r, value, dimension, low, high, false);
    else
        *value = 0;
}
static const type_t type_bound = {SHAPE_OWN, "a number in the state's unit", read_bound,
                                  "{\"type\": [\"number\", \"string\"]}"};

static void read_day(reader_t *r, const field_t *field, const node_t *node, void *at) {
    type_date.read(r, field, node, at);
}
static const type_t type_day = {SHAPE_OWN, "a date", read_day, "{\"type\": \"string\"}"};

/* ---- parts ------------------------------------------------------------------------------------------ */

static void read_one(reader_t *r, const node_t *node, rule_t *rule);

static void read_parts(reader_t *r, const field_t *field, const node_t *node, void *at) {
    rule_t *rule = (rule_t *)((char *)at - field->at);
    if (!reader_is_list(r, node, field->type->expected)) return;
    if (node->n == 0) reader_error(r, node->mark, "%s is empty: a list of rules is expected", r->path);
    rule->parts = READER_NEW(r, node->n, rule_t);
    rule->n_parts = node->n;
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push_index(r, i);
        read_one(r, node->items[i], &rule->parts[i]);
        reader_pop(r, outer);
    }
}
static const type_t type_parts = {SHAPE_LIST, "a list of rules", read_parts, NULL};

static void read_part(reader_t *r, const field_t *field, const node_t *node, void *at) {
    rule_t *rule = (rule_t *)((char *)at - field->at);
    if (!node) return;
    rule->parts = READER_NEW(r, 1, rule_t);
    rule->n_parts = 1;
    read_one(r, node, rule->parts);
}
static const type_t type_part = {SHAPE_SECTION, "a mapping", read_part, NULL};

static bool is_listed(const rule_t *rule, int actor) {
    return in_list(rule->n_parts, rule->members, actor);
}

/* One part for each actor that is ever a member; a problem is reported once. */
static void read_each(reader_t *r, const field_t *field, const node_t *node, void *at) {
    rule_t *rule = (rule_t *)((char *)at - field->at);
    if (!node || rule->group < 0) return;
    const group_t *group = &r->model->groups[rule->group];
    rule->parts = READER_NEW(r, group->n_members, rule_t);
    rule->members = READER_NEW(r, group->n_members, int);
    bool outer = r->rule.in_each;
    int member = r->rule.member, errors = reader_errors(r);
    r->rule.in_each = true;
    r->silent++;
    for (int m = 0; m < group->n_members && reader_errors(r) == errors; m++) {
        if (is_listed(rule, group->members[m].actor)) continue;
        r->rule.member = rule->members[rule->n_parts] = group->members[m].actor;
        read_one(r, node, &rule->parts[rule->n_parts++]);
    }
    r->silent--;
    r->rule.in_each = outer;
    r->rule.member = member;
}
static const type_t type_each = {SHAPE_SECTION, "a mapping", read_each, NULL};

/* ---- the keys --------------------------------------------------------------------------------------- */

#define TIE_HEAD(name_, what_, ...) \
    { name_, &type_rule_tie, 0, AT(rule_t, tie), .what = what_, __VA_ARGS__ }

static const field_t rule_fields[] = {
    TIE_HEAD("strength", "Strength of that tie. In a rule of an event `own` is the event's own tie.",
             .example = "KAZ-USA"),
    TIE_HEAD("alignment", "Or its alignment.", .example = "KAZ-USA"),
    {"trade", &type_rule_flow, 0, AT(rule_t, tie),
     .what = "Or trade of a tie (both ways) or of one flow, USD a year.", .example = "KAZ -> USA"},
    {"attribute", &type_name, 0, AT(rule_t, attribute), .catalog = CATALOG_ACTOR_ATTRIBUTE,
     .what = "Or an attribute of `actor`.", .example = "farm"},
    {"above", &type_bound, 0, AT(rule_t, above), .what = "It is above this.", .example = "0.6"},
    {"below", &type_bound, 0, AT(rule_t, below), .what = "It is below this. With both it is between.",
     .example = "0.1"},
    {"condition", &type_name, 0, AT(rule_t, condition), .catalog = CATALOG_CONDITION,
     .what = "Or this condition is in force on `tie` or `actor`. In a rule of an event without either: on "
             "the event's own tie or actors.",
     .example = "conflict"},
    {"count", &type_names, 0, .at = offsetof(rule_t, kinds), .count = offsetof(rule_t, n_kinds),
     .catalog = CATALOG_KIND, .what = "Or `at_least` so many events of any of these types have occurred.",
     .example = "[attack, raid]"},
    TIE_HEAD(
        "tie",
        "The condition's tie; of a directed condition also `USA -> RUS`: imposed by the first on the second, "
        "and in a rule of an event `initiator -> target`, `target -> initiator`. Of a count, only events of "
        "its two actors.",
        .example = "RUS-UKR"),
    {"actor", &type_rule_actor, 0, AT(rule_t, actor), .catalog = CATALOG_ACTOR,
     .what = "The actor of an attribute or a condition. In `each`, `member` is the member in question; in a "
             "rule of an event, `initiator` and `target` are the event's.",
     .example = "AFG"},
    {"initiator", &type_rule_actor, 0, AT(rule_t, initiator), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events that it initiates (hosts); of an undirected type, in which it takes part.",
     .example = "USA"},
    {"target", &type_rule_actor, 0, AT(rule_t, target), .catalog = CATALOG_ACTOR, .unset = "anyone",
     .what = "Only events with this target; of an undirected type, in which it takes part.",
     .example = "KAZ"},
    {"successful", &type_bool, 0, AT(rule_t, successful), .fallback = "false",
     .what = "Only events that succeeded."},
    {"within", &type_number, 0, AT(rule_t, within), .dimension = DIM_DURATION, POSITIVE, .unset = "all",
     .what = "Only events of the last so many days.", .example = "90 d"},
    {"from", &type_day, 0, AT(rule_t, from), .unset = "the start",
     .what = "Only events from this date on; before the start it counts the history too.",
     .example = "2026-03-01"},
    {"until", &type_day, 0, AT(rule_t, until), .unset = "the end", .what = "Only events before this date.",
     .example = "2026-06-01"},
    {"entry", &type_rule_entry, 0, AT(rule_t, entry), .catalog = CATALOG_CALENDAR,
     .what = "Or what has become of this calendar entry.", .example = "g20-miami"},
    {"is", &type_enum, 0, AT(rule_t, is), .fallback = "held", NAMES(fate_names),
     .what =
         "It was held; it was held and succeeded, or failed; or the day after its date has begun and it was "
         "not held.",
     .example = "succeeded"},
    {"after", &type_day, 0, AT(rule_t, from), .what = "Or the date is this or later.",
     .example = "2026-03-01"},
    {"before", &type_day, 0, AT(rule_t, until),
     .what = "Or the date is before this. With both it is between.", .example = "2026-06-01"},
    {"not", &type_part, FIELD_LATENT, .section = &section_rule, .what = "Or this rule does not hold.",
     .example = "{condition: conflict, tie: RUS-UKR}"},
    {"all", &type_parts, 0, .section = &section_rule, .what = "Or all of these rules hold.",
     .example = "[{after: 2026-03-01}, {strength: KAZ-USA, above: 0.5}]"},
    {"any", &type_parts, 0, .section = &section_rule, .what = "Or any of them.",
     .example = "[{entry: first-vote, is: succeeded}, {entry: second-vote, is: succeeded}]"},
    {"of", &type_parts, 0, .section = &section_rule, .what = "Or `at_least` so many of them.",
     .example = "[{entry: a}, {entry: b}, {entry: c}]"},
    {"members", &type_name, 0, AT(rule_t, group), .catalog = CATALOG_GROUP,
     .what = "Or `each` holds for enough of the group's members of that moment.", .example = "Mercosur"},
    {"each", &type_each, FIELD_LATENT, .section = &section_rule,
     .what = "The rule about one of them, called `member`.",
     .example = "{count: ratification, initiator: member}"},
    {"at_least", &type_int, 0, AT(rule_t, at_least), BETWEEN(1, 1000),
     .unset = "1 event; all members, unless `share` is given",
     .what = "Smallest number of events, rules or members.", .example = "3"},
    {"share", &type_number, 0, AT(rule_t, share), BETWEEN(0, 1), .unset = "any",
     .what = "Smallest share of the members' weight.", .example = "0.65"},
    {"weight", &type_name, 0, AT(rule_t, attribute), .catalog = CATALOG_ACTOR_ATTRIBUTE, .unset = "equal",
     .what = "The attribute that is a member's weight.", .example = "population"},
};
const section_t section_rule = {
    .name = "rule",
    .what =
        "A statement that holds or does not: on the state, on events so far, on the date, or on other rules.",
    SECTION_FIELDS(rule_fields)};

/* ---- one rule --------------------------------------------------------------------------------------- */

static void need(reader_t *r, const node_t *node, bool good, const char *what) {
    if (!good) reader_error(r, node->mark, "%s: %s", r->path, what);
}

/* The weights of a quorum: every member has a figure, of 0 or more. */
static void check_weights(reader_t *r, const node_t *node, const rule_t *rule) {
    for (int p = 0; p < rule->n_parts && rule->attribute >= 0; p++) {
        const actor_t *actor = &r->model->actors[rule->members[p]];
        double weight = actor->attributes[rule->attribute];
        if (weight >= 0) continue;
        reader_error(r, node_get(node, "weight")->mark,
                     "%s.weight: %s has no %s, or a negative one; give it a figure", r->path, actor->name,
                     r->model->actor_attributes[rule->attribute]);
        return;
    }
}

static void check_condition(reader_t *r, const node_t *node, rule_t *rule) {
    bool tie = node_get(node, "tie"), actor = node_get(node, "actor");
    if (!tie && !actor && r->rule.own) rule->tie = RULE_OWN_TIE;
    need(r, node, tie + actor == 1 || (r->rule.own && !tie && !actor),
         "the condition's tie or actor is missing, or both are given; name one");
    if (rule->flow != -1 && rule->condition >= 0 && !r->model->conditions[rule->condition].directed)
        reader_error(r, node_get(node, "tie")->mark, "%s.tie: %s has no direction; name the tie: RUS-USA",
                     r->path, r->model->conditions[rule->condition].name);
    if (actor && rule->condition >= 0 && !r->model->conditions[rule->condition].on_actor)
        reader_error(r, node_entry(node, "actor")->mark, "%s: %s holds on a tie; name that with `tie`",
                     r->path, r->model->conditions[rule->condition].name);
}

static void check_rule(reader_t *r, const node_t *node, rule_t *rule, int head) {
    bool bound = node_get(node, "above") || node_get(node, "below");
    if (isnan(rule->within)) rule->within = INFINITY;
    if (head & (HEADS_STATE | HEAD_ATTRIBUTE)) need(r, node, bound, "above or below is expected");
    need(r, node, !(rule->above >= rule->below), "above is not less than below: it can never hold");
    need(r, node, rule->from < rule->until, "the window ends before it begins: it can never hold");
    if (head == HEAD_ATTRIBUTE)
        need(r, node, node_get(node, "actor"), "the actor of the attribute is missing");
    if (head == HEAD_CONDITION) check_condition(r, node, rule);
    if (head == HEAD_COUNT && !node_get(node, "from")) rule->from = 0;
    if (head == HEAD_OF)
        need(r, node, node_get(node, "at_least"), "at_least is missing; say how many of them");
    if (head == HEAD_OF && rule->at_least > rule->n_parts)
        reader_error(r, node_get(node, "at_least")->mark, "%s.at_least is %d of %d rules: it can never hold",
                     r->path, rule->at_least, rule->n_parts);
    if (head == HEAD_ALL) rule->at_least = rule->n_parts;
    if (head != HEAD_MEMBERS) return;
    need(r, node, node_get(node, "each"), "`each`, the rule about a member, is missing");
    need(r, node, !node_get(node, "weight") || node_get(node, "share"), "weight goes with share");
    if (!node_get(node, "at_least")) rule->at_least = 0;
    check_weights(r, node, rule);
}

static void read_one(reader_t *r, const node_t *node, rule_t *rule) {
    *rule = rule_none();
    if (!reader_is_mapping(r, node, "a rule, a mapping,")) return;
    int errors = reader_errors(r), head = head_of(r, node, rule);
    bool fits = head && refuse_others(r, node, head);
    reader_section(r, &section_rule, node, rule);
    if (fits && reader_errors(r) == errors) check_rule(r, node, rule, head);
}

static void read_rule(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!node) return;
    rule_t *rule = READER_NEW(r, 1, rule_t);
    bool outer = r->rule.own;
    r->rule.own = field->type == &type_event_rule;
    read_one(r, node, rule);
    r->rule.own = outer;
    *(rule_t **)at = rule;
}
const type_t type_rule = {SHAPE_SECTION, "a mapping", read_rule, NULL};
const type_t type_event_rule = {SHAPE_SECTION, "a mapping", read_rule, NULL};

/* Entries are known only after the event types whose rules name them. */
void read_rules_entries(reader_t *r) {
    for (int n = 0; n < r->rule.n_entries; n++) {
        const rule_entry_t *waiting = &r->rule.entries[n];
        size_t outer = reader_push(r, waiting->path);
        int entry = waiting->rule->entry = reader_find(r, CATALOG_CALENDAR, waiting->node);
        if (entry >= 0 && waiting->rule->is == FATE_NOT_HELD && node_get(r->entry_nodes[entry], "after"))
            reader_error(r, waiting->node->mark,
                         "%s: %s has no date, as an intervention adds it; use not: {entry: %s}", r->path,
                         r->model->calendar[entry].id, r->model->calendar[entry].id);
        reader_pop(r, outer);
    }
}
