/* A tie between events, in closed form. Strength s returns to the alignment b, b to its long-run level b0,
 * and the log deviation x of a trade flow to eta_s (b - b_ref):
 *
 *     ds/dt = -k_s (s - b),   db/dt = -k_b (b - b0),   dx/dt = -k_x (x - eta_s (b - b_ref)).
 *
 * Both s and b are convex combinations of s, b and b0 at the anchor, so min(s, b, b0) and max(s, b, b0)
 * bound them for all later times. Equal rates use the limit form. All functions are pure. */
#ifndef ENTENTE_MODEL_TIE_H
#define ENTENTE_MODEL_TIE_H

#include "base/math/elementary.h"
#include <math.h>
#include <stdbool.h>

/* Rates per day and elasticities, from model->dynamics. */
typedef struct {
    double k_s, k_b, k_x;
    double eta_s, eta_f;
} relax_t;

/* The state of a tie at its anchor time, the moment of the last effect on it. */
typedef struct {
    _Alignas(64) double time; /* days; all on one cache line */
    double s, b;              /* at `time` */
    double own;               /* long-run level of b without the conditions in force */
    double b0;                /* with them, within [-1, 1] */
    double x[2];              /* log deviation of trade of either flow, at `time`; NAN without trade */
} tie_state_t;

/* (exp(-p dt) - exp(-q dt)) / (q - p), given both exponentials, and its limit dt exp(-p dt). */
static inline double tie_convolve(double p, double q, double dt, double exp_p, double exp_q) {
    double d = (q - p) * dt;
    if (fabs(d) < 1e-5) return dt * exp_p * (1 - d / 2 + d * d / 6);
    return (exp_p - exp_q) / (q - p);
}

/* exp(-k_b dt), or 1 where it plays no part because the alignment is at its level. */
static inline double tie_exp_b(const relax_t *r, const tie_state_t *tie, double dt) {
    return tie->b == tie->b0 ? 1 : elementary_exp(-r->k_b * dt);
}

/* Strength and alignment a time dt > 0 after the anchor, given tie_exp_b. */
static inline void tie_after(const relax_t *r, const tie_state_t *tie, double dt, double exp_b, double *s,
                             double *b) {
    double exp_s = elementary_exp(-r->k_s * dt), gap = tie->b - tie->b0;
    *s = tie->b0 + (tie->s - tie->b0) * exp_s;
    *b = tie->b;
    if (gap == 0) return;
    *s += gap * r->k_s * tie_convolve(r->k_b, r->k_s, dt, exp_b, exp_s);
    *b = tie->b0 + gap * exp_b;
}

/* Strength and alignment at t, not before the anchor. */
static inline void tie_at(const relax_t *r, const tie_state_t *tie, double t, double *s, double *b) {
    double dt = t - tie->time;
    *s = tie->s, *b = tie->b;
    if (dt != 0) tie_after(r, tie, dt, tie_exp_b(r, tie, dt), s, b);
}

static inline double tie_strength(const relax_t *r, const tie_state_t *tie, double t) {
    double s, b;
    tie_at(r, tie, t, &s, &b);
    return s;
}

static inline double tie_alignment(const relax_t *r, const tie_state_t *tie, double t) {
    double dt = t - tie->time;
    return dt == 0 ? tie->b : tie->b0 + (tie->b - tie->b0) * elementary_exp(-r->k_b * dt);
}

/* x at t, from x at the tie's anchor, given exp(-k_b dt) and exp(-k_x dt) for the time dt since then. */
static inline double tie_trade_by(const relax_t *r, const tie_state_t *tie, double x, double b_ref, double dt,
                                  double exp_b, double exp_x) {
    double level = r->eta_s * (tie->b0 - b_ref), gap = r->eta_s * (tie->b - tie->b0);
    double now = level + (x - level) * exp_x;
    if (gap == 0) return now;
    return now + gap * r->k_x * tie_convolve(r->k_b, r->k_x, dt, exp_b, exp_x);
}

static inline double tie_trade(const relax_t *r, const tie_state_t *tie, double x, double b_ref, double t) {
    double dt = t - tie->time;
    return tie_trade_by(r, tie, x, b_ref, dt, r->eta_s == 0 ? 1 : tie_exp_b(r, tie, dt),
                        elementary_exp(-r->k_x * dt));
}

/* An effect of size g in [-1, 1] moves v towards 1 (g > 0) or -1 (g < 0); effects of one sign commute. */
static inline double tie_bump(double v, double g) {
    return g > 0 ? v + g * (1 - v) : v + g * (1 + v);
}

#endif
