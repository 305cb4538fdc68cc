/* Metrics of the network at a moment, as one table; igraph computes some (model/graph/graph.h).
 *
 * Two graphs, both among the actors present: the signed graph has every tie between two of them, with its
 * strength s; the positive graph has those with s > 0, with weight s (or length 1/s). An undefined metric is
 * NaN: that of an absent actor, of a group with no tie among its members, of a graph without ties.
 *
 * Metrics only read: they change neither the world nor any random stream of the simulation. igraph has its
 * own random generator, which is seeded before each call that uses it, so the metric is a function of the
 * state. The generator is a global variable of the library, and Debian builds igraph without thread safety:
 * use one thread a process.
 *
 * Cost, with n actors and m ties: betweenness O(n m + n^2 log n), balance and eigenvector O(n^3), the rest
 * about O(m). */
#ifndef ENTENTE_MODEL_METRICS_H
#define ENTENTE_MODEL_METRICS_H

#include "model/world.h"
#include <stddef.h>

#define METRIC_CLOSE 0.2 /* a tie above it counts as close */

/* One number, one for each actor, one for each group. */
typedef enum { METRIC_OF_ALL, METRIC_OF_ACTOR, METRIC_OF_GROUP } metric_scope_t;

/* X(id, name in files, scope, what it is and on which graph) */
#define METRIC_LIST(X)                                                                                      \
    X(DENSITY, "density", ALL, "share of the ties with strength above 0.2 (signed graph)")                  \
    X(MEAN_STRENGTH, "mean_strength", ALL, "mean strength of the ties (signed graph)")                      \
    X(WEIGHTED_DEGREE, "weighted_degree", ACTOR, "sum of the strengths of the actor's ties (signed graph)") \
    X(EIGENVECTOR, "eigenvector", ACTOR, "eigenvector centrality, largest 1 (positive graph)")              \
    X(BETWEENNESS, "betweenness", ACTOR,                                                                    \
      "share of the shortest paths between two others that lead through the actor, length 1/s (positive "   \
      "graph)")                                                                                             \
    X(CLUSTERING, "clustering", ALL,                                                                        \
      "Barrat's weighted transitivity, mean over actors with two ties or more (positive graph)")            \
    X(MODULARITY, "modularity", ALL, "modularity of the partition found by Leiden (positive graph)")        \
    X(BALANCE, "balance", ALL, "share of the triangles whose signs multiply to plus (signed graph)")        \
    X(WEIGHTED_BALANCE, "weighted_balance", ALL,                                                            \
      "the same, triangles weighted by abs(s s s) (signed graph)")                                          \
    X(COHESION, "cohesion", GROUP, "mean strength of the ties among the group's members (signed graph)")

typedef enum {
#define X(id, ...) METRIC_##id,
    METRIC_LIST(X)
#undef X
        METRIC_N
} metric_id_t;

typedef struct {
    metric_id_t id;
    const char *name;
    metric_scope_t scope;
    const char *what;
} metric_t;

extern const metric_t metrics[METRIC_N];

/* The metric of that name, NULL if there is none. */
const metric_t *metric_find(const char *name);
/* Whether this build can compute it (model/graph/graph.h). */
bool metric_is_there(const metric_t *metric);

/* Columns of the metrics that model->output names, in its order; one of an actor (group) has a column for
 * each actor (group) of the model. Every name must be known. */
int metrics_columns(const model_t *model);
/* "density", "eigenvector:KAZ", "cohesion:C5+1": into `out`, cut at `size`. */
void metrics_column_name(const model_t *model, int column, char *out, size_t size);

/* All columns at `now` into values[metrics_columns]. 0 or ERR_NOMEM; a metric that igraph cannot compute is
 * NaN. */
int metrics_compute(const world_t *world, double now, double *values);

#endif
