/* `entente fit`: rates, coefficients and excitation of a scenario's kinds, estimated from observed events. */
#include "base/date.h"
#include "cli/command.h"
#include "cli/open_scenario.h"
#include "fit/residuals.h"
#include "io/events.h"
#include "io/overlay.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define MOST_KINDS 64

typedef struct {
    const char *scenario, *out, *until;
    events_source_t source;
    const char *kinds[MOST_KINDS];
    int n_kinds, least;
    bool half_lives;
} fit_options_t;

enum { KEY_EVENTS = 256, KEY_MAPPING, KEY_COUNTRIES, KEY_BY, KEY_UNTIL, KEY_LEAST, KEY_HALF_LIVES };

static const struct argp_option option_table[] = {
    {"events", KEY_EVENTS, "CSV", 0,
     "The observed events: plain (date, initiator, target, kind or code), ICEWS, POLECAT or GDELT 2.0", 0},
    {"mapping", KEY_MAPPING, "CSV", 0,
     "Which codes are which kinds (such as scenarios/tables/cameo_kinds.csv)", 0},
    {"countries", KEY_COUNTRIES, "CSV", 0,
     "Which codes of countries are which actors (such as scenarios/tables/countries.csv; default: codes are "
     "the actors' names)",
     0},
    {"by", KEY_BY, "SYSTEM", 0,
     "The column of --countries that the events use: iso3 (default), cow, gw, fips", 0},
    {"output", 'o', "YAML", 0, "Write the fitted scenario there", 0},
    {"until", KEY_UNTIL, "DATE", 0,
     "Take events before this date only (default: to the last day of the data)", 0},
    {"kind", 'k', "NAME", 0, "Fit this kind; may be repeated (default: all with a rate and events enough)",
     0},
    {"least", KEY_LEAST, "N", 0, "Fewest events a kind is fitted to (default 20)", 0},
    {"half-lives", KEY_HALF_LIVES, NULL, 0, "Estimate half-lives of excitation too", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    fit_options_t *options = state->input;
    switch (key) {
    case KEY_EVENTS:
        options->source.events = arg;
        return 0;
    case KEY_MAPPING:
        options->source.mapping = arg;
        return 0;
    case KEY_COUNTRIES:
        options->source.countries = arg;
        return 0;
    case KEY_BY:
        options->source.system = arg;
        return 0;
    case 'o':
        options->out = arg;
        return 0;
    case KEY_UNTIL:
        options->until = arg;
        return 0;
    case 'k':
        if (options->n_kinds == MOST_KINDS) argp_error(state, "more than %d kinds", MOST_KINDS);
        options->kinds[options->n_kinds++] = arg;
        return 0;
    case KEY_LEAST:
        options->least = atoi(arg);
        if (options->least < 1) argp_error(state, "--least %s: a number of 1 or more is expected", arg);
        return 0;
    case KEY_HALF_LIVES:
        options->half_lives = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->scenario) argp_error(state, "one scenario is expected");
        options->scenario = arg;
        return 0;
    case ARGP_KEY_END:
        if (!options->scenario) argp_error(state, "which scenario? Give its file");
        if (!options->source.events) argp_error(state, "which events? Give --events CSV");
        if (options->source.system && !options->source.countries)
            argp_error(state, "--by %s: which table of countries? Give --countries CSV",
                       options->source.system);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

typedef struct {
    FILE *kinds, *priors; /* the changes: under `kinds`, under `uncertain` */
    const char *data;
    int n_fitted, n_failed;
} report_t;

static const char *path_of(const model_t *model, const double *value) {
    for (int p = 0; p < model->n_params; p++)
        if (model->params[p].value == value) return model->params[p].path;
    return NULL;
}

static void print_line(const char *name, double estimate, double se, bool is_free) {
    if (is_free)
        printf("  %-34s %12.5g  se %.3g\n", name, estimate, se);
    else
        printf("  %-34s %12.5g  kept\n", name, estimate);
}

static void put_prior(report_t *report, const char *path, const char *form, double a, double b) {
    if (!path) return;
    fprintf(report->priors, "  \"%s\": {", path);
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

/* The loadings of one statistic: of several terms the whole list, which replaces the scenario's. */
static void write_terms(report_t *report, const model_t *model, const predictor_t *predictor, int first,
                        const double *x, const double *se, const bool *is_free) {
    const statistic_t *statistic = predictor->terms[first].statistic;
    int n = 0;
    for (int s = 0; s < predictor->n; s++) {
        if (predictor->terms[s].statistic != statistic) continue;
        if (s < first) return; /* written with the first */
        n++;
    }
    fprintf(report->kinds, "        %s:%s", statistic->name, n > 1 ? "\n" : "");
    for (int s = first; s < predictor->n; s++) {
        const term_t *term = &predictor->terms[s];
        if (term->statistic != statistic) continue;
        fprintf(report->kinds, n > 1 ? "          - {loading: %.9g" : " {loading: %.9g", x[s]);
        if (n > 1) {
            fprintf(report->kinds, ", centre: %.9g", term->centre);
            if (statistic->ref != REF_NONE)
                fprintf(report->kinds, ", %s: \"%s\"", statistic->ref == REF_KIND ? "kind" : "of",
                        ref_name(model, term));
            if (statistic->has_half_life) fprintf(report->kinds, ", half_life: %.9g d", term->half_life);
        }
        fputs("}\n", report->kinds);
        if (is_free[s])
            put_prior(report, path_of(model, &term->loading), "normal: {mean: %.9g, sd: %.6g}", x[s], se[s]);
    }
}

/* Excitation is written as a whole list, as the scenario has it but for the estimates. */
static void write_excitation(report_t *report, const model_t *model, const kind_t *kind, const double *x,
                             const double *se, const bool *is_free) {
    fputs("    excited_by:\n", report->kinds);
    for (int n = 0; n < kind->n_excitations; n++) {
        const excitation_t *e = &kind->excitations[n];
        fprintf(report->kinds, "      - {kind: %s, relation: %s, branching: %.9g, half_life: %.9g d}\n",
                model->kinds[e->kind].name, relation_names[e->relation], x[2 * n], exp(x[2 * n + 1]));
        if (is_free[2 * n])
            put_prior(report, path_of(model, &e->branching), "gamma: {mean: %.9g, shape: %.6g}", x[2 * n],
                      pow(x[2 * n] / se[2 * n], 2));
        if (is_free[2 * n + 1])
            put_prior(report, path_of(model, &e->half_life), "lognormal: {median: %.9g d, sigma: %.6g}",
                      exp(x[2 * n + 1]), se[2 * n + 1]);
    }
}

static void show_residuals(likelihood_t *likelihood, const double *x) {
    residuals_t residuals[RESIDUALS_N];
    if (residuals_init(residuals, likelihood, x) < 0) return;
    for (int g = 0; g < RESIDUALS_N; g++) {
        const residuals_t *r = &residuals[g];
        if (r->n < 3) continue;
        printf("  %-22s %6d events, %8.1f expected; KS %.2f (%s 1.36), serial correlation %.2f (%s 1.96)\n",
               residuals_names[g], r->n, r->expected, r->ks,
               r->ks > RESIDUALS_KS_LEVEL ? "missed: beyond" : "within", r->serial,
               fabs(r->serial) > RESIDUALS_SERIAL_LEVEL ? "missed: beyond" : "within");
    }
    residuals_free(residuals);
}

static void show_fit(report_t *report, const model_t *model, const kind_t *kind, likelihood_t *likelihood,
                     const likelihood_fit_t *fit) {
    const double *x = fit->maximum.x, *se = fit->maximum.se;
    char name[128];
    printf("%s: %d events on %d dyads, log L %.3f (from %.3f), AIC %.1f, BIC %.1f; %s after %d steps\n",
           kind->name, likelihood_n_events(likelihood), likelihood_n_places(likelihood), fit->maximum.log_l,
           fit->maximum.start_log_l, fit->aic, fit->bic, fit->maximum.told, fit->maximum.iterations);
    if (fit->n_at_edge) printf("  %d excitations have no place in the data: branching 0\n", fit->n_at_edge);
    print_line("rate.per_year", exp(x[0]) * DAYS_PER_YEAR, exp(x[0]) * DAYS_PER_YEAR * se[0],
               fit->is_free[0]);
    for (int s = 0; s < kind->log_rate.n; s++)
        print_line(kind->log_rate.terms[s].statistic->name, x[1 + s], se[1 + s], fit->is_free[1 + s]);
    for (int n = 0; n < kind->n_excitations; n++) {
        const excitation_t *e = &kind->excitations[n];
        int i = 1 + kind->log_rate.n + 2 * n;
        snprintf(name, sizeof name, "by %s, %s: branching", model->kinds[e->kind].name,
                 relation_names[e->relation]);
        print_line(name, x[i], se[i], fit->is_free[i]);
        double half_life = exp(x[i + 1]);
        print_line("    half-life, days", half_life, half_life * se[i + 1], fit->is_free[i + 1]);
    }
    show_residuals(likelihood, x);
    if (!fit->maximum.converged) {
        printf("  not converged: not written\n");
        report->n_failed++;
        return;
    }
    report->n_fitted++;
    fprintf(report->kinds, "  %s:\n    rate:\n      per_year: %.9g\n", kind->name, exp(x[0]) * DAYS_PER_YEAR);
    put_prior(report, path_of(model, &kind->rate_per_year), "lognormal: {median: %.9g, sigma: %.6g}",
              exp(x[0]) * DAYS_PER_YEAR, se[0]);
    if (kind->log_rate.n) fputs("      log_effects:\n", report->kinds);
    for (int s = 0; s < kind->log_rate.n; s++)
        write_terms(report, model, &kind->log_rate, s, x + 1, se + 1, fit->is_free + 1);
    int i = 1 + kind->log_rate.n;
    if (kind->n_excitations) write_excitation(report, model, kind, x + i, se + i, fit->is_free + i);
}

static bool is_asked(const fit_options_t *options, const char *name) {
    for (int n = 0; n < options->n_kinds; n++)
        if (!strcmp(options->kinds[n], name)) return true;
    return options->n_kinds == 0;
}

static int fit_kinds(model_t *model, const events_t *events, const fit_options_t *options, double until,
                     report_t *report, fault_t *err) {
    int ret = 0;
    for (int k = 0; k < model->n_kinds && ret == 0; k++) {
        const kind_t *kind = &model->kinds[k];
        int n = 0;
        for (int e = 0; e < events->n; e++) n += events->items[e].kind == k && events->items[e].time >= 0;
        if (!is_asked(options, kind->name)) continue;
        if (n < options->least || kind->rate_per_year <= 0) {
            if (n > 0 || options->n_kinds > 0)
                printf("%s: %d events: left as it is (%s)\n", kind->name, n,
                       n < options->least ? "too few" : "it has no rate");
            continue;
        }
        likelihood_t *likelihood;
        likelihood_fit_t fit = {0};
        TRY(likelihood_init(&likelihood, model, k, events->n, events->items, until, NULL, err));
        ret = likelihood_fit(likelihood, !options->half_lives, &fit);
        if (ret == 0) show_fit(report, model, kind, likelihood, &fit);
        likelihood_fit_free(&fit);
        likelihood_free(likelihood);
    }
out:
    return ret;
}

static void print_import(const events_t *events) {
    printf("%ld rows, %d events used (%s)\n", events->rows, events->n, events->layout);
    for (int d = 0; d < DROP_N; d++)
        if (events->dropped[d]) printf("  %8ld rows left out: %s\n", events->dropped[d], drop_reasons[d]);
    if (events->disordered) printf("  %8ld rows were out of order: sorted\n", events->disordered);
}

static int fit_scenario(opened_t *opened, const fit_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    events_t events = {0};
    char *kinds = NULL, *priors = NULL, *changes = NULL, *heading = NULL;
    size_t kinds_size, priors_size;
    double until = INFINITY;
    const char *slash = strrchr(options->source.events, '/');
    report_t report = {.data = slash ? slash + 1 : options->source.events};
    int ret = ERR_USAGE;
    for (int n = 0; n < options->n_kinds; n++)
        if (model_kind(model, options->kinds[n]) < 0) {
            error_set(err, ret, "--kind %s: the scenario has no such kind", options->kinds[n]);
            goto out;
        }
    if (options->until && !date_parse(options->until, &until, NULL)) {
        error_set(err, ret, "--until %s: a date such as 2018-07-01 is expected", options->until);
        goto out;
    }
    until -= model->start;
    TRY(events_import(&events, model, &options->source, fmin(until, model->horizon), stderr, err));
    print_import(&events);
    until = fmin(fmin(until, model->horizon), events.last);
    ret = ERR_DATA;
    if (!(until > 0)) {
        error_set(err, ret, "no event lies in the scenario's period");
        goto out;
    }
    ret = ERR_NOMEM;
    report.kinds = open_memstream(&kinds, &kinds_size);
    report.priors = open_memstream(&priors, &priors_size);
    if (!report.kinds || !report.priors) goto out;
    TRY(fit_kinds(model, &events, options, until, &report, err));
    fclose(report.kinds);
    fclose(report.priors);
    report.kinds = report.priors = NULL;
    ret = report.n_fitted ? 0 : error_set(err, ERR_DATA, "no kind could be fitted");
    if (ret < 0 || !options->out) goto out;
    char last[32];
    date_format(model->start + until, last);
    if (asprintf(&changes, "kinds:\n%suncertain:\n%s", kinds, priors) < 0 ||
        asprintf(&heading, "Fitted by `entente fit %s --events %s` to the events before %s.",
                 options->scenario, options->source.events, last) < 0) {
        ret = ERR_NOMEM;
        goto out;
    }
    TRY(overlay_write(&opened->scenario, changes, heading, options->out, err));
    printf("%s: %d kinds fitted%s\n", options->out, report.n_fitted,
           report.n_failed ? "; those that did not converge are as they were" : "");
out:
    if (report.kinds) fclose(report.kinds);
    if (report.priors) fclose(report.priors);
    free(kinds);
    free(priors);
    free(changes);
    free(heading);
    events_free(&events);
    return ret;
}

int command_fit(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "SCENARIO --events CSV",
        "Estimates base rates, coefficients of statistics and excitation of a scenario's kinds from observed "
        "events, by "
        "maximum likelihood, each kind by itself, and tests what was fitted by time rescaling.\v"
        "The fitted scenario is SCENARIO with the estimates in place and their errors as distributions under "
        "`uncertain`. docs/fitting.md says what is assumed.",
        NULL,
        NULL,
        NULL};
    fit_options_t options = {.least = 20};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    opened_t opened;
    fault_t err = {0};
    int status = open_scenario(&opened, options.scenario, 0, NULL);
    if (status == EX_OK) {
        int ret = fit_scenario(&opened, &options, &err);
        if (ret < 0) fprintf(stderr, "entente fit: %s\n", *err.text ? err.text : error_text(ret));
        status = error_exit_code(ret);
    }
    close_scenario(&opened);
    return status;
}
