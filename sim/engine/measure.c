#include "engine/measure.h"

#include "base/rng.h"

static double gap_of(const uint32_t words[4]) {
    return -log(rng_to_unit((uint64_t)words[0] << 32 | words[1]));
}

static double height_of(const uint32_t words[4]) {
    return rng_to_unit((uint64_t)words[2] << 32 | words[3]);
}

static bool strip_next(const measure_t *self, int strip, double after, double until, point_t *point) {
    double floor_height = strip == 0 ? 0 : ldexp(self->scale, strip - 1);
    double thickness = strip == 0 ? self->scale : floor_height;
    double width = MEASURE_CELL_POINTS / thickness;
    uint64_t cell = after > 0 ? (uint64_t)(after / width) : 0;
    while (cell > 0 && (double)cell * width > after) cell--;
    for (;; cell++) {
        double time = (double)cell * width, end = time + width;
        if (time >= until) return false;
        for (uint32_t i = 0;; i++) {
            uint32_t words[4];
            rng_philox(self->key,
                       (uint32_t[4]){i << 8 | (uint32_t)strip, self->replicate, (uint32_t)cell,
                                     (uint32_t)(cell >> 32)},
                       words);
            time += gap_of(words) / thickness;
            if (time >= end) break;
            if (time <= after) continue;
            if (time >= until) return false;
            *point = (point_t){time, floor_height + thickness * height_of(words)};
            return true;
        }
    }
}

bool measure_next(const measure_t *self, int first, int last, double after, double until, point_t *point) {
    bool found = false;
    for (int strip = first; strip <= last; strip++)
        if (strip_next(self, strip, after, until, point)) {
            until = point->time;
            found = true;
        }
    return found;
}
