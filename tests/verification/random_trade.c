#include "random_trade.h"
#include "random_dice.h"

#include "base/math/elementary.h"

#include <stdlib.h>

static tariff_t any_tariff(dice_t *d, const char *stem, int n) {
    tariff_t tariff = {.name = name(d, stem, n),
                       .time = between(d, -300, d->m->horizon),
                       .rate = between(d, 0, 0.6),
                       .phase_in = maybe(d, 0.5) ? between(d, 1, 60) : 0};
    MAKE(d, tariff.flows, 2);
    for (int k = upto(d, 1, 2); k > 0; k--) tariff.flows[tariff.n_flows++] = upto(d, 0, 2 * d->m->n_ties - 1);
    return tariff;
}

static void tariffs(dice_t *d) {
    model_t *m = d->m;
    m->n_tariffs = upto(d, 0, 3);
    MAKE(d, m->tariffs, m->n_tariffs);
    for (int n = 0; n < m->n_tariffs; n++) m->tariffs[n] = any_tariff(d, "tariff", n);
    for (int k = 0; k < m->n_kinds; k++)
        if (m->kinds[k].scope == SCOPE_DIRECTED && maybe(d, 0.4))
            m->kinds[k].tariff =
                (tariff_change_t){.on = true,
                                  .how = (tariff_change_how_t)upto(d, 0, TARIFF_CHANGE_N - 1),
                                  .rate = between(d, -0.1, 0.5),
                                  .phase_in = maybe(d, 0.5) ? between(d, 1, 30) : 0};
    for (int n = 0; n < m->n_interventions; n++) {
        if (!maybe(d, 0.5)) continue;
        MAKE(d, m->interventions[n].tariffs, 1)[0] = any_tariff(d, "set", n);
        m->interventions[n].n_tariffs = 1;
    }
}

static noise_t any_noise(dice_t *d) {
    if (maybe(d, 0.5)) return (noise_t){0};
    return (noise_t){.sd = between(d, 0, 0.5), .half_life = between(d, 20, 900)};
}

static void economies(dice_t *d) {
    for (int i = 0; i < d->m->n_actors; i++) {
        actor_t *actor = &d->m->actors[i];
        actor->domestic_usd = elementary_exp(between(d, 22, 28));
        actor->growth = maybe(d, 0.5) ? between(d, -0.05, 0.1) : 0;
    }
}

void random_trade(model_t *model, uint64_t seed) {
    dice_t dice = {.m = model}, *d = &dice;
    rng_stream_init(&d->stream, rng_key_number(1, seed), 0);
    model->trade = (trade_t){.elasticity = between(d, 2, 8),
                             .figures_at = maybe(d, 0.5) ? -between(d, 0, 900) : 0,
                             .in_equilibrium = maybe(d, 0.67),
                             .output = maybe(d, 0.3) ? OUTPUT_FIXED : OUTPUT_OF_FACTORS,
                             .deficits = DEFICITS_OF_OWN,
                             .output_ratio = 2,
                             .flow_noise = any_noise(d),
                             .actor_noise = any_noise(d)};
    economies(d);
    if (model->n_ties) tariffs(d);
    if (model_finish(model) < 0) abort();
}
