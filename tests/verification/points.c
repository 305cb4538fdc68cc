#include "points.h"

#include "base/math/elementary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t points_actor_key(const model_t *model, int actor) {
    return rng_key_text(0, model->actors[actor].name);
}

uint64_t points_kind_key(const model_t *model, int kind) {
    return rng_key_text(1, model->kinds[kind].name);
}

uint64_t points_process_key(const model_t *model, uint64_t seed, int kind, int i, int j, int group) {
    uint64_t key = rng_key_number(rng_key_number(0, seed), points_kind_key(model, kind));
    if (group >= 0) return rng_key_text(key, model->groups[group].name);
    uint64_t a = points_actor_key(model, i), b = j < 0 ? 0 : points_actor_key(model, j);
    bool swap = model->kinds[kind].scope == SCOPE_DYAD && a > b;
    return rng_key_number(rng_key_number(key, swap ? b : a), swap ? a : b);
}

uint64_t points_event_key(uint64_t process_key, uint32_t replicate, double time) {
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    return rng_key_number(rng_key_number(process_key, replicate), bits);
}

double points_scale(double largest) {
    double scale = largest > 1e-9 && largest < 1e9 ? largest : 1 / 365.2425;
    return exp2(ceil(4 * log2(scale) - 1e-3) / 4) * (1 + 1 / 1024.0);
}

static int by_time(const void *x, const void *y) {
    const spot_t *a = x, *b = y;
    return (a->time > b->time) - (a->time < b->time);
}

spot_t *points_all(uint64_t process_key, uint32_t replicate, double scale, int strips, double horizon,
                   size_t *n) {
    size_t capacity = 64;
    spot_t *spots = malloc(capacity * sizeof *spots);
    *n = 0;
    double floor_height = 0, top = scale;
    for (int strip = 0; strip < strips; strip++) {
        double thickness = top - floor_height, gap = 1 / thickness, width = strip == 0 ? 8 * gap : gap;
        for (uint64_t cell = 0; (double)cell * width < horizon; cell++) {
            double time = (double)cell * width;
            for (uint32_t i = 0;; i++) {
                const uint32_t counter[4] = {i << 8 | (uint32_t)strip, replicate, (uint32_t)cell,
                                             (uint32_t)(cell >> 32)};
                uint32_t w[4];
                rng_philox(process_key, counter, w);
                time -= gap * elementary_log(rng_to_unit((uint64_t)w[1] << 32 | w[0]));
                if (time >= (double)(cell + 1) * width || time >= horizon) break;
                if (*n == capacity) spots = realloc(spots, (capacity *= 2) * sizeof *spots);
                spots[(*n)++] =
                    (spot_t){time, floor_height + thickness * rng_to_unit((uint64_t)w[3] << 32 | w[2])};
            }
        }
        floor_height = top;
        top *= 2;
    }
    qsort(spots, *n, sizeof *spots, by_time);
    return spots;
}

child_t *points_children(uint64_t touch, uint64_t kind_key, relation_t relation, int number, bool turned,
                         double decay, double most, int *n) {
    child_t *children = NULL;
    uint32_t name = 1u << 31 | (uint32_t)turned << 30 | (uint32_t)(number * RELATION_N + (int)relation);
    double height = 0;
    for (*n = 0;; ++*n) {
        const uint32_t counter[4] = {(uint32_t)*n, name, (uint32_t)kind_key, (uint32_t)(kind_key >> 32)};
        uint32_t w[4];
        rng_philox(touch, counter, w);
        height -= elementary_log(rng_to_unit((uint64_t)w[1] << 32 | w[0]));
        if (height >= most) return children;
        children = realloc(children, (size_t)(*n + 1) * sizeof *children);
        children[*n] =
            (child_t){-elementary_log(rng_to_unit((uint64_t)w[3] << 32 | w[2])) / decay, height,
                      rng_key_number(rng_key_number(touch, kind_key), (uint64_t)name << 32 | (uint32_t)*n)};
    }
}
