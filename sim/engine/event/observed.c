#include "engine/event/observed.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

/* ---- replies ------------------------------------------------------------------------------------------ */

static bool is_reply_to(const model_t *model, const calendar_entry_t *reply, const calendar_entry_t *to) {
    const reply_t *rules = &model->kinds[to->kind].reply;
    if (!rules->on || to->time > reply->time ||
        (reply->kind != rules->accepted && reply->kind != rules->declined && reply->kind != rules->lapsed))
        return false;
    bool turned = reply->initiator == to->initiator && reply->target == to->target;
    return (reply->initiator == to->target && reply->target == to->initiator) ||
           (turned && model->kinds[reply->kind].scope == SCOPE_DYAD);
}

/* A reply answers the latest invitation that has none. */
static void match_replies(engine_t *self) {
    const model_t *model = self->model;
    for (int e = 0; e < model->n_calendar; e++) self->replied[e] = -1;
    for (int r = 0; r < self->n_observed; r++)
        for (int i = r - 1; i >= 0; i--) {
            int reply = self->observed[r], invitation = self->observed[i];
            if (self->replied[invitation] >= 0 ||
                !is_reply_to(model, &model->calendar[reply], &model->calendar[invitation]))
                continue;
            self->replied[invitation] = reply;
            self->replied[reply] = invitation;
            break;
        }
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
    self->replied = mem_alloc(n + 1, sizeof *self->replied);
    if (!self->observed || !self->replied) return ERR_NOMEM;
    for (int e = 0; e < model->n_calendar; e++)
        if (model->calendar[e].observed) self->observed[self->n_observed++] = e;
    if (self->n_observed)
        qsort_r(self->observed, (size_t)self->n_observed, sizeof *self->observed, by_time_then_id,
                model->calendar);
    match_replies(self);
    return 0;
}

void observed_free(engine_t *self) {
    mem_free(self->observed);
    mem_free(self->replied);
}

bool observed_is_reply(const engine_t *self, int entry) {
    const model_t *model = self->model;
    int other = self->replied[entry];
    return other >= 0 && self->replied[other] == entry &&
           is_reply_to(model, &model->calendar[entry], &model->calendar[other]);
}

const calendar_entry_t *observed_reply(const engine_t *self, const event_plan_t *invitation) {
    if (invitation->entry < 0 || invitation->known || self->replied[invitation->entry] < 0 ||
        observed_is_reply(self, invitation->entry))
        return NULL;
    return &self->model->calendar[self->replied[invitation->entry]];
}

/* ---- what was not observed ----------------------------------------------------------------------------- */

bool observed_excludes_plan(const engine_t *self, const event_plan_t *plan) {
    if (plan->observed || !(plan->time < self->model->as_of.complete)) return false;
    int tie =
        plan->target < 0 || plan->initiator < 0 ? -1 : model_tie(self->model, plan->initiator, plan->target);
    return observed_excludes(self, plan->kind, tie, plan->time);
}

int observed_consequences(const engine_t *self, const event_plan_t *plan, const consequence_t *c, int i,
                          int j) {
    const model_t *model = self->model;
    double from = plan->known ? plan->time : self->now;
    int n = 0;
    if (!(from < model->as_of.complete)) return 0;
    bool turns = model->kinds[c->kind].scope == SCOPE_DYAD;
    for (int o = 0; o < self->n_observed; o++) {
        const calendar_entry_t *entry = &model->calendar[self->observed[o]];
        if (entry->kind != c->kind || !(entry->time > from) || entry->time > from + c->expires) continue;
        n += (entry->initiator == i && (entry->target == j || entry->target < 0)) ||
             (turns && entry->initiator == j && entry->target == i);
    }
    return n;
}
