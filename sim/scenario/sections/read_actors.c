/* Actors and groups. */
#include "base/date.h"
#include "model/world.h"
#include "scenario/reader.h"
#include "scenario/sections/read_kinds.h"
#include "text/suggest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- free numeric attributes ------------------------------------------------------------------------ */

static int find_text(char *const *names, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return i;
    return -1;
}

void reader_collect_attributes(reader_t *r, const node_t *item, char ***names, int *n) {
    const node_t *attributes = node_get(item, "attributes");
    if (!attributes || attributes->type != NODE_MAPPING) return;
    for (int i = 0; i < attributes->n; i++) {
        const entry_t *entry = &attributes->entries[i];
        if (find_text(*names, *n, entry->key) >= 0) continue;
        if (!reader_check_name(r, "an attribute", entry->key, entry->mark, ". \t/")) continue;
        char *name = reader_text(r, entry->key);
        *(char **)reader_append(r, names, n, sizeof(char *)) = name;
    }
}

/* Every known name gets a value: the item's, or NAN. */
double *reader_attributes(reader_t *r, const node_t *node, char *const *names, int n) {
    double *values = READER_NEW(r, n, double);
    for (int i = 0; i < n; i++) values[i] = NAN;
    if (!node) return values;
    if (!reader_is_mapping(r, node, "a mapping from names to numbers")) return values;
    for (int e = 0; e < node->n; e++) {
        int i = find_text(names, n, node->entries[e].key);
        if (i < 0) continue;
        size_t outer = reader_push(r, names[i]);
        if (reader_number(r, node->entries[e].value, DIM_NUMBER, -INFINITY, INFINITY, &values[i]))
            reader_param(r, &values[i], DIM_NUMBER, -INFINITY, INFINITY, false);
        reader_pop(r, outer);
    }
    return values;
}

/* A table's row as a mapping: columns become keys, other columns attributes. A column with the name of a
 * key, or a name similar to a known column, is reported as a probable mistake. */
node_t *reader_row(reader_t *r, const node_t *row, const column_t *columns, int n_columns, bool first_row) {
    node_t *mapping = node_mapping(&r->nodes, row->mark, row->n + 1);
    node_t *attributes = node_mapping(&r->nodes, row->mark, row->n);
    reader_need(r, mapping && attributes);
    for (int e = 0; e < row->n; e++) {
        const entry_t *entry = &row->entries[e];
        const column_t *column = NULL;
        suggest_t near = suggest_for(entry->key);
        for (int c = 0; c < n_columns && !column; c++) {
            if (!strcmp(columns[c].name, entry->key)) column = &columns[c];
            if (first_row) suggest_offer(&near, columns[c].name);
        }
        if (column) {
            if (column->key) node_put(mapping, column->key, entry->mark, entry->value);
            continue;
        }
        if (first_row && near.best && strlen(entry->key) > 3)
            reader_warning(r, entry->mark,
                           "column \"%.60s\" is read as a free attribute; if \"%s\" was meant, rename it",
                           entry->key, near.best);
        node_put(attributes, entry->key, entry->mark, entry->value);
    }
    if (attributes->n > 0) node_put(mapping, "attributes", row->mark, attributes);
    return mapping;
}

/* ---- actors ----------------------------------------------------------------------------------------- */

static void read_actor_attributes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    *(double **)at = reader_attributes(r, node, r->model->actor_attributes, r->model->n_actor_attributes);
}
static const type_t type_actor_attributes = {
    SHAPE_OWN, "a mapping from names to numbers", read_actor_attributes,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"number\"}}"};

static void finish_actor(reader_t *r, void *base, const node_t *node) {
    actor_t *actor = base;
    if (isnan(actor->from)) actor->from = -INFINITY;
    if (isnan(actor->until)) actor->until = INFINITY;
    if (!actor->attributes)
        actor->attributes = reader_attributes(r, NULL, NULL, r->model->n_actor_attributes);
    if (actor->from >= actor->until)
        reader_error(r, node->mark, "%s: it ends before it begins (from, until)", r->path);
}

static const field_t actor_fields[] = {
    {"label", &type_text, 0, AT(actor_t, label), .unset = "the name", .what = "Name in tables and plots.",
     .example = "Kazakhstan"},
    {"type", &type_text, 0, AT(actor_t, type), .fallback = "state",
     .what = "`state`, `union` (gets no trade from gravity) or any other word.", .example = "union"},
    {"region", &type_text, 0, AT(actor_t, region), .what = "Region, for grouping.",
     .example = "Central Asia"},
    {"gdp", &type_number, 0, AT(actor_t, gdp_usd), .dimension = DIM_MONEY, POSITIVE,
     .what = "Gross domestic product a year; needed by the log_gdp statistics, by gravity and by an "
             "equilibrium of trade.",
     .example = "261.4 bn USD"},
    {"domestic", &type_number, 0, AT(actor_t, domestic_usd), .dimension = DIM_MONEY, NOT_NEGATIVE,
     .unset = "output_ratio x gdp - exports", .what = "Sales to itself a year; for an equilibrium of trade.",
     .example = "400 bn USD"},
    {"growth", &type_number, 0, AT(actor_t, growth), .dimension = DIM_SHARE, BETWEEN(-1, 1), .fallback = "0",
     .what = "Growth of its economy a year since trade.base_year; its flows grow by the mean of both ends'.",
     .example = "5 %"},
    {"lat", &type_number, FIELD_STRUCTURAL, AT(actor_t, lat), BETWEEN(-90, 90),
     .what = "Latitude of the capital, degrees.", .example = "51.17"},
    {"lon", &type_number, FIELD_STRUCTURAL, AT(actor_t, lon), BETWEEN(-180, 180),
     .what = "Longitude, degrees east.", .example = "71.47"},
    {"from", &type_date, 0, AT(actor_t, from), .unset = "always present",
     .what = "First day on which it is present.", .example = "2026-07-01"},
    {"until", &type_date, 0, AT(actor_t, until), .unset = "for ever", .what = "Day from which it is absent."},
    {"attributes", &type_actor_attributes, 0, AT(actor_t, attributes),
     .what = "Numbers for the statistics `initiator` and `target`.", .example = "{polity: -6}"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_text, 0, AT(actor_t, source), .what = "Source of the figures."},
};
const section_t section_actor = {.name = "actor",
                                 .what =
                                     "A state, a union of states or another party, by a short name (`KAZ`).",
                                 SECTION_FIELDS(actor_fields),
                                 .finish = finish_actor};

static const column_t actor_columns[] = {
    {"name", NULL},       {"label", "label"}, {"type", "type"},
    {"region", "region"}, {"gdp_usd", "gdp"}, {"domestic_usd", "domestic"},
    {"growth", "growth"}, {"lat", "lat"},     {"lon", "lon"},
    {"from", "from"},     {"until", "until"}, {"source", "source"},
};
#define N_ACTOR_COLUMNS (int)(sizeof actor_columns / sizeof *actor_columns)

/* The table's rows as one mapping by name, as if they had been written inline. */
static const node_t *actors_of_table(reader_t *r, const node_t *from) {
    const node_t *table = reader_tables(r, from, "name");
    if (!table) return NULL;
    node_t *actors = node_mapping(&r->nodes, table->mark, table->n);
    reader_need(r, actors);
    for (int i = 0; i < table->n; i++) {
        const node_t *row = table->items[i], *name = node_get(row, "name");
        if (!name) {
            reader_error(r, row->mark, "an actor's row has no name (column \"name\")");
            continue;
        }
        if (node_get(actors, name->text)) {
            reader_error(r, name->mark, "actor \"%.60s\" is given a second time", name->text);
            continue;
        }
        node_put(actors, name->text, name->mark, reader_row(r, row, actor_columns, N_ACTOR_COLUMNS, i == 0));
    }
    return actors;
}

/* Each actor laid over `default`. */
static const node_t *over_default(reader_t *r, const node_t *actors, const node_t *fallback) {
    node_t *all = node_mapping(&r->nodes, actors->mark, actors->n);
    reader_need(r, all);
    for (int i = 0; i < actors->n; i++) {
        const entry_t *entry = &actors->entries[i];
        bool bare = node_is_null(entry->value);
        const node_t *whole = bare ? fallback : node_merge(&r->nodes, fallback, entry->value);
        reader_need(r, whole);
        node_put(all, entry->key, entry->mark, whole);
    }
    return all;
}

static const node_t *read_default(reader_t *r, const node_t *node) {
    const entry_t *entry = node_entry(node, "default");
    if (!entry) return NULL;
    size_t outer = reader_push(r, "default");
    bool good = reader_is_mapping(r, entry->value, "a mapping with the keys of an actor");
    reader_pop(r, outer);
    return good ? entry->value : NULL;
}

/* {from: table, KAZ: {...}}: the entries laid over the rows. */
static const node_t *all_actors(reader_t *r, const node_t *node) {
    const node_t *from = node_get(node, "from");
    static const char *const except[] = {"from", "default", NULL};
    const node_t *own = node_copy_mapping(&r->nodes, node, 0, except);
    reader_need(r, own);
    if (!from) return own;
    size_t outer = reader_push(r, "from");
    const node_t *table = actors_of_table(r, from);
    reader_pop(r, outer);
    r->missing[CATALOG_ACTOR] = r->missing[CATALOG_ACTOR_ATTRIBUTE] = table == NULL;
    const node_t *merged = node_merge(&r->nodes, table, own);
    reader_need(r, merged);
    return merged;
}

void read_actors(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to actors, or {from: TABLE}")) {
        r->missing[CATALOG_ACTOR] = true;
        return;
    }
    const node_t *all = all_actors(r, node), *fallback = read_default(r, node);
    if (fallback) all = over_default(r, all, fallback);
    model_t *model = r->model;
    for (int i = 0; i < all->n; i++)
        reader_collect_attributes(r, all->entries[i].value, &model->actor_attributes,
                                  &model->n_actor_attributes);
    model->actors = READER_NEW(r, all->n, actor_t);
    for (int i = 0; i < all->n; i++) {
        const entry_t *entry = &all->entries[i];
        reader_check_name(r, "an actor", entry->key, entry->mark, ".-/,:> \t");
        actor_t *actor = &model->actors[model->n_actors++];
        actor->name = reader_text(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        reader_section(r, &section_actor, node_is_null(entry->value) ? NULL : entry->value, actor);
        reader_pop(r, outer);
    }
    if (model->n_actors < 2 && !r->missing[CATALOG_ACTOR])
        reader_error(r, node->mark, "there %s %d actor%s: at least two are needed",
                     model->n_actors == 1 ? "is" : "are", model->n_actors, model->n_actors == 1 ? "" : "s");
    if (model->n_actors > 2000)
        reader_error(r, node->mark, "%d actors are more than the limit of 2000", model->n_actors);
}

/* ---- groups ----------------------------------------------------------------------------------------- */

static void finish_member(reader_t *r, void *base, const node_t *node) {
    member_t *member = base;
    if (isnan(member->from)) member->from = -INFINITY;
    if (isnan(member->until)) member->until = INFINITY;
    if (member->from >= member->until)
        reader_error(r, node->mark, "%s: it ends before it begins (from, until)", r->path);
}

static const field_t member_fields[] = {
    {"actor", &type_name, FIELD_REQUIRED, AT(member_t, actor), .catalog = CATALOG_ACTOR,
     .what = "The actors.", .example = "AFG"},
    {"from", &type_date, 0, AT(member_t, from), .unset = "always", .what = "First day of membership.",
     .example = "2027-01-01"},
    {"until", &type_date, 0, AT(member_t, until), .unset = "for ever", .what = "End (exclusive).",
     .example = "2028-01-01"},
};
static const section_t section_member = {.name = "member",
                                         .what = "A member of a group: a name, or a spell with dates.",
                                         SECTION_FIELDS(member_fields),
                                         .shorthand = "actor",
                                         .finish = finish_member};

/* {2026: USA, 2027: GBR} */
static void read_chair(reader_t *r, const field_t *field, const node_t *node, void *at) {
    group_t *group = (group_t *)((char *)at - field->at);
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    group->chairs = READER_NEW(r, node->n, chair_t);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        char *end;
        long year = strtol(entry->key, &end, 10);
        if (end == entry->key || *end || year < 1 || year > 9999) {
            reader_error(r, entry->mark, "%s: \"%.40s\" is not a year", r->path, entry->key);
            continue;
        }
        size_t outer = reader_push(r, entry->key);
        chair_t *chair = &group->chairs[group->n_chairs++];
        *chair = (chair_t){.from = date_from_civil((int)year, 1, 1) - r->model->start,
                           .until = date_from_civil((int)year + 1, 1, 1) - r->model->start,
                           .actor = reader_find(r, CATALOG_ACTOR, entry->value)};
        reader_pop(r, outer);
    }
}
static const type_t type_chair = {SHAPE_OWN, "a mapping from years to actors", read_chair,
                                  "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}"};

static const field_t group_fields[] = {
    {"members", &type_list, FIELD_REQUIRED, ITEMS(group_t, members, n_members, member_t),
     .section = &section_member, .what = "Its members, with dates if they change.",
     .example = "[USA, KAZ, {actor: AFG, from: 2027-01-01}]"},
    {"label", &type_ignored, 0, .unset = "the name", .what = "Name in tables and plots.",
     .example = "Group of Twenty"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_ignored, 0, .what = "Source."},
    {"chair", &type_chair, 0, AT(group_t, chairs), .what = "The chair of each year.",
     .example = "{2026: USA, 2027: GBR}"},
};
const section_t section_group = {.name = "group",
                                 .what =
                                     "A set of actors whose membership may change in time (`G20`, `C5+1`).",
                                 SECTION_FIELDS(group_fields)};

void read_groups(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from names to groups")) return;
    model_t *model = r->model;
    reader_check_number(r, node->mark, node->n, WORLD_MAX_GROUPS, "groups");
    model->groups = READER_NEW(r, node->n, group_t);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        reader_check_name(r, "a group", entry->key, entry->mark, ".");
        if (model_actor(model, entry->key) >= 0)
            reader_error(r, entry->mark,
                         "\"%.60s\" is the name of an actor too; `between` could not distinguish them",
                         entry->key);
        group_t *group = &model->groups[model->n_groups++];
        group->name = reader_text(r, entry->key);
        size_t outer = reader_push(r, entry->key);
        reader_section(r, &section_group, entry->value, group);
        reader_pop(r, outer);
    }
}
