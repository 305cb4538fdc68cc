#include "fit/likelihood/errors/dyadic.h"

#include "base/mem.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <string.h>

/* ---- scores ------------------------------------------------------------------------------------------ */

/* Sums over the event types, by the parameters that are free. */
typedef struct {
    const joint_t *joint;
    int part;
    size_t n;               /* free parameters */
    double *scores, *rates; /* [n_ties][n]; rates: of the information, by all log baseline rates */
    double *information;    /* [n][n] */
    double *of_actors;      /* [n_actors][n][n] the information of their ties */
} gathered_t;

static void gather(void *context, int tie, const sums_t *sums) {
    gathered_t *self = context;
    const double *gradient = sums->gradient, *information = sums->information;
    const joint_t *joint = self->joint;
    const likelihood_t *part = joint->parts[self->part];
    const tie_t *ends = &part->model->ties[tie];
    const int *index = joint->index + joint->first[self->part];
    int n_part = part->parameters.n, rate = first_of(part, PARAMETER_RATE);
    size_t n = self->n;
    double *into[] = {self->information, self->of_actors + (size_t)ends->a * n * n,
                      self->of_actors + (size_t)ends->b * n * n};
    for (int i = 0; i < n_part; i++) {
        if (index[i] < 0) continue;
        size_t row = (size_t)index[i];
        self->scores[(size_t)tie * n + row] += gradient[i];
        self->rates[(size_t)tie * n + row] += information[i > rate ? i * n_part + rate : rate * n_part + i];
        for (int j = 0; j < n_part; j++) {
            if (index[j] < 0) continue;
            double value = information[i > j ? i * n_part + j : j * n_part + i];
            for (int m = 0; m < 3; m++) into[m][row * n + (size_t)index[j]] += value;
        }
    }
}

static int gather_all(gathered_t *self, const joint_t *joint) {
    const model_t *model = joint->parts[0]->model;
    size_t n = 0, n_ties = (size_t)model->n_ties, n_actors = (size_t)model->n_actors;
    for (int i = 0; i < joint->n; i++)
        if (joint->index[i] >= (int)n) n = (size_t)joint->index[i] + 1;
    *self = (gathered_t){.joint = joint, .n = n};
    self->scores = mem_alloc(2 * n_ties * n + (1 + n_actors) * n * n, sizeof *self->scores);
    if (!self->scores) return ERR_NOMEM;
    self->rates = self->scores + n_ties * n;
    self->information = self->rates + n_ties * n;
    self->of_actors = self->information + n * n;
    int ret = 0;
    for (self->part = 0; self->part < joint->n_parts; self->part++)
        TRY(likelihood_each_tie(joint->parts[self->part], joint->x + joint->first[self->part], false, gather,
                                self));
out:
    return ret;
}

/* ---- moves ------------------------------------------------------------------------------------------- */

/* The Cholesky factor of the information less `share` of the actor's, into `factor`; false if that is not
 * positive definite. */
static bool factorise(const gathered_t *of, const double *actor, double share, double *factor) {
    for (size_t i = 0; i < of->n * of->n; i++)
        factor[i] = of->information[i] - (actor ? share * actor[i] : 0);
    gsl_matrix_view view = gsl_matrix_view_array(factor, of->n, of->n);
    return gsl_linalg_cholesky_decomp1(&view.matrix) == 0;
}

/* out[all parameters] = the solution for right[free ones]. */
static void solve(const joint_t *joint, size_t n, double *factor, double *right, double *solution,
                  double *out) {
    gsl_matrix_view a = gsl_matrix_view_array(factor, n, n);
    gsl_vector_view b = gsl_vector_view_array(right, n), x = gsl_vector_view_array(solution, n);
    gsl_linalg_cholesky_solve(&a.matrix, &b.vector, &x.vector);
    for (int i = 0; i < joint->n; i++) out[i] = joint->index[i] < 0 ? 0 : solution[joint->index[i]];
}

static void move_ties(influence_t *self, const gathered_t *of, double *factor, double *solution) {
    size_t n = self->n;
    for (size_t tie = 0; tie < self->n_ties; tie++) {
        double *score = of->scores + tie * of->n;
        bool counts = false;
        for (size_t i = 0; i < of->n; i++) counts |= score[i] != 0;
        self->n_clusters += counts;
        solve(of->joint, of->n, factor, score, solution, self->ties + tie * n);
        solve(of->joint, of->n, factor, of->rates + tie * of->n, solution, self->tie_weights + tie * n);
    }
}

/* An actor without whom nothing is known of a parameter counts for a tenth less. */
static void move_actors(influence_t *self, const gathered_t *of, double *factor, double *work) {
    static const double shares[] = {1, 0.9, 0};
    const model_t *model = of->joint->parts[0]->model;
    size_t n = self->n;
    double *score = work, *solution = score + of->n;
    for (size_t tie = 0; tie < self->n_ties; tie++)
        for (size_t i = 0; i < n; i++) {
            double weight = self->tie_weights[tie * n + i];
            self->actor_weights[(size_t)model->ties[tie].a * n + i] += weight;
            self->actor_weights[(size_t)model->ties[tie].b * n + i] += weight;
        }
    for (size_t actor = 0; actor < self->n_actors; actor++) {
        memset(score, 0, of->n * sizeof *score);
        for (size_t tie = 0; tie < self->n_ties; tie++)
            if (model->ties[tie].a == (int)actor || model->ties[tie].b == (int)actor)
                for (size_t i = 0; i < of->n; i++) score[i] += of->scores[tie * of->n + i];
        int s = 0;
        while (!factorise(of, of->of_actors + actor * of->n * of->n, shares[s], factor) && s < 2) s++;
        solve(of->joint, of->n, factor, score, solution, self->actors + actor * n);
    }
}

int influence_init(influence_t *self, const joint_t *joint) {
    const model_t *model = joint->parts[0]->model;
    gathered_t of = {0};
    size_t n = (size_t)joint->n, rows = (size_t)model->n_ties + (size_t)model->n_actors;
    double *factor = NULL;
    int ret = ERR_NOMEM;
    *self = (influence_t){.n = n, .n_ties = (size_t)model->n_ties, .n_actors = (size_t)model->n_actors};
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    self->ties = mem_alloc(2 * rows * n, sizeof *self->ties);
    if (!self->ties) goto out;
    self->actors = self->ties + self->n_ties * n;
    self->tie_weights = self->actors + self->n_actors * n;
    self->actor_weights = self->tie_weights + self->n_ties * n;
    TRY(gather_all(&of, joint));
    factor = mem_alloc(of.n * of.n + 2 * of.n, sizeof *factor);
    ret = factor ? 0 : ERR_NOMEM;
    if (ret == 0 && factorise(&of, NULL, 0, factor)) {
        move_ties(self, &of, factor, factor + of.n * of.n);
        move_actors(self, &of, factor, factor + of.n * of.n);
    }
out:
    gsl_set_error_handler(handler);
    mem_free(of.scores);
    mem_free(factor);
    return ret;
}

void influence_free(influence_t *self) {
    mem_free(self->ties);
    *self = (influence_t){0};
}

int influence_carry(influence_t *self, const double *jacobian) {
    size_t n = self->n, rows = 2 * (self->n_ties + self->n_actors);
    double *row = mem_alloc(n, sizeof *row);
    if (!row) return ERR_NOMEM;
    for (size_t r = 0; r < rows; r++) {
        double *of = self->ties + r * n;
        memcpy(row, of, n * sizeof *row);
        for (size_t i = 0; i < n; i++) {
            of[i] = 0;
            for (size_t j = 0; j < n; j++) of[i] += jacobian[i * n + j] * row[j];
        }
    }
    mem_free(row);
    return 0;
}

/* ---- covariance -------------------------------------------------------------------------------------- */

/* into += factor x the sum of the outer products of the rows. */
static void add_products(size_t n, size_t n_rows, const double *rows, double factor, double *into) {
    for (size_t r = 0; r < n_rows; r++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) into[i * n + j] += factor * rows[r * n + i] * rows[r * n + j];
}

/* Turns rows and columns p and q of the symmetric `a` so that a[p][q] = 0, and the columns of `v` with them.
 */
static void turn(size_t n, double *a, double *v, size_t p, size_t q) {
    double tau = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = (tau < 0 ? -1 : 1) / (fabs(tau) + sqrt(1 + tau * tau)), c = 1 / sqrt(1 + t * t), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q], u = v[k * n + p], w = v[k * n + q];
        a[k * n + p] = c * x - s * y, a[k * n + q] = s * x + c * y;
        v[k * n + p] = c * u - s * w, v[k * n + q] = s * u + c * w;
    }
    for (size_t k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y, a[q * n + k] = s * x + c * y;
    }
}

/* Replaces the symmetric `a` by its positive part; `v`, `w`: [n][n] of room. Jacobi's method, not GSL's,
 * which may give other bits on another processor. */
static void take_positive(size_t n, double *a, double *v, double *w) {
    enum { MOST_SWEEPS = 50 };
    double all = 0, off = INFINITY;
    for (size_t i = 0; i < n * n; i++) all += a[i] * a[i], v[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < MOST_SWEEPS && off > 1e-24 * all; sweep++) {
        off = 0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                off += a[p * n + q] * a[p * n + q];
                if (a[p * n + q] != 0) turn(n, a, v, p, q);
            }
    }
    memcpy(w, a, n * n * sizeof *w);
    memset(a, 0, n * n * sizeof *a);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n && w[k * n + k] > 0; i++)
            for (size_t j = 0; j < n; j++) a[i * n + j] += v[i * n + k] * w[k * n + k] * v[j * n + k];
}

/* (sum w^2)^2 / sum w^4 of column i. */
static double evenness(size_t n, size_t n_rows, const double *rows, size_t i, double otherwise) {
    double second = 0, fourth = 0;
    for (size_t r = 0; r < n_rows; r++) {
        double square = rows[r * n + i] * rows[r * n + i];
        second += square, fourth += square * square;
    }
    return fourth > 0 ? second * second / fourth : otherwise;
}

static void set_degrees(const influence_t *self, joint_t *joint) {
    size_t n = self->n;
    for (size_t i = 0; i < n; i++) {
        double ties = joint->clustered[i * (n + 1)], actors = joint->robust[i * (n + 1)] - ties;
        double few = self->n_clusters;
        double by_tie = evenness(n, self->n_ties, self->tie_weights, i, few),
               by_actor = evenness(n, self->n_actors, self->actor_weights, i, few);
        double both = ties + actors, spread = ties * ties / by_tie + actors * actors / by_actor;
        joint->degrees[i] = spread > 0 ? fmax(1, both * both / spread) : few;
    }
}

int influence_errors(const influence_t *self, joint_t *joint) {
    size_t n = self->n;
    double *work = mem_alloc(2 * n * n + n, sizeof *work), *scale = work + 2 * n * n;
    if (!work) return ERR_NOMEM;
    double *ties = joint->clustered, *robust = joint->robust;
    double clusters = self->n_clusters, correction = clusters > 1 ? clusters / (clusters - 1) : NAN;
    memset(ties, 0, n * n * sizeof *ties);
    memset(robust, 0, n * n * sizeof *robust);
    add_products(n, self->n_ties, self->ties, correction, ties);
    add_products(n, self->n_actors, self->actors, 1, robust);
    for (size_t i = 0; i < n; i++) scale[i] = ties[i * (n + 1)] > 0 ? sqrt(ties[i * (n + 1)]) : 1;
    bool known = true;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double *one = &robust[i * n + j];
            *one = (*one - 2 * ties[i * n + j]) / (scale[i] * scale[j]);
            known &= isfinite(*one);
        }
    if (known) take_positive(n, robust, work, work + n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            robust[i * n + j] = known ? ties[i * n + j] + robust[i * n + j] * scale[i] * scale[j] : NAN;
    set_degrees(self, joint);
    mem_free(work);
    return 0;
}
