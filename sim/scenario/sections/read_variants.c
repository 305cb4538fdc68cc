/* Counterfactuals: interventions, variants, and the choice between them. */
#include "model/without.h"
#include "scenario/sections/read_calendar.h"
#include "scenario/sections/read_kinds.h"
#include "scenario/sections/read_rules.h"
#include "scenario/sections/trade/read_tariffs.h"

#include "text/suggest.h"
#include <stdio.h>
#include <string.h>

/* ---- calendar entries by id ------------------------------------------------------------------------- */

static bool starts_with(const char *text, const char *prefix, size_t length) {
    return !strncmp(text, prefix, length) && (text[length] == '/' || !text[length]);
}

/* An id names its entry and all entries made from it (ID/KAZ, ID/1, ...). */
static void add_ids(reader_t *r, const node_t *node, int **items, int *n) {
    const model_t *model = r->model;
    if (!reader_is_scalar(r, node, "the id of a calendar entry")) return;
    size_t length = strlen(node->text);
    bool found = false;
    for (int c = 0; c < model->n_calendar; c++) {
        if (!starts_with(model->calendar[c].id, node->text, length)) continue;
        *(int *)reader_append(r, items, n, sizeof(int)) = c;
        found = true;
    }
    if (!found) reader_find(r, CATALOG_CALENDAR, node); /* to report it */
}

static void read_ids(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int *n = (int *)((char *)at - field->at + field->count);
    if (node->type == NODE_MAPPING) {
        reader_expected(r, node, field->type->expected);
        return;
    }
    for (int i = 0; i < (node->type == NODE_LIST ? node->n : 1); i++)
        add_ids(r, node->type == NODE_LIST ? node->items[i] : node, at, n);
}
static const type_t type_ids = {SHAPE_NAMES, "an id or a list of ids of calendar entries", read_ids, NULL};

/* The entries were read with the calendar; here they are only found again. */
static void read_added(reader_t *r, const field_t *field, const node_t *node, void *at) {
    int *n = (int *)((char *)at - field->at + field->count);
    if (!reader_is_list(r, node, field->type->expected)) return;
    for (int a = 0; a < r->n_added; a++) {
        if (r->added[a].list != node) continue;
        *(int **)at = READER_NEW(r, r->added[a].n, int);
        *n = r->added[a].n;
        for (int i = 0; i < *n; i++) (*(int **)at)[i] = r->added[a].first + i;
    }
}
static const type_t type_added = {SHAPE_LIST, "a list of entries", read_added, NULL};

static void read_set(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (reader_is_mapping(r, node, field->type->expected))
        reader_later(r, node, (int *)((char *)at - field->at + field->count), at);
}
static const type_t type_set = {
    SHAPE_OWN, "a mapping from parameters' paths to values", read_set,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"number\", \"string\"]}}"};

/* ---- interventions ---------------------------------------------------------------------------------- */

static const field_t change_fields[] = {
    {"condition", &type_name, FIELD_REQUIRED, AT(condition_start_t, condition), .catalog = CATALOG_CONDITION,
     .what = "Its name.", .example = "sanctions"},
    {"tie", &type_directed_tie, 0, AT(condition_start_t, tie),
     .what = "The tie; of a directed condition from its sender to its target.", .example = "USA -> RUS"},
    {"actor", &type_name, 0, AT(condition_start_t, actor), .catalog = CATALOG_ACTOR, .what = "Or the actor."},
};
static const section_t section_change = {.name = "condition opened or closed",
                                         .what = "A condition that an intervention starts or ends.",
                                         SECTION_FIELDS(change_fields),
                                         .finish = read_start_finish};

static void read_open(reader_t *r, const field_t *field, const node_t *node, void *at) {
    intervention_t *intervention = at;
    if (!reader_is_list(r, node, field->type->expected)) return;
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push_index(r, i);
        int n = intervention->n_conditions;
        condition_start_t *change =
            READER_APPEND(r, intervention->conditions, intervention->n_conditions, condition_start_t);
        *READER_APPEND(r, intervention->condition_opens, n, bool) = field->size != 0;
        change->since = 0;
        reader_section(r, &section_change, node->items[i], change);
        reader_pop(r, outer);
    }
}
static const type_t type_open = {SHAPE_LIST, "a list of conditions", read_open, NULL};

typedef struct {
    intervention_t intervention;
    bool only_in_variants;
} intervention_draft_t;

static const field_t intervention_fields[] = {
    {"id", &type_text, FIELD_REQUIRED, AT(intervention_t, id), .what = "Its name.",
     .example = "sanctions-lifted"},
    {"label", &type_text, 0, AT(intervention_t, label), .unset = "the name",
     .what = "Name in tables and plots.", .example = "End of the war"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_ignored, 0, .what = "Source."},
    {"at", &type_date, 0, AT(intervention_t, at), .what = "Date.", .example = "2026-06-01"},
    {"when", &type_rule, FIELD_LATENT, AT(intervention_t, when), .section = &section_rule,
     .what = "Or a rule: it acts when that first holds.", .example = "{strength: KAZ-USA, above: 0.6}"},
    {"every", &type_number, 0, AT(intervention_t, every), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "1 d",
     .what =
         "Interval between checks of a rule that reads strength, alignment or trade. Other rules are checked "
         "whenever something changes.",
     .example = "1 d"},
    {"set", &type_set, 0, .at = offsetof(intervention_t, settings),
     .count = offsetof(intervention_t, n_settings),
     .what = "Values of parameters from then on, or `x NUMBER`: factors.",
     .example = "{kinds.call.rate.per_year: 2}"},
    {"open", &type_open, 0, .section = &section_change, .size = 1, .what = "Conditions to start.",
     .example = "[{condition: sanctions, tie: USA -> RUS}]"},
    {"close", &type_open, 0, .section = &section_change, .what = "Conditions to end.",
     .example = "[{condition: sanctions, tie: USA -> RUS}]"},
    {"tariffs", &type_tariffs_set, 0, .section = &section_tariff_set, .what = "Tariffs to set.",
     .example = "[{importer: USA, exporter: KAZ, rate: 25 %}]"},
    {"drop", &type_ids, 0, .at = offsetof(intervention_t, drop), .count = offsetof(intervention_t, n_drop),
     .catalog = CATALOG_CALENDAR, .what = "Entries to drop, if they have not occurred.",
     .example = "[g20-miami]"},
    {"add", &type_added, 0, .at = offsetof(intervention_t, add), .count = offsetof(intervention_t, n_add),
     .section = &section_entry, .what = "Entries to add, timed from this moment by `after`.",
     .example = "[{id: talks, after: 10 d, kind: peace_talks, initiator: UKR, target: RUS}]"},
    {"only_in_variants", &type_bool, 0, AT(intervention_draft_t, only_in_variants), .fallback = "false",
     .what = "Whether it applies only in variants that name it."},
};
const section_t section_intervention = {.name = "intervention",
                                        .what = "A change at a date, or when a rule first holds.",
                                        SECTION_FIELDS(intervention_fields)};

static void read_one_intervention(reader_t *r, const node_t *node, intervention_t *intervention,
                                  bool in_base) {
    intervention_draft_t *draft = READER_NEW(r, 1, intervention_draft_t);
    int first = r->model->n_params, first_pending = r->n_pending;
    bool good = reader_section(r, &section_intervention, node, draft);
    *intervention = draft->intervention;
    intervention->in_base = in_base && !draft->only_in_variants;
    char *begin = (char *)draft, *end = (char *)(draft + 1);
    for (int p = first; p < r->model->n_params; p++) { /* its numbers have moved */
        char *value = (char *)r->params[p].value;
        if (value >= begin && value < end)
            r->params[p].value = (double *)((char *)intervention + (value - begin));
    }
    for (int p = first_pending; p < r->n_pending; p++) {
        r->pending[p].n = &intervention->n_settings;
        r->pending[p].settings = &intervention->settings;
    }
    if (!intervention->id) intervention->id = reader_text(r, "?");
    if (!good) return;
    if (!node_get(node, "at") == !node_get(node, "when"))
        reader_error(r, node->mark, "%s: either a date (at) or a rule (when) is expected", r->path);
    if (!isnan(intervention->at) && intervention->at < 0 && !r->period_missing)
        reader_error(r, node_get(node, "at")->mark, "%s.at is before the start", r->path);
    if (!isnan(intervention->at) && intervention->at >= r->model->horizon)
        reader_warning(r, node_get(node, "at")->mark, "%s.at is not before the end; it will not occur",
                       r->path);
    if (node_get(node, "every") && !node_get(node, "when"))
        reader_error(r, node_entry(node, "every")->mark, "%s.every goes with `when`", r->path);
    if (node_get(node, "every") && intervention->when && rule_is_exact(intervention->when))
        reader_error(r, node_entry(node, "every")->mark,
                     "%s.every: this rule is checked whenever something changes; leave it out", r->path);
    static const char *const acts[] = {"set", "open", "close", "tariffs", "drop", "add"};
    bool any = false;
    for (int i = 0; i < 6; i++) any |= node_get(node, acts[i]) != NULL;
    if (!any)
        reader_error(r, node->mark, "%s does nothing: set, open, close, tariffs, drop or add is expected",
                     r->path);
}

static void read_intervention_list(reader_t *r, const node_t *list, bool in_base) {
    model_t *model = r->model;
    for (int i = 0; i < list->n; i++) {
        const node_t *node = list->items[i];
        if (!in_base && node->type == NODE_SCALAR) continue; /* a variant names one of the list */
        size_t outer = reader_push_item(r, list, i);
        intervention_t *intervention = &model->interventions[model->n_interventions];
        read_one_intervention(r, node, intervention, in_base);
        const node_t *id = node_get(node, "id");
        for (int k = 0; k < model->n_interventions && id; k++)
            if (!strcmp(model->interventions[k].id, intervention->id))
                reader_error(r, id->mark, "intervention \"%.60s\" is given a second time; ids are unique",
                             intervention->id);
        if (id && id->type == NODE_SCALAR)
            reader_check_name(r, "an intervention", id->text, id->mark, "./ \t");
        model->n_interventions++;
        reader_pop(r, outer);
    }
}

static const node_t *interventions_of(const node_t *variants, int v) {
    const node_t *list = node_get(variants->entries[v].value, "interventions");
    return list && list->type == NODE_LIST ? list : NULL;
}

/* Those of the list, and those that variants write out. */
void read_interventions(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    const node_t *variants = node_get(r->root, "variants");
    int n_variants = variants && variants->type == NODE_MAPPING ? variants->n : 0;
    int n = node && node->type == NODE_LIST ? node->n : 0;
    for (int v = 0; v < n_variants; v++)
        if (interventions_of(variants, v)) n += interventions_of(variants, v)->n;
    r->model->interventions = READER_NEW(r, n, intervention_t);
    if (node && reader_is_list(r, node, "a list of interventions")) read_intervention_list(r, node, true);
    size_t length = r->path_length;
    r->path_length = 0;
    for (int v = 0; v < n_variants; v++) {
        if (!interventions_of(variants, v)) continue;
        size_t outer = reader_push(r, "variants"), inner = reader_push(r, variants->entries[v].key);
        size_t innermost = reader_push(r, "interventions");
        read_intervention_list(r, interventions_of(variants, v), false);
        reader_pop(r, innermost), reader_pop(r, inner), reader_pop(r, outer);
    }
    reader_push(r, "interventions");
    r->path_length = length;
}

/* ---- variants --------------------------------------------------------------------------------------- */

static void read_switched_on(reader_t *r, const field_t *field, const node_t *node, void *at) {
    variant_t *variant = (variant_t *)((char *)at - field->at);
    const model_t *model = r->model;
    if (!reader_is_list(r, node, field->type->expected)) return;
    for (int i = 0; i < node->n; i++) {
        const node_t *item = node->items[i];
        const node_t *id = item->type == NODE_MAPPING ? node_get(item, "id") : item;
        if (!id || id->type != NODE_SCALAR) continue; /* reported where it was read */
        int found = -1;
        for (int k = 0; k < model->n_interventions; k++)
            if (!strcmp(model->interventions[k].id, id->text)) found = k;
        if (found < 0) {
            reader_find(r, CATALOG_INTERVENTION, id);
            continue;
        }
        if (model->interventions[found].in_base)
            reader_error(r, id->mark, "%s: %s is in every variant already; set only_in_variants: true there",
                         r->path, id->text);
        else
            *READER_APPEND(r, variant->interventions, variant->n_interventions, int) = found;
    }
}
static const type_t type_switched_on = {
    SHAPE_OWN, "a list of interventions or of their ids", read_switched_on,
    "{\"type\": \"array\", \"items\": {\"anyOf\": [{\"type\": \"string\"}, {\"$ref\": "
    "\"#/definitions/intervention\"}]}}"};

#define IDS(name_, member, counter, what_, example_)                                                   \
    {                                                                                                  \
        name_, &type_ids, 0, .at = offsetof(variant_t, member), .count = offsetof(variant_t, counter), \
                             .catalog = CATALOG_CALENDAR, .what = what_, .example = example_           \
    }

static const field_t variant_fields[] = {
    {"label", &type_text, 0, AT(variant_t, label), .unset = "the name", .what = "Name in tables and plots.",
     .example = "No offer of a venue"},
    {"note", &type_text, 0, AT(variant_t, note), .what = "The question it answers."},
    IDS("drop", drop, n_drop, "Calendar entries to drop.", "[invite-kaz]"),
    IDS("decline", decline, n_decline, "Invitations that are declined.", "[invite-kaz]"),
    IDS("accept", accept, n_accept, "Invitations that are accepted.", "[invite-kaz]"),
    IDS("cancel", cancel, n_cancel,
        "Entries that are cancelled at their time; invitations to them still occur.", "[g20-miami]"),
    {"set", &type_set, 0, .at = offsetof(variant_t, settings), .count = offsetof(variant_t, n_settings),
     .what = "Other values of parameters, or `x NUMBER`: a factor on the value, also on one that is drawn or "
             "swept, so that replicates stay paired.",
     .example = "{kinds.call.effect.lasting: 0.2, effects.gain_divisor: x 2}"},
    {"add", &type_added, 0, .at = offsetof(variant_t, add), .count = offsetof(variant_t, n_add),
     .section = &section_entry, .what = "Calendar entries that only this variant has."},
    {"interventions", &type_switched_on, 0, AT(variant_t, interventions),
     .what =
         "Interventions of this variant only: written out, or ids of interventions with only_in_variants."},
};
const section_t section_variant = {
    .name = "variant",
    .what = "A named difference from the base scenario. The variant `base`, without any, always exists.",
    SECTION_FIELDS(variant_fields)};

static bool is_dropped(const variant_t *variant, int entry) {
    for (int d = 0; d < variant->n_drop; d++)
        if (variant->drop[d] == entry) return true;
    return false;
}

/* Of a series that is replaced, those without a counterpart. */
static void drop_series(reader_t *r, const node_t *added, variant_t *variant) {
    for (int i = 0; added && added->type == NODE_LIST && i < added->n; i++) {
        const node_t *replaced = node_get(added->items[i], "in_place_of");
        if (!replaced || replaced->type != NODE_SCALAR) continue;
        size_t length = strlen(replaced->text);
        for (int c = 0; c < r->model->n_calendar; c++)
            if (starts_with(r->model->calendar[c].id, replaced->text, length) && !is_dropped(variant, c) &&
                model_calendar(r->model, replaced->text) < 0)
                *READER_APPEND(r, variant->drop, variant->n_drop, int) = c;
    }
}

/* What its entries replace is dropped; no two replace the same. */
static void drop_replaced(reader_t *r, const node_t *node, variant_t *variant) {
    const model_t *model = r->model;
    for (int a = 0; a < variant->n_add; a++) {
        const char *replaced = model->calendar[variant->add[a]].drawn_as;
        for (int b = 0; replaced && b < a; b++) {
            const char *other = model->calendar[variant->add[b]].drawn_as;
            if (other && !strcmp(other, replaced))
                reader_error(r, node_get(node, "add")->mark, "%s.add: %s and %s are both in place of %s",
                             r->path, model->calendar[variant->add[b]].id,
                             model->calendar[variant->add[a]].id, replaced);
        }
        if (replaced)
            *READER_APPEND(r, variant->drop, variant->n_drop, int) = model_calendar(model, replaced);
    }
}

static void check_invitations(reader_t *r, const node_t *ids, const int *items, int n) {
    for (int i = 0; ids && i < n; i++) {
        int kind = r->model->calendar[items[i]].kind;
        if (kind >= 0 && !r->model->kinds[kind].reply.on)
            reader_error(r, ids->mark, "%s: %s is not an invitation (its type, %s, has no `reply`)", r->path,
                         r->model->calendar[items[i]].id, r->model->kinds[kind].name);
    }
}

void read_variants(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    model_t *model = r->model;
    bool good = node && reader_is_mapping(r, node, "a mapping from names to variants");
    model->variants = READER_NEW(r, 1 + (good ? node->n : 0), variant_t);
    model->variants[model->n_variants++].name = reader_text(r, "base");
    for (int i = 0; good && i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        reader_check_name(r, "a variant", entry->key, entry->mark, ". \t/,");
        if (!strcmp(entry->key, "base")) {
            reader_error(r, entry->mark,
                         "variants.base is the scenario itself and cannot be declared; choose another name");
            continue;
        }
        if (without_is(entry->key)) {
            reader_error(r, entry->mark,
                         "variants.%.60s: names that begin with %s are of variants that leave something out, "
                         "and exist already; choose another name",
                         entry->key, WITHOUT);
            continue;
        }
        variant_t *variant = &model->variants[model->n_variants++];
        variant->name = reader_text(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        reader_section(r, &section_variant, entry->value, variant);
        drop_replaced(r, entry->value, variant);
        drop_series(r, node_get(entry->value, "add"), variant);
        check_invitations(r, node_get(entry->value, "decline"), variant->decline, variant->n_decline);
        check_invitations(r, node_get(entry->value, "accept"), variant->accept, variant->n_accept);
        reader_pop(r, outer);
    }
}

/* ---- options to choose between ----------------------------------------------------------------------- */

typedef struct {
    int n_options, n_max, n_min;
    int *options, *max, *min;
} choose_draft_t;

#define NAMED(name_, member, catalog_, ...)                                                                  \
    {                                                                                                        \
        name_, &type_names, 0, .at = offsetof(choose_draft_t, member),                                       \
                               .count = offsetof(choose_draft_t, n_##member), .catalog = CATALOG_##catalog_, \
                               __VA_ARGS__                                                                   \
    }

static const field_t choose_fields[] = {
    {"note", &type_ignored, 0, .what = "For the reader."},
    NAMED("options", options, VARIANT, .unset = "all", .what = "The variants to choose between.",
          .example = "[base, no_invitation]"),
    NAMED("max", max, QUANTITY, .what = "Quantities whose largest mean is the best.",
          .example = "kaz_strength"),
    NAMED("min", min, QUANTITY, .what = "Quantities whose least mean is the best.",
          .example = "[war, clashes]"),
};
const section_t section_choose = {.name = "choose",
                                  .what = "Options between which one chooses, by one or several quantities; "
                                          "each quantity is a choice of its own. No "
                                          "result of a run depends on it.",
                                  SECTION_FIELDS(choose_fields)};

static location_t mark_of(const node_t *names, int i) {
    return names->type == NODE_LIST ? names->items[i]->mark : names->mark;
}

static void set_aims(reader_t *r, const node_t *names, int n, const int *quantities, aim_t aim) {
    for (int i = 0; names && i < n; i++) {
        quantity_t *quantity = &r->model->quantities[quantities[i]];
        if (quantity->aim != AIM_NONE)
            reader_error(r, mark_of(names, i), "%s.%s: %s is given a second time", r->path, aim_names[aim],
                         quantity->name);
        quantity->aim = aim;
    }
}

static void set_options(reader_t *r, const node_t *node, const choose_draft_t *draft) {
    model_t *model = r->model;
    const node_t *names = node_get(node, "options");
    for (int v = 0; v < model->n_variants; v++) model->variants[v].is_option = !names;
    for (int i = 0; names && i < draft->n_options; i++) {
        variant_t *option = &model->variants[draft->options[i]];
        if (option->is_option)
            reader_error(r, mark_of(names, i), "%s.options: %s is given a second time", r->path,
                         option->name);
        option->is_option = true;
    }
    if ((names ? draft->n_options : model->n_variants) < 2)
        reader_error(r, names ? names->mark : node->mark, "%s: two options are needed to choose between%s",
                     r->path, names ? "" : "; the scenario has no variant besides the base");
}

void read_choose(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    choose_draft_t *draft = READER_NEW(r, 1, choose_draft_t);
    int errors = reader_errors(r);
    if (!node || !reader_section(r, field->section, node, draft) || reader_errors(r) != errors) return;
    set_options(r, node, draft);
    set_aims(r, node_get(node, "max"), draft->n_max, draft->max, AIM_MAX);
    set_aims(r, node_get(node, "min"), draft->n_min, draft->min, AIM_MIN);
    if (draft->n_max + draft->n_min == 0)
        reader_error(r, node->mark, "%s: quantities under `max` or `min` are needed to choose by", r->path);
}
