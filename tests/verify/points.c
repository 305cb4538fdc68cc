#include "points.h"

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

double points_scale(const kind_t *kind, double largest) {
    double scale = largest * (kind->n_excitations ? 1.1 : 1);
    for (int x = 0; largest == 0 && x < kind->n_excitations; x++)
        scale = fmax(scale, kind->excitations[x].branching * (M_LN2 / kind->excitations[x].half_life));
    if (!(scale > 1e-9 && scale < 1e9)) scale = 1 / 365.2425;
    return exp2(ceil(4 * log2(scale) - 1e-3) / 4);
}

static int by_time(const void *x, const void *y) {
    const spot_t *a = x, *b = y;
    return (a->time > b->time) - (a->time < b->time);
}

/* How many points of a Poisson number of mean 1 a word of 32 bits stands for: by its distribution function.
 */
static int number_of(uint32_t word) {
    double share = exp(-1), sum = share, u = (word + 0.5) / 4294967296.0;
    int n = 0;
    while (u > sum && n < 12) sum += share /= ++n;
    return n;
}

spot_t *points_all(uint64_t process_key, uint32_t replicate, double scale, int strips, double horizon,
                   size_t *n) {
    size_t capacity = 64;
    spot_t *spots = malloc(capacity * sizeof *spots);
    *n = 0;
    double floor_height = 0, top = scale;
    for (int strip = 0; strip < strips; strip++) {
        double thickness = top - floor_height, width = 1 / thickness;
        for (uint64_t cell = 0; (double)cell * width < horizon; cell++) {
            uint32_t w[4], number = 1;
            for (uint32_t i = 0; i < number; i++) {
                const uint32_t counter[4] = {i << 8 | (uint32_t)strip, replicate, (uint32_t)cell,
                                             (uint32_t)(cell >> 32)};
                rng_philox(process_key, counter, w);
                if (i == 0) number = (uint32_t)number_of(w[0]);
                if (number == 0) break;
                double time = (double)cell * width + width * rng_to_unit((uint64_t)w[1] << 32 | w[2]);
                if (time >= horizon) continue;
                if (*n == capacity) spots = realloc(spots, (capacity *= 2) * sizeof *spots);
                spots[(*n)++] = (spot_t){time, floor_height + thickness * ((w[3] + 0.5) / 4294967296.0)};
            }
        }
        floor_height = top;
        top = floor_height * pow(2, strip + 1);
    }
    qsort(spots, *n, sizeof *spots, by_time);
    return spots;
}
