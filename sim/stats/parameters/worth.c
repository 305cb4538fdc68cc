#include "stats/parameters/worth.h"

#include <math.h>
#include <stddef.h>

static double signed_value(const worth_t *self, int option, int i) {
    double gain = i >= 0 && self->gains[option] ? self->gains[option][i] : 0;
    return (self->least ? -1 : 1) * (self->means[option] + gain);
}

int worth_best(const worth_t *self) {
    int best = 0;
    for (int v = 1; v < self->n_options; v++)
        if (signed_value(self, v, -1) > signed_value(self, best, -1)) best = v;
    return best;
}

double worth_of(const worth_t *self) {
    double sum = 0;
    int best = worth_best(self);
    for (int i = 0; i < self->n; i++) {
        double most = signed_value(self, 0, i);
        for (int v = 1; v < self->n_options; v++) most = fmax(most, signed_value(self, v, i));
        sum += most - signed_value(self, best, i);
    }
    return self->n ? sum / self->n : NAN;
}
