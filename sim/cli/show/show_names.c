#include "cli/show/show_names.h"

#include <stdio.h>
#include <string.h>

static void actors(const model_t *model) {
    for (int i = 0; i < model->n_actors; i++) puts(model->actors[i].name);
}

static void ties(const model_t *model) {
    for (int i = 0; i < model->n_ties; i++)
        printf("%s-%s\n", model->actors[model->ties[i].a].name, model->actors[model->ties[i].b].name);
}

static void kinds(const model_t *model) {
    for (int i = 0; i < model->n_kinds; i++) puts(model->kinds[i].name);
}

static void calendar(const model_t *model) {
    for (int i = 0; i < model->n_calendar; i++) puts(model->calendar[i].id);
}

static void quantities(const model_t *model) {
    for (int i = 0; i < model->n_quantities; i++) puts(model->quantities[i].name);
}

static void variants(const model_t *model) {
    for (int i = 0; i < model->n_variants; i++) puts(model->variants[i].name);
}

/* Paths of those that can be varied. */
static void parameters(const model_t *model) {
    for (int i = 0; i < model->n_params; i++)
        if (!model->params[i].structural) puts(model->params[i].path);
}

bool show_names(const model_t *model, const char *what) {
    static const struct {
        const char *what;
        void (*list)(const model_t *model);
    } lists[] = {
        {"actors", actors},         {"ties", ties},         {"kinds", kinds},          {"calendar", calendar},
        {"quantities", quantities}, {"variants", variants}, {"parameters", parameters}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(what, lists[i].what) != 0) continue;
        if (model) lists[i].list(model);
        return true;
    }
    return false;
}
