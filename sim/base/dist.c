#include "base/dist.h"

#include "base/math/elementary.h"
#include "base/math/quantile.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>

static const struct {
    const char *keyword;
    const char *params[DIST_MAX_PARAMS];
} kinds[DIST_N] = {
#define X(name, keyword, ...) [name] = {keyword, __VA_ARGS__},
    DIST_LIST(X)
#undef X
};

const char *dist_keyword(dist_kind_t kind) {
    return kinds[kind].keyword;
}

const char *dist_param(dist_kind_t kind, int i) {
    return i >= 0 && i < DIST_MAX_PARAMS ? kinds[kind].params[i] : NULL;
}

const char *dist_invalid(const dist_t *self) {
    const double *p = self->p;
    for (int i = 0; i < DIST_MAX_PARAMS && kinds[self->kind].params[i]; i++) {
        if (!isfinite(p[i])) return "every parameter must be a finite number";
    }
    switch (self->kind) {
    case DIST_CONSTANT:
        return NULL;
    case DIST_UNIFORM:
        return p[0] < p[1] ? NULL : "low must be less than high";
    case DIST_NORMAL:
        return p[1] > 0 ? NULL : "sd must be positive";
    case DIST_LOGNORMAL:
        if (!(p[0] > 0)) return "median must be positive";
        return p[1] > 0 ? NULL : "sigma must be positive";
    case DIST_EXPONENTIAL:
        return p[0] > 0 ? NULL : "mean must be positive";
    case DIST_GAMMA:
        if (!(p[0] > 0)) return "mean must be positive";
        return p[1] > 0 ? NULL : "shape must be positive";
    case DIST_BETA:
        if (!(p[0] > 0 && p[0] < 1)) return "mean must lie between 0 and 1";
        return p[1] > 0 ? NULL : "concentration must be positive";
    case DIST_TRIANGULAR:
        if (!(p[0] < p[2])) return "low must be less than high";
        return p[0] <= p[1] && p[1] <= p[2] ? NULL : "mode must lie between low and high";
    case DIST_N:
        break;
    }
    return "unknown distribution";
}

double dist_sample(const dist_t *self, rng_stream_t *stream) {
    return dist_quantile(self, rng_stream_unit(stream));
}

double dist_mean(const dist_t *self) {
    const double *p = self->p;
    switch (self->kind) {
    case DIST_UNIFORM:
        return (p[0] + p[1]) / 2;
    case DIST_LOGNORMAL:
        return p[0] * elementary_exp(p[1] * p[1] / 2);
    case DIST_TRIANGULAR:
        return (p[0] + p[1] + p[2]) / 3;
    default:
        return p[0]; /* the mean is the first parameter */
    }
}

double dist_quantile(const dist_t *self, double u) {
    assert(u > 0 && u < 1);
    const double *p = self->p;
    switch (self->kind) {
    case DIST_CONSTANT:
        return p[0];
    case DIST_UNIFORM:
        return p[0] + (p[1] - p[0]) * u;
    case DIST_NORMAL:
        return p[0] + p[1] * quantile_normal(u);
    case DIST_LOGNORMAL:
        return p[0] * elementary_exp(p[1] * quantile_normal(u));
    case DIST_EXPONENTIAL:
        return -p[0] * elementary_log1p(-u);
    case DIST_GAMMA:
        return p[0] / p[1] * quantile_gamma(p[1], u);
    case DIST_BETA:
        return quantile_beta(p[0] * p[1], (1 - p[0]) * p[1], u);
    case DIST_TRIANGULAR: {
        const double low = p[0], mode = p[1], high = p[2], width = high - low;
        if (u * width <= mode - low) return low + sqrt(u * width * (mode - low));
        return high - sqrt((1 - u) * width * (high - mode));
    }
    case DIST_N:
        break;
    }
    return NAN;
}

/* The least that a stream's numbers are, too. */
#define LEAST_UNIT 0x1p-53

double dist_at_normal(const dist_t *self, double z) {
    const double *p = self->p;
    if (self->kind == DIST_NORMAL) return p[0] + p[1] * z;
    if (self->kind == DIST_LOGNORMAL) return p[0] * elementary_exp(p[1] * z);
    double tail = quantile_tail_normal_two_sided(fabs(z)) / 2;
    return dist_quantile(self, fmin(fmax(z < 0 ? tail : 1 - tail, LEAST_UNIT), 1 - LEAST_UNIT));
}

void dist_support(const dist_t *self, double *low, double *high) {
    const double *p = self->p;
    *low = 0;
    *high = INFINITY;
    switch (self->kind) {
    case DIST_CONSTANT:
        *low = *high = p[0];
        break;
    case DIST_UNIFORM:
        *low = p[0], *high = p[1];
        break;
    case DIST_NORMAL:
        *low = -INFINITY;
        break;
    case DIST_BETA:
        *high = 1;
        break;
    case DIST_TRIANGULAR:
        *low = p[0], *high = p[2];
        break;
    default:
        break;
    }
}
