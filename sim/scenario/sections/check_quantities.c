/* Checks of combinations of quantities. */
#include "scenario/sections/expand_quantities.h"

#include <string.h>

/* ---- combinations ----------------------------------------------------------------------------------- */

/* Trade never is 0, and no mean, extreme or sum of it. */
static bool is_positive(const model_t *model, const quantity_t *quantity) {
    if (quantity->has_threshold) return false;
    if (quantity->what != QUANTITY_COMBINED)
        return quantity->what == QUANTITY_TRADE || quantity->what == QUANTITY_EXPORTS ||
               quantity->what == QUANTITY_IMPORTS;
    for (int p = 0; p < quantity->n_parts; p++)
        if (!is_positive(model, &model->quantities[quantity->parts[p]])) return false;
    return quantity->take != TAKE_DIFFERENCE;
}

/* A first event may never come; then its days are infinite. */
static bool may_never_come(const model_t *model, const quantity_t *quantity) {
    if (quantity->has_threshold) return false;
    if (quantity->what != QUANTITY_COMBINED) return quantity->what == QUANTITY_FIRST;
    for (int p = 0; p < quantity->n_parts; p++)
        if (may_never_come(model, &model->quantities[quantity->parts[p]])) return true;
    return false;
}

void quantity_check_combination(reader_t *r, const quantity_t *quantity, const node_t *node) {
    const model_t *model = r->model;
    location_t mark = node_get(node, "combine")->mark;
    bool extreme = quantity->take == TAKE_MIN || quantity->take == TAKE_MAX;
    if (quantity->n_parts < 2 || (quantity->take == TAKE_RATIO && quantity->n_parts != 2)) {
        reader_error(r, mark, "%s.combine: %s quantities are expected", r->path,
                     quantity->take == TAKE_RATIO ? "two" : "two or more");
        return;
    }
    for (int p = 0; p < quantity->n_parts; p++) {
        const quantity_t *first = &model->quantities[quantity->parts[0]],
                         *part = &model->quantities[quantity->parts[p]];
        if (part->what == QUANTITY_COMBINED && part->n_parts == 0) return; /* it is reported */
        const char *unit = quantity_unit(model, first), *other = quantity_unit(model, part);
        if (strcmp(unit, other) != 0)
            reader_error(r, mark, "%s.combine: %s is in %s, %s in %s; quantities of one unit are expected",
                         r->path, first->name, unit, part->name, other);
        else if (!extreme && may_never_come(model, part))
            reader_error(r, mark,
                         "%s.combine: %s may never come, so that only its min and max are known; set `take`",
                         r->path, part->name);
    }
    const quantity_t *last = &model->quantities[quantity->parts[quantity->n_parts - 1]];
    if (quantity->take == TAKE_RATIO && !is_positive(model, last))
        reader_error(r, mark, "%s.combine: a ratio to %s may divide by 0; its second quantity must be trade",
                     r->path, last->name);
}

void quantity_check_take(reader_t *r, const quantity_t *quantity, const node_t *node) {
    const node_t *take = node_get(node, "take");
    bool combined = quantity->what == QUANTITY_COMBINED;
    if (!take || (!combined && !quantity_is_state(quantity))) return;
    bool days = quantity->take == TAKE_DAYS, of_two = quantity->take >= TAKE_SUM;
    if (combined ? days : of_two || (days && quantity->what != QUANTITY_CONDITION))
        reader_error(r, take->mark, "%s.take is \"%s\": one of %s is expected", r->path, take->text,
                     combined                               ? "sum, difference, mean, min, max, ratio"
                     : quantity->what == QUANTITY_CONDITION ? "mean, min, max, days"
                                                            : "mean, min, max");
}
