/* Conditions on ties and actors, from the full list of their beginnings and ends. */
#include "naive_internal.h"

static const switch_t *last_switch(const naive_t *n, int condition, int site) {
    for (int k = n->n_switches - 1; k >= 0; k--)
        if (n->switches[k].condition == condition && n->switches[k].site == site) return &n->switches[k];
    return NULL;
}

bool naive_condition_on(const naive_t *n, int condition, int site) {
    const switch_t *last = last_switch(n, condition, site);
    return last && last->on;
}

bool naive_condition_on_tie(const naive_t *n, int condition, int tie) {
    if (n->m->conditions[condition].directed)
        return naive_condition_on(n, condition, 2 * tie) || naive_condition_on(n, condition, 2 * tie + 1);
    if (!n->m->conditions[condition].on_actor) return naive_condition_on(n, condition, tie);
    return naive_condition_on(n, condition, n->m->ties[tie].a) ||
           naive_condition_on(n, condition, n->m->ties[tie].b);
}

/* How far its effect on trade has come: up by phase_in while it holds, down by tail after it. */
double naive_condition_felt(const naive_t *n, int condition, int site, double t) {
    const condition_t *c = &n->m->conditions[condition];
    double level = 0, since = -INFINITY;
    bool on = false;
    for (int k = 0; k <= n->n_switches; k++) {
        bool end = k == n->n_switches;
        if (!end && (n->switches[k].condition != condition || n->switches[k].site != site)) continue;
        double until = end ? t : n->switches[k].time;
        while (since < until) {
            double next = naive_next_setting(n, since, until),
                   span = naive_param_from(n, on ? &c->phase_in : &c->tail, since);
            double way = span > 0 ? (next - since) / span : INFINITY;
            level = on ? fmin(1, level + way) : fmax(0, level - way);
            since = next;
        }
        if (naive_param_from(n, on ? &c->phase_in : &c->tail, until) <= 0) level = on; /* at once */
        if (!end) on = n->switches[k].on;
    }
    return level;
}

/* The long-run level of the tie's alignment as conditions and parameters stand. */
void naive_level_anew(naive_t *n, int e, double time) {
    const model_t *m = n->m;
    double b0 = m->ties[e].baseline;
    for (int c = 0; c < m->n_conditions; c++)
        if (naive_condition_on_tie(n, c, e)) b0 += m->conditions[c].alignment_shift;
    PUSH(n->effects, n->n_effects, (effect_t){.time = fmax(0, time), .tie = e, .b0 = naive_clamp(b0, -1, 1)});
}

static void turn(naive_t *n, int condition, int site, double time, bool on, uint64_t token) {
    const model_t *m = n->m;
    PUSH(n->switches, n->n_switches, (switch_t){time, condition, site, on, token});
    for (int e = 0; e < m->n_ties; e++) {
        bool reached = m->conditions[condition].on_actor   ? m->ties[e].a == site || m->ties[e].b == site
                       : m->conditions[condition].directed ? e == site / 2
                                                           : e == site;
        if (reached) naive_level_anew(n, e, time);
    }
}

static void start_one(naive_t *n, int condition, int site, double time, uint64_t token) {
    if (naive_condition_on(n, condition, site))
        ((switch_t *)last_switch(n, condition, site))->token = token;
    else
        turn(n, condition, site, time, true, token);
}

static void end_one(naive_t *n, int condition, int site, double time) {
    if (naive_condition_on(n, condition, site)) turn(n, condition, site, time, false, 0);
}

/* The same place of another sender, -1: it has no tie with the target. */
static int instead_of(const naive_t *n, int actor, int flow) {
    int target = flow_to(n->m, flow);
    return actor == target ? -1 : model_flow(n->m, actor, target);
}

static bool is_in(const naive_t *n, int group, int actor) {
    return n->member[group * n->m->n_actors + actor];
}

/* All who have the condition together with the sender of a site, besides itself. */
static int allies(const naive_t *n, int condition, int site, int *sites) {
    const condition_t *c = &n->m->conditions[condition];
    int found = 0;
    for (int k = 0; k < c->n_coalitions; k++)
        for (int a = 0; a < n->m->n_actors && c->coalitions[k].lead == flow_from(n->m, site); a++)
            if (a != c->coalitions[k].lead && is_in(n, c->coalitions[k].group, a) &&
                instead_of(n, a, site) >= 0)
                sites[found++] = instead_of(n, a, site);
    return found;
}

void naive_start_condition(naive_t *n, int condition, int site, double time, uint64_t token) {
    int others[128];
    start_one(n, condition, site, time, token);
    for (int k = allies(n, condition, site, others) - 1; k >= 0; k--)
        start_one(n, condition, others[k], time, token);
}

void naive_end_condition(naive_t *n, int condition, int site, double time, uint64_t token) {
    const switch_t *last = last_switch(n, condition, site);
    int others[128];
    if (!last || !last->on || (token && last->token != token)) return;
    turn(n, condition, site, time, false, 0);
    for (int k = allies(n, condition, site, others) - 1; k >= 0; k--) end_one(n, condition, others[k], time);
}

void naive_set_member(naive_t *n, int group, int actor, bool on) {
    const model_t *m = n->m;
    n->member[group * m->n_actors + actor] = on;
    for (int c = 0; c < m->n_conditions; c++)
        for (int k = 0; k < m->conditions[c].n_coalitions; k++) {
            const coalition_t *coalition = &m->conditions[c].coalitions[k];
            if (coalition->group != group || coalition->lead == actor || (!on && coalition->keeps)) continue;
            for (int f = 0; f < 2 * m->n_ties; f++)
                if (flow_from(m, f) == coalition->lead && naive_condition_on(n, c, f) &&
                    instead_of(n, actor, f) >= 0) {
                    if (on)
                        start_one(n, c, instead_of(n, actor, f), n->now, 1);
                    else
                        end_one(n, c, instead_of(n, actor, f), n->now);
                }
        }
}

bool naive_may_take_place(const naive_t *n, const event_t *e) {
    const kind_t *k = &n->m->kinds[e->kind];
    if (k->only_if && !naive_rule_holds(n, k->only_if, e)) return false;
    for (int c = 0; c < k->n_conditions; c++) {
        const condition_t *condition = &n->m->conditions[k->conditions[c].condition];
        int sender = naive_played_by(e, k->conditions[c].who);
        for (int l = 0; l < condition->n_coalitions && sender >= 0; l++)
            if (is_in(n, condition->coalitions[l].group, sender) && condition->coalitions[l].lead != sender)
                return false;
    }
    return true;
}

/* A spell that no event began, and its end: where it holds at the start, an end to come. */
void naive_declare_condition(naive_t *n, const condition_start_t *s, const char *by, double since,
                             bool holds) {
    const model_t *m = n->m;
    const condition_t *c = &m->conditions[s->condition];
    int site = condition_site(c, s), e = c->on_actor ? -1 : condition_tie(c, site);
    uint64_t token = rng_key_text(rng_key_text(n->key, by), c->name);
    if (c->directed) token = rng_key_number(token, points_actor_key(m, flow_from(m, site)));
    token = c->on_actor ? rng_key_number(token, points_actor_key(m, s->actor))
                        : naive_pair_key(m, token, m->ties[e].a, m->ties[e].b);
    naive_start_condition(n, s->condition, site, since, token);
    if (!c->has_duration) return;
    rng_stream_t stream;
    rng_stream_init(&stream, token, MARK_DURATION);
    double end;
    int tries = 0;
    do end = since + fmax(0, dist_sample(&c->duration, &stream));
    while (holds && end <= n->now && tries++ < 10000);
    naive_put(n, (todo_t){.type = DO_CONDITION_END,
                          .order = token,
                          .a = s->condition,
                          .b = site,
                          .token = token,
                          .time = fmax(n->now, end)});
}
