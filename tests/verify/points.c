#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double per_cell = 2;

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

double points_scale(const kind_t *kind, double largest) {
    double scale = largest;
    for (int x = 0; x < kind->n_excitations; x++)
        scale = fmax(scale, kind->excitations[x].branching * (M_LN2 / kind->excitations[x].half_life));
    if (!(scale > 1e-9 && scale < 1e9)) return 1 / 365.2425;
    return exp2(ceil(4 * log2(scale)) / 4);
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
    for (int strip = 0; strip < strips; strip++) {
        double floor_height = strip == 0 ? 0 : ldexp(scale, strip - 1);
        double thickness = strip == 0 ? scale : floor_height, width = per_cell / thickness;
        for (uint64_t cell = 0; (double)cell * width < horizon; cell++) {
            double time = (double)cell * width, end = time + width;
            for (uint32_t i = 0;; i++) {
                uint32_t w[4];
                const uint32_t counter[4] = {i << 8 | (uint32_t)strip, replicate, (uint32_t)cell,
                                             (uint32_t)(cell >> 32)};
                rng_philox(process_key, counter, w);
                time += -log(rng_to_unit((uint64_t)w[0] << 32 | w[1])) / thickness;
                if (time >= end) break;
                if (time >= horizon) continue;
                if (*n == capacity) spots = realloc(spots, (capacity *= 2) * sizeof *spots);
                spots[(*n)++] =
                    (spot_t){time, floor_height + thickness * rng_to_unit((uint64_t)w[2] << 32 | w[3])};
            }
        }
    }
    qsort(spots, *n, sizeof *spots, by_time);
    return spots;
}
