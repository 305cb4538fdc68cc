#include "run/plan/plan.h"

#include "base/mem.h"
#include "model/renamed.h"
#include "run/plan/block.h"
#include "run/plan/identity.h"
#include "stats/tally.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- plan ------------------------------------------------------------------------------------------ */

/* What to look at. Trajectories that are not stored are still summarised, unless there are too many. */
static int make_observation(plan_t *self, const plan_request_t *request, int64_t *left_out) {
    output_t *output = &request->model->output;
    if (request->split) return 0; /* trees have neither trajectories nor logs */
    const bool stored = output->trajectories;
    output->trajectories = true;
    int ret = observation_init(&self->observation, request->model);
    output->trajectories = stored;
    if (ret < 0) return ret;
    int n_points = request->points ? request->points->n_points : 0;
    layout_t layout = {
        .observation = &self->observation, .n_variants = request->n_variants, .n_points = n_points};
    if (layout_tally_cells(&layout, TALLY_STRENGTH)) return 0;
    *left_out = (int64_t)request->n_variants * self->observation.n_times * self->observation.n_ties *
                (n_points ? n_points : 1);
    if (!stored) self->observation.n_times = 0;
    return 0;
}

/* Blocks are numbered by an int. */
static int check_blocks(const plan_t *self, fault_t *err) {
    int64_t n_points = self->layout.n_points ? self->layout.n_points : 1, b = self->block_replicates;
    assert(b > 0);
    int64_t n = n_points * ((self->request.n_replicates + b - 1) / b);
    if (n <= INT32_MAX) return 0;
    return error_set(
        err, ERR_USAGE,
        "%lld parts of %lld replicates are more than the limit of %d: ask for fewer replicates or "
        "points, or for larger parts (--block)",
        (long long)n, (long long)b, INT32_MAX);
}

int plan_init(plan_t *self, const plan_request_t *request, fault_t *err) {
    const model_t *model = request->split ? &request->split->columns : request->model;
    int64_t left_out = 0;
    *self = (plan_t){.request = *request};
    if (make_observation(self, request, &left_out) < 0) return error_memory(err);
    self->block_replicates = request->block_replicates;
    if (!self->block_replicates && block_replicates(request, &self->observation, &self->block_replicates) < 0)
        return error_memory(err);
    self->layout = (layout_t){
        .model = model,
        .observation = &self->observation,
        .seed = request->seed,
        .n_variants = request->n_variants,
        .variants = request->variants,
        .trajectories = model->output.trajectories && self->observation.n_times && self->observation.n_ties,
        .left_out = left_out,
        .events = model->output.events && !request->split,
        .chunk_replicates = self->block_replicates,
        .strength = rounding_absolute(model->output.precision),
        .trade = rounding_relative(model->output.trade_precision),
    };
    const points_t *points = request->points;
    if (points) {
        self->layout.n_points = points->n_points;
        self->layout.n_swept = points->n_axes;
        self->layout.swept = points->params;
        self->layout.swept_values = points->values;
    }
    int ret = check_blocks(self, err);
    if (ret) return ret;
    plan_set_replicates(self, request->n_replicates);
    return identity_make(self, err);
}

/* Blocks of at most k points one after another. */
static int rows_of(int n_points, int k) {
    return (n_points + k - 1) / k;
}

void plan_set_replicates(plan_t *self, uint32_t n_replicates) {
    uint32_t b = self->block_replicates;
    self->request.n_replicates = n_replicates;
    self->blocks_per_point = (int)((n_replicates + b - 1) / b);
    self->points_per_block = self->layout.n_points && n_replicates < b ? (int)(b / n_replicates) : 1;
    int n_points = self->layout.n_points, k = self->points_per_block,
        rows = rows_of(self->earlier_points, k) + rows_of(n_points - self->earlier_points, k);
    self->n_blocks = self->blocks_per_point * (n_points ? rows : 1);
}

void plan_set_earlier_points(plan_t *self, int n_points) {
    self->earlier_points = n_points < self->layout.n_points ? n_points : self->layout.n_points;
    plan_set_replicates(self, self->request.n_replicates);
}

void plan_free(plan_t *self) {
    observation_free(&self->observation);
    free(self->text);
    *self = (plan_t){0};
}

block_t plan_block(const plan_t *self, int index) {
    block_t block = {.point = -1, .n_points = 1};
    if (self->layout.n_points) {
        int k = self->points_per_block, row = index / self->blocks_per_point,
            before = rows_of(self->earlier_points, k), end = self->earlier_points;
        block.point = row * k;
        if (row >= before) {
            block.point = self->earlier_points + (row - before) * k;
            end = self->layout.n_points;
        }
        block.n_points = end - block.point < k ? end - block.point : k;
    }
    block.first = (uint32_t)(index % self->blocks_per_point) * self->block_replicates;
    uint32_t left = self->request.n_replicates - block.first;
    block.n = left < self->block_replicates ? left : self->block_replicates;
    return block;
}

int64_t block_replicates_in_all(const block_t *self) {
    return (int64_t)self->n * self->n_points;
}

int plan_nth(const plan_t *self, int n) {
    int n_rows = self->n_blocks / self->blocks_per_point;
    return n % n_rows * self->blocks_per_point + n / n_rows;
}

uint64_t plan_seed(const plan_t *self, int point) {
    const plan_request_t *r = &self->request;
    const layout_t *l = &self->layout;
    if (!r->independent || point < 0) return r->seed;
    uint64_t key = rng_key_text(rng_key_number(0, r->seed), "point");
    for (int s = 0; s < l->n_swept; s++) {
        uint64_t bits;
        memcpy(&bits, &l->swept_values[(size_t)point * (size_t)l->n_swept + (size_t)s], sizeof bits);
        key = rng_key_number(renamed_draw(key, r->model->params[l->swept[s]].path), bits);
    }
    return key;
}

void plan_block_identity(const plan_t *self, const block_t *block, char out[HASH_SIZE]) {
    const layout_t *l = &self->layout;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    *out = '\0';
    if (!memory) return;
    fprintf(memory, "%s %u %u", self->identity, block->first, block->n);
    for (int s = 0; s < l->n_swept * block->n_points && block->point >= 0; s++)
        fprintf(memory, " %a", l->swept_values[(size_t)block->point * (size_t)l->n_swept + (size_t)s]);
    if (!fclose(memory)) hash_bytes(text, size, out);
    free(text);
}

int plan_n_settings(const plan_t *self) {
    return self->request.n_settings + self->layout.n_swept;
}

void plan_settings(const plan_t *self, int point, setting_t *out) {
    const plan_request_t *r = &self->request;
    const layout_t *l = &self->layout;
    for (int s = 0; s < r->n_settings; s++) *out++ = r->settings[s];
    for (int s = 0; s < l->n_swept && point >= 0; s++)
        *out++ = (setting_t){.param = l->swept[s],
                             .value = l->swept_values[(size_t)point * (size_t)l->n_swept + (size_t)s]};
}
