/* The groups `summary`, `histogram` and `provenance` of a final file. */
#include "base/mem.h"
#include "stats/parameters/spread.h"
#include "store/store_file.h"
#include "version.h"
#include <gsl/gsl_version.h>
#include <isa-l.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* ---- summary --------------------------------------------------------------------------------------- */

/* X(name, field of estimate_t, what it is): one variable each, [variant][quantity]. */
#define COUNTS(X)                                                                         \
    X(n, n, "replicates, without those that failed in any variant")                       \
    X(n_finite, n_finite, "replicates with a finite value (a first time may never come)") \
    X(n_differ, n_differ, "replicates whose value is not that of the first variant")
#define ESTIMATES(X)                                                                                    \
    X(mean, mean, "mean over the replicates, a first time that does not come counted as the end")       \
    X(sd, sd, "standard deviation between replicates")                                                  \
    X(mean_low, low, "lower end of the Monte Carlo 95 % interval of the mean")                          \
    X(mean_high, high, "upper end of the Monte Carlo 95 % interval of the mean")                        \
    X(mean_carriers, carriers, "replicates that carry the variance: n / kurtosis")                      \
    X(chance_low, quantiles.at[0], "5 % quantile of the values")                                        \
    X(chance_high, quantiles.at[ESTIMATE_QUANTILES - 1], "95 % quantile of the values")                 \
    X(difference, difference, "mean paired difference to the first variant")                            \
    X(difference_sd, difference_sd, "standard deviation of the paired differences")                     \
    X(difference_low, difference_low, "lower end of the Monte Carlo 95 % interval of the difference")   \
    X(difference_high, difference_high, "upper end of the Monte Carlo 95 % interval of the difference") \
    X(difference_carriers, difference_carriers, "pairs that carry the variance: n / kurtosis")          \
    X(difference_chance_low, difference_quantiles.at[0], "5 % quantile of the paired differences")      \
    X(difference_chance_high, difference_quantiles.at[ESTIMATE_QUANTILES - 1],                          \
      "95 % quantile of the paired differences")                                                        \
    X(variance_reduction, reduction, "variance of an unpaired difference / variance of the paired one")

/* In files of runs with uncertain parameters. */
#define PARAMETERS(X)                                                                               \
    X(share, share, "share of the variance that the mean given the uncertain parameters carries")   \
    X(share_low, share_low, "lower end of its 95 % interval")                                       \
    X(share_high, share_high, "upper end of its 95 % interval")                                     \
    X(parameters_low, parameters_low, "5 % quantile of the mean given the uncertain parameters")    \
    X(parameters_high, parameters_high, "95 % quantile of the mean given the uncertain parameters") \
    X(difference_share, difference_share, "share, of the variance of the paired differences")       \
    X(difference_share_low, difference_share_low, "lower end of its 95 % interval")                 \
    X(difference_share_high, difference_share_high, "upper end of its 95 % interval")               \
    X(difference_parameters_low, difference_parameters_low, "parameters_low, of the difference")    \
    X(difference_parameters_high, difference_parameters_high, "parameters_high, of the difference")

/* [variant][quantity][probability] each; all but the first not in files of sweeps. */
#define QUANTILES(X) \
    X(quantiles, quantiles.at, "quantiles over the replicates (linear between order statistics)")
#define QUANTILE_ENDS(X)                                                                       \
    X(quantiles_low, quantiles.low, "lower end of the 95 % interval of the quantile")          \
    X(quantiles_high, quantiles.high, "upper end of the 95 % interval of the quantile")        \
    X(difference_quantiles, difference_quantiles.at, "quantiles of the paired differences")    \
    X(difference_quantiles_low, difference_quantiles.low, "quantiles_low, of the differences") \
    X(difference_quantiles_high, difference_quantiles.high, "quantiles_high, of the differences")

static int write_estimates(store_t *self, hid_t group, const estimate_t *estimates, fault_t *err) {
    const layout_t *layout = self->layout;
    size_t points = layout->n_points ? (size_t)layout->n_points : 1;
    size_t n = points * (size_t)layout->n_variants * (size_t)layout->model->n_quantities;
    int ret = 0;
    double *column = mem_alloc(n * ESTIMATE_QUANTILES, sizeof *column);
    int64_t *counts = mem_alloc(n, sizeof *counts);
    TRY_MEM(column && counts);
    const char *dims = self->has_point ? "point variant quantity" : "variant quantity";
    variable_t v = {.dims = dims, .type = H5T_NATIVE_INT64};
#define X(name_, field, what)                                      \
    v.name = #name_;                                               \
    v.long_name = what;                                            \
    for (size_t i = 0; i < n; i++) counts[i] = estimates[i].field; \
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_INT64, counts, err));
    COUNTS(X)
#undef X
    v.type = H5T_NATIVE_DOUBLE;
#define X(name_, field, what)                                      \
    v.name = #name_;                                               \
    v.long_name = what;                                            \
    for (size_t i = 0; i < n; i++) column[i] = estimates[i].field; \
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_DOUBLE, column, err));
    ESTIMATES(X)
    if (layout->model->n_uncertain && !self->has_point) {
        PARAMETERS(X)
    }
#undef X
    v.dims = self->has_point ? "point variant quantity probability" : "variant quantity probability";
#define X(name_, field, what)                                                                             \
    v.name = #name_;                                                                                      \
    v.long_name = what;                                                                                   \
    for (size_t i = 0; i < n; i++)                                                                        \
        memcpy(column + i * ESTIMATE_QUANTILES, estimates[i].field, ESTIMATE_QUANTILES * sizeof *column); \
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_DOUBLE, column, err));
    QUANTILES(X)
    if (!self->has_point) {
        QUANTILE_ENDS(X)
    }
#undef X
out:
    mem_free(column);
    mem_free(counts);
    return ret;
}

static int write_fan(hid_t group, tally_kind_t kind, const fan_t *fan, fault_t *err) {
    int ret = 0;
    char name[64], dims[64];
    const char *item = kind == TALLY_TRADE ? "flow" : "tie",
               *units = kind == TALLY_TRADE ? "USD year-1" : "1";
    snprintf(dims, sizeof dims, "variant time %s", item);
    variable_t v = {.name = name, .dims = dims, .type = H5T_NATIVE_FLOAT, .units = units};
    snprintf(name, sizeof name, "%s_mean", tally_names[kind]);
    v.long_name = "mean over the replicates";
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_FLOAT, fan->mean, err));
    snprintf(name, sizeof name, "%s_sd", tally_names[kind]);
    v.long_name = "standard deviation between replicates";
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_FLOAT, fan->sd, err));
    snprintf(name, sizeof name, "%s_quantiles", tally_names[kind]);
    snprintf(dims, sizeof dims, "probability variant time %s", item);
    v.long_name = "quantiles over the replicates";
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_FLOAT, fan->quantiles, err));
out:
    return ret;
}

static int write_entries(store_t *self, hid_t group, const char *name, hid_t type, const char *what,
                         const void *values, fault_t *err) {
    variable_t v = {.name = name, .dims = "entry", .type = type, .shuffle = true, .long_name = what};
    hid_t dataset = hdf_variable(group, &v, err);
    if (dataset < 0) return ERR_IO;
    return hdf_close(dataset, packer_write_all(self->packer, dataset, values, err), err);
}

static int write_counts(store_t *self, hid_t group, tally_kind_t kind, const counts_t *counts, fault_t *err) {
    const rounding_t *rounding = kind == TALLY_TRADE ? &self->layout->trade : &self->layout->strength;
    int ret = 0;
    TRY(hdf_scale_plain(group, "entry", counts->n, true, err));
    TRY(write_entries(self, group, "cell", H5T_NATIVE_UINT32, "(variant * times + time) * items + item",
                      counts->cell, err));
    TRY(write_entries(self, group, "code", H5T_NATIVE_INT32, "code of the value", counts->code, err));
    TRY(write_entries(self, group, "count", H5T_NATIVE_UINT32, "replicates with that code", counts->count,
                      err));
    if (rounding->relative)
        TRY(hdf_attr_int(group, "code_shift", rounding->shift, err));
    else
        TRY(hdf_attr_double(group, "code_step", rounding->step, err));
out:
    return ret;
}

static int write_histogram(store_t *self, const counts_t counts[TALLY_N], fault_t *err) {
    hid_t all = -1;
    int ret = 0;
    for (int k = 0; k < TALLY_N && !ret; k++) {
        if (!counts[k].n) continue;
        if (all < 0 && (all = hdf_group(self->file, "histogram", err)) < 0) return ERR_IO;
        hid_t group = hdf_group(all, tally_names[k], err);
        ret = group < 0 ? ERR_IO : hdf_close(group, write_counts(self, group, k, &counts[k], err), err);
    }
    return hdf_close(all, ret, err);
}

int store_write_summary(store_t *self, const estimate_t *estimates, const fan_t fans[TALLY_N],
                        const counts_t counts[TALLY_N], int64_t n_failed, fault_t *err) {
    const layout_t *layout = self->layout;
    int ret = 0;
    bool any_fan = fans && fans[TALLY_STRENGTH].mean;
    hid_t group = hdf_group(self->file, "summary", err);
    if (group < 0) return ERR_IO;
    TRY(schema_dimensions(group, layout, 0,
                          DIM_POINT_BIT | DIM_VARIANT_BIT | DIM_QUANTITY_BIT | (any_fan ? DIM_TIME_BIT : 0),
                          err));
    hid_t probability = hdf_scale_numbers(group, "probability", H5T_NATIVE_DOUBLE, ESTIMATE_QUANTILES, false,
                                          estimate_quantiles, "probability of the quantile", err);
    if (probability < 0) TRY(ERR_IO);
    TRY(hdf_close(probability, 0, err));
    TRY(hdf_attr_int(group, "failed_replicates", n_failed, err));
    TRY(hdf_attr_int(group, "cells_left_out", layout->left_out, err));
    if (layout->model->n_quantities) TRY(write_estimates(self, group, estimates, err));
    for (int k = 0; k < TALLY_N; k++)
        if (fans && fans[k].mean) TRY(write_fan(group, k, &fans[k], err));
    if (counts) TRY(write_histogram(self, counts, err));
    ret = store_trouble(self, err);
out:
    return hdf_close(group, ret, err);
}

static void quantiles_unknown(quantiles_t *of) {
    for (int k = 0; k < ESTIMATE_QUANTILES; k++) of->at[k] = of->low[k] = of->high[k] = NAN;
}

int store_read_estimates(store_t *self, estimate_t **out, fault_t *err) {
    int ret = 0;
    size_t points = self->has_point ? store_size(self, "point") : 1;
    size_t n = points * store_size(self, "variant") * store_size(self, "quantity");
    estimate_t *estimates = *out = mem_alloc(n, sizeof *estimates);
    double *column = mem_alloc(n * ESTIMATE_QUANTILES, sizeof *column);
    int64_t *counts = mem_alloc(n, sizeof *counts);
    TRY_MEM(estimates && column && counts);
    if (!n) goto out;
#define X(name, field, what)                                     \
    TRY(store_integers(self, "summary/" #name, n, counts, err)); \
    for (size_t i = 0; i < n; i++) estimates[i].field = counts[i];
    COUNTS(X)
#undef X
#define X(name, field, what)                                    \
    TRY(store_numbers(self, "summary/" #name, n, column, err)); \
    for (size_t i = 0; i < n; i++) estimates[i].field = column[i];
    ESTIMATES(X)
    for (size_t i = 0; i < n; i++) {
        spread_unknown(&estimates[i]);
        quantiles_unknown(&estimates[i].quantiles);
        quantiles_unknown(&estimates[i].difference_quantiles);
    }
    if (store_has(self, "summary/share")) {
        PARAMETERS(X)
    }
#undef X
#define X(name, field, what)                                                        \
    TRY(store_numbers(self, "summary/" #name, n *ESTIMATE_QUANTILES, column, err)); \
    for (size_t i = 0; i < n; i++)                                                  \
        memcpy(estimates[i].field, column + i * ESTIMATE_QUANTILES, ESTIMATE_QUANTILES * sizeof *column);
    QUANTILES(X)
    if (store_has(self, "summary/quantiles_low")) {
        QUANTILE_ENDS(X)
    }
#undef X
out:
    mem_free(column);
    mem_free(counts);
    if (ret) {
        mem_free(estimates);
        *out = NULL;
    }
    return ret;
}

/* ---- provenance ------------------------------------------------------------------------------------ */

static int write_parameters(hid_t group, const model_t *model, fault_t *err) {
    if (!model->n_params) return 0;
    int ret = 0;
    size_t n = (size_t)model->n_params;
    const char **paths = mem_alloc(n, sizeof *paths);
    double *values = mem_alloc(n, sizeof *values);
    TRY_MEM(paths && values);
    for (size_t i = 0; i < n; i++) {
        paths[i] = model->params[i].path;
        values[i] = *model->params[i].value;
    }
    TRY(hdf_scale_names(group, "parameter", n, paths, "numeric parameter of the scenario", err));
    variable_t v = {.name = "parameter_value",
                    .dims = "parameter",
                    .type = H5T_NATIVE_DOUBLE,
                    .long_name = "its value in the base variant, in days, USD, per year or plain numbers"};
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_DOUBLE, values, err));
out:
    mem_free(paths);
    mem_free(values);
    return ret;
}

static int write_libraries(hid_t group, fault_t *err) {
    int ret = 0;
    unsigned major, minor, release;
    char text[64];
    H5get_libversion(&major, &minor, &release);
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
    TRY(hdf_attr_text(group, "library_hdf5", text, err));
    TRY(hdf_attr_text(group, "library_gsl", gsl_version, err));
    TRY(hdf_attr_text(group, "library_igraph", ENTENTE_IGRAPH, err));
    TRY(hdf_attr_text(group, "library_libfyaml", ENTENTE_FYAML, err));
    snprintf(text, sizeof text, "%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    TRY(hdf_attr_text(group, "library_isal", text, err));
out:
    return ret;
}

int store_write_provenance(store_t *self, const provenance_t *p, fault_t *err) {
    const layout_t *layout = self->layout;
    int ret = 0;
    struct utsname host;
    hid_t group = hdf_group(self->file, "provenance", err);
    if (group < 0) return ERR_IO;
    TRY(hdf_attr_text(self->file, "identity", p->identity, err));
    TRY(hdf_attr_text(group, "program", "entente " ENTENTE_VERSION, err));
    TRY(hdf_attr_text(group, "git", ENTENTE_GIT, err));
    TRY(hdf_attr_text(group, "build", ENTENTE_BUILD, err));
    TRY(write_libraries(group, err));
    TRY(hdf_attr_text(group, "command", p->command, err));
    if (!uname(&host)) {
        TRY(hdf_attr_text(group, "host", host.nodename, err));
        TRY(hdf_attr_text(group, "system", host.sysname, err));
        TRY(hdf_attr_text(group, "machine", host.machine, err));
    }
    TRY(hdf_attr_text(group, "start", p->start, err));
    TRY(hdf_attr_text(group, "end", p->end, err));
    TRY(hdf_attr_int(group, "workers", p->workers, err));
    TRY(hdf_attr_text(group, "scenario", p->scenario, err));
    TRY(hdf_attr_array(group, "seed", H5T_NATIVE_UINT64, 1, &layout->seed, err));
    TRY(hdf_write_text(group, "plan", p->plan, err));
    if (p->n_files) {
        TRY(hdf_scale_names(group, "file", (size_t)p->n_files, p->paths,
                            "file that the scenario was read from", err));
        TRY(hdf_write_texts(group, "file_text", "file", (size_t)p->n_files, p->texts, "its text", err));
    }
    if (p->n_settings)
        TRY(hdf_scale_names(group, "setting", (size_t)p->n_settings, p->settings,
                            "path=value set on the command line", err));
    TRY(write_parameters(group, layout->model, err));
    ret = store_trouble(self, err);
out:
    return hdf_close(group, ret, err);
}
