#include "naive.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include "points.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Growable arrays that may abort: this is a test. */
#define PUSH(list, n, ...)                                                                                \
    do {                                                                                                  \
        if (((n) & ((n)-1)) == 0) (list) = realloc((list), ((n) ? 2 * (size_t)(n) : 1) * sizeof *(list)); \
        assert(list);                                                                                     \
        (list)[(n)++] = __VA_ARGS__;                                                                      \
    } while (0)

typedef struct { /* an event that will happen, with what is known of it */
    int kind, initiator, target, group;
    double time;
    uint64_t key;
    cause_t cause;
    int parent, entry, to, level, success, sector;
    forced_reply_t reply;
    double value_usd, days, expires;
    const consequence_t *from;
    bool known, aside;
} event_t;

typedef enum {
    DO_EVENT,
    DO_CANCELLED,
    DO_REPLY,
    DO_CONDITION_END,
    DO_MEMBERSHIP,
    DO_PRESENCE,
    DO_INTERVENTION,
    DO_REFRESH
} todo_type_t;

typedef struct {
    todo_type_t type;
    double time;
    int klass; /* order on one moment, then `order`, then `number` */
    uint64_t order;
    int number;
    bool done;
    event_t event;
    int a, b, row;
    bool on;
    uint64_t token;
} todo_t;

typedef struct {
    int kind, i, j, group;
    uint64_t key;
    double scale;
    spot_t *spots;
    size_t n, next;
} owner_t; /* of a measure */

typedef struct {
    int row, kind, i, j, group;
    bool mutual;
    double time, weight;
    uint64_t key;
    bool undirected; /* set by meet */
} meeting_t;

typedef struct { /* what an event may bring about by excitation */
    double time, height, mean;
    uint64_t key;
    int owner, parent;
    bool done;
} expected_t;

typedef struct { /* to an invitation to a dated summit */
    int entry, actor;
    bool yes;
} word_t;

typedef struct { /* on a tie: a bump, or a new long-run level */
    double time;
    int tie;
    bool is_bump;
    double g, lasting, b0;
} effect_t;

typedef struct {
    double time;
    int flow, kind;
    double size;
} shock_t;

typedef struct {
    double from, until;
    int flow;
    double usd;
} stream_t;

typedef struct {
    double time;
    int condition, site;
    bool on;
    uint64_t token;
} switch_t;

typedef struct {
    int actor, place, first, last;
} engagement_t;

typedef struct { /* a parameter that was set in mid-run, and what it was before */
    double time;
    const double *where;
    double before;
} setting_made_t;

typedef struct {
    double s, b, b0, x[2];
} tie_now_t;

typedef struct {
    model_t *m;
    uint64_t run_seed, key;
    uint32_t replicate;
    const variant_t *variant;
    const observation_t *observation;
    result_t *result;
    naive_report_t *report;
    double now;
    double cap;

    owner_t *owners;
    int n_owners;
    meeting_t *meetings;
    int n_meetings;
    expected_t *expected;
    int n_expected;
    effect_t *effects;
    int n_effects;
    shock_t *shocks;
    int n_shocks;
    stream_t *streams;
    int n_streams;
    switch_t *switches;
    int n_switches;
    engagement_t *engagements;
    int n_engagements;
    setting_made_t *settings;
    int n_settings;
    todo_t *todos;
    int n_todos;
    bool *present, *member; /* [n_actors], [n_groups][n_actors] */
    double *sampled;        /* [2 n_ties][STATISTIC_N] */
    int *history_row, *calendar_row, *calendar_todo;
    word_t *answers; /* to invitations, in the order they were given */
    int n_answers;
    int next_time;
} naive_t;

static double unit(uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return rng_stream_unit(&stream);
}

static double draw(const dist_t *dist, uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return dist_sample(dist, &stream);
}

static double clamp(double v, double low, double high) {
    return v < low ? low : v > high ? high : v;
}

/* ---- parameters over time ---------------------------------------------------------------------------- */

/* What the parameter is from t on, until the next setting. */
static double from_then(const naive_t *n, const double *where, double t) {
    for (int k = 0; k < n->n_settings; k++)
        if (n->settings[k].where == where && n->settings[k].time > t) return n->settings[k].before;
    return *where;
}

/* The first moment after t at which any parameter is set, at most `until`. */
static double next_setting(const naive_t *n, double t, double until) {
    for (int k = 0; k < n->n_settings; k++)
        if (n->settings[k].time > t && n->settings[k].time < until) until = n->settings[k].time;
    return until;
}

/* Half-lives that go by from `from` to `to`. */
static double half_lives(const naive_t *n, const double *half_life, double from, double to) {
    double sum = 0;
    for (double t = from, next; t < to; t = next) {
        next = next_setting(n, t, to);
        sum += (next - t) / from_then(n, half_life, t);
    }
    return sum;
}

/* ---- the state of a tie ----------------------------------------------------------------------------- */

/* Integral over [0, dt] of exp(-p u) exp(-q (dt - u)) du. */
static double convolution(double p, double q, double dt) {
    return p == q ? dt * elementary_exp(-p * dt)
                  : (elementary_exp(-p * dt) - elementary_exp(-q * dt)) / (q - p);
}

static void relax(const naive_t *n, const tie_t *tie, tie_now_t *v, double from, double to) {
    const dynamics_t *d = &n->m->dynamics;
    for (double t = from, next; t < to; t = next) {
        next = next_setting(n, t, to);
        double ks = M_LN2 / from_then(n, &d->strength_half_life, t),
               kb = M_LN2 / from_then(n, &d->alignment_half_life, t),
               kx = M_LN2 / from_then(n, &d->trade_half_life, t),
               eta = from_then(n, &d->alignment_on_trade, t), dt = next - t;
        double gap = v->b - v->b0, level = eta * (v->b0 - from_then(n, &tie->alignment_ref, t));
        v->s = v->b0 + (v->s - v->b0) * elementary_exp(-ks * dt) + ks * gap * convolution(kb, ks, dt);
        for (int f = 0; f < 2; f++)
            v->x[f] = level + (v->x[f] - level) * elementary_exp(-kx * dt) +
                      kx * eta * gap * convolution(kb, kx, dt);
        v->b = v->b0 + gap * elementary_exp(-kb * dt);
    }
}

static double bumped(double v, double g) {
    return v + g * (g > 0 ? 1 - v : 1 + v);
}

static tie_now_t tie_now(const naive_t *n, int e, double t) {
    const tie_t *tie = &n->m->ties[e];
    tie_now_t v = {tie->strength, tie->alignment, from_then(n, &tie->baseline, -1), {0, 0}};
    double last = 0;
    for (int k = 0; k < n->n_effects; k++) {
        const effect_t *effect = &n->effects[k];
        if (effect->tie != e) continue;
        relax(n, tie, &v, last, effect->time);
        last = effect->time;
        if (!effect->is_bump) {
            v.b0 = effect->b0;
            continue;
        }
        v.s = bumped(v.s, clamp(effect->g, -1, 1));
        v.b = bumped(v.b, clamp(effect->g * effect->lasting, -1, 1));
    }
    relax(n, tie, &v, last, t);
    return v;
}

/* ---- conditions ------------------------------------------------------------------------------------- */

static const switch_t *last_switch(const naive_t *n, int condition, int site) {
    for (int k = n->n_switches - 1; k >= 0; k--)
        if (n->switches[k].condition == condition && n->switches[k].site == site) return &n->switches[k];
    return NULL;
}

static bool is_on(const naive_t *n, int condition, int site) {
    const switch_t *last = last_switch(n, condition, site);
    return last && last->on;
}

static bool holds_on_tie(const naive_t *n, int condition, int tie) {
    if (!n->m->conditions[condition].on_actor) return is_on(n, condition, tie);
    return is_on(n, condition, n->m->ties[tie].a) || is_on(n, condition, n->m->ties[tie].b);
}

/* How far its effect on trade has come: up by phase_in while it holds, down by tail after it. */
static double felt(const naive_t *n, int condition, int site, double t) {
    const condition_t *c = &n->m->conditions[condition];
    double level = 0, since = -INFINITY;
    bool on = false;
    for (int k = 0; k <= n->n_switches; k++) {
        bool end = k == n->n_switches;
        if (!end && (n->switches[k].condition != condition || n->switches[k].site != site)) continue;
        double until = end ? t : n->switches[k].time;
        while (since < until) {
            double next = next_setting(n, since, until),
                   span = from_then(n, on ? &c->phase_in : &c->tail, since);
            double way = span > 0 ? (next - since) / span : INFINITY;
            level = on ? fmin(1, level + way) : fmax(0, level - way);
            since = next;
        }
        if (from_then(n, on ? &c->phase_in : &c->tail, until) <= 0) level = on; /* at once */
        if (!end) on = n->switches[k].on;
    }
    return level;
}

/* The long-run level of the tie's alignment as conditions and parameters stand. */
static void level_anew(naive_t *n, int e, double time) {
    const model_t *m = n->m;
    double b0 = m->ties[e].baseline;
    for (int c = 0; c < m->n_conditions; c++)
        if (holds_on_tie(n, c, e)) b0 += m->conditions[c].alignment_shift;
    PUSH(n->effects, n->n_effects, (effect_t){.time = fmax(0, time), .tie = e, .b0 = clamp(b0, -1, 1)});
}

static void turn(naive_t *n, int condition, int site, double time, bool on, uint64_t token) {
    const model_t *m = n->m;
    PUSH(n->switches, n->n_switches, (switch_t){time, condition, site, on, token});
    for (int e = 0; e < m->n_ties; e++) {
        bool reached =
            m->conditions[condition].on_actor ? m->ties[e].a == site || m->ties[e].b == site : e == site;
        if (reached) level_anew(n, e, time);
    }
}

static void start_condition(naive_t *n, int condition, int site, double time, uint64_t token) {
    if (is_on(n, condition, site))
        ((switch_t *)last_switch(n, condition, site))->token = token;
    else
        turn(n, condition, site, time, true, token);
}

static void end_condition(naive_t *n, int condition, int site, double time, uint64_t token) {
    const switch_t *last = last_switch(n, condition, site);
    if (last && last->on && (!token || last->token == token)) turn(n, condition, site, time, false, 0);
}

/* ---- trade ------------------------------------------------------------------------------------------ */

static double running(const naive_t *n, int flow, double t) {
    double sum = 0;
    for (int k = 0; k < n->n_streams; k++)
        if (n->streams[k].flow == flow && n->streams[k].from <= t && t < n->streams[k].until)
            sum += n->streams[k].usd;
    return sum;
}

static double trade(const naive_t *n, int flow, double t) {
    const model_t *m = n->m;
    int e = flow / 2;
    double base = m->ties[e].trade_usd[flow & 1], deals = running(n, flow, t);
    if (isnan(base)) return deals > 0 ? deals : NAN;
    tie_now_t v = tie_now(n, e, t);
    double shift = v.x[flow & 1] + m->dynamics.atmosphere_on_trade * (v.s - v.b);
    for (int k = 0; k < n->n_shocks; k++)
        if (n->shocks[k].flow == flow)
            shift +=
                n->shocks[k].size * exp2(-half_lives(n, &m->kinds[n->shocks[k].kind].trade_shock_half_life,
                                                     n->shocks[k].time, t));
    for (int c = 0; c < m->n_conditions; c++) {
        const condition_t *condition = &m->conditions[c];
        double level = condition->on_actor ? fmax(felt(n, c, m->ties[e].a, t), felt(n, c, m->ties[e].b, t))
                                           : felt(n, c, e, t);
        shift += condition->log_trade_shift * level;
    }
    return base * elementary_exp(shift) + deals;
}

/* ---- statistics ------------------------------------------------------------------------------------- */

static double count(const naive_t *n, const term_t *term, int i, int j, double t) {
    double sum = 0;
    for (int k = 0; k < n->n_meetings; k++) {
        const meeting_t *p = &n->meetings[k];
        if (p->kind != term->ref) continue;
        if ((p->i == i && p->j == j) || (p->undirected && p->i == j && p->j == i))
            sum += exp2(-half_lives(n, &term->half_life, p->time, t));
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
        double s_ik = ik < 0 ? 0 : tie_now(n, ik, t).s, s_jk = jk < 0 ? 0 : tie_now(n, jk, t).s;
        of_i += s_ik > 0 ? s_ik : 0;
        of_j += s_jk > 0 ? s_jk : 0;
        partners += s_ik > 0 && s_jk > 0;
        triads += s_ik * s_jk;
    }
    if (id == STATISTIC_DEGREE_INITIATOR) return elementary_log(1 + of_i);
    if (id == STATISTIC_DEGREE_TARGET) return elementary_log(1 + of_j);
    if (id == STATISTIC_SHARED_PARTNERS) return elementary_log(1 + partners);
    if (id == STATISTIC_BALANCE) return triads < 0 ? -elementary_log(1 - triads) : elementary_log(1 + triads);
    double there = trade(n, model_flow(m, i, j), t), back = trade(n, model_flow(m, j, i), t);
    return elementary_log(fmax(1, (isnan(there) ? 0 : there) + (isnan(back) ? 0 : back)));
}

static void refresh(naive_t *n) {
    const model_t *m = n->m;
    for (int f = 0; f < 2 * m->n_ties; f++)
        for (int id = 0; id < STATISTIC_N; id++)
            if (statistics[id].klass == STATISTIC_SAMPLED)
                n->sampled[f * STATISTIC_N + id] =
                    sample(n, (statistic_id_t)id, flow_from(m, f), flow_to(m, f), n->now);
}

static double statistic(const naive_t *n, const term_t *term, int i, int j, double t) {
    const model_t *m = n->m;
    int e = j < 0 ? -1 : model_tie(m, i, j), groups = 0;
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
            v = holds_on_tie(n, term->ref, e);
        else if (m->conditions[term->ref].on_actor)
            v = is_on(n, term->ref, i) || (j >= 0 && is_on(n, term->ref, j));
        break;
    case STATISTIC_YEARS:
        v = t / DAYS_PER_YEAR;
        break;
    default:
        if (e < 0) break;
        switch (term->statistic->id) {
        case STATISTIC_STRENGTH:
            v = tie_now(n, e, t).s;
            break;
        case STATISTIC_ALIGNMENT:
            v = tie_now(n, e, t).b;
            break;
        case STATISTIC_LOG_DISTANCE:
            v = elementary_log(m->ties[e].distance_km);
            break;
        case STATISTIC_TIE:
            v = m->ties[e].attributes[term->ref];
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
    return isnan(v) ? term->centre : v;
}

static double predictor(const naive_t *n, const predictor_t *p, int i, int j, double t) {
    double sum = 0;
    for (int k = 0; k < p->n; k++)
        sum += p->terms[k].loading * (statistic(n, &p->terms[k], i, j, t) - p->terms[k].centre);
    return sum;
}

static bool chance(const naive_t *n, const chance_t *c, int i, int j, double u) {
    double p = c->probability;
    if (p > 0 && p < 1 && c->log_odds.n) {
        double odds = p / (1 - p) * elementary_exp(predictor(n, &c->log_odds, i, j, n->now));
        p = odds / (1 + odds);
    }
    return u < p;
}

/* ---- intensity -------------------------------------------------------------------------------------- */

static double season(const model_t *m, const season_t *season, double t) {
    double factor = 1, date = floor(m->start + floor(t));
    int year, month, of_month;
    bool open = false;
    date_civil(date, &year, &month, &of_month);
    if (season->has_weekday) factor *= season->weekday[date_weekday(date)];
    if (season->has_month) factor *= season->month[month - 1];
    for (int w = 0; w < season->n_windows; w++)
        if (floor(t) >= season->windows[w].from && floor(t) < season->windows[w].until) {
            factor *= season->windows[w].factor;
            open = open || season->windows[w].factor > 0;
        }
    return season->only_in_windows && !open ? 0 : factor;
}

static bool among(const bool *set, int i) {
    return !set || set[i];
}

static bool may_be(const kind_t *k, int i, int j) {
    if (k->scope == SCOPE_GROUP) return true;
    if (k->scope == SCOPE_DYAD)
        return (among(k->initiators, i) || among(k->initiators, j)) &&
               (among(k->targets, i) || among(k->targets, j));
    return among(k->initiators, i) && (j < 0 || among(k->targets, j));
}

/* Whether the meeting raises the intensity of a kind of that scope at that place, by that relation. */
static bool excites(const meeting_t *p, relation_t relation, scope_t scope, int i, int j, int group) {
    if (scope == SCOPE_GROUP) return relation == RELATION_SAME && p->j < 0 && p->group == group;
    if (scope == SCOPE_ACTOR) {
        bool as_initiator = relation == RELATION_SAME || relation == RELATION_INITIATOR;
        if (p->mutual && p->j >= 0)
            return false; /* a pair of an event with participants: each counts alone */
        return as_initiator ? p->i == i : p->j == i;
    }
    bool same = p->i == i && p->j == j, reversed = p->i == j && p->j == i;
    if (relation == RELATION_SAME) return same || (reversed && (p->undirected || scope == SCOPE_DYAD));
    if (p->mutual) return false;
    if (relation == RELATION_REVERSED) return reversed && scope == SCOPE_DIRECTED && !p->undirected;
    if (same || reversed) return false;
    int shared = relation == RELATION_INITIATOR ? p->i : p->j;
    if (shared < 0) return false;
    if (scope == SCOPE_DYAD) return shared == i || shared == j;
    return shared == (relation == RELATION_INITIATOR ? i : j);
}

static bool is_busy(const naive_t *n, int actor, int first, int last, int place) {
    for (int k = 0; k < n->n_engagements; k++) {
        const engagement_t *e = &n->engagements[k];
        if (e->actor == actor && e->place != place && e->first <= last && e->last >= first) return true;
    }
    return false;
}

static bool takes_leaders(const kind_t *k, int level, bool aside) {
    return k->in_person && !aside &&
           (level == LEVEL_LEADER || (level < 0 && k->level_weight[LEVEL_LEADER] >= 1));
}

static void span(const kind_t *k, double t, int *first, int *last) {
    *first = (int)floor(t);
    *last = *first + (k->days > 1 ? (int)ceil(k->days) : 1) - 1;
}

static bool leaders_are_free(const naive_t *n, const kind_t *k, int i, int j, double t) {
    int first, last, place = j >= 0 ? j : i;
    span(k, t, &first, &last);
    return (i < 0 || !is_busy(n, i, first, last, place)) && (j < 0 || !is_busy(n, j, first, last, place));
}

/* Season and availability. */
static double factor(const naive_t *n, int kind, int i, int j, double t) {
    const kind_t *k = &n->m->kinds[kind];
    if ((i >= 0 && !n->present[i]) || (j >= 0 && !n->present[j])) return 0;
    if (takes_leaders(k, -1, false) && !leaders_are_free(n, k, i, j, t)) return 0;
    return may_be(k, i, j) ? season(n->m, &k->season, t) : 0;
}

/* The base intensity, per day. */
static double intensity(const naive_t *n, int kind, int i, int j, double t) {
    const kind_t *k = &n->m->kinds[kind];
    if (!(k->rate_per_year > 0)) return 0;
    double base =
        k->rate_per_year / DAYS_PER_YEAR * (i < 0 ? 1 : elementary_exp(predictor(n, &k->log_rate, i, j, t)));
    return factor(n, kind, i, j, t) * base;
}

/* ---- what happens ----------------------------------------------------------------------------------- */

static void put(naive_t *n, todo_t todo) {
    todo.number = n->n_todos;
    PUSH(n->todos, n->n_todos, todo);
}

static void put_event(naive_t *n, const event_t *event) {
    bool dated = event->entry >= 0 && !event->known;
    int rank = 0;
    if (event->time >= n->m->horizon) return;
    for (int e = 0; dated && e < n->m->n_calendar; e++)
        rank += strcmp(n->m->calendar[e].id, n->m->calendar[event->entry].id) < 0;
    assert(!takes_leaders(&n->m->kinds[event->kind], event->level, event->aside));
    if (dated) n->calendar_todo[event->entry] = n->n_todos;
    put(n, (todo_t){.type = DO_EVENT,
                    .time = event->time,
                    .klass = dated ? 3 : 4,
                    .order = dated ? (uint64_t)rank : event->key,
                    .event = *event});
}

static int pick(double u, int k, const double *weights) {
    double sum = 0, upto = 0;
    for (int i = 0; i < k; i++) sum += weights[i];
    for (int i = 0; i < k - 1; i++)
        if (u * sum < (upto += weights[i])) return i;
    return k - 1;
}

static int write_row(naive_t *n, const log_row_t *row) {
    return log_append(&n->result->log, row);
}

static log_row_t row_for(const event_t *e, double time, int level, int success, int sector, double value,
                         status_t status) {
    return (log_row_t){.time = time,
                       .kind = (int16_t)e->kind,
                       .initiator = (int16_t)e->initiator,
                       .target = (int16_t)e->target,
                       .group = (int16_t)e->group,
                       .role = ROLE_INITIATOR,
                       .level = (int8_t)level,
                       .success = (int8_t)success,
                       .status = (int8_t)status,
                       .cause = (int8_t)e->cause,
                       .sector = (int16_t)sector,
                       .parent = e->parent,
                       .summit = -1,
                       .value_usd = value,
                       .effect = 0,
                       .strength = NAN};
}

static void not_held(naive_t *n, const event_t *e) {
    log_row_t row = row_for(e, n->now, e->level < 0 ? LEVEL_OFFICIAL : e->level, 0, e->sector, e->value_usd,
                            STATUS_CANCELLED);
    write_row(n, &row);
}

static void bump(naive_t *n, int tie, double g, double lasting) {
    PUSH(n->effects, n->n_effects,
         (effect_t){.time = n->now, .tie = tie, .is_bump = true, .g = g, .lasting = lasting});
}

/* What the meeting may bring about at one place by one excitation. */
static void expect(naive_t *n, const meeting_t *p, int o, int x) {
    const owner_t *owner = &n->owners[o];
    const kind_t *k = &n->m->kinds[owner->kind];
    const excitation_t *excitation = &k->excitations[x];
    relation_t relation = excitation->relation;
    bool dyadic = k->scope == SCOPE_DIRECTED || k->scope == SCOPE_DYAD;
    bool turned = k->scope == SCOPE_DIRECTED && relation == RELATION_SAME && p->i != owner->i;
    uint64_t key = p->key;
    if (dyadic && relation >= RELATION_INITIATOR) { /* the one of the place who was not there */
        int shared = relation == RELATION_INITIATOR ? p->i : p->j;
        int other = owner->i == shared ? owner->j : owner->i;
        key = rng_key_number(key, points_actor_key(n->m, other));
    }
    int number = 0, count;
    for (int y = 0; y < x; y++)
        number += k->excitations[y].kind == excitation->kind && k->excitations[y].relation == relation;
    double top = 0, mean = p->weight * excitation->branching;
    for (int day = 0; day <= (int)ceil(n->m->horizon); day++) top = fmax(top, season(n->m, &k->season, day));
    child_t *children = points_children(key, points_kind_key(n->m, owner->kind), relation, number, turned,
                                        M_LN2 / excitation->half_life, mean * top, &count);
    for (int c = 0; c < count; c++) {
        double time = p->time + children[c].delay;
        if (time > n->now)
            PUSH(n->expected, n->n_expected,
                 (expected_t){time, children[c].height, mean, children[c].key, o, p->row, false});
    }
    free(children);
}

static void meet(naive_t *n, meeting_t meeting) {
    const model_t *m = n->m;
    if (meeting.i < 0) return;
    meeting.undirected = meeting.mutual || m->kinds[meeting.kind].scope == SCOPE_DYAD;
    PUSH(n->meetings, n->n_meetings, meeting);
    for (int o = 0; o < n->n_owners && meeting.weight > 0; o++) {
        const owner_t *owner = &n->owners[o];
        const kind_t *k = &m->kinds[owner->kind];
        for (int x = 0; x < k->n_excitations && may_be(k, owner->i, owner->j); x++)
            if (k->excitations[x].kind == meeting.kind &&
                excites(&meeting, k->excitations[x].relation, k->scope, owner->i, owner->j, owner->group))
                expect(n, &meeting, o, x);
    }
}

typedef struct {
    int n, actor[64];
    role_t role[64];
} people_t;

/* Who initiates an event of the kind between the two: of an undirected one the first by name. */
static int who_initiates(const model_t *m, int kind, int i, int j) {
    bool turned = m->kinds[kind].scope == SCOPE_DYAD && strcmp(m->actors[j].name, m->actors[i].name) < 0;
    return turned ? j : i;
}

/* Members by name, then guests by name; whoever begins it stays in front. */
static void line_up(const model_t *m, people_t *people) {
    for (int pass = 0; pass < people->n; pass++)
        for (int p = 0; p + 1 < people->n; p++) {
            int a = people->actor[p], b = people->actor[p + 1];
            role_t r = people->role[p], q = people->role[p + 1];
            if (r <= ROLE_TARGET || r < q || (r == q && strcmp(m->actors[a].name, m->actors[b].name) < 0))
                continue;
            people->actor[p] = b, people->actor[p + 1] = a;
            people->role[p] = q, people->role[p + 1] = r;
        }
}

static void bring(people_t *people, int actor, role_t role) {
    for (int p = 0; p < people->n; p++)
        if (people->actor[p] == actor) return;
    people->actor[people->n] = actor;
    people->role[people->n++] = role;
}

/* The actor's last word on that summit: 1 yes, -1 no, 0 none. */
static int last_word(const naive_t *n, const event_t *e, int actor) {
    for (int a = n->n_answers - 1; a >= 0 && !e->known; a--)
        if (n->answers[a].entry == e->entry && n->answers[a].actor == actor)
            return n->answers[a].yes ? 1 : -1;
    return 0;
}

static bool comes(const naive_t *n, const event_t *e, int actor, const chance_t *c) {
    uint64_t key = rng_key_number(e->key, points_actor_key(n->m, actor));
    return n->present[actor] && last_word(n, e, actor) >= 0 &&
           chance(n, c, actor, e->initiator, unit(key, MARK_ATTEND));
}

static people_t who_is_there(const naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    const calendar_entry_t *entry = e->entry < 0 ? NULL
                                    : e->known   ? &m->history[e->entry]
                                                 : &m->calendar[e->entry];
    people_t people = {.n = 0};
    if (e->initiator >= 0) bring(&people, e->initiator, ROLE_INITIATOR);
    if (e->target >= 0) bring(&people, e->target, ROLE_TARGET);
    const bool *members = e->group >= 0 ? n->member + e->group * m->n_actors : NULL;
    if (k->summit.on && entry && entry->attend) {
        for (int a = 0; a < entry->n_attend; a++)
            if (last_word(n, e, entry->attend[a]) >= 0)
                bring(&people, entry->attend[a],
                      members && members[entry->attend[a]] ? ROLE_MEMBER : ROLE_GUEST);
        return people;
    }
    for (int i = 0; members && i < m->n_actors; i++)
        if (members[i] && i != e->initiator && (!k->summit.on || comes(n, e, i, &k->summit.attendance)))
            bring(&people, i, ROLE_MEMBER);
    if (!k->summit.on || !entry) return people;
    for (int g = 0; g < entry->n_guests; g++)
        if (!(members && members[entry->guests[g]]) &&
            comes(n, e, entry->guests[g], &k->summit.guest_attendance))
            bring(&people, entry->guests[g], ROLE_GUEST);
    for (int a = 0; !e->known && a < n->n_answers; a++) {
        int guest = n->answers[a].actor;
        if (n->answers[a].entry != e->entry || last_word(n, e, guest) < 1) continue;
        if (!(members && members[guest]) && comes(n, e, guest, &k->summit.guest_attendance))
            bring(&people, guest, ROLE_GUEST);
    }
    return people;
}

static people_t who_comes(const naive_t *n, const event_t *e) {
    people_t people = who_is_there(n, e);
    line_up(n->m, &people);
    return people;
}

/* What an event passes to third parties, all weights being those before it. */
static void spill(naive_t *n, const kind_t *k, const people_t *people, double g, bool dyadic) {
    const model_t *m = n->m;
    double s[64][64];
    for (int a = 0; a < m->n_actors; a++)
        for (int b = 0; b < m->n_actors; b++) {
            int tie = a == b ? -1 : model_tie(m, a, b);
            s[a][b] = tie < 0 ? 0 : tie_now(n, tie, n->now).s;
        }
    for (int p = 0; p < people->n; p++)
        for (int q = p + 1; q < people->n; q++)
            for (int way = 0; way < (dyadic ? 1 : 2); way++) {
                int i = people->actor[way ? q : p], j = people->actor[way ? p : q];
                double share = g * (dyadic ? 1 : k->pair_weight[people->role[p]][people->role[q]]);
                for (int a = 0; share != 0 && a < m->n_actors; a++) {
                    int tie = a == i || a == j ? -1 : model_tie(m, j, a);
                    if (tie >= 0 && s[i][a] != 0) bump(n, tie, k->spillover * share * s[i][a], k->lasting);
                }
            }
}

static void make_deal(naive_t *n, const event_t *e, double value) {
    const deal_t *deal = &n->m->kinds[e->kind].deal;
    int flow = e->initiator < 0 || e->target < 0 ? -1 : model_flow(n->m, e->initiator, e->target);
    if (!deal->on || flow < 0 || isnan(value)) return;
    rng_stream_t stream;
    rng_stream_init(&stream, e->key, MARK_DEAL);
    double realised = clamp(dist_sample(&deal->realised, &stream), 0, 1);
    double days = fmax(1, dist_sample(&deal->duration, &stream)),
           lag = fmax(0, dist_sample(&deal->lag, &stream));
    double from = e->time + lag, until = from + days, a_year = value * realised * DAYS_PER_YEAR / days;
    if (until <= n->now || until <= 0) return;
    PUSH(n->streams, n->n_streams, (stream_t){from, until, flow, round(a_year * deal->initiator_share)});
    PUSH(n->streams, n->n_streams,
         (stream_t){from, until, flow ^ 1, round(a_year * (1 - deal->initiator_share))});
}

static int played_by(const event_t *e, role_t role) {
    return role == ROLE_TARGET ? e->target : e->initiator;
}

static void change_state(naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    for (int c = 0; c < k->n_conditions; c++) {
        const condition_change_t *change = &k->conditions[c];
        const condition_t *condition = &m->conditions[change->condition];
        int site = condition->on_actor                   ? played_by(e, change->who)
                   : e->initiator >= 0 && e->target >= 0 ? model_tie(m, e->initiator, e->target)
                                                         : -1;
        if (site < 0) continue;
        double since = fmin(e->time, n->now);
        uint64_t token = rng_key_text(e->key, condition->name);
        if (!change->starts)
            end_condition(n, change->condition, site, since, 0);
        else
            start_condition(n, change->condition, site, since, token);
        if (change->starts && condition->has_duration)
            put(n, (todo_t){.type = DO_CONDITION_END,
                            .klass = 0,
                            .order = token,
                            .a = change->condition,
                            .b = site,
                            .token = token,
                            .time = fmax(n->now,
                                         since + fmax(0, draw(&condition->duration, token, MARK_DURATION)))});
    }
    for (int c = 0; c < k->n_memberships; c++) {
        int group = k->memberships[c].group >= 0 ? k->memberships[c].group : e->group;
        int actor = played_by(e, k->memberships[c].who);
        if (group >= 0 && actor >= 0) n->member[group * m->n_actors + actor] = k->memberships[c].joins;
    }
    for (int c = 0; c < k->n_presences; c++) {
        int actor = played_by(e, k->presences[c].who);
        if (actor >= 0) n->present[actor] = k->presences[c].enters;
    }
}

static int actor_in(const event_t *e, const people_t *people, role_t role, int nth) {
    if (role <= ROLE_TARGET) return nth > 0 ? -1 : played_by(e, role);
    for (int p = 0; people && p < people->n; p++)
        if (people->role[p] == role && nth-- == 0) return people->actor[p];
    return -1;
}

static void try_one(naive_t *n, const event_t *e, const consequence_t *c, int row, uint64_t key, int i, int j,
                    double value) {
    const kind_t *k = &n->m->kinds[c->kind];
    double from = e->known ? e->time : n->now;
    int first = j < 0 ? i : who_initiates(n->m, c->kind, i, j), second = first == i ? j : i;
    event_t next = {.kind = c->kind,
                    .initiator = first,
                    .target = k->scope == SCOPE_ACTOR ? -1 : second,
                    .group = -1,
                    .key = key,
                    .cause = CAUSE_CONSEQUENCE,
                    .parent = row,
                    .entry = -1,
                    .to = -1,
                    .level = -1,
                    .success = -1,
                    .sector = -1,
                    .value_usd = NAN,
                    .days = NAN,
                    .expires = from + c->expires,
                    .from = c};
    if (k->scope == SCOPE_GROUP)
        next.group = k->summit.on && k->summit.group >= 0 ? k->summit.group : e->group;
    if (!chance(n, &c->chance, first, second, unit(key, MARK_CHANCE))) return;
    double delay = fmax(0, draw(&c->delay, key, MARK_DELAY));
    next.time = from + delay;
    if (delay > c->expires || (e->known && next.time <= 0)) return;
    if (c->has_share && !isnan(value)) next.value_usd = value * draw(&c->share, key, MARK_SHARE);
    put_event(n, &next);
}

static void follow(naive_t *n, const event_t *e, const people_t *people, int row, when_t when, double value) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    for (int f = 0; f < k->n_then; f++) {
        const consequence_t *c = &k->then[f];
        if (c->when != when) continue;
        bool many_i = c->initiator > ROLE_TARGET, many_j = c->target > ROLE_TARGET;
        bool needs_target = many_j || m->kinds[c->kind].scope <= SCOPE_DYAD;
        for (int p = 0, i; (i = actor_in(e, people, c->initiator, p)) >= 0; p++)
            for (int q = 0;; q++) {
                int j = actor_in(e, people, c->target, q);
                if ((j < 0 && needs_target) || (q > 0 && !many_j)) break;
                uint64_t key = rng_key_text(e->key, c->name);
                if (many_i) key = rng_key_number(key, points_actor_key(m, i));
                if (many_j) key = rng_key_number(key, points_actor_key(m, j));
                for (int t = 0; i != j && t < c->count; t++)
                    try_one(n, e, c, row, rng_key_number(key, (uint64_t)t), i, j, value);
            }
    }
}

static void sidelines(naive_t *n, const event_t *e, const people_t *people, int row) {
    const model_t *m = n->m;
    const summit_t *summit = &m->kinds[e->kind].summit;
    for (int s = 0; s < summit->n_sidelines; s++)
        for (int p = 0; p < people->n; p++)
            for (int q = 0; q < people->n; q++) {
                const sideline_t *side = &summit->sidelines[s];
                if (p == q || people->role[p] != side->first || people->role[q] != side->second) continue;
                if (side->first == side->second && p > q) continue;
                int i = people->actor[p], j = people->actor[q];
                uint64_t a = points_actor_key(m, i), b = points_actor_key(m, j);
                uint64_t key = rng_key_number(e->key, points_kind_key(m, side->kind));
                key = rng_key_number(rng_key_number(key, a < b ? a : b), a < b ? b : a);
                int first = who_initiates(m, side->kind, i, j), second = first == i ? j : i;
                if (!chance(n, &side->chance, first, second, unit(key, MARK_SIDELINE))) continue;
                put_event(n, &(event_t){.kind = side->kind,
                                        .initiator = first,
                                        .target = second,
                                        .group = -1,
                                        .time = n->now,
                                        .key = key,
                                        .cause = CAUSE_CONSEQUENCE,
                                        .parent = row,
                                        .entry = -1,
                                        .to = -1,
                                        .level = -1,
                                        .success = -1,
                                        .sector = -1,
                                        .value_usd = NAN,
                                        .days = NAN,
                                        .expires = INFINITY,
                                        .aside = true});
            }
}

static void cancel_pending(naive_t *n, const event_t *e) {
    for (;;) { /* the earliest first */
        todo_t *first = NULL;
        for (int k = 0; k < n->n_todos; k++) {
            todo_t *todo = &n->todos[k];
            const event_t *p = &todo->event;
            if (todo->done || todo->type != DO_EVENT || !p->from) continue;
            if (!(p->initiator == e->initiator && p->target == e->target) &&
                !(p->initiator == e->target && p->target == e->initiator))
                continue;
            bool cancelled = false;
            for (int c = 0; c < p->from->n_cancelled_by; c++)
                cancelled |= p->from->cancelled_by[c] == e->kind;
            if (cancelled &&
                (!first || p->time < first->time || (p->time == first->time && p->key < first->event.key)))
                first = todo;
        }
        if (!first) return;
        first->done = true;
        not_held(n, &first->event);
    }
}

static void meet_all(naive_t *n, const event_t *e, const people_t *people, int row, double g, bool success) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    bool dyadic = e->group < 0;
    for (int p = 0; p < people->n; p++)
        for (int q = p + 1; q < people->n; q++) {
            int i = people->actor[p], j = people->actor[q], tie = model_tie(m, i, j);
            double weight = k->pair_weight[people->role[p]][people->role[q]];
            if (weight != 0 && !e->known && tie >= 0) {
                double before = tie_now(n, tie, n->now).s;
                if (weight * g != 0) bump(n, tie, weight * g, k->lasting);
                int of = k->summit.on ? row + q : row;
                if (p == 0 && (k->summit.on || j == e->target)) {
                    n->result->log.effect[of] = (float)(tie_now(n, tie, n->now).s - before);
                    n->result->log.strength[of] = (float)tie_now(n, tie, n->now).s;
                }
                if (success && k->trade_shock != 0 && k->trade_shock_half_life > 0)
                    for (int f = 2 * tie; f < 2 * tie + 2; f++)
                        PUSH(n->shocks, n->n_shocks, (shock_t){n->now, f, e->kind, k->trade_shock});
            }
            if (weight == 0 && !k->summit.on && !dyadic) continue;
            uint64_t a = points_actor_key(m, i), b = points_actor_key(m, j);
            uint64_t pair = rng_key_number(rng_key_number(e->key, a < b ? a : b), a < b ? b : a);
            double share = dyadic ? 1 : fmin(1, fabs(weight));
            meet(n,
                 (meeting_t){row, e->kind, i, j, -1, !dyadic, e->time, share, dyadic ? e->key : pair, false});
        }
    for (int p = 0; (!dyadic || people->n < 2) && p < people->n; p++) {
        int i = people->actor[p];
        bool joint = people->n > 1;
        uint64_t key = joint ? rng_key_number(e->key, points_actor_key(m, i)) : e->key;
        meet(n, (meeting_t){row, e->kind, i, -1, p ? -1 : e->group, joint, e->time, 1, key, false});
    }
}

static int happen(naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    int level = e->level >= 0 ? e->level : pick(unit(e->key, MARK_LEVEL), LEVEL_N, k->level_weight);
    if (level == LEVEL_LEADER && k->in_person && !e->aside && k->level_weight[LEVEL_LEADER] < 1 &&
        !leaders_are_free(n, k, e->initiator, e->target, e->time))
        level = LEVEL_MINISTER;
    double value = e->value_usd;
    if (isnan(value) && k->has_value) value = draw(&k->value, e->key, MARK_VALUE);
    int sector = e->sector;
    if (sector < 0 && k->n_sectors)
        sector = k->sectors[pick(unit(e->key, MARK_SECTOR), k->n_sectors, k->sector_weights)];
    int success = e->success;
    if (success < 0)
        success =
            !k->has_success || chance(n, &k->success, e->initiator, e->target, unit(e->key, MARK_SUCCESS));
    people_t people = who_comes(n, e);
    log_row_t row = row_for(e, e->time, level, success, sector, value, STATUS_HELD);
    int at = write_row(n, &row);
    for (int p = 1; k->summit.on && p < people.n; p++) {
        log_row_t guest = row;
        guest.initiator = (int16_t)people.actor[p];
        guest.target = (int16_t)e->initiator;
        guest.role = (int8_t)people.role[p];
        guest.cause = CAUSE_CONSEQUENCE;
        guest.parent = guest.summit = at;
        guest.value_usd = NAN;
        write_row(n, &guest);
    }
    double g =
        k->goldstein / m->dynamics.gain_divisor * m->dynamics.level[level] * (success ? 1 : k->failure);
    if (!e->known) {
        n->result->n_events++;
        n->result->kind_counts[e->kind]++;
        if (k->spillover * g != 0) spill(n, k, &people, g, e->group < 0);
    }
    meet_all(n, e, &people, at, g, success);
    if (success) {
        make_deal(n, e, value);
        change_state(n, e);
    }
    if (!e->known) {
        sidelines(n, e, &people, at);
        if (e->target >= 0) cancel_pending(n, e);
        if (k->reply.on) {
            double delay = fmax(0, draw(&k->reply.delay, e->key, MARK_REPLY_DELAY));
            put(n, (todo_t){.type = DO_REPLY,
                            .time = n->now + fmin(delay, k->reply.lapse),
                            .klass = 4,
                            .order = e->key,
                            .event = *e,
                            .row = at,
                            .on = delay > k->reply.lapse && e->reply == REPLY_DRAWN});
        }
    }
    follow(n, e, &people, at, WHEN_ALWAYS, value);
    follow(n, e, &people, at, success ? WHEN_SUCCESS : WHEN_FAILURE, value);
    return at;
}

static void reply(naive_t *n, const todo_t *todo) {
    const event_t *invitation = &todo->event;
    const reply_t *rules = &n->m->kinds[invitation->kind].reply;
    int host = invitation->initiator, guest = invitation->target, to = invitation->to;
    bool accepts = invitation->reply == REPLY_ACCEPT ||
                   (invitation->reply == REPLY_DRAWN &&
                    chance(n, &rules->accept, guest, host, unit(invitation->key, MARK_REPLY)));
    when_t when = todo->on ? WHEN_LAPSED : accepts ? WHEN_ACCEPTED : WHEN_DECLINED;
    event_t answer = {.kind = todo->on  ? rules->lapsed
                              : accepts ? rules->accepted
                                        : rules->declined,
                      .initiator = guest,
                      .target = host,
                      .group = -1,
                      .time = n->now,
                      .key = rng_key_text(invitation->key, "reply"),
                      .cause = CAUSE_CONSEQUENCE,
                      .parent = todo->row,
                      .entry = -1,
                      .to = -1,
                      .level = -1,
                      .success = -1,
                      .sector = -1,
                      .value_usd = NAN,
                      .days = NAN,
                      .expires = INFINITY,
                      .aside = true};
    if (who_initiates(n->m, answer.kind, guest, host) == host) answer.initiator = host, answer.target = guest;
    int row = happen(n, &answer);
    if (when != WHEN_LAPSED && to >= 0)
        PUSH(n->answers, n->n_answers, (word_t){to, guest, when == WHEN_ACCEPTED});
    follow(n, invitation, NULL, row, when, invitation->value_usd);
}

/* ---- the start -------------------------------------------------------------------------------------- */

static event_t entry_event(const naive_t *n, int index, bool known) {
    const model_t *m = n->m;
    const calendar_entry_t *entry = known ? &m->history[index] : &m->calendar[index];
    uint64_t key = rng_key_text(rng_key_text(n->key, known ? "history" : "calendar"), entry->id);
    const summit_t *summit = &m->kinds[entry->kind].summit;
    event_t e = {.kind = entry->kind,
                 .initiator = entry->initiator,
                 .target = entry->target,
                 .group = entry->group >= 0 ? entry->group
                          : summit->on      ? summit->group
                                            : -1,
                 .time = entry->time,
                 .key = key,
                 .cause = known ? CAUSE_HISTORY : CAUSE_CALENDAR,
                 .parent = -1,
                 .entry = index,
                 .to = entry->to,
                 .reply = entry->reply,
                 .level = entry->level,
                 .success = entry->success,
                 .sector = entry->sector,
                 .value_usd = entry->value_usd,
                 .days = entry->days,
                 .expires = INFINITY,
                 .known = known};
    if (e.target >= 0 && who_initiates(m, e.kind, e.initiator, e.target) == e.target)
        e.initiator = entry->target, e.target = entry->initiator;
    if (entry->until > entry->time) e.time += unit(key, MARK_TIME) * (entry->until - entry->time);
    return e;
}

static bool listed(int count, const int *list, int entry, const calendar_entry_t *calendar) {
    for (int e = entry; e >= 0; e = calendar ? calendar[e].parent : -1)
        for (int k = 0; k < count; k++)
            if (list[k] == e) return true;
    return false;
}

static void schedule_calendar(naive_t *n) {
    const model_t *m = n->m;
    const variant_t *v = n->variant;
    for (int e = 0; e < m->n_calendar; e++) {
        if (!m->calendar[e].in_base && !listed(v->n_add, v->add, e, NULL)) continue;
        if (listed(v->n_drop, v->drop, e, m->calendar)) continue;
        event_t event = entry_event(n, e, false);
        if (unit(event.key, MARK_OCCURS) >= m->calendar[e].probability) continue;
        if (listed(v->n_decline, v->decline, e, NULL)) event.reply = REPLY_DECLINE;
        if (listed(v->n_accept, v->accept, e, NULL)) event.reply = REPLY_ACCEPT;
        put_event(n, &event);
        if (n->n_todos && listed(v->n_cancel, v->cancel, e, m->calendar) && n->calendar_todo[e] >= 0)
            n->todos[n->calendar_todo[e]].type = DO_CANCELLED;
    }
}

static void put_change(naive_t *n, todo_type_t type, double time, int a, int b, bool on) {
    if (time > 0 && time < n->m->horizon)
        put(n, (todo_t){.type = type,
                        .time = time,
                        .klass = 0,
                        .order = (uint64_t)on << 40,
                        .a = a,
                        .b = b,
                        .on = on});
}

static void schedule_changes(naive_t *n) {
    const model_t *m = n->m;
    for (int g = 0; g < m->n_groups; g++)
        for (int k = 0; k < m->groups[g].n_members; k++) {
            const member_t *member = &m->groups[g].members[k];
            put_change(n, DO_MEMBERSHIP, member->from, g, member->actor, true);
            put_change(n, DO_MEMBERSHIP, member->until, g, member->actor, false);
        }
    for (int i = 0; i < m->n_actors; i++) {
        put_change(n, DO_PRESENCE, m->actors[i].from, i, -1, true);
        put_change(n, DO_PRESENCE, m->actors[i].until, i, -1, false);
    }
    put(n, (todo_t){.type = DO_REFRESH, .time = m->dynamics.refresh, .klass = 1});
    for (int k = 0; k < m->n_interventions; k++) {
        const intervention_t *it = &m->interventions[k];
        if (!it->in_base && !listed(n->variant->n_interventions, n->variant->interventions, k, NULL))
            continue;
        put(n, (todo_t){.type = DO_INTERVENTION,
                        .time = it->test == TEST_NONE ? it->at : 0,
                        .klass = 2,
                        .order = rng_key_text(0, it->id),
                        .a = k});
    }
}

/* The largest value a statistic can take without a further effect, from the state at the start. */
static double largest_at_start(const naive_t *n, const owner_t *owner) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[owner->kind];
    double log_rate = elementary_log(k->rate_per_year / DAYS_PER_YEAR), top = 0;
    if (!(k->rate_per_year > 0) || !may_be(k, owner->i, owner->j)) return 0;
    for (int x = 0; owner->i >= 0 && x < k->log_rate.n; x++) {
        const term_t *term = &k->log_rate.terms[x];
        if (term->statistic->klass == STATISTIC_SAMPLED) continue; /* they see all actors */
        log_rate += term->loading * (statistic(n, term, owner->i, owner->j, 0) - term->centre);
    }
    for (int day = 0; day <= (int)ceil(m->horizon); day++) top = fmax(top, season(m, &k->season, day));
    return top * elementary_exp(log_rate);
}

static void add_owners(naive_t *n, int strips) {
    const model_t *m = n->m;
    for (int k = 0; k < m->n_kinds; k++) {
        const kind_t *kind = &m->kinds[k];
        int sites = kind->scope == SCOPE_DIRECTED ? 2 * m->n_ties
                    : kind->scope == SCOPE_DYAD   ? m->n_ties
                    : kind->scope == SCOPE_ACTOR  ? m->n_actors
                                                  : m->n_groups;
        for (int site = 0; site < sites; site++) {
            owner_t owner = {.kind = k, .i = -1, .j = -1, .group = -1};
            if (kind->scope == SCOPE_DIRECTED)
                owner.i = flow_from(m, site), owner.j = flow_to(m, site);
            else if (kind->scope == SCOPE_ACTOR)
                owner.i = site;
            else if (kind->scope == SCOPE_GROUP)
                owner.group = site;
            else { /* the roles of a dyad go by name */
                owner.i = m->ties[site].a, owner.j = m->ties[site].b;
                if (strcmp(m->actors[owner.i].name, m->actors[owner.j].name) > 0)
                    owner.i = m->ties[site].b, owner.j = m->ties[site].a;
            }
            owner.key = points_process_key(m, n->run_seed, k, owner.i, owner.j, owner.group);
            owner.scale = points_scale(largest_at_start(n, &owner));
            owner.spots = points_all(owner.key, n->replicate, owner.scale, strips, m->horizon, &owner.n);
            n->report->n_points += owner.n;
            PUSH(n->owners, n->n_owners, owner);
        }
    }
}

/* The state before anything happened. */
static void reset(naive_t *n) {
    const model_t *m = n->m;
    for (int i = 0; i < m->n_actors; i++) n->present[i] = m->actors[i].from <= 0 && m->actors[i].until > 0;
    for (int g = 0; g < m->n_groups; g++)
        for (int k = 0; k < m->groups[g].n_members; k++) {
            const member_t *member = &m->groups[g].members[k];
            if (member->from <= 0 && member->until > 0) n->member[g * m->n_actors + member->actor] = true;
        }
    for (int e = 0; e < m->n_calendar; e++) n->calendar_row[e] = n->calendar_todo[e] = -1;
    refresh(n);
}

/* A spell that no event began, and its end: where it holds at the start, an end to come. */
static void declare(naive_t *n, const condition_start_t *s, const char *by, double since, bool holds) {
    const model_t *m = n->m;
    const condition_t *c = &m->conditions[s->condition];
    int site = c->on_actor ? s->actor : s->tie;
    uint64_t token = rng_key_text(rng_key_text(n->key, by), c->name);
    if (c->on_actor) {
        token = rng_key_number(token, points_actor_key(m, s->actor));
    } else {
        uint64_t a = points_actor_key(m, m->ties[site].a), b = points_actor_key(m, m->ties[site].b);
        token = rng_key_number(rng_key_number(token, a < b ? a : b), a < b ? b : a);
    }
    start_condition(n, s->condition, site, since, token);
    if (!c->has_duration) return;
    rng_stream_t stream;
    rng_stream_init(&stream, token, MARK_DURATION);
    double end;
    int tries = 0;
    do end = since + fmax(0, dist_sample(&c->duration, &stream));
    while (holds && end <= n->now && tries++ < 10000);
    put(n, (todo_t){.type = DO_CONDITION_END,
                    .order = token,
                    .a = s->condition,
                    .b = site,
                    .token = token,
                    .time = fmax(n->now, end)});
}

static void begin(naive_t *n) {
    const model_t *m = n->m;
    for (int k = 0; k < m->n_condition_starts; k++) {
        declare(n, &m->condition_starts[k], "ongoing", m->condition_starts[k].since, true);
    }
    for (int k = 0; k < m->n_history; k++) {
        event_t event = entry_event(n, k, true);
        if (m->history[k].parent >= 0) event.parent = n->history_row[m->history[k].parent];
        n->history_row[k] = happen(n, &event);
    }
    schedule_calendar(n);
    schedule_changes(n);
    refresh(n);
}

/* ---- the walk --------------------------------------------------------------------------------------- */

static int host_of(const naive_t *n, int g) {
    const group_t *group = &n->m->groups[g];
    for (int c = 0; c < group->n_chairs; c++) {
        const chair_t *chair = &group->chairs[c];
        if (n->now >= chair->from && n->now < chair->until && n->present[chair->actor]) return chair->actor;
    }
    for (int k = 0; k < group->n_members; k++) {
        int actor = group->members[k].actor;
        if (n->member[g * n->m->n_actors + actor] && n->present[actor]) return actor;
    }
    return -1;
}

/* How high the intensities are, in units of the cap: where one rises above it, a point that is an event may
 * never have been generated. */
static void measure_heights(naive_t *n, int strips) {
    for (int k = 0; k < n->n_owners; k++) {
        const owner_t *owner = &n->owners[k];
        double lambda = intensity(n, owner->kind, owner->i, owner->j, n->now);
        n->report->highest = fmax(n->report->highest, lambda / ldexp(owner->scale, strips - 1));
    }
}

/* An event of the owner's happens by itself, unless nobody is there to host it; whether it does. */
static bool happens_at(naive_t *n, const owner_t *owner, uint64_t key, cause_t cause, int parent) {
    event_t e = {.kind = owner->kind,
                 .initiator = owner->i,
                 .target = owner->j,
                 .group = owner->group,
                 .time = n->now,
                 .key = key,
                 .cause = cause,
                 .parent = parent,
                 .entry = -1,
                 .to = -1,
                 .level = -1,
                 .success = -1,
                 .sector = -1,
                 .value_usd = NAN,
                 .days = NAN,
                 .expires = INFINITY};
    if (owner->group >= 0 && (e.initiator = host_of(n, owner->group)) < 0) return false;
    const kind_t *k = &n->m->kinds[owner->kind];
    if (takes_leaders(k, -1, false)) {
        int first, last, place = e.target >= 0 ? e.target : e.initiator;
        span(k, n->now, &first, &last);
        PUSH(n->engagements, n->n_engagements, (engagement_t){e.initiator, place, first, last});
        if (e.target >= 0)
            PUSH(n->engagements, n->n_engagements, (engagement_t){e.target, place, first, last});
    }
    happen(n, &e);
    return true;
}

static bool look(naive_t *n, const owner_t *owner, const spot_t *spot) {
    if (spot->height >= intensity(n, owner->kind, owner->i, owner->j, n->now)) return false;
    return happens_at(n, owner, points_event_key(owner->key, n->replicate, n->now), CAUSE_SPONTANEOUS, -1);
}

static bool look_at_expected(naive_t *n, int index) {
    expected_t child = n->expected[index];
    n->expected[index].done = true;
    const owner_t *owner = &n->owners[child.owner];
    if (child.height >= child.mean * factor(n, owner->kind, owner->i, owner->j, n->now)) return false;
    return happens_at(n, owner, child.key, CAUSE_EXCITED, child.parent);
}

static bool test_holds(const naive_t *n, const intervention_t *it) {
    tie_now_t v = tie_now(n, it->tie, n->now);
    double value = it->test == TEST_STRENGTH ? v.s : v.b;
    return it->above ? value > it->threshold : value < it->threshold;
}

/* The first in the alphabet of the entries that it drops, with their stops and parts, and that are still to
 * come; -1. */
static int next_dropped(const naive_t *n, const intervention_t *it) {
    const model_t *m = n->m;
    int next = -1;
    for (int e = 0; e < m->n_calendar; e++) {
        int at = n->calendar_todo[e];
        if (!listed(it->n_drop, it->drop, e, m->calendar) || at < 0) continue;
        if (n->todos[at].done || n->todos[at].type != DO_EVENT) continue;
        if (next < 0 || strcmp(m->calendar[e].id, m->calendar[next].id) < 0) next = e;
    }
    return next;
}

static void intervene(naive_t *n, const todo_t *todo) {
    const model_t *m = n->m;
    const intervention_t *it = &m->interventions[todo->a];
    if (it->test != TEST_NONE && !test_holds(n, it)) {
        todo_t again = *todo;
        again.time += it->every;
        again.done = false;
        put(n, again);
        return;
    }
    for (int next; (next = next_dropped(n, it)) >= 0;) {
        n->todos[n->calendar_todo[next]].done = true;
        not_held(n, &n->todos[n->calendar_todo[next]].event);
    }
    for (int c = 0; c < it->n_conditions; c++) {
        const condition_start_t *change = &it->conditions[c];
        int site = m->conditions[change->condition].on_actor ? change->actor : change->tie;
        if (it->condition_opens[c])
            declare(n, change, it->id, n->now, false);
        else
            end_condition(n, change->condition, site, n->now, 0);
    }
    for (int a = 0; a < it->n_add; a++) {
        event_t event = entry_event(n, it->add[a], false);
        event.time += n->now;
        event.cause = CAUSE_INTERVENTION;
        if (unit(event.key, MARK_OCCURS) < m->calendar[it->add[a]].probability) put_event(n, &event);
    }
    for (int s = 0; s < it->n_settings; s++) {
        double *where = m->params[it->settings[s].param].value;
        PUSH(n->settings, n->n_settings, (setting_made_t){n->now, where, *where});
        *where = it->settings[s].value;
    }
    for (int e = 0; it->n_settings && e < m->n_ties; e++) level_anew(n, e, n->now);
}

static bool is_away(const naive_t *n, const event_t *e, int actor, role_t role) {
    const kind_t *k = &n->m->kinds[e->kind];
    bool comes = false;
    for (int p = 0; p < k->n_presences; p++) comes |= k->presences[p].enters && k->presences[p].who == role;
    return actor >= 0 && !n->present[actor] && !comes;
}

/* Who was invited to the summit that begins, and has not answered, does so now if it is known what, else
 * never. */
static void ask_again(naive_t *n, int entry) {
    for (;;) {
        int first = -1;
        for (int k = 0; k < n->n_todos; k++)
            if (!n->todos[k].done && n->todos[k].type == DO_REPLY && n->todos[k].event.to == entry &&
                (first < 0 || n->todos[k].order < n->todos[first].order))
                first = k;
        if (first < 0) return;
        n->todos[first].done = true;
        todo_t copy = n->todos[first];
        copy.on = copy.event.reply == REPLY_DRAWN;
        reply(n, &copy);
    }
}

static void do_todo(naive_t *n, const todo_t *todo) {
    event_t e = todo->event;
    switch (todo->type) {
    case DO_EVENT:
        e.time = n->now;
        if (e.entry >= 0 && n->m->calendar[e.entry].parent >= 0)
            e.parent = n->calendar_row[n->m->calendar[e.entry].parent];
        if (is_away(n, &e, e.initiator, ROLE_INITIATOR) || is_away(n, &e, e.target, ROLE_TARGET)) {
            not_held(n, &e);
            break;
        }
        if (e.entry >= 0 && n->m->kinds[e.kind].summit.on) ask_again(n, e.entry);
        int row = happen(n, &e);
        if (e.entry >= 0) n->calendar_row[e.entry] = row;
        break;
    case DO_CANCELLED:
        not_held(n, &e);
        break;
    case DO_REPLY:
        reply(n, todo);
        break;
    case DO_CONDITION_END:
        end_condition(n, todo->a, todo->b, n->now, todo->token);
        break;
    case DO_MEMBERSHIP:
        n->member[todo->a * n->m->n_actors + todo->b] = todo->on;
        break;
    case DO_PRESENCE:
        n->present[todo->a] = todo->on;
        break;
    case DO_INTERVENTION:
        intervene(n, todo);
        break;
    default:
        refresh(n);
        put(n, (todo_t){.type = DO_REFRESH, .time = n->now + n->m->dynamics.refresh, .klass = 1});
    }
}

/* Index of the item that comes next, -1 if there is none. */
static int next_todo(const naive_t *n) {
    int best = -1;
    for (int k = 0; k < n->n_todos; k++) {
        const todo_t *a = &n->todos[k], *b = best < 0 ? NULL : &n->todos[best];
        if (a->done) continue;
        if (!b || a->time < b->time ||
            (a->time == b->time && (a->klass < b->klass || (a->klass == b->klass && a->order < b->order))))
            best = k;
    }
    return best;
}

static void record_until(naive_t *n, double until) {
    const observation_t *o = n->observation;
    for (; n->next_time < o->n_times && o->times[n->next_time] < until; n->next_time++)
        for (int k = 0; k < o->n_ties; k++) {
            size_t cell = (size_t)(n->next_time * o->n_ties + k);
            double t = o->times[n->next_time];
            tie_now_t v = tie_now(n, o->ties[k], t);
            n->result->strength[cell] = (float)v.s;
            n->result->alignment[cell] = (float)v.b;
            for (int f = 0; f < 2; f++)
                n->result->trade[2 * cell + (size_t)f] = (float)trade(n, 2 * o->ties[k] + f, t);
        }
}

static void walk(naive_t *n, int strips) {
    double horizon = n->m->horizon;
    while ((double)n->result->n_events <= n->m->event_cap) {
        int todo = next_todo(n);
        owner_t *owner = NULL;
        for (int k = 0; k < n->n_owners; k++) {
            owner_t *o = &n->owners[k];
            if (o->next < o->n && (!owner || o->spots[o->next].time < owner->spots[owner->next].time))
                owner = o;
        }
        int child = -1;
        for (int k = 0; k < n->n_expected; k++)
            if (!n->expected[k].done && (child < 0 || n->expected[k].time < n->expected[child].time))
                child = k;
        double at_todo = todo < 0 ? INFINITY : n->todos[todo].time;
        double at_spot = owner ? owner->spots[owner->next].time : INFINITY;
        double at_child = child < 0 ? INFINITY : n->expected[child].time;
        double next = fmin(at_todo, fmin(at_spot, at_child));
        if (!(next < horizon)) break;
        record_until(n, next);
        n->now = next;
        if (at_todo <= next) {
            n->todos[todo].done = true;
            todo_t copy = n->todos[todo];
            do_todo(n, &copy);
            measure_heights(n, strips);
        } else {
            bool happened = at_child <= at_spot ? look_at_expected(n, child)
                                                : look(n, owner, &owner->spots[owner->next++]);
            if (happened) measure_heights(n, strips);
        }
    }
    record_until(n, INFINITY);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void set_params(naive_t *n) {
    const model_t *m = n->m;
    for (int u = 0; u < m->n_uncertain; u++) {
        const param_t *param = &m->params[m->uncertain[u].param];
        uint64_t key = rng_key_text(rng_key_text(n->key, "uncertain"), param->path);
        n->result->draws[u] = clamp(draw(&m->uncertain[u].dist, key, 0), param->low, param->high);
        *param->value = n->result->draws[u];
    }
    for (int s = 0; s < n->variant->n_settings; s++)
        *m->params[n->variant->settings[s].param].value = n->variant->settings[s].value;
}

void naive_run(model_t *model, uint64_t seed, uint32_t replicate, int variant, int strips,
               const observation_t *observation, result_t *result, naive_report_t *report) {
    size_t actors = (size_t)model->n_actors + 1, entries = (size_t)model->n_calendar + 1;
    assert(model->n_actors <= 64);
    *report = (naive_report_t){0};
    naive_t n = {.m = model,
                 .run_seed = seed,
                 .replicate = replicate,
                 .variant = &model->variants[variant],
                 .observation = observation,
                 .result = result,
                 .report = report,
                 .key = rng_key_number(rng_key_number(0, seed), replicate)};
    n.present = calloc(actors, sizeof *n.present);
    n.member = calloc(actors * ((size_t)model->n_groups + 1), sizeof *n.member);
    n.sampled = calloc((2 * (size_t)model->n_ties + 1) * STATISTIC_N, sizeof *n.sampled);
    n.history_row = calloc((size_t)model->n_history + 1, sizeof *n.history_row);
    n.calendar_row = calloc(entries, sizeof *n.calendar_row);
    n.calendar_todo = calloc(entries, sizeof *n.calendar_todo);
    double *saved = calloc((size_t)model->n_params + 1, sizeof *saved);
    log_clear(&result->log);
    result->n_events = 0;
    for (int k = 0; k < model->n_kinds; k++) result->kind_counts[k] = 0;
    for (int p = 0; p < model->n_params; p++) saved[p] = *model->params[p].value;

    reset(&n);
    add_owners(&n, strips); /* the measures' scales are those of the parameters as they stand */
    set_params(&n);
    reset(&n);
    begin(&n);
    walk(&n, strips);
    report->n_touches = (size_t)n.n_meetings;

    for (int p = 0; p < model->n_params; p++) *model->params[p].value = saved[p];
    for (int k = 0; k < n.n_owners; k++) free(n.owners[k].spots);
    void *blocks[] = {n.owners,      n.meetings,     n.expected,      n.effects, n.shocks,   n.streams,
                      n.switches,    n.engagements,  n.todos,         n.present, n.member,   n.sampled,
                      n.history_row, n.calendar_row, n.calendar_todo, n.answers, n.settings, saved};
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) free(blocks[k]);
}
