/* Paths of multilevel splitting, and how the paths of a level start from where those before entered it. */
#ifndef ENTENTE_RUN_SPLIT_PATHS_H
#define ENTENTE_RUN_SPLIT_PATHS_H

#include "base/error.h"
#include "engine/engine.h"

#define SPLIT_LEVELS_MOST 50

typedef struct {
    uint32_t replicate;
    int n_branches;
    branch_t branches[SPLIT_LEVELS_MOST];
} path_t;

/* What simulates them; borrowed. */
typedef struct {
    engine_t *engine;
    int variant, n_settings;
    const setting_t *settings;
} path_engine_t;

int path_simulate(const path_engine_t *self, const path_t *path, const observation_t *observation,
                  result_t *result); /* as engine_run */

/* Where the path entered a level: it may be branched there. */
void path_enter(path_t *self, double time);

/* n paths, each branched from one of the n_starts <= n starts at the time of its last branch, the `stage`-th.
 * Each start has as many as the others or one more; which ones have more is drawn under `key`. */
void paths_branch(int n_starts, const path_t *starts, int n, path_t *paths, int stage, uint64_t key);

#endif
