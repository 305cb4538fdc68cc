#include "run/split/paths.h"

#include "base/rng.h"

int path_simulate(const path_engine_t *self, const path_t *path, const observation_t *observation,
                  result_t *result) {
    engine_branch(self->engine, path->n_branches, path->branches);
    int ret = engine_run(self->engine, path->replicate, self->variant, self->n_settings, self->settings,
                         observation, result);
    engine_branch(self->engine, 0, NULL);
    return ret;
}

void path_enter(path_t *self, double time) {
    self->branches[self->n_branches++] = (branch_t){.time = time};
}

void paths_branch(int n_starts, const path_t *starts, int n, path_t *paths, int stage, uint64_t key) {
    rng_stream_t stream;
    uint64_t of_stage = rng_key_number(key, (uint64_t)stage);
    rng_stream_init(&stream, of_stage, 0);
    int first = (int)(rng_stream_unit(&stream) * n_starts);
    for (int i = 0; i < n; i++) {
        path_t *path = &paths[i];
        *path = starts[(first + i) % n_starts];
        path->branches[path->n_branches - 1].key = rng_key_number(of_stage, (uint64_t)i + 1);
    }
}
