/* The noise of trade: a log deviation of each flow, and of each actor on all its flows, that returns to 0 at
 * random (Ornstein-Uhlenbeck). It is 0 at the date of the figures and drawn exactly at the start and at each
 * refresh, from keys of the flow (the actor) and the date, so that all variants have the same. */
#include "engine/internal.h"

#include "base/math/quantile.h"
#include "engine/path.h"

int noise_init(engine_t *self) {
    const model_t *model = self->model;
    if (!model_has_noise(model)) return 0;
    size_t flows = 2 * (size_t)model->n_ties + 1, actors = (size_t)model->n_actors + 1;
    self->noise.flow = mem_alloc(flows, sizeof *self->noise.flow);
    self->noise.sd = mem_alloc(flows, sizeof *self->noise.sd);
    self->noise.usd = mem_alloc(flows, sizeof *self->noise.usd);
    self->noise.actor = mem_alloc(actors, sizeof *self->noise.actor);
    self->noise.keys = mem_alloc(actors, sizeof *self->noise.keys);
    self->noise.sd_by.sd = NAN;
    return self->noise.flow && self->noise.sd && self->noise.usd && self->noise.actor && self->noise.keys
               ? 0
               : ERR_NOMEM;
}

typedef struct { /* what a deviation becomes after some days: so much of it is left, and so much is new */
    double left, new;
} drift_t;

static drift_t drift_of(const noise_t *noise, double days) {
    double left = noise->half_life > 0 ? elementary_exp(-M_LN2 / noise->half_life * days) : 1;
    return (drift_t){left, sqrt(1 - left * left)};
}

static double moved(double z, const drift_t *drift, double innovation) {
    return drift->left * z + drift->new *innovation;
}

static double drawn(const engine_t *self, uint64_t key) {
    return quantile_normal(draw_unit(path_key(self, key), DRAW_NOISE));
}

static void move(engine_t *self, double days) {
    const model_t *model = self->model;
    const trade_t *trade = &model->trade;
    uint64_t key = rng_key_text(rng_key_number(self->seed, self->replicate), "noise");
    key = rng_key_number(key, elementary_bits(self->now));
    drift_t of_actor = drift_of(&trade->actor_noise, days), of_flow = drift_of(&trade->flow_noise, days);
    for (int i = 0; i < model->n_actors; i++) {
        uint64_t from = self->noise.keys[i] = rng_key_number(key, self->actor_keys[i]);
        if (trade->actor_noise.half_life > 0)
            self->noise.actor[i] = moved(self->noise.actor[i], &of_actor, drawn(self, from));
    }
    for (int flow = 0; trade->flow_noise.half_life > 0 && flow < 2 * model->n_ties; flow++) {
        if (isnan(model->ties[flow / 2].trade_usd[flow & 1])) continue;
        uint64_t from = self->noise.keys[flow_from(model, flow)];
        self->noise.flow[flow] =
            moved(self->noise.flow[flow], &of_flow,
                  drawn(self, rng_key_number(from, self->actor_keys[flow_to(model, flow)])));
    }
}

/* The standard deviation of a flow's noise, kept while its parameters and the flow's figure are the same. */
static double sd_of(engine_t *self, int flow, double usd) {
    double *of = self->noise.sd + flow, *known = self->noise.usd + flow;
    if (*known != usd) {
        *known = usd;
        *of = noise_sd_of_flow(&self->noise.sd_by, usd);
    }
    return *of;
}

static void hand_over(engine_t *self) {
    const model_t *model = self->model;
    const noise_t *by = &model->trade.flow_noise;
    double of_actor = model->trade.actor_noise.sd;
    if (self->noise.sd_by.sd != by->sd || self->noise.sd_by.size != by->size) {
        self->noise.sd_by = *by;
        for (int flow = 0; flow < 2 * model->n_ties; flow++) self->noise.usd[flow] = NAN;
    }
    for (int flow = 0; flow < 2 * model->n_ties; flow++) {
        const tie_t *tie = &model->ties[flow / 2];
        double usd = tie->trade_usd[flow & 1];
        if (isnan(usd)) continue;
        self->world.noise[flow] = sd_of(self, flow, usd) * self->noise.flow[flow] +
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
