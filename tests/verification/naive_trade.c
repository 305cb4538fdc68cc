/* Trade on a flow: its base, what shifts it, and the deals that run. */
#include "naive_internal.h"

#include "base/date.h"
#include "base/math/elementary.h"

static double running(const naive_t *n, int flow, double t) {
    double sum = 0;
    for (int k = 0; k < n->n_streams; k++)
        if (n->streams[k].flow == flow && n->streams[k].from <= t && t < n->streams[k].until)
            sum += n->streams[k].usd;
    return sum;
}

double naive_own_shift(const naive_t *n, int flow, double t) {
    const model_t *m = n->m;
    int e = flow / 2;
    tie_now_t v = naive_tie_now(n, e, t);
    double shift = v.x[flow & 1] + m->dynamics.atmosphere_on_trade * (v.s - v.b);
    for (int k = 0; k < n->n_shocks; k++)
        if (n->shocks[k].flow == flow)
            shift += n->shocks[k].size *
                     exp2(-naive_half_lives(n, &m->kinds[n->shocks[k].kind].trade_shock_half_life,
                                            n->shocks[k].time, t));
    for (int c = 0; c < m->n_conditions; c++) {
        const condition_t *condition = &m->conditions[c];
        double level = condition->directed   ? fmax(naive_condition_felt(n, c, 2 * e, t),
                                                    naive_condition_felt(n, c, 2 * e + 1, t))
                       : condition->on_actor ? fmax(naive_condition_felt(n, c, m->ties[e].a, t),
                                                    naive_condition_felt(n, c, m->ties[e].b, t))
                                             : naive_condition_felt(n, c, e, t);
        shift += condition->log_trade_shift * level;
    }
    return shift + naive_noise(n, flow);
}

double naive_trade(const naive_t *n, int flow, double t) {
    double base = n->m->ties[flow / 2].trade_usd[flow & 1], deals = running(n, flow, t);
    if (isnan(base)) return deals > 0 ? deals : NAN;
    return base * elementary_exp(naive_own_shift(n, flow, t) + naive_trade_shift(n, flow, t)) + deals;
}

void naive_make_deal(naive_t *n, const event_t *e, double value) {
    const deal_t *deal = &n->m->kinds[e->kind].deal;
    int flow = e->initiator < 0 || e->target < 0 ? -1 : model_flow(n->m, e->initiator, e->target);
    if (!deal->on || flow < 0 || isnan(value)) return;
    rng_stream_t stream;
    rng_stream_init(&stream, e->key, MARK_DEAL);
    double delivered = naive_clamp(dist_sample(&deal->delivered, &stream), 0, 1);
    double days = fmax(1, dist_sample(&deal->duration, &stream)),
           lag = fmax(0, dist_sample(&deal->lag, &stream));
    double from = e->time + lag, until = from + days, a_year = value * delivered * DAYS_PER_YEAR / days;
    if (until <= n->now || until <= 0) return;
    PUSH(n->streams, n->n_streams, (stream_t){from, until, flow, round(a_year * deal->initiator_share)});
    PUSH(n->streams, n->n_streams,
         (stream_t){from, until, flow ^ 1, round(a_year * (1 - deal->initiator_share))});
}
