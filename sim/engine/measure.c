#include "engine/measure.h"

#include "base/rng.h"

/* P(N <= n) of a Poisson number of mean 1, in units of 2^-32. */
static const uint32_t at_most[] = {0x5e2d58d9, 0xbc5ab1b1, 0xeb715e1e, 0xfb239797, 0xff1025f6, 0xffd90f3c,
                                   0xfffa8b72, 0xffff540c, 0xffffed1f, 0xfffffe21, 0xffffffd5, 0xfffffffc};

static inline int number_of(uint32_t word) {
    int n = 0;
    while (n < (int)(sizeof at_most / sizeof *at_most) && word >= at_most[n]) n++;
    return n;
}

static inline bool is_below(const ceiling_t *ceiling, const point_t *point) {
    if (point->height < ceiling->base) return true;
    if (point->height >= ceiling->base + ceiling->excess) return false;
    return point->height <
           ceiling->base + ceiling->excess * exp_above(-ceiling->decay * (point->time - ceiling->from));
}

bool measure_next(const measure_t *self, int strip, double after, double until, const ceiling_t *ceiling,
                  point_t *point) {
    double floor_height = strip == 0 ? 0 : measure_top(self, strip - 1);
    double thickness = measure_top(self, strip) - floor_height, width = 1 / thickness;
    uint64_t cell = after > 0 ? (uint64_t)(after * thickness) : 0;
    while (cell > 0 && (double)cell * width > after) cell--; /* the product may have been rounded */
    for (bool found = false; !found; cell++) {
        double start = (double)cell * width;
        if (start >= until) return false;
        uint32_t counter[4] = {(uint32_t)strip, self->replicate, (uint32_t)cell, (uint32_t)(cell >> 32)},
                 words[4];
        rng_philox(self->key, counter, words);
        for (int left = number_of(words[0]); left > 0; left--) { /* points of a cell come in no order */
            point_t p = {start + width * rng_to_unit((uint64_t)words[1] << 32 | words[2]),
                         floor_height + thickness * (((double)words[3] + 0.5) * 0x1p-32)};
            if (p.time > after && p.time < until && (!ceiling || is_below(ceiling, &p))) {
                *point = p;
                until = p.time;
                found = true;
            }
            counter[0] += 256;
            if (left > 1) rng_philox(self->key, counter, words);
        }
        if (found) return true;
    }
    return false;
}
