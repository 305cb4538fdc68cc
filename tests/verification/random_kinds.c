/* The kinds of a random model: who, how often, what follows. */
#include "random_dice.h"

#include "base/date.h"
#include <math.h>

static void log_odds(dice_t *d, predictor_t *p, int most, double size) {
    const model_t *m = d->m;
    static const double references[STATISTIC_N] = {[STATISTIC_LOG_GDP_INITIATOR] = 26,
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
                         .coefficient = between(d, -size, size),
                         .reference = references[s->id],
                         .slot = -1};
        if (s->id == STATISTIC_LOG_GDP_INITIATOR || s->id == STATISTIC_LOG_GDP_TARGET ||
            s->id == STATISTIC_LOG_TRADE)
            term->coefficient /= 4;
        if (s->id == STATISTIC_YEARS) term->coefficient *= 5; /* horizons are fractions of a year */
        if (s->ref == REF_ACTOR_ATTRIBUTE || s->ref == REF_TIE_ATTRIBUTE) term->ref = 0;
        if (s->ref == REF_GROUP) term->ref = upto(d, 0, m->n_groups - 1);
        if (s->ref == REF_CONDITION) term->ref = upto(d, 0, m->n_conditions - 1);
        if (s->ref == REF_KIND) term->ref = upto(d, 0, m->n_kinds - 1);
        if (s->has_half_life) term->half_life = between(d, 3, 90), term->coefficient /= 2;
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
    if (k->scope <= SCOPE_DYAD && maybe(d, 0.7))
        for (int r = 0; r < 2; r++) k->mediator_weight[r] = maybe(d, 0.2) ? 0 : between(d, -0.3, 1.2);
    for (int r = 0; r < PAIR_ROLES; r++)
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
    if (k->scope <= SCOPE_DYAD && (k->has_mediator = maybe(d, 0.2)))
        k->mediator = upto(d, 0, m->n_actors - 1);
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

bool random_kinds_have_summits(const model_t *m) {
    return m->n_kinds > 3 && m->kinds[CONVENES].summit.on && m->kinds[INVITES].reply.on &&
           !m->kinds[INVITES].in_person;
}

void random_kinds(dice_t *d) {
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
