#include "run/merge.h"

#include "base/mem.h"
#include "run/estimate.h"
#include "run/spread.h"
#include "run/study.h"
#include "run/tally.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- putting the parts together -------------------------------------------------------------------- */

static int take_counts(tally_t tallies[TALLY_N], store_t *part, const layout_t *layout, fault_t *err) {
    int ret = 0;
    for (int k = 0; k < TALLY_N && !ret; k++) {
        counts_t counts;
        if (!tally_cells(layout, k)) continue;
        ret = store_read_counts(part, k, &counts, err);
        if (!ret && tally_merge(&tallies[k], &counts) < 0) ret = error_set(err, ERR_NOMEM, "out of memory");
        counts_free(&counts);
    }
    return ret;
}

static int take_part(const plan_t *plan, const parts_t *parts, int index, store_t *out,
                     tally_t tallies[TALLY_N], fault_t *err) {
    int ret = 0;
    store_t *part = NULL;
    block_t block = plan_block(plan, index);
    TRY(parts_open_block(parts, plan, index, &part, err));
    TRY(store_append(out, part, block.point, block.first, block.first + block.n, err));
    TRY(take_counts(tallies, part, &plan->layout, err));
out:
    store_close(part);
    return ret;
}

static bool is_earlier(const block_t *block, uint32_t n_earlier, int earlier_points) {
    return block->first < n_earlier && block->point < earlier_points;
}

/* All of it without points; in a sweep the parts and the earlier file's points follow each other. */
static int take_all(const plan_t *plan, const parts_t *parts, const char *path, uint32_t n_earlier,
                    int earlier_points, store_t *out, tally_t tallies[TALLY_N], int *bad_block,
                    fault_t *err) {
    int ret = 0;
    store_t *earlier = NULL;
    if (path) TRY(store_open(&earlier, path, err));
    for (int b = 0; b < plan->n_blocks; b++) {
        block_t block = plan_block(plan, b);
        if (!earlier || !is_earlier(&block, n_earlier, earlier_points)) {
            ret = take_part(plan, parts, b, out, tallies, err);
            if (ret == ERR_DATA) *bad_block = b;
            if (ret) goto out;
        } else if (block.first == 0) {
            TRY(store_append(out, earlier, block.point, 0, n_earlier, err));
            TRY(take_counts(tallies, earlier, &plan->layout, err));
        }
    }
out:
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
    if (!estimates) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    *n_failed = 0;
    for (int p = 0; p < n_points; p++) {
        reading_t reading = {out, layout->n_points ? p : -1};
        estimate_source_t source = {.context = &reading,
                                    .values = read_values,
                                    .status = read_status,
                                    .quantities = layout->model->quantities};
        int64_t failed;
        TRY(estimate_all(&source, layout->n_variants, layout->model->n_quantities, plan->request.n_replicates,
                         estimates + (size_t)p * n, &failed, err));
        *n_failed += failed;
        if (!layout->n_points)
            TRY(spread_all(&source, read_draws, layout->model->n_uncertain, layout->model->uncertain,
                           layout->n_variants, layout->model->n_quantities, plan->request.n_replicates,
                           estimates, err));
    }
    for (int k = 0; k < TALLY_N; k++) {
        size_t cells = tally_cells(layout, k);
        if (!cells) continue;
        if (tally_take(&tallies[k], &counts[k]) < 0 ||
            fan_init(&fans[k], &counts[k], cells, k == TALLY_TRADE ? &layout->trade : &layout->strength) <
                0) {
            ret = error_set(err, ERR_NOMEM, "out of memory");
            goto out;
        }
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

int merge_parts(const plan_t *plan, const parts_t *parts, const char *earlier, uint32_t n_earlier,
                int earlier_points, const char *out_path, provenance_t *provenance, int64_t *n_failed,
                int *bad_block, fault_t *err) {
    int ret = 0;
    store_t *out = NULL;
    tally_t tallies[TALLY_N];
    char temporary[4096], end[32];
    *bad_block = -1;
    for (int k = 0; k < TALLY_N; k++) tally_init(&tallies[k], tally_cells(&plan->layout, k));
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.tmp", out_path) >= sizeof temporary)
        return error_set(err, ERR_CANTCREATE, "%s: the path is too long", out_path);
    TRY(store_create(&out, temporary, &plan->layout, plan->request.n_replicates, provenance->workers, err));
    TRY(take_all(plan, parts, earlier, n_earlier, earlier_points, out, tallies, bad_block, err));
    TRY(summarise(plan, out, tallies, n_failed, err));
    moment(end);
    provenance->end = end;
    provenance->plan = plan->text;
    provenance->identity = plan->identity;
    TRY(store_write_provenance(out, provenance, err));
    store_t *finished = out;
    out = NULL;
    TRY(store_finish(finished, err));
    if (rename(temporary, out_path)) {
        ret = error_set(err, ERR_IO, "%s: renaming failed: %s", out_path, strerror(errno));
        goto out;
    }
    ret = store_sync_folder(out_path, err);
out:
    store_close(out);
    if (ret) unlink(temporary);
    for (int k = 0; k < TALLY_N; k++) tally_free(&tallies[k]);
    return ret;
}
