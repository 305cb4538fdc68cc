#include "stats/design/design.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "base/sobol.h"
#include "model/renamed.h"
#include <math.h>
#include <string.h>

const char *const design_names[DESIGN_N] = {"none",  "grid",     "random", "latin",
                                            "sobol", "saltelli", "morris", "list"};

bool design_needs_all(design_t design) {
    return design == DESIGN_SALTELLI || design == DESIGN_MORRIS;
}

/* ---- axes ------------------------------------------------------------------------------------------ */

/* Values to choose from, or as likely at the ends as between them. */
static bool bounded(const sweep_axis_t *axis) {
    return axis->range != SWEEP_DIST || axis->dist.kind == DIST_UNIFORM;
}

double sweep_axis_value(const sweep_axis_t *axis, const param_t *param, double u) {
    const double *p = axis->dist.p;
    double value, low, high;
    switch (axis->range) {
    case SWEEP_VALUES: {
        int i = (int)(u * axis->n_values);
        return axis->values[i < axis->n_values ? i : axis->n_values - 1];
    }
    case SWEEP_LOG_UNIFORM:
        value = u <= 0 ? p[0] : u >= 1 ? p[1] : p[0] * elementary_exp(u * elementary_log(p[1] / p[0]));
        break;
    default:
        dist_support(&axis->dist, &low, &high);
        value = u <= 0 ? low : u >= 1 ? high : dist_quantile(&axis->dist, u);
    }
    return fmin(fmax(value, param->low), param->high);
}

/* ---- the designs in the unit cube -------------------------------------------------------------------- */

typedef struct {
    points_t *points;
    const sweep_axis_t *axes;
    const model_t *model;
    uint64_t key; /* of the seed and the design */
} maker_t;

static double *unit_at(const points_t *points, int point) {
    return points->units + (size_t)point * (size_t)points->n_axes;
}

static rng_stream_t axis_stream(const maker_t *m, int axis, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, renamed_draw(m->key, m->model->params[m->axes[axis].param].path), purpose);
    return stream;
}

static int grid_size(const maker_t *m, int axis) {
    return m->axes[axis].range == SWEEP_VALUES ? m->axes[axis].n_values : m->points->size;
}

static double grid_unit(const sweep_axis_t *axis, int i, int n) {
    if (axis->range == SWEEP_VALUES || n == 1 || !bounded(axis)) return (i + 0.5) / n;
    return (double)i / (n - 1);
}

static int make_grid(const maker_t *m) {
    for (int p = 0; p < m->points->n_points; p++)
        for (int a = m->points->n_axes - 1, rest = p; a >= 0; a--) {
            int n = grid_size(m, a);
            unit_at(m->points, p)[a] = grid_unit(&m->axes[a], rest % n, n);
            rest /= n;
        }
    return 0;
}

static int make_random(const maker_t *m) {
    for (int a = 0; a < m->points->n_axes; a++) {
        rng_stream_t stream = axis_stream(m, a, 0);
        for (int p = 0; p < m->points->n_points; p++) unit_at(m->points, p)[a] = rng_stream_unit(&stream);
    }
    return 0;
}

static int make_latin(const maker_t *m) {
    int n = m->points->n_points, *order = mem_alloc((size_t)n, sizeof *order);
    if (!order) return ERR_NOMEM;
    for (int a = 0; a < m->points->n_axes; a++) {
        rng_stream_t stream = axis_stream(m, a, 0);
        for (int i = 0; i < n; i++) order[i] = i;
        for (int i = n - 1; i > 0; i--) {
            int k = (int)(rng_stream_unit(&stream) * (i + 1)), t = order[i];
            order[i] = order[k];
            order[k] = t;
        }
        for (int p = 0; p < n; p++) unit_at(m->points, p)[a] = (order[p] + rng_stream_unit(&stream)) / n;
    }
    mem_free(order);
    return 0;
}

static int make_sobol(const maker_t *m) {
    if (m->points->n_axes > SOBOL_DIMENSIONS) return make_random(m);
    return sobol_points(m->points->n_axes, m->points->n_points, m->points->units);
}

static int make_saltelli(const maker_t *m) {
    int d = m->points->n_axes, n = m->points->size, ret = 0;
    double *rows = mem_alloc((size_t)n * 2 * (size_t)d, sizeof *rows);
    if (!rows) return ERR_NOMEM;
    if (2 * d <= SOBOL_DIMENSIONS) {
        ret = sobol_points(2 * d, n, rows);
    } else {
        for (int a = 0; a < 2 * d; a++) {
            rng_stream_t stream = axis_stream(m, a % d, (uint64_t)(a / d));
            for (int i = 0; i < n; i++)
                rows[(size_t)i * 2 * (size_t)d + (size_t)a] = rng_stream_unit(&stream);
        }
    }
    for (int i = 0; i < n && !ret; i++) {
        const double *a = rows + (size_t)i * 2 * (size_t)d, *b = a + d;
        for (int k = -2; k < d; k++) { /* A, B, AB_1, ... */
            double *unit = unit_at(m->points, i * (d + 2) + k + 2);
            memcpy(unit, k == -1 ? b : a, (size_t)d * sizeof *unit);
            if (k >= 0) unit[k] = b[k];
        }
    }
    mem_free(rows);
    return ret;
}

/* A trajectory starts at a random level from which a step stays inside, and its axes take their steps in
 * random order, up or down. */
static int make_morris(const maker_t *m) {
    int d = m->points->n_axes, *order = mem_alloc((size_t)d, sizeof *order);
    if (!order) return ERR_NOMEM;
    for (int t = 0; t < m->points->size; t++) {
        rng_stream_t stream;
        rng_stream_init(&stream, m->key, (uint64_t)t);
        double *unit = unit_at(m->points, t * (d + 1));
        for (int a = 0; a < d; a++) {
            unit[a] = (int)(rng_stream_unit(&stream) * MORRIS_LEVELS) / (double)(MORRIS_LEVELS - 1);
            order[a] = a;
        }
        for (int i = d - 1; i > 0; i--) {
            int k = (int)(rng_stream_unit(&stream) * (i + 1)), o = order[i];
            order[i] = order[k];
            order[k] = o;
        }
        for (int i = 0; i < d; i++) {
            double *next = unit + d;
            memcpy(next, unit, (size_t)d * sizeof *unit);
            next[order[i]] += next[order[i]] < 0.5 ? MORRIS_STEP : -MORRIS_STEP;
            unit = next;
        }
    }
    mem_free(order);
    return 0;
}

/* ---- values ---------------------------------------------------------------------------------------- */

#define MORRIS_TAIL 0.025 /* left out at each end of a distribution */

static void set_values(const maker_t *m) {
    points_t *points = m->points;
    for (int p = 0; p < points->n_points; p++)
        for (int a = 0; a < points->n_axes; a++) {
            double u = unit_at(points, p)[a];
            if (points->design == DESIGN_MORRIS && !bounded(&m->axes[a]))
                u = MORRIS_TAIL + (1 - 2 * MORRIS_TAIL) * u;
            points->values[(size_t)p * (size_t)points->n_axes + (size_t)a] =
                sweep_axis_value(&m->axes[a], &m->model->params[m->axes[a].param], u);
        }
}

/* The lower or upper end of an axis, the tails of a distribution without bounds left out. */
static double end_of(const sweep_axis_t *axis, const param_t *param, bool upper) {
    double tail = bounded(axis) ? 0 : MORRIS_TAIL,
           end = sweep_axis_value(axis, param, upper ? 1 - tail : tail);
    for (int v = 0; v < axis->n_values; v++)
        end = upper ? fmax(end, axis->values[v]) : fmin(end, axis->values[v]);
    return end;
}

static int set_probes(const maker_t *m) {
    points_t *points = m->points;
    int d = points->n_axes;
    bool corners = d < 31 && 1 << d <= DESIGN_PROBES;
    points->n_probes = corners ? 1 << d : DESIGN_PROBES;
    points->probes = mem_alloc((size_t)points->n_probes * (size_t)d, sizeof *points->probes);
    if (!points->probes) return ERR_NOMEM;
    for (int a = 0; a < d; a++) {
        const sweep_axis_t *axis = &m->axes[a];
        const param_t *param = &m->model->params[axis->param];
        rng_stream_t stream; /* not of the seed: blocks do not follow it */
        rng_stream_init(&stream, renamed_draw(0, param->path), 0);
        for (int p = 0; p < points->n_probes; p++)
            points->probes[p * d + a] = corners ? end_of(axis, param, p >> a & 1)
                                                : sweep_axis_value(axis, param, rng_stream_unit(&stream));
    }
    return 0;
}

static double count_points(const maker_t *m) {
    double n = m->points->size;
    switch (m->points->design) {
    case DESIGN_GRID:
        n = 1;
        for (int a = 0; a < m->points->n_axes; a++) n *= grid_size(m, a);
        return n;
    case DESIGN_SALTELLI:
        return n * (m->points->n_axes + 2);
    case DESIGN_MORRIS:
        return n * (m->points->n_axes + 1);
    default:
        return n;
    }
}

static int allocate(points_t *self, int n_points, bool units) {
    size_t cells = (size_t)n_points * (size_t)self->n_axes;
    self->n_points = n_points;
    self->values = mem_alloc(cells, sizeof *self->values);
    self->units = units ? mem_alloc(cells, sizeof *self->units) : NULL;
    return self->values && (self->units || !units) ? 0 : ERR_NOMEM;
}

int points_make(points_t *self, design_t design, int size, int n_axes, const sweep_axis_t *axes,
                const model_t *model, uint64_t seed, fault_t *err) {
    static int (*const makers[DESIGN_N])(const maker_t *m) = {
        [DESIGN_GRID] = make_grid,   [DESIGN_RANDOM] = make_random,     [DESIGN_LATIN] = make_latin,
        [DESIGN_SOBOL] = make_sobol, [DESIGN_SALTELLI] = make_saltelli, [DESIGN_MORRIS] = make_morris};
    *self = (points_t){.design = design, .size = size, .n_axes = n_axes};
    maker_t maker = {self, axes, model, rng_key_text(rng_key_number(0, seed), design_names[design])};
    double n_points = count_points(&maker);
    if (n_points > DESIGN_POINTS_MOST)
        return error_set(err, ERR_USAGE, "the design has %.0f points; %d are the most", n_points,
                         DESIGN_POINTS_MOST);
    self->params = mem_alloc((size_t)n_axes, sizeof *self->params);
    int ret = self->params ? allocate(self, (int)n_points, true) : ERR_NOMEM;
    if (!ret) ret = makers[design](&maker);
    if (!ret) ret = set_probes(&maker);
    if (ret) {
        points_free(self);
        return error_memory(err);
    }
    for (int a = 0; a < n_axes; a++) self->params[a] = axes[a].param;
    set_values(&maker);
    return 0;
}

void points_free(points_t *self) {
    mem_free(self->params);
    mem_free(self->units);
    mem_free(self->values);
    mem_free(self->probes);
    *self = (points_t){0};
}
