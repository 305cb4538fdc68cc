#include "cli/trace/spells.h"

#include "base/date.h"

void spells_head(FILE *out) {
    fputs("replicate,condition,place,from,until\n", out);
}

/* The end of the condition that begins with item i, or NULL. */
static const state_change_t *end_of(const changes_t *changes, int i) {
    const state_change_t *start = &changes->items[i];
    for (int k = i + 1; k < changes->n; k++) {
        const state_change_t *change = &changes->items[k];
        if (change->type == CHANGE_ENDS && change->which == start->which && change->site == start->site)
            return change;
    }
    return NULL;
}

void spells_print(const model_t *model, const changes_t *changes, uint32_t replicate, FILE *out) {
    for (int i = 0; i < changes->n; i++) {
        const state_change_t *start = &changes->items[i], *end;
        if (start->type != CHANGE_STARTS) continue;
        const condition_t *condition = &model->conditions[start->which];
        char from[32], until[32] = "";
        date_format_minute(model->start + start->time, from);
        if ((end = end_of(changes, i))) date_format_minute(model->start + end->time, until);
        fprintf(out, "%u,%s,", replicate, condition->name);
        if (condition->on_actor)
            fputs(model->actors[start->site].name, out);
        else
            fprintf(out, "%s-%s", model->actors[model->ties[start->site].a].name,
                    model->actors[model->ties[start->site].b].name);
        fprintf(out, ",%s,%s\n", from, until);
    }
}
