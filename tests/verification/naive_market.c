/* Tariffs, growth and noise of flows, and their equilibrium by Newton's method on all prices at once. */
#include "naive_internal.h"

#include "base/date.h"
#include "base/math/elementary.h"
#include "base/math/quantile.h"

#include <string.h>

enum { MOST = 8 }; /* actors with an equilibrium */

/* ---- tariffs and growth ------------------------------------------------------------------------------ */

static double tariff_of(const naive_t *n, int n_tariffs, int flow, double t) {
    double from = 0, to = 0, since = -INFINITY, span = 0;
    for (int k = 0; k <= n_tariffs; k++) {
        bool end = k == n_tariffs;
        if (!end && (n->tariffs[k].flow != flow || n->tariffs[k].time > t)) continue;
        double until = end ? t : n->tariffs[k].time;
        double now = until - since >= span ? to : from + (to - from) * (until - since) / span;
        if (end) return now;
        from = now;
        to = n->tariffs[k].rate;
        since = until;
        span = n->tariffs[k].phase_in;
    }
    return 0;
}

double naive_tariff(const naive_t *n, int flow, double t) {
    return tariff_of(n, n->n_tariffs, flow, t);
}

/* The one that the figures have: what an intervention sets at the start is none of it. */
static double tariff_then(const naive_t *n, int flow) {
    return tariff_of(n, n->n_tariffs_at_start, flow, n->m->trade.figures_at);
}

/* What it is on its way to. */
static double aim(const naive_t *n, int flow) {
    for (int k = n->n_tariffs - 1; k >= 0; k--)
        if (n->tariffs[k].flow == flow) return n->tariffs[k].rate;
    return 0;
}

void naive_set_tariff(naive_t *n, const tariff_t *tariff, double time, bool at_once) {
    for (int k = 0; k < tariff->n_flows; k++)
        PUSH(n->tariffs, n->n_tariffs,
             (levy_t){time, tariff->flows[k], tariff->rate, at_once ? 0 : tariff->phase_in});
}

void naive_change_tariff(naive_t *n, const event_t *e) {
    const tariff_change_t *change = &n->m->kinds[e->kind].tariff;
    int flow = e->initiator < 0 || e->target < 0 ? -1 : model_flow(n->m, e->target, e->initiator);
    if (!change->on || e->known || flow < 0) return;
    double rate = change->how == TARIFF_SET   ? change->rate
                  : change->how == TARIFF_ADD ? change->rate + aim(n, flow)
                                              : change->rate * aim(n, flow ^ 1);
    PUSH(n->tariffs, n->n_tariffs, (levy_t){n->now, flow, fmax(0, rate), change->phase_in});
}

static int by_date(const void *x, const void *y) {
    const tariff_t *a = *(const tariff_t *const *)x, *b = *(const tariff_t *const *)y;
    return a->time != b->time ? (a->time < b->time ? -1 : 1) : strcmp(a->name, b->name);
}

/* Those that hold at the start, and those to come. */
void naive_levy(naive_t *n, bool to_come) {
    const model_t *m = n->m;
    const tariff_t **list = calloc((size_t)m->n_tariffs + 1, sizeof *list);
    for (int k = 0; k < m->n_tariffs; k++) list[k] = &m->tariffs[k];
    qsort(list, (size_t)m->n_tariffs, sizeof *list, by_date);
    for (int k = 0; k < m->n_tariffs; k++) {
        if (list[k]->time <= 0 && !to_come)
            naive_set_tariff(n, list[k], list[k]->time, list[k]->time <= m->trade.figures_at);
        else if (list[k]->time > 0 && to_come)
            naive_put(n, (todo_t){.type = DO_TARIFF,
                                  .time = list[k]->time,
                                  .order = rng_key_text(0, list[k]->name),
                                  .a = (int)(list[k] - m->tariffs)});
    }
    if (!to_come) n->n_tariffs_at_start = n->n_tariffs;
    free(list);
}

static double grown(const naive_t *n, int actor, double t) {
    return n->m->actors[actor].growth * (t - n->m->trade.figures_at) / DAYS_PER_YEAR;
}

static double part_of_tariff(const naive_t *n, int flow, double t, double power) {
    double then = tariff_then(n, flow);
    return power * elementary_log((1 + naive_tariff(n, flow, t)) / (1 + then));
}

/* Beyond what its own tie does. */
double naive_trade_shift(const naive_t *n, int flow, double t) {
    const tie_t *tie = &n->m->ties[flow / 2];
    return (grown(n, tie->a, t) + grown(n, tie->b, t)) / 2 +
           part_of_tariff(n, flow, t, -(1 + n->m->trade.elasticity)) + n->multilateral[flow];
}

/* ---- noise -------------------------------------------------------------------------------------------- */

static double moved(double z, const noise_t *noise, double days, uint64_t key) {
    if (!(noise->half_life > 0)) return 0;
    double left = exp2(-days / noise->half_life);
    return left * z + sqrt(1 - left * left) * quantile_normal(naive_unit(key, MARK_NOISE));
}

double naive_noise(const naive_t *n, int flow) {
    const tie_t *tie = &n->m->ties[flow / 2];
    const noise_t *of_flow = &n->m->trade.flow_noise;
    double usd = n->m->ties[flow / 2].trade_usd[flow & 1];
    double factor = usd > 1e5 ? pow(usd * 1e-9, of_flow->size) : pow(1e-4, of_flow->size);
    return factor * of_flow->sd * n->noise[flow] +
           n->m->trade.actor_noise.sd *
               (n->noise[2 * n->m->n_ties + tie->a] + n->noise[2 * n->m->n_ties + tie->b]);
}

static void move_noise(naive_t *n) {
    const model_t *m = n->m;
    double days = n->now - n->noise_at;
    if (!(days > 0)) return;
    uint64_t key = rng_key_number(rng_key_text(n->key, "noise"), elementary_bits(n->now));
    n->noise_at = n->now;
    for (int f = 0; f < 2 * m->n_ties; f++) {
        uint64_t from = rng_key_number(key, points_actor_key(m, flow_from(m, f)));
        n->noise[f] = moved(n->noise[f], &m->trade.flow_noise, days,
                            rng_key_number(from, points_actor_key(m, flow_to(m, f))));
    }
    for (int i = 0; i < m->n_actors; i++)
        n->noise[2 * m->n_ties + i] = moved(n->noise[2 * m->n_ties + i], &m->trade.actor_noise, days,
                                            rng_key_number(key, points_actor_key(m, i)));
}

/* ---- equilibrium -------------------------------------------------------------------------------------- */

typedef struct {
    int n, block[MOST], head[MOST]; /* the first actor of its block keeps its price */
    bool fixed;
    double eps, flows[MOST][MOST], pull[MOST][MOST], tax[MOST][MOST];
    double income[MOST], spending[MOST], net[MOST], endowment[MOST];
    double after[MOST][MOST], spent[MOST], price[MOST]; /* at the prices looked at last */
} world_economy_t;

/* Logs of what comes in over what goes out, by actor, at log prices x. */
static void look(world_economy_t *w, const double *x, double *out) {
    double made[MOST], means[MOST], own[MOST] = {0}, all[MOST] = {0};
    for (int j = 0; j < w->n; j++) {
        made[j] = (w->fixed ? 1 : elementary_exp(x[j])) * w->endowment[j] * w->income[j];
        means[j] = w->income[j] > 0 ? made[j] * w->net[j] / w->income[j] : 0;
        own[w->block[j]] += made[j];
        all[w->block[j]] += means[j];
    }
    for (int j = 0; j < w->n; j++) {
        double sum = 0, kept = 0;
        if (!(w->income[j] > 0)) continue;
        means[j] *= own[w->block[j]] / all[w->block[j]];
        for (int i = 0; i < w->n; i++) {
            w->after[i][j] = w->pull[i][j] * elementary_exp(-w->eps * x[i]);
            sum += w->after[i][j];
            kept += w->after[i][j] / (1 + w->tax[i][j]);
        }
        w->spent[j] = means[j] * sum / kept;
        w->price[j] = elementary_exp(-elementary_log(sum) / w->eps);
        for (int i = 0; i < w->n; i++) w->after[i][j] *= w->spent[j] / sum / (1 + w->tax[i][j]);
    }
    for (int i = 0; i < w->n; i++) {
        double in = fmax(0, means[i] - made[i]), away = fmax(0, made[i] - means[i]);
        for (int j = 0; j < w->n; j++) {
            if (j != i) in += w->after[i][j];
            if (j != i) away += w->after[j][i];
        }
        out[i] = w->head[w->block[i]] == i || !(in > 0) || !(away > 0) ? 0 : elementary_log(in / away);
    }
}

static double worst(int n, const double *f) {
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, fabs(f[i]));
    return most;
}

/* Solves the n equations by elimination; the answer takes the place of b. */
static void eliminate(int n, double a[MOST][MOST], double *b) {
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[p][k])) p = i;
        for (int j = 0; j < n; j++) {
            double swap = a[k][j];
            a[k][j] = a[p][j], a[p][j] = swap;
        }
        double swap = b[k];
        b[k] = b[p], b[p] = swap;
        for (int i = 0; i < n; i++) {
            double part = i == k ? 0 : a[i][k] / a[k][k];
            for (int j = 0; j < n; j++) a[i][j] -= part * a[k][j];
            b[i] -= part * b[k];
        }
    }
    for (int k = 0; k < n; k++) b[k] /= a[k][k];
}

/* Returns the largest log that is left. */
static double solve(world_economy_t *w) {
    double x[MOST] = {0}, f[MOST], g[MOST], slope[MOST][MOST];
    look(w, x, f);
    for (int tries = 0; tries < 500 && worst(w->n, f) > 1e-13; tries++) {
        for (int k = 0; k < w->n; k++) {
            double up[MOST], down[MOST], h = 1e-5;
            x[k] += h;
            look(w, x, up);
            x[k] -= 2 * h;
            look(w, x, down);
            x[k] += h;
            for (int i = 0; i < w->n; i++) slope[i][k] = (up[i] - down[i]) / (2 * h);
        }
        bool idle[MOST];
        for (int i = 0; i < w->n; i++) {
            idle[i] = true;
            for (int k = 0; k < w->n; k++) idle[i] &= slope[i][k] == 0;
        }
        for (int i = 0; i < w->n; i++)
            if (idle[i]) slope[i][i] = 1;
        memcpy(g, f, sizeof g);
        eliminate(w->n, slope, g);
        double part = fmin(1, 1 / fmax(1e-300, worst(w->n, g))), before = worst(w->n, f), y[MOST];
        for (int half = 0; half < 30; half++, part /= 2) {
            for (int i = 0; i < w->n; i++) y[i] = x[i] - part * g[i];
            look(w, y, f);
            if (worst(w->n, f) < before) break;
        }
        memcpy(x, y, sizeof x);
        if (!(worst(w->n, f) < before)) break;
    }
    look(w, x, f);
    return worst(w->n, f);
}

/* Blocks are the actors whom flows join. */
static void find_blocks(world_economy_t *w) {
    for (int i = 0; i < w->n; i++) w->block[i] = i;
    for (int again = 0; again < w->n; again++)
        for (int i = 0; i < w->n; i++)
            for (int j = 0; j < w->n; j++)
                if (w->flows[i][j] > 0) {
                    int low = w->block[i] < w->block[j] ? w->block[i] : w->block[j];
                    w->block[i] = w->block[j] = low;
                }
    for (int i = 0; i < w->n; i++) w->head[i] = i; /* a block is named after its first actor */
}

static void take(naive_t *n, world_economy_t *w) {
    const model_t *m = n->m;
    *w = (world_economy_t){
        .n = m->n_actors, .eps = m->trade.elasticity, .fixed = m->trade.output == OUTPUT_FIXED};
    for (int i = 0; i < w->n; i++) w->flows[i][i] = m->actors[i].domestic_usd;
    for (int f = 0; f < 2 * m->n_ties; f++) {
        double usd = m->ties[f / 2].trade_usd[f & 1];
        w->flows[flow_from(m, f)][flow_to(m, f)] = isnan(usd) ? 0 : usd;
    }
    for (int i = 0; i < w->n; i++)
        for (int j = 0; j < w->n; j++) {
            int f = i == j || model_tie(m, i, j) < 0 ? -1 : model_flow(m, i, j);
            double then = f < 0 ? 0 : tariff_then(n, f);
            w->income[i] += w->flows[i][j];
            w->spending[j] += w->flows[i][j] * (1 + then);
            w->net[j] += w->flows[i][j];
        }
    for (int i = 0; i < w->n; i++)
        for (int j = 0; j < w->n; j++) {
            int f = i == j || model_tie(m, i, j) < 0 ? -1 : model_flow(m, i, j);
            double shift = 0;
            if (!(w->flows[i][j] > 0)) continue;
            if (f >= 0) {
                shift = naive_own_shift(n, f, n->now) + part_of_tariff(n, f, n->now, -w->eps);
                w->tax[i][j] = naive_tariff(n, f, n->now);
            }
            double then = f < 0 ? 0 : tariff_then(n, f);
            w->pull[i][j] = w->flows[i][j] * (1 + then) / w->spending[j] * elementary_exp(shift);
        }
    for (int i = 0; i < w->n; i++) w->endowment[i] = elementary_exp(grown(n, i, n->now));
}

void naive_clear_market(naive_t *n) {
    const model_t *m = n->m;
    move_noise(n);
    if (!m->trade.in_equilibrium) return;
    world_economy_t w;
    assert(m->n_actors <= MOST);
    take(n, &w);
    find_blocks(&w);
    n->report->imbalance = fmax(n->report->imbalance, solve(&w));
    double before[MOST] = {0}, after[MOST] = {0};
    for (int j = 0; j < w.n; j++) {
        before[w.block[j]] += w.spending[j];
        after[w.block[j]] += w.spending[j] * w.price[j];
    }
    for (int f = 0; f < 2 * m->n_ties; f++) {
        int i = flow_from(m, f), j = flow_to(m, f);
        if (!(w.flows[i][j] > 0)) continue;
        double scale = w.fixed ? 1 : before[w.block[j]] / after[w.block[j]];
        n->multilateral[f] = 0;
        n->multilateral[f] = elementary_log(w.after[i][j] * scale / w.flows[i][j]) -
                             naive_own_shift(n, f, n->now) - naive_trade_shift(n, f, n->now);
    }
}
