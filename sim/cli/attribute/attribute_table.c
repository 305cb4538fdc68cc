#include "cli/attribute/attribute_table.h"

#include "base/mem.h"
#include "cli/tables/labels.h"
#include "cli/tables/quantity_table.h"
#include "model/without.h"
#include "stats/estimate.h"
#include "text/suggest.h"
#include "text/text_table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file ---------------------------------------------------------------------------------------- */

static int choose_shown(attribution_t *self, int n_names, const char *const *names, fault_t *err) {
    self->shown = mem_alloc(self->n_quantities, sizeof *self->shown);
    if (!self->shown) return error_memory(err);
    for (size_t q = 0; q < self->n_quantities; q++) {
        self->shown[q] = n_names == 0;
        for (int i = 0; i < n_names; i++) self->shown[q] |= !strcmp(names[i], self->quantities[q]);
    }
    return 0;
}

int attribution_open(attribution_t *self, const char *path, int n_names, const char *const *names,
                     fault_t *err) {
    int ret = 0;
    *self = (attribution_t){0};
    TRY(store_open(&self->store, path, err));
    TRY(store_names(self->store, "variant", &self->n_variants, &self->variants, err));
    TRY(store_names(self->store, "quantity", &self->n_quantities, &self->quantities, err));
    TRY(store_names(self->store, "quantity_label", &self->n_quantities, &self->labels, err));
    TRY(store_names(self->store, "quantity_unit", &self->n_quantities, &self->units, err));
    TRY(store_read_estimates(self->store, &self->estimates, err));
    TRY(choose_shown(self, n_names, names, err));
    ret = store_trouble(self->store, err);
out:
    return ret;
}

void attribution_free(attribution_t *self) {
    store_free_names(self->n_variants, self->variants);
    store_free_names(self->n_quantities, self->quantities);
    store_free_names(self->n_quantities, self->labels);
    store_free_names(self->n_quantities, self->units);
    mem_free(self->estimates);
    mem_free(self->shown);
    store_close(self->store);
    *self = (attribution_t){0};
}

static const char *name_of(const attribution_t *self, size_t variant) {
    const char *name = self->variants[variant];
    return without_is(name) ? name + strlen(WITHOUT) : name;
}

/* ---- order ------------------------------------------------------------------------------------------- */

typedef struct {              /* one thing or pair in one quantity */
    const char *name, *other; /* NULL unless a pair */
    estimate_t estimate;      /* `difference` is the effect, or the interaction */
    double mean;              /* without it, or the effect of both */
} row_t;

static int by_size(const void *x, const void *y) {
    const row_t *a = x, *b = y;
    double p = fabs(a->estimate.difference), q = fabs(b->estimate.difference);
    if (isnan(p) || isnan(q)) return isnan(p) - isnan(q);
    return p < q ? 1 : p > q ? -1 : strcmp(a->name, b->name);
}

/* As no replicate has it otherwise, or none has it in both. */
static bool changes_nothing(const row_t *row) {
    double effect = row->estimate.difference;
    return isnan(effect) || (effect == 0 && !(row->estimate.difference_sd > 0));
}

/* The effect: with it minus without it. */
static estimate_t effect_of(const estimate_t *of) {
    estimate_t effect = *of;
    effect.difference = -of->difference;
    effect.difference_low = -of->difference_high;
    effect.difference_high = -of->difference_low;
    return effect;
}

static row_t *rows_of(const attribution_t *self, size_t quantity) {
    row_t *rows = mem_alloc(self->n_variants, sizeof *rows);
    for (size_t v = 1; rows && v < self->n_variants; v++) {
        const estimate_t *estimate = &self->estimates[v * self->n_quantities + quantity];
        rows[v - 1] = (row_t){name_of(self, v), NULL, effect_of(estimate), estimate->mean};
    }
    if (rows) qsort(rows, self->n_variants - 1, sizeof *rows, by_size);
    return rows;
}

typedef struct {
    size_t variant;
    double size;
} ranked_t;

static int by_rank(const void *x, const void *y) {
    const ranked_t *a = x, *b = y;
    return a->size < b->size   ? 1
           : a->size > b->size ? -1
                               : (a->variant > b->variant) - (a->variant < b->variant);
}

int attribution_first(const attribution_t *self, int n, size_t *variants, fault_t *err) {
    ranked_t *ranked = mem_alloc(self->n_variants, sizeof *ranked);
    if (!ranked) return error_memory(err);
    for (size_t v = 0; v < self->n_variants; v++) {
        ranked[v].variant = v;
        for (size_t q = 0; q < self->n_quantities && v > 0; q++) {
            double sd = self->estimates[q].sd,
                   size = fabs(self->estimates[v * self->n_quantities + q].difference) / sd;
            if (self->shown[q] && sd > 0 && isfinite(size) && size > ranked[v].size) ranked[v].size = size;
        }
    }
    qsort(ranked, self->n_variants, sizeof *ranked, by_rank);
    int found = 0;
    while (found < n && (size_t)found < self->n_variants && ranked[found].size > 0) {
        variants[found] = ranked[found].variant;
        found++;
    }
    mem_free(ranked);
    return found;
}

/* ---- text -------------------------------------------------------------------------------------------- */

static number_style_t style_of(const attribution_t *self, size_t quantity, size_t n, const row_t *rows) {
    double largest = fabs(self->estimates[quantity].mean), finest = INFINITY;
    for (size_t r = 0; r < n; r++) {
        const estimate_t *e = &rows[r].estimate;
        double half = (e->difference_high - e->difference_low) / 2;
        if (isfinite(rows[r].mean) && fabs(rows[r].mean) > largest) largest = fabs(rows[r].mean);
        if (half > 0 && half < finest && !changes_nothing(&rows[r])) finest = half;
    }
    return number_style(self->units[quantity], largest, finest);
}

static void print_heading(const attribution_t *self, size_t quantity, const number_style_t *style,
                          FILE *out) {
    const char *name = self->quantities[quantity], *label = self->labels[quantity];
    bool labelled = strcmp(label, name) != 0;
    char mean[32];
    fprintf(out, "\n%s%s%s%s%s%s, mean %s\n", name, labelled ? ": " : "", labelled ? label : "",
            *style->unit ? " (" : "", style->unit, *style->unit ? ")" : "",
            quantity_number_text(style, self->estimates[quantity].mean, mean));
}

static void add_effect(text_table_t *table, const number_style_t *style, const estimate_t *e) {
    char number[32], interval[72];
    text_table_add(table, "%s", quantity_number_text(style, e->difference, number));
    text_table_add(table, "%s", quantity_difference_interval_text(style, e, interval));
}

/* How many rows there are to show, and below them how many there are besides. */
static size_t count_shown(size_t n, const row_t *rows, size_t most, size_t *idle) {
    size_t some = n;
    while (some > 0 && changes_nothing(&rows[some - 1])) some--;
    *idle = n - some;
    return most && some > most ? most : some;
}

static void print_rest(size_t n, size_t shown, size_t idle, const char *nothing, FILE *out) {
    if (n - shown - idle) fprintf(out, "  and %zu with smaller ones (--top 0)\n", n - shown - idle);
    if (idle) fprintf(out, "  %zu %s\n", idle, nothing);
}

static void print_effects(const attribution_t *self, size_t quantity, size_t most, const row_t *rows,
                          FILE *out) {
    static const char *const heads[] = {"left out", ">effect", "95 % interval", ">mean without it", NULL};
    size_t n = self->n_variants - 1, idle, shown = count_shown(n, rows, most, &idle);
    number_style_t style = style_of(self, quantity, n, rows);
    text_table_t table;
    char number[32];
    print_heading(self, quantity, &style, out);
    text_table_init(&table, heads);
    for (size_t r = 0; r < shown; r++) {
        text_table_add(&table, "%s", rows[r].name);
        add_effect(&table, &style, &rows[r].estimate);
        text_table_add(&table, "%s", quantity_number_text(&style, rows[r].mean, number));
    }
    text_table_print(&table, out);
    print_rest(n, shown, idle, "change it in no replicate", out);
}

int attribution_print(const attribution_t *self, size_t most, FILE *out, fault_t *err) {
    fputs("Effects: the quantity with it minus the quantity without it.\n", out);
    int ret = labels_print(out, self->store, "variant", err);
    if (ret) return ret;
    for (size_t q = 0; q < self->n_quantities; q++) {
        if (!self->shown[q]) continue;
        row_t *rows = rows_of(self, q);
        if (!rows) return error_memory(err);
        print_effects(self, q, most, rows, out);
        mem_free(rows);
    }
    return 0;
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static json_t *row_json(const attribution_t *self, size_t quantity, const row_t *row) {
    const estimate_t *e = &row->estimate;
    json_t *json =
        json_pack("{s:s s:s s:s s:s s:I s:I s:o s:o s:o s:o}", "quantity", self->quantities[quantity],
                  "label", self->labels[quantity], "unit", self->units[quantity], "without", row->name, "n",
                  (json_int_t)e->n, "n_differ", (json_int_t)e->n_differ,
                  row->other ? "interaction" : "effect", json_number(e->difference),
                  row->other ? "interaction_low" : "effect_low", json_number(e->difference_low),
                  row->other ? "interaction_high" : "effect_high", json_number(e->difference_high),
                  row->other ? "interaction_sd" : "effect_sd", json_number(e->difference_sd));
    json_t *more =
        row->other
            ? json_pack("{s:s s:o}", "with", row->other, "effect_of_both", json_number(row->mean))
            : json_pack("{s:o s:o s:o}", "base_mean", json_number(self->estimates[quantity].mean), "mean",
                        json_number(row->mean), "variance_reduction", json_number(e->reduction));
    json_object_update_new(json, more);
    return json;
}

json_t *attribution_json(const attribution_t *self) {
    json_t *list = json_array();
    for (size_t q = 0; q < self->n_quantities; q++) {
        row_t *rows = self->shown[q] ? rows_of(self, q) : NULL;
        for (size_t r = 0; rows && r + 1 < self->n_variants; r++)
            json_array_append_new(list, row_json(self, q, &rows[r]));
        mem_free(rows);
    }
    return list;
}

/* ---- interactions ------------------------------------------------------------------------------------ */

typedef struct {
    const attribution_t *file;
    uint32_t n_replicates;
    double *values; /* [variant][replicate][quantity]; NAN where any variant failed */
} columns_t;

static int columns_read(columns_t *self, const attribution_t *file, fault_t *err) {
    int ret = 0;
    uint32_t n = store_replicates(file->store);
    size_t size = (size_t)n * file->n_quantities;
    int8_t *status = mem_alloc(file->n_variants * n, sizeof *status);
    *self = (columns_t){file, n, mem_alloc(file->n_variants * size, sizeof(double))};
    TRY_MEM(status && self->values);
    for (size_t v = 0; v < file->n_variants; v++) {
        TRY(store_read_quantities(file->store, -1, (int)v, 0, n, self->values + v * size, err));
        TRY(store_read_status(file->store, -1, (int)v, 0, n, status + v * n, err));
    }
    for (size_t s = 0; s < file->n_variants * n; s++)
        for (size_t v = 0; status[s] && v < file->n_variants; v++)
            for (size_t q = 0; q < file->n_quantities; q++)
                self->values[v * size + s % n * file->n_quantities + q] = NAN;
out:
    mem_free(status);
    return ret;
}

static int interaction(const columns_t *c, size_t quantity, size_t one, size_t other, size_t both, row_t *row,
                       fault_t *err) {
    size_t n_quantities = c->file->n_quantities, size = c->n_replicates * n_quantities;
    const double *first = c->values + quantity;
    const interaction_t values = {.with = first,
                                  .without_one = first + one * size,
                                  .without_other = first + other * size,
                                  .without_both = first + both * size,
                                  .n = c->n_replicates,
                                  .stride = n_quantities,
                                  .horizon = store_attribute_number(c->file->store, "", "horizon_days", NAN)};
    row->name = name_of(c->file, one);
    row->other = name_of(c->file, other);
    row->mean = -c->file->estimates[both * n_quantities + quantity].difference;
    return estimate_interaction(&values, &row->estimate, err);
}

/* The pairs of n things in one quantity, the largest interactions first. */
static int find_interactions(const columns_t *c, size_t quantity, int n, row_t *rows, fault_t *err) {
    size_t pair = 0;
    for (size_t i = 1; i <= (size_t)n; i++)
        for (size_t j = i + 1; j <= (size_t)n; j++, pair++) {
            int ret = interaction(c, quantity, i, j, 1 + (size_t)n + pair, &rows[pair], err);
            if (ret) return ret;
        }
    qsort(rows, pair, sizeof *rows, by_size);
    return 0;
}

static void print_pairs(const attribution_t *self, size_t quantity, size_t n, size_t most, const row_t *rows,
                        FILE *out) {
    static const char *const heads[] = {"left out",        "and", ">interaction", "95 % interval",
                                        ">effect of both", NULL};
    size_t idle, shown = count_shown(n, rows, most, &idle);
    number_style_t style = style_of(self, quantity, n, rows);
    text_table_t table;
    char number[32];
    print_heading(self, quantity, &style, out);
    text_table_init(&table, heads);
    for (size_t r = 0; r < shown; r++) {
        text_table_add(&table, "%s", rows[r].name);
        text_table_add(&table, "%s", rows[r].other);
        add_effect(&table, &style, &rows[r].estimate);
        text_table_add(&table, "%s", quantity_number_text(&style, rows[r].mean, number));
    }
    text_table_print(&table, out);
    print_rest(n, shown, idle, "pairs do not interact in any replicate", out);
}

/* Prints, or appends to the list. */
static int tell_interactions(const attribution_t *self, int n, size_t most, FILE *out, json_t *list,
                             fault_t *err) {
    int ret = 0;
    columns_t columns = {0};
    size_t n_pairs = (size_t)n * (size_t)(n - 1) / 2;
    row_t *rows = mem_alloc(n_pairs, sizeof *rows);
    if (!rows) return error_memory(err);
    TRY(columns_read(&columns, self, err));
    for (size_t q = 0; q < self->n_quantities; q++) {
        if (!self->shown[q]) continue;
        TRY(find_interactions(&columns, q, n, rows, err));
        for (size_t r = 0; list && r < n_pairs; r++) json_array_append_new(list, row_json(self, q, &rows[r]));
        if (!list) print_pairs(self, q, n_pairs, most, rows, out);
    }
out:
    mem_free(columns.values);
    mem_free(rows);
    return ret;
}

int attribution_print_pairs(const attribution_t *self, int n, size_t most, FILE *out, fault_t *err) {
    fputs("\nInteractions: the effect of both minus the effects of each.\n", out);
    return tell_interactions(self, n, most, out, NULL, err);
}

int attribution_pairs_json(const attribution_t *self, int n, json_t **list, fault_t *err) {
    *list = json_array();
    return tell_interactions(self, n, 0, NULL, *list, err);
}
