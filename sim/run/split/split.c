#include "run/split/split.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/rng.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- columns ------------------------------------------------------------------------------------------- */

static bool name_column(split_t *self, quantity_t *column, const char *name, const char *label) {
    *column = (quantity_t){.name = arena_text(&self->arena, name),
                           .label = arena_text(&self->arena, label),
                           .unit = arena_text(&self->arena, "1"),
                           .what = QUANTITY_COUNT};
    return column->name && column->label && column->unit;
}

int split_make_columns(split_t *self, const model_t *model) {
    int n = self->watch.n_levels;
    const quantity_t *event = &model->quantities[self->watch.event];
    arena_init(&self->arena);
    self->watch.levels = self->levels;
    self->columns = *model;
    self->columns.n_quantities = n + 2;
    self->columns.quantities = mem_alloc((size_t)n + 2, sizeof *self->columns.quantities);
    if (!self->columns.quantities) return ERR_NOMEM;
    bool good = name_column(self, &self->columns.quantities[SPLIT_EVENT], event->name, event->label);
    for (int k = 0; k < n; k++) {
        char name[32], label[160], left[64] = "";
        if (self->watch.pace > 0)
            snprintf(left, sizeof left, " and %.3g for each year left", self->watch.pace * DAYS_PER_YEAR);
        snprintf(name, sizeof name, "level.%d", k + 1);
        snprintf(label, sizeof label, "%s%s reaches %.6g, or the event",
                 model->quantities[self->watch.guide].name, left,
                 self->watch.falls ? -self->levels[k] : self->levels[k]);
        good &= name_column(self, &self->columns.quantities[SPLIT_FIRST_LEVEL + k], name, label);
    }
    good &=
        name_column(self, &self->columns.quantities[n + 1], "tree.simulations", "simulations of the tree");
    return good ? 0 : ERR_NOMEM;
}

void split_free(split_t *self) {
    mem_free(self->columns.quantities);
    arena_free(&self->arena);
    *self = (split_t){0};
}

/* ---- trees --------------------------------------------------------------------------------------------- */

int tree_init(tree_t *self, const split_t *split, const model_t *model) {
    size_t n = (size_t)split->most_paths;
    self->split = split;
    self->observation = (observation_t){.watch = &split->watch};
    self->paths = mem_alloc(n, sizeof *self->paths);
    self->starts = mem_alloc(n, sizeof *self->starts);
    if (!self->paths || !self->starts) return ERR_NOMEM;
    return result_init(&self->result, model, &self->observation);
}

void tree_free(tree_t *self) {
    result_free(&self->result);
    mem_free(self->paths);
    mem_free(self->starts);
    *self = (tree_t){0};
}

static void begin(const split_t *split, result_t *root) {
    const model_t *columns = &split->columns;
    memset(root->quantities, 0, (size_t)columns->n_quantities * sizeof *root->quantities);
    memset(root->kind_counts, 0, (size_t)columns->n_kinds * sizeof *root->kind_counts);
    root->n_events = 0;
    root->stop = STOP_NONE;
    root->stop_time = columns->horizon;
}

static void add_counts(const tree_t *self, result_t *root) {
    const result_t *one = &self->result;
    const model_t *columns = &self->split->columns;
    root->quantities[split_column_of_cost(self->split)]++;
    root->n_events += one->n_events;
    for (int k = 0; k < columns->n_kinds; k++) root->kind_counts[k] += one->kind_counts[k];
    memcpy(root->draws, one->draws, (size_t)columns->n_uncertain * sizeof *root->draws);
    if (one->stop != STOP_NONE && root->stop == STOP_NONE) {
        root->stop = one->stop;
        root->stop_time = one->stop_time;
    }
}

/* One path behind so many levels: it enters the next one, comes to the event, or neither. */
static int follow(tree_t *self, const path_t *path, int level, double weight, result_t *root) {
    const watch_t *watch = &self->split->watch;
    const result_t *one = &self->result;
    int ret = path_simulate(&self->engine, path, &self->observation, &self->result);
    if (ret) return ret;
    add_counts(self, root);
    bool enters = level < watch->n_levels && one->entered[level] < INFINITY;
    if (enters) {
        path_t *start = &self->starts[self->n_starts++];
        *start = *path;
        path_enter(start, one->entered[level]);
        root->quantities[SPLIT_FIRST_LEVEL + level] += weight;
    } else if (one->stop == STOP_NONE && one->quantities[watch->event] > 0) {
        root->quantities[SPLIT_EVENT] += weight;
        for (int k = level; k < watch->n_levels; k++) root->quantities[SPLIT_FIRST_LEVEL + k] += weight;
        if (self->arrive) self->arrive(self->context, path, weight);
    }
    return 0;
}

int tree_simulate(tree_t *self, uint32_t replicate, result_t *root) {
    const split_t *split = self->split;
    int ret = 0, n = 1;
    double weight = 1;
    uint64_t key = rng_key_number(rng_key_text(0, "tree"), replicate);
    begin(split, root);
    self->paths[0] = (path_t){.replicate = replicate};
    for (int level = 0; n > 0; level++) {
        self->n_starts = 0;
        for (int i = 0; i < n; i++) TRY(follow(self, &self->paths[i], level, weight, root));
        if (self->n_starts == 0) break;
        n = self->n_starts * split->splits;
        if (n > split->most_paths) n = split->most_paths;
        weight *= (double)self->n_starts / n;
        paths_branch(self->n_starts, self->starts, n, self->paths, level, key);
    }
out:
    return ret;
}
