/* Coalitions: what the lead imposes or lifts, the members of its group do too, and not by themselves; who
 * joins or leaves the group joins or leaves what the lead has imposed. */
#include "engine/event/coalition.h"

enum { JOINED = 1 }; /* names the spell of an actor that joins */

/* The actor has, or has no longer, what the lead does to the target. */
static void follow(engine_t *self, int c, int actor, int target, const spell_t *spell, bool starts) {
    int flow = actor == target ? -1 : model_flow(self->model, actor, target);
    if (flow < 0) return;
    bool changes = starts ? world_condition_start(&self->world, c, flow, spell->since, spell->token)
                          : world_condition_end(&self->world, c, flow, spell->since, 0);
    if (changes) observe_change(self, starts ? CHANGE_STARTS : CHANGE_ENDS, c, flow, spell->since);
    condition_changed(self, c, flow);
}

void coalition_follow(engine_t *self, int c, int flow, const spell_t *spell, bool starts) {
    const condition_t *condition = &self->model->conditions[c];
    int lead = condition->n_coalitions ? flow_from(self->model, flow) : -1;
    for (int n = 0; n < condition->n_coalitions; n++) {
        if (condition->coalitions[n].lead != lead) continue;
        for (int r = 0; r < self->model->n_actors; r++) {
            int actor = self->by_name[r];
            if (actor != lead && world_member(&self->world, condition->coalitions[n].group, actor))
                follow(self, c, actor, flow_to(self->model, flow), spell, starts);
        }
    }
}

static int meet_lead(engine_t *self, int c, const coalition_t *coalition, int actor, bool joins) {
    const spell_t spell = {self->now, JOINED};
    int lead = coalition->lead;
    if (actor == lead || (!joins && coalition->keeps)) return 0;
    for (int r = 0; r < self->model->n_actors; r++) {
        int target = self->by_name[r], flow = target == lead ? -1 : model_flow(self->model, lead, target);
        if (flow >= 0 && world_condition_from(&self->world, c, flow))
            follow(self, c, actor, target, &spell, joins);
    }
    return rules_changed(self, RULE_CONDITION, c);
}

int coalition_member(engine_t *self, int group, int actor, bool joins) {
    int ret = 0;
    for (int c = 0; c < self->model->n_conditions; c++) {
        const condition_t *condition = &self->model->conditions[c];
        for (int n = 0; n < condition->n_coalitions; n++)
            if (condition->coalitions[n].group == group)
                TRY(meet_lead(self, c, &condition->coalitions[n], actor, joins));
    }
out:
    return ret;
}

bool coalition_binds(const engine_t *self, const event_plan_t *plan) {
    const kind_t *kind = &self->model->kinds[plan->kind];
    for (int n = 0; n < kind->n_conditions; n++) {
        const condition_t *condition = &self->model->conditions[kind->conditions[n].condition];
        int sender = kind->conditions[n].who == ROLE_TARGET ? plan->target : plan->initiator;
        for (int k = 0; k < condition->n_coalitions && sender >= 0; k++)
            if (condition->coalitions[k].lead != sender &&
                world_member(&self->world, condition->coalitions[k].group, sender))
                return true;
    }
    return false;
}

bool coalition_of_condition(const engine_t *self, int condition) {
    return self->model->conditions[condition].n_coalitions > 0;
}

bool coalition_of_group(const engine_t *self, int group) {
    for (int c = 0; c < self->model->n_conditions; c++)
        for (int n = 0; n < self->model->conditions[c].n_coalitions; n++)
            if (self->model->conditions[c].coalitions[n].group == group) return true;
    return false;
}

bool coalition_reaches(const engine_t *self, int k, int i, int j) {
    const kind_t *kind = &self->model->kinds[k];
    for (int n = 0; n < kind->n_conditions; n++) {
        const condition_t *condition = &self->model->conditions[kind->conditions[n].condition];
        int sender = kind->conditions[n].who == ROLE_TARGET ? j : i;
        for (int c = 0; c < condition->n_coalitions; c++)
            if (condition->coalitions[c].lead == sender) return true;
    }
    return kind->n_memberships > 0;
}

bool coalition_of_kind(const engine_t *self, int k) {
    const kind_t *kind = &self->model->kinds[k];
    for (int c = 0; c < kind->n_conditions; c++)
        if (coalition_of_condition(self, kind->conditions[c].condition)) return true;
    for (int m = 0; m < kind->n_memberships; m++) /* without a group: the event's own */
        for (int g = 0; g < self->model->n_groups; g++)
            if ((kind->memberships[m].group < 0 || kind->memberships[m].group == g) &&
                coalition_of_group(self, g))
                return true;
    return false;
}
