#include "fit/score/outcome.h"

#include "base/mem.h"

#include <math.h>

void outcome_free(outcome_t *self) {
    mem_free(self->ties);
    mem_free(self->origins);
    series_free(&self->series);
    mem_free(self->value_sums);
    mem_free(self->past_values);
}

static bool is_scored(const task_t *task, const target_t *target, const tie_t *tie) {
    const model_t *model = task->model;
    const actor_t *a = &model->actors[tie->a], *b = &model->actors[tie->b];
    bool may_happen = false;
    for (int k = 0; k < model->n_kinds; k++)
        may_happen |= target->kinds[k] && (may_happen_at(&model->kinds[k], tie->a, tie->b) ||
                                           may_happen_at(&model->kinds[k], tie->b, tie->a));
    return may_happen && fmax(a->from, b->from) <= task->from && fmin(a->until, b->until) >= task->until;
}

int outcome_init(outcome_t *self, const task_t *task, const target_t *target) {
    const model_t *model = task->model;
    int n_days = task->until - task->first, ret = ERR_NOMEM;
    int *dyad_of = mem_alloc((size_t)model->n_ties + 1, sizeof *dyad_of);
    uint8_t *days = NULL;
    *self = (outcome_t){.ties = mem_alloc((size_t)model->n_ties + 1, sizeof(int)),
                        .origins = mem_alloc((size_t)task->n_origins + 1, sizeof(int)),
                        .past_values = mem_alloc((size_t)task->events.n + 1, sizeof(double))};
    if (!dyad_of || !self->ties || !self->origins || !self->past_values) goto out;
    for (int t = 0; t < model->n_ties; t++) {
        dyad_of[t] = is_scored(task, target, &model->ties[t]) ? self->n_dyads : -1;
        if (dyad_of[t] >= 0) self->ties[self->n_dyads++] = t;
    }
    for (int o = 0; o < task->n_origins; o++) self->origins[o] = task->origins[o] - task->first;
    size_t row = (size_t)n_days + 1;
    days = mem_alloc((size_t)self->n_dyads * (size_t)n_days, sizeof *days);
    if (target->has_values) self->value_sums = mem_alloc((size_t)self->n_dyads * row, sizeof(double));
    if (!days || (target->has_values && !self->value_sums)) goto out;
    for (int e = 0; e < task->events.n; e++) {
        const observed_t *event = &task->events.items[e];
        int tie = model_tie(model, event->initiator, event->target),
            at = (int)floor(event->time) - task->first;
        if (!target->kinds[event->kind] || tie < 0 || dyad_of[tie] < 0 || at >= n_days) continue;
        size_t dyad = (size_t)dyad_of[tie];
        days[dyad * (size_t)n_days + (size_t)at] = 1;
        if (!target->has_values || !(event->value_usd > 0)) continue;
        self->value_sums[dyad * row + (size_t)at + 1] += event->value_usd;
        if (event->time < task->from) self->past_values[self->n_past_values++] = event->value_usd;
    }
    for (size_t d = 0; d < (size_t)self->n_dyads && self->value_sums; d++)
        for (size_t t = 1; t < row; t++) self->value_sums[d * row + t] += self->value_sums[d * row + t - 1];
    ret = series_init(&self->series, self->n_dyads, n_days, days);
out:
    mem_free(dyad_of);
    mem_free(days);
    return ret;
}
