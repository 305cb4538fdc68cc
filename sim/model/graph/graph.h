/* Metrics of a graph that igraph computes. A build without igraph (ENTENTE_IGRAPH=OFF) lacks them.
 *
 * The graph is undirected, with positive weights; vertices are 0 .. n - 1. igraph may differ in the last bits
 * between its own builds, not between calls: what draws random numbers is seeded each time. */
#ifndef ENTENTE_MODEL_GRAPH_GRAPH_H
#define ENTENTE_MODEL_GRAPH_GRAPH_H

#include <stdbool.h>

typedef struct { /* borrowed */
    int n, n_edges;
    const int *ends;       /* [2 n_edges] */
    const double *weights; /* [n_edges] */
} graph_t;

/* Whether this build has them. */
bool graph_is_there(void);

/* Share of the shortest paths between two others that lead through each vertex, with length 1/weight:
 * values[n]. Barrat's weighted transitivity, mean over the vertices with two edges or more: *value.
 * Modularity of the partition that Leiden's algorithm finds: *value. What is not defined, or cannot be
 * computed, stays as it is. 0 or ERR_NOMEM. The graph has an edge. */
int graph_betweenness(const graph_t *self, double *values);
int graph_clustering(const graph_t *self, double *value);
int graph_modularity(const graph_t *self, double *value);

#endif
