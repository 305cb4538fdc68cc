/* The tests themselves: over many seeds their p-values must be uniform, neither too small (a wrong engine)
 * nor too good (a test that cannot fail). One process of intensity rho exp(beta s(t)) + excitation, its
 * compensator integrated from the log alone by Gauss-Legendre between events. */
#include "lab.h"
#include "report.h"

static int n_seeds = 1000;

static const double rho = 0.25, coefficient = 1.5, gain = 0.12, lasting = 0.25, branching = 0.3, decay = 0.15;
static const double ks = 0.05, kb = 0.02, s0 = 0.2, b0 = -0.1, horizon = 1200;

typedef struct {
    double t, s, b, excited;
} path_t;

/* Forward by dt without an event, by Runge and Kutta: no closed form is borrowed. */
static path_t forward(path_t p, double dt) {
    int n = (int)(dt / 0.5) + 1;
    double h = dt / n;
    for (int k = 0; k < n; k++) {
        double s1 = -ks * (p.s - p.b), b1 = -kb * (p.b - b0);
        double s2 = -ks * (p.s + h / 2 * s1 - p.b - h / 2 * b1), b2 = -kb * (p.b + h / 2 * b1 - b0);
        double s3 = -ks * (p.s + h / 2 * s2 - p.b - h / 2 * b2), b3 = -kb * (p.b + h / 2 * b2 - b0);
        double s4 = -ks * (p.s + h * s3 - p.b - h * b3), b4 = -kb * (p.b + h * b3 - b0);
        p.s += h / 6 * (s1 + 2 * s2 + 2 * s3 + s4);
        p.b += h / 6 * (b1 + 2 * b2 + 2 * b3 + b4);
    }
    p.t += dt;
    p.excited *= exp(-decay * dt);
    return p;
}

static double compensator(path_t p, double dt) {
    static const double node[3] = {0.1127016653792583, 0.5, 0.8872983346207417},
                        weight[3] = {5.0 / 18, 8.0 / 18, 5.0 / 18};
    int n = (int)(dt / 5) + 1;
    double sum = p.excited * -expm1(-decay * dt) / decay;
    for (int k = 0; k < n; k++)
        for (int g = 0; g < 3; g++)
            sum += weight[g] * dt / n * rho * exp(coefficient * forward(p, dt / n * (k + node[g])).s);
    return sum;
}

/* The rescaled waits of one log: of its first events, so that the end of the period selects none. */
enum { EVENTS = 250 };
static size_t residuals(const log_t *log, double *x) {
    path_t p = {0, s0, s0, 0};
    assert_true(log->n >= EVENTS);
    for (int32_t r = 0; r < EVENTS; r++) {
        double dt = log->time[r] - p.t;
        x[r] = compensator(p, dt);
        p = forward(p, dt);
        p.s += gain * (1 - p.s);
        p.b += lasting * gain * (1 - p.b);
        p.excited += branching * decay;
    }
    return EVENTS;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void test_p_values_are_uniform(void **state) {
    (void)state;
    double *ks_p = calloc((size_t)n_seeds, sizeof *ks_p), *lag_p = calloc((size_t)n_seeds, sizeof *lag_p);
    double *mean_p = calloc((size_t)n_seeds, sizeof *mean_p), *all = NULL;
    size_t n_all = 0;
    for (int seed = 0; seed < n_seeds; seed++) {
        lab_t lab;
        toy_init(&lab.model, 2, 1, horizon);
        kind_t *kind = &lab.model.kinds[0];
        kind->scope = SCOPE_DYAD;
        kind->rate_per_year = rho * DAYS_PER_YEAR;
        kind->goldstein = gain * 200;
        kind->lasting = lasting;
        *toy_terms(&lab.model, &kind->log_rate, 1) = (term_t){
            .statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = coefficient, .slot = -1};
        toy_excite(&lab.model, 0, 0, RELATION_SAME, branching, decay);
        lab.model.ties[0].strength = lab.model.ties[0].alignment = s0;
        lab.model.ties[0].baseline = b0;
        lab.model.dynamics.strength_half_life = log(2) / ks;
        lab.model.dynamics.alignment_half_life = log(2) / kb;
        lab_open(&lab, 1000 + (uint64_t)seed);
        lab_run(&lab, 0);
        double *x = malloc((size_t)(lab.result.log.n + 1) * sizeof *x), mean = 0, square = 0, product = 0;
        size_t n = residuals(&lab.result.log, x);
        all = realloc(all, (n_all + n) * sizeof *all);
        memcpy(all + n_all, x, n * sizeof *x);
        n_all += n;
        for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
        for (size_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
        for (size_t i = 0; i + 1 < n; i++) product += (x[i] - mean) * (x[i + 1] - mean);
        lag_p[seed] = 0.5 * erfc((product / square + 1 / (double)n) * sqrt((double)n / 2));
        /* the sum of n Exp(1) is nearly normal; the cube root (Wilson and Hilferty) nearer */
        double z = (cbrt(mean) - 1 + 1 / (9 * (double)n)) * 3 * sqrt((double)n);
        mean_p[seed] = 0.5 * erfc(z / sqrt(2));
        qsort(x, n, sizeof *x, ascending);
        for (size_t i = 0; i < n; i++) x[i] = -expm1(-x[i]);
        ks_p[seed] = kolmogorov_p(ks_uniform(x, n), n);
        free(x);
        lab_close(&lab);
    }
    report_open("pvalues");
    report_uniform("p of KS, uniform over seeds", ks_p, (size_t)n_seeds);
    report_uniform("p of the mean, uniform over seeds", mean_p, (size_t)n_seeds);
    report_uniform("p of lag one, uniform over seeds", lag_p, (size_t)n_seeds);
    moments_t waits = {0};
    for (size_t i = 0; i < n_all; i++) moments_add(&waits, all[i]);
    report_mean("mean of the rescaled waits", 1, &waits);
    report_exponential("rescaled waits of all seeds", all, n_all);
    assert_int_equal(report_close(), 0);
    free(ks_p), free(mean_p), free(lag_p), free(all);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) n_seeds = 200;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_p_values_are_uniform)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
