/* Elementary functions that give the same bits on every processor.
 *
 * The exp and log of a C library use different operations on processors with and without fused multiply-add,
 * and in different versions of the library. The functions here are sums and products of doubles in a fixed
 * order, without contraction (-ffp-contract=off), so that every IEEE 754 processor gives the same result.
 * All of sim/ calls these instead of libm's functions, except for operations that IEEE 754 makes exact
 * (sqrt, floor, fabs, ldexp, ...); the test unit.portable checks the objects.
 *
 * Errors are below 1 ulp: exp 0.52 (0.76 where it is subnormal), expm1 0.54, asin 0.72, log, log1p, sin and
 * cos 0.86; tests/unit/long_base_elementary.c measures them against MPFR. Infinities, NaN, signed zeros,
 * overflow and subnormal numbers are as in C's Annex F. exp(0) = 1 and log(1) = 0 are exact, and tests found
 * neither function to decrease from one double to the next.
 *
 * exp and log take a table of 128 places and a short polynomial (Tang, "Table-driven implementation of the
 * exponential function in IEEE floating-point arithmetic", ACM TOMS 15, 1989, and of the logarithm, TOMS 16,
 * 1990). The logarithm's places have a reciprocal that is a double (in the manner of Gal and Bachelis, "An
 * accurate elementary mathematical library for the IEEE floating point standard", TOMS 17, 1991), so that
 * the reduced argument is rounded once, and around 1 it is the argument itself less 1. After the check of
 * the range there is no branch, so several arguments can be computed together: elementary_exp_n and its
 * siblings give the same bits as the function for one argument, at half its cost or less. */
#ifndef ENTENTE_BASE_MATH_ELEMENTARY_H
#define ENTENTE_BASE_MATH_ELEMENTARY_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* 2^(j/128), as bits less those of j/128, and by how much it is too small, relative. */
typedef struct {
    double tail;
    uint64_t scale;
} elementary_exp_t;
/* A place c of a significand, 1/c and log c, the latter as a part of 42 bits after the point and the rest. */
typedef struct {
    double place, inverse, high, low;
} elementary_log_t;

#define ELEMENTARY_PLACES 128
extern const elementary_exp_t elementary_exp_table[ELEMENTARY_PLACES];
extern const elementary_log_t elementary_log_table[ELEMENTARY_PLACES];
#define ELEMENTARY_ASIN_TERMS 13
extern const double elementary_asin_table[ELEMENTARY_ASIN_TERMS]; /* (asin x - x) / x^3 by powers of x^2 */

/* ln 2 / 128 and ln 2: what a number of up to 17 and 11 bits multiplies exactly, and the rest. */
#define ELEMENTARY_STEP_HIGH 0x1.62e42fefc0000p-8
#define ELEMENTARY_STEP_LOW -0x1.c610ca86c3899p-44
#define ELEMENTARY_STEPS 0x1.71547652b82fep+7
#define ELEMENTARY_LN2_HIGH 0x1.62e42fefa3800p-1
#define ELEMENTARY_LN2_LOW 0x1.ef35793c76730p-45

#define ELEMENTARY_EXP_NEAR 700.0 /* below it all parts of a result are finite and normal */
#define ELEMENTARY_TO_INTEGER \
    0x1.8p52 /* added to it, a number is rounded to an integer, in its lowest bits */
#define ELEMENTARY_LEAST_SIGNIFICAND UINT64_C(0x3fe9500000000000) /* 0.79, in the middle of a cell */
#define ELEMENTARY_EXPONENT UINT64_C(0xfff0000000000000)
#define ELEMENTARY_LEAST \
    UINT64_C(0x0010000000000000) /* the bits of the least normal number, and how many... */
#define ELEMENTARY_NORMALS UINT64_C(0x7fe0000000000000) /* ... positive normal ones there are */

static inline uint64_t elementary_bits(double x) {
    const union {
        double value;
        uint64_t bits;
    } two = {x};
    return two.bits;
}

static inline double elementary_double(uint64_t bits) {
    const union {
        uint64_t bits;
        double value;
    } two = {bits};
    return two.value;
}

/* x without the lower half of its significand. */
static inline double elementary_upper(double x) {
    return elementary_double(elementary_bits(x) & UINT64_C(0xfffffffff8000000));
}

/* exp where it overflows, underflows or is subnormal, log of what is not a positive normal number. */
double elementary_exp_far(double x);
double elementary_log_far(double x);

/* exp(r) - 1 - r and log(1 + r) - r for |r| up to 1/256, by their series. */
static inline double elementary_exp_rest(double r) {
    double square = r * r;
    return square * ((0.5 + r * (1.0 / 6)) + square * (1.0 / 24 + r * (1.0 / 120)));
}

static inline double elementary_log_rest(double r) {
    double square = r * r;
    return square * ((-0.5 + r * (1.0 / 3)) +
                     square * ((-0.25 + r * (1.0 / 5)) + square * (-1.0 / 6 + r * (1.0 / 7))));
}

/* exp(x) / 2^shift. */
static inline double elementary_exp_of(double x, int shift) {
    double steps = x * ELEMENTARY_STEPS + ELEMENTARY_TO_INTEGER;
    uint64_t n = elementary_bits(steps);
    steps -= ELEMENTARY_TO_INTEGER;
    double r = (x - steps * ELEMENTARY_STEP_HIGH) - steps * ELEMENTARY_STEP_LOW;
    const elementary_exp_t *place = &elementary_exp_table[n % ELEMENTARY_PLACES];
    double scale = elementary_double(place->scale + (n << 45) - ((uint64_t)shift << 52));
    return scale + scale * ((place->tail + r) + elementary_exp_rest(r));
}

/* Of the positive normal number of those bits and its exponent less `shift`: log = sum + (lost +
 * log_rest(r)). */
static inline double elementary_log_sum(uint64_t bits, int shift, double *r, double *lost) {
    uint64_t above = bits - ELEMENTARY_LEAST_SIGNIFICAND;
    double exponent = (double)(((int64_t)above >> 52) - shift);
    double significand = elementary_double(bits - (above & ELEMENTARY_EXPONENT));
    const elementary_log_t *place = &elementary_log_table[(above >> 45) % ELEMENTARY_PLACES];
    *r = (significand - place->place) * place->inverse;
    double high = exponent * ELEMENTARY_LN2_HIGH + place->high, sum = high + *r;
    *lost = ((high - sum) + *r) + (exponent * ELEMENTARY_LN2_LOW + place->low);
    return sum;
}

static inline double elementary_log_of(uint64_t bits, int shift) {
    double r, lost, sum = elementary_log_sum(bits, shift, &r, &lost);
    return sum + (lost + elementary_log_rest(r));
}

static inline double elementary_exp(double x) {
    return __builtin_expect(fabs(x) < ELEMENTARY_EXP_NEAR, 1) ? elementary_exp_of(x, 0)
                                                              : elementary_exp_far(x);
}

static inline double elementary_log(double x) {
    uint64_t bits = elementary_bits(x);
    return __builtin_expect(bits - ELEMENTARY_LEAST < ELEMENTARY_NORMALS, 1) ? elementary_log_of(bits, 0)
                                                                             : elementary_log_far(x);
}

double elementary_log1p(double x); /* log(1 + x) */
double elementary_expm1(double x); /* exp(x) - 1 */

/* Each of x[0..n) into out[0..n), which may be x itself. */
void elementary_exp_n(double *out, const double *x, size_t n);
void elementary_log_n(double *out, const double *x, size_t n);
void elementary_log1p_n(double *out, const double *x, size_t n);

/* For |x| up to 10^5 (NaN beyond), and for |x| up to 1. */
double elementary_sin(double x);
double elementary_cos(double x);
double elementary_asin(double x);

/* The largest n with 10^n <= x, 0 unless x is positive and finite; and 10^n, for |n| <= 22 the double nearest
 * to it. Neither is meant to be fast. */
int elementary_decade(double x);
double elementary_power_of_ten(int n);

#endif
