/* Simulated moments against every closed form there is for this family of models: how events come. Each
 * law's own text says what is expected and why; the verdict is on all rows together. */
#include "laws.h"

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
    const double coefficient[2] = {4, -4}, rate[2] = {0.02, 0.4}, horizon = DAYS_PER_YEAR;
    moments_t halves[2][2] = {0};
    toy_init(&lab.model, 2, 2, horizon);
    for (int k = 0; k < 2; k++) {
        kind_t *kind = &lab.model.kinds[k];
        kind->scope = k ? SCOPE_ACTOR : SCOPE_DIRECTED;
        kind->rate_per_year = rate[k] * DAYS_PER_YEAR;
        *toy_terms(&lab.model, &kind->log_rate, 1) =
            (term_t){.statistic = &statistics[STATISTIC_YEARS], .ref = -1, .coefficient = coefficient[k]};
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
            label(text, sizeof text, "drift %+g a year: events of half %d", coefficient[k], half + 1);
            double of_two = 2 * rate[k] * DAYS_PER_YEAR / coefficient[k];
            report_mean(text,
                        of_two * (exp(coefficient[k] * (half + 1) / 2) - exp(coefficient[k] * half / 2)),
                        &halves[k][half]);
        }
    lab_close(&lab);
}

/* ---- Hawkes ----------------------------------------------------------------------------------------- */

/* The same law by a statistic: log(1 + decayed count) with coefficient one makes the rate mu (1 + count),
 * that is Hawkes with alpha = mu. */
static void hawkes_by_inertia(model_t *m, double horizon) {
    toy_init(m, 2, 1, horizon);
    m->kinds[0].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    *toy_terms(m, &m->kinds[0].log_rate, 1) = (term_t){.statistic = &statistics[STATISTIC_INERTIA],
                                                       .ref = 0,
                                                       .coefficient = 1,
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
    assert_int_equal(report_close(), 0);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) runs = 4000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_laws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
