/* `entente validate`: a predictive check of a scenario, as it stands, against observed events. */
#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/tables/events_report.h"
#include "cli/validate/validate_table.h"

#include <math.h>
#include <string.h>

typedef struct {
    common_t common;
    texts_t kinds;
} validate_options_t;

static void check(struct argp_state *state, const void *arguments) {
    const validate_options_t *a = arguments;
    options_check_events(state, &a->common);
}

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    OPTIONS_EVENTS,
    OPTION_FROM("Compare from this day on (default: the first day with a row in the scenario's period)"),
    OPTION_UNTIL,
    {"kind", 'k', "NAME",
     "Compare this event type; may be repeated (default: all that the events have, or that the table of "
     "codes "
     "gives reports of)",
     TEXTS(validate_options_t, kinds)},
    OPTION_OUTPUT("CSV", "Write every dyad and actor with its count and interval to this file"),
    {"replicates", 'n', "NUMBER", "Simulated sets of events (default 1000; 200 or more)",
     NUMBER(common_t, replicates, PREDICTIVE_FEWEST, 1000000)},
    OPTION_SEED,
    OPTION_SET(""),
    OPTION_FIXED,
    OPTION_QUIET("Print no summary of the events"),
    OPTION_JSON("The comparison as JSON on stdout"),
    {0},
};

/* ---- period and event types -------------------------------------------------------------------------- */

static int read_date(const char *option, const char *text, double *days, fault_t *err) {
    if (date_parse(text, days, NULL) && *days == floor(*days)) return 0;
    return error_set(err, ERR_USAGE, "%s %s: a date such as 2018-07-01 is expected", option, text);
}

/* What is compared, days from the start. */
static int find_period(const model_t *model, const common_t *common, const events_t *events, double *from,
                       double *until, fault_t *err) {
    char start[32], end[32], first[32], last[32];
    double asked = NAN, end_asked = INFINITY;
    int ret = 0;
    if (common->from) TRY(read_date("--from", common->from, &asked, err));
    if (common->until) TRY(read_date("--until", common->until, &end_asked, err));
    if (asked >= end_asked)
        return error_set(err, ERR_USAGE, "--until %s: it is not after --from %s", common->until,
                         common->from);
    *from = common->from ? asked - model->start : fmax(0, events->first);
    date_format(model->start, start);
    date_format(model->start + model->horizon, end);
    date_format(model->start + events->first, first);
    date_format(model->start + events->last - 1, last);
    *until = fmin(events->last, floor(model->horizon));
    if (*from >= 0 && *from < *until) goto out;
    ret =
        error_set(err, ERR_DATA,
                  "%s%s%sthe scenario is of %s to %s and the events of %s to %s: there is nothing to compare",
                  common->from ? "--from " : "", common->from ? common->from : "", common->from ? ": " : "",
                  start, end, first, last);
out:
    return ret;
}

static int find_kinds(const model_t *model, const texts_t *names, bool *wanted, fault_t *err) {
    for (int k = 0; k < model->n_kinds; k++) wanted[k] = names->n == 0;
    for (int n = 0; n < names->n; n++) {
        int k = model_kind(model, names->items[n]);
        if (k < 0)
            return error_set(err, ERR_USAGE, "--kind %s: the scenario has no such event type",
                             names->items[n]);
        wanted[k] = true;
    }
    return 0;
}

/* ---- the check --------------------------------------------------------------------------------------- */

static int show(validation_t *report, const common_t *common, fault_t *err) {
    int ret = 0;
    if (common->json)
        TRY(validation_print_json(report));
    else
        validation_print(report);
    if (common->out) TRY(validation_write_csv(report, common->out, err));
out:
    return ret;
}

static void tell(const model_t *model, const common_t *common, double from, double until) {
    char first[32], last[32];
    if (common->quiet) return;
    date_format(model->start + from, first);
    date_format(model->start + until - 1, last);
    fprintf(stderr, "entente: %u replicates of %s to %s, compared with the events\n", common->replicates,
            first, last);
}

static int compare(opened_t *opened, const validate_options_t *options, const events_t *events,
                   fault_t *err) {
    model_t *model = &opened->scenario.model;
    const common_t *common = &options->common;
    validation_t report = {.model = model, .scenario = common->path, .n_sets = (int)common->replicates};
    dyad_counts_t counts = {0};
    size_t n_kinds = (size_t)model->n_kinds;
    bool *wanted = mem_alloc(n_kinds + 1, sizeof *wanted);
    checked_t(*checked)[PREDICTIVE_N] = mem_alloc(n_kinds + 1, sizeof *checked);
    report.items = mem_alloc(n_kinds + 1, sizeof *report.items);
    int ret = 0;
    TRY_MEM(wanted && checked && report.items);
    TRY(find_kinds(model, &options->kinds, wanted, err));
    TRY(find_period(model, common, events, &report.from, &report.until, err));
    tell(model, common, report.from, report.until);
    report.seed = common->has_seed ? common->seed : model->seed;
    const predictive_task_t task = {.n_events = events->n,
                                    .events = events->items,
                                    .from = report.from,
                                    .until = report.until,
                                    .whole = true,
                                    .reports = events->reports,
                                    .n_sets = report.n_sets,
                                    .seed = report.seed,
                                    .n_settings = opened->n_settings,
                                    .settings = opened->settings};
    TRY(predictive_check(model, &task, checked, &counts, err));
    for (int k = 0; k < model->n_kinds; k++) {
        if (!wanted[k] || counts.kept[k] < 0) continue;
        TRY(validated_init(&report.items[report.n++], &counts, k, checked[k]));
    }
    if (report.n == 0)
        ret = error_set(err, ERR_DATA, "the events of the period have no event of the types to compare");
    else
        ret = show(&report, common, err);
out:
    for (int i = 0; i < report.n; i++) validated_free(&report.items[i]);
    dyad_counts_free(&counts);
    mem_free(report.items);
    mem_free(checked);
    mem_free(wanted);
    return ret;
}

static int validate(opened_t *opened, const validate_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    const common_t *common = &options->common;
    const events_source_t source = options_source(common);
    double until = INFINITY;
    events_t events = {0};
    int ret = common->out ? validation_check_csv(common->out, err) : 0;
    if (ret < 0) return ret;
    if (common->until) TRY(read_date("--until", common->until, &until, err));
    TRY(events_import(&events, model, &source, fmin(until - model->start, model->horizon), stderr, err));
    if (!common->quiet || events.n == 0) events_report(&events, stderr);
    if (events.n == 0) {
        ret = error_set(err, ERR_DATA, "%s: none of the %ld rows is an event of this scenario",
                        source.files[0], events.rows);
        goto out;
    }
    events_warn(&events, model, fmax(0, events.first), NULL, until - model->start,
                common->until ? "--until" : NULL);
    ret = compare(opened, options, &events, err);
out:
    events_free(&events);
    return ret;
}

int command_validate(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO --events CSV",
        "Simulates a scenario and compares the simulated with observed events, type by type: numbers, their "
        "spread over dyads, their order, who is whose first partner, and which dyads and actors lie within "
        "their 90 % prediction intervals.\vUse events that the scenario was not fitted to. The exit code is "
        "0 "
        "whatever the verdict; 65 if the events cannot be compared. docs/validation.md defines the figures.",
        check};
    validate_options_t options = {.common.replicates = 1000};
    options_parse(&line, argc, argv, &options);
    opened_t opened;
    fault_t err = {0};
    int status = opened_read(&opened, &options.common);
    if (status == 0) status = command_ended(validate(&opened, &options, &err), NULL, &err);
    opened_close(&opened);
    options_free(option_table, &options);
    return status;
}
