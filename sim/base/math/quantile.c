#include "base/math/quantile.h"

#include "base/math/elementary.h"
#include <assert.h>
#include <float.h>
#include <stdbool.h>

#define HALF_LOG_2PI 0x1.d67f1c864beb5p-1
#define ENOUGH (DBL_EPSILON / 8)        /* a term of a sum that changes nothing */
#define ENOUGH_FACTOR (2 * DBL_EPSILON) /* a factor's distance from 1 that rounding makes */
#define MOST_TERMS 10000000
#define MOST_STEPS 200

/* ---- normal ----------------------------------------------------------------------------------------- */

/* (c0 + c1 r + ...) / (1 + d1 r + ...) */
static double ratio(const double c[8], const double d[7], double r) {
    double above = c[7], below = d[6];
    for (int k = 6; k >= 0; k--) above = above * r + c[k];
    for (int k = 5; k >= 0; k--) below = below * r + d[k];
    return above / (below * r + 1);
}

double quantile_normal(double u) {
    static const double
        middle[8] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                     3.3430575583588128105e4, 2.5090809287301226727e3},
        middle_below[7] = {4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                           2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
                           5.2264952788528545610e3},
        tail[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                   3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                   2.27238449892691845833e-2, 7.74545014278341407640e-4},
        tail_below[7] = {2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1,
                         1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                         1.05075007164441684324e-9},
        far[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                  2.71155556874348757815e-5, 2.01033439929228813265e-7},
        far_below[7] = {5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
                        2.04426310338993978564e-15};
    double off = u - 0.5;
    if (fabs(off) <= 0.425) return off * ratio(middle, middle_below, 0.180625 - off * off);
    double r = sqrt(-elementary_log(off < 0 ? u : 1 - u));
    double x = r <= 5 ? ratio(tail, tail_below, r - 1.6) : ratio(far, far_below, r - 5);
    return off < 0 ? -x : x;
}

/* ---- what a tail is made of ------------------------------------------------------------------------- */

/* log(1 + x) - x; `log_whole` is log(1 + x), for where it is not small. */
static double log1p_less(double x, double log_whole) {
    if (!(fabs(x) < 0.3)) return log_whole - x;
    /* log(1 + x) = 2 artanh(s), and 2 s - x = -s x */
    double s = x / (2 + x), square = s * s, sum = 0;
    for (int k = 23; k >= 3; k -= 2) sum = sum * square + 1.0 / k;
    return 2 * s * square * sum - s * x;
}

/* log of the gamma function of a + 1, less Stirling's (a + 1/2) log a - a + log(2 pi) / 2. */
static double stirling_lack(double a) {
    static const double c[] = {1.0 / 12,   -1.0 / 360,        1.0 / 1260,  -1.0 / 1680,
                               1.0 / 1188, -691.0 / 360360.0, 1.0 / 156.0, -3617.0 / 122400.0};
    double product = 1, from = a;
    if (a < 8)
        for (int k = 1; k <= 8; k++) product *= ++from;
    double inverse = 1 / from, square = inverse * inverse, sum = 0;
    for (int k = 7; k >= 0; k--) sum = sum * square + c[k];
    sum *= inverse;
    if (from == a) return sum;
    return sum + (from + 0.5) * elementary_log(from) - 8 - elementary_log(product) -
           (a + 0.5) * elementary_log(a);
}

/* A law at y: the log of its density in y and that one's derivative, and one of its tails over the density.
 */
typedef struct {
    double log_density, drift;
    double tail_ratio;
    bool is_lower;
} look_t;

/* What of a law does not depend on y. */
typedef struct law {
    double a, b;
    double log_a, log_b; /* log a; for beta of the means a / (a + b) and b / (a + b) */
    double log_factor;
    look_t (*at)(const struct law *self, double y);
} law_t;

/* The probability below or above; its logarithm in *log_p. */
static double tail(const look_t *look, bool lower, double *log_p) {
    *log_p = look->log_density + elementary_log(look->tail_ratio);
    double p = elementary_exp(*log_p);
    if (look->is_lower == lower) return p;
    p = fmax(1 - p, DBL_MIN);
    *log_p = elementary_log(p);
    return p;
}

/* Where the probability below is u, from y on. */
static double solve(const law_t *law, double u, double y) {
    assert(u > 0 && u < 1);
    bool lower = u <= 0.5;
    double log_aim = elementary_log(lower ? u : 1 - u);
    double most = 1; /* how far it may move: the first guess is near, or very far */
    for (int step = 0; step < MOST_STEPS; step++) {
        look_t look = law->at(law, y);
        double log_p, p = tail(&look, lower, &log_p);
        /* the slope of log p, and half of its curvature over the slope */
        double slope = look.is_lower == lower ? 1 / look.tail_ratio : elementary_exp(look.log_density) / p;
        double bend = (look.drift - (lower ? slope : -slope)) / 2;
        double newton = (log_p - log_aim) / (lower ? slope : -slope);
        double move = newton / fmax(0.5, 1 - newton * bend);
        move = fmin(most, fmax(-most, move));
        most *= 2;
        y -= move;
        if (fabs(move) * (slope + fabs(bend) + 1) < 1e-6)
            break; /* the next move would be of the third order */
    }
    return y;
}

/* ---- gamma: y = log x ------------------------------------------------------------------------------- */

static look_t gamma_at(const law_t *self, double y) {
    double a = self->a, x = elementary_exp(y), off = x - a;
    look_t look = {.log_density = self->log_factor + a * log1p_less(off / a, y - self->log_a),
                   .drift = -off,
                   .is_lower = x < a + 1};
    if (look.is_lower) {
        double sum = 1, term = 1;
        for (int n = 1; n < MOST_TERMS && term > ENOUGH * sum; n++) sum += term *= x / (a + n);
        look.tail_ratio = sum / a;
        return look;
    }
    /* the continued fraction by Lentz's way (Numerical Recipes, 5.2) */
    double b = x + 1 - a, c = INFINITY, d = 1 / b, h = d;
    for (int n = 1; n < MOST_TERMS; n++) {
        double numerator = n * (a - n), factor;
        b += 2;
        d = 1 / (b + numerator * d);
        c = b + numerator / c;
        h *= factor = c * d;
        if (fabs(factor - 1) <= ENOUGH_FACTOR) break;
    }
    look.tail_ratio = h;
    return look;
}

static law_t gamma_law(double shape) {
    double log_a = elementary_log(shape);
    return (law_t){.a = shape,
                   .log_a = log_a,
                   .log_factor = log_a / 2 - HALF_LOG_2PI - stirling_lack(shape),
                   .at = gamma_at};
}

double quantile_gamma(double shape, double u) {
    law_t law = gamma_law(shape);
    /* Wilson and Hilferty's cube of a normal number; where that is none, what holds near 0 */
    double c = 1 / (9 * shape), root = 1 - c + quantile_normal(u) * sqrt(c);
    double y = root > 0.1 ? law.log_a + 3 * elementary_log(root)
                          : (elementary_log(u * shape) - law.log_factor) / shape + law.log_a - 1;
    return elementary_exp(solve(&law, u, y));
}

double quantile_tail_gamma(double shape, double x) {
    assert(x >= 0);
    if (x == 0 || x == INFINITY) return x == 0;
    law_t law = gamma_law(shape);
    look_t look = law.at(&law, elementary_log(x));
    double log_p;
    return tail(&look, false, &log_p);
}

double quantile_tail_normal_two_sided(double x) {
    return isnan(x) ? NAN : quantile_tail_gamma(0.5, x * x / 2);
}

/* ---- beta: y = log(x / (1 - x)) --------------------------------------------------------------------- */

/* The continued fraction of the lower tail of beta(a, b) at x (Numerical Recipes, 6.4), over a. */
static double beta_fraction(double a, double b, double x) {
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
    for (int n = 1; n < MOST_TERMS; n++) {
        double m = n, even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
               odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), factor;
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        h *= c * d;
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        h *= factor = c * d;
        if (fabs(factor - 1) <= ENOUGH_FACTOR) break;
    }
    return h / a;
}

static look_t beta_at(const law_t *self, double y) {
    double a = self->a, b = self->b, small = elementary_exp(-fabs(y)), share = 1 / (1 + small);
    double x = y > 0 ? share : small * share, rest = y > 0 ? small * share : share;
    double log_share = -elementary_log1p(small), log_x = y > 0 ? log_share : y + log_share;
    double log_rest = y > 0 ? log_share - y : log_share, off = b * x - a * rest;
    look_t look = {.log_density = self->log_factor + a * log1p_less(off / a, log_x - self->log_a) +
                                  b * log1p_less(-off / b, log_rest - self->log_b),
                   .drift = -off,
                   .is_lower = x < (a + 1) / (a + b + 2)};
    look.tail_ratio = look.is_lower ? beta_fraction(a, b, x) : beta_fraction(b, a, rest);
    return look;
}

/* The logarithm of the quantile's odds. */
static double log_odds_beta(double a, double b, double u) {
    double n = a + b;
    law_t law = {.a = a,
                 .b = b,
                 .log_a = elementary_log(a / n),
                 .log_b = elementary_log(b / n),
                 .log_factor = elementary_log(a * (b / n)) / 2 - HALF_LOG_2PI + stirling_lack(n) -
                               stirling_lack(a) - stirling_lack(b),
                 .at = beta_at};
    double y = law.log_a - law.log_b + quantile_normal(u) * sqrt(1 / a + 1 / b);
    return solve(&law, u, y);
}

double quantile_beta(double a, double b, double u) {
    return 1 / (1 + elementary_exp(-log_odds_beta(a, b, u)));
}

double quantile_t(double degrees, double u) {
    if (u == 0.5) return 0;
    double beyond = 2 * fmin(u, 1 - u); /* degrees / (degrees + t^2) is a beta(degrees / 2, 1/2) */
    double size = sqrt(degrees) * elementary_exp(-log_odds_beta(degrees / 2, 0.5, beyond) / 2);
    return u < 0.5 ? -size : size;
}
