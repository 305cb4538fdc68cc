/* Numbers with units, in every dimension, and what is written of them. */
#include "fuzz/fuzz.h"
#include "scenario/units.h"
#include <math.h>

static const double start = 20454;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    double value;
    char *text = fuzz_text(bytes, n), out[64];
    for (int d = 0; d < DIM_N; d++) {
        dimension_t dimension = (dimension_t)d;
        if (units_parse(dimension, text, &value)) {
            fuzz_need(isfinite(value), "a number is finite");
            units_format(dimension, value, start, out, sizeof out);
            units_format(dimension, value, start, out, 5);
            units_expect(dimension, value, value + 1, out, sizeof out);
        }
        if (n >= sizeof value) {
            memcpy(&value, bytes, sizeof value);
            units_format(dimension, value, start, out, sizeof out);
        }
    }
    free(text);
    return 0;
}
