#include "fit/likelihood/dynamics.h"

#include "base/mem.h"
#include "fit/likelihood/internal.h"

#include <string.h>

#define STEP 1e-4        /* of a first derivative */
#define STEP_SECOND 1e-2 /* of second ones, on the log or logit scale */
#define LIMIT 15.0       /* of a scaled parameter */
#define HALF_CHI2 1.920729
#define NEAR_EDGE 0.01 /* of a share that begins at 0 or 1 */

enum { MOST_TRIALS = 12 };

/* ---- scales ----------------------------------------------------------------------------------------------
 */

static bool is_log(const dynamic_t *self) {
    return self->low >= 0 && self->high > 1e300;
}

double dynamic_scaled(const dynamic_t *self, double value) {
    if (is_log(self)) return elementary_log(fmax(value, 1e-12));
    double share = (value - self->low) / (self->high - self->low);
    if (!(share > 0 && share < 1)) share = share > 0 ? 1 - NEAR_EDGE : NEAR_EDGE;
    return elementary_log(share / (1 - share));
}

double dynamic_value(const dynamic_t *self, double scaled) {
    if (is_log(self)) return elementary_exp(scaled);
    return self->low + (self->high - self->low) / (1 + elementary_exp(-scaled));
}

double dynamic_slope(const dynamic_t *self, double scaled) {
    if (is_log(self)) return elementary_exp(scaled);
    double share = 1 / (1 + elementary_exp(-scaled));
    return (self->high - self->low) * share * (1 - share);
}

/* ---- the likelihood along the path of given values -------------------------------------------------------
 */

typedef struct {
    const dynamics_task_t *task;
    likelihood_options_t *options;  /* [n_parts] with one division of time for all values */
    likelihood_t **parts;           /* of the scaled values `at`; NULL: none yet */
    double *at, *wanted;            /* [n_dynamics] */
    int n_free, n, n_theta;         /* the parts' free parameters; all that are sought; dynamics among them */
    int *theta;                     /* [n_theta] which dynamics are sought */
    int *part, *row;                /* [n_free] */
    int most;                       /* parameters of a part */
    double *gradient, *information; /* of a part */
    double *low_gradient, *high_gradient; /* [n_free] at moved values */
    bool failed;                          /* out of memory */
} path_t;

static void drop_parts(path_t *self) {
    for (int p = 0; p < self->task->n_parts; p++) {
        likelihood_free(self->parts[p]);
        self->parts[p] = NULL;
    }
}

/* The likelihoods for the wanted values. */
static bool follow(path_t *self) {
    const dynamics_task_t *task = self->task;
    size_t bytes = (size_t)task->n_dynamics * sizeof *self->at;
    fault_t err = {0};
    if (self->parts[0] && !memcmp(self->at, self->wanted, bytes)) return true;
    drop_parts(self);
    memcpy(self->at, self->wanted, bytes);
    for (int d = 0; d < task->n_dynamics; d++)
        for (int i = 0; i < task->dynamics[d].n; i++)
            *task->dynamics[d].values[i] = dynamic_value(&task->dynamics[d], self->at[d]);
    for (int p = 0; p < task->n_parts; p++) {
        int ret = likelihood_init(&self->parts[p], task->model, task->kinds[p], task->n_events, task->events,
                                  task->until, &self->options[p], &err);
        if (ret < 0) self->failed = true;
        if (ret < 0) return false;
    }
    return true;
}

/* At the wanted values, with the parts' parameters as they are: their gradient, and information of n columns.
 */
static double value_at(path_t *self, double *gradient, double *information) {
    const dynamics_task_t *task = self->task;
    double value = 0;
    size_t n = (size_t)self->n;
    if (!follow(self)) return -INFINITY;
    for (int p = 0, first = 0; p < task->n_parts; p++) {
        double own = likelihood_value(self->parts[p], task->x[p], self->gradient,
                                      information ? self->information : NULL);
        size_t n_own = (size_t)self->parts[p]->parameters.n;
        if (!isfinite(own)) return -INFINITY;
        value += own;
        int next = first;
        while (next < self->n_free && self->part[next] == p) next++;
        for (int i = first; i < next; i++) {
            gradient[i] = self->gradient[self->row[i]];
            for (int j = first; information && j < next; j++)
                information[(size_t)i * n + (size_t)j] =
                    self->information[(size_t)self->row[i] * n_own + (size_t)self->row[j]];
        }
        first = next;
    }
    return value;
}

static double moved(path_t *self, int a, double by_a, int b, double by_b, double *gradient) {
    double *x = &self->wanted[self->theta[a]], *y = &self->wanted[self->theta[b]], at_x = *x, at_y = *y;
    *x += by_a;
    if (b != a) *y += by_b;
    double value = value_at(self, gradient, NULL);
    *x = at_x;
    *y = at_y;
    return value;
}

/* The derivatives by the dynamics: by differences. */
static bool add_differences(path_t *self, double value, double *gradient, double *information) {
    size_t n = (size_t)self->n, n_free = (size_t)self->n_free;
    double h = STEP_SECOND, *low = self->low_gradient, *high = self->high_gradient;
    double ends[2 * MOST_DYNAMICS] = {0};
    for (int a = 0; a < self->n_theta; a++) {
        size_t row = n_free + (size_t)a;
        double up = moved(self, a, STEP, a, 0, low), down = moved(self, a, -STEP, a, 0, low);
        gradient[row] = (up - down) / (2 * STEP);
        ends[2 * a] = moved(self, a, h, a, 0, high);
        ends[2 * a + 1] = moved(self, a, -h, a, 0, low);
        if (!isfinite(up + down + ends[2 * a] + ends[2 * a + 1])) return false;
        information[row * n + row] = -(ends[2 * a] + ends[2 * a + 1] - 2 * value) / (h * h);
        for (size_t i = 0; i < n_free; i++)
            information[row * n + i] = information[i * n + row] = -(high[i] - low[i]) / (2 * h);
    }
    for (int a = 0; a < self->n_theta; a++)
        for (int b = 0; b < a; b++) {
            size_t i = n_free + (size_t)a, j = n_free + (size_t)b;
            double both = moved(self, a, h, b, h, low) + moved(self, a, -h, b, -h, low);
            double mixed = both - ends[2 * a] - ends[2 * a + 1] - ends[2 * b] - ends[2 * b + 1] + 2 * value;
            if (!isfinite(mixed)) return false;
            information[i * n + j] = information[j * n + i] = -mixed / (2 * h * h);
        }
    return true;
}

static void take(path_t *self, const double *x) {
    for (int i = 0; i < self->n_free; i++) self->task->x[self->part[i]][self->row[i]] = x[i];
    for (int a = 0; a < self->n_theta; a++) self->wanted[self->theta[a]] = x[self->n_free + a];
}

static double objective(const double *x, double *gradient, double *information, void *data) {
    path_t *self = data;
    size_t n = (size_t)self->n;
    for (int a = 0; a < self->n_theta; a++)
        if (!(fabs(x[self->n_free + a]) < LIMIT)) return -INFINITY;
    take(self, x);
    memset(gradient, 0, n * sizeof *gradient);
    if (information) memset(information, 0, n * n * sizeof *information);
    double value = value_at(self, gradient, information);
    if (!information || !isfinite(value)) return value;
    return add_differences(self, value, gradient, information) ? value : -INFINITY;
}

/* ---- preparation -----------------------------------------------------------------------------------------
 */

/* One division of time into pieces, whatever the half-lives: else values would jump with them. */
static int divide_time(path_t *self, fault_t *err) {
    const dynamics_task_t *task = self->task;
    int ret = 0;
    for (int p = 0; p < task->n_parts; p++) {
        likelihood_t *part;
        TRY(likelihood_init(&part, task->model, task->kinds[p], task->n_events, task->events, task->until,
                            &task->options[p], err));
        self->options[p] = task->options[p];
        self->options[p].longest = exposure_longest(part) / 2;
        self->most = part->parameters.n > self->most ? part->parameters.n : self->most;
        for (int i = 0; i < part->parameters.n; i++) self->n_free += task->is_free[p][i];
        likelihood_free(part);
    }
out:
    return ret;
}

static int path_init(path_t *self, const dynamics_task_t *task, fault_t *err) {
    int ret = 0;
    size_t n_parts = (size_t)task->n_parts, n_dynamics = (size_t)task->n_dynamics;
    *self = (path_t){.task = task, .n_theta = task->n_dynamics};
    self->options = mem_alloc(n_parts, sizeof *self->options);
    self->parts = mem_alloc(n_parts, sizeof(likelihood_t *));
    self->at = mem_alloc(2 * n_dynamics, sizeof *self->at);
    self->theta = mem_alloc(n_dynamics, sizeof *self->theta);
    TRY_MEM(self->options && self->parts && self->at && self->theta);
    self->wanted = self->at + n_dynamics;
    TRY(divide_time(self, err));
    self->n = self->n_free + self->n_theta;
    size_t most = (size_t)self->most, n_free = (size_t)self->n_free;
    self->part = mem_alloc(2 * n_free + 1, sizeof *self->part);
    self->gradient = mem_alloc(most + most * most + 2 * n_free, sizeof *self->gradient);
    TRY_MEM(self->part && self->gradient);
    self->row = self->part + n_free;
    self->information = self->gradient + most;
    self->low_gradient = self->information + most * most;
    self->high_gradient = self->low_gradient + n_free;
    for (int d = 0; d < task->n_dynamics; d++) {
        self->theta[d] = d;
        self->wanted[d] = dynamic_scaled(&task->dynamics[d], *task->dynamics[d].values[0]);
    }
    if (!follow(self)) return error_memory(err);
    for (int p = 0, at = 0; p < task->n_parts; p++)
        for (int i = 0; i < self->parts[p]->parameters.n; i++)
            if (task->is_free[p][i]) self->part[at] = p, self->row[at++] = i;
out:
    return ret;
}

static void path_free(path_t *self) {
    if (self->parts) drop_parts(self);
    mem_free(self->options);
    mem_free(self->parts);
    mem_free(self->at);
    mem_free(self->theta);
    mem_free(self->part);
    mem_free(self->gradient);
}

/* Whether the likelihood depends on each. */
static int check_effect(path_t *self, fault_t *err) {
    double *gradient = self->low_gradient, value = value_at(self, gradient, NULL);
    for (int a = 0; a < self->n_theta && !self->failed; a++) {
        double at = self->wanted[self->theta[a]], step = fmax(0.5, fabs(at) / 2); /* away from an end */
        double other = moved(self, a, at > 0 ? -step : step, a, 0, gradient);
        if (fabs(other - value) > 1e-9 * fabs(value)) continue;
        return error_set(
            err, ERR_DATA,
            "--dynamics %s: the likelihood does not depend on it; of the fitted event types no rate "
            "depends on strength or alignment that it moves",
            self->task->dynamics[a].name);
    }
    return self->failed ? error_memory(err) : 0;
}

/* ---- the maximum -----------------------------------------------------------------------------------------
 */

/* From x [n_free + n_theta]. */
static int maximise(path_t *self, const double *x, maximum_t *out) {
    double *least = mem_alloc((size_t)self->n, sizeof *least);
    if (!least) return ERR_NOMEM;
    for (int i = 0; i < self->n; i++)
        least[i] = i < self->n_free
                       ? parameter_least(&self->parts[self->part[i]]->parameters.rows[self->row[i]])
                       : -INFINITY;
    const objective_t of = {
        .n = self->n, .value = objective, .has_information = true, .least = least, .data = self};
    int ret = newton_maximise(&of, x, out);
    if (ret == 0) take(self, out->x);
    out->converged |= out->gradient < 1e-6 && isfinite(out->log_l); /* as far as differences tell */
    mem_free(least);
    return self->failed ? ERR_NOMEM : ret;
}

typedef struct {
    path_t *path;
    const maximum_t *best;
    int n_free, n, d;
    double *start;
} profile_t;

/* The root of twice the loss of log L where dynamic `d` has that scaled value. */
static int root_of_loss(const profile_t *self, double scaled, double *root) {
    path_t *path = self->path;
    maximum_t other = {0};
    size_t n = (size_t)self->n, held = (size_t)self->n_free + (size_t)self->d;
    const double *covariance = self->best->covariance;
    double gap = scaled - self->best->x[held], variance = covariance[held * n + held];
    for (size_t i = 0, at = 0; i < n; i++) {
        double along = variance > 0 ? covariance[i * n + held] / variance * gap : 0;
        if (i != held) self->start[at++] = self->best->x[i] + (isfinite(along) ? along : 0);
    }
    path->wanted[self->d] = scaled;
    path->n = self->n - 1;
    path->n_theta = 0;
    for (int d = 0; d < path->task->n_dynamics; d++)
        if (d != self->d) path->theta[path->n_theta++] = d;
    int ret = maximise(path, self->start, &other);
    *root = ret ? 0 : sqrt(fmax(0, 2 * (self->best->log_l - other.log_l)));
    maximum_free(&other);
    return ret;
}

/* The end of the interval in one direction, scaled; NAN if there is none within reach. */
static int find_end(const profile_t *self, double sign, double *end) {
    const double wanted = sqrt(2 * HALF_CHI2);
    size_t held = (size_t)self->n_free + (size_t)self->d, n = (size_t)self->n;
    double best = self->best->x[held], se = sqrt(self->best->covariance[held * n + held]), root;
    double gap = wanted * (se > 0 && se < 1 ? se : 1);
    *end = NAN;
    for (int trial = 0; trial < MOST_TRIALS && gap < DYNAMICS_REACH; trial++) {
        int ret = root_of_loss(self, best + sign * gap, &root);
        if (ret < 0) return ret;
        if (fabs(root - wanted) < 0.01) {
            *end = best + sign * gap;
            return 0;
        }
        gap *= fmin(2, fmax(0.4, wanted / fmax(root, 1e-3)));
    }
    return 0;
}

static int find_intervals(dynamics_fit_t *fit, path_t *path) {
    int ret = 0;
    const dynamics_task_t *task = path->task;
    profile_t profile = {.path = path, .best = &fit->maximum, .n_free = path->n_free, .n = fit->n};
    profile.start = mem_alloc((size_t)fit->n, sizeof(double));
    if (!profile.start) return ERR_NOMEM;
    for (profile.d = 0; profile.d < task->n_dynamics; profile.d++) {
        double low, high;
        TRY(find_end(&profile, -1, &low));
        TRY(find_end(&profile, 1, &high));
        fit->low[profile.d] = isnan(low) ? NAN : dynamic_value(&task->dynamics[profile.d], low);
        fit->high[profile.d] = isnan(high) ? NAN : dynamic_value(&task->dynamics[profile.d], high);
    }
    path->n = fit->n;
    path->n_theta = task->n_dynamics;
    for (int d = 0; d < task->n_dynamics; d++) path->theta[d] = d;
    take(path, fit->maximum.x);
    if (!follow(path)) ret = ERR_NOMEM;
out:
    mem_free(profile.start);
    return ret;
}

static int make_room(dynamics_fit_t *self, const path_t *path) {
    size_t n = (size_t)path->n, n_dynamics = (size_t)path->n_theta;
    self->n = path->n;
    self->n_dynamics = path->n_theta;
    self->part = mem_alloc(2 * n, sizeof *self->part);
    self->low = mem_alloc(2 * n_dynamics, sizeof *self->low);
    if (!self->part || !self->low) return ERR_NOMEM;
    self->row = self->part + n;
    self->high = self->low + n_dynamics;
    for (size_t i = 0; i < n; i++) {
        self->part[i] = (int)i < path->n_free ? path->part[i] : -1;
        self->row[i] = (int)i < path->n_free ? path->row[i] : -1;
    }
    for (size_t d = 0; d < 2 * n_dynamics; d++) self->low[d] = NAN;
    return 0;
}

int dynamics_fit(dynamics_fit_t *self, const dynamics_task_t *task, bool intervals, fault_t *err) {
    path_t path;
    double *start = NULL;
    *self = (dynamics_fit_t){0};
    int ret = path_init(&path, task, err);
    if (ret || !path.wanted || !path.low_gradient) goto out;
    TRY(check_effect(&path, err));
    TRY(make_room(self, &path));
    start = mem_alloc((size_t)path.n, sizeof *start);
    TRY_MEM(start);
    for (int i = 0; i < path.n_free; i++) start[i] = task->x[path.part[i]][path.row[i]];
    for (int d = 0; d < task->n_dynamics; d++) start[path.n_free + d] = path.wanted[d];
    TRY(maximise(&path, start, &self->maximum));
    if (!follow(&path)) ret = ERR_NOMEM;
    if (ret == 0 && intervals && isfinite(self->maximum.log_l)) TRY(find_intervals(self, &path));
out:
    mem_free(start);
    path_free(&path);
    return ret == ERR_NOMEM ? error_memory(err) : ret;
}

void dynamics_fit_free(dynamics_fit_t *self) {
    maximum_free(&self->maximum);
    mem_free(self->part);
    mem_free(self->low);
    *self = (dynamics_fit_t){0};
}

int dynamics_index(const dynamics_fit_t *self, int part, int row) {
    for (int i = 0; i < self->n - self->n_dynamics; i++)
        if (self->part[i] == part && self->row[i] == row) return i;
    return -1;
}
