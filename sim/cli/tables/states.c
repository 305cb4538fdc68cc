#include "cli/tables/states.h"

#include "base/mem.h"
#include "text/suggest.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 4096 }; /* replicates in memory at a time */

/* ---- opening ---------------------------------------------------------------------------------------- */

int states_open(states_t *self, const char *path, fault_t *err) {
    int ret = 0;
    *self = (states_t){0};
    TRY(store_open(&self->store, path, err));
    self->of_points = store_size(self->store, "point") > 0;
    self->n_replicates = store_replicates(self->store);
    TRY(store_names(self->store, "variant", &self->n_variants, &self->variants, err));
    if (!store_has(self->store, "quantity"))
        return error_set(err, ERR_DATA, "%s has no quantities: name outcomes in the scenario", path);
    TRY(store_names(self->store, "quantity", &self->n_quantities, &self->quantities, err));
    TRY(store_names(self->store, "quantity_label", &self->n_quantities, &self->labels, err));
    TRY(store_names(self->store, "quantity_unit", &self->n_quantities, &self->units, err));
    if (self->of_points)
        TRY(store_names(self->store, "sensitivity/swept", &self->n_axes, &self->axes, err));
    else if (store_has(self->store, "parameter"))
        TRY(store_names(self->store, "parameter", &self->n_axes, &self->axes, err));
out:
    return ret;
}

void states_free(states_t *self) {
    store_free_names(self->n_variants, self->variants);
    store_free_names(self->n_quantities, self->quantities);
    store_free_names(self->n_quantities, self->labels);
    store_free_names(self->n_quantities, self->units);
    store_free_names(self->n_axes, self->axes);
    mem_free(self->x);
    mem_free(self->values);
    store_close(self->store);
}

/* ---- names ------------------------------------------------------------------------------------------ */

static int find(size_t n, char *const *names, const char *what, const char *name, size_t length,
                fault_t *err) {
    char wanted[400];
    snprintf(wanted, sizeof wanted, "%.*s", (int)length, name);
    suggest_t near = suggest_for(wanted);
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(names[i], wanted)) return (int)i;
        suggest_offer(&near, names[i]);
    }
    return error_set(err, ERR_USAGE, "no %s \"%s\" in this file%s%s%s", what, wanted,
                     near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
}

int states_quantity(const states_t *self, const char *name, size_t length, fault_t *err) {
    return find(self->n_quantities, self->quantities, "quantity", name, length, err);
}

int states_variant(const states_t *self, const char *name, size_t length, fault_t *err) {
    return find(self->n_variants, self->variants, "variant", name, length, err);
}

void states_name(const states_t *self, char out[64]) {
    if (self->of_points)
        snprintf(out, 64, "%zu points of %u replicate%s", self->n, (unsigned)self->n_replicates,
                 self->n_replicates == 1 ? "" : "s");
    else
        snprintf(out, 64, "%zu replicates", self->n);
}

/* ---- values ----------------------------------------------------------------------------------------- */

typedef struct {
    states_t *states;
    int quantity;
    double horizon;
    double *rows;    /* [CHUNK][quantity] */
    int8_t *status;  /* [CHUNK] */
    double *columns; /* [variant][CHUNK], NAN where the replicate stopped early in any */
} pass_t;

/* Replicates [first, first + n) of a point (-1: of a run) into the columns. */
static int read_chunk(pass_t *p, int point, uint32_t first, uint32_t n, fault_t *err) {
    int ret = 0;
    states_t *s = p->states;
    for (size_t v = 0; v < s->n_variants; v++) {
        TRY(store_read_quantities(s->store, point, (int)v, first, n, p->rows, err));
        for (uint32_t i = 0; i < n; i++) {
            double value = p->rows[(size_t)i * s->n_quantities + (size_t)p->quantity];
            p->columns[v * CHUNK + i] = isinf(value) ? p->horizon : value;
        }
    }
    for (size_t v = 0; v < s->n_variants; v++) {
        TRY(store_read_status(s->store, point, (int)v, first, n, p->status, err));
        for (uint32_t i = 0; i < n; i++)
            if (p->status[i] || isnan(p->columns[v * CHUNK + i]))
                for (size_t k = 0; k < s->n_variants; k++) p->columns[k * CHUNK + i] = NAN;
    }
out:
    return ret;
}

/* The means of a point's replicates become its values; NAN if all stopped early. */
static int read_point(pass_t *p, size_t point, size_t n_points, double *values, fault_t *err) {
    int ret = 0;
    states_t *s = p->states;
    double n_good = 0;
    for (size_t v = 0; v < s->n_variants; v++) values[v * n_points + point] = 0;
    for (uint32_t first = 0; first < s->n_replicates; first += CHUNK) {
        uint32_t n = s->n_replicates - first < CHUNK ? s->n_replicates - first : CHUNK;
        TRY(read_chunk(p, (int)point, first, n, err));
        for (uint32_t i = 0; i < n; i++) {
            if (isnan(p->columns[i])) continue;
            n_good++;
            for (size_t v = 0; v < s->n_variants; v++)
                values[v * n_points + point] += p->columns[v * CHUNK + i];
        }
    }
    for (size_t v = 0; v < s->n_variants; v++)
        values[v * n_points + point] = n_good > 0 ? values[v * n_points + point] / n_good : NAN;
out:
    return ret;
}

static int read_points(pass_t *p, size_t n, double *x, double *values, fault_t *err) {
    int ret = 0;
    states_t *s = p->states;
    for (size_t a = 0; a < s->n_axes; a++) {
        char name[PARAM_PATH_BYTES];
        store_swept_name(s->axes[a], name);
        TRY(store_numbers(s->store, name, n, x + a * n, err));
    }
    for (size_t i = 0; i < n; i++) TRY(read_point(p, i, n, values, err));
out:
    return ret;
}

static int read_replicates(pass_t *p, size_t n, double *x, double *values, fault_t *err) {
    int ret = 0;
    states_t *s = p->states;
    double *draws = mem_alloc(CHUNK * (s->n_axes + 1), sizeof *draws);
    if (!draws) return error_memory(err);
    for (uint32_t first = 0; first < n; first += CHUNK) {
        uint32_t some = (uint32_t)n - first < CHUNK ? (uint32_t)n - first : CHUNK;
        TRY(read_chunk(p, -1, first, some, err));
        if (s->n_axes) TRY(store_read_draws(s->store, -1, first, some, draws, err));
        for (uint32_t i = 0; i < some; i++) {
            for (size_t v = 0; v < s->n_variants; v++) values[v * n + first + i] = p->columns[v * CHUNK + i];
            for (size_t a = 0; a < s->n_axes; a++) x[a * n + first + i] = draws[(size_t)i * s->n_axes + a];
        }
    }
out:
    mem_free(draws);
    return ret;
}

int states_read_all(states_t *self, int quantity, fault_t *err) {
    int ret = 0;
    size_t n = self->of_points ? store_size(self->store, "point") : self->n_replicates;
    pass_t pass = {.states = self,
                   .quantity = quantity,
                   .horizon = store_attribute_number(self->store, "", "horizon_days", NAN)};
    mem_free(self->x);
    mem_free(self->values);
    self->x = mem_alloc(self->n_axes * n + 1, sizeof *self->x);
    self->values = mem_alloc(self->n_variants * n + 1, sizeof *self->values);
    pass.rows = mem_alloc(CHUNK * self->n_quantities, sizeof *pass.rows);
    pass.status = mem_alloc(CHUNK, sizeof *pass.status);
    pass.columns = mem_alloc(CHUNK * self->n_variants, sizeof *pass.columns);
    if (!self->x || !self->values || !pass.rows || !pass.status || !pass.columns) {
        ret = error_memory(err);
        goto out;
    }
    TRY(self->of_points ? read_points(&pass, n, self->x, self->values, err)
                        : read_replicates(&pass, n, self->x, self->values, err));
    self->n = n;
out:
    mem_free(pass.rows);
    mem_free(pass.status);
    mem_free(pass.columns);
    return ret;
}

/* Leaves out the states without values: keep[n] are the others. */
static void pack(size_t n, const bool *keep, size_t n_rows, double *rows) {
    size_t k = 0;
    for (size_t i = 0; i < n_rows * n; i++)
        if (keep[i % n]) rows[k++] = rows[i];
}

static int keep_good(states_t *self, fault_t *err) {
    size_t n = self->n;
    bool *keep = mem_alloc(n, sizeof *keep);
    if (!keep) return error_memory(err);
    self->n = 0;
    for (size_t i = 0; i < n; i++) self->n += keep[i] = !isnan(self->values[i]);
    pack(n, keep, self->n_axes, self->x);
    pack(n, keep, self->n_variants, self->values);
    mem_free(keep);
    return self->n ? 0 : error_set(err, ERR_DATA, "all replicates stopped early");
}

int states_read(states_t *self, int quantity, fault_t *err) {
    int ret = states_read_all(self, quantity, err);
    return ret ? ret : keep_good(self, err);
}
