#include "model/statistic.h"

#include <string.h>

#define NUMBER_STATIC(id) -1
#define NUMBER_LAZY(id) -1
#define NUMBER_SAMPLED(id) SAMPLED_##id
const statistic_t statistics[STATISTIC_N] = {
#define X(id, name, klass, subject, motion, figure, ref, has_half_life, what) \
    [STATISTIC_##id] = {STATISTIC_##id,    name,                              \
                        STATISTIC_##klass, NUMBER_##klass(id),                \
                        SUBJECT_##subject, MOTION_##motion,                   \
                        FIGURE_##figure,   ref,                               \
                        has_half_life,     what},
    STATISTIC_LIST(X)
#undef X
};

const statistic_t *statistic_find(const char *name) {
    for (int i = 0; i < STATISTIC_N; i++)
        if (!strcmp(statistics[i].name, name)) return &statistics[i];
    return NULL;
}
