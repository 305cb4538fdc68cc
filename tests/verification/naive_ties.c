/* The state of a tie, from the full list of effects on it. */
#include "naive_internal.h"

#include "base/math/elementary.h"

/* Integral over [0, dt] of exp(-p u) exp(-q (dt - u)) du. */
static double convolution(double p, double q, double dt) {
    return p == q ? dt * elementary_exp(-p * dt)
                  : (elementary_exp(-p * dt) - elementary_exp(-q * dt)) / (q - p);
}

static void relax(const naive_t *n, const tie_t *tie, tie_now_t *v, double from, double to) {
    const dynamics_t *d = &n->m->dynamics;
    for (double t = from, next; t < to; t = next) {
        next = naive_next_setting(n, t, to);
        double ks = M_LN2 / naive_param_from(n, &d->strength_half_life, t),
               kb = M_LN2 / naive_param_from(n, &d->alignment_half_life, t),
               kx = M_LN2 / naive_param_from(n, &d->trade_half_life, t),
               eta = naive_param_from(n, &d->alignment_on_trade, t), dt = next - t;
        double gap = v->b - v->b0, level = eta * (v->b0 - naive_param_from(n, &tie->alignment_ref, t));
        v->s = v->b0 + (v->s - v->b0) * elementary_exp(-ks * dt) + ks * gap * convolution(kb, ks, dt);
        for (int f = 0; f < 2; f++)
            v->x[f] = level + (v->x[f] - level) * elementary_exp(-kx * dt) +
                      kx * eta * gap * convolution(kb, kx, dt);
        v->b = v->b0 + gap * elementary_exp(-kb * dt);
    }
}

static double bumped(double v, double g) {
    return v + g * (g > 0 ? 1 - v : 1 + v);
}

tie_now_t naive_tie_now(const naive_t *n, int e, double t) {
    const tie_t *tie = &n->m->ties[e];
    tie_now_t v = {tie->strength, tie->alignment, naive_param_from(n, &tie->baseline, -1), {0, 0}};
    double last = 0;
    for (int k = 0; k < n->n_effects; k++) {
        const effect_t *effect = &n->effects[k];
        if (effect->tie != e) continue;
        relax(n, tie, &v, last, effect->time);
        last = effect->time;
        if (!effect->is_bump) {
            v.b0 = effect->b0;
            continue;
        }
        v.s = bumped(v.s, naive_clamp(effect->g, -1, 1));
        v.b = bumped(v.b, naive_clamp(effect->g * effect->lasting, -1, 1));
    }
    relax(n, tie, &v, last, t);
    return v;
}

void naive_bump_tie(naive_t *n, int tie, double g, double lasting) {
    PUSH(n->effects, n->n_effects,
         (effect_t){.time = n->now, .tie = tie, .is_bump = true, .g = g, .lasting = lasting});
}
