/* `entente attribute`: leaves out each thing on the calendar in turn, and ranks what each changes. */
#include "base/mem.h"
#include "cli/attribute/attribute_table.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "model/without.h"
#include "text/suggest.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define TOP 10
#define INTERACTIONS_MOST 40 /* of them all pairs are made */

typedef struct {
    common_t common;
    texts_t quantities, without;
    bool history, kinds, conditions, interventions, everything;
    uint32_t top, interactions;
} attribute_arguments_t;

static const option_t option_table[] = {
    OPTION_SCENARIO(),
    {NULL, .argument = "quantity", TEXTS(attribute_arguments_t, quantities)},
    OPTION_OUTPUT("OUT.h5",
                  "Output file (default: the scenario's name with -attribution.h5, in this folder)"),
    {"without", 0, "NAME",
     "Leave out this in place of each calendar entry: an entry's id, history:ID, kind:NAME, "
     "condition:NAME@SITE, intervention:ID, or several joined by +; may be repeated",
     TEXTS(attribute_arguments_t, without)},
    {"history", 0, NULL, "Leave out each event of the history as well", FLAG(attribute_arguments_t, history)},
    {"kinds", 0, NULL, "Leave out the baseline events of each event type as well",
     FLAG(attribute_arguments_t, kinds)},
    {"conditions", 0, NULL, "Leave out each condition in force at the start as well",
     FLAG(attribute_arguments_t, conditions)},
    {"interventions", 0, NULL, "Leave out each intervention as well",
     FLAG(attribute_arguments_t, interventions)},
    {"interactions", 0, "NUMBER",
     "Also leave out all pairs of this many things, those with the largest effects, into a second file "
     "(OUT-pairs.h5)",
     NUMBER(attribute_arguments_t, interactions, 2, INTERACTIONS_MOST)},
    {"top", 0, "NUMBER", "Rows to print of each quantity (default: 10; 0: all)", .once = true,
     NUMBER(attribute_arguments_t, top, 0, INT32_MAX)},
    {"everything", 0, NULL,
     "Store everything in the scenario's `output` for each replicate: trajectories, events, metrics "
     "(default: only quantities, event counts and drawn parameters)",
     FLAG(attribute_arguments_t, everything)},
    OPTION_REPLICATES(""),
    OPTION_SEED,
    OPTION_WORKERS,
    OPTION_SET(""),
    OPTION_FIXED,
    OPTION_TASK,
    OPTION_RESTART("attribution"),
    OPTION_QUIET("Print no progress and no table; with --json only no progress"),
    OPTION_JSON("Progress as JSON lines on stderr, the tables as JSON on stdout"),
    OPTION_BLOCK("Replicates a block, for tests", .flags = OPTION_HIDDEN),
    OPTION_ONLY_MERGE,
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const attribute_arguments_t *a = arguments;
    const common_t *c = &a->common;
    bool stream = options_is_stream(c->path);
    if (c->only_merge && (c->restart || c->n_tasks))
        argp_error(state, "a merge shares and removes nothing: the recipe in %s.parts is damaged", c->out);
    if (c->n_tasks && (c->restart || a->interactions))
        argp_error(state, "--task cannot be combined with --restart or --interactions");
    if (stream && c->n_tasks)
        argp_error(state, "--task: every share and the merge read the scenario; give it as a file, not as %s",
                   c->path);
    if (stream && !c->out) argp_error(state, "%s has no name for the output; give -o OUT.h5", c->path);
}

/* ---- what is left out ------------------------------------------------------------------------------------
 */

typedef struct {
    const attribute_arguments_t *arguments;
    opened_t *opened;
    const char *command;
    char **words; /* for the recipe */
    arena_t arena;
    json_t *report; /* with --json */
} attribute_t;

/* "FIRST" and, if there is one, "+SECOND" as the variant without them. False without memory. */
static bool add_variant(attribute_t *self, texts_t *variants, const char *first, const char *second) {
    size_t size = strlen(WITHOUT) + strlen(first) + (second ? 1 + strlen(second) : 0) + 1;
    char *name = arena_alloc(&self->arena, size, 1);
    if (!name) return false;
    snprintf(name, size, "%s%s%s%s", WITHOUT, first, second ? (char[]){WITHOUT_JOINT, 0} : "",
             second ? second : "");
    return texts_add(variants, name);
}

/* 0 or the exit code, all said. */
static int list_variants(attribute_t *self, texts_t *variants) {
    const attribute_arguments_t *a = self->arguments;
    const model_t *model = &self->opened->scenario.model;
    const bool wanted[WITHOUT_N] = {
        [WITHOUT_CALENDAR] = a->without.n == 0,
        [WITHOUT_HISTORY] = a->history,
        [WITHOUT_KIND] = a->kinds,
        [WITHOUT_CONDITION] = a->conditions,
        [WITHOUT_INTERVENTION] = a->interventions,
    };
    bool good = true;
    for (int i = 0; i < a->without.n; i++) good &= add_variant(self, variants, a->without.items[i], NULL);
    for (int what = 0; what < WITHOUT_N; what++)
        for (int i = 0; wanted[what] && i < without_count(model, what); i++) {
            char name[WITHOUT_BYTES];
            good &= add_variant(self, variants, without_name(model, what, i, name), NULL);
        }
    if (!good) {
        fputs("entente: out of memory\n", stderr);
        return EX_SOFTWARE;
    }
    if (variants->n) return 0;
    fprintf(stderr,
            "entente: %s: the calendar has no entries, so there is nothing to leave out; --kinds, --history, "
            "--conditions and --interventions leave out other things\n",
            a->common.path);
    return EX_DATAERR;
}

/* 0 or the exit code, all said. */
static int check_quantities(const attribute_arguments_t *a, const model_t *model) {
    int status = 0;
    if (model->n_quantities == 0) {
        fprintf(stderr,
                "entente: %s: the scenario has no quantities on which an effect could be measured; add "
                "`quantities`, such as {strength: {strength: %s-%s, at: DATE}}\n",
                a->common.path, model->n_actors > 1 ? model->actors[0].name : "A",
                model->n_actors > 1 ? model->actors[1].name : "B");
        return EX_DATAERR;
    }
    for (int i = 0; i < a->quantities.n; i++) {
        const char *name = a->quantities.items[i];
        if (model_quantity(model, name) >= 0) continue;
        suggest_t near = suggest_for(name);
        for (int q = 0; q < model->n_quantities; q++) suggest_offer(&near, model->quantities[q].name);
        fprintf(stderr, "entente: no quantity \"%s\" in this scenario%s%s%s\n", name,
                near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
        status = EX_USAGE;
    }
    return status;
}

/* ---- simulation -------------------------------------------------------------------------------------- */

static void tell(const common_t *c, const char *out, int n_left_out, const run_report_t *report) {
    const work_t *work = &report->work;
    if (c->quiet || c->json) return;
    if (c->n_tasks) {
        launch_tell_share(c, report);
    } else if (report->was_complete) {
        fprintf(stderr, "entente: %s is complete already, %u replicates%s\n", out, report->n_replicates,
                launch_renamed(report));
    } else {
        fprintf(stderr, "entente: %s: %u replicates of the base and %d variants in %.1f s", out,
                report->n_replicates, n_left_out, report->seconds);
        if (work->n_events)
            fprintf(stderr, "; %.2g %% of the variants' events differ from the base and were simulated anew",
                    100 * (double)work->n_anew / (double)work->n_events);
        fputc('\n', stderr);
    }
}

/* The base and the variants, into `out`. 0 or the exit code, all said. */
static int simulate(attribute_t *self, const texts_t *variants, const char *out, bool keeps_recipe,
                    run_report_t *report) {
    common_t common = self->arguments->common;
    launch_t launch;
    plan_t plan = {0};
    fault_t err = {0};
    char *recipe = NULL;
    common.out = out;
    common.variants = *variants;
    int status = launch_init(&launch, &common, self->opened, self->command), ret = 0;
    if (!status) {
        ret = launch_recipe("attribute", self->words, &recipe, &err);
        if (keeps_recipe && !common.only_merge && !options_is_stream(common.path))
            launch.options.recipe = recipe;
        if (!ret) ret = plan_init(&plan, &launch.request, &err);
        if (!ret) ret = run_all(&plan, &launch.options, report, &err);
        if (!ret) tell(&common, out, variants->n, report);
        launch_tell_failed(ret, report);
        status = command_ended(ret, NULL, &err);
    }
    plan_free(&plan);
    launch_free(&launch);
    free(recipe);
    return status;
}

static bool prints(const attribute_arguments_t *a) {
    return !a->common.n_tasks && (!a->common.quiet || a->common.json);
}

/* ---- pairs --------------------------------------------------------------------------------------------- */

/* "x.h5" gives "x-pairs.h5". */
static const char *pairs_path(attribute_t *self, const char *out) {
    const char *slash = strrchr(out, '/'), *dot = strrchr(slash ? slash : out, '.');
    int length = dot && dot > (slash ? slash + 1 : out) ? (int)(dot - out) : (int)strlen(out);
    size_t size = strlen(out) + sizeof "-pairs";
    char *path = arena_alloc(&self->arena, size, 1);
    if (path) snprintf(path, size, "%.*s-pairs%s", length, out, out + length);
    return path;
}

/* The variants without each of the first n things, and without each two of them. */
static int list_pairs(attribute_t *self, const attribution_t *file, int *n, texts_t *variants, fault_t *err) {
    size_t first[INTERACTIONS_MOST];
    *n = attribution_first(file, (int)self->arguments->interactions, first, err);
    if (*n < 0) return *n;
    bool good = true;
    for (int i = 0; i < *n; i++)
        good &= add_variant(self, variants, file->variants[first[i]] + strlen(WITHOUT), NULL);
    for (int i = 0; i < *n; i++)
        for (int j = i + 1; j < *n; j++)
            good &= add_variant(self, variants, file->variants[first[i]] + strlen(WITHOUT),
                                file->variants[first[j]] + strlen(WITHOUT));
    return good ? 0 : error_memory(err);
}

static int show_pairs(attribute_t *self, const char *path, int n, const run_report_t *report) {
    const attribute_arguments_t *a = self->arguments;
    attribution_t file;
    fault_t err = {0};
    json_t *list = NULL;
    int ret = attribution_open(&file, path, a->quantities.n, a->quantities.items, &err);
    if (!ret && a->common.json)
        ret = attribution_pairs_json(&file, n, &list, &err);
    else if (!ret)
        ret = attribution_print_pairs(&file, n, a->top, stdout, &err);
    if (list)
        json_object_update_new(
            self->report, json_pack("{s:o s:o}", "pairs", launch_report(path, report), "interactions", list));
    attribution_free(&file);
    return command_ended(ret, NULL, &err);
}

static int interact(attribute_t *self, const attribution_t *file) {
    fault_t err = {0};
    texts_t variants = {0};
    run_report_t report = {0};
    int n = 0, ret = list_pairs(self, file, &n, &variants, &err), status;
    const char *path = pairs_path(self, self->arguments->common.out);
    if (!ret && !path) ret = error_memory(&err);
    if (ret) {
        status = command_ended(ret, NULL, &err);
    } else if (n < 2) {
        fprintf(stderr, "entente: fewer than two of them change anything, so that nothing interacts\n");
        status = 0;
    } else {
        status = simulate(self, &variants, path, false, &report);
        if (!status && prints(self->arguments)) status = show_pairs(self, path, n, &report);
    }
    free(variants.items);
    return status;
}

/* ---- the command --------------------------------------------------------------------------------------- */

static int show(attribute_t *self, const run_report_t *report) {
    const attribute_arguments_t *a = self->arguments;
    const char *out = a->common.out;
    attribution_t file;
    fault_t err = {0};
    int status, ret = attribution_open(&file, out, a->quantities.n, a->quantities.items, &err);
    if (!ret && a->common.json) {
        self->report = launch_report(out, report);
        json_object_update_new(self->report,
                               json_pack("{s:I s:I s:o}", "events", (json_int_t)report->work.n_events,
                                         "events_anew", (json_int_t)report->work.n_anew, "effects",
                                         attribution_json(&file)));
    } else if (!ret && prints(a)) {
        ret = attribution_print(&file, a->top, stdout, &err);
    }
    status = command_ended(ret, NULL, &err);
    if (!status && a->interactions) status = interact(self, &file);
    attribution_free(&file);
    if (!status && self->report) status = command_print_json(json_incref(self->report));
    json_decref(self->report);
    return status;
}

static int attribute(attribute_t *self) {
    const attribute_arguments_t *a = self->arguments;
    model_t *model = &self->opened->scenario.model;
    texts_t variants = {0};
    run_report_t report = {0};
    int status = check_quantities(a, model);
    if (!status) status = list_variants(self, &variants);
    if (!a->everything) {
        model->output.trajectories = model->output.events = false;
        model->output.n_metrics = 0;
    }
    if (!status) status = simulate(self, &variants, a->common.out, true, &report);
    if (!status && !a->common.n_tasks && (prints(a) || a->interactions)) status = show(self, &report);
    free(variants.items);
    return status;
}

/* "scenarios/x.yaml" gives "x-attribution.h5". */
static char *default_output(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    char *out = NULL;
    return asprintf(&out, "%.*s-attribution.h5", length, name) < 0 ? NULL : out;
}

int command_attribute(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO [QUANTITY...]",
        "Leaves out each entry of the calendar in turn, simulates all as differences of one base, and ranks "
        "by what each changes in each quantity (default: all quantities), with 95 % intervals of the paired "
        "differences.\vExample:\n  entente attribute scenarios/central-asia-2026.yaml kaz_strength -n "
        "1000\n\n"
        "The output file has a variant without:NAME for each thing left out, which `entente run`, `trace` "
        "and "
        "`compare` know as well. Repeated, the command continues an interrupted one, adds replicates, or "
        "prints other quantities of a complete file.",
        check};
    attribute_arguments_t arguments = {.top = TOP};
    common_t *c = &arguments.common;
    char *command = launch_command(argc, argv), *out = NULL;
    options_parse(&line, argc, argv, &arguments);
    opened_t opened = {0};
    attribute_t self = {.arguments = &arguments, .opened = &opened, .command = command};
    arena_init(&self.arena);
    self.words = option_words(option_table, &arguments);
    if (!c->out) c->out = out = default_output(c->path);
    int status = EX_SOFTWARE;
    if (!command || !c->out || !self.words)
        fputs("entente: out of memory\n", stderr);
    else
        status = opened_read(&opened, c);
    if (command && c->out && self.words && !status) status = attribute(&self);
    opened_close(&opened);
    option_words_free(self.words);
    options_free(option_table, &arguments);
    arena_free(&self.arena);
    free(command);
    free(out);
    return status;
}
