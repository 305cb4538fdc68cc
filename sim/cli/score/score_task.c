#include "cli/score/score_task.h"

#include "base/date.h"
#include "cli/tables/events_report.h"
#include "fit/score/baseline.h"
#include "text/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_EVENTS = 20 };

/* ---- what is forecast -------------------------------------------------------------------------------- */

static bool can_forecast(const kind_t *kind) {
    return kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
}

/* Events of the target before the first forecast. */
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
        return error_set(err, ERR_USAGE, "--target %s: the scenario has no event type \"%s\"%s%s%s",
                         target->name, name, near.best ? "; did you mean " : "", near.best ? near.best : "",
                         near.best ? "?" : "");
    if (!can_forecast(&model->kinds[k]))
        return error_set(err, ERR_USAGE, "--target %s: %s is not an event of two actors (its scope is %s)",
                         target->name, name, scope_names[model->kinds[k].scope]);
    target->kinds[k] = true;
    return 0;
}

static bool is_repeated(const texts_t *texts, int t) {
    for (int i = 0; i < t; i++)
        if (!strcmp(texts->items[i], texts->items[t])) return true;
    return false;
}

/* "visit", or "any=visit,call". */
static int read_target(task_t *task, const char *text, fault_t *err) {
    target_t *target = NULL;
    char *copy = strdup(text), *rest = NULL;
    int ret = ERR_NOMEM;
    if (!copy) return ret;
    char *equals = strchr(copy, '='), *kinds = equals ? equals + 1 : NULL;
    if (equals) *equals = '\0';
    for (int t = 0; t < task->n_targets; t++)
        if (!strcmp(task->targets[t].name, copy)) {
            ret = error_set(err, ERR_USAGE, "--target %s: %s is a target already; give this one another name",
                            text, copy);
            goto out;
        }
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
    for (int k = 0; k < task->model->n_kinds; k++) {
        if (!can_forecast(&task->model->kinds[k])) continue;
        TRY(add_target(task, task->model->kinds[k].name, &target));
        target->kinds[k] = true;
        task->n_targets -= n_before(task, target) < LEAST_EVENTS;
    }
    if (task->n_targets == 0)
        ret =
            error_set(err, ERR_DATA, "no event type has %d events before --from; name a target with --target",
                      LEAST_EVENTS);
out:
    return ret;
}

/* ---- when -------------------------------------------------------------------------------------------- */

static int read_date(const char *option, const char *text, double *days, fault_t *err) {
    if (date_parse(text, days, NULL) && *days == floor(*days)) return 0;
    return error_set(err, ERR_USAGE, "%s %s: a date such as 2018-07-01 is expected", option, text);
}

static int by_length(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* The windows that fit, and the days on which forecasts are made. */
static int set_times(task_t *task, const score_options_t *options, fault_t *err) {
    char first[32], from[32], until[32];
    double start = task->model->start;
    date_format(start + task->first, first);
    date_format(start + task->from, from);
    date_format(start + task->until - 1, until);
    if (task->from <= task->first || task->from >= task->until)
        return error_set(
            err, ERR_DATA,
            "--from %s: the events range from %s to %s; there must be some before and after this date", from,
            first, until);
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
            return error_set(err, ERR_DATA,
                             "--window %d: the events range from %s to %s; it needs %d days of them before "
                             "--from %s (there are %d) and %d from it on (there are %d)",
                             window, first, until, start + window, from, task->from - task->first, window,
                             task->until - task->from);
        }
    }
    if (task->n_windows == 0)
        return error_set(err, ERR_DATA,
                         "--from %s: the events range from %s to %s; a window of 7 days needs %d days of "
                         "them before this date and 7 from it on",
                         from, first, until, BASELINE_START + 7);
    task->origins =
        arena_alloc(&task->model->arena, (size_t)(task->until - task->from) + 1, sizeof *task->origins);
    if (!task->origins) return ERR_NOMEM;
    for (int o = task->from; o + task->windows[0] <= task->until; o += options->every)
        task->origins[task->n_origins++] = o;
    return 0;
}

int task_init(task_t *task, model_t *model, const score_options_t *options, fault_t *err) {
    double from, until = INFINITY;
    const events_source_t source = options_source(&options->common);
    int ret;
    *task = (task_t){.model = model};
    TRY(read_date("--from", options->common.from, &from, err));
    if (options->common.until) TRY(read_date("--until", options->common.until, &until, err));
    if (!(until > from)) {
        ret = error_set(err, ERR_USAGE, "--until %s: it is not after --from %s", options->common.until,
                        options->common.from);
        goto out;
    }
    TRY(events_import(&task->events, model, &source, until - model->start, stderr, err));
    if (!options->common.quiet || task->events.n == 0) events_report(&task->events, stderr);
    if (task->events.n == 0) {
        ret = error_set(err, ERR_DATA, "%s: none of the %ld rows is an event of this scenario",
                        source.files[0], task->events.rows);
        goto out;
    }
    events_warn(&task->events, model, task->events.first, NULL, until - model->start,
                options->common.until ? "--until" : NULL);
    task->first = (int)floor(task->events.items[0].time);
    task->from = (int)(from - model->start);
    task->until = (int)fmin(until - model->start, task->events.last);
    TRY(set_times(task, options, err));
    int most = options->targets.n ? options->targets.n : model->n_kinds;
    task->targets = arena_alloc(&model->arena, (size_t)most + 1, sizeof *task->targets);
    if (!task->targets) {
        ret = ERR_NOMEM;
        goto out;
    }
    for (int t = 0; t < options->targets.n; t++)
        if (!is_repeated(&options->targets, t)) TRY(read_target(task, options->targets.items[t], err));
    if (options->targets.n == 0) TRY(default_targets(task, err));
    for (int t = 0; t < task->n_targets; t++) find_values(task, &task->targets[t]);
out:
    return ret;
}
