#include "store/store_catalogue.h"

#include "base/mem.h"
#include "store/store.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the specification
 * --------------------------------------------------------------------------------------- */

typedef enum { GROUP, TEXT, INT8, INT16, INT32, INT64, UINT32, UINT64, FLOAT32, FLOAT64, NOTHING } sort_t;

typedef struct {
    const char *path;
    sort_t sort;
    const char *dims;  /* "" a scalar; its own name: a dimension */
    const char *needs; /* it must be there if this one is ("": always); NULL: it may be missing */
} object_spec_t;

/* Of a C type. */
#define SORT_int8_t INT8
#define SORT_int16_t INT16
#define SORT_int32_t INT32
#define SORT_int64_t INT64
#define SORT_float FLOAT32
#define SORT_double FLOAT64

static const object_spec_t objects[] = {
    {"variant", TEXT, "variant", ""},
    {"variant_label", TEXT, "variant", NULL},
    {"point", INT64, "point", NULL},
    {"replicate", INT64, "replicate", ""},
    {"time", FLOAT64, "time", NULL},
    {"tie", TEXT, "tie", "time"},
    {"flow", TEXT, "flow", "time"},
    {"kind", TEXT, "kind", ""},
    {"kind_label", TEXT, "kind", NULL},
    {"actor", TEXT, "actor", ""},
    {"actor_label", TEXT, "actor", ""},
    {"group", TEXT, "group", NULL},
    {"sector", TEXT, "sector", NULL},
    {"quantity", TEXT, "quantity", NULL},
    {"quantity_label", TEXT, "quantity", "quantity"},
    {"quantity_unit", TEXT, "quantity", "quantity"},
    {"quantity_aim", TEXT, "quantity", NULL},
    {"variant_role", TEXT, "variant", "quantity_aim"},
    {"parameter", TEXT, "parameter", NULL},
    {"parameter_label", TEXT, "parameter", NULL},
    {"parameter_joint", TEXT, "parameter", NULL},
#define X(id, name, type, member, per, ...) {#name, SORT_##type, VALUE_DIMS_##per, VALUE_NEEDS_##per},
    VALUE_LIST(X)
#undef X
        {"strength", FLOAT32, "variant replicate time tie", NULL},
    {"alignment", FLOAT32, "variant replicate time tie", "strength"},
    {"trade", FLOAT32, "variant replicate time flow", "strength"},
    {"metric_time", FLOAT64, "metric_time", NULL},
    {"metric_density", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_mean_strength", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_weighted_degree", FLOAT32, "variant replicate metric_time actor", NULL},
    {"metric_eigenvector", FLOAT32, "variant replicate metric_time actor", NULL},
    {"metric_betweenness", FLOAT32, "variant replicate metric_time actor", NULL},
    {"metric_clustering", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_modularity", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_balance", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_weighted_balance", FLOAT32, "variant replicate metric_time", NULL},
    {"metric_cohesion", FLOAT32, "variant replicate metric_time group", NULL},
    {"events", GROUP, NULL, NULL},
    {"events/variant", TEXT, "variant", "events"},
    {"events/point", INT64, "point", NULL},
    {"events/replicate", INT64, "replicate", "events"},
    {"events/event", NOTHING, "event", "events"},
    {"events/offset", INT64, "variant replicate", "events"},
    {"events/count", INT64, "variant replicate", "events"},
#define X(name, type, ...) {"events/" #name, SORT_##type, "event", "events"},
    LOG_COLUMNS(X)
#undef X
        {"summary", GROUP, NULL, NULL},
    {"summary/variant", TEXT, "variant", "summary"},
    {"summary/point", INT64, "point", NULL},
    {"summary/quantity", TEXT, "quantity", "summary/n"},
    {"summary/quantity_label", TEXT, "quantity", "summary/n"},
    {"summary/quantity_unit", TEXT, "quantity", "summary/n"},
    {"summary/probability", FLOAT64, "probability", "summary"},
    {"summary/n", INT64, "variant quantity", NULL},
    {"summary/n_finite", INT64, "variant quantity", "summary/n"},
    {"summary/n_differ", INT64, "variant quantity", "summary/n"},
    {"summary/mean", FLOAT64, "variant quantity", "summary/n"},
    {"summary/sd", FLOAT64, "variant quantity", "summary/n"},
    {"summary/mean_low", FLOAT64, "variant quantity", "summary/n"},
    {"summary/mean_high", FLOAT64, "variant quantity", "summary/n"},
    {"summary/mean_carriers", FLOAT64, "variant quantity", "summary/n"},
    {"summary/quantiles", FLOAT64, "variant quantity probability", "summary/n"},
    {"summary/quantiles_low", FLOAT64, "variant quantity probability", NULL},
    {"summary/quantiles_high", FLOAT64, "variant quantity probability", "summary/quantiles_low"},
    {"summary/difference_quantiles", FLOAT64, "variant quantity probability", "summary/quantiles_low"},
    {"summary/difference_quantiles_low", FLOAT64, "variant quantity probability", "summary/quantiles_low"},
    {"summary/difference_quantiles_high", FLOAT64, "variant quantity probability", "summary/quantiles_low"},
    {"summary/chance_low", FLOAT64, "variant quantity", "summary/n"},
    {"summary/chance_high", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_sd", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_low", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_high", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_carriers", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_chance_low", FLOAT64, "variant quantity", "summary/n"},
    {"summary/difference_chance_high", FLOAT64, "variant quantity", "summary/n"},
    {"summary/variance_reduction", FLOAT64, "variant quantity", "summary/n"},
    {"summary/share", FLOAT64, "variant quantity", NULL},
    {"summary/share_low", FLOAT64, "variant quantity", "summary/share"},
    {"summary/share_high", FLOAT64, "variant quantity", "summary/share"},
    {"summary/parameters_low", FLOAT64, "variant quantity", "summary/share"},
    {"summary/parameters_high", FLOAT64, "variant quantity", "summary/share"},
    {"summary/difference_share", FLOAT64, "variant quantity", "summary/share"},
    {"summary/difference_share_low", FLOAT64, "variant quantity", "summary/share"},
    {"summary/difference_share_high", FLOAT64, "variant quantity", "summary/share"},
    {"summary/difference_parameters_low", FLOAT64, "variant quantity", "summary/share"},
    {"summary/difference_parameters_high", FLOAT64, "variant quantity", "summary/share"},
    {"summary/time", FLOAT64, "time", NULL},
    {"summary/tie", TEXT, "tie", "summary/time"},
    {"summary/flow", TEXT, "flow", "summary/time"},
    {"summary/strength_mean", FLOAT32, "variant time tie", NULL},
    {"summary/strength_sd", FLOAT32, "variant time tie", "summary/strength_mean"},
    {"summary/strength_quantiles", FLOAT32, "probability variant time tie", "summary/strength_mean"},
    {"summary/trade_mean", FLOAT32, "variant time flow", NULL},
    {"summary/trade_sd", FLOAT32, "variant time flow", "summary/trade_mean"},
    {"summary/trade_quantiles", FLOAT32, "probability variant time flow", "summary/trade_mean"},
    {"histogram", GROUP, NULL, NULL},
    {"histogram/strength", GROUP, NULL, NULL},
    {"histogram/strength/entry", NOTHING, "entry", "histogram/strength"},
    {"histogram/strength/cell", UINT32, "entry", "histogram/strength"},
    {"histogram/strength/code", INT32, "entry", "histogram/strength"},
    {"histogram/strength/count", UINT32, "entry", "histogram/strength"},
    {"histogram/trade", GROUP, NULL, NULL},
    {"histogram/trade/entry", NOTHING, "entry", "histogram/trade"},
    {"histogram/trade/cell", UINT32, "entry", "histogram/trade"},
    {"histogram/trade/code", INT32, "entry", "histogram/trade"},
    {"histogram/trade/count", UINT32, "entry", "histogram/trade"},
    {"provenance", GROUP, NULL, NULL},
    {"provenance/plan", TEXT, "", "provenance"},
    {"provenance/file", TEXT, "file", NULL},
    {"provenance/file_text", TEXT, "file", "provenance/file"},
    {"provenance/setting", TEXT, "setting", NULL},
    {"provenance/parameter", TEXT, "parameter", NULL},
    {"provenance/parameter_value", FLOAT64, "parameter", "provenance/parameter"},
    {"sensitivity", GROUP, NULL, NULL},
    {"sensitivity/variant", TEXT, "variant", "sensitivity"},
    {"sensitivity/quantity", TEXT, "quantity", "sensitivity"},
    {"sensitivity/quantity_label", TEXT, "quantity", "sensitivity"},
    {"sensitivity/quantity_unit", TEXT, "quantity", "sensitivity"},
    {"sensitivity/swept", TEXT, "swept", "sensitivity"},
    {"sensitivity/points", INT64, "variant quantity", "sensitivity"},
    {"sensitivity/mean", FLOAT64, "variant quantity", NULL},
    {"sensitivity/sd", FLOAT64, "variant quantity", NULL},
    {"sensitivity/within", FLOAT64, "variant quantity", NULL},
    {"sensitivity/noise", FLOAT64, "variant quantity", NULL},
    {"sensitivity/r2", FLOAT64, "variant quantity", NULL},
    {"sensitivity/total", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/total_low", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/total_high", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/first", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/first_low", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/first_high", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/mu_star", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/mu_star_low", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/mu_star_high", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/mu", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/sigma", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/regression", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/regression_low", FLOAT64, "variant quantity swept", NULL},
    {"sensitivity/regression_high", FLOAT64, "variant quantity swept", NULL},
};
#define N_OBJECTS (sizeof objects / sizeof *objects)

typedef struct {
    const char *group, *name; /* "": of the root */
    sort_t sort;
    bool needed; /* if the group is there */
    double least, most;
} attribute_spec_t;

static const attribute_spec_t attributes[] = {
    {"", "entente_schema", TEXT, true, 0, 0},
    {"", "title", TEXT, true, 0, 0},
    {"", "identity", TEXT, false, 0, 0},
    {"", "as_of", TEXT, false, 0, 0},
    {"", "seed", UINT64, true, 0, INFINITY},
    {"", "chunk_replicates", INT64, true, 1, UINT32_MAX},
    {"", "start_day", FLOAT64, true, -CATALOGUE_MOST_DAYS, CATALOGUE_MOST_DAYS},
    {"", "horizon_days", FLOAT64, true, 0, CATALOGUE_MOST_DAYS},
    {"summary", "failed_replicates", INT64, true, 0, INFINITY},
    {"summary", "cells_left_out", INT64, true, 0, INFINITY},
    {"sensitivity", "design", TEXT, true, 0, 0},
    {"provenance", "program", TEXT, true, 0, 0},
    {"provenance", "git", TEXT, true, 0, 0},
    {"provenance", "build", TEXT, true, 0, 0},
    {"provenance", "command", TEXT, true, 0, 0},
    {"provenance", "start", TEXT, true, 0, 0},
    {"provenance", "end", TEXT, true, 0, 0},
    {"provenance", "host", TEXT, false, 0, 0},
};
#define N_ATTRIBUTES (sizeof attributes / sizeof *attributes)

/* ---- looking things up
 * ----------------------------------------------------------------------------------------- */

/* The index of an object, or -1. */
static int find(const char *path) {
    for (size_t i = 0; i < N_OBJECTS; i++)
        if (!strcmp(objects[i].path, path)) return (int)i;
    return -1;
}

const entry_t *catalogue_object(const catalogue_t *self, const char *path) {
    int i = find(path);
    return i >= 0 && self->objects[i].there ? &self->objects[i] : NULL;
}

const attribute_t *catalogue_attribute(const catalogue_t *self, const char *group, const char *name) {
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        if (!strcmp(attributes[i].group, group) && !strcmp(attributes[i].name, name))
            return self->attributes[i].there ? &self->attributes[i] : NULL;
    return NULL;
}

const char *catalogue_dataset(size_t n) {
    for (size_t i = 0; i < N_OBJECTS; i++)
        if (objects[i].sort != GROUP && n-- == 0) return objects[i].path;
    return NULL;
}

bool catalogue_is_text(const char *path) {
    int i = find(path);
    return i >= 0 && objects[i].sort == TEXT;
}

void catalogue_free(catalogue_t *self) {
    for (size_t i = 0; self->attributes && i < N_ATTRIBUTES; i++) mem_free(self->attributes[i].text);
    mem_free(self->attributes);
    mem_free(self->objects);
    *self = (catalogue_t){0};
}

/* ---- objects
 * ----------------------------------------------------------------------------------------------------- */

static bool is_of(hid_t type, sort_t sort) {
    switch (sort) {
    case TEXT:
        return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0;
    case INT8:
        return H5Tequal(type, H5T_NATIVE_INT8) > 0;
    case INT16:
        return H5Tequal(type, H5T_NATIVE_INT16) > 0;
    case INT32:
        return H5Tequal(type, H5T_NATIVE_INT32) > 0;
    case INT64:
        return H5Tequal(type, H5T_NATIVE_INT64) > 0;
    case UINT32:
        return H5Tequal(type, H5T_NATIVE_UINT32) > 0;
    case UINT64:
        return H5Tequal(type, H5T_NATIVE_UINT64) > 0;
    case FLOAT32:
        return H5Tequal(type, H5T_NATIVE_FLOAT) > 0;
    case FLOAT64:
        return H5Tequal(type, H5T_NATIVE_DOUBLE) > 0;
    case NOTHING:
        return H5Tequal(type, H5T_IEEE_F32BE) > 0;
    case GROUP:
        break;
    }
    return false;
}

/* Length of the path of the group that an object is in. */
static size_t group_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* The dimension `name` as an object of `path` sees it: of its own group, else of the root. */
static const entry_t *dimension(const catalogue_t *self, const char *path, const char *name, size_t length) {
    char own[128];
    size_t group = group_length(path);
    const entry_t *found = NULL;
    if (group) {
        snprintf(own, sizeof own, "%.*s/%.*s", (int)group, path, (int)length, name);
        found = catalogue_object(self, own);
    }
    snprintf(own, sizeof own, "%.*s", (int)length, name);
    return found ? found : catalogue_object(self, own);
}

static bool is_dimension(const object_spec_t *spec) {
    return spec->dims && *spec->dims &&
           !strcmp(spec->path + (group_length(spec->path) ? group_length(spec->path) + 1 : 0), spec->dims);
}

/* In a sweep, objects with replicates or summaries of them have the dimension `point` first. */
static bool has_point(const catalogue_t *self, const object_spec_t *spec) {
    if (!catalogue_object(self, "point") || is_dimension(spec)) return false;
    return strstr(spec->dims, "replicate") ||
           (!strncmp(spec->path, "summary/", 8) && strstr(spec->dims, "variant"));
}

/* Compares the shape of an object with its dimensions, which are listed before it. */
static int check_shape(const catalogue_t *self, const object_spec_t *spec, const entry_t *entry,
                       fault_t *err) {
    char dims[128], *rest = dims;
    int d = 0;
    snprintf(dims, sizeof dims, "%s%s", has_point(self, spec) ? "point " : "", spec->dims);
    for (char *name; *dims && (name = strsep(&rest, " ")); d++) {
        const entry_t *wanted = dimension(self, spec->path, name, strlen(name));
        /* A group repeats the root's dimensions; those of `provenance` are its own. */
        if (is_dimension(spec) && strncmp(spec->path, "provenance/", 11) != 0)
            wanted = catalogue_object(self, name);
        if (wanted == entry) wanted = NULL;
        if (d < entry->rank && wanted && entry->size[d] != wanted->size[0])
            return error_set(err, ERR_DATA, "%s has %llu values along %s, which has %llu", spec->path,
                             (unsigned long long)entry->size[d], name, (unsigned long long)wanted->size[0]);
        if (!wanted && !is_dimension(spec))
            return error_set(err, ERR_DATA, "%s: its dimension %s is missing", spec->path, name);
    }
    if (d == entry->rank) return 0;
    return error_set(err, ERR_DATA, "%s has %d dimensions instead of %d", spec->path, entry->rank, d);
}

static int look_at_object(catalogue_t *self, size_t i, hid_t file, uint64_t file_bytes, fault_t *err) {
    const object_spec_t *spec = &objects[i];
    entry_t *entry = &self->objects[i];
    char group[128];
    snprintf(group, sizeof group, "%.*s", (int)group_length(spec->path), spec->path);
    if (*group && !catalogue_object(self, group)) return 0;
    object_t object;
    int ret = hdf_look(file, spec->path, file_bytes, &object, err);
    if (ret || !object.there) goto out;
    entry->there = true;
    entry->rank = object.rank;
    memcpy(entry->size, object.size, sizeof entry->size);
    if (object.group != (spec->sort == GROUP) || (!object.group && !is_of(object.type, spec->sort)))
        ret = error_set(err, ERR_DATA, "%s is of another type than specified", spec->path);
    else if (!object.group)
        ret = check_shape(self, spec, entry, err);
out:
    return hdf_close(object.type, ret, err);
}

/* Nothing is stored along a dimension without values. */
static bool calls_for(const entry_t *needs) {
    return needs && (needs->rank != 1 || needs->size[0]);
}

static int check_needs(const catalogue_t *self, fault_t *err) {
    for (size_t i = 0; i < N_OBJECTS; i++) {
        const char *needs = objects[i].needs;
        if (needs && !self->objects[i].there && (!*needs || calls_for(catalogue_object(self, needs))))
            return error_set(err, ERR_DATA, "%s is missing", objects[i].path);
    }
    const entry_t *replicates = catalogue_object(self, "replicate"), *times = catalogue_object(self, "time"),
                  *probabilities = catalogue_object(self, "summary/probability");
    if (replicates->size[0] > UINT32_MAX || !catalogue_object(self, "variant")->size[0])
        return error_set(err, ERR_DATA, "it has no variant, or too many replicates");
    if (times && catalogue_object(self, "flow")->size[0] != 2 * catalogue_object(self, "tie")->size[0])
        return error_set(err, ERR_DATA, "flow: a tie has two");
    if (probabilities && probabilities->size[0] != ESTIMATE_QUANTILES)
        return error_set(err, ERR_DATA, "summary/probability: there are %d", ESTIMATE_QUANTILES);
    if (catalogue_object(self, "summary/n") && !catalogue_object(self, "quantity"))
        return error_set(err, ERR_DATA, "quantity is missing");
    return 0;
}

/* ---- attributes
 * ---------------------------------------------------------------------------------------------------- */

static int read_attribute(const attribute_spec_t *spec, hid_t group, attribute_t *out, fault_t *err) {
    int64_t whole = 0;
    int ret = 0;
    switch (spec->sort) {
    case TEXT:
        ret = hdf_read_attr_text(group, spec->name, &out->text, err);
        out->there = out->text != NULL;
        break;
    case UINT64:
        ret = hdf_read_attr(group, spec->name, H5T_NATIVE_UINT64, &out->whole, &out->there, err);
        out->number = (double)out->whole;
        break;
    case INT64:
        ret = hdf_read_attr(group, spec->name, H5T_NATIVE_INT64, &whole, &out->there, err);
        out->whole = (uint64_t)whole;
        out->number = (double)whole;
        break;
    default:
        ret = hdf_read_attr(group, spec->name, H5T_NATIVE_DOUBLE, &out->number, &out->there, err);
    }
    if (ret) return ret;
    if (!out->there && spec->needed)
        return error_set(err, ERR_DATA, "attribute %s%s%s is missing", spec->group, *spec->group ? "/" : "",
                         spec->name);
    if (out->there && spec->sort != TEXT && !(out->number >= spec->least && out->number <= spec->most))
        return error_set(err, ERR_DATA, "attribute %s%s%s is %g, not %g to %g", spec->group,
                         *spec->group ? "/" : "", spec->name, out->number, spec->least, spec->most);
    return 0;
}

static int look_at_attribute(catalogue_t *self, size_t i, hid_t file, fault_t *err) {
    const attribute_spec_t *spec = &attributes[i];
    if (*spec->group && !catalogue_object(self, spec->group)) return 0;
    hid_t group = H5Gopen2(file, *spec->group ? spec->group : "/", H5P_DEFAULT);
    if (group < 0) return hdf_fault_read(err, "reading %s", spec->group);
    return hdf_close(group, read_attribute(spec, group, &self->attributes[i], err), err);
}

static int check_schema(hid_t file, fault_t *err) {
    char *schema = NULL;
    int ret = hdf_read_attr_text(file, "entente_schema", &schema, err);
    if (!ret && !schema) return error_set(err, ERR_DATA, "not an output file of entente");
    long there = ret ? 0 : strtol(schema, NULL, 10), ours = strtol(STORE_SCHEMA, NULL, 10);
    if (!ret && there != ours)
        ret = error_set(err, there > ours ? ERR_NEWER : ERR_SCHEMA,
                        "written in format %s; this program reads %s", schema, STORE_SCHEMA);
    mem_free(schema);
    return ret;
}

int catalogue_read(catalogue_t *self, hid_t file, uint64_t file_bytes, fault_t *err) {
    int ret = 0;
    *self = (catalogue_t){.objects = mem_alloc(N_OBJECTS, sizeof *self->objects),
                          .attributes = mem_alloc(N_ATTRIBUTES, sizeof *self->attributes)};
    if (!self->objects || !self->attributes) return error_memory(err);
    TRY(check_schema(file, err));
    for (size_t i = 0; i < N_OBJECTS; i++) TRY(look_at_object(self, i, file, file_bytes, err));
    TRY(check_needs(self, err));
    for (size_t i = 0; i < N_ATTRIBUTES; i++) TRY(look_at_attribute(self, i, file, err));
out:
    return ret;
}
