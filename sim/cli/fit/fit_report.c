#include "cli/fit/fit_report.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include "base/mem.h"
#include "cli/fit/fit_estimates.h"
#include "fit/likelihood/residuals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_CLUSTERS = 20 };

int fit_report_init(fit_report_t *self, const model_t *model, const char *data) {
    *self = (fit_report_t){.data = data};
    self->kinds = open_memstream(&self->kinds_text, &self->kinds_size);
    self->priors = open_memstream(&self->priors_text, &self->priors_size);
    self->joints = open_memstream(&self->joints_text, &self->joints_size);
    self->effects = mem_alloc((size_t)model->n_kinds, sizeof *self->effects);
    self->is_fitted = mem_alloc((size_t)model->n_kinds, sizeof *self->is_fitted);
    return self->kinds && self->priors && self->joints && self->effects && self->is_fitted ? 0 : ERR_NOMEM;
}

void fit_report_free(fit_report_t *self, const model_t *model) {
    if (self->kinds) fclose(self->kinds);
    if (self->priors) fclose(self->priors);
    if (self->joints) fclose(self->joints);
    free(self->kinds_text);
    free(self->priors_text);
    free(self->joints_text);
    mem_free(self->drawn);
    fit_dynamics_free(&self->dynamics);
    for (int k = 0; self->effects && k < model->n_kinds; k++) mem_free(self->effects[k]);
    mem_free(self->effects);
    mem_free(self->is_fitted);
    for (int i = 0; i < self->n_shared; i++) free(self->shared[i]);
    free(self->shared);
    *self = (fit_report_t){0};
}

/* "-" if it is unknown: with one or two dyads there are no clusters. */
static const char *number_or_dash(double se, char out[32]) {
    snprintf(out, 32, isfinite(se) ? "%.3g" : "-", se);
    return out;
}

/* A kind's fit, row by row of its parameters. */
typedef struct {
    const parameters_t *parameters;
    const likelihood_fit_t *fit;
} estimates_t;

bool fit_is_robust(const likelihood_fit_t *fit) {
    return !fit->with_dynamics && fit->n_clusters >= FEWEST_CLUSTERS;
}

double fit_se(const likelihood_fit_t *fit, int i) {
    return fit_is_robust(fit) ? fit->robust_se[i] : fit->maximum.se[i];
}

double fit_normal_sd(const likelihood_fit_t *fit, int i) {
    if (!fit_is_robust(fit)) return fit->maximum.se[i];
    return fit->robust_se[i] * (quantile_t(fit->degrees[i], 0.975) / quantile_normal(0.975));
}

static void print_row(const model_t *model, const estimates_t *of, int i) {
    const parameter_t *row = &of->parameters->rows[i];
    const likelihood_fit_t *fit = of->fit;
    char name[128], text[32];
    double x = fit->maximum.x[i], width = quantile_normal(0.975) * fit_normal_sd(fit, i);
    parameter_name(row, model, name, sizeof name);
    printf("  %-34s %12.5g  ", name, parameter_value(row, x));
    if (!fit->is_free[i]) {
        puts("held fixed");
        return;
    }
    printf("se %s", number_or_dash(parameter_error(row, x, fit_se(fit, i)), text));
    if (isfinite(width))
        printf(" (%.3g to %.3g)", parameter_value(row, fmax(parameter_least(row), x - width)),
               parameter_value(row, x + width));
    printf(", clustered %s", number_or_dash(parameter_error(row, x, fit->cluster_se[i]), text));
    if (fit_is_robust(fit))
        printf(", model-based %s", number_or_dash(parameter_error(row, x, fit->maximum.se[i]), text));
    puts(fit->shared[i] >= 0 ? ", pooled" : "");
}

/* The path that has the prior of a pooled parameter; NULL if this is the first. */
static const char *shared_prior(fit_report_t *report, const char *path, int shared) {
    if (shared < 0) return NULL;
    if (shared >= report->n_shared) {
        char **more = realloc(report->shared, (size_t)(shared + 1) * sizeof *more);
        if (!more) return NULL;
        for (int i = report->n_shared; i <= shared; i++) more[i] = NULL;
        report->shared = more;
        report->n_shared = shared + 1;
    }
    if (report->shared[shared]) return report->shared[shared];
    report->shared[shared] = strdup(path);
    return NULL;
}

/* How the prior of each kind of parameter is written: the value as a number, then a width. */
static const char *const prior_forms[PARAMETER_N] = {
    [PARAMETER_RATE] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_COEFFICIENT] = "normal: {mean: %s, sd: %.6g}",
    [PARAMETER_BRANCHING] = "gamma: {mean: %s, shape: %.6g}",
    [PARAMETER_HALF_LIFE] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_WEEKDAY] = "lognormal: {median: %s, sigma: %.6g}",
    [PARAMETER_MONTH] = "lognormal: {median: %s, sigma: %.6g}",
};

static bool is_factor(const parameter_t *row) {
    return row->kind == PARAMETER_WEEKDAY || row->kind == PARAMETER_MONTH;
}

/* The estimate as the scenario writes it. */
static const char *number_of(const estimates_t *of, int i, char out[32]) {
    const parameter_t *row = &of->parameters->rows[i];
    const char *unit = parameter_sorts[row->kind].unit;
    snprintf(out, 32, "%.*g%s%s", is_factor(row) ? 6 : 9, parameter_value(row, of->fit->maximum.x[i]),
             *unit ? " " : "", unit);
    return out;
}

/* Writes the standard error of row `i` as a distribution of the parameter `path`, unless it was held fixed.
 */
static void put_prior(fit_report_t *report, const estimates_t *of, int i, const char *path) {
    const parameter_t *row = &of->parameters->rows[i];
    char number[32];
    double x = of->fit->maximum.x[i], se = fit_normal_sd(of->fit, i);
    if (!*path || !of->fit->is_free[i] || (is_factor(row) && !(se > 0))) return;
    const char *same = shared_prior(report, path, of->fit->shared[i]);
    fprintf(report->priors, "  \"%s\": {", path);
    if (same) {
        fprintf(report->priors, "same_as: \"%s\"}\n", same);
        return;
    }
    fprintf(report->priors, prior_forms[row->kind], number_of(of, i, number),
            row->kind == PARAMETER_BRANCHING ? (x / se) * (x / se) : se);
    fprintf(report->priors, ", source: \"fitted to %s (e)\"}\n", report->data);
    if (report->dynamics.n)
        report->failed |= fit_dynamics_draw(&report->dynamics, path, report->part, i) < 0;
    else if (ARRAY_RESERVE(report->drawn, report->n_drawn, report->drawn_capacity) < 0)
        report->failed = true;
    else
        report->drawn[report->n_drawn++] = i;
}

/* The correlation of the estimates that have a distribution, by the covariance of their standard errors. */
static void put_joint(fit_report_t *report, const estimates_t *of, const char *kind) {
    const double *covariance = fit_is_robust(of->fit) ? of->fit->robust : of->fit->maximum.covariance;
    size_t n = (size_t)of->parameters->n;
    if (report->n_drawn < 2) return;
    fprintf(report->joints, "    fitted_%s:\n      parameters:\n", kind);
    for (int i = 0; i < report->n_drawn; i++)
        fprintf(report->joints, "        - \"%s\"\n", of->parameters->rows[report->drawn[i]].path);
    fputs("      correlation:\n", report->joints);
    for (int i = 0; i < report->n_drawn; i++) {
        size_t a = (size_t)report->drawn[i];
        for (int j = 0; j < i; j++) {
            size_t b = (size_t)report->drawn[j];
            double alike = covariance[a * n + b] / sqrt(covariance[a * n + a] * covariance[b * n + b]);
            fprintf(report->joints, "%s%.9g", j ? ", " : "        - [", isfinite(alike) ? alike : 0);
        }
        fputs(i ? ", 1]\n" : "        - [1]\n", report->joints);
    }
    fprintf(report->joints, "      source: \"fitted to %s (e)\"\n", report->data);
}

static const char *ref_name(const model_t *model, const term_t *term) {
    switch (term->statistic->ref) {
    case REF_ACTOR_ATTRIBUTE:
        return model->actor_attributes[term->ref];
    case REF_TIE_ATTRIBUTE:
        return model->tie_attributes[term->ref];
    case REF_GROUP:
        return model->groups[term->ref].name;
    case REF_CONDITION:
        return model->conditions[term->ref].name;
    default:
        return model->kinds[term->ref].name;
    }
}

/* Whether the scenario gives the statistic of this coefficient as a list, whose paths name what each is of.
 */
static bool is_listed(const char *path, const statistic_t *statistic) {
    const char *last = strrchr(path, '.');
    size_t length = strlen(statistic->name);
    if (!last || strcmp(last, ".coefficient") != 0) return false; /* a number alone */
    return (size_t)(last - path) < length || strncmp(last - length, statistic->name, length) != 0;
}

/* The coefficients of one statistic; several terms are written as a whole list, which replaces the
 * scenario's. `own`: the kind whose random effects are the attribute own_KIND of ties, added to the statistic
 * `tie`; NULL: none. */
static void write_statistic(fit_report_t *report, const model_t *model, const predictor_t *predictor,
                            const statistic_t *statistic, const char *own, const estimates_t *of) {
    int n = own && statistic->id == STATISTIC_TIE;
    bool whole = n > 0;
    for (int s = 0; s < predictor->n; s++) {
        if (predictor->terms[s].statistic != statistic) continue;
        int i = parameters_at(of->parameters, PARAMETER_COEFFICIENT, s);
        whole |= n++ > 0 || is_listed(of->parameters->rows[i].path, statistic);
    }
    if (n == 0) return;
    char number[32];
    fprintf(report->kinds, "        %s:%s", statistic->name, whole ? "\n" : "");
    for (int s = 0; s < predictor->n; s++) {
        const term_t *term = &predictor->terms[s];
        if (term->statistic != statistic) continue;
        int i = parameters_at(of->parameters, PARAMETER_COEFFICIENT, s);
        fprintf(report->kinds, whole ? "          - {coefficient: %s" : " {coefficient: %s",
                number_of(of, i, number));
        if (whole) {
            fprintf(report->kinds, ", reference: %.9g", term->reference);
            if (statistic->ref != REF_NONE)
                fprintf(report->kinds, ", %s: \"%s\"", statistic->ref == REF_KIND ? "kind" : "of",
                        ref_name(model, term));
            if (statistic->has_half_life) fprintf(report->kinds, ", half_life: %.9g d", term->half_life);
        }
        fputs("}\n", report->kinds);
        const char *path = of->parameters->rows[i].path;
        char listed[PARAM_PATH_BYTES]; /* in a list the attribute names the only one */
        if (*path && own && statistic->id == STATISTIC_TIE && n == 2 && !is_listed(path, statistic)) {
            const char *last = strrchr(path, '.');
            snprintf(listed, sizeof listed, "%.*s.%s%s", (int)(last - path), path, ref_name(model, term),
                     last);
            path = listed;
        }
        put_prior(report, of, i, path);
    }
    if (own && statistic->id == STATISTIC_TIE)
        fprintf(report->kinds, "          - {coefficient: 1, of: own_%s}\n", own);
}

static void write_factors(fit_report_t *report, const estimates_t *of, parameter_kind_t kind,
                          const char *key) {
    int n = of->parameters->count[kind];
    if (n) fprintf(report->kinds, "      %s: [", key);
    for (int f = 0; f < n; f++) {
        char number[32];
        int i = parameters_at(of->parameters, kind, f);
        fprintf(report->kinds, "%s%s", f ? ", " : "", number_of(of, i, number));
        put_prior(report, of, i, of->parameters->rows[i].path);
    }
    if (n) fputs("]\n", report->kinds);
}

/* Excitation is written as a complete list, as in the scenario but with the estimates. */
static void write_excitation(fit_report_t *report, const model_t *model, const kind_t *kind,
                             const estimates_t *of) {
    if (kind->n_excitations) fputs("    excited_by:\n", report->kinds);
    for (int n = 0; n < kind->n_excitations; n++) {
        const excitation_t *e = &kind->excitations[n];
        int branching = parameters_at(of->parameters, PARAMETER_BRANCHING, n),
            half_life = parameters_at(of->parameters, PARAMETER_HALF_LIFE, n);
        char numbers[2][32];
        fprintf(report->kinds, "      - {kind: %s, relation: %s, branching: %s, half_life: %s}\n",
                model->kinds[e->kind].name, relation_names[e->relation], number_of(of, branching, numbers[0]),
                number_of(of, half_life, numbers[1]));
        put_prior(report, of, branching, of->parameters->rows[branching].path);
        put_prior(report, of, half_life, of->parameters->rows[half_life].path);
    }
}

/* The verdict on the residuals, in words. */
static void print_verdict(const residuals_t *residuals) {
    bool in_time = residuals[RESIDUALS_POOLED].ks > residuals_ks_level(RESIDUALS_POOLED) ||
                   fabs(residuals[RESIDUALS_POOLED].serial) > RESIDUALS_SERIAL_LEVEL;
    bool level = false, spread = false, memory = false;
    for (int g = RESIDUALS_LOW; g < RESIDUALS_N; g++) {
        const residuals_t *r = &residuals[g];
        level |= r->n > 0 && fabs(r->n - r->expected) > 3 * sqrt(r->expected);
        spread |= r->ks > residuals_ks_level(g);
        memory |= fabs(r->serial) > RESIDUALS_SERIAL_LEVEL;
    }
    if (!in_time && !level && !spread && !memory) {
        puts("  verdict: the residuals show no misfit");
        return;
    }
    fputs("  verdict: misfit in", stdout);
    const char *join = " ";
    if (in_time) printf("%stiming over all dyads (season, drift, common shocks)", join), join = "; ";
    if (level)
        printf("%sdifferences between busy and quiet dyads (statistics, --random-effects)", join),
            join = "; ";
    if (spread) printf("%sclustering within dyads, or differences between dyads", join), join = "; ";
    if (memory)
        printf("%sserial dependence within dyads (more or slower excitation, --random-effects)", join);
    putchar('\n');
}

static void show_residuals(fit_report_t *report, const kind_t *kind, likelihood_t *likelihood,
                           const double *x) {
    residuals_t residuals[RESIDUALS_N];
    if (residuals_init(residuals, likelihood, x) < 0) return;
    for (int g = 0; g < RESIDUALS_N; g++) {
        const residuals_t *r = &residuals[g];
        for (int n = 0; report->residuals && n < r->n; n++)
            fprintf(report->residuals, "%s,%s,%.9g\n", kind->name, residuals_names[g], r->gaps[n]);
        if (r->n < 3) continue;
        double level = residuals_ks_level(g);
        printf("  %-22s %6d events, %8.1f expected; KS %.2f (%s %.2f), serial correlation %.2f (%s 1.96)\n",
               residuals_names[g], r->n, r->expected, r->ks, r->ks > level ? "rejected: above" : "within",
               level, r->serial, fabs(r->serial) > RESIDUALS_SERIAL_LEVEL ? "rejected: above" : "within");
    }
    print_verdict(residuals);
    residuals_free(residuals);
}

static void print_fit(const model_t *model, const kind_t *kind, const likelihood_t *likelihood,
                      const passes_course_t *course, const likelihood_fit_t *fit) {
    const estimates_t of = {likelihood_table(likelihood), fit};
    printf("%s: %d events on %d dyads, log L %.3f (%.3f at the scenario's values), AIC %.1f, BIC %.1f; %s "
           "after %d steps",
           kind->name, likelihood_n_events(likelihood), likelihood_n_places(likelihood), fit->maximum.log_l,
           course->given_log_l, fit->aic, fit->bic, fit->maximum.told, course->n_steps);
    printf(course->n_passes > 1 ? " in %d passes\n" : "\n", course->n_passes);
    if (fit->n_at_edge)
        printf(
            "  estimates on the boundary: %d (a branching ratio of 0, or random effects without variance)\n",
            fit->n_at_edge);
    printf("  estimates with %s standard errors and 95 %% intervals%s\n",
           fit_is_robust(fit) ? "robust" : "model-based",
           fit->with_dynamics   ? ", of the fit with the parameters of ties"
           : fit_is_robust(fit) ? ""
                                : ": fewer than 20 ties have an event");
    for (int i = 0; i < of.parameters->n; i++) print_row(model, &of, i);
}

static void write_fit(fit_report_t *report, const model_t *model, const kind_t *kind,
                      const likelihood_t *likelihood, const likelihood_fit_t *fit) {
    const estimates_t of = {likelihood_table(likelihood), fit};
    const char *own = fit->effects ? kind->name : NULL;
    char number[32];
    report->n_drawn = 0;
    report->part = fit_dynamics_part(&report->dynamics, (int)(kind - model->kinds));
    int rate = parameters_at(of.parameters, PARAMETER_RATE, 0);
    fprintf(report->kinds, "  %s:\n    rate:\n      per_year: %s\n", kind->name,
            number_of(&of, rate, number));
    put_prior(report, &of, rate, of.parameters->rows[rate].path);
    if (kind->log_rate.n || own) fputs("      log_effects:\n", report->kinds);
    for (int s = 0; s < STATISTIC_N; s++)
        write_statistic(report, model, &kind->log_rate, &statistics[s], own, &of);
    write_excitation(report, model, kind, &of);
    if (of.parameters->count[PARAMETER_WEEKDAY] || of.parameters->count[PARAMETER_MONTH])
        fputs("    season:\n", report->kinds);
    write_factors(report, &of, PARAMETER_WEEKDAY, "weekday");
    write_factors(report, &of, PARAMETER_MONTH, "month");
    fit_dynamics_put_kind(&report->dynamics, kind->name, report->kinds);
    put_joint(report, &of, kind->name);
}

/* Writes the random effects of ties, with what they owe to those on other kinds. */
static void write_effects(fit_report_t *report, const model_t *model, int k, const likelihood_t *likelihood,
                          likelihood_fit_t *fit) {
    const parameters_t *parameters = likelihood_table(likelihood);
    double *effects = fit->effects;
    report->effects[k] = effects;
    fit->effects = NULL;
    for (int i = 0; i < parameters->n; i++)
        for (int e = 0; parameters->rows[i].effects && e < model->n_ties; e++)
            effects[e] += fit->maximum.x[i] * parameters->rows[i].effects[e];
    for (int e = 0; e < model->n_ties; e++) { /* a lognormal of the same mean */
        double sd = fit->effect_sds[e];
        if (sd > 0.02) /* less is not worth a line */
            fprintf(
                report->priors,
                "  \"ties.%s-%s.attributes.own_%s\": {normal: {mean: %.6g, sd: %.4g}, source: \"fitted to "
                "%s (e)\"}\n",
                model->actors[model->ties[e].a].name, model->actors[model->ties[e].b].name,
                model->kinds[k].name, effects[e] - sd * sd / 2, sd, report->data);
    }
}

void fit_report_add(fit_report_t *self, const model_t *model, int k, likelihood_t *likelihood,
                    const passes_course_t *course, likelihood_fit_t *fit) {
    const kind_t *kind = &model->kinds[k];
    if (self->estimates) json_array_append_new(self->estimates, fit_estimates(model, kind, likelihood, fit));
    print_fit(model, kind, likelihood, course, fit);
    show_residuals(self, kind, likelihood, fit->maximum.x);
    if (!fit->maximum.converged) {
        puts("  not converged: its estimates are not written");
        self->n_failed++;
        return;
    }
    self->n_fitted++;
    self->is_fitted[k] = true;
    write_fit(self, model, kind, likelihood, fit);
    if (fit->effects) write_effects(self, model, k, likelihood, fit);
}

/* What the parameters of ties add. */
static void write_dynamics(fit_report_t *self, const model_t *model) {
    if (!self->dynamics.n) return;
    for (int k = 0; k < model->n_kinds; k++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = self->is_fitted[k] ? NULL : open_memstream(&text, &size);
        if (!out) continue;
        fit_dynamics_put_kind(&self->dynamics, model->kinds[k].name, out);
        fclose(out);
        if (size) fprintf(self->kinds, "  %s:\n%s", model->kinds[k].name, text);
        free(text);
    }
    fit_dynamics_put_priors(&self->dynamics, self->data, self->priors);
    fit_dynamics_put_joint(&self->dynamics, self->data, self->joints);
}

char *fit_report_changes(fit_report_t *self, const model_t *model) {
    char *text = NULL, *ties_text = NULL, *effects_text = fit_dynamics_effects(&self->dynamics);
    size_t size;
    write_dynamics(self, model);
    fclose(self->kinds);
    fclose(self->priors);
    fclose(self->joints);
    self->kinds = self->priors = self->joints = NULL;
    FILE *ties = self->failed || !effects_text ? NULL : open_memstream(&ties_text, &size);
    if (!ties) {
        free(effects_text);
        return NULL;
    }
    fit_dynamics_put_relax(&self->dynamics, ties);
    for (int e = 0; e < model->n_ties; e++) {
        bool begun = false;
        for (int k = 0; k < model->n_kinds; k++) {
            if (!self->effects[k]) continue;
            if (!begun)
                fprintf(ties, "  %s-%s: {attributes: {", model->actors[model->ties[e].a].name,
                        model->actors[model->ties[e].b].name);
            fprintf(ties, "%sown_%s: %.6g", begun ? ", " : "", model->kinds[k].name, self->effects[k][e]);
            begun = true;
        }
        if (begun) fputs("}}\n", ties);
    }
    fclose(ties);
    if (asprintf(&text, "%s%s%skinds:\n%suncertain:\n%s%s%s", effects_text, *ties_text ? "ties:\n" : "",
                 ties_text, self->kinds_text, self->priors_text, *self->joints_text ? "  joint:\n" : "",
                 self->joints_text) < 0)
        text = NULL;
    free(effects_text);
    free(ties_text);
    return text;
}
