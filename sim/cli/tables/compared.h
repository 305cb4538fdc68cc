/* What `entente compare` compares: quantities and stored trajectories of a run's file, each with a threshold
 * or without, over the replicates that ended normally in all variants; or quantities of a sweep's file over
 * its points, by the means of their replicates: "replicate" then reads "point". */
#ifndef ENTENTE_CLI_TABLES_COMPARED_H
#define ENTENTE_CLI_TABLES_COMPARED_H

#include "cli/tables/declared.h"
#include "cli/tables/states.h"
#include "stats/parameters/spread.h"

typedef struct {
    store_t *store;
    states_t *points; /* of a sweep; else NULL */
    uint32_t n_replicates;
    size_t n_variants, n_quantities,
        n_parameters; /* no parameters if the replicates drew no different ones */
    char **variants, **quantities, **labels, **units, **parameters;
    char **joints; /* [parameter] the joint distribution that it is drawn from, or ""; NULL: all are alone */
    int *sets;     /* [parameter] the first parameter of the same one, -1; NULL: all are alone */
    declared_t declared; /* options and quantities to choose by */
    double horizon;
    double *columns;    /* [variant][replicate] of what was read last; NAN: the replicate failed */
    int8_t *failed;     /* [replicate] in any variant */
    spread_t spread;    /* of the first replicates that did not fail */
    uint32_t *rows;     /* [spread.n] which those are */
    double *own, *base; /* [spread.n] scratch */
    arena_t arena;      /* of what is below */
} comparison_t;

typedef struct {
    const char *name, *label, *unit;
    estimate_t *estimates; /* [variant] */
} compared_t;

/* 0 or a negative code; comparison_free then too, which is safe on a zeroed one. */
int comparison_init(comparison_t *self, fault_t *err); /* of self->store, a run's */
/* Of self->store, a sweep's, at that path. Points beyond the first SPREAD_ROWS are left out. */
int comparison_init_points(comparison_t *self, const char *path, fault_t *err);
void comparison_free(comparison_t *self);

/* The quantity, or trajectory, of that name; its values stay in self->columns. */
int comparison_read(comparison_t *self, const char *name, compared_t *what, fault_t *err);

/* The change by a variant, of what was read last, in the replicates of self->spread: change[spread.n]. */
void comparison_change(const comparison_t *self, size_t variant, double *change);

#endif
