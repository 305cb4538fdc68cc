#include "fit/likelihood/actors.h"

#include "base/mem.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <string.h>

#define LEAST_SD 0.01
#define MOST_CORRELATION 0.999

/* ---- the effects ------------------------------------------------------------------------------------- */

int actor_effects_copy(actor_effects_t *self, const actor_effects_t *from) {
    size_t n = (size_t)from->n_actors * (size_t)from->n_sides;
    double *effects = mem_alloc(n + 1, sizeof *effects);
    if (!effects) return ERR_NOMEM;
    memcpy(effects, from->effects, n * sizeof *effects);
    mem_free(self->effects);
    *self = *from;
    self->effects = effects;
    return 0;
}

void actor_effects_free(actor_effects_t *self) {
    mem_free(self->effects);
    *self = (actor_effects_t){0};
}

/* The effects that act at a flow of a tie: of its actors, or -1. An undirected type has one flow. */
static void effects_at(const likelihood_t *self, int tie, int flow, int at[2]) {
    const tie_t *ends = &self->model->ties[tie];
    if (self->actors.n_sides == 1) {
        at[0] = ends->a, at[1] = ends->b;
        return;
    }
    int i, j;
    likelihood_place_actors(self, 2 * tie + flow, &i, &j);
    at[0] = 2 * i, at[1] = 2 * j + 1;
}

static void set_place_factors(likelihood_t *self) {
    int flows = self->actors.n_sides == 2 ? 2 : 1, at[2];
    for (int tie = 0; tie < self->model->n_ties; tie++)
        for (int flow = 0; flow < flows; flow++) {
            effects_at(self, tie, flow, at);
            self->place_factors[flows * tie + flow] =
                elementary_exp(self->actors.effects[at[0]] + self->actors.effects[at[1]]);
        }
}

void likelihood_set_actors(likelihood_t *self, const actor_effects_t *actors) {
    if (!self->actors.n_sides) return;
    size_t n = (size_t)n_actor_effects(self);
    for (size_t b = 0; b < n; b++) self->actors.effects[b] = actors ? actors->effects[b] : 0;
    set_place_factors(self);
}

int actors_init(likelihood_t *self) {
    const likelihood_options_t *options = &self->options;
    size_t n_places = (size_t)all_places(self);
    self->place_factors = mem_alloc(n_places + 1, sizeof *self->place_factors);
    if (!self->place_factors) return ERR_NOMEM;
    for (size_t p = 0; p < n_places; p++) self->place_factors[p] = 1;
    double sd = options->actor_effects_sd;
    if (!(sd > 0)) return 0;
    int n = self->model->n_actors, n_sides = self->kind->scope == SCOPE_DIRECTED ? 2 : 1;
    self->actors = (actor_effects_t){.n_actors = n, .n_sides = n_sides, .variance = {sd * sd, sd * sd}};
    self->actors.effects = mem_alloc((size_t)n * (size_t)n_sides + 1, sizeof *self->actors.effects);
    if (!self->actors.effects) return ERR_NOMEM;
    const actor_effects_t *start = options->actor_start;
    if (start && actor_effects_copy(&self->actors, start) < 0) return ERR_NOMEM;
    set_place_factors(self);
    return 0;
}

bool actors_is_seen(const likelihood_t *self, int effect) {
    int side = self->actors.n_sides == 2 ? effect % 2 : 0, actor = effect / self->actors.n_sides;
    return (side ? self->in_places : self->out_places)[actor] > 0;
}

/* ---- the penalised likelihood ------------------------------------------------------------------------ */

typedef struct {
    const likelihood_t *self;
    size_t n, all; /* parameters; with effects */
    double value, *gradient, *information;
} scatter_t;

/* Second derivatives of a tie by the log baseline rates of its flows: row 0 of the first, 1 of the second. */
static double by_flow(const sums_t *sums, int rate, bool two, int flow, int i) {
    size_t n = (size_t)sums->n;
    const double *rates = sums->information;
    double whole = i > rate ? rates[(size_t)i * n + (size_t)rate] : rates[(size_t)rate * n + (size_t)i];
    if (!two) return whole;
    double second = rates[(n - 1) * n + (size_t)i];
    return flow ? second : whole - second;
}

static double between_flows(const sums_t *sums, int rate, bool two, int f, int g) {
    size_t n = (size_t)sums->n;
    double whole = sums->information[(size_t)rate * n + (size_t)rate];
    if (!two) return whole;
    double cross = sums->information[(n - 1) * n + (size_t)rate], last = sums->information[n * n - 1];
    if (f != g) return cross - last;
    return f ? last : whole - 2 * cross + last;
}

static void add_effects(scatter_t *into, int tie, const sums_t *sums) {
    const likelihood_t *self = into->self;
    bool two = is_by_flow(self);
    int flows = two ? 2 : 1, rate = first_of(self, PARAMETER_RATE), at[2][2];
    for (int f = 0; f < flows; f++) effects_at(self, tie, f, at[f]);
    double last = two ? sums->gradient[sums->n - 1] : 0;
    for (int f = 0; f < flows; f++)
        for (int c = 0; c < 2; c++) {
            size_t b = into->n + (size_t)at[f][c];
            into->gradient[b] += f ? last : sums->gradient[rate] - last;
            if (!into->information) continue;
            for (size_t i = 0; i < into->n; i++)
                into->information[b * into->all + i] += by_flow(sums, rate, two, f, (int)i);
            for (int g = 0; g < flows; g++)
                for (int d = 0; d < 2; d++)
                    into->information[b * into->all + into->n + (size_t)at[g][d]] +=
                        between_flows(sums, rate, two, f, g);
        }
}

static void scatter(void *context, int tie, const sums_t *sums) {
    scatter_t *into = context;
    into->value += sums->value;
    for (size_t i = 0; i < into->n; i++) {
        into->gradient[i] += sums->gradient[i];
        for (size_t j = 0; into->information && j <= i; j++)
            into->information[i * into->all + j] += sums->information[i * (size_t)sums->n + j];
    }
    if (tie >= 0) add_effects(into, tie, sums);
}

/* The inverse of S, or of the variances. */
static void precision_of(const actor_effects_t *actors, double out[3]) {
    double determinant = actors->variance[0] * actors->variance[1] - actors->covariance * actors->covariance;
    out[0] = actors->n_sides == 2 ? actors->variance[1] / determinant : 1 / actors->variance[0];
    out[1] = actors->variance[0] / determinant;
    out[2] = -actors->covariance / determinant;
}

static void add_prior(scatter_t *into) {
    const actor_effects_t *actors = &into->self->actors;
    int sides = actors->n_sides;
    double precision[3];
    precision_of(actors, precision);
    for (int actor = 0; actor < actors->n_actors; actor++)
        for (int s = 0; s < sides; s++)
            for (int t = 0; t < sides; t++) {
                size_t b = into->n + (size_t)(actor * sides + s), d = into->n + (size_t)(actor * sides + t);
                double weight = s == t ? precision[s] : precision[2], x = actors->effects[actor * sides + t];
                into->value -= actors->effects[actor * sides + s] * weight * x / 2;
                into->gradient[b] -= weight * x;
                if (into->information) into->information[b * into->all + d] += weight;
            }
}

double actors_value(likelihood_t *self, const double *x, double *gradient, double *information) {
    scatter_t into = {.self = self,
                      .n = (size_t)self->parameters.n,
                      .all = (size_t)n_estimates(self),
                      .gradient = gradient,
                      .information = information};
    memset(gradient, 0, into.all * sizeof *gradient);
    if (information) memset(information, 0, into.all * into.all * sizeof *information);
    memcpy(self->actors.effects, x + into.n, (into.all - into.n) * sizeof *x);
    set_place_factors(self);
    if (!likelihood_is_defined(self, x) || likelihood_each_tie(self, x, true, scatter, &into) < 0)
        return -INFINITY;
    add_prior(&into);
    for (size_t i = 0; information && i < into.all; i++)
        for (size_t j = 0; j < i && j < into.n; j++)
            information[j * into.all + i] = information[i * into.all + j];
    return into.value;
}

/* ---- their covariance -------------------------------------------------------------------------------- */

/* Symmetric 2 x 2: [0][0], [1][1], [0][1]. */
typedef struct {
    double v[3];
} pair_t;

static pair_t product(const pair_t *a, const pair_t *m) { /* a m a */
    double x = a->v[0], y = a->v[1], z = a->v[2];
    double p = x * m->v[0] + z * m->v[2], q = x * m->v[2] + z * m->v[1];
    double r = z * m->v[0] + y * m->v[2], s = z * m->v[2] + y * m->v[1];
    return (pair_t){{p * x + q * z, r * z + s * y, p * z + q * y}};
}

/* The symmetric root of a positive definite matrix, and its inverse. */
static pair_t root(const pair_t *m) {
    double s = sqrt(fmax(0, m->v[0] * m->v[1] - m->v[2] * m->v[2])), t = sqrt(m->v[0] + m->v[1] + 2 * s);
    return (pair_t){{(m->v[0] + s) / t, (m->v[1] + s) / t, m->v[2] / t}};
}

static pair_t inverse(const pair_t *m) {
    double determinant = m->v[0] * m->v[1] - m->v[2] * m->v[2];
    return (pair_t){{m->v[1] / determinant, m->v[0] / determinant, -m->v[2] / determinant}};
}

static double change(double from, double to) {
    return fabs(elementary_log(to / from)) / 2;
}

/* Schall's step for a matrix: with both sides in units of S, the fixed point is b b' = I - C, and the step
 * multiplies S by the one over the other. */
static pair_t step(const pair_t *s, const pair_t *squares, const pair_t *left) {
    pair_t half = root(s), whiten = inverse(&half), seen = product(&whiten, squares),
           unseen = product(&whiten, left);
    pair_t known = {{fmax(1e-6, 1 - unseen.v[0]), fmax(1e-6, 1 - unseen.v[1]), -unseen.v[2]}};
    double most = 0.999 * sqrt(known.v[0] * known.v[1]);
    known.v[2] = fmax(-most, fmin(most, known.v[2]));
    pair_t scale = root(&known), down = inverse(&scale), ratio = product(&down, &seen);
    return product(&half, &ratio);
}

double actors_move(likelihood_t *self, const double *covariance, size_t n, size_t first) {
    actor_effects_t *actors = &self->actors;
    const int sides = actors->n_sides == 2 ? 2 : 1;
    if (!actors->n_sides || !self->options.actor_spread) return 0;
    const pair_t s = {{actors->variance[0], sides == 2 ? actors->variance[1] : 1, actors->covariance}};
    pair_t squares = {{0, sides == 2 ? 0 : 1, 0}}, left = {{0}};
    for (int actor = 0; actor < actors->n_actors; actor++)
        for (int entry = 0; entry < (sides == 2 ? 3 : 1); entry++) {
            int b = actor * sides + (entry == 1), d = actor * sides + (entry > 0);
            bool seen = actors_is_seen(self, b) && actors_is_seen(self, d);
            size_t row = first + (size_t)(self->parameters.n + b),
                   column = first + (size_t)(self->parameters.n + d);
            squares.v[entry] += actors->effects[b] * actors->effects[d] / actors->n_actors;
            left.v[entry] += (seen ? covariance[row * n + column] : s.v[entry]) / actors->n_actors;
        }
    pair_t next = step(&s, &squares, &left);
    double moved = 0;
    for (int side = 0; side < sides; side++) {
        next.v[side] = fmax(next.v[side], LEAST_SD * LEAST_SD);
        moved = fmax(moved, change(s.v[side], next.v[side]));
        actors->variance[side] = next.v[side];
    }
    if (sides == 1) return moved;
    double scale = sqrt(next.v[0] * next.v[1]), before = s.v[2] / sqrt(s.v[0] * s.v[1]);
    double correlation = fmax(-MOST_CORRELATION, fmin(MOST_CORRELATION, next.v[2] / scale));
    actors->covariance = correlation * scale;
    return fmax(moved, fabs(correlation - before));
}

bool actors_is_at_edge(const likelihood_t *self, int side) {
    return self->actors.variance[side] <= LEAST_SD * LEAST_SD;
}

/* ---- likelihood and errors --------------------------------------------------------------------------- */

/* The log determinant of `n` rows of a symmetric matrix from `first` on; rows of effects that are not seen
 * are the prior's alone. NAN if it is not positive definite. */
static double log_determinant(const double *matrix, size_t width, size_t first, size_t n) {
    double *factor = mem_alloc(n * n + 1, sizeof *factor), sum = 0;
    if (!factor) return NAN;
    for (size_t i = 0; i < n; i++)
        memcpy(factor + i * n, matrix + (first + i) * width + first, n * sizeof *factor);
    gsl_matrix_view view = gsl_matrix_view_array(factor, n, n);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    bool good = gsl_linalg_cholesky_decomp1(&view.matrix) == 0;
    gsl_set_error_handler(handler);
    for (size_t i = 0; i < n; i++) sum += 2 * elementary_log(factor[i * n + i]);
    mem_free(factor);
    return good ? sum : NAN;
}

double actors_log_l(likelihood_t *self, const double *x) {
    const actor_effects_t *actors = &self->actors;
    size_t n = (size_t)self->parameters.n, all = (size_t)n_estimates(self);
    double *gradient = mem_alloc(all + all * all, sizeof *gradient);
    if (!gradient) return -INFINITY;
    double value = actors_value(self, x, gradient, gradient + all);
    double prior = actors->n_sides == 2
                       ? actors->variance[0] * actors->variance[1] - actors->covariance * actors->covariance
                       : actors->variance[0];
    value -=
        (actors->n_actors * elementary_log(prior) + log_determinant(gradient + all, all, n, all - n)) / 2;
    mem_free(gradient);
    return value;
}

/* Of C, the covariance of parameters and effects: C(x, b) C(b, b)^-1 C(b, x), what the effects add to the
 * variance of each of the n parameters. Rows of zeros are what is held. */
static int added_by_effects(const double *c, size_t n, size_t all, double *added) {
    size_t m = all - n;
    double *factor = mem_alloc(m * m + 2 * m + 1, sizeof *factor);
    if (!factor) return ERR_NOMEM;
    double *right = factor + m * m, *solution = right + m;
    for (size_t b = 0; b < m; b++)
        for (size_t d = 0; d < m; d++) {
            double value = c[(n + b) * all + n + d];
            factor[b * m + d] = b == d && value == 0 ? 1 : value;
        }
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    gsl_matrix_view a = gsl_matrix_view_array(factor, m, m);
    bool good = gsl_linalg_cholesky_decomp1(&a.matrix) == 0;
    for (size_t i = 0; i < n; i++) {
        added[i] = c[i * all + i];
        if (!good) continue;
        for (size_t b = 0; b < m; b++) right[b] = c[i * all + n + b];
        gsl_vector_view y = gsl_vector_view_array(right, m), z = gsl_vector_view_array(solution, m);
        gsl_linalg_cholesky_solve(&a.matrix, &y.vector, &z.vector);
        added[i] = 0;
        for (size_t b = 0; b < m; b++) added[i] += c[i * all + n + b] * solution[b];
    }
    gsl_set_error_handler(handler);
    mem_free(factor);
    return 0;
}

/* Actors that have a place at all. */
static int n_seen(const likelihood_t *self) {
    int n = 0;
    for (int actor = 0; actor < self->actors.n_actors; actor++)
        n += self->out_places[actor] > 0 || self->in_places[actor] > 0;
    return n;
}

int actors_degrees(const joint_t *joint, const likelihood_fit_t *fits, double *degrees) {
    int ret = 0;
    for (int p = 0; p < joint->n_parts; p++) {
        const likelihood_t *self = joint->parts[p];
        size_t n = (size_t)self->parameters.n, all = (size_t)n_estimates(self);
        double *of = degrees + joint->first[p];
        TRY(added_by_effects(fits[p].with_actors, n, all, of));
        double actors = fmax(1, n_seen(self) - 2), ties = fmax(1, fits[p].n_clusters - 1);
        for (size_t i = 0; i < n; i++) {
            double whole = fits[p].with_actors[i * all + i], added = fmin(of[i], whole), rest = whole - added;
            double spread = added * added / actors + rest * rest / ties;
            of[i] = spread > 0 ? fmax(1, whole * whole / spread) : ties;
        }
    }
out:
    return ret;
}
