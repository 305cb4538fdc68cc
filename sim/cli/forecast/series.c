#include "cli/forecast/series.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/tables/events_report.h"
#include "cli/tables/quantity_table.h"
#include "text/output.h"
#include "text/text_table.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TABLE "forecasts.csv"
#define TABLE_HEAD "as_of,variant,quantity,unit,replicates,mean,low,high,q5,q25,q50,q75,q95"

enum { MOST_DAYS = 10000 };

typedef struct {
    int n;
    char (*dates)[32];
    const char *folder;
    char *own_folder; /* if the command line gives none */
} series_t;

static void series_free(series_t *self) {
    mem_free(self->dates);
    free(self->own_folder);
}

/* ---- the days --------------------------------------------------------------------------------------------
 */

/* As date_repeat, where a number alone is of days, and "m" is months. */
static bool repeat(double day, const char *every, int k, double *result) {
    char *unit, text[32];
    long n = strtol(every, &unit, 10);
    bool days = unit != every && !*unit, months = unit != every && !strcmp(unit, "m");
    if (!days && !months) return date_repeat(day, every, k, result);
    if (n < 1 || n > 100000) return false;
    snprintf(text, sizeof text, "%ld %s", n, days ? "days" : "months");
    return date_repeat(day, text, k, result);
}

/* The day of --last; else the day after the last one of the events, or the period's last. */
static int find_last(const forecast_arguments_t *a, const model_t *model, double most, double *last,
                     fault_t *err) {
    events_t events = {0};
    events_source_t source = options_source(&a->run.common);
    int ret = 0;
    *last = most;
    source.marks = true;
    if (a->last) TRY(forecast_day("--last", a->last, model, most, last, err));
    TRY(events_import(&events, model, &source, *last, stderr, err));
    if (!a->run.common.quiet) events_report(&events, stderr);
    if (!a->last) *last = fmin(most, events.n ? floor(events.items[events.n - 1].time) + 1 : 0);
out:
    events_free(&events);
    return ret;
}

static int find_days(series_t *self, const forecast_arguments_t *a, const model_t *model, fault_t *err) {
    int ret = 0;
    double first, last, day, most = ceil(model->horizon) - 1;
    TRY(forecast_day("--as-of", a->as_of, model, most, &first, err));
    TRY(find_last(a, model, most, &last, err));
    if (!repeat(0, a->every, 1, &day) || day != floor(day))
        return error_set(err, ERR_USAGE,
                         "--every %s: whole days, weeks, months or years are expected, such as 10d, 2w, 1m "
                         "or 1y",
                         a->every);
    if (last < first && a->last)
        return error_set(err, ERR_USAGE, "--last %s is before --as-of %s", a->last, a->as_of);
    self->dates = mem_alloc(MOST_DAYS, sizeof *self->dates);
    TRY_MEM(self->dates);
    for (day = first; self->n == 0 || day <= last; self->n++) {
        if (self->n == MOST_DAYS)
            return error_set(err, ERR_USAGE, "--every %s makes more than %d forecasts", a->every, MOST_DAYS);
        date_format(model->start + day, self->dates[self->n]);
        repeat(model->start + first, a->every, self->n + 1, &day);
        day -= model->start;
    }
out:
    return ret;
}

/* ---- the folder ------------------------------------------------------------------------------------------
 */

static int make_folder(series_t *self, const forecast_arguments_t *a, fault_t *err) {
    const common_t *c = &a->run.common;
    const char *slash = strrchr(c->path, '/'), *name = slash ? slash + 1 : c->path, *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    struct stat info;
    if (!c->out && asprintf(&self->own_folder, "%.*s-forecasts", length, name) < 0) return error_memory(err);
    self->folder = c->out ? c->out : self->own_folder;
    if (mkdir(self->folder, 0777) == 0) return 0;
    if (errno == EEXIST && !stat(self->folder, &info) && S_ISDIR(info.st_mode)) return 0;
    return error_set(err, ERR_CANTCREATE, "%s: with --every the output is a folder: %s", self->folder,
                     strerror(errno));
}

static char *path_in(const series_t *self, const char *name, const char *ending) {
    char *path = NULL;
    return asprintf(&path, "%s/%s%s", self->folder, name, ending) < 0 ? NULL : path;
}

/* ---- what is written and shown ---------------------------------------------------------------------------
 */

typedef struct {
    store_t *store;
    size_t n_variants, n_quantities;
    char **variants, **quantities, **units;
    estimate_t *estimates;
} summary_t;

static void summary_free(summary_t *self) {
    store_free_names(self->n_variants, self->variants);
    store_free_names(self->n_quantities, self->quantities);
    store_free_names(self->n_quantities, self->units);
    mem_free(self->estimates);
    store_close(self->store);
}

static int summary_read(summary_t *self, const char *path, fault_t *err) {
    int ret = 0;
    *self = (summary_t){0};
    TRY(store_open(&self->store, path, err));
    TRY(store_names(self->store, "variant", &self->n_variants, &self->variants, err));
    if (!store_has(self->store, "quantity")) return 0;
    TRY(store_names(self->store, "quantity", &self->n_quantities, &self->quantities, err));
    TRY(store_names(self->store, "quantity_unit", &self->n_quantities, &self->units, err));
    TRY(store_read_estimates(self->store, &self->estimates, err));
    TRY(store_trouble(self->store, err));
out:
    return ret;
}

static void put_number(FILE *out, double value) {
    if (isnan(value))
        fputc(',', out);
    else
        fprintf(out, ",%.9g", value);
}

static void put_rows(FILE *out, const char *date, const summary_t *s) {
    for (size_t v = 0; v < s->n_variants; v++)
        for (size_t q = 0; q < s->n_quantities; q++) {
            const estimate_t *e = &s->estimates[v * s->n_quantities + q];
            fprintf(out, "%s,%s,%s,%s,%lld", date, s->variants[v], s->quantities[q], s->units[q],
                    (long long)e->n);
            put_number(out, e->mean);
            put_number(out, e->low);
            put_number(out, e->high);
            for (int k = 0; k < ESTIMATE_QUANTILES; k++) put_number(out, e->quantiles.at[k]);
            fputc('\n', out);
        }
}

static int write_table(const series_t *self, const summary_t *summaries, fault_t *err) {
    output_file_t out = {0};
    int ret = 0;
    char *path = path_in(self, TABLE, "");
    TRY_MEM(path);
    TRY(output_begin(&out, path, TABLE_HEAD, err));
    fputs(TABLE_HEAD "\n", out.file);
    for (int d = 0; d < self->n; d++) put_rows(out.file, self->dates[d], &summaries[d]);
    TRY(output_flush(&out, err));
    TRY(output_end(&out, err));
out:
    output_drop(&out);
    free(path);
    return ret;
}

static void print_quantity(const series_t *self, const summary_t *summaries, size_t q) {
    static const char *const heads[] = {"as of", "variant", ">mean", "computed to", "chance", NULL};
    const summary_t *first = &summaries[0];
    double largest = 0, finest = INFINITY;
    for (int d = 0; d < self->n; d++)
        for (size_t v = 0; v < first->n_variants; v++) {
            const estimate_t *e = &summaries[d].estimates[v * first->n_quantities + q];
            largest = fmax(largest, fabs(e->mean));
            if (e->high - e->low > 0) finest = fmin(finest, (e->high - e->low) / 2);
        }
    number_style_t style = number_style(first->units[q], largest, finest);
    printf("%s%s%s%s\n", first->quantities[q], *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "");
    text_table_t table;
    text_table_init(&table, heads);
    for (int d = 0; d < self->n; d++)
        for (size_t v = 0; v < first->n_variants; v++) {
            const estimate_t *e = &summaries[d].estimates[v * first->n_quantities + q];
            char text[72];
            text_table_add(&table, "%s", v ? "" : self->dates[d]);
            text_table_add(&table, "%s", first->variants[v]);
            text_table_add(&table, "%s", quantity_number_text(&style, e->mean, text));
            text_table_add(&table, "%s", quantity_mean_interval_text(&style, e, text));
            text_table_add(&table, "%s", quantity_chance_text(&style, &e->quantiles, text));
        }
    text_table_print(&table, stdout);
}

static json_t *series_json(const series_t *self, const summary_t *summaries, fault_t *err) {
    json_t *list = json_array();
    for (int d = 0; d < self->n; d++) {
        char *path = path_in(self, self->dates[d], ".h5");
        json_t *table = quantity_table_json(summaries[d].store, err);
        json_array_append_new(list, json_pack("{s:s s:s? s:I s:o*}", "as_of", self->dates[d], "output", path,
                                              "replicates", (json_int_t)store_replicates(summaries[d].store),
                                              "quantities", table));
        free(path);
    }
    return list;
}

static int show(const series_t *self, const common_t *c, fault_t *err) {
    int ret = 0;
    summary_t *summaries = mem_alloc((size_t)self->n, sizeof *summaries);
    TRY_MEM(summaries);
    for (int d = 0; d < self->n; d++) {
        char *path = path_in(self, self->dates[d], ".h5");
        ret = path ? summary_read(&summaries[d], path, err) : error_memory(err);
        free(path);
        if (ret) goto out;
    }
    TRY(write_table(self, summaries, err));
    if (c->json)
        ret = command_print_json(series_json(self, summaries, err));
    else
        for (size_t q = 0; q < summaries[0].n_quantities && !c->quiet; q++)
            print_quantity(self, summaries, q);
out:
    for (int d = 0; summaries && d < self->n; d++) summary_free(&summaries[d]);
    mem_free(summaries);
    return ret;
}

/* ---- the series ------------------------------------------------------------------------------------------
 */

static int prepare(series_t *self, const forecast_arguments_t *a, fault_t *err) {
    opened_t opened = {0};
    int status = opened_read(&opened, &a->run.common), ret = 0;
    if (!status) {
        TRY(find_days(self, a, &opened.scenario.model, err));
        TRY(make_folder(self, a, err));
    }
out:
    opened_close(&opened);
    return status ? status : command_ended(ret, NULL, err);
}

/* The arguments of one day, as if the command line had them: that is what its file is repeated by. */
static int make_one(const series_t *self, forecast_arguments_t *a, int d, const char *command) {
    char *path = path_in(self, self->dates[d], ".h5");
    forecast_arguments_t one = *a;
    if (!path) return command_ended(ERR_NOMEM, NULL, &(fault_t){0});
    if (!a->run.common.quiet) fprintf(stderr, "entente: %s (%d of %d)\n", path, d + 1, self->n);
    one.as_of = self->dates[d];
    one.every = one.last = NULL;
    one.run.common.out = path;
    one.run.common.quiet = true;
    one.run.common.json = false;
    int status = forecast_make(&one, command);
    free(path);
    return status;
}

int series_make(forecast_arguments_t *a, const char *command) {
    series_t series = {0};
    fault_t err = {0};
    int status = prepare(&series, a, &err);
    for (int d = 0; d < series.n && !status; d++) status = make_one(&series, a, d, command);
    if (!status) status = command_ended(show(&series, &a->run.common, &err), NULL, &err);
    series_free(&series);
    return status;
}
