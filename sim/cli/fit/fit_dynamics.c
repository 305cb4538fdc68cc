#include "cli/fit/fit_dynamics.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLOSELY 0.9 /* correlation from which on the data tell a product better than each */

/* ---- which -----------------------------------------------------------------------------------------------
 */

/* Of ties: they change the path that events take them along, and nothing else of the likelihood. */
static bool is_dynamic(const char *path) {
    const char *last = strrchr(path, '.');
    if (!strncmp(path, "effects.level.", 14) || !strcmp(path, "effects.gain_divisor")) return true;
    if (!strcmp(path, "ties.relax.strength") || !strcmp(path, "ties.relax.alignment")) return true;
    size_t length = last ? (size_t)(last - path) : 0;
    return !strncmp(path, "kinds.", 6) && length > 7 && !strncmp(last - 7, ".effect", 7) &&
           (!strcmp(last, ".lasting") || !strcmp(last, ".goldstein"));
}

static int add_member(scenario_t *scenario, const char *path, dynamic_t *item, fault_t *err) {
    const model_t *model = &scenario->model;
    int param = scenario_param(scenario, path);
    if (param < 0) return scenario_unknown(scenario, path, err);
    const param_t *found = &model->params[param];
    if (!is_dynamic(found->path))
        return error_set(err, ERR_USAGE,
                         "--dynamics %s: effects.gain_divisor, effects.level.LEVEL, ties.relax.strength, "
                         "ties.relax.alignment, kinds.KIND.effect.lasting or kinds.KIND.effect.goldstein is "
                         "expected",
                         path);
    item->values[item->n] = found->value;
    item->paths[item->n++] = found->path;
    item->low = found->low;
    item->high = found->high;
    return 0;
}

static int read_one(scenario_t *scenario, const char *text, dynamic_t *item, fault_t *err) {
    arena_t *arena = &scenario->model.arena;
    size_t most = 1;
    char *copy = arena_text(arena, text), *rest = NULL;
    for (const char *c = text; *c; c++) most += *c == ',';
    *item = (dynamic_t){.values = arena_alloc(arena, most, sizeof(double *)),
                        .paths = arena_alloc(arena, most, sizeof(char *))};
    if (!copy || !item->values || !item->paths) return error_memory(err);
    for (char *path = strtok_r(copy, ",", &rest); path; path = strtok_r(NULL, ",", &rest)) {
        int ret = add_member(scenario, path, item, err);
        if (ret < 0) return ret;
    }
    if (!item->n) return error_set(err, ERR_USAGE, "--dynamics: the path of a parameter is missing");
    item->name = item->paths[0];
    return 0;
}

static const char *repeated(int n, const dynamic_t *items) {
    for (int a = 0; a < n; a++)
        for (int i = 0; i < items[a].n; i++)
            for (int b = 0; b <= a; b++)
                for (int j = 0; j < (b < a ? items[b].n : i); j++)
                    if (items[a].paths[i] == items[b].paths[j]) return items[a].paths[i];
    return NULL;
}

int fit_dynamics_read(scenario_t *scenario, const texts_t *texts, int *n, const dynamic_t **out,
                      fault_t *err) {
    dynamic_t *items = arena_alloc(&scenario->model.arena, (size_t)texts->n + 1, sizeof *items);
    if (!items) return error_memory(err);
    if (texts->n > MOST_DYNAMICS)
        return error_set(err, ERR_USAGE, "--dynamics is given more than %d times", MOST_DYNAMICS);
    for (int i = 0; i < texts->n; i++) {
        int ret = read_one(scenario, texts->items[i], &items[i], err);
        if (ret < 0) return ret;
    }
    const char *again = repeated(texts->n, items);
    if (again) return error_set(err, ERR_USAGE, "--dynamics: %s is given twice", again);
    *n = texts->n;
    *out = items;
    return 0;
}

/* ---- the fit ---------------------------------------------------------------------------------------------
 */

static void *copied(const void *from, size_t n, size_t size) {
    void *copy = mem_alloc(n, size);
    if (copy && n) memcpy(copy, from, n * size);
    return copy;
}

int fit_dynamics_take(fit_dynamics_t *self, int n, const dynamic_t *items, const dynamics_fit_t *fit,
                      int n_kinds, const int *kinds) {
    size_t all = (size_t)fit->n, count = (size_t)n;
    *self = (fit_dynamics_t){.n = n, .items = items, .fit = *fit, .n_kinds = n_kinds};
    dynamics_fit_t *own = &self->fit;
    own->maximum.x = copied(fit->maximum.x, all, sizeof(double));
    own->maximum.se = copied(fit->maximum.se, all, sizeof(double));
    own->maximum.covariance = copied(fit->maximum.covariance, all * all, sizeof(double));
    own->part = copied(fit->part, 2 * all, sizeof(int));
    own->low = copied(fit->low, 2 * count, sizeof(double));
    self->own_kinds = copied(kinds, (size_t)n_kinds, sizeof(int));
    self->estimates = mem_alloc(count, sizeof(double));
    if (!own->maximum.x || !own->maximum.se || !own->maximum.covariance || !own->part || !own->low ||
        !self->own_kinds || !self->estimates)
        return ERR_NOMEM;
    own->row = own->part + all;
    own->high = own->low + count;
    self->kinds = self->own_kinds;
    for (int d = 0; d < n; d++) self->estimates[d] = *items[d].values[0];
    return 0;
}

void fit_dynamics_free(fit_dynamics_t *self) {
    dynamics_fit_free(&self->fit);
    mem_free(self->own_kinds);
    mem_free(self->estimates);
    for (size_t i = 0; i < self->n_drawn; i++) free(self->drawn[i].path);
    mem_free(self->drawn);
    *self = (fit_dynamics_t){0};
}

int fit_dynamics_part(const fit_dynamics_t *self, int kind) {
    for (int p = 0; p < self->n_kinds; p++)
        if (self->kinds[p] == kind) return p;
    return -1;
}

int fit_dynamics_draw(fit_dynamics_t *self, const char *path, int part, int row) {
    if (ARRAY_RESERVE(self->drawn, self->n_drawn, self->drawn_capacity) < 0) return ERR_NOMEM;
    self->drawn[self->n_drawn] = (fit_drawn_t){strdup(path), dynamics_index(&self->fit, part, row)};
    return self->drawn[self->n_drawn++].path ? 0 : ERR_NOMEM;
}

static int index_of(const fit_dynamics_t *self, int d) {
    return self->fit.n - self->fit.n_dynamics + d;
}

static double correlation(const fit_dynamics_t *self, int i, int j) {
    const double *covariance = self->fit.maximum.covariance;
    size_t n = (size_t)self->fit.n, a = (size_t)i, b = (size_t)j;
    return covariance[a * n + b] / sqrt(covariance[a * n + a] * covariance[b * n + b]);
}

/* The data bound it on both sides. */
static bool is_found(const fit_dynamics_t *self, int d) {
    return !isnan(self->fit.low[d]) && !isnan(self->fit.high[d]);
}

/* ---- text ------------------------------------------------------------------------------------------------
 */

static const char *unit_of(const dynamic_t *item) {
    return !strncmp(item->name, "ties.relax.", 11) ? " d" : "";
}

static bool is_at_end(const dynamic_t *item, double value) {
    double range = item->high - item->low;
    return range < 1e300 && (value - item->low < 1e-4 * range || item->high - value < 1e-4 * range);
}

static const char *end_text(double end, char out[32]) {
    snprintf(out, 32, isnan(end) ? "no end" : "%.3g", end);
    return out;
}

/* The coefficient of another statistic of a kind, and what it is called. */
static const term_t *term_of(const fit_dynamics_t *self, const model_t *model, int i, const kind_t **kind) {
    *kind = &model->kinds[self->kinds[self->fit.part[i]]];
    int s = self->fit.row[i] - 1; /* the rate comes first */
    return s >= 0 && s < (*kind)->log_rate.n ? &(*kind)->log_rate.terms[s] : NULL;
}

static bool is_state(const term_t *term) {
    return term &&
           (term->statistic->motion == MOTION_STRENGTH || term->statistic->motion == MOTION_ALIGNMENT);
}

static void print_closest(const fit_dynamics_t *self, const model_t *model, int d) {
    int at = index_of(self, d), closest = -1;
    const kind_t *kind;
    for (int i = 0; i < at; i++)
        if (self->fit.part[i] >= 0 && is_state(term_of(self, model, i, &kind)) &&
            (closest < 0 || fabs(correlation(self, i, at)) > fabs(correlation(self, closest, at))))
            closest = i;
    if (closest < 0 || !(fabs(correlation(self, closest, at)) > CLOSELY)) return;
    const term_t *term = term_of(self, model, closest, &kind);
    printf(
        "    correlation %.2f with the coefficient of %s of %s: the data tell their combination, and hardly "
        "each\n",
        correlation(self, closest, at), term->statistic->name, kind->name);
}

/* Coefficient / divisor: what a point of Goldstein's scale, at level 1, adds to the log rate. */
static void print_products(const fit_dynamics_t *self, const model_t *model, int d) {
    int at = index_of(self, d);
    size_t n = (size_t)self->fit.n;
    const double *covariance = self->fit.maximum.covariance, *x = self->fit.maximum.x;
    for (int i = 0; i < index_of(self, 0); i++) {
        const kind_t *kind;
        const term_t *term = term_of(self, model, i, &kind);
        if (!is_state(term)) continue;
        double divisor = self->estimates[d], ratio = x[i] / divisor;
        double variance = covariance[(size_t)i * n + (size_t)i] / (divisor * divisor) +
                          ratio * ratio * covariance[(size_t)at * n + (size_t)at] -
                          2 * ratio / divisor * covariance[(size_t)i * n + (size_t)at];
        printf("    %s of %s: coefficient / divisor %.4g, se %.2g\n", term->statistic->name, kind->name,
               ratio, sqrt(fmax(0, variance)));
    }
}

void fit_dynamics_print(const fit_dynamics_t *self, const model_t *model) {
    const maximum_t *m = &self->fit.maximum;
    printf("parameters of ties, with all event types together: log L %.3f, %s\n", m->log_l,
           m->converged ? "converged" : m->told);
    for (int d = 0; d < self->n; d++) {
        const dynamic_t *item = &self->items[d];
        char low[32], high[32];
        double slope = dynamic_slope(item, m->x[index_of(self, d)]);
        printf("  %-34s %12.5g%s  se %.3g, 95 %% profile interval %s to %s\n", item->name, self->estimates[d],
               unit_of(item), fabs(slope) * m->se[index_of(self, d)], end_text(self->fit.low[d], low),
               end_text(self->fit.high[d], high));
        if (item->n > 1) printf("    one value for %d parameters\n", item->n);
        if (is_at_end(item, self->estimates[d]))
            puts("    at the end of its allowed range; leave it out, and change what it is multiplied with");
        else if (!is_found(self, d))
            puts("    the data do not bound it: it is not identified, and its distribution is not written");
        print_closest(self, model, d);
        if (!strcmp(item->name, "effects.gain_divisor")) print_products(self, model, d);
    }
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *fit_dynamics_json(const fit_dynamics_t *self) {
    json_t *list = json_array();
    for (int d = 0; d < self->n; d++) {
        const dynamic_t *item = &self->items[d];
        json_t *paths = json_array(), *correlations = json_array();
        int at = index_of(self, d);
        for (int i = 0; i < item->n; i++) json_array_append_new(paths, json_string(item->paths[i]));
        for (int i = 0; i < self->n; i++)
            json_array_append_new(correlations, number(correlation(self, at, index_of(self, i))));
        double slope = dynamic_slope(item, self->fit.maximum.x[at]);
        json_array_append_new(list,
                              json_pack("{s:o s:o s:o s:o s:[o, o] s:b s:o}", "paths", paths, "value",
                                        number(self->estimates[d]), "x", number(self->fit.maximum.x[at]),
                                        "se", number(fabs(slope) * self->fit.maximum.se[at]), "interval",
                                        number(self->fit.low[d]), number(self->fit.high[d]), "identified",
                                        is_found(self, d), "correlation", correlations));
    }
    return list;
}

/* ---- the fitted scenario ---------------------------------------------------------------------------------
 */

/* "{KEY: VALUE, ...}" of the members below a path, behind `before` and followed by `after`; nothing without.
 */
static void put_mapping(const fit_dynamics_t *self, const char *before, const char *below, const char *after,
                        FILE *out) {
    bool any = false;
    size_t length = strlen(below);
    for (int d = 0; d < self->n; d++)
        for (int i = 0; i < self->items[d].n; i++) {
            const char *path = self->items[d].paths[i];
            if (strncmp(path, below, length) != 0 || strchr(path + length, '.')) continue;
            fprintf(out, "%s%s: %.9g%s", any ? ", " : before, path + length, self->estimates[d],
                    unit_of(&self->items[d]));
            any = true;
        }
    if (any) fputs(after, out);
}

void fit_dynamics_put_kind(const fit_dynamics_t *self, const char *kind, FILE *out) {
    char below[NAME_BYTES + 32];
    snprintf(below, sizeof below, "kinds.%s.effect.", kind);
    put_mapping(self, "    effect: {", below, "}\n", out);
}

void fit_dynamics_put_relax(const fit_dynamics_t *self, FILE *out) {
    put_mapping(self, "  relax: {", "ties.relax.", "}\n", out);
}

char *fit_dynamics_effects(const fit_dynamics_t *self) {
    char *text = NULL, *body_text = NULL;
    size_t size = 0;
    FILE *body = open_memstream(&body_text, &size);
    if (!body) return NULL;
    for (int d = 0; d < self->n; d++)
        for (int i = 0; i < self->items[d].n; i++)
            if (!strcmp(self->items[d].paths[i], "effects.gain_divisor"))
                fprintf(body, "  gain_divisor: %.9g\n", self->estimates[d]);
    put_mapping(self, "  level: {", "effects.level.", "}\n", body);
    fclose(body);
    if (asprintf(&text, "%s%s", size ? "effects:\n" : "", body_text) < 0) text = NULL;
    free(body_text);
    return text;
}

/* With the width of the profile interval. */
static void put_prior(const fit_dynamics_t *self, int d, const char *data, FILE *out) {
    const dynamic_t *item = &self->items[d];
    double value = self->estimates[d], low = self->fit.low[d], high = self->fit.high[d];
    double width = 2 * quantile_normal(0.975), sd = (high - low) / width;
    fprintf(out, "  \"%s\": {", item->name);
    if (item->low == 0 && item->high == 1)
        fprintf(out, "beta: {mean: %.9g, concentration: %.6g}", value,
                fmax(0.1, value * (1 - value) / (sd * sd) - 1));
    else if (item->low >= 0 && item->high > 1e300)
        fprintf(out, "lognormal: {median: %.9g%s, sigma: %.6g}", value, unit_of(item),
                elementary_log(high / low) / width);
    else /* a normal could lie outside what is allowed */
        fprintf(out, "uniform: [%.9g, %.9g]", fmax(item->low, value - sqrt(3) * sd),
                fmin(item->high, value + sqrt(3) * sd));
    fprintf(out, ", source: \"fitted to %s (e)\"}\n", data);
    for (int i = 1; i < item->n; i++)
        fprintf(out, "  \"%s\": {same_as: \"%s\"}\n", item->paths[i], item->name);
}

void fit_dynamics_put_priors(const fit_dynamics_t *self, const char *data, FILE *out) {
    for (int d = 0; d < self->n; d++)
        if (is_found(self, d)) put_prior(self, d, data, out);
}

void fit_dynamics_put_joint(const fit_dynamics_t *self, const char *data, FILE *out) {
    size_t n = 0, most = self->n_drawn + (size_t)self->n;
    int *places = mem_alloc(most + 1, sizeof *places);
    if (!places) return;
    fputs("    fitted:\n      parameters:\n", out);
    for (size_t i = 0; i < self->n_drawn; i++) {
        fprintf(out, "        - \"%s\"\n", self->drawn[i].path);
        places[n++] = self->drawn[i].index;
    }
    for (int d = 0; d < self->n; d++) {
        if (!is_found(self, d)) continue;
        fprintf(out, "        - \"%s\"\n", self->items[d].name);
        places[n++] = index_of(self, d);
    }
    fputs("      correlation:\n", out);
    for (size_t i = 0; i < n; i++) {
        fputs("        - [", out);
        for (size_t j = 0; j < i; j++) {
            double alike = places[i] < 0 || places[j] < 0 ? 0 : correlation(self, places[i], places[j]);
            fprintf(out, "%.9g, ", isfinite(alike) ? alike : 0);
        }
        fputs("1]\n", out);
    }
    fprintf(out, "      source: \"fitted to %s (e)\"\n", data);
    mem_free(places);
}
