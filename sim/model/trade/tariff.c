/* Tariffs and growth: what they add to the log of a flow at given prices. */
#include "model/trade/tariff.h"

#include "base/date.h"
#include "base/math/elementary.h"

#include <math.h>
#include <string.h>

/* ---- tariffs ---------------------------------------------------------------------------------------- */

double world_tariff(const world_t *self, int flow, double now) {
    if (!self->model->has_tariffs) return 0;
    const tariff_state_t *state = &self->tariffs[flow];
    double dt = now - state->since;
    if (dt >= state->phase_in) return state->to;
    return state->from + (state->to - state->from) * (dt / state->phase_in);
}

double world_log_tariff(const world_t *self, int flow, double now) {
    double rate = world_tariff(self, flow, now),
           then = self->model->has_tariffs ? self->tariffs_then[flow] : 0;
    if (rate == then) return 0;
    return -(1 + self->model->trade.elasticity) * elementary_log((1 + rate) / (1 + then));
}

void world_set_tariff(world_t *self, int flow, double now, double rate, double phase_in) {
    double from = world_tariff(self, flow, now);
    self->tariffs[flow] = (tariff_state_t){now, from, rate, phase_in};
}

void tariffs_reset(world_t *self) {
    const model_t *model = self->model;
    size_t flows = 2 * (size_t)model->n_ties;
    for (size_t flow = 0; flow < flows; flow++) self->tariffs[flow] = (tariff_state_t){.since = -INFINITY};
    memset(self->tariffs_then, 0, flows * sizeof *self->tariffs_then);
    for (int n = 0; n < model->n_tariffs; n++) {
        const tariff_t *tariff = &model->tariffs[model->tariff_order[n]];
        if (tariff->time > 0) break;
        bool then = tariff->time <= model->trade.figures_at;
        for (int k = 0; k < tariff->n_flows; k++) {
            if (then) self->tariffs_then[tariff->flows[k]] = tariff->rate;
            world_set_tariff(self, tariff->flows[k], tariff->time, tariff->rate, then ? 0 : tariff->phase_in);
        }
    }
}

/* ---- growth ----------------------------------------------------------------------------------------- */

double world_growth(const world_t *self, int actor, double now) {
    const model_t *model = self->model;
    return model->actors[actor].growth * (now - model->trade.figures_at) / DAYS_PER_YEAR;
}

double world_flow_growth(const world_t *self, int flow, double now) {
    const tie_t *tie = &self->model->ties[flow / 2];
    if (!self->model->has_growth) return 0;
    return (world_growth(self, tie->a, now) + world_growth(self, tie->b, now)) / 2;
}
