/* Interventions: changes during a run, at a date or when the state of a tie crosses a threshold. */
#include "engine/internal.h"

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
        TRY(put_down(self, intervention->test == TEST_NONE ? intervention->at : 0, &item));
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

static bool test_holds(const engine_t *self, const intervention_t *intervention) {
    double value = intervention->test == TEST_STRENGTH
                       ? world_strength(&self->world, intervention->tie, self->now)
                       : world_alignment(&self->world, intervention->tie, self->now);
    return intervention->above ? value > intervention->threshold : value < intervention->threshold;
}

bool intervene_acts(engine_t *self, int n) {
    const intervention_t *intervention = &self->model->interventions[n];
    if (intervention->test == TEST_NONE || test_holds(self, intervention)) return true;
    bool acts = false;
    int block = block_of_tie(self, intervention->tie);
    for (course_set_t left = self->owners[block]; left && !acts; left &= left - 1) {
        course_enter(self, course_first(left), 1, &block);
        acts = test_holds(self, intervention);
        course_leave(self, course_first(left));
    }
    return acts;
}

static bool is_dropped(const model_t *model, const intervention_t *intervention, int entry) {
    for (int d = 0; d < intervention->n_drop; d++)
        if (calendar_is_part(model, entry, intervention->drop[d])) return true;
    return false;
}

static int drop_pending(engine_t *self, int entry) {
    uint32_t id = schedule_pending(self, entry);
    if (id == AGENDA_NONE) return 0;
    event_plan_t plan = self->agenda.items[id].plan;
    diary_release_all(&self->diary, id);
    agenda_remove(&self->agenda, id);
    return happen_not(self, &plan, STATUS_CANCELLED);
}

int intervene_now(engine_t *self, const item_t *item) {
    int ret = 0;
    const model_t *model = self->model;
    const intervention_t *intervention = &model->interventions[item->intervention];
    if (intervention->test != TEST_NONE && !test_holds(self, intervention))
        return put_down(self, self->now + intervention->every, item);
    observe_change(self, CHANGE_ACTS, item->intervention, -1, self->now);
    for (int rank = 0; rank < model->n_calendar; rank++) /* by id, so that the file's order is none */
        if (is_dropped(model, intervention, self->calendar_by_rank[rank]))
            TRY(drop_pending(self, self->calendar_by_rank[rank]));
    for (int c = 0; c < intervention->n_conditions; c++) {
        const condition_start_t *change = &intervention->conditions[c];
        bool on_actor = model->conditions[change->condition].on_actor;
        int site = on_actor ? change->actor : change->tie;
        if (!intervention->condition_opens[c]) {
            effect_end_condition(self, change->condition, site, self->now, 0);
            continue;
        }
        TRY(effect_begin_condition(self, change->condition, site, self->now,
                                   effect_spell_token(self, change, intervention->id), false));
        condition_changed(self, change->condition, site);
    }
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
