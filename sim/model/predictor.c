#include "model/predictor.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include <gsl/gsl_minmax.h>
#include <math.h>

/* The subject of a statistic; tie and flow are -1 if there is none. */
typedef struct {
    const world_t *world;
    int i, j, tie, flow;
    double now;
} place_t;

static place_t place(const world_t *world, int i, int j, double now) {
    int flow = i >= 0 && j >= 0 ? model_flow(world->model, i, j) : -1;
    return (place_t){world, i, j, flow < 0 ? -1 : flow / 2, flow, now};
}

static double shared_groups(const place_t *p) {
    return elementary_log1p(__builtin_popcountll(p->world->memberships[p->i] & p->world->memberships[p->j]));
}

static double in_group(const place_t *p, int group) {
    return world_member(p->world, group, p->i) && (p->j < 0 || world_member(p->world, group, p->j));
}

/* On the tie; one of actors on either of the two. */
static double condition_holds(const place_t *p, const term_t *term) {
    const world_t *world = p->world;
    if (p->tie >= 0) return world_condition_on_tie(world, term->ref, p->tie);
    if (!world->model->conditions[term->ref].on_actor) return term->centre;
    return world_condition_on_actor(world, term->ref, p->i) ||
           (p->j >= 0 && world_condition_on_actor(world, term->ref, p->j));
}

static double or_centre(double value, const term_t *term) {
    return isnan(value) ? term->centre : value;
}

/* The statistic's value. Statistics of a missing tie, and unknown figures, count as the reference value, so
 * that they contribute nothing. */
static double value(const place_t *p, const term_t *term) {
    const model_t *model = p->world->model;
    const actor_t *from = &model->actors[p->i], *to = p->j < 0 ? NULL : &model->actors[p->j];
    switch (term->statistic->id) {
    case STATISTIC_LOG_GDP_INITIATOR:
        return or_centre(p->world->log_gdp[p->i], term);
    case STATISTIC_LOG_GDP_TARGET:
        return to ? or_centre(p->world->log_gdp[p->j], term) : term->centre;
    case STATISTIC_INITIATOR:
        return or_centre(from->attributes[term->ref], term);
    case STATISTIC_TARGET:
        return to ? or_centre(to->attributes[term->ref], term) : term->centre;
    case STATISTIC_SHARED_GROUPS:
        return p->j < 0 ? term->centre : shared_groups(p);
    case STATISTIC_GROUP:
        return in_group(p, term->ref);
    case STATISTIC_CONDITION:
        return condition_holds(p, term);
    case STATISTIC_YEARS:
        return p->now / DAYS_PER_YEAR;
    default:
        break;
    }
    if (p->tie < 0) return term->centre;
    const tie_t *tie = &model->ties[p->tie];
    switch (term->statistic->id) {
    case STATISTIC_STRENGTH:
        return world_strength(p->world, p->tie, p->now);
    case STATISTIC_ALIGNMENT:
        return world_alignment(p->world, p->tie, p->now);
    case STATISTIC_LOG_DISTANCE:
        return or_centre(p->world->log_distance[p->tie], term);
    case STATISTIC_TIE:
        return or_centre(tie->attributes[term->ref], term);
    case STATISTIC_INERTIA:
        return elementary_log1p(world_count(p->world, term->slot, p->flow, p->now));
    case STATISTIC_RECIPROCITY:
        return elementary_log1p(world_count(p->world, term->slot, p->flow ^ 1, p->now));
    default: /* of class SAMPLED */
        return p->world->sampled[(size_t)p->flow * SAMPLED_N + (size_t)term->statistic->sampled];
    }
}

/* The largest (or, with a negative coefficient, smallest) value of a lazy statistic until the next effect.
 * */
static double extreme(const place_t *p, const term_t *term) {
    bool up = term->loading > 0;
    if (up && term->statistic->id == STATISTIC_YEARS)
        return GSL_MAX(p->now, p->world->model->horizon) / DAYS_PER_YEAR;
    if (p->tie >= 0) {
        const tie_state_t *tie = &p->world->ties[p->tie];
        double s, b;
        switch (term->statistic->id) {
        case STATISTIC_STRENGTH:
            s = world_strength(p->world, p->tie, p->now), b = world_alignment(p->world, p->tie, p->now);
            return up ? GSL_MAX(GSL_MAX(s, b), tie->b0) : GSL_MIN(GSL_MIN(s, b), tie->b0);
        case STATISTIC_ALIGNMENT:
            b = world_alignment(p->world, p->tie, p->now);
            return up ? GSL_MAX(b, tie->b0) : GSL_MIN(b, tie->b0);
        case STATISTIC_INERTIA:
        case STATISTIC_RECIPROCITY:
            return up ? value(p, term) : 0;
        default:
            break;
        }
    }
    return value(p, term);
}

double predictor_part(const world_t *world, const predictor_t *predictor, statistic_class_t klass, int i,
                      int j, double now) {
    place_t p = place(world, i, j, now);
    double sum = 0;
    for (int n = 0; n < predictor->n; n++) {
        const term_t *term = &predictor->terms[n];
        if (term->statistic->klass == klass) sum += term->loading * (value(&p, term) - term->centre);
    }
    return sum;
}

double predictor_value(const world_t *world, const predictor_t *predictor, int i, int j, double now) {
    place_t p = place(world, i, j, now);
    double sum = 0;
    for (int n = 0; n < predictor->n; n++)
        sum += predictor->terms[n].loading * (value(&p, &predictor->terms[n]) - predictor->terms[n].centre);
    return sum;
}

double term_value(const world_t *world, const term_t *term, int i, int j, double now) {
    place_t p = place(world, i, j, now);
    return value(&p, term);
}

double term_extreme(const world_t *world, const term_t *term, int i, int j, double now) {
    place_t p = place(world, i, j, now);
    return extreme(&p, term);
}

double chance_probability(const world_t *world, const chance_t *chance, int i, int j, double now) {
    if (chance->log_odds.n == 0 || chance->probability <= 0 || chance->probability >= 1)
        return chance->probability;
    double z = elementary_log(chance->probability / (1 - chance->probability)) +
               predictor_value(world, &chance->log_odds, i, j, now);
    return 1 / (1 + elementary_exp(-z));
}
