#include "cli/tables/sensitivity_table.h"

#include "base/mem.h"
#include "cli/tables/point_means.h"
#include "cli/tables/quantity_table.h"
#include "stats/parameters/smooth.h"
#include "text/suggest.h"
#include "text/text_table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { /* one outcome */
    const char *name, *label, *unit, *variant;
    bool difference; /* of the variant to the first one */
    const response_t *response;
    ends_t computed;              /* of the mean, by the replicates */
    const influence_t *influence; /* [n_swept] */
    int *order;                   /* [n_swept] ranked */
} outcome_t;

/* The measure that ranks the parameters: total index, mu*, or the absolute coefficient. */
static double rank_of(const influence_t *i) {
    if (!isnan(i->total.value)) return i->total.value;
    if (!isnan(i->mu_star.value)) return i->mu_star.value;
    return isnan(i->regression.value) ? -1 : fabs(i->regression.value);
}

static void rank(const outcome_t *o, size_t n) {
    for (int a = 0; a < (int)n; a++) {
        int at = a;
        for (; at > 0 && rank_of(&o->influence[o->order[at - 1]]) < rank_of(&o->influence[a]); at--)
            o->order[at] = o->order[at - 1];
        o->order[at] = a;
    }
}

static void add_interval(text_table_t *table, const interval_t *i) {
    if (isnan(i->value)) {
        text_table_add(table, "-");
        text_table_add(table, "-");
    } else {
        text_table_add(table, "%.3g", i->value);
        if (isfinite(i->low) && isfinite(i->high))
            text_table_add(table, "%.2g .. %.2g", i->low, i->high);
        else
            text_table_add(table, "-");
    }
}

/* A share of a variance. Points so few that it may be anything, or that it lies outside 0 to 1, tell none. */
static void add_index(text_table_t *table, const interval_t *i) {
    bool told = i->high - i->low <= 2 * SMOOTH_HALF_WIDTH_MOST && i->low <= 1 && i->high >= 0;
    if (told) {
        interval_t inside = {fmin(fmax(i->value, 0), 1), fmax(i->low, 0), fmin(i->high, 1)};
        add_interval(table, &inside);
    } else if (isnan(i->value)) {
        add_interval(table, i);
    } else {
        text_table_add(table, "-");
        text_table_add(table, "too few points");
    }
}

/* " (computed to 0.31 .. 0.39)", or nothing. */
static const char *computed_text(const outcome_t *o, const number_style_t *style, char out[96]) {
    char range[72];
    *out = '\0';
    if (!isnan(o->computed.low))
        snprintf(out, 96, " (computed to %s)",
                 quantity_range_text(style, o->computed.low, o->computed.high, range));
    return out;
}

/* "mean 0.35 (computed to 0.31 .. 0.39), between points +- 0.05, within a point +- 0.04; 1 % of ..."; of one
 * point, its mean. */
static void print_response(FILE *out, const outcome_t *o) {
    const response_t *r = o->response;
    double spread = isnan(r->sd) ? r->within : r->sd;
    number_style_t style = number_style(o->unit, fmax(fabs(r->mean), spread), spread / 10);
    const char *gap = *style.unit ? " " : "";
    char mean[32], sd[32], within[32], computed[96];
    quantity_number_text(&style, r->mean, mean);
    quantity_number_text(&style, r->within, within);
    if (r->n == 0) {
        fprintf(out, "  no finite value at any point\n");
        return;
    }
    if (r->n == 1) {
        fprintf(out, "  mean %s%s%s at one point", mean, gap, style.unit);
        if (!isnan(r->within)) fprintf(out, ", within it +- %s", within);
        fputc('\n', out);
        return;
    }
    fprintf(out, "  mean %s%s, between points +- %s%s%s, within a point +- %s; ", mean,
            computed_text(o, &style, computed), quantity_number_text(&style, r->sd, sd), gap, style.unit,
            within);
    if (isnan(r->noise))
        fprintf(out, "replicate noise unknown");
    else
        fprintf(out, "%.*f %% of the variance between points is replicate noise", r->noise < 0.1,
                100 * r->noise);
    if (!isnan(r->r2)) fprintf(out, "; regression explains %.0f %%", 100 * r->r2);
    fputs("\n", out);
}

static void print(FILE *out, const sensitivity_t *s, const outcome_t *o) {
    bool by_total = !strcmp(s->design, "saltelli"), by_effects = !strcmp(s->design, "morris");
    fprintf(out, "\n%s%s%s (%s)\n", o->label, o->difference ? ", difference by " : "",
            o->difference ? o->variant : "", o->name);
    print_response(out, o);
    double largest = rank_of(&o->influence[o->order[0]]);
    number_style_t fine = number_style(o->unit, largest, largest / 100);
    char effect[64];
    snprintf(effect, sizeof effect, *fine.unit ? ">mu* (%s)" : ">mu*", fine.unit);
    const char *sobol[] = {"parameter",     ">total",      "95 % interval", ">first order",
                           "95 % interval", ">regression", "95 % interval", NULL};
    const char *morris[] = {"parameter", effect, "95 % interval", ">mu", ">sigma", NULL};
    const char *other[] = {"parameter", ">regression", "95 % interval", NULL};
    text_table_t table;
    text_table_init(&table, by_total ? sobol : by_effects ? morris : other);
    size_t n = s->n_swept;
    while (n > 1 && rank_of(&o->influence[o->order[n - 1]]) == 0) n--;
    for (size_t k = 0; k < n; k++) {
        const influence_t *i = &o->influence[o->order[k]];
        text_table_add(&table, "%s", s->swept[o->order[k]]);
        if (by_effects) {
            char text[72];
            text_table_add(&table, "%s", quantity_number_text(&fine, i->mu_star.value, text));
            text_table_add(&table, "%s", quantity_range_text(&fine, i->mu_star.low, i->mu_star.high, text));
            text_table_add(&table, "%s", quantity_number_text(&fine, i->mu, text));
            text_table_add(&table, "%s", quantity_number_text(&fine, i->sigma, text));
            continue;
        }
        if (by_total) {
            add_index(&table, &i->total);
            add_index(&table, &i->first);
        }
        add_interval(&table, &i->regression);
    }
    text_table_print(&table, out);
    if (n < s->n_swept) fprintf(out, "  and %zu without effect\n", s->n_swept - n);
}

static json_t *interval_json(const interval_t *i) {
    return json_pack("{s:o s:o s:o}", "value", json_number(i->value), "low", json_number(i->low), "high",
                     json_number(i->high));
}

static json_t *outcome_json(const sensitivity_t *s, const outcome_t *o) {
    const response_t *r = o->response;
    json_t *list = json_array();
    for (size_t k = 0; k < s->n_swept; k++) {
        const influence_t *i = &o->influence[o->order[k]];
        json_array_append_new(
            list, json_pack("{s:s s:o s:o s:o s:o s:o s:o}", "parameter", s->swept[o->order[k]], "total",
                            interval_json(&i->total), "first", interval_json(&i->first), "mu_star",
                            interval_json(&i->mu_star), "mu", json_number(i->mu), "sigma",
                            json_number(i->sigma), "regression", interval_json(&i->regression)));
    }
    return json_pack("{s:s s:s s:s s:s s:b s:i s:o s:o s:o s:o s:o s:o s:o s:o}", "quantity", o->name,
                     "label", o->label, "unit", o->unit, "variant", o->variant, "difference", o->difference,
                     "points", r->n, "mean", json_number(r->mean), "mean_low", json_number(o->computed.low),
                     "mean_high", json_number(o->computed.high), "sd", json_number(r->sd), "within",
                     json_number(r->within), "noise", json_number(r->noise), "r2", json_number(r->r2),
                     "parameters", list);
}

/* The names of the file's quantities. */
typedef struct {
    size_t n, n_variants;
    char **names, **labels, **units, **variants;
} headings_t;

static int read_headings(headings_t *h, store_t *store, fault_t *err) {
    int ret = 0;
    TRY(store_names(store, "variant", &h->n_variants, &h->variants, err));
    TRY(store_names(store, "quantity", &h->n, &h->names, err));
    TRY(store_names(store, "quantity_label", &h->n, &h->labels, err));
    TRY(store_names(store, "quantity_unit", &h->n, &h->units, err));
out:
    return ret;
}

static void free_headings(headings_t *h) {
    store_free_names(h->n_variants, h->variants);
    store_free_names(h->n, h->names);
    store_free_names(h->n, h->labels);
    store_free_names(h->n, h->units);
}

static int check_names(const headings_t *h, int n, const char *const *names, fault_t *err) {
    for (int i = 0; i < n; i++) {
        suggest_t near = suggest_for(names[i]);
        bool found = false;
        for (size_t q = 0; q < h->n; q++) {
            found |= !strcmp(names[i], h->names[q]);
            suggest_offer(&near, h->names[q]);
        }
        if (!found)
            return error_set(err, ERR_USAGE, "no quantity \"%s\" in this file%s%s%s", names[i],
                             near.best ? "; did you mean " : "", near.best ? near.best : "",
                             near.best ? "?" : "");
    }
    return 0;
}

/* A probability lies in [0, 1]. */
static ends_t within_unit(ends_t ends, const char *unit, bool difference) {
    if (isnan(ends.low) || strcmp(unit, "probability") != 0) return ends;
    return (ends_t){fmax(ends.low, difference ? -1 : 0), fmin(ends.high, 1)};
}

int sensitivity_table(FILE *out, json_t **json, store_t *store, int n_names, const char *const *names,
                      fault_t *err) {
    int ret = 0;
    sensitivity_t s = {0};
    headings_t h = {0};
    int *order = NULL;
    ends_t *computed = NULL;
    if (json) *json = json_array();
    if (!store_has(store, "quantity")) return 0;
    TRY(read_headings(&h, store, err));
    TRY(check_names(&h, n_names, names, err));
    TRY(store_read_sensitivity(store, &s, err));
    order = mem_alloc(s.n_swept, sizeof *order);
    computed = mem_alloc(h.n * h.n_variants + 1, sizeof *computed);
    TRY_MEM(order && computed);
    TRY(point_means_read(store, h.n_variants, h.n, computed, err));
    for (size_t q = 0; q < h.n; q++) {
        bool wanted = !n_names;
        for (int i = 0; i < n_names; i++) wanted |= !strcmp(names[i], h.names[q]);
        for (size_t v = 0; v < h.n_variants && wanted; v++) {
            size_t at = v * h.n + q;
            outcome_t outcome = {h.names[q],
                                 h.labels[q],
                                 h.units[q],
                                 h.variants[v],
                                 v != 0,
                                 &s.responses[at],
                                 within_unit(computed[at], h.units[q], v != 0),
                                 s.influence + at * s.n_swept,
                                 order};
            rank(&outcome, s.n_swept);
            if (json)
                json_array_append_new(*json, outcome_json(&s, &outcome));
            else
                print(out, &s, &outcome);
        }
    }
out:
    sensitivity_free(&s);
    free_headings(&h);
    mem_free(order);
    mem_free(computed);
    return ret;
}
