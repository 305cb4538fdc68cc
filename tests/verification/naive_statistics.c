/* Statistics, by their definition, and the predictors and chances that they move. */
#include "naive_internal.h"

#include "base/date.h"
#include "base/math/elementary.h"

#include <assert.h>

static double count(const naive_t *n, const term_t *term, int i, int j, double t) {
    double sum = 0;
    for (int k = 0; k < n->n_meetings; k++) {
        const meeting_t *p = &n->meetings[k];
        if (p->kind != term->ref) continue;
        if ((p->i == i && p->j == j) || (p->undirected && p->i == j && p->j == i))
            sum += exp2(-naive_half_lives(n, &term->half_life, p->time, t));
    }
    return sum;
}

static double sample(const naive_t *n, statistic_id_t id, int i, int j, double t) {
    const model_t *m = n->m;
    double triads = 0, of_i = 0, of_j = 0;
    int partners = 0;
    for (int k = 0; k < m->n_actors; k++) {
        if (k == i || k == j) continue;
        int ik = model_tie(m, i, k), jk = model_tie(m, j, k);
        double s_ik = ik < 0 ? 0 : naive_tie_now(n, ik, t).s, s_jk = jk < 0 ? 0 : naive_tie_now(n, jk, t).s;
        of_i += s_ik > 0 ? s_ik : 0;
        of_j += s_jk > 0 ? s_jk : 0;
        partners += s_ik > 0 && s_jk > 0;
        triads += s_ik * s_jk;
    }
    if (id == STATISTIC_DEGREE_INITIATOR) return elementary_log(1 + of_i);
    if (id == STATISTIC_DEGREE_TARGET) return elementary_log(1 + of_j);
    if (id == STATISTIC_SHARED_PARTNERS) return elementary_log(1 + partners);
    if (id == STATISTIC_BALANCE) return triads < 0 ? -elementary_log(1 - triads) : elementary_log(1 + triads);
    double there = naive_trade(n, model_flow(m, i, j), t), back = naive_trade(n, model_flow(m, j, i), t);
    return elementary_log(fmax(1, (isnan(there) ? 0 : there) + (isnan(back) ? 0 : back)));
}

void naive_refresh(naive_t *n) {
    const model_t *m = n->m;
    naive_clear_market(n);
    for (int f = 0; f < 2 * m->n_ties; f++)
        for (int id = 0; id < STATISTIC_N; id++)
            if (statistics[id].klass == STATISTIC_SAMPLED)
                n->sampled[f * STATISTIC_N + id] =
                    sample(n, (statistic_id_t)id, flow_from(m, f), flow_to(m, f), n->now);
}

double naive_fixed(const model_t *m, const term_t *term, int i, int j) {
    int e = j < 0 ? -1 : model_tie(m, i, j);
    double v = NAN;
    switch (term->statistic->id) {
    case STATISTIC_LOG_GDP_INITIATOR:
        v = elementary_log(m->actors[i].gdp_usd);
        break;
    case STATISTIC_LOG_GDP_TARGET:
        v = j < 0 ? NAN : elementary_log(m->actors[j].gdp_usd);
        break;
    case STATISTIC_INITIATOR:
        v = m->actors[i].attributes[term->ref];
        break;
    case STATISTIC_TARGET:
        v = j < 0 ? NAN : m->actors[j].attributes[term->ref];
        break;
    case STATISTIC_LOG_DISTANCE:
        v = e < 0 ? NAN : elementary_log(m->ties[e].distance_km);
        break;
    case STATISTIC_TIE:
        v = e < 0 ? NAN : m->ties[e].attributes[term->ref];
        break;
    default:
        assert(false);
    }
    return isnan(v) ? term->reference : v;
}

double naive_statistic(const naive_t *n, const term_t *term, int i, int j, double t) {
    const model_t *m = n->m;
    int e = j < 0 ? -1 : model_tie(m, i, j), groups = 0;
    double v = NAN;
    if (term->statistic->klass == STATISTIC_STATIC) return naive_fixed(m, term, i, j);
    switch (term->statistic->id) {
    case STATISTIC_SHARED_GROUPS:
        for (int g = 0; j >= 0 && g < m->n_groups; g++)
            groups += n->member[g * m->n_actors + i] && n->member[g * m->n_actors + j];
        v = j < 0 ? NAN : elementary_log(1 + groups);
        break;
    case STATISTIC_GROUP:
        v = n->member[term->ref * m->n_actors + i] && (j < 0 || n->member[term->ref * m->n_actors + j]);
        break;
    case STATISTIC_CONDITION:
        if (e >= 0)
            v = naive_condition_on_tie(n, term->ref, e);
        else if (m->conditions[term->ref].on_actor)
            v = naive_condition_on(n, term->ref, i) || (j >= 0 && naive_condition_on(n, term->ref, j));
        break;
    case STATISTIC_CONDITION_INITIATOR:
    case STATISTIC_CONDITION_TARGET: {
        bool own = term->statistic->id == STATISTIC_CONDITION_INITIATOR;
        if (e >= 0)
            v = m->conditions[term->ref].directed &&
                naive_condition_on(n, term->ref, own ? model_flow(m, i, j) : model_flow(m, j, i));
        break;
    }
    case STATISTIC_MEDIATOR_STRENGTH:
    case STATISTIC_MEDIATOR_BIAS: {
        int first = n->mediator < 0 ? -1 : model_tie(m, n->mediator, i);
        int second = n->mediator < 0 || j < 0 ? -1 : model_tie(m, n->mediator, j);
        if (first < 0 || second < 0) break;
        double s = naive_tie_now(n, first, t).s, other = naive_tie_now(n, second, t).s;
        v = term->statistic->id == STATISTIC_MEDIATOR_BIAS ? fmax(s, other) - fmin(s, other)
                                                           : 0.5 * s + 0.5 * other;
        break;
    }
    case STATISTIC_YEARS:
        v = t / DAYS_PER_YEAR;
        break;
    default:
        if (e < 0) break;
        switch (term->statistic->id) {
        case STATISTIC_STRENGTH:
            v = naive_tie_now(n, e, t).s;
            break;
        case STATISTIC_ALIGNMENT:
            v = naive_tie_now(n, e, t).b;
            break;
        case STATISTIC_INERTIA:
            v = elementary_log(1 + count(n, term, i, j, t));
            break;
        case STATISTIC_RECIPROCITY:
            v = elementary_log(1 + count(n, term, j, i, t));
            break;
        default:
            v = n->sampled[model_flow(m, i, j) * STATISTIC_N + (int)term->statistic->id];
        }
    }
    return isnan(v) ? term->reference : v;
}

double naive_predictor(const naive_t *n, const predictor_t *p, int i, int j, double t) {
    double sum = 0;
    for (int k = 0; k < p->n; k++)
        sum += p->terms[k].coefficient * (naive_statistic(n, &p->terms[k], i, j, t) - p->terms[k].reference);
    return sum;
}

bool naive_chance(const naive_t *n, const chance_t *c, int i, int j, double u) {
    double p = c->probability;
    if (p > 0 && p < 1 && c->log_odds.n) {
        double odds = p / (1 - p) * elementary_exp(naive_predictor(n, &c->log_odds, i, j, n->now));
        p = odds / (1 + odds);
    }
    return u < p;
}
