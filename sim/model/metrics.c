#include "model/metrics.h"

#include "base/error.h"
#include "base/mem.h"
#include "model/graph/graph.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const metric_t metrics[METRIC_N] = {
#define X(id, name, scope, what) [METRIC_##id] = {METRIC_##id, name, METRIC_OF_##scope, what},
    METRIC_LIST(X)
#undef X
};

const metric_t *metric_find(const char *name) {
    for (int i = 0; i < METRIC_N; i++)
        if (!strcmp(metrics[i].name, name)) return &metrics[i];
    return NULL;
}

bool metric_is_there(const metric_t *metric) {
    bool of_igraph = metric->id == METRIC_BETWEENNESS || metric->id == METRIC_CLUSTERING ||
                     metric->id == METRIC_MODULARITY;
    return !of_igraph || graph_is_there();
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static int width_of(const model_t *model, const metric_t *metric) {
    return metric->scope == METRIC_OF_ACTOR   ? model->n_actors
           : metric->scope == METRIC_OF_GROUP ? model->n_groups
                                              : 1;
}

static const metric_t *chosen(const model_t *model, int n) {
    const metric_t *metric = metric_find(model->output.metrics[n]);
    assert(metric);
    return metric;
}

int metrics_columns(const model_t *model) {
    int columns = 0;
    for (int n = 0; n < model->output.n_metrics; n++) columns += width_of(model, chosen(model, n));
    return columns;
}

void metrics_column_name(const model_t *model, int column, char *out, size_t size) {
    int n = 0;
    while (column >= width_of(model, chosen(model, n))) column -= width_of(model, chosen(model, n++));
    const metric_t *metric = chosen(model, n);
    if (metric->scope == METRIC_OF_ALL) {
        snprintf(out, size, "%s", metric->name);
        return;
    }
    const char *of =
        metric->scope == METRIC_OF_ACTOR ? model->actors[column].name : model->groups[column].name;
    snprintf(out, size, "%s:%s", metric->name, of);
}

/* ---- the graphs ------------------------------------------------------------------------------------- */

/* The network at a moment. The signed graph is `s`. */
typedef struct {
    const world_t *world;
    const model_t *model;
    double *s;        /* [n_ties]; NAN where an end is absent */
    int n;            /* actors present */
    int *vertex_of;   /* [n_actors] -1 when absent */
    graph_t positive; /* the positive graph, once positive.ends is there */
    int *ends;        /* its */
    double *weights;  /* its */
} network_t;

static void network_free(network_t *self) {
    mem_free(self->ends);
    mem_free(self->weights);
    mem_free(self->s);
    mem_free(self->vertex_of);
}

static int network_init(network_t *self, const world_t *world, double now) {
    const model_t *model = world->model;
    *self = (network_t){.world = world, .model = model};
    self->s = mem_alloc((size_t)model->n_ties + 1, sizeof *self->s);
    self->vertex_of = mem_alloc((size_t)model->n_actors + 1, sizeof *self->vertex_of);
    if (!self->s || !self->vertex_of) {
        network_free(self);
        return ERR_NOMEM;
    }
    for (int i = 0; i < model->n_actors; i++) self->vertex_of[i] = world->present[i] ? self->n++ : -1;
    for (int e = 0; e < model->n_ties; e++) {
        const tie_t *tie = &model->ties[e];
        bool there = world->present[tie->a] && world->present[tie->b];
        self->s[e] = there ? world_strength(world, e, now) : NAN;
    }
    return 0;
}

/* Strength of a tie of the signed graph; NAN where there is none. */
static double strength_of(const network_t *self, int i, int j) {
    int tie = model_tie(self->model, i, j);
    return tie < 0 ? NAN : self->s[tie];
}

/* Whether a tie of that strength is one of the positive graph. */
static bool is_positive(double s) {
    return s > 0 && isfinite(1 / s);
}

/* Builds the positive graph unless it is there. 0 or ERR_NOMEM. */
static int need_graph(network_t *self) {
    const model_t *model = self->model;
    int n = 0;
    if (self->ends) return 0;
    self->ends = mem_alloc(2 * (size_t)model->n_ties + 1, sizeof *self->ends);
    self->weights = mem_alloc((size_t)model->n_ties + 1, sizeof *self->weights);
    if (!self->ends || !self->weights) return ERR_NOMEM;
    for (int e = 0; e < model->n_ties; e++) {
        if (!is_positive(self->s[e])) continue;
        self->ends[2 * n] = self->vertex_of[model->ties[e].a];
        self->ends[2 * n + 1] = self->vertex_of[model->ties[e].b];
        self->weights[n++] = self->s[e];
    }
    self->positive = (graph_t){.n = self->n, .n_edges = n, .ends = self->ends, .weights = self->weights};
    return 0;
}

/* ---- the signed graph ------------------------------------------------------------------------------- */

static double mean_over_ties(const network_t *self, bool close) {
    double sum = 0, n = 0;
    for (int e = 0; e < self->model->n_ties; e++) {
        if (isnan(self->s[e])) continue;
        sum += close ? self->s[e] > METRIC_CLOSE : self->s[e];
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

static void weighted_degrees(const network_t *self, double *values) {
    for (int i = 0; i < self->model->n_actors; i++) values[i] = self->vertex_of[i] < 0 ? NAN : 0;
    for (int e = 0; e < self->model->n_ties; e++) {
        if (isnan(self->s[e])) continue;
        values[self->model->ties[e].a] += self->s[e];
        values[self->model->ties[e].b] += self->s[e];
    }
}

static double balance(const network_t *self, bool weighted) {
    const model_t *model = self->model;
    double balanced = 0, all = 0;
    for (int e = 0; e < model->n_ties; e++) {
        int i = model->ties[e].a, j = model->ties[e].b;
        if (isnan(self->s[e])) continue;
        for (int m = j + 1; m < model->n_actors; m++) {
            double product = self->s[e] * strength_of(self, i, m) * strength_of(self, j, m);
            if (isnan(product) || product == 0) continue;
            double weight = weighted ? fabs(product) : 1;
            all += weight;
            if (product > 0) balanced += weight;
        }
    }
    return all > 0 ? balanced / all : NAN;
}

static double cohesion(const network_t *self, int group) {
    const model_t *model = self->model;
    double sum = 0, n = 0;
    for (int e = 0; e < model->n_ties; e++) {
        const tie_t *tie = &model->ties[e];
        if (isnan(self->s[e]) || !world_member(self->world, group, tie->a) ||
            !world_member(self->world, group, tie->b))
            continue;
        sum += self->s[e];
        n++;
    }
    return n > 0 ? sum / n : NAN;
}

/* ---- centrality by the eigenvector ------------------------------------------------------------------- */

/* Solves (level - a) x = x in place by Cholesky's factors, which it writes over `work`; false if level is not
 * above all eigenvalues. */
static bool solve_shifted(int n, const double *a, double level, double *work, double *x) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = (i == j ? level : 0) - a[i * n + j];
            for (int k = 0; k < j; k++) sum -= work[i * n + k] * work[j * n + k];
            if (i == j && !(sum > 0)) return false;
            work[i * n + j] = i == j ? sqrt(sum) : sum / work[j * n + j];
        }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) x[i] -= work[i * n + k] * x[k];
        x[i] /= work[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) x[i] -= work[k * n + i] * x[k];
        x[i] /= work[i * n + i];
    }
    return true;
}

/* The largest (a x)_i / x_i, which is never below the largest eigenvalue (Collatz and Wielandt). */
static double eigenvalue_bound(int n, const double *a, const double *x) {
    double bound = 0;
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) sum += a[i * n + j] * x[j];
        if (x[i] > 0) bound = fmax(bound, sum / x[i]);
    }
    return bound;
}

/* x becomes the positive eigenvector of the largest eigenvalue, largest entry 1: inverse iteration from a
 * bound of the eigenvalue that falls to it (Noda, "Note on the computation of the maximal eigenvalue of a
 * non-negative irreducible matrix", Numerische Mathematik 17, 1971). Quadratic, and ends where rounding does.
 */
static void iterate(int n, const double *a, double *work, double *next, double *x) {
    double change = INFINITY;
    for (int i = 0; i < n; i++) x[i] = 1;
    for (int step = 0; step < 100 && change > 1e-15; step++) {
        double most = 0;
        memcpy(next, x, (size_t)n * sizeof *x);
        if (!solve_shifted(n, a, eigenvalue_bound(n, a, x), work, next)) return;
        for (int i = 0; i < n; i++) most = fmax(most, next[i]);
        if (!isfinite(most)) return;
        change = 0;
        for (int i = 0; i < n; i++) {
            double value = fmax(0, next[i] / most);
            change = fmax(change, fabs(value - x[i]));
            x[i] = value;
        }
    }
}

/* Of the positive graph; by sums in a fixed order, because igraph's own computation may depend on the
 * processor. */
static int eigenvector(const network_t *self, double *values) {
    const model_t *model = self->model;
    int n = self->n;
    bool any = false;
    double *a = mem_alloc(2 * (size_t)n * (size_t)n + 2 * (size_t)n + 1, sizeof *a);
    if (!a) return ERR_NOMEM;
    double *work = a + (size_t)n * (size_t)n, *next = work + (size_t)n * (size_t)n, *x = next + n;
    for (int e = 0; e < model->n_ties; e++) {
        if (!is_positive(self->s[e])) continue;
        int i = self->vertex_of[model->ties[e].a], j = self->vertex_of[model->ties[e].b];
        a[i * n + j] = a[j * n + i] = self->s[e];
        any = true;
    }
    if (any) {
        iterate(n, a, work, next, x);
        for (int i = 0; i < model->n_actors; i++)
            if (self->vertex_of[i] >= 0) values[i] = x[self->vertex_of[i]];
    }
    mem_free(a);
    return 0;
}

/* ---- the positive graph ----------------------------------------------------------------------------- */

/* From vertices to actors. */
static int betweenness(const network_t *self, double *values) {
    double *result = mem_alloc((size_t)self->n + 1, sizeof *result);
    if (!result) return ERR_NOMEM;
    for (int v = 0; v < self->n; v++) result[v] = NAN;
    int ret = graph_betweenness(&self->positive, result);
    for (int i = 0; i < self->model->n_actors; i++)
        if (self->vertex_of[i] >= 0) values[i] = result[self->vertex_of[i]];
    mem_free(result);
    return ret;
}

/* A metric of the positive graph; NAN stays where it is not defined. */
static int compute_positive(network_t *self, metric_id_t id, double *values) {
    int ret = need_graph(self);
    if (ret || self->positive.n_edges == 0) return ret;
    switch (id) {
    case METRIC_BETWEENNESS:
        return betweenness(self, values);
    case METRIC_CLUSTERING:
        return graph_clustering(&self->positive, values);
    default:
        return graph_modularity(&self->positive, values);
    }
}

/* ---- all -------------------------------------------------------------------------------------------- */

static int compute(network_t *self, metric_id_t id, double *values) {
    switch (id) {
    case METRIC_DENSITY:
        *values = mean_over_ties(self, true);
        break;
    case METRIC_MEAN_STRENGTH:
        *values = mean_over_ties(self, false);
        break;
    case METRIC_WEIGHTED_DEGREE:
        weighted_degrees(self, values);
        break;
    case METRIC_BALANCE:
        *values = balance(self, false);
        break;
    case METRIC_WEIGHTED_BALANCE:
        *values = balance(self, true);
        break;
    case METRIC_COHESION:
        for (int g = 0; g < self->model->n_groups; g++) values[g] = cohesion(self, g);
        break;
    case METRIC_EIGENVECTOR:
        return eigenvector(self, values);
    case METRIC_BETWEENNESS:
    case METRIC_CLUSTERING:
    case METRIC_MODULARITY:
        return compute_positive(self, id, values);
    case METRIC_N:
        break;
    }
    return 0;
}

int metrics_compute(const world_t *world, double now, double *values) {
    const model_t *model = world->model;
    network_t network;
    int ret = network_init(&network, world, now);
    if (ret < 0) return ret;
    for (int n = 0; n < model->output.n_metrics && ret == 0; n++) {
        const metric_t *metric = chosen(model, n);
        int width = width_of(model, metric);
        for (int c = 0; c < width; c++) values[c] = NAN;
        ret = compute(&network, metric->id, values);
        values += width;
    }
    network_free(&network);
    return ret;
}
