/* `entente choose`: the regret of options over the points of a sweep or the replicates of a run. */
#include "base/mem.h"
#include "cli/choose/boxes.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "cli/tables/declared.h"
#include "cli/tables/quantity_table.h"
#include "stats/choice/regret.h"
#include "text/text_table.h"
#include <math.h>
#include <string.h>

/* Least states of the box in which an option is worst: this share of them. */
#define WORST_SHARE 0.1

typedef struct {
    common_t common;
    texts_t aims;
    const char *options;
} choose_arguments_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "the output file is missing", INPUT(common_t, path)},
    {NULL, .argument = "quantity", TEXTS(choose_arguments_t, aims)},
    {"options", 0, "A,B,...", "The variants to choose from (default: the scenario's, else all)",
     TEXT(choose_arguments_t, options)},
    OPTION_JSON("A JSON list on stdout"),
    {0},
};

typedef struct {
    states_t states;
    declared_t declared;
    int n_options;
    int *options; /* variants */
    int quantity;
    bool least;               /* the smaller the better */
    double *values, *regrets; /* [option][state] */
    regret_t *of;             /* [option] */
    box_found_t *worst;       /* [option] */
    box_limits_t *limits;     /* [option][axis] */
    bool *taken;              /* [state] */
} choice_t;

static void free_values(choice_t *c) {
    mem_free(c->values);
    mem_free(c->regrets);
    mem_free(c->taken);
    c->values = c->regrets = NULL;
    c->taken = NULL;
}

static void choice_free(choice_t *c) {
    declared_free(&c->declared);
    states_free(&c->states);
    free_values(c);
    mem_free(c->options);
    mem_free(c->of);
    mem_free(c->worst);
    mem_free(c->limits);
}

/* ---- what is chosen from, and by what ----------------------------------------------------------------- */

static int add_option(choice_t *c, const char *name, size_t length, fault_t *err) {
    int variant = states_variant(&c->states, name, length, err);
    if (variant < 0) return variant;
    for (int o = 0; o < c->n_options; o++)
        if (c->options[o] == variant)
            return error_set(err, ERR_USAGE, "--options: %s is given a second time",
                             c->states.variants[variant]);
    c->options[c->n_options++] = variant;
    return 0;
}

static int read_options(choice_t *c, const char *list, fault_t *err) {
    int ret = 0;
    size_t most = c->states.n_variants;
    c->options = mem_alloc(most, sizeof *c->options);
    c->of = mem_alloc(most, sizeof *c->of);
    c->worst = mem_alloc(most, sizeof *c->worst);
    c->limits = mem_alloc(most * c->states.n_axes + 1, sizeof *c->limits);
    if (!c->options || !c->of || !c->worst || !c->limits) return error_memory(err);
    for (size_t v = 0; v < most && !list; v++)
        if (declared_option(&c->declared, v)) c->options[c->n_options++] = (int)v;
    for (const char *name = list; name;) {
        size_t length = strcspn(name, ",");
        TRY(add_option(c, name, length, err));
        name = name[length] ? name + length + 1 : NULL;
    }
    if (c->n_options < 2)
        return error_set(err, list ? ERR_USAGE : ERR_DATA, "two options are needed to choose from%s",
                         list ? "" : ": the file has one variant");
out:
    return ret;
}

/* "QUANTITY", "QUANTITY:max" or "QUANTITY:min". */
static int read_aim(choice_t *c, const char *text, fault_t *err) {
    const char *colon = strrchr(text, ':');
    c->least = colon && !strcmp(colon, ":min");
    if (colon && !c->least && strcmp(colon, ":max") != 0)
        return error_set(err, ERR_USAGE, "\"%s\": behind the quantity :min or :max is expected", text);
    c->quantity = states_quantity(&c->states, text, colon ? (size_t)(colon - text) : strlen(text), err);
    if (c->quantity < 0) return c->quantity;
    if (!colon) c->least = declared_aim(&c->declared, (size_t)c->quantity) == AIM_MIN;
    return 0;
}

/* ---- regret -------------------------------------------------------------------------------------------- */

static int find_regret(choice_t *c, fault_t *err) {
    int ret = 0;
    states_t *s = &c->states;
    TRY(states_read(s, c->quantity, err));
    free_values(c);
    c->values = mem_alloc((size_t)c->n_options * s->n, sizeof *c->values);
    c->regrets = mem_alloc((size_t)c->n_options * s->n, sizeof *c->regrets);
    c->taken = mem_alloc(s->n, sizeof *c->taken);
    if (!c->values || !c->regrets || !c->taken) return error_memory(err);
    for (int o = 0; o < c->n_options; o++)
        memcpy(c->values + (size_t)o * s->n, s->values + (size_t)c->options[o] * s->n,
               s->n * sizeof *c->values);
    if (regret_all(c->n_options, s->n, c->values, c->least, c->regrets, c->of) < 0) return error_memory(err);
    size_t least = (size_t)ceil(WORST_SHARE * (double)s->n);
    for (int o = 0; o < c->n_options; o++) {
        box_points_t data = {s->n, (int)s->n_axes, s->x, c->regrets + (size_t)o * s->n};
        c->worst[o].limits = c->limits + (size_t)o * s->n_axes;
        memset(c->taken, 0, s->n * sizeof *c->taken);
        if (prim_find(&data, PRIM_HIGHEST, least, c->taken, &c->worst[o]) < 0) return error_memory(err);
    }
out:
    return ret;
}

/* ---- what is shown --------------------------------------------------------------------------------------
 */

static const char *option_name(const choice_t *c, int option) {
    return c->states.variants[c->options[option]];
}

static number_style_t style_of(const choice_t *c) {
    double largest = 0, finest = INFINITY;
    for (int o = 0; o < c->n_options; o++) {
        largest = fmax(largest, fabs(c->of[o].mean));
        if (c->of[o].regret > 0) finest = fmin(finest, c->of[o].regret);
    }
    return number_style(c->states.units[c->quantity], largest, finest / 10);
}

static void print_table(const choice_t *c, const number_style_t *style) {
    static const char *const heads[] = {"option",   ">mean",    ">mean regret", ">90 %",
                                        ">largest", ">best in", "dominated by", NULL};
    char text[32];
    text_table_t table;
    text_table_init(&table, heads);
    for (int o = 0; o < c->n_options; o++) {
        const regret_t *r = &c->of[o];
        text_table_add(&table, "%s", option_name(c, o));
        text_table_add(&table, "%s", quantity_number_text(style, r->mean, text));
        text_table_add(&table, "%s", quantity_number_text(style, r->regret, text));
        text_table_add(&table, "%s", quantity_number_text(style, r->regret_90, text));
        text_table_add(&table, "%s", quantity_number_text(style, r->regret_most, text));
        text_table_add(&table, "%.0f %%", 100 * r->best);
        text_table_add(&table, "%s", r->dominated_by < 0 ? "-" : option_name(c, r->dominated_by));
    }
    text_table_print(&table, stdout);
}

static void print(const choice_t *c) {
    const states_t *s = &c->states;
    number_style_t style = style_of(c);
    char of[64], text[32];
    states_name(s, of);
    printf("%s%s%s%s: the %s the better; regret over %s\n", s->quantities[c->quantity],
           *style.unit ? " (" : "", style.unit, *style.unit ? ")" : "", c->least ? "smaller" : "larger", of);
    print_table(c, &style);
    for (int o = 0; o < c->n_options && s->n_axes; o++) {
        if (c->of[o].regret == 0) continue;
        if (c->worst[o].n_limited == 0) {
            printf("  no box has a clearly larger regret of %s than the rest\n", option_name(c, o));
            continue;
        }
        printf("  worst box of %s: mean regret %s in %zu of them\n", option_name(c, o),
               quantity_number_text(&style, c->worst[o].density, text), c->worst[o].n);
        box_print_limits(s, &c->worst[o], stdout);
    }
    if (!s->of_points)
        fputs(
            "  Each replicate is a state of its own, so that regret is that of hindsight: chance is in it. A "
            "sweep tells it apart.\n",
            stdout);
}

static void add_json(const choice_t *c, json_t *list) {
    const states_t *s = &c->states;
    for (int o = 0; o < c->n_options; o++) {
        const regret_t *r = &c->of[o];
        json_array_append_new(
            list, json_pack("{s:s s:s s:s s:s s:s s:I s:f s:f s:f s:f s:f s:o s:{s:I s:f s:o}}", "quantity",
                            s->quantities[c->quantity], "unit", s->units[c->quantity], "aim",
                            c->least ? "min" : "max", "option", option_name(c, o), "states",
                            s->of_points ? "points" : "replicates", "n", (json_int_t)s->n, "mean", r->mean,
                            "regret", r->regret, "regret_90", r->regret_90, "regret_largest", r->regret_most,
                            "best", r->best, "dominated_by",
                            r->dominated_by < 0 ? json_null() : json_string(option_name(c, r->dominated_by)),
                            "worst_box", "n", (json_int_t)c->worst[o].n, "regret", c->worst[o].density,
                            "limits", box_limits_json(s, &c->worst[o])));
    }
}

static int show(choice_t *c, json_t *list, fault_t *err) {
    int ret = 0;
    TRY(find_regret(c, err));
    TRY(store_trouble(c->states.store, err));
    if (list)
        add_json(c, list);
    else
        print(c);
out:
    return ret;
}

static int show_declared(choice_t *c, json_t *list, fault_t *err) {
    int ret = 0;
    if (!c->declared.there)
        return error_set(err, ERR_USAGE,
                         "the quantity is missing; give QUANTITY, or QUANTITY:min, or declare options and "
                         "quantities in the scenario (`choose`)");
    for (size_t q = 0; q < c->states.n_quantities; q++) {
        aim_t aim = declared_aim(&c->declared, q);
        c->quantity = (int)q;
        c->least = aim == AIM_MIN;
        if (aim != AIM_NONE) TRY(show(c, list, err));
    }
out:
    return ret;
}

static int choose(choice_t *c, const choose_arguments_t *a, json_t *list, fault_t *err) {
    int ret = 0;
    *c = (choice_t){0};
    TRY(states_open(&c->states, a->common.path, err));
    TRY(declared_read(&c->declared, c->states.store, err));
    TRY(read_options(c, a->options, err));
    if (a->aims.n == 0) return show_declared(c, list, err);
    for (int i = 0; i < a->aims.n; i++)
        TRY(read_aim(c, a->aims.items[i], err)); /* all before the first table */
    for (int i = 0; i < a->aims.n; i++) {
        TRY(read_aim(c, a->aims.items[i], err));
        TRY(show(c, list, err));
    }
out:
    return ret;
}

int command_choose(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "OUT.h5 [QUANTITY[:min]...]",
        "Prints the regret of each option (variant): by how much the best option of a state of the world is "
        "better than it. States are the points of a sweep, by the means of their replicates, or the "
        "replicates of a run. The default is what the scenario declares under `choose`.\vThe larger the "
        "quantity "
        "the better, unless the scenario declares it under `min`; with :min, the smaller. The columns are "
        "the "
        "option's mean, and of its regret the mean, the 90th percentile and the largest; the share of the "
        "states in which no option is better; an option that is nowhere worse and somewhere better. The "
        "worst "
        "box is the box of parameters, of a tenth of the states or more, with the largest mean regret. "
        "Limits "
        "are in days, USD, and events a year.",
        NULL};
    choose_arguments_t arguments = {0};
    options_parse(&line, argc, argv, &arguments);
    fault_t err = {0};
    choice_t choice;
    json_t *list = arguments.common.json ? json_array() : NULL;
    int ret = choose(&choice, &arguments, list, &err);
    choice_free(&choice);
    if (list && !ret)
        ret = command_print_json(list);
    else
        json_decref(list);
    options_free(option_table, &arguments);
    return command_ended(ret, NULL, &err);
}
