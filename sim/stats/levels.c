#include "stats/levels.h"

#include "base/math/elementary.h"
#include <math.h>

double level_next(const double *values, size_t n, double above, double target, double *share) {
    double best = NAN, least = INFINITY;
    for (size_t i = 0; i < n && values[i] < INFINITY; i++) {
        if (!(values[i] > above) || (i > 0 && values[i] == values[i - 1])) continue;
        double reach = (double)(n - i) / (double)n, off = fabs(elementary_log(reach / target));
        if (!(off < least)) continue;
        best = values[i];
        least = off;
        *share = reach;
    }
    return best;
}
