#include "cli/tables/compared.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/tables/quantity_table.h"
#include "scenario/units.h"
#include "text/suggest.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096u

void comparison_free(comparison_t *c) {
    store_free_names(c->n_variants, c->variants);
    store_free_names(c->n_quantities, c->quantities);
    store_free_names(c->n_quantities, c->labels);
    store_free_names(c->n_quantities, c->units);
    mem_free(c->columns);
    mem_free(c->failed);
    mem_free(c->rows);
    mem_free(c->own);
    mem_free(c->base);
    store_free_names(c->n_parameters, c->parameters);
    if (c->joints) store_free_names(c->n_parameters, c->joints);
    mem_free(c->sets);
    spread_free(&c->spread);
    if (c->points) states_free(c->points);
    mem_free(c->points);
    declared_free(&c->declared);
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

static int read_names(comparison_t *c, fault_t *err) {
    int ret = 0;
    TRY(store_names(c->store, "variant", &c->n_variants, &c->variants, err));
    if (store_has(c->store, "quantity")) {
        TRY(store_names(c->store, "quantity", &c->n_quantities, &c->quantities, err));
        TRY(store_names(c->store, "quantity_label", &c->n_quantities, &c->labels, err));
        TRY(store_names(c->store, "quantity_unit", &c->n_quantities, &c->units, err));
    }
    TRY(declared_read(&c->declared, c->store, err));
out:
    return ret;
}

static int read_failed(comparison_t *c, fault_t *err) {
    int ret = 0;
    int8_t *status = c->failed + c->n_replicates;
    for (size_t v = 0; v < c->n_variants; v++) {
        TRY(store_read_status(c->store, -1, (int)v, 0, c->n_replicates, status, err));
        for (uint32_t i = 0; i < c->n_replicates; i++) c->failed[i] |= status[i];
    }
out:
    return ret;
}

/* Which parameters are drawn jointly. */
static int read_joints(comparison_t *c, fault_t *err) {
    int ret = 0;
    size_t n = 0;
    if (!store_has(c->store, "parameter_joint")) return 0;
    TRY(store_names(c->store, "parameter_joint", &n, &c->joints, err));
    c->sets = mem_alloc(n, sizeof *c->sets);
    TRY_MEM(c->sets);
    for (size_t a = 0; a < n; a++) {
        c->sets[a] = *c->joints[a] ? (int)a : -1;
        for (size_t b = a; b-- > 0 && *c->joints[a];)
            if (!strcmp(c->joints[a], c->joints[b])) c->sets[a] = (int)b;
    }
out:
    return ret;
}

/* The draws of the first replicates that did not fail. */
static int read_parameters(comparison_t *c, fault_t *err) {
    int ret = 0, n = 0;
    bool has;
    double *draws = NULL;
    TRY(quantity_has_parameters(c->store, &has, err));
    if (!has) goto out;
    TRY(store_names(c->store, "parameter", &c->n_parameters, &c->parameters, err));
    TRY(read_joints(c, err));
    size_t d = c->n_parameters;
    c->rows = mem_alloc(SPREAD_ROWS, sizeof *c->rows);
    draws = mem_alloc((SPREAD_ROWS + BATCH) * d, sizeof *draws);
    TRY_MEM(c->rows && draws);
    for (uint32_t first = 0; first < c->n_replicates && n < SPREAD_ROWS; first += BATCH) {
        uint32_t count = c->n_replicates - first < BATCH ? c->n_replicates - first : BATCH;
        double *batch = draws + (size_t)n * d;
        TRY(store_read_draws(c->store, -1, first, count, batch, err));
        for (uint32_t i = 0; i < count && n < SPREAD_ROWS; i++) {
            if (c->failed[first + i]) continue;
            memmove(draws + (size_t)n * d, batch + (size_t)i * d, d * sizeof *draws);
            c->rows[n++] = first + i;
        }
    }
    c->own = mem_alloc((size_t)n, sizeof *c->own);
    c->base = mem_alloc((size_t)n, sizeof *c->base);
    TRY_MEM(c->own && c->base);
    double *taken = draws;
    draws = NULL;
    TRY_MEM(spread_init(&c->spread, n, (int)c->n_parameters, taken) == 0);
out:
    mem_free(draws);
    return ret;
}

int comparison_init(comparison_t *c, fault_t *err) {
    int ret = 0;
    c->n_replicates = store_replicates(c->store);
    c->horizon = store_attribute_number(c->store, "", "horizon_days", NAN);
    TRY(read_names(c, err));
    c->columns = mem_alloc(c->n_variants * c->n_replicates, sizeof *c->columns);
    c->failed = mem_alloc(2 * (size_t)c->n_replicates, sizeof *c->failed);
    TRY_MEM(c->columns && c->failed);
    TRY(read_failed(c, err));
    TRY(read_parameters(c, err));
out:
    return ret;
}

/* ---- the points of a sweep ---------------------------------------------------------------------------- */

static int take_points(comparison_t *c, fault_t *err) {
    int ret = 0;
    const states_t *s = c->points;
    size_t d = s->n_axes, n = c->n_replicates;
    double *draws = mem_alloc(n * d, sizeof *draws);
    c->columns = mem_alloc(c->n_variants * n, sizeof *c->columns);
    c->failed = mem_alloc(n, sizeof *c->failed);
    c->rows = mem_alloc(n, sizeof *c->rows);
    c->own = mem_alloc(n, sizeof *c->own);
    c->base = mem_alloc(n, sizeof *c->base);
    TRY_MEM(draws && c->columns && c->failed && c->rows && c->own && c->base);
    for (uint32_t i = 0; i < n; i++) {
        c->rows[i] = i;
        for (size_t a = 0; a < d; a++) draws[i * d + a] = s->x[a * s->n + i];
    }
    double *taken = draws;
    draws = NULL;
    TRY_MEM(spread_init(&c->spread, (int)n, (int)d, taken) == 0);
out:
    mem_free(draws);
    return ret;
}

int comparison_init_points(comparison_t *c, const char *path, fault_t *err) {
    int ret = 0;
    c->horizon = store_attribute_number(c->store, "", "horizon_days", NAN);
    TRY(read_names(c, err));
    c->points = mem_alloc(1, sizeof *c->points);
    TRY_MEM(c->points);
    TRY(states_open(c->points, path, err));
    TRY(states_read_all(c->points, 0, err));
    TRY(store_names(c->store, "sensitivity/swept", &c->n_parameters, &c->parameters, err));
    c->n_replicates = (uint32_t)(c->points->n < SPREAD_ROWS ? c->points->n : SPREAD_ROWS);
    TRY(take_points(c, err));
out:
    return ret;
}

static int read_points(comparison_t *c, int quantity, fault_t *err) {
    int ret = states_read_all(c->points, quantity, err);
    if (ret) return ret;
    for (size_t v = 0; v < c->n_variants; v++)
        memcpy(c->columns + v * c->n_replicates, c->points->values + v * c->points->n,
               c->n_replicates * sizeof *c->columns);
    return 0;
}

/* ---- what is named ------------------------------------------------------------------------------------- */

static int find_name(char **names, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return (int)i;
    return -1;
}

static int read_quantity(comparison_t *c, int quantity, compared_t *what, fault_t *err) {
    int ret = 0;
    *what = (compared_t){c->quantities[quantity], c->labels[quantity], c->units[quantity], NULL};
    if (c->points) return read_points(c, quantity, err);
    double *rows = mem_alloc((size_t)c->n_replicates * c->n_quantities, sizeof *rows);
    if (!rows) return out_of_memory(err);
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
    if (strchr(name, ':') && !c->points) return read_trajectory(c, name, what, err);
    suggest_t near = suggest_for(name);
    for (size_t i = 0; i < c->n_quantities; i++) suggest_offer(&near, c->quantities[i]);
    return error_set(err, ERR_USAGE, "no quantity \"%s\" in this file%s%s%s", name,
                     near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
}

/* ---- its estimates ------------------------------------------------------------------------------------ */

static void take_rows(const comparison_t *c, size_t variant, double *out) {
    for (int i = 0; i < c->spread.n; i++) {
        double value = c->columns[variant * c->n_replicates + c->rows[i]];
        out[i] = value == INFINITY ? c->horizon : value;
    }
}

void comparison_change(const comparison_t *c, size_t variant, double *change) {
    take_rows(c, variant, c->own);
    take_rows(c, 0, c->base);
    for (int i = 0; i < c->spread.n; i++) change[i] = c->own[i] - c->base[i];
}

static int estimate(comparison_t *c, bool probability, compared_t *what, fault_t *err) {
    int ret = 0;
    what->estimates = arena_alloc(&c->arena, c->n_variants, sizeof *what->estimates);
    TRY_MEM(what->estimates);
    take_rows(c, 0, c->base);
    for (size_t v = 0; v < c->n_variants; v++) {
        estimate_t *e = &what->estimates[v];
        TRY(estimate_columns(c->columns + v * c->n_replicates, c->columns, c->n_replicates, probability,
                             c->horizon, e, err));
        spread_unknown(e);
        if (!c->n_parameters) continue;
        take_rows(c, v, c->own);
        TRY_MEM(spread_estimate(&c->spread, c->own, v ? c->base : NULL, e) == 0);
    }
out:
    return ret;
}

int comparison_read(comparison_t *c, const char *name, compared_t *what, fault_t *err) {
    int ret = 0;
    bool plain = c->points || find_name(c->quantities, c->n_quantities, name) >= 0;
    const char *threshold = plain ? NULL : find_threshold(name);
    const char *before = threshold ? arena_text_n(&c->arena, name, (size_t)(threshold - name)) : name;
    if (!before) return out_of_memory(err);
    TRY(read_named(c, before, what, err));
    if (threshold) TRY(apply_threshold(c, threshold, name, what, err));
    for (size_t v = 0; v < c->n_variants; v++)
        for (uint32_t i = 0; i < c->n_replicates; i++)
            if (c->failed[i]) c->columns[v * c->n_replicates + i] = NAN;
    ret = estimate(c, !c->points && !strcmp(what->unit, "probability"), what, err);
out:
    return ret;
}
