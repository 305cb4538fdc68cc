/* Parameters that are drawn jointly: by the correlation or covariance of their distributions, or as a row of
 * a table. */
#include "scenario/sections/uncertain/read_uncertain.h"

#include "model/renamed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANCE_ERROR \
    0.01 /* by which a covariance's diagonal may differ from the distributions', relative */

typedef struct { /* as written */
    const node_t *parameters, *correlation, *covariance, *from, *columns;
    char *source, *note;
} written_t;

static void read_as_written(reader_t *r, const field_t *field, const node_t *node, void *at) {
    (void)r, (void)field;
    *(const node_t **)at = node;
}
static const type_t type_paths = {SHAPE_OWN, "a list of parameters' paths", read_as_written,
                                  "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"};
static const type_t type_matrix = {
    SHAPE_OWN, "a list of rows: all of a symmetric matrix, or its lower triangle", read_as_written,
    "{\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": "
    "{\"type\": \"number\"}}}"};
static const type_t type_table = {SHAPE_OWN, "the path of a table (CSV)", read_as_written,
                                  "{\"type\": \"string\"}"};
static const type_t type_columns = {
    SHAPE_OWN, "a mapping from parameters' paths to columns", read_as_written,
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}"};

static const field_t joint_fields[] = {
    {"parameters", &type_paths, 0, AT(written_t, parameters),
     .what = "The parameters of `correlation` or `covariance`, in the order of its rows. Each has its "
             "distribution "
             "under `uncertain`.",
     .example = "[kinds.call.rate.per_year, kinds.visit.rate.per_year]"},
    {"correlation", &type_matrix, 0, AT(written_t, correlation),
     .what = "Correlation of the normal numbers at whose probabilities the quantiles are taken: of a "
             "parameter that is "
             "normal itself, of the logarithm of one that is lognormal (a Gaussian copula).",
     .example = "[[1], [0.4, 1]]"},
    {"covariance", &type_matrix, 0, AT(written_t, covariance),
     .what = "In place of `correlation`, where all are normal or lognormal: of the parameter, of the "
             "logarithm of a "
             "lognormal one. Its diagonal must agree with their sd or sigma.",
     .example = "[[0.09], [0.012, 0.01]]"},
    {"from", &type_table, 0, AT(written_t, from),
     .what = "Table of draws, such as a sample of a posterior distribution: its columns are parameters' "
             "paths, each "
             "replicate takes one row.",
     .example = "posterior.csv"},
    {"columns", &type_columns, 0, AT(written_t, columns), .unset = "all, named by paths",
     .what = "The columns to take, where the table has other names or more columns.",
     .example = "{kinds.call.rate.per_year: rate_call}"},
    {"source", &type_text, 0, AT(written_t, source), .what = "Source of the correlations or draws."},
    {"note", &type_text, 0, AT(written_t, note), .what = "Description."},
};
const section_t section_joint = {
    .name = "uncertain.joint",
    .what = "Parameters drawn jointly. The others are drawn independently of them and of each other.",
    SECTION_FIELDS(joint_fields)};

/* ---- members ---------------------------------------------------------------------------------------- */

static int find_uncertain(const model_t *model, int param) {
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->uncertain[u].param == param) return u;
    return -1;
}

/* Index of an uncertain parameter that is in no other joint distribution; -1 after reporting. */
static int find_member(reader_t *r, const joint_draw_t *joint, const node_t *node) {
    if (!reader_is_scalar(r, node, "the path of a parameter")) return -1;
    int param = reader_param_index(r, node->text, node->mark);
    if (param < 0) return -1;
    int u = find_uncertain(r->model, param);
    for (int i = 0; i < joint->n; i++)
        if (joint->params[i] == param) {
            reader_error(r, node->mark, "%s: %s is given a second time", r->path, node->text);
            return -1;
        }
    if (u < 0)
        reader_error(r, node->mark, "%s: %s has no distribution: give it one in `uncertain`", r->path,
                     node->text);
    else if (r->model->uncertain[u].joint >= 0)
        reader_error(r, node->mark, "%s: %s is drawn jointly already, in %s", r->path, node->text,
                     r->model->joints[r->model->uncertain[u].joint].name);
    else
        return u;
    return -1;
}

typedef struct {
    uint64_t key;
    int at;
} place_t;

static int by_key(const void *a, const void *b) {
    const place_t *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* places[i].at: the member as written that comes i-th. */
static place_t *order_of(reader_t *r, const joint_draw_t *joint) {
    place_t *places = READER_NEW(r, joint->n, place_t);
    for (int i = 0; i < joint->n; i++)
        places[i] = (place_t){renamed_draw(0, r->params[joint->params[i]].path), i};
    qsort(places, (size_t)joint->n, sizeof *places, by_key);
    return places;
}

/* Members in their order, each noted at its uncertain parameter. */
static void join(reader_t *r, joint_draw_t *joint, const place_t *places) {
    int *params = READER_NEW(r, joint->n, int);
    for (int i = 0; i < joint->n; i++) {
        params[i] = joint->params[places[i].at];
        uncertain_t *uncertain = &r->model->uncertain[find_uncertain(r->model, params[i])];
        uncertain->joint = r->model->n_joints;
        uncertain->member = i;
    }
    joint->params = params;
    r->model->n_joints++;
}

/* ---- by a matrix ------------------------------------------------------------------------------------ */

/* Whole, or the lower triangle: into out [n][n]. False after reporting. */
static bool read_matrix(reader_t *r, const node_t *node, int n, double most, double *out) {
    int before = reader_errors(r);
    bool triangle = n > 1 && node->type == NODE_LIST && node->n && node->items[0]->type == NODE_LIST &&
                    node->items[0]->n == 1;
    if (!reader_is_list(r, node, type_matrix.expected)) return false;
    if (node->n != n) {
        reader_error(r, node->mark, "%s has %d rows: one for each of %d parameters is expected", r->path,
                     node->n, n);
        return false;
    }
    for (int i = 0; i < n; i++) {
        const node_t *row = node->items[i];
        int expected = triangle ? i + 1 : n;
        size_t outer = reader_push_index(r, i);
        if (row->type != NODE_LIST || row->n != expected)
            reader_error(r, row->mark, "%s: a row of %d numbers is expected", r->path, expected);
        for (int j = 0; row->type == NODE_LIST && j < row->n && row->n == expected; j++) {
            double *at = &out[i * n + j], *mirror = &out[j * n + i];
            reader_number(r, row->items[j], DIM_NUMBER, -most, most, at);
            if (triangle)
                *mirror = *at;
            else if (j < i && fabs(*mirror - *at) > 1e-6 * fmax(fabs(*mirror), fabs(*at)))
                reader_error(r, row->items[j]->mark,
                             "%s: %.9g here and %.9g across the diagonal: a symmetric matrix is "
                             "expected",
                             r->path, *at, *mirror);
        }
        reader_pop(r, outer);
    }
    return reader_errors(r) == before;
}

static void check_correlation(reader_t *r, const node_t *node, int n, const double *matrix) {
    for (int i = 0; i < n; i++)
        if (matrix[i * n + i] != 1)
            reader_error(r, node->items[i]->mark, "%s.%d: the correlation with itself is %.9g: 1 is expected",
                         r->path, i, matrix[i * n + i]);
}

/* Checks the diagonal and divides by it. */
static void take_variances(reader_t *r, const node_t *node, const joint_draw_t *joint, double *matrix) {
    int n = joint->n, before = reader_errors(r);
    for (int i = 0; i < n; i++) {
        const dist_t *dist = &r->model->uncertain[find_uncertain(r->model, joint->params[i])].dist;
        const char *path = r->params[joint->params[i]].path;
        double variance = dist->p[1] * dist->p[1], given = matrix[i * n + i];
        if (dist->kind != DIST_NORMAL && dist->kind != DIST_LOGNORMAL)
            reader_error(r, node->mark,
                         "%s: %s is %s; a covariance needs normal and lognormal distributions: give the "
                         "`correlation`",
                         r->path, path, dist_keyword(dist->kind));
        else if (!(fabs(given - variance) <= VARIANCE_ERROR * variance))
            reader_error(r, node->items[i]->mark,
                         "%s.%d: the variance is %.6g, that of %s is %.6g (its %s squared): "
                         "they must agree",
                         r->path, i, given, path, variance, dist_param(dist->kind, 1) + 1);
    }
    if (reader_errors(r) > before) return;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            matrix[i * n + j] = matrix[j * n + i] =
                matrix[i * n + j] / sqrt(matrix[i * n + i] * matrix[j * n + j]);
    for (int i = 0; i < n; i++) matrix[i * n + i] = 1;
}

static void join_by_matrix(reader_t *r, joint_draw_t *joint, const written_t *written) {
    const node_t *node = written->correlation ? written->correlation : written->covariance;
    const char *key = written->correlation ? "correlation" : "covariance";
    int before = reader_errors(r);
    size_t outer = reader_push(r, "parameters");
    if (reader_is_list(r, written->parameters, type_paths.expected)) {
        joint->params = READER_NEW(r, written->parameters->n, int);
        for (int i = 0; i < written->parameters->n; i++) {
            int u = find_member(r, joint, written->parameters->items[i]);
            if (u >= 0) joint->params[joint->n++] = r->model->uncertain[u].param;
        }
        if (written->parameters->n < 2)
            reader_error(r, written->parameters->mark, "%s: two or more are expected", r->path);
    }
    reader_pop(r, outer);
    if (reader_errors(r) > before) return;
    size_t n = (size_t)joint->n;
    double *matrix = READER_NEW(r, n * n, double);
    outer = reader_push(r, key);
    if (read_matrix(r, node, joint->n, written->correlation ? 1 : INFINITY, matrix)) {
        if (written->correlation)
            check_correlation(r, node, joint->n, matrix);
        else
            take_variances(r, node, joint, matrix);
    }
    if (reader_errors(r) == before) {
        const place_t *places = order_of(r, joint);
        joint->correlation = READER_NEW(r, n * n, double);
        joint->factor = READER_NEW(r, n * n, double);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                joint->correlation[i * n + j] = matrix[(size_t)places[i].at * n + (size_t)places[j].at];
        if (uncertain_factor(joint->n, joint->correlation, joint->factor))
            join(r, joint, places);
        else
            reader_error(r, node->mark,
                         "%s is not positive semidefinite: some of these correlations contradict others",
                         r->path);
    }
    reader_pop(r, outer);
}

/* ---- by a table ------------------------------------------------------------------------------------- */

/* The names of the columns as a mapping from paths, from the first row where `columns` does not say. */
static const node_t *columns_of(reader_t *r, const written_t *written, const node_t *table) {
    if (written->columns)
        return reader_is_mapping(r, written->columns, type_columns.expected) ? written->columns : NULL;
    return table->items[0];
}

static bool add_member(reader_t *r, joint_draw_t *joint, const entry_t *column) {
    int param = reader_param_index(r, column->key, column->mark);
    if (param < 0) return false;
    if (find_uncertain(r->model, param) >= 0) {
        reader_error(r, column->mark, "%s: %s has a distribution already: a table of draws is in its place",
                     r->path, column->key);
        return false;
    }
    joint->params[joint->n++] = param;
    uncertain_t *uncertain = READER_APPEND(r, r->model->uncertain, r->model->n_uncertain, uncertain_t);
    *uncertain = (uncertain_t){.param = param, .joint = -1, .source = joint->source};
    return true;
}

/* A column's values in the parameter's range and unit; the distribution is their range. */
static void read_column(reader_t *r, joint_draw_t *joint, int at, const char *name, const node_t *table) {
    const param_t *param = &r->params[joint->params[at]];
    double least = INFINITY, most = -INFINITY;
    for (int i = 0; i < table->n; i++) {
        const node_t *row = table->items[i];
        if (!row) return; /* refused */
        const node_t *cell = node_get(row, name);
        double *value = &joint->rows[i * joint->n + at];
        if (!cell) {
            reader_error(r, row->mark, "%s: there is no value in column \"%.60s\"", r->path, name);
            return;
        }
        if (!reader_number(r, cell, param->dimension, param->low, param->high, value)) return;
        least = fmin(least, *value);
        most = fmax(most, *value);
    }
    r->model->uncertain[find_uncertain(r->model, joint->params[at])].dist =
        least < most ? (dist_t){DIST_UNIFORM, {least, most}} : (dist_t){DIST_CONSTANT, {least}};
}

static void join_by_table(reader_t *r, joint_draw_t *joint, const written_t *written) {
    int before = reader_errors(r);
    const node_t *table = reader_table(r, written->from);
    if (table && table->n == 0) reader_error(r, table->mark, "the table has no rows");
    const node_t *columns = table && table->n ? columns_of(r, written, table) : NULL;
    if (!columns) return;
    const char **names = READER_NEW(r, columns->n, const char *);
    joint->params = READER_NEW(r, columns->n, int);
    for (int c = 0; c < columns->n; c++) {
        const entry_t *column = &columns->entries[c];
        bool scalar = !written->columns || reader_is_scalar(r, column->value, "the name of a column");
        const char *name = written->columns && scalar ? column->value->text : column->key;
        if (scalar && add_member(r, joint, column)) names[joint->n - 1] = name;
    }
    if (reader_errors(r) > before) return;
    const place_t *places = order_of(r, joint);
    joint->n_rows = table->n;
    joint->rows = READER_NEW(r, (size_t)table->n * (size_t)joint->n, double);
    join(r, joint, places);
    for (int i = 0; i < joint->n; i++) read_column(r, joint, i, names[places[i].at], table);
}

/* ---- all -------------------------------------------------------------------------------------------- */

static void read_one(reader_t *r, const entry_t *entry) {
    written_t written = {0};
    if (!reader_section(r, &section_joint, entry->value, &written)) return;
    joint_draw_t joint = {.name = reader_text(r, entry->key), .source = written.source};
    bool matrix = written.parameters && (!written.correlation != !written.covariance) && !written.from &&
                  !written.columns;
    bool table = written.from && !written.parameters && !written.correlation && !written.covariance;
    if (!matrix && !table) {
        reader_error(r, entry->mark,
                     "%s: `parameters` with `correlation` or `covariance`, or `from`, is expected", r->path);
        return;
    }
    int n = r->model->n_joints;
    r->model->joints[n] = joint;
    if (matrix)
        join_by_matrix(r, &r->model->joints[n], &written);
    else
        join_by_table(r, &r->model->joints[n], &written);
}

void read_joint(reader_t *r, const node_t *node) {
    if (!reader_is_mapping(r, node, "a mapping from names to joint distributions")) return;
    r->model->joints = READER_NEW(r, node->n, joint_draw_t);
    for (int i = 0; i < node->n; i++) {
        size_t outer = reader_push(r, node->entries[i].key);
        read_one(r, &node->entries[i]);
        reader_pop(r, outer);
    }
}
