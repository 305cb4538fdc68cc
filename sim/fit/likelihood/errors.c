/* Standard errors of the estimates: model-based (from the information), and clustered by tie. */
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

/* The sandwich over ties: covariance x sum of the outer products of scores x covariance. A tie's score is
 * that of its events of all kinds. */
static int cluster(joint_t *joint) {
    size_t n = (size_t)joint->n, n_ties = (size_t)joint->parts[0]->model->n_ties;
    double *scores = mem_alloc(2 * n_ties * n + 2 * n * n, sizeof *scores), *of_part = scores + n_ties * n,
           *meat = of_part + n_ties * n, *half = meat + n * n;
    int n_clusters = 0, ret = ERR_NOMEM;
    if (!scores) goto out;
    for (int p = 0; p < joint->n_parts; p++) {
        size_t first = (size_t)joint->first[p], n_part = (size_t)joint->first[p + 1] - first;
        TRY(likelihood_scores(joint->parts[p], joint->x + first, of_part));
        for (size_t tie = 0; tie < n_ties; tie++)
            memcpy(scores + tie * n + first, of_part + tie * n_part, n_part * sizeof *scores);
    }
    for (size_t tie = 0; tie < n_ties; tie++) {
        const double *score = scores + tie * n;
        bool counts = false;
        for (int p = 0; p < joint->n_parts; p++) counts |= score[joint->first[p]] != 0;
        n_clusters += counts;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) meat[i * n + j] += score[i] * score[j];
    }
    multiply(n, joint->covariance, meat, half);
    multiply(n, half, joint->covariance, joint->clustered);
    for (size_t i = 0; i < n * n; i++)
        joint->clustered[i] *= n_clusters > 1 ? n_clusters / (n_clusters - 1.0) : NAN;
out:
    mem_free(scores);
    return ret;
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

int joint_errors(joint_t *joint, likelihood_fit_t *fits) {
    size_t n = (size_t)joint->n;
    double *jacobian = mem_alloc(3 * n * n, sizeof *jacobian);
    int ret = ERR_NOMEM;
    if (!jacobian) goto out;
    double *half = jacobian + n * n, *transposed = half + n * n;
    TRY(cluster(joint));
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
        carry(n, jacobian, joint->clustered, half, transposed);
    }
    for (int p = 0; p < joint->n_parts; p++) {
        size_t first = (size_t)joint->first[p], n_part = (size_t)joint->first[p + 1] - first;
        for (size_t i = 0; i < n_part; i++) {
            const double *row = joint->covariance + (first + i) * n + first;
            memcpy(fits[p].maximum.covariance + i * n_part, row, n_part * sizeof *row);
            fits[p].maximum.se[i] = sqrt(row[i]);
            fits[p].cluster_se[i] = sqrt(joint->clustered[(first + i) * (n + 1)]);
        }
    }
out:
    mem_free(jacobian);
    return ret;
}
