/* Simulated moments against every closed form there is for this family of models. Each law's own text
 * says what is expected and why; the verdict is on all rows together. */
#include "lab.h"
#include "report.h"

#include <stdio.h>

static int runs = 60000; /* replicates of the short models */

static int scaled(double share) {
    return (int)(runs * share);
}

static void label(char *text, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(text, size, format, list);
    va_end(list);
}

/* ---- Poisson ---------------------------------------------------------------------------------------- */

static void law_poisson(void) {
    lab_t lab;
    moments_t count = {0}, square = {0}, pairs = {0};
    toy_init(&lab.model, 3, 2, 10);
    lab.model.kinds[0].scope = SCOPE_DIRECTED;
    lab.model.kinds[1].scope = SCOPE_ACTOR;
    for (int k = 0; k < 2; k++) lab.model.kinds[k].rate_per_year = 0.3 * DAYS_PER_YEAR;
    lab_open(&lab, 11);
    for (int r = 0; r < scaled(0.3); r++) {
        double n[2] = {0};
        lab_run(&lab, (uint32_t)r);
        for (int32_t row = 0; row < lab.result.log.n; row++) n[lab.result.log.kind[row]]++;
        moments_add(&count, n[0]);
        moments_add(&square, (n[0] - 18) * (n[0] - 18));
        moments_add(&pairs, (n[0] - 18) * (n[1] - 9));
    }
    report_mean("Poisson, 6 processes: E N(10)", 18, &count);
    report_mean("Poisson, 6 processes: Var N(10)", 18, &square);
    report_mean("Poisson: covariance of two kinds", 0, &pairs);
    lab_close(&lab);
}

static void law_waits(void) {
    lab_t lab;
    size_t n[6] = {0};
    double *waits[6], last[6] = {0}, horizon = 2.0 * runs;
    toy_init(&lab.model, 3, 1, horizon);
    lab.model.kinds[0].scope = SCOPE_DIRECTED;
    lab.model.kinds[0].rate_per_year = 0.25 * DAYS_PER_YEAR;
    lab_open(&lab, 12);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    double *all = malloc((size_t)log->n * sizeof *all);
    size_t n_all = 0;
    for (int f = 0; f < 6; f++) waits[f] = malloc((size_t)log->n * sizeof **waits);
    for (int32_t row = 0; row < log->n; row++) {
        int f = model_flow(&lab.model, log->initiator[row], log->target[row]);
        waits[f][n[f]++] = all[n_all++] = (log->time[row] - last[f]) * 0.25;
        last[f] = log->time[row];
    }
    report_exponential("Poisson: waits of one process", waits[2], n[2]);
    report_exponential("Poisson: waits of six processes", all, n_all);
    for (int f = 0; f < 6; f++) free(waits[f]);
    free(all);
    lab_close(&lab);
}

/* c(t) of weekdays and months: the share of events on a Monday. The scenario starts on a Monday. */
static void law_season(void) {
    lab_t lab;
    long monday = 0, all = 0;
    static const double weekday[7] = {3, 1, 1, 1, 1, 0.5, 0.5};
    toy_init(&lab.model, 2, 1, 4 * runs);
    lab.model.start = 18262 + 5; /* 2020-01-06 */
    kind_t *kind = &lab.model.kinds[0];
    kind->scope = SCOPE_DYAD;
    kind->rate_per_year = 0.2 * DAYS_PER_YEAR;
    kind->season.has_weekday = true;
    memcpy(kind->season.weekday, weekday, sizeof weekday);
    lab_open(&lab, 13);
    lab_run(&lab, 0);
    for (int32_t row = 0; row < lab.result.log.n; row++, all++)
        monday += (long)floor(lab.result.log.time[row]) % 7 == 0;
    double share = (double)monday / (double)all;
    report_estimate("season: share of Mondays at three times the rate", 3.0 / 8, share,
                    sqrt(15.0 / 64 / (double)all));
    report_estimate("season: events in all", 0.2 * 8 / 7 * 4 * runs, (double)all, sqrt((double)all));
    lab_close(&lab);
}

/* Rates that rise, of a directed dyad, and fall, of an actor, by a factor of e^4 within the year: events of
 * each half, against the integral of the exponential. */
static void law_drift(void) {
    lab_t lab;
    const double loading[2] = {4, -4}, rate[2] = {0.02, 0.4}, horizon = DAYS_PER_YEAR;
    moments_t halves[2][2] = {0};
    toy_init(&lab.model, 2, 2, horizon);
    for (int k = 0; k < 2; k++) {
        kind_t *kind = &lab.model.kinds[k];
        kind->scope = k ? SCOPE_ACTOR : SCOPE_DIRECTED;
        kind->rate_per_year = rate[k] * DAYS_PER_YEAR;
        *toy_terms(&lab.model, &kind->log_rate, 1) =
            (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .loading = loading[k]};
    }
    lab_open(&lab, 31);
    for (int r = 0; r < scaled(0.05); r++) {
        double n[2][2] = {0};
        lab_run(&lab, (uint32_t)r);
        for (int32_t row = 0; row < lab.result.log.n; row++)
            n[lab.result.log.kind[row]][lab.result.log.time[row] >= horizon / 2]++;
        for (int k = 0; k < 2; k++)
            for (int half = 0; half < 2; half++) moments_add(&halves[k][half], n[k][half]);
    }
    for (int k = 0; k < 2; k++)
        for (int half = 0; half < 2; half++) {
            char text[80];
            label(text, sizeof text, "drift %+g a year: events of half %d", loading[k], half + 1);
            double of_two = 2 * rate[k] * DAYS_PER_YEAR / loading[k];
            report_mean(text, of_two * (exp(loading[k] * (half + 1) / 2) - exp(loading[k] * half / 2)),
                        &halves[k][half]);
        }
    lab_close(&lab);
}

/* ---- Hawkes ----------------------------------------------------------------------------------------- */

static const double mu = 0.5, alpha = 0.5, beta = 1; /* a day */

static void hawkes(model_t *m, double branching, double horizon) {
    toy_init(m, 2, 1, horizon);
    m->kinds[0].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    toy_excite(m, 0, 0, RELATION_SAME, branching, beta);
}

/* The same law by a statistic: log(1 + decayed count) with loading one makes the rate mu (1 + count), that is
 * Hawkes with alpha = mu. */
static void hawkes_by_inertia(model_t *m, double horizon) {
    toy_init(m, 2, 1, horizon);
    m->kinds[0].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    *toy_terms(m, &m->kinds[0].log_rate, 1) = (term_t){.statistic = &statistics[STATISTIC_INERTIA],
                                                       .ref = 0,
                                                       .loading = 1,
                                                       .half_life = log(2) / beta,
                                                       .slot = -1};
}

static double intensity_at(const log_t *log, double t) {
    double sum = mu;
    for (int32_t row = 0; row < log->n && log->time[row] < t; row++)
        sum += alpha * exp(-beta * (t - log->time[row]));
    return sum;
}

/* From lambda_0 = mu: transient means; past day 40 it is stationary to 1e-9. */
static void hawkes_moments(const char *name, lab_t *lab, uint64_t seed) {
    enum { TIMES = 3 };
    static const double at[TIMES] = {1, 4, 12};
    const double gamma = beta - alpha, level = mu * beta / gamma, k = beta / gamma,
                 c = level * alpha * (2 * beta - alpha) / (2 * gamma);
    const double tau = 10, window = (1 - exp(-gamma * tau)) / gamma;
    moments_t count[TIMES] = {{0}}, rate[TIMES] = {{0}}, whole = {0}, rate_square = {0}, square = {0},
              product = {0};
    char text[96];
    lab_open(lab, seed);
    for (int r = 0; r < scaled(0.4); r++) {
        lab_run(lab, (uint32_t)r);
        const log_t *log = &lab->result.log;
        double first = 0, second = 0;
        for (int t = 0; t < TIMES; t++) {
            double n = 0;
            for (int32_t row = 0; row < log->n && log->time[row] < at[t]; row++) n++;
            moments_add(&count[t], n);
            moments_add(&rate[t], intensity_at(log, at[t]));
        }
        for (int32_t row = 0; row < log->n; row++) {
            first += log->time[row] >= 60 && log->time[row] < 70;
            second += log->time[row] >= 70 && log->time[row] < 80;
        }
        double lambda = intensity_at(log, 60);
        moments_add(&whole, (double)log->n);
        moments_add(&rate_square, (lambda - level) * (lambda - level));
        moments_add(&square, (first - level * tau) * (first - level * tau));
        moments_add(&product, (first - level * tau) * (second - level * tau));
    }
    for (int t = 0; t < TIMES; t++) {
        double gone = exp(-gamma * at[t]);
        label(text, sizeof text, "%s: E N(%g) from lambda_0 = mu", name, at[t]);
        report_mean(text, level * at[t] + (mu - level) * (1 - gone) / gamma, &count[t]);
        label(text, sizeof text, "%s: E lambda(%g)", name, at[t]);
        report_mean(text, level + (mu - level) * gone, &rate[t]);
    }
    label(text, sizeof text, "%s: E N(100)", name);
    report_mean(text, level * 100 + (mu - level) * (1 - exp(-gamma * 100)) / gamma, &whole);
    label(text, sizeof text, "%s: stationary Var lambda", name);
    report_mean(text, alpha * alpha * level / (2 * gamma), &rate_square);
    label(text, sizeof text, "%s: stationary Var N(10)", name);
    report_mean(text, level * (tau * k * k + (1 - k * k) * window), &square);
    label(text, sizeof text, "%s: covariance of adjacent windows of 10", name);
    report_mean(text, c * window * window, &product);
    lab_close(lab);
}

static void law_hawkes(void) {
    lab_t lab;
    hawkes(&lab.model, alpha / beta, 100);
    hawkes_moments("Hawkes", &lab, 21);
    hawkes_by_inertia(&lab.model, 100);
    hawkes_moments("inertia as Hawkes", &lab, 22);
}

/* Two half-lives: branching ratios add up. */
static void law_two_half_lives(void) {
    lab_t lab;
    moments_t count = {0};
    hawkes(&lab.model, 0.3, 400);
    toy_excite(&lab.model, 0, 0, RELATION_SAME, 0.2, 0.1);
    lab_open(&lab, 23);
    for (int r = 0; r < scaled(0.05); r++) {
        double n = 0;
        lab_run(&lab, (uint32_t)r);
        for (int32_t row = 0; row < lab.result.log.n; row++) n += lab.result.log.time[row] >= 300;
        moments_add(&count, n);
    }
    report_mean("two half-lives: E N of 100 stationary days", 100 * mu / (1 - 0.5), &count);
    lab_close(&lab);
}

/* n = .6: sizes of families are Borel: P(k) = exp(-n k) (n k)^(k-1) / k!. */
static void law_families(void) {
    const double n = 0.6;
    lab_t lab;
    moments_t size_mean = {0}, size_square = {0};
    hawkes(&lab.model, n, 4 * runs);
    lab_open(&lab, 24);
    lab_run(&lab, 0);
    const log_t *log = &lab.result.log;
    int32_t *size = calloc((size_t)log->n, sizeof *size), *root = calloc((size_t)log->n, sizeof *root);
    long families = 0, of_size[6] = {0};
    for (int32_t row = 0; row < log->n; row++) {
        root[row] = log->parent[row] < 0 ? row : root[log->parent[row]];
        size[root[row]]++;
    }
    for (int32_t row = 0; row < log->n && log->time[row] < 4 * runs - 200; row++) {
        if (root[row] != row) continue;
        families++;
        moments_add(&size_mean, size[row]);
        moments_add(&size_square, (size[row] - 1 / (1 - n)) * (size[row] - 1 / (1 - n)));
        if (size[row] < 6) of_size[size[row]]++;
    }
    report_mean("families: mean size, n = .6", 1 / (1 - n), &size_mean);
    report_mean("families: variance of sizes", n / pow(1 - n, 3), &size_square);
    for (int k = 1; k < 6; k++) {
        char text[96];
        double p = exp(-n * k) * pow(n * k, k - 1) / tgamma(k + 1),
               share = (double)of_size[k] / (double)families;
        label(text, sizeof text, "families: P(size = %d)", k);
        report_estimate(text, p, share, sqrt(p * (1 - p) / (double)families));
    }
    free(size);
    free(root);
    lab_close(&lab);
}

/* mu = (.3, .1), G = ((.3, .2), (.1, .4)): L = (I - G)^-1 mu = (.5, .25), long-run covariance
 * (I - G)^-1 diag(L) (I - G)^-T = ((1.1875, .40625), (.40625, .796875)). */
static void law_mutual(void) {
    enum { WINDOW = 500 };
    lab_t lab;
    moments_t mean[2] = {{0}}, cov[3] = {{0}};
    static const double level[2] = {0.5, 0.25}, want[3] = {1.1875, 0.40625, 0.796875};
    int n_windows = scaled(0.1);
    toy_init(&lab.model, 2, 2, WINDOW * (n_windows + 1));
    for (int k = 0; k < 2; k++) {
        lab.model.kinds[k].scope = SCOPE_DYAD;
        lab.model.kinds[k].rate_per_year = (k ? 0.1 : 0.3) * DAYS_PER_YEAR;
        toy_excite(&lab.model, k, 0, RELATION_SAME, k ? 0.1 : 0.3, 1);
        toy_excite(&lab.model, k, 1, RELATION_SAME, k ? 0.4 : 0.2, 2);
    }
    lab_open(&lab, 25);
    lab_run(&lab, 0);
    double *n = calloc(2 * (size_t)(n_windows + 1), sizeof *n);
    for (int32_t row = 0; row < lab.result.log.n; row++)
        n[2 * (int)(lab.result.log.time[row] / WINDOW) + lab.result.log.kind[row]]++;
    for (int w = 1; w <= n_windows; w++) {
        double d[2];
        for (int k = 0; k < 2; k++) {
            moments_add(&mean[k], n[2 * w + k] / WINDOW);
            d[k] = n[2 * w + k] - level[k] * WINDOW;
        }
        moments_add(&cov[0], d[0] * d[0] / WINDOW);
        moments_add(&cov[1], d[0] * d[1] / WINDOW);
        moments_add(&cov[2], d[1] * d[1] / WINDOW);
    }
    report_mean("mutual excitation: L_1", level[0], &mean[0]);
    report_mean("mutual excitation: L_2", level[1], &mean[1]);
    report_mean("mutual excitation: long-run variance 1", want[0], &cov[0]);
    report_mean("mutual excitation: long-run covariance", want[1], &cov[1]);
    report_mean("mutual excitation: long-run variance 2", want[2], &cov[2]);
    free(n);
    lab_close(&lab);
}

/* Five actors, excitation of all relations: a directed dyad receives from itself, its reverse and the three
 * others of either end: L = mu / (1 - n_same - n_reversed - 3 (n_initiator + n_target)). */
static void law_relations(void) {
    static const double branching[RELATION_N] = {0.1, 0.15, 0.06, 0.04};
    lab_t lab;
    moments_t count = {0};
    toy_init(&lab.model, 5, 1, 200);
    lab.model.kinds[0].scope = SCOPE_DIRECTED;
    lab.model.kinds[0].rate_per_year = 0.02 * DAYS_PER_YEAR;
    for (int r = 0; r < RELATION_N; r++) toy_excite(&lab.model, 0, 0, (relation_t)r, branching[r], 0.5 + r);
    lab_open(&lab, 26);
    for (int r = 0; r < scaled(0.1); r++) {
        double n = 0;
        lab_run(&lab, (uint32_t)r);
        for (int32_t row = 0; row < lab.result.log.n; row++) n += lab.result.log.time[row] >= 100;
        moments_add(&count, n);
    }
    report_mean("all relations, 5 actors: E N of 100 days", 20 * 100 * 0.02 / (1 - 0.25 - 3 * 0.1), &count);
    lab_close(&lab);
}

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

/* Deals: by Little's law the running flow is rate x value x share realised, whatever their duration. */
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
    m->quantities[0] = (quantity_t){.name = m->actors[0].name, .what = QUANTITY_CONDITION, .at = 300};
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
    setting_t faster = {0, 1 / two};
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
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .loading = 1, .slot = -1};
    m->n_calendar = 1;
    m->calendar = arena_alloc(&m->arena, 1, sizeof *m->calendar);
    m->calendar[0] = (calendar_entry_t){.id = arena_text(&m->arena, "jump"),
                                        .initiator = 0,
                                        .target = 1,
                                        .group = -1,
                                        .time = 0.5,
                                        .until = 0.5,
                                        .probability = 1,
                                        .days = NAN,
                                        .value_usd = NAN,
                                        .level = LEVEL_LEADER,
                                        .success = -1,
                                        .sector = -1,
                                        .to = -1,
                                        .parent = -1,
                                        .in_base = true};
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

static void test_laws(void **state) {
    (void)state;
    report_open("laws");
    law_poisson();
    law_waits();
    law_season();
    law_drift();
    law_hawkes();
    law_two_half_lives();
    law_families();
    law_mutual();
    law_relations();
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_laws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
