/* Libraries: files of kinds and conditions that a scenario takes with `from`, whole or in part, merged under
 * its own.
 *
 * A library may have parameters, names of the scenario that it speaks of ("$club"). What a scenario does not
 * have is left out of the library: a statistic that needs it, else the kind. So is what refers to a kind or
 * condition that is left out. scenario->left_out says what and why. */
#include "scenario/files/library.h"

#include "text/suggest.h"
#include <string.h>

/* ---- keys --------------------------------------------------------------------------------------------- */

static void read_by_hand(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)at;
    if (field->type->shape == SHAPE_OWN)
        reader_is_mapping(r, node, field->type->expected);
    else if (node->type == NODE_MAPPING)
        reader_expected(r, node, field->type->expected);
}
static const type_t type_choice = {SHAPE_NAMES, "a name or a list of names", read_by_hand, NULL};
static const type_t type_with = {SHAPE_OWN, "a mapping from the library's parameters to names", read_by_hand,
                                 "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}"};

static const field_t library_fields[] = {
    {"file", &type_text, FIELD_REQUIRED, AT(choice_t, file), .what = "Its path.",
     .example = "kinds/diplomacy.yaml"},
    {"only", &type_choice, 0, .catalog = CATALOG_KIND, .unset = "all",
     .what = "Only these event types (or conditions) are taken.", .example = "[call, leader_visit]"},
    {"except", &type_choice, 0, .catalog = CATALOG_KIND, .unset = "none", .what = "All but these are taken.",
     .example = "[clash]"},
    {"with", &type_with, 0, .unset = "the library's own defaults",
     .what = "The names that its parameters stand for.", .example = "{c5: Visegrad}"},
};
const section_t section_library = {.name = "library",
                                   .what = "A file of event types and conditions, and what is taken of it.",
                                   SECTION_FIELDS(library_fields),
                                   .shorthand = "file"};

/* ---- what a scenario has --------------------------------------------------------------------------------
 */

static bool is_in(int n, char *const *names, const char *name) {
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

static bool has_name(const model_t *m, const char *of, const char *name) {
    if (!strcmp(of, "group")) return model_group(m, name) >= 0;
    if (!strcmp(of, "actor")) return model_actor(m, name) >= 0;
    if (!strcmp(of, "actor attribute")) return is_in(m->n_actor_attributes, m->actor_attributes, name);
    return is_in(m->n_tie_attributes, m->tie_attributes, name);
}

static bool has_gdp(const model_t *m) {
    for (int i = 0; i < m->n_actors; i++)
        if (!isnan(m->actors[i].gdp_usd)) return true;
    return false;
}

static bool has_distance(const model_t *m) {
    for (int e = 0; e < m->n_ties; e++)
        if (!isnan(m->ties[e].distance_km)) return true;
    return false;
}

/* ---- leaving out ----------------------------------------------------------------------------------------
 */

static void leave_out(library_t *self, const char *what, const char *why) {
    scenario_t *scenario = self->r->scenario;
    left_out_t *one = READER_APPEND(self->r, scenario->left_out, scenario->n_left_out, left_out_t);
    *one = (left_out_t){reader_format(self->r, "%s.%s", self->section, what), why};
}

static bool is_condition_of_library(const library_t *self, const char *name) {
    return node_get(node_get(self->root, "conditions"), name) && model_condition(self->r->model, name) < 0;
}

/* Why a statistic has nothing to work on, NULL if it has. */
static const char *lacks_data(const library_t *self, const char *statistic, const node_t *term) {
    const node_t *of = node_get(term, "of");
    if (!strncmp(statistic, "log_gdp_", 8) && !has_gdp(self->r->model)) return "no actor has a GDP";
    if (!strcmp(statistic, "log_distance") && !has_distance(self->r->model)) return "no tie has a distance";
    if (!strcmp(statistic, "condition") && of && is_condition_of_library(self, of->text))
        return reader_format(self->r, "the scenario has no condition %s", of->text);
    return NULL;
}

/* ---- parameters -----------------------------------------------------------------------------------------
 */

static const char *const sorts[] = {"group", "actor", "actor attribute", "tie attribute", NULL};

static const char *sort_of(const node_t *declared) {
    const node_t *of = node_get(declared, "of");
    for (int i = 0; sorts[i] && of && of->type == NODE_SCALAR; i++)
        if (!strcmp(sorts[i], of->text)) return sorts[i];
    return NULL;
}

/* What "$name" stands for; NULL with the reason in `self->why`. */
static const node_t *resolve(library_t *self, const node_t *node) {
    reader_t *r = self->r;
    const node_t *declared = node_get(self->parameters, node->text + 1);
    const node_t *given = node_get(self->with, node->text + 1), *fallback = node_get(declared, "default");
    self->why = "";
    if (!declared) {
        reader_error(r, node->mark, "the library has no parameter \"%.60s\"; declare it under `parameters`",
                     node->text + 1);
        return NULL;
    }
    const char *sort = sort_of(declared);
    if (given && given->type == NODE_SCALAR) return given;
    if (fallback && sort && has_name(r->model, sort, fallback->text)) {
        node_t *value = node_scalar(&r->nodes, node->mark, fallback->text);
        reader_need(r, value);
        return value;
    }
    self->why = reader_format(r, "its parameter %s (%s) is not given, and the scenario has no \"%s\"",
                              node->text + 1, sort ? sort : "?", fallback ? fallback->text : "");
    return NULL;
}

/* ---- a kind as the scenario takes it ----------------------------------------------------------------------
 */

static const node_t *rewrite(library_t *self, const char *key, const node_t *node);

static const node_t *rewrite_items(library_t *self, const char *key, const node_t *node, bool optional) {
    node_t *list = node_list(&self->r->nodes, node->mark, node->n);
    reader_need(self->r, list);
    for (int i = 0; i < node->n; i++) {
        const char *why = optional ? lacks_data(self, key, node->items[i]) : NULL;
        const node_t *item = why ? NULL : rewrite(self, key, node->items[i]);
        if (!item && !optional) return NULL;
        if (item)
            list->items[list->n++] = item;
        else
            leave_out(self, reader_format(self->r, "%s.%s", self->kind, key), why ? why : self->why);
    }
    return list;
}

/* Statistics with their coefficients: those without data are left out. */
static const node_t *rewrite_statistics(library_t *self, const node_t *node) {
    node_t *kept = node_mapping(&self->r->nodes, node->mark, node->n);
    reader_need(self->r, kept);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        const node_t *value = NULL;
        if (entry->value->type == NODE_LIST) {
            value = rewrite_items(self, entry->key, entry->value, true);
            if (value->n) node_put(kept, entry->key, entry->mark, value);
            continue;
        }
        const char *why = lacks_data(self, entry->key, entry->value);
        value = why ? NULL : rewrite(self, entry->key, entry->value);
        if (value)
            node_put(kept, entry->key, entry->mark, value);
        else
            leave_out(self, reader_format(self->r, "%s.%s", self->kind, entry->key), why ? why : self->why);
    }
    return kept;
}

static bool is_statistics(const char *key, const node_t *node) {
    return node->type == NODE_MAPPING && (!strcmp(key, "log_effects") || !strcmp(key, "log_odds"));
}

static bool is_prose(const char *key) {
    return !strcmp(key, "note") || !strcmp(key, "source") || !strcmp(key, "label");
}

/* The node with its parameters' values; NULL if one has none. */
static const node_t *rewrite(library_t *self, const char *key, const node_t *node) {
    if (node->type == NODE_SCALAR) {
        bool names = (!strcmp(key, "starts") || !strcmp(key, "ends") || !strcmp(key, "condition"));
        if (names && is_condition_of_library(self, node->text)) {
            self->why = reader_format(self->r, "the scenario has no condition %s", node->text);
            return NULL;
        }
        return *node->text == '$' && !is_prose(key) ? resolve(self, node) : node;
    }
    if (node->type == NODE_LIST) return rewrite_items(self, key, node, false);
    if (is_statistics(key, node)) return rewrite_statistics(self, node);
    node_t *copy = node_mapping(&self->r->nodes, node->mark, node->n);
    reader_need(self->r, copy);
    for (int i = 0; i < node->n; i++) {
        const node_t *value = rewrite(self, node->entries[i].key, node->entries[i].value);
        if (!value) return NULL;
        node_put(copy, node->entries[i].key, node->entries[i].mark, value);
    }
    return copy;
}

/* ---- what is chosen --------------------------------------------------------------------------------------
 */

static bool names(const node_t *choice, const char *name) {
    for (int i = 0; choice && choice->type == NODE_LIST && i < choice->n; i++)
        if (choice->items[i]->type == NODE_SCALAR && !strcmp(choice->items[i]->text, name)) return true;
    return choice && choice->type == NODE_SCALAR && !strcmp(choice->text, name);
}

static void check_name(reader_t *r, const node_t *name, const node_t *known, const char *what) {
    suggest_t near = suggest_for(name->text);
    if (!reader_is_scalar(r, name, "a name") || node_get(known, name->text)) return;
    for (int i = 0; known && i < known->n; i++) suggest_offer(&near, known->entries[i].key);
    reader_error(r, name->mark, "%s: the file has no %s \"%.60s\"%s%s%s", r->path, what, name->text,
                 near.best ? "; did you mean \"" : "", near.best ? near.best : "", near.best ? "\"?" : "");
}

void library_check_names(reader_t *r, const node_t *choice, const node_t *known, const char *what) {
    for (int i = 0; choice && choice->type == NODE_LIST && i < choice->n; i++)
        check_name(r, choice->items[i], known, what);
    if (choice && choice->type == NODE_SCALAR) check_name(r, choice, known, what);
}

static void check_with(library_t *self) {
    reader_t *r = self->r;
    for (int i = 0; self->with && self->with->type == NODE_MAPPING && i < self->with->n; i++) {
        const entry_t *entry = &self->with->entries[i];
        const node_t *declared = node_get(self->parameters, entry->key);
        node_t name = {.type = NODE_SCALAR, .mark = entry->mark, .text = entry->key};
        if (!declared)
            check_name(r, &name, self->parameters, "parameter");
        else if (reader_is_scalar(r, entry->value, "a name") && sort_of(declared) &&
                 !has_name(r->model, sort_of(declared), entry->value->text))
            reader_error(r, entry->value->mark, "%s.with.%s: the scenario has no %s \"%.60s\"", r->path,
                         entry->key, sort_of(declared), entry->value->text);
    }
}

const node_t *library_take(library_t *self, const node_t *choice, const node_t *part) {
    reader_t *r = self->r;
    const node_t *only = node_get(choice, "only"), *except = node_get(choice, "except");
    const char *what = !strcmp(self->section, "kinds") ? "event type" : "condition";
    library_check_names(r, only, part, what);
    library_check_names(r, except, part, what);
    self->parameters = node_get(self->root, "parameters");
    self->with = node_get(choice, "with");
    check_with(self);
    node_t *taken = node_mapping(&r->nodes, part->mark, part->n);
    reader_need(r, taken);
    for (int i = 0; i < part->n; i++) {
        const entry_t *entry = &part->entries[i];
        int errors = reader_errors(r);
        self->kind = entry->key;
        bool chosen = (!only || names(only, entry->key)) && !names(except, entry->key);
        const node_t *value = chosen ? rewrite(self, "", entry->value) : NULL;
        if (value)
            node_put(taken, entry->key, entry->mark, value);
        else if (chosen && reader_errors(r) == errors)
            leave_out(self, entry->key, self->why);
        if (!value) *READER_APPEND(r, r->gone, r->n_gone, const char *) = entry->key;
    }
    return taken;
}

/* ---- references to what is left out ----------------------------------------------------------------------
 */

typedef struct {
    reader_t *r;
    const node_t *kinds; /* all that there are */
} pruner_t;

static bool is_gone(const pruner_t *self, const node_t *name) {
    if (!name || name->type != NODE_SCALAR || !reader_in_library(self->r, name->mark)) return false;
    for (int i = 0; i < self->r->n_gone; i++)
        if (!strcmp(self->r->gone[i], name->text)) return !node_get(self->kinds, name->text);
    return false;
}

static bool is_reply(const char *key) {
    return !strcmp(key, "accepted") || !strcmp(key, "declined") || !strcmp(key, "lapsed");
}

/* NULL: it is to be left out. */
static const node_t *prune(const pruner_t *self, const char *key, const node_t *node) {
    if (node->type == NODE_SCALAR)
        return (is_reply(key) || !strcmp(key, "cancelled_by")) && is_gone(self, node) ? NULL : node;
    if (node->type == NODE_MAPPING && is_gone(self, node_get(node, "kind"))) return NULL;
    if (node->type == NODE_LIST) {
        node_t *list = node_list(&self->r->nodes, node->mark, node->n);
        reader_need(self->r, list);
        for (int i = 0; i < node->n; i++) {
            const node_t *item = prune(self, key, node->items[i]);
            if (item) list->items[list->n++] = item;
        }
        return list->n || !node->n ? list : NULL;
    }
    node_t *copy = node_mapping(&self->r->nodes, node->mark, node->n);
    reader_need(self->r, copy);
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        const node_t *value = prune(self, entry->key, entry->value);
        if (value) node_put(copy, entry->key, entry->mark, value);
    }
    return copy;
}

const node_t *library_prune(reader_t *r, const node_t *kinds) {
    pruner_t self = {r, kinds};
    return r->n_gone ? prune(&self, "", kinds) : kinds;
}
