#include "model/graph/graph.h"

#include "base/error.h"
#include <igraph/igraph.h>
#include <math.h>

bool graph_is_there(void) {
    return true;
}

/* ---- igraph's objects ---------------------------------------------------------------------------------- */

/* The graph as igraph has it, and igraph's handlers while it is in use: errors are returned, not printed. */
typedef struct {
    igraph_t graph;
    igraph_vector_t weights; /* of its edges */
    igraph_error_handler_t *on_error;
    igraph_warning_handler_t *on_warning;
} open_t;

static igraph_error_t fill(open_t *self, const graph_t *from, igraph_vector_int_t *ends) {
    igraph_error_t error = igraph_vector_init(&self->weights, 0);
    if (error) return error;
    for (int e = 0; e < from->n_edges && !error; e++) {
        error = igraph_vector_int_push_back(ends, from->ends[2 * e]);
        if (!error) error = igraph_vector_int_push_back(ends, from->ends[2 * e + 1]);
        if (!error) error = igraph_vector_push_back(&self->weights, from->weights[e]);
    }
    if (!error) error = igraph_create(&self->graph, ends, from->n, IGRAPH_UNDIRECTED);
    if (error) igraph_vector_destroy(&self->weights);
    return error;
}

static igraph_error_t open_graph(open_t *self, const graph_t *from) {
    igraph_vector_int_t ends;
    self->on_error = igraph_set_error_handler(igraph_error_handler_ignore);
    self->on_warning = igraph_set_warning_handler(igraph_warning_handler_ignore);
    igraph_error_t error = igraph_vector_int_init(&ends, 0);
    if (error) return error;
    error = fill(self, from, &ends);
    igraph_vector_int_destroy(&ends);
    return error;
}

static void release_handlers(const open_t *self) {
    igraph_set_warning_handler(self->on_warning);
    igraph_set_error_handler(self->on_error);
}

static void close_graph(open_t *self) {
    igraph_destroy(&self->graph);
    igraph_vector_destroy(&self->weights);
}

/* Computes a metric on the graph; what igraph cannot compute is no error but for memory. */
typedef igraph_error_t (*metric_fn_t)(const open_t *graph, int n, double *values);

static int computed(const graph_t *from, metric_fn_t metric, double *values) {
    open_t graph;
    igraph_error_t error = open_graph(&graph, from);
    if (!error) {
        error = metric(&graph, from->n, values);
        close_graph(&graph);
    }
    release_handlers(&graph);
    return error == IGRAPH_ENOMEM ? ERR_NOMEM : 0;
}

static void seed_igraph(void) {
    igraph_rng_seed(igraph_rng_default(), 20251223);
}

/* ---- the metrics -----------------------------------------------------------------------------------------
 */

static igraph_error_t betweenness(const open_t *self, int n, double *values) {
    igraph_vector_t result, lengths;
    igraph_error_t error = igraph_vector_init_copy(&lengths, &self->weights);
    if (error) return error;
    for (igraph_integer_t e = 0; e < igraph_vector_size(&lengths); e++)
        VECTOR(lengths)[e] = 1 / VECTOR(lengths)[e];
    error = igraph_vector_init(&result, 0);
    if (error) goto no_result;
    error = igraph_betweenness(&self->graph, &result, igraph_vss_all(), IGRAPH_UNDIRECTED, &lengths);
    double pairs = (n - 1.0) * (n - 2.0) / 2;
    for (int v = 0; !error && pairs > 0 && v < n; v++) values[v] = 1 / pairs * VECTOR(result)[v];
    igraph_vector_destroy(&result);
no_result:
    igraph_vector_destroy(&lengths);
    return error;
}

static igraph_error_t clustering(const open_t *self, int n, double *value) {
    igraph_vector_t result;
    (void)n;
    igraph_error_t error = igraph_vector_init(&result, 0);
    if (error) return error;
    error = igraph_transitivity_barrat(&self->graph, &result, igraph_vss_all(), &self->weights,
                                       IGRAPH_TRANSITIVITY_NAN);
    double sum = 0, count = 0;
    for (igraph_integer_t v = 0; !error && v < igraph_vector_size(&result); v++)
        if (!isnan(VECTOR(result)[v])) sum += VECTOR(result)[v], count++;
    if (count > 0) *value = sum / count;
    igraph_vector_destroy(&result);
    return error;
}

/* Leiden maximises modularity when vertices weigh their strength and the resolution is 1 / (2 m). */
static igraph_error_t modularity(const open_t *self, int n, double *value) {
    igraph_vector_t strengths;
    igraph_vector_int_t membership;
    (void)n;
    igraph_error_t error = igraph_vector_init(&strengths, 0);
    if (error) return error;
    error = igraph_vector_int_init(&membership, 0);
    if (error) goto no_membership;
    error =
        igraph_strength(&self->graph, &strengths, igraph_vss_all(), IGRAPH_ALL, IGRAPH_LOOPS, &self->weights);
    seed_igraph();
    if (!error)
        error = igraph_community_leiden(&self->graph, &self->weights, &strengths,
                                        1 / igraph_vector_sum(&strengths), 0.01, false, -1, &membership, NULL,
                                        NULL);
    if (!error)
        error = igraph_modularity(&self->graph, &membership, &self->weights, 1, IGRAPH_UNDIRECTED, value);
    igraph_vector_int_destroy(&membership);
no_membership:
    igraph_vector_destroy(&strengths);
    return error;
}

int graph_betweenness(const graph_t *self, double *values) {
    return computed(self, betweenness, values);
}

int graph_clustering(const graph_t *self, double *value) {
    return computed(self, clustering, value);
}

int graph_modularity(const graph_t *self, double *value) {
    return computed(self, modularity, value);
}
