/* Elementary functions of many arguments: the operations of the functions of one argument on vectors, so
 * that each result has the same bits. With AVX2 four arguments are computed together, or one by one if any
 * of the four is a special case; vectors of two would not be faster. */
#include "base/math/elementary.h"

#include <stdbool.h>
#include <string.h>

typedef double one_t(double x);

static inline void one_by_one(one_t *one, double *out, const double *x, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = one(x[i]);
}

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2"))) static inline

enum { LANES = 4 };
typedef double reals_t __attribute__((vector_size(LANES * sizeof(double))));
typedef uint64_t words_t __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* Four arguments to four results; false if any is a special case. */
typedef bool four_t(double *out, const double *x);

WIDE bool any(words_t which) {
    return (which[0] | which[1] | which[2] | which[3]) != 0;
}

WIDE bool exp_four(double *out, const double *in) {
    reals_t x;
    memcpy(&x, in, sizeof x);
    const words_t size = (words_t)x & ~(UINT64_C(1) << 63);
    if (any((words_t)(size >= elementary_bits(ELEMENTARY_EXP_NEAR)))) return false;
    reals_t steps = x * ELEMENTARY_STEPS + ELEMENTARY_TO_INTEGER, tail;
    const words_t n = (words_t)steps, at = n % ELEMENTARY_PLACES;
    steps -= ELEMENTARY_TO_INTEGER;
    const reals_t r = (x - steps * ELEMENTARY_STEP_HIGH) - steps * ELEMENTARY_STEP_LOW, square = r * r;
    words_t bits;
    for (int l = 0; l < LANES; l++) {
        bits[l] = elementary_exp_table[at[l]].scale;
        tail[l] = elementary_exp_table[at[l]].tail;
    }
    const reals_t scale = (reals_t)(bits + (n << 45));
    const reals_t rest = square * ((0.5 + r * (1.0 / 6)) + square * (1.0 / 24 + r * (1.0 / 120)));
    const reals_t result = scale + scale * ((tail + r) + rest);
    memcpy(out, &result, sizeof result);
    return true;
}

WIDE reals_t log_sum(words_t bits, reals_t *r, reals_t *lost) {
    const words_t above = bits - ELEMENTARY_LEAST_SIGNIFICAND, at = (above >> 45) % ELEMENTARY_PLACES;
    const reals_t significand = (reals_t)(bits - (above & ELEMENTARY_EXPONENT));
    reals_t place, inverse, high, low;
    for (int l = 0; l < LANES; l++) {
        place[l] = elementary_log_table[at[l]].place;
        inverse[l] = elementary_log_table[at[l]].inverse;
        high[l] = elementary_log_table[at[l]].high;
        low[l] = elementary_log_table[at[l]].low;
    }
    /* 2^52 + 2048 + the exponent, which is between -2048 and 2047 */
    const words_t biased = ((above >> 52) ^ 2048) | elementary_bits(0x1p52);
    const reals_t exponent = (reals_t)biased - (0x1p52 + 2048);
    *r = (significand - place) * inverse;
    high += exponent * ELEMENTARY_LN2_HIGH;
    const reals_t sum = high + *r;
    *lost = ((high - sum) + *r) + (exponent * ELEMENTARY_LN2_LOW + low);
    return sum;
}

WIDE reals_t log_rest(reals_t r) {
    const reals_t square = r * r;
    return square * ((-0.5 + r * (1.0 / 3)) +
                     square * ((-0.25 + r * (1.0 / 5)) + square * (-1.0 / 6 + r * (1.0 / 7))));
}

WIDE bool log_four(double *out, const double *in) {
    words_t bits;
    memcpy(&bits, in, sizeof bits);
    if (any((words_t)(bits - ELEMENTARY_LEAST >= ELEMENTARY_NORMALS))) return false;
    reals_t r, lost;
    const reals_t sum = log_sum(bits, &r, &lost), result = sum + (lost + log_rest(r));
    memcpy(out, &result, sizeof result);
    return true;
}

WIDE bool log1p_four(double *out, const double *in) {
    reals_t x, r, low;
    memcpy(&x, in, sizeof x);
    if (any((words_t)(x <= -1.0) | (words_t)(x == 0.0) | ~(words_t)(x < INFINITY))) return false;
    const reals_t whole = 1 + x, of_x = whole - 1, lost = (1 - (whole - of_x)) + (x - of_x);
    const reals_t sum = log_sum((words_t)whole, &r, &low);
    const reals_t result = sum + ((low + lost / whole) + log_rest(r));
    memcpy(out, &result, sizeof result);
    return true;
}

WIDE void by_four(four_t *four, one_t *one, double *out, const double *x, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        if (!four(out + i, x + i)) one_by_one(one, out + i, x + i, LANES);
    one_by_one(one, out + i, x + i, n - i);
}

#define FUNCTION_N(name)                                                                              \
    __attribute__((target("avx2"))) static void name##_wide(double *out, const double *x, size_t n) { \
        by_four(name##_four, elementary_##name, out, x, n);                                           \
    }                                                                                                 \
    void elementary_##name##_n(double *out, const double *x, size_t n) {                              \
        if (__builtin_cpu_supports("avx2"))                                                           \
            name##_wide(out, x, n);                                                                   \
        else                                                                                          \
            one_by_one(elementary_##name, out, x, n);                                                 \
    }
#else
#define FUNCTION_N(name)                                                 \
    void elementary_##name##_n(double *out, const double *x, size_t n) { \
        one_by_one(elementary_##name, out, x, n);                        \
    }
#endif
FUNCTION_N(exp)
FUNCTION_N(log)
FUNCTION_N(log1p)
