/* `entente fit`: estimates rates, coefficients and excitation of a scenario's event types from observed
 * events. */
#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/fit/fit_estimates.h"
#include "cli/fit/fit_report.h"
#include "cli/fit/fit_simulated.h"
#include "cli/open_scenario.h"
#include "cli/tables/events_report.h"
#include "observed/events.h"
#include "scenario/overlay.h"
#include "text/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

typedef struct {
    common_t common;
    const char *estimates, *residuals, *simulated;
    int simulate; /* sets; 0: none */
    texts_t shared_names;
    texts_t kinds, dynamics;
    passes_choice_t choice;
} fit_options_t;

/* `auto`: the sd is estimated, from `first` on. */
static void read_sd(struct argp_state *state, const char *option, const char *text, double first, double *sd,
                    bool *is_estimated) {
    char *end;
    *is_estimated = !strcmp(text, "auto");
    *sd = *is_estimated ? first : strtod(text, &end);
    if (*is_estimated || (!*end && *sd > 0 && *sd <= 10)) return;
    argp_error(state, "--%s %s: `auto`, or a number above 0 and at most 10, is expected", option, text);
}

static void read_random_effects(struct argp_state *state, void *arguments, const char *text) {
    likelihood_options_t *chosen = &((fit_options_t *)arguments)->choice.likelihood;
    read_sd(state, "random-effects", text, 0.7, &chosen->random_effects_sd, &chosen->spread);
}

static void read_actor_effects(struct argp_state *state, void *arguments, const char *text) {
    likelihood_options_t *chosen = &((fit_options_t *)arguments)->choice.likelihood;
    read_sd(state, "actor-effects", text, 0.5, &chosen->actor_effects_sd, &chosen->actor_spread);
}

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    OPTIONS_EVENTS,
    OPTION_OUTPUT("YAML", "Write the fitted scenario there"),
    OPTION_FROM("Fit to events from this date on; earlier events are history: they excite and enter the "
                "counts (default: the scenario's start)"),
    OPTION_UNTIL,
    {"kind", 'k', "NAME", "Fit this event type; may be repeated (default: all with a rate and enough events)",
     TEXTS(fit_options_t, kinds)},
    {"least", 0, "N", "Smallest number of events with which a type is fitted (default 20)",
     NUMBER(fit_options_t, choice.least, 1, INT32_MAX)},
    {"half-lives", 0, NULL, "Estimate the half-lives of excitation too",
     FLAG(fit_options_t, choice.half_lives)},
    {"weekdays", 0, NULL, "Estimate the factors of weekdays",
     FLAG(fit_options_t, choice.likelihood.weekdays)},
    {"months", 0, NULL, "Estimate the factors of months", FLAG(fit_options_t, choice.likelihood.months)},
    {"random-effects", 0, "SD",
     "Give each tie a random effect on the log baseline rate, Normal(0, SD^2) over ties; auto: SD is "
     "estimated",
     .type = OPTION_READ, .read = read_random_effects},
    {"actor-effects", 0, "SD",
     "Give each actor random effects on the log baseline rate, as initiator and as target, Normal(0, SD^2) "
     "over actors; auto: the SDs and the correlation between an actor's two are estimated",
     .type = OPTION_READ, .read = read_actor_effects},
    {"correlated-random-effects", 0, NULL,
     "With --random-effects: let a tie's random effect on one event type depend on those on the types with "
     "more events",
     FLAG(fit_options_t, choice.correlated)},
    {"left-truncated", 0, NULL,
     "The data are left-truncated: events before their first day, expected at the mean rates, excite too "
     "(default: there were none)",
     FLAG(fit_options_t, choice.left_truncated)},
    {"pool", 0, "NAME",
     "Pool a parameter over all event types: the coefficient of the statistic NAME, `weekdays` or `months`; "
     "may be "
     "repeated. All types are then fitted jointly; each keeps its own branching ratios and half-lives",
     TEXTS(fit_options_t, shared_names)},
    {"dynamics", 0, "PATH[,PATH...]",
     "Estimate this parameter of ties together with all rates: effects.gain_divisor, effects.level.LEVEL, "
     "ties.relax.strength, ties.relax.alignment, kinds.KIND.effect.lasting or .goldstein; may be repeated; "
     "those with commas have one value",
     TEXTS(fit_options_t, dynamics)},
    {"estimates", 0, "JSON", "Write the estimates there, with standard errors, intervals and covariances",
     OUTPUT(fit_options_t, estimates)},
    {"residuals", 0, "CSV", "Write the residuals there (kind, group, residual)",
     OUTPUT(fit_options_t, residuals)},
    {"simulate", 0, "N",
     "Simulate N sets of events from the fitted scenario (200 or more) and compare them with the observed "
     "ones",
     NUMBER(fit_options_t, simulate, PREDICTIVE_FEWEST, 1000000)},
    {"simulated", 0, "CSV", "Write that comparison there (kind, figure, observed, mean, low, high, p)",
     OUTPUT(fit_options_t, simulated)},
    {0},
};

/* Words by which users may call the parameters of excitation. */
static bool is_of_excitation(const char *name) {
    static const char *const names[] = {"branching", "branchings", "excited_by", "excitation",
                                        "half_life", "half-life",  "half_lives", "half-lives"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (!strcmp(name, names[n])) return true;
    return false;
}

static void check(struct argp_state *state, const void *arguments) {
    const fit_options_t *options = arguments;
    options_check_events(state, arguments);
    if (options->simulate && !options->common.out)
        argp_error(state, "--simulate: simulates the fitted scenario; give its file with -o");
    if (options->choice.correlated && !(options->choice.likelihood.random_effects_sd > 0))
        argp_error(state,
                   "--correlated-random-effects: there are no random effects; give --random-effects too");
    if (options->choice.correlated && options->shared_names.n > 0)
        argp_error(state,
                   "--correlated-random-effects: this fits the event types one after the other, --pool %s "
                   "fits them jointly; give one of the two",
                   options->shared_names.items[0]);
    if (options->dynamics.n && options->choice.likelihood.actor_effects_sd > 0)
        argp_error(state, "--dynamics cannot be combined with --actor-effects; fit these effects first");
    if (options->dynamics.n && options->shared_names.n)
        argp_error(state, "--dynamics cannot be combined with --pool %s", options->shared_names.items[0]);
    if (options->dynamics.n && (options->choice.likelihood.weekdays || options->choice.likelihood.months))
        argp_error(state,
                   "--dynamics cannot be combined with --weekdays or --months; fit these factors first");
    if (options->simulated && !options->simulate)
        argp_error(state, "--simulated %s: the number of sets is missing; give --simulate N",
                   options->simulated);
    for (int n = 0; n < options->shared_names.n; n++) {
        const char *name = options->shared_names.items[n];
        if (!strcmp(name, "weekdays") || !strcmp(name, "months")) {
            bool on = *name == 'w' ? options->choice.likelihood.weekdays : options->choice.likelihood.months;
            if (!on)
                argp_error(state, "--pool %s: these factors are estimated only with --%s; give it too", name,
                           name);
        } else if (is_of_excitation(name)) {
            argp_error(state,
                       "--pool %s: branching ratios and half-lives cannot be pooled; a statistic (such as "
                       "strength), "
                       "weekdays or months can",
                       name);
        } else if (!statistic_find(name)) {
            argp_error(state,
                       "--pool %s: a statistic (such as strength), weekdays or months is expected; `entente "
                       "check --reference` lists them",
                       name);
        }
    }
}

static shared_t read_shared(const texts_t *names) {
    shared_t shared = {0};
    for (int n = 0; n < names->n; n++) {
        const statistic_t *statistic = statistic_find(names->items[n]);
        if (statistic)
            shared.statistics[statistic->id] = true;
        else if (*names->items[n] == 'w')
            shared.weekdays = true;
        else
            shared.months = true;
    }
    return shared;
}

/* Tables whose rows are written as they come. */
static int begin_table(output_file_t *table, const char *path, const char *head, fault_t *err) {
    if (!path) return 0;
    int ret = output_begin(table, path, head, err);
    if (ret == 0) fputs(head, table->file);
    return ret;
}

/* The period of the fit, days from the start. */
typedef struct {
    double from, until;
} span_t;

static int read_dates_of_span(const model_t *model, const common_t *common, span_t *span, fault_t *err) {
    *span = (span_t){0, INFINITY};
    if (common->from && (!date_parse(common->from, &span->from, NULL) || span->from != floor(span->from)))
        return error_set(err, ERR_USAGE, "--from %s: a date such as 2018-07-01 is expected", common->from);
    if (common->until && !date_parse(common->until, &span->until, NULL))
        return error_set(err, ERR_USAGE, "--until %s: a date such as 2018-07-01 is expected", common->until);
    span->from = common->from ? span->from - model->start : 0;
    span->until -= model->start;
    if (span->from < 0)
        return error_set(err, ERR_USAGE, "--from %s lies before the scenario's start", common->from);
    if (!(span->from < fmin(span->until, model->horizon)))
        return error_set(err, ERR_USAGE, "--from %s lies after %s", common->from,
                         span->until < model->horizon ? "--until" : "the scenario's end");
    return 0;
}

static int read_events(const model_t *model, const fit_options_t *options, events_t *events, span_t *span,
                       fault_t *err) {
    const common_t *common = &options->common;
    const events_source_t source = options_source(common);
    int ret = 0;
    for (int n = 0; n < options->kinds.n; n++)
        if (model_kind(model, options->kinds.items[n]) < 0)
            return error_set(err, ERR_USAGE, "--kind %s: the scenario has no such event type",
                             options->kinds.items[n]);
    TRY(read_dates_of_span(model, common, span, err));
    TRY(events_import(events, model, &source, fmin(span->until, model->horizon), stderr, err));
    events_report(events, stdout);
    fflush(stdout);
    events_warn(events, model, span->from, common->from ? "--from" : "the scenario's start",
                fmin(span->until, model->horizon), common->until ? "--until" : NULL);
    span->until = fmin(fmin(span->until, model->horizon), events->last);
    if (!(span->until > span->from))
        ret = error_set(err, ERR_DATA, "no event lies in the scenario's period%s",
                        common->from ? " from --from on" : "");
out:
    return ret;
}

/* The event files for messages: the name of the first, and the number of others. */
static char *name_files(const texts_t *files) {
    const char *slash = strrchr(files->items[0], '/'), *name = slash ? slash + 1 : files->items[0];
    char *text = NULL;
    int n =
        files->n > 1 ? asprintf(&text, "%s and %d more", name, files->n - 1) : asprintf(&text, "%s", name);
    return n < 0 ? NULL : text;
}

static int write_scenario(const opened_t *opened, const fit_options_t *options, fit_report_t *report,
                          const span_t *span, fault_t *err) {
    const model_t *model = &opened->scenario.model;
    const texts_t *files = &options->common.events;
    char first[32], last[32], *heading = NULL, *changes = fit_changes_text(&report->changes, model);
    int ret = ERR_NOMEM;
    date_format(model->start + span->from, first);
    date_format(model->start + span->until, last);
    if (!changes ||
        asprintf(&heading, "Fitted by `entente fit %s --events %s%s` to the events %s%s%sbefore %s.",
                 options->common.path, files->items[0], files->n > 1 ? " ..." : "",
                 span->from > 0 ? "from " : "", span->from > 0 ? first : "", span->from > 0 ? " on and " : "",
                 last) < 0)
        goto out;
    TRY(overlay_write(&opened->scenario, changes, heading, options->common.out, err));
    printf("%s: %d kinds fitted%s\n", options->common.out, report->n_fitted,
           report->n_failed ? "; those that did not converge keep their values" : "");
out:
    free(changes);
    free(heading);
    return ret;
}

/* ---- what the passes tell ----------------------------------------------------------------------------- */

typedef struct {
    fit_report_t *report;
    const model_t *model;
    const events_t *events;
    const passes_choice_t *choice;
} telling_t;

static void tell_left(void *context, const kind_t *kind, int n_events, bool too_few) {
    (void)context;
    printf("%s: %d events: not fitted (%s)\n", kind->name, n_events, too_few ? "too few" : "it has no rate");
}

static void tell_unobserved(void *context, const passes_unobserved_t *told) {
    const telling_t *self = context;
    const char *end = told->settled ? "" : " (not converged)";
    char begin[32];
    date_format(self->model->start + told->begin, begin);
    if (told->once_a_day)
        printf("dates without a time of day: %d events reported, about %.0f same-day repeats expected%s\n",
               self->events->n, told->hidden, end);
    if (self->choice->left_truncated)
        printf("before %s: about %.3g unobserved events a day expected%s\n", begin, told->left_truncated,
               end);
}

static void tell_fitted(void *context, int kind, likelihood_t *part, const passes_course_t *course,
                        likelihood_fit_t *fit) {
    const telling_t *self = context;
    fit_report_add(self->report, self->model, kind, part, course, fit);
}

static void tell_dynamics(void *context, const dynamics_fit_t *fit, int n_kinds, const int *kinds) {
    const telling_t *self = context;
    const passes_choice_t *choice = self->choice;
    fit_report_t *report = self->report;
    report->changes.failed |= fit_dynamics_take(&report->changes.dynamics, choice->n_dynamics,
                                                choice->dynamics, fit, n_kinds, kinds) < 0;
    if (!report->changes.failed) fit_dynamics_print(&report->changes.dynamics, self->model);
}

static void tell_together(void *context, const bool unshared[STATISTIC_N], const joint_fit_t *fit) {
    (void)context;
    for (int id = 0; id < STATISTIC_N; id++)
        if (unshared[id])
            fprintf(stderr,
                    "entente: warning: --pool %s: no two of the fitted event types have this statistic with "
                    "the same "
                    "qualifier and half-life, so nothing is pooled\n",
                    statistics[id].name);
    if (fit->n_shared > 0)
        printf("joint fit: log L %.3f, AIC %.1f, BIC %.1f; %d parameters fewer than separate fits\n",
               fit->log_l, fit->aic, fit->bic, fit->n_shared);
}

static int fit_scenario(opened_t *opened, fit_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    events_t events = {0};
    span_t span = {0};
    char *data = name_files(&options->common.events);
    output_file_t estimates = {0}, residuals = {0}, simulated = {0};
    json_t *dynamics = NULL;
    fit_report_t report;
    int ret = fit_report_init(&report, model, data);
    if (ret < 0 || !data) goto out;
    if (options->common.out) TRY(output_check(options->common.out, OVERLAY_BEGINNING, err));
    if (options->estimates) {
        TRY(output_begin(&estimates, options->estimates, FIT_ESTIMATES_BEGINNING, err));
        report.estimates = json_array();
    }
    TRY(begin_table(&residuals, options->residuals, "kind,group,residual\n", err));
    TRY(begin_table(&simulated, options->simulated, "kind,figure,observed,mean,low,high,p\n", err));
    TRY(read_events(model, options, &events, &span, err));
    options->choice.likelihood.from = span.from;
    report.residuals = residuals.file;
    options->choice.n_kinds = options->kinds.n;
    options->choice.kinds = (const char *const *)options->kinds.items;
    TRY(fit_dynamics_read(&opened->scenario, &options->dynamics, &options->choice.n_dynamics,
                          &options->choice.dynamics, err));
    telling_t telling = {&report, model, &events, &options->choice};
    const passes_listener_t listener = {&telling,    tell_left,     tell_unobserved,
                                        tell_fitted, tell_dynamics, tell_together};
    TRY(passes_fit(model, &events, &options->choice, span.until, &listener, err));
    ret = report.n_fitted ? 0 : error_set(err, ERR_DATA, "no event type could be fitted");
    if (ret == 0 && options->common.out) TRY(write_scenario(opened, options, &report, &span, err));
    if (ret == 0 && options->simulate) {
        const simulated_t task = {.path = options->common.out,
                                  .is_fitted = report.changes.is_fitted,
                                  .events = &events,
                                  .from = span.from,
                                  .until = span.until,
                                  .own_past = options->choice.left_truncated,
                                  .n_sets = options->simulate};
        TRY(fit_simulated(&task, simulated.file, err));
    }
    if (report.changes.dynamics.n) dynamics = fit_dynamics_json(&report.changes.dynamics);
    if (ret == 0 && estimates.file) TRY(fit_estimates_write(estimates.file, report.estimates, dynamics));
    if (ret == 0) TRY(output_end(&estimates, err));
    if (ret == 0) TRY(output_end(&residuals, err));
    if (ret == 0) TRY(output_end(&simulated, err));
out:
    output_drop(&estimates);
    output_drop(&residuals);
    output_drop(&simulated);
    json_decref(report.estimates);
    json_decref(dynamics);
    fit_report_free(&report, model);
    events_free(&events);
    free(data);
    return ret;
}

int command_fit(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO --events CSV",
        "Estimates the baseline rates, coefficients and excitation of a scenario's event types from observed "
        "events by maximum likelihood, each type separately (or jointly: --pool), and tests the fit by time "
        "rescaling.\v"
        "The fitted scenario is SCENARIO with the estimates, and their standard errors as distributions "
        "under "
        "`uncertain`. docs/fitting.md states the assumptions.",
        check};
    fit_options_t options = {.choice = {.least = 20}};
    options_parse(&line, argc, argv, &options);
    options.choice.shared = read_shared(&options.shared_names);
    options.choice.together = options.shared_names.n > 0;
    opened_t opened;
    fault_t err = {0};
    int status = opened_read(&opened, &options.common);
    if (status == EX_OK) status = command_ended(fit_scenario(&opened, &options, &err), NULL, &err);
    opened_close(&opened);
    options_free(option_table, &options);
    return status;
}
