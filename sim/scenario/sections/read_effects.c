/* The effects and consequences of an event type. */
#include "scenario/sections/read_kinds.h"
#include "scenario/sections/read_rules.h"

#include <stdio.h>
#include <string.h>

/* ---- strength and trade ----------------------------------------------------------------------------- */

static void read_mediator_pair(reader_t *r, kind_t *kind, const role_t pair[2], const entry_t *entry) {
    role_t other = pair[0] == ROLE_MEDIATOR ? pair[1] : pair[0];
    size_t outer = reader_push(r, entry->key);
    if (other > ROLE_TARGET)
        reader_error(r, entry->mark, "%s: a mediator's pairs are initiator-mediator and target-mediator",
                     r->path);
    else if (reader_number(r, entry->value, DIM_NUMBER, -10, 10, &kind->mediator_weight[other]))
        reader_param(r, &kind->mediator_weight[other], DIM_NUMBER, -10, 10, false);
    reader_pop(r, outer);
}

/* {host-member: 1, member-member: 0.3}: symmetric; a pair that is not named keeps its default. The
 * parameter is the cell [lower role][higher role]. */
static void read_pairs(reader_t *r, const field_t *field, const node_t *node, void *at) {
    kind_t *kind = at;
    kind->pair_weight[ROLE_INITIATOR][ROLE_TARGET] = kind->pair_weight[ROLE_TARGET][ROLE_INITIATOR] = 1;
    kind->pair_weight[ROLE_INITIATOR][ROLE_MEMBER] = kind->pair_weight[ROLE_MEMBER][ROLE_INITIATOR] = 1;
    kind->pair_weight[ROLE_INITIATOR][ROLE_GUEST] = kind->pair_weight[ROLE_GUEST][ROLE_INITIATOR] = 1;
    if (!node) return;
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        role_t pair[2] = {ROLE_N, ROLE_N};
        node_t name = {.type = NODE_SCALAR, .mark = entry->mark, .text = entry->key};
        type_role_pair.read(r, &(field_t){.type = &type_role_pair}, &name, pair);
        if (pair[1] == ROLE_N) continue;
        if (pair[0] == ROLE_MEDIATOR || pair[1] == ROLE_MEDIATOR) {
            read_mediator_pair(r, kind, pair, entry);
            continue;
        }
        int low = pair[0] < pair[1] ? (int)pair[0] : (int)pair[1], high = (int)(pair[0] + pair[1]) - low;
        size_t outer = reader_push(r, entry->key);
        double *weight = &kind->pair_weight[low][high];
        if (reader_number(r, entry->value, DIM_NUMBER, -10, 10, weight))
            reader_param(r, weight, DIM_NUMBER, -10, 10, false);
        kind->pair_weight[high][low] = *weight;
        reader_pop(r, outer);
    }
}
static const type_t type_pairs = {SHAPE_OWN, "a mapping from pairs of roles such as host-guest to factors",
                                  read_pairs,
                                  "{\"type\": \"object\", \"patternProperties\": {\"^" ROLE_PATTERN
                                  "-" ROLE_PATTERN "$\": {\"type\": \"number\"}}, "
                                  "\"additionalProperties\": false}"};

static const field_t shock_fields[] = {
    {"shock", &type_number, FIELD_REQUIRED, AT(kind_t, trade_shock), ANY,
     .what = "Added to log trade in both directions at the event.", .example = "0.04"},
    {"half_life", &type_number, FIELD_REQUIRED, AT(kind_t, trade_shock_half_life), .dimension = DIM_DURATION,
     POSITIVE, .what = "Half-life of the shock.", .example = "0.5 y"},
};
static const section_t section_shock = {
    .name = "effect.trade", .what = "A temporary shock to trade.", SECTION_FIELDS(shock_fields)};

static const field_t tariff_change_fields[] = {
    {"rate", &type_number, FIELD_REQUIRED, AT(tariff_change_t, rate), .dimension = DIM_SHARE,
     BETWEEN(-10, 10), .what = "The tariff, or what `how` says.", .example = "25 %"},
    {"how", &type_enum, 0, AT(tariff_change_t, how), .fallback = "set", .names = tariff_change_names,
     .n_names = TARIFF_CHANGE_N,
     .what = "`set`: the rate is the tariff; `add`: it is added to what the tariff is; `match`: it is the "
             "part of "
             "the target's tariff on the initiator's goods that the initiator takes (retaliation).",
     .example = "match"},
    {"phase_in", &type_number, 0, AT(tariff_change_t, phase_in), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .fallback = "0 d", .what = "Time over which the tariff changes linearly.", .example = "90 d"},
};
static const section_t section_tariff_change = {
    .name = "effect.tariff",
    .what = "A change of the initiator's tariff on goods of the target, by a successful event.",
    SECTION_FIELDS(tariff_change_fields)};

static const field_t effect_fields[] = {
    {"goldstein", &type_number, 0, AT(kind_t, goldstein), BETWEEN(-10, 10), .fallback = "0",
     .what = "Weight on Goldstein's scale; the gain g is weight / gain_divisor x level.", .example = "2.8"},
    {"lasting", &type_number, 0, AT(kind_t, lasting), BETWEEN(0, 1), .fallback = "0",
     .what = "Share of g that also moves the alignment.", .example = "0.1"},
    {"failure", &type_number, 0, AT(kind_t, failure), BETWEEN(-10, 10), .fallback = "0",
     .what = "Factor on g if the event fails.", .example = "0.3"},
    {"spillover", &type_number, 0, AT(kind_t, spillover), BETWEEN(0, 1), .fallback = "0",
     .what = "Share of g that moves the target's ties with the initiator's friends (and, reversed, rivals).",
     .example = "0.05"},
    {"pairs", &type_pairs, FIELD_ABSENT_TOO,
     .unset = "initiator-target 1, host-member 1, host-guest 1, others 0",
     .what = "Factors on g by pair of roles.",
     .example = "{host-member: 1, host-guest: 0.8, member-member: 0.3}"},
    {"trade", &type_section, FIELD_LATENT, .section = &section_shock, .unset = "none",
     .what = "A temporary shock to trade.", .example = "{shock: 0.04, half_life: 0.5 y}"},
    {"tariff", &type_section, FIELD_LATENT, AT(kind_t, tariff), HAS(kind_t, tariff.on),
     .section = &section_tariff_change, .unset = "none",
     .what = "A change of the initiator's tariff on goods of the target.",
     .example = "{rate: 25 %, phase_in: 90 d}"},
};
const section_t section_effect = {.name = "effect",
                                  .what = "What an event does to strength, alignment and trade.",
                                  SECTION_FIELDS(effect_fields)};

/* ---- deals ------------------------------------------------------------------------------------------ */

static void read_share(reader_t *r, const field_t *field, const node_t *node, void *at) {
    static const char *const words[] = {"target", "both", "initiator"};
    double *share = at;
    for (int i = 0; i < 3; i++) {
        if (node->type != NODE_SCALAR || strcmp(node->text, words[i]) != 0) continue;
        *share = i / 2.0;
        reader_param(r, share, DIM_NUMBER, 0, 1, false);
        return;
    }
    double number;
    if (node->type == NODE_SCALAR && strspn(node->text, "0123456789.") > 0 &&
        reader_number(r, node, DIM_NUMBER, 0, 1, &number)) {
        *share = number;
        reader_param(r, share, DIM_NUMBER, 0, 1, false);
        return;
    }
    if (node->type != NODE_SCALAR || strspn(node->text, "0123456789.") == 0)
        reader_expected(r, node, field->type->expected);
}
static const type_t type_share = {
    SHAPE_OWN, "initiator, target, both, or the initiator's share from 0 to 1", read_share,
    "{\"anyOf\": [{\"enum\": [\"initiator\", \"target\", \"both\"]}, {\"type\": \"number\", "
    "\"minimum\": 0, \"maximum\": 1}]}"};

static const field_t deal_fields[] = {
    {"delivered", &type_dist, FIELD_REQUIRED, AT(deal_t, delivered), BETWEEN(0, 1),
     .what = "Share of the value that is delivered.", .example = "{beta: {mean: 0.3, concentration: 4}}"},
    {"duration", &type_dist, FIELD_REQUIRED, AT(deal_t, duration), .dimension = DIM_DURATION, POSITIVE,
     .what = "Time of the even delivery; less than a day counts as a day.", .example = "5 y"},
    {"lag", &type_dist, 0, AT(deal_t, lag), .dimension = DIM_DURATION, NOT_NEGATIVE, .fallback = "0 d",
     .what = "Time from the event to the first delivery.", .example = "{gamma: {mean: 300 d, shape: 2}}"},
    {"exports", &type_share, 0, AT(deal_t, initiator_share), .fallback = "both",
     .what = "Whose exports it adds to: the initiator's, the target's, half each, or the initiator's share.",
     .example = "initiator"},
};
const section_t section_deal = {.name = "deal",
                                .what = "A deal: a share of the event's value is delivered over some time.",
                                SECTION_FIELDS(deal_fields)};

/* ---- conditions, membership, presence --------------------------------------------------------------- */

static const field_t condition_change_fields[] = {
    {"condition", &type_name, FIELD_REQUIRED, AT(condition_change_t, condition), .catalog = CATALOG_CONDITION,
     .what = "Its name.", .example = "conflict"},
    {"who", &type_party, 0, AT(condition_change_t, who), .fallback = "initiator",
     .what = "The role it concerns, for a condition on an actor; of a directed one the sender.",
     .example = "target"},
};
const section_t section_condition_change = {.name = "condition change",
                                            .what = "A condition that an event starts or ends.",
                                            SECTION_FIELDS(condition_change_fields),
                                            .shorthand = "condition"};

/* Reads one section an item into a growing array of the kind; `which` marks where it came from. */
#define READ_CHANGES(items_, count_, item_type, which)                       \
    do {                                                                     \
        if (!reader_is_list(r, node, field->type->expected)) return;         \
        for (int i = 0; i < node->n; i++) {                                  \
            size_t outer = reader_push_item(r, node, i);                     \
            item_type *change = READER_APPEND(r, items_, count_, item_type); \
            reader_section(r, field->section, node->items[i], change);       \
            change->which = field->count != 0;                               \
            reader_pop(r, outer);                                            \
        }                                                                    \
    } while (0)

static void read_condition_changes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    kind_t *kind = at;
    READ_CHANGES(kind->conditions, kind->n_conditions, condition_change_t, starts);
}
const type_t type_condition_changes = {SHAPE_LIST, "a list of conditions", read_condition_changes, NULL};

static void finish_membership(reader_t *r, void *base, const node_t *node) {
    (void)r;
    if (!node_get(node, "group") && node->type == NODE_MAPPING) ((membership_change_t *)base)->group = -1;
}
static const field_t membership_change_fields[] = {
    {"group", &type_name, 0, AT(membership_change_t, group), .catalog = CATALOG_GROUP,
     .unset = "the event's own group", .what = "Its name.", .example = "G20"},
    {"who", &type_party, 0, AT(membership_change_t, who), .fallback = "initiator",
     .what = "The role that joins or leaves.", .example = "target"},
};
const section_t section_membership_change = {.name = "membership change",
                                             .what = "A group that an actor joins or leaves by an event.",
                                             SECTION_FIELDS(membership_change_fields),
                                             .shorthand = "group",
                                             .finish = finish_membership};

static void read_membership_changes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    kind_t *kind = at;
    READ_CHANGES(kind->memberships, kind->n_memberships, membership_change_t, joins);
}
const type_t type_membership_changes = {SHAPE_LIST, "a list of groups", read_membership_changes, NULL};

static const field_t presence_change_fields[] = {
    {"who", &type_party, FIELD_REQUIRED, AT(presence_change_t, who), .what = "The actor.",
     .example = "target"},
};
const section_t section_presence_change = {.name = "presence change",
                                           .what = "A role whose actor becomes present or absent.",
                                           SECTION_FIELDS(presence_change_fields),
                                           .shorthand = "who"};

static void read_presence_changes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    kind_t *kind = at;
    READ_CHANGES(kind->presences, kind->n_presences, presence_change_t, enters);
}
const type_t type_presence_changes = {SHAPE_LIST, "a list of roles", read_presence_changes, NULL};

/* ---- consequences ----------------------------------------------------------------------------------- */

static void finish_consequence(reader_t *r, void *base, const node_t *node) {
    consequence_t *consequence = base;
    if (isnan(consequence->expires)) consequence->expires = INFINITY;
    if (!consequence->name && consequence->kind >= 0)
        consequence->name = r->model->kinds[consequence->kind].name;
    if (!consequence->name) consequence->name = reader_text(r, "?");
    const chance_t *chance = &consequence->chance;
    if (chance->log_odds.n > 0 && (chance->probability <= 0 || chance->probability >= 1))
        reader_error(r, node->mark,
                     "%s.probability is %g: with log_odds it must lie strictly between 0 and 1", r->path,
                     chance->probability);
}
/* An actor, or `mediator`: the first event's. */
static void read_next_mediator(reader_t *r, const field_t *field, const node_t *node, void *at) {
    bool same = node->type == NODE_SCALAR && !strcmp(node->text, "mediator");
    *(int *)at = same ? MEDIATOR_OF_EVENT : reader_find(r, field->catalog, node);
}
static const type_t type_next_mediator = {SHAPE_OWN, "name of an actor, or mediator", read_next_mediator,
                                          "{\"type\": \"string\"}"};

static const field_t consequence_fields[] = {
    {"kind", &type_name, FIELD_REQUIRED, AT(consequence_t, kind), .catalog = CATALOG_KIND,
     .what = "Event type that follows.", .example = "invitation"},
    {"id", &type_text, 0, AT(consequence_t, name), .unset = "the event type's name",
     .what = "Name, needed if two of one type follow.", .example = "second-round"},
    {"when", &type_enum, 0, AT(consequence_t, when), .fallback = "always", NAMES(when_names),
     .what = "Only after success, failure, or that reply.", .example = "accepted"},
    {"probability", &type_number, 0, AT(consequence_t, chance.probability), .dimension = DIM_PROBABILITY,
     BETWEEN(0, 1), .fallback = "1", .what = "Its probability.", .example = "0.15"},
    {"log_odds", &type_predictor, 0, AT(consequence_t, chance.log_odds),
     .what = "Statistics with their coefficients, on the log odds.", .example = "{strength: 1}"},
    {"count", &type_int, 0, AT(consequence_t, count), BETWEEN(1, 10000), .fallback = "1",
     .what = "Number of independent trials.", .example = "3"},
    {"delay", &type_dist, 0, AT(consequence_t, delay), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .fallback = "0 d", .what = "Time after the event (or the reply).",
     .example = "{exponential: {mean: 2 d}}"},
    {"initiator", &type_role, 0, AT(consequence_t, initiator), .fallback = "initiator",
     .what = "Role that initiates it; `member`: each member in turn.", .example = "target"},
    {"target", &type_role, 0, AT(consequence_t, target), .fallback = "target",
     .what = "Role that is its target.", .example = "initiator"},
    {"mediator", &type_next_mediator, 0, AT(consequence_t, mediator), HAS(consequence_t, has_mediator),
     .catalog = CATALOG_ACTOR, .unset = "its event type's",
     .what = "Mediator of an event of two that follows: an actor, or `mediator`, that of the first event.",
     .example = "mediator"},
    {"expires", &type_number, 0, AT(consequence_t, expires), .dimension = DIM_DURATION, POSITIVE,
     .unset = "never", .what = "It is cancelled if it would occur later than this.", .example = "60 d"},
    {"cancelled_by", &type_names, 0, .at = offsetof(consequence_t, cancelled_by),
     .count = offsetof(consequence_t, n_cancelled_by), .catalog = CATALOG_KIND,
     .what = "Event types that cancel it if they occur on its tie before.", .example = "[sanction]"},
    {"if", &type_event_rule, FIELD_LATENT, AT(consequence_t, only_if), .section = &section_rule,
     .what = "It takes place only if this rule holds at its moment; else it is cancelled.",
     .example = "{condition: conflict}"},
    {"share", &type_dist, 0, AT(consequence_t, share), HAS(consequence_t, has_share), NOT_NEGATIVE,
     .unset = "its own value", .what = "Its value as a share of the first event's.",
     .example = "{beta: {mean: 0.3, concentration: 4}}"},
};
const section_t section_consequence = {.name = "consequence",
                                       .what = "An event that follows another.",
                                       SECTION_FIELDS(consequence_fields),
                                       .finish = finish_consequence};

/* ---- replies and summits ---------------------------------------------------------------------------- */

static void finish_reply(reader_t *r, void *base, const node_t *node) {
    reply_t *reply = base;
    if (!node) return;
    if (!node_get(node, "accepted")) reply->accepted = model_kind(r->model, "accepted");
    if (!node_get(node, "declined")) reply->declined = model_kind(r->model, "declined");
    if (!node_get(node, "lapsed")) reply->lapsed = model_kind(r->model, "lapsed");
}
static const field_t reply_fields[] = {
    {"accept", &type_section, FIELD_REQUIRED, AT(reply_t, accept), .section = &section_chance,
     .what = "Probability of acceptance.", .example = "0.9"},
    {"delay", &type_dist, FIELD_REQUIRED, AT(reply_t, delay), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .what = "Time to the reply.", .example = "{gamma: {mean: 10 d, shape: 2}}"},
    {"lapse", &type_number, FIELD_REQUIRED, AT(reply_t, lapse), .dimension = DIM_DURATION, POSITIVE,
     .what = "Time after which the invitation lapses.", .example = "60 d"},
    {"accepted", &type_name, 0, AT(reply_t, accepted), .catalog = CATALOG_KIND, .unset = "accepted",
     .what = "Event type of an acceptance (target to initiator). If the scenario has no event type of the "
             "default's name, one without effect is made."},
    {"declined", &type_name, 0, AT(reply_t, declined), .catalog = CATALOG_KIND, .unset = "declined",
     .what = "The same for a refusal."},
    {"lapsed", &type_name, 0, AT(reply_t, lapsed), .catalog = CATALOG_KIND, .unset = "lapsed",
     .what = "The same for a lapse."},
};
const section_t section_reply = {.name = "reply",
                                 .what = "The reply to an invitation.",
                                 SECTION_FIELDS(reply_fields),
                                 .finish = finish_reply};

static const field_t sideline_fields[] = {
    {"kind", &type_name, FIELD_REQUIRED, AT(sideline_t, kind), .catalog = CATALOG_KIND,
     .what = "Event type of the meeting.", .example = "meeting"},
    {"pairs", &type_role_pair, FIELD_REQUIRED, AT(sideline_t, first), .what = "The two roles that meet.",
     .example = "host-guest"},
    {"probability", &type_number, FIELD_REQUIRED, AT(sideline_t, chance.probability),
     .dimension = DIM_PROBABILITY, BETWEEN(0, 1), .what = "Probability for each such pair of participants.",
     .example = "0.2"},
    {"log_odds", &type_predictor, 0, AT(sideline_t, chance.log_odds),
     .what = "Statistics with their coefficients, on the log odds.", .example = "{strength: 1}"},
};
static const section_t section_sideline = {
    .name = "sideline", .what = "Bilateral meetings at a summit.", SECTION_FIELDS(sideline_fields)};

static void default_chance(reader_t *r, chance_t *chance, const node_t *node, const char *name) {
    if (!node || node_get(node, name)) return;
    chance->probability = 1;
    size_t outer = reader_push(r, name);
    reader_param(r, &chance->probability, DIM_PROBABILITY, 0, 1, false);
    reader_pop(r, outer);
}

static void finish_summit(reader_t *r, void *base, const node_t *node) {
    summit_t *summit = base;
    if (!node_get(node, "group")) summit->group = -1;
    default_chance(r, &summit->attendance, node, "attendance");
    default_chance(r, &summit->guest_attendance, node, "guest_attendance");
}
static const field_t summit_fields[] = {
    {"group", &type_name, 0, AT(summit_t, group), .catalog = CATALOG_GROUP, .unset = "named by each event",
     .what = "The group that it convenes.", .example = "G20"},
    {"attendance", &type_section, FIELD_LATENT, AT(summit_t, attendance), .section = &section_chance,
     .unset = "1", .what = "Probability that a member attends who has not declined.", .example = "0.9"},
    {"guest_attendance", &type_section, FIELD_LATENT, AT(summit_t, guest_attendance),
     .section = &section_chance, .unset = "1",
     .what = "Probability that a guest attends who accepted or is named.", .example = "0.95"},
    {"sidelines", &type_list, 0, ITEMS(summit_t, sidelines, n_sidelines, sideline_t),
     .section = &section_sideline, .what = "Sideline meetings.",
     .example = "[{kind: meeting, pairs: host-guest, probability: 0.2}]"},
};
const section_t section_summit = {.name = "summit",
                                  .what = "The group that an event convenes, and attendance.",
                                  SECTION_FIELDS(summit_fields),
                                  .finish = finish_summit};

/* ---- across keys ------------------------------------------------------------------------------------ */

static void check_names(reader_t *r, const kind_t *kind, const node_t *then) {
    for (int c = 0; c < kind->n_then; c++) {
        for (int d = 0; d < c; d++) {
            if (kind->then[c].kind < 0 || strcmp(kind->then[c].name, kind->then[d].name) != 0) continue;
            reader_error(r, then->items[c]->mark,
                         "%s.then: two consequences have the name \"%s\"; give one of them an id, which "
                         "determines its random numbers",
                         r->path, kind->then[c].name);
            break;
        }
    }
}

static void check_when(reader_t *r, const kind_t *kind, const node_t *then) {
    for (int c = 0; c < kind->n_then; c++) {
        when_t when = kind->then[c].when;
        const node_t *item = then->items[c];
        if ((when == WHEN_SUCCESS || when == WHEN_FAILURE) && !kind->has_success)
            reader_error(r, node_get(item, "when")->mark,
                         "%s.then: \"%s\" needs a probability of `success` at the event type", r->path,
                         when_names[when]);
        if (when >= WHEN_ACCEPTED && !kind->reply.on)
            reader_error(r, node_get(item, "when")->mark, "%s.then: \"%s\" needs a `reply` at the event type",
                         r->path, when_names[when]);
    }
}

/* A change that names no group needs the group of the event. */
static void check_membership(reader_t *r, const kind_t *kind, const node_t *changes) {
    if (!changes || changes->type != NODE_LIST || kind->scope == SCOPE_GROUP) return;
    for (int i = 0; i < changes->n; i++)
        if (changes->items[i]->type == NODE_MAPPING && !node_get(changes->items[i], "group"))
            reader_error(r, changes->items[i]->mark,
                         "%s: the group is missing; only events of scope group have one already", r->path);
}

void read_effects_finish(reader_t *r, kind_t *kind, const node_t *node) {
    const node_t *then = node_get(node, "then");
    if (then && then->type == NODE_LIST) {
        check_names(r, kind, then);
        check_when(r, kind, then);
    }
    if (kind->deal.on && kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD)
        reader_error(r, node_get(node, "deal")->mark, "%s.deal: a deal needs two actors; the scope is \"%s\"",
                     r->path, scope_names[kind->scope]);
    if (kind->n_conditions > 0 && (kind->scope == SCOPE_ACTOR || kind->scope == SCOPE_GROUP)) {
        for (int c = 0; c < kind->n_conditions; c++) {
            int condition = kind->conditions[c].condition;
            if (condition < 0 || r->model->conditions[condition].on_actor) continue;
            reader_error(r, node->mark, "%s: condition %s holds on ties, but events of scope %s have none",
                         r->path, r->model->conditions[condition].name, scope_names[kind->scope]);
        }
    }
    for (int c = 0; c < kind->n_conditions; c++) {
        int condition = kind->conditions[c].condition;
        if (condition >= 0 && r->model->conditions[condition].directed && kind->scope == SCOPE_DYAD)
            reader_error(
                r, node->mark,
                "%s: condition %s has a sender, but events of scope dyad have no initiator; the scope "
                "\"%s\" is expected",
                r->path, r->model->conditions[condition].name, scope_names[SCOPE_DIRECTED]);
    }
    check_membership(r, kind, node_get(node, "joins"));
    check_membership(r, kind, node_get(node, "leaves"));
}
