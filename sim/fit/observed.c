#include "fit/observed.h"

#include <math.h>

void observed_move(world_t *world, const observed_t *event) {
    const model_t *m = world->model;
    const kind_t *kind = &m->kinds[event->kind];
    int flow = event->target < 0 ? -1 : model_flow(m, event->initiator, event->target);
    if (flow < 0) return;
    double level = 0;
    for (int l = 0; l < LEVEL_N; l++) level += kind->level_weight[l] * m->dynamics.level[l];
    double g =
        kind->goldstein / m->dynamics.gain_divisor * level * kind->pair_weight[ROLE_INITIATOR][ROLE_TARGET];
    if (event->time >= 0 && g != 0)
        world_bump(world, flow / 2, event->time, fmax(-1, fmin(1, g)), kind->lasting);
    for (int c = 0; c < world->n_counters; c++)
        if (world->counters[c]->ref == event->kind) {
            world_add_count(world, c, flow, event->time);
            if (kind->scope == SCOPE_DYAD) world_add_count(world, c, flow ^ 1, event->time);
        }
}
