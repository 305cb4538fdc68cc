/* What every C test includes: cmocka with the headers it wants first, and checks that show both values. */
#ifndef ENTENTE_TESTS_CHECK_H
#define ENTENTE_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* |got - want| <= tolerance; NaN never passes. */
#define CHECK_NEAR(got, want, tolerance)                                                   \
    do {                                                                                   \
        const double got_ = (got), want_ = (want), tolerance_ = (tolerance);               \
        if (!(fabs(got_ - want_) <= tolerance_)) {                                         \
            fail_msg("%s = %.17g, want %.17g within %.3g", #got, got_, want_, tolerance_); \
        }                                                                                  \
    } while (0)

/* Mean and variance of a sample, one value at a time (Welford 1962). */
typedef struct {
    double n, mean, m2;
} moments_t;

static inline void moments_add(moments_t *self, double x) {
    const double delta = x - self->mean;
    self->n += 1;
    self->mean += delta / self->n;
    self->m2 += delta * (x - self->mean);
}
static inline double moments_var(const moments_t *self) {
    return self->m2 / (self->n - 1);
}

/* The mean of a sample lies within five standard errors of `want`: a right program fails this once in
 * 1.7 million seeds, and a fixed seed never flickers. */
#define CHECK_MEAN_5_SIGMA(moments, want) \
    CHECK_NEAR((moments)->mean, want, 5 * sqrt(moments_var(moments) / (moments)->n) + 1e-300)

/* A share of `n` trials lies within five standard errors of the probability `p`. */
#define CHECK_SHARE_5_SIGMA(hits, n, p) \
    CHECK_NEAR((double)(hits) / (double)(n), p, 5 * sqrt((p) * (1 - (p)) / (double)(n)) + 1e-300)

#endif
