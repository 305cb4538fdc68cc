/* What an event brings about: its consequences, the meetings beside a summit, the reply to an invitation. */
#include "naive_internal.h"

static int actor_in(const event_t *e, const people_t *people, role_t role, int nth) {
    if (role <= ROLE_TARGET) return nth > 0 ? -1 : naive_played_by(e, role);
    for (int p = 0; people && p < people->n; p++)
        if (people->role[p] == role && nth-- == 0) return people->actor[p];
    return -1;
}

static void try_one(naive_t *n, const event_t *e, const consequence_t *c, int row, uint64_t key, int i, int j,
                    double value) {
    const kind_t *k = &n->m->kinds[c->kind];
    double from = e->known ? e->time : n->now;
    int first = j < 0 ? i : naive_who_initiates(n->m, c->kind, i, j), second = first == i ? j : i;
    event_t next = {.kind = c->kind,
                    .initiator = first,
                    .target = k->scope == SCOPE_ACTOR ? -1 : second,
                    .group = -1,
                    .key = key,
                    .cause = CAUSE_CONSEQUENCE,
                    .parent = row,
                    NOT_GIVEN,
                    .expires = from + c->expires,
                    .from = c};
    if (k->scope == SCOPE_GROUP)
        next.group = k->summit.on && k->summit.group >= 0 ? k->summit.group : e->group;
    next.mediator = naive_usual_mediator(n, &next);
    if (c->has_mediator) {
        int who = c->mediator == MEDIATOR_OF_EVENT ? e->mediator : c->mediator;
        next.mediator = who < 0 ? -1 : naive_mediator(n, &next, who);
    }
    if (!naive_chance(n, &c->chance, first, second, naive_unit(key, MARK_CHANCE))) return;
    double delay = fmax(0, naive_draw(&c->delay, key, MARK_DELAY));
    next.time = from + delay;
    if (delay > c->expires || (e->known && next.time <= 0)) return;
    if (c->has_share && !isnan(value)) next.value_usd = value * naive_draw(&c->share, key, MARK_SHARE);
    naive_put_event(n, &next);
}

void naive_follow(naive_t *n, const event_t *e, const people_t *people, int row, when_t when, double value) {
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

void naive_sidelines(naive_t *n, const event_t *e, const people_t *people, int row) {
    const model_t *m = n->m;
    const summit_t *summit = &m->kinds[e->kind].summit;
    for (int s = 0; s < summit->n_sidelines; s++)
        for (int p = 0; p < people->n; p++)
            for (int q = 0; q < people->n; q++) {
                const sideline_t *side = &summit->sidelines[s];
                if (p == q || people->role[p] != side->first || people->role[q] != side->second) continue;
                if (side->first == side->second && p > q) continue;
                int i = people->actor[p], j = people->actor[q];
                uint64_t key =
                    naive_pair_key(m, rng_key_number(e->key, points_kind_key(m, side->kind)), i, j);
                int first = naive_who_initiates(m, side->kind, i, j), second = first == i ? j : i;
                if (!naive_chance(n, &side->chance, first, second, naive_unit(key, MARK_SIDELINE))) continue;
                naive_put_event(n, &(event_t){.kind = side->kind,
                                              .initiator = first,
                                              .target = second,
                                              .group = -1,
                                              .time = n->now,
                                              .key = key,
                                              .cause = CAUSE_CONSEQUENCE,
                                              .parent = row,
                                              NOT_GIVEN,
                                              .expires = INFINITY,
                                              .aside = true});
            }
}

void naive_reply(naive_t *n, const todo_t *todo) {
    const event_t *invitation = &todo->event;
    const reply_t *rules = &n->m->kinds[invitation->kind].reply;
    int host = invitation->initiator, guest = invitation->target, to = invitation->to;
    bool accepts = invitation->reply == REPLY_ACCEPT ||
                   (invitation->reply == REPLY_DRAWN &&
                    naive_chance(n, &rules->accept, guest, host, naive_unit(invitation->key, MARK_REPLY)));
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
                      NOT_GIVEN,
                      .expires = INFINITY,
                      .aside = true};
    if (naive_who_initiates(n->m, answer.kind, guest, host) == host)
        answer.initiator = host, answer.target = guest;
    int row = naive_happen(n, &answer);
    if (when != WHEN_LAPSED && to >= 0)
        PUSH(n->answers, n->n_answers, (answer_t){to, guest, when == WHEN_ACCEPTED});
    naive_follow(n, invitation, NULL, row, when, invitation->value_usd);
}

/* Who was invited to the summit that begins, and has not answered, does so now if it is known what, else
 * never. */
bool naive_ask_again(naive_t *n, int entry) {
    int first = -1;
    for (int k = 0; k < n->n_todos; k++)
        if (!n->todos[k].done && n->todos[k].type == DO_REPLY && n->todos[k].event.to == entry &&
            (first < 0 || n->todos[k].order < n->todos[first].order))
            first = k;
    if (first < 0) return false;
    n->todos[first].done = true;
    todo_t copy = n->todos[first];
    copy.on = copy.event.reply == REPLY_DRAWN;
    naive_reply(n, &copy);
    return true;
}
