/* `entente run`: simulates replicates of a scenario into an output file, and shows the quantities. */
#include "cli/run.h"

#include "cli/command.h"
#include "cli/launch.h"
#include "cli/reopen.h"
#include "cli/tables/quantity_table.h"
#include "scenario/units.h"
#include "stats/tally.h"
#include "text/suggest.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const option_t option_table[] = {
    OPTION_SCENARIO(", or an output file to reproduce"),
    OPTION_OUTPUT("OUT.h5", "Output file (default: the scenario's name with .h5, in this folder)"),
    OPTIONS_RUN,
    {0},
};

void run_check(struct argp_state *state, const void *arguments) {
    const run_arguments_t *a = arguments;
    const common_t *c = &a->common;
    bool stream = options_is_stream(c->path);
    if (c->only_merge && (c->restart || c->n_tasks))
        argp_error(state, "the recipe in %s.parts is damaged: a merge takes neither --task nor --restart",
                   c->out);
    if (c->n_tasks && (c->restart || a->precisions.n))
        argp_error(state, "--task cannot be combined with --restart or --precision");
    if (stream && c->n_tasks)
        argp_error(state, "--task: every share and the merge read the scenario; give it as a file, not as %s",
                   c->path);
    if (stream && !c->out) argp_error(state, "%s has no name for the output; give -o OUT.h5", c->path);
}

/* ---- what the arguments mean ------------------------------------------------------------------------- */

/* "scenarios/x.yaml" gives "x.h5", an output file "x.h5" gives "x-again.h5". */
static char *default_output(const char *path, bool again) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *out = NULL;
    return asprintf(&out, "%.*s%s.h5", length, name, again ? "-again" : "") < 0 ? NULL : out;
}

/* ---- the precision requested ------------------------------------------------------------------------- */

static void tell_suggestion(const char *best) {
    fprintf(stderr, "%s%s%s\n", best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

/* "kaz_strength", or "kaz_strength:no_invitation". False after saying what is wrong. */
static bool read_precise(const plan_request_t *request, const char *text, char *name, precision_t *out) {
    const model_t *model = request->model;
    out->variant = PRECISION_MEANS;
    out->quantity = model_quantity(model, name);
    char *colon = strrchr(name, ':');
    if (out->quantity < 0 && colon) {
        *colon = 0;
        out->quantity = model_quantity(model, name);
    }
    if (out->quantity < 0) {
        suggest_t near = suggest_for(name);
        for (int q = 0; q < model->n_quantities; q++) suggest_offer(&near, model->quantities[q].name);
        fprintf(stderr, "entente: --precision %s: no quantity \"%s\" in this scenario", text, name);
        tell_suggestion(near.best);
        return false;
    }
    if (!colon) return true;
    suggest_t near = suggest_for(colon + 1);
    for (int v = 0; v < request->n_variants; v++) {
        const char *variant = model->variants[request->variants[v]].name;
        suggest_offer(&near, v ? variant : NULL);
        if (!strcmp(variant, colon + 1)) out->variant = v;
    }
    if (out->variant > 0) return true;
    fprintf(stderr,
            out->variant ? "entente: --precision %s: no variant \"%s\" in this run"
                         : "entente: --precision %s: \"%s\" is what changes are from; name another variant",
            text, colon + 1);
    tell_suggestion(out->variant ? near.best : NULL);
    return false;
}

/* "0.005", "50 M USD", "10%", "10 %". */
static bool read_width(const model_t *model, const char *text, precision_t *out) {
    size_t length = strlen(text);
    char *number = strdup(text);
    bool money = !strncmp(model->quantities[out->quantity].unit, "USD", 3);
    if (!number) return false;
    out->relative = length && text[length - 1] == '%';
    if (out->relative) number[length - 1] = 0;
    bool good = units_parse(money && !out->relative ? DIM_MONEY : DIM_NUMBER, number, &out->half_width) &&
                out->half_width > 0;
    if (out->relative) out->half_width /= 100;
    free(number);
    return good;
}

static bool parse_precision(const plan_request_t *request, const char *text, precision_t *out) {
    const char *equals = strchr(text, '=');
    char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    bool named = name && read_precise(request, text, name, out);
    free(name);
    if (!named) return false;
    if (equals && read_width(request->model, equals + 1, out)) return true;
    bool money = !strncmp(request->model->quantities[out->quantity].unit, "USD", 3);
    fprintf(stderr,
            "entente: --precision %s: QUANTITY=HALFWIDTH or QUANTITY:VARIANT=HALFWIDTH is expected, the "
            "half-width more than 0, such as %s, or 10%% of the estimate\n",
            text, money ? "deals=50 M USD" : "strength=0.005");
    return false;
}

/* Whether an earlier option requests another precision of the same interval; prints the error. */
static bool is_contradicted(const run_arguments_t *a, const precision_t *all, int i) {
    for (int k = 0; k < i; k++) {
        bool same = all[k].quantity == all[i].quantity && all[k].variant == all[i].variant;
        if (!same || (all[k].half_width == all[i].half_width && all[k].relative == all[i].relative)) continue;
        fprintf(stderr,
                "entente: --precision %s: --precision %s gives the same %s another width; give one of the "
                "two\n",
                a->precisions.items[i], a->precisions.items[k],
                all[i].variant == PRECISION_MEANS ? "quantity" : "change");
        return true;
    }
    return false;
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static int show_results(const common_t *c, const char *out_path, const run_report_t *report, int64_t left_out,
                        fault_t *err) {
    if (c->quiet && !c->json) return 0;
    store_t *store = NULL;
    int ret = store_open(&store, out_path, err);
    if (ret) return ret;
    if (c->json) {
        json_t *all = launch_report(out_path, report), *table = quantity_table_json(store, err);
        json_object_update_new(all, json_pack("{s:b s:I s:o*}", "precise", !report->imprecise,
                                              "cells_left_out", (json_int_t)left_out, "quantities", table));
        ret = command_print_json(all);
        if (!table) ret = err->code;
    } else {
        ret = quantity_table_print(stdout, store, err);
    }
    if (!ret) ret = store_trouble(store, err);
    store_close(store);
    return ret;
}

static void tell_left_out(const plan_t *plan) {
    if (plan->layout.left_out)
        fprintf(stderr,
                "entente: trajectories are %ssummarised: variants x times x ties are %" PRId64
                ", more than the limit of %u (--variant, output.every and output.ties reduce them)\n",
                plan->layout.trajectories ? "stored but not " : "neither stored nor ", plan->layout.left_out,
                TALLY_MOST_CELLS);
}

static int simulate(const run_command_t *by, const plan_request_t *request, run_options_t *options) {
    const run_arguments_t *a = by->arguments;
    const common_t *c = &a->common;
    fault_t err = {0};
    plan_t plan = {0};
    run_report_t report = {0};
    char **words = option_words(by->options, by->arguments), *recipe;
    bool tell = !c->quiet && !c->json;
    int ret = launch_recipe(by->name, words, &recipe, &err);
    if (!ret) ret = plan_init(&plan, request, &err);
    bool repeatable = !a->precisions.n && !options_is_stream(c->path);
    if (!c->only_merge && repeatable) options->recipe = recipe;
    if (!ret && tell) tell_left_out(&plan);
    if (!ret) ret = run_all(&plan, options, &report, &err);
    if (!ret && tell && c->n_tasks)
        launch_tell_share(c, &report);
    else if (!ret && tell && report.was_complete)
        fprintf(stderr, "entente: %s is complete already, %u replicates%s\n", options->out_path,
                report.n_replicates, launch_renamed(&report));
    else if (!ret && tell)
        fprintf(stderr, "entente: %s: %u replicates in %.1f s\n", options->out_path, report.n_replicates,
                report.seconds);
    launch_tell_failed(ret, &report);
    if (!ret && !c->n_tasks) ret = show_results(c, options->out_path, &report, plan.layout.left_out, &err);
    plan_free(&plan);
    option_words_free(words);
    free(recipe);
    return command_ended(ret, NULL, &err);
}

/* Takes options that the command line does not give from the output file that is repeated. False without
 * memory. */
static bool fill_in(run_arguments_t *a, const reopened_t *made) {
    common_t *c = &a->common;
    bool named = c->variants.n > 0;
    if (!c->has_seed) c->seed = made->seed;
    c->has_seed = true;
    if (!c->replicates && !a->precisions.n) c->replicates = made->replicates;
    if (!c->block) c->block = made->block_replicates;
    for (size_t v = 0; v < made->n_variants && !named; v++)
        if (!texts_add(&c->variants, made->variants[v])) return false;
    return true;
}

int run_opened(const run_command_t *by, opened_t *opened, const char *command) {
    const run_arguments_t *a = by->arguments;
    launch_t launch;
    precision_t *precision = calloc((size_t)a->precisions.n + 1, sizeof *precision);
    int status = launch_init(&launch, &a->common, opened, command);
    if (!precision) status = EX_SOFTWARE;
    for (int i = 0; i < a->precisions.n && !status; i++)
        if (!parse_precision(&launch.request, a->precisions.items[i], &precision[i]) ||
            is_contradicted(a, precision, i))
            status = EX_USAGE;
    if (a->precisions.n && !a->common.replicates) launch.request.n_replicates = PRECISION_MOST;
    launch.options.n_precision = a->precisions.n;
    launch.options.precision = precision;
    if (!status) status = simulate(by, &launch.request, &launch.options);
    free(precision);
    launch_free(&launch);
    return status;
}

int command_run(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO|OUT.h5",
        "Simulates replicates of a scenario in all its variants, writes one HDF5 file, and prints its "
        "quantities. Given an output file, repeats the run that made it.\vThe same command continues an "
        "interrupted run; more replicates reuse the existing ones. Exit codes: 65 the scenario is invalid, "
        "73 the output cannot be created, 74 writing failed (disk full), 75 interrupted.",
        run_check};
    run_arguments_t arguments = {0};
    common_t *c = &arguments.common;
    char *command = launch_command(argc, argv), *out = NULL;
    options_parse(&line, argc, argv, &arguments);
    opened_t opened = {0};
    reopened_t made = {0};
    int status = EX_SOFTWARE;
    bool again = reopen_is_output(c->path);
    if (!c->out) c->out = out = default_output(c->path, again);
    if (!command || !c->out) {
        fputs("entente: out of memory\n", stderr);
    } else if (again && c->fixed) {
        fputs("entente: --fixed needs a scenario; an output file is repeated with its own settings\n",
              stderr);
        status = EX_USAGE;
    } else if (again) {
        status = reopen_scenario(&opened, &made, c);
        if (!status && !fill_in(&arguments, &made)) status = EX_SOFTWARE;
    } else {
        status = opened_read(&opened, c);
    }
    const run_command_t by = {"run", option_table, &arguments};
    if (!status) status = run_opened(&by, &opened, command);
    opened_close(&opened);
    options_free(option_table, &arguments);
    reopened_free(&made);
    free(command);
    free(out);
    return status;
}
