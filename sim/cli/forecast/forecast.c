/* `entente forecast`: a run of a scenario from a day on, given what was observed until then. */
#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/forecast/series.h"
#include "cli/launch.h"
#include "cli/tables/events_report.h"
#include "text/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { NAMES_SHOWN = 8 };

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    OPTIONS_EVENTS,
    {"as-of", 0, "DATE", "Forecast from the beginning of this day on, given the events before it",
     .required = "the day of the forecast is missing; give --as-of DATE", TEXT(forecast_arguments_t, as_of)},
    {"complete-until", 0, "DATE",
     "The events are complete until the beginning of this day (default: --as-of). From it to --as-of those "
     "of "
     "the table take place besides simulated ones",
     TEXT(forecast_arguments_t, complete)},
    {"tie", 't', "A-B",
     "The table reports the events of this tie; may be repeated (default: all). On other ties events are "
     "simulated from the scenario's start",
     TEXTS(forecast_arguments_t, ties)},
    {"kind", 'k', "NAME",
     "The table reports events of this type; may be repeated (default: all). Others are simulated from the "
     "scenario's start",
     TEXTS(forecast_arguments_t, kinds)},
    {"every", 0, "DURATION",
     "Make a series: a forecast as of --as-of and each such time later, such as 1m, 2w or a number of "
     "days; --output then names a folder, which gets a file for each, and a table of all",
     TEXT(forecast_arguments_t, every)},
    {"last", 0, "DATE",
     "With --every: no forecast after this day (default: the day after the last one of the events)",
     TEXT(forecast_arguments_t, last)},
    {"scenario", 0, "YAML", "Write the forecast's scenario to this file too",
     OUTPUT(forecast_arguments_t, scenario)},
    {"dry-run", 0, NULL, "Print the forecast's scenario and simulate nothing", .once = true,
     FLAG(forecast_arguments_t, dry_run)},
    OPTION_OUTPUT("OUT.h5",
                  "Output file (default: the scenario's name and the day with .h5, in this folder)"),
    OPTIONS_RUN,
    {0},
};

static void check_series(struct argp_state *state, const forecast_arguments_t *a) {
    if (a->last && !a->every) argp_error(state, "--last needs --every");
    if (a->every && a->run.common.n_tasks)
        argp_error(state,
                   "--every makes several files, of which --task shares none; give each share --as-of");
    if (a->every && (a->complete || a->scenario || a->dry_run))
        argp_error(state,
                   "--every cannot be combined with --complete-until, --scenario or --dry-run, which are "
                   "of one day");
}

static void check(struct argp_state *state, const void *arguments) {
    const forecast_arguments_t *a = arguments;
    const common_t *c = &a->run.common;
    check_series(state, a);
    options_check_events(state, c);
    run_check(state, arguments);
    if (options_is_stream(c->path))
        argp_error(state, "the forecast extends the scenario; give it as a file, not as %s", c->path);
    for (int e = 0; e < c->events.n && c->n_tasks; e++)
        if (options_is_stream(c->events.items[e]))
            argp_error(state,
                       "--task: every share and the merge read the events; give them as a file, not as %s",
                       c->events.items[e]);
    if (c->n_tasks && (c->source.order != ORDER_TOLD || c->source.unknown_days != UNKNOWN_DAYS_REFUSED))
        argp_error(state,
                   "--task cannot be combined with --dates or --unknown-days; write the dates as 2018-07-01");
    if (a->dry_run && (c->n_tasks || c->restart || c->json))
        argp_error(state,
                   "--dry-run simulates nothing; it cannot be combined with --task, --restart or --json");
}

/* ---- the day ------------------------------------------------------------------------------------------ */

int forecast_day(const char *option, const char *text, const model_t *model, double most, double *day,
                 fault_t *err) {
    char start[32], last[32];
    if (!date_parse(text, day, NULL) || *day != floor(*day))
        return error_set(err, ERR_USAGE, "%s %s: a date such as 2018-07-01 is expected", option, text);
    *day -= model->start;
    date_format(model->start, start);
    date_format(model->start + most, last);
    if (*day >= 0 && *day <= most) return 0;
    return error_set(err, ERR_USAGE, "%s %s: a day from %s to %s is expected", option, text, start, last);
}

static int read_days(const forecast_arguments_t *a, const model_t *model, double *day, fault_t *err) {
    double complete;
    int ret = 0;
    TRY(forecast_day("--as-of", a->as_of, model, ceil(model->horizon) - 1, day, err));
    if (a->complete) TRY(forecast_day("--complete-until", a->complete, model, *day, &complete, err));
out:
    return ret;
}

/* ---- what is said ------------------------------------------------------------------------------------- */

static bool has_passed(const model_t *model, const calendar_entry_t *entry) {
    int tie = entry->target < 0 ? -1 : model_tie(model, entry->initiator, entry->target);
    bool moment = entry->until <= entry->time;
    return entry->in_base && !entry->observed && as_of_covers(&model->as_of, entry->kind, tie) &&
           (moment ? entry->time < model->as_of.complete : entry->until <= model->as_of.complete);
}

/* Of the forecast's own model. */
static void tell_entries(const forecast_arguments_t *a, const model_t *model) {
    int n_passed = 0;
    if (a->run.common.quiet || !(model->as_of.day > 0)) return;
    for (int e = 0; e < model->n_calendar; e++) {
        if (!has_passed(model, &model->calendar[e])) continue;
        if (n_passed++ == 0)
            fputs("entente: entries of the calendar that count as not having taken place, because the table "
                  "does not "
                  "have them:",
                  stderr);
        if (n_passed <= NAMES_SHOWN) fprintf(stderr, "%s %s", n_passed > 1 ? "," : "", model->calendar[e].id);
    }
    if (n_passed > NAMES_SHOWN) fprintf(stderr, " and %d more", n_passed - NAMES_SHOWN);
    if (n_passed) fputc('\n', stderr);
    fprintf(stderr,
            "entente: %s until %s what the table does not have has not taken place; everything else is "
            "simulated\n",
            a->ties.n && a->kinds.n ? "of the types and on the ties named,"
            : a->ties.n             ? "on the ties named,"
            : a->kinds.n            ? "of the types named,"
                                    : "of all types, on all ties,",
            a->complete ? a->complete : a->as_of);
}

static void tell_events(const forecast_arguments_t *a, const model_t *model, const events_t *events,
                        int n_entries) {
    int before = 0;
    if (a->run.common.quiet) return;
    events_report(events, stderr);
    while (before < events->n && events->items[before].time < 0) before++;
    if (before)
        fprintf(stderr, "entente: %d events before the scenario's start %s\n", before,
                model->n_history ? "are left out, because the scenario has a history" : "are its history");
    if (n_entries) fprintf(stderr, "entente: %d of the events are entries of the calendar\n", n_entries);
}

/* ---- the forecast ------------------------------------------------------------------------------------- */

static int write_text(const char *path, const char *text, fault_t *err) {
    output_file_t out = {0};
    int ret = 0;
    TRY(output_begin(&out, path, "# Written by `entente forecast`", err));
    fputs(text, out.file);
    TRY(output_flush(&out, err));
    TRY(output_end(&out, err));
out:
    output_drop(&out);
    return ret;
}

/* The forecast's scenario: its path and text; free() both. */
static int make_text(const forecast_arguments_t *a, const model_t *model, char **path, char **text,
                     fault_t *err) {
    events_t events = {0};
    matched_t matched = {0};
    events_source_t source = options_source(&a->run.common);
    double day;
    int ret = 0;
    source.marks = true;
    TRY(read_days(a, model, &day, err));
    TRY(events_import(&events, model, &source, day, stderr, err));
    TRY(as_of_match(&matched, model, &events, err));
    tell_events(a, model, &events, matched.n);
    TRY(as_of_text(a, model, &events, &matched, !model->n_history, path, text));
    if (a->scenario) TRY(write_text(a->scenario, *text, err));
out:
    as_of_match_free(&matched);
    events_free(&events);
    return ret;
}

static char *default_output(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *out = NULL;
    return asprintf(&out, "%.*s.h5", (int)(strlen(name) - strlen(".yaml")), name) < 0 ? NULL : out;
}

/* Of an open scenario, which it closes, and opens again with what was observed. */
static int forecast_opened(forecast_arguments_t *a, opened_t *opened, const char *command) {
    common_t *c = &a->run.common;
    fault_t err = {0};
    char *path = NULL, *text = NULL, *out = NULL;
    int status = command_ended(make_text(a, &opened->scenario.model, &path, &text, &err), NULL, &err);
    opened_close(opened);
    if (!status && path) {
        status = opened_read_text(opened, c, path, text);
        if (!status) tell_entries(a, &opened->scenario.model);
        if (!c->out) c->out = out = default_output(path);
        if (!status && !c->out) status = command_ended(ERR_NOMEM, NULL, &err);
        const run_command_t by = {"forecast", option_table, a};
        if (!status && a->dry_run)
            fputs(text, stdout);
        else if (!status)
            status = run_opened(&by, opened, command);
        opened_close(opened);
    }
    free(path);
    free(text);
    free(out);
    return status;
}

int forecast_make(forecast_arguments_t *a, const char *command) {
    opened_t opened = {0};
    int status = opened_read(&opened, &a->run.common);
    if (status) opened_close(&opened);
    return status ? status : forecast_opened(a, &opened, command);
}

int command_forecast(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO --events CSV --as-of DATE",
        "Simulates a scenario from a day on, given the events observed before it, writes one HDF5 file as "
        "`entente "
        "run` does, and prints its quantities. Windows that began before the day count what has happened so "
        "far. With --every, makes such a forecast for each of several days.\v"
        "Until the day the table's events take place, and no others; entries of the calendar to come stand. "
        "docs/forecasting.md describes how to make a forecast with your own data. Exit codes as of `entente "
        "run`.",
        check};
    forecast_arguments_t arguments = {0};
    char *command = launch_command(argc, argv);
    options_parse(&line, argc, argv, &arguments);
    int status = EX_SOFTWARE;
    if (command)
        status = arguments.every ? series_make(&arguments, command) : forecast_make(&arguments, command);
    else
        fputs("entente: out of memory\n", stderr);
    options_free(option_table, &arguments);
    free(command);
    return status;
}
