/* `entente discover`: in which boxes of parameters an outcome, or the effect of a variant, lies beyond a
 * value. */
#include "base/mem.h"
#include "cli/choose/boxes.h"
#include "cli/command.h"
#include "cli/options/options.h"
#include "scenario/units.h"
#include "stats/choice/cart.h"
#include <math.h>
#include <string.h>

typedef struct {
    common_t common;
    const char *outcome, *above, *below, *method;
    uint32_t boxes;
} discover_arguments_t;

static const option_t option_table[] = {
    {NULL, .argument = "file", .required = "the output file is missing", INPUT(common_t, path)},
    {NULL, .argument = "outcome", .required = "the outcome is missing; give QUANTITY or QUANTITY:VARIANT",
     TEXT(discover_arguments_t, outcome)},
    {"above", 0, "NUMBER", "Look for outcomes above this, in the quantity's unit (default: 0)",
     TEXT(discover_arguments_t, above)},
    {"below", 0, "NUMBER", "Look for outcomes below this", TEXT(discover_arguments_t, below)},
    {"method", 0, "NAME",
     "prim: boxes, by the patient rule induction method (default); cart: the leaves of a classification tree",
     TEXT(discover_arguments_t, method)},
    {"boxes", 0, "NUMBER", "Most boxes of prim (default: 3)", NUMBER(discover_arguments_t, boxes, 1, 20)},
    OPTION_JSON("A JSON object on stdout"),
    {0},
};

static void check(struct argp_state *state, const void *arguments) {
    const discover_arguments_t *a = arguments;
    if (a->above && a->below) argp_error(state, "either --above or --below");
    if (a->method && strcmp(a->method, "prim") != 0 && strcmp(a->method, "cart") != 0)
        argp_error(state, "--method %s: prim or cart is expected", a->method);
    if (a->boxes && a->method && !strcmp(a->method, "cart"))
        argp_error(state, "--boxes goes with --method prim: the leaves of a tree are as many as it has");
}

typedef struct {
    states_t states;
    int quantity, variant; /* variant -1: the quantity itself, in the first variant */
    bool above;
    bool by_tree;
    const char *limit_text;
    double limit;
    double *y;       /* [n] 1 where the outcome is beyond the limit */
    bool *taken;     /* [n] */
    size_t n_beyond; /* states in which it is */
    int n_boxes;     /* with --method cart: leaves, 0 if there are too few states for a tree */
    box_found_t *boxes;
    box_limits_t *limits; /* [box][axis] */
    cart_t tree;
} discovery_t;

static void discovery_free(discovery_t *d) {
    states_free(&d->states);
    mem_free(d->y);
    mem_free(d->taken);
    mem_free(d->boxes);
    mem_free(d->limits);
}

/* "QUANTITY" or "QUANTITY:VARIANT". */
static int read_outcome(discovery_t *d, const char *text, fault_t *err) {
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    d->quantity = states_quantity(&d->states, text, length, err);
    if (d->quantity < 0) return d->quantity;
    d->variant = colon ? states_variant(&d->states, colon + 1, strlen(colon + 1), err) : -1;
    if (colon && d->variant == 0)
        return error_set(err, ERR_USAGE, "%s is the variant that the others are compared with", colon + 1);
    return colon && d->variant < 0 ? d->variant : 0;
}

static int read_limit(discovery_t *d, const discover_arguments_t *a, fault_t *err) {
    bool money = !strncmp(d->states.units[d->quantity], "USD", 3);
    d->above = !a->below;
    d->limit_text = a->below ? a->below : a->above ? a->above : "0";
    if (units_parse(money ? DIM_MONEY : DIM_NUMBER, d->limit_text, &d->limit)) return 0;
    return error_set(err, ERR_USAGE, "--%s %s: a number%s is expected", d->above ? "above" : "below",
                     d->limit_text, money ? " of USD, such as 50 M USD," : "");
}

static int find_beyond(discovery_t *d, fault_t *err) {
    states_t *s = &d->states;
    d->y = mem_alloc(s->n, sizeof *d->y);
    d->taken = mem_alloc(s->n, sizeof *d->taken);
    if (!d->y || !d->taken) return error_memory(err);
    for (size_t i = 0; i < s->n; i++) {
        double value =
            d->variant < 0 ? s->values[i] : s->values[(size_t)d->variant * s->n + i] - s->values[i];
        d->y[i] = d->above ? value > d->limit : value < d->limit;
        d->n_beyond += d->y[i] != 0;
    }
    return 0;
}

static int make_boxes(discovery_t *d, int most, fault_t *err) {
    size_t n_axes = d->states.n_axes;
    d->boxes = mem_alloc((size_t)most, sizeof *d->boxes);
    d->limits = mem_alloc((size_t)most * n_axes, sizeof *d->limits);
    if (!d->boxes || !d->limits) return error_memory(err);
    for (int b = 0; b < most; b++) d->boxes[b].limits = d->limits + (size_t)b * n_axes;
    return 0;
}

static int find_boxes(discovery_t *d, int most, fault_t *err) {
    int ret = 0;
    states_t *s = &d->states;
    box_points_t data = {s->n, (int)s->n_axes, s->x, d->y};
    size_t least = (size_t)ceil(BOX_LEAST * (double)s->n);
    TRY(make_boxes(d, most, err));
    for (; d->n_boxes < most; d->n_boxes++) {
        box_found_t *box = &d->boxes[d->n_boxes];
        if (prim_find(&data, PRIM_BALANCED, least, d->taken, box) < 0) return error_memory(err);
        if (box->n < least || box->n_limited == 0) break;
        if (box->density <= (double)d->n_beyond / (double)s->n) break; /* no better than anywhere */
    }
out:
    return ret;
}

static bool is_enough(const discovery_t *d) {
    return d->n_beyond >= CART_LEAST && d->states.n - d->n_beyond >= CART_LEAST;
}

static int find_leaves(discovery_t *d, fault_t *err) {
    int ret = 0;
    states_t *s = &d->states;
    box_points_t data = {s->n, (int)s->n_axes, s->x, d->y};
    double least = fmax(ceil(BOX_LEAST * (double)s->n), CART_LEAST);
    if (!is_enough(d)) return 0;
    if (cart_grow(&data, (size_t)least, &d->tree) < 0) return error_memory(err);
    TRY(make_boxes(d, d->tree.n_leaves, err));
    if (cart_boxes(&d->tree, &data, d->boxes) < 0) return error_memory(err);
    d->n_boxes = d->tree.n_leaves;
out:
    return ret;
}

/* ---- what is shown ------------------------------------------------------------------------------------ */

static void print_boxes(const discovery_t *d) {
    for (int b = 0; b < d->n_boxes; b++) {
        const box_found_t *box = &d->boxes[b];
        printf("  box %d: %zu of them lie in it, %.3g %% of all there are (coverage); that is %.3g %% of its "
               "%zu (density)\n",
               b + 1, (size_t)(box->density * (double)box->n + 0.5), 100 * box->coverage, 100 * box->density,
               box->n);
        box_print_limits(&d->states, box, stdout);
    }
    if (d->n_boxes == 0) fputs("  no box of parameters has clearly more of them than the rest\n", stdout);
}

static void print_node(const discovery_t *d, int at, int depth) {
    const cart_node_t *node = &d->tree.nodes[at];
    if (node->axis < 0) {
        printf(": %.0f of %zu (%.3g %%)\n", node->mean * (double)node->n, node->n, 100 * node->mean);
        return;
    }
    if (depth) putchar('\n');
    for (int side = 0; side < 2; side++) {
        printf("%*s%s %s %.4g", 2 * depth + 2, "", d->states.axes[node->axis], side ? "above" : "below",
               node->limit);
        print_node(d, side ? node->above : node->below, depth + 1);
    }
}

static void print_tree(const discovery_t *d) {
    if (!is_enough(d))
        printf("  too few for a tree: it needs %d of them, and %d others\n", CART_LEAST, CART_LEAST);
    else if (d->tree.n_leaves == 1)
        fputs("  no split by a parameter holds in cross-validation\n", stdout);
    else
        print_node(d, 0, 0);
}

static void print(const discovery_t *d) {
    const states_t *s = &d->states;
    char of[64];
    states_name(s, of);
    printf("%s", s->quantities[d->quantity]);
    if (d->variant >= 0) printf(", difference by %s,", s->variants[d->variant]);
    printf(" %s %s: in %zu of %s (%.3g %%)\n", d->above ? "above" : "below", d->limit_text, d->n_beyond, of,
           100 * (double)d->n_beyond / (double)s->n);
    if (d->by_tree)
        print_tree(d);
    else
        print_boxes(d);
}

static json_t *node_json(const discovery_t *d, int at) {
    const cart_node_t *node = &d->tree.nodes[at];
    json_t *one = json_pack("{s:I s:f}", "n", (json_int_t)node->n, "density", node->mean);
    if (node->axis < 0) return one;
    json_object_set_new(one, "parameter", json_string(d->states.axes[node->axis]));
    json_object_set_new(one, "limit", json_real(node->limit));
    json_object_set_new(one, "below", node_json(d, node->below));
    json_object_set_new(one, "above", node_json(d, node->above));
    return one;
}

static json_t *json_of(const discovery_t *d) {
    const states_t *s = &d->states;
    json_t *boxes = json_array();
    for (int b = 0; b < d->n_boxes; b++)
        json_array_append_new(boxes,
                              json_pack("{s:I s:f s:f s:o}", "n", (json_int_t)d->boxes[b].n, "coverage",
                                        d->boxes[b].coverage, "density", d->boxes[b].density, "limits",
                                        box_limits_json(s, &d->boxes[b])));
    json_t *told = json_pack("{s:s s:o s:s s:f s:s s:I s:I s:s s:o}", "quantity", s->quantities[d->quantity],
                             "variant", d->variant < 0 ? json_null() : json_string(s->variants[d->variant]),
                             "side", d->above ? "above" : "below", "limit", d->limit, "states",
                             s->of_points ? "points" : "replicates", "n", (json_int_t)s->n, "n_beyond",
                             (json_int_t)d->n_beyond, "method", d->by_tree ? "cart" : "prim", "boxes", boxes);
    if (d->by_tree) json_object_set_new(told, "tree", is_enough(d) ? node_json(d, 0) : json_null());
    return told;
}

static int discover(discovery_t *d, const discover_arguments_t *a, fault_t *err) {
    int ret = 0;
    *d = (discovery_t){0};
    TRY(states_open(&d->states, a->common.path, err));
    TRY(read_outcome(d, a->outcome, err));
    TRY(read_limit(d, a, err));
    if (d->states.n_axes == 0)
        return error_set(
            err, ERR_DATA,
            "%s has no parameters that vary: sweep some, or let some be uncertain, and run again",
            a->common.path);
    TRY(states_read(&d->states, d->quantity, err));
    d->by_tree = a->method && !strcmp(a->method, "cart");
    TRY(find_beyond(d, err));
    TRY(d->by_tree ? find_leaves(d, err) : find_boxes(d, a->boxes ? (int)a->boxes : 3, err));
    TRY(store_trouble(d->states.store, err));
    if (a->common.json)
        ret = command_print_json(json_of(d));
    else
        print(d);
out:
    return ret;
}

int command_discover(int argc, char **argv) {
    static const command_line_t line = {
        option_table, "OUT.h5 QUANTITY[:VARIANT]",
        "Finds boxes of parameters in which an outcome lies beyond a value more often than elsewhere: over "
        "the points of a sweep, by the means of their replicates, or over the replicates of a run, by their "
        "draws. QUANTITY:VARIANT is the variant's difference from the first variant.\vThe boxes are those of "
        "the patient rule induction method (PRIM). Coverage is the share of all such points that lie in a "
        "box, density their share of its points. With --method cart a classification tree divides all "
        "points: at "
        "most four splits deep, leaves of a twentieth of the points and of ten or more, pruned by tenfold "
        "cross-validation. Limits are in days, USD, and events a year.",
        check};
    discover_arguments_t arguments = {0};
    options_parse(&line, argc, argv, &arguments);
    fault_t err = {0};
    discovery_t discovery;
    int ret = discover(&discovery, &arguments, &err);
    discovery_free(&discovery);
    options_free(option_table, &arguments);
    return command_ended(ret, NULL, &err);
}
