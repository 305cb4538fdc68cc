/* `entente compare`: paired differences between the variants of an output file. */
#include "base/date.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "cli/tables/quantity_table.h"
#include "cli/tables/sensitivity_table.h"
#include "scenario/units.h"
#include "stats/estimate.h"
#include "text/suggest.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    common_t common;
    texts_t names;
} compare_arguments_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "the output file is missing", INPUT(common_t, path)},
    {NULL, .argument = "quantity", TEXTS(compare_arguments_t, names)},
    OPTION_JSON("A JSON list on stdout"),
    {0},
};

/* ---- what is compared --------------------------------------------------------------------------------- */

typedef struct {
    store_t *store;
    uint32_t n_replicates;
    size_t n_variants, n_quantities;
    char **variants, **quantities, **labels, **units;
    double *columns; /* [variant][replicate] of the one that is read */
    int8_t *failed;  /* [replicate] in any variant */
    arena_t arena;   /* of what is below */
} comparison_t;

typedef struct {
    const char *name, *label, *unit;
    estimate_t *estimates; /* [variant] */
} compared_t;

static void comparison_free(comparison_t *c) {
    store_free_names(c->n_variants, c->variants);
    store_free_names(c->n_quantities, c->quantities);
    store_free_names(c->n_quantities, c->labels);
    store_free_names(c->n_quantities, c->units);
    mem_free(c->columns);
    mem_free(c->failed);
    arena_free(&c->arena);
    store_close(c->store);
}

static int out_of_memory(fault_t *err) {
    return error_memory(err);
}

/* A text of the arena's; NULL without memory. */
static const char *format(comparison_t *c, const char *form, ...) __attribute__((format(printf, 2, 3)));
static const char *format(comparison_t *c, const char *form, ...) {
    char *text;
    va_list arguments;
    va_start(arguments, form);
    int n = vasprintf(&text, form, arguments);
    va_end(arguments);
    const char *kept = n < 0 ? NULL : arena_text_n(&c->arena, text, (size_t)n);
    if (n >= 0) free(text);
    return kept;
}

static int comparison_init(comparison_t *c, fault_t *err) {
    int ret = 0;
    c->n_replicates = store_replicates(c->store);
    TRY(store_names(c->store, "variant", &c->n_variants, &c->variants, err));
    if (store_has(c->store, "quantity")) {
        TRY(store_names(c->store, "quantity", &c->n_quantities, &c->quantities, err));
        TRY(store_names(c->store, "quantity_label", &c->n_quantities, &c->labels, err));
        TRY(store_names(c->store, "quantity_unit", &c->n_quantities, &c->units, err));
    }
    c->columns = mem_alloc(c->n_variants * c->n_replicates, sizeof *c->columns);
    c->failed = mem_alloc(2 * (size_t)c->n_replicates, sizeof *c->failed);
    if (!c->columns || !c->failed) {
        ret = out_of_memory(err);
        goto out;
    }
    for (size_t v = 0; v < c->n_variants; v++) {
        int8_t *status = c->failed + c->n_replicates;
        TRY(store_read_status(c->store, -1, (int)v, 0, c->n_replicates, status, err));
        for (uint32_t i = 0; i < c->n_replicates; i++) c->failed[i] |= status[i];
    }
out:
    return ret;
}

static int find_name(char **names, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return (int)i;
    return -1;
}

static int read_quantity(comparison_t *c, int quantity, compared_t *what, fault_t *err) {
    int ret = 0;
    double *rows = mem_alloc((size_t)c->n_replicates * c->n_quantities, sizeof *rows);
    if (!rows) return out_of_memory(err);
    *what = (compared_t){c->quantities[quantity], c->labels[quantity], c->units[quantity], NULL};
    for (size_t v = 0; v < c->n_variants; v++) {
        TRY(store_read_quantities(c->store, -1, (int)v, 0, c->n_replicates, rows, err));
        for (uint32_t i = 0; i < c->n_replicates; i++)
            c->columns[v * c->n_replicates + i] = rows[(size_t)i * c->n_quantities + (size_t)quantity];
    }
out:
    mem_free(rows);
    return ret;
}

/* The stored time nearest to `day` (days from the start). */
static int nearest_time(store_t *store, double day, double *found, fault_t *err) {
    size_t n = store_size(store, "time");
    double *times = mem_alloc(n, sizeof *times);
    if (!times) return out_of_memory(err);
    int best = 0, ret = store_days(store, "time", n, times, err);
    for (size_t i = 1; i < n && !ret; i++)
        if (fabs(times[i] - day) < fabs(times[best] - day)) best = (int)i;
    if (!ret && n && (day < times[0] - 0.5 || day > times[n - 1] + 0.5))
        ret = error_set(err, ERR_USAGE, "the date is outside the stored times");
    if (!ret && n) *found = times[best];
    mem_free(times);
    return ret ? ret : best;
}

/* The index of a tie ("KAZ-USA", in either order) or of a flow ("KAZ->USA") among the stored ones. */
static int find_item(comparison_t *c, const char *dimension, const char *name, fault_t *err) {
    size_t n;
    char **names;
    const char *dash = strchr(name, '-'), *reversed = "";
    if (!strcmp(dimension, "tie") && dash)
        reversed = format(c, "%s-%.*s", dash + 1, (int)(dash - name), name);
    if (!reversed) return out_of_memory(err);
    int ret = store_names(c->store, dimension, &n, &names, err);
    if (ret) return ret;
    int found = find_name(names, n, name);
    if (found < 0) found = find_name(names, n, reversed);
    if (found < 0) {
        suggest_t near = suggest_for(name);
        for (size_t i = 0; i < n; i++) suggest_offer(&near, names[i]);
        found =
            error_set(err, ERR_USAGE, "\"%s\" is not among the stored %ss%s%s%s", name, dimension,
                      near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    }
    store_free_names(n, names);
    return found;
}

/* "VARIABLE:ITEM@DATE" into its pieces, of the arena. False if it is none. */
static bool divide(comparison_t *c, const char *name, const char **variable, const char **item,
                   double *days) {
    const char *colon = strchr(name, ':'), *at = strrchr(name, '@');
    if (!at || at < colon || !date_parse(at + 1, days, NULL)) return false;
    *variable = arena_text_n(&c->arena, name, (size_t)(colon - name));
    *item = arena_text_n(&c->arena, colon + 1, (size_t)(at - colon - 1));
    return *variable && *item &&
           (!strcmp(*variable, "strength") || !strcmp(*variable, "alignment") || !strcmp(*variable, "trade"));
}

/* "strength:KAZ-USA@2026-06-20", also alignment, and trade of a flow or of both flows of a tie. */
static int read_trajectory(comparison_t *c, const char *name, compared_t *what, fault_t *err) {
    int ret = 0;
    char day[32];
    const char *variable, *item;
    double days, found = 0;
    float *values = NULL;
    if (!divide(c, name, &variable, &item, &days))
        return error_set(err, ERR_USAGE,
                         "\"%s\": strength:A-B@DATE, alignment:A-B@DATE or trade:A->B@DATE is expected",
                         name);
    if (!store_has(c->store, variable))
        return error_set(err, ERR_DATA, "no trajectories are stored in this file");
    int time = nearest_time(c->store, days - store_start_day(c->store), &found, err);
    if (time < 0) return time;
    bool trade = !strcmp(variable, "trade"), flow = strstr(item, "->") != NULL;
    if (flow && !trade) return error_set(err, ERR_USAGE, "\"%s\": %s needs a tie, A-B", name, variable);
    int index = find_item(c, flow ? "flow" : "tie", item, err), first = trade && !flow ? 2 * index : index;
    if (index < 0) return index;
    values = mem_alloc(c->n_replicates, sizeof *values);
    if (!values) return out_of_memory(err);
    for (size_t v = 0; v < c->n_variants; v++)
        for (int part = 0; part < (trade && !flow ? 2 : 1); part++) {
            trajectory_t of = {.name = variable,
                               .point = -1,
                               .variant = (int)v,
                               .time = time,
                               .item = first + part,
                               .n = c->n_replicates};
            TRY(store_read_trajectory(c->store, &of, values, err));
            for (uint32_t i = 0; i < c->n_replicates; i++) {
                double *cell = &c->columns[v * c->n_replicates + i];
                *cell = (part ? *cell : 0) + (double)values[i];
            }
        }
    date_format(store_start_day(c->store) + found, day);
    const char *label = format(c, "%s of %s on %s", variable, item, day);
    *what = (compared_t){name, label, trade ? "USD/year" : "1", NULL};
    if (!label) ret = out_of_memory(err);
out:
    mem_free(values);
    return ret;
}

/* The last "<" or ">" of a name that is not part of an arrow, followed by a number in the unit of the
 * quantity before it: "kaz>0.3", "deals>50 M USD", "trade:KAZ->USA@2026-06-20<1 bn USD". NULL if there is
 * none. */
static const char *find_threshold(const char *name) {
    const char *found = NULL;
    for (const char *c = name; *c; c++)
        if (*c == '<' || (*c == '>' && (c == name || c[-1] != '-'))) found = c;
    return found;
}

/* Replaces the values of the columns by 1 if they are beyond the threshold, else by 0. */
static int apply_threshold(comparison_t *c, const char *threshold, const char *name, compared_t *what,
                           fault_t *err) {
    bool money = !strncmp(what->unit, "USD", 3), above = *threshold == '>';
    double value;
    if (!units_parse(money ? DIM_MONEY : DIM_NUMBER, threshold + 1, &value))
        return error_set(err, ERR_USAGE, "\"%s\": after %c a number%s is expected, such as %s", name,
                         *threshold, money ? " of USD" : "", money ? "50 M USD" : "0.3");
    for (size_t i = 0; i < c->n_variants * c->n_replicates; i++)
        if (!isnan(c->columns[i])) c->columns[i] = above ? c->columns[i] > value : c->columns[i] < value;
    const char *label = format(c, "%s: %s than %s", what->label, above ? "more" : "less", threshold + 1);
    *what = (compared_t){name, label, "probability", NULL};
    return label ? 0 : out_of_memory(err);
}

static int read_named(comparison_t *c, const char *name, compared_t *what, fault_t *err) {
    int quantity = find_name(c->quantities, c->n_quantities, name);
    if (quantity >= 0) return read_quantity(c, quantity, what, err);
    if (strchr(name, ':')) return read_trajectory(c, name, what, err);
    suggest_t near = suggest_for(name);
    for (size_t i = 0; i < c->n_quantities; i++) suggest_offer(&near, c->quantities[i]);
    return error_set(err, ERR_USAGE, "no quantity \"%s\" in this file%s%s%s", name,
                     near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
}

static int read_compared(comparison_t *c, const char *name, compared_t *what, fault_t *err) {
    int ret = 0;
    const char *threshold = find_name(c->quantities, c->n_quantities, name) < 0 ? find_threshold(name) : NULL;
    const char *before = threshold ? arena_text_n(&c->arena, name, (size_t)(threshold - name)) : name;
    if (!before) return out_of_memory(err);
    TRY(read_named(c, before, what, err));
    if (threshold) TRY(apply_threshold(c, threshold, name, what, err));
    bool probability = !strcmp(what->unit, "probability");
    for (size_t v = 0; v < c->n_variants; v++)
        for (uint32_t i = 0; i < c->n_replicates; i++)
            if (c->failed[i]) c->columns[v * c->n_replicates + i] = NAN;
    what->estimates = arena_alloc(&c->arena, c->n_variants, sizeof *what->estimates);
    if (!what->estimates) return out_of_memory(err);
    for (size_t v = 0; v < c->n_variants && !ret; v++)
        ret = estimate_columns(c->columns + v * c->n_replicates, c->columns, c->n_replicates, probability,
                               store_attribute_number(c->store, "", "horizon_days", NAN), &what->estimates[v],
                               err);
out:
    return ret;
}

/* ---- what is shown --------------------------------------------------------------------------------------
 */

static void print_compared(const comparison_t *c, const compared_t *what) {
    const estimate_t *e = what->estimates;
    double finest = INFINITY, largest = fabs(e[0].mean);
    for (size_t v = 1; v < c->n_variants; v++) {
        double half = (e[v].difference_high - e[v].difference_low) / 2;
        if (half > 0 && half < finest) finest = half;
        if (fabs(e[v].mean) > largest) largest = fabs(e[v].mean);
    }
    number_style_t style = number_style(what->unit, largest, finest);
    char base[32], mean[32], difference[32], interval[72], reduction[32];
    bool labelled = strcmp(what->label, what->name) != 0;
    printf("%s%s%s%s%s%s\n", what->name, labelled ? ": " : "", labelled ? what->label : "",
           *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "");
    for (size_t v = 1; v < c->n_variants; v++) {
        if (isnan(e[v].reduction))
            snprintf(reduction, sizeof reduction, "-");
        else if (isinf(e[v].reduction))
            snprintf(reduction, sizeof reduction, "exact");
        else
            snprintf(reduction, sizeof reduction, "%.3g", e[v].reduction);
        printf("  %-20s %9s %9s %10s  %-20s %9s\n", c->variants[v],
               quantity_number_text(&style, e[v].mean, mean), quantity_number_text(&style, e[0].mean, base),
               quantity_number_text(&style, e[v].difference, difference),
               quantity_difference_interval_text(&style, &e[v], interval), reduction);
    }
}

static void add_json(const comparison_t *c, const compared_t *what, json_t *list) {
    for (size_t v = 1; v < c->n_variants; v++) {
        const estimate_t *e = &what->estimates[v];
        json_array_append_new(
            list,
            json_pack("{s:s s:s s:s s:s s:s s:I s:I s:o s:o s:o s:o s:o s:o s:o s:o}", "quantity", what->name,
                      "label", what->label, "unit", what->unit, "variant", c->variants[v], "base",
                      c->variants[0], "n", (json_int_t)e->n, "n_differ", (json_int_t)e->n_differ, "mean",
                      json_number(e->mean), "base_mean", json_number(what->estimates[0].mean), "difference",
                      json_number(e->difference), "difference_sd", json_number(e->difference_sd),
                      "difference_low", json_number(e->difference_low), "difference_high",
                      json_number(e->difference_high), "difference_carriers",
                      json_number(e->difference_carriers), "variance_reduction", json_number(e->reduction)));
    }
}

/* For a sweep: the sensitivity of the quantities, and of the variants' differences, to each parameter. */
static int compare_points(const compare_arguments_t *a, store_t *store, fault_t *err) {
    json_t *list = NULL;
    int ret =
        sensitivity_table(stdout, a->common.json ? &list : NULL, store, a->names.n, a->names.items, err);
    if (list && !ret) return command_print_json(list);
    json_decref(list);
    return ret;
}

static int show(const compare_arguments_t *a, const comparison_t *c, size_t n, const compared_t *all) {
    json_t *list = a->common.json ? json_array() : NULL;
    if (!list)
        printf("  %-20s %9s %9s %10s  %-20s %9s\n", "", "mean", c->variants[0], "difference", "95 % interval",
               "reduction");
    for (size_t i = 0; i < n; i++) {
        if (list)
            add_json(c, &all[i], list);
        else
            print_compared(c, &all[i]);
    }
    return a->common.json ? command_print_json(list) : 0;
}

static int compare(const compare_arguments_t *a, comparison_t *c, fault_t *err) {
    *c = (comparison_t){0};
    arena_init(&c->arena);
    int ret = store_open(&c->store, a->common.path, err);
    if (ret) return ret;
    if (store_size(c->store, "point")) return compare_points(a, c->store, err);
    ret = comparison_init(c, err);
    if (ret) return ret;
    if (c->n_variants < 2)
        return error_set(err, ERR_DATA, "%s has only one variant: nothing to compare", a->common.path);
    size_t n = a->names.n ? (size_t)a->names.n : c->n_quantities;
    compared_t *all = arena_alloc(&c->arena, n, sizeof *all);
    if (!all) return out_of_memory(err);
    for (size_t i = 0; i < n && !ret; i++)
        ret = read_compared(c, a->names.n ? a->names.items[i] : c->quantities[i], &all[i], err);
    if (!ret) ret = store_trouble(c->store, err);
    return ret ? ret : show(a, c, n, all);
}

int command_compare(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "OUT.h5 [QUANTITY...]",
        "Prints the paired difference of each variant from the first, with its Monte Carlo 95 % confidence "
        "interval, over the replicates that ended normally in all variants. For a sweep, prints the "
        "sensitivity of each quantity and each difference to the parameters. The default is all "
        "quantities.\vA stored trajectory can be named as well: strength:KAZ-USA@2026-06-20, alignment:..., "
        "trade:KAZ->USA@... or trade:KAZ-USA@... for both flows; the nearest stored time is used. With a "
        "threshold, \"QUANTITY>NUMBER\" or \"QUANTITY<NUMBER\", the probabilities of being beyond it are "
        "compared. \"reduction\" is the variance of an unpaired difference divided by that of the paired "
        "one: common random numbers need that many times fewer replicates.",
        NULL};
    compare_arguments_t arguments = {0};
    options_parse(&line, argc, argv, &arguments);
    fault_t err = {0};
    comparison_t comparison;
    int ret = compare(&arguments, &comparison, &err);
    comparison_free(&comparison);
    options_free(option_table, &arguments);
    return command_ended(ret, NULL, &err);
}
