#include "cli/fit/fit_report.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include "fit/likelihood/residuals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_CLUSTERS = 20 };

int fit_report_init(fit_report_t *self, const model_t *model, const char *data) {
    *self = (fit_report_t){.data = data};
    self->kinds = open_memstream(&self->kinds_text, &self->kinds_size);
    self->priors = open_memstream(&self->priors_text, &self->priors_size);
    self->effects = mem_alloc((size_t)model->n_kinds, sizeof *self->effects);
    self->is_fitted = mem_alloc((size_t)model->n_kinds, sizeof *self->is_fitted);
    return self->kinds && self->priors && self->effects && self->is_fitted ? 0 : ERR_NOMEM;
}

void fit_report_free(fit_report_t *self, const model_t *model) {
    if (self->kinds) fclose(self->kinds);
    if (self->priors) fclose(self->priors);
    free(self->kinds_text);
    free(self->priors_text);
    for (int k = 0; self->effects && k < model->n_kinds; k++) mem_free(self->effects[k]);
    mem_free(self->effects);
    mem_free(self->is_fitted);
    for (int i = 0; i < self->n_shared; i++) free(self->shared[i]);
    free(self->shared);
    *self = (fit_report_t){0};
}

static const char *path_of(const model_t *model, const double *value) {
    for (int p = 0; p < model->n_params; p++)
        if (model->params[p].value == value) return model->params[p].path;
    return NULL;
}

/* "-" if it is unknown: with one or two dyads there are no clusters. */
static const char *number_or_dash(double se, char out[32]) {
    snprintf(out, 32, isfinite(se) ? "%.3g" : "-", se);
    return out;
}

static void print_line(const char *name, double estimate, double se, double cluster_se, bool is_free,
                       bool shared) {
    char own[32], clustered[32];
    if (is_free)
        printf("  %-34s %12.5g  se %s, clustered %s%s\n", name, estimate, number_or_dash(se, own),
               number_or_dash(cluster_se, clustered), shared ? ", pooled" : "");
    else
        printf("  %-34s %12.5g  held fixed\n", name, estimate);
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

static void put_prior(fit_report_t *report, const char *path, int shared, const char *form, double a,
                      double b) {
    if (!path) return;
    const char *same = shared_prior(report, path, shared);
    fprintf(report->priors, "  \"%s\": {", path);
    if (same) {
        fprintf(report->priors, "same_as: \"%s\"}\n", same);
        return;
    }
    fprintf(report->priors, form, a, b);
    fprintf(report->priors, ", source: \"fitted to %s (e)\"}\n", report->data);
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

typedef struct { /* of parameters that follow each other, as the scenario is given them */
    const double *x, *se;
    const bool *is_free;
    const int *shared;
} estimates_t;

/* The coefficients of one statistic; several terms are written as a whole list, which replaces the
 * scenario's. `own`: the kind whose random effects are the attribute own_KIND of ties, added to the statistic
 * `tie`; NULL: none. */
static void write_statistic(fit_report_t *report, const model_t *model, const predictor_t *predictor,
                            const statistic_t *statistic, const char *own, const estimates_t *of) {
    int n = own && statistic->id == STATISTIC_TIE;
    for (int s = 0; s < predictor->n; s++) n += predictor->terms[s].statistic == statistic;
    if (n == 0) return;
    bool whole = n > 1 || (own && statistic->id == STATISTIC_TIE);
    fprintf(report->kinds, "        %s:%s", statistic->name, whole ? "\n" : "");
    for (int s = 0; s < predictor->n; s++) {
        const term_t *term = &predictor->terms[s];
        if (term->statistic != statistic) continue;
        fprintf(report->kinds, whole ? "          - {coefficient: %.9g" : " {coefficient: %.9g", of->x[s]);
        if (whole) {
            fprintf(report->kinds, ", reference: %.9g", term->centre);
            if (statistic->ref != REF_NONE)
                fprintf(report->kinds, ", %s: \"%s\"", statistic->ref == REF_KIND ? "kind" : "of",
                        ref_name(model, term));
            if (statistic->has_half_life) fprintf(report->kinds, ", half_life: %.9g d", term->half_life);
        }
        fputs("}\n", report->kinds);
        const char *path = path_of(model, &term->loading);
        char listed[PARAM_PATH_BYTES]; /* in a list the attribute names the only one */
        if (path && own && statistic->id == STATISTIC_TIE && n == 2) {
            const char *last = strrchr(path, '.');
            snprintf(listed, sizeof listed, "%.*s.%s%s", (int)(last - path), path, ref_name(model, term),
                     last);
            path = listed;
        }
        if (of->is_free[s])
            put_prior(report, path, of->shared[s], "normal: {mean: %.9g, sd: %.6g}", of->x[s], of->se[s]);
    }
    if (own && statistic->id == STATISTIC_TIE)
        fprintf(report->kinds, "          - {coefficient: 1, of: own_%s}\n", own);
}

/* Factors of weekdays or months, `logs` of them. */
static void write_factors(fit_report_t *report, const kind_t *kind, const char *key, int n,
                          const double *logs, const double *se, const bool *is_free, const int *shared) {
    fprintf(report->kinds, "      %s: [", key);
    for (int f = 0; f < n; f++) {
        fprintf(report->kinds, "%s%.6g", f ? ", " : "", elementary_exp(logs[f]));
        char path[PARAM_PATH_BYTES];
        snprintf(path, sizeof path, "kinds.%s.season.%s.%d", kind->name, key, f);
        if (is_free[f] && se[f] > 0)
            put_prior(report, path, shared[f], "lognormal: {median: %.6g, sigma: %.6g}",
                      elementary_exp(logs[f]), se[f]);
    }
    fputs("]\n", report->kinds);
}

static void print_factors(const char *name, int n, const double *logs, const double *se,
                          const double *cluster_se, const bool *is_free, const int *shared) {
    for (int f = 0; f < n; f++) {
        char text[64];
        double factor = elementary_exp(logs[f]);
        snprintf(text, sizeof text, "%s %d", name, f + 1);
        print_line(text, factor, factor * se[f], factor * cluster_se[f], is_free[f], shared[f] >= 0);
    }
}

/* Excitation is written as a complete list, as in the scenario but with the estimates. */
static void write_excitation(fit_report_t *report, const model_t *model, const kind_t *kind, const double *x,
                             const double *se, const bool *is_free) {
    fputs("    excited_by:\n", report->kinds);
    for (int n = 0; n < kind->n_excitations; n++) {
        const excitation_t *e = &kind->excitations[n];
        double z = x[2 * n] / se[2 * n];
        fprintf(report->kinds, "      - {kind: %s, relation: %s, branching: %.9g, half_life: %.9g d}\n",
                model->kinds[e->kind].name, relation_names[e->relation], x[2 * n],
                elementary_exp(x[2 * n + 1]));
        if (is_free[2 * n])
            put_prior(report, path_of(model, &e->branching), -1, "gamma: {mean: %.9g, shape: %.6g}", x[2 * n],
                      z * z);
        if (is_free[2 * n + 1])
            put_prior(report, path_of(model, &e->half_life), -1, "lognormal: {median: %.9g d, sigma: %.6g}",
                      elementary_exp(x[2 * n + 1]), se[2 * n + 1]);
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
                      const likelihood_options_t *options, const passes_course_t *course,
                      const likelihood_fit_t *fit) {
    const double *x = fit->maximum.x, *se = fit->maximum.se, *clustered = fit->cluster_se;
    int n_terms = kind->log_rate.n, i = 1 + n_terms;
    double rate = elementary_exp(x[0]) * DAYS_PER_YEAR;
    printf("%s: %d events on %d dyads, log L %.3f (%.3f at the scenario's values), AIC %.1f, BIC %.1f; %s "
           "after %d steps",
           kind->name, likelihood_n_events(likelihood), likelihood_n_places(likelihood), fit->maximum.log_l,
           course->given_log_l, fit->aic, fit->bic, fit->maximum.told, course->n_steps);
    printf(course->n_passes > 1 ? " in %d passes\n" : "\n", course->n_passes);
    if (fit->n_at_edge)
        printf(
            "  estimates on the boundary: %d (a branching ratio of 0, or random effects without variance)\n",
            fit->n_at_edge);
    print_line("rate.per_year", rate, rate * se[0], rate * clustered[0], fit->is_free[0], false);
    for (int s = 0; s < n_terms; s++)
        print_line(kind->log_rate.terms[s].statistic->name, x[1 + s], se[1 + s], clustered[1 + s],
                   fit->is_free[1 + s], fit->shared[1 + s] >= 0);
    for (int o = 0; o < options->n_others; o++, i++) {
        char name[128];
        snprintf(name, sizeof name, "random effect of %s", options->other_names[o]);
        print_line(name, x[i], se[i], clustered[i], fit->is_free[i], false);
    }
    for (int n = 0; n < kind->n_excitations; n++, i += 2) {
        const excitation_t *e = &kind->excitations[n];
        char name[128];
        snprintf(name, sizeof name, "by %s, %s: branching ratio", model->kinds[e->kind].name,
                 relation_names[e->relation]);
        print_line(name, x[i], se[i], clustered[i], fit->is_free[i], false);
        double half_life = elementary_exp(x[i + 1]);
        print_line("    half-life, days", half_life, half_life * se[i + 1], half_life * clustered[i + 1],
                   fit->is_free[i + 1], false);
    }
    if (options->weekdays) {
        print_factors("weekday", 7, x + i, se + i, clustered + i, fit->is_free + i, fit->shared + i);
        i += 7;
    }
    if (options->months) {
        print_factors("month", 12, x + i, se + i, clustered + i, fit->is_free + i, fit->shared + i);
        i += 12;
    }
    if (options->shrink > 0) {
        double sd = elementary_exp(x[i]);
        print_line("sd of random effects", sd, sd * se[i], sd * clustered[i], fit->is_free[i], false);
    }
}

static void write_fit(fit_report_t *report, const model_t *model, const kind_t *kind,
                      const likelihood_options_t *options, const likelihood_fit_t *fit) {
    const double *x = fit->maximum.x,
                 *se = fit->n_clusters < FEWEST_CLUSTERS ? fit->maximum.se : fit->cluster_se;
    const bool *is_free = fit->is_free;
    const char *own = fit->effects ? kind->name : NULL;
    int i = 1 + kind->log_rate.n + options->n_others, season = i + 2 * kind->n_excitations;
    fprintf(report->kinds, "  %s:\n    rate:\n      per_year: %.9g\n", kind->name,
            elementary_exp(x[0]) * DAYS_PER_YEAR);
    put_prior(report, path_of(model, &kind->rate_per_year), -1, "lognormal: {median: %.9g, sigma: %.6g}",
              elementary_exp(x[0]) * DAYS_PER_YEAR, se[0]);
    if (kind->log_rate.n || own) fputs("      log_effects:\n", report->kinds);
    const estimates_t loadings = {x + 1, se + 1, is_free + 1, fit->shared + 1};
    for (int s = 0; s < STATISTIC_N; s++)
        write_statistic(report, model, &kind->log_rate, &statistics[s], own, &loadings);
    if (kind->n_excitations) write_excitation(report, model, kind, x + i, se + i, is_free + i);
    if (options->weekdays || options->months) fputs("    season:\n", report->kinds);
    if (options->weekdays) {
        write_factors(report, kind, "weekday", 7, x + season, se + season, is_free + season,
                      fit->shared + season);
        season += 7;
    }
    if (options->months)
        write_factors(report, kind, "month", 12, x + season, se + season, is_free + season,
                      fit->shared + season);
}

void fit_report_add(fit_report_t *self, const model_t *model, int k, likelihood_t *likelihood,
                    const likelihood_options_t *options, const passes_course_t *course,
                    likelihood_fit_t *fit) {
    const kind_t *kind = &model->kinds[k];
    print_fit(model, kind, likelihood, options, course, fit);
    show_residuals(self, kind, likelihood, fit->maximum.x);
    if (!fit->maximum.converged) {
        puts("  not converged: its estimates are not written");
        self->n_failed++;
        return;
    }
    self->n_fitted++;
    self->is_fitted[k] = true;
    write_fit(self, model, kind, options, fit);
    if (!fit->effects) return;
    self->effects[k] = fit->effects;
    fit->effects = NULL;
    for (int o = 0; o < options->n_others; o++)
        for (int e = 0; e < model->n_ties; e++)
            self->effects[k][e] += fit->maximum.x[1 + kind->log_rate.n + o] * options->others[o][e];
    for (int e = 0; e < model->n_ties; e++) { /* a lognormal of the same mean */
        char path[PARAM_PATH_BYTES];
        double sd = fit->effect_sds[e];
        snprintf(path, sizeof path, "ties.%s-%s.attributes.own_%s", model->actors[model->ties[e].a].name,
                 model->actors[model->ties[e].b].name, kind->name);
        if (sd > 0.02) /* less is not worth a line */
            put_prior(self, path, -1, "normal: {mean: %.6g, sd: %.4g}", self->effects[k][e] - sd * sd / 2,
                      sd);
    }
}

char *fit_report_changes(fit_report_t *self, const model_t *model) {
    char *text = NULL, *ties_text = NULL;
    size_t size;
    fclose(self->kinds);
    fclose(self->priors);
    self->kinds = self->priors = NULL;
    FILE *ties = open_memstream(&ties_text, &size);
    if (!ties) return NULL;
    for (int e = 0; e < model->n_ties; e++) {
        bool begun = false;
        for (int k = 0; k < model->n_kinds; k++) {
            if (!self->effects[k]) continue;
            if (!begun)
                fprintf(ties, "%s  %s-%s: {attributes: {", e ? "" : "ties:\n",
                        model->actors[model->ties[e].a].name, model->actors[model->ties[e].b].name);
            fprintf(ties, "%sown_%s: %.6g", begun ? ", " : "", model->kinds[k].name, self->effects[k][e]);
            begun = true;
        }
        if (begun) fputs("}}\n", ties);
    }
    fclose(ties);
    if (asprintf(&text, "%skinds:\n%suncertain:\n%s", ties_text, self->kinds_text, self->priors_text) < 0)
        text = NULL;
    free(ties_text);
    return text;
}
