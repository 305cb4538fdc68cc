#include "run/precision.h"

#include <math.h>

#define MARGIN 1.1
#define GROWTH_LEAST 1.2
#define GROWTH_MOST 4.0

bool precision_reached(const precision_t *wanted, int n_wanted, const estimate_t *estimates, int n_variants,
                       int n_quantities, uint32_t n, uint32_t *next) {
    bool reached = true;
    double needed = 0;
    for (int w = 0; w < n_wanted; w++)
        for (int v = 0; v < n_variants; v++) {
            const estimate_t *e = &estimates[v * n_quantities + wanted[w].quantity];
            double half = (e->high - e->low) / 2;
            if (half <= wanted[w].half_width) continue;
            reached = false;
            /* The interval narrows as 1 / sqrt(n); with too few finite values there is none yet. */
            double ratio = half / wanted[w].half_width;
            double more = isfinite(ratio) ? n * ratio * ratio * MARGIN : n * GROWTH_MOST;
            if (more > needed) needed = more;
        }
    if (reached) return true;
    if (needed < n * GROWTH_LEAST) needed = n * GROWTH_LEAST;
    if (needed > n * GROWTH_MOST) needed = n * GROWTH_MOST;
    *next = needed >= PRECISION_MOST ? PRECISION_MOST : (uint32_t)ceil(needed);
    return false;
}
