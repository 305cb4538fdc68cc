/* How intense a process is, exactly and at most.
 *
 *     lambda = season x availability x [ exp(log_rate + lazy part) + excitation ]
 *
 * The lazy part of a kind's predictor is a sum over strength, alignment and the rest; strength and
 * alignment, which most kinds read, are evaluated once for all processes of a tie. */
#include "engine/internal.h"

#include <gsl/gsl_math.h>

void kind_prepare(engine_t *self, int k) {
    const kind_t *kind = &self->model->kinds[k];
    const predictor_t *predictor = &kind->log_rate;
    kind_state_t *state = &self->kinds[k];
    bool on_tie = kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
    state->lazy_constant = state->strength_loading = state->alignment_loading = 0;
    state->n_lazy = 0;
    for (int n = 0; n < predictor->n && kind->scope != SCOPE_GROUP; n++) {
        const term_t *term = &predictor->terms[n];
        if (term->statistic->klass != STATISTIC_LAZY) continue;
        state->lazy_constant -= term->loading * term->centre;
        if (on_tie && term->statistic->id == STATISTIC_STRENGTH)
            state->strength_loading += term->loading;
        else if (on_tie && term->statistic->id == STATISTIC_ALIGNMENT)
            state->alignment_loading += term->loading;
        else
            state->lazy[state->n_lazy++] = term;
    }
}

static inline void look_at(engine_t *self, int tie, double now) {
    if (self->view.tie == tie && self->view.time == now) return;
    self->view.tie = tie;
    self->view.time = now;
    tie_at(&self->world.relax, &self->world.ties[tie], now, &self->view.s, &self->view.b);
}

static inline double of_strength(const engine_t *self, double loading, bool at_most) {
    double s = self->view.s, b = self->view.b, b0 = self->world.ties[self->view.tie].b0;
    if (!at_most) return loading * s;
    return loading * (loading > 0 ? GSL_MAX(GSL_MAX(s, b), b0) : GSL_MIN(GSL_MIN(s, b), b0));
}

static inline double of_alignment(const engine_t *self, double loading, bool at_most) {
    double b = self->view.b, b0 = self->world.ties[self->view.tie].b0;
    if (!at_most) return loading * b;
    return loading * (loading > 0 ? GSL_MAX(b, b0) : GSL_MIN(b, b0));
}

/* The lazy part without its constant, which is in log_rate; or an upper bound of it. */
static double lazy_part(engine_t *self, const process_t *p, double now, bool at_most) {
    const kind_state_t *state = &self->kinds[p->kind];
    double sum = 0;
    if (state->strength_loading != 0 || state->alignment_loading != 0) {
        look_at(self, self->model->kinds[p->kind].scope == SCOPE_DIRECTED ? p->site / 2 : p->site, now);
        if (state->strength_loading != 0) sum += of_strength(self, state->strength_loading, at_most);
        if (state->alignment_loading != 0) sum += of_alignment(self, state->alignment_loading, at_most);
    }
    if (state->n_lazy == 0) return sum;
    int i, j, group;
    process_place(self, p, &i, &j, &group);
    for (int n = 0; n < state->n_lazy; n++) {
        const term_t *term = state->lazy[n];
        sum += term->loading * (at_most ? term_extreme(&self->world, term, i, j, now)
                                        : term_value(&self->world, term, i, j, now));
    }
    return sum;
}

double process_log_bound(engine_t *self, const process_t *p, double now) {
    return p->log_rate > -INFINITY ? p->log_rate + lazy_part(self, p, now, true) : -INFINITY;
}

double process_base(engine_t *self, const process_t *p, double now) {
    return p->log_rate > -INFINITY ? exp(p->log_rate + lazy_part(self, p, now, false)) : 0;
}

/* 0 while an actor is absent or a needed leader elsewhere, else the season's factor. */
static double availability(const engine_t *self, const process_t *p, double now) {
    int i, j, group;
    process_place(self, p, &i, &j, &group);
    if ((i >= 0 && !self->world.present[i]) || (j >= 0 && !self->world.present[j])) return 0;
    if (self->model->kinds[p->kind].in_person) {
        plan_t plan = {.kind = p->kind,
                       .initiator = i,
                       .target = j,
                       .group = group,
                       .time = now,
                       .level = -1,
                       .days = NAN,
                       .entry = -1};
        if (needs_leaders(self, &plan) && !leaders_free(self, &plan)) return 0;
    }
    const double *season = self->kinds[p->kind].season;
    if (!season) return 1;
    int day = (int)now;
    return season[day < self->n_days ? day : self->n_days - 1];
}

double process_intensity(engine_t *self, const process_t *p, double now, double *excited) {
    double factor = availability(self, p, now);
    *excited = factor * excitation_at(self, p, now);
    return factor * process_base(self, p, now) + *excited;
}
