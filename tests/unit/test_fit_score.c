/* Scores, baselines and intervals against values worked out by hand. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/rng.h"
#include "engine/engine.h"
#include "fit/restart.h"
#include "fit/score/skill.h"
#include "model/tie.h"

#include <stdlib.h>

static void test_probabilities(void **state) {
    (void)state;
    CHECK_NEAR(score_brier(0.3, true), 0.49, 1e-15);
    CHECK_NEAR(score_brier(0.3, false), 0.09, 1e-15);
    CHECK_NEAR(score_log(0.25, true), log(4), 1e-15);
    CHECK_NEAR(score_log(0.25, false), log(4.0 / 3), 1e-15);
    CHECK_NEAR(score_log(0, true), 6 * log(10), 1e-12); /* clipped at 1e-6 */
    CHECK_NEAR(score_log(1, false), 6 * log(10), 1e-9);
}

static void test_crps(void **state) {
    (void)state;
    const double pmf[] = {0.5, 0.3, 0.2};
    CHECK_NEAR(score_crps(3, pmf, 1), 0.25 + 0.04, 1e-15);
    CHECK_NEAR(score_crps(3, pmf, 0), 0.25 + 0.04, 1e-15);
    CHECK_NEAR(score_crps(3, pmf, 2), 0.25 + 0.64, 1e-15);
    /* draws 0 0 1 2, observed 2: distances 2 2 1 0; the twelve ordered pairs are 14 apart in all */
    const uint32_t counts[] = {2, 1, 1};
    CHECK_NEAR(score_crps_fair(3, counts, 2), 5.0 / 4 - 14.0 / 24, 1e-15);
    float values[] = {2, 0, 1, 0};
    CHECK_NEAR(score_crps_values(4, values, 2), 5.0 / 4 - 14.0 / 24, 1e-7);
    /* fair: its expectation over all pairs of draws is the score of the distribution itself */
    for (int observed = 0; observed < 3; observed++) {
        double mean = 0;
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++) {
                uint32_t pair[3] = {0};
                pair[a]++, pair[b]++;
                mean += pmf[a] * pmf[b] * score_crps_fair(3, pair, observed);
            }
        CHECK_NEAR(mean, score_crps(3, pmf, observed), 1e-14);
    }
}

static void test_pit_and_reliability(void **state) {
    (void)state;
    const uint32_t counts[] = {3, 2, 5};
    CHECK_NEAR(score_pit(3, counts, 0, 0.5), 2.0 / 11, 1e-15);
    CHECK_NEAR(score_pit(3, counts, 1, 0.5), 4.5 / 11, 1e-15);
    CHECK_NEAR(score_pit(3, counts, 2, 1), 1, 1e-15);
    double values[] = {0.9, 0.1, 0.5};
    CHECK_NEAR(score_uniformity(3, values), 1.0 / 3 - 0.1, 1e-15);
    const double p[] = {0, 0.004, 0.15, 0.19, 0.2, 1};
    const bool happened[] = {false, true, true, false, false, true};
    reliability_t bins[RELIABILITY_BINS];
    score_reliability(6, p, happened, bins);
    assert_int_equal(bins[0].n, 2);
    CHECK_NEAR(bins[0].forecast, 0.002, 1e-15);
    CHECK_NEAR(bins[0].seen, 0.5, 1e-15);
    assert_int_equal(bins[4].n, 2);
    CHECK_NEAR(bins[4].forecast, 0.17, 1e-15);
    assert_int_equal(bins[5].n, 1);
    assert_int_equal(bins[9].n, 1);
    assert_true(isnan(bins[1].seen));
}

enum { DAYS = 100, DYADS = 3, WINDOW = 5, FROM = 80 };

/* Dyad 0 has an event every day, dyad 1 every tenth, dyad 2 none. */
static void make_series(series_t *series) {
    uint8_t days[DYADS * DAYS] = {0};
    for (int d = 0; d < DAYS; d++) days[d] = 1, days[DAYS + d] = d % 10 == 0;
    assert_int_equal(series_init(series, DYADS, DAYS, days), 0);
}

static void test_baselines(void **state) {
    (void)state;
    series_t series;
    make_series(&series);
    assert_int_equal(series_count(&series, 1, 10, 21), 2);
    CHECK_NEAR(series.weights[1], exp2(-1.0 / 30), 1e-15);
    CHECK_NEAR(series.decayed[DAYS + 1 + 11], exp2(-11.0 / 30) + exp2(-1.0 / 30), 1e-14);
    assert_int_equal(baseline_windows(FROM, WINDOW), 46); /* begin on days 30 to 75 */
    assert_int_equal(baseline_windows(34, WINDOW), 0);
    const int origins[] = {80, 83};
    double p[2 * DYADS], pmf[2 * DYADS * (WINDOW + 1)];
    /* dyad 1 has an event within 5 days from 23 of the 46 days, for 5 of each 10 (30 is one, 31 to 35 are
     * not) */
    int n = 0, follows = 0, after = 0, active = 0, quiet = 0, after_quiet = 0;
    for (int o = 30; o <= 75; o++) {
        bool has = series_count(&series, 1, o, o + WINDOW) > 0,
             had = series_count(&series, 1, o - WINDOW, o) > 0;
        n += has;
        if (had)
            after++, follows += has;
        else
            quiet++, after_quiet += has;
        active += had;
    }
    assert_int_equal(active + quiet, 46);
    assert_int_equal(baseline_forecast(&series, BASELINE_CLIMATOLOGY, FROM, WINDOW, 2, origins, p, pmf), 0);
    for (int c = 0; c < 2 * DYADS; c++) CHECK_NEAR(p[c], (46.0 + n) / (3 * 46), 1e-14);
    CHECK_NEAR(pmf[WINDOW], 46.0 / (3 * 46), 1e-14);
    assert_int_equal(baseline_forecast(&series, BASELINE_PERSISTENCE, FROM, WINDOW, 2, origins, p, pmf), 0);
    CHECK_NEAR(p[0], (46.0 + follows) / (46 + after), 1e-14);
    CHECK_NEAR(p[2], after_quiet / (46.0 + quiet), 1e-14);
    CHECK_NEAR(p[DYADS + 1], p[0], 1e-14); /* on day 83 the event of day 80 is within the last five days */
    for (int b = BASELINE_COUNT; b <= BASELINE_DECAYED; b++) {
        assert_int_equal(baseline_forecast(&series, (baseline_t)b, FROM, WINDOW, 2, origins, p, pmf), 0);
        assert_true(p[0] > 0.97 && p[1] > 0.3 && p[1] < 0.6 && p[2] > 0 && p[2] < 0.1);
        for (int c = 0; c < 2 * DYADS; c++) {
            double sum = 0;
            for (int k = 0; k <= WINDOW; k++) sum += pmf[c * (WINDOW + 1) + k];
            CHECK_NEAR(sum, 1, 1e-12);
        }
    }
    series_free(&series);
}

/* Dyads of rates that lie far apart: what the count baseline says comes true, among its low forecasts and
 * among its high ones. */
static void test_count_is_calibrated(void **state) {
    (void)state;
    enum { MANY = 400, ORIGINS = 4 };
    uint8_t *days = calloc((size_t)MANY * DAYS, 1);
    rng_stream_t stream;
    rng_stream_init(&stream, 20180701, 0);
    for (int e = 0; e < MANY; e++)
        for (int d = 0; d < DAYS; d++) days[e * DAYS + d] = rng_stream_unit(&stream) < 0.001 * exp2(e % 8);
    series_t series;
    assert_int_equal(series_init(&series, MANY, DAYS, days), 0);
    const int origins[ORIGINS] = {80, 85, 90, 95};
    double *p = calloc((size_t)ORIGINS * MANY, sizeof *p);
    double *pmf = calloc((size_t)ORIGINS * MANY * (WINDOW + 1), sizeof *pmf);
    assert_int_equal(baseline_forecast(&series, BASELINE_COUNT, FROM, WINDOW, ORIGINS, origins, p, pmf), 0);
    double variance[2] = {0}, excess[2] = {0}, n[2] = {0};
    for (int o = 0; o < ORIGINS; o++)
        for (int e = 0; e < MANY; e++) {
            int high = p[o * MANY + e] > 0.1;
            n[high]++;
            excess[high] += (series_count(&series, e, origins[o], origins[o] + WINDOW) > 0) - p[o * MANY + e];
            variance[high] += p[o * MANY + e] * (1 - p[o * MANY + e]);
        }
    for (int high = 0; high < 2; high++) {
        assert_true(n[high] > 300);
        CHECK_NEAR(excess[high], 0, 5 * sqrt(variance[high]));
    }
    free(days), free(p), free(pmf);
    series_free(&series);
}

/* Of a large sample too the rates are learnt: a sum of so many terms is not exact to the last digits, and
 * what a further step would gain is lost among them. */
static void test_large_samples(void **state) {
    (void)state;
    enum { MANY = 3000 };
    uint8_t *days = calloc((size_t)MANY * DAYS, 1);
    double *p = calloc(MANY, sizeof *p), *pmf = calloc((size_t)MANY * (WINDOW + 1), sizeof *pmf);
    const int origins[] = {80};
    for (uint64_t seed = 0; seed < 4; seed++) {
        rng_stream_t stream;
        rng_stream_init(&stream, seed, 0);
        for (int e = 0; e < MANY; e++)
            for (int d = 0; d < DAYS; d++)
                days[e * DAYS + d] = rng_stream_unit(&stream) < 0.001 * exp2((e % 80) / 10.0);
        series_t series;
        assert_int_equal(series_init(&series, MANY, DAYS, days), 0);
        for (int b = BASELINE_COUNT; b <= BASELINE_DECAYED; b++) {
            assert_int_equal(baseline_forecast(&series, (baseline_t)b, FROM, WINDOW, 1, origins, p, pmf), 0);
            assert_true(p[79] > 5 * p[0]);
        }
        series_free(&series);
    }
    free(days), free(p), free(pmf);
}

/* Gains that are drawn, one a dyad: intervals as wide as they should be; by week, when only weeks differ; by
 * actor, when only actors do. */
static void test_intervals(void **state) {
    (void)state;
    enum { ACTORS = 40, N = ACTORS * (ACTORS - 1) / 2, WEEKS = 4 };
    skill_t skill = {
        .n_origins = 2 * WEEKS, .n_dyads = N, .n_cells = 2 * WEEKS * N, .n_weeks = WEEKS, .n_actors = ACTORS};
    skill.week = calloc(2 * WEEKS, sizeof(int));
    skill.ends = calloc(2 * N, sizeof(int));
    for (int a = 0, e = 0; a < ACTORS; a++)
        for (int b = a + 1; b < ACTORS; b++, e++) skill.ends[2 * e] = a, skill.ends[2 * e + 1] = b;
    for (int o = 0; o < 2 * WEEKS; o++) skill.week[o] = o / 2;
    for (int f = 0; f < FORECASTER_N; f++)
        for (int s = 0; s < SCORE_N; s++) skill.loss[f][s] = calloc((size_t)skill.n_cells, sizeof(double));
    double squares = 0;
    for (int e = 0; e < N; e++)
        for (int o = 0; o < 2 * WEEKS; o++) {
            double gain = 0.5 + (e % 2 ? 1 : -1);
            skill.loss[FORECASTER_BASELINE][SCORE_LOG][o * N + e] = gain;
            skill.loss[FORECASTER_BASELINE + 1][SCORE_LOG][o * N + e] = o / 2 == 1 ? 4 : 0;
            /* actors differ by 1 */
            skill.loss[FORECASTER_BASELINE + 2][SCORE_LOG][o * N + e] =
                (skill.ends[2 * e] % 2 ? 0.5 : -0.5) + (skill.ends[2 * e + 1] % 2 ? 0.5 : -0.5);
            squares += (gain - 0.5) * (gain - 0.5) / (2 * WEEKS * N);
        }
    gain_t gains[BASELINE_N][SCORE_N];
    assert_int_equal(skill_gains(&skill, 4000, 1, gains), 0);
    double half = 1.96 * sqrt(squares / N);
    CHECK_NEAR(gains[0][SCORE_LOG].gain, 0.5, 1e-12);
    CHECK_NEAR(gains[0][SCORE_LOG].by_dyad[0], 0.5 - half, 0.1 * half);
    CHECK_NEAR(gains[0][SCORE_LOG].by_dyad[1], 0.5 + half, 0.1 * half);
    assert_true(gains[0][SCORE_LOG].by_both[1] > 0.5 + 0.9 * half);
    double by_actor = 1.96 * 2 * 0.5 / sqrt(ACTORS); /* of the sum of two actors' means */
    CHECK_NEAR(gains[2][SCORE_LOG].by_actor[0], gains[2][SCORE_LOG].gain - by_actor, 0.1 * by_actor);
    CHECK_NEAR(gains[2][SCORE_LOG].by_actor[1], gains[2][SCORE_LOG].gain + by_actor, 0.1 * by_actor);
    assert_true(gains[2][SCORE_LOG].by_dyad[1] < gains[2][SCORE_LOG].gain + 0.3 * by_actor); /* the twin */
    CHECK_NEAR(gains[1][SCORE_LOG].by_actor[0], 1, 1e-9);
    CHECK_NEAR(gains[1][SCORE_LOG].by_dyad[0], 1, 1e-9); /* every dyad alike */
    CHECK_NEAR(gains[1][SCORE_LOG].by_both[0], 0, 1e-9); /* week 1 is left out in 32 % of the resamples */
    assert_true(gains[1][SCORE_LOG].by_both[1] >= 2);
    CHECK_NEAR(gains[2][SCORE_BRIER].by_both[1], 0, 1e-12);
    for (int f = 0; f < FORECASTER_N; f++)
        for (int s = 0; s < SCORE_N; s++) free(skill.loss[f][s]);
    free(skill.week);
    free(skill.ends);
}

/* The scenario as of day 20: what is dated stays, what was observed before the start is history and what was
 * observed since is in the calendar, and ties are where events have moved them. */
static void test_restart(void **state) {
    (void)state;
    model_t m;
    toy_init(&m, 3, 1, 100);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].goldstein = 30;
    m.kinds[0].lasting = 0.1;
    m.kinds[0].level_weight[LEVEL_LEADER] = m.kinds[0].level_weight[LEVEL_OFFICIAL] = 0.5;
    m.n_calendar = 2;
    m.calendar = arena_alloc(&m.arena, 2, sizeof *m.calendar);
    m.calendar[0] = toy_entry("early", 0, 0, 1, 5);
    m.calendar[1] = toy_entry("late", 0, 0, 1, 25);
    m.n_params = 1;
    m.params = arena_alloc(&m.arena, 1, sizeof *m.params);
    m.params[0] = (param_t){.path = "late", .value = &m.calendar[1].probability, .low = 0, .high = 1};
    assert_int_equal(model_finish(&m), 0);
    double level = (m.dynamics.level[LEVEL_LEADER] + m.dynamics.level[LEVEL_OFFICIAL]) / 2;
    double g = 30 / m.dynamics.gain_divisor * level, start = m.start;
    const observed_t events[] = {
        {-3, 0, 0, 1, NAN, NULL}, {10, 0, 0, 1, NAN, NULL}, {22, 0, 0, 1, NAN, NULL}};
    assert_int_equal(restart_at(&m, 3, events, 20, 30), 0);
    CHECK_NEAR(m.start, start, 0);
    CHECK_NEAR(m.horizon, 50, 0);
    CHECK_NEAR(m.as_of.day, 20, 0);
    assert_int_equal(m.n_history, 1);
    CHECK_NEAR(m.history[0].time, -3, 0);
    assert_int_equal(m.n_calendar, 3);
    assert_true(m.calendar[2].observed && !m.calendar[1].observed);
    CHECK_NEAR(m.calendar[2].time, 10, 0);
    assert_ptr_equal(m.params[0].value, &m.calendar[1].probability);
    double times[] = {20, 26};
    int ties[] = {0};
    observation_t observation = {.events = true, .n_times = 2, .times = times, .n_ties = 1, .ties = ties};
    engine_t *engine;
    result_t result;
    assert_int_equal(engine_init(&engine, &m, 1), 0);
    assert_int_equal(result_init(&result, &m, &observation), 0);
    assert_int_equal(engine_run(engine, 0, 0, 0, NULL, &observation, &result), 0);
    relax_t relax = {.k_s = M_LN2 / m.dynamics.strength_half_life,
                     .k_b = M_LN2 / m.dynamics.alignment_half_life};
    tie_state_t tie = {.time = 10, .s = tie_bump(0, g), .b = tie_bump(0, 0.1 * g)};
    CHECK_NEAR(result.strength[0], tie_strength(&relax, &tie, 20), 1e-7);
    CHECK_NEAR(result.alignment[0], tie_alignment(&relax, &tie, 20), 1e-7);
    assert_int_equal(result.log.n, 3); /* history, observed, the late entry; the early one has passed */
    CHECK_NEAR(result.log.time[2], 25, 0);
    assert_int_equal(result.log.cause[1], CAUSE_HISTORY);
    result_free(&result);
    engine_free(engine);
    restart_earlier(&m, 60, 70); /* to the day 70 of its own time */
    CHECK_NEAR(m.start, start - 60, 0);
    CHECK_NEAR(m.horizon, 130, 0);
    assert_int_equal(m.n_history, 0);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probabilities),       cmocka_unit_test(test_crps),
        cmocka_unit_test(test_pit_and_reliability), cmocka_unit_test(test_baselines),
        cmocka_unit_test(test_count_is_calibrated), cmocka_unit_test(test_large_samples),
        cmocka_unit_test(test_intervals),           cmocka_unit_test(test_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
