#include "fit/score/skill.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/sample.h"

#include <math.h>

#define BASELINE_DRAWS 200 /* of a baseline's sum of values */

const char *const score_names[SCORE_N] = {
#define X(id, name) [SCORE_##id] = name,
    SCORE_LIST(X)
#undef X
};

/* ---- cells
 * -------------------------------------------------------------------------------------------------- */

static int make_room(skill_t *self) {
    size_t n = (size_t)self->n_cells + 1;
    self->observed = mem_alloc(n, sizeof(int));
    self->week = mem_alloc((size_t)self->n_origins + 1, sizeof(int));
    double **all[] = {&self->observed_value, &self->days, &self->pit};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!(*all[i] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
    for (int f = 0; f < FORECASTER_N; f++) {
        if (!(self->p[f] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
        for (int s = 0; s < SCORE_N; s++)
            if (!(self->loss[f][s] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
    }
    return self->observed && self->week ? 0 : ERR_NOMEM;
}

void skill_free(skill_t *self) {
    mem_free(self->observed);
    mem_free(self->week);
    mem_free(self->observed_value);
    mem_free(self->days);
    mem_free(self->pit);
    for (int f = 0; f < FORECASTER_N; f++) {
        mem_free(self->p[f]);
        for (int s = 0; s < SCORE_N; s++) mem_free(self->loss[f][s]);
    }
    *self = (skill_t){0};
}

static void observe(skill_t *self, const evidence_t *evidence) {
    size_t row = (size_t)evidence->series->n_days + 1;
    double last = NAN;
    for (int o = 0; o < self->n_origins; o++) {
        int from = evidence->origins[o], until = from + self->window;
        double week = floor((evidence->start + from + 3) / 7); /* Monday to Sunday */
        self->n_weeks += o == 0 || week != last;
        last = week;
        self->week[o] = self->n_weeks - 1;
        for (int e = 0; e < self->n_dyads; e++) {
            int cell = o * self->n_dyads + e;
            self->observed[cell] = series_count(evidence->series, e, from, until);
            if (!evidence->value_sums) continue;
            const double *sums = evidence->value_sums + (size_t)e * row;
            self->observed_value[cell] = sums[until] - sums[from];
        }
    }
}

static void score_events(skill_t *self, int forecaster, int cell) {
    bool happened = self->observed[cell] > 0;
    double p = self->p[forecaster][cell];
    self->loss[forecaster][SCORE_LOG][cell] = score_log(p, happened);
    self->loss[forecaster][SCORE_BRIER][cell] = score_brier(p, happened);
}

static void assess_model(skill_t *self, const forecasts_t *forecasts, const forecast_t *forecast,
                         const evidence_t *evidence) {
    int bins = self->window + 1;
    const uint32_t *done = forecasts->done;
    for (int o = 0; o < self->n_origins; o++) {
        double members = done[o], share = 0;
        for (int e = 0; e < self->n_dyads; e++) {
            size_t at = (size_t)o * (size_t)forecasts->n_ties + (size_t)evidence->ties[e];
            share += 1 - forecast->counts[at * (size_t)bins] / members;
        }
        share /= self->n_dyads;
        rng_stream_t stream;
        double key[3] = {evidence->origins[o], self->window, self->target};
        rng_stream_init(&stream, rng_key_doubles(rng_key_number(1, evidence->seed), 3, key), 0);
        for (int e = 0; e < self->n_dyads; e++) {
            int cell = o * self->n_dyads + e;
            size_t at = (size_t)o * (size_t)forecasts->n_ties + (size_t)evidence->ties[e];
            const uint32_t *counts = forecast->counts + at * (size_t)bins;
            for (int k = 0; k < bins; k++) self->days[cell] += k * (counts[k] / members);
            self->p[FORECASTER_MODEL][cell] = (members - counts[0] + share) / (members + 1);
            self->pit[cell] = score_pit(bins, counts, self->observed[cell], rng_stream_unit(&stream));
            self->loss[FORECASTER_MODEL][SCORE_DAYS][cell] =
                score_crps_fair(bins, counts, self->observed[cell]);
            if (self->has_values)
                self->loss[FORECASTER_MODEL][SCORE_VALUES][cell] =
                    score_crps_values((int)done[o], forecast->values + at * (size_t)forecasts->replicates,
                                      self->observed_value[cell]);
            score_events(self, FORECASTER_MODEL, cell);
        }
    }
}

/* A baseline's sum of values: as many of the past's values as its count says. */
static double score_drawn_values(const evidence_t *evidence, int bins, const double *pmf, double observed,
                                 rng_stream_t *stream) {
    float sums[BASELINE_DRAWS] = {0};
    for (int m = 0; m < BASELINE_DRAWS; m++) {
        double u = rng_stream_unit(stream);
        int count = 0;
        while (count < bins - 1 && (u -= pmf[count]) >= 0) count++;
        for (int k = 0; k < count && evidence->n_past_values; k++)
            sums[m] += (float)evidence->past_values[(int)(rng_stream_unit(stream) * evidence->n_past_values)];
    }
    return score_crps_values(BASELINE_DRAWS, sums, observed);
}

static int assess_baseline(skill_t *self, baseline_t baseline, const evidence_t *evidence) {
    int f = FORECASTER_BASELINE + (int)baseline, bins = self->window + 1, ret = ERR_NOMEM;
    double *pmf = mem_alloc((size_t)self->n_cells * (size_t)bins, sizeof *pmf);
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_number(2, evidence->seed), (uint64_t)baseline), 0);
    if (!pmf) goto out;
    TRY(baseline_forecast(evidence->series, baseline, evidence->from, self->window, self->n_origins,
                          evidence->origins, self->p[f], pmf));
    for (int cell = 0; cell < self->n_cells; cell++) {
        const double *here = pmf + (size_t)cell * (size_t)bins;
        score_events(self, f, cell);
        self->loss[f][SCORE_DAYS][cell] = score_crps(bins, here, self->observed[cell]);
        if (self->has_values)
            self->loss[f][SCORE_VALUES][cell] =
                score_drawn_values(evidence, bins, here, self->observed_value[cell], &stream);
    }
out:
    mem_free(pmf);
    return ret;
}

int skill_assess(skill_t *self, const forecasts_t *forecasts, const forecast_t *forecast,
                 const evidence_t *evidence) {
    int ret;
    *self = (skill_t){.target = forecast->target,
                      .window = forecast->window,
                      .n_origins = forecast->n_origins,
                      .n_dyads = evidence->n_dyads,
                      .n_cells = forecast->n_origins * evidence->n_dyads,
                      .has_values = forecast->values && evidence->value_sums};
    TRY(make_room(self));
    observe(self, evidence);
    assess_model(self, forecasts, forecast, evidence);
    for (int b = 0; b < BASELINE_N; b++) TRY(assess_baseline(self, (baseline_t)b, evidence));
out:
    return ret;
}

double skill_mean(const skill_t *self, int forecaster, score_t score) {
    return sample_mean(self->loss[forecaster][score], (size_t)self->n_cells);
}

/* ---- intervals
 * ------------------------------------------------------------------------------------------------ */

enum { SUMS = BASELINE_N * SCORE_N };

/* Sums of the gains by dyad and week, [n_dyads][n_weeks][SUMS]. */
static void sum_gains(const skill_t *self, double *sums) {
    for (int o = 0; o < self->n_origins; o++)
        for (int e = 0; e < self->n_dyads; e++) {
            double *at = sums + ((size_t)e * (size_t)self->n_weeks + (size_t)self->week[o]) * SUMS;
            int cell = o * self->n_dyads + e;
            for (int b = 0; b < BASELINE_N; b++)
                for (int s = 0; s < SCORE_N; s++)
                    at[b * SCORE_N + s] +=
                        self->loss[FORECASTER_BASELINE + b][s][cell] - self->loss[FORECASTER_MODEL][s][cell];
        }
}

static void draw_weights(int n, double *weights, rng_stream_t *stream) {
    for (int i = 0; i < n; i++) weights[i] = 0;
    for (int i = 0; i < n; i++) weights[(int)(rng_stream_unit(stream) * n)]++;
}

/* The 95 % interval of column `i` of values[n][SUMS]. */
static void interval(int n, const double *values, int i, double *column, double out[2]) {
    for (int r = 0; r < n; r++) column[r] = values[(size_t)r * SUMS + (size_t)i];
    sample_sort(column, (size_t)n);
    out[0] = sample_quantile(column, (size_t)n, 0.025);
    out[1] = sample_quantile(column, (size_t)n, 0.975);
}

int skill_gains(const skill_t *self, int resamples, uint64_t seed, gain_t gains[BASELINE_N][SCORE_N]) {
    size_t n_dyads = (size_t)self->n_dyads, n_weeks = (size_t)self->n_weeks;
    double *sums = mem_alloc(n_dyads * n_weeks * SUMS, sizeof *sums);
    double *by_week = mem_alloc(n_weeks * SUMS, sizeof *by_week),
           *weights = mem_alloc(n_dyads, sizeof *weights);
    double *week_weights = mem_alloc(n_weeks, sizeof *week_weights);
    double *origins = mem_alloc(n_weeks, sizeof *origins); /* in each week */
    double *dyad = mem_alloc((size_t)resamples * SUMS, sizeof *dyad);
    double *both = mem_alloc((size_t)resamples * SUMS, sizeof *both);
    double *column = mem_alloc((size_t)resamples, sizeof *column);
    int ret = ERR_NOMEM;
    if (!sums || !by_week || !weights || !week_weights || !origins || !dyad || !both || !column) goto out;
    sum_gains(self, sums);
    for (int o = 0; o < self->n_origins; o++) origins[self->week[o]]++;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(3, seed), 0);
    for (size_t r = 0; r < (size_t)resamples; r++) {
        double cells = 0;
        draw_weights(self->n_dyads, weights, &stream);
        draw_weights(self->n_weeks, week_weights, &stream);
        for (size_t i = 0; i < n_weeks * SUMS; i++) by_week[i] = 0;
        for (size_t e = 0; e < n_dyads; e++) {
            if (weights[e] == 0) continue;
            for (size_t i = 0; i < n_weeks * SUMS; i++)
                by_week[i] += weights[e] * sums[e * n_weeks * SUMS + i];
        }
        for (size_t w = 0; w < n_weeks; w++) {
            cells += week_weights[w] * origins[w] * self->n_dyads;
            for (size_t i = 0; i < SUMS; i++) {
                dyad[r * SUMS + i] += by_week[w * SUMS + i] / self->n_cells;
                both[r * SUMS + i] += week_weights[w] * by_week[w * SUMS + i];
            }
        }
        for (size_t i = 0; i < SUMS; i++) both[r * SUMS + i] /= cells;
    }
    for (int b = 0; b < BASELINE_N; b++)
        for (int s = 0; s < SCORE_N; s++) {
            gain_t *gain = &gains[b][s];
            gain->gain = skill_mean(self, FORECASTER_BASELINE + b, (score_t)s) -
                         skill_mean(self, FORECASTER_MODEL, (score_t)s);
            interval(resamples, dyad, b * SCORE_N + s, column, gain->by_dyad);
            interval(resamples, both, b * SCORE_N + s, column, gain->by_both);
        }
    ret = 0;
out:
    mem_free(sums);
    mem_free(by_week);
    mem_free(weights);
    mem_free(week_weights);
    mem_free(origins);
    mem_free(dyad);
    mem_free(both);
    mem_free(column);
    return ret;
}
