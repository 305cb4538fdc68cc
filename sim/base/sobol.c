#include "base/sobol.h"

#include "base/error.h"
#include <assert.h>
#include <gsl/gsl_qrng.h>
#include <stddef.h>

int sobol_points(int dimensions, int n, double *out) {
    assert(dimensions > 0 && dimensions <= SOBOL_DIMENSIONS);
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimensions);
    if (!sequence) return ERR_NOMEM;
    for (int i = 0; i < n; i++) gsl_qrng_get(sequence, out + (size_t)i * (size_t)dimensions);
    gsl_qrng_free(sequence);
    return 0;
}
