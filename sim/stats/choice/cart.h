/* A classification tree: splits of parameters that tell the points at which something holds from the others
 * (Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984), the other usual method
 * of scenario discovery beside boxes (stats/choice/prim.h). Its leaves are boxes that together fill the
 * space.
 *
 * Each split is at one parameter, half-way between two neighbouring values: the one that leaves the least sum
 * of squares of y about the means of the two sides (of a y that is 0 or 1, the Gini index). A node is split
 * while it is at most CART_DEPTH splits deep, both sides keep `least` points, and y differs in it.
 *
 * Such a tree follows noise, so it is pruned by cost complexity: of the nested trees that have the least
 * sum of squares plus a price for each leaf, cross-validation over CART_FOLDS parts of the points chooses.
 * The smallest tree counts whose error is within one standard error of the least one. The points' parts
 * follow from a fixed seed, so the same points give the same tree. */
#ifndef ENTENTE_STATS_CHOICE_CART_H
#define ENTENTE_STATS_CHOICE_CART_H

#include "stats/choice/box.h"

#define CART_DEPTH 4
#define CART_NODES 31 /* of a tree of that depth */
#define CART_FOLDS 10
/* Points of each sort, with y and without, below which a tree has nothing to tell: one in each part. */
#define CART_LEAST 10

typedef struct {
    int axis;         /* of the split; -1: a leaf */
    double limit;     /* points below it go to `below`, points above it to `above` */
    int below, above; /* nodes */
    size_t n;         /* points in it */
    double mean;      /* of their y */
} cart_node_t;

typedef struct {
    int n_leaves;
    cart_node_t nodes[CART_NODES]; /* [0] the root; nodes that pruning cut off are not reached from it */
} cart_t;

/* The pruned tree of these points; a single leaf if no split survives, or if there are none. 0 or ERR_NOMEM.
 * Cost: for each part and each depth n_axes sorts. */
int cart_grow(const box_points_t *data, size_t least, cart_t *out);

/* The leaves as boxes, those of the largest mean first: boxes[n_leaves], whose limits[n_axes] the caller
 * gives. 0 or ERR_NOMEM. */
int cart_boxes(const cart_t *self, const box_points_t *data, box_found_t *boxes);

#endif
