/* Interventions: changes during a run, at a date or when a rule first holds. */
#include "engine/event/rules.h"

static int put_down(engine_t *self, double time, const item_t *item) {
    const intervention_t *intervention = &self->model->interventions[item->intervention];
    uint64_t order = rng_key_text(0, intervention->id ? intervention->id : "");
    return agenda_add(&self->agenda, time, CLASS_INTERVENTION, order, item) == AGENDA_NONE ? ERR_NOMEM : 0;
}

int intervene_schedule(engine_t *self) {
    int ret = 0;
    const model_t *model = self->model;
    for (int n = 0; n < model->n_interventions; n++) {
        const intervention_t *intervention = &model->interventions[n];
        course_set_t on = 0;
        for (int c = 0; c < self->n_courses; c++)
            if (variant_intervenes(model, self->courses[c].variant, n)) on |= course_bit(c);
        if (!on) continue;
        item_t item = {.type = ITEM_INTERVENTION, .intervention = n};
        courses_act(self, on);
        if (intervention->when && rule_is_exact(intervention->when))
            TRY(rules_schedule(self, n));
        else
            TRY(put_down(self, intervention->when ? 0 : intervention->at, &item));
    }
out:
    courses_act(self, self->all);
    return ret;
}

/* Sets parameters from this moment on; all values derived from them are computed again. */
static int set_params(engine_t *self, int n, const setting_t *settings) {
    int ret = 0;
    world_settle(&self->world, self->now);
    for (int s = 0; s < n; s++) {
        TRY(params_set(self, settings[s].param, setting_value(self->model, &settings[s])));
    }
    world_prepare(&self->world);
    world_relevel(&self->world, self->now);
    view_forget(self);
    processes_prepare(self);
    processes_refresh(self);
    processes_bind_all(self);
out:
    return ret;
}

static bool holds(const engine_t *self, int n) {
    return *rules_acted(self, n) == -INFINITY && rule_holds(self, self->model->interventions[n].when, NULL);
}

bool intervene_acts(engine_t *self, int n) {
    const footprint_t *footprint = &self->footprint;
    if (!self->model->interventions[n].when || holds(self, n)) return true;
    bool acts = false;
    course_set_t owners = 0;
    for (int k = 0; k < footprint->n; k++) owners |= self->owners[footprint->blocks[k]];
    for (course_set_t left = owners; left && !acts; left &= left - 1) {
        course_enter(self, course_first(left), footprint->n, footprint->blocks);
        acts = holds(self, n);
        course_leave(self, course_first(left));
    }
    return acts;
}

/* A rule that is not exact is looked at again; another when something has changed. */
static int look_again(engine_t *self, const item_t *item) {
    const intervention_t *intervention = &self->model->interventions[item->intervention];
    if (rule_is_exact(intervention->when)) return 0;
    return put_down(self, self->now + intervention->every, item);
}

static bool is_dropped(const model_t *model, const intervention_t *intervention, int entry) {
    for (int d = 0; d < intervention->n_drop; d++)
        if (calendar_is_part(model, entry, intervention->drop[d])) return true;
    return false;
}

static int drop_pending(engine_t *self, int entry) {
    uint32_t id = schedule_pending(self, entry);
    if (id == AGENDA_NONE || self->model->calendar[entry].observed) return 0;
    event_plan_t plan = self->agenda.items[id].plan;
    diary_release_all(&self->diary, id);
    agenda_remove(&self->agenda, id);
    return happen_not(self, &plan, STATUS_CANCELLED);
}

int intervene_now(engine_t *self, const item_t *item) {
    int ret = 0;
    const model_t *model = self->model;
    const intervention_t *intervention = &model->interventions[item->intervention];
    if (intervention->when && !holds(self, item->intervention)) return look_again(self, item);
    if (intervention->when) *rules_acted(self, item->intervention) = self->now;
    observe_change(self, CHANGE_ACTS, item->intervention, -1, self->now);
    for (int rank = 0; rank < model->n_calendar; rank++) /* by id, so that the file's order is none */
        if (is_dropped(model, intervention, self->calendar_by_rank[rank]))
            TRY(drop_pending(self, self->calendar_by_rank[rank]));
    for (int c = 0; c < intervention->n_conditions; c++) {
        const condition_start_t *change = &intervention->conditions[c];
        int site = condition_site(&model->conditions[change->condition], change);
        if (intervention->condition_opens[c])
            TRY(effect_begin_condition(self, change->condition, site, self->now,
                                       effect_spell_token(self, change, intervention->id), false));
        else
            effect_end_condition(self, change->condition, site, self->now, 0);
        condition_changed(self, change->condition, site);
        TRY(rules_changed(self, RULE_CONDITION, change->condition));
    }
    for (int n = 0; n < intervention->n_tariffs; n++) effect_tariff(self, &intervention->tariffs[n]);
    for (int a = 0; a < intervention->n_add; a++) {
        event_plan_t plan = calendar_plan(self, intervention->add[a], false);
        plan.time += self->now;
        plan.cause = CAUSE_INTERVENTION;
        if (calendar_occurs(self, &plan)) TRY(schedule_event(self, &plan, false));
    }
    if (intervention->n_settings) TRY(set_params(self, intervention->n_settings, intervention->settings));
out:
    return ret;
}
