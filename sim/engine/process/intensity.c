/* The baseline intensity of a process, exactly and as an upper bound (excite.c adds excitation).
 *
 *     base intensity = season x availability x exp(log_rate + lazy part)
 *
 * The lazy part of a kind's predictor is a sum over strength, alignment and the rest; strength and
 * alignment, which most kinds read, are evaluated once for all processes of a tie. */
#include "engine/internal.h"

#include <gsl/gsl_minmax.h>
#include <math.h>

void intensity_prepare(engine_t *self, int k) {
    const kind_t *kind = &self->model->kinds[k];
    const predictor_t *predictor = &kind->log_rate;
    kind_state_t *state = &self->kinds[k];
    bool on_tie = kind->scope == SCOPE_DIRECTED || kind->scope == SCOPE_DYAD;
    state->lazy_constant = state->strength_coefficient = state->alignment_coefficient = 0;
    state->n_lazy = 0;
    for (int n = 0; n < predictor->n && kind->scope != SCOPE_GROUP; n++) {
        const term_t *term = &predictor->terms[n];
        if (term->statistic->klass != STATISTIC_LAZY) continue;
        state->lazy_constant -= term->coefficient * term->reference;
        if (on_tie && term->statistic->id == STATISTIC_STRENGTH)
            state->strength_coefficient += term->coefficient;
        else if (on_tie && term->statistic->id == STATISTIC_ALIGNMENT)
            state->alignment_coefficient += term->coefficient;
        else
            state->lazy[state->n_lazy++] = term;
    }
}

void process_view_take(engine_t *self, int tie, double now) {
    if (self->view.tie == tie && self->view.time == now) return;
    double s, b, b0 = self->world.ties[tie].b0;
    tie_at(&self->world.relax, &self->world.ties[tie], now, &s, &b);
    self->view.tie = tie;
    self->view.time = now;
    self->view.s = s, self->view.b = b;
    self->view.b_least = GSL_MIN(b, b0), self->view.b_most = GSL_MAX(b, b0);
    self->view.s_least = GSL_MIN(s, self->view.b_least), self->view.s_most = GSL_MAX(s, self->view.b_most);
}

static double other_terms(engine_t *self, const process_t *p, double now, bool at_most) {
    const kind_state_t *state = &self->kinds[p->kind];
    site_actors_t at = process_actors(self, p);
    return at_most ? terms_most(&self->world, state->n_lazy, state->lazy, at.i, at.j, now)
                   : terms_sum(&self->world, state->n_lazy, state->lazy, at.i, at.j, now);
}

/* An upper bound of coefficient x strength + coefficient x alignment. */
static inline double bound_on_tie(const engine_t *self, double of_s, double of_b) {
    return GSL_MAX(of_s * self->view.s_least, of_s * self->view.s_most) +
           GSL_MAX(of_b * self->view.b_least, of_b * self->view.b_most);
}

/* The lazy part without its constant, which is in log_rate; or an upper bound of it. */
static double lazy_part(engine_t *self, const process_t *p, double now, bool at_most) {
    const kind_state_t *state = &self->kinds[p->kind];
    double of_s = state->strength_coefficient, of_b = state->alignment_coefficient, sum = 0;
    if (of_s != 0 || of_b != 0) {
        process_view_take(self, state->scope == SCOPE_DIRECTED ? p->site / 2 : p->site, now);
        sum = at_most ? bound_on_tie(self, of_s, of_b) : of_s * self->view.s + of_b * self->view.b;
    }
    return state->n_lazy == 0 ? sum : sum + other_terms(self, p, now, at_most);
}

double process_log_bound(engine_t *self, const process_t *p, double now) {
    return p->log_rate > -INFINITY ? p->log_rate + lazy_part(self, p, now, true) : -INFINITY;
}

double process_others(engine_t *self, const process_t *p, double now) {
    return other_terms(self, p, now, true);
}

double process_base(engine_t *self, const process_t *p, double now) {
    return p->log_rate > -INFINITY ? elementary_exp(p->log_rate + lazy_part(self, p, now, false)) : 0;
}

/* 0 while an actor is absent or a needed leader elsewhere, else the season's factor. */
double process_factor(const engine_t *self, const process_t *p, double now) {
    const kind_state_t *state = &self->kinds[p->kind];
    site_actors_t at = process_actors(self, p);
    if ((at.i >= 0 && !self->world.present[at.i]) || (at.j >= 0 && !self->world.present[at.j])) return 0;
    if (state->duties & DUTY_IN_PERSON) {
        event_plan_t plan = {.kind = p->kind,
                             .initiator = at.i,
                             .target = at.j,
                             .group = at.group,
                             .time = now,
                             .level = -1,
                             .days = NAN,
                             .entry = -1};
        if (leaders_needed(self, &plan) && !leaders_free(self, &plan)) return 0;
    }
    if (!state->season) return 1;
    int day = (int)now;
    return state->season[day < self->n_days ? day : self->n_days - 1];
}
