/* Parameters that are not one number: uncertain ones, and those of a sweep with the constraints on its
 * points. */
#include "scenario/sections/uncertain/read_uncertain.h"

#include "scenario/units.h"
#include <stdio.h>
#include <string.h>

/* ---- uncertain parameters --------------------------------------------------------------------------- */

/* A text beside a distribution; NULL if it is not there. */
static char *text_of(reader_t *r, const node_t *node, const char *key) {
    const node_t *text = node_get(node, key);
    if (!text || !reader_is_scalar(r, text, "a text")) return NULL;
    return reader_text(r, text->text);
}

/* {lognormal: {...}, source: text}: the distribution beside what is for the reader. */
static const node_t *without_texts(reader_t *r, const node_t *node) {
    static const char *const except[] = {"label", "source", "note", NULL};
    const node_t *rest = node_copy_mapping(&r->nodes, node, 0, except);
    reader_need(r, rest);
    return rest;
}

/* {same_as: PATH}: after the distributions, of which PATH must have one. */
static void read_follower(reader_t *r, const entry_t *entry) {
    model_t *model = r->model;
    const node_t *same = node_get(entry->value, "same_as");
    static const char *const known[] = {"same_as", "label", "source", "note"};
    int param = reader_param_index(r, entry->key, entry->mark), of = -1;
    for (int i = 0; i < entry->value->n; i++) {
        const entry_t *key = &entry->value->entries[i];
        bool is_known = false;
        for (int k = 0; k < 4; k++) is_known |= !strcmp(key->key, known[k]);
        if (!is_known)
            reader_error(r, key->mark,
                         "%s: beside same_as only label, source and note are allowed, not \"%.60s\"", r->path,
                         key->key);
    }
    if (same->type == NODE_SCALAR) of = reader_param_index(r, same->text, same->mark);
    if (same->type != NODE_SCALAR) reader_expected(r, same, "the path of a parameter");
    if (param < 0 || of < 0) return;
    bool is_uncertain = false, is_taken = false;
    for (int u = 0; u < model->n_uncertain; u++) {
        is_uncertain |= model->uncertain[u].param == of;
        is_taken |= model->uncertain[u].param == param;
    }
    for (int f = 0; f < model->n_followers; f++) is_taken |= model->followers[f].param == param;
    if (!is_uncertain)
        reader_error(r, same->mark, "%s.same_as: %s has no distribution: give it one in `uncertain`", r->path,
                     same->text);
    else if (is_taken)
        reader_error(r, entry->mark, "%s has an entry already, under another spelling", r->path);
    else if (r->params[param].dimension != r->params[of].dimension ||
             *r->params[param].value != *r->params[of].value)
        reader_error(r, same->mark,
                     "%s.same_as: it is %.9g in the scenario, %s is %.9g: parameters that are the same need "
                     "the same value there",
                     r->path, *r->params[param].value, same->text, *r->params[of].value);
    else
        model->followers[model->n_followers++] = (follower_t){param, of};
}

static bool is_joint(const entry_t *entry) {
    return !strcmp(entry->key, "joint");
}

static bool is_follower(const entry_t *entry) {
    return entry->value->type == NODE_MAPPING && node_get(entry->value, "same_as");
}

void read_uncertain(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (!reader_is_mapping(r, node, "a mapping from parameters' paths to distributions")) return;
    model_t *model = r->model;
    model->uncertain = READER_NEW(r, node->n, uncertain_t);
    model->followers = READER_NEW(r, node->n, follower_t);
    r->silent++; /* a prior's own numbers are fixed */
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        uncertain_t *uncertain = &model->uncertain[model->n_uncertain];
        if (is_joint(entry) || is_follower(entry)) continue;
        size_t outer = reader_push(r, entry->key);
        int param = reader_param_index(r, entry->key, entry->mark);
        if (param >= 0 &&
            reader_is_mapping(r, entry->value,
                              "a distribution such as {lognormal: {median: 0.6, sigma: 0.3}}")) {
            const param_t *known = &r->params[param];
            *uncertain = (uncertain_t){.param = param, .joint = -1};
            uncertain->label = text_of(r, entry->value, "label");
            uncertain->source = text_of(r, entry->value, "source");
            (void)text_of(r, entry->value, "note");
            const node_t *dist = without_texts(r, entry->value);
            if (reader_dist(r, dist, known->dimension, known->low, known->high, &uncertain->dist))
                model->n_uncertain++;
            for (int k = 0; k + 1 < model->n_uncertain; k++)
                if (model->uncertain[k].param == param)
                    reader_error(r, entry->mark, "%s has a distribution already, under another spelling",
                                 r->path);
        }
        reader_pop(r, outer);
    }
    for (int i = 0; i < node->n; i++) {
        if (!is_joint(&node->entries[i])) continue;
        size_t outer = reader_push(r, node->entries[i].key);
        read_joint(r, node->entries[i].value);
        reader_pop(r, outer);
    }
    for (int i = 0; i < node->n; i++) {
        if (is_joint(&node->entries[i]) || !is_follower(&node->entries[i])) continue;
        size_t outer = reader_push(r, node->entries[i].key);
        read_follower(r, &node->entries[i]);
        reader_pop(r, outer);
    }
    r->silent--;
}

/* ---- sweep ------------------------------------------------------------------------------------------ */

static const char *const designs[DESIGN_LIST] = {NULL,    "grid",     "random", "latin",
                                                 "sobol", "saltelli", "morris"}; /* to choose from */

static void read_values(reader_t *r, const node_t *node, const param_t *param, sweep_axis_t *axis) {
    if (!reader_is_list(r, node, "a list of values")) return;
    axis->range = SWEEP_VALUES;
    axis->values = READER_NEW(r, node->n, double);
    if (node->n == 0) reader_error(r, node->mark, "%s: at least one value is needed", r->path);
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push_index(r, i);
        if (reader_number(r, node->items[i], param->dimension, param->low, param->high,
                          &axis->values[axis->n_values]))
            axis->n_values++;
        reader_pop(r, outer);
    }
}

static void read_log_uniform(reader_t *r, const node_t *node, const param_t *param, sweep_axis_t *axis) {
    axis->range = SWEEP_LOG_UNIFORM;
    if (node->type != NODE_LIST || node->n != 2) {
        reader_expected(r, node, "two values [low, high]");
        return;
    }
    double low = fmax(param->low, DBL_MIN);
    bool good = true;
    for (int i = 0; i < 2; i++)
        good = reader_number(r, node->items[i], param->dimension, low, param->high, &axis->dist.p[i]) && good;
    if (good && axis->dist.p[0] >= axis->dist.p[1])
        reader_error(r, node->mark, "%s: low must be less than high", r->path);
}

static void read_axes(reader_t *r, const field_t *field, const node_t *node, void *at) {
    sweep_t *sweep = (sweep_t *)((char *)at - field->at);
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    sweep->axes = READER_NEW(r, node->n, sweep_axis_t);
    if (node->n == 0) reader_error(r, node->mark, "%s: there are none", r->path);
    r->silent++;
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        size_t outer = reader_push(r, entry->key);
        int param = reader_param_index(r, entry->key, entry->mark);
        if (param >= 0 && reader_is_mapping(r, entry->value,
                                            "{uniform: [low, high]}, {log_uniform: [low, high]}, {values: "
                                            "[...]} or a distribution")) {
            sweep_axis_t *axis = &sweep->axes[sweep->n_axes++];
            const param_t *known = &r->params[param];
            axis->param = param;
            for (int k = 0; k + 1 < sweep->n_axes; k++)
                if (sweep->axes[k].param == param)
                    reader_error(r, entry->mark, "%s is swept already, under another spelling", r->path);
            const node_t *range = without_texts(r, entry->value);
            if (node_get(range, "values") && range->n == 1)
                read_values(r, range->entries[0].value, known, axis);
            else if (node_get(range, "log_uniform") && range->n == 1)
                read_log_uniform(r, range->entries[0].value, known, axis);
            else
                reader_dist(r, range, known->dimension, known->low, known->high, &axis->dist);
        }
        reader_pop(r, outer);
    }
    r->silent--;
}
static const type_t type_axes = {SHAPE_OWN, "a mapping from parameters' paths to ranges", read_axes,
                                 "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"object\"}}"};

/* ---- constraints ------------------------------------------------------------------------------------ */

static void copy_trimmed(char *out, size_t size, const char *text, size_t length) {
    while (length && strchr(" \t", *text)) text++, length--;
    while (length && strchr(" \t", text[length - 1])) length--;
    snprintf(out, size, "%.*s", (int)length, text);
}

/* "LEFT < RIGHT": at least one side the path of a swept parameter. False with `why` not. */
static bool parse_order(const param_t *params, int n_params, int n_swept, const int *swept, const char *text,
                        constraint_t *out, char *why, size_t size) {
    char sides[2][PARAM_PATH_BYTES], expected[200];
    const char *sign = strpbrk(text, "<>");
    if (!sign) {
        snprintf(why, size, "\"%.200s\": PATH < PATH is expected, or <=, >, >=, or a value for a side", text);
        return false;
    }
    out->less = *sign == '<';
    out->equal = sign[1] == '=';
    const char *right = sign + 1 + out->equal;
    copy_trimmed(sides[0], sizeof sides[0], text, (size_t)(sign - text));
    copy_trimmed(sides[1], sizeof sides[1], right, strlen(right));
    for (int i = 0; i < 2; i++) {
        int param = param_find(params, n_params, sides[i]);
        out->params[i] = -1;
        for (int k = 0; k < n_swept; k++)
            if (param >= 0 && swept[k] == param) out->params[i] = param;
    }
    if (out->params[0] < 0 && out->params[1] < 0) {
        snprintf(
            why, size,
            "neither \"%.200s\" nor \"%.200s\" is swept; a side is the path of a swept parameter, or a value",
            sides[0], sides[1]);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (out->params[i] >= 0) continue;
        const param_t *other = &params[out->params[1 - i]];
        if (units_parse(other->dimension, sides[i], &out->values[i]) && out->values[i] >= other->low &&
            out->values[i] <= other->high)
            continue;
        units_expect(other->dimension, other->low, other->high, expected, sizeof expected);
        snprintf(why, size, "\"%.200s\": the path of a swept parameter or %s is expected", sides[i],
                 expected);
        return false;
    }
    return true;
}

int scenario_constraint(scenario_t *self, const char *text, int n_swept, const int *swept, constraint_t *out,
                        fault_t *err) {
    const model_t *model = &self->model;
    const char *colon = strchr(text, ':');
    char name[NAME_BYTES + 1] = "", why[600];
    if (colon && colon - text > NAME_BYTES)
        return error_set(err, ERR_USAGE, "%s: a name has %d bytes at most", text, NAME_BYTES);
    if (colon) copy_trimmed(name, sizeof name, text, (size_t)(colon - text));
    if (!*name)
        return error_set(err, ERR_USAGE,
                         "%s: \"NAME: PATH < PATH\" is expected, or <=, >, >=, or a value for a side", text);
    if (!parse_order(model->params, model->n_params, n_swept, swept, colon + 1, out, why, sizeof why))
        return error_set(err, ERR_USAGE, "%s: %s", name, why);
    out->name = arena_text(&self->model.arena, name);
    return out->name ? 0 : error_memory(err);
}

static void read_constraints(reader_t *r, const field_t *field, const node_t *node, void *at) {
    sweep_t *sweep = (sweep_t *)((char *)at - field->at);
    char why[600];
    if (!reader_is_mapping(r, node, field->type->expected)) return;
    if (node->n && design_needs_all((design_t)sweep->design))
        reader_error(r, node->mark, "%s: the indices of %s need all of its points, so none can be left out",
                     r->path, design_names[sweep->design]);
    sweep->constraints = READER_NEW(r, node->n, constraint_t);
    int *swept = READER_NEW(r, sweep->n_axes, int);
    for (int i = 0; i < sweep->n_axes; i++) swept[i] = sweep->axes[i].param;
    for (int i = 0; i < node->n; i++) {
        const entry_t *entry = &node->entries[i];
        constraint_t *constraint = &sweep->constraints[sweep->n_constraints];
        size_t outer = reader_push(r, entry->key);
        constraint->name = reader_text(r, entry->key);
        if (reader_is_scalar(r, entry->value, "PATH < PATH, or <=, >, >=, or a value for a side")) {
            if (parse_order(r->params, r->model->n_params, sweep->n_axes, swept, entry->value->text,
                            constraint, why, sizeof why))
                sweep->n_constraints++;
            else
                reader_error(r, entry->value->mark, "%s: %s", r->path, why);
        }
        reader_pop(r, outer);
    }
}
static const type_t type_constraints = {
    SHAPE_OWN, "a mapping from names to constraints", read_constraints,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\", \"pattern\": \"[<>]\"}}"};

static const field_t sweep_fields[] = {
    {"design", &type_enum, FIELD_REQUIRED, AT(sweep_t, design), NAMES(designs),
     .what = "The design: grid, random, latin (hypercube), sobol, saltelli (for Sobol' indices), morris.",
     .example = "sobol"},
    {"points", &type_int, 0, AT(sweep_t, points), BETWEEN(1, 1e8), .fallback = "16",
     .what = "Number of points; for a grid, per axis without `values`; for saltelli, rows; for morris, "
             "trajectories.",
     .example = "256"},
    {"parameters", &type_axes, FIELD_REQUIRED, AT(sweep_t, axes),
     .what = "The swept parameters, by path, with their ranges.",
     .example = "{kinds.call.effect.lasting: {uniform: [0, 0.3]}}"},
    {"constraints", &type_constraints, 0, AT(sweep_t, constraints), .unset = "none",
     .what = "Named constraints PATH < PATH (or <=, >, >=; a side may be a value) on swept parameters. "
             "Points that break one are left out. Not with saltelli and morris.",
     .example = "{rare: kinds.call.rate.per_year <= 2}"},
};
const section_t section_sweep = {
    .name = "sweep", .what = "The design of `entente sweep`.", SECTION_FIELDS(sweep_fields)};

void read_sweep(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)field, (void)at;
    if (node) reader_section(r, &section_sweep, node, &r->scenario->sweep);
}
