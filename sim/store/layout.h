/* What a run stores: variants, points and times, how its trajectories are rounded and divided into chunks,
 * and which of them are summarised. */
#ifndef ENTENTE_STORE_LAYOUT_H
#define ENTENTE_STORE_LAYOUT_H

#include "engine/result.h"
#include "stats/tally.h"
#include "store/file/pack.h"

typedef struct {
    const model_t *model; /* borrowed, so the next */
    const observation_t *observation;
    uint64_t seed;
    int n_variants;
    const int *variants; /* [n_variants] of the model's; [0] is the one others are compared with */
    bool trajectories;   /* store them (their summaries are made in any case) */
    int64_t left_out;    /* cells of trajectories that are not summarised, being too many or a sweep's */
    bool events;
    uint32_t chunk_replicates; /* of a trajectory's chunk; >= 1 */
    int n_points;              /* 0: no dimension `point` */
    int n_swept;
    const int *swept;           /* [n_swept] of the model's params */
    const double *swept_values; /* [n_points][n_swept] */
    rounding_t strength, trade; /* strength's serves alignment too */
} layout_t;

/* Trajectories as they are stored. */
enum { TRAJECTORY_STRENGTH, TRAJECTORY_ALIGNMENT, TRAJECTORY_TRADE, TRAJECTORY_N };

/* How one of them is cut, of n replicates: [variant][replicate][time][tie or flow]. */
grid_t layout_grid(const layout_t *layout, int trajectory, uint32_t n);
bool layout_has_trajectories(const layout_t *layout);

/* ---- summaries of trajectories ---- */

/* Trajectories with more cells of strength than this are not summarised (a run with all ties of a scenario
 * with many actors), because the counts would take too much memory in a worker. The run and the file report
 * this. */
#define TALLY_MOST_CELLS 3000u

/* Trajectories as they are summarised: items (ties or flows) x times are the cells. */
typedef enum { TALLY_STRENGTH, TALLY_TRADE, TALLY_N } tally_kind_t;

/* Number of cells of a layout's trajectories of that kind; 0 if they are not summarised. */
size_t layout_tally_cells(const layout_t *layout, tally_kind_t kind);
/* Adds one replicate's trajectories of one variant to both tallies. */
int layout_tally_add(const layout_t *layout, int variant, const result_t *result, tally_t tallies[TALLY_N]);

/* "option", or "" of a variant that is none. */
const char *layout_role(const layout_t *self, size_t variant);

#endif
