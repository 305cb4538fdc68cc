/* `entente score`: scores forecasts from a date on, given the events observed before it, against the later
 * events. */
#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/score/score_table.h"
#include "cli/score/score_task.h"

enum { LONGEST_WINDOW = 366, RESAMPLES = 1000 /* of the bootstrap */ };

static void read_window(struct argp_state *state, void *arguments, const char *text) {
    score_options_t *a = arguments;
    if (a->n_windows == MOST_WINDOWS) argp_error(state, "--window is given more than %d times", MOST_WINDOWS);
    a->windows[a->n_windows++] = (int)option_number(state, "--window", text, 1, LONGEST_WINDOW);
}

static void check(struct argp_state *state, const void *arguments) {
    const score_options_t *a = arguments;
    options_check_events(state, &a->common);
}

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    OPTIONS_EVENTS,
    OPTION_FROM("Make the first forecast at the beginning of this day",
                .required = "the first day of the forecasts is missing; give --from DATE"),
    OPTION_UNTIL,
    {"window", 'w', "DAYS", "Forecast windows of this length in days; may be repeated (default: 7 and 30)",
     .repeats = true, .type = OPTION_READ, .read = read_window},
    {"every", 0, "DAYS", "Days from one forecast to the next (default 1: windows overlap)",
     NUMBER(score_options_t, every, 1, 100000)},
    {"target", 't', "NAME[=KIND,...]",
     "Forecast this event type, or events of any of these types under that name; may be repeated (default: "
     "each type with 20 events or more before --from)",
     TEXTS(score_options_t, targets)},
    OPTION_OUTPUT("CSV", "Write every forecast, the observation and the baselines to this file"),
    {"replicates", 'n', "NUMBER", "Replicates a forecast (default 1000)",
     NUMBER(common_t, replicates, 2, 1000000)},
    OPTION_SEED,
    OPTION_WORKERS,
    OPTION_SET(""),
    OPTION_FIXED,
    OPTION_QUIET("Print no progress and no summary of the events"),
    OPTION_JSON("The scores as JSON on stdout"),
    {0},
};

static int score_target(const task_t *task, int t, const forecasts_t *forecasts, uint64_t seed,
                        outcome_t *outcome, scored_t *items, fault_t *err) {
    const target_t *target = &task->targets[t];
    int ret;
    TRY(outcome_init(outcome, task, target));
    if (outcome->n_dyads == 0) {
        ret = error_set(err, ERR_DATA, "%s cannot occur on any dyad whose actors are present throughout",
                        target->name);
        goto out;
    }
    evidence_t evidence = {.n_dyads = outcome->n_dyads,
                           .ties = outcome->ties,
                           .n_actors = task->model->n_actors,
                           .all_ties = task->model->ties,
                           .series = &outcome->series,
                           .value_sums = outcome->value_sums,
                           .n_past_values = outcome->n_past_values,
                           .past_values = outcome->past_values,
                           .origins = outcome->origins,
                           .from = task->from - task->first,
                           .start = task->model->start + task->first,
                           .seed = seed};
    for (int w = 0; w < task->n_windows; w++) {
        scored_t *item = &items[w * task->n_targets + t];
        *item = (scored_t){.target = target->name, .ties = outcome->ties};
        TRY(skill_assess(&item->skill, forecasts, &forecasts->items[t * task->n_windows + w], &evidence));
        TRY(skill_gains(&item->skill, RESAMPLES, seed, item->gains));
    }
out:
    return ret;
}

static int show(const task_t *task, const score_options_t *options, uint64_t seed, const scored_t *items,
                fault_t *err) {
    score_report_t report = {.model = task->model,
                             .scenario = options->common.path,
                             .events = &options->common.events,
                             .from = task->from,
                             .until = task->until,
                             .origins = task->origins,
                             .replicates = (int)options->common.replicates,
                             .seed = seed,
                             .n = task->n_targets * task->n_windows,
                             .items = items};
    int ret = 0;
    if (options->common.out) TRY(score_write_csv(&report, options->common.out, err));
    if (options->common.json)
        TRY(score_print_json(&report));
    else
        score_print(&report);
out:
    return ret;
}

static void tell(const task_t *task, const score_options_t *options) {
    char from[32], last[32];
    if (options->common.quiet) return;
    date_format(task->model->start + task->from, from);
    date_format(task->model->start + task->origins[task->n_origins - 1], last);
    fprintf(stderr, "entente: forecasts on %d days from %s to %s, %u replicates each\n", task->n_origins,
            from, last, options->common.replicates);
}

static int score(opened_t *opened, const score_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    task_t task;
    forecasts_t forecasts = {0};
    uint64_t seed = options->common.has_seed ? options->common.seed : model->seed;
    outcome_t *outcomes = NULL;
    scored_t *items = NULL;
    int ret = options->common.out ? score_check_csv(options->common.out, err) : 0;
    if (ret) return ret;
    TRY(task_init(&task, model, options, err));
    tell(&task, options);
    forecasts_task_t plan = {.n_targets = task.n_targets,
                             .n_windows = task.n_windows,
                             .n_origins = task.n_origins,
                             .targets = task.targets,
                             .windows = task.windows,
                             .origins = task.origins,
                             .until = task.until,
                             .replicates = (int)options->common.replicates,
                             .workers =
                                 options->common.workers ? options->common.workers : launch_processors(),
                             .seed = seed,
                             .n_settings = opened->n_settings,
                             .settings = opened->settings};
    TRY(forecasts_make(&forecasts, model, task.events.n, task.events.items, &plan, err));
    ret = ERR_NOMEM;
    outcomes = mem_alloc((size_t)task.n_targets, sizeof *outcomes);
    items = mem_alloc((size_t)task.n_targets * (size_t)task.n_windows, sizeof *items);
    if (!outcomes || !items) goto out;
    for (int t = 0; t < task.n_targets; t++)
        TRY(score_target(&task, t, &forecasts, seed, &outcomes[t], items, err));
    TRY(show(&task, options, seed, items, err));
out:
    for (int n = 0; items && n < task.n_targets * task.n_windows; n++) skill_free(&items[n].skill);
    for (int t = 0; outcomes && t < task.n_targets; t++) outcome_free(&outcomes[t]);
    mem_free(items);
    mem_free(outcomes);
    forecasts_free(&forecasts);
    events_free(&task.events);
    return ret;
}

int command_score(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO --events CSV --from DATE",
        "Makes forecasts from a date on, each given the events observed before it, and scores them against "
        "the later events, and compares them with four baselines: log score, Brier score, CRPS, reliability, "
        "PIT.\vFit the "
        "scenario to events before --from only (`entente fit --until DATE`); otherwise the forecasts are "
        "scored on events that they have seen. docs/scoring.md defines the scores and the baselines.",
        check};
    score_options_t options = {.every = 1, .common.replicates = 1000};
    options_parse(&line, argc, argv, &options);
    opened_t opened;
    fault_t err = {0};
    int status = opened_read(&opened, &options.common);
    if (status == 0) status = command_ended(score(&opened, &options, &err), NULL, &err);
    opened_close(&opened);
    options_free(option_table, &options);
    return status;
}
