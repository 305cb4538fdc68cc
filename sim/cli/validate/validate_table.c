#include "cli/validate/validate_table.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/tables/predictive_table.h"
#include "text/output.h"
#include "text/text_table.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSES_SHOWN = 8, WIDTH = 78 };

static const double class_ends[SIZE_CLASSES - 1] = {1, 5, 20};
const char *const size_classes[SIZE_CLASSES] = {"below 1", "1 to 5", "5 to 20", "20 or more"};
static const char *const unit_names[] = {[BANDS_DYADS] = "dyads", [BANDS_ACTORS] = "actors"};

/* ---- what it consists of ----------------------------------------------------------------------------- */

/* How far the observed count lies outside of its interval, in standard deviations of a Poisson number. */
static double beyond(const band_t *band) {
    double outside = fmax(band->observed - band->high, band->low - band->observed);
    return outside > 0 ? outside / sqrt(1 + band->mean) : 0;
}

static int by_miss(const void *x, const void *y) {
    const band_t *a = x, *b = y;
    double p = beyond(a), q = beyond(b);
    if (p != q) return p > q ? -1 : 1;
    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

static int unit_init(unit_t *self, const dyad_counts_t *counts, int kind, bands_t of) {
    const model_t *model = counts->model;
    int most = of == BANDS_DYADS ? model->n_ties : model->n_actors;
    double *covered = mem_alloc(counts->n_sets + 1, sizeof *covered);
    self->bands = mem_alloc((size_t)most + 1, sizeof *self->bands);
    int ret =
        covered && self->bands ? bands_cover(counts, kind, of, covered, self->bands, &self->n) : ERR_NOMEM;
    mem_free(covered);
    if (ret < 0) return ret;
    qsort(self->bands, (size_t)self->n, sizeof *self->bands, by_miss);
    for (int c = 0; c < self->n; c++) {
        int class = 0;
        while (class < SIZE_CLASSES - 1 && self->bands[c].mean >= class_ends[class]) class ++;
        self->sizes.n[class]++;
        self->sizes.inside[class] += self->bands[c].inside;
        self->sizes.covered[class] += self->bands[c].covered;
    }
    return 0;
}

int validated_init(validated_t *self, const dyad_counts_t *counts, int kind, const checked_t *checked) {
    *self = (validated_t){.kind = kind, .checked = checked};
    int ret = unit_init(&self->units[BANDS_DYADS], counts, kind, BANDS_DYADS);
    return ret < 0 ? ret : unit_init(&self->units[BANDS_ACTORS], counts, kind, BANDS_ACTORS);
}

void validated_free(validated_t *self) {
    for (int u = 0; u < 2; u++) mem_free(self->units[u].bands);
    *self = (validated_t){0};
}

/* "KAZ-RUS" or "KAZ". */
static void name_cell(const model_t *model, const band_t *band, char *text, size_t size) {
    bool is_dyad = band->b >= 0;
    snprintf(text, size, "%s%s%s", model->actors[band->a].name, is_dyad ? "-" : "",
             is_dyad ? model->actors[band->b].name : "");
}

/* ---- as a table -------------------------------------------------------------------------------------- */

static void add_percent(text_table_t *table, double part, int of) {
    if (of > 0)
        text_table_add(table, "%.0f %%", 100 * part / of);
    else
        text_table_add(table, "%s", "");
}

static void print_sizes(const validated_t *item) {
    static const char *const heads[] = {"expected number", ">dyads",  ">inside",  ">covered",
                                        ">actors",         ">inside", ">covered", NULL};
    text_table_t table;
    text_table_init(&table, heads);
    for (int c = 0; c <= SIZE_CLASSES; c++) {
        text_table_add(&table, "%s", c < SIZE_CLASSES ? size_classes[c] : "all");
        for (int u = 0; u < 2; u++) {
            const sizes_t *sizes = &item->units[u].sizes;
            int n = 0, inside = 0;
            double covered = 0;
            for (int k = 0; k < SIZE_CLASSES; k++)
                if (c == k || c == SIZE_CLASSES)
                    n += sizes->n[k], inside += sizes->inside[k], covered += sizes->covered[k];
            text_table_add(&table, "%d", n);
            add_percent(&table, inside, n);
            add_percent(&table, covered, n);
        }
    }
    text_table_print(&table, stdout);
}

static void print_misses(const model_t *model, const unit_t *unit, const char *what) {
    int column = 0, n = 0;
    for (int c = 0; c < unit->n && n < MISSES_SHOWN && beyond(&unit->bands[c]) > 0; c++, n++) {
        const band_t *band = &unit->bands[c];
        char name[2 * NAME_BYTES + 2], text[2 * NAME_BYTES + 96];
        name_cell(model, band, name, sizeof name);
        snprintf(text, sizeof text, " %s %.0f (%.0f to %.0f)", name, band->observed, band->low, band->high);
        if (n == 0) column = printf("  %s furthest outside:", what);
        if (n > 0) column += printf(",");
        if (column + text_width(text) > WIDTH) column = printf("\n   ") - 1;
        column += printf("%s", text);
    }
    if (n > 0) putchar('\n');
}

void validation_print(const validation_t *self) {
    int n = 0, n_rejected = 0;
    for (int i = 0; i < self->n; i++) {
        const validated_t *item = &self->items[i];
        printf("%s\n", self->model->kinds[item->kind].name);
        predictive_print_figures(item->checked);
        print_sizes(item);
        for (int u = 0; u < 2; u++) print_misses(self->model, &item->units[u], unit_names[u]);
        predictive_print_verdict(item->checked);
        putchar('\n');
        for (int f = 0; f < PREDICTIVE_N; f++) {
            n += !isnan(item->checked[f].p);
            n_rejected += predictive_verdict(&item->checked[f], f) != NULL;
        }
    }
    printf("%d of %d figures are rejected (of a correct model %.0f at most in the mean)\n", n_rejected, n,
           ceil(PREDICTIVE_LEVEL * n));
}

/* ---- as JSON ----------------------------------------------------------------------------------------- */

static json_t *number(double value) {
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *figures_json(const checked_t *checked) {
    json_t *list = json_array();
    for (int f = 0; f < PREDICTIVE_N; f++) {
        const checked_t *c = &checked[f];
        const char *verdict = predictive_verdict(c, f);
        json_array_append_new(list,
                              json_pack("{s:s s:o s:o s:o s:o s:o s:b s:s*}", "figure", predictive_names[f],
                                        "observed", number(c->observed), "mean", number(c->mean), "low",
                                        number(c->low), "high", number(c->high), "p", number(c->p),
                                        "rejected", verdict != NULL, "verdict", verdict));
    }
    return list;
}

static json_t *unit_json(const model_t *model, const unit_t *unit) {
    json_t *sizes = json_array(), *misses = json_array();
    for (int c = 0; c < SIZE_CLASSES; c++)
        json_array_append_new(sizes, json_pack("{s:s s:i s:i s:f}", "expected", size_classes[c], "n",
                                               unit->sizes.n[c], "inside", unit->sizes.inside[c], "covered",
                                               unit->sizes.covered[c]));
    for (int c = 0; c < unit->n && beyond(&unit->bands[c]) > 0; c++) {
        const band_t *band = &unit->bands[c];
        char name[2 * NAME_BYTES + 2];
        name_cell(model, band, name, sizeof name);
        json_array_append_new(misses,
                              json_pack("{s:s s:f s:f s:f s:f}", "name", name, "observed", band->observed,
                                        "mean", band->mean, "low", band->low, "high", band->high));
    }
    return json_pack("{s:i s:o s:o}", "n", unit->n, "sizes", sizes, "outside", misses);
}

int validation_print_json(const validation_t *self) {
    char from[32], until[32];
    date_format(self->model->start + self->from, from);
    date_format(self->model->start + self->until, until);
    json_t *list = json_array();
    for (int i = 0; list && i < self->n; i++) {
        const validated_t *item = &self->items[i];
        json_array_append_new(list,
                              json_pack("{s:s s:o s:o s:o}", "kind", self->model->kinds[item->kind].name,
                                        "figures", figures_json(item->checked), "dyads",
                                        unit_json(self->model, &item->units[BANDS_DYADS]), "actors",
                                        unit_json(self->model, &item->units[BANDS_ACTORS])));
    }
    json_t *all = json_pack("{s:s s:s s:s s:i s:o s:o}", "scenario", self->scenario, "from", from, "until",
                            until, "replicates", self->n_sets, "seed",
                            self->seed <= INT64_MAX ? json_integer((json_int_t)self->seed)
                                                    : json_sprintf("%" PRIu64, self->seed),
                            "kinds", list);
    return all ? command_print_json(all) : ERR_NOMEM;
}

/* ---- as CSV ------------------------------------------------------------------------------------------ */

static const char head[] = "kind,unit,a,b,observed,mean,low,high,inside,covered,position\n";

int validation_check_csv(const char *path, fault_t *err) {
    return output_check(path, head, err);
}

static int by_name(const void *x, const void *y) {
    const band_t *a = x, *b = y;
    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

static void put_unit(FILE *out, const model_t *model, const char *kind, const char *what,
                     const unit_t *unit) {
    qsort(unit->bands, (size_t)unit->n, sizeof *unit->bands, by_name);
    for (int c = 0; c < unit->n; c++) {
        const band_t *b = &unit->bands[c];
        fprintf(out, "%s,%s,%s,%s,%.0f,%.6g,%.0f,%.0f,%d,%.6g,%.6g\n", kind, what, model->actors[b->a].name,
                b->b >= 0 ? model->actors[b->b].name : "", b->observed, b->mean, b->low, b->high, b->inside,
                b->covered, b->position);
    }
}

int validation_write_csv(const validation_t *self, const char *path, fault_t *err) {
    output_file_t out;
    int ret;
    TRY(output_begin(&out, path, head, err));
    fputs(head, out.file);
    for (int i = 0; i < self->n; i++)
        for (int u = 0; u < 2; u++)
            put_unit(out.file, self->model, self->model->kinds[self->items[i].kind].name,
                     u == BANDS_DYADS ? "dyad" : "actor", &self->items[i].units[u]);
    TRY(output_end(&out, err));
out:
    output_drop(&out);
    return ret;
}
