/* `entente sweep`: simulates the points of a design into one file, and tells which parameters matter. */
#include "cli/sweep.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/sensitivity_table.h"
#include "run/constraint.h"
#include "run/parts.h"
#include "run/run.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    KEY_SET = 256,
    KEY_VARIANT,
    KEY_PARAM,
    KEY_DESIGN,
    KEY_POINTS,
    KEY_LIST,
    KEY_UNCERTAIN,
    KEY_INDEPENDENT,
    KEY_EVERYTHING,
    KEY_QUANTITY,
    KEY_KEEP,
    KEY_TASK,
    KEY_SLURM,
    KEY_DRY_RUN,
    KEY_RESTART,
    KEY_JSON,
    KEY_BLOCK,
    KEY_MERGE
};

static const struct argp_option option_table[] = {
    {"output", 'o', "OUT.h5", 0, "Where the results go", 0},
    {"param", KEY_PARAM, "PATH=LOW:HIGH", 0,
     "Sweep this parameter (LOW:HIGH:log: evenly in its logarithm; V1,V2,...: these values; PATH alone: as "
     "the "
     "scenario's `uncertain` has it); may be repeated, and takes the place of the scenario's `sweep: "
     "parameters`",
     0},
    {"uncertain", KEY_UNCERTAIN, NULL, 0, "Sweep all uncertain parameters of the scenario", 0},
    {"design", KEY_DESIGN, "NAME", 0, "grid, random, latin, sobol, saltelli or morris", 0},
    {"points", KEY_POINTS, "NUMBER", 0,
     "Points of the design: of a grid per parameter, of saltelli rows, of morris trajectories", 0},
    {"list", KEY_LIST, "CSV", 0, "The points are the rows of this table; its head names the parameters", 0},
    {"keep", KEY_KEEP, "NAME: PATH < PATH", 0,
     "Leave out the points that break this constraint (<, <=, > or >=; a side may be a value); may be "
     "repeated",
     0},
    {"independent", KEY_INDEPENDENT, NULL, 0,
     "Random numbers of its own for each point, in place of the same for all", 0},
    {"everything", KEY_EVERYTHING, NULL, 0,
     "Store what the scenario's `output` says of each replicate: trajectories, events, metrics (default: its "
     "quantities, counts of events and drawn parameters alone)",
     0},
    {"replicates", 'n', "NUMBER", 0, "Replicates of each point in place of the scenario's number", 0},
    {"seed", 's', "SEED", 0, "Master seed in place of the scenario's", 0},
    {"workers", 'j', "NUMBER", 0, "Worker processes; they never change results", 0},
    {"set", KEY_SET, "PATH=VALUE", 0, "Give a parameter another value at all points; may be repeated", 0},
    {"variant", KEY_VARIANT, "NAME", 0, "Only the base and this variant; may be repeated (default: all)", 0},
    {"quantity", KEY_QUANTITY, "NAME", 0, "Show only this quantity; may be repeated", 0},
    {"task", KEY_TASK, "I/N", 0,
     "Do only share I (from 0) of N, and merge nothing; `auto`: as SLURM_ARRAY_TASK_ID and SLURM_PROCID say",
     0},
    {"slurm", KEY_SLURM, "TASKS", OPTION_ARG_OPTIONAL,
     "Submit a job array of so many tasks and a job that merges; what stands after `--` is passed to sbatch",
     0},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Say what would be done, with --slurm the scripts, and do nothing", 0},
    {"restart", KEY_RESTART, NULL, 0, "Throw away what an earlier sweep of this output left", 0},
    {"quiet", 'q', NULL, 0, "No progress, no table", 0},
    {"json", KEY_JSON, NULL, 0, "Progress as JSON lines on stderr, the tables as JSON on stdout", 0},
    {"block", KEY_BLOCK, "NUMBER", 0,
     "Replicates a part: larger parts are fewer files, smaller ones lose less with a task that is killed "
     "(default: some tenths of a second of work)",
     0},
    {"only-merge", KEY_MERGE, NULL, OPTION_HIDDEN, "Simulate nothing (entente merge)", 0},
    {0},
};

/* ---- arguments ------------------------------------------------------------------------------------- */

static void add_text(struct argp_state *state, const char *option, texts_t *list, const char *text) {
    if (list->n == SWEEP_OPTIONS) argp_error(state, "%s is given more than %d times", option, SWEEP_OPTIONS);
    list->items[list->n++] = text;
}

static bool number_of(const char *name, int *out) {
    const char *text = getenv(name);
    char *end;
    if (!text || !*text) return false;
    long value = strtol(text, &end, 10);
    *out = (int)value;
    return !*end && value >= 0;
}

/* The array's tasks times the job's processes. */
static bool task_of_slurm(sweep_arguments_t *a) {
    int id = 0, count = 1, lowest = 0, step = 1, rank = 0, ranks = 1;
    bool array = number_of("SLURM_ARRAY_TASK_ID", &id), process = number_of("SLURM_PROCID", &rank);
    if (array && !(number_of("SLURM_ARRAY_TASK_COUNT", &count) && number_of("SLURM_ARRAY_TASK_MIN", &lowest)))
        return false;
    number_of("SLURM_ARRAY_TASK_STEP", &step);
    if (process) number_of("SLURM_NTASKS", &ranks);
    if (!array && !process) return false;
    if (step < 1) step = 1;
    a->n_tasks = count * ranks;
    a->task = (id - lowest) / step * ranks + rank;
    return a->task >= 0 && a->task < a->n_tasks;
}

static void parse_task(struct argp_state *state, sweep_arguments_t *a, const char *text) {
    if (!strcmp(text, "auto")) {
        if (!task_of_slurm(a))
            argp_error(state,
                       "--task auto: no SLURM_ARRAY_TASK_ID or SLURM_PROCID tells the share (an array with "
                       "gaps does not either): give I/N");
        return;
    }
    char *end;
    long task = strtol(text, &end, 10), of = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    a->task = (int)task;
    a->n_tasks = (int)of;
    if (*end || task < 0 || task >= of || of > INT32_MAX)
        argp_error(state, "--task is \"%s\": I/N is expected, I from 0 to N - 1", text);
}

static void check_arguments(struct argp_state *state, const sweep_arguments_t *a) {
    if (!a->path) argp_error(state, "which scenario? Give its file");
    if (!a->out) argp_error(state, "where should the results go? Give -o OUT.h5");
    if (a->n_tasks && (a->restart || a->slurm))
        argp_error(state, "--task goes with neither --restart nor --slurm");
    if (a->slurm && a->restart)
        argp_error(state, "--slurm goes without --restart: remove %s and %s.parts first", a->out, a->out);
    if (a->list && (a->params.n || a->uncertain || a->design || a->points))
        argp_error(state,
                   "--list says all of the design: it goes without --param, --uncertain, --design, --points");
    if (a->passed.n && !a->slurm) argp_error(state, "what stands after `--` is for sbatch: give --slurm");
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    sweep_arguments_t *a = state->input;
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
        add_text(state, "--set", &a->sets, arg);
        return 0;
    case KEY_VARIANT:
        add_text(state, "--variant", &a->variants, arg);
        return 0;
    case KEY_PARAM:
        add_text(state, "--param", &a->params, arg);
        return 0;
    case KEY_EVERYTHING:
        a->everything = true;
        return 0;
    case KEY_QUANTITY:
        add_text(state, "--quantity", &a->quantities, arg);
        return 0;
    case KEY_KEEP:
        add_text(state, "--keep", &a->keeps, arg);
        return 0;
    case KEY_DESIGN:
        a->design = arg;
        return 0;
    case KEY_POINTS:
        a->points = (int)launch_number(state, "--points", arg, 1, DESIGN_POINTS_MOST);
        return 0;
    case KEY_LIST:
        a->list = arg;
        return 0;
    case KEY_UNCERTAIN:
        a->uncertain = true;
        return 0;
    case KEY_INDEPENDENT:
        a->independent = true;
        return 0;
    case KEY_TASK:
        parse_task(state, a, arg);
        return 0;
    case KEY_SLURM:
        a->slurm = true;
        if (arg) a->slurm_tasks = (int)launch_number(state, "--slurm", arg, 1, 1000000);
        return 0;
    case KEY_DRY_RUN:
        a->dry_run = true;
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
    case KEY_MERGE:
        a->only_merge = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->path) argp_error(state, "one scenario is expected, \"%s\" is a second one", arg);
        a->path = arg;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the design ------------------------------------------------------------------------------------ */

static int find_design(const char *name) {
    suggest_t near = suggest_for(name);
    for (int d = DESIGN_GRID; d < DESIGN_LIST; d++) {
        if (!strcmp(design_names[d], name)) return d;
        suggest_offer(&near, design_names[d]);
    }
    fprintf(stderr,
            "entente: --design %s: grid, random, latin, sobol, saltelli or morris is expected%s%s%s\n", name,
            near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    return -1;
}

static int refuse(int code, const char *what, const fault_t *err) {
    fprintf(stderr, "entente: %s%s%s\n", what ? what : "", what ? ": " : "", err->text);
    return error_exit_code(code);
}

/* What is swept: of the command line, else of the scenario. `own` is freed by the caller. */
static int choose_axes(const sweep_arguments_t *a, scenario_t *scenario, sweep_axis_t **own, int *n,
                       const sweep_axis_t **axes) {
    model_t *model = &scenario->model;
    fault_t err = {0};
    *own = NULL;
    if (!a->params.n && !a->uncertain) {
        *n = scenario->sweep.n_axes;
        *axes = scenario->sweep.axes;
        if (*n) return 0;
        fputs("entente: nothing to sweep: the scenario has no `sweep`, and there is no --param\n", stderr);
        return EX_USAGE;
    }
    *axes = *own = calloc((size_t)(a->params.n + model->n_uncertain) + 1, sizeof **own);
    if (!*own) return EX_SOFTWARE;
    for (*n = 0; *n < a->params.n; ++*n) {
        int ret = sweep_axis(scenario, a->params.items[*n], &(*own)[*n], &err);
        if (ret) return refuse(ret, "--param", &err);
    }
    for (int u = 0; u < model->n_uncertain && a->uncertain; u++) {
        bool there = false;
        for (int k = 0; k < a->params.n; k++) there |= (*own)[k].param == model->uncertain[u].param;
        if (!there)
            (*own)[(*n)++] =
                (sweep_axis_t){.param = model->uncertain[u].param, .dist = model->uncertain[u].dist};
    }
    return 0;
}

static int choose_points(const sweep_arguments_t *a, scenario_t *scenario, uint64_t seed, points_t *points) {
    fault_t err = {0};
    int n = 0, design = scenario->sweep.design, size = scenario->sweep.points, ret;
    const sweep_axis_t *axes;
    sweep_axis_t *own;
    if (a->list) {
        ret = points_read(points, scenario, a->list, &err);
        return ret ? refuse(ret, NULL, &err) : 0;
    }
    int status = choose_axes(a, scenario, &own, &n, &axes);
    if (!status && a->design && (design = find_design(a->design)) < 0) status = EX_USAGE;
    for (int i = 0; i < n && !status; i++)
        for (int k = 0; k < i; k++)
            if (axes[i].param == axes[k].param) {
                fprintf(stderr, "entente: %s is swept twice\n", scenario->model.params[axes[i].param].path);
                status = EX_USAGE;
            }
    if (!status) {
        if (design == DESIGN_NONE) design = DESIGN_SOBOL;
        if (a->points) size = a->points;
        if (!size) size = 16;
        ret = points_make(points, (design_t)design, size, n, axes, &scenario->model, seed, &err);
        if (ret) status = refuse(ret, NULL, &err);
    }
    free(own);
    return status;
}

/* Leaves out the points that break a constraint, and tells how many. */
static int keep_points(const sweep_arguments_t *a, scenario_t *scenario, points_t *points) {
    fault_t err = {0};
    int ret = 0, n_points = points->n_points;
    constraint_t *constraints = calloc((size_t)a->keeps.n + 1, sizeof *constraints);
    if (!constraints) return EX_SOFTWARE;
    for (int i = 0; i < a->keeps.n && !ret; i++)
        ret = constraint_read(&constraints[i], a->keeps.items[i], scenario, points, &err);
    if (!ret) ret = points_keep(points, a->keeps.n, constraints, &err);
    for (int i = 0; i < a->keeps.n && !ret && !a->quiet && !a->json; i++)
        fprintf(stderr, "entente: %d of %d points break %s and are left out\n", constraints[i].n_dropped,
                n_points, constraints[i].name);
    for (int i = 0; i < a->keeps.n; i++) constraint_free(&constraints[i]);
    free(constraints);
    return ret ? refuse(ret, NULL, &err) : 0;
}

/* ---- the sweep ------------------------------------------------------------------------------------- */

static int show(const sweep_arguments_t *a, const points_t *points, const run_report_t *report,
                fault_t *err) {
    store_t *store = NULL;
    json_t *tables = NULL;
    int ret = store_open(&store, a->out, err);
    if (ret) return ret;
    ret =
        sensitivity_table(stdout, a->json ? &tables : NULL, store, a->quantities.n, a->quantities.items, err);
    if (a->json && !ret) {
        json_t *all = json_pack("{s:s s:s s:i s:I s:I s:I s:I s:b s:f s:o}", "output", a->out, "design",
                                design_names[points->design], "points", points->n_points, "replicates",
                                (json_int_t)report->n_replicates, "simulated",
                                (json_int_t)report->n_simulated, "reused", (json_int_t)report->n_reused,
                                "failed", (json_int_t)report->n_failed, "was_complete", report->was_complete,
                                "seconds", report->seconds, "sensitivity", tables);
        if (all) json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(all);
    }
    store_close(store);
    return ret;
}

static void tell(const sweep_arguments_t *a, const points_t *points, const run_report_t *report) {
    if (a->quiet || a->json) return;
    if (a->n_tasks)
        fprintf(stderr, "entente: share %d of %d is done: %" PRId64 " replicates, %" PRId64 " of them now\n",
                a->task, a->n_tasks, report->n_simulated + report->n_reused, report->n_simulated);
    else if (report->was_complete)
        fprintf(stderr, "entente: %s is complete already: %d points, %u replicates each\n", a->out,
                points->n_points, report->n_replicates);
    else
        fprintf(stderr, "entente: %s: %d points, %u replicates each in %.1f s\n", a->out, points->n_points,
                report->n_replicates, report->seconds);
}

static void describe(const plan_t *plan, const points_t *points, const sweep_arguments_t *a) {
    printf("design      %s, %d points\n", design_names[points->design], points->n_points);
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
           a->independent ? "random numbers of each point's own" : "the same random numbers at all points");
    printf("parts       %d of %u replicates\n", plan->n_blocks, plan->block_replicates);
}

/* The words of the command, one a line, behind the working folder: what `entente merge` goes by. */
static char *make_recipe(const sweep_arguments_t *a) {
    char here[4096], *room = NULL, *text = NULL;
    size_t size;
    char **words = sweep_words(a, "entente sweep", &room);
    FILE *out = open_memstream(&text, &size);
    if (!out || !words || !getcwd(here, sizeof here)) return NULL;
    fprintf(out, "%s\n%s\n", here, words[0]);
    for (char **w = words + 2; *w; w++) fprintf(out, "%s\n", *w);
    free(words);
    free(room);
    return fclose(out) ? NULL : text;
}

/* To Slurm, unless all is there; a scenario that has changed meanwhile is refused here. */
static int hand_over(const sweep_arguments_t *a, const plan_t *plan, const points_t *points,
                     const run_options_t *options) {
    fault_t err = {0};
    run_report_t there = {0};
    int ret = a->dry_run ? 0 : run_look(plan, options, &there, &err);
    if (ret) return refuse(ret, NULL, &err);
    if (there.was_complete) {
        tell(a, points, &there);
        return 0;
    }
    if (there.n_reused)
        fprintf(stderr, "entente: %" PRId64 " of %" PRId64 " replicates are there already\n", there.n_reused,
                there.n_reused + there.n_simulated);
    return sweep_submit(a, plan);
}

static int simulate(const sweep_arguments_t *a, const plan_request_t *request, const points_t *points,
                    run_options_t *options) {
    fault_t err = {0};
    plan_t plan;
    run_report_t report = {0};
    char *recipe = make_recipe(a);
    int ret = plan_init(&plan, request, &err), status = 0;
    if (!ret && a->dry_run && !a->slurm) {
        describe(&plan, points, a);
        goto out;
    }
    options->recipe = a->only_merge ? NULL : recipe;
    if (!ret && a->slurm) {
        status = hand_over(a, &plan, points, options);
        goto out;
    }
    if (!ret) ret = run_all(&plan, options, &report, &err);
    if (!ret) tell(a, points, &report);
    if ((!ret || ret == ERR_INTERNAL) && report.n_failed)
        fprintf(stderr, "entente: %" PRId64 " replicates stopped early and are left out of the summaries\n",
                report.n_failed);
    if (!ret && !a->n_tasks && (!a->quiet || a->json)) ret = show(a, points, &report, &err);
    if (ret) status = refuse(ret, NULL, &err);
out:
    plan_free(&plan);
    free(recipe);
    return status;
}

static int sweep_opened(const sweep_arguments_t *a, opened_t *opened, const char *command) {
    model_t *model = &opened->scenario.model;
    const sources_t *sources = &opened->scenario.sources;
    int status = EX_SOFTWARE, n_variants;
    char start[32];
    points_t points = {0};
    uint64_t seed = a->has_seed ? a->seed : model->seed;
    int *variants = calloc((size_t)model->n_variants + 1, sizeof *variants);
    const char **paths = calloc((size_t)sources->n + 1, sizeof *paths),
               **texts = calloc((size_t)sources->n + 1, sizeof *texts);
    if (!variants || !paths || !texts) goto out;
    for (int i = 0; i < sources->n; i++) {
        paths[i] = sources->items[i].path;
        texts[i] = sources->items[i].text;
    }
    n_variants = launch_variants(opened, a->variants.n, a->variants.items, variants, &status);
    if (n_variants < 0) goto out;
    for (int i = 0; i < a->quantities.n; i++)
        if (model_quantity(model, a->quantities.items[i]) < 0) {
            fprintf(stderr, "entente: --quantity %s: no such quantity in this scenario\n",
                    a->quantities.items[i]);
            status = EX_USAGE;
            goto out;
        }
    status = choose_points(a, &opened->scenario, seed, &points);
    if (!status) status = keep_points(a, &opened->scenario, &points);
    if (status) goto out;
    if (!a->everything) {
        model->output.trajectories = model->output.events = false;
        model->output.n_metrics = 0;
    }
    launch_moment(start);
    plan_request_t request = {.model = model,
                              .n_files = sources->n,
                              .file_paths = paths,
                              .file_texts = texts,
                              .seed = seed,
                              .n_replicates = a->replicates ? a->replicates : (uint32_t)model->replicates,
                              .n_variants = n_variants,
                              .variants = variants,
                              .n_settings = opened->n_settings,
                              .settings = opened->settings,
                              .setting_texts = a->sets.items,
                              .points = &points,
                              .independent = a->independent,
                              .block_replicates = a->block};
    run_options_t options = {.out_path = a->out,
                             .workers = a->workers ? a->workers : launch_processors(),
                             .restart = a->restart,
                             .task = a->task,
                             .n_tasks = a->n_tasks,
                             .only_merge = a->only_merge,
                             .progress = a->quiet  ? PROGRESS_QUIET
                                         : a->json ? PROGRESS_JSON
                                                   : PROGRESS_AUTO,
                             .provenance = {.scenario = paths[0],
                                            .n_files = sources->n,
                                            .paths = paths,
                                            .texts = texts,
                                            .n_settings = a->sets.n,
                                            .settings = a->sets.items,
                                            .command = command,
                                            .start = start}};
    status = simulate(a, &request, &points, &options);
out:
    points_free(&points);
    free(texts);
    free(paths);
    free(variants);
    return status;
}

/* ---- files of options ------------------------------------------------------------------------------ */

/* "@FILE" stands for the options in it: a line each, the long name, a blank, its value; "scenario PATH" from
 * the file's folder; blank lines and those that begin with # are left out. The words live as long as the
 * program. */
static char **expand(int *argc, char **argv) {
    size_t room = (size_t)*argc + 1, n = 0;
    char **words = calloc(room + 4096, sizeof *words), line[4096];
    if (!words) return argv;
    for (int i = 0; i < *argc; i++) {
        FILE *in = i && *argv[i] == '@' ? fopen(argv[i] + 1, "re") : NULL;
        words[n++] = argv[i];
        if (!in) continue;
        n--;
        while (fgets(line, sizeof line, in) && n < room + 4000) {
            line[strcspn(line, "\r\n")] = '\0';
            char *name = line + strspn(line, " \t"), *word = NULL;
            if (!*name || *name == '#') continue;
            char *blank = name + strcspn(name, " \t"), *value = blank + strspn(blank, " \t");
            const char *slash = strrchr(argv[i], '/');
            int folder = slash ? (int)(slash - argv[i]) : 0;
            bool alone = !*value;
            *blank = '\0';
            int made = strcmp(name, "scenario") == 0
                           ? asprintf(&word, "%.*s%s", folder, argv[i] + 1, value)
                           : asprintf(&word, "--%s%s%s", name, alone ? "" : "=", value);
            if (made >= 0) words[n++] = word;
        }
        fclose(in);
    }
    *argc = (int)n;
    return words;
}

int command_sweep(int argc, char **argv) {
    static const struct argp argp = {
        option_table,
        parse_option,
        "SCENARIO [-- SBATCH-OPTION...]\n@FILE",
        "Simulates the points of a design over a scenario's parameters into one HDF5 file, and ranks the "
        "parameters by "
        "what they change in its quantities. @FILE stands for the options in a file, one a line."
        "\vA sweep that was interrupted, in whatever way, goes on with the same command; more points (but of "
        "grid and "
        "latin) and more replicates reuse those that are there. Exit codes: 65 the scenario is wrong or "
        "parts are "
        "missing, 69 no job was submitted, 73 the output cannot be created, 74 writing failed (disk full), "
        "75 "
        "interrupted.",
        NULL,
        NULL,
        NULL};
    sweep_arguments_t arguments = {0};
    argv = expand(&argc, argv);
    char *command = launch_command(argc, argv);
    /* argp moves what stands before `--` behind it, so it must not see that. */
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        for (int k = i + 1; k < argc && arguments.passed.n < SWEEP_OPTIONS; k++)
            arguments.passed.items[arguments.passed.n++] = argv[k];
        argc = i;
    }
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    opened_t opened;
    int status = open_scenario(&opened, arguments.path, arguments.sets.n, arguments.sets.items);
    if (!status) status = sweep_opened(&arguments, &opened, command ? command : "");
    close_scenario(&opened);
    free(command);
    return status;
}
