#include "engine/process/measure.h"

#include "base/math/elementary.h"
#include "base/rng.h"

uint32_t measure_least(const measure_t *self, double horizon) {
    double most = horizon * self->scale; /* gaps */
    return most <= 8 ? (uint32_t)(elementary_exp(-most) * (1 - 1e-9) * 0x1p32) : 0;
}

bool measure_next(const measure_t *self, int strip, double after, double until, double below, point_t *point,
                  uint32_t *number) {
    double floor_height = strip == 0 ? 0 : measure_top(self, strip - 1);
    double thickness = measure_top(self, strip) - floor_height, gap = 1 / thickness;
    double width = strip == 0 ? 8 * gap : gap;
    int64_t cell = after > 0 ? (int64_t)(after * (strip == 0 ? 0.125 * thickness : thickness)) : 0;
    while (cell > 0 && (double)cell * width > after) cell--; /* the product may have been rounded */
    while ((double)(cell + 1) * width <= after) cell++;
    uint32_t n = *number;
    double time = n > 0 ? after : (double)cell * width;
    while (time < until) {
        const uint32_t counter[4] = {(uint32_t)strip | n << 8, self->replicate, (uint32_t)cell,
                                     (uint32_t)((uint64_t)cell >> 32)};
        uint32_t words[4];
        rng_philox(self->key, counter, words);
        time -= gap * elementary_log(rng_to_unit((uint64_t)words[1] << 32 | words[0]));
        n++;
        if (time >= (double)(cell + 1) * width) {
            time = (double)++cell * width;
            n = 0;
        } else if (time > after && time < until) {
            double height = floor_height + thickness * rng_to_unit((uint64_t)words[3] << 32 | words[2]);
            if (height >= below) continue;
            *point = (point_t){time, height};
            *number = n;
            return true;
        }
    }
    return false;
}
