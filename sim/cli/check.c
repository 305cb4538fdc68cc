/* `entente check`: every problem of one or more scenarios. */
#include "cli/command.h"
#include "io/scenario.h"

#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#define MOST_FILES 256

typedef struct {
    bool quiet, json, schema, reference;
    int n;
    const char *paths[MOST_FILES];
} check_options_t;

enum { KEY_JSON = 256, KEY_SCHEMA, KEY_REFERENCE };

static const struct argp_option option_table[] = {
    {"quiet", 'q', NULL, 0, "Say nothing of a scenario that is right", 0},
    {"json", KEY_JSON, NULL, 0, "Print the problems as JSON on standard output", 0},
    {"schema", KEY_SCHEMA, NULL, 0, "Print the scenario language as JSON Schema and end", 1},
    {"reference", KEY_REFERENCE, NULL, 0, "Print the scenario language as Markdown tables and end", 1},
    {0},
};

static error_t parse_option(int key, char *arg, /* NOLINT(readability-non-const-parameter): argp's */
                            struct argp_state *state) {
    check_options_t *options = state->input;
    switch (key) {
    case 'q':
        options->quiet = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_SCHEMA:
        options->schema = true;
        return 0;
    case KEY_REFERENCE:
        options->reference = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->n == MOST_FILES) argp_error(state, "more than %d scenarios at once", MOST_FILES);
        options->paths[options->n++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (options->n == 0 && !options->schema && !options->reference)
            argp_error(state, "which scenario? Give its file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* "1 tie", "2 ties", "1 calendar entry". */
static void print_count(int n, const char *one, const char *many, const char *end) {
    printf("%d %s%s", n, n == 1 ? one : many, end);
}

static void print_ok(const char *path, const scenario_t *scenario) {
    const model_t *model = &scenario->model;
    printf("%s: ok: ", path);
    print_count(model->n_actors, "actor", "actors", ", ");
    print_count(model->n_ties, "tie", "ties", ", ");
    print_count(model->n_kinds, "kind", "kinds", ", ");
    print_count(model->n_calendar, "calendar entry", "calendar entries", ", ");
    print_count(model->n_quantities, "quantity", "quantities", ", ");
    print_count(model->n_variants, "variant", "variants", ", ");
    print_count(model->n_uncertain, "uncertain parameter", "uncertain parameters", "\n");
}

static json_t *problem_json(const diagnostic_t *item) {
    return json_pack("{s:s, s:i, s:i, s:s, s:s}", "file", item->path, "line", item->mark.line, "column",
                     item->mark.column, "severity", severity_names[item->severity], "text", item->text);
}

/* One object a scenario, appended to `list`; false without memory. */
static bool add_json(json_t *list, const char *path, int ret, diagnostics_t *diagnostics) {
    json_t *problems = json_array();
    diagnostics_sort(diagnostics);
    bool good = problems != NULL;
    for (int i = 0; good && i < diagnostics->n; i++)
        good = json_array_append_new(problems, problem_json(&diagnostics->items[i])) == 0;
    json_t *result = json_pack("{s:s, s:b, s:i, s:i, s:o}", "scenario", path, "ok", ret == 0, "errors",
                               diagnostics->counts[SEVERITY_ERROR], "warnings",
                               diagnostics->counts[SEVERITY_WARNING], "problems", problems);
    return good && result && json_array_append_new(list, result) == 0;
}

static int check_one(const char *path, const check_options_t *options, json_t *list) {
    diagnostics_t diagnostics;
    scenario_t scenario = {0};
    diagnostics_init(&diagnostics);
    int ret = scenario_read(&scenario, path, &diagnostics);
    if (list) {
        if (!add_json(list, path, ret, &diagnostics)) ret = ERR_NOMEM;
    } else {
        diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
        if (ret == 0 && !options->quiet) print_ok(path, &scenario);
    }
    if (ret == ERR_NOMEM) fputs("entente: out of memory\n", stderr);
    scenario_free(&scenario);
    diagnostics_free(&diagnostics);
    return error_exit_code(ret);
}

int command_check(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "SCENARIO...",
        "Reads scenarios and reports every problem in them, with file, line and column.\v"
        "Ends with 0 if all are right (warnings allowed), 65 if one is wrong, 66 if a file cannot be read.",
        NULL,
        NULL,
        NULL};
    check_options_t options = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if (options.schema) return error_exit_code(scenario_schema(stdout));
    if (options.reference) {
        scenario_reference(stdout);
        return EX_OK;
    }
    json_t *list = options.json ? json_array() : NULL;
    int status = EX_OK;
    for (int i = 0; i < options.n; i++) {
        int one = check_one(options.paths[i], &options, list);
        if (status == EX_OK) status = one;
    }
    if (list) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        fputc('\n', stdout);
        json_decref(list);
    }
    return status;
}
