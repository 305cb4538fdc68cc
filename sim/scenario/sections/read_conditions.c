/* Conditions, and those in force at the start. */
#include "scenario/sections/read_kinds.h"

#include <string.h>

static const char *const places[] = {"tie", "actor"};

static const field_t condition_trade_fields[] = {
    {"shift", &type_number, FIELD_REQUIRED, AT(condition_t, log_trade_shift), ANY,
     .what = "Added to log trade while in force.", .example = "-1.2"},
    {"phase_in", &type_number, 0, AT(condition_t, phase_in), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .fallback = "0 d", .what = "Time of the linear rise to the full shift.", .example = "30 d"},
    {"tail", &type_number, 0, AT(condition_t, tail), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .fallback = "0 d", .what = "Time of the linear decline after the end.", .example = "8 y"},
};
static const section_t section_condition_trade = {.name = "condition.trade",
                                                  .what = "The effect of a condition on trade.",
                                                  SECTION_FIELDS(condition_trade_fields)};

static void read_place(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int place = 0;
    type_enum.read(r, field, node, &place);
    *(bool *)at = place == 1;
}
static const type_t type_place = {SHAPE_ENUM, "tie or actor", read_place, NULL};

static const char *const leavings[] = {"keeps", "ends"};

static void read_leaving(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int leaving = 0;
    type_enum.read(r, field, node, &leaving);
    *(bool *)at = leaving == 0;
}
static const type_t type_leaving = {SHAPE_ENUM, "keeps or ends", read_leaving, NULL};

static const field_t coalition_fields[] = {
    {"group", &type_name, FIELD_REQUIRED, AT(coalition_t, group), .catalog = CATALOG_GROUP,
     .what =
         "The group. Its members of each moment have what the lead imposes, as far as they have ties with "
         "the target.",
     .example = "EU27"},
    {"lead", &type_name, FIELD_REQUIRED, AT(coalition_t, lead), .catalog = CATALOG_ACTOR,
     .what = "Who decides for all. The other members' own events cannot start or end the condition.",
     .example = "EU"},
    {"leaving", &type_leaving, 0, AT(coalition_t, keeps), .fallback = "keeps", NAMES(leavings),
     .what =
         "What becomes of the condition for a member that leaves the group: it keeps it as its own, or it "
         "ends.",
     .example = "ends"},
};
static const section_t section_coalition = {.name = "coalition",
                                            .what = "Several senders of a directed condition.",
                                            SECTION_FIELDS(coalition_fields)};

static void finish_condition(reader_t *r, void *base, const node_t *node) {
    const condition_t *condition = base;
    if (!node) return;
    if (condition->directed && condition->on_actor)
        reader_error(r, node_entry(node, "directed")->mark,
                     "%s.directed: a condition on an actor has no sender; let it be on a tie", r->path);
    if (condition->n_coalitions && !condition->directed)
        reader_error(r, node_entry(node, "coalitions")->mark,
                     "%s.coalitions: only a directed condition has senders; give directed: true", r->path);
}
static const field_t condition_fields[] = {
    {"on", &type_place, 0, AT(condition_t, on_actor), .fallback = "tie", NAMES(places),
     .what = "Whether it holds on a tie or on an actor (then on all of the actor's ties).", .example = "tie"},
    {"directed", &type_bool, 0, AT(condition_t, directed), .fallback = "false",
     .what =
         "Whether one actor of the tie, its sender, imposes it on the other. Each may impose it, and only "
         "the sender ends it.",
     .example = "true"},
    {"coalitions", &type_list, 0, ITEMS(condition_t, coalitions, n_coalitions, coalition_t),
     .section = &section_coalition, .unset = "none",
     .what = "Of a directed condition: groups whose members impose and end it together.",
     .example = "[{group: EU27, lead: EU}]"},
    {"alignment_shift", &type_number, 0, AT(condition_t, alignment_shift), BETWEEN(-2, 2), .fallback = "0",
     .what = "Added to the tie's baseline while in force. The alignment follows with the half-life "
             "ties.relax.alignment; for a drop within months use the `lasting` of the event that starts it.",
     .example = "-0.5"},
    {"trade", &type_section, FIELD_LATENT, .section = &section_condition_trade,
     .what = "Its effect on trade.", .example = "{shift: -1.2, phase_in: 30 d, tail: 8 y}"},
    {"duration", &type_dist, 0, AT(condition_t, duration), HAS(condition_t, has_duration),
     .dimension = DIM_DURATION, NOT_NEGATIVE, .unset = "until an event ends it", .what = "Duration.",
     .example = "{exponential: {mean: 3 y}}"},
    {"label", &type_text, 0, AT(condition_t, label), .unset = "the name", .what = "Name in tables and plots.",
     .example = "Financial sanctions"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_ignored, 0, .what = "Source of the figures."},
};
const section_t section_condition = {.name = "condition",
                                     .what =
                                         "A standing condition: sanctions, a conflict, an accord in force.",
                                     SECTION_FIELDS(condition_fields),
                                     .finish = finish_condition};

void read_conditions(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to conditions, or {from: FILE}")) {
        r->missing[CATALOG_CONDITION] = true;
        return;
    }
    node = reader_merge_from(r, node, "conditions");
    model_t *model = r->model;
    model->conditions = READER_NEW(r, node->n, condition_t);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        reader_check_name(r, "a condition", entry->key, entry->mark, ". \t/");
        condition_t *condition = &model->conditions[model->n_conditions++];
        condition->name = reader_text(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        reader_section(r, &section_condition, node_is_null(entry->value) ? NULL : entry->value, condition);
        reader_pop(r, outer);
    }
}

/* ---- conditions in force at the start --------------------------------------------------------------- */

/* "KAZ-USA"; of a directed condition "USA -> KAZ". */
static void read_directed_tie(reader_t *r, const field_t *field, const node_t *node, void *at) {
    condition_start_t *start = (condition_start_t *)((char *)at - field->at);
    int from, to;
    start->tie = reader_tie(r, node);
    start->flow = -1;
    if (start->tie < 0 || !strstr(node->text, "->") || !reader_pair(r, node, &from, &to)) return;
    start->flow = 2 * start->tie + (r->model->ties[start->tie].a == from ? 0 : 1);
}
const type_t type_directed_tie = {SHAPE_OWN, "a tie such as KAZ-USA, or a direction such as USA -> KAZ",
                                  read_directed_tie, "{\"type\": \"string\"}"};

static const field_t start_fields[] = {
    {"condition", &type_name, FIELD_REQUIRED, AT(condition_start_t, condition), .catalog = CATALOG_CONDITION,
     .what = "Its name.", .example = "conflict"},
    {"tie", &type_directed_tie, 0, AT(condition_start_t, tie),
     .what = "The tie; of a directed condition from its sender to its target.", .example = "RUS-UKR"},
    {"actor", &type_name, 0, AT(condition_start_t, actor), .catalog = CATALOG_ACTOR, .what = "Or the actor.",
     .example = "AFG"},
    {"since", &type_date, 0, AT(condition_start_t, since), .unset = "the start",
     .what = "Date of its beginning, which sets its phase-in.", .example = "2022-02-24"},
    {"label", &type_ignored, 0, .unset = "the condition and its place", .what = "Name in tables and plots."},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_ignored, 0, .what = "Source."},
};

void read_start_finish(reader_t *r, void *base, const node_t *node) {
    condition_start_t *start = base;
    if (node->type != NODE_MAPPING) return;
    bool tie = node_get(node, "tie"), actor = node_get(node, "actor");
    if (!tie) start->tie = -1;
    if (!actor) start->actor = -1;
    if (isnan(start->since)) start->since = 0;
    if (start->since > 0 && !r->period_missing)
        reader_error(r, node_get(node, "since")->mark,
                     "%s.since is after the start; let an event or an intervention start it", r->path);
    if (!node_get(node, "condition") || start->condition < 0) return;
    const condition_t *condition = &r->model->conditions[start->condition];
    if (tie == actor || condition->on_actor != actor)
        reader_error(r, node->mark, "%s: %s holds on %s; name that with `%s`", r->path, condition->name,
                     condition->on_actor ? "an actor" : "a tie", condition->on_actor ? "actor" : "tie");
    else if (tie && start->tie >= 0 && condition->directed != (start->flow >= 0))
        reader_error(r, node_get(node, "tie")->mark,
                     condition->directed
                         ? "%s.tie: %s is directed; write its sender and its target: USA -> RUS"
                         : "%s.tie: %s has no direction; write RUS-USA",
                     r->path, condition->name);
}
const section_t section_ongoing = {.name = "ongoing",
                                   .what = "A condition in force at the start.",
                                   SECTION_FIELDS(start_fields),
                                   .finish = read_start_finish};
