#include "scenario/scenario.h"

#include "scenario/sections/read_calendar.h"
#include "scenario/units.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the top of the language ------------------------------------------------------------------------ */

static void read_version(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    if (node->type != NODE_SCALAR || strcmp(node->text, "1") != 0)
        reader_expected(r, node, field->type->expected);
}
static const type_t type_version = {SHAPE_OWN, "1, the language's version", read_version, "{\"const\": 1}"};

typedef struct {
    double start, end;
} period_t;

static const field_t period_fields[] = {
    {"start", &type_date, FIELD_REQUIRED, AT(period_t, start), .what = "First day.", .example = "2025-12-23"},
    {"end", &type_date, FIELD_REQUIRED, AT(period_t, end), .what = "End (exclusive).",
     .example = "2027-01-01"},
};
static const section_t section_period = {
    .name = "period", .what = "The simulated period.", SECTION_FIELDS(period_fields)};

static void read_period(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    model_t *model = r->model;
    period_t *period = READER_NEW(r, 1, period_t);
    int errors = reader_errors(r);
    model->horizon = 365;
    if (!node || !reader_section(r, field->section, node, period) || reader_errors(r) != errors) {
        r->period_missing = true;
        return;
    }
    model->start = period->start;
    if (period->end > period->start) {
        model->horizon = period->end - period->start;
        return;
    }
    reader_error(r, node_get(node, "end")->mark, "%s: it ends before it begins", r->path);
    r->period_missing = true;
}
static const type_t type_period = {SHAPE_SECTION, "a mapping", read_period, NULL};

static void read_seed(reader_t *r, const field_t *field, const node_t *node, void *at) {
    bool digits =
        node->type == NODE_SCALAR && *node->text && strspn(node->text, "0123456789") == strlen(node->text);
    errno = 0;
    uintmax_t seed = digits ? strtoumax(node->text, NULL, 10) : 0;
    if (!digits || errno || seed > UINT64_MAX)
        reader_expected(r, node, field->type->expected);
    else
        *(uint64_t *)at = seed;
}
static const type_t type_seed = {SHAPE_OWN, "a whole number from 0 to 18446744073709551615", read_seed,
                                 "{\"type\": \"integer\", \"minimum\": 0}"};

static const field_t monte_carlo_fields[] = {
    {"replicates", &type_int, 0, AT(model_t, replicates), BETWEEN(1, 1e9), .fallback = "1000",
     .what = "Number of replicates (simulated futures).", .example = "1000"},
    {"seed", &type_seed, 0, AT(model_t, seed), .fallback = "1", .what = "Master seed.",
     .example = "20251223"},
    {"event_cap", &type_number, FIELD_STRUCTURAL, AT(model_t, event_cap), BETWEEN(1, 1e12),
     .fallback = "1000000",
     .what = "Largest number of events of a replicate; beyond it the replicate is stopped and flagged.",
     .example = "100000"},
};
static const section_t section_monte_carlo = {.name = "monte_carlo",
                                              .what = "Number of replicates, seed and event cap.",
                                              SECTION_FIELDS(monte_carlo_fields)};

static const field_t level_fields[] = {
    {"leader", &type_number, 0, AT(model_t, dynamics.level[LEVEL_LEADER]), NOT_NEGATIVE, .fallback = "2",
     .what = "Factor on g of an event at leaders' level."},
    {"minister", &type_number, 0, AT(model_t, dynamics.level[LEVEL_MINISTER]), NOT_NEGATIVE, .fallback = "1",
     .what = "At ministers' level."},
    {"official", &type_number, 0, AT(model_t, dynamics.level[LEVEL_OFFICIAL]), NOT_NEGATIVE,
     .fallback = "0.5", .what = "At officials' level."},
};
static const section_t section_level = {.name = "effects.level",
                                        .what = "Multipliers of an event's effect by its level.",
                                        SECTION_FIELDS(level_fields)};
static const field_t effects_fields[] = {
    {"gain_divisor", &type_number, 0, AT(model_t, dynamics.gain_divisor), POSITIVE, .fallback = "100",
     .what = "g = Goldstein weight / gain_divisor x level.", .example = "100"},
    {"level", &type_section, 0, .section = &section_level, .what = "Factors of the levels.",
     .example = "{leader: 2, minister: 1, official: 0.5}"},
};
const section_t section_effects = {
    .name = "effects", .what = "How the weights of events change strength.", SECTION_FIELDS(effects_fields)};

const type_t type_from_table = {
    SHAPE_OWN, "a [table](#table): a path or a mapping; or a list of these", NULL,
    "{\"anyOf\": [{\"$ref\": \"#/definitions/table\"}, {\"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/definitions/table\"}}]}"};
static const type_t type_from_library = {
    SHAPE_OWN, "a [library](#library): a path or a mapping; or a list of these", NULL,
    "{\"anyOf\": [{\"$ref\": \"#/definitions/library\"}, {\"type\": \"array\", \"items\": {\"$ref\": "
    "\"#/definitions/library\"}}]}"};

static const field_t table_key_fields[] = {
    {"default", &type_section, 0, .section = &section_actor,
     .what = "Default values of an actor: what neither its entry nor its row gives.",
     .example = "{attributes: {nuclear: 0}}"},
    {"from", &type_from_table, 0, .section = &section_table,
     .what = "A table with the columns name, label, type, region, gdp_usd, domestic_usd, growth, lat, lon, "
             "from, until, source; "
             "every other column is an attribute. Entries override its rows.",
     .example = "tables/actors.csv"},
};
const section_t section_table_keys = {
    .name = "actors", .what = "Keys besides the names.", SECTION_FIELDS(table_key_fields)};

static const field_t shared_key_fields[] = {
    {"from", &type_from_library, 0, .section = &section_library,
     .what = "A file (or a list of files) with a mapping of the same name; entries override its "
             "keys one by one.",
     .example = "kinds/diplomacy.yaml"},
};
const section_t section_shared_keys = {
    .name = "shared", .what = "Keys besides the names.", SECTION_FIELDS(shared_key_fields)};

#define PART(shape, name, reader, expected) static const type_t name = {shape, expected, reader, NULL}
PART(SHAPE_MAP, type_actors, read_actors, "a mapping from names to actors");
PART(SHAPE_MAP, type_groups, read_groups, "a mapping from names to groups");
PART(SHAPE_MAP, type_ties, read_ties, "a mapping from pairs of actors to ties");
PART(SHAPE_MAP, type_conditions, read_conditions, "a mapping from names to conditions");
PART(SHAPE_MAP, type_kinds, read_kinds, "a mapping from names to event types");
PART(SHAPE_LIST, type_history, read_history, "a list of entries, or of {from: TABLE}");
PART(SHAPE_MAP, type_quantities, read_quantities, "a mapping from names to quantities");
static const type_t type_uncertain = {
    SHAPE_OWN, "a mapping from parameters' paths to distributions", read_uncertain,
    "{\"type\": \"object\", \"properties\": {\"joint\": {\"type\": \"object\", \"additionalProperties\": "
    "{\"$ref\": \"#/definitions/uncertain.joint\"}}}, \"additionalProperties\": {\"type\": \"object\"}}"};
PART(SHAPE_SECTION, type_choose, read_choose, "a mapping");
PART(SHAPE_SECTION, type_sweep, read_sweep, "a mapping");
/* Variants add entries and interventions: these are read even if their own section is not there. */
static const type_t type_calendar = {SHAPE_LIST, "a list of entries", read_calendar, NULL};
static const type_t type_interventions = {SHAPE_LIST, "a list of interventions", read_interventions, NULL};
static const type_t type_variants = {SHAPE_MAP, "a mapping from names to variants", read_variants, NULL};

/* It is merged before the sections are read. */
static void read_extends(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)r, (void)field, (void)node, (void)at;
}
static const type_t type_extends = {SHAPE_SECTION, "the path of a scenario, or a mapping", read_extends,
                                    NULL};

/* Read with the calendar, whose entries they are. */
static void read_observed(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)r, (void)field, (void)node, (void)at;
}
static const type_t type_observed = {SHAPE_LIST, "a list of entries, or of {from: TABLE}", read_observed,
                                     NULL};

/* In the order of reading: a section comes after those to which it refers. */
static const field_t scenario_fields[] = {
    {"entente", &type_version, FIELD_REQUIRED, .what = "Version of the language.", .example = "1"},
    {"title", &type_text, FIELD_REQUIRED, AT(model_t, title), .what = "Title of the scenario."},
    {"note", &type_text, 0, AT(model_t, note), .what = "Description."},
    {"extends", &type_extends, 0, .section = &section_extends,
     .what =
         "A scenario whose text comes first: this file's keys are laid over it, entries with an `id` over "
         "the entries of that id, and other entries are added.",
     .example = "talks.yaml"},
    {"period", &type_period, FIELD_REQUIRED, .section = &section_period, .what = "The simulated period.",
     .example = "{start: 2025-12-23, end: 2027-01-01}"},
    {"actors", &type_actors, FIELD_REQUIRED, .section = &section_actor, .keys = &section_table_keys,
     .what = "The actors."},
    {"groups", &type_groups, 0, .section = &section_group, .what = "Sets of actors."},
    {"ties", &type_ties, FIELD_REQUIRED, .section = &section_tie, .keys = &section_ties_keys,
     .what = "The relations of pairs of actors."},
    {"trade", &type_section, 0, .section = &section_trade, .what = "How trade responds to relations."},
    {"effects", &type_section, 0, .section = &section_effects,
     .what = "How the weights of events change strength."},
    {"refresh", &type_number, 0, AT(model_t, dynamics.refresh), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "30 d",
     .what = "Time between updates of the sampled statistics (degree, shared partners, balance, log_trade), "
             "of the "
             "equilibrium of trade and of its noise.",
     .example = "30 d"},
    {"conditions", &type_conditions, 0, .section = &section_condition, .keys = &section_shared_keys,
     .what = "Standing conditions: states that hold over an interval."},
    {"kinds", &type_kinds, FIELD_REQUIRED, .section = &section_kind, .keys = &section_shared_keys,
     .what = "Event types."},
    {"ongoing", &type_list, 0, ITEMS(model_t, condition_starts, n_condition_starts, condition_start_t),
     .section = &section_ongoing, .what = "Conditions in force at the start.",
     .example = "[{condition: conflict, tie: RUS-UKR, since: 2022-02-24}]"},
    {"as_of", &type_section, 0, AT(model_t, as_of), .section = &section_as_of, .unset = "the start",
     .what = "The day of a forecast within the period: what took place before it is observed.",
     .example = "2026-07-01"},
    {"observed", &type_observed, 0, .section = &section_entry,
     .what = "With as_of: the events that took place from the start to that day. An item with the `id` of a "
             "calendar entry says when and how that entry took place."},
    {"calendar", &type_calendar, FIELD_ABSENT_TOO, .section = &section_entry,
     .what = "Dated events of the period."},
    {"history", &type_history, 0, .section = &section_entry,
     .what =
         "Dated events before the start. They set counts and excitation, not strength. An item {from: TABLE} "
         "stands for the rows of a table whose columns are the keys of an entry (value_usd for value)."},
    {"interventions", &type_interventions, FIELD_ABSENT_TOO, .section = &section_intervention,
     .what = "Changes at a date, or when a rule first holds."},
    {"quantities", &type_quantities, 0, .section = &section_quantity, .what = "Named outcomes."},
    {"variants", &type_variants, FIELD_ABSENT_TOO, .section = &section_variant,
     .what = "Named counterfactuals."},
    {"choose", &type_choose, 0, .section = &section_choose,
     .what = "Which variants are options to choose between, and by which quantities: for `entente choose`, "
             "`entente "
             "compare --why` and the report.",
     .example = "{options: [base, no_invitation], max: kaz_strength}"},
    {"monte_carlo", &type_section, 0, .section = &section_monte_carlo,
     .what = "Number of replicates, seed and event cap."},
    {"output", &type_section, 0, AT(model_t, output), .section = &section_output,
     .what = "What the output file contains."},
    {"uncertain", &type_uncertain, 0, .section = &section_joint,
     .what = "Parameters drawn once a replicate: path, distribution in the parameter's unit, source; or "
             "`same_as`, the path of another uncertain parameter with the same value. `joint`: by name, "
             "which of them are drawn jointly.",
     .example = "{kinds.call.rate.per_year: {lognormal: {median: 0.6, sigma: 0.3}, source: assumed}}"},
    {"sweep", &type_sweep, 0, .section = &section_sweep, .what = "The design of `entente sweep`."},
};
const section_t section_scenario = {
    .name = "scenario", .what = "The keys of a scenario file.", SECTION_FIELDS(scenario_fields)};

/* ---- reading ---------------------------------------------------------------------------------------- */

static void read_all(reader_t *r, int file) {
    r->root = reader_parse(r, file);
    if (!r->root) return;
    if (r->root->type != NODE_MAPPING) {
        reader_error(r, r->root->mark, "a scenario is a mapping that begins with \"entente: 1\"");
        return;
    }
    r->root = reader_extend(r, r->root);
    if (r->base_missing) return; /* the rest would be news of what is missing with it */
    const node_t *version = node_get(r->root, "entente");
    if (version && (version->type != NODE_SCALAR || strcmp(version->text, "1") != 0)) {
        char excerpt[64];
        reader_error(r, version->mark, "entente is %s: this program reads version 1 of the scenario language",
                     node_excerpt(version, excerpt, sizeof excerpt));
        return;
    }
    if (!node_get(r->root, "actors")) r->missing[CATALOG_ACTOR] = r->missing[CATALOG_ACTOR_ATTRIBUTE] = true;
    if (!node_get(r->root, "kinds")) r->missing[CATALOG_KIND] = r->missing[CATALOG_SECTOR] = true;
    r->ties_missing = !node_get(r->root, "ties");
    reader_section(r, &section_scenario, r->root, r->model);
    read_rules_entries(r);
    read_pending(r);
    validate_scenario(r);
}

static int finish(reader_t *r) {
    model_t *model = r->model;
    if (reader_errors(r) > r->unknown_paths) return r->no_input ? ERR_NOINPUT : ERR_DATA;
    model->params = arena_alloc(&model->arena, (size_t)model->n_params, sizeof *model->params);
    if (!model->params) return ERR_NOMEM;
    if (model->n_params) memcpy(model->params, r->params, (size_t)model->n_params * sizeof *model->params);
    return reader_errors(r) ? ERR_DATA : model_finish(model);
}

static void report(diagnostics_t *diagnostics, source_t *source, const char *path, location_t mark,
                   const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    diagnostics_add(diagnostics, SEVERITY_ERROR, source, path, mark, format, arguments);
    va_end(arguments);
}

static int open_scenario(scenario_t *self, const char *path, diagnostics_t *diagnostics) {
    fault_t err = {0};
    location_t mark = {0};
    int file = sources_open(&self->sources, path, &err, &mark.line, &mark.column);
    if (file == ERR_NOMEM || file >= 0) return file;
    bool within = mark.line > 0 && self->sources.n > 0;
    report(diagnostics, within ? &self->sources.items[0] : NULL, path, mark, "%s", err.text);
    return file;
}

static int read_opened(scenario_t *self, int file, diagnostics_t *diagnostics) {
    reader_t *r = mem_alloc(1, sizeof *r);
    if (!r) return ERR_NOMEM;
    r->scenario = self;
    r->model = &self->model;
    r->arena = &self->model.arena;
    arena_init(&r->nodes);
    r->diagnostics = diagnostics;
    r->kind = -1;
    int ret = ERR_NOMEM;
    if (setjmp(r->out_of_memory) == 0) {
        read_all(r, file);
        ret = finish(r);
    }
    if (diagnostics->out_of_memory) ret = ERR_NOMEM;
    mem_free(r->params);
    mem_free(r->pending);
    mem_free(r->needs);
    mem_free(r->parsed);
    arena_free(&r->nodes);
    mem_free(r);
    return ret;
}

int scenario_read(scenario_t *self, const char *path, diagnostics_t *diagnostics) {
    *self = (scenario_t){0};
    model_init(&self->model);
    int file = open_scenario(self, path, diagnostics);
    return file < 0 ? file : read_opened(self, file, diagnostics);
}

int scenario_read_texts(scenario_t *self, int n, const char *const *paths, const char *const *texts,
                        const size_t *lengths, diagnostics_t *diagnostics) {
    *self = (scenario_t){0};
    model_init(&self->model);
    self->sources.given = true;
    for (int i = 0; i < n; i++) {
        int ret = sources_give(&self->sources, paths[i], texts[i], lengths[i]);
        if (ret < 0) return ret;
    }
    if (n == 0) return ERR_NOINPUT;
    int file = open_scenario(self, paths[0], diagnostics);
    return file < 0 ? file : read_opened(self, file, diagnostics);
}

int scenario_read_text(scenario_t *self, const char *path, const char *text, diagnostics_t *diagnostics) {
    *self = (scenario_t){0};
    model_init(&self->model);
    int ret = sources_give(&self->sources, path, text, strlen(text));
    if (ret < 0) return ret;
    self->sources.given = false;
    int file = open_scenario(self, path, diagnostics);
    return file < 0 ? file : read_opened(self, file, diagnostics);
}

void scenario_free(scenario_t *self) {
    if (!self) return;
    sources_free(&self->sources);
    model_free(&self->model);
    *self = (scenario_t){0};
}
