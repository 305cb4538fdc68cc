/* What follows from an event: consequences, invitations and replies, and how scheduled events find a day
 * on which the leaders they need are free. */
#include "engine/internal.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

enum { MOVE_DAYS_MAX = 90 }; /* an event that finds no day within so many is cancelled */

static bool contains(int n, const int *list, int entry) {
    for (int i = 0; i < n; i++)
        if (list[i] == entry) return true;
    return false;
}

/* What the actor answered last to an invitation to the summit, NULL if it has not. */
static answer_t *answer_of(const engine_t *self, const plan_t *summit, int actor) {
    if (summit->known || summit->entry < 0) return NULL;
    for (int a = 0; a < self->n_answers[summit->entry]; a++)
        if (self->answers[summit->entry][a].actor == actor) return &self->answers[summit->entry][a];
    return NULL;
}

role_t awaited_as(const engine_t *self, const plan_t *summit, int actor) {
    const calendar_entry_t *entry = entry_of(self, summit);
    const answer_t *answer = answer_of(self, summit, actor);
    if (answer && !answer->comes) return ROLE_N;
    bool member = summit->group >= 0 && world_member(&self->world, summit->group, actor);
    if (entry && entry->attend
            ? contains(entry->n_attend, entry->attend, actor)
            : member || answer || (entry && contains(entry->n_guests, entry->guests, actor)))
        return member ? ROLE_MEMBER : ROLE_GUEST;
    return ROLE_N;
}

void settle_roles(const engine_t *self, plan_t *plan) {
    const actor_t *actors = self->model->actors;
    int i = plan->initiator, j = plan->target;
    if (self->kinds[plan->kind].scope != SCOPE_DYAD || strcmp(actors[i].name, actors[j].name) < 0) return;
    plan->initiator = j, plan->target = i;
}

/* ---- diaries ---------------------------------------------------------------------------------------- */

bool needs_leaders(const engine_t *self, const plan_t *plan) {
    if (!(self->kinds[plan->kind].duties & DUTY_IN_PERSON) || plan->on_the_side) return false;
    const kind_t *kind = &self->model->kinds[plan->kind];
    return plan->level == LEVEL_LEADER || (plan->level < 0 && kind->level_weight[LEVEL_LEADER] >= 1);
}

/* The place, as an actor: the host's, or the target's whom the initiator visits. */
static int place_of(const plan_t *plan) {
    return plan->group < 0 && plan->target >= 0 ? plan->target : plan->initiator;
}

static void days_of(const engine_t *self, const plan_t *plan, int *first, int *last) {
    double days = isnan(plan->days) ? self->model->kinds[plan->kind].days : plan->days;
    *first = (int)floor(plan->time);
    *last = *first + (days > 1 ? (int)ceil(days) : 1) - 1;
}

bool leader_free(const engine_t *self, const plan_t *plan, int actor) {
    int first, last;
    days_of(self, plan, &first, &last);
    return !diary_collision(&self->diary, actor, first, last, place_of(plan), NULL);
}

bool leaders_free(const engine_t *self, const plan_t *plan) {
    return (plan->initiator < 0 || leader_free(self, plan, plan->initiator)) &&
           (plan->target < 0 || leader_free(self, plan, plan->target));
}

static int book(engine_t *self, const plan_t *plan, int actor, uint32_t item) {
    booking_t booking = {
        .place = place_of(plan), .item = item, .precedence = self->model->kinds[plan->kind].precedence};
    days_of(self, plan, &booking.first_day, &booking.last_day);
    return actor < 0 ? 0 : diary_add(&self->diary, actor, &booking);
}

int occupy(engine_t *self, const plan_t *plan, const party_t *party, uint32_t item) {
    int ret = 0;
    bool convened = self->model->kinds[plan->kind].summit.on;
    if (item != AGENDA_NONE) diary_release_all(&self->diary, item);
    for (int p = 0; p < party->n; p++)
        if (convened || party->who[p].role <= ROLE_TARGET)
            TRY(book(self, plan, party->who[p].actor, DIARY_HELD));
out:
    return ret;
}

/* Whether everything that keeps the actor from the event is to come and of lower precedence. */
static bool can_clear(const engine_t *self, const plan_t *plan, int actor) {
    int first, last;
    const booking_t *booking = NULL;
    if (actor < 0) return true;
    days_of(self, plan, &first, &last);
    while ((booking = diary_collision(&self->diary, actor, first, last, place_of(plan), booking)))
        if (booking->item == DIARY_HELD || booking->precedence >= self->model->kinds[plan->kind].precedence)
            return false;
    return true;
}

/* Takes the lesser events out of the actor's way, books the actor, and schedules them for another day. */
static int clear_and_book(engine_t *self, const plan_t *plan, int actor, uint32_t item) {
    int ret = 0, first, last;
    plan_t *moved = NULL;
    size_t n_moved = 0, capacity = 0;
    const booking_t *booking;
    if (actor < 0) return 0;
    days_of(self, plan, &first, &last);
    while ((booking = diary_collision(&self->diary, actor, first, last, place_of(plan), NULL))) {
        uint32_t other = booking->item;
        const plan_t *theirs = &self->agenda.items[other].plan;
        if (self->model->kinds[theirs->kind].summit.on && theirs->initiator != actor) {
            diary_release(&self->diary, actor, other); /* a summit goes on without a member */
            continue;
        }
        TRY(ARRAY_RESERVE(moved, n_moved, capacity));
        moved[n_moved++] = self->agenda.items[other].plan;
        diary_release_all(&self->diary, other);
        if (agenda_pending(&self->agenda, other)) agenda_remove(&self->agenda, other);
    }
    TRY(book(self, plan, actor, item));
    for (size_t m = 0; m < n_moved; m++) {
        moved[m].time += 1;
        TRY(schedule(self, &moved[m], true));
    }
out:
    mem_free(moved);
    return ret;
}

static uint32_t put_down(engine_t *self, const plan_t *plan) {
    item_t item = {.type = ITEM_EVENT, .plan = *plan};
    bool dated = plan->entry >= 0 && !plan->known;
    uint32_t id = dated ? agenda_add(&self->agenda, plan->time, CLASS_CALENDAR,
                                     self->calendar_rank[plan->entry] << 8, &item)
                        : agenda_add(&self->agenda, plan->time, CLASS_FOLLOWS, plan->key, &item);
    if (dated) self->calendar_item[plan->entry] = id;
    return id;
}

/* A summit keeps its day; whom something greater keeps is not booked and will not come. */
static int book_awaited(engine_t *self, const plan_t *plan, uint32_t item) {
    int ret = 0;
    for (int r = 0; r < self->model->n_actors; r++) {
        int actor = self->by_name[r];
        if (actor != plan->initiator && awaited_as(self, plan, actor) != ROLE_N &&
            can_clear(self, plan, actor))
            TRY(clear_and_book(self, plan, actor, item));
    }
out:
    return ret;
}

int schedule(engine_t *self, const plan_t *wanted, bool moved) {
    int ret = 0;
    plan_t plan = *wanted;
    if (plan.time >= self->model->horizon) return 0;
    if (!needs_leaders(self, &plan)) return put_down(self, &plan) == AGENDA_NONE ? ERR_NOMEM : 0;
    double latest = fmin(wanted->time + MOVE_DAYS_MAX, plan.expires);
    while (!can_clear(self, &plan, plan.initiator) || !can_clear(self, &plan, plan.target)) {
        plan.time += 1;
        moved = true;
        if (plan.time > latest) return happen_not(self, wanted, STATUS_CANCELLED);
    }
    if (moved) TRY(happen_not(self, &plan, STATUS_MOVED));
    uint32_t item = put_down(self, &plan);
    if (item == AGENDA_NONE) return ERR_NOMEM;
    TRY(clear_and_book(self, &plan, plan.initiator, item));
    TRY(clear_and_book(self, &plan, plan.target, item));
    if (self->model->kinds[plan.kind].summit.on) TRY(book_awaited(self, &plan, item));
out:
    return ret;
}

/* ---- the calendar ----------------------------------------------------------------------------------- */

static double unit(uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return rng_stream_unit(&stream);
}

plan_t plan_of_entry(const engine_t *self, int index, bool known) {
    const model_t *model = self->model;
    const calendar_entry_t *entry = known ? &model->history[index] : &model->calendar[index];
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), known ? "history" : "calendar");
    key = rng_key_text(key, entry->id ? entry->id : model->kinds[entry->kind].name);
    const summit_t *summit = &model->kinds[entry->kind].summit;
    plan_t plan = {.kind = entry->kind,
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
    if (entry->until > entry->time)
        plan.time = entry->time + unit(key, DRAW_TIME) * (entry->until - entry->time);
    settle_roles(self, &plan);
    return plan;
}

bool occurs(const engine_t *self, const plan_t *dated) {
    return unit(dated->key, DRAW_OCCURS) < self->model->calendar[dated->entry].probability;
}

/* Dropped itself, or part of something dropped. */
static bool dropped(const engine_t *self, int entry) {
    for (; entry >= 0; entry = self->model->calendar[entry].parent)
        if (contains(self->variant->n_drop, self->variant->drop, entry)) return true;
    return false;
}

static bool cancelled(const engine_t *self, int entry) {
    for (; entry >= 0; entry = self->model->calendar[entry].parent)
        if (contains(self->variant->n_cancel, self->variant->cancel, entry)) return true;
    return false;
}

int schedule_calendar(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    const variant_t *variant = self->variant;
    for (int rank = 0; rank < model->n_calendar; rank++) { /* by id, so that the file's order is none */
        int e = self->calendar_by_rank[rank];
        const calendar_entry_t *entry = &model->calendar[e];
        if (!(entry->in_base || contains(variant->n_add, variant->add, e)) || dropped(self, e)) continue;
        plan_t plan = plan_of_entry(self, e, false);
        if (!occurs(self, &plan)) continue;
        if (contains(variant->n_decline, variant->decline, e)) plan.reply = REPLY_DECLINE;
        if (contains(variant->n_accept, variant->accept, e)) plan.reply = REPLY_ACCEPT;
        if (cancelled(self, e)) {
            item_t item = {.type = ITEM_CANCELLED, .plan = plan};
            if (agenda_add(&self->agenda, plan.time, CLASS_CALENDAR, (uint64_t)rank << 8, &item) ==
                AGENDA_NONE)
                return ERR_NOMEM;
        } else {
            TRY(schedule(self, &plan, false));
        }
    }
out:
    return ret;
}

uint32_t calendar_pending(const engine_t *self, int entry) {
    uint32_t id = self->calendar_item[entry];
    if (id == AGENDA_NONE || !agenda_pending(&self->agenda, id)) return AGENDA_NONE;
    const item_t *item = &self->agenda.items[id]; /* ids are used again: it may be another item by now */
    return item->type == ITEM_EVENT && item->plan.entry == entry && !item->plan.known ? id : AGENDA_NONE;
}

/* ---- consequences ----------------------------------------------------------------------------------- */

static int party_actor(const plan_t *plan, const party_t *party, role_t role, int n) {
    if (role == ROLE_INITIATOR) return plan->initiator;
    if (role == ROLE_TARGET) return plan->target;
    for (int p = 0; party && p < party->n; p++)
        if (party->who[p].role == role && n-- == 0) return party->who[p].actor;
    return -1;
}

/* One try of one consequence with given roles. */
static int try_consequence(engine_t *self, const plan_t *plan, const consequence_t *c, int32_t row,
                           uint64_t key, int initiator, int target, double value_usd) {
    const kind_t *kind = &self->model->kinds[c->kind];
    plan_t next = {.kind = c->kind,
                   .initiator = initiator,
                   .target = target,
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
                   .from = c};
    if (kind->scope == SCOPE_GROUP)
        next.group = kind->summit.on && kind->summit.group >= 0 ? kind->summit.group : plan->group;
    settle_roles(self, &next);
    if (unit(key, DRAW_CHANCE) >=
        chance_probability(&self->world, &c->chance, next.initiator, next.target, self->now))
        return 0;
    if (kind->scope == SCOPE_ACTOR) next.target = -1;
    rng_stream_t stream;
    rng_stream_init(&stream, key, DRAW_DELAY);
    double delay = fmax(0, dist_sample(&c->delay, &stream));
    double from = plan->known ? plan->time : self->now;
    next.time = from + delay;
    next.expires = from + c->expires;
    if (delay > c->expires || (plan->known && next.time <= 0)) return 0;
    if (c->has_share && !isnan(value_usd)) {
        rng_stream_init(&stream, key, DRAW_SHARE);
        next.value_usd = value_usd * dist_sample(&c->share, &stream);
    }
    return schedule(self, &next, false);
}

int follow(engine_t *self, const plan_t *plan, const party_t *party, int32_t row, when_t when,
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
                for (int k = 0; i != j && k < c->count; k++)
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

/* The next pending consequence on the dyad that an event of the kind cancels: the earliest, whatever its id.
 */
static uint32_t next_cancelled(const engine_t *self, int kind, int i, int j) {
    uint32_t first = AGENDA_NONE;
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        const plan_t *plan = &item->plan;
        if (!agenda_pending(&self->agenda, id) || item->type != ITEM_EVENT || !plan->from) continue;
        bool on_dyad =
            (plan->initiator == i && plan->target == j) || (plan->initiator == j && plan->target == i);
        if (!on_dyad || !contains(plan->from->n_cancelled_by, plan->from->cancelled_by, kind)) continue;
        const plan_t *best = first == AGENDA_NONE ? NULL : &self->agenda.items[first].plan;
        if (!best || plan->time < best->time || (plan->time == best->time && plan->key < best->key))
            first = id;
    }
    return first;
}

int cancel_pending(engine_t *self, int kind, int i, int j) {
    int ret = 0;
    if (!self->cancels[kind]) return 0;
    for (uint32_t id; (id = next_cancelled(self, kind, i, j)) != AGENDA_NONE;) {
        TRY(happen_not(self, &self->agenda.items[id].plan, STATUS_CANCELLED));
        diary_release_all(&self->diary, id);
        agenda_remove(&self->agenda, id);
    }
out:
    return ret;
}

/* ---- invitations ------------------------------------------------------------------------------------ */

int invite(engine_t *self, const plan_t *plan, int32_t row) {
    const reply_t *rules = &self->model->kinds[plan->kind].reply;
    rng_stream_t stream;
    rng_stream_init(&stream, plan->key, DRAW_REPLY_DELAY);
    double delay = fmax(0, dist_sample(&rules->delay, &stream));
    bool lapses = delay > rules->lapse && plan->reply == REPLY_DRAWN;
    item_t item = {.type = ITEM_REPLY, .a = row, .amount = lapses, .plan = *plan};
    double at = self->now + fmin(delay, rules->lapse);
    return agenda_add(&self->agenda, at, CLASS_FOLLOWS, plan->key, &item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

/* The last answer counts: who accepts keeps the summit's days free, who declines has them back. */
static int answer_to(engine_t *self, const plan_t *invitation, bool comes) {
    int ret = 0, summit = invitation->to, actor = invitation->target;
    answer_t *answer = answer_of(self, &(plan_t){.entry = summit}, actor);
    if (!answer) answer = &self->answers[summit][self->n_answers[summit]++];
    *answer = (answer_t){actor, comes};
    uint32_t item = calendar_pending(self, summit);
    if (item == AGENDA_NONE) return 0;
    plan_t plan = self->agenda.items[item].plan;
    if (!needs_leaders(self, &plan) || actor == plan.initiator) return 0;
    diary_release(&self->diary, actor, item);
    if (awaited_as(self, &plan, actor) != ROLE_N && can_clear(self, &plan, actor))
        TRY(clear_and_book(self, &plan, actor, item));
out:
    return ret;
}

uint32_t next_unanswered(const engine_t *self, int summit) {
    uint32_t first = AGENDA_NONE;
    for (uint32_t id = 0; id < self->agenda.n_items; id++) {
        const item_t *item = &self->agenda.items[id];
        if (!agenda_pending(&self->agenda, id) || item->type != ITEM_REPLY || item->plan.to != summit)
            continue;
        if (first == AGENDA_NONE || item->plan.key < self->agenda.items[first].plan.key) first = id;
    }
    return first;
}

int end_invitation(engine_t *self, uint32_t id) {
    item_t item = self->agenda.items[id];
    agenda_remove(&self->agenda, id);
    item.amount = item.plan.reply == REPLY_DRAWN;
    return reply(self, &item);
}

int reply(engine_t *self, const item_t *item) {
    int ret = 0;
    const plan_t *invitation = &item->plan;
    const reply_t *rules = &self->model->kinds[invitation->kind].reply;
    int guest = invitation->target, host = invitation->initiator;
    bool accepts = invitation->reply == REPLY_ACCEPT ||
                   (invitation->reply == REPLY_DRAWN &&
                    unit(invitation->key, DRAW_REPLY) <
                        chance_probability(&self->world, &rules->accept, guest, host, self->now));
    when_t when = item->amount > 0 ? WHEN_LAPSED : accepts ? WHEN_ACCEPTED : WHEN_DECLINED;
    plan_t answer = {.kind = when == WHEN_LAPSED     ? rules->lapsed
                             : when == WHEN_ACCEPTED ? rules->accepted
                                                     : rules->declined,
                     .initiator = guest,
                     .target = host,
                     .group = -1,
                     .time = self->now,
                     .key = rng_key_text(invitation->key, "reply"),
                     .cause = CAUSE_CONSEQUENCE,
                     .parent = item->a,
                     .entry = -1,
                     .to = -1,
                     .level = -1,
                     .success = -1,
                     .sector = -1,
                     .value_usd = NAN,
                     .days = NAN,
                     .expires = INFINITY,
                     .on_the_side = true};
    settle_roles(self, &answer);
    int32_t row = happen(self, &answer, AGENDA_NONE);
    if (row < -1) return row;
    if (when != WHEN_LAPSED && invitation->to >= 0) TRY(answer_to(self, invitation, when == WHEN_ACCEPTED));
    TRY(follow(self, invitation, NULL, row, when, invitation->value_usd));
out:
    return ret;
}
