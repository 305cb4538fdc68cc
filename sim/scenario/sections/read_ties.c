/* Ties between actors, their distances and trade, and the parameters of their changes. */
#include "base/math/elementary.h"
#include "scenario/reader.h"
#include "scenario/sections/read_kinds.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one tie ---------------------------------------------------------------------------------------- */

/* {KAZ: 1.9 bn USD, USA: 1.1 bn USD}: what each of the two exports to the other. */
static void read_exports(reader_t *r, const field_t *field, const node_t *node, void *at) {
    tie_t *tie = (tie_t *)((char *)at - field->at);
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        const char *a = r->model->actors[tie->a].name, *b = r->model->actors[tie->b].name;
        int flow = !strcmp(entry->key, a) ? 0 : !strcmp(entry->key, b) ? 1 : -1;
        if (flow < 0) {
            reader_error(r, entry->mark, "%s: \"%.60s\" is neither %s nor %s", r->path, entry->key, a, b);
            continue;
        }
        size_t outer = reader_push(r, entry->key);
        if (reader_number(r, entry->value, DIM_MONEY, 0, INFINITY, &tie->trade_usd[flow]))
            reader_param(r, &tie->trade_usd[flow], DIM_MONEY, 0, INFINITY, false);
        reader_pop(r, outer);
    }
}
static const type_t type_exports = {
    SHAPE_OWN, "a mapping from the two actors to amounts", read_exports,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"number\", \"string\"]}}"};

static void read_tie_attributes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field;
    *(double **)at = reader_attributes(r, node, r->model->tie_attributes, r->model->n_tie_attributes);
}
static const type_t type_tie_attributes = {
    SHAPE_OWN, "a mapping from names to numbers", read_tie_attributes,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"number\"}}"};

/* Great-circle distance of two places on a sphere of 6371 km, km (haversine); NAN if one is not known. */
static double great_circle(const actor_t *a, const actor_t *b) {
    if (isnan(a->lat + a->lon + b->lat + b->lon)) return NAN; /* fmin would turn it into half the equator */
    double degree = M_PI / 180;
    double up = elementary_sin((b->lat - a->lat) * degree / 2),
           across = elementary_sin((b->lon - a->lon) * degree / 2);
    double h = up * up + elementary_cos(a->lat * degree) * elementary_cos(b->lat * degree) * across * across;
    return 2 * 6371 * elementary_asin(fmin(1, sqrt(h)));
}

/* Missing values of a tie follow from the given ones. */
static void default_param(reader_t *r, double *value, double fallback, const char *name) {
    if (!isnan(*value)) return;
    *value = fallback;
    size_t outer = reader_push(r, name);
    reader_param(r, value, DIM_NUMBER, -1, 1, false);
    reader_pop(r, outer);
}

static void finish_tie(reader_t *r, void *base, const node_t *node) {
    (void)node;
    tie_t *tie = base;
    default_param(r, &tie->baseline, tie->alignment, "baseline");
    default_param(r, &tie->alignment_ref, tie->alignment, "alignment_ref");
    if (!tie->attributes) tie->attributes = reader_attributes(r, NULL, NULL, r->model->n_tie_attributes);
    if (isnan(tie->distance_km)) {
        double distance = great_circle(&r->model->actors[tie->a], &r->model->actors[tie->b]);
        if (!isnan(distance) && distance > 0) {
            tie->distance_km = distance;
            size_t outer = reader_push(r, "distance");
            reader_param(r, &tie->distance_km, DIM_DISTANCE, DBL_MIN, INFINITY, false);
            reader_pop(r, outer);
        }
    }
}

static const field_t tie_fields[] = {
    {"strength", &type_number, 0, AT(tie_t, strength), BETWEEN(-1, 1), .fallback = "0",
     .what = "Strength s at the start: the current state of the relation.", .example = "0.35"},
    {"alignment", &type_number, 0, AT(tie_t, alignment), BETWEEN(-1, 1), .fallback = "0",
     .what = "Alignment b at the start: the level to which strength returns.", .example = "0.3"},
    {"baseline", &type_number, 0, AT(tie_t, baseline), BETWEEN(-1, 1), .unset = "alignment",
     .what = "Long-run level b0, to which alignment returns.", .example = "0.25"},
    {"alignment_ref", &type_number, 0, AT(tie_t, alignment_ref), BETWEEN(-1, 1), .unset = "alignment",
     .what = "Alignment at the date of the trade figures.", .example = "0.2"},
    {"exports", &type_exports, 0, AT(tie_t, trade_usd), .unset = "gravity, or no trade",
     .what = "Yearly exports of each to the other.", .example = "{KAZ: 1.9 bn USD, USA: 1.1 bn USD}"},
    {"distance", &type_number, 0, AT(tie_t, distance_km), .dimension = DIM_DISTANCE, POSITIVE,
     .unset = "great circle, if both have coordinates", .what = "Distance, km.", .example = "10500 km"},
    {"attributes", &type_tie_attributes, 0, AT(tie_t, attributes), .what = "Numbers for the statistic `tie`.",
     .example = "{contiguity: 0}"},
    {"note", &type_ignored, 0, .what = "For the reader."},
    {"source", &type_text, 0, AT(tie_t, source), .what = "Source of the figures."},
};
const section_t section_tie = {.name = "tie",
                               .what =
                                   "The relation of two actors, named by both (`KAZ-USA`, in either order).",
                               SECTION_FIELDS(tie_fields),
                               .finish = finish_tie};

/* ---- all ties --------------------------------------------------------------------------------------- */

typedef struct { /* a tie as written: the row of a table, an entry of the mapping, or both */
    int a, b;
    bool from_table;
    const node_t *node;
} tie_draft_t;

typedef struct {
    reader_t *r;
    tie_draft_t *drafts;
    int n, *of; /* [n_actors * n_actors] draft of a pair, -1 */
} tie_list_t;

static void add_draft(tie_list_t *self, int a, int b, const node_t *node, location_t mark, bool from_table) {
    reader_t *r = self->r;
    reader_need(r, node);
    int n_actors = r->model->n_actors;
    int old = self->of[a * n_actors + b];
    assert(old < 0 || self->drafts);
    if (old >= 0 && self->drafts[old].from_table == from_table) {
        reader_error(r, mark, "the tie of %s and %s is given a second time", r->model->actors[a].name,
                     r->model->actors[b].name);
        return;
    }
    if (old >= 0) { /* an entry overrides the table's row */
        self->drafts[old].node = node_merge(&r->nodes, self->drafts[old].node, node);
        self->drafts[old].from_table = false;
        reader_need(r, self->drafts[old].node);
        return;
    }
    self->of[a * n_actors + b] = self->of[b * n_actors + a] = self->n;
    tie_draft_t *draft = READER_APPEND(r, self->drafts, self->n, tie_draft_t);
    *draft = (tie_draft_t){.a = a < b ? a : b, .b = a < b ? b : a, .from_table = from_table, .node = node};
}

static const column_t tie_columns[] = {
    {"a", NULL},
    {"b", NULL},
    {"strength", "strength"},
    {"alignment", "alignment"},
    {"baseline", "baseline"},
    {"alignment_ref", "alignment_ref"},
    {"trade_ab_usd", NULL},
    {"trade_ba_usd", NULL},
    {"distance_km", "distance"},
    {"source", "source"},
};
#define N_TIE_COLUMNS (int)(sizeof tie_columns / sizeof *tie_columns)

static const node_t *tie_of_row(reader_t *r, const node_t *row, bool first_row) {
    node_t *tie = reader_row(r, row, tie_columns, N_TIE_COLUMNS, first_row);
    const entry_t *ab = node_entry(row, "trade_ab_usd"), *ba = node_entry(row, "trade_ba_usd");
    if (!ab && !ba) return tie;
    node_t *exports = node_mapping(&r->nodes, row->mark, 2),
           *whole = node_copy_mapping(&r->nodes, tie, 1, NULL);
    reader_need(r, exports && whole);
    if (ab) node_put(exports, node_get(row, "a")->text, ab->mark, ab->value);
    if (ba) node_put(exports, node_get(row, "b")->text, ba->mark, ba->value);
    node_put(whole, "exports", row->mark, exports);
    return whole;
}

static void add_table(tie_list_t *self, const node_t *from) {
    reader_t *r = self->r;
    const node_t *table = reader_tables(r, from, NULL);
    if (!table) {
        r->ties_missing = r->missing[CATALOG_TIE_ATTRIBUTE] = true;
        return;
    }
    for (int i = 0; i < table->n; i++) {
        const node_t *row = table->items[i], *a = node_get(row, "a"), *b = node_get(row, "b");
        if (!a || !b) {
            reader_error(r, row->mark, "a tie's row names its actors in the columns \"a\" and \"b\"");
            continue;
        }
        if (reader_is_filtered(r, a->text) || reader_is_filtered(r, b->text)) continue;
        size_t outer = reader_push(r, "a");
        int first = reader_find(r, CATALOG_ACTOR, a);
        reader_pop(r, outer);
        outer = reader_push(r, "b");
        int second = reader_find(r, CATALOG_ACTOR, b);
        reader_pop(r, outer);
        if (first < 0 || second < 0) continue;
        if (first == second)
            reader_error(r, b->mark, "a tie joins two different actors, not %s and %s", a->text, b->text);
        else
            add_draft(self, first, second, tie_of_row(r, row, i == 0), row->mark, true);
    }
}

static const field_t relax_fields[] = {
    {"strength", &type_number, 0, AT(dynamics_t, strength_half_life), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "30 d", .what = "Half-life with which strength returns to alignment.", .example = "30 d"},
    {"alignment", &type_number, 0, AT(dynamics_t, alignment_half_life), .dimension = DIM_DURATION, POSITIVE,
     .fallback = "3 y", .what = "Half-life with which alignment returns to its baseline.", .example = "3 y"},
};
const section_t section_relax = {
    .name = "relax", .what = "Half-lives of strength and alignment.", SECTION_FIELDS(relax_fields)};

static const field_t ties_key_fields[] = {
    {"relax", &type_section, 0, AT(model_t, dynamics), .section = &section_relax,
     .what = "Half-lives of strength and alignment.", .example = "{strength: 30 d, alignment: 3 y}"},
    {"default", &type_section, 0, .section = &section_tie, .what = "Default values of a tie.",
     .example = "{alignment: 0, attributes: {contiguity: 0}}"},
    {"all", &type_bool, 0, .fallback = "false",
     .what = "Whether every pair of actors has a tie, or only those listed.", .example = "true"},
    {"from", &type_from_table, 0, .section = &section_table,
     .what = "A table with the columns a, b, strength, alignment, baseline, alignment_ref, trade_ab_usd, "
             "trade_ba_usd, "
             "distance_km, source; every other column is an attribute. Entries override its rows.",
     .example = "tables/ties.csv"},
};
const section_t section_ties_keys = {
    .name = "ties", .what = "Keys besides the pairs.", SECTION_FIELDS(ties_key_fields)};

static bool is_key(const char *name) {
    for (int i = 0; i < section_ties_keys.n; i++)
        if (!strcmp(section_ties_keys.fields[i].name, name)) return true;
    return false;
}

static void add_entries(tie_list_t *self, const node_t *node) {
    reader_t *r = self->r;
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        if (is_key(entry->key)) continue;
        if (!strchr(entry->key, '-')) {
            reader_error(r, entry->mark,
                         "unknown key \"%.60s\" in %s. Known keys: relax, default, all, from, and pairs of "
                         "actors such as KAZ-USA",
                         entry->key, r->path);
            continue;
        }
        int a, b;
        node_t name = {.type = NODE_SCALAR, .mark = entry->mark, .text = entry->key};
        if (!reader_pair(r, &name, &a, &b)) continue;
        if (node_is_null(entry->value))
            add_draft(self, a, b, node_mapping(&r->nodes, entry->mark, 0), entry->mark, false);
        else
            add_draft(self, a, b, entry->value, entry->mark, false);
    }
}

static void add_all(tie_list_t *self, location_t mark) {
    int n = self->r->model->n_actors;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            if (self->of[a * n + b] < 0)
                add_draft(self, a, b, node_mapping(&self->r->nodes, mark, 0), mark, false);
}

static int by_pair(const void *x, const void *y) {
    const tie_draft_t *s = x, *t = y;
    return s->a != t->a ? (s->a < t->a ? -1 : 1) : s->b < t->b ? -1 : s->b > t->b;
}

static void make_ties(tie_list_t *self, const node_t *fallback) {
    reader_t *r = self->r;
    model_t *model = r->model;
    if (self->n > 1) qsort(self->drafts, (size_t)self->n, sizeof *self->drafts, by_pair);
    reader_collect_attributes(r, fallback, &model->tie_attributes, &model->n_tie_attributes);
    for (int e = 0; e < self->n; e++)
        reader_collect_attributes(r, self->drafts[e].node, &model->tie_attributes, &model->n_tie_attributes);
    model->ties = READER_NEW(r, self->n, tie_t);
    model->n_ties = self->n;
    for (int e = 0; e < self->n; e++) {
        const tie_draft_t *draft = &self->drafts[e];
        tie_t *tie = &model->ties[e];
        *tie = (tie_t){.a = draft->a, .b = draft->b, .trade_usd = {NAN, NAN}};
        self->of[draft->a * model->n_actors + draft->b] = self->of[draft->b * model->n_actors + draft->a] = e;
        char name[PAIR_BYTES];
        snprintf(name, sizeof name, "%s-%s", model->actors[tie->a].name, model->actors[tie->b].name);
        const node_t *node = node_merge(&r->nodes, fallback, draft->node);
        reader_need(r, node);
        size_t outer = reader_push(r, name);
        reader_section(r, &section_tie, node, tie);
        reader_pop(r, outer);
    }
}

/* `default` may have all keys of a tie except those that name its actors. */
static const node_t *read_default(reader_t *r, const node_t *node) {
    const entry_t *entry = node_entry(node, "default");
    if (!entry) return NULL;
    size_t outer = reader_push(r, "default");
    bool good = reader_is_mapping(r, entry->value, "a mapping with the keys of a tie");
    if (good && node_get(entry->value, "exports")) {
        reader_error(r, node_entry(entry->value, "exports")->mark,
                     "%s.exports: there is no default of trade; give the exports of each tie", r->path);
        good = false;
    }
    reader_pop(r, outer);
    return good ? entry->value : NULL;
}

void read_ties(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    model_t *model = r->model;
    bool good = reader_is_mapping(r, node, "a mapping from pairs of actors to ties");
    size_t outer = reader_push(r, "relax");
    const node_t *relax = good ? node_get(node, "relax") : NULL;
    reader_section(r, &section_relax, relax, &model->dynamics);
    reader_pop(r, outer);
    if (!good) r->ties_missing = true;
    if (!good) return;

    size_t n = (size_t)model->n_actors;
    tie_list_t list = {.r = r, .of = READER_NEW(r, n * n, int)};
    for (size_t i = 0; i < n * n; i++) list.of[i] = -1;
    r->tie_of = list.of;
    const node_t *from = node_get(node, "from"), *all = node_get(node, "all");
    if (from) {
        outer = reader_push(r, "from");
        add_table(&list, from);
        reader_pop(r, outer);
    }
    add_entries(&list, node);
    bool every = false;
    if (all) {
        outer = reader_push(r, "all");
        type_bool.read(r, &(field_t){.type = &type_bool}, all, &every);
        reader_pop(r, outer);
    }
    if (every) add_all(&list, all->mark);
    make_ties(&list, read_default(r, node));
    if (model->n_ties == 0 && !r->ties_missing && !r->missing[CATALOG_ACTOR])
        reader_error(
            r, node->mark,
            "ties: there are none; list pairs such as KAZ-USA, name a table with `from`, or set `all: true`");
}
