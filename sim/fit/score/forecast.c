#include "fit/score/forecast.h"

#include "base/date.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "fit/restart.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- room, shared with the processes that fill it -------------------------------------------------------
 */

static int n_in_time(const forecasts_task_t *task, int window) {
    int n = 0;
    while (n < task->n_origins && task->origins[n] + window <= task->until) n++;
    return n;
}

static int make_room(forecasts_t *self, const forecasts_task_t *task) {
    self->n = task->n_targets * task->n_windows;
    self->items = mem_alloc((size_t)self->n, sizeof *self->items);
    if (!self->items) return ERR_NOMEM;
    self->bytes = (size_t)task->n_origins * sizeof *self->done;
    for (int pass = 0; pass < 2; pass++) {
        size_t at = (size_t)task->n_origins * sizeof *self->done;
        for (int f = 0; f < self->n; f++) {
            forecast_t *item = &self->items[f];
            item->target = f / task->n_windows, item->window = task->windows[f % task->n_windows];
            item->n_origins = n_in_time(task, item->window);
            size_t cells = (size_t)item->n_origins * (size_t)self->n_ties;
            if (pass) item->counts = (uint32_t *)((char *)self->memory + at);
            at += cells * (size_t)(item->window + 1) * sizeof *item->counts;
            if (!task->targets[item->target].has_values) continue;
            if (pass) item->values = (float *)((char *)self->memory + at);
            at += cells * (size_t)task->replicates * sizeof *item->values;
        }
        self->bytes = at;
        if (pass) continue;
        self->memory = mmap(NULL, at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (self->memory == MAP_FAILED) {
            self->memory = NULL;
            return ERR_NOMEM;
        }
    }
    self->done = self->memory;
    return 0;
}

/* ---- one origin ------------------------------------------------------------------------------------------
 */

typedef struct {
    forecasts_t *forecasts;
    const forecasts_task_t *task;
    const model_t *model;
    int origin;   /* its number */
    int *days;    /* [items][n_ties] days with an event so far */
    int *last;    /* [n_targets][n_ties] the last such day */
    double *sums; /* [items][n_ties] */
} tally_t;

static void tally_event(tally_t *self, int tie, int kind, int day, double value) {
    const forecasts_task_t *task = self->task;
    int n_ties = self->forecasts->n_ties;
    for (int t = 0; t < task->n_targets; t++) {
        if (!task->targets[t].kinds[kind]) continue;
        bool is_new = self->last[t * n_ties + tie] != day;
        self->last[t * n_ties + tie] = day;
        for (int w = 0; w < task->n_windows; w++) {
            int item = t * task->n_windows + w;
            if (day >= task->windows[w]) continue;
            self->days[item * n_ties + tie] += is_new;
            if (value > 0) self->sums[item * n_ties + tie] += value;
        }
    }
}

static void tally_replicate(tally_t *self, const log_t *log) {
    forecasts_t *forecasts = self->forecasts;
    size_t n_ties = (size_t)forecasts->n_ties, cells = (size_t)forecasts->n * n_ties;
    memset(self->days, 0, cells * sizeof *self->days);
    memset(self->sums, 0, cells * sizeof *self->sums);
    for (size_t c = 0; c < (size_t)self->task->n_targets * n_ties; c++) self->last[c] = -1;
    for (int32_t r = 0; r < log->n; r++) {
        if (log->cause[r] == CAUSE_HISTORY || log->status[r] != STATUS_HELD || log->initiator[r] < 0 ||
            log->target[r] < 0)
            continue;
        int tie = model_tie(self->model, log->initiator[r], log->target[r]);
        int day = (int)floor(log->time[r]) - self->task->origins[self->origin];
        if (tie >= 0) tally_event(self, tie, log->kind[r], day, log->value_usd[r]);
    }
    size_t done = forecasts->done[self->origin]++;
    for (int f = 0; f < forecasts->n; f++) {
        forecast_t *item = &forecasts->items[f];
        if (self->origin >= item->n_origins) continue;
        for (size_t e = 0; e < n_ties; e++) {
            size_t cell = (size_t)self->origin * n_ties + e, at = (size_t)f * n_ties + e;
            item->counts[cell * (size_t)(item->window + 1) + (size_t)self->days[at]]++;
            if (item->values)
                item->values[cell * (size_t)self->task->replicates + done] = (float)self->sums[at];
        }
    }
}

static int simulate(forecasts_t *forecasts, model_t *model, int n_events, const observed_t *events,
                    const forecasts_task_t *task, int origin) {
    int ret, horizon = 0;
    size_t n_ties = (size_t)forecasts->n_ties;
    engine_t *engine = NULL;
    observation_t observation = {.events = true};
    result_t result = {0};
    tally_t tally = {.forecasts = forecasts,
                     .task = task,
                     .model = model,
                     .origin = origin,
                     .days = mem_alloc((size_t)forecasts->n * n_ties, sizeof(int)),
                     .last = mem_alloc((size_t)task->n_targets * n_ties, sizeof(int)),
                     .sums = mem_alloc((size_t)forecasts->n * n_ties, sizeof(double))};
    for (int w = 0; w < task->n_windows; w++)
        if (task->origins[origin] + task->windows[w] <= task->until) horizon = task->windows[w];
    ret = ERR_NOMEM;
    if (!tally.days || !tally.last || !tally.sums) goto out;
    TRY(restart_at(model, n_events, events, task->origins[origin], horizon));
    TRY(engine_init(&engine, model, task->seed));
    TRY(result_init(&result, model, &observation));
    /* each origin has its own replicates: common draws would correlate the errors of all forecasts */
    uint32_t first = (uint32_t)origin * (uint32_t)task->replicates;
    for (int r = 0; r < task->replicates; r++) {
        TRY(engine_run(engine, first + (uint32_t)r, 0, task->n_settings, task->settings, &observation,
                       &result));
        if (result.stop == STOP_NONE) tally_replicate(&tally, &result.log);
    }
out:
    result_free(&result);
    engine_free(engine);
    mem_free(tally.days);
    mem_free(tally.last);
    mem_free(tally.sums);
    return ret;
}

/* ---- all origins ------------------------------------------------------------------------------------------
 */

static int wait_for_one(fault_t *err) {
    int status;
    if (wait(&status) < 0) return error_set(err, ERR_INTERNAL, "waiting for a worker failed");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1) return error_memory(err);
    return error_set(err, ERR_INTERNAL, "a worker that simulated a forecast died");
}

int forecasts_make(forecasts_t *self, model_t *model, int n_events, const observed_t *events,
                   const forecasts_task_t *task, fault_t *err) {
    int ret, running = 0;
    *self = (forecasts_t){.n_ties = model->n_ties, .replicates = task->replicates};
    if ((ret = make_room(self, task)) < 0) return error_memory(err);
    for (int o = 0; o < task->n_origins && ret == 0; o++) {
        if (running == task->workers) {
            ret = wait_for_one(err);
            running--;
            if (ret < 0) break;
        }
        pid_t child = fork();
        if (child < 0) {
            ret = error_set(err, ERR_INTERNAL, "a worker cannot be started");
        } else if (child == 0) {
            _exit(simulate(self, model, n_events, events, task, o) < 0);
        } else {
            running++;
        }
    }
    for (; running > 0; running--) {
        int one = wait_for_one(err);
        if (ret == 0) ret = one;
    }
    for (int o = 0; o < task->n_origins && ret == 0; o++) {
        int done = (int)self->done[o];
        if (done >= 1 && 1000 * (task->replicates - done) <= task->replicates) continue;
        char date[32];
        date_format(model->start + task->origins[o], date);
        ret = error_set(err, ERR_INTERNAL,
                        "%d of %d replicates from %s on did not run to the end: `entente check --stability` "
                        "reports whether the number of events can grow without bound",
                        task->replicates - done, task->replicates, date);
    }
    return ret;
}

void forecasts_free(forecasts_t *self) {
    if (self->memory) munmap(self->memory, self->bytes);
    mem_free(self->items);
    *self = (forecasts_t){0};
}
