#include "fit/score/predictive.h"

#include "base/mem.h"
#include "engine/engine.h"
#include "fit/restart.h"
#include "stats/sample.h"

#include <math.h>
#include <string.h>

#define X(id, name, more, less) name,
const char *const predictive_names[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X
#define X(id, name, more, less) more,
const char *const predictive_more[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X
#define X(id, name, more, less) less,
const char *const predictive_less[PREDICTIVE_N] = {PREDICTIVE_LIST(X)};
#undef X

enum { SHORT_DAYS = 2, WEEK = 7 };

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
    int n_kept;
    int *kept;      /* [n_kinds] the place of a kind with observed events, -1 of the others */
    float *by_dyad; /* [sets, the observed one first][n_kept][n_ties] counts */
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
    mem_free(self->kept);
    mem_free(self->by_dyad);
}

/* Room for the dyads' counts of so many sets, of the kinds that the events have. */
static int counter_keep(counter_t *self, int n_events, const observed_t *events, int n_sets) {
    self->kept = mem_alloc((size_t)self->model->n_kinds, sizeof *self->kept);
    if (!self->kept) return ERR_NOMEM;
    for (int k = 0; k < self->model->n_kinds; k++) self->kept[k] = -1;
    for (int e = 0; e < n_events; e++)
        if (self->kept[events[e].kind] < 0) self->kept[events[e].kind] = self->n_kept++;
    size_t cells = (size_t)(n_sets + 1) * (size_t)self->n_kept * (size_t)self->n_ties;
    self->by_dyad = mem_alloc(cells + 1, sizeof *self->by_dyad);
    return self->by_dyad ? 0 : ERR_NOMEM;
}

static float *counts_by_dyad(const counter_t *self, size_t set, int kind) {
    size_t place = set * (size_t)self->n_kept + (size_t)self->kept[kind];
    return self->by_dyad + place * (size_t)self->n_ties;
}

static void begin_set(counter_t *self) {
    size_t cells = (size_t)self->model->n_kinds * 2 * (size_t)self->n_ties;
    self->n = 0;
    for (size_t c = 0; c < cells; c++) self->last[c] = -1;
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
        figure[PREDICTIVE_RANK] = NAN; /* needs all sets: compare_orders */
        for (size_t e = 0; e < n_ties && self->kept[k] >= 0; e++)
            counts_by_dyad(self, set, k)[e] = (float)self->counts[e];
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

/* The rank correlations of a kind: of the observed counts with the means of the sets, of a set's with the
 * means of the others. figures[set][n_kinds]. */
static int compare_orders(const counter_t *self, int kind, size_t n_sets, double (*figures)[PREDICTIVE_N]) {
    size_t n_ties = (size_t)self->n_ties, n_kinds = (size_t)self->model->n_kinds;
    double *total = mem_alloc(6 * n_ties + 1, sizeof *total), *others = total + n_ties,
           *own = others + n_ties;
    if (!total) return ERR_NOMEM;
    for (size_t e = 0; e < n_ties; e++) total[e] = 0;
    for (size_t s = 1; s <= n_sets; s++)
        for (size_t e = 0; e < n_ties; e++) total[e] += (double)counts_by_dyad(self, s, kind)[e];
    for (size_t s = 0; s <= n_sets; s++) {
        for (size_t e = 0; e < n_ties; e++) {
            own[e] = (double)counts_by_dyad(self, s, kind)[e];
            others[e] = total[e] - (s ? own[e] : 0);
        }
        figures[s * n_kinds + (size_t)kind][PREDICTIVE_RANK] =
            sample_rank_correlation(own, others, n_ties, own + n_ties);
    }
    mem_free(total);
    return 0;
}

/* The position of the observed figure among the simulated ones that are defined.
 * */
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

int predictive_check(model_t *model, const predictive_task_t *task, checked_t (*checked)[PREDICTIVE_N],
                     fault_t *err) {
    int n_sets = task->n_sets;
    double days = task->until - task->from, before = task->before;
    size_t n_kinds = (size_t)model->n_kinds, done = 0;
    const observation_t observation = {.events = true};
    counter_t counter;
    engine_t *engine = NULL;
    result_t result = {0};
    bool again;
    double begin = before > 0 ? before : task->from; /* in the time of the simulated events */
    double(*figures)[PREDICTIVE_N] = mem_alloc((size_t)(n_sets + 1) * n_kinds, sizeof *figures);
    double *column = mem_alloc((size_t)n_sets, sizeof *column);
    int ret = counter_init(&counter, model, days);
    if (ret < 0 || !figures || !column) {
        ret = ERR_NOMEM;
        goto out;
    }
    TRY(counter_keep(&counter, task->n_events, task->events, n_sets));
    TRY(count_observed(&counter, task, figures));
    if (before > 0)
        restart_earlier(model, before - task->from, task->until);
    else
        TRY(restart_at(model, task->n_events, task->events, task->from, days));
    TRY(engine_init(&engine, model, task->seed));
    TRY(result_init(&result, model, &observation));
    for (int s = 0; s < n_sets; s++) {
        TRY(engine_run(engine, (uint32_t)s, 0, task->n_settings, task->settings, &observation, &result));
        if (result.stop != STOP_NONE) continue;
        const log_t *log = &result.log;
        begin_set(&counter);
        for (int32_t r = 0; r < log->n; r++)
            if (log->cause[r] != CAUSE_HISTORY && log->status[r] == STATUS_HELD)
                TRY(add(&counter, log->time[r] - begin, log->kind[r], log->initiator[r], log->target[r],
                        &again));
        done++;
        TRY(count_figures(&counter, done, figures + done * n_kinds));
    }
    if (done == 0 || 1000 * ((size_t)n_sets - done) > (size_t)n_sets) {
        ret = error_set(err, ERR_DATA,
                        "%zu of %d simulated sets did not run to the end: `entente check --stability` "
                        "reports whether the number of events can grow without bound",
                        (size_t)n_sets - done, n_sets);
        goto out;
    }
    for (int k = 0; k < model->n_kinds; k++)
        if (counter.kept[k] >= 0) TRY(compare_orders(&counter, k, done, figures));
    for (size_t k = 0; k < n_kinds; k++)
        for (int f = 0; f < PREDICTIVE_N; f++) {
            for (size_t s = 0; s < done; s++) column[s] = figures[(s + 1) * n_kinds + k][f];
            checked[k][f] = compare(figures[k][f], column, (int)done);
        }
out:
    result_free(&result);
    engine_free(engine);
    counter_free(&counter);
    mem_free(figures);
    mem_free(column);
    return ret;
}
