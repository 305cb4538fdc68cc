/* Standard errors of the estimates: model-based (from the information), clustered by tie, and robust to what
 * ties of one actor have in common. */
#include "fit/likelihood/actors.h"
#include "fit/likelihood/errors/dyadic.h"
#include "fit/likelihood/internal.h"

#include "base/mem.h"

#include <string.h>

/* product = a b, all [n][n]. */
static void multiply(size_t n, const double *a, const double *b, double *product) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t m = 0; m < n; m++) sum += a[i * n + m] * b[m * n + j];
            product[i * n + j] = sum;
        }
}

/* Gives a season's factors of one event type the mean 1: the baseline rate and the branching ratios include
 * their common level. Computes the type's block of the Jacobian (the identity before), in rows of `n`. */
static void normalise(const likelihood_t *self, parameter_kind_t kind, likelihood_fit_t *fit,
                      double *jacobian, size_t n) {
    const unsigned char *which = kind == PARAMETER_MONTH ? self->month_of : self->weekday_of;
    size_t rate = (size_t)first_of(self, PARAMETER_RATE);
    int first = first_of(self, kind), n_factors = self->parameters.count[kind];
    double *x = fit->maximum.x, sum = 0;
    bool seen[N_MONTHS] = {0};
    int n_seen = 0;
    for (int d = first_day(self); d < self->n_days; d++) seen[which[d]] = true;
    for (int f = 0; f < n_factors; f++)
        if (seen[f]) sum += elementary_exp(x[first + f]), n_seen++;
    double mean = sum / n_seen;
    for (int f = 0; f < n_factors; f++) {
        if (!seen[f]) continue;
        size_t column = (size_t)first + (size_t)f;
        double share = elementary_exp(x[column]) / sum;
        jacobian[rate * n + column] = share;
        for (int e = 0; e < self->n_excitations; e++) {
            size_t i = (size_t)branching_of(self, e);
            jacobian[i * n + i] = mean;
            jacobian[i * n + column] = x[i] * mean * share;
        }
        for (int g = 0; g < n_factors; g++)
            if (seen[g]) jacobian[((size_t)first + (size_t)g) * n + column] -= share;
    }
    x[rate] += elementary_log(mean);
    for (int e = 0; e < self->n_excitations; e++)
        if (fit->is_free[branching_of(self, e)]) /* one without exciting events stays as declared */
            x[branching_of(self, e)] *= mean;
    for (int f = 0; f < n_factors; f++) {
        x[first + f] = seen[f] ? x[first + f] - elementary_log(mean) : 0;
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

/* An event type's part of the errors. */
static void give_errors(const joint_t *joint, int p, likelihood_fit_t *fit) {
    size_t n = (size_t)joint->n, first = (size_t)joint->first[p],
           n_part = (size_t)joint->parts[p]->parameters.n;
    for (size_t i = 0; i < n_part; i++) {
        size_t row = (first + i) * n + first;
        memcpy(fit->maximum.covariance + i * n_part, joint->covariance + row, n_part * sizeof(double));
        memcpy(fit->robust + i * n_part, joint->robust + row, n_part * sizeof(double));
        fit->maximum.se[i] = sqrt(joint->covariance[row + i]);
        fit->cluster_se[i] = sqrt(joint->clustered[row + i]);
        fit->robust_se[i] = sqrt(joint->robust[row + i]);
        fit->degrees[i] = joint->degrees[first + i];
    }
}

/* Random effects of actors and ties leave nothing to a sandwich. */
static int take_model_based(joint_t *joint, likelihood_fit_t *fits) {
    size_t n = (size_t)joint->n;
    memcpy(joint->clustered, joint->covariance, n * n * sizeof *joint->clustered);
    memcpy(joint->robust, joint->covariance, n * n * sizeof *joint->robust);
    for (int p = 0; p < joint->n_parts; p++) {
        size_t all = (size_t)n_estimates(joint->parts[p]), first = (size_t)joint->first[p];
        for (size_t i = 0; i < all; i++)
            memcpy(fits[p].with_actors + i * all, joint->covariance + (first + i) * n + first,
                   all * sizeof *fits[p].with_actors);
    }
    return actors_degrees(joint, fits, joint->degrees);
}

int joint_errors(joint_t *joint, likelihood_fit_t *fits) {
    size_t n = (size_t)joint->n;
    double *jacobian = mem_alloc(3 * n * n, sizeof *jacobian);
    influence_t influence = {0};
    int ret = ERR_NOMEM;
    if (!jacobian) goto out;
    double *half = jacobian + n * n, *transposed = half + n * n;
    bool by_actors = joint->parts[0]->actors.n_sides > 0; /* of all parts, or of none */
    if (!by_actors) TRY(influence_init(&influence, joint));
    for (int season = 0; season < 2; season++) {
        parameter_kind_t kind = season ? PARAMETER_MONTH : PARAMETER_WEEKDAY;
        bool any = false;
        memset(jacobian, 0, n * n * sizeof *jacobian);
        for (size_t i = 0; i < n; i++) jacobian[i * n + i] = 1;
        for (int p = 0; p < joint->n_parts; p++) {
            likelihood_t *self = joint->parts[p];
            if (self->parameters.count[kind] == 0) continue;
            any = true;
            normalise(self, kind, &fits[p], jacobian + (size_t)joint->first[p] * (n + 1), n);
        }
        if (!any) continue;
        carry(n, jacobian, joint->covariance, half, transposed);
        if (!by_actors) TRY(influence_carry(&influence, jacobian));
    }
    TRY(by_actors ? take_model_based(joint, fits) : influence_errors(&influence, joint));
    for (int p = 0; p < joint->n_parts; p++) give_errors(joint, p, &fits[p]);
out:
    influence_free(&influence);
    mem_free(jacobian);
    return ret;
}
