#include "model/shift.h"

#include "base/date.h"

/* Years are counted from where they were. */
static void move_years(kind_t *kind, double by) {
    const predictor_t *predictor;
    for (int p = 0; (predictor = kind_predictor(kind, p)); p++)
        for (int s = 0; s < predictor->n; s++)
            if (predictor->terms[s].statistic->motion == MOTION_CLOCK)
                predictor->terms[s].reference -= by / DAYS_PER_YEAR;
}

static void move_rule(rule_t *rule, void *by) {
    rule->from -= *(const double *)by, rule->until -= *(const double *)by;
}

void shift_dates(model_t *model, double by) {
    for (int i = 0; i < model->n_actors; i++) model->actors[i].from -= by, model->actors[i].until -= by;
    for (int g = 0; g < model->n_groups; g++) {
        group_t *group = &model->groups[g];
        for (int m = 0; m < group->n_members; m++)
            group->members[m].from -= by, group->members[m].until -= by;
        for (int c = 0; c < group->n_chairs; c++) group->chairs[c].from -= by, group->chairs[c].until -= by;
    }
    for (int c = 0; c < model->n_condition_starts; c++) model->condition_starts[c].since -= by;
    for (int k = 0; k < model->n_kinds; k++) {
        move_years(&model->kinds[k], by);
        for (int w = 0; w < model->kinds[k].season.n_windows; w++)
            model->kinds[k].season.windows[w].from -= by, model->kinds[k].season.windows[w].until -= by;
    }
    for (int e = 0; e < model->n_calendar; e++) {
        calendar_entry_t *entry = &model->calendar[e];
        entry->in_base &= entry->time >= by;
        entry->time -= by;
        entry->until -= by;
    }
    for (int n = 0; n < model->n_interventions; n++) {
        intervention_t *intervention = &model->interventions[n];
        if (intervention->when) continue;
        intervention->in_base &= intervention->at >= by;
        intervention->at -= by;
    }
    rule_visit_all(model, move_rule, &by);
    model->start += by;
}
