#include "stats/choice/prim.h"

#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const box_points_t *data;
    const bool *taken;
    bool *in;        /* [n] in the box so far */
    size_t *order;   /* [axis][n] points by their value */
    size_t n;        /* in the box */
    double n_looked; /* peels looked at */
    double sum;      /* of y in it */
    double total;    /* of y over all points */
    box_limits_t *limits;
} box_t;

typedef struct { /* points that may be peeled off */
    int axis;
    bool upper;
    size_t n;
    double sum, limit;
} peel_t;

/* ---- peeling ---------------------------------------------------------------------------------------- */

/* The outermost points of an axis, at least so many, with all that have the value of the last of them. False
 * if no other is left. */
static bool outermost(const box_t *self, size_t n_wanted, peel_t *peel) {
    const box_points_t *data = self->data;
    const double *x = box_axis(data, peel->axis);
    const size_t *order = self->order + (size_t)peel->axis * data->n;
    double last = NAN;
    peel->n = 0, peel->sum = 0;
    for (size_t k = 0; k < data->n; k++) {
        size_t i = order[peel->upper ? data->n - 1 - k : k];
        if (!self->in[i]) continue;
        if (peel->n >= n_wanted && x[i] != last) {
            peel->limit = last + (x[i] - last) / 2;
            return true;
        }
        last = x[i];
        peel->n++;
        peel->sum += data->y[i];
    }
    return false;
}

/* The one that leaves the largest mean, of those that leave enough points. */
static bool best_peel(box_t *self, size_t least, peel_t *best) {
    double highest = -INFINITY;
    size_t wanted = (size_t)ceil(PRIM_PEEL * (double)self->n);
    for (int side = 0; side < 2 * self->data->n_axes; side++) {
        peel_t peel = {.axis = side / 2, .upper = side % 2};
        if (!outermost(self, wanted ? wanted : 1, &peel) || self->n - peel.n < least) continue;
        self->n_looked++;
        double mean = (self->sum - peel.sum) / (double)(self->n - peel.n);
        if (mean > highest) highest = mean, *best = peel;
    }
    return highest > -INFINITY;
}

static bool is_within(const box_limits_t *limits, double x) {
    return !(x < limits->low) && !(x > limits->high); /* NAN limits nothing */
}

/* What lies within the limits, those of one axis (-1: none) left out. */
static void refill(box_t *self, const box_limits_t *limits, int except) {
    const box_points_t *data = self->data;
    self->n = 0, self->sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        self->in[i] = !self->taken[i];
        for (int a = 0; a < data->n_axes && self->in[i]; a++)
            self->in[i] = a == except || is_within(&limits[a], box_axis(data, a)[i]);
        if (!self->in[i]) continue;
        self->n++;
        self->sum += data->y[i];
    }
}

static void take_off(box_t *self, const peel_t *peel) {
    box_limits_t *limits = &self->limits[peel->axis];
    *(peel->upper ? &limits->high : &limits->low) = peel->limit;
    const double *x = box_axis(self->data, peel->axis);
    for (size_t i = 0; i < self->data->n; i++) self->in[i] = self->in[i] && is_within(limits, x[i]);
    self->n -= peel->n;
    self->sum -= peel->sum;
}

static double worth(const box_t *self, prim_aim_t aim) {
    double density = self->sum / (double)self->n;
    if (aim == PRIM_HIGHEST) return density;
    double coverage = self->total > 0 ? self->sum / self->total : 0;
    return density + coverage > 0 ? 2 * density * coverage / (density + coverage) : 0;
}

static void peel_all(box_t *self, prim_aim_t aim, size_t least, box_limits_t *best) {
    size_t size = (size_t)self->data->n_axes * sizeof *best;
    double highest = worth(self, aim);
    peel_t peel = {0};
    memcpy(best, self->limits, size);
    while (best_peel(self, least, &peel)) {
        take_off(self, &peel);
        double now = worth(self, aim);
        if (now <= highest) continue;
        highest = now;
        memcpy(best, self->limits, size);
    }
}

/* ---- limits that matter ----------------------------------------------------------------------------- */

/* By how many standard errors the mean of y is lower among the points that the limits of this axis alone keep
 * out. */
static double errors_of(box_t *self, const box_limits_t *limits, int axis) {
    const box_points_t *data = self->data;
    const double *x = box_axis(data, axis);
    double n_in = 0, n_out = 0, in = 0, out = 0, squares = 0;
    refill(self, limits, axis);
    for (size_t i = 0; i < data->n; i++) {
        if (!self->in[i]) continue;
        double y = data->y[i];
        bool within = is_within(&limits[axis], x[i]);
        *(within ? &n_in : &n_out) += 1;
        *(within ? &in : &out) += y;
        squares += y * y;
    }
    double n = n_in + n_out, mean = (in + out) / n, variance = squares / n - mean * mean;
    if (n_in == 0 || n_out == 0 || !(variance > 0)) return 0;
    return (in / n_in - out / n_out) / sqrt(variance * (1 / n_in + 1 / n_out));
}

static bool is_limited(const box_limits_t *limits) {
    return !isnan(limits->low) || !isnan(limits->high);
}

static void drop_idle_limits(box_t *self, box_limits_t *limits) {
    double least = sqrt(2 * elementary_log(fmax(self->n_looked, 2)));
    for (;;) {
        double fewest = least;
        int idle = -1;
        for (int a = 0; a < self->data->n_axes; a++) {
            double errors = is_limited(&limits[a]) ? errors_of(self, limits, a) : INFINITY;
            if (errors < fewest) fewest = errors, idle = a;
        }
        if (idle < 0) return;
        limits[idle] = (box_limits_t){NAN, NAN};
    }
}

/* ---- a box ------------------------------------------------------------------------------------------ */

static int box_init(box_t *self, const box_points_t *data, const bool *taken) {
    size_t cells = (size_t)data->n_axes * data->n;
    *self = (box_t){.data = data, .taken = taken};
    self->in = mem_alloc(data->n + 1, sizeof *self->in);
    self->order = mem_alloc(cells + 1, sizeof *self->order);
    self->limits = mem_alloc((size_t)data->n_axes + 1, sizeof *self->limits);
    if (!self->in || !self->order || !self->limits) return ERR_NOMEM;
    for (int a = 0; a < data->n_axes; a++) {
        size_t *order = self->order + (size_t)a * data->n;
        for (size_t i = 0; i < data->n; i++) order[i] = i;
        if (data->n)
            qsort_r(order, data->n, sizeof *order, box_by_value, (void *)(data->x + (size_t)a * data->n));
        self->limits[a] = (box_limits_t){NAN, NAN};
    }
    for (size_t i = 0; i < data->n; i++) self->total += data->y[i];
    refill(self, self->limits, -1);
    return 0;
}

int prim_find(const box_points_t *data, prim_aim_t aim, size_t least, bool *taken, box_found_t *box) {
    box_t self;
    int ret = box_init(&self, data, taken);
    if (ret < 0) goto out;
    for (int a = 0; a < data->n_axes; a++) box->limits[a] = (box_limits_t){NAN, NAN};
    if (self.n > 0) peel_all(&self, aim, least, box->limits);
    drop_idle_limits(&self, box->limits);
    refill(&self, box->limits, -1);
    box->n = self.n;
    box->density = self.n ? self.sum / (double)self.n : NAN;
    box->coverage = self.total > 0 ? self.sum / self.total : NAN;
    box->n_limited = 0;
    for (int a = 0; a < data->n_axes; a++) box->n_limited += is_limited(&box->limits[a]);
    for (size_t i = 0; i < data->n; i++) taken[i] |= self.in[i];
out:
    mem_free(self.in);
    mem_free(self.order);
    mem_free(self.limits);
    return ret;
}
