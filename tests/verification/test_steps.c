/* The engine against small steps of time, by distribution: no measure, no closed form, no event queue. In
 * each step of dt every process has an event with probability lambda dt, strength and alignment move by
 * Euler's rule, and excitation shrinks by a factor 1 - k dt. Random numbers are others (SplitMix64). */
#include "lab.h"
#include "report.h"

enum { N = 3, DYADS = 6, KINDS = 2 };

static int runs = 12000;
static const double dt = 0.01, horizon = 60;

typedef struct {
    double rate[KINDS], coefficient[KINDS], g[KINDS], lasting[KINDS], spill[KINDS]; /* a day; per unit of s */
    double same[KINDS], reversed[KINDS], initiator[KINDS], target[KINDS], cross, half_life[KINDS];
    double inertia; /* coefficient of log(1 + decayed count) in kind 0 */
    double inertia_half_life, follow, delay, monday;
    double s0, b0, strength_half_life, alignment_half_life;
} world_of_steps_t;

static const world_of_steps_t worlds[2] = {
    {.rate = {0.05, 0.03},
     .coefficient = {1.2, -1.5},
     .g = {0.12, -0.15},
     .lasting = {0.3, 0.1},
     .spill = {0.5, 0},
     .same = {0.2, 0.1},
     .reversed = {0.1, 0.1},
     .initiator = {0.05, 0},
     .target = {0, 0.05},
     .cross = 0.1,
     .half_life = {4, 8},
     .monday = 1,
     .s0 = 0.3,
     .b0 = -0.1,
     .strength_half_life = 12,
     .alignment_half_life = 40},
    {.rate = {0.04, 0.01},
     .coefficient = {0.6, 1},
     .g = {0.2, -0.1},
     .lasting = {0, 0.4},
     .spill = {-0.4, 0.3},
     .same = {0, 0.2},
     .half_life = {3, 3},
     .inertia = 0.8,
     .inertia_half_life = 10,
     .follow = 0.6,
     .delay = 5,
     .monday = 4,
     .s0 = -0.2,
     .b0 = 0.2,
     .strength_half_life = 12,
     .alignment_half_life = 12},
};

/* What is compared: counts of either kind, strength and alignment of the first tie, a sum over ties. */
enum { OUTCOMES = 6 };
static const char *const outcomes[OUTCOMES] = {"events of kind 0", "events of kind 1", "strength of a tie",
                                               "its alignment",    "sum of strengths", "kind 0 on one dyad"};

/* ---- small steps ------------------------------------------------------------------------------------ */

static uint64_t state_of_split = 12345;
static double uniform(void) {
    uint64_t z = (state_of_split += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

typedef struct {
    double s[N][N], b[N][N]; /* symmetric */
    double excited[KINDS][N][N], count[N][N];
    double due[256]; /* pending consequences */
    int due_i[256], due_j[256], n_due;
    double outcome[OUTCOMES];
} steps_t;

static void bump(steps_t *w, int i, int j, double g, double lasting) {
    w->s[i][j] += g * (g > 0 ? 1 - w->s[i][j] : 1 + w->s[i][j]);
    w->b[i][j] += lasting * g * (g > 0 ? 1 - w->b[i][j] : 1 + w->b[i][j]);
    w->s[j][i] = w->s[i][j], w->b[j][i] = w->b[i][j];
}

static void event(const world_of_steps_t *p, steps_t *w, int k, int i, int j, double t) {
    double weight[N];
    for (int m = 0; m < N; m++) weight[m] = m == i || m == j ? 0 : w->s[i][m];
    w->outcome[k]++;
    w->outcome[5] += k == 0 && i == 0 && j == 1;
    bump(w, i, j, p->g[k], p->lasting[k]);
    for (int m = 0; m < N; m++)
        if (weight[m] != 0) bump(w, j, m, p->spill[k] * p->g[k] * weight[m], p->lasting[k]);
    double decay = log(2) / p->half_life[k];
    w->excited[k][i][j] += p->same[k] * decay;
    w->excited[k][j][i] += p->reversed[k] * decay;
    for (int m = 0; m < N; m++) {
        if (m == i || m == j) continue;
        w->excited[k][i][m] += p->initiator[k] * decay;
        w->excited[k][m][j] += p->target[k] * decay;
    }
    if (k == 0) {
        w->excited[1][i][j] += p->cross * log(2) / p->half_life[1];
        w->count[i][j]++;
        if (uniform() < p->follow) {
            w->due[w->n_due] = t - p->delay * log(1 - uniform());
            w->due_i[w->n_due] = j, w->due_j[w->n_due++] = i;
        }
    }
}

static void step_run(const world_of_steps_t *p, double *outcome) {
    steps_t w = {.n_due = 0};
    double ks = log(2) / p->strength_half_life * dt, kb = log(2) / p->alignment_half_life * dt;
    double kc = p->inertia_half_life > 0 ? log(2) / p->inertia_half_life * dt : 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) w.s[i][j] = w.b[i][j] = p->s0;
    for (long n = 0; n < lround(horizon / dt); n++) {
        double t = (double)n * dt, factor = (int)t % 7 == 0 ? p->monday : 1;
        for (int q = w.n_due - 1; q >= 0; q--) {
            if (w.due[q] > t) continue;
            int i = w.due_i[q], j = w.due_j[q];
            w.n_due--;
            w.due[q] = w.due[w.n_due], w.due_i[q] = w.due_i[w.n_due], w.due_j[q] = w.due_j[w.n_due];
            event(p, &w, 1, i, j, t);
        }
        for (int k = 0; k < KINDS; k++)
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++) {
                    if (i == j) continue;
                    double rate = p->rate[k] * exp(p->coefficient[k] * w.s[i][j]);
                    if (k == 0) rate *= pow(1 + w.count[i][j], p->inertia);
                    if (uniform() < (rate + w.excited[k][i][j]) * factor * dt) event(p, &w, k, i, j, t);
                }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double b = w.b[i][j];
                w.b[i][j] -= kb * (b - p->b0);
                w.s[i][j] -= ks * (w.s[i][j] - b);
                for (int k = 0; k < KINDS; k++) w.excited[k][i][j] *= 1 - log(2) / p->half_life[k] * dt;
                w.count[i][j] *= 1 - kc;
            }
    }
    w.outcome[2] = w.s[0][1], w.outcome[3] = w.b[0][1];
    w.outcome[4] = w.s[0][1] + w.s[0][2] + w.s[1][2];
    memcpy(outcome, w.outcome, sizeof w.outcome);
}

/* ---- the engine ------------------------------------------------------------------------------------- */

static void build(lab_t *lab, const world_of_steps_t *p) {
    model_t *m = &lab->model;
    toy_init(m, N, KINDS, horizon);
    m->start = 18262 + 5; /* a Monday */
    m->dynamics.strength_half_life = p->strength_half_life;
    m->dynamics.alignment_half_life = p->alignment_half_life;
    for (int e = 0; e < m->n_ties; e++)
        m->ties[e].strength = m->ties[e].alignment = p->s0, m->ties[e].baseline = p->b0;
    for (int k = 0; k < KINDS; k++) {
        kind_t *kind = &m->kinds[k];
        double decay = log(2) / p->half_life[k];
        kind->scope = SCOPE_DIRECTED;
        kind->rate_per_year = p->rate[k] * DAYS_PER_YEAR;
        kind->goldstein = p->g[k] * 200; /* at half for an official */
        kind->lasting = p->lasting[k];
        kind->spillover = p->spill[k];
        term_t *terms = toy_terms(m, &kind->log_rate, 2);
        kind->log_rate.n = k == 0 && p->inertia != 0 ? 2 : 1;
        terms[0] = (term_t){.statistic = &statistics[STATISTIC_STRENGTH],
                            .ref = -1,
                            .coefficient = p->coefficient[k],
                            .slot = -1};
        terms[1] = (term_t){.statistic = &statistics[STATISTIC_INERTIA],
                            .ref = 0,
                            .coefficient = p->inertia,
                            .half_life = p->inertia_half_life,
                            .slot = -1};
        kind->season.has_weekday = true;
        for (int d = 0; d < 7; d++) kind->season.weekday[d] = d == 0 ? p->monday : 1;
        const double branching[RELATION_N] = {p->same[k], p->reversed[k], p->initiator[k], p->target[k]};
        for (int r = 0; r < RELATION_N; r++)
            if (branching[r] > 0) toy_excite(m, k, k, (relation_t)r, branching[r], decay);
        if (k == 1 && p->cross > 0) toy_excite(m, 1, 0, RELATION_SAME, p->cross, decay);
    }
    if (p->follow > 0) {
        m->kinds[0].n_then = 1;
        m->kinds[0].then = arena_alloc(&m->arena, 1, sizeof *m->kinds[0].then);
        m->kinds[0].then[0] = (consequence_t){.name = m->kinds[1].name,
                                              .kind = 1,
                                              .when = WHEN_ALWAYS,
                                              .chance = {.probability = p->follow},
                                              .count = 1,
                                              .delay = {DIST_EXPONENTIAL, {p->delay}},
                                              .initiator = ROLE_TARGET,
                                              .target = ROLE_INITIATOR,
                                              .expires = INFINITY};
    }
    m->output.all_ties = true;
}

static void engine_outcome(const lab_t *lab, double *outcome) {
    const log_t *log = &lab->result.log;
    const float *s = &lab->result.strength[(lab->observation.n_times - 1) * lab->observation.n_ties];
    outcome[0] = (double)lab->result.kind_counts[0], outcome[1] = (double)lab->result.kind_counts[1];
    outcome[2] = (double)s[0];
    outcome[3] = (double)lab->result.alignment[(lab->observation.n_times - 1) * lab->observation.n_ties];
    outcome[4] = (double)s[0] + (double)s[1] + (double)s[2];
    outcome[5] = 0;
    for (int32_t r = 0; r < log->n; r++)
        outcome[5] += log->kind[r] == 0 && log->initiator[r] == 0 && log->target[r] == 1;
}

static void compare(int world) {
    double(*x)[2][OUTCOMES] = malloc((size_t)runs * sizeof *x); /* of the steps, of the engine */
    moments_t mean[2][OUTCOMES] = {{{0}}}, square[2][OUTCOMES] = {{{0}}};
    lab_t lab;
    build(&lab, &worlds[world]);
    lab_open(&lab, 61);
    for (int r = 0; r < runs; r++) {
        lab_run(&lab, (uint32_t)r);
        engine_outcome(&lab, x[r][1]);
        step_run(&worlds[world], x[r][0]);
        for (int side = 0; side < 2; side++)
            for (int o = 0; o < OUTCOMES; o++) moments_add(&mean[side][o], x[r][side][o]);
    }
    for (int o = 0; o < OUTCOMES; o++) {
        double error[2];
        char text[96];
        for (int side = 0; side < 2; side++) {
            for (int r = 0; r < runs; r++)
                moments_add(&square[side][o], pow(x[r][side][o] - mean[side][o].mean, 2));
            error[side] = moments_var(&mean[side][o]) / runs;
        }
        snprintf(text, sizeof text, "world %d, %s: mean", world, outcomes[o]);
        report_estimate(text, mean[0][o].mean, mean[1][o].mean, sqrt(error[0] + error[1]));
        snprintf(text, sizeof text, "world %d, %s: variance", world, outcomes[o]);
        report_estimate(text, square[0][o].mean, square[1][o].mean,
                        sqrt((moments_var(&square[0][o]) + moments_var(&square[1][o])) / runs));
    }
    free(x);
    lab_close(&lab);
}

static void test_small_steps(void **state) {
    (void)state;
    report_open("steps");
    for (int world = 0; world < 2; world++) compare(world);
    assert_int_equal(report_close(), 0);
}

int main(int argc, char **argv) {
    if (is_quick(argc, argv)) runs = 1000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_small_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
