/* Records trajectories, metrics and counts. Recording only reads the state and changes no event. The state of
 * a moment includes the events of that moment. */
#include "engine/internal.h"

#include "base/mem.h"
#include "model/metrics.h"
#include <stdlib.h>
#include <string.h>

/* ---- the observation -------------------------------------------------------------------------------- */

static int stored_ties(observation_t *self, const model_t *model) {
    const output_t *output = &model->output;
    bool *wanted = mem_alloc((size_t)model->n_ties + 1, sizeof *wanted);
    self->ties = mem_alloc((size_t)model->n_ties + 1, sizeof *self->ties);
    if (!wanted || !self->ties) {
        mem_free(wanted);
        return ERR_NOMEM;
    }
    for (int n = 0; n < output->n_ties; n++) wanted[output->ties[n]] = true;
    for (int q = 0; output->n_ties == 0 && q < model->n_quantities; q++)
        quantity_ties(&model->quantities[q], model->n_ties, wanted);
    for (int e = 0; e < model->n_ties; e++)
        if (output->all_ties || wanted[e]) self->ties[self->n_ties++] = e;
    mem_free(wanted);
    return 0;
}

/* Moments from 0 on, `every` days apart, and the horizon; `times` is to be freed. */
static int make_grid(double every, double horizon, int *n, double **times) {
    int steps = (int)floor(horizon / every * (1 + 1e-12));
    bool exact = steps * every >= horizon * (1 - 1e-12);
    *n = steps + 1 + !exact;
    *times = mem_alloc((size_t)*n, sizeof **times);
    if (!*times) return ERR_NOMEM;
    for (int i = 0; i <= steps; i++) (*times)[i] = i * every;
    (*times)[*n - 1] = horizon;
    return 0;
}

int observation_init(observation_t *self, const model_t *model) {
    int ret = 0;
    const output_t *output = &model->output;
    *self = (observation_t){.events = output->events, .n_metric_columns = metrics_columns(model)};
    TRY(stored_ties(self, model));
    if (output->trajectories && output->every > 0 && self->n_ties > 0)
        TRY(make_grid(output->every, model->horizon, &self->n_times, &self->times));
    if (self->n_metric_columns > 0 && output->metrics_every > 0)
        TRY(make_grid(output->metrics_every, model->horizon, &self->n_metric_times, &self->metric_times));
out:
    if (ret < 0) observation_free(self);
    return ret;
}

void observation_free(observation_t *self) {
    mem_free(self->times);
    mem_free(self->metric_times);
    mem_free(self->ties);
    *self = (observation_t){0};
}

/* ---- the result ------------------------------------------------------------------------------------- */

#define X(id, words) words,
const char *const stop_names[STOP_N] = {STOP_LIST(X)};
#undef X

int result_init(result_t *self, const model_t *model, const observation_t *observation) {
    *self = (result_t){0};
    log_init(&self->log);
    size_t levels = observation->watch ? (size_t)observation->watch->n_levels : 0;
    size_t cells = (size_t)observation->n_times * (size_t)observation->n_ties + 1;
    self->kind_counts = mem_alloc((size_t)model->n_kinds + 1, sizeof *self->kind_counts);
    self->quantities = mem_alloc((size_t)model->n_quantities + 1, sizeof *self->quantities);
    self->trip_ends = mem_alloc((size_t)model->n_quantities + 1, sizeof *self->trip_ends);
    self->draws = mem_alloc((size_t)model->n_uncertain + 1, sizeof *self->draws);
    self->entered = mem_alloc(levels + 1, sizeof *self->entered);
    self->strength = mem_alloc(cells, sizeof *self->strength);
    self->alignment = mem_alloc(cells, sizeof *self->alignment);
    self->trade = mem_alloc(2 * cells, sizeof *self->trade);
    self->metrics = mem_alloc((size_t)observation->n_metric_times * (size_t)observation->n_metric_columns + 1,
                              sizeof *self->metrics);
    if (self->kind_counts && self->quantities && self->trip_ends && self->draws && self->entered &&
        self->strength && self->alignment && self->trade && self->metrics)
        return 0;
    result_free(self);
    return ERR_NOMEM;
}

void result_free(result_t *self) {
    mem_free(self->kind_counts);
    mem_free(self->quantities);
    mem_free(self->trip_ends);
    mem_free(self->draws);
    mem_free(self->entered);
    mem_free(self->strength);
    mem_free(self->alignment);
    mem_free(self->trade);
    mem_free(self->metrics);
    log_free(&self->log);
    mem_free(self->row_courses);
    mem_free(self->changes.items);
    *self = (result_t){0};
}

/* ---- during a replicate ----------------------------------------------------------------------------- */

static void start_result(const model_t *model, result_t *result) {
    result->n_events = 0;
    log_clear(&result->log);
    result->root = NULL;
    result->changes.n = 0;
    for (int k = 0; k < model->n_kinds; k++) result->kind_counts[k] = 0;
}

void observe_start(engine_t *self) {
    for (int c = 0; c < self->n_courses; c++) {
        start_result(self->model, self->courses[c].result);
        if (self->n_courses > 1) self->courses[c].result->root = self->courses[0].result;
        self->courses[c].result->course = c;
    }
    self->next_time = self->next_metric = 0;
    quantities_start(self);
}

bool observe_is_roots(const engine_t *self, int course, int tie) {
    if (course == 0) return false;
    const own_t *own = self->courses[course].own;
    int market = block_of_market(self);
    return !own[block_of_tie(self, tie)].is_own && (market < 0 || !own[market].is_own);
}

bool observe_as(engine_t *self, int course, int n_ties, const int *ties) {
    if (course == 0) return true;
    bool few = 2 * n_ties < self->model->n_actors; /* their actors in place of all */
    int first = few ? self->model->n_actors : 0, n = self->n_read_blocks;
    for (int k = 0; k < n_ties; k++) {
        if (observe_is_roots(self, course, ties[k])) continue;
        self->read_blocks[n++] = block_of_tie(self, ties[k]);
        if (!few) continue;
        self->read_blocks[n++] = block_of_actor(self, self->model->ties[ties[k]].a);
        self->read_blocks[n++] = block_of_actor(self, self->model->ties[ties[k]].b);
    }
    if (n_ties >= 0 && n == self->n_read_blocks) return false;
    course_enter(self, course, n - first, n_ties < 0 ? NULL : self->read_blocks + first);
    return true;
}

void observe_no_more(engine_t *self, int course) {
    if (course > 0) course_leave(self, course);
}

static void record_grid(engine_t *self, double t, int course) {
    const observation_t *o = self->observation;
    const result_t *result = self->courses[course].result, *root = self->courses[0].result;
    size_t first = (size_t)self->next_time * (size_t)o->n_ties, n_ties = (size_t)o->n_ties;
    if (course > 0) {
        memcpy(result->strength + first, root->strength + first, n_ties * sizeof *root->strength);
        memcpy(result->alignment + first, root->alignment + first, n_ties * sizeof *root->alignment);
        memcpy(result->trade + 2 * first, root->trade + 2 * first, 2 * n_ties * sizeof *root->trade);
    }
    if (!observe_as(self, course, o->n_ties, o->ties)) return;
    for (int n = 0; n < o->n_ties; n++) {
        size_t cell = first + (size_t)n;
        look_t look;
        if (observe_is_roots(self, course, o->ties[n])) continue;
        world_look(&self->world, o->ties[n], t, &look);
        result->strength[cell] = (float)look.strength;
        result->alignment[cell] = (float)look.alignment;
        result->trade[2 * cell] = (float)look.trade[0];
        result->trade[2 * cell + 1] = (float)look.trade[1];
    }
    observe_no_more(self, course);
}

static void record_metrics(engine_t *self, double t, int course) {
    size_t columns = (size_t)self->observation->n_metric_columns, first = (size_t)self->next_metric * columns;
    double *metrics = self->courses[course].result->metrics + first;
    if (course > 0 && self->courses[course].n_own == 0) {
        memcpy(metrics, self->courses[0].result->metrics + first, columns * sizeof *metrics);
        return;
    }
    observe_as(self, course, -1, NULL);
    int error = metrics_compute(&self->world, t, metrics);
    observe_no_more(self, course);
    if (error < 0) self->failed = error;
}

void observe_until(engine_t *self, double until) {
    const observation_t *o = self->observation;
    int n = self->n_courses;
    for (; self->next_time < o->n_times && o->times[self->next_time] < until; self->next_time++)
        for (int c = 0; c < n; c++) record_grid(self, o->times[self->next_time], c);
    for (; self->next_metric < o->n_metric_times && o->metric_times[self->next_metric] < until;
         self->next_metric++)
        for (int c = 0; c < n; c++) record_metrics(self, o->metric_times[self->next_metric], c);
    quantities_until(self, until);
}

void observe_end(engine_t *self) {
    for (int c = 0; c < self->n_courses; c++) {
        result_t *result = self->courses[c].result;
        result->stop = self->stop;
        result->stop_time = self->stop == STOP_NONE ? self->model->horizon : self->now;
        quantities_end(self->model, result);
    }
}

void observe_count(engine_t *self, int kind) {
    course_set_t left = self->acting;
    do {
        result_t *result = self->courses[course_first(left)].result;
        result->kind_counts[kind]++;
        self->over |= ++result->n_events > self->most_events;
    } while (left &= left - 1);
}

void observe_change(engine_t *self, state_change_type_t type, int which, int site, double time) {
    changes_t *changes = &self->courses[0].result->changes;
    if (!self->observation->changes) return;
    if (ARRAY_RESERVE(changes->items, changes->n, changes->capacity) < 0)
        self->failed = ERR_NOMEM;
    else
        changes->items[changes->n++] = (state_change_t){time, type, which, site, self->log->n};
}
