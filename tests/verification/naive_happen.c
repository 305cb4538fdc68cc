/* An event happens: what it is drawn to be, its rows, its effects. */
#include "naive_internal.h"

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

void naive_not_held(naive_t *n, const event_t *e) {
    log_row_t row = row_for(e, n->now, e->level < 0 ? LEVEL_OFFICIAL : e->level, 0, e->sector, e->value_usd,
                            STATUS_CANCELLED);
    write_row(n, &row);
}

static double naive_weight(const kind_t *k, role_t first, role_t second) {
    if (second == ROLE_MEDIATOR)
        return first == ROLE_INITIATOR ? k->mediator_weight[0] : k->mediator_weight[1];
    return first == ROLE_MEDIATOR ? 0 : k->pair_weight[first][second];
}

/* What an event passes to third parties, all weights being those before it. */
static void spill(naive_t *n, const kind_t *k, const people_t *people, double g, bool dyadic) {
    const model_t *m = n->m;
    double s[64][64];
    for (int a = 0; a < m->n_actors; a++)
        for (int b = 0; b < m->n_actors; b++) {
            int tie = a == b ? -1 : model_tie(m, a, b);
            s[a][b] = tie < 0 ? 0 : naive_tie_now(n, tie, n->now).s;
        }
    for (int p = 0; p < people->n; p++)
        for (int q = p + 1; q < people->n; q++)
            for (int way = 0, ways = dyadic && q == 1 ? 1 : 2; way < ways; way++) {
                int i = people->actor[way ? q : p], j = people->actor[way ? p : q];
                double share = g * (ways == 1 ? 1 : naive_weight(k, people->role[p], people->role[q]));
                for (int a = 0; share != 0 && a < m->n_actors; a++) {
                    int tie = a == i || a == j ? -1 : model_tie(m, j, a);
                    if (tie >= 0 && s[i][a] != 0)
                        naive_bump_tie(n, tie, k->spillover * share * s[i][a], k->lasting);
                }
            }
}

static void change_state(naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    naive_change_tariff(n, e);
    const kind_t *k = &m->kinds[e->kind];
    for (int c = 0; c < k->n_conditions; c++) {
        const condition_change_t *change = &k->conditions[c];
        const condition_t *condition = &m->conditions[change->condition];
        int site = condition->on_actor                 ? naive_played_by(e, change->who)
                   : e->initiator < 0 || e->target < 0 ? -1
                   : !condition->directed              ? model_tie(m, e->initiator, e->target)
                   : change->who == ROLE_TARGET        ? model_flow(m, e->target, e->initiator)
                                                       : model_flow(m, e->initiator, e->target);
        if (site < 0) continue;
        double since = fmin(e->time, n->now);
        uint64_t token = rng_key_text(e->key, condition->name);
        if (!change->starts)
            naive_end_condition(n, change->condition, site, since, 0);
        else
            naive_start_condition(n, change->condition, site, since, token);
        if (change->starts && condition->has_duration)
            naive_put(n, (todo_t){.type = DO_CONDITION_END,
                                  .klass = 0,
                                  .order = token,
                                  .a = change->condition,
                                  .b = site,
                                  .token = token,
                                  .time = fmax(n->now, since + fmax(0, naive_draw(&condition->duration, token,
                                                                                  MARK_DURATION)))});
    }
    for (int c = 0; c < k->n_memberships; c++) {
        int group = k->memberships[c].group >= 0 ? k->memberships[c].group : e->group;
        int actor = naive_played_by(e, k->memberships[c].who);
        if (group >= 0 && actor >= 0) naive_set_member(n, group, actor, k->memberships[c].joins);
    }
    for (int c = 0; c < k->n_presences; c++) {
        int actor = naive_played_by(e, k->presences[c].who);
        if (actor >= 0) n->present[actor] = k->presences[c].enters;
    }
}

static void meet_all(naive_t *n, const event_t *e, const people_t *people, int row, double g, bool success) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    bool dyadic = e->group < 0;
    for (int p = 0; p < people->n; p++)
        for (int q = p + 1; q < people->n; q++) {
            int i = people->actor[p], j = people->actor[q], tie = model_tie(m, i, j);
            double weight = naive_weight(k, people->role[p], people->role[q]);
            bool pair_of_two = dyadic && q == 1;
            if (weight != 0 && !e->known && tie >= 0) {
                double before = naive_tie_now(n, tie, n->now).s;
                if (weight * g != 0) naive_bump_tie(n, tie, weight * g, k->lasting);
                int of = k->summit.on ? row + q : row;
                if (p == 0 && (k->summit.on || j == e->target)) {
                    n->result->log.effect[of] = (float)(naive_tie_now(n, tie, n->now).s - before);
                    n->result->log.strength[of] = (float)naive_tie_now(n, tie, n->now).s;
                }
                if (success && k->trade_shock != 0 && k->trade_shock_half_life > 0)
                    for (int f = 2 * tie; f < 2 * tie + 2; f++)
                        PUSH(n->shocks, n->n_shocks, (shock_t){n->now, f, e->kind, k->trade_shock});
            }
            if (weight == 0 && !k->summit.on && !pair_of_two) continue;
            uint64_t pair = naive_pair_key(m, e->key, i, j);
            double share = pair_of_two ? 1 : fmin(1, fabs(weight));
            naive_meet(n, (meeting_t){row, e->kind, i, j, -1, !pair_of_two, e->time, share,
                                      pair_of_two ? e->key : pair, false});
        }
    for (int p = 0; (!dyadic || people->n < 2) && p < people->n; p++) {
        int i = people->actor[p];
        bool joint = people->n > 1;
        uint64_t key = joint ? rng_key_number(e->key, points_actor_key(m, i)) : e->key;
        naive_meet(n, (meeting_t){row, e->kind, i, -1, p ? -1 : e->group, joint, e->time, 1, key, false});
    }
}

int naive_happen(naive_t *n, const event_t *e) {
    const model_t *m = n->m;
    const kind_t *k = &m->kinds[e->kind];
    int level = e->level >= 0 ? e->level : pick(naive_unit(e->key, MARK_LEVEL), LEVEL_N, k->level_weight);
    if (level == LEVEL_LEADER && k->in_person && !e->aside && k->level_weight[LEVEL_LEADER] < 1 &&
        !naive_leaders_are_free(n, k, e->initiator, e->target, e->time))
        level = LEVEL_MINISTER;
    double value = e->value_usd;
    if (isnan(value) && k->has_value) value = naive_draw(&k->value, e->key, MARK_VALUE);
    int sector = e->sector;
    if (sector < 0 && k->n_sectors)
        sector = k->sectors[pick(naive_unit(e->key, MARK_SECTOR), k->n_sectors, k->sector_weights)];
    int success = e->success;
    chance_t chance = k->success;
    if (e->entry >= 0 && !e->known && m->calendar[e->entry].has_chance)
        chance.probability = m->calendar[e->entry].chance;
    n->mediator = e->mediator;
    if (success < 0)
        success = !k->has_success ||
                  naive_chance(n, &chance, e->initiator, e->target, naive_unit(e->key, MARK_SUCCESS));
    n->mediator = -1;
    people_t people = naive_who_comes(n, e);
    log_row_t row = row_for(e, e->time, level, success, sector, value, STATUS_HELD);
    int at = write_row(n, &row);
    for (int p = 1; p < people.n; p++) {
        if (!k->summit.on && people.role[p] != ROLE_MEDIATOR) continue;
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
        naive_make_deal(n, e, value);
        change_state(n, e);
    }
    if (!e->known) {
        naive_sidelines(n, e, &people, at);
        if (e->target >= 0) naive_cancel_pending(n, e);
        if (k->reply.on) {
            double delay = fmax(0, naive_draw(&k->reply.delay, e->key, MARK_REPLY_DELAY));
            naive_put(n, (todo_t){.type = DO_REPLY,
                                  .time = n->now + fmin(delay, k->reply.lapse),
                                  .klass = 4,
                                  .order = e->key,
                                  .event = *e,
                                  .row = at,
                                  .on = delay > k->reply.lapse && e->reply == REPLY_DRAWN});
        }
    }
    naive_follow(n, e, &people, at, WHEN_ALWAYS, value);
    naive_follow(n, e, &people, at, success ? WHEN_SUCCESS : WHEN_FAILURE, value);
    return at;
}
