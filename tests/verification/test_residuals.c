/* Time rescaling on the shipped scenarios: the integral of each kind's intensity between its events must be
 * Exp(1), independent of one another (Brown, Barbieri, Ventura, Kass and Frank 2002). The integral is worked
 * out here, from the log, the trajectories on a grid of half days and the model's definitions; no line of the
 * engine's intensity is used. Only spontaneous and excited events count; a busy leader and an absent actor
 * make the intensity 0.
 *
 * Approximate: strength is taken as straight between grid points, and who is booked is known from what was
 * held. */
#include "lab.h"
#include "naive.h"
#include "replay.h"
#include "report.h"

#include "base/date.h"
#include "scenario/scenario.h"

static int n_replicates = 12;
static int n_scenarios = 4;
static const double step = 0.5;

/* ---- intensity -------------------------------------------------------------------------------------- */

static void add_place(replay_t *w, int k, int i, int j) {
    const kind_t *kind = &w->m->kinds[k];
    if (!replay_may_be(kind, i, j)) return;
    site_t p = {.kind = k,
                .i = i,
                .j = j,
                .tie = j < 0 ? -1 : model_tie(w->m, i, j),
                .log_rate = log(kind->rate_per_year / DAYS_PER_YEAR)};
    for (int n = 0; n < kind->log_rate.n; n++) {
        const term_t *term = &kind->log_rate.terms[n];
        if (term->statistic->klass == STATISTIC_STATIC)
            p.log_rate += term->coefficient * (naive_fixed(w->m, term, i, j) - term->reference);
        else {
            assert_true(term->statistic->klass == STATISTIC_LAZY && p.n_lazy < 8);
            p.lazy[p.n_lazy++] = term;
        }
    }
    PUSH(w->places, w->n_places, p);
}

/* Types with a rule, and those that a coalition's members leave to its lead: the naive engine has them. */
static bool is_left_out(const model_t *m, int k) {
    bool allied = false;
    for (int c = 0; c < m->kinds[k].n_conditions; c++)
        allied |= m->conditions[m->kinds[k].conditions[c].condition].n_coalitions > 0;
    return allied || m->kinds[k].only_if;
}

static void add_places(replay_t *w) {
    const model_t *m = w->m;
    for (int k = 0; k < m->n_kinds; k++) {
        if (m->kinds[k].rate_per_year <= 0 || is_left_out(m, k)) continue;
        assert_true(m->kinds[k].scope != SCOPE_GROUP); /* no shipped scenario has one */
        if (m->kinds[k].scope == SCOPE_ACTOR)
            for (int i = 0; i < m->n_actors; i++) add_place(w, k, i, -1);
        for (int e = 0; m->kinds[k].scope <= SCOPE_DYAD && e < m->n_ties; e++) {
            int a = m->ties[e].a, b = m->ties[e].b;
            bool turned = m->kinds[k].scope == SCOPE_DYAD && strcmp(m->actors[a].name, m->actors[b].name) > 0;
            add_place(w, k, turned ? b : a, turned ? a : b);
            if (m->kinds[k].scope == SCOPE_DIRECTED) add_place(w, k, b, a);
        }
    }
}

static double count_of(const replay_t *w, const term_t *term, int i, int j, double t) {
    double sum = 0;
    for (int n = w->last_pair[model_tie(w->m, i, j)]; n >= 0; n = w->pairs[n].before) {
        const pair_t *p = &w->pairs[n];
        if (p->time > t) continue;
        if (p->kind == term->ref && ((p->i == i && p->j == j) || (p->undirected && p->i == j && p->j == i)))
            sum += exp2(-(t - p->time) / term->half_life);
    }
    return sum;
}

/* `at`: a tie, or n_ties and a flow. */
static double condition_read(const replay_t *w, int condition, int at, double t) {
    int first = w->condition_quantity[condition * 3 * w->m->n_ties + at];
    return first < 0 ? 0 : w->result->quantities[first + (int)(t / step + 0.5)];
}

static double lazy_value(const replay_t *w, const site_t *p, const term_t *term, int cell, double t) {
    const model_t *m = w->m;
    int groups = 0;
    if (p->tie < 0) return term->reference;
    switch (term->statistic->id) {
    case STATISTIC_STRENGTH:
        return (double)w->result->strength[cell * w->o->n_ties + p->tie];
    case STATISTIC_ALIGNMENT:
        return (double)w->result->alignment[cell * w->o->n_ties + p->tie];
    case STATISTIC_SHARED_GROUPS:
        for (int g = 0; g < m->n_groups; g++)
            groups += w->member[g * m->n_actors + p->i] && w->member[g * m->n_actors + p->j];
        return log(1 + groups);
    case STATISTIC_GROUP:
        return w->member[term->ref * m->n_actors + p->i] && w->member[term->ref * m->n_actors + p->j];
    case STATISTIC_CONDITION:
        return condition_read(w, term->ref, p->tie, t);
    case STATISTIC_CONDITION_INITIATOR:
        return condition_read(w, term->ref, m->n_ties + model_flow(m, p->i, p->j), t);
    case STATISTIC_CONDITION_TARGET:
        return condition_read(w, term->ref, m->n_ties + model_flow(m, p->j, p->i), t);
    case STATISTIC_INERTIA:
        return log(1 + count_of(w, term, p->i, p->j, t));
    case STATISTIC_RECIPROCITY:
        return log(1 + count_of(w, term, p->j, p->i, t));
    default:
        fail_msg("the statistic `%s` is not known here", term->statistic->name);
    }
    return 0;
}

static double season(const model_t *m, const season_t *s, int day) {
    int year, month, of_month;
    double factor = 1;
    bool open = false;
    date_civil(m->start + day, &year, &month, &of_month);
    if (s->has_weekday) factor *= s->weekday[date_weekday(m->start + day)];
    if (s->has_month) factor *= s->month[month - 1];
    for (int w = 0; w < s->n_windows; w++)
        if (day >= s->windows[w].from && day < s->windows[w].until)
            factor *= s->windows[w].factor, open = open || s->windows[w].factor > 0;
    return s->only_in_windows && !open ? 0 : factor;
}

static bool is_free(const replay_t *w, const kind_t *k, int i, int j, double t) {
    if (!k->in_person || k->level_weight[LEVEL_LEADER] < 1) return true;
    int first = (int)floor(t), last = first + (k->days > 1 ? (int)ceil(k->days) : 1) - 1,
        place = j >= 0 ? j : i;
    for (int end = 0; end < 2; end++)
        for (int n = end == 0 ? w->last_engagement[i]
                     : j < 0  ? -1
                              : w->last_engagement[j];
             n >= 0; n = w->engagements[n].before) {
            const engagement_t *e = &w->engagements[n];
            if (e->place != place && e->first <= last && e->last >= first && e->since < t) return false;
        }
    return true;
}

static double availability(const replay_t *w, int kind, int i, int j, double t) {
    if ((i >= 0 && !w->present[i]) || (j >= 0 && !w->present[j])) return 0;
    return i < 0 || is_free(w, &w->m->kinds[kind], i, j, t);
}

static void base_rates(const replay_t *w, double *rates, int cell, double t, double middle) {
    for (int k = 0; k < w->m->n_kinds; k++) rates[k] = 0;
    for (int n = 0; n < w->n_places; n++) {
        const site_t *p = &w->places[n];
        double log_rate = p->log_rate;
        for (int l = 0; l < p->n_lazy; l++)
            log_rate +=
                p->lazy[l]->coefficient * (lazy_value(w, p, p->lazy[l], cell, t) - p->lazy[l]->reference);
        rates[p->kind] += availability(w, p->kind, p->i, p->j, middle) * exp(log_rate);
    }
}

/* Integral of the kind's intensity over [from, until] within one step that begins at `begin`. */
static double integral(const replay_t *w, int kind, double begin, double from, double until) {
    double a = (from - begin) / step, b = (until - begin) / step, slope = w->base[1][kind] - w->base[0][kind];
    double sum = step * (w->base[0][kind] * (b - a) + slope * (b * b - a * a) / 2);
    for (int n = 0; n < w->active[kind].n; n++) {
        const kernel_t *k = &w->kernels[w->active[kind].kernels[n]];
        if (k->time >= until) continue;
        double v = availability(w, kind, k->i, k->j, begin + step / 2);
        sum += v * k->amplitude / k->decay *
               (exp(-k->decay * (fmax(from, k->time) - k->time)) - exp(-k->decay * (until - k->time)));
    }
    return sum * season(w->m, &w->m->kinds[kind].season, (int)floor(begin));
}

/* ---- one scenario ----------------------------------------------------------------------------------- */

typedef struct {
    double *x;
    int n, n_of;
    double carried; /* since the last event, from one replicate to the next */
} waits_t;

/* Kernels of events before `end` join, faded ones go. */
static void turn_over(replay_t *w, double begin, double end) {
    for (; w->next_kernel < w->n_kernels && w->kernels[w->next_kernel].time < end; w->next_kernel++) {
        struct active *active = &w->active[w->kernels[w->next_kernel].kind];
        PUSH(active->kernels, active->n, w->next_kernel);
    }
    for (int k = 0; k < w->m->n_kinds; k++) {
        struct active *active = &w->active[k];
        int kept = 0;
        for (int n = 0; n < active->n; n++) {
            const kernel_t *kernel = &w->kernels[active->kernels[n]];
            if (kernel->decay * (begin - kernel->time) < 20) active->kernels[kept++] = active->kernels[n];
        }
        if (kept == active->n) continue;
        int *shorter = NULL, n_shorter = 0; /* so that its size stays that of its count */
        for (int n = 0; n < kept; n++) PUSH(shorter, n_shorter, active->kernels[n]);
        free(active->kernels);
        *active = (struct active){kept, shorter};
    }
}

static void walk(replay_t *w, waits_t *waits) {
    const model_t *m = w->m;
    const log_t *log = &w->result->log;
    int32_t row = 0;
    int change = 0;
    while (row < log->n && log->time[row] < 0) row++;
    for (int cell = 0; cell + 1 < w->o->n_times; cell++) {
        double begin = w->o->times[cell], end = w->o->times[cell + 1];
        for (; change < w->n_changes && w->changes[change].time <= begin; change++) {
            const change_t *c = &w->changes[change];
            if (c->group < 0)
                w->present[c->actor] = c->on;
            else
                w->member[c->group * m->n_actors + c->actor] = c->on;
        }
        base_rates(w, w->base[0], cell, begin, begin + step / 2);
        base_rates(w, w->base[1], cell + 1, end, begin + step / 2);
        turn_over(w, begin, end);
        double from[256];
        for (int k = 0; k < m->n_kinds; k++) from[k] = begin;
        for (; row < log->n && log->time[row] < end; row++) {
            int k = log->kind[row];
            if (log->status[row] != STATUS_HELD || is_left_out(m, k) ||
                (log->cause[row] != CAUSE_SPONTANEOUS && log->cause[row] != CAUSE_EXCITED))
                continue;
            double more = integral(w, k, begin, from[k], log->time[row]);
            PUSH(waits[k].x, waits[k].n, waits[k].carried + more);
            waits[k].carried = 0;
            from[k] = log->time[row];
        }
        for (int k = 0; k < m->n_kinds; k++)
            if (!is_left_out(m, k)) waits[k].carried += integral(w, k, begin, from[k], end);
    }
}

/* Whether the tie may come under a condition that the first actor imposes on the second: of a directed one
 * any of the second's, because a coalition's members have what its lead imposes. */
static bool may_hold(const model_t *m, const condition_t *condition, int tie, int imposer, int target) {
    const tie_t *ends = &m->ties[tie];
    if (imposer < 0 || target < 0) return false;
    if (condition->directed) return ends->a == target || ends->b == target;
    return model_tie(m, imposer, target) == tie;
}

/* Marks where the condition is ever on: at ties, and at the flows along which it is imposed. */
static void mark(const model_t *m, int c, const log_t *log, bool *wanted) {
    const condition_t *condition = &m->conditions[c];
    for (int e = 0; e < m->n_ties; e++) {
        const tie_t *ends = &m->ties[e];
        for (int s = 0; s < m->n_condition_starts; s++) {
            const condition_start_t *start = &m->condition_starts[s];
            if (start->condition != c) continue;
            wanted[e] |= condition->on_actor ? ends->a == start->actor || ends->b == start->actor
                         : condition->directed
                             ? may_hold(m, condition, e, flow_from(m, start->flow), flow_to(m, start->flow))
                             : start->tie == e;
        }
        for (int32_t r = 0; r < log->n; r++)
            for (int n = 0; n < m->kinds[log->kind[r]].n_conditions; n++)
                if (m->kinds[log->kind[r]].conditions[n].condition == c && log->initiator[r] >= 0)
                    wanted[e] |=
                        condition->on_actor || may_hold(m, condition, e, log->initiator[r], log->target[r]);
        for (int f = 2 * e; f < 2 * e + 2; f++) wanted[m->n_ties + f] = wanted[e] && condition->directed;
    }
}

/* Half-daily readings of each condition that a rate reads, where it is ever on. */
static void add_quantities(model_t *m, const log_t *log, int *index, int n_times) {
    int n = 0, places = 3 * m->n_ties;
    bool *wanted = calloc((size_t)(m->n_conditions * places + 1), sizeof *wanted);
    for (int k = 0; k < m->n_kinds; k++)
        for (int t = 0; t < m->kinds[k].log_rate.n; t++) {
            const term_t *term = &m->kinds[k].log_rate.terms[t];
            if (term->statistic->ref == REF_CONDITION) mark(m, term->ref, log, wanted + term->ref * places);
        }
    for (int c = 0; c < m->n_conditions * places; c++) n += wanted[c];
    m->quantities = arena_alloc(&m->arena, (size_t)(n * n_times) + 1, sizeof *m->quantities);
    m->n_quantities = 0;
    for (int c = 0; c < m->n_conditions * places; c++) {
        int at = c % places, flow = at < m->n_ties ? -1 : at - m->n_ties;
        index[c] = wanted[c] ? m->n_quantities : -1;
        for (int t = 0; wanted[c] && t < n_times; t++)
            m->quantities[m->n_quantities++] = (quantity_t){.name = m->title,
                                                            .what = QUANTITY_CONDITION,
                                                            .condition = c / places,
                                                            .tie = flow < 0 ? at : flow / 2,
                                                            .flow = flow,
                                                            .at = t * step};
    }
    free(wanted);
}

static void look_at_all(observation_t *o, const model_t *m) {
    *o = (observation_t){.events = true};
    o->n_times = (int)floor(m->horizon / step) + 1;
    o->times = malloc((size_t)o->n_times * sizeof *o->times);
    for (int t = 0; t < o->n_times; t++) o->times[t] = t * step;
    o->n_ties = m->n_ties;
    o->ties = malloc((size_t)m->n_ties * sizeof *o->ties);
    for (int e = 0; e < m->n_ties; e++) o->ties[e] = e;
}

static void one_replicate(model_t *m, uint32_t replicate, waits_t *waits) {
    observation_t o, plain = {.events = true};
    result_t result;
    engine_t *engine;
    replay_t w = {.m = m, .o = &o, .result = &result};
    w.condition_quantity =
        calloc((size_t)(3 * m->n_conditions * m->n_ties + 1), sizeof *w.condition_quantity);
    m->n_quantities = 0;
    assert_int_equal(engine_init(&engine, m, 99), 0);
    assert_int_equal(result_init(&result, m, &plain), 0);
    assert_int_equal(engine_run(engine, replicate, 0, 0, NULL, &plain, &result), 0);
    look_at_all(&o, m);
    add_quantities(m, &result.log, w.condition_quantity, o.n_times);
    result_free(&result);
    engine_free(engine);
    assert_int_equal(engine_init(&engine, m, 99), 0);
    assert_int_equal(result_init(&result, m, &o), 0);
    assert_int_equal(engine_run(engine, replicate, 0, 0, NULL, &o, &result), 0);
    assert_int_equal(result.stop, STOP_NONE);
    w.member = calloc((size_t)(m->n_groups * m->n_actors + 1), sizeof *w.member);
    w.present = calloc((size_t)m->n_actors + 1, sizeof *w.present);
    w.base[0] = calloc((size_t)m->n_kinds + 1, sizeof(double));
    w.base[1] = calloc((size_t)m->n_kinds + 1, sizeof(double));
    w.active = calloc((size_t)m->n_kinds + 1, sizeof *w.active);
    w.last_pair = malloc((size_t)(m->n_ties + 1) * sizeof *w.last_pair);
    w.last_engagement = malloc((size_t)(m->n_actors + 1) * sizeof *w.last_engagement);
    for (int e = 0; e < m->n_ties; e++) w.last_pair[e] = -1;
    for (int i = 0; i < m->n_actors; i++) w.last_engagement[i] = -1;
    replay_changes(&w);
    replay_log(&w);
    add_places(&w);
    walk(&w, waits);
    for (int k = 0; k < m->n_kinds; k++) free(w.active[k].kernels);
    void *blocks[] = {w.last_pair,          w.last_engagement, w.active,  w.kernels, w.pairs,
                      w.engagements,        w.places,          w.changes, w.member,  w.present,
                      w.condition_quantity, w.base[0],         w.base[1], o.times,   o.ties};
    for (size_t n = 0; n < sizeof blocks / sizeof *blocks; n++) free(blocks[n]);
    result_free(&result);
    engine_free(engine);
}

static void one_scenario(const char *name, double stretch) {
    char path[512], text[96];
    scenario_t scenario;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    snprintf(path, sizeof path, "%s/scenarios/%s.yaml", ENTENTE_SOURCE_DIR, name);
    assert_int_equal(scenario_read(&scenario, path, &diagnostics), 0);
    model_t *m = &scenario.model;
    m->n_uncertain = 0; /* parameters as written */
    assert_true(m->n_kinds < 256);
    waits_t *waits = calloc((size_t)m->n_kinds, sizeof *waits);
    for (int r = 0; r < n_replicates; r++) one_replicate(m, (uint32_t)r, waits);
    double *all = NULL;
    int n_all = 0;
    for (int k = 0; k < m->n_kinds; k++) {
        for (int n = 0; n < waits[k].n; n++) {
            waits[k].x[n] *= stretch;
            PUSH(all, n_all, waits[k].x[n]);
        }
        snprintf(text, sizeof text, "%s: %s (%d)", name, m->kinds[k].name, waits[k].n);
        if (waits[k].n >= 40) report_exponential(text, waits[k].x, (size_t)waits[k].n);
        free(waits[k].x);
    }
    if (n_all >= 40) {
        snprintf(text, sizeof text, "%s: all kinds (%d)", name, n_all);
        report_exponential(text, all, (size_t)n_all);
    }
    free(all);
    free(waits);
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
}

static const char *const names[] = {"white-house-2018", "ukraine-talks", "c5plus1-2025", "central-asia-2026"};

static void test_residuals(void **state) {
    (void)state;
    report_open("residuals");
    for (int s = 0; s < n_scenarios; s++) one_scenario(names[s], 1);
    assert_int_equal(report_close(), 0);
}

static void test_a_planted_error_is_seen(void **state) {
    (void)state;
    report_open("residuals-planted");
    n_replicates = 2;
    one_scenario(names[0], 1.1); /* an intensity that is off by a tenth */
    assert_true(report_close() > 0);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_replicates = 1, n_scenarios = 2;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_residuals),
                                       cmocka_unit_test(test_a_planted_error_is_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
