#include "cli/tables/quantity_table.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "stats/interval.h"
#include "text/text_table.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 16 /* at least */

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
    else if ((double)e->n_differ < 2 * INTERVAL_CARRIERS)
        snprintf(out, 72, "%" PRId64 " of %" PRId64 " differ", e->n_differ, e->n);
    else
        snprintf(out, 72, "too few");
    return out;
}

/* ---- table ----------------------------------------------------------------------------------------- */

typedef struct {
    size_t n_variants, n_quantities;
    char **variants, **quantities, **labels, **units;
    int width;             /* of the column with the variants' names */
    estimate_t *estimates; /* [variant][quantity] */
} table_t;

static void table_free(table_t *t) {
    store_free_names(t->n_variants, t->variants);
    store_free_names(t->n_quantities, t->quantities);
    store_free_names(t->n_quantities, t->labels);
    store_free_names(t->n_quantities, t->units);
    mem_free(t->estimates);
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
out:
    return ret;
}

static const estimate_t *at(const table_t *t, size_t variant, size_t quantity) {
    return &t->estimates[variant * t->n_quantities + quantity];
}

static double larger(double a, double b) {
    return isfinite(b) && fabs(b) > a ? fabs(b) : a;
}

/* Below a first time: how often it comes. */
static void print_share_by_the_end(FILE *out, int width, const estimate_t *e) {
    double share = (double)e->n_finite / (double)e->n;
    ends_t ends = interval_share(share, (double)e->n);
    fprintf(out, "  %-*s by the end in %.1f %% (%.1f .. %.1f); the mean counts the end for the others\n",
            width, "", 100 * share, 100 * ends.low, 100 * ends.high);
}

static void print_quantity(FILE *out, const table_t *t, size_t q) {
    double largest = 0, finest = INFINITY, finest_difference = INFINITY;
    bool differences = false, never = false;
    for (size_t v = 0; v < t->n_variants; v++) {
        const estimate_t *e = at(t, v, q);
        largest =
            larger(larger(larger(largest, e->mean), e->quantiles[0]), e->quantiles[ESTIMATE_QUANTILES - 1]);
        double half = (e->high - e->low) / 2;
        if (half > 0 && half < finest) finest = half;
        half = (e->difference_high - e->difference_low) / 2;
        if (v && half > 0 && half < finest_difference) finest_difference = half;
        if (v && isfinite(e->difference)) differences = true;
        if (e->n_finite < e->n) never = true;
    }
    number_style_t style = number_style(t->units[q], largest, finest);
    number_style_t fine = number_style(t->units[q], largest, finest_difference);
    fine.decimals = fine.decimals > style.decimals ? fine.decimals : style.decimals;

    bool labelled = strcmp(t->labels[q], t->quantities[q]) != 0;
    fprintf(out, "%s%s%s%s%s%s\n", t->quantities[q], labelled ? ": " : "", labelled ? t->labels[q] : "",
            *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "");
    for (size_t v = 0; v < t->n_variants; v++) {
        const estimate_t *e = at(t, v, q);
        char mean[32], difference[32], interval[72], predictive[72], gap[72];
        fprintf(out, "  %s%*s %9s  %-18s  ", t->variants[v], t->width - text_width(t->variants[v]), "",
                quantity_number_text(&style, e->mean, mean),
                quantity_mean_interval_text(&style, e, interval));
        quantity_range_text(&style, e->quantiles[0], e->quantiles[ESTIMATE_QUANTILES - 1], predictive);
        if (v && differences)
            fprintf(out, "%-18s%9s  %s", predictive, quantity_number_text(&fine, e->difference, difference),
                    quantity_difference_interval_text(&fine, e, gap));
        else
            fputs(predictive, out);
        fputc('\n', out);
        if (never && e->n) print_share_by_the_end(out, t->width, e);
    }
    const estimate_t *base = at(t, 0, q);
    if (!isnan(base->share))
        fprintf(out, "  %-*s parameters explain about %.0f %% of the variance (%.0f .. %.0f), linearly\n",
                NAME_WIDTH, "", 100 * base->share, 100 * base->share_low, 100 * base->share_high);
}

int quantity_table_print(FILE *out, store_t *store, fault_t *err) {
    table_t t;
    int ret = table_read(&t, store, err);
    if (!ret && t.n_quantities) {
        fprintf(out, "  %-*s %9s  %-18s  %-18s%9s  %s\n", t.width, "", "mean", "95 % interval",
                "90 % prediction", t.n_variants > 1 ? "change" : "", t.n_variants > 1 ? "95 % interval" : "");
        for (size_t q = 0; q < t.n_quantities; q++) print_quantity(out, &t, q);
    }
    table_free(&t);
    return ret;
}

/* ---- JSON ------------------------------------------------------------------------------------------ */

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *quantity_table_json(store_t *store, fault_t *err) {
    table_t t;
    json_t *list = NULL;
    if (table_read(&t, store, err)) goto out;
    list = json_array();
    for (size_t q = 0; q < t.n_quantities; q++)
        for (size_t v = 0; v < t.n_variants; v++) {
            const estimate_t *e = at(&t, v, q);
            json_t *quantiles = json_object();
            for (int k = 0; k < ESTIMATE_QUANTILES; k++) {
                char name[16];
                snprintf(name, sizeof name, "q%g", 100 * estimate_quantiles[k]);
                json_object_set_new(quantiles, name, json_number(e->quantiles[k]));
            }
            json_array_append_new(
                list,
                json_pack("{s:s s:s s:s s:s s:I s:I s:I s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o}",
                          "quantity", t.quantities[q], "label", t.labels[q], "unit", t.units[q], "variant",
                          t.variants[v], "n", (json_int_t)e->n, "n_finite", (json_int_t)e->n_finite,
                          "n_differ", (json_int_t)e->n_differ, "mean", json_number(e->mean), "sd",
                          json_number(e->sd), "mean_low", json_number(e->low), "mean_high",
                          json_number(e->high), "mean_carriers", json_number(e->carriers), "quantiles",
                          quantiles, "difference", json_number(v ? e->difference : NAN), "difference_low",
                          json_number(v ? e->difference_low : NAN), "difference_high",
                          json_number(v ? e->difference_high : NAN), "difference_carriers",
                          json_number(v ? e->difference_carriers : NAN), "parameter_share",
                          json_number(e->share), "parameter_share_low", json_number(e->share_low),
                          "parameter_share_high", json_number(e->share_high)));
        }
out:
    table_free(&t);
    return list;
}
