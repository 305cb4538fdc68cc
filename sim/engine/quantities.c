/* The quantities of a replicate: readings of the state, events that are counted, combinations. */
#include "engine/internal.h"

#include "base/mem.h"
#include "model/trade/market.h"
#include <stdlib.h>

void quantity_ties(const quantity_t *self, int n_ties, bool *wanted) {
    if (self->tie >= 0) wanted[self->tie] = true;
    for (int e = 0; self->ties && e < n_ties; e++) wanted[e] |= self->ties[e];
}

/* ---- readings --------------------------------------------------------------------------------------- */

static int by_time(const void *x, const void *y) {
    const reading_t *a = x, *b = y;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return a->quantity - b->quantity;
}

/* One at a date; over a window one in the middle of each step. */
static double time_of(const quantity_t *quantity, int step) {
    if (quantity->every <= 0) return quantity->at;
    double length = (quantity->until - quantity->from) / quantity_steps(quantity);
    return quantity->from + (step + 0.5) * length;
}

int quantities_prepare(engine_t *self) {
    const model_t *model = self->model;
    size_t n = 0;
    for (int q = 0; q < model->n_quantities; q++)
        if (quantity_is_state(&model->quantities[q])) n += (size_t)quantity_steps(&model->quantities[q]);
    self->readings = mem_alloc(n + 1, sizeof *self->readings);
    if (!self->readings) return ERR_NOMEM;
    for (int q = 0; q < model->n_quantities; q++) {
        const quantity_t *quantity = &model->quantities[q];
        for (int i = 0; quantity_is_state(quantity) && i < quantity_steps(quantity); i++)
            self->readings[self->n_readings++] = (reading_t){time_of(quantity, i), q};
    }
    if (n) qsort(self->readings, n, sizeof *self->readings, by_time);
    return 0;
}

static double trade_of(const engine_t *self, const quantity_t *quantity, double t) {
    if (quantity->flow >= 0) return world_trade(&self->world, quantity->flow, t);
    double there = world_trade(&self->world, 2 * quantity->tie, t);
    double back = world_trade(&self->world, 2 * quantity->tie + 1, t);
    return isnan(there) ? back : isnan(back) ? there : there + back;
}

/* Exports, imports or tariff revenue of an actor. */
static double trade_of_actor(const engine_t *self, const quantity_t *quantity, double t) {
    const model_t *model = self->model;
    int i = quantity->actor;
    double sum = 0;
    for (int j = 0; j < model->n_actors; j++) {
        int flow = j == i                               ? -1
                   : quantity->what == QUANTITY_EXPORTS ? model_flow(model, i, j)
                                                        : model_flow(model, j, i);
        double trade = flow < 0 ? NAN : world_trade(&self->world, flow, t);
        if (isnan(trade)) continue;
        sum += quantity->what == QUANTITY_REVENUE ? trade * world_tariff(&self->world, flow, t) : trade;
    }
    return sum;
}

double quantities_state(const engine_t *self, const quantity_t *quantity, double t) {
    const world_t *world = &self->world;
    switch (quantity->what) {
    case QUANTITY_STRENGTH:
        return world_strength(world, quantity->tie, t);
    case QUANTITY_ALIGNMENT:
        return world_alignment(world, quantity->tie, t);
    case QUANTITY_TRADE:
        return trade_of(self, quantity, t);
    case QUANTITY_REALISED:
        if (quantity->flow >= 0) return world_delivered(world, quantity->flow, t);
        return world_delivered(world, 2 * quantity->tie, t) +
               world_delivered(world, 2 * quantity->tie + 1, t);
    case QUANTITY_EXPORTS:
    case QUANTITY_IMPORTS:
    case QUANTITY_REVENUE:
        return trade_of_actor(self, quantity, t);
    case QUANTITY_REAL_INCOME:
        return world->market ? 100 * (market_real_income(world, quantity->actor) - 1) : NAN;
    default:
        if (quantity->flow >= 0) return world_condition_from(world, quantity->condition, quantity->flow);
        return world_condition_on_tie(world, quantity->condition, quantity->tie);
    }
}

/* What a window has taken so far; and with one more value. */
static double start_value(const quantity_t *quantity) {
    if (quantity->what == QUANTITY_FIRST) return INFINITY;
    if (!quantity_is_state(quantity)) return 0;
    if (quantity->every <= 0) return NAN;
    return quantity->take == TAKE_MIN ? INFINITY : quantity->take == TAKE_MAX ? -INFINITY : 0;
}

static double with_value(const quantity_t *quantity, double so_far, double value) {
    if (quantity->every <= 0) return value;
    if (quantity->take == TAKE_MIN) return fmin(so_far, value);
    if (quantity->take == TAKE_MAX) return fmax(so_far, value);
    return so_far + value;
}

static void record(engine_t *self, const reading_t *reading) {
    const quantity_t *quantity = &self->model->quantities[reading->quantity];
    double of_root = 0;
    for (int c = 0; c < self->n_courses; c++) {
        double *value = &self->courses[c].result->quantities[reading->quantity], now = of_root;
        bool of_actor = quantity_is_of_actor(quantity);
        if (of_actor ? c == 0 || self->courses[c].n_own > 0 : !observe_is_roots(self, c, quantity->tie)) {
            observe_as(self, c, of_actor ? -1 : 1, &quantity->tie);
            now = quantities_state(self, quantity, reading->time);
            observe_no_more(self, c);
        }
        if (c == 0) of_root = now;
        *value = with_value(quantity, *value, now);
    }
}

void quantities_start(engine_t *self) {
    const model_t *model = self->model;
    self->next_reading = 0;
    for (int c = 0; c < self->n_courses; c++)
        for (int q = 0; q < model->n_quantities; q++) {
            self->courses[c].result->quantities[q] = start_value(&model->quantities[q]);
            self->courses[c].result->trip_ends[q] = -1;
        }
}

void quantities_until(engine_t *self, double until) {
    for (; self->next_reading < self->n_readings && self->readings[self->next_reading].time < until;
         self->next_reading++)
        record(self, &self->readings[self->next_reading]);
}

/* ---- events ----------------------------------------------------------------------------------------- */

typedef struct { /* an event, or a pair that it brings together */
    int kind;
    bool success;
    double value_usd, days; /* days: NAN: its type's */
} counted_t;

/* Of events whose days overlap the first one counts. */
static bool begins_trip(const engine_t *self, const counted_t *event, int *end) {
    int first, last;
    event_days(self->now, isnan(event->days) ? self->model->kinds[event->kind].days : event->days, &first,
               &last);
    bool begins = first > *end;
    if (last > *end) *end = last;
    return begins;
}

static void add_to(engine_t *self, int q, const counted_t *event) {
    const quantity_t *quantity = &self->model->quantities[q];
    for (course_set_t left = self->acting; left; left &= left - 1) {
        result_t *result = self->courses[course_first(left)].result;
        double *sum = &result->quantities[q];
        if (quantity->what == QUANTITY_COUNT)
            *sum += !quantity->trips || begins_trip(self, event, &result->trip_ends[q]);
        else if (quantity->what == QUANTITY_SUM)
            *sum += isnan(event->value_usd) ? 0 : event->value_usd;
        else if (self->now < *sum)
            *sum = self->now;
    }
}

static bool counts_it(const engine_t *self, const quantity_t *quantity, const counted_t *event) {
    if (self->now < quantity->from || self->now >= quantity->until ||
        (quantity->successful_only && !event->success))
        return false;
    return in_list(quantity->n_kinds, quantity->kinds, event->kind);
}

static bool counts_from_to(const quantity_t *quantity, int i, int j) {
    return (!quantity->initiators || (i >= 0 && quantity->initiators[i])) &&
           (!quantity->targets || (j >= 0 && quantity->targets[j]));
}

/* Whether the quantity counts events from i to j; of those that have no direction, in either. */
static bool counts_roles(const quantity_t *quantity, int i, int j, bool undirected) {
    return counts_from_to(quantity, i, j) || (undirected && counts_from_to(quantity, j, i));
}

/* Quantities that name ties count the pairs an event brings together... */
void quantities_pair(engine_t *self, const touch_t *touch, double value_usd, bool success) {
    counted_t event = {touch->kind, success, value_usd, touch->days};
    int tie = touch->j < 0 ? -1 : model_tie(self->model, touch->i, touch->j);
    for (int q = 0; q < self->model->n_quantities && tie >= 0; q++) {
        const quantity_t *quantity = &self->model->quantities[q];
        if (quantity->ties && quantity->ties[tie] && counts_it(self, quantity, &event) &&
            counts_roles(quantity, touch->i, touch->j, touch->undirected))
            add_to(self, q, &event);
    }
}

/* ... the others count events. */
void quantities_event(engine_t *self, const event_plan_t *plan, double value_usd, bool success) {
    counted_t event = {plan->kind, success, value_usd, plan->days};
    bool undirected = self->kinds[plan->kind].scope == SCOPE_DYAD;
    for (int q = 0; q < self->model->n_quantities; q++) {
        const quantity_t *quantity = &self->model->quantities[q];
        if (!quantity->ties && counts_it(self, quantity, &event) &&
            counts_roles(quantity, plan->initiator, plan->target, undirected))
            add_to(self, q, &event);
    }
}

/* ---- the end ---------------------------------------------------------------------------------------- */

static double combined(const quantity_t *quantity, const double *values) {
    double value = values[quantity->parts[0]];
    for (int p = 1; p < quantity->n_parts; p++) {
        double part = values[quantity->parts[p]];
        if (isnan(part))
            value = NAN;
        else if (quantity->take == TAKE_MIN)
            value = part < value ? part : value;
        else if (quantity->take == TAKE_MAX)
            value = part > value ? part : value;
        else if (quantity->take == TAKE_DIFFERENCE)
            value -= part;
        else if (quantity->take == TAKE_RATIO)
            value /= part;
        else
            value += part;
    }
    return quantity->take == TAKE_MEAN ? value / quantity->n_parts : value;
}

/* A window's value from what was taken; a replicate that stopped has not seen it all. */
static double finished(const quantity_t *quantity, double taken, bool complete) {
    if (!complete) return NAN;
    if (quantity->take == TAKE_MEAN) return taken / quantity_steps(quantity);
    if (quantity->take == TAKE_DAYS)
        return taken / quantity_steps(quantity) * (quantity->until - quantity->from);
    return taken;
}

void quantities_end(const model_t *model, result_t *result) {
    for (int q = 0; q < model->n_quantities; q++) {
        const quantity_t *quantity = &model->quantities[q];
        double *value = &result->quantities[q];
        if (quantity->what == QUANTITY_COMBINED)
            *value = combined(quantity, result->quantities);
        else if (quantity->every > 0)
            *value = finished(quantity, *value, result->stop == STOP_NONE);
        if (!quantity->has_threshold || isnan(*value)) continue;
        *value = quantity->above ? *value > quantity->threshold : *value < quantity->threshold;
    }
}
