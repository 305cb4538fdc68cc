#include "store/layout.h"

#include <math.h>

/* ---- how trajectories are cut -------------------------------------------------------------------------- */

/* One tie is read without all the others, and a moment's values lie within the reach of gzip from those of
 * the moment before. */
#define CHUNK_BYTES ((uint64_t)64 * 1024)
#define CHUNK_TIES 8 /* at least */
#define CHUNK_TIMES_BYTES ((uint64_t)4 * 1024 * 1024)

bool layout_has_trajectories(const layout_t *layout) {
    return layout->trajectories && layout->observation->n_times && layout->observation->n_ties;
}

grid_t layout_grid(const layout_t *layout, int trajectory, uint32_t n) {
    const rounding_t *rounding = trajectory == TRAJECTORY_TRADE ? &layout->trade : &layout->strength;
    uint64_t n_times = (uint64_t)layout->observation->n_times, n_ties = (uint64_t)layout->observation->n_ties;
    uint64_t b = layout->chunk_replicates, moment = b * sizeof(float), times = n_times, ties;
    if (times * moment * CHUNK_TIES > CHUNK_TIMES_BYTES) times = CHUNK_TIMES_BYTES / (moment * CHUNK_TIES);
    if (!times) times = 1;
    ties = CHUNK_BYTES / (moment * times);
    if (ties < CHUNK_TIES) ties = CHUNK_TIES;
    if (ties > n_ties) ties = n_ties;
    uint64_t both = trajectory == TRAJECTORY_TRADE ? 2 : 1; /* flows of a tie */
    return (grid_t){.rank = 4,
                    .size = {(uint64_t)layout->n_variants, n, n_times, both * n_ties},
                    .chunk = {1, b, times, both * ties},
                    .item = sizeof(float),
                    .shuffle = rounding->exact};
}

/* ---- summaries of trajectories ---- */

size_t layout_tally_cells(const layout_t *layout, tally_kind_t kind) {
    const observation_t *seen = layout->observation;
    size_t cells = (size_t)layout->n_variants * (size_t)seen->n_times * (size_t)seen->n_ties;
    if (layout->n_points || cells > TALLY_MOST_CELLS) return 0;
    return kind == TALLY_TRADE ? 2 * cells : cells;
}

static int add_values(tally_t *tally, const rounding_t *rounding, size_t first_cell, size_t n,
                      const float *values) {
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]) &&
            tally_add(tally, (uint32_t)(first_cell + i), rounding_code(rounding, values[i])) < 0)
            return ERR_NOMEM;
    return 0;
}

int layout_tally_add(const layout_t *layout, int variant, const result_t *result, tally_t tallies[TALLY_N]) {
    int ret = 0;
    if (!layout_tally_cells(layout, TALLY_STRENGTH)) return 0;
    size_t n = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
    TRY(add_values(&tallies[TALLY_STRENGTH], &layout->strength, (size_t)variant * n, n, result->strength));
    TRY(add_values(&tallies[TALLY_TRADE], &layout->trade, (size_t)variant * 2 * n, 2 * n, result->trade));
out:
    return ret;
}

const char *layout_role(const layout_t *self, size_t variant) {
    return self->model->variants[self->variants[variant]].is_option ? "option" : "";
}
