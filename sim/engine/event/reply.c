/* Replies to invitations, and the actors expected at a summit after their replies. */
#include "engine/event/observed.h"
#include "engine/path.h"

static answer_t *answers_to(const engine_t *self, int summit) {
    return &self->answers[(size_t)summit * (size_t)self->model->n_actors];
}

/* The actor's last reply to an invitation to the summit, NULL if there is none. */
static answer_t *answer_of(const engine_t *self, const event_plan_t *summit, int actor) {
    if (summit->known || summit->entry < 0) return NULL;
    answer_t *answers = answers_to(self, summit->entry);
    for (int a = 0; a < self->n_answers[summit->entry]; a++)
        if (answers[a].actor == actor) return &answers[a];
    return NULL;
}

role_t reply_awaited_as(const engine_t *self, const event_plan_t *summit, int actor) {
    const calendar_entry_t *entry = calendar_entry_of(self, summit);
    const answer_t *answer = answer_of(self, summit, actor);
    if (answer && !answer->comes) return ROLE_N;
    bool member = summit->group >= 0 && world_member(&self->world, summit->group, actor);
    if (entry && entry->attend
            ? in_list(entry->n_attend, entry->attend, actor)
            : member || answer || (entry && in_list(entry->n_guests, entry->guests, actor)))
        return member ? ROLE_MEMBER : ROLE_GUEST;
    return ROLE_N;
}

/* The last reply counts: an actor who accepts keeps the summit's days free; one who declines has them free
 * again. */
static int answer_to(engine_t *self, const event_plan_t *invitation, bool comes) {
    int ret = 0, summit = invitation->to, actor = invitation->target;
    answer_t *answer = answer_of(self, &(event_plan_t){.entry = summit}, actor);
    if (!answer) answer = answers_to(self, summit) + self->n_answers[summit]++;
    *answer = (answer_t){actor, comes};
    uint32_t item = schedule_pending(self, summit);
    if (item == AGENDA_NONE) return 0;
    event_plan_t plan = self->agenda.items[item].plan;
    if (!leaders_needed(self, &plan) || actor == plan.initiator) return 0;
    diary_release(&self->diary, actor, item);
    if (reply_awaited_as(self, &plan, actor) != ROLE_N && leaders_can_clear(self, &plan, actor))
        TRY(schedule_clear(self, &plan, actor, item));
out:
    return ret;
}

uint32_t reply_next_due(const engine_t *self, int summit, course_set_t courses) {
    const agenda_t *agenda = &self->agenda;
    uint32_t first = AGENDA_NONE;
    for (uint32_t id = 0; id < agenda->n_items; id++) {
        const item_t *item = &agenda->items[id];
        if (item->type != ITEM_REPLY || item->plan.to != summit || !agenda_waits(agenda, id, courses))
            continue;
        if (first == AGENDA_NONE || item->plan.key < agenda->items[first].plan.key) first = id;
    }
    return first;
}

int reply_now(engine_t *self, const item_t *item) {
    int ret = 0;
    event_plan_t branched = item->plan;
    branched.key = path_key(self, item->plan.key);
    const event_plan_t *invitation = &branched;
    const reply_t *rules = &self->model->kinds[invitation->kind].reply;
    int guest = invitation->target, host = invitation->initiator;
    bool accepts = invitation->reply == REPLY_ACCEPT ||
                   (invitation->reply == REPLY_DRAWN &&
                    draw_unit(invitation->key, DRAW_REPLY) <
                        chance_probability(&self->world, &rules->accept, guest, host, self->now));
    when_t when = item->lapses ? WHEN_LAPSED : accepts ? WHEN_ACCEPTED : WHEN_DECLINED;
    event_plan_t answer = event_plan_none();
    answer.kind = when == WHEN_LAPSED     ? rules->lapsed
                  : when == WHEN_ACCEPTED ? rules->accepted
                                          : rules->declined;
    answer.initiator = guest;
    answer.target = host;
    answer.time = self->now;
    answer.key = rng_key_text(invitation->key, "reply");
    answer.cause = CAUSE_CONSEQUENCE;
    answer.parent = item->row;
    answer.on_the_side = true;
    calendar_settle_roles(self, &answer);
    const calendar_entry_t *seen = observed_reply(self, invitation);
    if (seen && seen->kind == answer.kind) {
        answer.observed = true;
        answer.level = seen->level, answer.success = seen->success, answer.sector = seen->sector;
        answer.value_usd = seen->value_usd;
    }
    int32_t row = happen_now(self, &answer, AGENDA_NONE);
    if (row < ROW_NONE) return row;
    if (when != WHEN_LAPSED && invitation->to >= 0) TRY(answer_to(self, invitation, when == WHEN_ACCEPTED));
    TRY(follow_from(self, invitation, NULL, row, when, invitation->value_usd));
out:
    return ret;
}
