/* The noise of trade: a log deviation of each flow, and of each actor on all its flows, that returns to 0 at
 * random (Ornstein-Uhlenbeck). It is 0 at the date of the figures and drawn exactly at the start and at each
 * refresh, from keys of the flow (the actor) and the date, so that all variants have the same. */
#include "engine/internal.h"

#include "base/math/quantile.h"
#include "engine/path.h"

int noise_init(engine_t *self) {
    const model_t *model = self->model;
    if (!model_has_noise(model)) return 0;
    self->noise.flow = mem_alloc(2 * (size_t)model->n_ties + 1, sizeof *self->noise.flow);
    self->noise.actor = mem_alloc((size_t)model->n_actors + 1, sizeof *self->noise.actor);
    return self->noise.flow && self->noise.actor ? 0 : ERR_NOMEM;
}

/* What a deviation becomes after `days`; `innovation` is standard normal. */
static double moved(double z, const noise_t *noise, double days, double innovation) {
    double left = elementary_exp(-M_LN2 / noise->half_life * days);
    return left * z + sqrt(1 - left * left) * innovation;
}

static double drawn(const engine_t *self, uint64_t key) {
    return quantile_normal(draw_unit(path_key(self, key), DRAW_NOISE));
}

static void move(engine_t *self, double days) {
    const model_t *model = self->model;
    const trade_t *trade = &model->trade;
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), "noise");
    key = rng_key_number(key, elementary_bits(self->now));
    for (int i = 0; trade->actor_noise.half_life > 0 && i < model->n_actors; i++)
        self->noise.actor[i] = moved(self->noise.actor[i], &trade->actor_noise, days,
                                     drawn(self, rng_key_number(key, self->actor_keys[i])));
    for (int flow = 0; trade->flow_noise.half_life > 0 && flow < 2 * model->n_ties; flow++) {
        if (isnan(model->ties[flow / 2].trade_usd[flow & 1])) continue;
        uint64_t from = rng_key_number(key, self->actor_keys[flow_from(model, flow)]);
        self->noise.flow[flow] =
            moved(self->noise.flow[flow], &trade->flow_noise, days,
                  drawn(self, rng_key_number(from, self->actor_keys[flow_to(model, flow)])));
    }
}

static void hand_over(engine_t *self) {
    const model_t *model = self->model;
    double of_flow = model->trade.flow_noise.sd, of_actor = model->trade.actor_noise.sd;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        const tie_t *tie = &model->ties[flow / 2];
        self->world.noise[flow] = of_flow * self->noise.flow[flow] +
                                  of_actor * (self->noise.actor[tie->a] + self->noise.actor[tie->b]);
    }
}

void noise_start(engine_t *self) {
    const model_t *model = self->model;
    if (!self->world.noise) return;
    for (int flow = 0; flow < 2 * model->n_ties; flow++) self->noise.flow[flow] = 0;
    for (int i = 0; i < model->n_actors; i++) self->noise.actor[i] = 0;
    if (model->trade.figures_at < 0) move(self, -model->trade.figures_at);
    self->noise.at = 0;
    hand_over(self);
}

void noise_advance(engine_t *self) {
    if (!self->world.noise || self->noise.at == self->now) return;
    move(self, self->now - self->noise.at);
    self->noise.at = self->now;
    hand_over(self);
}
