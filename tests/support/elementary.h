/* Elementary functions against MPFR: how far a result is from the exact one, over ranges of arguments. */
#ifndef ENTENTE_TESTS_ELEMENTARY_H
#define ENTENTE_TESTS_ELEMENTARY_H

#include "base/math/elementary.h"
#include "base/rng.h"
#include "support/check.h"

#include <mpfr.h>
#include <stdio.h>

/* Arguments: from low to high evenly or, `by_bits`, so that all exponents in between are as frequent. */
typedef struct {
    const char *name;
    double (*function)(double);
    int (*exact)(mpfr_t, const mpfr_t, mpfr_rnd_t);
    double bound; /* ulp */
    double low, high;
    bool by_bits; /* of one sign */
} range_t;

static inline double elementary_exp_called(double x) {
    return elementary_exp(x);
}
static inline double elementary_log_called(double x) {
    return elementary_log(x);
}

#define EXP elementary_exp_called, mpfr_exp
#define LOG elementary_log_called, mpfr_log
/* Besides the whole of each function where they are hardest: around 0 or 1, at the ends of their tables'
 * cells, at the thresholds, near multiples of pi/2. */
static const range_t ranges[] = {
    {"exp", EXP, 0.52, -708, 708, false},
    {"exp", EXP, 0.52, -1, 1, false},
    {"exp", EXP, 0.52, 1e-300, 1, true},
    {"exp", EXP, 0.52, -1e-300, -1, true},
    {"exp", EXP, 0.52, 0x1.62e42fefa39efp-9 - 1e-12, 0x1.62e42fefa39efp-9 + 1e-12, false},
    {"exp", EXP, 0.52, 708, 709.782712893384, false},
    {"exp", EXP, 0.52, -708, -699, false},
    {"exp", EXP, 0.76, -745.2, -708, false},
    {"log", LOG, 0.52, 0x1p-1074, 0x1p-1022, true},
    {"log", LOG, 0.86, 0x1p-1022, 0x1.fffffffffffffp1023, true},
    {"log", LOG, 0.86, 0, 2, false},
    {"log", LOG, 0.86, 0.97, 1.03, false},
    {"log", LOG, 0.52, 1 - 0x1p-9, 1 + 0x1p-8, false},
    {"log", LOG, 0.86, 1 - 0x1p-9 - 1e-9, 1 - 0x1p-9 + 1e-9, false},
    {"log", LOG, 0.86, 1 + 0x1p-8 - 1e-9, 1 + 0x1p-8 + 1e-9, false},
    {"log1p", elementary_log1p, mpfr_log1p, 0.86, -1 + 0x1p-53, 4, false},
    {"log1p", elementary_log1p, mpfr_log1p, 0.86, -0.03, 0.03, false},
    {"log1p", elementary_log1p, mpfr_log1p, 0.86, 0x1p-1074, 0x1.fffffffffffffp1023, true},
    {"log1p", elementary_log1p, mpfr_log1p, 0.86, -0x1p-1074, -1 + 0x1p-53, true},
    {"expm1", elementary_expm1, mpfr_expm1, 0.54, -45, 709.782712893384, false},
    {"expm1", elementary_expm1, mpfr_expm1, 0.54, -1, 1, false},
    {"expm1", elementary_expm1, mpfr_expm1, 0.54, 0x1p-1074, 700, true},
    {"expm1", elementary_expm1, mpfr_expm1, 0.54, -0x1p-1074, -700, true},
    {"sin", elementary_sin, mpfr_sin, 0.86, -1e5, 1e5, false},
    {"sin", elementary_sin, mpfr_sin, 0.86, -3.2, 3.2, false},
    {"sin", elementary_sin, mpfr_sin, 0.86, 0x1p-1022, 1, true},
    {"sin", elementary_sin, mpfr_sin, 0.86, M_PI - 1e-9, M_PI + 1e-9, false},
    {"cos", elementary_cos, mpfr_cos, 0.86, -1e5, 1e5, false},
    {"cos", elementary_cos, mpfr_cos, 0.86, -3.2, 3.2, false},
    {"cos", elementary_cos, mpfr_cos, 0.86, M_PI_2 - 1e-9, M_PI_2 + 1e-9, false},
    {"asin", elementary_asin, mpfr_asin, 0.72, -1, 1, false},
    {"asin", elementary_asin, mpfr_asin, 0.72, 0x1p-1022, 1, true},
    {"asin", elementary_asin, mpfr_asin, 0.72, 0.5 - 1e-9, 0.5 + 1e-9, false},
};
#undef EXP
#undef LOG
enum { N_RANGES = sizeof ranges / sizeof *ranges };

static inline double range_argument(const range_t *range, rng_stream_t *stream) {
    double u = rng_stream_unit(stream);
    if (!range->by_bits) return range->low + (range->high - range->low) * u;
    double low = (double)(int64_t)elementary_bits(fabs(range->low)),
           high = (double)(int64_t)elementary_bits(fabs(range->high));
    return copysign(elementary_double((uint64_t)(low + (high - low) * u)), range->low);
}

/* Distance from the exact result in units of the last place there. */
static inline double range_error(const range_t *range, double x, mpfr_t exact, mpfr_t work) {
    double got = range->function(x);
    mpfr_set_d(work, x, MPFR_RNDN);
    range->exact(exact, work, MPFR_RNDN);
    if (mpfr_zero_p(exact)) return got == 0 ? 0 : INFINITY;
    long exponent = mpfr_get_exp(exact) - 53;
    mpfr_sub_d(work, exact, got, MPFR_RNDN);
    mpfr_mul_2si(work, work, -(exponent < -1074 ? -1074 : exponent), MPFR_RNDN);
    return fabs(mpfr_get_d(work, MPFR_RNDU));
}

/* The largest error of `n` arguments of a range is below its bound, and is shown. */
static inline void range_check(int which, long n) {
    const range_t *range = &ranges[which];
    rng_stream_t stream;
    mpfr_t exact, work;
    double worst = 0, at = 0;
    rng_stream_init(&stream, rng_key_text((uint64_t)which + 1, "elementary"), 0);
    mpfr_inits2(160, exact, work, (mpfr_ptr)NULL);
    for (long i = 0; i < n; i++) {
        double x = range_argument(range, &stream), error = range_error(range, x, exact, work);
        if (!(error <= worst)) worst = error, at = x;
    }
    mpfr_clears(exact, work, (mpfr_ptr)NULL);
    printf("%-6s %12.4g to %12.4g%s: %.4f ulp at %a\n", range->name, range->low, range->high,
           range->by_bits ? " by exponent" : "", worst, at);
    if (!(worst <= range->bound)) fail_msg("%s(%a) is wrong by %.4f ulp", range->name, at, worst);
}

#endif
