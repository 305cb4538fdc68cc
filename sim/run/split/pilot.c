#include "run/split/pilot.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stats/levels.h"
#include "stats/sample.h"
#include <math.h>
#include <string.h>

#define TARGET_MOST 0.5 /* of the share that reaches a level */

typedef struct {
    const pilot_t *pilot;
    split_t *split;
    engine_t *engine;
    watch_t watch; /* of one level, or none */
    double level;
    observation_t observation;
    result_t result;
    path_t *paths, *starts;   /* [n_paths] of this stage; from where it goes on */
    double *highest, *sorted; /* [n_paths] */
} stage_t;

static int simulate(stage_t *self, const path_t *path) {
    path_engine_t engine = self->pilot->engine;
    engine.engine = self->engine;
    return path_simulate(&engine, path, &self->observation, &self->result);
}

/* How high each path comes, INFINITY for the event; the share that comes to the event. */
static int climb(stage_t *self, double *arrived) {
    int ret = 0, n = self->pilot->n_paths, n_arrived = 0;
    self->watch.n_levels = 0;
    for (int i = 0; i < n; i++) {
        TRY(simulate(self, &self->paths[i]));
        bool arrives = self->result.stop == STOP_NONE && self->result.quantities[self->watch.event] > 0;
        self->highest[i] = arrives ? INFINITY : self->result.highest;
        n_arrived += arrives;
    }
    memcpy(self->sorted, self->highest, (size_t)n * sizeof *self->sorted);
    sample_sort(self->sorted, (size_t)n);
    *arrived = n_arrived / (double)n;
out:
    return ret;
}

/* The paths of the next stage, from where those of this one enter the level. How many enter it, or a code. */
static int start_from(stage_t *self, double level, int stage) {
    int ret = 0, n = self->pilot->n_paths, n_entered = 0;
    self->level = level;
    self->watch.n_levels = 1;
    for (int i = 0; i < n; i++) {
        if (self->highest[i] < level) continue;
        TRY(simulate(self, &self->paths[i]));
        if (self->result.entered[0] == INFINITY) continue; /* it comes to the event at once */
        self->starts[n_entered] = self->paths[i];
        path_enter(&self->starts[n_entered++], self->result.entered[0]);
    }
    if (n_entered) paths_branch(n_entered, self->starts, n, self->paths, stage, rng_key_text(0, "pilot"));
    return n_entered;
out:
    return ret;
}

/* Where the event is that a count or a sum comes to a threshold, what is left of the time counts as well: for
 * a count at the logarithmic mean of its mean pace and the pace that the event needs, along which a Poisson
 * process comes to it with the same probability; for a sum at its mean pace. */
static int find_pace(stage_t *self) {
    int ret = 0;
    watch_t *watch = &self->split->watch;
    const quantity_t *quantity = &self->pilot->model->quantities[watch->event];
    bool counts = quantity->what == QUANTITY_COUNT;
    double days = fmin(quantity->until, self->pilot->model->horizon) - fmax(quantity->from, 0), sum = 0;
    watch->pace = 0;
    if (watch->guide != watch->event || !(counts || quantity->what == QUANTITY_SUM)) return 0;
    TRY(climb(self, &(double){0}));
    for (int i = 0; i < self->pilot->n_paths; i++) sum += fmin(self->highest[i], quantity->threshold);
    double mean = sum / self->pilot->n_paths,
           needed = counts ? floor(quantity->threshold) + 1 : quantity->threshold;
    if (mean > 0 && mean < needed)
        watch->pace = (counts ? (needed - mean) / elementary_log(needed / mean) : mean) / days;
    self->watch.pace = watch->pace;
out:
    return ret;
}

static int refuse(const stage_t *self, double reached, fault_t *err) {
    const watch_t *watch = &self->split->watch;
    const char *name = self->pilot->model->quantities[watch->guide].name;
    if (watch->n_levels == SPLIT_LEVELS_MOST)
        return error_set(
            err, ERR_DATA,
            "the pilot has found %d levels of %s, the last one %.6g, and the event is still rare "
            "beyond it: choose a nearer threshold, or another --guide",
            watch->n_levels, name, watch->falls ? -reached : reached);
    return error_set(
        err, ERR_DATA,
        "no path of the pilot has come to the event, and none beyond %.6g of %s: give more paths "
        "(--pilot), or another --guide",
        watch->falls ? -reached : reached, name);
}

static int find(stage_t *self, fault_t *err) {
    int ret = 0;
    watch_t *watch = &self->split->watch;
    double log_splits = elementary_log(self->split->splits), log_reached = 0, above = -INFINITY;
    TRY(find_pace(self));
    for (watch->n_levels = 0;;) {
        double arrived, share = 1;
        int stage = watch->n_levels;
        TRY(climb(self, &arrived));
        double target = elementary_exp(-(stage + 1) * log_splits - log_reached);
        target = fmin(fmax(target, 1.0 / (self->split->splits * self->split->splits)), TARGET_MOST);
        if (arrived >= target) return 0;
        double level = level_next(self->sorted, (size_t)self->pilot->n_paths, above, target, &share);
        if (isnan(level) && arrived > 0) return 0;
        if (isnan(level) || stage == SPLIT_LEVELS_MOST)
            return refuse(self, self->sorted[self->pilot->n_paths - 1], err);
        int n_entered = start_from(self, level, stage);
        TRY(n_entered);
        if (n_entered == 0) return 0;
        log_reached += elementary_log(share);
        self->split->levels[watch->n_levels++] = above = level;
    }
out:
    return ret;
}

static int stage_init(stage_t *self, const pilot_t *pilot, split_t *split) {
    size_t n = (size_t)pilot->n_paths;
    int ret = 0;
    *self = (stage_t){.pilot = pilot, .split = split, .watch = split->watch};
    self->watch.levels = &self->level;
    self->watch.n_levels = 1;
    self->observation = (observation_t){.watch = &self->watch};
    self->paths = mem_alloc(n, sizeof *self->paths);
    self->starts = mem_alloc(n, sizeof *self->starts);
    self->highest = mem_alloc(n, sizeof *self->highest);
    self->sorted = mem_alloc(n, sizeof *self->sorted);
    if (!self->paths || !self->starts || !self->highest || !self->sorted) return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) self->paths[i].replicate = (uint32_t)i;
    TRY(result_init(&self->result, pilot->model, &self->observation));
    ret = engine_init(&self->engine, pilot->model, rng_key_text(rng_key_number(0, pilot->seed), "pilot"));
out:
    return ret;
}

static void stage_free(stage_t *self) {
    mem_free(self->paths);
    mem_free(self->starts);
    mem_free(self->highest);
    mem_free(self->sorted);
    result_free(&self->result);
    engine_free(self->engine);
}

int pilot_find_levels(const pilot_t *self, split_t *split, fault_t *err) {
    stage_t stage;
    int ret = stage_init(&stage, self, split);
    if (!ret) ret = find(&stage, err);
    stage_free(&stage);
    if (ret && !err->code) error_set(err, ret, "%s", error_text(ret));
    return ret;
}
