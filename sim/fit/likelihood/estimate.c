/* Maximum likelihood estimates, of one event type or of several with pooled parameters. */
#include "fit/likelihood/actors.h"

#include "base/mem.h"

#include <string.h>

/* ---- several kinds as one ------------------------------------------------------------------------------ */

static int n_free_of(const joint_t *joint) {
    int n = 0;
    for (int i = 0; i < joint->n; i++) n += joint->is_free[i] && joint->same[i] == i;
    return n;
}

/* The free parameters in order, and the position of every parameter among them: -1 if it is held fixed. */
static void number_free(joint_t *joint) {
    int n_free = 0;
    for (int i = 0; i < joint->n; i++) {
        int same = joint->same[i];
        joint->index[i] = !joint->is_free[i] ? -1 : same == i ? n_free++ : joint->index[same];
    }
}

/* The sum of log L over the event types at the current parameters, with its derivatives by the free ones. */
static double free_value(const double *x, double *gradient, double *information, void *data) {
    joint_t *joint = data;
    double value = 0;
    size_t n_free = (size_t)n_free_of(joint);
    for (int i = 0; i < joint->n; i++)
        if (joint->index[i] >= 0) joint->x[i] = x[joint->index[i]];
    memset(gradient, 0, n_free * sizeof *gradient);
    if (information) memset(information, 0, n_free * n_free * sizeof *information);
    for (int p = 0; p < joint->n_parts; p++) {
        int first = joint->first[p], n = joint->first[p + 1] - first;
        const int *index = joint->index + first;
        likelihood_t *self = joint->parts[p];
        double part = (self->actors.n_sides ? actors_value : likelihood_value)(
            self, joint->x + first, joint->gradient, information ? joint->information : NULL);
        value += part;
        if (!isfinite(value)) return -INFINITY;
        for (int i = 0; i < n; i++) {
            if (index[i] < 0) continue;
            gradient[index[i]] += joint->gradient[i];
            for (int j = 0; information && j < n; j++)
                if (index[j] >= 0)
                    information[(size_t)index[i] * n_free + (size_t)index[j]] +=
                        joint->information[i * n + j];
        }
    }
    return value;
}

static int climb(joint_t *joint) {
    int n = joint->n, n_free = n_free_of(joint), ret = ERR_NOMEM;
    double *start = mem_alloc((size_t)n_free, sizeof *start),
           *least = mem_alloc((size_t)n_free, sizeof *least);
    maximum_t m = {0}, *all = &joint->maximum;
    if (!start || !least) goto out;
    number_free(joint);
    for (int p = 0; p < joint->n_parts; p++)
        for (int i = joint->first[p]; i < joint->first[p + 1]; i++) {
            if (joint->index[i] < 0) continue;
            const parameters_t *table = &joint->parts[p]->parameters;
            int row = i - joint->first[p];
            least[joint->index[i]] = row < table->n ? parameter_least(&table->rows[row]) : -INFINITY;
            start[joint->index[i]] = joint->x[joint->same[i]];
        }
    objective_t objective = {
        .n = n_free, .value = free_value, .has_information = true, .least = least, .data = joint};
    TRY(newton_maximise(&objective, start, &m));
    for (int i = 0; i < n; i++) {
        if (joint->index[i] >= 0) joint->x[i] = m.x[joint->index[i]];
        for (int j = 0; j < n; j++)
            joint->covariance[i * n + j] = joint->index[i] < 0 || joint->index[j] < 0
                                               ? 0
                                               : m.covariance[joint->index[i] * n_free + joint->index[j]];
    }
    all->log_l = m.log_l, all->gradient = m.gradient;
    all->converged = m.converged, all->told = m.told;
    all->iterations += m.iterations;
out:
    maximum_free(&m);
    mem_free(start);
    mem_free(least);
    return ret;
}

/* Climbs until the covariance of actors' effects agrees with them. */
static int settle(joint_t *joint) {
    enum { MOST_ROUNDS = 200 };
    const double settled = 1e-4;
    int ret = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double moved = 0;
        TRY(climb(joint));
        for (int p = 0; p < joint->n_parts; p++)
            moved = fmax(moved, actors_move(joint->parts[p], joint->covariance, (size_t)joint->n,
                                            (size_t)joint->first[p]));
        if (moved < settled || !joint->maximum.converged) break;
    }
out:
    return ret;
}

/* ---- what is free ------------------------------------------------------------------------------------ */

/* Whether the data determine the term's coefficient: its statistic is not the same everywhere. */
static bool term_varies(const likelihood_t *self, int s) {
    int at = self->n_classes + s;
    for (size_t n = 1; n < self->n_nodes; n++)
        if (node_of(self, n)[at] != node_of(self, 0)[at]) return true;
    return false;
}

/* Factors with an event are free, except the first, to which the others are relative. A factor without an
 * event would go to 0 and its log to minus infinity, so it is held fixed. */
static void free_factors(const likelihood_t *self, const unsigned char *which, int n, bool *is_free) {
    int first = n;
    memset(is_free, 0, (size_t)n * sizeof *is_free);
    for (int e = 0; e < self->n_own; e++) is_free[which[day_of(self, self->own_times[e])]] = true;
    for (int d = first_day(self); d < self->n_days; d++)
        if (which[d] < first) first = which[d];
    is_free[first] = false;
}

static void choose_free(const likelihood_t *self, bool keep_half_lives, double *x, bool *is_free) {
    double reached[MOST_EXCITATIONS] = {0}, weights[MOST_EXCITATIONS] = {0}, excited = 0;
    bool *free_terms = is_free + first_of(self, PARAMETER_COEFFICIENT);
    is_free[first_of(self, PARAMETER_RATE)] = true;
    for (int s = 0; s < self->n_terms; s++) free_terms[s] = term_varies(self, s);
    for (size_t m = 0; m < self->n_instants; m++) {
        int e = self->instants[m].excitation;
        double weight = self->instants[m].weight;
        if (e >= 0) weights[e] += weight, reached[e] += weight * excitation_reach(self, &self->instants[m]);
    }
    /* Start values of the branching ratios: a plausible number of offspring of an event over all places, and
     * half of all events left to the baseline rate. */
    for (int e = 0; e < self->n_excitations; e++) {
        double reach = reached[e] / weights[e];
        int i = branching_of(self, e);
        is_free[i] = reached[e] > 0;
        is_free[half_life_of(self, e)] = is_free[i] && !keep_half_lives;
        if (is_free[i]) x[i] = fmax(0.05, fmin(0.5, x[i] * reach)) / reach, excited += x[i] * reached[e];
    }
    for (int e = 0; e < self->n_excitations; e++)
        if (is_free[branching_of(self, e)]) x[branching_of(self, e)] *= fmin(1, 0.5 * self->n_own / excited);
    if (self->options.weekdays)
        free_factors(self, self->weekday_of, N_WEEKDAYS, is_free + first_of(self, PARAMETER_WEEKDAY));
    if (self->options.months)
        free_factors(self, self->month_of, N_MONTHS, is_free + first_of(self, PARAMETER_MONTH));
    if (spread_of(self) >= 0) is_free[spread_of(self)] = self->options.spread;
    for (int b = 0; b < n_actor_effects(self); b++) is_free[self->parameters.n + b] = actors_is_seen(self, b);
}

/* Holds parameters at their boundary fixed: branching ratios of 0, and the sd of u. Returns their number. */
static int drop_edges(const likelihood_t *self, const double *x, bool *is_free) {
    int dropped = 0;
    for (int i = 0; i < self->parameters.n; i++) {
        const parameter_t *row = &self->parameters.rows[i];
        if (!is_free[i] || x[i] > parameter_least(row)) continue;
        is_free[i] = false;
        if (row->kind == PARAMETER_BRANCHING) is_free[half_life_of(self, row->index)] = false;
        dropped++;
    }
    return dropped;
}

/* ---- what several kinds share -------------------------------------------------------------------------- */

/* Whether the two terms of different event types are one statistic: of the same subject (or each of its own
 * type), with the same half-life. */
static bool is_same_term(const likelihood_t *a, const term_t *x, const likelihood_t *b, const term_t *y) {
    if (x->statistic != y->statistic || (x->statistic->has_half_life && x->half_life != y->half_life))
        return false;
    return x->ref == y->ref || (x->statistic->ref == REF_KIND && x->ref == a->k && y->ref == b->k);
}

static bool is_shared(const shared_t *shared, const parameter_t *row) {
    if (row->kind == PARAMETER_WEEKDAY) return shared->weekdays;
    if (row->kind == PARAMETER_MONTH) return shared->months;
    return row->term && shared->statistics[row->term->statistic->id];
}

/* The parameter of part p that is the same as number `i` of part q; -1 if there is none. */
static int same_in(const joint_t *joint, const shared_t *shared, int p, int q, int i) {
    const likelihood_t *a = joint->parts[p], *b = joint->parts[q];
    const parameter_t *row = &b->parameters.rows[i];
    if (!is_shared(shared, row)) return -1;
    if (!row->term) return parameters_at(&a->parameters, row->kind, row->index);
    for (int s = 0; s < a->kind->log_rate.n; s++)
        if (is_same_term(a, term_row(a, s)->term, b, row->term))
            return parameters_at(&a->parameters, PARAMETER_COEFFICIENT, s);
    return -1;
}

static void share(joint_t *joint, const shared_t *shared) {
    for (int i = 0; i < joint->n; i++) joint->same[i] = i;
    for (int q = 1; shared && q < joint->n_parts; q++)
        for (int i = joint->first[q]; i < joint->first[q] + joint->parts[q]->parameters.n; i++)
            for (int p = 0, found = -1; p < q && found < 0; p++) {
                found = same_in(joint, shared, p, q, i - joint->first[q]);
                if (found >= 0) joint->same[i] = joint->same[joint->first[p] + found];
            }
    for (int i = 0; i < joint->n; i++) joint->n_same[joint->same[i]]++;
}

/* A pooled parameter is free if the data of some event type determine it; all of that name have one value.
 * */
static void agree(joint_t *joint) {
    for (int i = 0; i < joint->n; i++) joint->is_free[joint->same[i]] |= joint->is_free[i];
    for (int i = 0; i < joint->n; i++) {
        joint->is_free[i] = joint->is_free[joint->same[i]];
        joint->x[i] = joint->x[joint->same[i]];
    }
}

/* ---- fit --------------------------------------------------------------------------------------------- */

static int joint_init(joint_t *joint, int n_parts, likelihood_t *const *parts, const shared_t *shared) {
    size_t n = 0, most = 0, count = (size_t)n_parts;
    *joint = (joint_t){.n_parts = n_parts, .parts = parts};
    joint->first = mem_alloc(count + 1, sizeof *joint->first);
    if (!joint->first) return ERR_NOMEM;
    for (size_t p = 0; p < count; p++) {
        size_t n_part = (size_t)n_estimates(parts[p]);
        n += n_part;
        most = n_part > most ? n_part : most;
        joint->first[p + 1] = (int)n;
    }
    joint->n = (int)n;
    joint->same = mem_alloc(3 * n, sizeof *joint->same);
    joint->is_free = mem_alloc(n, sizeof *joint->is_free);
    joint->x = mem_alloc(n + most + most * most + 3 * n * n + n, sizeof *joint->x);
    if (!joint->same || !joint->is_free || !joint->x) return ERR_NOMEM;
    joint->index = joint->same + n;
    joint->n_same = joint->index + n;
    joint->gradient = joint->x + n;
    joint->information = joint->gradient + most;
    joint->covariance = joint->information + most * most;
    joint->clustered = joint->covariance + n * n;
    joint->robust = joint->clustered + n * n;
    joint->degrees = joint->robust + n * n;
    share(joint, shared);
    return 0;
}

static void joint_free(joint_t *joint) {
    mem_free(joint->first);
    mem_free(joint->same);
    mem_free(joint->is_free);
    mem_free(joint->x);
}

/* Of one kind: penalties, clusters, and u. */
static void finish_value(const likelihood_t *self, likelihood_fit_t *fit) {
    size_t bytes = (size_t)self->model->n_ties * sizeof *fit->effects;
    for (int i = 0; i < self->parameters.n; i++) fit->n_free += fit->is_free[i];
    if (spread_of(self) >= 0) {
        memcpy(fit->effects, self->effects, bytes);
        memcpy(fit->effect_sds, self->effect_sds, bytes);
    }
    if (self->options.actor_spread) fit->n_free += self->actors.n_sides == 2 ? 3 : self->actors.n_sides;
    fit->aic = 2 * fit->n_free - 2 * fit->maximum.log_l;
    fit->bic = fit->n_free * elementary_log(self->n_own) - 2 * fit->maximum.log_l;
    for (int e = 0; e < self->n_own; e++)
        fit->n_clusters +=
            e == 0 || tie_of(self, self->own_places[e]) != tie_of(self, self->own_places[e - 1]);
}

static int fit_alloc(const likelihood_t *self, likelihood_fit_t *fit) {
    size_t n = (size_t)self->parameters.n;
    fit->maximum.x = mem_alloc(n, sizeof(double));
    fit->maximum.se = mem_alloc(n, sizeof(double));
    fit->maximum.covariance = mem_alloc(n * n, sizeof(double));
    fit->cluster_se = mem_alloc(n, sizeof(double));
    fit->robust_se = mem_alloc(n, sizeof(double));
    fit->degrees = mem_alloc(n, sizeof(double));
    fit->robust = mem_alloc(n * n, sizeof(double));
    fit->is_free = mem_alloc(n, sizeof(bool));
    fit->shared = mem_alloc(n, sizeof(int));
    if (spread_of(self) >= 0) {
        fit->effects = mem_alloc((size_t)self->model->n_ties, sizeof(double));
        fit->effect_sds = mem_alloc((size_t)self->model->n_ties, sizeof(double));
    }
    if (self->actors.n_sides) {
        size_t all = (size_t)n_estimates(self);
        fit->with_actors = mem_alloc(all * all, sizeof(double));
        if (!fit->with_actors || actor_effects_copy(&fit->actors, &self->actors) < 0) return ERR_NOMEM;
    }
    bool good = fit->maximum.x && fit->maximum.se && fit->maximum.covariance && fit->cluster_se &&
                fit->robust_se && fit->degrees && fit->robust && fit->is_free && fit->shared &&
                (spread_of(self) < 0 || (fit->effects && fit->effect_sds));
    return good ? 0 : ERR_NOMEM;
}

/* Gives an event type its part of the estimates, without the errors. */
static int give(joint_t *joint, int p, likelihood_fit_t *fit) {
    likelihood_t *self = joint->parts[p];
    size_t first = (size_t)joint->first[p], n = (size_t)self->parameters.n;
    memcpy(fit->maximum.x, joint->x + first, n * sizeof *joint->x);
    memcpy(fit->is_free, joint->is_free + first, n * sizeof *joint->is_free);
    for (size_t i = 0; i < n; i++) {
        int same = joint->same[first + i];
        fit->shared[i] = joint->n_same[same] > 1 ? same : -1;
    }
    fit->maximum.gradient = joint->maximum.gradient;
    fit->maximum.iterations = joint->maximum.iterations;
    fit->maximum.converged = joint->maximum.converged;
    fit->maximum.told = joint->maximum.told;
    /* u and what else is kept of the last call are those of the maximum */
    fit->maximum.log_l = self->actors.n_sides ? actors_log_l(self, joint->x + first)
                                              : likelihood_value(self, fit->maximum.x, joint->gradient, NULL);
    for (int side = 0; side < self->actors.n_sides && self->options.actor_spread; side++)
        fit->n_at_edge += actors_is_at_edge(self, side);
    finish_value(self, fit);
    return self->actors.n_sides ? actor_effects_copy(&fit->actors, &self->actors) : 0;
}

int likelihood_fit_jointly(int n, likelihood_t *const *parts, const shared_t *shared, bool keep_half_lives,
                           likelihood_fit_t *fits, joint_fit_t *together) {
    joint_t joint;
    int ret = joint_init(&joint, n, parts, shared);
    memset(fits, 0, (size_t)n * sizeof *fits);
    if (ret < 0) goto out;
    for (int p = 0; p < n; p++) {
        TRY(fit_alloc(parts[p], &fits[p]));
        double *x = joint.x + joint.first[p];
        likelihood_parameters(parts[p], x);
        if (parts[p]->actors.n_sides)
            memcpy(x + parts[p]->parameters.n, parts[p]->actors.effects,
                   (size_t)n_actor_effects(parts[p]) * sizeof *x);
        choose_free(parts[p], keep_half_lives, joint.x + joint.first[p], joint.is_free + joint.first[p]);
    }
    agree(&joint);
    for (int p = 0; p < n; p++) {
        double *x = joint.x + joint.first[p], *rate = x + first_of(parts[p], PARAMETER_RATE);
        *rate = 0;
        *rate = elementary_log(0.7 * parts[p]->n_own / likelihood_exposure(parts[p], x));
        if (parts[p]->options.start)
            memcpy(x, parts[p]->options.start, (size_t)parts[p]->parameters.n * sizeof *x);
    }
    for (bool again = true; again;) {
        again = false;
        TRY(settle(&joint));
        for (int p = 0; p < n; p++) {
            int dropped = drop_edges(parts[p], joint.x + joint.first[p], joint.is_free + joint.first[p]);
            fits[p].n_at_edge += dropped;
            again |= dropped > 0;
        }
    }
    joint_fit_t all = {0};
    int n_events = 0;
    for (int i = 0; i < joint.n; i++) all.n_shared += joint.is_free[i] && joint.same[i] != i;
    for (int p = 0; p < n; p++) {
        TRY(give(&joint, p, &fits[p]));
        all.log_l += fits[p].maximum.log_l;
        all.n_free += fits[p].n_free;
        n_events += parts[p]->n_own;
    }
    all.n_free -= all.n_shared;
    all.aic = 2 * all.n_free - 2 * all.log_l;
    all.bic = all.n_free * elementary_log(n_events) - 2 * all.log_l;
    if (together) *together = all;
    TRY(joint_errors(&joint, fits));
out:
    joint_free(&joint);
    return ret;
}

int likelihood_fit(likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit) {
    return likelihood_fit_jointly(1, &self, NULL, keep_half_lives, fit, NULL);
}

void likelihood_fit_free(likelihood_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->cluster_se);
    mem_free(self->robust_se);
    mem_free(self->degrees);
    mem_free(self->robust);
    mem_free(self->is_free);
    mem_free(self->shared);
    mem_free(self->effects);
    mem_free(self->effect_sds);
    actor_effects_free(&self->actors);
    mem_free(self->with_actors);
    *self = (likelihood_fit_t){0};
}
