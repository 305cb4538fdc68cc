/* Sine, cosine and arc sine. The argument is reduced by multiples of pi/2 in three parts (Cody and Waite,
 * "Software Manual for the Elementary Functions", 1980), what is left goes into the series. */
#include "base/math/elementary.h"

#define FURTHEST 1e5
/* pi/2 in three parts, the first two of 33 bits, which 16 bits multiply exactly; and in two doubles. */
#define QUARTER_HIGH 0x1.921fb544p+0
#define QUARTER_MIDDLE 0x1.0b4611a6p-34
#define QUARTER_LOW 0x1.3198a2e037073p-69
#define HALF_PI 0x1.921fb54442d18p+0
#define HALF_PI_LOW 0x1.1a62633145c07p-54

/* An angle as quarters of a turn and what is left, up to pi/4, as two doubles. */
typedef struct {
    unsigned quarters; /* 0 to 3 */
    double r, low;
} angle_t;

static angle_t reduce(double x) {
    double n = x * (2 / M_PI) + ELEMENTARY_TO_INTEGER;
    unsigned quarters = (unsigned)(elementary_bits(n) & 3);
    n -= ELEMENTARY_TO_INTEGER;
    double rest = x - n * QUARTER_HIGH, middle = n * QUARTER_MIDDLE, r = rest - middle;
    return (angle_t){quarters, r, ((rest - r) - middle) - n * QUARTER_LOW};
}

/* sum of c[k] z^k */
static double polynomial(const double *c, int n, double z) {
    double sum = c[n - 1];
    for (int k = n - 2; k >= 0; k--) sum = sum * z + c[k];
    return sum;
}

static double sine(double r, double low) {
    static const double c[] = {
        -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
        -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
    double z = r * r;
    return r + (r * z * polynomial(c, 8, z) + low * (1 - z / 2));
}

static double cosine(double r, double low) {
    static const double c[] = {
        1.0 / 24,        -1.0 / 720,         1.0 / 40320,          -1.0 / 3628800,
        1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000, -1.0 / 6402373705728000};
    double z = r * r, most = 1 - z / 2;
    return most + (((1 - most) - z / 2) + (z * z * polynomial(c, 8, z) - r * low));
}

double elementary_sin(double x) {
    if (!(fabs(x) <= FURTHEST)) return NAN;
    if (fabs(x) < 0x1p-27) return x; /* with the sign of its zero */
    angle_t a = reduce(x);
    double size = a.quarters & 1 ? cosine(a.r, a.low) : sine(a.r, a.low);
    return a.quarters & 2 ? -size : size;
}

double elementary_cos(double x) {
    if (!(fabs(x) <= FURTHEST)) return NAN;
    angle_t a = reduce(x);
    double size = a.quarters & 1 ? sine(a.r, a.low) : cosine(a.r, a.low);
    return (a.quarters + 1) & 2 ? -size : size;
}

/* (asin x - x) / x^3 of z = x^2 up to 1/4 */
static double asin_rest(double z) {
    return polynomial(elementary_asin_table, ELEMENTARY_ASIN_TERMS, z);
}

double elementary_asin(double x) {
    double size = fabs(x);
    if (!(size <= 1)) return NAN;
    if (size < 0x1p-27) return x;
    if (size <= 0.5) return x + x * (x * x * asin_rest(x * x));
    /* pi/2 - 2 asin of the root, which is kept as two doubles */
    double z = (1 - size) / 2, root = sqrt(z), s = elementary_upper(root);
    double low = z > 0 ? (z - s * s) / (root + s) : 0, most = HALF_PI - 2 * s;
    double rest = ((HALF_PI - most) - 2 * s) + (HALF_PI_LOW - 2 * (low + root * (z * asin_rest(z))));
    return copysign(most + rest, x);
}
