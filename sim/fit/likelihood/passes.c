#include "fit/likelihood/passes.h"

#include "base/mem.h"
#include "fit/likelihood/hidden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    model_t *model;
    const events_t *events;
    const passes_choice_t *choice;
    likelihood_options_t given;
    double until;
    int n_kinds, *kinds; /* to be fitted, in that order */
    /* What the data do not show, as taken and as it follows from the fit: [events] what each hides; [all
     * kinds][2 n_ties] events a day before the data begin. */
    double *hidden, *found_hidden, *left_truncated, *found_left_truncated;
    double **starts;               /* [all kinds] the estimates of the pass before; NULL at first */
    bool **are_free;               /* [all kinds] of these, which are */
    actor_effects_t *actor_starts; /* [all kinds] likewise */
    bool has_dynamics;             /* the fit below is there */
    dynamics_fit_t dynamics;
    int *n_steps, n_passes; /* [all kinds] of the optimiser so far */
    /* Ties' own factors of each kind, in this pass; of a kind, those of which others it goes with. */
    double **own;          /* [all kinds] NULL: not fitted yet */
    const double **others; /* [n_kinds] those of the kind in hand, and their kinds' names */
    const char **names;
    bool *left_out; /* [n_kinds][n_kinds] it tells nothing of the kind */
    bool leaves_out;
    const passes_listener_t *listener;
    bool settled;
    bool is_last; /* pass: the one that is reported */
} passes_t;

/* ---- which kinds ------------------------------------------------------------------------------------- */

static bool is_asked(const passes_choice_t *choice, const char *name) {
    for (int n = 0; n < choice->n_kinds; n++)
        if (!strcmp(choice->kinds[n], name)) return true;
    return choice->n_kinds == 0;
}

/* Whether the event type can be fitted, with `n` events; reports a requested type that cannot. */
static bool is_to_fit(const passes_t *self, const kind_t *kind, int n) {
    const passes_choice_t *choice = self->choice;
    if (!is_asked(choice, kind->name)) return false;
    if (n >= choice->least && kind->rate_per_year > 0) return true;
    if (n > 0 || choice->n_kinds > 0)
        self->listener->left(self->listener->context, kind, n, n < choice->least);
    return false;
}

/* In the scenario's order; with correlated random effects, by the number of events, the most frequent first.
 * */
static int choose_kinds(passes_t *self) {
    const model_t *model = self->model;
    int *counts = mem_alloc((size_t)model->n_kinds, sizeof *counts);
    if (!counts) return ERR_NOMEM;
    for (int e = 0; e < self->events->n; e++)
        counts[self->events->items[e].kind] += self->events->items[e].time >= self->choice->likelihood.from;
    for (int k = 0; k < model->n_kinds; k++) {
        if (!is_to_fit(self, &model->kinds[k], counts[k])) continue;
        int at = self->n_kinds++;
        for (; self->choice->correlated && at > 0 && counts[self->kinds[at - 1]] < counts[k]; at--)
            self->kinds[at] = self->kinds[at - 1];
        self->kinds[at] = k;
    }
    mem_free(counts);
    return 0;
}

/* ---- factors that go together ------------------------------------------------------------------------ */

/* Gives the event type at `at` the random effects of those before it. */
static void give_others(passes_t *self, int at) {
    likelihood_options_t *given = &self->given;
    given->n_others = 0;
    given->others = self->others;
    given->other_names = self->names;
    for (int other = 0; other < at && self->choice->correlated; other++) {
        if (self->left_out[at * self->n_kinds + other]) continue;
        self->others[given->n_others] = self->own[self->kinds[other]];
        self->names[given->n_others++] = self->model->kinds[self->kinds[other]].name;
    }
}

/* Which of the kinds in order has these factors. */
static int kind_at(const passes_t *self, const double *effects) {
    int at = 0;
    while (self->own[self->kinds[at]] != effects) at++;
    return at;
}

/* Leaves out, from the next pass on, the least informative random effect of another type, if AIC is better
 * without it. */
static bool leave_out(passes_t *self, int at, const parameters_t *parameters, const likelihood_fit_t *fit) {
    int weakest = -1;
    double least = M_SQRT2;
    for (int i = 0; i < parameters->n; i++) {
        if (!parameters->rows[i].effects) continue;
        double z = fit->is_free[i] ? fabs(fit->maximum.x[i]) / fit->maximum.se[i] : 0;
        if (z < least) least = z, weakest = kind_at(self, parameters->rows[i].effects);
    }
    if (weakest >= 0) self->left_out[at * self->n_kinds + weakest] = true;
    return weakest >= 0;
}

/* ---- one pass ---------------------------------------------------------------------------------------- */

/* Stores the results of the fit for other event types and for the next pass. */
static int take_fit(passes_t *self, int k, likelihood_t *part, likelihood_fit_t *fit) {
    size_t n_ties = (size_t)self->model->n_ties;
    double n_events = 0;
    int ret = 0;
    if (self->given.once_a_day) TRY(likelihood_hidden(part, fit->maximum.x, self->found_hidden));
    for (int e = 0; e < self->events->n; e++)
        if (self->events->items[e].kind == k && self->events->items[e].time >= self->given.from)
            n_events += 1 + self->found_hidden[e];
    TRY(likelihood_spread(part, fit->maximum.x, n_events,
                          self->found_left_truncated + 2 * n_ties * (size_t)k));
    if (fit->effects) {
        int spread = parameters_at(likelihood_table(part), PARAMETER_SPREAD, 0);
        bool differ = !self->given.spread || fit->is_free[spread];
        double *own = mem_alloc(n_ties, sizeof *own);
        if (!own) return ERR_NOMEM;
        if (differ) memcpy(own, fit->effects, n_ties * sizeof *own);
        mem_free(self->own[k]);
        self->own[k] = own;
    }
    mem_free(self->starts[k]);
    mem_free(self->are_free[k]);
    self->starts[k] = fit->maximum.x;
    self->are_free[k] = fit->is_free;
    fit->maximum.x = NULL;
    fit->is_free = NULL;
    if (fit->actors.n_sides) TRY(actor_effects_copy(&self->actor_starts[k], &fit->actors));
out:
    return ret;
}

/* Gives a kind's fit the errors of the fit with the parameters of ties. */
static void take_errors(const passes_t *self, int k, size_t n, likelihood_fit_t *fit) {
    const dynamics_fit_t *dynamics = &self->dynamics;
    int part = 0;
    while (self->kinds[part] != k) part++;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int a = dynamics_index(dynamics, part, (int)i), b = dynamics_index(dynamics, part, (int)j);
            fit->maximum.covariance[i * n + j] =
                a < 0 || b < 0 ? 0
                               : dynamics->maximum.covariance[(size_t)a * (size_t)dynamics->n + (size_t)b];
        }
    for (size_t i = 0; i < n; i++) fit->maximum.se[i] = sqrt(fit->maximum.covariance[i * n + i]);
    fit->maximum.converged &= dynamics->maximum.converged;
    fit->with_dynamics = true;
}

/* Reports the kind's fit, the last of many. */
static int report(passes_t *self, int k, likelihood_t *part, likelihood_fit_t *fit) {
    size_t n = (size_t)likelihood_n_parameters(part);
    if (self->has_dynamics) take_errors(self, k, n, fit);
    double *given = mem_alloc(2 * n, sizeof *given), *gradient = given + n;
    if (!given) return ERR_NOMEM;
    likelihood_parameters(part, given);
    likelihood_set_actors(part, NULL);
    const passes_course_t course = {self->n_steps[k], self->n_passes,
                                    likelihood_value(part, given, gradient, NULL)};
    likelihood_set_actors(part, &fit->actors);
    likelihood_value(part, fit->maximum.x, gradient,
                     NULL); /* what is kept of the last call is the maximum's */
    self->listener->fitted(self->listener->context, k, part, &course, fit);
    mem_free(given);
    return 0;
}

/* Reports event types fitted jointly, and statistics to be pooled that no two of them use alike. */
static void tell_together(const passes_t *self, int n, likelihood_t *const *parts,
                          const likelihood_fit_t *fits, const joint_fit_t *together) {
    bool unshared[STATISTIC_N];
    memcpy(unshared, self->choice->shared.statistics, sizeof unshared);
    for (int p = 0; p < n; p++) {
        const parameters_t *parameters = likelihood_table(parts[p]);
        for (int i = 0; i < parameters->n; i++)
            if (parameters->rows[i].term && fits[p].shared[i] >= 0)
                unshared[parameters->rows[i].term->statistic->id] = false;
    }
    self->listener->together(self->listener->context, unshared, together);
}

/* Fits n event types from the one at `first` on, jointly if they have pooled parameters, and reports each.
 * */
static int fit_kinds(passes_t *self, int first, int n, likelihood_t **parts, bool *again) {
    likelihood_fit_t *fits = mem_alloc((size_t)n, sizeof *fits);
    const passes_choice_t *choice = self->choice;
    joint_fit_t together;
    int ret = ERR_NOMEM;
    if (!fits) goto out;
    TRY(likelihood_fit_jointly(n, parts, &choice->shared, !choice->half_lives, fits, &together));
    for (int p = 0; p < n; p++) {
        int k = self->kinds[first + p];
        self->n_steps[k] += fits[p].maximum.iterations;
        if (self->is_last) TRY(report(self, k, parts[p], &fits[p]));
        bool shorter = self->leaves_out && leave_out(self, first + p, likelihood_table(parts[p]), &fits[p]);
        TRY(take_fit(self, k, parts[p], &fits[p]));
        if (!shorter) continue;
        mem_free(self->starts[k]); /* it has one parameter more */
        self->starts[k] = NULL;
        *again = true;
    }
    if (self->is_last && self->choice->together) tell_together(self, n, parts, fits, &together);
out:
    for (int p = 0; fits && p < n; p++) likelihood_fit_free(&fits[p]);
    mem_free(fits);
    return ret;
}

static int fit_all(passes_t *self, bool *again, fault_t *err) {
    const events_t *events = self->events;
    likelihood_t **parts = mem_alloc((size_t)self->n_kinds, sizeof *parts);
    int n = 0, ret = parts ? 0 : ERR_NOMEM;
    self->n_passes++;
    for (int at = 0; at < self->n_kinds && ret == 0; at++) {
        int k = self->kinds[at];
        give_others(self, at);
        self->given.start = self->starts[k];
        self->given.actor_start = self->actor_starts[k].n_sides ? &self->actor_starts[k] : NULL;
        TRY(likelihood_init(&parts[n], self->model, k, events->n, events->items, self->until, &self->given,
                            err));
        n++;
        if (self->choice->together) continue;
        ret = fit_kinds(self, at, 1, parts, again);
        likelihood_free(parts[--n]);
    }
    if (ret == 0 && n > 0) ret = fit_kinds(self, 0, n, parts, again);
out:
    while (n > 0) likelihood_free(parts[--n]);
    mem_free(parts);
    return ret;
}

/* ---- until it settles -------------------------------------------------------------------------------- */

/* Updates the expected unobserved events by a share of the change. */
static void move(double *taken, const double *found, size_t n, double share) {
    for (size_t i = 0; i < n; i++) taken[i] += share * (found[i] - taken[i]);
}

/* The change of the expected unobserved events: events of a day; the share of those before the data. Updates
 * them by a `share` of it. */
static double moved_by(passes_t *self, double share) {
    size_t n = (size_t)self->events->n;
    size_t cells = 2 * (size_t)self->model->n_ties * (size_t)self->model->n_kinds;
    double hidden = 0, moved = 0, all = 0;
    for (size_t e = 0; e < n; e++) hidden = fmax(hidden, fabs(self->found_hidden[e] - self->hidden[e]));
    for (size_t c = 0; c < cells && self->choice->left_truncated; c++) {
        moved += fabs(self->found_left_truncated[c] - self->left_truncated[c]);
        all += self->found_left_truncated[c];
    }
    move(self->hidden, self->found_hidden, n, share);
    move(self->left_truncated, self->found_left_truncated, cells, share);
    return fmax(hidden, moved > 0 ? moved / all : 0);
}

static void tell_unobserved(const passes_t *self) {
    passes_unobserved_t told = {
        .once_a_day = self->given.once_a_day, .begin = self->given.begin, .settled = self->settled};
    for (int e = 0; e < self->events->n; e++) told.hidden += self->hidden[e];
    for (int c = 0; c < 2 * self->model->n_ties * self->model->n_kinds; c++)
        told.left_truncated += self->left_truncated[c];
    self->listener->unobserved(self->listener->context, &told);
}

static int settle(passes_t *self, fault_t *err) {
    enum { WHOLE_STEPS = 6, MOST_PASSES = 40 };
    const double settled = 1e-3;
    bool hides = self->given.once_a_day || self->choice->left_truncated;
    bool begins = self->choice->n_dynamics && self->n_kinds && !self->starts[self->kinds[0]];
    bool again = self->choice->correlated || begins; /* dynamics begin at the kinds' estimates */
    double moved = hides ? INFINITY : 0;
    int ret = 0;
    for (int p = 0; p < MOST_PASSES && (moved > settled || again); p++) {
        again = false;
        self->leaves_out = p > 0 || !hides; /* once it is known roughly what the data do not show */
        TRY(fit_all(self, &again, err));
        moved = moved_by(self, p < WHOLE_STEPS ? 1 : 0.5); /* halves: else it may go to and fro */
    }
    self->leaves_out = false;
    self->settled = moved <= settled;
out:
    return ret;
}

/* ---- parameters of ties ------------------------------------------------------------------------------ */

/* All parameters together, with what the data do not show as it is. */
static int fit_dynamics(passes_t *self, bool intervals, fault_t *err) {
    size_t n = (size_t)self->n_kinds;
    likelihood_options_t *options = mem_alloc(n, sizeof *options);
    const double **others = mem_alloc(n * n, sizeof *others);
    double **x = mem_alloc(n, sizeof *x);
    bool **is_free = mem_alloc(n, sizeof *is_free);
    int ret = ERR_NOMEM;
    if (!options || !others || !x || !is_free) goto out;
    for (size_t at = 0; at < n; at++) {
        give_others(self, (int)at);
        options[at] = self->given;
        options[at].start = NULL;
        options[at].others = others + at * n;
        for (int o = 0; o < self->given.n_others; o++) others[at * n + (size_t)o] = self->others[o];
        x[at] = self->starts[self->kinds[at]];
        is_free[at] = self->are_free[self->kinds[at]];
    }
    const dynamics_task_t task = {.model = self->model,
                                  .n_events = self->events->n,
                                  .events = self->events->items,
                                  .until = self->until,
                                  .n_parts = self->n_kinds,
                                  .kinds = self->kinds,
                                  .options = options,
                                  .x = x,
                                  .is_free = is_free,
                                  .n_dynamics = self->choice->n_dynamics,
                                  .dynamics = self->choice->dynamics};
    dynamics_fit_free(&self->dynamics);
    TRY(dynamics_fit(&self->dynamics, &task, intervals, err));
out:
    mem_free(options);
    mem_free(others);
    mem_free(x);
    mem_free(is_free);
    return ret;
}

/* In turn with what the data do not show, until neither moves. */
static int settle_dynamics(passes_t *self, fault_t *err) {
    enum { MOST_TURNS = 20 };
    const passes_choice_t *choice = self->choice;
    bool alone = !self->given.once_a_day && !choice->left_truncated && !choice->correlated;
    double moved = INFINITY;
    int ret = 0;
    for (int turn = 0; turn < MOST_TURNS && moved > 1e-3; turn++) {
        double before[MOST_DYNAMICS];
        for (int d = 0; d < choice->n_dynamics; d++) before[d] = *choice->dynamics[d].values[0];
        TRY(fit_dynamics(self, false, err));
        moved = 0;
        for (int d = 0; d < choice->n_dynamics && !alone; d++)
            moved = fmax(moved, fabs(dynamic_scaled(&choice->dynamics[d], *choice->dynamics[d].values[0]) -
                                     dynamic_scaled(&choice->dynamics[d], before[d])));
        TRY(settle(self, err));
    }
    TRY(fit_dynamics(self, true, err));
    self->has_dynamics = true;
out:
    return ret;
}

int passes_fit(model_t *model, const events_t *events, const passes_choice_t *choice, double until,
               const passes_listener_t *listener, fault_t *err) {
    size_t n = (size_t)events->n, all = (size_t)model->n_kinds, n_flows = 2 * (size_t)model->n_ties;
    passes_t self = {.model = model,
                     .events = events,
                     .choice = choice,
                     .given = choice->likelihood,
                     .until = until,
                     .listener = listener,
                     .kinds = mem_alloc(all, sizeof(int)),
                     .hidden = mem_alloc(n, sizeof(double)),
                     .found_hidden = mem_alloc(n, sizeof(double)),
                     .left_truncated = mem_alloc(all * n_flows, sizeof(double)),
                     .found_left_truncated = mem_alloc(all * n_flows, sizeof(double)),
                     .starts = mem_alloc(all, sizeof(double *)),
                     .are_free = mem_alloc(all, sizeof(bool *)),
                     .actor_starts = mem_alloc(all, sizeof(actor_effects_t)),
                     .n_steps = mem_alloc(all, sizeof(int)),
                     .own = mem_alloc(all, sizeof(double *)),
                     .others = mem_alloc(all, sizeof(double *)),
                     .names = mem_alloc(all, sizeof(char *)),
                     .left_out = mem_alloc(all * all, sizeof(bool))};
    bool again;
    int ret = ERR_NOMEM;
    if (!self.kinds || !self.hidden || !self.found_hidden || !self.left_truncated ||
        !self.found_left_truncated || !self.starts || !self.are_free || !self.actor_starts || !self.n_steps ||
        !self.own || !self.others || !self.names || !self.left_out)
        goto out;
    self.given.once_a_day = !events->timed;
    self.given.hidden = self.given.once_a_day ? self.hidden : NULL;
    self.given.left_truncated = choice->left_truncated ? self.left_truncated : NULL;
    self.given.begin = n > 0 ? fmin(self.given.from, floor(events->items[0].time)) : self.given.from;
    TRY(choose_kinds(&self));
    TRY(settle(&self, err));
    if (choice->n_dynamics && self.n_kinds) TRY(settle_dynamics(&self, err));
    tell_unobserved(&self);
    if (self.has_dynamics) listener->dynamics(listener->context, &self.dynamics, self.n_kinds, self.kinds);
    self.is_last = true;
    ret = fit_all(&self, &again, err);
out:
    dynamics_fit_free(&self.dynamics);
    for (size_t k = 0; self.starts && self.are_free && self.own && k < all; k++) {
        mem_free(self.starts[k]);
        mem_free(self.are_free[k]);
        mem_free(self.own[k]);
        if (self.actor_starts) actor_effects_free(&self.actor_starts[k]);
    }
    mem_free(self.actor_starts);
    mem_free(self.kinds);
    mem_free(self.hidden);
    mem_free(self.found_hidden);
    mem_free(self.left_truncated);
    mem_free(self.found_left_truncated);
    mem_free(self.starts);
    mem_free(self.are_free);
    mem_free(self.n_steps);
    mem_free(self.own);
    mem_free(self.others);
    mem_free(self.names);
    mem_free(self.left_out);
    return ret;
}
