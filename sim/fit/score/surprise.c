#include "fit/score/surprise.h"

#include "base/mem.h"
#include "engine/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- cells: event types x places ----------------------------------------------------------------------- */

typedef struct { /* a count above 0 in one set */
    uint32_t cell, count;
} pair_t;

typedef struct {
    const model_t *model;
    const surprise_task_t *task;
    size_t n_places, n_cells;
    bool once;
    int64_t *last; /* [n_kinds][n_places + n_ties] the last day with one, by direction; days never repeat */
    int64_t set;   /* number of the set */
    uint32_t *counts;  /* [n_cells] of one set */
    uint32_t *touched; /* [n_touched] cells of it above 0 */
    size_t n_touched, n_room;
} counter_t;

static int counter_init(counter_t *self, const model_t *model, const surprise_task_t *task) {
    size_t n_kinds = (size_t)model->n_kinds, n_ties = (size_t)model->n_ties;
    *self = (counter_t){.model = model, .task = task};
    self->n_places = n_ties + (size_t)model->n_groups + (size_t)model->n_actors;
    self->n_cells = n_kinds * self->n_places;
    self->last = mem_alloc(n_kinds * (self->n_places + n_ties) + 1, sizeof *self->last);
    self->counts = mem_alloc(self->n_cells + 1, sizeof *self->counts);
    return self->last && self->counts ? 0 : ERR_NOMEM;
}

static void counter_free(counter_t *self) {
    mem_free(self->last);
    mem_free(self->counts);
    mem_free(self->touched);
}

static void begin_set(counter_t *self) {
    for (size_t t = 0; t < self->n_touched; t++) self->counts[self->touched[t]] = 0;
    self->n_touched = 0;
    self->set++;
}

/* The place of an event, and the same by direction, which there are n_ties more of; false if it has none. */
static bool find_place(const model_t *m, int kind, const int ends[2], int group, size_t *place, size_t *way) {
    size_t n_ties = (size_t)m->n_ties, n_groups = (size_t)m->n_groups;
    if (m->kinds[kind].scope == SCOPE_GROUP) {
        if (group < 0) return false;
        *place = n_ties + (size_t)group;
    } else if (ends[0] >= 0 && ends[1] >= 0) {
        int flow = model_flow(m, ends[0], ends[1]);
        if (flow < 0) return false;
        *place = (size_t)flow / 2;
        *way = m->kinds[kind].scope == SCOPE_DYAD ? *place : (flow & 1 ? *place : *place + n_ties + n_groups);
        if (*way != *place) *way += (size_t)m->n_actors;
        return true;
    } else {
        if (ends[0] < 0) return false;
        *place = n_ties + n_groups + (size_t)ends[0];
    }
    *way = *place;
    return true;
}

static bool is_covered(const counter_t *self, int kind, size_t place) {
    return as_of_covers(&self->task->seen, kind, place < (size_t)self->model->n_ties ? (int)place : -1);
}

/* *again: the same event has occurred on that day. */
static int add(counter_t *self, double time, int kind, const int ends[2], int group, bool *again) {
    size_t place, way, ways = self->n_places + (size_t)self->model->n_ties;
    const surprise_task_t *task = self->task;
    *again = false;
    if (time < 0) return 0;
    if (!find_place(self->model, kind, ends, group, &place, &way) || !is_covered(self, kind, place)) return 0;
    int64_t day = (int64_t)floor(time) + self->set * ((int64_t)task->until + 2) + 1;
    *again = self->last[(size_t)kind * ways + way] == day;
    self->last[(size_t)kind * ways + way] = day;
    if ((*again && self->once) || !(time >= task->from && time < task->until)) return 0;
    size_t cell = (size_t)kind * self->n_places + place;
    if (self->counts[cell]++ == 0) {
        if (ARRAY_RESERVE(self->touched, self->n_touched, self->n_room) < 0) return ERR_NOMEM;
        self->touched[self->n_touched++] = (uint32_t)cell;
    }
    return 0;
}

static int add_observed(counter_t *self, bool *any) {
    bool again;
    const surprise_task_t *task = self->task;
    begin_set(self);
    for (int e = 0; e < task->n_events; e++) {
        const calendar_entry_t *event = &task->events[e];
        int group = event->group >= 0 ? event->group : self->model->kinds[event->kind].summit.group;
        int ret =
            add(self, event->time, event->kind, (int[]){event->initiator, event->target}, group, &again);
        if (ret < 0) return ret;
        *any |= again;
    }
    return 0;
}

/* ---- simulated sets -------------------------------------------------------------------------------------
 */

static int add_log(counter_t *self, const log_t *log) {
    bool again;
    begin_set(self);
    for (int32_t r = 0; r < log->n; r++) {
        if (log->status[r] != STATUS_HELD || log->summit[r] >= 0 || log->time[r] < 0) continue;
        int ret = add(self, log->time[r], log->kind[r], (int[]){log->initiator[r], log->target[r]},
                      log->group[r], &again);
        if (ret < 0) return ret;
    }
    return 0;
}

/* Writes the sets' pairs, and at the end a pair that says how many sets there are. */
static int write_sets(counter_t *self, model_t *model, int worker, FILE *out) {
    const surprise_task_t *task = self->task;
    const observation_t observation = {.events = true};
    engine_t *engine = NULL;
    result_t result = {0};
    pair_t done = {UINT32_MAX, 0};
    int ret;
    TRY(engine_init(&engine, model, task->seed));
    TRY(result_init(&result, model, &observation));
    for (int r = worker; r < task->replicates; r += task->workers) {
        TRY(engine_run(engine, (uint32_t)r, 0, task->n_settings, task->settings, &observation, &result));
        if (result.stop != STOP_NONE) continue;
        TRY(add_log(self, &result.log));
        for (size_t t = 0; t < self->n_touched; t++) {
            pair_t pair = {self->touched[t], self->counts[self->touched[t]]};
            fwrite(&pair, sizeof pair, 1, out);
        }
        done.count++;
    }
    fwrite(&done, sizeof done, 1, out);
    if (fflush(out) || ferror(out)) ret = ERR_IO;
out:
    result_free(&result);
    engine_free(engine);
    return ret;
}

typedef struct {
    pair_t *items;
    size_t n, capacity;
    int n_done, n_ended; /* sets; workers that came to their end */
} pairs_t;

static int read_pairs(pairs_t *self, FILE *in) {
    pair_t pair;
    rewind(in);
    while (fread(&pair, sizeof pair, 1, in) == 1) {
        if (pair.cell == UINT32_MAX) {
            self->n_done += (int)pair.count;
            self->n_ended++;
            continue;
        }
        if (ARRAY_RESERVE(self->items, self->n, self->capacity) < 0) return ERR_NOMEM;
        self->items[self->n++] = pair;
    }
    return 0;
}

static int by_cell(const void *x, const void *y) {
    const pair_t *a = x, *b = y;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    return a->count < b->count ? -1 : a->count > b->count;
}

/* A process for each worker, which writes into a file without a name. */
static int simulate(counter_t *counter, model_t *model, pairs_t *pairs, fault_t *err) {
    int ret = 0, workers = counter->task->workers, running = 0;
    FILE **files = mem_alloc((size_t)workers, sizeof *files);
    TRY_MEM(files);
    for (int w = 0; w < workers && ret == 0; w++) {
        files[w] = tmpfile();
        pid_t child = files[w] ? fork() : -1;
        if (child == 0) _exit(write_sets(counter, model, w, files[w]) < 0);
        if (child < 0)
            ret = error_set(err, ERR_INTERNAL, "a worker cannot be started");
        else
            running++;
    }
    for (; running > 0; running--)
        if (wait(NULL) < 0) ret = error_set(err, ERR_INTERNAL, "waiting for a worker failed");
    for (int w = 0; w < workers && ret == 0; w++)
        if (read_pairs(pairs, files[w]) < 0) ret = error_memory(err);
    if (ret == 0 && pairs->n_ended < workers)
        ret = error_set(err, ERR_INTERNAL, "a worker that simulated what was expected died");
    int missing = counter->task->replicates - pairs->n_done;
    if (ret == 0 && (pairs->n_done == 0 || 1000 * (int64_t)missing > counter->task->replicates))
        ret = error_set(err, ERR_INTERNAL,
                        "%d of %d replicates did not run to the end: `entente check --stability` reports "
                        "whether the number of events can grow without bound",
                        missing, counter->task->replicates);
    if (pairs->n) qsort(pairs->items, pairs->n, sizeof *pairs->items, by_cell);
out:
    for (int w = 0; files && w < workers; w++)
        if (files[w]) fclose(files[w]);
    mem_free(files);
    return ret;
}

/* ---- one count ------------------------------------------------------------------------------------------
 */

typedef struct { /* the simulated counts of one cell: n of them, the last n_positive above 0, ascending */
    const pair_t *positive;
    int n, n_positive;
} law_t;

static int nth(const law_t *law, int place) {
    int zeros = law->n - law->n_positive;
    return !law->positive || place < zeros ? 0 : (int)law->positive[place - zeros].count;
}

/* Of a count that is `own` (1 or 0) of the n: how many of the others are less, and equal. */
static void split(const law_t *law, int count, int own, int *less, int *equal) {
    *less = 0;
    while (*less < law->n && nth(law, *less) < count) (*less)++;
    *equal = *less;
    while (*equal < law->n && nth(law, *equal) == count) (*equal)++;
    *equal -= *less + own;
}

/* With the count as one of all. */
static double mid_p_of(const law_t *law, int count, int own, double *tail) {
    int less, equal, n = law->n - own;
    split(law, count, own, &less, &equal);
    int more = n - less - equal;
    double half = (equal + 1) / 2.0;
    if (tail) *tail = (fmin(less, more) + equal + 1) / (n + 1);
    return fmin(1, 2 * (fmin(less, more) + half) / (n + 1));
}

/* How many of the simulated counts have a mid-p of the level or less. */
static int count_rare(const law_t *law) {
    int rare = 0;
    for (int at = 0, next; at < law->n; at = next) {
        int count = nth(law, at);
        for (next = at; next < law->n && nth(law, next) == count;) next++;
        if (mid_p_of(law, count, 1, NULL) <= SURPRISE_LEVEL) rare += next - at;
    }
    return rare;
}

static void assess(const law_t *law, int observed, surprise_t *out) {
    double sum = 0, squares = 0;
    for (int i = 0; i < law->n_positive; i++) sum += law->positive[i].count;
    out->mean = sum / law->n;
    for (int i = 0; i < law->n_positive; i++) {
        double off = law->positive[i].count - out->mean;
        squares += off * off;
    }
    squares += (law->n - law->n_positive) * out->mean * out->mean;
    out->sd = sqrt(squares / law->n);
    out->observed = observed;
    out->low = nth(law, (int)floor(0.05 * (law->n - 1)));
    out->high = nth(law, (int)ceil(0.95 * (law->n - 1)));
    out->mid_p = mid_p_of(law, observed, 0, &out->tail);
}

/* ---- all ------------------------------------------------------------------------------------------------
 */

static void name_place(const counter_t *self, uint32_t cell, surprise_t *out) {
    int place = (int)(cell % self->n_places), n_ties = self->model->n_ties, n_groups = self->model->n_groups;
    *out = (surprise_t){.kind = (int)(cell / self->n_places), .tie = -1, .group = -1, .actor = -1};
    if (place < n_ties)
        out->tie = place;
    else if (place < n_ties + n_groups)
        out->group = place - n_ties;
    else
        out->actor = place - n_ties - n_groups;
}

/* From the mean, in standard deviations that are at least those of a Poisson count. */
static double distance(const surprise_t *s) {
    return fabs(s->observed - s->mean) / sqrt(fmax(fmax(s->sd * s->sd, s->mean), 1e-9));
}

static int by_surprise(const void *x, const void *y) {
    const surprise_t *a = x, *b = y;
    if (a->mid_p != b->mid_p) return a->mid_p < b->mid_p ? -1 : 1;
    double gap = distance(a) - distance(b);
    if (gap != 0) return gap > 0 ? -1 : 1;
    int keys[][2] = {{a->kind, b->kind}, {a->tie, b->tie}, {a->group, b->group}, {a->actor, b->actor}};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (keys[k][0] != keys[k][1]) return keys[k][0] - keys[k][1];
    return 0;
}

static int assess_all(surprises_found_t *self, const counter_t *observed, const pairs_t *pairs) {
    size_t capacity = 0;
    int64_t rare = 0;
    for (size_t cell = 0, at = 0; cell < observed->n_cells; cell++) {
        size_t from = at;
        while (at < pairs->n && pairs->items[at].cell == cell) at++;
        if (from == at && observed->counts[cell] == 0) continue;
        law_t law = {pairs->items + from, pairs->n_done, (int)(at - from)};
        if (ARRAY_RESERVE(self->items, self->n, capacity) < 0) return ERR_NOMEM;
        surprise_t *item = &self->items[self->n++];
        name_place(observed, (uint32_t)cell, item);
        assess(&law, (int)observed->counts[cell], item);
        self->n_rare += item->mid_p <= SURPRISE_LEVEL;
        rare += count_rare(&law);
    }
    self->n_done = pairs->n_done;
    self->rare_mean = (double)rare / pairs->n_done;
    if (self->n) qsort(self->items, (size_t)self->n, sizeof *self->items, by_surprise);
    return 0;
}

int surprise_find(surprises_found_t *self, model_t *model, const surprise_task_t *task, fault_t *err) {
    counter_t observed = {0}, simulated = {0};
    pairs_t pairs = {0};
    bool any = false;
    int ret;
    *self = (surprises_found_t){0};
    model->horizon = task->until;
    model->n_quantities = 0;
    TRY(counter_init(&observed, model, task));
    TRY(counter_init(&simulated, model, task));
    TRY(add_observed(&observed, &any));
    observed.once = simulated.once = self->once = !any;
    if (self->once) TRY(add_observed(&observed, &any));
    TRY(simulate(&simulated, model, &pairs, err));
    TRY(assess_all(self, &observed, &pairs));
out:
    counter_free(&observed);
    counter_free(&simulated);
    mem_free(pairs.items);
    return ret == ERR_NOMEM ? error_memory(err) : ret;
}

void surprise_free(surprises_found_t *self) {
    mem_free(self->items);
    *self = (surprises_found_t){0};
}
