/* `entente compare`: paired differences between the variants of an output file, or between two files. */
#include "base/mem.h"
#include "cli/command.h"
#include "cli/compare/between.h"
#include "cli/compare/why.h"
#include "cli/options/options.h"
#include "cli/tables/labels.h"
#include "cli/tables/sensitivity_table.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct {
    common_t common;
    texts_t names;
    bool why;
    const char *choose;
    int surprises;
} compare_arguments_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "the output file is missing", INPUT(common_t, path)},
    {NULL, .argument = "quantity", TEXTS(compare_arguments_t, names)},
    {"why", 0, NULL,
     "Rank the uncertain parameters by what they move in each change: their share of the variance of the "
     "mean "
     "change, and the mean change with the parameter at its 5 % and 95 % quantile",
     FLAG(compare_arguments_t, why)},
    {"choose", 0, "NAME[:min]",
     "With --why: for the choice of the variant with the largest mean of this quantity (with :min the "
     "least), what it is worth to know each parameter beforehand (default: the options and quantities that "
     "the "
     "scenario declares under `choose`)",
     TEXT(compare_arguments_t, choose)},
    {"surprises", 0, "NUMBER",
     "Of two files: list so many counts of events, by type and tie, that surprise most given OLD.h5, from "
     "its "
     "day to that of the forecast NEW.h5",
     NUMBER(compare_arguments_t, surprises, 1, 1000000)},
    OPTION_WORKERS,
    OPTION_JSON("A JSON list on stdout; of two files an object"),
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const compare_arguments_t *a = arguments;
    if (a->choose && !a->why) argp_error(state, "--choose needs --why");
}

typedef struct {
    compared_t what;
    why_t why;
} row_t;

typedef struct {      /* of --choose; without it, what the scenario declares */
    const char *name; /* of the arena; NULL: none */
    aim_t aim;        /* AIM_NONE: the scenario's, else the most */
} choice_t;

/* ---- what is shown ---------------------------------------------------------------------------------- */

static number_style_t style_of(const comparison_t *c, const compared_t *what) {
    const estimate_t *e = what->estimates;
    double finest = INFINITY, largest = fabs(e[0].mean);
    for (size_t v = 1; v < c->n_variants; v++) {
        double half = (e[v].difference_high - e[v].difference_low) / 2;
        if (half > 0 && half < finest) finest = half;
        if (fabs(e[v].mean) > largest) largest = fabs(e[v].mean);
    }
    return number_style(what->unit, largest, finest);
}

static void print_ranges(const comparison_t *c, const estimate_t *e, bool probability,
                         const number_style_t *style) {
    char range[72];
    if (e->difference_sd == 0) return;
    if (c->n_parameters) {
        printf("    parameters  %s", quantity_difference_parameters_text(style, e, range));
        if (!isnan(e->difference_share))
            printf(e->difference_share_low > 0 ? ", about %.0f %% of the variance (%.0f .. %.0f)"
                                               : ": about %.0f %% of the variance (%.0f .. %.0f)",
                   100 * e->difference_share, 100 * e->difference_share_low, 100 * e->difference_share_high);
        putchar('\n');
    }
    printf("    chance      %s", quantity_chance_text(style, &e->difference_quantiles, range));
    if (probability)
        putchar('\n');
    else
        quantity_print_ends(stdout, style, &e->difference_quantiles);
}

static void print_row(const comparison_t *c, const row_t *row, bool with_why) {
    const compared_t *what = &row->what;
    const estimate_t *e = what->estimates;
    number_style_t style = style_of(c, what);
    char base[32], mean[32], difference[32], interval[72], reduction[32];
    bool labelled = strcmp(what->label, what->name) != 0;
    printf("%s%s%s%s%s%s\n", what->name, labelled ? ": " : "", labelled ? what->label : "",
           *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "");
    for (size_t v = 1; v < c->n_variants; v++) {
        if (isnan(e[v].reduction))
            snprintf(reduction, sizeof reduction, "-");
        else if (isinf(e[v].reduction))
            snprintf(reduction, sizeof reduction, "exact");
        else
            snprintf(reduction, sizeof reduction, "%.3g", e[v].reduction);
        printf("  %-17s %9s %9s %10s  %-18s %9s\n", c->variants[v],
               quantity_number_text(&style, e[v].mean, mean), quantity_number_text(&style, e[0].mean, base),
               quantity_number_text(&style, e[v].difference, difference),
               quantity_difference_interval_text(&style, &e[v], interval), reduction);
        print_ranges(c, &e[v], !strcmp(what->unit, "probability"), &style);
        if (with_why && e[v].difference_sd > 0) why_print(c, &row->why, v, &style);
    }
    if (with_why && row->why.chosen) why_print_choice(c, what, &row->why, &style);
}

static void add_json(const comparison_t *c, const row_t *row, bool with_why, json_t *list) {
    const compared_t *what = &row->what;
    for (size_t v = 1; v < c->n_variants; v++) {
        const estimate_t *e = &what->estimates[v];
        json_t *one = json_pack("{s:s s:s s:s s:s s:s s:I s:I s:o s:o s:o}", "quantity", what->name, "label",
                                what->label, "unit", what->unit, "variant", c->variants[v], "base",
                                c->variants[0], "n", (json_int_t)e->n, "n_differ", (json_int_t)e->n_differ,
                                "difference_sd", json_number(e->difference_sd), "variance_reduction",
                                json_number(e->reduction), "base_mean", json_number(what->estimates[0].mean));
        quantity_level_json(one, e);
        json_t *base_level = json_object();
        quantity_level_json(base_level, &what->estimates[0]);
        json_object_set_new(one, "base_level", base_level);
        quantity_change_json(one, e);
        if (with_why) {
            json_object_set_new(one, "why", why_json(c, what, &row->why, v));
            json_object_set_new(one, "choice", why_choice_json(c, &row->why));
        }
        json_array_append_new(list, one);
    }
}

/* For a sweep: the sensitivity of the quantities, and of the variants' differences, to each parameter. */
static int compare_points(const compare_arguments_t *a, store_t *store, fault_t *err) {
    json_t *list = NULL;
    int ret =
        sensitivity_table(stdout, a->common.json ? &list : NULL, store, a->names.n, a->names.items, err);
    if (list && !ret) return command_print_json(list);
    json_decref(list);
    return ret;
}

/* Of a sweep with --why. */
static void print_points(const comparison_t *c, const row_t *row) {
    const compared_t *what = &row->what;
    const estimate_t *e = what->estimates;
    number_style_t style = style_of(c, what);
    char difference[32], base[32];
    const char *gap = *style.unit ? " " : "";
    printf("%s (%s), over %" PRId64 " points of %u replicate%s\n", what->label, what->name, e->n,
           (unsigned)c->points->n_replicates, c->points->n_replicates == 1 ? "" : "s");
    for (size_t v = 1; v < c->n_variants; v++) {
        printf("  %s: %s%s%s from %s\n", c->variants[v],
               quantity_number_text(&style, e[v].difference, difference), gap, style.unit,
               quantity_number_text(&style, e[0].mean, base));
        if (e[v].difference_sd > 0)
            why_print(c, &row->why, v, &style);
        else
            puts("    the same at all points");
    }
    if (row->why.chosen) why_print_choice(c, what, &row->why, &style);
}

static void add_points_json(const comparison_t *c, const row_t *row, json_t *list) {
    const compared_t *what = &row->what;
    for (size_t v = 1; v < c->n_variants; v++) {
        const estimate_t *e = &what->estimates[v];
        json_array_append_new(
            list,
            json_pack("{s:s s:s s:s s:s s:s s:s s:I s:o s:o s:o s:o s:o}", "quantity", what->name, "label",
                      what->label, "unit", what->unit, "variant", c->variants[v], "base", c->variants[0],
                      "states", "points", "n", (json_int_t)e->n, "mean", json_number(e->mean), "base_mean",
                      json_number(what->estimates[0].mean), "difference", json_number(e->difference), "why",
                      why_json(c, what, &row->why, v), "choice", why_choice_json(c, &row->why)));
    }
}

static int show_points(const compare_arguments_t *a, const comparison_t *c, size_t n, const row_t *rows) {
    json_t *list = a->common.json ? json_array() : NULL;
    for (size_t i = 0; i < n; i++) {
        if (list)
            add_points_json(c, &rows[i], list);
        else
            print_points(c, &rows[i]);
    }
    if (list) return command_print_json(list);
    puts("The intervals are over the points. Unless the sweep was --independent, all\n"
         "points share their replicates, and the intervals do not hold their chance.");
    return 0;
}

static int show(const compare_arguments_t *a, const comparison_t *c, size_t n, const row_t *rows) {
    if (c->points) return show_points(a, c, n, rows);
    json_t *list = a->common.json ? json_array() : NULL;
    fault_t err = {0};
    int ret = list ? 0 : labels_print(stdout, c->store, "variant", &err);
    if (!ret && !list && a->why) ret = labels_print(stdout, c->store, "parameter", &err);
    if (ret) return command_ended(ret, NULL, &err);
    if (!list)
        printf("  %-17s %9s %9s %10s  %-18s %9s\n", "", "mean", c->variants[0], "difference", "computed to",
               "reduction");
    for (size_t i = 0; i < n; i++) {
        if (list)
            add_json(c, &rows[i], a->why, list);
        else
            print_row(c, &rows[i], a->why);
    }
    return a->common.json ? command_print_json(list) : 0;
}

/* ---- what is asked ---------------------------------------------------------------------------------- */

/* "QUANTITY", "QUANTITY:max", "QUANTITY:min". */
static int read_choice(comparison_t *c, const char *text, choice_t *out, fault_t *err) {
    *out = (choice_t){0};
    if (!text) return 0;
    size_t length = strlen(text);
    bool least = length > 4 && !strcmp(text + length - 4, ":min"),
         most = length > 4 && !strcmp(text + length - 4, ":max");
    out->aim = least ? AIM_MIN : most ? AIM_MAX : AIM_NONE;
    out->name = arena_text_n(&c->arena, text, length - (least || most ? 4 : 0));
    return out->name ? 0 : error_memory(err);
}

/* The names given, or all quantities, and the one that the choice is by. */
static int list_names(comparison_t *c, const texts_t *given, const choice_t *choice, const char ***names,
                      size_t *n, fault_t *err) {
    bool listed = !choice->name;
    *n = given->n ? (size_t)given->n : c->n_quantities;
    *names = arena_alloc(&c->arena, *n + 1, sizeof **names);
    if (!*names) return error_memory(err);
    for (size_t i = 0; i < *n; i++) {
        (*names)[i] = given->n ? given->items[i] : c->quantities[i];
        listed |= choice->name && !strcmp((*names)[i], choice->name);
    }
    if (!listed) (*names)[(*n)++] = choice->name;
    return 0;
}

/* Whether one chooses by this, and how. */
static aim_t aim_of(const comparison_t *c, const choice_t *choice, const char *name) {
    aim_t declared = AIM_NONE;
    for (size_t q = 0; q < c->n_quantities; q++)
        if (!strcmp(c->quantities[q], name)) declared = declared_aim(&c->declared, q);
    if (!choice->name) return declared;
    if (strcmp(choice->name, name) != 0) return AIM_NONE;
    return choice->aim != AIM_NONE ? choice->aim : declared != AIM_NONE ? declared : AIM_MAX;
}

/* A sweep: its points have to be independent of one another, as draws are. */
static int open_points(const compare_arguments_t *a, comparison_t *c, fault_t *err) {
    const char *design = store_attribute(c->store, "sensitivity", "design");
    if (!strcmp(design, "morris") || !strcmp(design, "saltelli"))
        return error_set(err, ERR_USAGE,
                         "%s: --why needs points that are independent of one another, as of --design "
                         "random, latin or sobol; those of %s depend on each other, and the table without "
                         "--why has the indices that they are made for",
                         a->common.path, design);
    return comparison_init_points(c, a->common.path, err);
}

static int compare_one(const compare_arguments_t *a, comparison_t *c, fault_t *err) {
    int ret = 0;
    size_t n;
    const char **names;
    choice_t choice;
    *c = (comparison_t){0};
    arena_init(&c->arena);
    TRY(store_open(&c->store, a->common.path, err));
    bool of_points = store_size(c->store, "point") > 0;
    if (of_points && !a->why) return compare_points(a, c->store, err);
    TRY(of_points ? open_points(a, c, err) : comparison_init(c, err));
    if (c->n_variants < 2)
        return error_set(err, ERR_DATA, "%s has only one variant: nothing to compare", a->common.path);
    if (a->why && !c->n_parameters)
        return error_set(err, ERR_DATA,
                         "%s: --why: no parameter varies between replicates; name them under `uncertain` in "
                         "the scenario, and run without --fixed",
                         a->common.path);
    TRY(read_choice(c, a->choose, &choice, err));
    TRY(list_names(c, &a->names, &choice, &names, &n, err));
    row_t *rows = arena_alloc(&c->arena, n, sizeof *rows);
    TRY_MEM(rows);
    for (size_t i = 0; i < n; i++) {
        aim_t aim = aim_of(c, &choice, names[i]);
        TRY(comparison_read(c, names[i], &rows[i].what, err));
        if (a->why) TRY(why_read(c, &rows[i].what, aim != AIM_NONE, aim == AIM_MIN, &rows[i].why, err));
    }
    TRY(store_trouble(c->store, err));
    ret = show(a, c, n, rows);
out:
    return ret;
}

/* ---- two files ---------------------------------------------------------------------------------------- */

static int compare_two(const compare_arguments_t *a, fault_t *err) {
    int ret = 0;
    between_t between = {0};
    const between_request_t request = {.paths = {a->common.path, a->names.items[0]},
                                       .n_names = a->names.n - 1,
                                       .names = a->names.items + 1,
                                       .surprises = a->surprises,
                                       .workers = a->common.workers};
    if (a->why) return error_set(err, ERR_USAGE, "--why is of one file; leave %s out", request.paths[NEW]);
    for (int i = 0; i < request.n_names; i++)
        if (between_is_file(request.names[i]))
            return error_set(err, ERR_USAGE, "%s: two files are compared at most", request.names[i]);
    TRY(between_read(&between, &request, err));
    if (a->common.json)
        TRY(command_print_json(between_json(&between, a->surprises)));
    else
        between_print(&between, a->surprises);
out:
    between_free(&between);
    return ret;
}

static int compare(const compare_arguments_t *a, fault_t *err) {
    if (a->names.n && between_is_file(a->names.items[0])) return compare_two(a, err);
    if (a->surprises)
        return error_set(err, ERR_USAGE,
                         "--surprises is of two files; give OLD.h5 NEW.h5, a forecast of a "
                         "later day");
    comparison_t comparison;
    int ret = compare_one(a, &comparison, err);
    comparison_free(&comparison);
    return ret;
}

int command_compare(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "OUT.h5 [QUANTITY...]\nOLD.h5 NEW.h5 [QUANTITY...]",
        "Prints the paired difference of each variant from the first, over the replicates that ended "
        "normally in all variants, with three ranges. For a sweep, prints the sensitivity of each quantity "
        "and each difference to the parameters. Of two files, such as two forecasts, prints what differs "
        "between "
        "them and the difference of each level and each change. The default is all quantities.\v"
        "The ranges are: computed to (Monte Carlo 95 % confidence interval of the mean), parameters (5 % to "
        "95 % quantile of the mean difference given the uncertain parameters), and chance (5 % to 95 % "
        "quantile of single pairs). \"reduction\" is the variance of an unpaired difference divided by that "
        "of the paired one: common random numbers need that many times fewer replicates. With --why, a "
        "sweep's table ranks what moves each difference over its points.\n\n"
        "A stored trajectory can be named as well: strength:KAZ-USA@2026-06-20, alignment:..., "
        "trade:KAZ->USA@... or trade:KAZ-USA@... for both flows; the nearest stored time is used. With a "
        "threshold, \"QUANTITY>NUMBER\" or \"QUANTITY<NUMBER\", the probabilities of being beyond it are "
        "compared.\n\n"
        "Two files are paired by the numbers of their replicates if their seeds are the same. "
        "docs/forecasting.md describes what is new in a forecast.",
        check};
    compare_arguments_t arguments = {0};
    options_parse(&line, argc, argv, &arguments);
    fault_t err = {0};
    int ret = compare(&arguments, &err);
    options_free(option_table, &arguments);
    return command_ended(ret, NULL, &err);
}
