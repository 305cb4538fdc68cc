#include "stats/rounding.h"

#include <math.h>
#include <string.h>

#define EXACT_STEP 0x1p-10 /* of the summaries' codes when the stored values are exact */
#define EXACT_ERROR 0x1p-11
#define MANTISSA_BITS 23

rounding_t rounding_absolute(double error) {
    rounding_t self = {.exact = !(error > 0)};
    int exponent;
    frexp(2 * error, &exponent); /* 2 error in [2^(exponent-1), 2^exponent) */
    self.step = self.exact ? EXACT_STEP : ldexp(1, exponent - 1);
    self.error = self.step / 2;
    return self;
}

rounding_t rounding_relative(double error) {
    rounding_t self = {.relative = true, .exact = !(error > 0)};
    if (self.exact) error = EXACT_ERROR;
    int exponent;
    frexp(error, &exponent); /* error in [2^(exponent-1), 2^exponent) */
    int shift = MANTISSA_BITS + exponent;
    self.shift = shift < 0 ? 0 : shift > MANTISSA_BITS - 1 ? MANTISSA_BITS - 1 : shift;
    self.error = ldexp(1, self.shift - MANTISSA_BITS - 1);
    return self;
}

int32_t rounding_code(const rounding_t *self, float value) {
    if (!self->relative) return (int32_t)lrint((double)value / self->step);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t half = self->shift ? 1u << (self->shift - 1) : 0;
    int32_t size = (int32_t)(((bits & 0x7fffffffu) + half) >> self->shift);
    return bits >> 31 ? -size : size;
}

float rounding_value(const rounding_t *self, int32_t code) {
    if (!self->relative) return (float)(code * self->step);
    uint32_t bits = (uint32_t)(code < 0 ? -code : code) << self->shift;
    float value;
    memcpy(&value, &bits, sizeof value);
    return code < 0 ? -value : value;
}

float rounding_store(const rounding_t *self, float value) {
    return self->exact || isnan(value) ? value : rounding_value(self, rounding_code(self, value));
}
