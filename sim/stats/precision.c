#include "stats/precision.h"

#include <math.h>

#define MARGIN 1.1
#define GROWTH_LEAST 1.2
#define GROWTH_MOST 4.0

precision_look_t precision_look(const precision_t *wanted, int n_wanted, const estimate_t *estimates,
                                int n_variants, int n_quantities, uint32_t n) {
    precision_look_t look = {.reached = true};
    for (int w = 0; w < n_wanted; w++)
        for (int v = 0; v < n_variants; v++) {
            const estimate_t *e = &estimates[v * n_quantities + wanted[w].quantity];
            double half = (e->high - e->low) / 2;
            if (half <= wanted[w].half_width || (isnan(half) && e->sd == 0)) continue;
            /* The interval narrows as 1 / sqrt(n); with too few values that carry it there is none yet. */
            double ratio = half / wanted[w].half_width;
            double needed = isfinite(ratio) ? n * ratio * ratio * MARGIN : INFINITY;
            if (!look.reached && needed <= look.needed) continue;
            look = (precision_look_t){.wanted = w, .variant = v, .half_width = half, .needed = needed};
        }
    double next = fmin(fmax(look.needed, n * GROWTH_LEAST), n * GROWTH_MOST);
    look.next = next >= PRECISION_MOST ? PRECISION_MOST : (uint32_t)ceil(next);
    return look;
}
