/* `entente score`: forecasts from a date on, given what was observed before it, against what happened. */
#include "base/date.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/open_scenario.h"
#include "cli/score_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    MOST_TARGETS = 32,
    MOST_WINDOWS = 8,
    MOST_SETS = 256,
    LONGEST_WINDOW = 366,
    LEAST_EVENTS = 20,
    RESAMPLES = 1000 /* of the bootstrap */
};

typedef struct {
    const char *scenario, *from, *until, *out;
    events_source_t source;
    const char *targets[MOST_TARGETS], *sets[MOST_SETS];
    int n_targets, n_windows, n_sets, windows[MOST_WINDOWS], every, replicates, workers;
    bool has_seed, json, fixed, quiet;
    uint64_t seed;
} score_options_t;

enum {
    KEY_EVENTS = 256,
    KEY_MAPPING,
    KEY_COUNTRIES,
    KEY_BY,
    KEY_FROM,
    KEY_UNTIL,
    KEY_EVERY,
    KEY_SET,
    KEY_FIXED,
    KEY_JSON
};

static const struct argp_option option_table[] = {
    {"events", KEY_EVENTS, "CSV", 0, "The observed events, as `entente fit` takes them", 0},
    {"mapping", KEY_MAPPING, "CSV", 0, "Which codes are which kinds", 0},
    {"countries", KEY_COUNTRIES, "CSV", 0,
     "Which codes of countries are which actors (default: codes are the actors' names)", 0},
    {"by", KEY_BY, "SYSTEM", 0, "The column of --countries that the events use", 0},
    {"from", KEY_FROM, "DATE", 0, "The first forecast is made at the beginning of this day", 0},
    {"until", KEY_UNTIL, "DATE", 0,
     "Score against events before this date (default: to the last day of the data)", 0},
    {"window", 'w', "DAYS", 0, "Forecast windows of this length; may be repeated (default: 7 and 30)", 0},
    {"every", KEY_EVERY, "DAYS", 0, "Days from one forecast to the next (default 1: windows overlap)", 0},
    {"target", 't', "NAME[=KIND,...]", 0,
     "Forecast this kind, or events of any of these kinds under that name; may be repeated (default: each "
     "kind with 20 "
     "events or more before --from)",
     0},
    {"output", 'o', "CSV", 0, "Write every forecast there, with what happened and the baselines'", 0},
    {"replicates", 'n', "NUMBER", 0, "Replicates a forecast (default 1000)", 0},
    {"seed", 's', "SEED", 0, "Master seed in place of the scenario's", 0},
    {"workers", 'j', "NUMBER", 0,
     "Worker processes (default: the processors there are); they never change results", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "Give a parameter another value; may be repeated", 0},
    {"fixed", KEY_FIXED, NULL, 0,
     "Uncertain parameters stay at the scenario's own values instead of being drawn", 0},
    {"quiet", 'q', NULL, 0, "No word of what was read and is being done", 0},
    {"json", KEY_JSON, NULL, 0, "The scores as JSON on stdout", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    score_options_t *a = state->input;
    switch (key) {
    case KEY_EVENTS:
        a->source.events = arg;
        return 0;
    case KEY_MAPPING:
        a->source.mapping = arg;
        return 0;
    case KEY_COUNTRIES:
        a->source.countries = arg;
        return 0;
    case KEY_BY:
        a->source.system = arg;
        return 0;
    case KEY_FROM:
        a->from = arg;
        return 0;
    case KEY_UNTIL:
        a->until = arg;
        return 0;
    case 'w':
        if (a->n_windows == MOST_WINDOWS)
            argp_error(state, "--window is given more than %d times", MOST_WINDOWS);
        a->windows[a->n_windows++] = (int)launch_number(state, "--window", arg, 1, LONGEST_WINDOW);
        return 0;
    case KEY_EVERY:
        a->every = (int)launch_number(state, "--every", arg, 1, 100000);
        return 0;
    case 't':
        if (a->n_targets == MOST_TARGETS)
            argp_error(state, "--target is given more than %d times", MOST_TARGETS);
        a->targets[a->n_targets++] = arg;
        return 0;
    case 'o':
        a->out = arg;
        return 0;
    case 'n':
        a->replicates = (int)launch_number(state, "--replicates", arg, 2, 1000000);
        return 0;
    case 's':
        a->seed = launch_number(state, "--seed", arg, 0, UINT64_MAX);
        a->has_seed = true;
        return 0;
    case 'j':
        a->workers = (int)launch_number(state, "--workers", arg, 1, 1024);
        return 0;
    case KEY_SET:
        if (a->n_sets == MOST_SETS) argp_error(state, "--set is given more than %d times", MOST_SETS);
        a->sets[a->n_sets++] = arg;
        return 0;
    case KEY_FIXED:
        a->fixed = true;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->scenario) argp_error(state, "one scenario is expected, \"%s\" is a second one", arg);
        a->scenario = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->scenario) argp_error(state, "which scenario? Give its file");
        if (!a->source.events) argp_error(state, "which events? Give --events CSV");
        if (a->source.system && !a->source.countries)
            argp_error(state, "--by %s: which table of countries? Give --countries CSV", a->source.system);
        if (!a->from) argp_error(state, "forecasts from when on? Give --from DATE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what is forecast
 * ------------------------------------------------------------------------------------------ */

typedef struct {
    model_t *model;
    events_t events;
    int first, from, until; /* days from the scenario's start: of the data, of the first forecast, the end */
    int n_targets, n_windows, n_origins;
    target_t targets[MOST_TARGETS];
    int windows[MOST_WINDOWS], *origins;
} task_t;

static bool can_forecast(const kind_t *kind) {
    return kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
}

static int n_before(const task_t *task, const target_t *target) {
    int n = 0;
    for (int e = 0; e < task->events.n && task->events.items[e].time < task->from; e++)
        n += target->kinds[task->events.items[e].kind];
    return n;
}

static void find_values(const task_t *task, target_t *target) {
    for (int e = 0; e < task->events.n; e++)
        target->has_values |=
            target->kinds[task->events.items[e].kind] && task->events.items[e].value_usd > 0;
}

static int add_target(task_t *task, const char *name, target_t **out) {
    target_t *target = &task->targets[task->n_targets];
    arena_t *arena = &task->model->arena;
    *target = (target_t){.name = arena_text(arena, name),
                         .kinds = arena_alloc(arena, (size_t)task->model->n_kinds + 1, sizeof(bool))};
    if (!target->name || !target->kinds) return ERR_NOMEM;
    task->n_targets++;
    *out = target;
    return 0;
}

static int add_kind(const task_t *task, target_t *target, const char *name, fault_t *err) {
    const model_t *model = task->model;
    int k = model_kind(model, name);
    suggest_t near = suggest_for(name);
    for (int n = 0; n < model->n_kinds; n++) suggest_offer(&near, model->kinds[n].name);
    if (k < 0)
        return error_set(err, ERR_USAGE, "--target %s: the scenario has no kind \"%s\"%s%s%s", target->name,
                         name, near.best ? "; did you mean " : "", near.best ? near.best : "",
                         near.best ? "?" : "");
    if (!can_forecast(&model->kinds[k]))
        return error_set(err, ERR_USAGE, "--target %s: %s is no event of two actors (its scope is %s)",
                         target->name, name, scope_names[model->kinds[k].scope]);
    target->kinds[k] = true;
    return 0;
}

/* "visit", or "any=visit,call". */
static int read_target(task_t *task, const char *text, fault_t *err) {
    target_t *target = NULL;
    char *copy = strdup(text), *rest = NULL;
    int ret = ERR_NOMEM;
    if (!copy) return ret;
    char *equals = strchr(copy, '='), *kinds = equals ? equals + 1 : NULL;
    if (equals) *equals = '\0';
    TRY(add_target(task, copy, &target));
    if (!kinds) kinds = copy;
    for (char *kind = strtok_r(kinds, ",", &rest); kind; kind = strtok_r(NULL, ",", &rest))
        TRY(add_kind(task, target, kind, err));
    if (n_before(task, target) == 0)
        ret = error_set(err, ERR_DATA, "--target %s: the data have no such event before --from", text);
out:
    free(copy);
    return ret;
}

static int default_targets(task_t *task, fault_t *err) {
    target_t *target;
    int ret = 0;
    for (int k = 0; k < task->model->n_kinds && task->n_targets < MOST_TARGETS; k++) {
        if (!can_forecast(&task->model->kinds[k])) continue;
        TRY(add_target(task, task->model->kinds[k].name, &target));
        target->kinds[k] = true;
        task->n_targets -= n_before(task, target) < LEAST_EVENTS;
    }
    if (task->n_targets == 0)
        ret = error_set(err, ERR_DATA,
                        "no kind has %d events before --from: name what to forecast with --target",
                        LEAST_EVENTS);
out:
    return ret;
}

/* ---- when
 * ------------------------------------------------------------------------------------------------------- */

static int read_date(const char *option, const char *text, double *days, fault_t *err) {
    if (date_parse(text, days, NULL) && *days == floor(*days)) return 0;
    return error_set(err, ERR_USAGE, "%s %s: a date such as 2018-07-01 is expected", option, text);
}

static const char *day(const task_t *task, int days, char out[32]) {
    date_format(task->model->start + days, out);
    return out;
}

static int by_length(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* The windows that fit, and the days on which forecasts are made. */
static int set_times(task_t *task, const score_options_t *options, fault_t *err) {
    char first[32], from[32], until[32];
    day(task, task->first, first), day(task, task->from, from), day(task, task->until - 1, until);
    if (task->from <= task->first || task->from >= task->until)
        return error_set(err, ERR_DATA,
                         "--from %s: the events go from %s to %s, and some are needed before it and after it",
                         from, first, until);
    if (task->from < 0) return error_set(err, ERR_DATA, "--from %s lies before the scenario's period", from);
    int n = options->n_windows;
    static const int usual[] = {7, 30};
    memcpy(task->windows, n ? options->windows : usual, (size_t)(n ? n : 2) * sizeof *usual);
    n = n ? n : 2;
    qsort(task->windows, (size_t)n, sizeof *task->windows, by_length);
    for (int w = 0; w < n; w++) {
        int window = task->windows[w], learnt = baseline_windows(task->from - task->first, window);
        if (w > 0 && window == task->windows[w - 1]) continue;
        if (learnt > 0 && task->from + window <= task->until) {
            task->windows[task->n_windows++] = window;
        } else if (options->n_windows) {
            int start = window > BASELINE_START ? window : BASELINE_START;
            return error_set(
                err, ERR_DATA,
                "--window %d: the events go from %s to %s; %d days of them are needed before --from %s, "
                "which has %d, and %d from it on, which has %d",
                window, first, until, start + window, from, task->from - task->first, window,
                task->until - task->from);
        }
    }
    if (task->n_windows == 0)
        return error_set(
            err, ERR_DATA,
            "--from %s: the events go from %s to %s; a window of 7 days needs %d days of them before it "
            "and 7 from it on",
            from, first, until, BASELINE_START + 7);
    task->origins =
        arena_alloc(&task->model->arena, (size_t)(task->until - task->from) + 1, sizeof *task->origins);
    if (!task->origins) return ERR_NOMEM;
    for (int o = task->from; o + task->windows[0] <= task->until; o += options->every)
        task->origins[task->n_origins++] = o;
    return 0;
}

static int prepare(task_t *task, const score_options_t *options, fault_t *err) {
    model_t *model = task->model;
    double from, until = INFINITY;
    int ret;
    TRY(read_date("--from", options->from, &from, err));
    if (options->until) TRY(read_date("--until", options->until, &until, err));
    TRY(events_import(&task->events, model, &options->source, until - model->start, stderr, err));
    if (task->events.n == 0) {
        ret = error_set(err, ERR_DATA, "%s: none of the %ld rows is an event of this scenario",
                        options->source.events, task->events.rows);
        goto out;
    }
    task->first = (int)floor(task->events.items[0].time);
    task->from = (int)(from - model->start);
    task->until = (int)fmin(until - model->start, task->events.last);
    TRY(set_times(task, options, err));
    for (int t = 0; t < options->n_targets; t++) TRY(read_target(task, options->targets[t], err));
    if (options->n_targets == 0) TRY(default_targets(task, err));
    for (int t = 0; t < task->n_targets; t++) find_values(task, &task->targets[t]);
out:
    return ret;
}

/* ---- what happened
 * ----------------------------------------------------------------------------------------------- */

typedef struct { /* of one target, on the dyads where it may happen */
    int n_dyads, n_past_values;
    int *ties, *origins; /* [n_dyads]; [n_origins] from the first day of the data */
    series_t series;
    double *value_sums, *past_values;
} outcome_t;

static void outcome_free(outcome_t *self) {
    mem_free(self->ties);
    mem_free(self->origins);
    series_free(&self->series);
    mem_free(self->value_sums);
    mem_free(self->past_values);
}

static bool is_scored(const task_t *task, const target_t *target, const tie_t *tie) {
    const model_t *model = task->model;
    const actor_t *a = &model->actors[tie->a], *b = &model->actors[tie->b];
    bool may_happen = false;
    for (int k = 0; k < model->n_kinds; k++)
        may_happen |= target->kinds[k] && (may_happen_at(&model->kinds[k], tie->a, tie->b) ||
                                           may_happen_at(&model->kinds[k], tie->b, tie->a));
    return may_happen && fmax(a->from, b->from) <= task->from && fmin(a->until, b->until) >= task->until;
}

static int outcome_init(outcome_t *self, const task_t *task, const target_t *target) {
    const model_t *model = task->model;
    int n_days = task->until - task->first, ret = ERR_NOMEM;
    int *dyad_of = mem_alloc((size_t)model->n_ties + 1, sizeof *dyad_of);
    uint8_t *days = NULL;
    *self = (outcome_t){.ties = mem_alloc((size_t)model->n_ties + 1, sizeof(int)),
                        .origins = mem_alloc((size_t)task->n_origins + 1, sizeof(int)),
                        .past_values = mem_alloc((size_t)task->events.n + 1, sizeof(double))};
    if (!dyad_of || !self->ties || !self->origins || !self->past_values) goto out;
    for (int t = 0; t < model->n_ties; t++) {
        dyad_of[t] = is_scored(task, target, &model->ties[t]) ? self->n_dyads : -1;
        if (dyad_of[t] >= 0) self->ties[self->n_dyads++] = t;
    }
    for (int o = 0; o < task->n_origins; o++) self->origins[o] = task->origins[o] - task->first;
    size_t row = (size_t)n_days + 1;
    days = mem_alloc((size_t)self->n_dyads * (size_t)n_days, sizeof *days);
    if (target->has_values) self->value_sums = mem_alloc((size_t)self->n_dyads * row, sizeof(double));
    if (!days || (target->has_values && !self->value_sums)) goto out;
    for (int e = 0; e < task->events.n; e++) {
        const observed_t *event = &task->events.items[e];
        int tie = model_tie(model, event->initiator, event->target),
            at = (int)floor(event->time) - task->first;
        if (!target->kinds[event->kind] || tie < 0 || dyad_of[tie] < 0 || at >= n_days) continue;
        size_t dyad = (size_t)dyad_of[tie];
        days[dyad * (size_t)n_days + (size_t)at] = 1;
        if (!target->has_values || !(event->value_usd > 0)) continue;
        self->value_sums[dyad * row + (size_t)at + 1] += event->value_usd;
        if (event->time < task->from) self->past_values[self->n_past_values++] = event->value_usd;
    }
    for (size_t d = 0; d < (size_t)self->n_dyads && self->value_sums; d++)
        for (size_t t = 1; t < row; t++) self->value_sums[d * row + t] += self->value_sums[d * row + t - 1];
    ret = series_init(&self->series, self->n_dyads, n_days, days);
out:
    mem_free(dyad_of);
    mem_free(days);
    return ret;
}

/* ---- scores
 * -------------------------------------------------------------------------------------------------------- */

static int score_target(const task_t *task, int t, const forecasts_t *forecasts, uint64_t seed,
                        outcome_t *outcome, scored_t *items, fault_t *err) {
    const target_t *target = &task->targets[t];
    int ret;
    TRY(outcome_init(outcome, task, target));
    if (outcome->n_dyads == 0) {
        ret = error_set(err, ERR_DATA, "%s may happen on no dyad whose actors are there all the time",
                        target->name);
        goto out;
    }
    evidence_t evidence = {.n_dyads = outcome->n_dyads,
                           .ties = outcome->ties,
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
                             .scenario = options->scenario,
                             .events = options->source.events,
                             .from = task->from,
                             .until = task->until,
                             .origins = task->origins,
                             .replicates = options->replicates,
                             .seed = seed,
                             .n = task->n_targets * task->n_windows,
                             .items = items};
    int ret = 0;
    if (options->out) TRY(score_write_csv(&report, options->out, err));
    if (options->json)
        TRY(score_print_json(&report));
    else
        score_print(&report);
out:
    return ret;
}

static void tell(const task_t *task, const score_options_t *options) {
    char from[32], last[32];
    if (options->quiet) return;
    fprintf(stderr,
            "entente: %ld rows, %d events used; forecasts on %d days from %s to %s, %d replicates each\n",
            task->events.rows, task->events.n, task->n_origins, day(task, task->from, from),
            day(task, task->origins[task->n_origins - 1], last), options->replicates);
}

static int score(opened_t *opened, const score_options_t *options, fault_t *err) {
    model_t *model = &opened->scenario.model;
    task_t task = {.model = model};
    forecasts_t forecasts = {0};
    uint64_t seed = options->has_seed ? options->seed : model->seed;
    outcome_t *outcomes = NULL;
    scored_t *items = NULL;
    int ret;
    TRY(prepare(&task, options, err));
    tell(&task, options);
    plan_of_forecasts_t plan = {.n_targets = task.n_targets,
                                .n_windows = task.n_windows,
                                .n_origins = task.n_origins,
                                .targets = task.targets,
                                .windows = task.windows,
                                .origins = task.origins,
                                .until = task.until,
                                .replicates = options->replicates,
                                .workers = options->workers,
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

/* With --fixed the uncertain parameters are set to the scenario's own values, before what --set gives. */
static int open_for(opened_t *opened, const score_options_t *options) {
    int status =
            open_scenario(opened, options->scenario, options->fixed ? 0 : options->n_sets, options->sets),
        n_fixed;
    if (status != EX_OK || !options->fixed) return status;
    const char **sets = fixed_sets(&opened->scenario.model, options->n_sets, options->sets, &n_fixed);
    if (!sets) return EX_SOFTWARE;
    status = open_settings(opened, n_fixed + options->n_sets, sets);
    free_sets(sets, n_fixed);
    return status;
}

int command_score(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "SCENARIO --events CSV --from DATE",
        "Makes forecasts from a date on, each given what was observed before it, and scores them against "
        "what "
        "happened, beside four baselines: log score, Brier score, CRPS, reliability, PIT."
        "\vFit the scenario to events before --from alone (`entente fit --until DATE`), or the forecasts "
        "have seen "
        "what they are scored by. docs/scoring.md defines the scores and the baselines.",
        NULL,
        NULL,
        NULL};
    score_options_t options = {.every = 1, .replicates = 1000, .workers = launch_processors()};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    opened_t opened;
    fault_t err = {0};
    int status = open_for(&opened, &options);
    if (status == EX_OK) {
        int ret = score(&opened, &options, &err);
        if (ret < 0) fprintf(stderr, "entente score: %s\n", *err.text ? err.text : error_text(ret));
        status = error_exit_code(ret);
    }
    close_scenario(&opened);
    return status;
}
