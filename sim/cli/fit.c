/* `entente fit`: rates, coefficients and excitation of a scenario's kinds, estimated from observed events. */
#include "base/date.h"
#include "cli/command.h"
#include "cli/fit_report.h"
#include "cli/launch.h"
#include "cli/open_scenario.h"
#include "io/events.h"
#include "io/overlay.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define MOST_KINDS 64

typedef struct {
    const char *scenario, *out, *residuals, *until;
    events_source_t source;
    const char *kinds[MOST_KINDS];
    int n_kinds, least;
    bool half_lives;
    likelihood_options_t likelihood;
} fit_options_t;

enum {
    KEY_EVENTS = 256,
    KEY_MAPPING,
    KEY_COUNTRIES,
    KEY_BY,
    KEY_UNTIL,
    KEY_LEAST,
    KEY_HALF_LIVES,
    KEY_WEEKDAYS,
    KEY_MONTHS,
    KEY_SHRINK,
    KEY_RESIDUALS
};

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
    {"weekdays", KEY_WEEKDAYS, NULL, 0, "Estimate the factors of weekdays", 0},
    {"months", KEY_MONTHS, NULL, 0, "Estimate the factors of months", 0},
    {"shrink", KEY_SHRINK, "SD", 0,
     "Give each tie a log factor of its own, drawn to 0 by a normal prior of this sd", 0},
    {"residuals", KEY_RESIDUALS, "CSV", 0, "Write the residuals there (kind, group, residual)", 0},
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
        options->least = (int)launch_number(state, "--least", arg, 1, INT32_MAX);
        return 0;
    case KEY_HALF_LIVES:
        options->half_lives = true;
        return 0;
    case KEY_WEEKDAYS:
        options->likelihood.weekdays = true;
        return 0;
    case KEY_MONTHS:
        options->likelihood.months = true;
        return 0;
    case KEY_RESIDUALS:
        options->residuals = arg;
        return 0;
    case KEY_SHRINK: {
        char *end;
        options->likelihood.shrink = strtod(arg, &end);
        if (*end || !(options->likelihood.shrink > 0 && options->likelihood.shrink <= 10))
            argp_error(state, "--shrink %s: a number of more than 0, 10 at most, is expected", arg);
        return 0;
    }
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

static bool is_asked(const fit_options_t *options, const char *name) {
    for (int n = 0; n < options->n_kinds; n++)
        if (!strcmp(options->kinds[n], name)) return true;
    return options->n_kinds == 0;
}

static int fit_kinds(model_t *model, const events_t *events, const fit_options_t *options, double until,
                     fit_report_t *report, fault_t *err) {
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
        TRY(likelihood_init(&likelihood, model, k, events->n, events->items, until, &options->likelihood,
                            err));
        ret = likelihood_fit(likelihood, !options->half_lives, &fit);
        if (ret == 0) fit_report_add(report, model, k, likelihood, &options->likelihood, &fit);
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

/* The table of residuals: a header, then what each kind adds; its name is the final one only at the end. */
static FILE *begin_residuals(const char *path, char **temporary, fault_t *err) {
    FILE *out = asprintf(temporary, "%s.tmp", path) < 0 ? NULL : fopen(*temporary, "w");
    if (!out) error_set(err, ERR_CANTCREATE, "cannot create %s: %s", path, strerror(errno));
    if (out) fputs("kind,group,residual\n", out);
    return out;
}

static int end_residuals(FILE *out, const char *temporary, const char *path, fault_t *err) {
    bool bad = fflush(out) || ferror(out);
    bad |= fclose(out) != 0;
    if (bad) return error_set(err, ERR_IO, "writing %s failed: %s", temporary, strerror(errno));
    if (rename(temporary, path))
        return error_set(err, ERR_CANTCREATE, "cannot rename %s to %s: %s", temporary, path, strerror(errno));
    return 0;
}

/* The end of what is fitted to, days from the start. */
static int read_events(const model_t *model, const fit_options_t *options, events_t *events, double *until,
                       fault_t *err) {
    int ret = 0;
    *until = INFINITY;
    for (int n = 0; n < options->n_kinds; n++)
        if (model_kind(model, options->kinds[n]) < 0)
            return error_set(err, ERR_USAGE, "--kind %s: the scenario has no such kind", options->kinds[n]);
    if (options->until && !date_parse(options->until, until, NULL))
        return error_set(err, ERR_USAGE, "--until %s: a date such as 2018-07-01 is expected", options->until);
    *until -= model->start;
    TRY(events_import(events, model, &options->source, fmin(*until, model->horizon), stderr, err));
    print_import(events);
    *until = fmin(fmin(*until, model->horizon), events->last);
    if (!(*until > 0)) ret = error_set(err, ERR_DATA, "no event lies in the scenario's period");
out:
    return ret;
}

static int write_scenario(const opened_t *opened, const fit_options_t *options, fit_report_t *report,
                          double until, fault_t *err) {
    const model_t *model = &opened->scenario.model;
    char last[32], *heading = NULL, *changes = fit_report_changes(report, model);
    int ret = ERR_NOMEM;
    date_format(model->start + until, last);
    if (!changes || asprintf(&heading, "Fitted by `entente fit %s --events %s` to the events before %s.",
                             options->scenario, options->source.events, last) < 0)
        goto out;
    TRY(overlay_write(&opened->scenario, changes, heading, options->out, err));
    printf("%s: %d kinds fitted%s\n", options->out, report->n_fitted,
           report->n_failed ? "; those that did not converge are as they were" : "");
out:
    free(changes);
    free(heading);
    return ret;
}

static int fit_scenario(opened_t *opened, const fit_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    events_t events = {0};
    double until;
    const char *slash = strrchr(options->source.events, '/');
    char *temporary = NULL;
    fit_report_t report;
    int ret = fit_report_init(&report, model, slash ? slash + 1 : options->source.events);
    if (ret < 0) goto out;
    TRY(read_events(model, options, &events, &until, err));
    if (options->residuals && !(report.residuals = begin_residuals(options->residuals, &temporary, err))) {
        ret = ERR_CANTCREATE;
        goto out;
    }
    TRY(fit_kinds(model, &events, options, until, &report, err));
    ret = report.n_fitted ? 0 : error_set(err, ERR_DATA, "no kind could be fitted");
    if (ret == 0 && options->out) TRY(write_scenario(opened, options, &report, until, err));
    if (ret == 0 && report.residuals) {
        ret = end_residuals(report.residuals, temporary, options->residuals, err);
        report.residuals = NULL;
    }
out:
    if (report.residuals) fclose(report.residuals);
    if (ret < 0 && temporary) unlink(temporary);
    free(temporary);
    fit_report_free(&report, model);
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
