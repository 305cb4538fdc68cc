#include "fit/score/predictive.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include "base/mem.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "fit/restart.h"
#include "stats/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define X(id, name, few, more, less) name,
const char *const predictive_names[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X
#define X(id, name, few, more, less) few,
const char *const predictive_shorts[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X
#define X(id, name, few, more, less) more,
const char *const predictive_more[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X
#define X(id, name, few, more, less) less,
const char *const predictive_less[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X

enum { SHORT_DAYS = 2, WEEK = 7, MOST_RUNS = 100 /* of a set */ };

typedef struct {
    int day, kind, flow;
} happened_t;

typedef struct {
    const model_t *model;
    int n_days, n_weeks, n_ties;
    bool once; /* a kind at most once for the same actors and day */
    int n;
    size_t capacity;
    happened_t *items;        /* of one set, by time */
    int *last;                /* [n_kinds][2 n_ties] the last day with one, -1 */
    int *tie_last;            /* [n_kinds][n_ties] */
    int *today, *kinds_today; /* [n_ties] a day, and how many kinds it had on the dyad */
    double *counts;           /* [n_ties] of one kind */
    double *weeks;            /* [n_weeks] */
    double *gaps;             /* [capacity] */
    size_t gaps_capacity;
    dyad_counts_t kept;
} counter_t;

static int counter_init(counter_t *self, const model_t *model, double days) {
    size_t n_ties = (size_t)model->n_ties, n_kinds = (size_t)model->n_kinds;
    *self = (counter_t){.model = model, .n_days = (int)ceil(days), .n_ties = model->n_ties};
    self->n_weeks = self->n_days / WEEK; /* whole ones */
    self->last = mem_alloc(n_kinds * 2 * n_ties + 1, sizeof *self->last);
    self->tie_last = mem_alloc(n_kinds * n_ties + 1, sizeof *self->tie_last);
    self->today = mem_alloc(2 * n_ties + 1, sizeof *self->today);
    self->counts = mem_alloc(n_ties + (size_t)self->n_weeks + 1, sizeof *self->counts);
    if (!self->last || !self->tie_last || !self->today || !self->counts) return ERR_NOMEM;
    self->kinds_today = self->today + n_ties;
    self->weeks = self->counts + n_ties;
    return 0;
}

static void counter_free(counter_t *self) {
    mem_free(self->items);
    mem_free(self->last);
    mem_free(self->tie_last);
    mem_free(self->today);
    mem_free(self->counts);
    mem_free(self->gaps);
    dyad_counts_free(&self->kept);
}

/* Room for the dyads' counts of so many sets, of the kinds that are observed. */
static int counter_keep(counter_t *self, const predictive_task_t *task) {
    dyad_counts_t *kept = &self->kept;
    *kept = (dyad_counts_t){.model = self->model};
    kept->kept = mem_alloc((size_t)self->model->n_kinds, sizeof *kept->kept);
    if (!kept->kept) return ERR_NOMEM;
    for (int k = 0; k < self->model->n_kinds; k++) kept->kept[k] = -1;
    for (int e = 0; e < task->n_events; e++)
        if (kept->kept[task->events[e].kind] < 0 && (!task->whole || task->events[e].time >= task->from))
            kept->kept[task->events[e].kind] = kept->n_kept++;
    for (int k = 0; k < self->model->n_kinds && task->reports; k++) /* others could have been reported */
        if (kept->kept[k] < 0 && task->reports[k].mean > 0) kept->kept[k] = kept->n_kept++;
    size_t cells = (size_t)(task->n_sets + 1) * (size_t)kept->n_kept * (size_t)self->n_ties;
    kept->by_dyad = mem_alloc(cells + 1, sizeof *kept->by_dyad);
    return kept->by_dyad ? 0 : ERR_NOMEM;
}

static void forget_days(counter_t *self) {
    size_t cells = (size_t)self->model->n_kinds * 2 * (size_t)self->n_ties;
    for (size_t c = 0; c < cells; c++) self->last[c] = -1;
}

static void begin_set(counter_t *self) {
    self->n = 0;
    forget_days(self);
}

/* Adds an event; returns whether the same event has occurred on that day. */
static int add(counter_t *self, double time, int kind, int i, int j, bool *again) {
    int flow = i < 0 || j < 0 ? -1 : model_flow(self->model, i, j);
    *again = false;
    if (flow < 0 || time < 0) return 0;
    if (self->model->kinds[kind].scope == SCOPE_DYAD) flow &= ~1;
    int day = (int)floor(time), *last = &self->last[(size_t)kind * 2 * (size_t)self->n_ties + (size_t)flow];
    if (day >= self->n_days) return 0;
    *again = *last == day;
    *last = day;
    if (*again && self->once) return 0;
    if (ARRAY_RESERVE(self->items, self->n, self->capacity) < 0) return ERR_NOMEM;
    self->items[self->n++] = (happened_t){day, kind, flow};
    return 0;
}

static double over_mean(const double *counts, int n) {
    double mean = n > 1 ? sample_mean(counts, (size_t)n) : 0;
    return mean > 0 ? sample_variance(counts, (size_t)n, mean) / mean : NAN;
}

/* Of each event: whether the dyad had another kind that day. figures[kind][TOGETHER] sums them up. */
static void count_together(counter_t *self, double (*figures)[PREDICTIVE_N]) {
    size_t n_ties = (size_t)self->n_ties, cells = (size_t)self->model->n_kinds * n_ties;
    for (size_t c = 0; c < cells; c++) self->tie_last[c] = -1;
    for (size_t e = 0; e < n_ties; e++) self->today[e] = -1;
    for (int from = 0, to; from < self->n; from = to) {
        for (to = from; to < self->n && self->items[to].day == self->items[from].day; to++) {
            int tie = self->items[to].flow / 2, day = self->items[to].day;
            int *last = &self->tie_last[(size_t)self->items[to].kind * n_ties + (size_t)tie];
            if (self->today[tie] != day) self->kinds_today[tie] = 0;
            self->today[tie] = day;
            self->kinds_today[tie] += *last != day;
            *last = day;
        }
        for (int e = from; e < to; e++)
            figures[self->items[e].kind][PREDICTIVE_TOGETHER] +=
                self->kinds_today[self->items[e].flow / 2] > 1;
    }
}

/* The figures of the set that was taken up, [n_kinds]; the observed one is number 0. */
static int count_figures(counter_t *self, size_t set, double (*figures)[PREDICTIVE_N]) {
    const model_t *model = self->model;
    size_t n_ties = (size_t)self->n_ties;
    memset(figures, 0, (size_t)model->n_kinds * sizeof *figures);
    count_together(self, figures);
    if (self->gaps_capacity < self->capacity) {
        double *gaps = mem_resize(self->gaps, self->capacity, sizeof *gaps);
        if (!gaps) return ERR_NOMEM;
        self->gaps = gaps;
        self->gaps_capacity = self->capacity;
    }
    for (int k = 0; k < model->n_kinds; k++) {
        int *last = self->tie_last, n_gaps = 0, n = 0;
        double *figure = figures[k], n_short = 0;
        for (size_t e = 0; e < n_ties; e++) last[e] = -1;
        memset(self->counts, 0, (n_ties + (size_t)self->n_weeks) * sizeof *self->counts);
        for (int e = 0; e < self->n; e++) {
            const happened_t *event = &self->items[e];
            int tie = event->flow / 2;
            if (event->kind != k) continue;
            n++;
            self->counts[tie]++;
            if (event->day < WEEK * self->n_weeks) self->weeks[event->day / WEEK]++;
            if (last[tie] >= 0) {
                self->gaps[n_gaps++] = event->day - last[tie];
                n_short += event->day - last[tie] <= SHORT_DAYS;
            }
            last[tie] = event->day;
        }
        figure[PREDICTIVE_EVENTS] = n;
        for (size_t e = 0; e < n_ties; e++) figure[PREDICTIVE_DYADS] += self->counts[e] > 0;
        figure[PREDICTIVE_SPREAD] = over_mean(self->counts, self->n_ties);
        for (int f = PREDICTIVE_RANK; f <= PREDICTIVE_FIRST; f++) figure[f] = NAN; /* need all sets */
        for (size_t e = 0; e < n_ties && self->kept.kept[k] >= 0; e++)
            dyad_counts_of(&self->kept, set, k)[e] = (float)self->counts[e];
        sample_sort(self->counts, n_ties);
        figure[PREDICTIVE_GINI] = sample_gini(self->counts, n_ties);
        figure[PREDICTIVE_WEEKS] = over_mean(self->weeks, self->n_weeks);
        figure[PREDICTIVE_SHORT] = n_gaps ? n_short / n_gaps : NAN;
        sample_sort(self->gaps, (size_t)n_gaps);
        figure[PREDICTIVE_MEDIAN] = n_gaps ? sample_quantile(self->gaps, (size_t)n_gaps, 0.5) : NAN;
        figure[PREDICTIVE_TOGETHER] = n && model->n_kinds > 1 ? figure[PREDICTIVE_TOGETHER] / n : NAN;
    }
    return 0;
}

/* ---- comparing --------------------------------------------------------------------------------------- */

/* The rank correlations of a kind: of the observed counts with the means of the sets, of a set's with the
 * means of the others. figures[set][n_kinds]. */
static int compare_orders(const counter_t *self, int kind, size_t n_sets, double (*figures)[PREDICTIVE_N]) {
    size_t n_ties = (size_t)self->n_ties, n_kinds = (size_t)self->model->n_kinds;
    double *total = mem_alloc(6 * n_ties + 1, sizeof *total), *others = total + n_ties,
           *own = others + n_ties;
    if (!total) return ERR_NOMEM;
    for (size_t e = 0; e < n_ties; e++) total[e] = 0;
    for (size_t s = 1; s <= n_sets; s++)
        for (size_t e = 0; e < n_ties; e++) total[e] += (double)dyad_counts_of(&self->kept, s, kind)[e];
    for (size_t s = 0; s <= n_sets; s++) {
        for (size_t e = 0; e < n_ties; e++) {
            own[e] = (double)dyad_counts_of(&self->kept, s, kind)[e];
            others[e] = total[e] - (s ? own[e] : 0);
        }
        figures[s * n_kinds + (size_t)kind][PREDICTIVE_RANK] =
            sample_rank_correlation(own, others, n_ties, own + n_ties);
    }
    mem_free(total);
    return 0;
}

/* The figures of a kind that need all sets. figures[set][n_kinds]. */
static int compare_all(const counter_t *self, int kind, double (*figures)[PREDICTIVE_N]) {
    size_t n_sets = self->kept.n_sets, n_kinds = (size_t)self->model->n_kinds;
    double *shares = mem_alloc(n_sets + 1, sizeof *shares);
    int ret = shares ? 0 : ERR_NOMEM;
    if (ret < 0) return ret;
    TRY(compare_orders(self, kind, n_sets, figures));
    for (int f = PREDICTIVE_DYAD_BANDS; f <= PREDICTIVE_FIRST; f++) {
        if (f == PREDICTIVE_FIRST)
            TRY(bands_first_partners(&self->kept, kind, shares));
        else
            TRY(bands_cover(&self->kept, kind, f == PREDICTIVE_DYAD_BANDS ? BANDS_DYADS : BANDS_ACTORS,
                            shares, NULL, NULL));
        for (size_t s = 0; s <= n_sets; s++) figures[s * n_kinds + (size_t)kind][f] = shares[s];
    }
out:
    mem_free(shares);
    return ret;
}

/* The position of the observed figure among the simulated ones that are defined. */
static checked_t compare(double observed, double *simulated, int n) {
    int defined = 0, above = 0, below = 0;
    for (int s = 0; s < n; s++)
        if (!isnan(simulated[s])) simulated[defined++] = simulated[s];
    checked_t checked = {observed, NAN, NAN, NAN, NAN};
    if (defined == 0) return checked;
    for (int s = 0; s < defined; s++) above += simulated[s] >= observed, below += simulated[s] <= observed;
    sample_sort(simulated, (size_t)defined);
    checked.mean = sample_mean(simulated, (size_t)defined);
    checked.low = sample_quantile(simulated, (size_t)defined, 0.05);
    checked.high = sample_quantile(simulated, (size_t)defined, 0.95);
    if (!isnan(observed)) checked.p = fmin(1, 2.0 * (1 + (above < below ? above : below)) / (defined + 1));
    return checked;
}

static int count_observed(counter_t *self, const predictive_task_t *task, double (*figures)[PREDICTIVE_N]) {
    int ret = 0;
    bool again, any = false;
    for (int turn = 0; turn < 2; turn++) { /* first whether anything is there twice a day */
        begin_set(self);
        for (int e = 0; e < task->n_events; e++) {
            const observed_t *event = &task->events[e];
            TRY(add(self, event->time - task->from, event->kind, event->initiator, event->target, &again));
            any |= again;
        }
        self->once = !any;
    }
    ret = count_figures(self, 0, figures);
out:
    return ret;
}

/* ---- the sets ---------------------------------------------------------------------------------------- */

typedef struct {
    engine_t *engine;
    result_t result;
    int n_settings;
    setting_t *settings; /* [task's + n_uncertain] the task's, and a set's draws */
    double *means;       /* [n_kinds] reports of an act in the set */
    rng_stream_t stream; /* of the set */
} simulation_t;

static int simulation_init(simulation_t *self, model_t *model, const predictive_task_t *task) {
    const observation_t observation = {.events = true};
    size_t most = (size_t)task->n_settings + (size_t)model->n_uncertain;
    int ret;
    *self = (simulation_t){.settings = mem_alloc(most + 1, sizeof *self->settings),
                           .means = mem_alloc((size_t)model->n_kinds, sizeof *self->means)};
    if (!self->settings || !self->means) return ERR_NOMEM;
    TRY(engine_init(&self->engine, model, task->seed));
    ret = result_init(&self->result, model, &observation);
out:
    return ret;
}

static void simulation_free(simulation_t *self) {
    result_free(&self->result);
    engine_free(self->engine);
    mem_free(self->settings);
    mem_free(self->means);
}

/* Begins a set: how many reports there are for an act. Returns how many runs it takes. */
static int draw_means(simulation_t *self, const counter_t *counter, const predictive_task_t *task, int set) {
    double most = 1;
    rng_stream_init(&self->stream, rng_key_number(rng_key_text(task->seed, "reports"), (uint64_t)set), 0);
    for (int k = 0; k < counter->model->n_kinds; k++) {
        reporting_t reports = task->reports ? task->reports[k] : (reporting_t){0};
        double spread = reports.sd > 0 ? reports.sd * quantile_normal(rng_stream_unit(&self->stream)) : 0;
        self->means[k] = reports.mean > 0 ? reports.mean * elementary_exp(spread) : 1;
        if (counter->kept.kept[k] >= 0) most = fmax(most, self->means[k]);
    }
    return (int)ceil(fmin(most, MOST_RUNS));
}

/* Adds the events of a set's run number `run`, of which `means` - run are reports, at most one for each. */
static int add_run(counter_t *self, simulation_t *simulation, double begin, int run) {
    int ret = 0;
    bool again;
    const log_t *log = &simulation->result.log;
    for (int32_t r = 0; r < log->n; r++) {
        double share = simulation->means[log->kind[r]] - run;
        if (log->cause[r] == CAUSE_HISTORY || log->status[r] != STATUS_HELD || share <= 0 ||
            (share < 1 && rng_stream_unit(&simulation->stream) >= share))
            continue;
        TRY(add(self, log->time[r] - begin, log->kind[r], log->initiator[r], log->target[r], &again));
    }
out:
    return ret;
}

static int by_day(const void *x, const void *y) {
    const happened_t *a = x, *b = y;
    return a->day != b->day ? a->day - b->day : a->kind != b->kind ? a->kind - b->kind : a->flow - b->flow;
}

/* Puts the events of several runs in the order of their days, and leaves out what is there again. */
static void join_runs(counter_t *self) {
    int n = 0;
    if (self->n > 0) qsort(self->items, (size_t)self->n, sizeof *self->items, by_day);
    for (int e = 0; e < self->n; e++)
        if (!self->once || n == 0 || by_day(&self->items[e], &self->items[n - 1]) != 0)
            self->items[n++] = self->items[e];
    self->n = n;
}

/* Simulates a set; false if a run of it exploded. Runs beyond the first have replicates of their own and the
 * parameters of the first. */
static int simulate_set(counter_t *counter, simulation_t *simulation, const predictive_task_t *task, int set,
                        bool *whole) {
    const model_t *model = counter->model;
    const observation_t observation = {.events = true};
    double begin = task->before > 0 ? task->before : task->from; /* in the time of the simulated events */
    int ret = 0, n_runs = draw_means(simulation, counter, task, set);
    simulation->n_settings = task->n_settings;
    for (int n = 0; n < task->n_settings; n++) simulation->settings[n] = task->settings[n];
    begin_set(counter);
    *whole = true;
    for (int run = 0; run < n_runs && *whole; run++) {
        uint32_t replicate = (uint32_t)(run ? task->n_sets + set * MOST_RUNS + run : set);
        TRY(engine_run(simulation->engine, replicate, 0, simulation->n_settings, simulation->settings,
                       &observation, &simulation->result));
        *whole = simulation->result.stop == STOP_NONE;
        if (run > 0) forget_days(counter);
        TRY(add_run(counter, simulation, begin, run));
        for (int u = 0; u < model->n_uncertain && run == 0; u++)
            simulation->settings[simulation->n_settings++] =
                (setting_t){.param = model->uncertain[u].param, .value = simulation->result.draws[u]};
    }
    if (n_runs > 1) join_runs(counter);
out:
    return ret;
}

/* Simulates all sets; *n_done ran to the end. */
static int simulate(counter_t *counter, model_t *model, const predictive_task_t *task,
                    double (*figures)[PREDICTIVE_N], size_t *n_done) {
    simulation_t simulation;
    bool whole;
    int ret = simulation_init(&simulation, model, task);
    for (int s = 0; s < task->n_sets && ret == 0; s++) {
        TRY(simulate_set(counter, &simulation, task, s, &whole));
        if (!whole) continue;
        ++*n_done;
        TRY(count_figures(counter, *n_done, figures + *n_done * (size_t)model->n_kinds));
    }
out:
    simulation_free(&simulation);
    return ret;
}

static int restart(model_t *model, const predictive_task_t *task) {
    if (task->whole) {
        model->horizon = task->until;
        model->n_quantities = 0;
        return 0;
    }
    if (!(task->before > 0))
        return restart_at(model, task->n_events, task->events, task->from, task->until - task->from);
    restart_earlier(model, task->before - task->from, task->until);
    return 0;
}

int predictive_check(model_t *model, const predictive_task_t *task, checked_t (*checked)[PREDICTIVE_N],
                     dyad_counts_t *counts, fault_t *err) {
    int n_sets = task->n_sets;
    size_t n_kinds = (size_t)model->n_kinds, done = 0;
    counter_t counter;
    double(*figures)[PREDICTIVE_N] = mem_alloc((size_t)(n_sets + 1) * n_kinds, sizeof *figures);
    double *column = mem_alloc((size_t)n_sets, sizeof *column);
    int ret = counter_init(&counter, model, task->until - task->from);
    if (ret < 0 || !figures || !column) {
        ret = ERR_NOMEM;
        goto out;
    }
    TRY(counter_keep(&counter, task));
    TRY(count_observed(&counter, task, figures));
    TRY(restart(model, task));
    TRY(simulate(&counter, model, task, figures, &done));
    if (done == 0 || 1000 * ((size_t)n_sets - done) > (size_t)n_sets) {
        ret = error_set(err, ERR_DATA,
                        "%zu of %d simulated sets did not run to the end: `entente check --stability` "
                        "reports whether the number of events can grow without bound",
                        (size_t)n_sets - done, n_sets);
        goto out;
    }
    counter.kept.n_sets = done;
    for (int k = 0; k < model->n_kinds; k++)
        if (counter.kept.kept[k] >= 0) TRY(compare_all(&counter, k, figures));
    for (size_t k = 0; k < n_kinds; k++)
        for (int f = 0; f < PREDICTIVE_N; f++) {
            for (size_t s = 0; s < done; s++) column[s] = figures[(s + 1) * n_kinds + k][f];
            checked[k][f] = compare(figures[k][f], column, (int)done);
        }
    if (counts) {
        *counts = counter.kept;
        counter.kept = (dyad_counts_t){0};
    }
out:
    counter_free(&counter);
    mem_free(figures);
    mem_free(column);
    return ret;
}
