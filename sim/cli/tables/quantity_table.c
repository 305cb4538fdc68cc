#include "cli/tables/quantity_table.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "cli/tables/first_times.h"
#include "cli/tables/labels.h"
#include "stats/interval.h"
#include "text/text_table.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 15 /* at least */
#define RANGE_WIDTH 18

/* ---- numbers --------------------------------------------------------------------------------------- */

number_style_t number_style(const char *unit, double largest, double finest) {
    static const struct {
        double size;
        const char *name;
    } scales[] = {{1e12, "tn "}, {1e9, "bn "}, {1e6, "M "}, {1e3, "k "}, {1, ""}};
    number_style_t style = {.divisor = 1};
    const char *prefix = "";
    if (!strncmp(unit, "USD", 3))
        for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
            if (largest >= scales[i].size) {
                style.divisor = scales[i].size;
                prefix = scales[i].name;
                break;
            }
    if (strcmp(unit, "1")) snprintf(style.unit, sizeof style.unit, "%s%s", prefix, unit);
    double shown = largest / style.divisor, fine = finest / style.divisor;
    style.decimals = fine > 0 && isfinite(fine) ? 1 - elementary_decade(fine) : shown < 10 ? 3 : 1;
    int most = shown >= 1000 ? 1 : shown >= 100 ? 2 : shown >= 10 ? 3 : 4; /* so that columns stay narrow */
    if (style.decimals > most) style.decimals = most;
    if (style.decimals < 0) style.decimals = 0;
    return style;
}

char *quantity_number_text(const number_style_t *style, double value, char out[32]) {
    if (!isfinite(value)) {
        snprintf(out, 32, "%s", isnan(value) ? "-" : "never");
        return out;
    }
    double shown = value / style->divisor;
    if (fabs(shown) >= 1e15) { /* no such row of digits would be read, nor fit */
        snprintf(out, 32, "%.6g", shown);
        return out;
    }
    if (fabs(shown) < 0.5 * elementary_power_of_ten(-style->decimals)) shown = 0; /* no "-0.000" */
    snprintf(out, 32, "%.*f", style->decimals, shown);
    return out;
}

char *quantity_range_text(const number_style_t *style, double low, double high, char out[72]) {
    char a[32], b[32];
    if (isnan(low) && isnan(high))
        snprintf(out, 72, "-");
    else
        snprintf(out, 72, "%s .. %s", quantity_number_text(style, low, a),
                 quantity_number_text(style, high, b));
    return out;
}

char *quantity_mean_interval_text(const number_style_t *style, const estimate_t *e, char out[72]) {
    if (!isnan(e->low) || e->n < 2) return quantity_range_text(style, e->low, e->high, out);
    snprintf(out, 72, "%s", e->sd == 0 ? "same in all" : "too few");
    return out;
}

char *quantity_difference_interval_text(const number_style_t *style, const estimate_t *e, char out[72]) {
    if (!isnan(e->difference_low) || !(e->difference_sd >= 0))
        quantity_range_text(style, e->difference_low, e->difference_high, out);
    else if (e->difference_sd == 0)
        snprintf(out, 72, "%s", e->n_differ ? "same in all" : "none differ");
    else if ((double)e->n_differ < 2 * INTERVAL_CARRIERS_OF_CHANGE)
        snprintf(out, 72, "%" PRId64 " of %" PRId64 " differ", e->n_differ, e->n);
    else
        snprintf(out, 72, "too few");
    return out;
}

/* `equal`: what to say if all values are, else NULL. */
static char *parameters_text(const number_style_t *style, const ends_t *range, double share_low,
                             const char *equal, char out[72]) {
    if (equal || isnan(range->low))
        snprintf(out, 72, "%s", equal ? equal : "too few");
    else if (share_low <= 0)
        snprintf(out, 72, "not seen");
    else
        quantity_range_text(style, range->low, range->high, out);
    return out;
}

char *quantity_parameters_text(const number_style_t *style, const estimate_t *e, char out[72]) {
    ends_t range = {e->parameters_low, e->parameters_high};
    return parameters_text(style, &range, e->share_low, e->sd == 0 ? "same in all" : NULL, out);
}

char *quantity_difference_parameters_text(const number_style_t *style, const estimate_t *e, char out[72]) {
    ends_t range = {e->difference_parameters_low, e->difference_parameters_high};
    const char *equal = e->difference_sd == 0 ? e->n_differ ? "same in all" : "none differ" : NULL;
    return parameters_text(style, &range, e->difference_share_low, equal, out);
}

char *quantity_chance_text(const number_style_t *style, const quantiles_t *of, char out[72]) {
    return quantity_range_text(style, of->at[0], of->at[ESTIMATE_QUANTILES - 1], out);
}

void quantity_print_ends(FILE *out, const number_style_t *style, const quantiles_t *of) {
    enum { LAST = ESTIMATE_QUANTILES - 1 };
    char low[72], high[72];
    if (isnan(of->low[0]) || isnan(of->high[LAST]))
        fputs("  (too few for its ends)\n", out);
    else
        fprintf(out, "  (ends %s, %s)\n", quantity_range_text(style, of->low[0], of->high[0], low),
                quantity_range_text(style, of->low[LAST], of->high[LAST], high));
}

/* ---- table ----------------------------------------------------------------------------------------- */

typedef struct {
    size_t n_variants, n_quantities;
    char **variants, **quantities, **labels, **units;
    int width;             /* of the column with the variants' names */
    bool has_parameters;   /* uncertain ones */
    estimate_t *estimates; /* [variant][quantity] */
    first_times_t firsts;  /* rows behind those of the quantities */
} table_t;

static void table_free(table_t *t) {
    store_free_names(t->n_variants, t->variants);
    store_free_names(t->n_quantities, t->quantities);
    store_free_names(t->n_quantities, t->labels);
    store_free_names(t->n_quantities, t->units);
    mem_free(t->estimates);
    first_times_free(&t->firsts);
}

int quantity_has_parameters(store_t *store, bool *has, fault_t *err) {
    int ret = 0;
    size_t d = store_size(store, "parameter");
    double *draws = NULL;
    *has = false;
    if (!d || store_replicates(store) < 2 || !store_has(store, "drawn")) return 0;
    draws = mem_alloc(2 * d, sizeof *draws);
    TRY_MEM(draws);
    TRY(store_read_draws(store, -1, 0, 2, draws, err));
    for (size_t a = 0; a < d; a++) *has |= draws[a] != draws[d + a];
out:
    mem_free(draws);
    return ret;
}

static int table_read(table_t *t, store_t *store, fault_t *err) {
    int ret = 0;
    *t = (table_t){.width = NAME_WIDTH};
    TRY(store_names(store, "variant", &t->n_variants, &t->variants, err));
    for (size_t v = 0; v < t->n_variants; v++)
        if (text_width(t->variants[v]) > t->width) t->width = text_width(t->variants[v]);
    if (!store_has(store, "quantity")) return 0;
    TRY(store_names(store, "quantity", &t->n_quantities, &t->quantities, err));
    TRY(store_names(store, "quantity_label", &t->n_quantities, &t->labels, err));
    TRY(store_names(store, "quantity_unit", &t->n_quantities, &t->units, err));
    TRY(store_read_estimates(store, &t->estimates, err));
    TRY(quantity_has_parameters(store, &t->has_parameters, err));
    TRY(first_times_read(&t->firsts, store, t->estimates, err));
out:
    return ret;
}

/* ---- rows: the quantities, and the probabilities that a first time comes ----------------------------- */

static size_t n_rows(const table_t *t) {
    return t->n_quantities + t->firsts.n;
}

static const first_time_t *first_at(const table_t *t, size_t row) {
    return row < t->n_quantities ? NULL : &t->firsts.items[row - t->n_quantities];
}

static const estimate_t *at(const table_t *t, size_t variant, size_t row) {
    const first_time_t *first = first_at(t, row);
    return first ? &first->estimates[variant] : &t->estimates[variant * t->n_quantities + row];
}

static const char *name_at(const table_t *t, size_t row) {
    const first_time_t *first = first_at(t, row);
    return first ? first->name : t->quantities[row];
}

static const char *label_at(const table_t *t, size_t row) {
    const first_time_t *first = first_at(t, row);
    return first ? first->label : t->labels[row];
}

static const char *unit_at(const table_t *t, size_t row) {
    return first_at(t, row) ? "probability" : t->units[row];
}

static double larger(double a, double b) {
    return isfinite(b) && fabs(b) > a ? fabs(b) : a;
}

static void print_level(FILE *out, const table_t *t, size_t v, size_t q, const number_style_t *style) {
    const estimate_t *e = at(t, v, q);
    char mean[32], computed[72], parameters[72], chance[72];
    fprintf(out, "  %-*s %8s  %-*s", t->width, t->variants[v], quantity_number_text(style, e->mean, mean),
            RANGE_WIDTH, quantity_mean_interval_text(style, e, computed));
    if (t->has_parameters) fprintf(out, " %-*s", RANGE_WIDTH, quantity_parameters_text(style, e, parameters));
    fprintf(out, " %s\n", quantity_chance_text(style, &e->quantiles, chance));
}

static void print_change(FILE *out, const table_t *t, size_t v, size_t q, const number_style_t *style) {
    const estimate_t *e = at(t, v, q);
    char change[32], computed[72], parameters[72], chance[72];
    fprintf(out, "    %-*s %8s  %-*s", t->width - 2, t->variants[v],
            quantity_number_text(style, e->difference, change), RANGE_WIDTH,
            quantity_difference_interval_text(style, e, computed));
    if (t->has_parameters)
        fprintf(out, " %-*s", RANGE_WIDTH, quantity_difference_parameters_text(style, e, parameters));
    fprintf(out, " %s\n", quantity_chance_text(style, &e->difference_quantiles, chance));
}

static void print_quantity(FILE *out, const table_t *t, size_t q) {
    double largest = 0, finest = INFINITY, finest_change = INFINITY;
    bool changes = false;
    for (size_t v = 0; v < t->n_variants; v++) {
        const estimate_t *e = at(t, v, q);
        largest = larger(larger(larger(largest, e->mean), e->quantiles.at[0]),
                         e->quantiles.at[ESTIMATE_QUANTILES - 1]);
        double half = (e->high - e->low) / 2;
        if (half > 0 && half < finest) finest = half;
        half = (e->difference_high - e->difference_low) / 2;
        if (v && half > 0 && half < finest_change) finest_change = half;
        if (v && isfinite(e->difference)) changes = true;
    }
    number_style_t style = number_style(unit_at(t, q), largest, finest);
    number_style_t fine = number_style(unit_at(t, q), largest, finest_change);
    fine.decimals = fine.decimals > style.decimals ? fine.decimals : style.decimals;

    const char *name = name_at(t, q), *label = label_at(t, q);
    bool labelled = strcmp(label, name) != 0, partly = false;
    fprintf(out, "%s%s%s%s%s%s\n", name, labelled ? ": " : "", labelled ? label : "", *style.unit ? " (" : "",
            style.unit, *style.unit ? ")" : "");
    for (size_t v = 0; v < t->n_variants; v++) {
        print_level(out, t, v, q, &style);
        partly |= at(t, v, q)->n_finite < at(t, v, q)->n;
    }
    if (partly) fprintf(out, "  %-*s the mean counts the end where it does not come\n", t->width, "");
    const estimate_t *base = at(t, 0, q);
    if (!isnan(base->share))
        fprintf(out, "  %-*s parameters carry about %.0f %% of the variance (%.0f .. %.0f)\n", t->width, "",
                100 * base->share, 100 * base->share_low, 100 * base->share_high);
    if (base->sd > 0 && strcmp(unit_at(t, q), "probability") != 0) {
        char chance[72];
        fprintf(out, "  %-*s chance %s", t->width, "",
                quantity_chance_text(&style, &base->quantiles, chance));
        quantity_print_ends(out, &style, &base->quantiles);
    }
    if (changes) fprintf(out, "  change from %s\n", t->variants[0]);
    for (size_t v = 1; v < t->n_variants && changes; v++) print_change(out, t, v, q, &fine);
}

static void print_heads(FILE *out, const table_t *t) {
    fprintf(out, "  computed to  95 %% Monte Carlo interval of the mean; more replicates narrow it\n");
    if (t->has_parameters)
        fprintf(out, "  parameters   90 %% range of the mean as the uncertain parameters vary\n");
    fprintf(out, "  chance       90 %% range of single replicates\n\n  %-*s %8s  %-*s", t->width, "", "mean",
            RANGE_WIDTH, "computed to");
    if (t->has_parameters) fprintf(out, " %-*s", RANGE_WIDTH, "parameters");
    fprintf(out, " chance\n");
}

int quantity_table_print(FILE *out, store_t *store, fault_t *err) {
    table_t t;
    int ret = table_read(&t, store, err);
    if (!ret && t.n_quantities) ret = labels_print(out, store, "variant", err);
    if (!ret && t.n_quantities) {
        print_heads(out, &t);
        for (size_t q = 0; q < n_rows(&t); q++) print_quantity(out, &t, q);
    }
    table_free(&t);
    return ret;
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static void set_numbers(json_t *row, const char *const *names, const double *values) {
    for (int i = 0; names[i]; i++) json_object_set_new(row, names[i], json_number(values[i]));
}

static json_t *quantiles_object(const double *values) {
    json_t *list = json_object();
    for (int k = 0; k < ESTIMATE_QUANTILES; k++) {
        char name[16];
        snprintf(name, sizeof name, "q%g", 100 * estimate_quantiles[k]);
        json_object_set_new(list, name, json_number(values[k]));
    }
    return list;
}

static void set_quantiles(json_t *row, const char *prefix, const quantiles_t *of) {
    const double *values[] = {of->at, of->low, of->high};
    const char *ends[] = {"", "_low", "_high"};
    for (int i = 0; i < 3; i++) {
        char name[48];
        snprintf(name, sizeof name, "%squantiles%s", prefix, ends[i]);
        json_object_set_new(row, name, quantiles_object(values[i]));
    }
}

void quantity_level_json(json_t *row, const estimate_t *e) {
    set_quantiles(row, "", &e->quantiles);
    static const char *const names[] = {
        "mean",       "mean_low",       "mean_high",       "mean_carriers", "share",       "share_low",
        "share_high", "parameters_low", "parameters_high", "chance_low",    "chance_high", NULL};
    set_numbers(row, names,
                (double[]){e->mean, e->low, e->high, e->carriers, e->share, e->share_low, e->share_high,
                           e->parameters_low, e->parameters_high, e->quantiles.at[0],
                           e->quantiles.at[ESTIMATE_QUANTILES - 1]});
}

void quantity_change_json(json_t *row, const estimate_t *e) {
    static const char *const names[] = {"difference",
                                        "difference_low",
                                        "difference_high",
                                        "difference_carriers",
                                        "difference_share",
                                        "difference_share_low",
                                        "difference_share_high",
                                        "difference_parameters_low",
                                        "difference_parameters_high",
                                        "difference_chance_low",
                                        "difference_chance_high",
                                        NULL};
    for (int i = 0; names[i] && !e; i++) json_object_set_new(row, names[i], json_null());
    if (!e) {
        static const char *const none[] = {"difference_quantiles", "difference_quantiles_low",
                                           "difference_quantiles_high"};
        for (int i = 0; i < 3; i++) json_object_set_new(row, none[i], json_null());
        return;
    }
    set_quantiles(row, "difference_", &e->difference_quantiles);
    set_numbers(row, names,
                (double[]){e->difference, e->difference_low, e->difference_high, e->difference_carriers,
                           e->difference_share, e->difference_share_low, e->difference_share_high,
                           e->difference_parameters_low, e->difference_parameters_high,
                           e->difference_quantiles.at[0],
                           e->difference_quantiles.at[ESTIMATE_QUANTILES - 1]});
}

json_t *quantity_table_json(store_t *store, fault_t *err) {
    table_t t;
    json_t *list = NULL;
    if (table_read(&t, store, err)) goto out;
    list = json_array();
    for (size_t q = 0; q < n_rows(&t); q++)
        for (size_t v = 0; v < t.n_variants; v++) {
            const estimate_t *e = at(&t, v, q);
            json_t *row = json_pack("{s:s s:s s:s s:s s:I s:I s:I s:o}", "quantity", name_at(&t, q), "label",
                                    label_at(&t, q), "unit", unit_at(&t, q), "variant", t.variants[v], "n",
                                    (json_int_t)e->n, "n_finite", (json_int_t)e->n_finite, "n_differ",
                                    (json_int_t)e->n_differ, "sd", json_number(e->sd));
            quantity_level_json(row, e);
            quantity_change_json(row, v ? e : NULL);
            json_array_append_new(list, row);
        }
out:
    table_free(&t);
    return list;
}
