#include "random_quantities.h"
#include "random_dice.h"

enum { QUANTITIES = 24 };

static bool *some(dice_t *d, int n, double p) {
    bool *set;
    MAKE(d, set, n);
    for (int i = 0; i < n; i++) set[i] = maybe(d, p);
    set[upto(d, 0, n - 1)] = true;
    return set;
}

static void a_window(dice_t *d, quantity_t *quantity) {
    double a = between(d, 0, d->m->horizon), b = between(d, 0, d->m->horizon);
    quantity->from = fmin(a, b), quantity->until = fmax(a, b);
}

static void a_state(dice_t *d, quantity_t *quantity) {
    const model_t *m = d->m;
    static const quantity_kind_t states[] = {QUANTITY_STRENGTH, QUANTITY_ALIGNMENT, QUANTITY_TRADE,
                                             QUANTITY_REALISED, QUANTITY_CONDITION};
    quantity->what = states[upto(d, 0, m->n_conditions ? 4 : 3)];
    quantity->tie = upto(d, 0, m->n_ties - 1);
    quantity->condition = upto(d, 0, m->n_conditions - 1);
    if (quantity->what == QUANTITY_TRADE && maybe(d, 0.5)) quantity->flow = 2 * quantity->tie + upto(d, 0, 1);
    if (quantity->what == QUANTITY_CONDITION && m->conditions[quantity->condition].directed && maybe(d, 0.5))
        quantity->flow = 2 * quantity->tie + upto(d, 0, 1);
    quantity->at = between(d, 0, m->horizon);
    a_window(d, quantity);
    if (maybe(d, 0.7)) quantity->every = between(d, 0.5, 5);
    quantity->take = (taken_t)upto(d, TAKE_MEAN, TAKE_MAX);
    if (quantity->what == QUANTITY_CONDITION && maybe(d, 0.3)) quantity->take = TAKE_DAYS;
}

static void of_events(dice_t *d, quantity_t *quantity) {
    const model_t *m = d->m;
    quantity->what = (quantity_kind_t)upto(d, QUANTITY_COUNT, QUANTITY_FIRST);
    MAKE(d, quantity->kinds, m->n_kinds);
    for (int k = 0; k < m->n_kinds; k++)
        if (maybe(d, 0.5)) quantity->kinds[quantity->n_kinds++] = k;
    if (maybe(d, 0.6)) quantity->ties = some(d, m->n_ties, 0.3);
    if (maybe(d, 0.3)) quantity->initiators = some(d, m->n_actors, 0.4);
    if (maybe(d, 0.3)) quantity->targets = some(d, m->n_actors, 0.4);
    quantity->successful_only = maybe(d, 0.2);
    quantity->trips = quantity->ties && quantity->what == QUANTITY_COUNT && maybe(d, 0.7);
    a_window(d, quantity);
}

static void of_others(dice_t *d, quantity_t *quantity, int n) {
    static const taken_t takes[] = {TAKE_MEAN, TAKE_MIN, TAKE_MAX, TAKE_SUM, TAKE_DIFFERENCE};
    quantity->what = QUANTITY_COMBINED;
    quantity->take = takes[upto(d, 0, 4)];
    quantity->n_parts = 2;
    MAKE(d, quantity->parts, 2);
    for (int p = 0; p < 2; p++) quantity->parts[p] = upto(d, 0, n - 1);
}

void random_quantities(model_t *model, uint64_t seed) {
    dice_t dice = {.m = model}, *d = &dice;
    rng_stream_init(&d->stream, rng_key_number(0, seed), 1);
    for (int k = 0; k < model->n_kinds; k++) model->kinds[k].days = upto(d, 0, 5);
    model->n_quantities = QUANTITIES;
    MAKE(d, model->quantities, QUANTITIES);
    for (int q = 0; q < QUANTITIES; q++) {
        quantity_t *quantity = &model->quantities[q];
        *quantity = (quantity_t){.tie = -1, .flow = -1, .condition = -1, .name = name(d, "quantity", q)};
        if (q < QUANTITIES / 2)
            a_state(d, quantity);
        else if (q < QUANTITIES - 4)
            of_events(d, quantity);
        else
            of_others(d, quantity, q);
        if (maybe(d, 0.1)) {
            quantity->has_threshold = true, quantity->above = maybe(d, 0.5);
            quantity->threshold = between(d, -0.2, 2);
        }
    }
}
