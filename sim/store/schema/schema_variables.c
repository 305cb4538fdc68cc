/* The variables of a file and their attributes, as docs/output-format.md specifies them. */
#include "base/date.h"
#include "base/mem.h"
#include "store/store_file.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const schema_trajectory_names[TRAJECTORY_N] = {"strength", "alignment", "trade"};
const char *const tally_names[TALLY_N] = {"strength", "trade"};
#define X(name, type, ...) #name,
const char *const column_names[COLUMN_N] = {LOG_COLUMNS(X)};
#undef X

#define CHUNK_BYTES ((hsize_t)512 * 1024) /* of variables copied by value */
#define MEANINGS_MOST 60000               /* bytes; an attribute holds 64 KiB */

/* "days since 2025-12-23 00:00:00" */
static void time_units(const model_t *model, char out[64]) {
    char moment[32];
    date_format_second(model->start, moment);
    const char *seconds = strlen(moment) == strlen("2025-12-23T00:00") ? ":00" : "";
    for (char *c = moment; *c; c++)
        if (*c == 'T') *c = ' ';
    snprintf(out, 64, "days since %s%s", moment, seconds);
}

int schema_describe_time(hid_t dataset, const model_t *model, fault_t *err) {
    char units[64];
    time_units(model, units);
    int ret = hdf_attr_text(dataset, "units", units, err);
    return ret ? ret : hdf_attr_text(dataset, "calendar", "proleptic_gregorian", err);
}

/* CF's flag_values and flag_meanings: what the codes 0, 1, ... stand for. Blanks in names become '_'. */
static int describe_flags(hid_t dataset, hid_t type, size_t n, const char *const *names, fault_t *err) {
    size_t bytes = 1;
    for (size_t i = 0; i < n; i++) bytes += strlen(names[i]) + 1;
    if (n == 0 || bytes > MEANINGS_MOST) return 0;
    int ret = 0;
    char *text = mem_alloc(bytes, 1);
    int16_t *wide = mem_alloc(n, sizeof *wide);
    int8_t *narrow = mem_alloc(n, sizeof *narrow);
    TRY_MEM(text && wide && narrow);
    char *end = text;
    for (size_t i = 0; i < n; i++) {
        if (i) *end++ = ' ';
        for (const char *c = names[i]; *c; c++) *end++ = *c == ' ' ? '_' : *c;
        wide[i] = (int16_t)i;
        narrow[i] = (int8_t)i;
    }
    TRY(hdf_attr_array(dataset, "flag_values", type, n,
                       H5Tget_size(type) == 1 ? (void *)narrow : (void *)wide, err));
    TRY(hdf_attr_text(dataset, "flag_meanings", text, err));
out:
    mem_free(text);
    mem_free(wide);
    mem_free(narrow);
    return ret;
}

/* What the codes of a variable stand for. */
static int describe_codes(hid_t dataset, const model_t *model, codes_t codes, fault_t *err) {
    const struct {
        const char *const *names;
        size_t n;
    } fixed[] = {[CODES_SECTOR] = {(const char *const *)model->sectors, (size_t)model->n_sectors},
                 [CODES_ROLE] = {role_names, ROLE_N},
                 [CODES_LEVEL] = {level_names, LEVEL_N},
                 [CODES_STATUS] = {status_names, STATUS_N},
                 [CODES_CAUSE] = {cause_names, CAUSE_N},
                 [CODES_STOP] = {stop_names, STOP_N}};
    hid_t type = H5Dget_type(dataset);
    int n = codes == CODES_KIND ? model->n_kinds : codes == CODES_ACTOR ? model->n_actors : model->n_groups;
    const char **names = NULL;
    int ret = type < 0 ? hdf_fault_write(dataset, err) : 0;
    if (ret || codes == CODES_NONE) goto out;
    if (codes >= CODES_SECTOR) {
        ret = describe_flags(dataset, type, fixed[codes].n, fixed[codes].names, err);
        goto out;
    }
    names = mem_alloc((size_t)n, sizeof *names);
    TRY_MEM(names);
    if (codes == CODES_KIND) NAMES_OF(model->kinds, n, name, names);
    if (codes == CODES_ACTOR) NAMES_OF(model->actors, n, name, names);
    if (codes == CODES_GROUP) NAMES_OF(model->groups, n, name, names);
    ret = describe_flags(dataset, type, (size_t)n, names, err);
out:
    mem_free(names);
    return hdf_close(type, ret, err);
}

/* "days since start" becomes "days since" and the date. */
static int describe_units(hid_t dataset, const model_t *model, const char *units, fault_t *err) {
    if (!units) return 0;
    return !strcmp(units, "days since start") ? schema_describe_time(dataset, model, err)
                                              : hdf_attr_text(dataset, "units", units, err);
}

/* ---- variables ------------------------------------------------------------------------------------- */

hid_t schema_type(size_t size, bool is_float) {
    if (is_float) return size == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    return size == 1   ? H5T_NATIVE_INT8
           : size == 2 ? H5T_NATIVE_INT16
           : size == 4 ? H5T_NATIVE_INT32
                       : H5T_NATIVE_INT64;
}

/* Dimensions with `point` before them where the file has points. */
static const char *with_point(const store_t *self, const char *dims, char out[128]) {
    snprintf(out, 128, "%s%s", self->has_point ? "point " : "", dims);
    return out;
}

static hid_t make_value(store_t *self, const char *name, const char *dims, hid_t type, hsize_t per_replicate,
                        const char *what, uint32_t n, fault_t *err) {
    char full[128];
    hsize_t replicates = CHUNK_BYTES / (per_replicate * H5Tget_size(type));
    if (replicates > n) replicates = n;
    if (replicates < 1) replicates = 1;
    variable_t v = {.name = name, .dims = with_point(self, dims, full), .type = type, .long_name = what};
    bool by_variant = !strncmp(dims, "variant", 7);
    int axis = 0;
    if (self->has_point) v.chunk[axis++] = 1;
    if (by_variant) v.chunk[axis++] = 1;
    v.chunk[axis] = replicates;
    v.shuffle = H5Tget_class(type) == H5T_FLOAT;
    return hdf_variable(self->file, &v, err);
}

static int make_values(store_t *self, const layout_t *layout, uint32_t n, fault_t *err) {
    int ret = 0;
    for (int v = 0; v < VALUE_N; v++) {
        const value_t *value = &value_rows[v];
        size_t count = value_count(value, layout);
        if (!count) continue;
        hid_t made = make_value(self, value->name, value->dims, schema_type(value->size, value->is_float),
                                count, value->what, n, err);
        if ((self->values[v] = made) < 0) return ERR_IO;
        TRY(describe_units(made, layout->model, value->units, err));
        TRY(describe_codes(made, layout->model, value->codes, err));
        if (value->per == VALUE_PER_QUANTITY)
            TRY(hdf_attr_text(made, "coordinates", "quantity_label quantity_unit", err));
    }
out:
    return ret;
}

static int make_trajectories(store_t *self, const layout_t *layout, fault_t *err) {
    static const char *const what[TRAJECTORY_N] = {"strength of the tie", "alignment of the tie", "trade"};
    static const char *const units[TRAJECTORY_N] = {"1", "1", "USD year-1"};
    int ret = 0;
    for (int k = 0; k < TRAJECTORY_N && !ret; k++) {
        const rounding_t *rounding = k == TRAJECTORY_TRADE ? &layout->trade : &layout->strength;
        grid_t grid = layout_grid(layout, k, layout->chunk_replicates);
        char dims[128];
        variable_t v = {.name = schema_trajectory_names[k],
                        .dims = with_point(self,
                                           k == TRAJECTORY_TRADE ? "variant replicate time flow"
                                                                 : "variant replicate time tie",
                                           dims),
                        .type = H5T_NATIVE_FLOAT,
                        .shuffle = grid.shuffle,
                        .long_name = what[k],
                        .units = units[k]};
        int axis = 0;
        if (self->has_point) v.chunk[axis++] = 1;
        for (int d = 0; d < grid.rank; d++) v.chunk[axis++] = grid.chunk[d];
        hid_t dataset = self->trajectories[k] = hdf_variable(self->file, &v, err);
        if (dataset < 0) return ERR_IO;
        if (!rounding->exact)
            ret = hdf_attr_double(dataset, rounding->relative ? "relative_error" : "absolute_error",
                                  rounding->error, err);
    }
    return ret;
}

int schema_metrics(const layout_t *layout) {
    if (!layout->observation->n_metric_times) return 0;
    return layout->model->output.n_metrics < METRIC_N ? layout->model->output.n_metrics : METRIC_N;
}

const metric_t *schema_metric(const layout_t *layout, int n, char name[64], int *columns) {
    const metric_t *metric = metric_find(layout->model->output.metrics[n]);
    snprintf(name, 64, "metric_%s", metric->name);
    *columns = metric->scope == METRIC_OF_ACTOR   ? layout->model->n_actors
               : metric->scope == METRIC_OF_GROUP ? layout->model->n_groups
                                                  : 1;
    return metric;
}

static int make_metrics(store_t *self, const layout_t *layout, uint32_t n, fault_t *err) {
    static const char *const dims[] = {[METRIC_OF_ALL] = "variant replicate metric_time",
                                       [METRIC_OF_ACTOR] = "variant replicate metric_time actor",
                                       [METRIC_OF_GROUP] = "variant replicate metric_time group"};
    for (int m = 0; m < schema_metrics(layout); m++) {
        char name[64];
        int columns;
        const metric_t *metric = schema_metric(layout, m, name, &columns);
        if (!columns) continue; /* of groups, and there are none */
        self->metrics[m] =
            make_value(self, name, dims[metric->scope], H5T_NATIVE_FLOAT,
                       (hsize_t)layout->observation->n_metric_times * (hsize_t)columns, metric->what, n, err);
        if (self->metrics[m] < 0) return ERR_IO;
    }
    return 0;
}

hid_t column_type(int column) {
#define X(name, type, ...)       \
    if (column == COLUMN_##name) \
        return schema_type(sizeof(type), _Generic((type)0, float : true, double : true, default : false));
    LOG_COLUMNS(X)
#undef X
    return -1;
}

static int make_columns(store_t *self, const model_t *model, fault_t *err) {
    static const struct {
        const char *name, *units, *what;
        codes_t codes;
    } columns[COLUMN_N] = {
#define X(name, type, units, codes, what) {#name, units, what, CODES_##codes},
        LOG_COLUMNS(X)
#undef X
    };
    int ret = 0;
    for (int c = 0; c < COLUMN_N; c++) {
        hid_t type = column_type(c);
        bool dense = c != COLUMN_value_usd; /* most have none: NaNs in a row, best packed as they are */
        variable_t v = {.name = columns[c].name,
                        .dims = "event",
                        .type = type,
                        .chunk = {CHUNK_EVENTS},
                        .long_name = columns[c].what,
                        .shuffle = H5Tget_class(type) == H5T_FLOAT && dense};
        hid_t made = self->columns[c] = hdf_variable(self->events, &v, err);
        if (made < 0) return ERR_IO;
        TRY(describe_units(made, model, columns[c].units, err));
        TRY(describe_codes(made, model, columns[c].codes, err));
    }
out:
    return ret;
}

static int make_events(store_t *self, const layout_t *layout, uint32_t n_replicates, fault_t *err) {
    int ret = 0;
    self->events = hdf_group(self->file, "events", err);
    if (self->events < 0) return ERR_IO;
    TRY(schema_dimensions(self->events, layout, n_replicates,
                          DIM_POINT_BIT | DIM_VARIANT_BIT | DIM_REPLICATE_BIT, err));
    TRY(hdf_scale_plain(self->events, "event", 0, true, err));
    TRY(make_columns(self, layout->model, err));

    char dims[128];
    variable_t offset = {.name = "offset",
                         .dims = with_point(self, "variant replicate", dims),
                         .type = H5T_NATIVE_INT64,
                         .long_name = "row of the replicate's first event"};
    variable_t count = offset;
    count.name = "count";
    count.long_name = "number of the replicate's events, those before the start included";
    if ((self->offset = hdf_variable(self->events, &offset, err)) < 0) return ERR_IO;
    if ((self->count = hdf_variable(self->events, &count, err)) < 0) return ERR_IO;
out:
    return ret;
}

void store_swept_name(const char *path, char out[PARAM_PATH_BYTES]) {
    snprintf(out, PARAM_PATH_BYTES, "%s", path);
    for (char *c = out; *c; c++)
        if (*c == ' ' || *c == '/') *c = '_';
}

/* The root attribute `coordinates`: all of them, so that readers take them for coordinates of every variable.
 */
static int describe_swept(store_t *self, const layout_t *layout, fault_t *err) {
    char name[PARAM_PATH_BYTES];
    size_t size = ((size_t)layout->n_swept + 1) * (sizeof name + 1), length = 0;
    char *text = mem_alloc(size, 1);
    if (!text) return error_memory(err);
    *text = '\0';
    for (int s = 0; s < layout->n_swept; s++) {
        store_swept_name(layout->model->params[layout->swept[s]].path, name);
        length += (size_t)snprintf(text + length, size - length, "%s%s", s ? " " : "", name);
    }
    int ret = hdf_attr_text(self->file, "coordinates", text, err);
    mem_free(text);
    return ret;
}

/* The swept parameters of the points, as coordinates. */
static int make_swept(store_t *self, const layout_t *layout, fault_t *err) {
    double *column = mem_alloc((size_t)layout->n_points, sizeof *column);
    if (!column) return error_memory(err);
    int ret = describe_swept(self, layout, err);
    for (int s = 0; s < layout->n_swept && !ret; s++) {
        char name[PARAM_PATH_BYTES];
        store_swept_name(layout->model->params[layout->swept[s]].path, name);
        for (int p = 0; p < layout->n_points; p++)
            column[p] = layout->swept_values[(size_t)p * (size_t)layout->n_swept + (size_t)s];
        variable_t v = {
            .name = name, .dims = "point", .type = H5T_NATIVE_DOUBLE, .long_name = "swept parameter"};
        ret = hdf_variable_write(self->file, &v, H5T_NATIVE_DOUBLE, column, err);
    }
    mem_free(column);
    return ret;
}

static int make_root(store_t *self, const layout_t *layout, fault_t *err) {
    int ret = 0;
    TRY(hdf_attr_text(self->file, "Conventions", "CF-1.8", err));
    TRY(hdf_attr_text(self->file, "title", layout->model->title ? layout->model->title : "", err));
    TRY(hdf_attr_text(self->file, "entente_schema", STORE_SCHEMA, err));
    TRY(hdf_attr_array(self->file, "seed", H5T_NATIVE_UINT64, 1, &layout->seed, err));
    TRY(hdf_attr_int(self->file, "chunk_replicates", layout->chunk_replicates, err));
    char start[32];
    date_format_second(layout->model->start, start);
    TRY(hdf_attr_text(self->file, "start", start, err));
    TRY(hdf_attr_double(self->file, "start_day", layout->model->start, err));
    TRY(hdf_attr_double(self->file, "horizon_days", layout->model->horizon, err));
    if (layout->model->as_of.day > 0) {
        date_format(layout->model->start + layout->model->as_of.day, start);
        TRY(hdf_attr_text(self->file, "as_of", start, err));
    }
out:
    return ret;
}

int store_make(store_t *self, const layout_t *layout, uint32_t n_replicates, fault_t *err) {
    int ret = 0;
    self->has_point = layout->n_points > 0;
    self->chunk_replicates = layout->chunk_replicates;
    self->n_replicates = n_replicates;
    self->layout = layout;
    TRY(make_root(self, layout, err));
    TRY(schema_dimensions(self->file, layout, n_replicates, DIM_ALL_BITS, err));
    if (self->has_point) TRY(make_swept(self, layout, err));
    TRY(make_values(self, layout, n_replicates, err));
    if (layout_has_trajectories(layout)) TRY(make_trajectories(self, layout, err));
    TRY(make_metrics(self, layout, n_replicates, err));
    if (layout->events) TRY(make_events(self, layout, n_replicates, err));
out:
    return ret;
}
