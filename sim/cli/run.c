/* `entente run`: simulates replicates of a scenario into an output file, and shows the quantities. */
#include "run/run.h"

#include "base/suggest.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/open_scenario.h"
#include "cli/quantity_table.h"
#include "cli/reopen.h"
#include "io/units.h"
#include "run/tally.h"
#include <argp.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define MOST_OPTIONS 256 /* of --set and of --variant */

typedef struct {
    const char *path, *out;
    bool has_seed, restart, quiet, json, fixed;
    uint64_t seed;
    uint32_t replicates, block; /* 0: the scenario's */
    int workers, n_sets, n_variants;
    const char *sets[MOST_OPTIONS], *variants[MOST_OPTIONS], *precisions[MOST_OPTIONS];
    int n_precisions;
} run_arguments_t;

enum { KEY_SET = 256, KEY_VARIANT, KEY_PRECISION, KEY_RESTART, KEY_JSON, KEY_BLOCK, KEY_FIXED };

static const struct argp_option option_table[] = {
    {"output", 'o', "OUT.h5", 0,
     "Where the results go (default: the scenario's name with .h5, in this folder)", 0},
    {"replicates", 'n', "NUMBER", 0, "Replicates in place of the scenario's number", 0},
    {"seed", 's', "SEED", 0, "Master seed in place of the scenario's", 0},
    {"workers", 'j', "NUMBER", 0,
     "Worker processes (default: the processors there are); they never change results", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "Give a parameter another value; may be repeated", 0},
    {"fixed", KEY_FIXED, NULL, 0,
     "Uncertain parameters stay at the scenario's own values instead of being drawn", 0},
    {"variant", KEY_VARIANT, "NAME", 0, "Only the base and this variant; may be repeated (default: all)", 0},
    {"precision", KEY_PRECISION, "QUANTITY=HALFWIDTH", 0,
     "Go on until the 95 % interval of the quantity's mean is that narrow in every variant (to at most "
     "--replicates, if given, else ten million); may be repeated",
     0},
    {"restart", KEY_RESTART, NULL, 0, "Throw away what an earlier run of this output left", 0},
    {"quiet", 'q', NULL, 0, "No progress, no table", 0},
    {"json", KEY_JSON, NULL, 0, "Progress as JSON lines on stderr, the table as JSON on stdout", 0},
    {"block", KEY_BLOCK, "NUMBER", OPTION_HIDDEN, "Replicates a block, for tests", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    run_arguments_t *a = state->input;
    switch (key) {
    case 'o':
        a->out = arg;
        return 0;
    case 'n':
        a->replicates = (uint32_t)launch_number(state, "--replicates", arg, 1, INT32_MAX);
        return 0;
    case 's':
        a->seed = launch_number(state, "--seed", arg, 0, UINT64_MAX);
        a->has_seed = true;
        return 0;
    case 'j':
        a->workers = (int)launch_number(state, "--workers", arg, 1, 1024);
        return 0;
    case KEY_SET:
        if (a->n_sets == MOST_OPTIONS) argp_error(state, "--set is given more than %d times", MOST_OPTIONS);
        a->sets[a->n_sets++] = arg;
        return 0;
    case KEY_FIXED:
        a->fixed = true;
        return 0;
    case KEY_VARIANT:
        if (a->n_variants == MOST_OPTIONS)
            argp_error(state, "--variant is given more than %d times", MOST_OPTIONS);
        a->variants[a->n_variants++] = arg;
        return 0;
    case KEY_PRECISION:
        if (a->n_precisions == MOST_OPTIONS)
            argp_error(state, "--precision is given more than %d times", MOST_OPTIONS);
        a->precisions[a->n_precisions++] = arg;
        return 0;
    case KEY_RESTART:
        a->restart = true;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case KEY_BLOCK:
        a->block = (uint32_t)launch_number(state, "--block", arg, 1, 100000);
        return 0;
    case ARGP_KEY_ARG:
        if (a->path) argp_error(state, "one scenario is expected, \"%s\" is a second one", arg);
        a->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->path) argp_error(state, "which scenario? Give its file, or an output file to reproduce");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what the arguments mean ------------------------------------------------------------------------- */

/* "scenarios/x.yaml" gives "x.h5", an output file "x.h5" gives "x-again.h5". */
static char *default_output(const char *path, bool again) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *out = NULL;
    return asprintf(&out, "%.*s%s.h5", length, name, again ? "-again" : "") < 0 ? NULL : out;
}

/* "kaz_strength=0.005", "uzb_deals=50 M USD". False after saying what is wrong. */
static bool parse_precision(const model_t *model, const char *text, precision_t *out) {
    const char *equals = strchr(text, '=');
    char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (!name) return false;
    out->quantity = model_quantity(model, name);
    if (out->quantity < 0) {
        suggest_t near = suggest_for(name);
        for (int q = 0; q < model->n_quantities; q++) suggest_offer(&near, model->quantities[q].name);
        fprintf(stderr, "entente: --precision %s: no quantity \"%s\" in this scenario%s%s%s\n", text, name,
                near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    }
    free(name);
    if (out->quantity < 0) return false;
    bool money = !strncmp(model->quantities[out->quantity].unit, "USD", 3);
    if (equals && units_parse(money ? DIM_MONEY : DIM_NUMBER, equals + 1, &out->half_width) &&
        out->half_width > 0)
        return true;
    fprintf(
        stderr,
        "entente: --precision %s: QUANTITY=HALFWIDTH is expected, the half-width more than 0, such as %s\n",
        text, money ? "deals=50 M USD" : "strength=0.005");
    return false;
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static int show_results(const run_arguments_t *a, const char *out_path, const run_report_t *report,
                        int64_t left_out, fault_t *err) {
    if (a->quiet && !a->json) return 0;
    store_t *store = NULL;
    int ret = store_open(&store, out_path, err);
    if (ret) return ret;
    if (a->json) {
        json_t *table = quantity_table_json(store, err);
        json_t *all =
            json_pack("{s:s s:I s:I s:I s:I s:b s:b s:I s:f s:o}", "output", out_path, "replicates",
                      (json_int_t)report->n_replicates, "simulated", (json_int_t)report->n_simulated,
                      "reused", (json_int_t)report->n_reused, "failed", (json_int_t)report->n_failed,
                      "was_complete", report->was_complete, "precise", !report->imprecise, "cells_left_out",
                      (json_int_t)left_out, "seconds", report->seconds, "quantities", table);
        if (all) json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(all);
    } else {
        ret = quantity_table_print(stdout, store, err);
    }
    store_close(store);
    return ret;
}

static void tell_left_out(const plan_t *plan) {
    if (plan->layout.left_out)
        fprintf(stderr,
                "entente: trajectories are %ssummarised: variants x times x ties are %" PRId64
                ", and %u are the most (--variant, output.every and output.ties make them fewer)\n",
                plan->layout.trajectories ? "stored but not " : "neither stored nor ", plan->layout.left_out,
                TALLY_MOST_CELLS);
}

static int simulate(const run_arguments_t *a, const plan_request_t *request, const run_options_t *options) {
    fault_t err = {0};
    plan_t plan;
    run_report_t report = {0};
    int ret = plan_init(&plan, request, &err);
    if (!ret && !a->quiet && !a->json) tell_left_out(&plan);
    if (!ret) ret = run_all(&plan, options, &report, &err);
    bool written = !ret || ret == ERR_INTERNAL; /* of which one reason is: too many failed replicates */
    if (!ret && !a->quiet && !a->json) {
        if (report.was_complete)
            fprintf(stderr, "entente: %s is complete already, %u replicates\n", options->out_path,
                    report.n_replicates);
        else
            fprintf(stderr, "entente: %s: %u replicates in %.1f s\n", options->out_path, report.n_replicates,
                    report.seconds);
    }
    if (written && report.n_failed)
        fprintf(stderr, "entente: %" PRId64 " replicates stopped early and are left out of the summaries\n",
                report.n_failed);
    if (!ret) ret = show_results(a, options->out_path, &report, plan.layout.left_out, &err);
    if (ret) fprintf(stderr, "entente: %s\n", err.text);
    plan_free(&plan);
    return error_exit_code(ret);
}

static int run_opened(const run_arguments_t *a, opened_t *opened, const reopened_t *made, int n_own_sets,
                      const char *const *own_sets, const char *command) {
    model_t *model = &opened->scenario.model;
    const sources_t *sources = &opened->scenario.sources;
    int status = EX_SOFTWARE, n_variants = 0;
    char start[32], *out_path = a->out ? strdup(a->out) : default_output(a->path, made != NULL);
    int *variants = calloc((size_t)model->n_variants + 1, sizeof *variants);
    const char **paths = calloc((size_t)sources->n + 1, sizeof *paths),
               **texts = calloc((size_t)sources->n + 1, sizeof *texts);
    precision_t *precision = calloc((size_t)a->n_precisions + 1, sizeof *precision);
    size_t n_made = made ? made->n_sets : 0, n_sets = n_made + (size_t)n_own_sets;
    const char **sets = calloc(n_sets + 1, sizeof *sets);
    if (!out_path || !variants || !precision || !paths || !texts || !sets) {
        fputs("entente: out of memory\n", stderr);
        goto out;
    }
    for (size_t i = 0; i < n_sets; i++) sets[i] = made && i < n_made ? made->sets[i] : own_sets[i - n_made];
    for (int i = 0; i < sources->n; i++) {
        paths[i] = sources->items[i].path;
        texts[i] = sources->items[i].text;
    }
    if (made && !a->n_variants)
        n_variants = launch_variants(opened, (int)made->n_variants, (const char *const *)made->variants,
                                     variants, &status);
    else
        n_variants = launch_variants(opened, a->n_variants, a->variants, variants, &status);
    if (n_variants < 0) goto out;
    for (int i = 0; i < a->n_precisions; i++)
        if (!parse_precision(model, a->precisions[i], &precision[i])) {
            status = EX_USAGE;
            goto out;
        }
    launch_moment(start);
    uint32_t replicates = made ? made->replicates : (uint32_t)model->replicates;
    if (a->n_precisions) replicates = PRECISION_MOST;
    plan_request_t request = {
        .model = model,
        .n_files = sources->n,
        .file_paths = paths,
        .file_texts = texts,
        .seed = a->has_seed ? a->seed
                : made      ? made->seed
                            : model->seed,
        .n_replicates = a->replicates ? a->replicates : replicates,
        .n_variants = n_variants,
        .variants = variants,
        .n_settings = opened->n_settings,
        .settings = opened->settings,
        .setting_texts = sets,
        .block_replicates = a->block ? a->block
                            : made   ? made->block_replicates
                                     : 0,
    };
    run_options_t options = {
        .out_path = out_path,
        .workers = a->workers ? a->workers : launch_processors(),
        .restart = a->restart,
        .n_precision = a->n_precisions,
        .precision = precision,
        .progress = a->quiet  ? PROGRESS_QUIET
                    : a->json ? PROGRESS_JSON
                              : PROGRESS_AUTO,
        .provenance = {.scenario = paths[0],
                       .n_files = sources->n,
                       .paths = paths,
                       .texts = texts,
                       .n_settings = (int)n_sets,
                       .settings = sets,
                       .command = command,
                       .start = start},
    };
    status = simulate(a, &request, &options);
out:
    free(precision);
    free(sets);
    free(texts);
    free(paths);
    free(variants);
    free(out_path);
    return status;
}

int command_run(int argc, char **argv) {
    static const struct argp argp = {option_table,
                                     parse_option,
                                     "SCENARIO|OUT.h5",
                                     "Simulates replicates of a scenario, in all its variants, into one HDF5 "
                                     "file, and shows its quantities. "
                                     "Given an output file, runs again what it was made from."
                                     "\vA run that was interrupted, in whatever way, goes on with the same "
                                     "command; more replicates reuse those "
                                     "that are there. Exit codes: 65 the scenario is wrong, 73 the output "
                                     "cannot be created, 74 writing failed "
                                     "(disk full), 75 interrupted.",
                                     NULL,
                                     NULL,
                                     NULL};
    run_arguments_t arguments = {0};
    char *command = launch_command(argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    opened_t opened;
    reopened_t made = {0};
    bool again = is_output(arguments.path);
    if (again && arguments.fixed) {
        fputs("entente: --fixed is for a scenario; an output file is run again with the settings it has\n",
              stderr);
        free(command);
        return EX_USAGE;
    }
    int n_sets = arguments.n_sets, n_fixed = 0, status;
    const char *const *sets = arguments.sets, **all = NULL;
    if (again) {
        status = reopen_scenario(&opened, &made, arguments.path, n_sets, sets);
    } else {
        status = open_scenario(&opened, arguments.path, 0, NULL);
        if (!status && arguments.fixed) {
            sets = all = fixed_sets(&opened.scenario.model, n_sets, sets, &n_fixed);
            n_sets += n_fixed;
            if (!all) status = error_exit_code(ERR_NOMEM);
        }
        if (!status) status = open_settings(&opened, n_sets, sets);
    }
    if (!status)
        status = run_opened(&arguments, &opened, again ? &made : NULL, n_sets, sets, command ? command : "");
    free_sets(all, n_fixed);
    close_scenario(&opened);
    reopened_free(&made);
    free(command);
    return status;
}
