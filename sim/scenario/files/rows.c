/* Tables of actors and ties: which rows a scenario takes. */
#include "scenario/files/library.h"

#include "text/suggest.h"
#include <string.h>

/* ---- keys --------------------------------------------------------------------------------------------- */

static void read_where(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    reader_is_mapping(r, node, field->type->expected);
}
static void read_choice(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    if (node->type == NODE_MAPPING) reader_expected(r, node, field->type->expected);
}
static const type_t type_where = {SHAPE_OWN, "a mapping from columns to a value or a list of values",
                                  read_where, "{\"type\": \"object\"}"};
static const type_t type_choice = {SHAPE_NAMES, "a name or a list of names", read_choice, NULL};

static const field_t table_fields[] = {
    {"file", &type_text, FIELD_REQUIRED, AT(choice_t, file), .what = "Its path.",
     .example = "tables/countries.csv"},
    {"where", &type_where, 0, .unset = "all rows",
     .what = "Only rows that have this value, or one of these, in the column.",
     .example = "{region: Western Asia}"},
    {"only", &type_choice, 0, .catalog = CATALOG_ACTOR, .unset = "all",
     .what =
         "Only these actors. In a table of ties: only ties between these; of tariffs: only on their goods.",
     .example = "[SAU, IRN]"},
    {"except", &type_choice, 0, .catalog = CATALOG_ACTOR, .unset = "none",
     .what = "All but these actors. In a table of ties: no ties of these; of tariffs: none on their goods.",
     .example = "[ISR]"},
};
const section_t section_table = {.name = "table",
                                 .what = "A table (CSV), and which of its rows are taken.",
                                 SECTION_FIELDS(table_fields),
                                 .shorthand = "file"};

/* ---- rows --------------------------------------------------------------------------------------------- */

static bool names(const node_t *choice, const char *name) {
    if (choice->type == NODE_SCALAR) return !strcmp(choice->text, name);
    for (int i = 0; i < choice->n; i++)
        if (choice->items[i]->type == NODE_SCALAR && !strcmp(choice->items[i]->text, name)) return true;
    return false;
}

static bool fits(const node_t *row, const node_t *where) {
    for (int i = 0; where && i < where->n; i++) {
        const node_t *cell = node_get(row, where->entries[i].key);
        if (!cell || !names(where->entries[i].value, cell->text)) return false;
    }
    return true;
}

static bool chosen(const node_t *only, const node_t *except, const node_t *name) {
    return !name || ((!only || names(only, name->text)) && (!except || !names(except, name->text)));
}

static bool is_taken(const node_t *choice, const node_t *row, const char *key) {
    const node_t *only = node_get(choice, "only"), *except = node_get(choice, "except");
    if (!fits(row, node_get(choice, "where"))) return false;
    if (key) return chosen(only, except, node_get(row, key));
    return chosen(only, except, node_get(row, "a")) && chosen(only, except, node_get(row, "b"));
}

/* All names of a column, and all columns, as mappings. */
static const node_t *names_of(reader_t *r, const node_t *table, const char *const *keys) {
    node_t *known = node_mapping(&r->nodes, table->mark, 2 * table->n);
    reader_need(r, known);
    for (int i = 0; i < table->n; i++)
        for (int k = 0; k < 2 && keys[k]; k++) {
            const node_t *name = node_get(table->items[i], keys[k]);
            if (name &&
                (i == 0 || known->n == 0 || strcmp(known->entries[known->n - 1].key, name->text) != 0))
                node_put(known, name->text, name->mark, name);
        }
    return known;
}

static bool has_column(const node_t *table, const char *column) {
    for (int i = 0; i < table->n; i++)
        if (node_get(table->items[i], column)) return true;
    return false;
}

static void check_where(reader_t *r, const node_t *table, const node_t *where) {
    for (int i = 0; where && where->type == NODE_MAPPING && i < where->n; i++) {
        const entry_t *entry = &where->entries[i];
        bool fitting = false;
        node_t one = {.type = NODE_MAPPING, .n = 1, .entries = (entry_t *)entry};
        for (int row = 0; row < table->n; row++) fitting |= fits(table->items[row], &one);
        if (fitting) continue;
        suggest_t near = suggest_for(entry->key);
        for (int row = 0; row < table->n; row++)
            for (int c = 0; c < table->items[row]->n; c++)
                suggest_offer(&near, table->items[row]->entries[c].key);
        bool column = has_column(table, entry->key);
        reader_error(r, column ? entry->value->mark : entry->mark, "%s.where.%s: %s%s%s%s", r->path,
                     entry->key,
                     column ? "no row has this value in that column" : "the table has no such column",
                     !column && near.best ? "; did you mean \"" : "", !column && near.best ? near.best : "",
                     !column && near.best ? "\"?" : "");
    }
}

static void check_choice(reader_t *r, const node_t *table, const node_t *choice, const char *key) {
    const char *const keys[2] = {key ? key : "a", key ? NULL : "b"};
    const node_t *known = names_of(r, table, keys);
    check_where(r, table, node_get(choice, "where"));
    library_check_names(r, node_get(choice, "only"), known, "row of");
    library_check_names(r, node_get(choice, "except"), known, "row of");
}

static void add_rows(reader_t *r, node_t *all, const node_t *choice, const node_t *table, const char *key) {
    bool choosing = choice->type == NODE_MAPPING;
    for (int i = 0; i < table->n; i++) {
        const node_t *row = table->items[i], *name = key ? node_get(row, key) : NULL;
        if (!choosing || is_taken(choice, row, key))
            all->items[all->n++] = row;
        else if (name)
            *READER_APPEND(r, r->filtered, r->n_filtered, const char *) = name->text;
    }
}

bool reader_is_filtered(const reader_t *r, const char *actor) {
    for (int i = 0; i < r->n_filtered; i++)
        if (!strcmp(r->filtered[i], actor)) return model_actor(r->model, actor) < 0;
    return false;
}

static const node_t *read_rows(reader_t *r, const node_t *choice, const node_t *before, const char *key) {
    const node_t *name = choice->type == NODE_MAPPING ? node_get(choice, "file") : choice;
    if (!reader_section(r, &section_table, choice, &(choice_t){0}) || !name ||
        !reader_is_scalar(r, name, "the path of a file"))
        return NULL;
    const node_t *table = reader_table(r, name);
    int errors = reader_errors(r);
    if (table && choice->type == NODE_MAPPING) check_choice(r, table, choice, key);
    if (!table || reader_errors(r) != errors) return NULL;
    node_t *all = node_list(&r->nodes, table->mark, table->n + (before ? before->n : 0));
    reader_need(r, all);
    for (int i = 0; before && i < before->n; i++) all->items[all->n++] = before->items[i];
    add_rows(r, all, choice, table, key);
    return all;
}

const node_t *reader_tables(reader_t *r, const node_t *from, const char *key) {
    const node_t *all = NULL;
    bool good = true;
    for (int i = 0; i < (from->type == NODE_LIST ? from->n : 1); i++) {
        const node_t *more = read_rows(r, from->type == NODE_LIST ? from->items[i] : from, all, key);
        good &= more != NULL;
        if (more) all = more;
    }
    return good ? all : NULL;
}
