#include "engine/event/observed.h"

#include "base/mem.h"
#include <gsl/gsl_minmax.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOMENT (1.0 / 86400) /* days: dates are written to the second */

/* How many of each consequence of an entry, or of one of the history (after the calendar), were observed. */
static int *observed_seen(const engine_t *self, int entry) {
    return self->seen + entry * self->most_then;
}

/* ---- replies ------------------------------------------------------------------------------------------ */

static bool is_reply_to(const model_t *model, const calendar_entry_t *reply, const calendar_entry_t *to) {
    const reply_t *rules = &model->kinds[to->kind].reply;
    if (!rules->on || to->time > reply->time || reply->time > to->time + rules->lapse + MOMENT ||
        (reply->kind != rules->accepted && reply->kind != rules->declined && reply->kind != rules->lapsed))
        return false;
    bool turned = reply->initiator == to->initiator && reply->target == to->target;
    return (reply->initiator == to->target && reply->target == to->initiator) ||
           (turned && model->kinds[reply->kind].scope == SCOPE_DYAD);
}

/* That kind of reply, at the deadline. */
static bool is_lapse_of(const model_t *model, const calendar_entry_t *reply, const calendar_entry_t *to) {
    const reply_t *rules = &model->kinds[to->kind].reply;
    return is_reply_to(model, reply, to) && reply->kind == rules->lapsed &&
           fabs(reply->time - to->time - rules->lapse) <= MOMENT;
}

typedef bool answers_t(const model_t *model, const calendar_entry_t *reply, const calendar_entry_t *to);

/* Each reply that has no invitation answers the earliest that waits for one. `invitations` are places in
 * self->observed. */
static void match_replies(engine_t *self, answers_t *answers, int n, const int *invitations) {
    const model_t *model = self->model;
    for (int r = 0; r < self->n_observed; r++)
        for (int i = 0; i < n && invitations[i] < r && self->replies_to[self->observed[r]] < 0; i++) {
            int reply = self->observed[r], invitation = self->observed[invitations[i]];
            if (self->reply_of[invitation] >= 0 ||
                !answers(model, &model->calendar[reply], &model->calendar[invitation]))
                continue;
            self->reply_of[invitation] = reply;
            self->replies_to[reply] = invitation;
        }
}

/* ---- consequences -------------------------------------------------------------------------------------- */

/* An actor whom the consequence gives the role: of members and guests, any who took part. */
static bool has_role(const calendar_entry_t *parent, role_t role, int actor) {
    if (role == ROLE_INITIATOR) return actor == parent->initiator;
    if (role == ROLE_TARGET) return actor == parent->target;
    if (role == ROLE_MEDIATOR) return parent->is_mediated && actor == parent->mediator;
    return !parent->attend || in_list(parent->n_attend, parent->attend, actor);
}

static bool follows_from(const model_t *model, const calendar_entry_t *child, const calendar_entry_t *parent,
                         const consequence_t *c) {
    if (child->kind != c->kind || !(child->time > parent->time) || child->time > parent->time + c->expires)
        return false;
    int i = child->initiator, j = child->target;
    if (j < 0) return has_role(parent, c->initiator, i);
    return (has_role(parent, c->initiator, i) && has_role(parent, c->target, j)) ||
           (model->kinds[c->kind].scope == SCOPE_DYAD && has_role(parent, c->initiator, j) &&
            has_role(parent, c->target, i));
}

/* Gives the child to a consequence of the parent that has not been observed yet. */
static bool take(engine_t *self, const calendar_entry_t *child, const calendar_entry_t *parent, int *n_seen) {
    const kind_t *kind = &self->model->kinds[parent->kind];
    for (int c = 0; c < kind->n_then; c++)
        if (n_seen[c] < kind->then[c].count && follows_from(self->model, child, parent, &kind->then[c]))
            return ++n_seen[c], true;
    return false;
}

/* Each observed event that a consequence may be is one of the earliest event that lacks it. `parents` are
 * places in self->observed. */
static void match_consequences(engine_t *self, int n, const int *parents) {
    const model_t *model = self->model;
    for (int o = 0; o < self->n_observed; o++) {
        const calendar_entry_t *child = &model->calendar[self->observed[o]];
        bool found = false;
        for (int h = 0; h < model->n_history && !found; h++)
            found = take(self, child, &model->history[h], observed_seen(self, model->n_calendar + h));
        for (int p = 0; p < n && parents[p] < o && !found; p++)
            found = take(self, child, &model->calendar[self->observed[parents[p]]],
                         observed_seen(self, self->observed[parents[p]]));
    }
}

/* ---- all ------------------------------------------------------------------------------------------------
 */

static bool has_reply(const kind_t *kind) {
    return kind->reply.on;
}

static bool has_consequences(const kind_t *kind) {
    return kind->n_then > 0;
}

/* The places in self->observed of those kinds: they are few where the events are many. */
static int find_places(const engine_t *self, bool (*wanted)(const kind_t *), int *places) {
    const model_t *model = self->model;
    int n = 0;
    for (int o = 0; o < self->n_observed; o++)
        if (wanted(&model->kinds[model->calendar[self->observed[o]].kind])) places[n++] = o;
    return n;
}

static int match(engine_t *self) {
    int *places = mem_alloc((size_t)self->n_observed + 1, sizeof *places);
    if (!places) return ERR_NOMEM;
    int n = find_places(self, has_reply, places);
    match_replies(self, is_lapse_of, n, places); /* whose moment says which invitation has lapsed */
    match_replies(self, is_reply_to, n, places);
    n = find_places(self, has_consequences, places);
    if (self->n_observed && self->most_then) match_consequences(self, n, places);
    mem_free(places);
    return 0;
}

static int by_time_then_id(const void *x, const void *y, void *entries) {
    const calendar_entry_t *calendar = entries, *a = &calendar[*(const int *)x],
                           *b = &calendar[*(const int *)y];
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return strcmp(a->id, b->id);
}

int observed_init(engine_t *self) {
    const model_t *model = self->model;
    size_t n = (size_t)model->n_calendar;
    self->observed = mem_alloc(n + 1, sizeof *self->observed);
    self->reply_of = mem_alloc(n + 1, sizeof *self->reply_of);
    self->replies_to = mem_alloc(n + 1, sizeof *self->replies_to);
    for (int k = 0; k < model->n_kinds; k++)
        self->most_then = GSL_MAX(self->most_then, model->kinds[k].n_then);
    self->seen = mem_alloc((n + (size_t)model->n_history) * (size_t)self->most_then + 1, sizeof *self->seen);
    if (!self->observed || !self->reply_of || !self->replies_to || !self->seen) return ERR_NOMEM;
    for (int e = 0; e < model->n_calendar; e++)
        if (model->calendar[e].observed) self->observed[self->n_observed++] = e;
    if (self->n_observed)
        qsort_r(self->observed, (size_t)self->n_observed, sizeof *self->observed, by_time_then_id,
                model->calendar);
    for (int e = 0; e < model->n_calendar; e++) self->reply_of[e] = self->replies_to[e] = -1;
    return match(self);
}

void observed_free(engine_t *self) {
    mem_free(self->observed);
    mem_free(self->reply_of);
    mem_free(self->replies_to);
    mem_free(self->seen);
}

bool observed_is_reply(const engine_t *self, int entry) {
    return self->replies_to[entry] >= 0;
}

const calendar_entry_t *observed_reply(const engine_t *self, const event_plan_t *invitation) {
    int reply = invitation->entry < 0 || invitation->known ? -1 : self->reply_of[invitation->entry];
    return reply < 0 ? NULL : &self->model->calendar[reply];
}

/* ---- what was not observed ----------------------------------------------------------------------------- */

bool observed_excludes_plan(const engine_t *self, const event_plan_t *plan) {
    if (plan->observed || !(plan->time < self->model->as_of.complete)) return false;
    int tie =
        plan->target < 0 || plan->initiator < 0 ? -1 : model_tie(self->model, plan->initiator, plan->target);
    return observed_excludes(self, plan->kind, tie, plan->time);
}

int observed_consequences(const engine_t *self, const event_plan_t *plan, int c) {
    if (plan->entry < 0) return 0;
    return observed_seen(self, plan->entry + (plan->known ? self->model->n_calendar : 0))[c];
}
