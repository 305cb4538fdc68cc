#include "cli/trace/spells.h"

#include "base/date.h"

void spells_head(FILE *out) {
    fputs("replicate,condition,place,from,until\n", out);
}

void spells_place(const model_t *model, int condition, int site, char *out, size_t size) {
    const condition_t *of = &model->conditions[condition];
    const actor_t *actors = model->actors;
    if (of->on_actor)
        snprintf(out, size, "%s", actors[site].name);
    else if (of->directed)
        snprintf(out, size, "%s -> %s", actors[flow_from(model, site)].name,
                 actors[flow_to(model, site)].name);
    else
        snprintf(out, size, "%s-%s", actors[model->ties[site].a].name, actors[model->ties[site].b].name);
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
        char place[PAIR_BYTES], from[32], until[32] = "";
        spells_place(model, start->which, start->site, place, sizeof place);
        date_format_minute(model->start + start->time, from);
        if ((end = end_of(changes, i))) date_format_minute(model->start + end->time, until);
        fprintf(out, "%u,%s,%s,%s,%s\n", replicate, model->conditions[start->which].name, place, from, until);
    }
}
