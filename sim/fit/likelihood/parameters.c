/* The table of a kind's parameters, and the scenario's own values of them. */
#include "fit/likelihood/parameters.h"

#include "base/date.h"
#include "base/mem.h"
#include "fit/likelihood/internal.h"

#include <stdio.h>

const parameter_sort_t parameter_sorts[PARAMETER_N] = {
#define X(id, ...) [PARAMETER_##id] = {__VA_ARGS__},
    PARAMETER_LIST(X)
#undef X
};

/* ---- the rows ---------------------------------------------------------------------------------------- */

static void set_path(parameter_t *row, const model_t *model, const double *value) {
    for (int p = 0; p < model->n_params; p++)
        if (model->params[p].value == value)
            snprintf(row->path, sizeof row->path, "%s", model->params[p].path);
}

static parameter_t *add_row(parameters_t *self, parameter_kind_t kind) {
    parameter_t *row = &self->rows[self->n];
    int index = self->count[kind]++;
    *row = (parameter_t){.kind = kind, .index = index};
    if (index == 0) self->first[kind] = self->n;
    self->n++;
    return row;
}

static void add_coefficients(likelihood_t *self) {
    const predictor_t *rate = &self->kind->log_rate;
    const likelihood_options_t *options = &self->options;
    self->parameters.first[PARAMETER_COEFFICIENT] = self->parameters.n; /* where none follow, too */
    for (int s = 0; s < rate->n; s++) {
        parameter_t *row = add_row(&self->parameters, PARAMETER_COEFFICIENT);
        row->term = &rate->terms[s];
        set_path(row, self->model, &row->term->coefficient);
    }
    for (int o = 0; o < options->n_others; o++) {
        parameter_t *row = add_row(&self->parameters, PARAMETER_COEFFICIENT);
        row->effects = options->others[o];
        row->other = options->other_names ? options->other_names[o] : NULL;
    }
}

static void add_excitations(likelihood_t *self) {
    for (int e = 0; e < self->kind->n_excitations; e++) {
        const excitation_t *excitation = &self->kind->excitations[e];
        parameter_t *branching = add_row(&self->parameters, PARAMETER_BRANCHING);
        branching->excitation = excitation;
        set_path(branching, self->model, &excitation->branching);
        parameter_t *half_life = add_row(&self->parameters, PARAMETER_HALF_LIFE);
        half_life->excitation = excitation;
        set_path(half_life, self->model, &excitation->half_life);
    }
}

static void add_factors(likelihood_t *self, parameter_kind_t kind, int n, const char *key) {
    for (int f = 0; f < n; f++) {
        parameter_t *row = add_row(&self->parameters, kind);
        snprintf(row->path, sizeof row->path, "kinds.%s.season.%s.%d", self->kind->name, key, f);
    }
}

int parameters_build(likelihood_t *self) {
    self->parameters.rows = mem_alloc(MOST_PARAMETERS, sizeof *self->parameters.rows);
    if (!self->parameters.rows) return ERR_NOMEM;
    set_path(add_row(&self->parameters, PARAMETER_RATE), self->model, &self->kind->rate_per_year);
    add_coefficients(self);
    add_excitations(self);
    self->parameters.n_rate = self->parameters.n;
    if (self->options.weekdays) add_factors(self, PARAMETER_WEEKDAY, N_WEEKDAYS, "weekday");
    if (self->options.months) add_factors(self, PARAMETER_MONTH, N_MONTHS, "month");
    if (self->options.random_effects_sd > 0) add_row(&self->parameters, PARAMETER_SPREAD);
    return 0;
}

/* ---- what a row says --------------------------------------------------------------------------------- */

double parameter_value(const parameter_t *row, double x) {
    const parameter_sort_t *sort = &parameter_sorts[row->kind];
    return sort->is_log ? elementary_exp(x) * sort->scale : x;
}

double parameter_error(const parameter_t *row, double x, double se) {
    return parameter_sorts[row->kind].is_log ? parameter_value(row, x) * se : se;
}

double parameter_least(const parameter_t *row) {
    const parameter_sort_t *sort = &parameter_sorts[row->kind];
    return sort->is_log ? elementary_log(sort->least / sort->scale) : sort->least;
}

void parameter_name(const parameter_t *row, const model_t *model, char *out, size_t size) {
    switch (row->kind) {
    case PARAMETER_RATE:
        snprintf(out, size, "rate.per_year");
        return;
    case PARAMETER_COEFFICIENT:
        if (row->term)
            snprintf(out, size, "%s", row->term->statistic->name);
        else
            snprintf(out, size, "random effect of %s", row->other);
        return;
    case PARAMETER_BRANCHING:
        snprintf(out, size, "by %s, %s: branching ratio", model->kinds[row->excitation->kind].name,
                 relation_names[row->excitation->relation]);
        return;
    case PARAMETER_HALF_LIFE:
        snprintf(out, size, "    half-life, days"); /* below the branching ratio */
        return;
    case PARAMETER_WEEKDAY:
        snprintf(out, size, "weekday %d", row->index + 1);
        return;
    case PARAMETER_MONTH:
        snprintf(out, size, "month %d", row->index + 1);
        return;
    case PARAMETER_SPREAD:
        snprintf(out, size, "sd of random effects");
        return;
    case PARAMETER_N:
        break;
    }
}

/* ---- the scenario's own values ----------------------------------------------------------------------- */

/* The log of a declared factor, relative to the first that has a day. */
static double log_factor(const likelihood_t *self, const parameter_t *row) {
    const season_t *season = &self->kind->season;
    bool months = row->kind == PARAMETER_MONTH;
    const unsigned char *which = months ? self->month_of : self->weekday_of;
    const double *factors = months ? season->month : season->weekday;
    int first = which[first_day(self)];
    for (int d = first_day(self); d < self->n_days; d++)
        if (which[d] < first) first = which[d];
    return (months ? season->has_month : season->has_weekday)
               ? elementary_log(fmax(0.01, factors[row->index]) / fmax(0.01, factors[first]))
               : 0;
}

static double own_value(const likelihood_t *self, const parameter_t *row) {
    switch (row->kind) {
    case PARAMETER_RATE:
        return elementary_log(self->kind->rate_per_year / DAYS_PER_YEAR);
    case PARAMETER_COEFFICIENT:
        return row->term ? row->term->coefficient : 0;
    case PARAMETER_BRANCHING:
        return row->excitation->branching;
    case PARAMETER_HALF_LIFE:
        return elementary_log(row->excitation->half_life);
    case PARAMETER_WEEKDAY:
    case PARAMETER_MONTH:
        return log_factor(self, row);
    case PARAMETER_SPREAD:
        return elementary_log(self->options.random_effects_sd);
    case PARAMETER_N:
        break;
    }
    return NAN;
}

void likelihood_parameters(const likelihood_t *self, double *x) {
    for (int i = 0; i < self->parameters.n; i++) x[i] = own_value(self, &self->parameters.rows[i]);
}

const parameters_t *likelihood_table(const likelihood_t *self) {
    return &self->parameters;
}

int likelihood_n_parameters(const likelihood_t *self) {
    return self->parameters.n;
}
