#include "cli/tables/first_times.h"

#include "base/mem.h"
#include "cli/tables/compared.h"
#include <stdio.h>
#include <string.h>

void first_times_free(first_times_t *self) {
    for (size_t i = 0; i < self->n; i++) {
        mem_free(self->items[i].name);
        mem_free(self->items[i].label);
        mem_free(self->items[i].estimates);
    }
    mem_free(self->items);
    *self = (first_times_t){0};
}

static char *join(const char *text, const char *more) {
    size_t size = strlen(text) + strlen(more) + 1;
    char *out = mem_alloc(size, 1);
    if (out) snprintf(out, size, "%s%s", text, more);
    return out;
}

/* It is days that may never end, and does not come in some replicates. */
static bool may_not_come(const char *unit, size_t n_variants, size_t n_quantities,
                         const estimate_t *of_quantity) {
    bool always = true;
    for (size_t v = 0; v < n_variants; v++) {
        const estimate_t *e = &of_quantity[v * n_quantities];
        always &= e->n_finite == e->n;
    }
    return !always && !strcmp(unit, "days");
}

static int read_one(first_times_t *self, comparison_t *c, size_t quantity, fault_t *err) {
    int ret = 0;
    compared_t what;
    first_time_t *item = &self->items[self->n++];
    char *finite = join(c->quantities[quantity], "<1e300");
    item->name = join(c->quantities[quantity], "<=end");
    item->label = join(c->labels[quantity], ", by the end");
    item->estimates = mem_alloc(c->n_variants, sizeof *item->estimates);
    TRY_MEM(finite && item->name && item->label && item->estimates);
    TRY(comparison_read(c, finite, &what, err));
    memcpy(item->estimates, what.estimates, c->n_variants * sizeof *item->estimates);
out:
    mem_free(finite);
    return ret;
}

int first_times_read(first_times_t *self, store_t *store, const estimate_t *estimates, fault_t *err) {
    int ret = 0;
    size_t n_variants = store_size(store, "variant"), n_quantities = 0;
    char **units = NULL;
    comparison_t c = {.store = store};
    arena_init(&c.arena);
    *self = (first_times_t){0};
    TRY(store_names(store, "quantity_unit", &n_quantities, &units, err));
    self->items = mem_alloc(n_quantities, sizeof *self->items);
    TRY_MEM(self->items);
    for (size_t q = 0; q < n_quantities; q++) {
        if (!may_not_come(units[q], n_variants, n_quantities, estimates + q)) continue;
        if (!c.columns) TRY(comparison_init(&c, err));
        TRY(read_one(self, &c, q, err));
    }
out:
    c.store = NULL; /* the caller's */
    comparison_free(&c);
    store_free_names(n_quantities, units);
    return ret;
}
