#include "cli/rare/rare_table.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/tables/quantity_table.h"
#include "text/text_table.h"
#include <math.h>
#include <string.h>

int rare_table_open(rare_table_t *self, const split_t *split, const char *path, fault_t *err) {
    int ret = 0;
    size_t columns = (size_t)split->columns.n_quantities;
    double *values = NULL;
    int8_t *status = NULL;
    *self = (rare_table_t){.split = split};
    TRY(store_open(&self->store, path, err));
    self->n_trees = store_replicates(self->store);
    TRY(store_read_estimates(self->store, &self->estimates, err));
    values = mem_alloc(self->n_trees * columns, sizeof *values);
    status = mem_alloc(self->n_trees, sizeof *status);
    self->trees = mem_alloc(self->n_trees, sizeof *self->trees);
    TRY_MEM(values && status && self->trees);
    TRY(store_read_quantities(self->store, -1, 0, 0, self->n_trees, values, err));
    TRY(store_read_status(self->store, -1, 0, 0, self->n_trees, status, err));
    for (uint32_t i = 0; i < self->n_trees; i++)
        self->trees[i] = status[i] ? NAN : values[i * columns + SPLIT_EVENT];
    ret = store_trouble(self->store, err);
out:
    mem_free(values);
    mem_free(status);
    return ret;
}

void rare_table_free(rare_table_t *self) {
    mem_free(self->estimates);
    mem_free(self->trees);
    store_close(self->store);
    *self = (rare_table_t){0};
}

double rare_table_gain(const rare_table_t *self) {
    const estimate_t *event = &self->estimates[SPLIT_EVENT],
                     *cost = &self->estimates[split_column_of_cost(self->split)];
    if (!(event->sd > 0) || isnan(event->low)) return NAN;
    return event->mean * (1 - event->mean) / (event->sd * event->sd * cost->mean);
}

/* ---- text ---------------------------------------------------------------------------------------------- */

static void print_interval(const estimate_t *e, FILE *out) {
    if (e->sd == 0)
        fprintf(out, e->mean > 0 ? "the same in all trees" : "no tree comes to it");
    else if (isnan(e->low))
        fprintf(out, "no interval: the estimate rests on about %.0f trees", e->carriers);
    else
        fprintf(out, "95 %% interval %.3g .. %.3g", fmax(e->low, 0), e->high);
}

static void print_levels(const rare_table_t *self, FILE *out) {
    static const char *const heads[] = {"level", ">reached with", ">of those before", NULL};
    const split_t *split = self->split;
    const estimate_t *e = self->estimates;
    text_table_t table;
    text_table_init(&table, heads);
    if (split->watch.n_levels && split->watch.pace > 0)
        fprintf(out, "Levels of the value so far and %.3g for each year left\n",
                split->watch.pace * DAYS_PER_YEAR);
    for (int k = 0; k <= split->watch.n_levels; k++) {
        bool last = k == split->watch.n_levels;
        double mean = last ? e[SPLIT_EVENT].mean : e[SPLIT_FIRST_LEVEL + k].mean,
               before = k ? e[SPLIT_FIRST_LEVEL + k - 1].mean : 1;
        if (last)
            text_table_add(&table, "%s", "the event");
        else
            text_table_add(&table, "%.6g", split->watch.falls ? -split->levels[k] : split->levels[k]);
        text_table_add(&table, "%.3g", mean);
        text_table_add(&table, "%.3g", before > 0 ? mean / before : NAN);
    }
    text_table_print(&table, out);
}

void rare_table_print(const rare_table_t *self, FILE *out) {
    const quantity_t *event = &self->split->columns.quantities[SPLIT_EVENT];
    const estimate_t *e = &self->estimates[SPLIT_EVENT],
                     *cost = &self->estimates[split_column_of_cost(self->split)];
    bool labelled = strcmp(event->name, event->label) != 0;
    double n = (double)e->n, gain = rare_table_gain(self);
    fprintf(out, "%s%s%s\n  probability %.3g, ", event->name, labelled ? ": " : "",
            labelled ? event->label : "", e->mean);
    print_interval(e, out);
    fprintf(out, "\n\n");
    print_levels(self, out);
    fprintf(out, "\n%.0f trees, %.0f simulations (%.1f a tree)", n, n * cost->mean, cost->mean);
    if (gain > 0)
        fprintf(out, "; as precise as %.2g plain replicates, %.*f times as many", gain * n * cost->mean,
                gain < 10, gain);
    fputc('\n', out);
}

/* ---- JSON ------------------------------------------------------------------------------------------------
 */

json_t *rare_table_json(const rare_table_t *self) {
    const split_t *split = self->split;
    const estimate_t *e = self->estimates, *cost = &e[split_column_of_cost(split)];
    json_t *levels = json_array();
    for (int k = 0; k < split->watch.n_levels; k++)
        json_array_append_new(levels, json_pack("{s:f s:o s:o s:o}", "level",
                                                split->watch.falls ? -split->levels[k] : split->levels[k],
                                                "probability", json_number(e[SPLIT_FIRST_LEVEL + k].mean),
                                                "low", json_number(e[SPLIT_FIRST_LEVEL + k].low), "high",
                                                json_number(e[SPLIT_FIRST_LEVEL + k].high)));
    return json_pack("{s:s s:o s:o s:o s:o s:o s:I s:o s:o s:i s:f s:o}", "event",
                     split->columns.quantities[SPLIT_EVENT].name, "probability", json_number(e->mean), "low",
                     json_number(e->low), "high", json_number(e->high), "sd", json_number(e->sd), "carriers",
                     json_number(e->carriers), "trees", (json_int_t)e->n, "simulations_a_tree",
                     json_number(cost->mean), "gain", json_number(rare_table_gain(self)), "splits",
                     split->splits, "pace_per_year", split->watch.pace * DAYS_PER_YEAR, "levels", levels);
}
