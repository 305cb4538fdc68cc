/* `entente check`: reports every problem of scenarios, and compares output files with their seal. */
#include "base/mem.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "cli/reopen.h"
#include "model/stability.h"
#include "scenario/scenario.h"
#include "store/store.h"
#include "text/text_table.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

typedef struct {
    common_t common;
    bool schema, reference, stability;
    texts_t paths;
} check_options_t;

static const option_t option_table[] = {
    {NULL, .argument = "scenario", .file = FILE_READ, TEXTS(check_options_t, paths)},
    OPTION_QUIET("Print problems only"),
    OPTION_JSON("Print the problems as JSON on standard output; with --quiet only scenarios with problems"),
    {"stability", 0, NULL,
     "Also print the expected events a year and the direct offspring of an event, for each event type",
     FLAG(check_options_t, stability)},
    {"schema", 0, NULL, "Print the scenario language as JSON Schema and end", FLAG(check_options_t, schema)},
    {"reference", 0, NULL, "Print the scenario language as Markdown tables and end",
     FLAG(check_options_t, reference)},
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const check_options_t *options = arguments;
    bool language = options->schema || options->reference;
    bool more = options->paths.n || options->stability || options->common.json || options->common.quiet;
    if (options->paths.n == 0 && !language)
        argp_error(state, "the file is missing; give a scenario or an output file");
    if ((language && more) || (options->schema && options->reference))
        argp_error(state, "--%s prints the language and ends; it cannot be combined with other arguments",
                   options->schema ? "schema" : "reference");
    if (options->common.quiet && options->stability)
        argp_error(state, "--stability prints what --quiet suppresses; give one of the two");
}

/* "1 tie", "2 ties", "1 calendar entry". */
static void print_count(int n, const char *one, const char *many, const char *end) {
    printf("%d %s%s", n, n == 1 ? one : many, end);
}

/* ---- stability -------------------------------------------------------------------------------------- */

typedef struct {
    double radius, a_year;
    double *spontaneous, *calendar, *total, *offspring; /* [n_kinds] a year; offspring of one event */
} stability_t;

static void stability_free(stability_t *self) {
    mem_free(self->spontaneous);
    *self = (stability_t){0};
}

static int stability_init(stability_t *self, model_t *model) {
    size_t n = (size_t)model->n_kinds;
    *self = (stability_t){.spontaneous = mem_alloc(5 * n + n * n + 1, sizeof(double))};
    if (!self->spontaneous) return ERR_NOMEM;
    self->calendar = self->spontaneous + n;
    self->total = self->calendar + n;
    self->offspring = self->total + n;
    double *sources = self->offspring + n, *matrix = sources + n;
    int ret = stability_sources(model, self->spontaneous, self->calendar);
    if (ret < 0) return ret;
    stability_matrix(model, true, 0, matrix);
    self->radius = stability_radius(matrix, model->n_kinds);
    for (size_t k = 0; k < n; k++) {
        sources[k] = self->spontaneous[k] + self->calendar[k];
        self->offspring[k] = 0;
        for (size_t j = 0; j < n; j++) self->offspring[k] += matrix[k * n + j];
    }
    stability_total(matrix, model->n_kinds, self->radius, sources, self->total);
    for (size_t k = 0; k < n; k++) self->a_year += self->total[k];
    return 0;
}

static void add_number(text_table_t *table, double value) {
    text_table_add(table, value >= 100 ? "%.0f" : "%.3g", value);
}

static void print_stability(const model_t *model, const stability_t *stability) {
    text_table_t table;
    printf("\nEvents a year given the state at the start, without seasons; offspring and total are upper "
           "bounds\n");
    text_table_init(&table, (const char *const[]){"event type", ">baseline", ">calendar", ">total, at most",
                                                  ">offspring", NULL});
    for (int k = 0; k < model->n_kinds; k++) {
        text_table_add(&table, "%s", model->kinds[k].name);
        add_number(&table, stability->spontaneous[k]);
        add_number(&table, stability->calendar[k]);
        add_number(&table, stability->total[k]);
        add_number(&table, stability->offspring[k]);
    }
    text_table_print(&table, stdout);
}

static json_t *stability_json(const model_t *model, const stability_t *stability) {
    json_t *kinds = json_object();
    for (int k = 0; k < model->n_kinds; k++) {
        double total = stability->total[k];
        json_object_set_new(kinds, model->kinds[k].name,
                            json_pack("{s:f, s:f, s:o, s:f}", "baseline", stability->spontaneous[k],
                                      "calendar", stability->calendar[k], "total",
                                      isfinite(total) ? json_real(total) : json_null(), "offspring",
                                      stability->offspring[k]));
    }
    return json_pack("{s:f, s:o}", "spectral_radius", stability->radius, "events_a_year", kinds);
}

static void print_ok(const char *path, const scenario_t *scenario, const stability_t *stability) {
    const model_t *model = &scenario->model;
    printf("%s: ok: ", path);
    print_count(model->n_actors, "actor", "actors", ", ");
    print_count(model->n_ties, "tie", "ties", ", ");
    print_count(model->n_kinds, "event type", "event types", ", ");
    print_count(model->n_calendar, "calendar entry", "calendar entries", ", ");
    print_count(model->n_quantities, "quantity", "quantities", ", ");
    print_count(model->n_variants, "variant", "variants", ", ");
    print_count(model->n_uncertain, "uncertain parameter", "uncertain parameters", "");
    printf("; spectral radius %.2g", stability->radius);
    if (isfinite(stability->a_year))
        printf(", at most %.*g events a year", stability->a_year >= 1000 ? 4 : 3, stability->a_year);
    putchar('\n');
}

/* What libraries were taken without, reason by reason. */
static void print_left_out(const scenario_t *scenario) {
    const left_out_t *items = scenario->left_out;
    for (int i = 0, j; i < scenario->n_left_out; i++) {
        for (j = 0; j < i && strcmp(items[j].why, items[i].why) != 0; j++) continue;
        if (j < i) continue; /* told with the first */
        printf("  left out of a library, because %s: %s", items[i].why, items[i].what);
        for (j = i + 1; j < scenario->n_left_out; j++)
            if (!strcmp(items[j].why, items[i].why)) printf(", %s", items[j].what);
        putchar('\n');
    }
}

static void print_trade(const scenario_t *scenario) {
    if (!scenario->no_equilibrium) return;
    printf(
        "  trade: each flow by its own tie, in no equilibrium, because %s (`trade: {equilibrium: none}` if "
        "that is meant)\n",
        scenario->no_equilibrium);
}

static json_t *left_out_json(const scenario_t *scenario) {
    json_t *list = json_array();
    for (int i = 0; i < scenario->n_left_out; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "what", scenario->left_out[i].what, "why",
                                              scenario->left_out[i].why));
    return list;
}

static json_t *problem_json(const diagnostic_t *item) {
    return json_pack("{s:s, s:i, s:i, s:s, s:s}", "file", item->path, "line", item->mark.line, "column",
                     item->mark.column, "severity", severity_names[item->severity], "text", item->text);
}

/* One object a scenario, appended to `list`; false without memory. */
static bool add_json(json_t *list, const char *path, int ret, diagnostics_t *diagnostics, json_t *left_out,
                     json_t *stability) {
    json_t *problems = json_array();
    diagnostics_sort(diagnostics);
    bool good = problems != NULL;
    for (int i = 0; good && i < diagnostics->n; i++)
        good = json_array_append_new(problems, problem_json(&diagnostics->items[i])) == 0;
    json_t *result = json_pack("{s:s, s:b, s:i, s:i, s:o}", "scenario", path, "ok", ret == 0, "errors",
                               diagnostics->counts[SEVERITY_ERROR], "warnings",
                               diagnostics->counts[SEVERITY_WARNING], "problems", problems);
    if (stability) good &= json_object_set_new(result, "stability", stability) == 0;
    good &= json_object_set_new(result, "left_out", left_out) == 0;
    return good && result && json_array_append_new(list, result) == 0;
}

static int check_one(const char *path, const check_options_t *options, json_t *list) {
    diagnostics_t diagnostics;
    scenario_t scenario = {0};
    diagnostics_init(&diagnostics);
    int ret = scenario_read(&scenario, path, &diagnostics);
    stability_t stability = {0};
    bool told = options->stability || !(list || options->common.quiet);
    if (ret == 0 && told) ret = stability_init(&stability, &scenario.model);
    bool silent = options->common.quiet && ret == 0 && diagnostics.n == 0;
    if (list && !silent) {
        json_t *json = ret == 0 && told ? stability_json(&scenario.model, &stability) : NULL;
        if (!add_json(list, path, ret, &diagnostics, left_out_json(&scenario), json)) ret = ERR_NOMEM;
    } else if (!list) {
        diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
        if (ret == 0 && !options->common.quiet) print_ok(path, &scenario, &stability);
        if (ret == 0 && !options->common.quiet) print_left_out(&scenario);
        if (ret == 0 && !options->common.quiet) print_trade(&scenario);
        if (ret == 0 && options->stability) print_stability(&scenario.model, &stability);
    }
    stability_free(&stability);
    if (ret == ERR_NOMEM) fputs("entente: out of memory\n", stderr);
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
    return error_exit_code(ret);
}

/* Checks an output file: every byte against its seal, every object against the specification. */
static int check_output(const char *path, const check_options_t *options, json_t *list) {
    fault_t err = {0};
    store_t *store;
    int ret = store_open_whole(&store, path, &err);
    if (list) {
        json_t *result =
            json_pack("{s:s, s:b, s:s*}", "output", path, "ok", ret == 0, "problem", ret ? err.text : NULL);
        if (json_array_append_new(list, result)) ret = ERR_NOMEM;
    } else if (ret) {
        fprintf(stderr, "entente: %s\n", err.text);
    } else if (!options->common.quiet) {
        printf("%s: ok: %u replicates, every byte as written\n", path, store_replicates(store));
    }
    store_close(store);
    return error_exit_code(ret);
}

int command_check(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO|OUT.h5...",
        "Reads scenarios and reports every problem, with file, line and column. Compares every byte of an "
        "output file with its seal.\vExit codes: 0 all files are valid (warnings allowed), 65 one is invalid "
        "or damaged, 66 a file cannot "
        "be read or is not an output file.",
        check};
    check_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    if (options.schema) return error_exit_code(scenario_schema(stdout));
    if (options.reference) return error_exit_code(scenario_reference(stdout));
    json_t *list = options.common.json ? json_array() : NULL;
    int status = EX_OK;
    for (int i = 0; i < options.paths.n; i++) {
        const char *path = options.paths.items[i];
        int one =
            reopen_is_output(path) ? check_output(path, &options, list) : check_one(path, &options, list);
        if (status == EX_OK) status = one;
    }
    options_free(option_table, &options);
    return list && command_print_json(list) ? EX_SOFTWARE : status;
}
