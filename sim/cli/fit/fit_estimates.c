#include "cli/fit/fit_estimates.h"

#include "base/math/quantile.h"

#include <math.h>
#include <string.h>

enum { FEWEST_CLUSTERS = 20 };

bool fit_is_robust(const likelihood_fit_t *fit) {
    return fit->actors.n_sides || (!fit->with_dynamics && fit->n_clusters >= FEWEST_CLUSTERS);
}

const char *fit_errors(const likelihood_fit_t *fit) {
    return fit->actors.n_sides ? "random effects" : fit_is_robust(fit) ? "robust" : "model-based";
}

double fit_se(const likelihood_fit_t *fit, int i) {
    return fit_is_robust(fit) ? fit->robust_se[i] : fit->maximum.se[i];
}

double fit_normal_sd(const likelihood_fit_t *fit, int i) {
    if (!fit_is_robust(fit)) return fit->maximum.se[i];
    return fit->robust_se[i] * (quantile_t(fit->degrees[i], 0.975) / quantile_normal(0.975));
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const model_t *model, const parameter_t *row, const likelihood_fit_t *fit, int i) {
    char name[128];
    double x = fit->maximum.x[i];
    parameter_name(row, model, name, sizeof name);
    json_t *json = json_pack("{s:s s:s s:s s:o s:o s:b}", "name", name + strspn(name, " "), "path", row->path,
                             "scale", parameter_sorts[row->kind].is_log ? "log" : "identity", "value",
                             number(parameter_value(row, x)), "x", number(x), "free", fit->is_free[i]);
    if (!json || !fit->is_free[i]) return json;
    double width = quantile_normal(0.975) * fit_normal_sd(fit, i);
    json_t *errors = json_pack("{s:o s:o s:[o, o] s:o s:o}", "se", number(fit_se(fit, i)), "degrees",
                               fit_is_robust(fit) ? number(fit->degrees[i]) : json_null(), "interval",
                               number(parameter_value(row, fmax(parameter_least(row), x - width))),
                               number(parameter_value(row, x + width)), "se_clustered",
                               number(fit->cluster_se[i]), "se_model_based", number(fit->maximum.se[i]));
    if (!errors || json_object_update(json, errors) < 0) {
        json_decref(json);
        json = NULL;
    }
    json_decref(errors);
    return json;
}

static json_t *matrix_json(int n, const double *values) {
    json_t *rows = json_array();
    for (int i = 0; i < n; i++) {
        json_t *row = json_array();
        for (int j = 0; j < n; j++) json_array_append_new(row, number(values[i * n + j]));
        json_array_append_new(rows, row);
    }
    return rows;
}

json_t *fit_estimates(const model_t *model, const kind_t *kind, const likelihood_t *likelihood,
                      const likelihood_fit_t *fit) {
    const parameters_t *table = likelihood_table(likelihood);
    json_t *rows = json_array();
    for (int i = 0; i < table->n; i++) json_array_append_new(rows, row_json(model, &table->rows[i], fit, i));
    return json_pack("{s:s s:b s:i s:i s:o s:o s:o s:s s:o s:o s:o}", "kind", kind->name, "converged",
                     fit->maximum.converged, "events", likelihood_n_events(likelihood), "dyads",
                     likelihood_n_places(likelihood), "log_l", number(fit->maximum.log_l), "aic",
                     number(fit->aic), "bic", number(fit->bic), "errors", fit_errors(fit), "parameters", rows,
                     "covariance",
                     matrix_json(table->n, fit_is_robust(fit) ? fit->robust : fit->maximum.covariance),
                     "covariance_model_based", matrix_json(table->n, fit->maximum.covariance));
}

int fit_estimates_write(FILE *file, json_t *kinds, json_t *dynamics) {
    fputs(FIT_ESTIMATES_BEGINNING ", \"kinds\": ", file);
    if (json_dumpf(kinds, file, JSON_REAL_PRECISION(9)) < 0) return ERR_IO;
    if (dynamics) fputs(", \"dynamics\": ", file);
    if (dynamics && json_dumpf(dynamics, file, JSON_REAL_PRECISION(9)) < 0) return ERR_IO;
    return fputs("}\n", file) < 0 ? ERR_IO : 0;
}
