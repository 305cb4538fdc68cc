/* The parameters of a kind's likelihood as a table: one row for each number of the vector x.
 *
 * The rows come in the order of PARAMETER_LIST; branching ratio and half-life of one excitation follow each
 * other. Code that needs the number of a row asks `parameters_at`; code that treats all alike goes through
 * the rows. Only parameters.c knows the order. */
#ifndef ENTENTE_FIT_LIKELIHOOD_PARAMETERS_H
#define ENTENTE_FIT_LIKELIHOOD_PARAMETERS_H

#include "model/model.h"

/* X(id, unit, is_log, scale, least, most): the unit of a value in a scenario; whether x is a log, of the
 * value over `scale`; the least value that an estimate takes; the largest |x| at which the likelihood is
 * defined. */
#define PARAMETER_LIST(X)                             \
    X(RATE, "", true, DAYS_PER_YEAR, 0, INFINITY)     \
    X(COEFFICIENT, "", false, 1, -INFINITY, INFINITY) \
    X(BRANCHING, "", false, 1, 0, INFINITY)           \
    X(HALF_LIFE, "d", true, 1, 0, 20)                 \
    X(WEEKDAY, "", true, 1, 0, 20)                    \
    X(MONTH, "", true, 1, 0, 20)                      \
    X(SPREAD, "", true, 1, 0.01, 20) /* sd of the random effects of ties */

typedef enum {
#define X(id, ...) PARAMETER_##id,
    PARAMETER_LIST(X)
#undef X
        PARAMETER_N
} parameter_kind_t;

typedef struct {
    const char *unit;
    bool is_log;
    double scale, least, most;
} parameter_sort_t;

extern const parameter_sort_t parameter_sorts[PARAMETER_N];

typedef struct {
    parameter_kind_t kind;
    int index;                      /* among those of its kind; weekdays from Monday, months from January */
    const term_t *term;             /* of the coefficient of a statistic, else NULL */
    const double *effects;          /* [n_ties] what another coefficient multiplies: random effects on ... */
    const char *other;              /* ... that kind; else NULL, both borrowed from the options */
    const excitation_t *excitation; /* of a branching ratio or a half-life, else NULL */
    char path[PARAM_PATH_BYTES];    /* in a scenario; "" where it has none */
} parameter_t;

typedef struct {
    int n, n_rate; /* n_rate: those before the season's, of which the rate without the season is made */
    parameter_t *rows;
    int first[PARAMETER_N], count[PARAMETER_N];
} parameters_t;

/* The row of that kind and index, -1 if there is none. The coefficients follow each other. */
static inline int parameters_at(const parameters_t *self, parameter_kind_t kind, int index) {
    int step = kind == PARAMETER_BRANCHING || kind == PARAMETER_HALF_LIFE ? 2 : 1;
    return index < self->count[kind] ? self->first[kind] + step * index : -1;
}

/* The value in the row's unit, from that in x; and the standard error, from that of x. */
double parameter_value(const parameter_t *row, double x);
double parameter_error(const parameter_t *row, double x, double se);
/* The least x. */
double parameter_least(const parameter_t *row);
/* What the row is called in a report: "strength", "by visit, same: branching ratio". */
void parameter_name(const parameter_t *row, const model_t *model, char *out, size_t size);

#endif
