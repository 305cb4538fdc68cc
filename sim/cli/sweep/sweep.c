/* `entente sweep`: simulates the points of a design into one file, and ranks the parameters by influence. */
#include "cli/sweep/sweep.h"

#include "base/sobol.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/tables/sensitivity_table.h"
#include "run/trial.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define TRIAL_SECONDS 1.0

/* ---- options --------------------------------------------------------------------------------- */

static void check(struct argp_state *state, const void *arguments) {
    const sweep_arguments_t *a = arguments;
    const common_t *c = &a->common;
    if (c->only_merge && (c->restart || c->n_tasks || a->slurm || a->dry_run))
        argp_error(
            state,
            "the recipe in %s.parts is damaged: a merge takes no --task, --restart, --slurm or --dry-run",
            c->out);
    if (c->n_tasks && (c->restart || a->slurm || a->dry_run))
        argp_error(state, "--task cannot be combined with --restart, --slurm or --dry-run");
    if (a->slurm && c->restart)
        argp_error(state, "--slurm cannot be combined with --restart; remove %s and %s.parts first", c->out,
                   c->out);
    if (a->list && (a->params.n || a->uncertain || a->design || a->points))
        argp_error(state, "--list gives the whole design; it cannot be combined with --param, --uncertain, "
                          "--design or --points");
    if (c->json && (a->slurm || a->dry_run))
        argp_error(state,
                   "--json prints results; it cannot be combined with --slurm or --dry-run, which have none");
    bool streams = options_is_stream(c->path) || (a->list && options_is_stream(a->list));
    if (streams && (c->n_tasks || a->slurm))
        argp_error(state,
                   "--%s: every share and the merge read the scenario and the list; give them as files",
                   a->slurm ? "slurm" : "task");
    if (a->n_passed && !a->slurm) argp_error(state, "words after `--` are for sbatch; give --slurm");
}

/* TASKS or TASKS%AT-ONCE, in Slurm's own notation. */
static void read_slurm(struct argp_state *state, void *arguments, const char *text) {
    sweep_arguments_t *a = arguments;
    char tasks[32];
    if (!text) return;
    const char *at_once = strchr(text, '%');
    if (at_once) a->slurm_at_once = (int)option_number(state, "--slurm", at_once + 1, 1, 1000000);
    snprintf(tasks, sizeof tasks, "%.*s", at_once ? (int)(at_once - text) : (int)strlen(text), text);
    a->slurm_tasks = (int)option_number(state, "--slurm", tasks, 1, 1000000);
}

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    OPTION_OUTPUT("OUT.h5", "Output file", .required = "the output file is missing; give -o OUT.h5"),
    {"param", 0, "PATH=LOW:HIGH",
     "Sweep this parameter (LOW:HIGH:log: evenly in its logarithm; V1,V2,...: these values; PATH alone: its "
     "distribution in the scenario's `uncertain`); may be repeated, and replaces the scenario's `sweep: "
     "parameters`",
     TEXTS(sweep_arguments_t, params)},
    {"uncertain", 0, NULL, "Sweep all uncertain parameters of the scenario",
     FLAG(sweep_arguments_t, uncertain)},
    {"design", 0, "NAME", "grid, random, latin, sobol, saltelli or morris", TEXT(sweep_arguments_t, design)},
    {"points", 0, "NUMBER",
     "Points of the design (grid: per parameter; saltelli: rows; morris: trajectories)",
     NUMBER(sweep_arguments_t, points, 1, DESIGN_POINTS_MOST)},
    {"list", 0, "CSV", "Use the rows of this table as points; its header names the parameters",
     INPUT(sweep_arguments_t, list)},
    {"keep", 0, "NAME: PATH < PATH",
     "Leave out the points that break this constraint (<, <=, > or >=; a side may be a value); may be "
     "repeated",
     TEXTS(sweep_arguments_t, keeps)},
    {"independent", 0, NULL, "Give each point its own random numbers in place of common random numbers",
     FLAG(sweep_arguments_t, independent)},
    {"everything", 0, NULL,
     "Store everything in the scenario's `output` for each replicate: trajectories, events, metrics "
     "(default: only quantities, event counts and drawn parameters)",
     FLAG(sweep_arguments_t, everything)},
    OPTION_REPLICATES(" of each point"),
    OPTION_SEED,
    OPTION_WORKERS,
    OPTION_SET(" at all points"),
    OPTION_VARIANTS,
    {"quantity", 0, "NAME", "Show only this quantity; may be repeated", TEXTS(sweep_arguments_t, quantities)},
    OPTION_TASK,
    {"slurm", 0, "TASKS[%AT-ONCE]",
     "Submit a job array of this many tasks (several arrays, where MaxArraySize asks for them), of which "
     "AT-ONCE may run at the same time, and a job that merges; words after `--` are passed to sbatch",
     .flags = OPTION_ARG_OPTIONAL, .once = true, .type = OPTION_READ, .read = read_slurm,
     GIVEN(sweep_arguments_t, slurm)},
    {"dry-run", 0, NULL,
     "Print the plan (with --slurm the scripts) with an estimate of the core hours, from a second's trial, "
     "and "
     "write nothing",
     .once = true, FLAG(sweep_arguments_t, dry_run)},
    OPTION_RESTART("sweep"),
    OPTION_QUIET("Print no progress and no table; with --json only no progress"),
    OPTION_JSON("Progress as JSON lines on stderr, the tables as JSON on stdout"),
    OPTION_BLOCK("Replicates in a part: with larger parts there are fewer files, with smaller ones a killed "
                 "task loses less work (default: some tenths of a second of work)"),
    OPTION_ONLY_MERGE,
    {0},
};

/* ---- the sweep ------------------------------------------------------------------------------------- */

static int show(const sweep_arguments_t *a, const points_t *points, const run_report_t *report,
                fault_t *err) {
    store_t *store = NULL;
    json_t *tables = NULL;
    int ret = store_open(&store, a->common.out, err);
    if (ret) return ret;
    ret = sensitivity_table(stdout, a->common.json ? &tables : NULL, store, a->quantities.n,
                            a->quantities.items, err);
    if (a->common.json && !ret) {
        json_t *all = launch_report(a->common.out, report);
        json_object_update_new(all, json_pack("{s:s s:i s:o}", "design", design_names[points->design],
                                              "points", points->n_points, "sensitivity", tables));
        ret = command_print_json(all);
    }
    if (!ret) ret = store_trouble(store, err);
    store_close(store);
    return ret;
}

static void tell(const sweep_arguments_t *a, const points_t *points, const run_report_t *report) {
    if (a->common.quiet || a->common.json) return;
    if (a->common.n_tasks)
        launch_tell_share(&a->common, report);
    else if (report->was_complete)
        fprintf(stderr, "entente: %s is complete already: %d point%s, %u replicates each%s\n", a->common.out,
                points->n_points, points->n_points == 1 ? "" : "s", report->n_replicates,
                launch_renamed(report));
    else
        fprintf(stderr, "entente: %s: %d point%s, %u replicates each in %.1f s\n", a->common.out,
                points->n_points, points->n_points == 1 ? "" : "s", report->n_replicates, report->seconds);
}

/* "40 seconds", "12 minutes", "3.4 hours". */
static void print_time(double seconds) {
    double hours = seconds / 3600, minutes = seconds / 60;
    if (minutes < 1.5)
        printf("%.*f seconds", seconds < 10, seconds);
    else if (hours < 1.5)
        printf("%.0f minutes", minutes);
    else
        printf("%.*f hours", hours < 100, hours);
}

/* What a trial says of the work; the time of a task is that of `n_tasks` equal ones (0: no tasks). */
static int estimate(const plan_t *plan, const char *margin, int n_tasks, fault_t *err) {
    trial_t trial;
    int ret = trial_run(plan, TRIAL_SECONDS, &trial);
    if (ret) return error_memory(err);
    double hours = trial.seconds / 3600;
    if (hours < 0.01)
        printf("%sless than 0.01 core hours", margin);
    else
        printf("%sabout %.*f core hours", margin, hours < 1 ? 2 : hours < 100, hours);
    if (n_tasks) {
        printf(", ");
        print_time(trial.seconds / n_tasks);
        printf(" a task of one core");
    }
    printf("\n%sfrom a trial of %d replicate%s on this machine; parts and merge come on top\n",
           n_tasks ? margin : "            ", trial.n_replicates, trial.n_replicates == 1 ? "" : "s");
    return 0;
}

static void describe(const plan_t *plan, const points_t *points, const sweep_arguments_t *a) {
    printf("design      %s, %d point%s\n", design_names[points->design], points->n_points,
           points->n_points == 1 ? "" : "s");
    for (int s = 0; s < points->n_axes; s++) {
        double low = points->values[s], high = low;
        for (int p = 1; p < points->n_points; p++) {
            double v = points->values[(size_t)p * (size_t)points->n_axes + (size_t)s];
            if (v < low) low = v;
            if (v > high) high = v;
        }
        printf("parameter   %s, %g to %g\n", plan->request.model->params[points->params[s]].path, low, high);
    }
    printf("replicates  %u a point, %d variants, %s\n", plan->request.n_replicates, plan->request.n_variants,
           a->independent ? "independent random numbers at each point"
                          : "common random numbers at all points");
    if (plan->points_per_block > 1)
        printf("parts       %d of %d points\n", plan->n_blocks, plan->points_per_block);
    else
        printf("parts       %d of %u replicates\n", plan->n_blocks, plan->block_replicates);
}

/* Submits to Slurm, unless all replicates exist; rejects a scenario that has changed in the meantime. */
static int hand_over(const sweep_arguments_t *a, const plan_t *plan, const points_t *points,
                     const run_options_t *options, char **words) {
    fault_t err = {0};
    run_report_t there = {0};
    int ret = a->dry_run ? 0 : run_look(plan, options, &there, &err);
    if (ret) return command_ended(ret, NULL, &err);
    if (there.was_complete) {
        tell(a, points, &there);
        return 0;
    }
    if (there.n_reused)
        fprintf(stderr, "entente: %" PRId64 " of %" PRId64 " replicates exist already\n", there.n_reused,
                there.n_reused + there.n_simulated);
    if (a->dry_run) ret = estimate(plan, "# ", sweep_tasks(a, plan), &err);
    return ret ? command_ended(ret, NULL, &err) : sweep_submit(a, plan, words);
}

static int simulate(const sweep_arguments_t *a, const plan_request_t *request, run_options_t *options) {
    fault_t err = {0};
    plan_t plan = {0};
    run_report_t report = {0};
    const points_t *points = request->points;
    char **words = option_words(option_table, a), *recipe;
    int status = 0, ret = launch_recipe("sweep", words, &recipe, &err);
    if (!ret) ret = plan_init(&plan, request, &err);
    bool repeatable = !options_is_stream(a->common.path) && !(a->list && options_is_stream(a->list));
    options->recipe = a->common.only_merge || !repeatable ? NULL : recipe;
    if (!ret && a->slurm) {
        status = hand_over(a, &plan, points, options, words);
    } else if (!ret && a->dry_run) {
        describe(&plan, points, a);
        ret = estimate(&plan, "work        ", 0, &err);
    } else {
        if (!ret) ret = run_all(&plan, options, &report, &err);
        if (!ret) tell(a, points, &report);
        launch_tell_failed(ret, &report);
        if (!ret && !a->common.n_tasks && (!a->common.quiet || a->common.json))
            ret = show(a, points, &report, &err);
    }
    if (ret) status = command_ended(ret, NULL, &err);
    plan_free(&plan);
    option_words_free(words);
    free(recipe);
    return status;
}

/* A design with more parameters than the Sobol' sequence has dimensions. */
static void tell_random(const sweep_arguments_t *a, const points_t *points) {
    bool rows = points->design == DESIGN_SALTELLI;
    int most = rows ? SOBOL_DIMENSIONS / 2 : SOBOL_DIMENSIONS;
    if ((!rows && points->design != DESIGN_SOBOL) || points->n_axes <= most || a->common.quiet ||
        a->common.json)
        return;
    fprintf(
        stderr,
        "entente: %d parameters exceed the %d dimensions of the Sobol' sequence%s; random draws replace it\n",
        points->n_axes, most, rows ? " for saltelli" : "");
}

/* A swept parameter cannot be set. 0 or the exit code, after printing the error. */
static int check_settings(const opened_t *opened, const points_t *points) {
    int status = 0;
    for (int a = 0; a < points->n_axes; a++)
        for (int s = 0; s < opened->n_settings; s++) {
            if (opened->settings[s].param != points->params[a]) continue;
            fprintf(stderr, "entente: --set %s: this parameter is swept; give one of the two\n",
                    opened->setting_texts[s]);
            status = EX_USAGE;
        }
    return status;
}

static int sweep_opened(const sweep_arguments_t *a, opened_t *opened, const char *command) {
    model_t *model = &opened->scenario.model;
    points_t points = {0};
    launch_t launch;
    int status = launch_init(&launch, &a->common, opened, command);
    for (int i = 0; i < a->quantities.n && !status; i++)
        if (model_quantity(model, a->quantities.items[i]) < 0) {
            fprintf(stderr, "entente: --quantity %s: no such quantity in this scenario\n",
                    a->quantities.items[i]);
            status = EX_USAGE;
        }
    if (!status) status = sweep_points(a, &opened->scenario, launch.request.seed, &points);
    if (!status) status = check_settings(opened, &points);
    if (!status) tell_random(a, &points);
    if (!a->everything) {
        model->output.trajectories = model->output.events = false;
        model->output.n_metrics = 0;
    }
    launch.request.points = &points;
    launch.request.independent = a->independent;
    if (!status) status = simulate(a, &launch.request, &launch.options);
    points_free(&points);
    launch_free(&launch);
    return status;
}

/* The command as it was given; where options came from files, with what is in them. */
static char *given_command(const sweep_arguments_t *a, const sweep_words_t *files, int argc, char **argv) {
    if (files->n < 2) return launch_command(argc, argv);
    char **words = option_words(option_table, a), *command = NULL;
    int n = 0;
    while (words && words[n]) n++;
    char **all = words ? calloc((size_t)n + 1, sizeof *all) : NULL;
    if (all) {
        *all = argv[0];
        memcpy(all + 1, words, (size_t)n * sizeof *all);
        command = launch_command(n + 1, all);
    }
    free(all);
    option_words_free(words);
    return command;
}

int command_sweep(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO [-- SBATCH-OPTION...]\n@FILE",
        "Simulates the points of a design over a scenario's parameters, writes one HDF5 file, and ranks the "
        "parameters by their influence on the quantities. @FILE reads options from a file, one a line; "
        "options on the command line override them.\vThe same command continues an interrupted sweep; more "
        "points (except of grid and latin) and more replicates reuse the existing ones. Exit codes: 65 the "
        "scenario is invalid or parts are missing, 69 no job was submitted, 73 the output cannot be created, "
        "74 writing failed (disk full), 75 interrupted.",
        check};
    sweep_arguments_t arguments = {0};
    sweep_words_t files, own;
    arena_t words;
    opened_t opened = {0};
    char *command = NULL;
    arena_init(&words);
    int status = sweep_expand(&words, argc, argv, &files, &own);
    if (status) goto out;
    /* argp moves arguments before `--` behind it, so it must not see it. */
    for (int i = 1; i < own.n && !arguments.passed; i++) {
        if (strcmp(own.items[i], "--") != 0) continue;
        arguments.passed = own.items + i + 1;
        arguments.n_passed = own.n - i - 1;
        own.n = i;
    }
    options_parse_over(&line, files.n, files.items, own.n, own.items, &arguments);
    command = given_command(&arguments, &files, argc, argv);
    status = opened_read(&opened, &arguments.common);
    if (!status) status = sweep_opened(&arguments, &opened, command ? command : "");
out:
    opened_close(&opened);
    options_free(option_table, &arguments);
    free(command);
    arena_free(&words);
    return status;
}
