/* Types of values of the model: distributions, linear predictors, probabilities. */
#include "scenario/reader.h"
#include "scenario/units.h"
#include "text/suggest.h"
#include <stdio.h>
#include <string.h>

/* ---- distributions ---------------------------------------------------------------------------------- */

static int params_of(dist_kind_t kind) {
    int n = 0;
    while (n < DIST_MAX_PARAMS && dist_param(kind, n)) n++;
    return n;
}

/* The range of one parameter, from that of the quantity: as the sign of DIST_LIST says. */
static void param_range(dist_kind_t kind, int i, dimension_t *dimension, double *low, double *high) {
    char sign = dist_param(kind, i)[0];
    if (sign != '=') *low = DBL_MIN;
    if (sign == '+' || sign == '>') *high = INFINITY;
    if (sign == '+') *dimension = DIM_NUMBER;
}

static bool read_one(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                     dist_t *dist, int i, bool named) {
    size_t outer = named ? reader_push(r, dist_param(dist->kind, i) + 1) : r->path_length;
    param_range(dist->kind, i, &dimension, &low, &high);
    bool good = reader_number(r, node, dimension, low, high, &dist->p[i]);
    if (good) reader_param(r, &dist->p[i], dimension, low, high, false);
    reader_pop(r, outer);
    return good;
}

static bool read_params(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                        dist_t *dist) {
    int n = params_of(dist->kind);
    bool good = true;
    if (node->type == NODE_SCALAR && n == 1) /* {constant: 5 y}, {exponential: 2 d} */
        return read_one(r, node, dimension, low, high, dist, 0, dist->kind != DIST_CONSTANT);
    if (node->type == NODE_LIST && node->n == n) { /* {uniform: [0, 1]} */
        for (int i = 0; i < n; i++)
            good = read_one(r, node->items[i], dimension, low, high, dist, i, true) && good;
        return good;
    }
    char expected[96];
    size_t length = (size_t)snprintf(expected, sizeof expected, "a mapping with ");
    for (int i = 0; i < n; i++)
        length += (size_t)snprintf(expected + length, sizeof expected - length, "%s%s",
                                   i == 0       ? ""
                                   : i == n - 1 ? " and "
                                                : ", ",
                                   dist_param(dist->kind, i) + 1);
    if (!reader_is_mapping(r, node, expected)) return false;
    for (int e = 0; e < node->n; e++) {
        int i = 0;
        while (i < n && strcmp(dist_param(dist->kind, i) + 1, node->entries[e].key) != 0) i++;
        if (i < n) continue;
        reader_error(r, node->entries[e].mark, "unknown key \"%.60s\" in %s: %s is expected",
                     node->entries[e].key, r->path, expected);
        good = false;
    }
    for (int i = 0; i < n; i++) {
        const node_t *value = node_get(node, dist_param(dist->kind, i) + 1);
        if (value)
            good = read_one(r, value, dimension, low, high, dist, i, true) && good;
        else
            reader_error(r, node->mark, "%s.%s is missing: %s is expected", r->path,
                         dist_param(dist->kind, i) + 1, expected);
        good = good && value;
    }
    return good;
}

/* Draws must stay where the quantity may be. */
static void check_support(reader_t *r, const node_t *node, const dist_t *dist, dimension_t dimension,
                          double low, double high) {
    double least, most;
    dist_support(dist, &least, &most);
    if (low == DBL_MIN) low = 0; /* a continuous draw is never exactly zero */
    if (least >= low && most <= high) return;
    char expected[128];
    units_expect(dimension, low, high, expected, sizeof expected);
    const char *remedy = low >= 0 && high == INFINITY ? "lognormal or gamma"
                         : low == 0 && high == 1      ? "beta, uniform or triangular"
                                                      : "uniform or triangular";
    reader_error(r, node->mark, "%s: draws of this %s can lie outside what is allowed (%s); use %s", r->path,
                 dist_keyword(dist->kind), expected, remedy);
}

#define X(name, keyword, ...) ", " keyword
static const char known_distributions[] = DIST_LIST(X);
#undef X

bool reader_dist(reader_t *r, const node_t *node, dimension_t dimension, double low, double high,
                 dist_t *dist) {
    *dist = (dist_t){.kind = DIST_CONSTANT};
    if (node->type == NODE_SCALAR) return read_one(r, node, dimension, low, high, dist, 0, false);
    char expected[256];
    units_expect(dimension, low, high, expected, sizeof expected);
    size_t length = strlen(expected);
    snprintf(expected + length, sizeof expected - length,
             ", or one distribution such as {uniform: [low, high]}");
    if (node->type != NODE_MAPPING || node->n != 1) {
        reader_expected(r, node, expected);
        return false;
    }
    const entry_t *entry = &node->entries[0];
    suggest_t near = suggest_for(entry->key);
    int kind = 0;
    while (kind < DIST_N && strcmp(dist_keyword(kind), entry->key) != 0)
        suggest_offer(&near, dist_keyword(kind++));
    if (kind == DIST_N) {
        reader_error(r, entry->mark, "%s: no distribution is called \"%.40s\"%s%s%s Known: %s", r->path,
                     entry->key, near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                     near.best ? "\"?" : ".", known_distributions + 2);
        return false;
    }
    dist->kind = (dist_kind_t)kind;
    if (dist_param(dist->kind, 0)[0] == '%' && dimension != DIM_NUMBER && dimension != DIM_PROBABILITY) {
        reader_error(r, entry->mark,
                     "%s: a %s distribution lies between 0 and 1 and does not fit an amount with a unit; "
                     "use lognormal or gamma",
                     r->path, entry->key);
        return false;
    }
    size_t outer = dist->kind == DIST_CONSTANT ? r->path_length : reader_push(r, entry->key);
    bool good = read_params(r, entry->value, dimension, low, high, dist);
    const char *invalid = good ? dist_invalid(dist) : NULL;
    if (invalid) reader_error(r, entry->mark, "%s: %s", r->path, invalid);
    if (good && !invalid) check_support(r, entry->value, dist, dimension, low, high);
    reader_pop(r, outer);
    return good && !invalid;
}

static void read_dist(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_dist(r, node, field->dimension, field->low, field->high, at))
        *(dist_t *)at = (dist_t){.kind = DIST_CONSTANT, .p = {fmax(field->low, 0)}};
}
const type_t type_dist = {SHAPE_DIST, "a number or a distribution", read_dist, NULL};

/* ---- linear predictors ------------------------------------------------------------------------------ */

typedef struct { /* as written; term_t is made of it */
    double coefficient, reference, half_life;
    char *of;
    const node_t *of_node;
    int kind;
} term_draft_t;

static void read_qualifier(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_is_scalar(r, node, field->type->expected)) return;
    term_draft_t *draft = (term_draft_t *)((char *)at - field->at);
    draft->of = reader_text(r, node->text);
    draft->of_node = node;
}
static const type_t type_qualifier = {SHAPE_OWN, "a name", read_qualifier, "{\"type\": \"string\"}"};

static const field_t term_fields[] = {
    {"coefficient", &type_number, FIELD_REQUIRED, AT(term_draft_t, coefficient), ANY,
     .what = "Change of the log rate (or log odds) per unit of the statistic.", .example = "0.4"},
    {"reference", &type_number, 0, AT(term_draft_t, reference), ANY, .fallback = "0",
     .what = "Reference value, subtracted from the statistic: the baseline rate is that of a tie with this "
             "value.",
     .example = "27.6"},
    {"of", &type_qualifier, 0, AT(term_draft_t, of),
     .what = "What the statistic refers to: an attribute, a group or a condition.", .example = "contiguity"},
    {"kind", &type_name, 0, AT(term_draft_t, kind), .catalog = CATALOG_KIND, .unset = "the event type itself",
     .what = "Event type that inertia and reciprocity count.", .example = "call"},
    {"half_life", &type_number, 0, AT(term_draft_t, half_life), .dimension = DIM_DURATION, POSITIVE,
     .what = "Half-life of the decayed count (inertia, reciprocity: required there).", .example = "90 d"},
};
const section_t section_term = {.name = "term",
                                .what =
                                    "One term of a linear predictor: coefficient x (statistic - reference).",
                                SECTION_FIELDS(term_fields),
                                .shorthand = "coefficient"};

static catalog_t catalog_of(ref_t ref) {
    static const catalog_t catalogs[] = {[REF_NONE] = CATALOG_NONE,
                                         [REF_ACTOR_ATTRIBUTE] = CATALOG_ACTOR_ATTRIBUTE,
                                         [REF_TIE_ATTRIBUTE] = CATALOG_TIE_ATTRIBUTE,
                                         [REF_GROUP] = CATALOG_GROUP,
                                         [REF_CONDITION] = CATALOG_CONDITION,
                                         [REF_KIND] = CATALOG_KIND};
    return catalogs[ref];
}

/* The statistic's qualifier: there if and only if it takes one. */
static int resolve_ref(reader_t *r, const statistic_t *statistic, const term_draft_t *draft,
                       const node_t *node) {
    if (statistic->ref == REF_KIND) {
        if (draft->of)
            reader_error(r, draft->of_node->mark, "%s.of: %s counts events; name their type with `kind`",
                         r->path, statistic->name);
        return draft->kind >= 0 || node_get(node, "kind") ? draft->kind : r->kind;
    }
    if (node_get(node, "kind"))
        reader_error(r, node_entry(node, "kind")->mark,
                     "%s.kind: only inertia and reciprocity count events of a type", r->path);
    if (statistic->ref == REF_NONE) {
        if (draft->of)
            reader_error(r, draft->of_node->mark, "%s.of is \"%s\": the statistic %s takes no `of`", r->path,
                         draft->of, statistic->name);
        return -1;
    }
    catalog_t catalog = catalog_of(statistic->ref);
    if (draft->of) {
        size_t outer = reader_push(r, "of");
        int found = reader_find(r, catalog, draft->of_node);
        bool has_sender = statistic->ref == REF_CONDITION && statistic->id != STATISTIC_CONDITION;
        if (has_sender && found >= 0 && !r->model->conditions[found].directed)
            reader_error(r, draft->of_node->mark, "%s: %s has no sender; use the statistic `condition`",
                         r->path, draft->of);
        reader_pop(r, outer);
        return found;
    }
    reader_error(r, node->mark,
                 "%s: the statistic %s needs `of`, the name of %s; write {coefficient: ..., of: NAME}",
                 r->path, statistic->name, catalog_what(catalog));
    return -1;
}

static void read_term(reader_t *r, const statistic_t *statistic, const node_t *node, term_t *term) {
    /* The draft lives in the arena with the term's numbers pointing out of it only through params, so the
     * numbers are registered where they end up: read silently, then registered in place. */
    term_draft_t draft = {.kind = -1};
    r->silent++;
    bool good = reader_section(r, &section_term, node, &draft);
    r->silent--;
    *term = (term_t){.statistic = statistic, .ref = -1, .slot = -1, .half_life = 0};
    if (!good) return;
    term->ref = resolve_ref(r, statistic, &draft, node);
    term->coefficient = isnan(draft.coefficient) ? 0 : draft.coefficient;
    term->reference = isnan(draft.reference) ? 0 : draft.reference;
    term->half_life = isnan(draft.half_life) ? 0 : draft.half_life;
    bool has_half_life = node_get(node, "half_life") != NULL;
    if (statistic->has_half_life && !has_half_life)
        reader_error(r, node->mark,
                     "%s: the decayed count %s needs a half-life; write {coefficient: ..., half_life: 90 d}",
                     r->path, statistic->name);
    if (!statistic->has_half_life && has_half_life)
        reader_error(r, node_entry(node, "half_life")->mark,
                     "%s.half_life: the statistic %s has none; leave it out", r->path, statistic->name);

    bool scalar = node->type == NODE_SCALAR;
    size_t outer = scalar ? r->path_length : reader_push(r, "coefficient");
    reader_param(r, &term->coefficient, DIM_NUMBER, -INFINITY, INFINITY, false);
    reader_pop(r, outer);
    if (scalar) return;
    outer = reader_push(r, "reference");
    reader_param(r, &term->reference, DIM_NUMBER, -INFINITY, INFINITY, false);
    reader_pop(r, outer);
    if (!statistic->has_half_life) return;
    outer = reader_push(r, "half_life");
    reader_param(r, &term->half_life, DIM_DURATION, DBL_MIN, INFINITY, false);
    reader_pop(r, outer);
}

static const statistic_t *find_statistic(reader_t *r, const entry_t *entry) {
    const statistic_t *statistic = statistic_find(entry->key);
    if (statistic) return statistic;
    suggest_t near = suggest_for(entry->key);
    char known[512] = "";
    for (int i = 0; i < STATISTIC_N; i++) {
        suggest_offer(&near, statistics[i].name);
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 statistics[i].name);
    }
    reader_error(r, entry->mark, "%s: no statistic is called \"%.60s\"%s%s%s Known: %s", r->path, entry->key,
                 near.best ? "; did you mean \"" : "", near.best ? near.best : "", near.best ? "\"?" : ".",
                 known);
    return NULL;
}

static void add_need(reader_t *r, const node_t *node, const term_t *term) {
    reader_grow(r, (void **)&r->needs, r->n_needs, &r->needs_capacity, sizeof *r->needs);
    r->needs[r->n_needs++] =
        (need_t){.node = node, .path = reader_text(r, r->path), .kind = r->kind, .term = term};
}

static void read_predictor(reader_t *r, const field_t *field, const node_t *node, void *at) {
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    int n = 0;
    for (int e = 0; e < node->n; e++)
        n += node->entries[e].value->type == NODE_LIST ? node->entries[e].value->n : 1;
    predictor_t *predictor = at;
    *predictor = (predictor_t){.terms = READER_NEW(r, n, term_t)};
    for (int e = 0; e < node->n; e++) {
        const entry_t *entry = &node->entries[e];
        const statistic_t *statistic = find_statistic(r, entry);
        if (!statistic) continue;
        size_t outer = reader_push(r, entry->key);
        bool list = entry->value->type == NODE_LIST;
        for (int i = 0; i < (list ? entry->value->n : 1); i++) {
            const node_t *item = list ? entry->value->items[i] : entry->value;
            size_t inner = list ? reader_push_item(r, entry->value, i) : r->path_length;
            term_t *term = &predictor->terms[predictor->n++];
            read_term(r, statistic, item, term);
            add_need(r, item, term);
            reader_pop(r, inner);
        }
        reader_pop(r, outer);
    }
}
const type_t type_predictor = {SHAPE_OWN, "a mapping from statistics to coefficients", read_predictor, NULL};

/* ---- chances ---------------------------------------------------------------------------------------- */

static void finish_chance(reader_t *r, void *base, const node_t *node) {
    const chance_t *chance = base;
    if (chance->log_odds.n > 0 && (chance->probability <= 0 || chance->probability >= 1))
        reader_error(r, node->mark,
                     "%s.probability is %g: with log_odds it must lie strictly between 0 and 1", r->path,
                     chance->probability);
}

static const field_t chance_fields[] = {
    {"probability", &type_number, FIELD_REQUIRED, AT(chance_t, probability), .dimension = DIM_PROBABILITY,
     BETWEEN(0, 1), .what = "Probability where every statistic is at its reference value.", .example = "0.9"},
    {"log_odds", &type_predictor, 0, AT(chance_t, log_odds),
     .what = "Statistics with their coefficients, on the log odds.", .example = "{strength: 1}"},
};
const section_t section_chance = {
    .name = "chance",
    .what = "A probability, or {probability, log_odds}: "
            "P = logistic(logit(probability) + sum of coefficient x (statistic - reference)).",
    SECTION_FIELDS(chance_fields),
    .shorthand = "probability",
    .finish = finish_chance};
