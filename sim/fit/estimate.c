/* The most likely parameters, and their errors. */
#include "fit/internal.h"

#include "base/mem.h"

#include <string.h>

typedef struct {
    likelihood_t *self;
    const bool *is_free;
    double *x, *gradient, *information; /* of all parameters */
} free_part_t;

static double free_value(const double *x, double *gradient, double *information, void *data) {
    free_part_t *part = data;
    int n = part->self->n_parameters, n_free = 0, which[MOST_PARAMETERS];
    for (int i = 0; i < n; i++)
        if (part->is_free[i]) which[n_free] = i, part->x[i] = x[n_free], n_free++;
    double value =
        likelihood_value(part->self, part->x, part->gradient, information ? part->information : NULL);
    for (int f = 0; f < n_free; f++) {
        gradient[f] = part->gradient[which[f]];
        for (int g = 0; information && g < n_free; g++)
            information[f * n_free + g] = part->information[which[f] * n + which[g]];
    }
    return value;
}

static bool is_branching(const likelihood_t *self, int i) {
    return i > self->n_terms && i < self->weekdays && (i - self->n_terms) % 2 == 1;
}

static int climb_free(free_part_t *part, likelihood_fit_t *fit) {
    int n = part->self->n_parameters, n_free = 0, ret = ERR_NOMEM;
    double *start = mem_alloc((size_t)n, sizeof *start), *least = mem_alloc((size_t)n, sizeof *least);
    maximum_t m = {0};
    if (!start || !least) goto out;
    for (int i = 0; i < n; i++) {
        if (!part->is_free[i]) continue;
        least[n_free] = is_branching(part->self, i) ? 0 : -INFINITY;
        start[n_free++] = part->x[i];
    }
    objective_t objective = {
        .n = n_free, .value = free_value, .has_information = true, .least = least, .data = part};
    TRY(maximise(&objective, start, &m));
    maximum_t *all = &fit->maximum;
    memset(all->covariance, 0, (size_t)n * (size_t)n * sizeof *all->covariance);
    for (int i = 0, f = 0; i < n; i++) {
        all->x[i] = part->is_free[i] ? m.x[f] : part->x[i];
        if (!part->is_free[i]) continue;
        for (int j = 0, g = 0; j < n; j++)
            if (part->is_free[j]) all->covariance[i * n + j] = m.covariance[f * n_free + g++];
        f++;
    }
    all->log_l = m.log_l, all->gradient = m.gradient;
    if (all->iterations == 0) all->start_log_l = m.start_log_l;
    all->converged = m.converged, all->told = m.told;
    all->iterations += m.iterations;
    memcpy(part->x, all->x, (size_t)n * sizeof *part->x);
out:
    maximum_free(&m);
    mem_free(start);
    mem_free(least);
    return ret;
}

/* ---- what is free ------------------------------------------------------------------------------------ */

/* Whether the data can tell the term's loading: its statistic is not the same everywhere. */
static bool term_varies(const likelihood_t *self, int s) {
    int at = self->n_classes + s;
    for (size_t n = 1; n < self->n_nodes; n++)
        if (node_of(self, n)[at] != node_of(self, 0)[at]) return true;
    return false;
}

/* Factors with an event are free, but for the first: the others are relative to it. One without an event
 * would go to 0 and its log to minus infinity, so it is kept. */
static void free_factors(const likelihood_t *self, const unsigned char *which, int n, bool *is_free) {
    int first = n;
    memset(is_free, 0, (size_t)n * sizeof *is_free);
    for (int e = 0; e < self->n_own; e++) is_free[which[day_of(self, self->own_times[e])]] = true;
    for (int d = 0; d < self->n_days; d++)
        if (which[d] < first) first = which[d];
    is_free[first] = false;
}

static void choose_free(const likelihood_t *self, bool keep_half_lives, double *x, bool *is_free) {
    double reached[MOST_EXCITATIONS] = {0}, marks[MOST_EXCITATIONS] = {0}, excited = 0;
    is_free[0] = true;
    for (int s = 0; s < self->n_terms; s++) is_free[1 + s] = term_varies(self, s);
    for (size_t m = 0; m < self->n_marks; m++) {
        int e = self->marks[m].excitation;
        if (e >= 0) marks[e]++, reached[e] += excitation_reach(self, &self->marks[m]);
    }
    /* Branchings start where an event has a plausible number of offspring at all places together, and all
     * events together leave half to the base rate. */
    for (int e = 0, i = 1 + self->n_terms; e < self->n_excitations; e++, i += 2) {
        double reach = reached[e] / marks[e];
        is_free[i] = reached[e] > 0;
        is_free[i + 1] = is_free[i] && !keep_half_lives;
        if (is_free[i]) x[i] = fmax(0.05, fmin(0.5, x[i] * reach)) / reach, excited += x[i] * reached[e];
    }
    for (int i = 1 + self->n_terms; i < self->weekdays; i += 2)
        if (is_free[i]) x[i] *= fmin(1, 0.5 * self->n_own / excited);
    if (self->options.weekdays) free_factors(self, self->weekday_of, N_WEEKDAYS, is_free + self->weekdays);
    if (self->options.months) free_factors(self, self->month_of, N_MONTHS, is_free + self->months);
}

/* Takes the excitations whose branching is at its edge out of what is estimated; how many they are. */
static int drop_excitations(const likelihood_t *self, const double *x, bool *is_free) {
    int dropped = 0;
    for (int i = 1 + self->n_terms; i < self->weekdays; i += 2) {
        if (!is_free[i] || x[i] > 0) continue;
        is_free[i] = is_free[i + 1] = false;
        dropped++;
    }
    return dropped;
}

/* ---- errors ------------------------------------------------------------------------------------------ */

/* product = a b, all [n][n]. */
static void multiply(size_t n, const double *a, const double *b, double *product) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t m = 0; m < n; m++) sum += a[i * n + m] * b[m * n + j];
            product[i * n + j] = sum;
        }
}

/* The sandwich over ties: covariance x sum of the outer products of scores x covariance. */
static int cluster(likelihood_t *self, const likelihood_fit_t *fit, double *clustered) {
    size_t n = (size_t)self->n_parameters, n_ties = (size_t)self->model->n_ties;
    double *scores = mem_alloc(n_ties * n + 2 * n * n, sizeof *scores), *meat = scores + n_ties * n,
           *half = meat + n * n;
    int n_clusters = 0, ret = ERR_NOMEM;
    if (!scores) goto out;
    TRY(likelihood_scores(self, fit->maximum.x, scores));
    for (size_t tie = 0; tie < n_ties; tie++) {
        const double *score = scores + tie * n;
        n_clusters += score[0] != 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) meat[i * n + j] += score[i] * score[j];
    }
    multiply(n, fit->maximum.covariance, meat, half);
    multiply(n, half, fit->maximum.covariance, clustered);
    for (size_t i = 0; i < n * n; i++) clustered[i] *= n_clusters > 1 ? n_clusters / (n_clusters - 1.0) : NAN;
out:
    mem_free(scores);
    return ret;
}

/* Makes the mean of a season's factors 1: the base rate and the branchings take what they had in common. The
 * Jacobian [n][n] of that. */
static void normalise(const likelihood_t *self, const unsigned char *which, int first, int n_factors,
                      likelihood_fit_t *fit, double *jacobian) {
    size_t n = (size_t)self->n_parameters;
    double *x = fit->maximum.x, sum = 0;
    bool seen[N_MONTHS] = {0};
    int n_seen = 0;
    for (int d = 0; d < self->n_days; d++) seen[which[d]] = true;
    for (int f = 0; f < n_factors; f++)
        if (seen[f]) sum += exp(x[first + f]), n_seen++;
    double mean = sum / n_seen;
    memset(jacobian, 0, n * n * sizeof *jacobian);
    for (size_t i = 0; i < n; i++) jacobian[i * n + i] = 1;
    for (int f = 0; f < n_factors; f++) {
        if (!seen[f]) continue;
        size_t column = (size_t)first + (size_t)f;
        double share = exp(x[column]) / sum;
        jacobian[column] = share;
        for (int e = 0; e < self->n_excitations; e++) {
            size_t i = 1 + (size_t)self->n_terms + 2 * (size_t)e;
            jacobian[i * n + i] = mean;
            jacobian[i * n + column] = x[i] * mean * share;
        }
        for (int g = 0; g < n_factors; g++)
            if (seen[g]) jacobian[((size_t)first + (size_t)g) * n + column] -= share;
    }
    x[0] += log(mean);
    for (int i = 1 + self->n_terms; i < self->weekdays; i += 2)
        if (fit->is_free[i]) x[i] *= mean; /* one that nothing excites stays as declared */
    for (int f = 0; f < n_factors; f++) {
        x[first + f] = seen[f] ? x[first + f] - log(mean) : 0;
        fit->is_free[first + f] = seen[f];
    }
}

/* covariance = jacobian covariance jacobian'. */
static void carry(size_t n, const double *jacobian, double *covariance, double *half, double *transposed) {
    multiply(n, jacobian, covariance, half);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) transposed[i * n + j] = jacobian[j * n + i];
    multiply(n, half, transposed, covariance);
}

static int finish_errors(likelihood_t *self, likelihood_fit_t *fit) {
    size_t n = (size_t)self->n_parameters;
    double *clustered = mem_alloc(4 * n * n, sizeof *clustered);
    int ret = ERR_NOMEM;
    if (!clustered) goto out;
    double *jacobian = clustered + n * n, *half = jacobian + n * n, *transposed = half + n * n;
    TRY(cluster(self, fit, clustered));
    for (int season = 0; season < 2; season++) {
        if (!(season ? self->options.months : self->options.weekdays)) continue;
        normalise(self, season ? self->month_of : self->weekday_of, season ? self->months : self->weekdays,
                  season ? N_MONTHS : N_WEEKDAYS, fit, jacobian);
        carry(n, jacobian, fit->maximum.covariance, half, transposed);
        carry(n, jacobian, clustered, half, transposed);
    }
    for (size_t i = 0; i < n; i++) {
        fit->maximum.se[i] = sqrt(fit->maximum.covariance[i * n + i]);
        fit->cluster_se[i] = sqrt(clustered[i * n + i]);
    }
out:
    mem_free(clustered);
    return ret;
}

/* ---- fit --------------------------------------------------------------------------------------------- */

/* log L without the prior, what its penalties are counted by, and u. */
static void finish_value(const likelihood_t *self, likelihood_fit_t *fit) {
    int n_free = 0, n_ties = self->model->n_ties;
    double sd = self->options.shrink;
    for (int i = 0; i < self->n_parameters; i++) n_free += fit->is_free[i];
    fit->n_effective = n_free;
    if (sd > 0) {
        fit->n_effective += self->n_effective;
        for (int tie = 0; tie < n_ties; tie++)
            fit->maximum.log_l += self->effects[tie] * self->effects[tie] / (2 * sd * sd);
        memcpy(fit->effects, self->effects, (size_t)n_ties * sizeof *fit->effects);
    }
    fit->aic = 2 * fit->n_effective - 2 * fit->maximum.log_l;
    fit->bic = fit->n_effective * log(self->n_own) - 2 * fit->maximum.log_l;
    for (int e = 0; e < self->n_own; e++)
        fit->n_clusters +=
            e == 0 || tie_of(self, self->own_places[e]) != tie_of(self, self->own_places[e - 1]);
}

int likelihood_fit(likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit) {
    size_t n = (size_t)self->n_parameters;
    int ret = ERR_NOMEM;
    *fit = (likelihood_fit_t){
        .maximum = {.x = mem_alloc(n, sizeof(double)),
                    .se = mem_alloc(n, sizeof(double)),
                    .covariance = mem_alloc(n * n, sizeof(double))},
        .cluster_se = mem_alloc(n, sizeof(double)),
        .is_free = mem_alloc(n, sizeof(bool)),
    };
    if (self->options.shrink > 0) fit->effects = mem_alloc((size_t)self->model->n_ties, sizeof(double));
    free_part_t part = {.self = self,
                        .x = mem_alloc(n, sizeof(double)),
                        .gradient = mem_alloc(n, sizeof(double)),
                        .information = mem_alloc(n * n, sizeof(double))};
    if (!fit->maximum.x || !fit->maximum.se || !fit->maximum.covariance || !fit->cluster_se ||
        !fit->is_free || (self->options.shrink > 0 && !fit->effects) || !part.x || !part.gradient ||
        !part.information)
        goto out;
    part.is_free = fit->is_free;
    likelihood_parameters(self, part.x);
    choose_free(self, keep_half_lives, part.x, fit->is_free);
    part.x[0] = 0;
    part.x[0] = log(0.7 * self->n_own / likelihood_exposure(self, part.x));
    TRY(climb_free(&part, fit));
    for (int dropped; (dropped = drop_excitations(self, part.x, fit->is_free)) > 0;) {
        fit->n_at_edge += dropped;
        TRY(climb_free(&part, fit));
    }
    /* u and what else is kept of the last call are those of the maximum */
    likelihood_value(self, fit->maximum.x, part.gradient, NULL);
    finish_value(self, fit);
    TRY(finish_errors(self, fit));
out:
    mem_free(part.x);
    mem_free(part.gradient);
    mem_free(part.information);
    return ret;
}

void likelihood_fit_free(likelihood_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->cluster_se);
    mem_free(self->is_free);
    mem_free(self->effects);
    *self = (likelihood_fit_t){0};
}
