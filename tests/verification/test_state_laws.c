/* Simulated moments against every closed form there is for this family of models: what events move, when they
 * follow, and pairs of variants. Each law's own text says what is expected and why; the verdict is on all
 * rows together. */
#include "laws.h"

/* ---- strength --------------------------------------------------------------------------------------- */

static void watch_tie(lab_t *lab, uint64_t seed) {
    lab->model.output.all_ties = true;
    lab_open(lab, seed);
    lab->observation.events = false;
}

static double last_of(const lab_t *lab, const float *path) {
    return (double)path[(lab->observation.n_times - 1) * lab->observation.n_ties];
}

/* s += g (1 - s), b += l g (1 - b) at Poisson times, s relaxing to b, b to b0: the equations of the first two
 * moments are linear and closed. Stationary values, by solving 0 = A m + c with m = (b, s, b^2, b s, s^2). */
static void law_bumps(void) {
    const double rate = 0.2, g = 0.1, l = 0.3, b0 = -0.3, ks = log(2) / 10, kb = log(2) / 25, h = l * g;
    double m_b = (kb * b0 + rate * h) / (kb + rate * h), m_s = (ks * m_b + rate * g) / (ks + rate * g);
    double v_bb = (2 * kb * b0 * m_b + rate * (2 * h * (1 - h) * m_b + h * h)) /
                  (2 * kb + rate * (1 - (1 - h) * (1 - h)));
    double v_bs = (kb * b0 * m_s + ks * v_bb + rate * (h * (1 - g) * m_s + g * (1 - h) * m_b + g * h)) /
                  (kb + ks + rate * (1 - (1 - g) * (1 - h)));
    double v_ss =
        (2 * ks * v_bs + rate * (2 * g * (1 - g) * m_s + g * g)) / (2 * ks + rate * (1 - (1 - g) * (1 - g)));
    lab_t lab;
    moments_t b = {0}, s = {0}, bb = {0}, bs = {0}, ss = {0};
    toy_init(&lab.model, 2, 1, 500);
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = rate * DAYS_PER_YEAR;
    kind->goldstein = 20; /* at half for an official */
    kind->lasting = l;
    lab.model.ties[0].baseline = b0;
    lab.model.dynamics.strength_half_life = 10;
    lab.model.dynamics.alignment_half_life = 25;
    watch_tie(&lab, 31);
    for (int r = 0; r < scaled(1); r++) {
        lab_run(&lab, (uint32_t)r);
        double s_now = last_of(&lab, lab.result.strength), b_now = last_of(&lab, lab.result.alignment);
        moments_add(&b, b_now);
        moments_add(&s, s_now);
        moments_add(&bb, b_now * b_now);
        moments_add(&bs, b_now * s_now);
        moments_add(&ss, s_now * s_now);
    }
    report_mean("bumps with a lasting share: E b", m_b, &b);
    report_mean("bumps with a lasting share: E s", m_s, &s);
    report_mean("bumps with a lasting share: E b^2", v_bb, &bb);
    report_mean("bumps with a lasting share: E b s", v_bs, &bs);
    report_mean("bumps with a lasting share: E s^2", v_ss, &ss);
    lab_close(&lab);
}

/* Shot noise on Hawkes events: s += J with J small enough for s += J (1 - s) to be the same to 1e-3. J is one
 * of three sizes, by level. Mean L E J / theta, variance L E J^2 / (2 theta) + (E J)^2 C / (theta (theta +
 * gamma)). */
static void law_shot_noise(void) {
    const double theta = 0.2, gamma = beta - alpha, level = 1,
                 c = level * alpha * (2 * beta - alpha) / (2 * gamma);
    const double j = (0.5 * 2 + 0.3 * 1 + 0.2 * 0.5), jj = 0.5 * 4 + 0.3 * 1 + 0.2 * 0.25, unit = 2e-5;
    double want = level * j / theta;
    lab_t lab;
    moments_t mean = {0}, square = {0};
    hawkes(&lab.model, alpha / beta, 80);
    kind_t *kind = &lab.model.kinds[0];
    kind->goldstein = 100 * unit;
    kind->level_weight[LEVEL_LEADER] = 0.5;
    kind->level_weight[LEVEL_MINISTER] = 0.3;
    kind->level_weight[LEVEL_OFFICIAL] = 0.2;
    lab.model.dynamics.strength_half_life = log(2) / theta;
    watch_tie(&lab, 32);
    for (int r = 0; r < scaled(1); r++) {
        lab_run(&lab, (uint32_t)r);
        double s = last_of(&lab, lab.result.strength) / unit;
        moments_add(&mean, s);
        moments_add(&square, (s - want) * (s - want));
    }
    report_mean("shot noise on Hawkes: mean", want, &mean);
    report_mean("shot noise on Hawkes: variance",
                level * jj / (2 * theta) + j * j * c / (theta * (theta + gamma)), &square);
    lab_close(&lab);
}

/* ---- trade, conditions, delays ---------------------------------------------------------------------- */

/* Temporary shocks of log trade at Poisson times are shot noise: mean and variance of log X. */
static void law_shocks(void) {
    const double rate = 0.1, size = 0.05, k = log(2) / 20;
    lab_t lab;
    moments_t mean = {0}, square = {0};
    toy_init(&lab.model, 2, 1, 400);
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = rate * DAYS_PER_YEAR;
    kind->trade_shock = size;
    kind->trade_shock_half_life = 20;
    lab.model.ties[0].trade_usd[0] = lab.model.ties[0].trade_usd[1] = 1e9;
    watch_tie(&lab, 41);
    for (int r = 0; r < scaled(0.5); r++) {
        lab_run(&lab, (uint32_t)r);
        double x = log((double)lab.result.trade[2 * (lab.observation.n_times - 1)] / 1e9);
        moments_add(&mean, x);
        moments_add(&square, (x - rate * size / k) * (x - rate * size / k));
    }
    report_mean("trade shocks: E log X", rate * size / k, &mean);
    report_mean("trade shocks: Var log X", rate * size * size / (2 * k), &square);
    lab_close(&lab);
}

/* Deals: by Little's law the running flow is rate x value x share delivered, whatever their duration. */
static void law_deals(void) {
    lab_t lab;
    moments_t flow = {0}, back = {0};
    toy_init(&lab.model, 2, 1, 1500);
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DIRECTED;
    kind->rate_per_year = 12;
    kind->initiators = arena_alloc(&lab.model.arena, 2, sizeof(bool));
    kind->initiators[0] = true;
    kind->has_value = true;
    kind->value = (dist_t){DIST_LOGNORMAL, {1e9, 0.5}};
    kind->deal = (deal_t){true, {DIST_BETA, {0.3, 5}}, {DIST_GAMMA, {100, 3}}, {DIST_EXPONENTIAL, {50}}, 0.8};
    watch_tie(&lab, 42);
    for (int r = 0; r < scaled(0.5); r++) {
        lab_run(&lab, (uint32_t)r);
        const float *trade = &lab.result.trade[2 * (lab.observation.n_times - 1)];
        moments_add(&flow, isnan(trade[0]) ? 0 : (double)trade[0] / 1e9);
        moments_add(&back, isnan(trade[1]) ? 0 : (double)trade[1] / 1e9);
    }
    report_mean("deals: E of the running flow, bn USD a year", 12 * exp(0.125) * 0.3 * 0.8, &flow);
    report_mean("deals: the other direction", 12 * exp(0.125) * 0.3 * 0.2, &back);
    lab_close(&lab);
}

/* A condition that Poisson events (rate a) start or renew and that lasts an exponential time of rate d is on
 * with probability a / (a + d). */
static void law_conditions(void) {
    const double a = 0.02, d = 0.05;
    lab_t lab;
    moments_t on = {0};
    toy_init(&lab.model, 2, 1, 300);
    model_t *m = &lab.model;
    m->n_conditions = 1;
    m->conditions = arena_alloc(&m->arena, 1, sizeof *m->conditions);
    m->conditions[0] = (condition_t){
        .name = m->actors[0].name, .has_duration = true, .duration = {DIST_EXPONENTIAL, {1 / d}}};
    kind_t *kind = &m->kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = a * DAYS_PER_YEAR;
    kind->n_conditions = 1;
    kind->conditions = arena_alloc(&m->arena, 1, sizeof *kind->conditions);
    kind->conditions[0] = (condition_change_t){0, true, ROLE_INITIATOR};
    m->n_quantities = 1;
    m->quantities = arena_alloc(&m->arena, 1, sizeof *m->quantities);
    m->quantities[0] =
        (quantity_t){.name = m->actors[0].name, .what = QUANTITY_CONDITION, .flow = -1, .at = 300};
    lab_open(&lab, 43);
    for (int r = 0; r < scaled(1); r++) {
        lab_run(&lab, (uint32_t)r);
        moments_add(&on, lab.result.quantities[0]);
    }
    report_mean("condition: P(on), renewed by events", a / (a + d), &on);
    lab_close(&lab);
}

/* M/M/inf: arrivals are events (10 a day), departures their consequences after an exponential delay (rate 1,
 * or 1.05 in the variant). Both variants share arrivals and the delays' quantiles, so what is gone in one and
 * still there in the other is a Poisson number: its mean is the difference of means, and its variance too. */
static void law_queue(void) {
    const double arrivals = 10, one = 1, two = 1.05, horizon = 5;
    double in_one = arrivals / one * (1 - exp(-one * horizon)),
           in_two = arrivals / two * (1 - exp(-two * horizon));
    lab_t lab;
    moments_t base = {0}, difference = {0}, square = {0};
    toy_init(&lab.model, 2, 2, horizon);
    model_t *m = &lab.model;
    for (int k = 0; k < 2; k++) m->kinds[k].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = arrivals * DAYS_PER_YEAR;
    m->kinds[0].n_then = 1;
    consequence_t *leave = m->kinds[0].then = arena_alloc(&m->arena, 1, sizeof *leave);
    *leave = (consequence_t){.name = m->kinds[1].name,
                             .kind = 1,
                             .when = WHEN_ALWAYS,
                             .chance = {.probability = 1},
                             .count = 1,
                             .delay = {DIST_EXPONENTIAL, {1 / one}},
                             .initiator = ROLE_INITIATOR,
                             .target = ROLE_TARGET,
                             .expires = INFINITY};
    m->params = arena_alloc(&m->arena, 1, sizeof *m->params);
    m->n_params = 1;
    m->params[0] = (param_t){.path = m->kinds[1].name, .value = &leave->delay.p[0], .low = 0, .high = 1e9};
    setting_t faster = {.param = 0, .value = 1 / two};
    m->n_variants = 2;
    m->variants[1] = (variant_t){.name = m->kinds[1].name, .n_settings = 1, .settings = &faster};
    lab_open(&lab, 44);
    lab.observation.events = false;
    for (int r = 0; r < scaled(1); r++) {
        double n[2];
        for (int v = 0; v < 2; v++) {
            lab_variant(&lab, (uint32_t)r, v);
            n[v] = (double)(lab.result.kind_counts[0] - lab.result.kind_counts[1]);
        }
        moments_add(&base, n[0]);
        moments_add(&difference, n[1] - n[0]);
        moments_add(&square, (n[1] - n[0] - (in_two - in_one)) * (n[1] - n[0] - (in_two - in_one)));
    }
    report_mean("M/M/inf: E of those present at 5", in_one, &base);
    report_mean("M/M/inf: paired difference of means, +0.05", in_two - in_one, &difference);
    report_mean("M/M/inf: variance of the paired difference", in_one - in_two, &square);
    lab_close(&lab);
}

/* ---- pairing ---------------------------------------------------------------------------------------- */

/* Ten relaxing processes of rate 0.6 exp(s) a year, a jump on day 0: the factor by which pairing reduces the
 * variance of the difference in the sum of strengths after a year. */
static void law_pairing(void) {
    lab_t lab;
    toy_init(&lab.model, 5, 1, 365);
    model_t *m = &lab.model;
    kind_t *kind = &m->kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = 0.6;
    kind->goldstein = 20;
    *toy_terms(m, &kind->log_rate, 1) =
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1, .slot = -1};
    m->n_calendar = 1;
    m->calendar = arena_alloc(&m->arena, 1, sizeof *m->calendar);
    m->calendar[0] = toy_entry(arena_text(&m->arena, "jump"), 0, 0, 1, 0.5);
    m->calendar[0].level = LEVEL_LEADER;
    int drop = 0;
    m->n_variants = 2;
    m->variants[1] = (variant_t){.name = m->variants[0].name, .n_drop = 1, .drop = &drop};
    watch_tie(&lab, 51);
    moments_t paired = {0}, apart = {0};
    double last = NAN;
    for (int r = 0; r < scaled(0.3); r++) {
        double sum[2] = {0};
        for (int v = 0; v < 2; v++) {
            lab_variant(&lab, (uint32_t)r, v);
            for (int e = 0; e < 10; e++)
                sum[v] += (double)lab.result.strength[(lab.observation.n_times - 1) * 10 + e];
        }
        moments_add(&paired, sum[0] - sum[1]);
        if (r > 0) moments_add(&apart, sum[0] - last);
        last = sum[1];
    }
    double factor = moments_var(&apart) / moments_var(&paired);
    report_holds("ten relaxing processes: variance reduction, at least", 1000, factor, factor >= 1000);
    lab_close(&lab);
}

static void test_state_laws(void **state) {
    (void)state;
    report_open("state_laws");
    law_bumps();
    law_shot_noise();
    law_shocks();
    law_deals();
    law_conditions();
    law_queue();
    law_pairing();
    assert_int_equal(report_close(), 0);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) runs = 4000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_state_laws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
