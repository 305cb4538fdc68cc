/* The results of each replicate besides its trajectories, metrics and events: one row for each variable. The
 * row defines the part's array and how a result fills it, the part on the disk, the variable of the file
 * with its attributes, and the checks when the file is read. */
#ifndef ENTENTE_STORE_VALUES_H
#define ENTENTE_STORE_VALUES_H

#include "store/layout.h"

/* X(id, name in the file, C type, member of result_t, one for each RUN, QUANTITY, KIND or PARAMETER, unit,
 * CODES_..., what it is). A RUN is a replicate of a variant; what is for each PARAMETER all variants of a
 * replicate share. Of a replicate that stopped early what is for each QUANTITY is NaN. */
#define VALUE_LIST(X)                                                                                     \
    X(STATUS, status, int8_t, stop, RUN, NULL, STOP, "why the replicate ended")                           \
    X(STOP_TIME, stop_time, double, stop_time, RUN, "days since start", NONE, "when the replicate ended") \
    X(QUANTITIES, quantity_value, double, quantities, QUANTITY, NULL, NONE,                               \
      "value of the named quantity, in quantity_unit")                                                    \
    X(EVENT_COUNT, event_count, int64_t, kind_counts, KIND, NULL, NONE,                                   \
      "events of the kind held within the period")                                                        \
    X(DRAWN, drawn, double, draws, PARAMETER, NULL, NONE, "value drawn for the parameter")

/* The dimensions of what is for each of these, and the one without which it is not there. */
#define VALUE_DIMS_RUN "variant replicate"
#define VALUE_DIMS_QUANTITY "variant replicate quantity"
#define VALUE_DIMS_KIND "variant replicate kind"
#define VALUE_DIMS_PARAMETER "replicate parameter"
#define VALUE_NEEDS_RUN ""
#define VALUE_NEEDS_QUANTITY "quantity"
#define VALUE_NEEDS_KIND "kind"
#define VALUE_NEEDS_PARAMETER "parameter"

typedef enum { VALUE_PER_RUN, VALUE_PER_QUANTITY, VALUE_PER_KIND, VALUE_PER_PARAMETER } value_per_t;

typedef enum {
#define X(id, ...) VALUE_##id,
    VALUE_LIST(X)
#undef X
        VALUE_N
} value_id_t;

typedef struct {
    const char *name, *dims;
    size_t size; /* of a number */
    bool is_float, by_variant;
    value_per_t per;
    const char *units; /* or NULL */
    codes_t codes;
    const char *what;
} value_t;

extern const value_t value_rows[VALUE_N];

/* Numbers a replicate (and variant); 0 if the layout has none. */
size_t value_count(const value_t *self, const layout_t *layout);

#endif
