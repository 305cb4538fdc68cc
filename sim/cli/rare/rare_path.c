#include "cli/rare/rare_path.h"

#include "base/mem.h"
#include "base/rng.h"
#include <inttypes.h>
#include <stdio.h>

typedef struct {
    double left; /* weight to pass by before the one that is drawn */
    bool there;
    path_t *path;
} draw_t;

static void arrive(void *context, const path_t *path, double weight) {
    draw_t *draw = context;
    if (draw->there) return;
    draw->left -= weight;
    draw->there = draw->left < 0;
    *draw->path = *path;
}

static int simulate(const plan_request_t *request, draw_t *draw, fault_t *err) {
    engine_t *engine = NULL;
    result_t root = {0};
    observation_t nothing = {0};
    tree_t tree = {.arrive = arrive, .context = draw};
    int ret = tree_init(&tree, request->split, request->model);
    if (!ret) ret = result_init(&root, &request->split->columns, &nothing);
    if (!ret) ret = engine_init(&engine, request->model, request->seed);
    tree.engine = (path_engine_t){engine, request->variants[0], request->n_settings, request->settings};
    if (!ret) ret = tree_simulate(&tree, draw->path->replicate, &root);
    if (ret) error_set(err, ret, "%s", error_text(ret));
    tree_free(&tree);
    result_free(&root);
    engine_free(engine);
    return ret;
}

int rare_path_draw(const plan_request_t *request, uint32_t n, const double *trees, path_t *path, bool *there,
                   fault_t *err) {
    double sum = 0;
    rng_stream_t stream;
    *path = (path_t){0};
    *there = false;
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
    *there = true;
    return simulate(request, &draw, err);
}

void rare_path_branch(const branch_t *branch, char out[RARE_BRANCH_BYTES]) {
    snprintf(out, RARE_BRANCH_BYTES, "%.17g:%" PRIu64, branch->time, branch->key);
}
