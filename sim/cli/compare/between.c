#include "cli/compare/between.h"

#include "base/mem.h"
#include "cli/reopen.h"
#include "run/plan/identity.h"
#include "stats/interval.h"
#include <math.h>
#include <string.h>

bool between_is_file(const char *word) {
    size_t length = strlen(word);
    return reopen_is_output(word) || (length > 3 && !strcmp(word + length - 3, ".h5"));
}

void between_free(between_t *self) {
    surprises_free(&self->surprises);
    for (int f = OLD; f < BOTH; f++) {
        comparison_free(&self->files[f]);
        mem_free(self->plans[f]);
    }
    mem_free(self->differing);
    arena_free(&self->arena);
}

/* ---- what differs in what the runs are made from ------------------------------------------------------- */

typedef struct {
    between_t *between;
    bool failed;
} visitor_t;

static void note(void *context, const identity_change_t *change) {
    visitor_t *visitor = context;
    between_t *self = visitor->between;
    if (ARRAY_RESERVE(self->differing, self->n_differing, self->differing_capacity) < 0) {
        visitor->failed = true;
        return;
    }
    differing_t *one = &self->differing[self->n_differing++];
    *one = (differing_t){.name = arena_text_n(&self->arena, change->name, (size_t)change->n_name),
                         .of_scenario = change->of_scenario,
                         .in_old = change->there != NULL,
                         .in_new = change->here != NULL};
    if (!change->of_scenario && change->there)
        one->old = arena_text_n(&self->arena, change->there, (size_t)change->n_there);
    if (!change->of_scenario && change->here)
        one->new = arena_text_n(&self->arena, change->here, (size_t)change->n_here);
    visitor->failed |= !one->name;
}

static int read_plans(between_t *self, fault_t *err) {
    int ret = 0;
    visitor_t visitor = {.between = self};
    for (int f = OLD; f < BOTH; f++)
        TRY(store_text(self->files[f].store, "provenance/plan", &self->plans[f], err));
    identity_visit(self->plans[OLD], self->plans[NEW], note, &visitor);
    TRY_MEM(!visitor.failed);
out:
    return ret;
}

/* ---- the files ------------------------------------------------------------------------------------------
 */

static int open_file(comparison_t *c, const char *path, fault_t *err) {
    int ret = 0;
    arena_init(&c->arena);
    TRY(store_open(&c->store, path, err));
    if (store_size(c->store, "point"))
        return error_set(err, ERR_USAGE, "%s is a sweep; two files are compared if both are runs", path);
    TRY(comparison_init(c, err));
out:
    return ret;
}

static int find(size_t n, char *const *names, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return (int)i;
    return -1;
}

static bool has_quantity(const comparison_t *c, const comparison_t *of, size_t quantity) {
    int q = find(c->n_quantities, c->quantities, of->quantities[quantity]);
    return q >= 0 && !strcmp(c->units[q], of->units[quantity]);
}

/* The quantities of both files, and those of one alone. */
static int list_names(between_t *self, size_t *n, const char ***names, fault_t *err) {
    int ret = 0;
    *n = 0;
    *names = arena_alloc(&self->arena, self->files[OLD].n_quantities + 1, sizeof **names);
    TRY_MEM(*names);
    for (int f = OLD; f < BOTH; f++) {
        const comparison_t *own = &self->files[f], *other = &self->files[NEW - f];
        self->only[f] = arena_alloc(&self->arena, own->n_quantities + 1, sizeof *self->only[f]);
        TRY_MEM(self->only[f]);
        for (size_t q = 0; q < own->n_quantities; q++) {
            if (!has_quantity(other, own, q))
                self->only[f][self->n_only[f]++] = own->quantities[q];
            else if (f == OLD)
                (*names)[(*n)++] = own->quantities[q];
        }
    }
    if (*n) return 0;
    ret = error_set(err, ERR_DATA,
                    "%s (%zu quantities) and %s (%zu) have no quantity of the same name and unit: nothing to "
                    "compare",
                    self->paths[OLD], self->files[OLD].n_quantities, self->paths[NEW],
                    self->files[NEW].n_quantities);
out:
    return ret;
}

static bool share_variant(const between_t *self) {
    const comparison_t *old = &self->files[OLD], *new = &self->files[NEW];
    for (size_t v = 0; v < old->n_variants; v++)
        if (find(new->n_variants, new->variants, old->variants[v]) >= 0) return true;
    return false;
}

/* ---- the differences ------------------------------------------------------------------------------------
 */

typedef struct {
    compared_t what[BOTH];
    bool probability;
    double horizon; /* of the shorter period */
    double *columns[BOTH];
} task_t;

/* A column of a file: of a variant, or of its change; NAN where there is no value. */
static void fill(const comparison_t *c, size_t variant, bool is_change, double horizon, double *out) {
    const double *x = c->columns + variant * c->n_replicates;
    for (uint32_t i = 0; i < c->n_replicates; i++) {
        out[i] = x[i];
        if (!is_change) continue;
        double own = x[i] == INFINITY ? horizon : x[i],
               base = c->columns[i] == INFINITY ? horizon : c->columns[i];
        out[i] = own - base;
    }
}

static ends_t ends_of(const estimate_t *e, bool is_change) {
    return is_change ? (ends_t){e->difference_low, e->difference_high} : (ends_t){e->low, e->high};
}

static int estimate(const between_t *self, const task_t *task, const size_t variants[BOTH], bool is_change,
                    difference_t *out, fault_t *err) {
    int ret = 0;
    const estimate_t *levels[BOTH];
    for (int f = OLD; f < BOTH; f++) {
        levels[f] = &task->what[f].estimates[variants[f]];
        out->means[f] = is_change ? levels[f]->difference : levels[f]->mean;
        fill(&self->files[f], variants[f], is_change, task->horizon, task->columns[f]);
    }
    if (self->paired) {
        TRY(estimate_columns(task->columns[NEW], task->columns[OLD], self->n_pairs,
                             task->probability && !is_change, task->horizon, &out->of, err));
    } else {
        ends_t ends = interval_of_difference(out->means[NEW], ends_of(levels[NEW], is_change),
                                             out->means[OLD], ends_of(levels[OLD], is_change));
        out->of = (estimate_t){.difference = out->means[NEW] - out->means[OLD],
                               .difference_low = ends.low,
                               .difference_high = ends.high};
    }
out:
    return ret;
}

static int read_differences(between_t *self, const task_t *task, between_row_t *row, fault_t *err) {
    int ret = 0;
    const comparison_t *old = &self->files[OLD], *new = &self->files[NEW];
    bool same_base = !strcmp(old->variants[0], new->variants[0]);
    row->differences = arena_alloc(&self->arena, 2 * old->n_variants, sizeof *row->differences);
    TRY_MEM(row->differences);
    for (size_t v = 0; v < old->n_variants; v++) {
        int w = find(new->n_variants, new->variants, old->variants[v]);
        if (w < 0) continue;
        for (int is_change = 0; is_change <= (v && w && same_base); is_change++) {
            difference_t *one = &row->differences[row->n++];
            *one = (difference_t){.variant = old->variants[v], .is_change = is_change};
            TRY(estimate(self, task, (size_t[]){v, (size_t)w}, is_change, one, err));
        }
    }
out:
    return ret;
}

static int read_row(between_t *self, const char *name, task_t *task, between_row_t *row, fault_t *err) {
    int ret = 0;
    compared_t *what = task->what;
    for (int f = OLD; f < BOTH; f++) {
        ret = comparison_read(&self->files[f], name, &what[f], err);
        if (ret) {
            const char *own = arena_text(&self->arena, err->text);
            return error_set(err, ret, "%s: %s", self->paths[f], own ? own : "");
        }
    }
    if (strcmp(what[OLD].unit, what[NEW].unit) != 0)
        return error_set(err, ERR_DATA, "%s is in %s in %s, and in %s in %s: they cannot be compared", name,
                         what[OLD].unit, self->paths[OLD], what[NEW].unit, self->paths[NEW]);
    task->probability = !strcmp(what[NEW].unit, "probability");
    *row = (between_row_t){.name = name, .label = what[NEW].label, .unit = what[NEW].unit};
    return read_differences(self, task, row, err);
}

static int read_rows(between_t *self, size_t n, const char *const *names, fault_t *err) {
    int ret = 0;
    const comparison_t *files = self->files;
    task_t task = {.horizon = fmin(files[OLD].horizon, files[NEW].horizon),
                   .columns = {mem_alloc(files[OLD].n_replicates, sizeof(double)),
                               mem_alloc(files[NEW].n_replicates, sizeof(double))}};
    self->rows = arena_alloc(&self->arena, n, sizeof *self->rows);
    TRY_MEM(task.columns[OLD] && task.columns[NEW] && self->rows);
    for (; self->n_rows < n; self->n_rows++)
        TRY(read_row(self, names[self->n_rows], &task, &self->rows[self->n_rows], err));
out:
    mem_free(task.columns[OLD]);
    mem_free(task.columns[NEW]);
    return ret;
}

int between_read(between_t *self, const between_request_t *request, fault_t *err) {
    int ret = 0;
    size_t n = (size_t)request->n_names;
    const char *const *names = request->names;
    const char **found;
    *self = (between_t){.paths = {request->paths[OLD], request->paths[NEW]}};
    arena_init(&self->arena);
    for (int f = OLD; f < BOTH; f++) TRY(open_file(&self->files[f], self->paths[f], err));
    if (!share_variant(self)) {
        ret = error_set(err, ERR_DATA, "%s and %s have no variant of the same name: nothing to compare",
                        self->paths[OLD], self->paths[NEW]);
        goto out;
    }
    TRY(read_plans(self, err));
    self->paired = store_seed(self->files[OLD].store) == store_seed(self->files[NEW].store);
    uint32_t a = self->files[OLD].n_replicates, b = self->files[NEW].n_replicates;
    self->n_pairs = a < b ? a : b;
    if (!n) {
        TRY(list_names(self, &n, &found, err));
        names = found;
    }
    TRY(read_rows(self, n, names, err));
    for (int f = OLD; f < BOTH; f++) TRY(store_trouble(self->files[f].store, err));
    self->has_surprises = request->surprises > 0;
    if (self->has_surprises) TRY(surprises_find(&self->surprises, request->paths, request->workers, err));
out:
    return ret;
}
