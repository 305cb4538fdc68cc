#include "cli/fit/fit_report.h"

#include "base/math/quantile.h"
#include "cli/fit/fit_estimates.h"
#include "fit/likelihood/residuals.h"

#include <math.h>

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
    if (!fit->actors.n_sides)
        printf(", clustered %s", number_or_dash(parameter_error(row, x, fit->cluster_se[i]), text));
    if (!fit->actors.n_sides && fit_is_robust(fit))
        printf(", model-based %s", number_or_dash(parameter_error(row, x, fit->maximum.se[i]), text));
    puts(fit->shared[i] >= 0 ? ", pooled" : "");
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

static void print_actors(const actor_effects_t *actors) {
    static const char *const names[][2] = {
        {"sd of actors' random effects"},
        {"sd of initiators' random effects", "sd of targets' random effects"}};
    for (int side = 0; side < actors->n_sides; side++)
        printf("  %-34s %12.5g\n", names[actors->n_sides - 1][side], sqrt(actors->variance[side]));
    if (actors->n_sides == 2)
        printf("  %-34s %12.5g\n", "    correlation of an actor's two",
               actors->covariance / sqrt(actors->variance[0] * actors->variance[1]));
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
    if (fit->actors.n_sides)
        puts("  estimates with standard errors and 95 % intervals, random effects of actors included");
    else
        printf("  estimates with %s standard errors and 95 %% intervals%s\n", fit_errors(fit),
               fit->with_dynamics   ? ", of the fit with the parameters of ties"
               : fit_is_robust(fit) ? ""
                                    : ": fewer than 20 ties have an event");
    for (int i = 0; i < of.parameters->n; i++) print_row(model, &of, i);
    print_actors(&fit->actors);
}

int fit_report_init(fit_report_t *self, const model_t *model, const char *data) {
    *self = (fit_report_t){0};
    return fit_changes_init(&self->changes, model, data);
}

void fit_report_free(fit_report_t *self, const model_t *model) {
    fit_changes_free(&self->changes, model);
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
    fit_changes_add(&self->changes, model, k, likelihood, fit);
}
