/* The group `sensitivity` of a sweep's file. */
#include "base/mem.h"
#include "store/store_file.h"
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    size_t at;          /* of the double in its struct */
    const char *design; /* that it is of; "!NAME": that it is not of; NULL: all */
    const char *what;
} column_t;

#define INTERVAL(name, design, what)                                                                 \
    {#name, offsetof(influence_t, name.value), design, what},                                        \
        {#name "_low", offsetof(influence_t, name.low), design, "lower end of its 95 % interval"}, { \
#name "_high", offsetof(influence_t, name.high), design, "upper end of its 95 % interval"    \
    }

static const column_t influence_columns[] = {
    INTERVAL(total, "saltelli", "total Sobol' index"),
    INTERVAL(first, "saltelli", "first-order Sobol' index"),
    INTERVAL(mu_star, "morris", "mean absolute elementary effect, over the parameter's whole range"),
    {"mu", offsetof(influence_t, mu), "morris", "mean elementary effect"},
    {"sigma", offsetof(influence_t, sigma), "morris", "standard deviation of the elementary effects"},
    INTERVAL(regression, "!morris", "standardised regression coefficient"),
};

static const column_t response_columns[] = {
    {"mean", offsetof(response_t, mean), NULL, "mean over the points"},
    {"sd", offsetof(response_t, sd), NULL, "standard deviation between points"},
    {"within", offsetof(response_t, within), NULL, "standard deviation between the replicates of a point"},
    {"noise", offsetof(response_t, noise), NULL,
     "share of the variance between points that is noise of the replicates"},
    {"r2", offsetof(response_t, r2), "!morris",
     "share of the variance between points that the regression explains"},
};

typedef struct { /* an array of structs, and which of their members are stored */
    const column_t *columns;
    size_t n_columns, n_rows, size; /* of a struct */
    void *rows;
    const char *dims;
} table_t;

#define TABLE(columns_, n, array, dims_)                                                        \
    {                                                                                           \
        .columns = columns_, .n_columns = sizeof(columns_) / sizeof *(columns_), .n_rows = (n), \
        .size = sizeof *(array), .rows = (array), .dims = (dims_)                               \
    }

static table_t response_table(const sensitivity_t *s) {
    return (table_t)TABLE(response_columns, s->n_variants * s->n_quantities, s->responses,
                          "variant quantity");
}

static table_t influence_table(const sensitivity_t *s) {
    return (table_t)TABLE(influence_columns, s->n_variants * s->n_quantities * s->n_swept, s->influence,
                          "variant quantity swept");
}

static size_t n_responses(const sensitivity_t *s) {
    return s->n_variants * s->n_quantities;
}

static double *field(const table_t *table, size_t row, const column_t *column) {
    return (double *)((char *)table->rows + row * table->size + column->at);
}

static bool is_of(const column_t *column, const char *design) {
    const char *own = column->design;
    if (!own) return true;
    return *own == '!' ? strcmp(own + 1, design) != 0 : !strcmp(own, design);
}

static int write_table(hid_t group, const char *design, const table_t table, fault_t *err) {
    int ret = 0;
    double *values = mem_alloc(table.n_rows, sizeof *values);
    if (!values) return error_memory(err);
    for (const column_t *c = table.columns; c < table.columns + table.n_columns; c++) {
        if (!is_of(c, design)) continue;
        for (size_t i = 0; i < table.n_rows; i++) values[i] = *field(&table, i, c);
        variable_t v = {.name = c->name, .dims = table.dims, .type = H5T_NATIVE_DOUBLE, .long_name = c->what};
        TRY(hdf_variable_write(group, &v, H5T_NATIVE_DOUBLE, values, err));
    }
out:
    mem_free(values);
    return ret;
}

int store_write_sensitivity(store_t *self, const sensitivity_t *s, fault_t *err) {
    int ret = 0;
    size_t n = n_responses(s);
    int64_t *points = mem_alloc(n, sizeof *points);
    hid_t group = hdf_group(self->file, "sensitivity", err);
    if (group < 0 || !points) {
        ret = group < 0 ? ERR_IO : error_memory(err);
        goto out;
    }
    TRY(hdf_attr_text(group, "design", s->design, err));
    TRY(schema_dimensions(group, self->layout, 0, DIM_VARIANT_BIT | DIM_QUANTITY_BIT, err));
    TRY(hdf_scale_names(group, "swept", s->n_swept, (const char *const *)s->swept, "swept parameter", err));
    for (size_t i = 0; i < n; i++) points[i] = s->responses[i].n;
    variable_t v = {.name = "points",
                    .dims = "variant quantity",
                    .type = H5T_NATIVE_INT64,
                    .long_name = "points with a finite outcome"};
    TRY(hdf_variable_write(group, &v, H5T_NATIVE_INT64, points, err));
    TRY(write_table(group, s->design, response_table(s), err));
    TRY(write_table(group, s->design, influence_table(s), err));
out:
    mem_free(points);
    return hdf_close(group, ret, err);
}

/* Measures that the design does not give are NAN. */
static int read_table(store_t *self, const table_t table, fault_t *err) {
    int ret = 0;
    double *values = mem_alloc(table.n_rows, sizeof *values);
    if (!values) return error_memory(err);
    for (const column_t *c = table.columns; c < table.columns + table.n_columns; c++) {
        char path[64];
        snprintf(path, sizeof path, "sensitivity/%s", c->name);
        bool there = store_has(self, path);
        if (there) TRY(store_numbers(self, path, table.n_rows, values, err));
        for (size_t i = 0; i < table.n_rows; i++) *field(&table, i, c) = there ? values[i] : NAN;
    }
out:
    mem_free(values);
    return ret;
}

int store_read_sensitivity(store_t *self, sensitivity_t *out, fault_t *err) {
    int ret = 0;
    int64_t *points = NULL;
    *out = (sensitivity_t){.n_variants = store_size(self, "variant"),
                           .n_quantities = store_size(self, "quantity")};
    size_t n = n_responses(out);
    if (!store_has(self, "sensitivity"))
        return error_set(err, ERR_DATA, "%s: contains no sensitivity indices", self->path);
    TRY(store_names(self, "sensitivity/swept", &out->n_swept, &out->swept, err));
    snprintf(out->design, sizeof out->design, "%s", store_attribute(self, "sensitivity", "design"));
    out->responses = mem_alloc(n, sizeof *out->responses);
    out->influence = mem_alloc(n * out->n_swept, sizeof *out->influence);
    points = mem_alloc(n, sizeof *points);
    TRY_MEM(out->responses && out->influence && points);
    TRY(store_integers(self, "sensitivity/points", n, points, err));
    for (size_t i = 0; i < n; i++) {
        if (points[i] < 0 || points[i] > INT_MAX)
            TRY(error_set(err, ERR_DATA, "%s: sensitivity/points: no count", self->path));
        out->responses[i].n = (int)points[i];
    }
    TRY(read_table(self, response_table(out), err));
    TRY(read_table(self, influence_table(out), err));
out:
    mem_free(points);
    if (ret) sensitivity_free(out);
    return ret;
}
