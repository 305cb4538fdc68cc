/* The dimensions of a file, with the names and labels along them. */
#include "base/mem.h"
#include "store/store_file.h"
#include <stdio.h>
#include <string.h>

/* ---- one by one -------------------------------------------------------------------------------------- */

/* "KAZ-USA": the two names in alphabetical order. */
static void tie_name(const model_t *model, int tie, char *out, size_t size) {
    const char *a = model->actors[model->ties[tie].a].name, *b = model->actors[model->ties[tie].b].name;
    bool swap = strcmp(a, b) > 0;
    snprintf(out, size, "%s-%s", swap ? b : a, swap ? a : b);
}

static void flow_name(const model_t *model, int flow, char *out, size_t size) {
    snprintf(out, size, "%s->%s", model->actors[flow_from(model, flow)].name,
             model->actors[flow_to(model, flow)].name);
}

static int scale_ties(hid_t group, const layout_t *layout, fault_t *err) {
    const observation_t *seen = layout->observation;
    size_t n = (size_t)seen->n_ties, room = 2;
    for (int i = 0; i < layout->model->n_actors; i++) {
        size_t length = strlen(layout->model->actors[i].name);
        if (2 * length + 4 > room) room = 2 * length + 4;
    }
    int ret = 0;
    char *text = mem_alloc(2 * n, room);
    const char **names = mem_alloc(2 * n, sizeof *names);
    TRY_MEM(text && names);
    for (size_t i = 0; i < 2 * n; i++) names[i] = text + i * room;
    for (size_t i = 0; i < n; i++) tie_name(layout->model, seen->ties[i], text + i * room, room);
    TRY(hdf_scale_names(group, "tie", n, names, "tie between two actors", err));
    for (size_t i = 0; i < 2 * n; i++)
        flow_name(layout->model, 2 * seen->ties[i / 2] + (int)(i & 1), text + i * room, room);
    TRY(hdf_scale_names(group, "flow", 2 * n, names, "exports of the first actor to the second", err));
out:
    mem_free(text);
    mem_free(names);
    return ret;
}

static int scale_time(hid_t group, const layout_t *layout, const char *name, int n, const double *times,
                      fault_t *err) {
    hid_t time = hdf_scale_numbers(group, name, H5T_NATIVE_DOUBLE, (size_t)n, false, times, "time", err);
    if (time < 0) return ERR_IO;
    int ret = schema_describe_time(time, layout->model, err);
    if (!ret) ret = hdf_attr_text(time, "standard_name", "time", err);
    return hdf_close(time, ret, err);
}

/* Integers from 0 on as a dimension. */
static int scale_range(hid_t group, const char *name, size_t n, bool growing, const char *what,
                       fault_t *err) {
    int64_t *values = mem_alloc(n, sizeof *values);
    if (!values) return error_memory(err);
    for (size_t i = 0; i < n; i++) values[i] = (int64_t)i;
    hid_t scale = hdf_scale_numbers(group, name, H5T_NATIVE_INT64, n, growing, values, what, err);
    mem_free(values);
    return scale < 0 ? ERR_IO : hdf_close(scale, 0, err);
}

static int scale_variants(hid_t group, const layout_t *layout, fault_t *err) {
    const char **names = mem_alloc((size_t)layout->n_variants, sizeof *names);
    if (!names) return error_memory(err);
    for (int v = 0; v < layout->n_variants; v++) names[v] = layout->model->variants[layout->variants[v]].name;
    int ret =
        hdf_scale_names(group, "variant", (size_t)layout->n_variants, names, "variant of the scenario", err);
    mem_free(names);
    return ret;
}

/* What the scenario's `choose` says of variants and quantities, if it has one. */
static int write_choice(hid_t group, const layout_t *layout, const char **names, fault_t *err) {
    size_t n = (size_t)layout->model->n_quantities, n_variants = (size_t)layout->n_variants;
    bool chooses = false;
    for (size_t q = 0; q < n; q++) chooses |= *(names[q] = aim_names[layout->model->quantities[q].aim]) != 0;
    if (!chooses) return 0;
    int ret = hdf_write_texts(group, "quantity_aim", "quantity", n, names,
                              "which value is the best for a choice by this quantity", err);
    for (size_t v = 0; v < n_variants; v++) names[v] = layout_role(layout, v);
    return ret ? ret
               : hdf_write_texts(group, "variant_role", "variant", n_variants, names,
                                 "whether the variant is an option to choose", err);
}

/* ---- all ---------------------------------------------------------------------------------------------- */

static int scale_kinds(hid_t group, const model_t *model, const char **names, fault_t *err) {
    size_t n = (size_t)model->n_kinds;
    NAMES_OF(model->kinds, model->n_kinds, name, names);
    int ret = hdf_scale_names(group, "kind", n, names, "kind of event", err);
    NAMES_OF(model->kinds, model->n_kinds, label, names);
    return ret ? ret : hdf_write_labels(group, "kind", n, names, err);
}

static int scale_actors(hid_t group, const model_t *model, const char **names, fault_t *err) {
    size_t n = (size_t)model->n_actors;
    NAMES_OF(model->actors, model->n_actors, name, names);
    int ret = hdf_scale_names(group, "actor", n, names, "actor", err);
    NAMES_OF(model->actors, model->n_actors, label, names);
    return ret ? ret
               : hdf_write_texts(group, "actor_label", "actor", n, names, "the actor's name in full", err);
}

static int scale_quantities(hid_t group, const model_t *model, const char **names, fault_t *err) {
    size_t n = (size_t)model->n_quantities;
    int ret = 0;
    NAMES_OF(model->quantities, model->n_quantities, name, names);
    TRY(hdf_scale_names(group, "quantity", n, names, "named outcome", err));
    NAMES_OF(model->quantities, model->n_quantities, label, names);
    TRY(hdf_write_texts(group, "quantity_label", "quantity", n, names, "what the quantity is", err));
    NAMES_OF(model->quantities, model->n_quantities, unit, names);
    TRY(hdf_write_texts(group, "quantity_unit", "quantity", n, names, "unit of the quantity", err));
out:
    return ret;
}

static int scale_parameters(hid_t group, const model_t *model, const char **names, fault_t *err) {
    size_t n = (size_t)model->n_uncertain;
    const uncertain_t *uncertain = model->uncertain;
    int ret = 0;
    for (size_t u = 0; u < n; u++) names[u] = model->params[uncertain[u].param].path;
    TRY(hdf_scale_names(group, "parameter", n, names, "uncertain parameter", err));
    for (size_t u = 0; u < n; u++) names[u] = uncertain[u].label;
    TRY(hdf_write_labels(group, "parameter", n, names, err));
    for (size_t u = 0; u < n; u++)
        names[u] = uncertain[u].joint < 0 ? "" : model->joints[uncertain[u].joint].name;
    if (model->n_joints)
        TRY(hdf_write_texts(group, "parameter_joint", "parameter", n, names,
                            "joint distribution that the parameter is drawn from", err));
out:
    return ret;
}

/* What names give: all but quantities. */
static int scale_names(hid_t group, const layout_t *layout, const char **names, fault_t *err) {
    const model_t *model = layout->model;
    const observation_t *seen = layout->observation;
    int ret = 0;
    for (int v = 0; v < layout->n_variants; v++) names[v] = model->variants[layout->variants[v]].label;
    TRY(hdf_write_labels(group, "variant", (size_t)layout->n_variants, names, err));
    if (schema_metrics(layout))
        TRY(scale_time(group, layout, "metric_time", seen->n_metric_times, seen->metric_times, err));
    TRY(scale_kinds(group, model, names, err));
    TRY(scale_actors(group, model, names, err));
    NAMES_OF(model->groups, model->n_groups, name, names);
    if (model->n_groups)
        TRY(hdf_scale_names(group, "group", (size_t)model->n_groups, names, "group of actors", err));
    if (model->n_sectors)
        TRY(hdf_scale_names(group, "sector", (size_t)model->n_sectors, (const char *const *)model->sectors,
                            "sector of the economy", err));
    if (model->n_uncertain) TRY(scale_parameters(group, model, names, err));
out:
    return ret;
}

static size_t most_names(const layout_t *layout) {
    const model_t *model = layout->model;
    const int sizes[] = {model->n_kinds,  model->n_actors,  model->n_quantities, model->n_uncertain,
                         model->n_groups, model->n_sectors, layout->n_variants,  1};
    int most = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) most = sizes[i] > most ? sizes[i] : most;
    return (size_t)most;
}

int schema_dimensions(hid_t group, const layout_t *layout, uint32_t n_replicates, unsigned which,
                      fault_t *err) {
    const model_t *model = layout->model;
    const observation_t *seen = layout->observation;
    bool trajectories = seen->n_times > 0 && seen->n_ties > 0;
    int ret = 0;
    const char **names = mem_alloc(most_names(layout), sizeof *names);
    if (!names) return error_memory(err);
    if (layout->n_points && which & DIM_POINT_BIT)
        TRY(scale_range(group, "point", (size_t)layout->n_points, false, "design point", err));
    if (which & DIM_VARIANT_BIT) TRY(scale_variants(group, layout, err));
    if (which & DIM_REPLICATE_BIT)
        TRY(scale_range(group, "replicate", n_replicates, true, "replicate, from 0", err));
    if (trajectories && which & DIM_TIME_BIT) {
        TRY(scale_time(group, layout, "time", seen->n_times, seen->times, err));
        TRY(scale_ties(group, layout, err));
    }
    if (which & DIM_NAMES_BIT) TRY(scale_names(group, layout, names, err));
    if (model->n_quantities && which & DIM_QUANTITY_BIT) {
        TRY(scale_quantities(group, model, names, err));
        if (which & DIM_NAMES_BIT) TRY(write_choice(group, layout, names, err));
    }
out:
    mem_free(names);
    return ret;
}
