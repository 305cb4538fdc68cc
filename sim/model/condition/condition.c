/* Conditions in the state of the world, and what they do to alignment and trade. */
#include "model/condition/state.h"

#include <math.h>

bool condition_is_led(const condition_t *self, int group, int actor) {
    for (int c = 0; c < self->n_coalitions; c++)
        if (self->coalitions[c].group == group && self->coalitions[c].lead != actor) return true;
    return false;
}

static condition_state_t *condition_at(const world_t *self, int condition, int site) {
    const model_t *model = self->model;
    const condition_t *c = &model->conditions[condition];
    if (c->on_actor) return &self->on_actors[(size_t)site * (size_t)model->n_conditions + (size_t)condition];
    int column = c->directed && site & 1 ? c->back : condition;
    return &self->on_ties[(size_t)condition_tie(c, site) * (size_t)model->n_condition_columns +
                          (size_t)column];
}

/* The share of the condition's effect on trade at `now`: 0 .. 1. */
static double level_at(const world_t *self, int c, int site, double now) {
    const condition_t *condition = &self->model->conditions[c];
    const condition_state_t *state = condition_at(self, c, site);
    double dt = now - state->since;
    if (state->on) return condition->phase_in > 0 ? fmin(1, state->level + dt / condition->phase_in) : 1;
    if (state->level <= 0) return 0;
    return condition->tail > 0 ? fmax(0, state->level - dt / condition->tail) : 0;
}

/* The two places of a condition that is not on the tie as such: its actors, or its directions. */
static int place_of(const world_t *self, int c, int tie, int end) {
    const tie_t *ends = &self->model->ties[tie];
    return self->model->conditions[c].directed ? 2 * tie + end : end ? ends->b : ends->a;
}

double conditions_on_trade(const world_t *self, int tie, double now) {
    double shift = 0;
    for (int n = 0; n < self->n_on_trade; n++) {
        int c = self->on_trade[n];
        const condition_t *condition = &self->model->conditions[c];
        if (condition->on_actor || condition->directed) {
            double a = level_at(self, c, place_of(self, c, tie, 0), now);
            double b = level_at(self, c, place_of(self, c, tie, 1), now);
            shift += condition->log_trade_shift * (a > b ? a : b);
        } else {
            const condition_state_t *state = condition_at(self, c, tie);
            if (!state->on && state->level <= 0) continue; /* nearly all */
            shift += condition->log_trade_shift * level_at(self, c, tie, now);
        }
    }
    return shift;
}

bool world_condition_on_actor(const world_t *self, int condition, int actor) {
    return self->model->conditions[condition].on_actor && condition_at(self, condition, actor)->on;
}

bool world_condition_on_tie(const world_t *self, int condition, int tie) {
    const condition_t *c = &self->model->conditions[condition];
    if (!c->on_actor && !c->directed) return condition_at(self, condition, tie)->on;
    return condition_at(self, condition, place_of(self, condition, tie, 0))->on ||
           condition_at(self, condition, place_of(self, condition, tie, 1))->on;
}

bool world_condition_from(const world_t *self, int condition, int flow) {
    return self->model->conditions[condition].directed && condition_at(self, condition, flow)->on;
}

void condition_level_of(world_t *self, int tie, double now) {
    world_anchor(self, tie, fmax(now, self->ties[tie].time)); /* a spell may date from before the start */
    double b0 = self->ties[tie].own;
    for (int c = 0; c < self->model->n_conditions; c++)
        if (world_condition_on_tie(self, c, tie)) b0 += self->model->conditions[c].alignment_shift;
    self->ties[tie].b0 = b0 > 1 ? 1 : b0 < -1 ? -1 : b0;
}

static void condition_switch(world_t *self, int condition, int site, double now, bool on, uint64_t token) {
    const model_t *model = self->model;
    const condition_t *c = &model->conditions[condition];
    double level = level_at(self, condition, site, now);
    *condition_at(self, condition, site) = (condition_state_t){now, level, token, on};
    if (!c->on_actor) {
        condition_level_of(self, condition_tie(c, site), now);
        return;
    }
    for (int j = 0; j < model->n_actors; j++) {
        int tie = j == site ? -1 : model_tie(model, site, j);
        if (tie >= 0) condition_level_of(self, tie, now);
    }
}

bool world_condition_start(world_t *self, int condition, int site, double now, uint64_t token) {
    condition_state_t *state = condition_at(self, condition, site);
    if (state->on) { /* renewed: only the spell's name changes */
        state->token = token;
        return false;
    }
    condition_switch(self, condition, site, now, true, token);
    return true;
}

bool world_condition_end(world_t *self, int condition, int site, double now, uint64_t token) {
    condition_state_t *state = condition_at(self, condition, site);
    if (!state->on || (token && state->token != token)) return false;
    condition_switch(self, condition, site, now, false, 0);
    return true;
}

void conditions_settle(world_t *self, double now) {
    const model_t *model = self->model;
    for (int c = 0; c < model->n_conditions; c++) {
        const condition_t *condition = &model->conditions[c];
        int n = condition->on_actor ? model->n_actors : (condition->directed ? 2 : 1) * model->n_ties;
        for (int site = 0; site < n; site++) {
            condition_state_t *state = condition_at(self, c, site);
            state->level = level_at(self, c, site, now);
            state->since = now;
        }
    }
}
