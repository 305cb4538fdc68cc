#include "run/plan/earlier.h"

#include "base/mem.h"
#include "run/plan/identity.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a sweep's file: its points are the plan's first ones. Otherwise it is another design. */
static int look_at_points(const plan_t *plan, const char *path, store_t *store, earlier_t *earlier,
                          fault_t *err) {
    const layout_t *l = &plan->layout;
    size_t n = store_size(store, "point");
    earlier->n_points = (int)n;
    bool same = n <= (size_t)l->n_points;
    double *column = mem_alloc(n, sizeof *column);
    int ret = column ? 0 : ERR_NOMEM;
    for (int s = 0; s < l->n_swept && same && !ret; s++) {
        char name[PARAM_PATH_BYTES];
        store_swept_name(l->model->params[l->swept[s]].path, name);
        ret = store_numbers(store, name, n, column, err);
        for (size_t p = 0; p < n && !ret; p++)
            same = same && column[p] == l->swept_values[p * (size_t)l->n_swept + (size_t)s];
    }
    mem_free(column);
    if (ret || same) return ret;
    return error_set(
        err, ERR_DATA,
        "%s holds %zu points that this design of %d does not begin with; choose another name with "
        "-o, or overwrite it with --restart",
        path, n, l->n_points);
}

/* ---- what things are called -------------------------------------------------------------------------- */

static const char *actor_label(const layout_t *layout, size_t i) {
    return layout->model->actors[i].label;
}

static const char *quantity_label(const layout_t *layout, size_t i) {
    return layout->model->quantities[i].label;
}

static const char *quantity_aim(const layout_t *layout, size_t i) {
    return aim_names[layout->model->quantities[i].aim];
}

/* Without the variable all of its texts count as "". */
static bool has_texts(store_t *store, const char *path, const layout_t *layout, size_t n,
                      const char *(*text)(const layout_t *, size_t)) {
    size_t n_there = 0;
    char **there = NULL;
    bool has = store_has(store, path);
    bool same = !has || (!store_names(store, path, &n_there, &there, &(fault_t){0}) && n_there == n);
    for (size_t i = 0; same && i < n; i++) same = !strcmp(has ? there[i] : "", text(layout, i));
    store_free_names(n_there, there);
    return same || n == 0;
}

static bool has_names(store_t *store, const layout_t *layout) {
    const char *title = store_attribute(store, "", "title");
    size_t n_actors = (size_t)layout->model->n_actors, n_quantities = (size_t)layout->model->n_quantities;
    bool same = title && !strcmp(title, layout->model->title ? layout->model->title : "");
    same = same && has_texts(store, "actor_label", layout, n_actors, actor_label) &&
           has_texts(store, "quantity_label", layout, n_quantities, quantity_label) &&
           has_texts(store, "quantity_aim", layout, n_quantities, quantity_aim);
    return same && (!store_has(store, "quantity_aim") ||
                    has_texts(store, "variant_role", layout, (size_t)layout->n_variants, layout_role));
}

/* ---- the file ---------------------------------------------------------------------------------------- */

/* An error of opening the file with the final name: it is reported, unless the file is ours and may be
 * overwritten.
 * */
static int refuse(const char *path, bool restart, int ret, const fault_t *own, fault_t *err) {
    bool ours = ret == ERR_DATA || ret == ERR_DAMAGED || ret == ERR_SCHEMA || ret == ERR_NEWER;
    if (ours && restart) return 0;
    if (ours)
        return error_set(err, ret, "%s; choose another name with -o, or overwrite it with --restart",
                         own->text);
    if (ret == ERR_LOCKED) return error_set(err, ERR_CANTCREATE, "%s", own->text);
    if (ret != ERR_NOINPUT) return error_set(err, ret, "%s", own->text);
    if (access(path, R_OK)) return error_set(err, ERR_CANTCREATE, "%s", own->text);
    return error_set(err, ERR_CANTCREATE,
                     "%s: there is a file of another type (%s); remove it or choose another name with -o",
                     path, own->text);
}

/* Compares the plan by which it was made: ERR_DATA if it is another. */
static int look_at_plan(const plan_t *plan, const char *path, store_t *store, fault_t *err) {
    char *there = NULL, what[700];
    int ret = 0;
    if (!store_has(store, "provenance/plan"))
        return error_set(err, ERR_DATA, "%s: it contains no plan; choose another name with -o", path);
    TRY(store_text(store, "provenance/plan", &there, err));
    if (identity_differences(there, plan->text, plan->request.scenario, what, sizeof what))
        ret = error_set(
            err, ERR_DATA,
            "%s holds the result of another run (%s); choose another name with -o, or overwrite it with "
            "--restart",
            path, what);
out:
    mem_free(there);
    return ret;
}

/* One that is to grow is compared with its seal to the last byte. */
int earlier_look(const plan_t *plan, const char *out_path, bool restart, earlier_t *earlier, fault_t *err) {
    struct stat info;
    store_t *store = NULL;
    fault_t own = {0};
    *earlier = (earlier_t){0};
    if (stat(out_path, &info)) {
        if (errno == ENOENT || errno == ENOTDIR) return 0;
        return error_set(err, ERR_CANTCREATE, "%s: %s", out_path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) return error_set(err, ERR_CANTCREATE, "%s: is not a regular file", out_path);
    int ret = store_open_whole(&store, out_path, &own);
    if (ret) return refuse(out_path, restart, ret, &own, err);
    if (restart) goto out;
    TRY(look_at_plan(plan, out_path, store, err));
    earlier->there = true;
    earlier->n_replicates = store_replicates(store);
    earlier->reusable = earlier->n_replicates % plan->block_replicates == 0 ||
                        earlier->n_replicates == plan->request.n_replicates;
    earlier->renamed = !has_names(store, &plan->layout);
    if (plan->layout.n_points) TRY(look_at_points(plan, out_path, store, earlier, err));
    ret = store_trouble(store, err);
out:
    store_close(store);
    return ret;
}

bool earlier_is_complete(const plan_t *plan, const earlier_t *earlier) {
    return earlier->there && earlier->n_replicates >= plan->request.n_replicates &&
           earlier->n_points >= plan->layout.n_points;
}
