/* What the tests of closed forms share. */
#ifndef ENTENTE_VERIFY_LAWS_H
#define ENTENTE_VERIFY_LAWS_H

#include "lab.h"
#include "report.h"

#include <stdio.h>

static int runs = 60000; /* replicates of the short models */

static inline int scaled(double share) {
    return (int)(runs * share);
}

static inline void label(char *text, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(text, size, format, list);
    va_end(list);
}

/* One kind that excites itself. */
static const double mu = 0.5, alpha = 0.5, beta = 1; /* a day */

static inline void hawkes(model_t *m, double branching, double horizon) {
    toy_init(m, 2, 1, horizon);
    m->kinds[0].scope = SCOPE_DYAD;
    m->kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    toy_excite(m, 0, 0, RELATION_SAME, branching, beta);
}

#endif
