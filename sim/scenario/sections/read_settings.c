/* Parameters by their path: settings of variants and interventions, and of --set. */
#include "scenario/reader.h"
#include "scenario/units.h"
#include <stdio.h>
#include <string.h>

/* ---- finding a path --------------------------------------------------------------------------------- */

static int find_exact(const param_t *params, int n, const char *path) {
    for (int i = 0; i < n; i++)
        if (!strcmp(params[i].path, path)) return i;
    return -1;
}

/* A short form leaves the last key out: `...accept` for `...accept.probability`. */
static int find_short(const param_t *params, int n, const char *path) {
    static const char *const endings[] = {".probability", ".coefficient", ".constant", ".constant.value"};
    char other[PARAM_PATH_BYTES];
    size_t length = strlen(path);
    int found = find_exact(params, n, path);
    for (int i = 0; i < 4 && found < 0; i++) {
        size_t ending = strlen(endings[i]);
        if (snprintf(other, sizeof other, "%s%s", path, endings[i]) < (int)sizeof other)
            found = find_exact(params, n, other);
        if (found < 0 && length > ending && length < sizeof other &&
            !strcmp(path + length - ending, endings[i])) {
            snprintf(other, sizeof other, "%.*s", (int)(length - ending), path);
            found = find_exact(params, n, other);
        }
    }
    return found;
}

bool param_reverse_tie(const char *path, char *out, size_t size) {
    if (strncmp(path, "ties.", 5) != 0) return false;
    const char *pair = path + 5, *dash = strchr(pair, '-'), *rest = strchr(pair, '.');
    if (!rest) rest = strchr(pair, '\0');
    if (!dash || dash > rest) return false;
    int n = snprintf(out, size, "ties.%.*s-%.*s%s", (int)(rest - dash - 1), dash + 1, (int)(dash - pair),
                     pair, rest);
    return n > 0 && (size_t)n < size;
}

int param_find(const param_t *params, int n, const char *path) {
    int found = find_short(params, n, path);
    char reversed[PARAM_PATH_BYTES];
    if (found < 0 && param_reverse_tie(path, reversed, sizeof reversed))
        found = find_short(params, n, reversed);
    return found;
}

/* Why a parameter cannot be set, if it cannot: message into `out`. */
static bool refused(const param_t *params, int n, const char *path, int param, char *out, size_t size) {
    if (param < 0) {
        param_unknown(params, n, path, out, size);
        return true;
    }
    if (!params[param].structural) return false;
    snprintf(out, size,
             "%s is fixed once the scenario is read and cannot be varied; change it in the scenario", path);
    return true;
}

/* Whether the path is of a section that could not be read. */
static bool of_missing(const reader_t *r, const char *path) {
    return (r->ties_missing && !strncmp(path, "ties.", 5)) ||
           (r->missing[CATALOG_ACTOR] && (!strncmp(path, "actors.", 7) || !strncmp(path, "ties.", 5))) ||
           (r->missing[CATALOG_KIND] && !strncmp(path, "kinds.", 6)) ||
           (r->missing[CATALOG_CONDITION] && !strncmp(path, "conditions.", 11));
}

int reader_param_index(reader_t *r, const char *path, location_t mark) {
    int param = param_find(r->params, r->model->n_params, path);
    char why[1000];
    if (param < 0 && of_missing(r, path)) return -1;
    if (!refused(r->params, r->model->n_params, path, param, why, sizeof why)) return param;
    r->unknown_paths++;
    reader_error(r, mark, "%s", why);
    return -1;
}

/* ---- settings --------------------------------------------------------------------------------------- */

/* "x 2" */
static bool is_factor(const node_t *node) {
    return node->type == NODE_SCALAR && node->text[0] == 'x';
}

/* The distribution of the parameter, or of the one that it follows; NULL. */
static const dist_t *dist_of(const model_t *model, int param) {
    for (int f = 0; f < model->n_followers; f++)
        if (model->followers[f].param == param) param = model->followers[f].of;
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->uncertain[u].param == param) return &model->uncertain[u].dist;
    return NULL;
}

/* The scenario's own value must stay in its range; draws beyond it are held at its ends. */
static bool read_factor(reader_t *r, const node_t *node, setting_t *setting) {
    const param_t *known = &r->params[setting->param];
    const dist_t *dist = dist_of(r->model, setting->param);
    char range[128], excerpt[64];
    setting->scales = true;
    if (!units_parse(DIM_NUMBER, node->text + 1 + strspn(node->text + 1, " "), &setting->value)) {
        reader_expected(r, node, "a factor such as x 2");
        return false;
    }
    double value = *known->value * setting->value, low, high;
    units_expect(known->dimension, known->low, known->high, range, sizeof range);
    node_excerpt(node, excerpt, sizeof excerpt);
    if (value < known->low || value > known->high) {
        reader_error(r, node->mark, "%s is %s, which makes it %.6g: %s is expected", r->path, excerpt, value,
                     range);
        return false;
    }
    if (!dist) return true;
    dist_support(dist, &low, &high);
    low = fmax(low, known->low) * setting->value, high = fmin(high, known->high) * setting->value;
    if (fmin(low, high) < known->low || fmax(low, high) > known->high)
        reader_warning(r, node->mark,
                       "%s is %s, which takes some of its draws out of its range (%s): they are set to the "
                       "end of the range; choose a factor nearer to 1, or a narrower distribution",
                       r->path, excerpt, range);
    return true;
}

bool reader_setting(reader_t *r, const char *path, location_t mark, const node_t *node, setting_t *setting) {
    int param = reader_param_index(r, path, mark);
    if (param < 0) return false;
    const param_t *known = &r->params[param];
    *setting = (setting_t){.param = param};
    if (is_factor(node)) return read_factor(r, node, setting);
    return reader_number(r, node, known->dimension, known->low, known->high, &setting->value);
}

/* ---- settings that wait ----------------------------------------------------------------------------- */

void reader_later(reader_t *r, const node_t *node, int *n, setting_t **settings) {
    reader_grow(r, (void **)&r->pending, r->n_pending, &r->pending_capacity, sizeof *r->pending);
    pending_t *pending = &r->pending[r->n_pending++];
    *pending = (pending_t){.node = node, .settings = settings, .path = reader_text(r, r->path)};
    pending->n = n;
}

void read_pending(reader_t *r) {
    for (int p = 0; p < r->n_pending; p++) {
        const pending_t *pending = &r->pending[p];
        const node_t *node = pending->node;
        *pending->settings = READER_NEW(r, node->n, setting_t);
        size_t outer = reader_push(r, pending->path);
        for (int e = 0; e < node->n; e++) {
            const entry_t *entry = &node->entries[e];
            size_t inner = reader_push(r, entry->key);
            if (reader_setting(r, entry->key, entry->mark, entry->value, &(*pending->settings)[*pending->n]))
                ++*pending->n;
            reader_pop(r, inner);
        }
        reader_pop(r, outer);
    }
}

/* ---- from outside ----------------------------------------------------------------------------------- */

int scenario_param(const scenario_t *self, const char *path) {
    return param_find(self->model.params, self->model.n_params, path);
}

int scenario_unknown(const scenario_t *self, const char *path, fault_t *err) {
    char text[1000];
    param_unknown(self->model.params, self->model.n_params, path, text, sizeof text);
    return error_set(err, ERR_USAGE, "%s", text);
}

int scenario_set(scenario_t *self, const char *path, const char *value_text, setting_t *setting,
                 fault_t *err) {
    const model_t *model = &self->model;
    int param = scenario_param(self, path);
    char text[1000];
    if (refused(model->params, model->n_params, path, param, text, sizeof text))
        return error_set(err, ERR_USAGE, "%s", text);
    const param_t *known = &model->params[param];
    double value;
    if (!units_parse(known->dimension, value_text, &value) || value < known->low || value > known->high) {
        units_expect(known->dimension, known->low, known->high, text, sizeof text);
        return error_set(err, ERR_USAGE, "%s is set to \"%.60s\": %s is expected", path, value_text, text);
    }
    *setting = (setting_t){.param = param, .value = value};
    return 0;
}
