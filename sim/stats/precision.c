#include "stats/precision.h"

#include <math.h>

#define MARGIN 1.1
#define GROWTH_LEAST 1.2
#define GROWTH_MOST 4.0

typedef struct {
    double half, allowed;
    bool equal; /* all values are, so that there is nothing to estimate */
} width_t;

static width_t width_of(const precision_t *wanted, const estimate_t *e) {
    bool change = wanted->variant != PRECISION_MEANS;
    double low = change ? e->difference_low : e->low, high = change ? e->difference_high : e->high;
    double size = fabs(change ? e->difference : e->mean), sd = change ? e->difference_sd : e->sd;
    return (width_t){(high - low) / 2, wanted->half_width * (wanted->relative ? size : 1), sd == 0};
}

static bool is_asked(const precision_t *wanted, int variant) {
    return wanted->variant == PRECISION_MEANS || wanted->variant == variant;
}

precision_look_t precision_look(const precision_t *wanted, int n_wanted, const estimate_t *estimates,
                                int n_variants, int n_quantities, uint32_t n) {
    precision_look_t look = {.reached = true};
    for (int w = 0; w < n_wanted; w++)
        for (int v = 0; v < n_variants; v++) {
            if (!is_asked(&wanted[w], v)) continue;
            width_t width = width_of(&wanted[w], &estimates[v * n_quantities + wanted[w].quantity]);
            if (width.half <= width.allowed || (isnan(width.half) && width.equal)) continue;
            /* The interval narrows as 1 / sqrt(n); with too few values that carry it there is none yet. */
            double ratio = width.half / width.allowed;
            double needed = isfinite(ratio) ? n * ratio * ratio * MARGIN : INFINITY;
            if (!look.reached && needed <= look.needed) continue;
            look = (precision_look_t){.wanted = w,
                                      .variant = v,
                                      .half_width = width.half,
                                      .allowed = width.allowed,
                                      .needed = needed};
        }
    double next = fmin(fmax(look.needed, n * GROWTH_LEAST), n * GROWTH_MOST);
    look.next = next >= PRECISION_MOST ? PRECISION_MOST : (uint32_t)ceil(next);
    return look;
}
