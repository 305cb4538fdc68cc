#include "store/values.h"

#include <string.h>

const value_t value_rows[VALUE_N] = {
#define X(id, name_, type, member, per_, units_, codes_, what_) \
    {.name = #name_,                                            \
     .dims = VALUE_DIMS_##per_,                                 \
     .size = sizeof(type),                                      \
     .is_float = _Generic((type)0, double                       \
                          : true, float                         \
                          : true, default                       \
                          : false),                             \
     .by_variant = VALUE_PER_##per_ != VALUE_PER_PARAMETER,     \
     .per = VALUE_PER_##per_,                                   \
     .units = units_,                                           \
     .codes = CODES_##codes_,                                   \
     .what = what_},
    VALUE_LIST(X)
#undef X
};

size_t value_count(const value_t *self, const layout_t *layout) {
    const int counts[] = {[VALUE_PER_RUN] = 1,
                          [VALUE_PER_QUANTITY] = layout->model->n_quantities,
                          [VALUE_PER_KIND] = layout->model->n_kinds,
                          [VALUE_PER_PARAMETER] = layout->model->n_uncertain};
    return (size_t)counts[self->per];
}
