#include "random_model.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include "base/rng.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    model_t *m;
    rng_stream_t stream;
} dice_t;

static double between(dice_t *d, double low, double high) {
    return low + (high - low) * rng_stream_unit(&d->stream);
}
static int upto(dice_t *d, int low, int high) { /* both included */
    return low + (int)(rng_stream_unit(&d->stream) * (high - low + 1));
}
static bool maybe(dice_t *d, double p) {
    return rng_stream_unit(&d->stream) < p;
}
static void *make(dice_t *d, int n, size_t size) {
    void *block = arena_alloc(&d->m->arena, (size_t)n + 1, size);
    assert(block);
    return block;
}
#define MAKE(d, pointer, n) ((pointer) = make(d, n, sizeof *(pointer)))

static char *name(dice_t *d, const char *stem, int n) {
    char text[32];
    /* so that the order of names is not the order of the file */
    snprintf(text, sizeof text, "%s%c%d", stem, "qdxbmzafk"[n % 9], n);
    return arena_text(&d->m->arena, text);
}

static dist_t any_delay(dice_t *d, double mean) {
    switch (upto(d, 0, 3)) {
    case 0:
        return (dist_t){DIST_EXPONENTIAL, {mean}};
    case 1:
        return (dist_t){DIST_GAMMA, {mean, 2}};
    case 2:
        return (dist_t){DIST_UNIFORM, {0, 2 * mean}};
    default:
        return (dist_t){DIST_CONSTANT, {round(mean)}};
    }
}

/* ---- the world -------------------------------------------------------------------------------------- */

static void actors(dice_t *d) {
    model_t *m = d->m;
    m->n_actors = upto(d, 3, 5);
    m->n_actor_attributes = m->n_tie_attributes = 1;
    MAKE(d, m->actor_attributes, 1)[0] = name(d, "attribute", 0);
    MAKE(d, m->tie_attributes, 1)[0] = name(d, "feature", 0);
    MAKE(d, m->actors, m->n_actors);
    for (int i = 0; i < m->n_actors; i++) {
        actor_t *a = &m->actors[i];
        *a = (actor_t){.name = name(d, "A", i), .lat = NAN, .lon = NAN, .from = -INFINITY, .until = INFINITY};
        a->gdp_usd = maybe(d, 0.9) ? elementary_exp(between(d, 23, 30)) : NAN;
        if (maybe(d, 0.15)) a->from = between(d, 1, m->horizon);
        if (maybe(d, 0.15)) a->until = between(d, m->horizon / 2, m->horizon);
        MAKE(d, a->attributes, 1)[0] = maybe(d, 0.8) ? between(d, -1, 1) : NAN;
    }
}

static void ties(dice_t *d) {
    model_t *m = d->m;
    MAKE(d, m->ties, m->n_actors * m->n_actors);
    for (int a = 0; a < m->n_actors; a++)
        for (int b = a + 1; b < m->n_actors; b++) {
            if (!maybe(d, 0.85)) continue;
            tie_t *tie = &m->ties[m->n_ties++];
            *tie = (tie_t){.a = a,
                           .b = b,
                           .strength = between(d, -0.8, 0.8),
                           .alignment = between(d, -0.6, 0.6),
                           .baseline = between(d, -0.5, 0.5),
                           .alignment_ref = between(d, -0.3, 0.3)};
            for (int f = 0; f < 2; f++)
                tie->trade_usd[f] = maybe(d, 0.8) ? elementary_exp(between(d, 15, 25)) : NAN;
            tie->distance_km = maybe(d, 0.9) ? between(d, 200, 9000) : NAN;
            MAKE(d, tie->attributes, 1)[0] = maybe(d, 0.5);
        }
}

static void groups(dice_t *d) {
    model_t *m = d->m;
    m->n_groups = upto(d, 0, 2);
    MAKE(d, m->groups, m->n_groups);
    for (int g = 0; g < m->n_groups; g++) {
        group_t *group = &m->groups[g];
        group->name = name(d, "G", g);
        MAKE(d, group->members, 2 * m->n_actors);
        for (int i = 0; i < m->n_actors; i++) {
            if (!maybe(d, 0.7)) continue;
            double leaves = maybe(d, 0.3) ? between(d, 5, m->horizon) : INFINITY;
            double enters = maybe(d, 0.2) ? between(d, 1, 5) : -INFINITY;
            group->members[group->n_members++] = (member_t){i, enters, leaves};
            if (isfinite(leaves) && maybe(d, 0.5)) /* a second spell, at times without a gap */
                group->members[group->n_members++] =
                    (member_t){i, maybe(d, 0.5) ? leaves : leaves + 3, INFINITY};
        }
        MAKE(d, group->chairs, 1);
        if (maybe(d, 0.5))
            group->chairs[group->n_chairs++] = (chair_t){0, m->horizon / 2, upto(d, 0, m->n_actors - 1)};
    }
}

static void conditions(dice_t *d) {
    model_t *m = d->m;
    m->n_conditions = upto(d, 0, 3);
    MAKE(d, m->conditions, m->n_conditions);
    MAKE(d, m->condition_starts, 2);
    for (int c = 0; c < m->n_conditions; c++) {
        condition_t *condition = &m->conditions[c];
        *condition = (condition_t){.name = name(d, "C", c),
                                   .on_actor = maybe(d, 0.3),
                                   .alignment_shift = between(d, -0.7, 0.5),
                                   .has_duration = maybe(d, 0.5),
                                   .log_trade_shift = maybe(d, 0.7) ? between(d, -1, 0.5) : 0,
                                   .phase_in = maybe(d, 0.5) ? between(d, 1, 60) : 0,
                                   .tail = maybe(d, 0.5) ? between(d, 1, 60) : 0};
        condition->duration = any_delay(d, between(d, 5, 60));
        if (c < 2 && maybe(d, 0.5) && m->n_ties)
            m->condition_starts[m->n_condition_starts++] = (condition_start_t){
                c, condition->on_actor ? 0 : -1, condition->on_actor ? -1 : 0, -between(d, 1, 50)};
    }
}

static void dynamics(dice_t *d) {
    dynamics_t *y = &d->m->dynamics;
    y->strength_half_life = between(d, 3, 60);
    y->alignment_half_life = maybe(d, 0.1) ? y->strength_half_life : between(d, 20, 400);
    y->trade_half_life = maybe(d, 0.1) ? y->alignment_half_life : between(d, 30, 300);
    y->alignment_on_trade = between(d, 0, 1);
    y->atmosphere_on_trade = maybe(d, 0.5) ? between(d, 0, 0.5) : 0;
    y->gain_divisor = between(d, 8, 40);
    y->refresh = between(d, 5, 40);
}

/* ---- kinds ------------------------------------------------------------------------------------------ */

static void log_odds(dice_t *d, predictor_t *p, int most, double size) {
    const model_t *m = d->m;
    static const double centres[STATISTIC_N] = {[STATISTIC_LOG_GDP_INITIATOR] = 26,
                                                [STATISTIC_LOG_GDP_TARGET] = 26,
                                                [STATISTIC_LOG_DISTANCE] = 8,
                                                [STATISTIC_LOG_TRADE] = 21,
                                                [STATISTIC_SHARED_PARTNERS] = 0.5};
    p->n = upto(d, 0, most);
    MAKE(d, p->terms, p->n);
    for (int n = 0; n < p->n; n++) {
        const statistic_t *s = &statistics[maybe(d, 0.3)    ? (int)STATISTIC_STRENGTH
                                           : maybe(d, 0.15) ? (int)STATISTIC_INERTIA
                                                            : upto(d, 0, STATISTIC_N - 1)];
        term_t *term = &p->terms[n];
        if ((s->ref == REF_GROUP && !m->n_groups) || (s->ref == REF_CONDITION && !m->n_conditions))
            s = &statistics[STATISTIC_ALIGNMENT];
        *term = (term_t){.statistic = s,
                         .ref = -1,
                         .loading = between(d, -size, size),
                         .centre = centres[s->id],
                         .slot = -1};
        if (s->id == STATISTIC_LOG_GDP_INITIATOR || s->id == STATISTIC_LOG_GDP_TARGET ||
            s->id == STATISTIC_LOG_TRADE)
            term->loading /= 4;
        if (s->id == STATISTIC_YEARS) term->loading *= 5; /* horizons are fractions of a year */
        if (s->ref == REF_ACTOR_ATTRIBUTE || s->ref == REF_TIE_ATTRIBUTE) term->ref = 0;
        if (s->ref == REF_GROUP) term->ref = upto(d, 0, m->n_groups - 1);
        if (s->ref == REF_CONDITION) term->ref = upto(d, 0, m->n_conditions - 1);
        if (s->ref == REF_KIND) term->ref = upto(d, 0, m->n_kinds - 1);
        if (s->has_half_life) term->half_life = between(d, 3, 90), term->loading /= 2;
    }
}

static chance_t any_chance(dice_t *d, double low, double high) {
    chance_t c = {.probability = between(d, low, high)};
    if (maybe(d, 0.5)) log_odds(d, &c.log_odds, 2, 1);
    return c;
}

static bool *some_actors(dice_t *d) {
    bool *set;
    if (maybe(d, 0.75)) return NULL;
    MAKE(d, set, d->m->n_actors);
    for (int i = 0; i < d->m->n_actors; i++) set[i] = maybe(d, 0.6);
    return set;
}

static void season(dice_t *d, season_t *s) {
    s->has_weekday = maybe(d, 0.2);
    s->has_month = maybe(d, 0.2);
    for (int n = 0; n < 7; n++) s->weekday[n] = maybe(d, 0.1) ? 0 : between(d, 0.3, 2);
    for (int n = 0; n < 12; n++) s->month[n] = between(d, 0.3, 2);
    if (!maybe(d, 0.2)) return;
    s->only_in_windows = maybe(d, 0.3);
    s->n_windows = upto(d, 1, 2);
    MAKE(d, s->windows, s->n_windows);
    for (int w = 0; w < s->n_windows; w++) {
        double from = maybe(d, 0.5) ? upto(d, 0, (int)d->m->horizon) : between(d, 0, d->m->horizon);
        s->windows[w] =
            (window_t){from, from + between(d, 5, d->m->horizon), maybe(d, 0.2) ? 0 : between(d, 0.2, 3)};
    }
}

static void excitations(dice_t *d, kind_t *k) {
    const model_t *m = d->m;
    k->n_excitations = upto(d, 0, 3);
    MAKE(d, k->excitations, k->n_excitations);
    double half_life = between(d, 0.5, 20);
    for (int x = 0; x < k->n_excitations; x++) {
        relation_t relation = (relation_t)upto(d, 0, RELATION_N - 1);
        bool near = relation <= RELATION_REVERSED;
        k->excitations[x] =
            (excitation_t){upto(d, 0, m->n_kinds - 1), relation, between(d, 0.02, near ? 0.2 : 0.06),
                           maybe(d, 0.5) ? half_life : between(d, 0.5, 30)};
    }
}

static void effects(dice_t *d, kind_t *k) {
    const model_t *m = d->m;
    k->goldstein = between(d, -8, 9);
    k->lasting = maybe(d, 0.6) ? between(d, 0, 0.5) : 0;
    k->failure = maybe(d, 0.5) ? between(d, -0.5, 0.5) : 0;
    k->spillover = maybe(d, 0.3) ? between(d, -0.5, 0.8) : 0;
    for (int r = 0; r < ROLE_N; r++)
        for (int q = 0; q <= r; q++)
            k->pair_weight[r][q] = k->pair_weight[q][r] = maybe(d, 0.2) ? 0 : between(d, -0.3, 1.2);
    if (k->scope != SCOPE_GROUP)
        k->pair_weight[ROLE_INITIATOR][ROLE_TARGET] = k->pair_weight[ROLE_TARGET][ROLE_INITIATOR] = 1;
    if (maybe(d, 0.3)) k->trade_shock = between(d, -0.3, 0.3), k->trade_shock_half_life = between(d, 3, 60);
    k->has_value = maybe(d, 0.4);
    k->value = (dist_t){DIST_LOGNORMAL, {1e9, 1.2}};
    if (k->has_value && maybe(d, 0.7))
        k->deal = (deal_t){true, {DIST_BETA, {0.3, 4}}, any_delay(d, 50), any_delay(d, 10), between(d, 0, 1)};
    if (m->n_sectors && maybe(d, 0.5)) {
        k->n_sectors = m->n_sectors;
        MAKE(d, k->sectors, k->n_sectors);
        MAKE(d, k->sector_weights, k->n_sectors);
        for (int s = 0; s < k->n_sectors; s++) k->sectors[s] = s, k->sector_weights[s] = between(d, 0.1, 2);
    }
    if ((k->has_success = maybe(d, 0.4))) k->success = any_chance(d, 0.3, 0.9);
    MAKE(d, k->conditions, 1);
    MAKE(d, k->memberships, 1);
    MAKE(d, k->presences, 1);
    role_t who = maybe(d, 0.5) ? ROLE_INITIATOR : ROLE_TARGET;
    if (m->n_conditions && maybe(d, 0.3))
        k->conditions[k->n_conditions++] =
            (condition_change_t){upto(d, 0, m->n_conditions - 1), maybe(d, 0.7), who};
    if (m->n_groups && maybe(d, 0.15))
        k->memberships[k->n_memberships++] =
            (membership_change_t){upto(d, 0, m->n_groups - 1), maybe(d, 0.6), who};
    if (maybe(d, 0.05)) k->presences[k->n_presences++] = (presence_change_t){maybe(d, 0.5), who};
}

static void summit(dice_t *d, kind_t *k) {
    const model_t *m = d->m;
    summit_t *s = &k->summit;
    *s = (summit_t){.on = true, .group = upto(d, 0, m->n_groups - 1)};
    s->attendance = any_chance(d, 0.5, 1);
    s->guest_attendance = any_chance(d, 0.5, 1);
    MAKE(d, s->sidelines, 1);
    if (m->kinds[0].scope <= SCOPE_DYAD && maybe(d, 0.6))
        s->sidelines[s->n_sidelines++] = (sideline_t){
            0, ROLE_INITIATOR, maybe(d, 0.5) ? ROLE_MEMBER : ROLE_GUEST, any_chance(d, 0.1, 0.6)};
    if (m->kinds[0].scope <= SCOPE_DYAD && maybe(d, 0.4))
        s->sidelines[s->n_sidelines++] = (sideline_t){0, ROLE_MEMBER, ROLE_MEMBER, any_chance(d, 0.05, 0.3)};
}

/* Consequences lead to kinds further down the list only, so that they end. */
static void consequences(dice_t *d, int k) {
    model_t *m = d->m;
    kind_t *kind = &m->kinds[k];
    MAKE(d, kind->then, 3);
    for (int n = 0; n < 2; n++) {
        if (k + 1 >= m->n_kinds || !maybe(d, 0.4)) continue;
        int next = upto(d, k + 1, m->n_kinds - 1);
        if (m->kinds[next].in_person) continue;
        if (m->kinds[next].scope == SCOPE_GROUP && !m->kinds[next].summit.on && kind->scope != SCOPE_GROUP)
            continue;
        consequence_t *c = &kind->then[kind->n_then++];
        *c = (consequence_t){.name = name(d, "then", n),
                             .kind = next,
                             .when = (when_t)upto(d, WHEN_ALWAYS, WHEN_FAILURE),
                             .count = upto(d, 1, 2),
                             .delay = any_delay(d, between(d, 1, 15)),
                             .expires = INFINITY,
                             .initiator = maybe(d, 0.7) ? ROLE_INITIATOR : ROLE_TARGET,
                             .target = maybe(d, 0.7) ? ROLE_TARGET : ROLE_INITIATOR,
                             .has_share = maybe(d, 0.3),
                             .share = {DIST_UNIFORM, {0, 1}}};
        if (kind->reply.on && maybe(d, 0.6)) c->when = (when_t)upto(d, WHEN_ACCEPTED, WHEN_LAPSED);
        if (kind->summit.on) c->initiator = (role_t)upto(d, 0, 3), c->target = (role_t)upto(d, 0, 3);
        if (maybe(d, 0.3)) c->expires = between(d, 2, 20);
        c->chance = any_chance(d, 0.1, 0.6);
        if (maybe(d, 0.3)) {
            c->n_cancelled_by = 1;
            MAKE(d, c->cancelled_by, 1)[0] = upto(d, 0, m->n_kinds - 1);
        }
    }
}

/* Kinds of which one convenes, one invites to it and the last answers, in a third of the models with groups.
 */
enum { CONVENES = 1, INVITES = 2 };

static bool has_summits(const model_t *m) {
    return m->n_kinds > 3 && m->kinds[CONVENES].summit.on && m->kinds[INVITES].reply.on &&
           !m->kinds[INVITES].in_person;
}

static void kinds(dice_t *d) {
    model_t *m = d->m;
    m->n_sectors = upto(d, 0, 3);
    MAKE(d, m->sectors, m->n_sectors);
    for (int s = 0; s < m->n_sectors; s++) m->sectors[s] = name(d, "sector", s);
    m->n_kinds = upto(d, 3, 6);
    MAKE(d, m->kinds, m->n_kinds);
    bool summits = m->n_groups && m->n_kinds > 3 && maybe(d, 0.35);
    for (int k = 0; k < m->n_kinds; k++) { /* scopes first: what follows refers to them */
        double u = between(d, 0, 1);
        m->kinds[k].name = name(d, "kind", k);
        m->kinds[k].scope = u < 0.55                   ? SCOPE_DIRECTED
                            : u < 0.75                 ? SCOPE_DYAD
                            : u < 0.87 || !m->n_groups ? SCOPE_ACTOR
                                                       : SCOPE_GROUP;
        bool plays = summits && (k == CONVENES || k == INVITES || k == m->n_kinds - 1);
        if (plays) m->kinds[k].scope = k == CONVENES ? SCOPE_GROUP : SCOPE_DIRECTED;
        m->kinds[k].in_person = k > 0 && m->kinds[k].scope == SCOPE_DIRECTED && !plays && maybe(d, 0.2);
    }
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        double places = kind->scope == SCOPE_DIRECTED ? 2 * m->n_ties
                        : kind->scope == SCOPE_DYAD   ? m->n_ties
                                                      : m->n_actors;
        kind->rate_per_year = maybe(d, 0.2) ? 0 : between(d, 3, 25) / (places * m->horizon) * DAYS_PER_YEAR;
        log_odds(d, &kind->log_rate, 4, 1.2);
        season(d, &kind->season);
        excitations(d, kind);
        kind->initiators = some_actors(d);
        kind->targets = some_actors(d);
        double leader = kind->in_person ? 1 : between(d, 0, 0.9);
        kind->level_weight[LEVEL_LEADER] = leader;
        kind->level_weight[LEVEL_MINISTER] = (1 - leader) / 2;
        kind->level_weight[LEVEL_OFFICIAL] = (1 - leader) / 2;
        kind->days = kind->in_person ? between(d, 0, 4) : 0;
        kind->summit.group = -1;
        if (kind->scope == SCOPE_GROUP && (maybe(d, 0.7) || (summits && k == CONVENES))) summit(d, kind);
        effects(d, kind);
    }
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        int answer = m->n_kinds - 1; /* replies: the last kind, which leads nowhere */
        if (kind->scope == SCOPE_DIRECTED && k < answer && m->kinds[answer].scope <= SCOPE_DYAD &&
            !m->kinds[answer].in_person && (maybe(d, 0.5) || (summits && k == INVITES)))
            kind->reply = (reply_t){
                true, any_chance(d, 0.3, 0.9), any_delay(d, 8), between(d, 5, 20), answer, answer, answer};
        consequences(d, k);
    }
}

/* ---- what is dated ---------------------------------------------------------------------------------- */

static calendar_entry_t any_entry(dice_t *d, const char *stem, int n) {
    const model_t *m = d->m;
    calendar_entry_t e = {.id = name(d, stem, n),
                          .initiator = -1,
                          .target = -1,
                          .group = -1,
                          .probability = 1,
                          .days = NAN,
                          .value_usd = NAN,
                          .level = -1,
                          .success = -1,
                          .sector = -1,
                          .to = -1,
                          .parent = -1,
                          .in_base = true};
    do e.kind = upto(d, 0, m->n_kinds - 1);
    while (m->kinds[e.kind].in_person);
    const kind_t *k = &m->kinds[e.kind];
    if (k->scope <= SCOPE_DYAD) {
        const tie_t *tie = &m->ties[upto(d, 0, m->n_ties - 1)];
        bool swap = maybe(d, 0.5);
        e.initiator = swap ? tie->b : tie->a, e.target = swap ? tie->a : tie->b;
    } else {
        e.initiator = upto(d, 0, m->n_actors - 1);
        if (k->scope == SCOPE_GROUP && !k->summit.on) e.group = upto(d, 0, m->n_groups - 1);
    }
    if (maybe(d, 0.2)) e.value_usd = between(d, 1e8, 1e10);
    if (maybe(d, 0.2)) e.level = upto(d, 0, 2);
    if (maybe(d, 0.2)) e.success = upto(d, 0, 1);
    if (k->reply.on && maybe(d, 0.3)) e.reply = (forced_reply_t)upto(d, 0, 2);
    return e;
}

static void dated(dice_t *d) {
    model_t *m = d->m;
    if (m->kinds[0].in_person || !m->n_ties) return;
    m->n_history = upto(d, 0, 4);
    MAKE(d, m->history, m->n_history);
    for (int n = 0; n < m->n_history; n++) {
        m->history[n] = any_entry(d, "past", n);
        m->history[n].time = m->history[n].until = -upto(d, 1, 60);
    }
    m->n_calendar = has_summits(m) ? 6 : upto(d, 0, 6);
    MAKE(d, m->calendar, m->n_calendar);
    for (int n = 0; n < m->n_calendar; n++) {
        calendar_entry_t *e = &m->calendar[n];
        *e = any_entry(d, "entry", n);
        e->time = e->until = maybe(d, 0.3) ? 7 : upto(d, 1, (int)m->horizon); /* several on one day */
        if (maybe(d, 0.3)) e->until = e->time + between(d, 1, 20);
        if (maybe(d, 0.3)) e->probability = between(d, 0.3, 1);
        if (n > 0 && maybe(d, 0.2)) e->parent = upto(d, 0, n - 1);
        e->in_base = maybe(d, 0.8);
        for (int s = 0; s < n; s++) /* an invitation to an earlier entry of the list */
            if (m->kinds[m->calendar[s].kind].summit.on && m->kinds[e->kind].reply.on) e->to = s;
        if (m->kinds[e->kind].summit.on && maybe(d, 0.4)) {
            e->n_guests = 1;
            MAKE(d, e->guests, 1)[0] = upto(d, 0, m->n_actors - 1);
        }
        if (m->kinds[e->kind].summit.on && maybe(d, 0.15)) {
            e->n_attend = 2;
            MAKE(d, e->attend, 2);
            for (int a = 0; a < 2; a++) e->attend[a] = upto(d, 0, m->n_actors - 1);
        }
    }
}

/* Two summits at most, and invitations to them, mostly before: of members and of others, some twice. */
static void summits(dice_t *d) {
    model_t *m = d->m;
    int n = upto(d, 4, 6), at[2] = {0, 1}, upto_summit = upto(d, 0, 1);
    if (!has_summits(m) || m->n_calendar < n) return;
    for (int c = 0; c < n; c++) {
        calendar_entry_t *e = &m->calendar[c];
        bool convenes = c <= upto_summit;
        e->kind = convenes ? CONVENES : INVITES;
        e->to = convenes ? -1 : at[upto(d, 0, upto_summit)];
        e->group = -1;
        if (convenes) {
            e->target = -1;
            e->time = e->until = between(d, 0.3, 1) * m->horizon;
            continue;
        }
        const tie_t *tie = &m->ties[upto(d, 0, m->n_ties - 1)];
        bool swap = maybe(d, 0.5);
        e->initiator = swap ? tie->b : tie->a, e->target = swap ? tie->a : tie->b;
        if (c > upto_summit + 1 && maybe(d, 0.4)) { /* once more */
            e->initiator = m->calendar[c - 1].initiator, e->target = m->calendar[c - 1].target;
            e->to = m->calendar[c - 1].to;
        }
        double before = maybe(d, 0.5) ? between(d, 0, 8) : between(d, -5, m->calendar[e->to].time);
        e->time = e->until = fmax(0, m->calendar[e->to].time - before);
        e->reply = maybe(d, 0.5) ? REPLY_DRAWN : maybe(d, 0.5) ? REPLY_ACCEPT : REPLY_DECLINE;
        e->n_guests = e->n_attend = 0;
        e->guests = e->attend = NULL;
    }
    for (int c = n; c < m->n_calendar; c++)
        if (m->calendar[c].to > upto_summit && m->calendar[c].to < n) m->calendar[c].to = -1;
}

static int *some_entries(dice_t *d, int *count, bool in_base) {
    int *list;
    MAKE(d, list, d->m->n_calendar);
    for (int e = 0; e < d->m->n_calendar; e++)
        if (d->m->calendar[e].in_base == in_base && maybe(d, 0.3)) list[(*count)++] = e;
    return list;
}

static void parameter(dice_t *d, const char *stem, double *value, double low, double high) {
    model_t *m = d->m;
    m->params[m->n_params] =
        (param_t){.path = name(d, stem, m->n_params), .value = value, .low = low, .high = high};
    m->n_params++;
}

/* Rates first, what has a memory last. */
static void parameters(dice_t *d) {
    model_t *m = d->m;
    dynamics_t *y = &m->dynamics;
    MAKE(d, m->params, 5 + 12 * m->n_kinds + 2 * m->n_conditions);
    for (int k = 0; k < m->n_kinds; k++)
        if (m->kinds[k].rate_per_year > 0) parameter(d, "rate", &m->kinds[k].rate_per_year, 0, 1e9);
    MAKE(d, m->uncertain, 1);
    if (m->n_params && maybe(d, 0.5))
        m->uncertain[m->n_uncertain++] =
            (uncertain_t){.param = 0, .dist = {DIST_LOGNORMAL, {*m->params[0].value, 0.4}}};
    double *const of_ties[] = {&y->strength_half_life, &y->alignment_half_life, &y->trade_half_life};
    for (int k = 0; k < m->n_kinds; k++) {
        kind_t *kind = &m->kinds[k];
        for (int x = 0; x < kind->n_excitations; x++)
            parameter(d, "kernel", &kind->excitations[x].half_life, 0.1, 1e4);
        if (kind->trade_shock_half_life > 0) parameter(d, "shock", &kind->trade_shock_half_life, 1, 1e4);
    }
    for (int n = 0; n < 3; n++) parameter(d, "relax", of_ties[n], 1, 1e4);
    if (m->n_ties) parameter(d, "baseline", &m->ties[0].baseline, -1, 1);
    if (m->n_ties) parameter(d, "reference", &m->ties[0].alignment_ref, -1, 1);
    for (int c = 0; c < m->n_conditions; c++) {
        parameter(d, "phase", &m->conditions[c].phase_in, 0, 1e4);
        parameter(d, "tail", &m->conditions[c].tail, 0, 1e4);
    }
    for (int k = 0; k < m->n_kinds; k++)
        for (int n = 0; n < m->kinds[k].log_rate.n; n++)
            if (m->kinds[k].log_rate.terms[n].half_life > 0)
                parameter(d, "memory", &m->kinds[k].log_rate.terms[n].half_life, 1, 1e4);
}

static void interventions(dice_t *d) {
    model_t *m = d->m;
    m->n_interventions = upto(d, 0, 2);
    MAKE(d, m->interventions, m->n_interventions);
    for (int n = 0; n < m->n_interventions; n++) {
        intervention_t *it = &m->interventions[n];
        *it = (intervention_t){.id = name(d, "intervention", n),
                               .at = between(d, 1, m->horizon),
                               .tie = 0,
                               .every = between(d, 1, 10),
                               .threshold = between(d, -0.5, 0.5),
                               .above = maybe(d, 0.5),
                               .in_base = maybe(d, 0.5)};
        if (m->n_ties && maybe(d, 0.5)) it->test = maybe(d, 0.5) ? TEST_STRENGTH : TEST_ALIGNMENT;
        if (m->n_params && maybe(d, 0.7)) {
            it->n_settings = upto(d, 1, 3);
            MAKE(d, it->settings, it->n_settings);
            for (int s = 0; s < it->n_settings; s++) {
                int param = maybe(d, 0.3) ? upto(d, 0, m->n_params - 1)
                                          : upto(d, 3 * m->n_params / 4, m->n_params - 1);
                const param_t *p = &m->params[param];
                it->settings[s] =
                    (setting_t){param, fmin(p->high, fmax(p->low, *p->value * between(d, 0, 3)))};
            }
        }
        it->drop = some_entries(d, &it->n_drop, true);
        if (m->n_conditions && m->n_ties && maybe(d, 0.5)) {
            it->n_conditions = 1;
            MAKE(d, it->conditions, 1)[0] = (condition_start_t){upto(d, 0, m->n_conditions - 1), 0, 0, 0};
            MAKE(d, it->condition_opens, 1)[0] = maybe(d, 0.6);
        }
    }
}

static void variants(dice_t *d) {
    model_t *m = d->m;
    m->n_variants = upto(d, 4, 6);
    MAKE(d, m->variants, m->n_variants);
    m->variants[0].name = arena_text(&m->arena, "base");
    for (int n = 1; n < m->n_variants; n++) {
        variant_t *v = &m->variants[n];
        v->name = name(d, "variant", n);
        v->drop = some_entries(d, &v->n_drop, true);
        v->decline = some_entries(d, &v->n_decline, true);
        v->cancel = some_entries(d, &v->n_cancel, true);
        v->add = some_entries(d, &v->n_add, false);
        MAKE(d, v->interventions, 1);
        if (m->n_interventions && maybe(d, 0.5)) v->n_interventions = 1;
        if (m->n_params && maybe(d, 0.5)) {
            v->n_settings = 1;
            MAKE(d, v->settings, 1)
            [0] = (setting_t){m->n_params - 1, *m->params[m->n_params - 1].value * 1.5};
        }
    }
}

void random_model(model_t *model, uint64_t seed) {
    dice_t dice = {.m = model}, *d = &dice;
    rng_stream_init(&d->stream, rng_key_number(0, seed), 0);
    model_init(model);
    model->start = 20000 + upto(d, 0, 400);
    model->horizon = round(between(d, 60, 240));
    model->event_cap = 600;
    actors(d);
    ties(d);
    groups(d);
    conditions(d);
    dynamics(d);
    kinds(d);
    dated(d);
    summits(d);
    parameters(d);
    interventions(d);
    variants(d);
    model->output.all_ties = true;
    model->output.every = between(d, 5, 40);
    if (model_finish(model) < 0) abort();
}
