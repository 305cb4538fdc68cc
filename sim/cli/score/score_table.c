#include "cli/score/score_table.h"

#include "base/date.h"
#include "base/mem.h"
#include "stats/sample.h"
#include "text/output.h"
#include "text/text_table.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *name_of(int forecaster) {
    return forecaster == FORECASTER_MODEL ? "forecast" : baseline_names[forecaster - FORECASTER_BASELINE];
}

static double share_seen(const skill_t *skill) {
    int n = 0;
    for (int c = 0; c < skill->n_cells; c++) n += skill->observed[c] > 0;
    return (double)n / skill->n_cells;
}

static double mean_days(const skill_t *skill) {
    double sum = 0;
    for (int c = 0; c < skill->n_cells; c++) sum += skill->observed[c];
    return sum / skill->n_cells;
}

static double mean_of(const skill_t *skill, const double *values) {
    return sample_mean(values, (size_t)skill->n_cells);
}

/* The distance of the PIT from uniform, and its histogram; NAN without memory. */
static double pit_distance(const skill_t *skill, int histogram[10]) {
    double *sorted = mem_alloc((size_t)skill->n_cells, sizeof *sorted);
    memset(histogram, 0, 10 * sizeof *histogram);
    if (!sorted) return NAN;
    for (int c = 0; c < skill->n_cells; c++) {
        sorted[c] = skill->pit[c];
        histogram[(int)fmin(9, floor(10 * skill->pit[c]))]++;
    }
    double distance = score_uniformity(skill->n_cells, sorted);
    mem_free(sorted);
    return distance;
}

static bool reliability_of(const skill_t *skill, int forecaster, reliability_t *bins) {
    bool *happened = mem_alloc((size_t)skill->n_cells, sizeof *happened);
    if (!happened) return false;
    for (int c = 0; c < skill->n_cells; c++) happened[c] = skill->observed[c] > 0;
    score_reliability(skill->n_cells, skill->p[forecaster], happened, bins);
    mem_free(happened);
    return true;
}

static bool has_score(const skill_t *skill, int score) {
    return score != SCORE_VALUES || skill->has_values;
}

/* ---- as a table
 * ---------------------------------------------------------------------------------------------- */

static void print_scores(const scored_t *item) {
    static const char *const heads[] = {"",         ">mean", ">gain", ">95 % by actor", ">by actor and week",
                                        ">by dyad", NULL};
    const skill_t *skill = &item->skill;
    text_table_t table;
    text_table_init(&table, heads);
    for (int s = 0; s < SCORE_N; s++) {
        if (!has_score(skill, s)) continue;
        bool is_money = s == SCORE_VALUES;
        const char *number = is_money ? "%.4g" : "%.5f",
                   *range = is_money ? "%.3g to %.3g" : "%+.5f to %+.5f";
        text_table_add(&table, "%s", score_names[s]);
        text_table_add(&table, number, skill_mean(skill, FORECASTER_MODEL, (score_t)s));
        for (int c = 0; c < 4; c++) text_table_add(&table, "%s", "");
        for (int b = 0; b < BASELINE_N; b++) {
            const gain_t *gain = &item->gains[b][s];
            text_table_add(&table, "  %s", baseline_names[b]);
            text_table_add(&table, number, skill_mean(skill, FORECASTER_BASELINE + b, (score_t)s));
            text_table_add(&table, is_money ? "%+.3g" : "%+.5f", gain->gain);
            text_table_add(&table, range, gain->by_actor[0], gain->by_actor[1]);
            text_table_add(&table, range, gain->by_both[0], gain->by_both[1]);
            text_table_add(&table, range, gain->by_dyad[0], gain->by_dyad[1]);
        }
    }
    text_table_print(&table, stdout);
}

static void print_reliability(const skill_t *skill) {
    reliability_t bins[RELIABILITY_BINS];
    if (!reliability_of(skill, FORECASTER_MODEL, bins)) return;
    printf("  %-12s", "forecast, %");
    for (int b = 0; b < RELIABILITY_BINS; b++)
        if (bins[b].n) printf(" %6.2f", 100 * bins[b].forecast);
    printf("\n  %-12s", "seen, %");
    for (int b = 0; b < RELIABILITY_BINS; b++)
        if (bins[b].n) printf(" %6.2f", 100 * bins[b].seen);
    printf("\n  %-12s", "windows");
    for (int b = 0; b < RELIABILITY_BINS; b++)
        if (bins[b].n) printf(" %6d", bins[b].n);
    putchar('\n');
}

/* Whether it gains on all baselines in log score and Brier score; `surely`: with the intervals by actor above
 * 0. */
static bool beats_all(const scored_t *item, bool surely) {
    for (int b = 0; b < BASELINE_N; b++)
        for (int s = SCORE_LOG; s <= SCORE_BRIER; s++) {
            const gain_t *gain = &item->gains[b][s];
            if (!(gain->gain > 0)) return false;
            if (surely && !(gain->by_actor[0] > 0 && gain->by_both[0] > 0)) return false;
        }
    return true;
}

static void print_verdict(const score_report_t *report, bool surely) {
    printf("Better than all four baselines in log score and Brier score%s:",
           surely ? ", both intervals by actor above 0" : "");
    for (int n = 0; n < report->n; n++) {
        int window = report->items[n].skill.window, won = 0, of = 0;
        bool is_first = true;
        for (int m = 0; m < n; m++) is_first &= report->items[m].skill.window != window;
        if (!is_first) continue;
        for (int m = n; m < report->n; m++)
            if (report->items[m].skill.window == window) of++, won += beats_all(&report->items[m], surely);
        printf(" %d of %d at %d days%s", won, of, window, "");
        const char *separator = " (";
        for (int m = n; m < report->n; m++) {
            if (report->items[m].skill.window != window || !beats_all(&report->items[m], surely)) continue;
            printf("%s%s", separator, report->items[m].target);
            separator = ", ";
        }
        fputs(won ? ");" : ";", stdout);
    }
    putchar('\n');
}

void score_print(const score_report_t *report) {
    for (int n = 0; n < report->n; n++) {
        const scored_t *item = &report->items[n];
        const skill_t *skill = &item->skill;
        char first[32], last[32];
        int histogram[10];
        date_format(report->model->start + report->origins[0], first);
        date_format(report->model->start + report->origins[skill->n_origins - 1], last);
        printf("%s, windows of %d days: %d from %s to %s, on %d dyads, in %d week%s\n", item->target,
               skill->window, skill->n_origins, first, last, skill->n_dyads, skill->n_weeks,
               skill->n_weeks == 1 ? "" : "s");
        printf("  with an event %.2f %%, forecast %.2f %%; days with one %.4f, forecast %.4f; PIT within "
               "%.3f of "
               "uniform\n",
               100 * share_seen(skill), 100 * mean_of(skill, skill->p[FORECASTER_MODEL]), mean_days(skill),
               mean_of(skill, skill->days), pit_distance(skill, histogram));
        print_scores(item);
        print_reliability(skill);
        putchar('\n');
    }
    print_verdict(report, false);
    print_verdict(report, true);
}

/* ---- as JSON
 * --------------------------------------------------------------------------------------------------- */

static const char *const score_keys[SCORE_N] = {"log", "brier", "crps_days", "crps_values"};

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_of(const scored_t *item) {
    const skill_t *skill = &item->skill;
    json_t *forecasters = json_array(), *gains = json_array(), *pit = json_array(), *bins = json_array();
    for (int f = 0; f < FORECASTER_N; f++) {
        json_t *one = json_pack("{s:s}", "name", name_of(f));
        for (int s = 0; s < SCORE_N; s++)
            if (has_score(skill, s))
                json_object_set_new(one, score_keys[s], number(skill_mean(skill, f, (score_t)s)));
        json_array_append_new(forecasters, one);
    }
    for (int b = 0; b < BASELINE_N; b++)
        for (int s = 0; s < SCORE_N; s++) {
            const gain_t *gain = &item->gains[b][s];
            if (has_score(skill, s))
                json_array_append_new(
                    gains, json_pack("{s:s s:s s:o s:[o,o] s:[o,o] s:[o,o]}", "baseline", baseline_names[b],
                                     "score", score_keys[s], "gain", number(gain->gain), "by_actor",
                                     number(gain->by_actor[0]), number(gain->by_actor[1]),
                                     "by_actor_and_week", number(gain->by_both[0]), number(gain->by_both[1]),
                                     "by_dyad", number(gain->by_dyad[0]), number(gain->by_dyad[1])));
        }
    int histogram[10];
    double distance = pit_distance(skill, histogram);
    for (int i = 0; i < 10; i++) json_array_append_new(pit, json_integer(histogram[i]));
    reliability_t reliability[RELIABILITY_BINS];
    if (reliability_of(skill, FORECASTER_MODEL, reliability))
        for (int b = 0; b < RELIABILITY_BINS; b++)
            json_array_append_new(bins, json_pack("{s:f s:f s:i s:o s:o}", "from", reliability_edges[b], "to",
                                                  reliability_edges[b + 1], "n", reliability[b].n, "forecast",
                                                  number(reliability[b].forecast), "seen",
                                                  number(reliability[b].seen)));
    return json_pack("{s:s s:i s:i s:i s:i s:f s:f s:f s:f s:o s:o s:o s:o s:o}", "target", item->target,
                     "window_days", skill->window, "forecasts", skill->n_origins, "dyads", skill->n_dyads,
                     "weeks", skill->n_weeks, "share_seen", share_seen(skill), "share_forecast",
                     mean_of(skill, skill->p[FORECASTER_MODEL]), "days_seen", mean_days(skill),
                     "days_forecast", mean_of(skill, skill->days), "pit_distance", number(distance),
                     "pit_histogram", pit, "reliability", bins, "scores", forecasters, "gains", gains);
}

/* JSON's whole numbers end at 2^63 here; a seed beyond is written as a text. */
static json_t *seed_json(uint64_t seed) {
    return seed <= INT64_MAX ? json_integer((json_int_t)seed) : json_sprintf("%" PRIu64, seed);
}

int score_print_json(const score_report_t *report) {
    char from[32], until[32];
    date_format(report->model->start + report->from, from);
    date_format(report->model->start + report->until, until);
    json_t *list = json_array();
    for (int n = 0; list && n < report->n; n++) json_array_append_new(list, json_of(&report->items[n]));
    json_t *files = json_array();
    for (int f = 0; f < report->events->n; f++)
        json_array_append_new(files, json_string(report->events->items[f]));
    json_t *all = json_pack("{s:s s:o s:s s:s s:i s:o s:o}", "scenario", report->scenario, "events", files,
                            "from", from, "until", until, "replicates", report->replicates, "seed",
                            seed_json(report->seed), "scored", list);
    if (!all) return ERR_NOMEM;
    json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(8));
    putchar('\n');
    json_decref(all);
    return 0;
}

/* ---- as CSV
 * ---------------------------------------------------------------------------------------------------- */

static const char head[] = "target,window_days,from,a,b,observed_days,forecast_days,pit,forecast,climatology,"
                           "persistence,dyad_count,decayed_count\n";

static void put_forecasts(FILE *out, const score_report_t *report, const scored_t *item) {
    const skill_t *skill = &item->skill;
    const model_t *model = report->model;
    for (int o = 0; o < skill->n_origins; o++) {
        char date[32];
        date_format(model->start + report->origins[o], date);
        for (int e = 0; e < skill->n_dyads; e++) {
            const tie_t *tie = &model->ties[item->ties[e]];
            int c = o * skill->n_dyads + e;
            fprintf(out, "%s,%d,%s,%s,%s,%d,%.4f,%.4f", item->target, skill->window, date,
                    model->actors[tie->a].name, model->actors[tie->b].name, skill->observed[c],
                    skill->days[c], skill->pit[c]);
            for (int f = 0; f < FORECASTER_N; f++) fprintf(out, ",%.6g", skill->p[f][c]);
            fputc('\n', out);
        }
    }
}

int score_check_csv(const char *path, fault_t *err) {
    return output_check(path, head, err);
}

int score_write_csv(const score_report_t *report, const char *path, fault_t *err) {
    output_file_t out;
    int ret;
    TRY(output_begin(&out, path, head, err));
    fputs(head, out.file);
    for (int n = 0; n < report->n; n++) put_forecasts(out.file, report, &report->items[n]);
    TRY(output_end(&out, err));
out:
    output_drop(&out);
    return ret;
}
