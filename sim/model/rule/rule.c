#include "model/rule/rule.h"

#include "model/model.h"
#include <math.h>

#define X(id, word) word,
const char *const fate_names[FATE_N] = {FATE_LIST(X)};
#undef X

rule_t rule_none(void) {
    return (rule_t){.tie = -1,
                    .flow = -1,
                    .actor = -1,
                    .attribute = -1,
                    .condition = -1,
                    .entry = -1,
                    .group = -1,
                    .above = NAN,
                    .below = NAN,
                    .initiator = -1,
                    .target = -1,
                    .within = INFINITY,
                    .from = -INFINITY,
                    .until = INFINITY,
                    .at_least = 1,
                    .share = NAN,
                    .slot = -1};
}

bool rule_is_exact(const rule_t *self) {
    if (self->type <= RULE_TRADE) return false;
    for (int p = 0; p < self->n_parts; p++)
        if (!rule_is_exact(&self->parts[p])) return false;
    return true;
}

void rule_visit(rule_t *self, void (*visit)(rule_t *rule, void *context), void *context) {
    if (!self) return;
    visit(self, context);
    for (int p = 0; p < self->n_parts; p++) rule_visit(&self->parts[p], visit, context);
}

void rule_visit_all(const model_t *model, void (*visit)(rule_t *rule, void *context), void *context) {
    for (int n = 0; n < model->n_interventions; n++) rule_visit(model->interventions[n].when, visit, context);
    for (int e = 0; e < model->n_calendar; e++) rule_visit(model->calendar[e].only_if, visit, context);
    for (int k = 0; k < model->n_kinds; k++) rule_visit(model->kinds[k].only_if, visit, context);
    for (int k = 0; k < model->n_kinds; k++)
        for (int c = 0; c < model->kinds[k].n_then; c++)
            rule_visit(model->kinds[k].then[c].only_if, visit, context);
}

static void number(rule_t *rule, void *context) {
    int *n = context;
    rule->slot = rule->type == RULE_COUNT ? (*n)++ : -1;
}

int rule_number_counts(model_t *model) {
    int n = 0;
    rule_visit_all(model, number, &n);
    return n;
}
