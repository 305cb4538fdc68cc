#include "base/math/elementary.h"

#include <float.h>
#include <stdlib.h>

#ifdef __FAST_MATH__
#error "-ffast-math leaves the order of operations to the compiler: results would differ"
#endif
_Static_assert(FLT_EVAL_METHOD == 0, "intermediate results must be doubles (on x86: -mfpmath=sse)");

double elementary_exp_far(double x) {
    if (isnan(x)) return x + x;
    if (x > 710) return INFINITY;
    if (x < -746) return 0;
    int shift = x > 0 ? 64 : -64;
    return elementary_exp_of(x, shift) * elementary_double((uint64_t)(1023 + shift) << 52);
}

double elementary_log_far(double x) {
    if (x == 0) return -INFINITY;
    if (x < 0) return NAN;
    if (!(x < INFINITY)) return x + x;
    return elementary_log_of(elementary_bits(x * 0x1p54), 54);
}

/* log(1 + x) if neither is 0 and 1 + x is finite. The part of x that 1 + x loses is added to the logarithm
 * as a correction. */
static inline double log1p_near(double x) {
    double whole = 1 + x, of_x = whole - 1, lost = (1 - (whole - of_x)) + (x - of_x);
    double r, low, sum = elementary_log_sum(elementary_bits(whole), 0, &r, &low);
    return sum + ((low + lost / whole) + elementary_log_rest(r));
}

double elementary_log1p(double x) {
    if (x > -1 && x < INFINITY && x != 0) return log1p_near(x);
    return x == -1 ? -INFINITY : x < -1 ? NAN : x + x; /* 0, infinity, NaN */
}

double elementary_expm1(double x) {
    if (!(x < 40)) return elementary_exp(x);
    if (x < -40) return -1;
    if (fabs(x) < 0x1p-54) return x; /* with the sign of its zero */
    double steps = x * ELEMENTARY_STEPS + ELEMENTARY_TO_INTEGER;
    uint64_t n = elementary_bits(steps);
    steps -= ELEMENTARY_TO_INTEGER;
    double whole = x - steps * ELEMENTARY_STEP_HIGH, rest = steps * ELEMENTARY_STEP_LOW, r = whole - rest;
    double r_low = (whole - r) - rest;
    const elementary_exp_t *place = &elementary_exp_table[n % ELEMENTARY_PLACES];
    double scale = elementary_double(place->scale + (n << 45));
    /* scale - 1, scale r, their sum: each as a double and what that lacks */
    double most = scale - 1, part = scale > 1 ? (scale - most) - 1 : scale - (most + 1);
    double product = elementary_upper(scale) * elementary_upper(r),
           product_low =
               elementary_upper(scale) * (r - elementary_upper(r)) + (scale - elementary_upper(scale)) * r;
    double sum = most + product, sum_low = (most - sum) + product;
    double cube = r * r * r, low = r_low + (elementary_exp_rest(r) + cube * cube * (1.0 / 720));
    return sum + (sum_low + part + (product_low + scale * (place->tail * (1 + r) + low)));
}

int elementary_decade(double x) {
    int n = 0;
    if (!(x > 0 && x < INFINITY)) return 0;
    while (x >= elementary_power_of_ten(n + 1)) n++;
    while (x < elementary_power_of_ten(n)) n--;
    return n;
}

double elementary_power_of_ten(int n) {
    double power = 1;
    for (int i = 0; i < abs(n); i++) power *= 10;
    return n < 0 ? 1 / power : power;
}
