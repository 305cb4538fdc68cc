/* Watches how near a replicate is to a rare event. A moment is over when the clock moves on; only then are
 * levels entered, so that a branch at the time of the entrance has all of the moment behind it. */
#include "engine/watch.h"

#include "engine/internal.h"

#include <math.h>

static double date_of(const quantity_t *quantity) {
    return quantity_is_state(quantity) ? quantity->at : quantity->until;
}

/* How near it is at t: the larger, the nearer. */
static double nearness(const engine_t *self, const watch_t *watch, double t) {
    const quantity_t *guide = &self->model->quantities[watch->guide];
    double value = self->courses[0].result->quantities[watch->guide], end = date_of(guide);
    if (quantity_is_state(guide))
        value = quantities_state(self, guide, watch->guide == watch->event && !watch->ever ? end : t);
    else if (guide->what == QUANTITY_FIRST)
        value = fmin(value, t);
    else
        value += watch->pace * fmax(0, fmin(end, self->model->horizon) - fmax(t, guide->from));
    return watch->falls ? -value : value;
}

static bool is_beyond(const quantity_t *quantity, double value) {
    return quantity->above ? value > quantity->threshold : value < quantity->threshold;
}

void watch_begin(engine_t *self) {
    const watch_t *watch = self->observation->watch;
    result_t *result = self->courses[0].result;
    for (int k = 0; k < watch->n_levels; k++) result->entered[k] = INFINITY;
    result->highest = self->watched.value = -INFINITY;
    self->watched.end = fmin(date_of(&self->model->quantities[watch->event]), self->model->horizon);
    self->watched.hit = false;
}

void watch_look(engine_t *self, double t) {
    const watch_t *watch = self->observation->watch;
    const quantity_t *event = &self->model->quantities[watch->event];
    if (t <= date_of(&self->model->quantities[watch->guide]))
        self->watched.value = fmax(self->watched.value, nearness(self, watch, t));
    if (watch->ever) self->watched.hit |= is_beyond(event, quantities_state(self, event, t));
}

/* Whether nothing that comes can change it: a count above its threshold, a first event that has come. */
static bool is_decided(const engine_t *self, const watch_t *watch) {
    const quantity_t *quantity = &self->model->quantities[watch->event];
    double value = self->courses[0].result->quantities[watch->event];
    if (quantity->what == QUANTITY_FIRST) return value < INFINITY;
    if (quantity->what == QUANTITY_COUNT) return value > quantity->threshold;
    return self->watched.hit;
}

bool watch_moment(engine_t *self) {
    const watch_t *watch = self->observation->watch;
    result_t *result = self->courses[0].result;
    double value = self->watched.value;
    if (is_decided(self, watch)) return true;
    self->watched.value = -INFINITY;
    if (!(value > result->highest)) return false;
    result->highest = value;
    for (int k = 0; k < watch->n_levels && watch->levels[k] <= value; k++)
        if (result->entered[k] == INFINITY) result->entered[k] = self->now;
    return false;
}

void watch_end(engine_t *self) {
    const watch_t *watch = self->observation->watch;
    if (watch->ever) self->courses[0].result->quantities[watch->event] = self->watched.hit;
}
