#include "fit/newton.h"

#include "base/error.h"
#include "base/mem.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#define MOST_ITERATIONS 200
#define ENOUGH 1e-11
#define ROUNDING 1e-13 /* of a sum of many terms: a gain below it cannot be seen */
#define MOST_DAMPING 1e12

typedef struct {
    const objective_t *objective;
    int n;
    double *gradient, *information, *trial, *trial_gradient, *step, *below, *above;
    double *damped;
    bool *held; /* at their least value, where the slope leads beyond it */
} climb_t;

static double look(const climb_t *c, const double *x, double *gradient, double *information) {
    double value = c->objective->value(x, gradient, information, c->objective->data);
    return isnan(value) ? -INFINITY : value;
}

static double least(const climb_t *c, int i) {
    return c->objective->least ? c->objective->least[i] : -INFINITY;
}

/* The information as differences of the gradient, central except at a lower bound; false if the function is
 * not defined nearby. */
static bool differences(climb_t *c, double *x) {
    int n = c->n;
    for (int i = 0; i < n; i++) {
        double at = x[i], h = 1e-5 * fmax(1, fabs(at));
        x[i] = at + h;
        double up = look(c, x, c->above, NULL);
        bool one_sided = at - h < least(c, i);
        x[i] = at - h;
        double down = one_sided ? 0 : look(c, x, c->below, NULL);
        x[i] = at;
        if (up == -INFINITY || down == -INFINITY) return false;
        const double *below = one_sided ? c->gradient : c->below;
        for (int j = 0; j < n; j++)
            c->information[i * n + j] = -(c->above[j] - below[j]) / (one_sided ? h : 2 * h);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            double mean = (c->information[i * n + j] + c->information[j * n + i]) / 2;
            c->information[i * n + j] = c->information[j * n + i] = mean;
        }
    return true;
}

static double look_fully(climb_t *c, double *x) {
    if (c->objective->has_information) return look(c, x, c->gradient, c->information);
    double value = look(c, x, c->gradient, NULL);
    return value > -INFINITY && differences(c, x) ? value : -INFINITY;
}

/* The information in `damped`, without the rows and columns of parameters that are held. */
static void take_free(const climb_t *c) {
    size_t n = (size_t)c->n;
    memcpy(c->damped, c->information, n * n * sizeof *c->damped);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (c->held[i] || c->held[j]) c->damped[i * n + j] = i == j;
}

/* step = (information + damping x its diagonal)^-1 gradient; false if that is not positive definite. */
static bool solve(const climb_t *c, const double *at, double damping) {
    size_t n = (size_t)c->n;
    for (int i = 0; i < c->n; i++) {
        c->held[i] = at[i] <= least(c, i) && c->gradient[i] <= 0;
        c->trial_gradient[i] = c->held[i] ? 0 : c->gradient[i];
    }
    take_free(c);
    for (size_t i = 0; i < n; i++) c->damped[i * n + i] += damping * fmax(1e-6, fabs(c->damped[i * n + i]));
    gsl_matrix_view a = gsl_matrix_view_array(c->damped, n, n);
    gsl_vector_view b = gsl_vector_view_array(c->trial_gradient, n), x = gsl_vector_view_array(c->step, n);
    if (gsl_linalg_cholesky_decomp1(&a.matrix)) return false;
    gsl_linalg_cholesky_solve(&a.matrix, &b.vector, &x.vector);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(c->step[i])) return false;
    return true;
}

static double gain(const climb_t *c) {
    double sum = 0;
    for (int i = 0; i < c->n; i++) sum += c->gradient[i] * c->step[i];
    return sum / 2;
}

static void errors_of(const climb_t *c, maximum_t *result) {
    size_t n = (size_t)c->n;
    take_free(c);
    gsl_matrix_view a = gsl_matrix_view_array(c->damped, n, n);
    bool good = gsl_linalg_cholesky_decomp1(&a.matrix) == 0 && gsl_linalg_cholesky_invert(&a.matrix) == 0;
    for (size_t i = 0; i < n * n; i++)
        result->covariance[i] = c->held[i / n] || c->held[i % n] ? 0 : good ? c->damped[i] : NAN;
    for (size_t i = 0; i < n; i++) result->se[i] = sqrt(result->covariance[i * n + i]);
    if (!good) {
        result->converged = false;
        result->told = "the Hessian is not positive definite: the data do not identify all parameters";
    }
}

static void climb(climb_t *c, maximum_t *result) {
    double *x = result->x, damping = 0;
    size_t bytes = (size_t)c->n * sizeof *x;
    result->told = "no further step increases the log-likelihood";
    result->log_l = look_fully(c, x);
    if (result->log_l == -INFINITY) {
        result->told = "the log-likelihood is not defined at the start values";
        return;
    }
    while (result->iterations < MOST_ITERATIONS) {
        bool solved = solve(c, x, damping);
        if (solved && damping < 1e-3) {
            result->gradient = gain(c);
            if (result->gradient < ENOUGH + ROUNDING * fabs(result->log_l)) {
                result->converged = true;
                result->told = "converged";
                break;
            }
        }
        double value = -INFINITY;
        if (solved) {
            for (int i = 0; i < c->n; i++) c->trial[i] = fmax(least(c, i), x[i] + c->step[i]);
            value = look(c, c->trial, c->trial_gradient, NULL);
        }
        if (!(value > result->log_l)) {
            damping = damping == 0 ? 1e-4 : damping * 10;
            if (damping > MOST_DAMPING) break;
            continue;
        }
        double before = result->log_l;
        memcpy(c->below, x, bytes);
        memcpy(x, c->trial, bytes);
        result->iterations++;
        value = look_fully(c, x);
        if (value == -INFINITY) {
            memcpy(x, c->below, bytes);
            result->log_l = look_fully(c, x);
            result->told = "the estimate is at the boundary of the allowed range";
            break;
        }
        result->log_l = value;
        damping = damping < 1e-6 ? 0 : damping / 10;
        if (value - before < 1e-13 * fabs(value)) damping = 0;
    }
    if (result->iterations == MOST_ITERATIONS) result->told = "not converged after 200 steps";
    errors_of(c, result);
}

int newton_maximise(const objective_t *objective, const double *x, maximum_t *result) {
    size_t n = (size_t)objective->n;
    int ret = ERR_NOMEM;
    *result = (maximum_t){.x = mem_alloc(n, sizeof(double)),
                          .se = mem_alloc(n, sizeof(double)),
                          .covariance = mem_alloc(n * n, sizeof(double))};
    double *work = mem_alloc(6 * n + 2 * n * n, sizeof *work);
    bool *held = mem_alloc(n, sizeof *held);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    if (!result->x || !result->se || !result->covariance || !work || !held) goto out;
    climb_t c = {.objective = objective,
                 .n = objective->n,
                 .gradient = work,
                 .trial = work + n,
                 .trial_gradient = work + 2 * n,
                 .step = work + 3 * n,
                 .below = work + 4 * n,
                 .above = work + 5 * n,
                 .information = work + 6 * n,
                 .damped = work + 6 * n + n * n,
                 .held = held};
    memcpy(result->x, x, n * sizeof *x);
    for (size_t i = 0; i < n; i++) result->se[i] = NAN;
    climb(&c, result);
    ret = 0;
out:
    gsl_set_error_handler(handler);
    mem_free(work);
    mem_free(held);
    return ret;
}

void maximum_free(maximum_t *self) {
    mem_free(self->x);
    mem_free(self->se);
    mem_free(self->covariance);
    *self = (maximum_t){0};
}
