/* The most likely parameters. */
#include "fit/internal.h"

#include "base/mem.h"

#include <string.h>

typedef struct {
    const likelihood_t *self;
    const bool *is_free;
    double *x, *gradient;
} free_part_t;

static double free_value(const double *x, double *gradient, double *information, void *data) {
    (void)information;
    free_part_t *part = data;
    int n = part->self->n_parameters;
    for (int i = 0, f = 0; i < n; i++)
        if (part->is_free[i]) part->x[i] = x[f++];
    double value = likelihood_value(part->self, part->x, part->gradient);
    for (int i = 0, f = 0; i < n; i++)
        if (part->is_free[i]) gradient[f++] = part->gradient[i];
    return value;
}

static int climb_free(free_part_t *part, likelihood_fit_t *fit) {
    int n = part->self->n_parameters, n_free = 0, ret = ERR_NOMEM;
    double *start = mem_alloc((size_t)n, sizeof *start), *least = mem_alloc((size_t)n, sizeof *least);
    maximum_t m = {0};
    if (!start || !least) goto out;
    for (int i = 0; i < n; i++) {
        bool is_branching = i > part->self->n_terms && (i - part->self->n_terms) % 2 == 1;
        if (!part->is_free[i]) continue;
        least[n_free] = is_branching ? 0 : -INFINITY;
        start[n_free++] = part->x[i];
    }
    objective_t objective = {.n = n_free, .value = free_value, .least = least, .data = part};
    TRY(maximise(&objective, start, &m));
    maximum_t *all = &fit->maximum;
    memset(all->covariance, 0, (size_t)n * (size_t)n * sizeof *all->covariance);
    for (int i = 0, f = 0; i < n; i++) {
        all->se[i] = 0;
        all->x[i] = part->is_free[i] ? m.x[f] : part->x[i];
        if (!part->is_free[i]) continue;
        all->se[i] = m.se[f];
        for (int j = 0, g = 0; j < n; j++)
            if (part->is_free[j]) all->covariance[i * n + j] = m.covariance[f * n_free + g++];
        f++;
    }
    all->log_l = m.log_l, all->gradient = m.gradient;
    if (all->iterations == 0) all->start_log_l = m.start_log_l;
    all->converged = m.converged, all->told = m.told;
    all->iterations += m.iterations;
    fit->aic = 2 * n_free - 2 * m.log_l;
    fit->bic = n_free * log(part->self->n_own) - 2 * m.log_l;
    memcpy(part->x, all->x, (size_t)n * sizeof *part->x);
out:
    maximum_free(&m);
    mem_free(start);
    mem_free(least);
    return ret;
}

/* Whether the data can tell the term's loading: its statistic is not the same everywhere. */
static bool term_varies(const likelihood_t *self, int s) {
    size_t p = (size_t)self->n_terms;
    for (size_t n = 1; n < self->n_nodes; n++)
        if (self->node_values[n * p + (size_t)s] != self->node_values[s]) return true;
    return false;
}

/* Takes the excitations whose branching is at its edge out of what is estimated; how many they are. */
static int drop_excitations(const likelihood_t *self, const double *x, bool *is_free) {
    int dropped = 0;
    for (int n = 0; n < self->n_excitations; n++) {
        int i = 1 + self->n_terms + 2 * n;
        if (!is_free[i] || x[i] > 0) continue;
        is_free[i] = is_free[i + 1] = false;
        dropped++;
    }
    return dropped;
}

/* Branchings that leave at least half the events to the base rate. */
static void start_excitations(const likelihood_t *self, double *x, const bool *is_free) {
    double excited = 0;
    for (int n = 0; n < self->n_excitations; n++) {
        int i = 1 + self->n_terms + 2 * n;
        if (!is_free[i]) continue;
        x[i] = fmax(0.05, fmin(0.5, x[i]));
        excited += x[i] * (double)self->n_touches[n];
    }
    for (int n = 0; n < self->n_excitations; n++)
        if (is_free[1 + self->n_terms + 2 * n])
            x[1 + self->n_terms + 2 * n] *= fmin(1, 0.5 * self->n_own / fmax(1, excited));
}

int likelihood_fit(const likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit) {
    size_t n = (size_t)self->n_parameters;
    int ret = ERR_NOMEM;
    *fit = (likelihood_fit_t){
        .maximum = {.x = mem_alloc(n, sizeof(double)),
                    .se = mem_alloc(n, sizeof(double)),
                    .covariance = mem_alloc(n * n, sizeof(double))},
        .is_free = mem_alloc(n, sizeof(bool)),
    };
    free_part_t part = {
        .self = self, .x = mem_alloc(n, sizeof(double)), .gradient = mem_alloc(n, sizeof(double))};
    if (!fit->maximum.x || !fit->maximum.se || !fit->maximum.covariance || !fit->is_free || !part.x ||
        !part.gradient)
        goto out;
    part.is_free = fit->is_free;
    likelihood_parameters(self, part.x);
    part.x[0] = 0;
    double exposure = -minus_base(self, part.x, part.gradient); /* at rate 1 */
    part.x[0] = log(self->n_own / exposure);
    for (size_t i = 0; i < n; i++) fit->is_free[i] = true;
    for (int x = 0; x < self->n_excitations; x++) {
        int i = 1 + self->n_terms + 2 * x;
        if (keep_half_lives) fit->is_free[i + 1] = false;
        if (self->n_touches[x] > 0) continue;
        fit->is_free[i] = fit->is_free[i + 1] = false;
        part.x[i] = self->kind->excitations[x].branching;
    }
    for (int s = 0; s < self->n_terms; s++) fit->is_free[1 + s] = term_varies(self, s);
    part.x[0] += log(0.7);
    start_excitations(self, part.x, fit->is_free);
    TRY(climb_free(&part, fit));
    for (int dropped; (dropped = drop_excitations(self, part.x, fit->is_free)) > 0;) {
        fit->n_at_edge += dropped;
        TRY(climb_free(&part, fit));
    }
out:
    mem_free(part.x);
    mem_free(part.gradient);
    return ret;
}

void likelihood_fit_free(likelihood_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->is_free);
    *self = (likelihood_fit_t){0};
}
