#include "cli/sensitivity_table.h"

#include "base/mem.h"
#include "cli/quantity_table.h"
#include "cli/text_table.h"
#include "run/sensitivity.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    store_t *store;
    const points_t *points;
    const model_t *model;
    size_t n_variants, n_quantities, n_replicates, n_points;
    char **variants, **quantities, **labels, **units;
    double *values; /* [variant][point][replicate][quantity] */
    double *y, *means;
    influence_t *influence;
    int *order;
} study_t;

static void study_free(study_t *s) {
    store_free_names(s->n_variants, s->variants);
    store_free_names(s->n_quantities, s->quantities);
    store_free_names(s->n_quantities, s->labels);
    store_free_names(s->n_quantities, s->units);
    mem_free(s->values);
    mem_free(s->y);
    mem_free(s->means);
    mem_free(s->influence);
    mem_free(s->order);
}

static int study_init(study_t *s, fault_t *err) {
    int ret = 0;
    s->n_points = (size_t)s->points->n_points;
    s->n_replicates = store_replicates(s->store);
    TRY(store_names(s->store, "variant", &s->n_variants, &s->variants, err));
    TRY(store_names(s->store, "quantity", &s->n_quantities, &s->quantities, err));
    TRY(store_names(s->store, "quantity_label", &s->n_quantities, &s->labels, err));
    TRY(store_names(s->store, "quantity_unit", &s->n_quantities, &s->units, err));
    size_t runs = s->n_points * s->n_replicates;
    s->values = mem_alloc(s->n_variants * runs * s->n_quantities, sizeof *s->values);
    s->y = mem_alloc(runs, sizeof *s->y);
    s->means = mem_alloc(s->n_points, sizeof *s->means);
    s->influence = mem_alloc((size_t)s->points->n_axes, sizeof *s->influence);
    s->order = mem_alloc((size_t)s->points->n_axes, sizeof *s->order);
    if (!s->values || !s->y || !s->means || !s->influence || !s->order) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    for (size_t v = 0; v < s->n_variants; v++)
        for (size_t p = 0; p < s->n_points; p++)
            TRY(store_read_quantities(s->store, (int)p, (int)v, 0, (uint32_t)s->n_replicates,
                                      s->values + (v * runs + p * s->n_replicates) * s->n_quantities, err));
out:
    return ret;
}

/* The quantity in a variant (0: the base), or the variant's paired difference to the base. */
static void take(study_t *s, size_t quantity, size_t variant) {
    size_t runs = s->n_points * s->n_replicates;
    for (size_t i = 0; i < runs; i++) {
        s->y[i] = s->values[i * s->n_quantities + quantity];
        if (variant) s->y[i] = s->values[(variant * runs + i) * s->n_quantities + quantity] - s->y[i];
    }
}

/* Columns of a regression: the values, or their logarithms where all are positive and span a decade. */
static double *regressors(const points_t *points) {
    size_t d = (size_t)points->n_axes, n = (size_t)points->n_points;
    double *x = mem_alloc(n * d, sizeof *x);
    for (size_t a = 0; a < d && x; a++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t p = 0; p < n; p++) {
            low = fmin(low, points->values[p * d + a]);
            high = fmax(high, points->values[p * d + a]);
        }
        bool logs = low > 0 && high >= 10 * low;
        for (size_t p = 0; p < n; p++) {
            double value = points->values[p * d + a];
            x[p * d + a] = logs ? log(value) : value;
        }
    }
    return x;
}

static int analyse(study_t *s, response_t *response, fault_t *err) {
    const points_t *points = s->points;
    int ret = 0, d = points->n_axes;
    double *x = regressors(points);
    influence_clear(d, s->influence);
    TRY(sensitivity_response(points->n_points, (int)s->n_replicates, s->y, s->means, response));
    if (points->design == DESIGN_SALTELLI) TRY(sensitivity_sobol(d, points->size, s->means, s->influence));
    if (points->design == DESIGN_MORRIS)
        TRY(sensitivity_morris(d, points->size, points->units, s->means, s->influence));
    ret =
        x ? sensitivity_regression(d, points->n_points, x, s->means, s->influence, &response->r2) : ERR_NOMEM;
out:
    mem_free(x);
    return ret ? error_set(err, ret, "out of memory") : 0;
}

/* What parameters are ranked by: total index, mu*, or the size of the coefficient. */
static double rank_of(const influence_t *i) {
    if (!isnan(i->total.value)) return i->total.value;
    if (!isnan(i->mu_star.value)) return i->mu_star.value;
    return isnan(i->regression.value) ? -1 : fabs(i->regression.value);
}

static void rank(study_t *s) {
    for (int a = 0; a < s->points->n_axes; a++) {
        int at = a;
        for (; at > 0 && rank_of(&s->influence[s->order[at - 1]]) < rank_of(&s->influence[a]); at--)
            s->order[at] = s->order[at - 1];
        s->order[at] = a;
    }
}

static void add_interval(text_table_t *table, const interval_t *i) {
    if (isnan(i->value)) {
        text_table_add(table, "-");
        text_table_add(table, "%s", "");
    } else {
        text_table_add(table, "%.3g", i->value);
        text_table_add(table, "%.2g .. %.2g", i->low, i->high);
    }
}

static void print(FILE *out, study_t *s, size_t quantity, size_t variant, const response_t *r) {
    static const char *const sobol[] = {"parameter",     ">total",      "95 % interval", ">first order",
                                        "95 % interval", ">regression", "95 % interval", NULL};
    static const char *const morris[] = {"parameter", ">mu*",        "95 % interval", ">mu",
                                         ">sigma",    ">regression", "95 % interval", NULL};
    static const char *const other[] = {"parameter", ">regression", "95 % interval", NULL};
    design_t design = s->points->design;
    text_table_t table;
    text_table_init(&table, design == DESIGN_SALTELLI ? sobol : design == DESIGN_MORRIS ? morris : other);
    number_style_t style = number_style(s->units[quantity], fmax(fabs(r->mean), r->sd), r->sd / 10);
    char mean[32], sd[32], within[32];
    fprintf(out, "\n%s%s%s (%s)\n", s->labels[quantity], variant ? ", difference by " : "",
            variant ? s->variants[variant] : "", s->quantities[quantity]);
    fprintf(out, "  mean %s, between points +- %s%s%s, within a point +- %s; ",
            number_text(&style, r->mean, mean), number_text(&style, r->sd, sd), *style.unit ? " " : "",
            style.unit, number_text(&style, r->within, within));
    if (isnan(r->noise))
        fprintf(out, "noise of replicates not known");
    else
        fprintf(out, "%.2g %% of the variance between points is noise of replicates", 100 * r->noise);
    if (!isnan(r->r2)) fprintf(out, "; regression explains %.0f %%", 100 * r->r2);
    fputs("\n", out);
    for (int k = 0; k < s->points->n_axes; k++) {
        int a = s->order[k];
        const influence_t *i = &s->influence[a];
        text_table_add(&table, "%s", s->model->params[s->points->params[a]].path);
        if (design == DESIGN_SALTELLI) {
            add_interval(&table, &i->total);
            add_interval(&table, &i->first);
        } else if (design == DESIGN_MORRIS) {
            number_style_t fine = number_style(s->units[quantity], rank_of(&s->influence[s->order[0]]),
                                               rank_of(&s->influence[s->order[0]]) / 100);
            char text[72];
            text_table_add(&table, "%s", number_text(&fine, i->mu_star.value, text));
            text_table_add(&table, "%s", range_text(&fine, i->mu_star.low, i->mu_star.high, text));
            text_table_add(&table, "%s", number_text(&fine, i->mu, text));
            text_table_add(&table, "%s", number_text(&fine, i->sigma, text));
        }
        add_interval(&table, &i->regression);
    }
    text_table_print(&table, out);
}

static json_t *interval_json(const interval_t *i) {
    return json_pack("{s:o s:o s:o}", "value", json_number(i->value), "low", json_number(i->low), "high",
                     json_number(i->high));
}

static json_t *study_json(const study_t *s, size_t quantity, size_t variant, const response_t *r) {
    json_t *list = json_array();
    for (int k = 0; k < s->points->n_axes; k++) {
        const influence_t *i = &s->influence[s->order[k]];
        json_array_append_new(list, json_pack("{s:s s:o s:o s:o s:o s:o s:o}", "parameter",
                                              s->model->params[s->points->params[s->order[k]]].path, "total",
                                              interval_json(&i->total), "first", interval_json(&i->first),
                                              "mu_star", interval_json(&i->mu_star), "mu", json_number(i->mu),
                                              "sigma", json_number(i->sigma), "regression",
                                              interval_json(&i->regression)));
    }
    return json_pack("{s:s s:s s:s s:s s:b s:i s:o s:o s:o s:o s:o s:o}", "quantity", s->quantities[quantity],
                     "label", s->labels[quantity], "unit", s->units[quantity], "variant",
                     s->variants[variant], "difference", variant != 0, "points", r->n, "mean",
                     json_number(r->mean), "sd", json_number(r->sd), "within", json_number(r->within),
                     "noise", json_number(r->noise), "r2", json_number(r->r2), "parameters", list);
}

int sensitivity_table(FILE *out, json_t **json, store_t *store, const points_t *points, const model_t *model,
                      int n_names, const char *const *names, fault_t *err) {
    int ret = 0;
    study_t s = {.store = store, .points = points, .model = model};
    if (json) *json = json_array();
    if (!store_has(store, "quantity")) return 0;
    TRY(study_init(&s, err));
    for (size_t q = 0; q < s.n_quantities; q++) {
        bool wanted = !n_names;
        for (int i = 0; i < n_names; i++) wanted |= !strcmp(names[i], s.quantities[q]);
        for (size_t v = 0; v < s.n_variants && wanted; v++) {
            response_t response;
            take(&s, q, v);
            TRY(analyse(&s, &response, err));
            rank(&s);
            if (json)
                json_array_append_new(*json, study_json(&s, q, v, &response));
            else
                print(out, &s, q, v, &response);
        }
    }
out:
    study_free(&s);
    return ret;
}
