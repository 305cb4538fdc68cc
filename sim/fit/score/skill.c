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
    self->ends = mem_alloc(2 * (size_t)self->n_dyads + 1, sizeof(int));
    double **all[] = {&self->observed_value, &self->days, &self->pit};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!(*all[i] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
    for (int f = 0; f < FORECASTER_N; f++) {
        if (!(self->p[f] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
        for (int s = 0; s < SCORE_N; s++)
            if (!(self->loss[f][s] = mem_alloc(n, sizeof(double)))) return ERR_NOMEM;
    }
    return self->observed && self->week && self->ends ? 0 : ERR_NOMEM;
}

void skill_free(skill_t *self) {
    mem_free(self->observed);
    mem_free(self->week);
    mem_free(self->ends);
    mem_free(self->observed_value);
    mem_free(self->days);
    mem_free(self->pit);
    for (int f = 0; f < FORECASTER_N; f++) {
        mem_free(self->p[f]);
        for (int s = 0; s < SCORE_N; s++) mem_free(self->loss[f][s]);
    }
    *self = (skill_t){0};
}

/* Numbers the actors of the dyads that are scored. */
static int number_actors(skill_t *self, const evidence_t *evidence) {
    int *numbers = mem_alloc((size_t)evidence->n_actors + 1, sizeof *numbers); /* from 1 */
    if (!numbers) return ERR_NOMEM;
    for (int e = 0; e < self->n_dyads; e++) {
        const tie_t *tie = &evidence->all_ties[evidence->ties[e]];
        if (!numbers[tie->a]) numbers[tie->a] = ++self->n_actors;
        if (!numbers[tie->b]) numbers[tie->b] = ++self->n_actors;
        self->ends[2 * e] = numbers[tie->a] - 1, self->ends[2 * e + 1] = numbers[tie->b] - 1;
    }
    mem_free(numbers);
    return 0;
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
    TRY(number_actors(self, evidence));
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

/* What a resample needs besides the gains. */
typedef struct {
    const skill_t *self;
    const double *sums;               /* of sum_gains */
    double *actors, *dyads, *by_week; /* weights; [n_weeks][SUMS] */
    double *weeks, *origins;          /* weights; forecasts in each week */
} resample_t;

/* A dyad counts as often as its actors are drawn together; where they have none, draws again. */
static void draw_actors(const resample_t *of, rng_stream_t *stream) {
    const skill_t *self = of->self;
    double sum = 0;
    while (sum == 0) {
        draw_weights(self->n_actors, of->actors, stream);
        for (int e = 0; e < self->n_dyads; e++)
            sum += of->dyads[e] = of->actors[self->ends[2 * e]] * of->actors[self->ends[2 * e + 1]];
    }
}

/* The mean gains with the dyads' weights, over all weeks into `all`, and with the weeks' weights into `both`
 * unless it is NULL. */
static void weigh(const resample_t *of, double *all, double *both) {
    const skill_t *self = of->self;
    size_t n_weeks = (size_t)self->n_weeks, n_dyads = (size_t)self->n_dyads;
    double dyads = 0, cells = 0;
    for (size_t i = 0; i < n_weeks * SUMS; i++) of->by_week[i] = 0;
    for (size_t e = 0; e < n_dyads; e++) {
        dyads += of->dyads[e];
        for (size_t i = 0; i < n_weeks * SUMS && of->dyads[e] > 0; i++)
            of->by_week[i] += of->dyads[e] * of->sums[e * n_weeks * SUMS + i];
    }
    for (size_t w = 0; w < n_weeks; w++) {
        cells += of->weeks[w] * of->origins[w] * dyads;
        for (size_t i = 0; i < SUMS; i++) {
            all[i] += of->by_week[w * SUMS + i] / (self->n_origins * dyads);
            if (both) both[i] += of->weeks[w] * of->by_week[w * SUMS + i];
        }
    }
    for (size_t i = 0; both && i < SUMS; i++) both[i] /= cells;
}

int skill_gains(const skill_t *self, int resamples, uint64_t seed, gain_t gains[BASELINE_N][SCORE_N]) {
    size_t n_dyads = (size_t)self->n_dyads, n_weeks = (size_t)self->n_weeks, n = (size_t)resamples;
    double *sums = mem_alloc(n_dyads * n_weeks * SUMS, sizeof *sums);
    double *weights = mem_alloc((size_t)self->n_actors + n_dyads + n_weeks * (SUMS + 2), sizeof *weights);
    double *drawn = mem_alloc(n * (3 * SUMS + 1), sizeof *drawn);
    int ret = ERR_NOMEM;
    if (!sums || !weights || !drawn) goto out;
    double *actor = drawn, *both = actor + n * SUMS, *dyad = both + n * SUMS, *column = dyad + n * SUMS;
    resample_t of = {.self = self, .sums = sums, .actors = weights, .dyads = weights + self->n_actors};
    of.by_week = of.dyads + n_dyads;
    of.weeks = of.by_week + n_weeks * SUMS;
    of.origins = of.weeks + n_weeks;
    sum_gains(self, sums);
    for (int o = 0; o < self->n_origins; o++) of.origins[self->week[o]]++;
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(3, seed), 0);
    for (size_t r = 0; r < n; r++) {
        draw_weights(self->n_weeks, of.weeks, &stream);
        draw_weights(self->n_dyads, of.dyads, &stream);
        weigh(&of, dyad + r * SUMS, NULL);
        draw_actors(&of, &stream);
        weigh(&of, actor + r * SUMS, both + r * SUMS);
    }
    for (int b = 0; b < BASELINE_N; b++)
        for (int s = 0; s < SCORE_N; s++) {
            gain_t *gain = &gains[b][s];
            gain->gain = skill_mean(self, FORECASTER_BASELINE + b, (score_t)s) -
                         skill_mean(self, FORECASTER_MODEL, (score_t)s);
            interval(resamples, actor, b * SCORE_N + s, column, gain->by_actor);
            interval(resamples, both, b * SCORE_N + s, column, gain->by_both);
            interval(resamples, dyad, b * SCORE_N + s, column, gain->by_dyad);
        }
    ret = 0;
out:
    mem_free(sums);
    mem_free(weights);
    mem_free(drawn);
    return ret;
}
