#include "model/statistic.h"

#include <string.h>

const statistic_t statistics[STATISTIC_N] = {
#define X(id, name, klass, motion, figure, ref, has_half_life, what)               \
    [STATISTIC_##id] = {STATISTIC_##id,  name, STATISTIC_##klass, MOTION_##motion, \
                        FIGURE_##figure, ref,  has_half_life,     what},
    STATISTIC_LIST(X)
#undef X
};

const statistic_t *statistic_find(const char *name) {
    for (int i = 0; i < STATISTIC_N; i++)
        if (!strcmp(statistics[i].name, name)) return &statistics[i];
    return NULL;
}
