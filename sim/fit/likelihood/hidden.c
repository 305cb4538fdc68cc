#include "fit/likelihood/hidden.h"

#include "base/mem.h"
#include "fit/likelihood/internal.h"

/* sum += sign x branching x the excitation's integral at the event's place up to `t`. */
static void add_up_to(follow_t *follow, const double *factors, int place, double t, double weight,
                      double *work, double *sum) {
    int n_cells = follow->self->n_cells;
    for (int d = 0; d < 3 * n_cells; d++) work[d] = 0;
    follow_whole(follow, place, t, weight, work);
    for (int cell = 0; cell < n_cells; cell++) *sum += factors[cell] * work[3 * cell];
}

static int add_excited(likelihood_t *self, const double *x, int e, const double *factors, double *hidden) {
    int n_open = 0, *open = mem_alloc((size_t)self->n_own, sizeof *open);
    double branching = x[branching_of(self, e)], midnight = INFINITY;
    double *work = mem_alloc(3 * (size_t)self->n_cells, sizeof *work);
    follow_t follow = {0};
    int ret = ERR_NOMEM;
    if (!open || !work) goto out;
    TRY(follow_init(&follow, self, e, x[half_life_of(self, e)]));
    for (size_t m = 0; m <= self->n_instants; m++) {
        const instant_t *instant = m < self->n_instants ? &self->instants[m] : NULL;
        for (; n_open > 0 && (!instant || instant->time >= midnight); n_open--) {
            int row = open[n_open - 1];
            add_up_to(&follow, factors, self->own_places[row], midnight, branching, work,
                      &hidden[self->own_events[row]]);
        }
        if (!instant) break;
        if (instant->excitation < 0) {
            add_up_to(&follow, factors, instant->place, instant->time, -branching, work,
                      &hidden[self->own_events[instant->row]]);
            open[n_open++] = instant->row;
            midnight = floor(instant->time) + 1;
        }
        follow_instant(&follow, instant);
    }
out:
    follow_free(&follow);
    mem_free(open);
    mem_free(work);
    return ret;
}

int likelihood_hidden(likelihood_t *self, const double *x, double *hidden) {
    double factors[N_WEEKDAYS * N_MONTHS];
    int ret = 0;
    season_factors(self, x, factors);
    for (int row = 0; row < self->n_own; row++) {
        double t = self->own_times[row];
        int day = day_of(self, t);
        hidden[self->own_events[row]] =
            base_of(self, x, self->own_values + (size_t)row * (size_t)self->n_terms) *
            elementary_exp(self->effects[tie_of(self, self->own_places[row])]) *
            self->place_factors[self->own_places[row]] * self->season[day] * factors[cell_of(self, day)] *
            (floor(t) + 1 - t);
    }
    for (int e = 0; e < self->n_excitations; e++)
        if (x[branching_of(self, e)] > 0) TRY(add_excited(self, x, e, factors, hidden));
out:
    return ret;
}
