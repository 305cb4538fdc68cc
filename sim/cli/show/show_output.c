#include "cli/show/show_output.h"

#include "base/date.h"
#include "base/mem.h"
#include "cli/tables/quantity_table.h"
#include "cli/tables/sensitivity_table.h"
#include "stats/tally.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LINE_WIDTH 96

static void print_attribute(store_t *store, const char *group, const char *name, const char *what) {
    const char *text = store_attribute(store, group, name);
    if (text && *text) printf("  %-12s %s\n", what, text);
}

/* "  ties (3)     KAZ-USA, ..." folded at the width of a page, the first `most` of them. */
static int print_names(store_t *store, const char *path, const char *what, size_t most, fault_t *err) {
    size_t n;
    char **names, head[64];
    if (!store_has(store, path)) return 0;
    int ret = store_names(store, path, &n, &names, err);
    if (ret) return ret;
    snprintf(head, sizeof head, "%s (%zu)", what, n);
    int column = printf("  %-14s", head);
    for (size_t i = 0; i < n; i++) {
        const char *text = i < most ? names[i] : "...";
        if (column + (int)strlen(text) + 3 > LINE_WIDTH) column = printf("\n%16s", "") - 1;
        column += printf(" %s%s", text, i < most && i + 1 < n ? "," : "");
        if (i >= most) break;
    }
    putchar('\n');
    store_free_names(n, names);
    return 0;
}

static void print_period(store_t *store) {
    double horizon = store_attribute_number(store, "", "horizon_days", 0), start = store_start_day(store);
    char from[32], to[32];
    date_format_moment(start, from);
    date_format_moment(start + horizon, to);
    printf("  %-12s %s to %s (%g days)\n", "period", from, to, horizon);
}

static int print_times(store_t *store, fault_t *err) {
    size_t n = store_size(store, "time");
    if (!n) return 0;
    double *times = mem_alloc(n, sizeof *times);
    if (!times) return error_memory(err);
    int ret = store_days(store, "time", n, times, err);
    if (!ret) {
        char first[32], last[32];
        double start = store_start_day(store);
        date_format(start + times[0], first);
        date_format(start + times[n - 1], last);
        printf("  %-14s %s to %s", "times", first, last);
        if (n > 1) printf(", every %g days", times[1] - times[0]);
        printf(" (%zu)\n", n);
    }
    mem_free(times);
    return ret;
}

static void print_trajectories(store_t *store) {
    double cells = store_attribute_number(store, "summary", "cells_left_out", 0);
    bool stored = store_has(store, "strength");
    printf("  %-14s %s", "trajectories", stored ? "yes" : "no");
    if (cells > 0 && store_size(store, "point"))
        printf(", not summarised (a sweep)");
    else if (cells > 0)
        printf(", not summarised (%.0f variants x times x ties; the limit is %u)", cells, TALLY_MOST_CELLS);
    else if (!stored && store_has(store, "summary/strength_mean"))
        printf(", summaries only");
    putchar('\n');
}

/* How many replicates ended in which way. */
static int print_status(store_t *store, fault_t *err) {
    uint32_t n = store_replicates(store);
    size_t n_variants, points = store_size(store, "point") ? store_size(store, "point") : 1;
    char **variants;
    int ret = store_names(store, "variant", &n_variants, &variants, err);
    if (ret) return ret;
    int8_t *status = mem_alloc(n, sizeof *status);
    int64_t total[STOP_N] = {0};
    if (!status) ret = error_memory(err);
    for (size_t p = 0; p < points && status && !ret; p++)
        for (size_t v = 0; v < n_variants && !ret; v++) {
            ret = store_read_status(store, (int)p, (int)v, 0, n, status, err);
            for (uint32_t i = 0; i < n && !ret; i++) {
                int code = status[i] >= 0 && status[i] < STOP_N ? status[i] : STOP_NONE;
                if (code && total[code]++ < 3)
                    printf("  replicate %u of %s: %s\n", i, variants[v], stop_names[code]);
            }
        }
    int64_t failed = 0;
    for (int s = 1; s < STOP_N; s++) failed += total[s];
    if (failed)
        printf("  %lld runs stopped early; their replicates are left out of the summaries\n",
               (long long)failed);
    else
        printf("  all replicates ran to the end of the period\n");
    mem_free(status);
    store_free_names(n_variants, variants);
    return ret;
}

static int print_events(store_t *store, fault_t *err) {
    size_t n_kinds, n_variants = store_size(store, "variant"), n = store_replicates(store);
    char **kinds;
    int ret = store_names(store, "kind", &n_kinds, &kinds, err);
    if (ret) return ret;
    bool counted = n_kinds && !store_size(store, "point");
    double *counts = mem_alloc(n_variants * n * n_kinds, sizeof *counts);
    if (!counts)
        ret = error_memory(err);
    else if (counted)
        ret = store_numbers(store, "event_count", n_variants * n * n_kinds, counts, err);
    if (!ret && counts && counted) {
        printf("\nEvents a replicate, first variant\n");
        int column = 0;
        for (size_t k = 0; k < n_kinds; k++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) sum += counts[i * n_kinds + k];
            if (sum <= 0) continue;
            char text[128];
            int width = snprintf(text, sizeof text, "%s %.3g", kinds[k], sum / (double)n);
            if (column == 0 || column + width + 3 > LINE_WIDTH) column = printf("%s ", column ? "\n" : "");
            column += printf(" %s%s", text, k + 1 < n_kinds ? ";" : "");
        }
        putchar('\n');
    }
    mem_free(counts);
    store_free_names(n_kinds, kinds);
    return ret;
}

static int print_provenance(store_t *store, fault_t *err) {
    printf("\nProvenance\n");
    print_attribute(store, "provenance", "command", "command");
    print_attribute(store, "provenance", "program", "program");
    print_attribute(store, "provenance", "git", "source");
    print_attribute(store, "provenance", "build", "build");
    print_attribute(store, "provenance", "start", "from");
    print_attribute(store, "provenance", "end", "until");
    print_attribute(store, "provenance", "host", "host");
    printf("  %-12s %llu\n", "seed", (unsigned long long)store_seed(store));
    int ret = print_names(store, "provenance/file", "files", 20, err);
    return ret ? ret : print_names(store, "provenance/setting", "set", 20, err);
}

static int print_content(store_t *store, fault_t *err) {
    int ret = 0;
    printf("\nContents\n");
    TRY(print_names(store, "variant", "variants", 20, err));
    TRY(print_names(store, "quantity", "quantities", 40, err));
    TRY(print_names(store, "tie", "ties", 12, err));
    TRY(print_times(store, err));
    TRY(print_names(store, "parameter", "uncertain", 20, err));
    TRY(print_names(store, "actor", "actors", 60, err));
    TRY(print_names(store, "kind", "event types", 60, err));
    printf("  %-14s %s\n", "event log", store_has(store, "events") ? "yes" : "no");
    print_trajectories(store);
out:
    return ret;
}

static int print_all(store_t *store, fault_t *err) {
    const char *title = store_attribute(store, "", "title");
    int ret = 0;
    printf("%s%s", title, *title ? "\n" : "");
    print_period(store);
    printf("  %-12s %u\n", "replicates", store_replicates(store));
    if (store_size(store, "point")) printf("  %-12s %zu\n", "points", store_size(store, "point"));
    print_attribute(store, "", "entente_schema", "format");
    TRY(print_content(store, err));
    printf("\nStatus\n");
    TRY(print_status(store, err));
    TRY(print_events(store, err));
    TRY(print_provenance(store, err));
    if (store_has(store, "summary/n") && !store_size(store, "point")) {
        printf("\nQuantities\n");
        TRY(quantity_table_print(stdout, store, err));
    }
    if (store_has(store, "sensitivity")) {
        printf("\nSensitivity\n");
        TRY(sensitivity_table(stdout, NULL, store, 0, NULL, err));
    }
    ret = store_trouble(store, err);
out:
    return ret;
}

int show_output(const char *path) {
    fault_t err = {0};
    store_t *store;
    int ret = store_open(&store, path, &err);
    if (!ret) ret = print_all(store, &err);
    store_close(store);
    if (ret) fprintf(stderr, "entente: %s\n", err.text);
    return error_exit_code(ret);
}
