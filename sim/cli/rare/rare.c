/* `entente rare`: the probability of a rare event, by multilevel splitting (run/split/split.h). */
#include "base/mem.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/rare/rare_event.h"
#include "cli/rare/rare_path.h"
#include "cli/rare/rare_table.h"
#include "run/split/pilot.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define TREES 10000
#define SPLITS 5
#define PATHS 50
#define PILOT 1000

typedef struct {
    common_t common;
    rare_event_t event;
    const char *variant;
    uint32_t splits, paths, pilot;
} rare_arguments_t;

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    {NULL, .argument = "quantity", .required = "the quantity is missing; name one of the scenario's",
     TEXT(rare_arguments_t, event.quantity)},
    OPTION_OUTPUT("OUT.h5", "Output file (default: the scenario's name with -rare.h5, in this folder)"),
    {"above", 0, "NUMBER", "The event: the quantity is above this, in its unit",
     TEXT(rare_arguments_t, event.above)},
    {"below", 0, "NUMBER", "The event: the quantity is below this", TEXT(rare_arguments_t, event.below)},
    {"ever", 0, NULL, "It counts at any time up to the quantity's date, not only at the date",
     FLAG(rare_arguments_t, event.ever)},
    {"guide", 0, "QUANTITY",
     "The quantity whose running value tells how near the event is (default: the event's own)",
     TEXT(rare_arguments_t, event.guide)},
    {"falling", 0, NULL, "The event is the nearer, the smaller the guide's value",
     FLAG(rare_arguments_t, event.falling)},
    {"levels", 0, "LIST", "Levels of the running value, separated by commas (default: from a pilot)",
     TEXT(rare_arguments_t, event.levels)},
    {"splits", 0, "NUMBER", "Paths that a path splits into at each level (default: 5)",
     NUMBER(rare_arguments_t, splits, 2, 100)},
    {"paths", 0, "NUMBER", "Most paths of a tree at each level (default: 50, or --splits if that is more)",
     NUMBER(rare_arguments_t, paths, 2, 10000)},
    {"pilot", 0, "NUMBER", "Paths of the pilot at each level (default: 1000)",
     NUMBER(rare_arguments_t, pilot, 20, 1000000)},
    {"replicates", 'n', "NUMBER", "Independent trees, each from one replicate (default: 10000)",
     NUMBER(common_t, replicates, 1, INT32_MAX)},
    OPTION_SEED,
    OPTION_WORKERS,
    {"variant", 0, "NAME", "The variant to simulate (default: base)", TEXT(rare_arguments_t, variant)},
    OPTION_SET(""),
    OPTION_FIXED,
    OPTION_TASK,
    OPTION_RESTART("run"),
    OPTION_QUIET("Print no progress and no table; with --json only no progress"),
    OPTION_JSON("Progress as JSON lines on stderr, the table as JSON on stdout"),
    OPTION_BLOCK("Trees a block, for tests", .flags = OPTION_HIDDEN),
    OPTION_ONLY_MERGE,
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const rare_arguments_t *a = arguments;
    const common_t *c = &a->common;
    bool stream = options_is_stream(c->path);
    if (a->event.levels && a->pilot)
        argp_error(state, "--levels and --pilot: levels that are given need no pilot");
    if (a->paths && a->paths < a->splits)
        argp_error(state, "--paths %u: a tree needs at least the %u paths of --splits", a->paths, a->splits);
    if (a->event.above && a->event.below) argp_error(state, "--above and --below: give one of the two");
    if (c->only_merge && (c->restart || c->n_tasks))
        argp_error(state, "a merge shares and removes nothing: the recipe in %s.parts is damaged", c->out);
    if (c->n_tasks && c->restart) argp_error(state, "--task cannot be combined with --restart");
    if (stream && c->n_tasks)
        argp_error(state, "--task: every share and the merge read the scenario; give it as a file, not as %s",
                   c->path);
    if (stream && !c->out) argp_error(state, "%s has no name for the output; give -o OUT.h5", c->path);
}

/* ---- what is printed -------------------------------------------------------------------------------------
 */

static void print_path(const rare_arguments_t *a, const path_t *path) {
    const common_t *c = &a->common;
    char branch[RARE_BRANCH_BYTES];
    fputs("\nA path to the event, drawn from all that were found:\n  entente trace ", stdout);
    launch_print_word(stdout, c->path);
    printf(" --replicate %" PRIu32, path->replicate);
    if (c->has_seed) printf(" --seed %" PRIu64, c->seed);
    if (a->variant) {
        fputs(" --variant ", stdout);
        launch_print_word(stdout, a->variant);
    }
    if (c->fixed) fputs(" --fixed", stdout);
    for (int i = 0; i < c->sets.n; i++) {
        fputs(" --set ", stdout);
        launch_print_word(stdout, c->sets.items[i]);
    }
    for (int b = 0; b < path->n_branches; b++) {
        rare_path_branch(&path->branches[b], branch);
        printf(" --branch %s", branch);
    }
    putchar('\n');
}

static json_t *path_json(const path_t *path) {
    char branch[RARE_BRANCH_BYTES];
    json_t *branches = json_array();
    for (int b = 0; b < path->n_branches; b++) {
        rare_path_branch(&path->branches[b], branch);
        json_array_append_new(branches, json_string(branch));
    }
    return json_pack("{s:I s:o}", "replicate", (json_int_t)path->replicate, "branches", branches);
}

static int show(const rare_arguments_t *a, const plan_request_t *request, const char *out,
                const run_report_t *report, fault_t *err) {
    const common_t *c = &a->common;
    rare_table_t table = {0};
    path_t path;
    bool there;
    int ret = 0;
    if (c->quiet && !c->json) return 0;
    TRY(rare_table_open(&table, request->split, out, err));
    TRY(rare_path_draw(request, table.n_trees, table.trees, &path, &there, err));
    if (c->json) {
        json_t *all = launch_report(out, report);
        json_object_update_new(all, rare_table_json(&table));
        json_object_set_new(all, "path", there ? path_json(&path) : json_null());
        ret = command_print_json(all);
    } else {
        rare_table_print(&table, stdout);
        if (there) print_path(a, &path);
    }
out:
    rare_table_free(&table);
    return ret;
}

static void tell(const common_t *c, const char *out, const run_report_t *report) {
    if (c->quiet || c->json) return;
    if (c->n_tasks)
        launch_tell_share(c, report);
    else if (report->was_complete)
        fprintf(stderr, "entente: %s is complete already, %u trees%s\n", out, report->n_replicates,
                launch_renamed(report));
    else
        fprintf(stderr, "entente: %s: %u trees in %.1f s\n", out, report->n_replicates, report->seconds);
}

/* ---- the command -----------------------------------------------------------------------------------------
 */

static int find_levels(const rare_arguments_t *a, const plan_request_t *request, split_t *split,
                       fault_t *err) {
    pilot_t pilot = {.model = request->model,
                     .seed = request->seed,
                     .engine = {.variant = request->variants[0],
                                .n_settings = request->n_settings,
                                .settings = request->settings},
                     .n_paths = a->pilot ? (int)a->pilot : PILOT};
    return a->event.levels ? 0 : pilot_find_levels(&pilot, split, err);
}

static int simulate(const rare_arguments_t *a, launch_t *launch, split_t *split, char **words) {
    fault_t err = {0};
    plan_t plan = {0};
    run_report_t report = {0};
    plan_request_t *request = &launch->request;
    char *recipe = NULL;
    int ret = find_levels(a, request, split, &err);
    if (!ret && split_make_columns(split, request->model) < 0) ret = error_memory(&err);
    request->split = split;
    if (!ret) ret = launch_recipe("rare", words, &recipe, &err);
    if (!a->common.only_merge && !options_is_stream(a->common.path)) launch->options.recipe = recipe;
    if (!ret) ret = plan_init(&plan, request, &err);
    if (!ret) ret = run_all(&plan, &launch->options, &report, &err);
    if (!ret) tell(&a->common, launch->options.out_path, &report);
    launch_tell_failed(ret, &report);
    if (!ret && !a->common.n_tasks) ret = show(a, request, launch->options.out_path, &report, &err);
    plan_free(&plan);
    free(recipe);
    return command_ended(ret, NULL, &err);
}

static int rare(const rare_arguments_t *a, opened_t *opened, const char *command, char **words) {
    split_t split = {.splits = (int)a->splits, .most_paths = (int)a->paths};
    if (!a->paths) split.most_paths = split.splits > PATHS ? split.splits : PATHS;
    launch_t launch = {0};
    int status = rare_event_read(&a->event, &opened->scenario.model, &split);
    int variant = status ? -1 : opened_variant(opened, a->variant, &status);
    split.watch.levels = split.levels;
    if (!status) status = launch_init(&launch, &a->common, opened, command);
    if (!status) {
        launch.request.n_variants = 1;
        launch.variants[0] = variant;
        if (!a->common.replicates) launch.request.n_replicates = TREES;
        status = simulate(a, &launch, &split, words);
    }
    split_free(&split);
    launch_free(&launch);
    return status;
}

/* "scenarios/x.yaml" gives "x-rare.h5". */
static char *default_output(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *out = NULL;
    return asprintf(&out, "%.*s-rare.h5", length, name) < 0 ? NULL : out;
}

int command_rare(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO QUANTITY",
        "Estimates the probability that a quantity is above or below a number where it is too small for "
        "plain "
        "replicates, by multilevel splitting: paths that come near the event split into several, which share "
        "their weight. Prints the probability with its 95 % interval, the levels, and the command that shows "
        "a path to the event.\vExample:\n  entente rare scenarios/central-asia-2026.yaml kaz_strength "
        "--below "
        "-0.2\n\n"
        "The estimate is unbiased. Repeated, the command continues an interrupted one or adds trees. Levels "
        "are of the quantity's running value: the state as it would be at its date, the count or sum so far, "
        "the days without a "
        "first event so far. A quantity without one needs --guide.",
        check};
    rare_arguments_t arguments = {.splits = SPLITS};
    common_t *c = &arguments.common;
    char *command = launch_command(argc, argv), *out = NULL;
    options_parse(&line, argc, argv, &arguments);
    opened_t opened = {0};
    char **words = option_words(option_table, &arguments);
    if (!c->out) c->out = out = default_output(c->path);
    int status = EX_SOFTWARE;
    if (!command || !c->out || !words)
        fputs("entente: out of memory\n", stderr);
    else
        status = opened_read(&opened, c);
    if (command && c->out && words && !status) status = rare(&arguments, &opened, command, words);
    opened_close(&opened);
    option_words_free(words);
    options_free(option_table, &arguments);
    free(command);
    free(out);
    return status;
}
