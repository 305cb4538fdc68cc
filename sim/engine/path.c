/* Branches. The points of the fixed measures after a branch are those of other measures; an event after it
 * draws its marks under another key; and the offspring that earlier events have after it are drawn for it as
 * these events happen (process/excite.c). */
#include "engine/path.h"
#include "engine/internal.h"

#include <math.h>

void path_begin(engine_t *self) {
    self->n_taken = 0;
    self->branch = 0;
}

bool path_take(engine_t *self, double next) {
    if (self->n_taken == self->n_branches || !(self->branches[self->n_taken].time < next)) return false;
    const branch_t *branch = &self->branches[self->n_taken++];
    self->now = fmax(self->now, branch->time);
    self->branch = branch->key;
    processes_renew(self);
    return true;
}
