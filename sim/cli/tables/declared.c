#include "cli/tables/declared.h"

#include "base/mem.h"
#include <string.h>

static int read_aims(declared_t *self, store_t *store, fault_t *err) {
    int ret = 0;
    char **names = NULL;
    TRY(store_names(store, "quantity_aim", &self->n_quantities, &names, err));
    self->aims = mem_alloc(self->n_quantities + 1, sizeof *self->aims);
    TRY_MEM(self->aims);
    for (size_t q = 0; q < self->n_quantities; q++)
        for (int aim = AIM_NONE; aim < AIM_N; aim++)
            if (!strcmp(names[q], aim_names[aim])) self->aims[q] = (aim_t)aim;
out:
    store_free_names(self->n_quantities, names);
    return ret;
}

int declared_read(declared_t *self, store_t *store, fault_t *err) {
    int ret = 0;
    size_t n_options = 0;
    char **roles = NULL;
    *self = (declared_t){0};
    if (!store_has(store, "quantity_aim")) return 0;
    TRY(read_aims(self, store, err));
    TRY(store_names(store, "variant_role", &self->n_variants, &roles, err));
    self->options = mem_alloc(self->n_variants + 1, sizeof *self->options);
    TRY_MEM(self->options);
    for (size_t v = 0; v < self->n_variants; v++) n_options += self->options[v] = *roles[v] != 0;
    self->there = n_options >= 2;
out:
    store_free_names(self->n_variants, roles);
    return ret;
}

void declared_free(declared_t *self) {
    mem_free(self->options);
    mem_free(self->aims);
}

bool declared_option(const declared_t *self, size_t variant) {
    return !self->there || (variant < self->n_variants && self->options[variant]);
}

aim_t declared_aim(const declared_t *self, size_t quantity) {
    return self->there && quantity < self->n_quantities ? self->aims[quantity] : AIM_NONE;
}
