/* `entente trace`: prints one replicate as a chronicle, with offspring and consequences indented below their
 * cause. */
#include "base/date.h"
#include "cli/command.h"
#include "cli/reopen.h"
#include "cli/trace/spells.h"
#include "engine/engine.h"
#include "text/humane.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

typedef struct {
    common_t common;
    const char *variant;
    uint32_t replicate;
    bool conditions;
    texts_t only, branch;
} trace_options_t;

static void check(struct argp_state *state, const void *arguments) {
    const trace_options_t *options = arguments;
    if (options->conditions && options->only.n)
        argp_error(state, "--conditions lists all conditions; it cannot be combined with --only");
    if (options->common.replicates && !options->conditions)
        argp_error(state, "--replicates: a chronicle is of one replicate; give --conditions too");
}

static const option_t option_table[] = {
    OPTION_SCENARIO(", or an output file"),
    {"replicate", 'r', "NUMBER", "The replicate to show, counted from 0 (default 0)",
     NUMBER(trace_options_t, replicate, 0, UINT32_MAX)},
    OPTION_SEED,
    {"variant", 0, "NAME", "The variant to show (default base)", TEXT(trace_options_t, variant)},
    {"only", 0, "ACTOR|A-B", "Only events of this actor or tie, with their causes; may be repeated",
     TEXTS(trace_options_t, only)},
    {"branch", 0, "DAY:NUMBER",
     "From this day on (counted from the start) everything random is drawn anew, under that number; may be "
     "repeated. `entente rare` prints such branches",
     TEXTS(trace_options_t, branch)},
    {"conditions", 0, NULL,
     "In place of the chronicle, the conditions as CSV: replicate, condition, tie or actor, from, until "
     "(UTC; empty: in "
     "force at the end)",
     FLAG(trace_options_t, conditions)},
    OPTION_REPLICATES(" with --conditions, from --replicate on,"),
    OPTION_SET(""),
    {0},
};

/* ---- what is shown ---------------------------------------------------------------------------------- */

typedef struct {
    const model_t *model;
    const log_t *log;
    const changes_t *changes;
    bool *shown;     /* [rows] */
    int *depth;      /* [rows] below the event it all began with */
    int32_t *number; /* [rows] as printed, 0 = not yet */
} chronicle_t;

static const char *actor_name(const model_t *model, int actor) {
    return actor < 0 ? "" : model->actors[actor].name;
}

static bool concerns(const chronicle_t *c, int32_t row, int a, int b) {
    int i = c->log->initiator[row], j = c->log->target[row];
    if (b < 0) return i == a || j == a;
    return (i == a && j == b) || (i == b && j == a);
}

/* Marks the rows of the actors and ties that --only names, and all their causes. 0 or an exit code. */
static int select_rows(const chronicle_t *c, const trace_options_t *options) {
    for (int n = 0; n < options->only.n; n++) {
        int a = -1, b = -1;
        if (!opened_actor_or_tie(c->model, options->only.items[n], &a, &b)) {
            fprintf(stderr, "entente: --only %s: not an actor or a tie of this scenario\n",
                    options->only.items[n]);
            return EX_USAGE;
        }
        for (int32_t row = 0; row < c->log->n; row++)
            if (concerns(c, row, a, b))
                for (int32_t up = row; up >= 0; up = c->log->parent[up]) c->shown[up] = true;
    }
    for (int32_t row = 0; options->only.n == 0 && row < c->log->n; row++) c->shown[row] = true;
    return 0;
}

/* free(); NULL without memory. */
static char *parties_of(const chronicle_t *c, int32_t row) {
    const log_t *log = c->log;
    const char *from = actor_name(c->model, log->initiator[row]),
               *to = actor_name(c->model, log->target[row]);
    const char *group = log->group[row] < 0 ? "" : c->model->groups[log->group[row]].name;
    bool comes = log->role[row] >= ROLE_MEMBER, directed = !comes && log->target[row] >= 0;
    char *out = NULL;
    int n = comes ? asprintf(&out, "%s comes to %s", from, to)
                  : asprintf(&out, "%s%s%s%s%s", from, directed ? " -> " : "", directed ? to : "",
                             *group ? ", " : "", group);
    return n < 0 ? NULL : out;
}

static void print_cause(const chronicle_t *c, int32_t row) {
    const log_t *log = c->log;
    int32_t parent = log->parent[row];
    if (parent < 0) {
        printf("  [%s]", cause_names[log->cause[row]]);
        return;
    }
    printf("  [%s #%" PRId32 " %s]", log->cause[row] == CAUSE_EXCITED ? "excited by" : "from",
           c->number[parent], c->model->kinds[log->kind[parent]].name);
}

static void print_success(const chronicle_t *c, int32_t row) {
    if (!c->log->success[row])
        printf("  without success");
    else if (c->model->kinds[c->log->kind[row]].has_success)
        printf("  with success");
}

static void print_row(const chronicle_t *c, int32_t row) {
    const log_t *log = c->log;
    char date[32], amount[32], *parties = parties_of(c, row);
    date_format_minute(c->model->start + log->time[row], date);
    date[10] = ' ';
    int indent = 2 * (c->depth[row] < 8 ? c->depth[row] : 8);
    const char *kind =
        log->role[row] >= ROLE_MEMBER ? role_names[log->role[row]] : c->model->kinds[log->kind[row]].name;
    printf("%s %5" PRId32 "  %*s%-*s %-22s", date, c->number[row], indent, "", 24 - indent, kind,
           parties ? parties : "");
    free(parties);
    if (log->status[row] != STATUS_HELD) printf("  %s", status_names[log->status[row]]);
    if (log->effect[row] != 0)
        printf("  %+.3f to %.3f", (double)log->effect[row], (double)log->strength[row]);
    if (!isnan(log->value_usd[row])) printf("  %s", humane_usd(log->value_usd[row], amount, sizeof amount));
    if (log->sector[row] >= 0) printf(" in %s", c->model->sectors[log->sector[row]]);
    if (log->status[row] == STATUS_HELD && log->role[row] < ROLE_MEMBER) print_success(c, row);
    print_cause(c, row);
    putchar('\n');
}

/* ---- conditions and interventions ------------------------------------------------------------------- */

static bool is_of_interest(const chronicle_t *c, const trace_options_t *options,
                           const state_change_t *change) {
    if (options->only.n == 0 || change->type == CHANGE_ACTS) return true;
    bool on_actor = c->model->conditions[change->which].on_actor;
    const condition_t *condition = &c->model->conditions[change->which];
    const tie_t *tie = on_actor ? NULL : &c->model->ties[condition_tie(condition, change->site)];
    for (int n = 0; n < options->only.n; n++) {
        int a = -1, b = -1;
        opened_actor_or_tie(c->model, options->only.items[n], &a, &b);
        if (on_actor ? change->site == a || change->site == b
            : b < 0  ? tie->a == a || tie->b == a
                     : (tie->a == a && tie->b == b) || (tie->a == b && tie->b == a))
            return true;
    }
    return false;
}

static void print_change(const chronicle_t *c, const state_change_t *change) {
    static const char *const does[] = {
        [CHANGE_STARTS] = "starts", [CHANGE_ENDS] = "ends", [CHANGE_ACTS] = "acts"};
    const model_t *model = c->model;
    char date[32], place[PAIR_BYTES] = "";
    bool acts = change->type == CHANGE_ACTS;
    const char *name = acts ? model->interventions[change->which].id : model->conditions[change->which].name;
    date_format_minute(model->start + change->time, date);
    date[10] = ' ';
    if (!acts) spells_place(model, change->which, change->site, place, sizeof place);
    printf("%s     -  %-24s %-22s  %s", date, name, place, does[change->type]);
    int32_t cause = change->row - 1; /* an event's row comes before its effects */
    if (acts)
        fputs("  [intervention]", stdout);
    else if (change->time < 0)
        fputs("  [in force at the start]", stdout);
    else if (cause >= 0 && c->log->time[cause] == change->time && c->number[cause] > 0)
        printf("  [from #%" PRId32 " %s]", c->number[cause], c->model->kinds[c->log->kind[cause]].name);
    putchar('\n');
}

/* Those before that row of the log; returns how many are printed or passed over by now. */
static int print_changes(const chronicle_t *c, const trace_options_t *options, int from, int32_t row) {
    for (; from < c->changes->n && c->changes->items[from].row <= row; from++)
        if (is_of_interest(c, options, &c->changes->items[from])) print_change(c, &c->changes->items[from]);
    return from;
}

static int print_chronicle(chronicle_t *c, const trace_options_t *options, const result_t *result) {
    int status = select_rows(c, options);
    if (status) return status;
    printf("%s\nreplicate %" PRIu32 ", variant %s: %" PRId64 " events%s%s\n\n", c->model->title,
           options->replicate, options->variant ? options->variant : "base", result->n_events,
           result->stop == STOP_NONE ? "" : "; stopped: ",
           result->stop == STOP_NONE ? "" : stop_names[result->stop]);
    int changes = 0;
    for (int32_t row = 0, shown = 0; row < c->log->n; row++) {
        changes = print_changes(c, options, changes, row);
        int32_t parent = c->log->parent[row];
        c->depth[row] = parent < 0 ? 0 : c->depth[parent] + 1;
        if (!c->shown[row]) continue;
        c->number[row] = ++shown;
        print_row(c, row);
    }
    print_changes(c, options, changes, c->log->n);
    return 0;
}

/* ---- branches ------------------------------------------------------------------------------------------ */

/* "41.25:7"; false after saying what is wrong. */
static bool parse_branch(const char *text, double horizon, double after, branch_t *branch) {
    char *end, *last;
    errno = 0;
    branch->time = strtod(text, &end);
    bool good = end > text && *end == ':' && isdigit((unsigned char)end[1]);
    if (good) branch->key = strtoull(end + 1, &last, 10);
    good = good && !*last && !errno && branch->key > 0 && branch->time >= after && branch->time < horizon;
    if (!good)
        fprintf(stderr,
                "entente: --branch %s: DAY:NUMBER is expected, a day from %.17g to %.17g and a whole number "
                "from 1 on, such as 41.25:7\n",
                text, after, horizon);
    return good;
}

/* 0 or the exit code. free() */
static int read_branches(const trace_options_t *options, const model_t *model, branch_t **branches) {
    int n = options->branch.n;
    bool good = true;
    *branches = calloc((size_t)n + 1, sizeof **branches);
    if (!*branches) {
        fputs("entente: out of memory\n", stderr);
        return EX_SOFTWARE;
    }
    for (int b = 0; b < n; b++)
        good &= parse_branch(options->branch.items[b], model->horizon, b ? (*branches)[b - 1].time : 0,
                             &(*branches)[b]);
    return good ? 0 : EX_USAGE;
}

/* ---- the replicate ---------------------------------------------------------------------------------- */

/* The conditions of several replicates. */
static int list_conditions(opened_t *opened, const trace_options_t *options, uint64_t seed, int variant,
                           const branch_t *branches) {
    model_t *model = &opened->scenario.model;
    engine_t *engine = NULL;
    observation_t observation = {.changes = true};
    result_t result = {0};
    uint32_t n = options->common.replicates ? options->common.replicates : 1;
    int ret = 0;
    TRY(engine_init(&engine, model, seed));
    engine_branch(engine, options->branch.n, branches);
    TRY(result_init(&result, model, &observation));
    spells_head(stdout);
    for (uint32_t i = 0; i < n; i++) {
        TRY(engine_run(engine, options->replicate + i, variant, opened->n_settings, opened->settings,
                       &observation, &result));
        spells_print(model, &result.changes, options->replicate + i, stdout);
    }
out:
    if (ret) fputs("entente: out of memory\n", stderr);
    result_free(&result);
    engine_free(engine);
    return ret ? EX_SOFTWARE : 0;
}

static int simulate(opened_t *opened, const trace_options_t *options, uint64_t seed, int variant,
                    const branch_t *branches) {
    model_t *model = &opened->scenario.model;
    engine_t *engine = NULL;
    observation_t observation = {.events = true, .changes = true};
    result_t result = {0};
    int status = EX_SOFTWARE;
    chronicle_t chronicle = {.model = model, .log = &result.log, .changes = &result.changes};
    if (engine_init(&engine, model, seed) == 0) engine_branch(engine, options->branch.n, branches);
    if (!engine || result_init(&result, model, &observation) < 0 ||
        engine_run(engine, options->replicate, variant, opened->n_settings, opened->settings, &observation,
                   &result) < 0)
        goto out;
    size_t rows = (size_t)result.log.n + 1;
    chronicle.shown = calloc(rows, sizeof *chronicle.shown);
    chronicle.depth = calloc(rows, sizeof *chronicle.depth);
    chronicle.number = calloc(rows, sizeof *chronicle.number);
    if (chronicle.shown && chronicle.depth && chronicle.number)
        status = print_chronicle(&chronicle, options, &result);
out:
    if (status == EX_SOFTWARE) fputs("entente: out of memory\n", stderr);
    free(chronicle.shown);
    free(chronicle.depth);
    free(chronicle.number);
    result_free(&result);
    engine_free(engine);
    return status;
}

/* The scenario, or that of an output file with the run's settings and seed. 0 or the exit code, all said. */
static int open_either(opened_t *opened, reopened_t *made, const common_t *common, uint64_t *seed) {
    bool again = reopen_is_output(common->path);
    int status = again ? reopen_scenario(opened, made, common) : opened_read(opened, common);
    if (status) return status;
    *seed = common->has_seed ? common->seed : again ? made->seed : opened->scenario.model.seed;
    return 0;
}

int command_trace(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "SCENARIO|OUT.h5",
        "Prints one replicate as a chronicle: the time, actors and type of each event, its effect on the "
        "tie, whether it succeeded, and its cause; between them the conditions that start and end, and the "
        "interventions that act. Offspring and consequences are indented below their event. Given an output "
        "file of a "
        "run, simulates the replicate again.\v`entente run` has the same events in the same replicate. "
        "Numbers after # "
        "refer to lines above.",
        check};
    trace_options_t options = {0};
    options_parse(&line, argc, argv, &options);
    opened_t opened = {0};
    reopened_t made = {0};
    branch_t *branches = NULL;
    uint64_t seed;
    int status = open_either(&opened, &made, &options.common, &seed);
    if (status == 0) status = read_branches(&options, &opened.scenario.model, &branches);
    int variant = status == 0 ? opened_variant(&opened, options.variant, &status) : -1;
    if (variant >= 0)
        status =
            (options.conditions ? list_conditions : simulate)(&opened, &options, seed, variant, branches);
    free(branches);
    opened_close(&opened);
    reopened_free(&made);
    options_free(option_table, &options);
    return status;
}
