#include "model/predictor.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include <assert.h>
#include <gsl/gsl_minmax.h>
#include <math.h>

/* Of whom a statistic is read; tie and flow are -1 where there is none. */
typedef struct {
    const world_t *world;
    int i, j, tie, flow;
    int mediated[2]; /* ties of the mediator with i and j; -1 */
    double now;
} dyad_t;

/* Its value, and the least and the largest that it takes from now until the next effect on the dyad. */
typedef struct {
    double now, least, most;
} range_t;

static dyad_t dyad_of(const world_t *world, int i, int j, double now) {
    int flow = i >= 0 && j >= 0 ? model_flow(world->model, i, j) : -1;
    return (dyad_t){world, i, j, flow < 0 ? -1 : flow / 2, flow, {-1, -1}, now};
}

static range_t still(double x) {
    return (range_t){x, x, x};
}

/* It may go to any of these, or to what lies between. */
static range_t between(double now, double b, double c) {
    return (range_t){now, GSL_MIN(GSL_MIN(now, b), c), GSL_MAX(GSL_MAX(now, b), c)};
}

static range_t strength(const dyad_t *d) {
    const tie_state_t *tie = &d->world->ties[d->tie];
    double s, b;
    tie_at(&d->world->relax, tie, d->now, &s, &b);
    return between(s, b, tie->b0);
}

static range_t alignment(const dyad_t *d) {
    double b0 = d->world->ties[d->tie].b0;
    return between(world_alignment(d->world, d->tie, d->now), b0, b0);
}

static range_t log_count(const dyad_t *d, const term_t *term, int flow) {
    double x = elementary_log1p(world_count(d->world, term->slot, flow, d->now));
    return (range_t){x, 0, x};
}

static range_t years(const dyad_t *d) {
    return between(d->now / DAYS_PER_YEAR, d->now / DAYS_PER_YEAR,
                   GSL_MAX(d->now, d->world->model->horizon) / DAYS_PER_YEAR);
}

static range_t mediation(const dyad_t *d, bool bias) {
    double s[2];
    for (int end = 0; end < 2; end++) s[end] = world_strength(d->world, d->mediated[end], d->now);
    return still(bias ? fabs(s[0] - s[1]) : (s[0] + s[1]) / 2);
}

static double shared_groups(const dyad_t *d) {
    return d->world->log1p[__builtin_popcountll(d->world->memberships[d->i] & d->world->memberships[d->j])];
}

static double in_group(const dyad_t *d, int group) {
    return world_member(d->world, group, d->i) && (d->j < 0 || world_member(d->world, group, d->j));
}

/* On the tie; one of actors on either of the two. */
static double condition_holds(const dyad_t *d, const term_t *term) {
    const world_t *world = d->world;
    if (d->tie >= 0) return world_condition_on_tie(world, term->ref, d->tie);
    if (!world->model->conditions[term->ref].on_actor) return term->reference;
    return world_condition_on_actor(world, term->ref, d->i) ||
           (d->j >= 0 && world_condition_on_actor(world, term->ref, d->j));
}

/* The statistic of those whom it speaks of, who are there. */
static range_t look(const dyad_t *d, const term_t *term) {
    const model_t *model = d->world->model;
    switch (term->statistic->id) {
    case STATISTIC_STRENGTH:
        return strength(d);
    case STATISTIC_ALIGNMENT:
        return alignment(d);
    case STATISTIC_LOG_GDP_INITIATOR:
        return still(d->world->log_gdp[d->i]);
    case STATISTIC_LOG_GDP_TARGET:
        return still(d->world->log_gdp[d->j]);
    case STATISTIC_LOG_DISTANCE:
        return still(d->world->log_distance[d->tie]);
    case STATISTIC_INITIATOR:
        return still(model->actors[d->i].attributes[term->ref]);
    case STATISTIC_TARGET:
        return still(model->actors[d->j].attributes[term->ref]);
    case STATISTIC_TIE:
        return still(model->ties[d->tie].attributes[term->ref]);
    case STATISTIC_CONDITION:
        return still(condition_holds(d, term));
    case STATISTIC_CONDITION_INITIATOR:
        return still(world_condition_from(d->world, term->ref, d->flow));
    case STATISTIC_CONDITION_TARGET:
        return still(world_condition_from(d->world, term->ref, d->flow ^ 1));
    case STATISTIC_SHARED_GROUPS:
        return still(shared_groups(d));
    case STATISTIC_GROUP:
        return still(in_group(d, term->ref));
    case STATISTIC_INERTIA:
        return log_count(d, term, d->flow);
    case STATISTIC_RECIPROCITY:
        return log_count(d, term, d->flow ^ 1);
    case STATISTIC_YEARS:
        return years(d);
    case STATISTIC_MEDIATOR_STRENGTH:
    case STATISTIC_MEDIATOR_BIAS:
        return mediation(d, term->statistic->id == STATISTIC_MEDIATOR_BIAS);
    default:
        assert(term->statistic->klass == STATISTIC_SAMPLED);
        return still(d->world->sampled[(size_t)d->flow * SAMPLED_N + (size_t)term->statistic->sampled]);
    }
}

/* A statistic of a tie or a target, where there is none, and an unknown figure count as the reference value,
 * so that they contribute nothing. */
static range_t range_of(const dyad_t *d, const term_t *term) {
    statistic_subject_t subject = term->statistic->subject;
    if ((subject == SUBJECT_TARGET && d->j < 0) || (subject == SUBJECT_TIE && d->tie < 0) ||
        (subject == SUBJECT_MEDIATOR && (d->mediated[0] < 0 || d->mediated[1] < 0)))
        return still(term->reference);
    range_t range = look(d, term);
    return isnan(range.now) ? still(term->reference) : range;
}

double predictor_part(const world_t *world, const predictor_t *predictor, statistic_class_t klass, int i,
                      int j, double now) {
    dyad_t d = dyad_of(world, i, j, now);
    double sum = 0;
    for (int n = 0; n < predictor->n; n++) {
        const term_t *term = &predictor->terms[n];
        if (term->statistic->klass == klass)
            sum += term->coefficient * (range_of(&d, term).now - term->reference);
    }
    return sum;
}

static double value_of(const dyad_t *d, const predictor_t *predictor) {
    double sum = 0;
    for (int n = 0; n < predictor->n; n++) {
        const term_t *term = &predictor->terms[n];
        sum += term->coefficient * (range_of(d, term).now - term->reference);
    }
    return sum;
}

double predictor_value(const world_t *world, const predictor_t *predictor, int i, int j, double now) {
    dyad_t d = dyad_of(world, i, j, now);
    return value_of(&d, predictor);
}

double term_value(const world_t *world, const term_t *term, int i, int j, double now) {
    dyad_t d = dyad_of(world, i, j, now);
    return range_of(&d, term).now;
}

double terms_sum(const world_t *world, int n, const term_t *const *terms, int i, int j, double now) {
    dyad_t d = dyad_of(world, i, j, now);
    double sum = 0;
    for (int k = 0; k < n; k++) sum += terms[k]->coefficient * range_of(&d, terms[k]).now;
    return sum;
}

double terms_most(const world_t *world, int n, const term_t *const *terms, int i, int j, double now) {
    dyad_t d = dyad_of(world, i, j, now);
    double sum = 0;
    for (int k = 0; k < n; k++) {
        range_t range = range_of(&d, terms[k]);
        sum += terms[k]->coefficient * (terms[k]->coefficient > 0 ? range.most : range.least);
    }
    return sum;
}

double chance_mediated(const world_t *world, const chance_t *chance, int i, int j, int mediator, double now) {
    if (chance->log_odds.n == 0 || chance->probability <= 0 || chance->probability >= 1)
        return chance->probability;
    dyad_t d = dyad_of(world, i, j, now);
    if (mediator >= 0) {
        d.mediated[0] = model_tie(world->model, mediator, i);
        d.mediated[1] = model_tie(world->model, mediator, j);
    }
    double z =
        elementary_log(chance->probability / (1 - chance->probability)) + value_of(&d, &chance->log_odds);
    return 1 / (1 + elementary_exp(-z));
}

double chance_probability(const world_t *world, const chance_t *chance, int i, int j, double now) {
    return chance_mediated(world, chance, i, j, -1, now);
}
