/* Consequences of an event, and the reply to an invitation. */
#include "engine/event/observed.h"

#include <math.h>

enum { TRIES = 10000 }; /* to draw what was not observed */

static int party_actor(const event_plan_t *plan, const party_t *party, role_t role, int n) {
    if (role == ROLE_INITIATOR) return plan->initiator;
    if (role == ROLE_TARGET) return plan->target;
    for (int p = 0; party && p < party->n; p++)
        if (party->who[p].role == role && n-- == 0) return party->who[p].actor;
    return -1;
}

/* One trial of one consequence with given roles. */
static int try_consequence(engine_t *self, const event_plan_t *plan, const consequence_t *c, int32_t row,
                           uint64_t key, int initiator, int target, double value_usd) {
    const kind_t *kind = &self->model->kinds[c->kind];
    event_plan_t next = event_plan_none();
    next.kind = c->kind;
    next.initiator = initiator;
    next.target = target;
    next.key = key;
    next.cause = CAUSE_CONSEQUENCE;
    next.parent = row;
    next.from = c;
    if (kind->scope == SCOPE_GROUP)
        next.group = kind->summit.on && kind->summit.group >= 0 ? kind->summit.group : plan->group;
    calendar_settle_roles(self, &next);
    next.mediator = !c->has_mediator                   ? calendar_usual_mediator(self, &next)
                    : c->mediator != MEDIATOR_OF_EVENT ? calendar_mediator(self, &next, c->mediator)
                    : plan->mediator >= 0              ? calendar_mediator(self, &next, plan->mediator)
                                                       : -1;
    double chance = chance_probability(&self->world, &c->chance, next.initiator, next.target, self->now);
    double from = plan->known ? plan->time : self->now, delay;
    if (kind->scope == SCOPE_ACTOR) next.target = -1;
    uint64_t draw = key;
    for (uint64_t n = 1;; n++) { /* of what would have been observed, another draw */
        if (draw_unit(draw, DRAW_CHANCE) >= chance) return 0;
        delay = fmax(0, draw_from(&c->delay, draw, DRAW_DELAY));
        next.time = from + delay;
        if (!observed_excludes_plan(self, &next)) break;
        if (n == TRIES) return 0;
        draw = rng_key_number(key, n);
    }
    next.expires = from + c->expires;
    if (delay > c->expires || (plan->known && next.time <= 0)) return 0;
    if (c->has_share && !isnan(value_usd)) next.value_usd = value_usd * draw_from(&c->share, key, DRAW_SHARE);
    return schedule_event(self, &next, false);
}

int follow_from(engine_t *self, const event_plan_t *plan, const party_t *party, int32_t row, when_t when,
                double value_usd) {
    int ret = 0;
    const kind_t *kind = &self->model->kinds[plan->kind];
    for (int n = 0; n < kind->n_then; n++) {
        const consequence_t *c = &kind->then[n];
        if (c->when != when) continue;
        bool each_first = c->initiator >= ROLE_MEMBER, each_second = c->target >= ROLE_MEMBER;
        uint64_t name = rng_key_text(plan->key, c->name);
        for (int p = 0, i; (i = party_actor(plan, party, c->initiator, p)) >= 0; p++) {
            for (int q = 0, j;; q++) {
                j = party_actor(plan, party, c->target, q);
                if (j < 0 && (each_second || self->model->kinds[c->kind].scope <= SCOPE_DYAD)) break;
                uint64_t pair = name;
                if (each_first) pair = rng_key_number(pair, self->actor_keys[i]);
                if (each_second && j >= 0) pair = rng_key_number(pair, self->actor_keys[j]);
                for (int k = observed_consequences(self, plan, n); i != j && k < c->count; k++)
                    TRY(try_consequence(self, plan, c, row, rng_key_number(pair, (uint64_t)k), i, j,
                                        value_usd));
                if (!each_second) break;
            }
            if (!each_first) break;
        }
    }
out:
    return ret;
}

/* The delay of a reply that was not observed: another draw as long as it would have been. If the time for it
 * has passed, the invitation has lapsed. */
static double draw_reply(const engine_t *self, const event_plan_t *plan, const reply_t *rules) {
    event_plan_t answer = {.kind = rules->accepted, .initiator = plan->target, .target = plan->initiator};
    answer.time = self->now + rules->lapse;
    if (observed_excludes_plan(self, &answer)) return INFINITY;
    uint64_t draw = plan->key;
    for (uint64_t n = 1; n <= TRIES; n++) {
        double delay = fmax(0, draw_from(&rules->delay, draw, DRAW_REPLY_DELAY));
        answer.time = self->now + fmin(delay, rules->lapse);
        if (!observed_excludes_plan(self, &answer)) return delay;
        draw = rng_key_number(plan->key, n);
    }
    return self->model->as_of.complete - self->now;
}

int follow_invite(engine_t *self, const event_plan_t *plan, int32_t row) {
    const reply_t *rules = &self->model->kinds[plan->kind].reply;
    const calendar_entry_t *reply = observed_reply(self, plan);
    item_t item = {.type = ITEM_REPLY, .row = row, .plan = *plan};
    double delay = reply ? reply->time - self->now : draw_reply(self, plan, rules);
    if (reply && plan->reply == REPLY_DRAWN && reply->kind != rules->lapsed)
        item.plan.reply = reply->kind == rules->accepted ? REPLY_ACCEPT : REPLY_DECLINE;
    item.lapses = (reply ? reply->kind == rules->lapsed : delay > rules->lapse) && plan->reply == REPLY_DRAWN;
    double at = self->now + (reply ? delay : fmin(delay, rules->lapse));
    return agenda_add(&self->agenda, at, CLASS_FOLLOWS, plan->key, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}
