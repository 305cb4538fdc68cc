#include "stats/choice/cart.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED 20020731

typedef struct {
    const box_points_t *data;
    size_t least;
    size_t *points;            /* [n] of the tree, those of a node next to each other */
    size_t *sorted;            /* [n] scratch */
    double errors[CART_NODES]; /* sum of squares of y about the node's mean */
    int n_nodes;
    cart_node_t *nodes;
} grower_t;

typedef struct {
    int axis;
    double limit, gain;
} split_t;

/* ---- growing ----------------------------------------------------------------------------------------- */

static void look_along(grower_t *g, int axis, const size_t *points, size_t n, double sum, split_t *best) {
    const double *x = box_axis(g->data, axis), *y = g->data->y;
    double left = 0;
    memcpy(g->sorted, points, n * sizeof *points);
    qsort_r(g->sorted, n, sizeof *g->sorted, box_by_value, (void *)x);
    for (size_t k = 1; k < n; k++) {
        size_t before = g->sorted[k - 1], after = g->sorted[k];
        left += y[before];
        if (k < g->least || n - k < g->least || x[before] == x[after]) continue;
        double a = (double)k, b = (double)(n - k), right = sum - left;
        double gain = left * left / a + right * right / b - sum * sum / (a + b);
        if (gain > best->gain) *best = (split_t){axis, x[before] + (x[after] - x[before]) / 2, gain};
    }
}

/* Points below the limit come first; how many they are. */
static size_t part(grower_t *g, const split_t *split, size_t *points, size_t n) {
    const double *x = box_axis(g->data, split->axis);
    size_t below = 0, above = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[points[i]] < split->limit)
            points[below++] = points[i];
        else
            g->sorted[above++] = points[i];
    }
    memcpy(points + below, g->sorted, above * sizeof *points);
    return below;
}

static int grow(grower_t *g, size_t *points, size_t n, int depth) {
    int at = g->n_nodes++;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double y = g->data->y[points[i]];
        sum += y;
        squares += y * y;
    }
    double mean = n ? sum / (double)n : 0;
    g->errors[at] = fmax(squares - sum * mean, 0);
    g->nodes[at] = (cart_node_t){.axis = -1, .n = n, .mean = mean};
    split_t best = {.axis = -1, .gain = 1e-9 * squares};
    for (int a = 0; a < g->data->n_axes && depth < CART_DEPTH && g->errors[at] > 0; a++)
        look_along(g, a, points, n, sum, &best);
    if (best.axis < 0) return at;
    size_t below = part(g, &best, points, n);
    int first = grow(g, points, below, depth + 1), second = grow(g, points + below, n - below, depth + 1);
    g->nodes[at].axis = best.axis;
    g->nodes[at].limit = best.limit;
    g->nodes[at].below = first;
    g->nodes[at].above = second;
    return at;
}

/* ---- pruning ----------------------------------------------------------------------------------------- */

typedef struct { /* of what hangs below a node */
    int n_leaves;
    double error;
} branch_t;

/* Cuts off what is not worth the price of its leaves, from below; what is left. */
static branch_t prune(cart_node_t *nodes, const double *errors, int at, double price) {
    cart_node_t *node = &nodes[at];
    branch_t here = {1, errors[at]};
    if (node->axis < 0) return here;
    branch_t a = prune(nodes, errors, node->below, price), b = prune(nodes, errors, node->above, price);
    branch_t both = {a.n_leaves + b.n_leaves, a.error + b.error};
    if (here.error + price > both.error + price * both.n_leaves) return both;
    node->axis = -1;
    return here;
}

/* The least price of a leaf at which a split of the tree is cut off; infinite without a split. */
static double next_price(const cart_node_t *nodes, const double *errors, int at, branch_t *of) {
    const cart_node_t *node = &nodes[at];
    branch_t a, b;
    *of = (branch_t){1, errors[at]};
    if (node->axis < 0) return INFINITY;
    double price =
        fmin(next_price(nodes, errors, node->below, &a), next_price(nodes, errors, node->above, &b));
    *of = (branch_t){a.n_leaves + b.n_leaves, a.error + b.error};
    return fmin(price, (errors[at] - of->error) / (of->n_leaves - 1));
}

/* The prices between those at which the tree changes, the first one 0, the last one that of a single leaf. */
static int list_prices(const grower_t *g, double prices[CART_NODES]) {
    cart_node_t nodes[CART_NODES];
    branch_t of;
    int n = 0;
    double last = 0;
    memcpy(nodes, g->nodes, sizeof nodes);
    prune(nodes, g->errors, 0, 0);
    for (;;) {
        double price = next_price(nodes, g->errors, 0, &of);
        prices[n++] = isinf(price) ? 2 * last + 1 : sqrt(last * price);
        if (isinf(price)) return n;
        last = price * (1 + 1e-9); /* beyond rounding */
        prune(nodes, g->errors, 0, last);
    }
}

static double predict(const cart_node_t *nodes, const box_points_t *data, size_t i) {
    int at = 0;
    while (nodes[at].axis >= 0)
        at = box_axis(data, nodes[at].axis)[i] < nodes[at].limit ? nodes[at].below : nodes[at].above;
    return nodes[at].mean;
}

/* ---- cross-validation -------------------------------------------------------------------------------- */

typedef struct {
    int n_prices;
    const double *prices;
    const int *folds;       /* [n] */
    double *sums, *squares; /* [n_prices] of the squared errors of the points left out */
} validation_t;

static void validate_fold(const grower_t *whole, const validation_t *v, int fold) {
    cart_node_t nodes[CART_NODES], pruned[CART_NODES];
    grower_t g = *whole;
    size_t n = 0;
    for (size_t i = 0; i < g.data->n; i++)
        if (v->folds[i] != fold) g.points[n++] = i;
    g.nodes = nodes;
    g.n_nodes = 0;
    grow(&g, g.points, n, 0);
    double share = (double)n / (double)g.data->n; /* fewer points have a smaller sum of squares */
    for (int p = 0; p < v->n_prices; p++) {
        memcpy(pruned, nodes, sizeof pruned);
        prune(pruned, g.errors, 0, share * v->prices[p]);
        for (size_t i = 0; i < g.data->n; i++) {
            if (v->folds[i] != fold) continue;
            double off = g.data->y[i] - predict(pruned, g.data, i);
            v->sums[p] += off * off;
            v->squares[p] += off * off * off * off;
        }
    }
}

/* The largest price whose error is within one standard error of the least one. */
static double best_price(const validation_t *v, size_t n) {
    int best = 0, chosen = 0;
    for (int p = 1; p < v->n_prices; p++)
        if (v->sums[p] < v->sums[best]) best = p;
    double mean = v->sums[best] / (double)n;
    double error = sqrt(fmax(v->squares[best] / (double)n - mean * mean, 0) * (double)n);
    for (int p = 0; p < v->n_prices; p++)
        if (v->sums[p] <= v->sums[best] + error) chosen = p;
    return v->prices[chosen];
}

/* Parts of equal size, in a random order. */
static void deal_folds(size_t n, size_t *order, int *folds) {
    rng_stream_t stream;
    rng_stream_init(&stream, SEED, 0);
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(rng_stream_unit(&stream) * (double)i), other = order[i - 1];
        order[i - 1] = order[k];
        order[k] = other;
    }
    for (size_t i = 0; i < n; i++) folds[order[i]] = (int)(i % CART_FOLDS);
}

int cart_grow(const box_points_t *data, size_t least, cart_t *out) {
    int ret = 0, *folds = mem_alloc(data->n + 1, sizeof *folds);
    double prices[CART_NODES], sums[CART_NODES] = {0}, squares[CART_NODES] = {0};
    grower_t g = {.data = data, .least = least ? least : 1, .nodes = out->nodes};
    *out = (cart_t){0};
    g.points = mem_alloc(data->n + 1, sizeof *g.points);
    g.sorted = mem_alloc(data->n + 1, sizeof *g.sorted);
    if (!g.points || !g.sorted || !folds) {
        ret = ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < data->n; i++) g.points[i] = i;
    grow(&g, g.points, data->n, 0);
    validation_t v = {list_prices(&g, prices), prices, folds, sums, squares};
    deal_folds(data->n, g.points, folds);
    for (int f = 0; f < CART_FOLDS && v.n_prices > 1; f++) validate_fold(&g, &v, f);
    out->n_leaves = prune(out->nodes, g.errors, 0, v.n_prices > 1 ? best_price(&v, data->n) : 0).n_leaves;
out:
    mem_free(folds);
    mem_free(g.points);
    mem_free(g.sorted);
    return ret;
}

/* ---- leaves ------------------------------------------------------------------------------------------ */

typedef struct {
    const cart_t *tree;
    const box_points_t *data;
    box_found_t *boxes;
    int n; /* so far */
    double total;
} leaves_t;

static void add_leaf(leaves_t *l, const cart_node_t *node, const box_limits_t *limits) {
    int at = l->n++;
    size_t size = (size_t)l->data->n_axes * sizeof *limits;
    box_limits_t *own = l->boxes[at].limits;
    memcpy(own, limits, size);
    box_found_t box = {.n = node->n, .density = node->mean, .limits = own};
    box.coverage = l->total > 0 ? node->mean * (double)node->n / l->total : NAN;
    for (int a = 0; a < l->data->n_axes; a++) box.n_limited += !isnan(own[a].low) || !isnan(own[a].high);
    for (; at && l->boxes[at - 1].density < box.density; at--) l->boxes[at] = l->boxes[at - 1];
    l->boxes[at] = box;
}

static void walk(leaves_t *l, int at, box_limits_t *limits) {
    const cart_node_t *node = &l->tree->nodes[at];
    if (node->axis < 0) {
        add_leaf(l, node, limits);
        return;
    }
    box_limits_t *own = &limits[node->axis], before = *own;
    own->high = node->limit;
    walk(l, node->below, limits);
    *own = before;
    own->low = node->limit;
    walk(l, node->above, limits);
    *own = before;
}

int cart_boxes(const cart_t *self, const box_points_t *data, box_found_t *boxes) {
    leaves_t l = {.tree = self, .data = data, .boxes = boxes};
    box_limits_t *limits = mem_alloc((size_t)data->n_axes + 1, sizeof *limits);
    if (!limits) return ERR_NOMEM;
    for (int a = 0; a < data->n_axes; a++) limits[a] = (box_limits_t){NAN, NAN};
    for (size_t i = 0; i < data->n; i++) l.total += data->y[i];
    walk(&l, 0, limits);
    mem_free(limits);
    return 0;
}
