/* The levels of multilevel splitting, from the highest values that independent paths have reached. */
#ifndef ENTENTE_STATS_LEVELS_H
#define ENTENTE_STATS_LEVELS_H

#include <stddef.h>

/* The value above `above` that a share of the n values closest to `target` (as a ratio) reach, of the values
 * themselves; `values` are sorted, ascending, INFINITY where a path has come to the event. *share is that
 * share. NAN if no finite value is above `above`. */
double level_next(const double *values, size_t n, double above, double target, double *share);

#endif
