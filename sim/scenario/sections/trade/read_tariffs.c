#include "scenario/sections/trade/read_tariffs.h"

#include "base/date.h"
#include <stdio.h>
#include <string.h>

#define MOST_RATE 10 /* 1000 % */

typedef struct {
    tariff_t tariff;
    int importer, n_exporters, *exporters;
} draft_t;

#define RATE                                                                            \
    {                                                                                   \
        "rate", &type_number, FIELD_REQUIRED, AT(draft_t, tariff.rate),                 \
            .dimension = DIM_SHARE, BETWEEN(0, MOST_RATE),                              \
            .what = "The tariff, as a part of the exporter's price.", .example = "25 %" \
    }
#define PARTIES                                                                                             \
    {"importer",                                                                                            \
     &type_name,                                                                                            \
     FIELD_REQUIRED,                                                                                        \
     AT(draft_t, importer),                                                                                 \
     .catalog = CATALOG_ACTOR,                                                                              \
     .what = "Who takes it.",                                                                               \
     .example = "USA"},                                                                                     \
    {                                                                                                       \
        "exporter", &type_names, 0, ITEMS(draft_t, exporters, n_exporters, int),                            \
            .catalog = CATALOG_ACTOR, .unset = "all with a tie to the importer", .what = "On whose goods.", \
            .example = "[KAZ, UZB]"                                                                         \
    }
#define PHASE                                                                                  \
    {                                                                                          \
        "phase_in", &type_number, 0, AT(draft_t, tariff.phase_in),                             \
            .dimension = DIM_DURATION, NOT_NEGATIVE, .fallback = "0 d",                        \
            .what = "Time over which it changes linearly from what it was.", .example = "90 d" \
    }

static const field_t tariff_fields[] = {
    PARTIES,
    RATE,
    {"date", &type_date, FIELD_REQUIRED, AT(draft_t, tariff.time),
     .what = "From when. Up to the middle of trade.base_year it is in force in the figures themselves.",
     .example = "2026-04-01"},
    PHASE,
    {"note", &type_text, 0, .what = "For the reader."},
    {"source", &type_text, 0, .what = "Source."},
};
const section_t section_tariff = {.name = "tariff",
                                  .what = "What an importer takes on an exporter's goods from a date on.",
                                  SECTION_FIELDS(tariff_fields)};

static const field_t set_fields[] = {PARTIES, RATE, PHASE};
const section_t section_tariff_set = {
    .name = "tariff set", .what = "A tariff that an intervention sets.", SECTION_FIELDS(set_fields)};

static const field_t key_fields[] = {
    {"from", &type_from_table, 0, .section = &section_table,
     .what =
         "A table with the columns name, importer, exporter, date, rate, phase_in, source. Entries override "
         "its rows of that name.",
     .example = "{file: world/tariffs.csv, only: [KAZ, UZB]}"},
};
const section_t section_tariff_keys = {
    .name = "tariffs", .what = "Keys besides the names.", SECTION_FIELDS(key_fields)};

static void add_flow(reader_t *r, tariff_t *tariff, int exporter, int importer) {
    int tie = r->tie_of[exporter * r->model->n_actors + importer];
    *READER_APPEND(r, tariff->flows, tariff->n_flows, int) =
        2 * tie + (r->model->ties[tie].a == exporter ? 0 : 1);
}

/* The flows it is on. */
static void find_flows(reader_t *r, const node_t *node, const draft_t *draft, tariff_t *tariff) {
    const model_t *model = r->model;
    int n = model->n_actors, j = draft->importer;
    for (int i = 0; i < n && !node_get(node, "exporter"); i++)
        if (i != j && r->tie_of[i * n + j] >= 0) add_flow(r, tariff, i, j);
    for (int k = 0; k < draft->n_exporters; k++) {
        int i = draft->exporters[k];
        if (i == j || r->tie_of[i * n + j] < 0)
            reader_error(r, node_get(node, "exporter")->mark, "%s: %s and %s have no tie, and so no trade",
                         r->path, model->actors[i].name, model->actors[j].name);
        else
            add_flow(r, tariff, i, j);
    }
}

/* Reads the mapping into the tariff, whose address stays: its rate is a parameter. */
static void read_into(reader_t *r, const section_t *section, const node_t *node, tariff_t *tariff) {
    draft_t draft = {.importer = -1};
    int errors = reader_errors(r);
    r->silent++;
    bool good = reader_section(r, section, node, &draft);
    r->silent--;
    char *name = tariff->name;
    *tariff = draft.tariff;
    tariff->name = name;
    if (!good || reader_errors(r) > errors || !r->tie_of) return;
    find_flows(r, node, &draft, tariff);
    size_t outer = reader_push(r, "rate");
    reader_param(r, &tariff->rate, DIM_SHARE, 0, MOST_RATE, false);
    reader_pop(r, outer);
    outer = reader_push(r, "phase_in");
    reader_param(r, &tariff->phase_in, DIM_DURATION, 0, INFINITY, false);
    reader_pop(r, outer);
}

/* ---- dated tariffs ---------------------------------------------------------------------------------- */

static const column_t columns[] = {
    {"name", NULL},   {"importer", "importer"}, {"exporter", "exporter"}, {"date", "date"},
    {"rate", "rate"}, {"phase_in", "phase_in"}, {"source", "source"},
};
#define N_COLUMNS (int)(sizeof columns / sizeof *columns)

static const node_t *of_table(reader_t *r, const node_t *from) {
    const node_t *table = reader_tables(r, from, "exporter");
    if (!table) return NULL;
    node_t *all = node_mapping(&r->nodes, table->mark, table->n);
    reader_need(r, all);
    for (int i = 0; i < table->n; i++) {
        const node_t *row = table->items[i], *name = node_get(row, "name");
        if (!name)
            reader_error(r, row->mark, "a tariff's row has no name (column \"name\")");
        else if (node_get(all, name->text))
            reader_error(r, name->mark, "tariff \"%.60s\" is given a second time", name->text);
        else
            node_put(all, name->text, name->mark, reader_row(r, row, columns, N_COLUMNS, i == 0));
    }
    return all;
}

static void read_tariffs(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    model_t *model = r->model;
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    const node_t *from = node_get(node, "from"), *all = NULL;
    if (from) all = of_table(r, from);
    node_t *own = node_copy_mapping(&r->nodes, node, 0, NULL);
    reader_need(r, own);
    if (all) own = (node_t *)node_merge(&r->nodes, all, own);
    reader_need(r, own);
    model->tariffs = READER_NEW(r, own->n, tariff_t);
    for (int i = 0; i < own->n; i++) {
        const entry_t *entry = &own->entries[i];
        if (!strcmp(entry->key, "from")) continue;
        reader_check_name(r, "a tariff", entry->key, entry->mark, ". \t/");
        tariff_t *tariff = &model->tariffs[model->n_tariffs++];
        tariff->name = reader_text(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        read_into(r, &section_tariff, entry->value, tariff);
        reader_pop(r, outer);
    }
}
const type_t type_tariffs = {SHAPE_MAP, "a mapping from names to tariffs, or {from: TABLE}", read_tariffs,
                             NULL};

/* ---- tariffs that an intervention sets -------------------------------------------------------------- */

static void read_set(reader_t *r, const field_t *field, const node_t *node, void *at) {
    intervention_t *intervention = at;
    if (!reader_is_list(r, node, field->type->expected)) return;
    intervention->tariffs = READER_NEW(r, node->n, tariff_t);
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push_index(r, i);
        tariff_t *tariff = &intervention->tariffs[intervention->n_tariffs++];
        tariff->name = reader_text(r, "");
        read_into(r, &section_tariff_set, node->items[i], tariff);
        reader_pop(r, outer);
    }
}
const type_t type_tariffs_set = {SHAPE_LIST, "a list of tariffs", read_set, NULL};
