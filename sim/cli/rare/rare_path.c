#include "cli/rare/rare_path.h"

#include "base/mem.h"
#include "base/rng.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    double left; /* weight to pass by before the one that is drawn */
    rare_path_t *path;
} draw_t;

static void arrive(void *context, const arrival_t *arrival) {
    draw_t *draw = context;
    if (draw->path->there) return;
    draw->left -= arrival->weight;
    if (draw->left >= 0) return;
    draw->path->there = true;
    draw->path->n_branches = arrival->n_branches;
    memcpy(draw->path->branches, arrival->branches, (size_t)arrival->n_branches * sizeof *arrival->branches);
}

static int simulate(const plan_request_t *request, draw_t *draw, fault_t *err) {
    engine_t *engine = NULL;
    result_t root = {0};
    observation_t nothing = {0};
    tree_t tree = {.variant = request->variants[0],
                   .n_settings = request->n_settings,
                   .settings = request->settings,
                   .arrive = arrive,
                   .context = draw};
    int ret = tree_init(&tree, request->split, request->model);
    if (!ret) ret = result_init(&root, &request->split->columns, &nothing);
    if (!ret) ret = engine_init(&engine, request->model, request->seed);
    tree.engine = engine;
    if (ret) error_memory(err);
    if (!ret) ret = tree_simulate(&tree, draw->path->replicate, &root, err);
    tree_free(&tree);
    result_free(&root);
    engine_free(engine);
    return ret;
}

int rare_path_draw(const plan_request_t *request, uint32_t n, const double *trees, rare_path_t *path,
                   fault_t *err) {
    double sum = 0;
    rng_stream_t stream;
    *path = (rare_path_t){0};
    for (uint32_t i = 0; i < n; i++) sum += trees[i] > 0 ? trees[i] : 0;
    if (sum == 0) return 0;
    rng_stream_init(&stream, rng_key_text(rng_key_number(0, request->seed), "path"), 0);
    draw_t draw = {.left = rng_stream_unit(&stream) * sum, .path = path};
    for (uint32_t i = 0; i < n; i++) {
        if (!(trees[i] > 0)) continue;
        path->replicate = i;
        if (draw.left < trees[i]) break;
        draw.left -= trees[i];
    }
    return simulate(request, &draw, err);
}

void rare_path_branch(const branch_t *branch, char out[RARE_BRANCH_BYTES]) {
    snprintf(out, RARE_BRANCH_BYTES, "%.17g:%" PRIu64, branch->time, branch->key);
}
