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
    self->split = split;
    self->observation = (observation_t){.watch = &split->watch};
    return result_init(&self->result, model, &self->observation);
}

void tree_free(tree_t *self) {
    result_free(&self->result);
    *self = (tree_t){0};
}

static uint64_t child_key(const tree_t *self, int n_branches, int level, int child) {
    uint64_t parent = n_branches ? self->branches[n_branches - 1].key : rng_key_text(0, "branch");
    return rng_key_number(rng_key_number(parent, (uint64_t)level), (uint64_t)child);
}

static void add_counts(const tree_t *self, result_t *root) {
    const result_t *one = &self->result;
    root->n_events += one->n_events;
    for (int k = 0; k < self->split->columns.n_kinds; k++) root->kind_counts[k] += one->kind_counts[k];
    if (one->stop != STOP_NONE && root->stop == STOP_NONE) {
        root->stop = one->stop;
        root->stop_time = one->stop_time;
    }
}

/* A path of that weight behind so many levels, and all that splits from it. */
static int grow(tree_t *self, int n_branches, int level, double weight, result_t *root, fault_t *err) {
    int ret = 0, n_levels = self->split->watch.n_levels, splits = self->split->splits, reached = level;
    double entered[SPLIT_LEVELS_MOST], *columns = root->quantities;
    if (++self->n_simulations > SPLIT_SIMULATIONS_MOST)
        return error_set(
            err, ERR_DATA,
            "the tree of replicate %u has more than %d simulations: its levels are too close to one "
            "another; give fewer (--levels), or a smaller --splits",
            self->replicate, SPLIT_SIMULATIONS_MOST);
    engine_branch(self->engine, n_branches, self->branches);
    TRY(engine_run(self->engine, self->replicate, self->variant, self->n_settings, self->settings,
                   &self->observation, &self->result));
    add_counts(self, root);
    memcpy(entered, self->result.entered, (size_t)n_levels * sizeof *entered);
    bool arrives = self->result.stop == STOP_NONE && self->result.quantities[self->split->watch.event] > 0;
    double rest = weight;
    for (; reached < n_levels && entered[reached] < INFINITY; reached++, rest /= splits)
        columns[SPLIT_FIRST_LEVEL + reached] += rest;
    for (int k = reached; arrives && k < n_levels; k++) columns[SPLIT_FIRST_LEVEL + k] += rest;
    if (arrives) columns[SPLIT_EVENT] += rest;
    if (arrives && self->arrive) self->arrive(self->context, &(arrival_t){rest, n_branches, self->branches});
    for (int k = level; k < reached; k++) {
        weight /= splits;
        for (int child = 1; child < splits; child++) {
            self->branches[n_branches] = (branch_t){entered[k], child_key(self, n_branches, k, child)};
            TRY(grow(self, n_branches + 1, k + 1, weight, root, err));
        }
    }
out:
    return ret;
}

int tree_simulate(tree_t *self, uint32_t replicate, result_t *root, fault_t *err) {
    const model_t *columns = &self->split->columns;
    memset(root->quantities, 0, (size_t)columns->n_quantities * sizeof *root->quantities);
    memset(root->kind_counts, 0, (size_t)columns->n_kinds * sizeof *root->kind_counts);
    root->n_events = 0;
    root->stop = STOP_NONE;
    root->stop_time = columns->horizon;
    self->replicate = replicate;
    self->n_simulations = 0;
    int ret = grow(self, 0, 0, 1, root, err);
    engine_branch(self->engine, 0, NULL);
    memcpy(root->draws, self->result.draws, (size_t)columns->n_uncertain * sizeof *root->draws);
    root->quantities[split_column_of_cost(self->split)] = (double)self->n_simulations;
    if (ret && !err->code) error_set(err, ret, "%s", error_text(ret));
    return ret;
}
