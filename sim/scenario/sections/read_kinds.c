/* Event types: when they occur and their marks. For their effects see read_effects.c. */
#include "scenario/sections/read_kinds.h"
#include "scenario/sections/read_rules.h"

#include <stdio.h>
#include <string.h>

/* A text that is for people only. */
static void read_ignored(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    reader_is_scalar(r, node, field->type->expected);
}
const type_t type_ignored = {SHAPE_TEXT, "a text", read_ignored, NULL};

/* ---- who, when -------------------------------------------------------------------------------------- */

/* Names of actors, or of groups for their members at the start: a flag for each actor. */
static void read_who(reader_t *r, const field_t *field, const node_t *node, void *at) {
    const model_t *model = r->model;
    bool *who = READER_NEW(r, model->n_actors, bool);
    if (node->type == NODE_MAPPING) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    int n = node->type == NODE_LIST ? node->n : 1;
    for (int i = 0; i < n; i++) {
        const node_t *name = node->type == NODE_LIST ? node->items[i] : node;
        int group = name->type == NODE_SCALAR ? model_group(model, name->text) : -1;
        if (group < 0) {
            int actor = reader_find(r, CATALOG_ACTOR, name);
            if (actor >= 0) who[actor] = true;
            continue;
        }
        for (int m = 0; m < model->groups[group].n_members; m++) {
            const member_t *member = &model->groups[group].members[m];
            if (member->actor >= 0 && member->from <= 0 && member->until > 0) who[member->actor] = true;
        }
    }
    *(bool **)at = who;
}
static const type_t type_who = {SHAPE_NAMES, "names of actors or groups", read_who, NULL};

static const field_t between_fields[] = {
    {"initiators", &type_who, 0, AT(kind_t, initiators), .unset = "all",
     .what = "Possible initiators: actors, or groups (their members at the start).", .example = "[USA]"},
    {"targets", &type_who, 0, AT(kind_t, targets), .unset = "all", .what = "Possible targets.",
     .example = "[C5+1]"},
};
static const section_t section_between = {.name = "between",
                                          .what = "Possible actors of baseline and excited events.",
                                          SECTION_FIELDS(between_fields)};

static const field_t rate_fields[] = {
    {"per_year", &type_number, 0, AT(kind_t, rate_per_year), .dimension = DIM_RATE, NOT_NEGATIVE,
     .fallback = "0",
     .what = "Baseline rate: events a year on each dyad where every statistic is at its reference value.",
     .example = "0.6"},
    {"log_effects", &type_predictor, 0, AT(kind_t, log_rate),
     .what = "Statistics with their coefficients, on the log of the rate.",
     .example = "{strength: 1.0, log_gdp_initiator: {coefficient: 0.4, reference: 27.6}}"},
};
static const section_t section_rate = {
    .name = "rate", .what = "The intensity of baseline events.", SECTION_FIELDS(rate_fields)};

static void finish_excitation(reader_t *r, void *base, const node_t *node) {
    (void)r, (void)node;
    excitation_t *excitation = base;
    if (isnan(excitation->branching)) excitation->branching = 0;
    if (isnan(excitation->half_life)) excitation->half_life = 1;
}
static const field_t excitation_fields[] = {
    {"kind", &type_name, FIELD_REQUIRED, AT(excitation_t, kind), .catalog = CATALOG_KIND,
     .what = "The event type that excites.", .example = "summit"},
    {"relation", &type_enum, 0, AT(excitation_t, relation), .fallback = "same", NAMES(relation_names),
     .what = "Receiving dyads: the same, the reversed, or all with the same initiator or the same target.",
     .example = "same"},
    {"branching", &type_number, FIELD_REQUIRED, AT(excitation_t, branching), NOT_NEGATIVE,
     .what = "Branching ratio: expected direct offspring per receiving dyad.", .example = "0.3"},
    {"half_life", &type_number, FIELD_REQUIRED, AT(excitation_t, half_life), .dimension = DIM_DURATION,
     POSITIVE, .what = "Half-life of the excitation.", .example = "14 d"},
};
static const section_t section_excitation = {.name = "excitation",
                                             .what = "Excitation by past events.",
                                             SECTION_FIELDS(excitation_fields),
                                             .finish = finish_excitation};

/* ---- marks ------------------------------------------------------------------------------------------ */

/* `leader`, or chances {leader: 0.5, official: 0.5} that sum to 1. */
static void read_level(reader_t *r, const field_t *field, const node_t *node, void *at) {
    double *weights = at, sum = 0;
    if (node->type == NODE_SCALAR) {
        int level = LEVEL_OFFICIAL;
        type_enum.read(r, field, node, &level);
        weights[level] = 1;
        return;
    }
    int errors = reader_errors(r);
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        node_t name = {.type = NODE_SCALAR, .mark = entry->mark, .text = entry->key};
        int level = -1;
        size_t outer = reader_push(r, entry->key);
        type_enum.read(r, field, &name, &level);
        if (level >= 0 && reader_number(r, entry->value, DIM_PROBABILITY, 0, 1, &weights[level]))
            reader_param(r, &weights[level], DIM_PROBABILITY, 0, 1, true);
        reader_pop(r, outer);
    }
    for (int l = 0; l < LEVEL_N; l++) sum += weights[l];
    if (reader_errors(r) == errors && fabs(sum - 1) > 1e-6)
        reader_error(r, node->mark, "%s: the probabilities of the levels sum to %g, not to 1", r->path, sum);
}
static const type_t type_level_weights = {
    SHAPE_OWN, "leader, minister, official, or a mapping from these to their probabilities", read_level,
    "{\"anyOf\": [{\"enum\": [\"leader\", \"minister\", \"official\"]}, {\"type\": \"object\", "
    "\"properties\": "
    "{\"leader\": {\"type\": \"number\"}, \"minister\": {\"type\": \"number\"}, \"official\": {\"type\": "
    "\"number\"}}, "
    "\"additionalProperties\": false}]}"};

static int sector_of(reader_t *r, const char *name) {
    model_t *model = r->model;
    for (int s = 0; s < model->n_sectors; s++)
        if (!strcmp(model->sectors[s], name)) return s;
    char *copy = reader_text(r, name);
    *READER_APPEND(r, model->sectors, model->n_sectors, char *) = copy;
    return model->n_sectors - 1;
}

static void read_sectors(reader_t *r, const field_t *field, const node_t *node, void *at) {
    kind_t *kind = (kind_t *)((char *)at - field->at);
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    kind->sectors = READER_NEW(r, node->n, int);
    kind->sector_weights = READER_NEW(r, node->n, double);
    double sum = 0;
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        if (!reader_check_name(r, "a sector", entry->key, entry->mark, ".")) continue;
        int s = kind->n_sectors++;
        kind->sectors[s] = sector_of(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        if (reader_number(r, entry->value, DIM_NUMBER, 0, INFINITY, &kind->sector_weights[s]))
            reader_param(r, &kind->sector_weights[s], DIM_NUMBER, 0, INFINITY, false);
        reader_pop(r, outer);
        sum += kind->sector_weights[s];
    }
    if (node->n == 0 || sum <= 0)
        reader_error(r, node->mark, "%s: at least one weight must be above 0", r->path);
}
static const type_t type_sectors = {
    SHAPE_OWN, "a mapping from sectors to weights", read_sectors,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"number\", \"minimum\": 0}}"};

/* ---- the kind --------------------------------------------------------------------------------------- */

/* It would meet in every group. */
static void refuse_rate(reader_t *r, const kind_t *kind, const node_t *node) {
    if (kind->rate_per_year > 0)
        reader_error(r, node_entry(node_get(node, "rate"), "per_year")->mark,
                     "%s.rate.per_year is %g: an event type of scope group has no baseline rate; its events "
                     "come from the "
                     "calendar, as consequences, or by excitation (`excited_by`)",
                     r->path, kind->rate_per_year);
    for (int p = 0; p < r->model->n_params; p++)
        if (r->params[p].value == &kind->rate_per_year) r->params[p].structural = true;
}

static void finish_kind(reader_t *r, void *base, const node_t *node) {
    kind_t *kind = base;
    if (kind->summit.on && kind->scope != SCOPE_GROUP && node_get(node, "scope"))
        reader_error(r, node_entry(node, "summit")->mark,
                     "%s.summit: only an event type of scope group convenes one, not \"%s\"", r->path,
                     scope_names[kind->scope]);
    if (kind->scope == SCOPE_GROUP) refuse_rate(r, kind, node);
    if (kind->reply.on && kind->scope != SCOPE_DIRECTED)
        reader_error(r, node_entry(node, "reply")->mark,
                     "%s.reply: only an event type of scope \"initiator -> target\" has a reply", r->path);
    if (kind->has_mediator && kind->scope != SCOPE_DIRECTED && kind->scope != SCOPE_DYAD)
        reader_error(r, node_entry(node, "mediator")->mark,
                     "%s.mediator: an event of scope %s has no two sides between whom to mediate", r->path,
                     scope_names[kind->scope]);
    if (kind->spillover != 0 && kind->scope == SCOPE_ACTOR)
        reader_error(r, node->mark,
                     "%s.effect.spillover: an event of scope actor has no tie, so nothing spills over",
                     r->path);
    read_effects_finish(r, kind, node);
}

static const field_t kind_fields[] = {
    {"label", &type_text, 0, AT(kind_t, label), .unset = "the name", .what = "Name in tables and plots.",
     .example = "Meeting on the sidelines"},
    {"note", &type_text, 0, AT(kind_t, note), .what = "Description."},
    {"source", &type_text, 0, AT(kind_t, source), .what = "Source of the figures."},
    {"scope", &type_enum, FIELD_REQUIRED, AT(kind_t, scope), NAMES(scope_names),
     .what =
         "Where it occurs: on a directed dyad, an undirected dyad, one actor, or a group at a host's place.",
     .example = "initiator -> target"},
    {"level", &type_level_weights, 0, AT(kind_t, level_weight), .fallback = "official", NAMES(level_names),
     .what = "Level of those who meet, or the probabilities of the levels.", .example = "leader"},
    {"between", &type_section, 0, .section = &section_between, .unset = "all actors",
     .what = "Possible actors of baseline and excited events.",
     .example = "{initiators: [USA], targets: [C5+1]}"},
    {"rate", &type_section, 0, .section = &section_rate, .unset = "no baseline events",
     .what = "Rate of baseline events.", .example = "{per_year: 0.6, log_effects: {strength: 1}}"},
    {"if", &type_event_rule, FIELD_LATENT, AT(kind_t, only_if), .section = &section_rule, .unset = "always",
     .what =
         "Its events take place only while this rule holds: else the intensity is 0, and dated events and "
         "consequences are cancelled. Not replies.",
     .example = "{condition: conflict}"},
    {"mediator", &type_name, 0, AT(kind_t, mediator), HAS(kind_t, has_mediator), .catalog = CATALOG_ACTOR,
     .unset = "none",
     .what = "A third actor who takes part in its events of two, unless an entry or a consequence names "
             "another. Where "
             "it is one of the two there is none; while it is absent they do not take place.",
     .example = "CHN"},
    {"season", &type_season, FIELD_LATENT, AT(kind_t, season), .section = &section_season,
     .unset = "the same at all times", .what = "Factors on the intensity by time.",
     .example = "{weekday: [1, 1, 1, 1, 1, 0.5, 0.5]}"},
    {"excited_by", &type_list, 0, ITEMS(kind_t, excitations, n_excitations, excitation_t),
     .section = &section_excitation, .what = "Which past events raise the intensity.",
     .example = "[{kind: summit, relation: same, branching: 0.3, half_life: 14 d}]"},
    {"value", &type_dist, 0, AT(kind_t, value), HAS(kind_t, has_value), .dimension = DIM_MONEY, NOT_NEGATIVE,
     .unset = "none", .what = "Value of the event.",
     .example = "{lognormal: {median: 1.0 bn USD, sigma: 1.2}}"},
    {"sectors", &type_sectors, 0, AT(kind_t, sectors), .what = "Weights for drawing the sector.",
     .example = "{energy: 0.3, mining: 0.2}"},
    {"success", &type_section, FIELD_LATENT, AT(kind_t, success), HAS(kind_t, has_success),
     .section = &section_chance, .unset = "it always succeeds", .what = "Probability of success.",
     .example = "{probability: 0.5, log_odds: {strength: 1}}"},
    {"in_person", &type_bool, 0, AT(kind_t, in_person), .fallback = "false",
     .what = "Whether it occupies the participating leaders for its duration."},
    {"days", &type_number, FIELD_PLAIN_DAYS, AT(kind_t, days), .dimension = DIM_DURATION, NOT_NEGATIVE,
     .fallback = "0", .what = "Duration.", .example = "2"},
    {"precedence", &type_number, 0, AT(kind_t, precedence), ANY, .fallback = "0",
     .what = "Of two conflicting events in person the one with lower precedence is moved.", .example = "10"},
    {"effect", &type_section, 0, .section = &section_effect, .unset = "none", .what = "Its effect on ties.",
     .example = "{goldstein: 1, lasting: 0.1}"},
    {"deal", &type_section, FIELD_LATENT, AT(kind_t, deal), HAS(kind_t, deal.on), .section = &section_deal,
     .unset = "none", .what = "Delivery of its value."},
    {"starts", &type_condition_changes, 0, .section = &section_condition_change, .count = 1,
     .what = "Conditions that it starts on its tie (or on an actor).", .example = "[sanctions]"},
    {"ends", &type_condition_changes, 0, .section = &section_condition_change,
     .what = "Conditions that it ends.", .example = "[conflict]"},
    {"joins", &type_membership_changes, 0, .section = &section_membership_change, .count = 1,
     .what = "Groups that an actor joins.", .example = "[{group: Abraham Accords, who: initiator}]"},
    {"leaves", &type_membership_changes, 0, .section = &section_membership_change,
     .what = "Groups that an actor leaves.", .example = "[{group: G20, who: target}]"},
    {"enters", &type_presence_changes, 0, .section = &section_presence_change, .count = 1,
     .what = "Roles whose actors become present.", .example = "[target]"},
    {"exits", &type_presence_changes, 0, .section = &section_presence_change,
     .what = "Roles whose actors become absent.", .example = "[target]"},
    {"then", &type_list, 0, ITEMS(kind_t, then, n_then, consequence_t), .section = &section_consequence,
     .what = "Consequences: events that follow.",
     .example = "[{kind: invitation, probability: 0.15, delay: {exponential: {mean: 2 d}}}]"},
    {"reply", &type_section, FIELD_LATENT, AT(kind_t, reply), HAS(kind_t, reply.on),
     .section = &section_reply, .unset = "no reply", .what = "The reply to it."},
    {"summit", &type_section, FIELD_LATENT, AT(kind_t, summit), HAS(kind_t, summit.on),
     .section = &section_summit, .unset = "no summit", .what = "The group it convenes, and attendance.",
     .example = "{group: G20, attendance: 0.9}"},
};
const section_t section_kind = {.name = "kind",
                                .what =
                                    "An event type: when it occurs, its marks, its effects and consequences.",
                                SECTION_FIELDS(kind_fields),
                                .finish = finish_kind};

/* Event types of replies that are made if the scenario has none: they only record the reply. */
static const char *const reply_kinds[] = {"accepted", "declined", "lapsed"};

static bool uses_default_reply(const node_t *kinds, const char *name) {
    for (int i = 0; i < kinds->n; i++) {
        const node_t *reply = node_get(kinds->entries[i].value, "reply");
        if (reply && reply->type == NODE_MAPPING && !node_get(reply, name)) return true;
    }
    return false;
}

static const node_t *with_replies(reader_t *r, const node_t *kinds) {
    node_t *all = node_copy_mapping(&r->nodes, kinds, 3, NULL);
    reader_need(r, all);
    for (int i = 0; i < 3; i++) {
        if (node_get(kinds, reply_kinds[i]) || !uses_default_reply(kinds, reply_kinds[i])) continue;
        node_t *kind = node_mapping(&r->nodes, kinds->mark, 1);
        node_t *scope = node_scalar(&r->nodes, kinds->mark, scope_names[SCOPE_DIRECTED]);
        reader_need(r, kind && scope);
        node_put(kind, "scope", kinds->mark, scope);
        node_put(all, reply_kinds[i], kinds->mark, kind);
    }
    return all;
}

void read_kinds(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to event types, or {from: FILE}")) {
        r->missing[CATALOG_KIND] = r->missing[CATALOG_SECTOR] = true;
        return;
    }
    node = with_replies(r, reader_merge_from(r, node, "kinds"));
    if (r->missing[CATALOG_KIND]) r->missing[CATALOG_SECTOR] = true;
    model_t *model = r->model;
    reader_check_number(r, node->mark, node->n, MODEL_MOST, "event types");
    model->kinds = READER_NEW(r, node->n, kind_t);
    r->kind_nodes = READER_NEW(r, node->n, const node_t *);
    r->kind_marks = READER_NEW(r, node->n, location_t);
    for (int i = 0; i < node->n; i++) { /* names first: kinds speak of one another */
        reader_check_name(r, "an event type", node->entries[i].key, node->entries[i].mark, ". \t/");
        model->kinds[model->n_kinds].name = reader_text(r, node->entries[i].key);
        r->kind_marks[model->n_kinds] = node->entries[i].mark;
        r->kind_nodes[model->n_kinds++] = node->entries[i].value;
    }
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push(r, node->entries[i].key);
        bool rest_missing = r->missing[CATALOG_KIND] && !node_get(node->entries[i].value, "scope");
        r->kind = i;
        r->told += rest_missing; /* it changes an event type of the file that is missing */
        if (node_is_null(node->entries[i].value))
            reader_error(r, node->entries[i].mark, "%s has no value: a mapping is expected", r->path);
        else
            reader_section(r, &section_kind, node->entries[i].value, &model->kinds[i]);
        r->told -= rest_missing;
        r->kind = -1;
        reader_pop(r, outer);
    }
    reader_check_number(r, node->mark, model->n_sectors, MODEL_MOST, "sectors");
}
