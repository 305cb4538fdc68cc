#include "run/merge.h"

#include "base/mem.h"
#include "run/study.h"
#include "stats/estimate.h"
#include "stats/parameters/spread.h"
#include "stats/tally.h"
#include "store/file/sealed.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- putting the parts together -------------------------------------------------------------------- */

static int take_counts(tally_t tallies[TALLY_N], counts_t counts[TALLY_N], const layout_t *layout,
                       fault_t *err) {
    for (int k = 0; k < TALLY_N; k++)
        if (layout_tally_cells(layout, k) && tally_merge(&tallies[k], &counts[k]) < 0)
            return error_memory(err);
    return 0;
}

/* Those of the earlier file. */
static int take_earlier_counts(tally_t tallies[TALLY_N], store_t *earlier, const layout_t *layout,
                               fault_t *err) {
    counts_t counts[TALLY_N] = {{0}};
    int ret = 0;
    for (int k = 0; k < TALLY_N && !ret; k++)
        if (layout_tally_cells(layout, k)) ret = store_read_counts(earlier, k, &counts[k], err);
    if (!ret) ret = take_counts(tallies, counts, layout, err);
    for (int k = 0; k < TALLY_N; k++) counts_free(&counts[k]);
    return ret;
}

bool merge_is_earlier(const block_t *block, uint32_t n_earlier, int earlier_points) {
    return block->first < n_earlier && block->point + block->n_points <= earlier_points;
}

typedef struct { /* what parts are put into */
    store_t *out;
    tally_t *tallies; /* [TALLY_N] */
    const layout_t *layout;
} taking_t;

static int take_part(void *context, part_t *part, fault_t *err) {
    const taking_t *taking = context;
    int ret = take_counts(taking->tallies, part->counts, taking->layout, err);
    return ret ? ret : store_append(taking->out, part, err);
}

/* Block by block, each from its part or from the earlier file. */
static int take_all(merge_t *self, store_t *out, tally_t tallies[TALLY_N], fault_t *err) {
    int ret = 0;
    store_t *earlier = NULL;
    part_t part = {0};
    const plan_t *plan = self->plan;
    taking_t taking = {out, tallies, &plan->layout};
    uint32_t most = plan->block_replicates;
    if (most > plan->request.n_replicates) most = plan->request.n_replicates;
    TRY_MEM(part_init_packed(&part, &plan->layout, most) == 0);
    if (self->earlier) TRY(store_open_whole(&earlier, self->earlier, err));
    if (earlier) TRY(take_earlier_counts(tallies, earlier, &plan->layout, err));
    for (int b = 0; b < plan->n_blocks; b++) {
        block_t block = plan_block(plan, b);
        if (!earlier || !merge_is_earlier(&block, self->n_earlier, self->earlier_points)) {
            ret = parts_read_block(self->parts, plan, b, &part, take_part, &taking, err);
            if (ret == ERR_DATA) self->bad_block = b;
            if (ret) goto out;
            continue;
        }
        for (int p = 0; p < block.n_points; p++) {
            TRY(store_read_part(earlier, block.point + p, block.first, block.n, &part, err));
            TRY(store_append(out, &part, err));
        }
    }
out:
    part_free(&part);
    store_close(earlier);
    return ret;
}

/* ---- summary --------------------------------------------------------------------------------------- */

typedef struct {
    store_t *store;
    int point;
} reading_t;

static int read_values(void *context, int variant, uint32_t first, uint32_t n, double *values, fault_t *err) {
    const reading_t *r = context;
    return store_read_quantities(r->store, r->point, variant, first, n, values, err);
}

static int read_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status, fault_t *err) {
    const reading_t *r = context;
    return store_read_status(r->store, r->point, variant, first, n, status, err);
}

static int read_draws(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err) {
    const reading_t *r = context;
    return store_read_draws(r->store, r->point, first, n, draws, err);
}

static int summarise(const plan_t *plan, store_t *out, tally_t tallies[TALLY_N], int64_t *n_failed,
                     fault_t *err) {
    const layout_t *layout = &plan->layout;
    int ret = 0, n_points = layout->n_points ? layout->n_points : 1;
    size_t n = (size_t)layout->n_variants * (size_t)layout->model->n_quantities;
    counts_t counts[TALLY_N] = {{0}};
    fan_t fans[TALLY_N] = {{0}};
    estimate_t *estimates = mem_alloc(n * (size_t)n_points, sizeof *estimates);
    TRY_MEM(estimates);
    *n_failed = 0;
    for (int p = 0; p < n_points; p++) {
        reading_t reading = {out, layout->n_points ? p : -1};
        estimate_source_t source = {.context = &reading,
                                    .values = read_values,
                                    .status = read_status,
                                    .quantities = layout->model->quantities,
                                    .horizon = layout->model->horizon};
        int64_t failed;
        TRY(estimate_all(&source, layout->n_variants, layout->model->n_quantities, plan->request.n_replicates,
                         estimates + (size_t)p * n, &failed, err));
        *n_failed += failed;
        spread_source_t spread = {&source, read_draws, layout->model->n_uncertain};
        if (!layout->n_points)
            TRY(spread_all(&spread, layout->n_variants, layout->model->n_quantities,
                           plan->request.n_replicates, estimates, err));
    }
    for (int k = 0; k < TALLY_N; k++) {
        size_t cells = layout_tally_cells(layout, k);
        if (!cells) continue;
        TRY_MEM(tally_take(&tallies[k], &counts[k]) == 0 &&
                fan_init(&fans[k], &counts[k], cells,
                         k == TALLY_TRADE ? &layout->trade : &layout->strength) == 0);
    }
    TRY(store_write_summary(out, estimates, fans, counts, *n_failed, err));
    if (plan->request.points)
        ret = study_write(out, plan->request.points, layout, plan->request.n_replicates, err);
out:
    for (int k = 0; k < TALLY_N; k++) {
        counts_free(&counts[k]);
        fan_free(&fans[k]);
    }
    mem_free(estimates);
    return ret;
}

static void moment(char out[32]) {
    time_t now = time(NULL);
    struct tm utc;
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

int merge_parts(merge_t *self, provenance_t *provenance, fault_t *err) {
    int ret = 0;
    store_t *out = NULL;
    tally_t tallies[TALLY_N];
    char *temporary = parts_result_path(self->parts), end[32];
    const plan_t *plan = self->plan;
    self->bad_block = -1;
    for (int k = 0; k < TALLY_N; k++) tally_init(&tallies[k], layout_tally_cells(&plan->layout, k));
    if (!temporary) return error_memory(err);
    unlink(temporary); /* of an earlier try */
    TRY(store_create(&out, temporary, &plan->layout, plan->request.n_replicates, provenance->workers, err));
    TRY(take_all(self, out, tallies, err));
    TRY(summarise(plan, out, tallies, &self->n_failed, err));
    moment(end);
    provenance->end = end;
    provenance->plan = plan->text;
    provenance->identity = plan->identity;
    TRY(store_write_provenance(out, provenance, err));
    store_t *finished = out;
    out = NULL;
    TRY(store_finish(finished, err));
    if (rename(temporary, self->out_path)) {
        ret = error_set(err, ERR_IO, "%s: renaming failed: %s", self->out_path, strerror(errno));
        unlink(temporary);
        goto out;
    }
    ret = sealed_sync_folder(self->out_path, err);
out:
    store_close(out);
    for (int k = 0; k < TALLY_N; k++) tally_free(&tallies[k]);
    mem_free(temporary);
    return ret;
}
