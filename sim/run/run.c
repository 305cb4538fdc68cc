#include "run/run.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "run/merge.h"
#include "run/plan/earlier.h"
#include "run/signals.h"
#include "run/worker.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_TRIES 3 /* times that a block is done again because its part is damaged */

/* The blocks to simulate, in order; *done counts the replicates that need not be. */
static int list_missing(const plan_t *plan, const parts_t *parts, const run_options_t *options,
                        const earlier_t *earlier, int **todo, int *n_todo, int64_t *done) {
    uint32_t n_earlier = earlier->reusable ? earlier->n_replicates : 0;
    *n_todo = 0;
    *done = 0;
    *todo = mem_alloc((size_t)plan->n_blocks, sizeof **todo);
    if (!*todo) return ERR_NOMEM;
    for (int i = options->n_tasks ? options->task : 0; i < plan->n_blocks;
         i += options->n_tasks ? options->n_tasks : 1) {
        int b = plan_nth(plan, i);
        block_t block = plan_block(plan, b);
        if (merge_is_earlier(&block, n_earlier, earlier->n_points) || parts_has(parts, plan, b))
            *done += block_replicates_in_all(&block);
        else
            (*todo)[(*n_todo)++] = b;
    }
    return 0;
}

/* The quantities as they lie in the parts and the earlier file, for looks in between. */
typedef struct {
    const plan_t *plan;
    const parts_t *parts;
    const char *earlier;
    uint32_t n_earlier;
    store_t *file; /* the earlier one, once it was opened */
    part_t part;   /* the last one read */
    int block;     /* it is of; -1 none yet */
    int bad_block; /* one that cannot be read, -1 */
} pieces_t;

static void pieces_free(pieces_t *self) {
    store_close(self->file);
    part_free(&self->part);
}

/* The part that holds replicate r. */
static int pieces_read_part(pieces_t *self, uint32_t r, fault_t *err) {
    int index = (int)(r / self->plan->block_replicates);
    if (self->block == index) return 0;
    if (!self->part.layout &&
        part_init_packed(&self->part, &self->plan->layout, self->plan->block_replicates) < 0)
        return error_memory(err);
    self->block = -1;
    int ret = parts_read_block(self->parts, self->plan, index, &self->part, NULL, NULL, err);
    if (ret == ERR_DATA) self->bad_block = index;
    if (!ret) self->block = index;
    return ret;
}

static int pieces_read(pieces_t *self, int variant, uint32_t first, uint32_t n, double *values,
                       int8_t *status, fault_t *err) {
    size_t row = (size_t)self->plan->layout.model->n_quantities;
    int ret = 0;
    for (uint32_t done = 0, count; done < n && !ret; done += count) {
        uint32_t r = first + done, left = n - done;
        if (r < self->n_earlier) {
            count = self->n_earlier - r < left ? self->n_earlier - r : left;
            if (!self->file) ret = store_open(&self->file, self->earlier, err);
            if (!ret)
                ret = values
                          ? store_read_quantities(self->file, -1, variant, r, count, values + done * row, err)
                          : store_read_status(self->file, -1, variant, r, count, status + done, err);
            continue;
        }
        ret = pieces_read_part(self, r, err);
        if (ret) break;
        const part_t *part = &self->part;
        uint32_t from = r - part->first;
        size_t run = (size_t)variant * part->n + from;
        count = part->n - from < left ? part->n - from : left;
        if (values)
            memcpy(values + done * row, part->quantity_value + run * row, count * row * sizeof *values);
        else
            memcpy(status + done, part->status + run, count);
    }
    return ret;
}

static int pieces_values(void *context, int variant, uint32_t first, uint32_t n, double *values,
                         fault_t *err) {
    return pieces_read(context, variant, first, n, values, NULL, err);
}

static int pieces_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status,
                         fault_t *err) {
    return pieces_read(context, variant, first, n, NULL, status, err);
}

static int64_t count_replicates(const plan_t *plan, int n_todo, const int *todo) {
    int64_t n = 0;
    for (int i = 0; i < n_todo; i++) {
        block_t block = plan_block(plan, todo[i]);
        n += block_replicates_in_all(&block);
    }
    return n;
}

/* Names the first of the parts that are not there. */
static int refuse_missing(const plan_t *plan, const parts_t *parts, int n_todo, const int *todo,
                          fault_t *err) {
    int first = todo[0];
    for (int i = 1; i < n_todo; i++)
        if (todo[i] < first) first = todo[i];
    char *path = parts_path(parts, plan, first);
    error_set(err, ERR_DATA, "%d of %d parts are missing, the first: %s; nothing is merged", n_todo,
              plan->n_blocks, path ? path : "");
    mem_free(path);
    return err->code;
}

static int simulate(const plan_t *plan, const parts_t *parts, const earlier_t *earlier,
                    const run_options_t *options, progress_t *progress, run_report_t *report, fault_t *err) {
    int *todo = NULL, n_todo = 0, ret = 0;
    int64_t done = 0;
    if (list_missing(plan, parts, options, earlier, &todo, &n_todo, &done) < 0) return error_memory(err);
    int64_t total = done + count_replicates(plan, n_todo, todo);
    if (options->only_merge && n_todo) {
        ret = refuse_missing(plan, parts, n_todo, todo, err);
        mem_free(todo);
        return ret;
    }
    progress_begin(progress, options->progress, total, done);
    if (!report->n_simulated) report->n_reused = done;
    if (done && !report->n_simulated)
        progress_say(progress, false, "%lld of %lld replicates exist already", (long long)done,
                     (long long)total);
    report->n_simulated += total - done;
    ret = workers_run(plan, parts, n_todo, todo, options->workers, progress, &report->work, err);
    if (ret) list_missing(plan, parts, options, earlier, (mem_free(todo), &todo), &n_todo, &done);
    progress_end(progress, ret ? done : total);
    if (ret == ERR_INTERRUPTED)
        error_set(err, ret,
                  "interrupted: %lld of %lld replicates are done and kept in %s; the same command continues",
                  (long long)done, (long long)total, parts->folder);
    mem_free(todo);
    return ret;
}

/* "the half-width of deals (silence) is 6.2e+07 USD after 200 replicates, but 5e+07 USD is requested". */
static void tell_look(const plan_t *plan, const precision_t *wanted, const precision_look_t *look, char *out,
                      size_t size) {
    const plan_request_t *r = &plan->request;
    const precision_t *asked = &wanted[look->wanted];
    const quantity_t *quantity = &r->model->quantities[asked->quantity];
    const char *variant = r->model->variants[r->variants[look->variant]].name,
               *unit =
                   !strcmp(quantity->unit, "1") || quantity_is_probability(quantity) ? "" : quantity->unit,
               *gap = *unit ? " " : "", *by = asked->variant == PRECISION_MEANS ? "" : "change by ";
    double two_digits = elementary_power_of_ten(elementary_decade(look->needed) - 1),
           needed = ceil(look->needed / two_digits) * two_digits;
    char relative[32] = "";
    if (asked->relative) snprintf(relative, sizeof relative, " (%.3g %%)", 100 * asked->half_width);
    if (isfinite(look->needed))
        snprintf(out, size,
                 "the half-width of %s (%s%s) is %.3g%s%s after %u replicates, but %.3g%s%s%s is requested; "
                 "that needs about %.*g",
                 quantity->name, by, variant, look->half_width, gap, unit, r->n_replicates, look->allowed,
                 gap, unit, relative, needed < 1e9 ? 9 : 2, needed);
    else
        snprintf(out, size, "%s (%s%s) has too few values for %s after %u replicates", quantity->name, by,
                 variant, isnan(look->half_width) ? "an interval" : "a relative width", r->n_replicates);
}

/* Simulates the plan, or until the requested precision is reached; the plan then has the number of
 * replicates used. ERR_DATA with *bad_block if a part cannot be read. */
static int simulate_enough(plan_t *plan, const parts_t *parts, const earlier_t *earlier,
                           const run_options_t *options, progress_t *progress, run_report_t *report,
                           int *bad_block, fault_t *err) {
    uint32_t n_earlier = earlier->reusable ? earlier->n_replicates : 0;
    const layout_t *layout = &plan->layout;
    uint32_t most = plan->request.n_replicates, n = n_earlier > PRECISION_FIRST ? n_earlier : PRECISION_FIRST;
    int ret = 0;
    if (!options->n_precision) return simulate(plan, parts, earlier, options, progress, report, err);
    estimate_t *estimates =
        mem_alloc((size_t)layout->n_variants * (size_t)layout->model->n_quantities, sizeof *estimates);
    if (!estimates) return error_memory(err);
    for (;;) {
        uint32_t b = plan->block_replicates, whole = (n + b - 1) / b * b;
        int64_t failed;
        char what[512];
        plan_set_replicates(plan, whole < most ? whole : most);
        TRY(simulate(plan, parts, earlier, options, progress, report, err));
        pieces_t pieces = {.plan = plan,
                           .parts = parts,
                           .n_earlier = n_earlier,
                           .earlier = options->out_path,
                           .block = -1,
                           .bad_block = -1};
        estimate_source_t source = {.context = &pieces,
                                    .values = pieces_values,
                                    .status = pieces_status,
                                    .quantities = layout->model->quantities,
                                    .horizon = layout->model->horizon};
        ret = estimate_all(&source, layout->n_variants, layout->model->n_quantities,
                           plan->request.n_replicates, estimates, &failed, err);
        pieces_free(&pieces);
        *bad_block = pieces.bad_block;
        if (ret) break;
        precision_look_t look =
            precision_look(options->precision, options->n_precision, estimates, layout->n_variants,
                           layout->model->n_quantities, plan->request.n_replicates);
        if (look.reached) break;
        tell_look(plan, options->precision, &look, what, sizeof what);
        if (plan->request.n_replicates >= most) {
            report->imprecise = true;
            progress_say(progress, true, "%s; the limit was %u", what, most);
            break;
        }
        if (most == PRECISION_MOST && isfinite(look.needed) && look.needed > most) {
            ret = error_set(err, ERR_USAGE,
                            "%s, more than the limit of %u without -n: ask for a wider interval, or allow "
                            "more replicates with -n (finished parts are kept in %s)",
                            what, most, parts->folder);
            break;
        }
        progress_say(progress, false, "%s", what);
        n = look.next;
    }
out:
    mem_free(estimates);
    report->n_replicates = plan->request.n_replicates;
    return ret;
}

/* Simulates and merges; simulates a damaged part again. */
static int simulate_and_merge(plan_t *plan, const parts_t *parts, const earlier_t *earlier,
                              const run_options_t *options, run_report_t *report, fault_t *err) {
    progress_t progress;
    provenance_t provenance = options->provenance;
    uint32_t n_earlier = earlier->there && earlier->reusable ? earlier->n_replicates : 0;
    uint32_t most = plan->request.n_replicates;
    provenance.workers = options->workers;
    for (int tries = 0, last_bad = -1;;) {
        int bad = -1;
        plan_set_replicates(plan, most);
        int ret = simulate_enough(plan, parts, earlier, options, &progress, report, &bad, err);
        if (ret && bad < 0) return ret;
        if (options->n_tasks) return 0;
        if (n_earlier && n_earlier == plan->request.n_replicates && !plan->layout.n_points &&
            !earlier->renamed) { /* precise enough as it was */
            report->was_complete = true;
            return 0;
        }
        merge_t merge = {.plan = plan,
                         .parts = parts,
                         .out_path = options->out_path,
                         .earlier = n_earlier ? options->out_path : NULL,
                         .n_earlier = n_earlier,
                         .earlier_points = earlier->n_points};
        if (!ret) {
            ret = merge_parts(&merge, &provenance, err);
            report->n_failed = merge.n_failed;
            bad = merge.bad_block;
        }
        tries = bad == last_bad ? tries + 1 : 1;
        last_bad = bad;
        if (!ret || bad < 0 || tries > BLOCK_TRIES || options->only_merge) return ret;
        progress_say(&progress, true, "%s; its replicates are simulated again", err->text);
        *err = (fault_t){0};
        char *path = parts_path(parts, plan, bad);
        if (path) unlink(path);
        mem_free(path);
    }
}

/* Writes the complete file again, with the scenario's present title, labels and `choose`. */
static int rename_things(plan_t *plan, const run_options_t *options, const earlier_t *earlier,
                         run_report_t *report, fault_t *err) {
    parts_t parts = {.lock = -1};
    provenance_t provenance = options->provenance;
    merge_t merge = {.plan = plan,
                     .parts = &parts,
                     .out_path = options->out_path,
                     .earlier = options->out_path,
                     .n_earlier = earlier->n_replicates,
                     .earlier_points = earlier->n_points};
    int ret = 0;
    provenance.workers = options->workers;
    plan_set_replicates(plan, earlier->n_replicates);
    TRY(parts_open(&parts, options->out_path, plan, false, err));
    TRY(merge_parts(&merge, &provenance, err));
    report->n_failed = merge.n_failed;
    report->renamed = true;
out:
    parts_close(&parts);
    return ret;
}

/* Existing points need not be simulated again with missing ones. */
static void take_earlier_points(plan_t *plan, const earlier_t *earlier) {
    plan_set_earlier_points(plan, earlier->there && earlier->reusable ? earlier->n_points : 0);
}

int run_look(const plan_t *plan, const run_options_t *options, run_report_t *report, fault_t *err) {
    int ret = 0, *todo = NULL, n_todo = 0;
    earlier_t earlier;
    parts_t parts = {.lock = -1};
    *report = (run_report_t){.n_replicates = plan->request.n_replicates};
    TRY(earlier_look(plan, options->out_path, options->restart, &earlier, err));
    if (earlier_is_complete(plan, &earlier)) {
        report->was_complete = true;
        report->n_replicates = earlier.n_replicates;
        goto out;
    }
    plan_t here = *plan; /* borrowed */
    take_earlier_points(&here, &earlier);
    plan = &here;
    TRY(parts_join(&parts, options->out_path, plan, err));
    if (options->recipe) TRY(parts_keep_recipe(&parts, options->recipe, err));
    TRY_MEM(list_missing(plan, &parts, options, &earlier, &todo, &n_todo, &report->n_reused) == 0);
    report->n_simulated = count_replicates(plan, n_todo, todo);
out:
    mem_free(todo);
    parts_close(&parts);
    return ret;
}

int run_all(plan_t *plan, const run_options_t *options, run_report_t *report, fault_t *err) {
    int ret = 0;
    earlier_t earlier;
    parts_t parts = {.lock = -1};
    double start = progress_clock();
    *report = (run_report_t){.n_replicates = plan->request.n_replicates};
    signals_install();
    TRY(earlier_look(plan, options->out_path, options->restart, &earlier, err));
    if (!earlier_is_complete(plan, &earlier)) {
        TRY(options->n_tasks ? parts_join(&parts, options->out_path, plan, err)
                             : parts_open(&parts, options->out_path, plan, options->restart, err));
        /* once more: what the run made that held the lock until now */
        TRY(earlier_look(plan, options->out_path, options->restart, &earlier, err));
    }
    if (earlier_is_complete(plan, &earlier)) {
        report->was_complete = true;
        report->n_replicates = earlier.n_replicates;
        parts_close(&parts);
        if (earlier.renamed && !options->n_tasks) TRY(rename_things(plan, options, &earlier, report, err));
        ret = parts_remove_stale(options->out_path, plan, earlier.n_replicates, err);
        goto out;
    }
    if (options->recipe) TRY(parts_keep_recipe(&parts, options->recipe, err));
    take_earlier_points(plan, &earlier);
    TRY(simulate_and_merge(plan, &parts, &earlier, options, report, err));
    if (!options->n_tasks) TRY(parts_remove(&parts, err));
    report->seconds = progress_clock() - start;
    int64_t total = (int64_t)plan->request.n_replicates * (plan->layout.n_points ? plan->layout.n_points : 1);
    if ((double)report->n_failed > RUN_FAILED_SHARE * (double)total)
        ret = error_set(
            err, ERR_INTERNAL,
            "%lld of %lld replicates stopped early (see `status` in %s); more than %g %% is an error",
            (long long)report->n_failed, (long long)total, options->out_path, 100 * RUN_FAILED_SHARE);
out:
    parts_close(&parts);
    signals_restore();
    return ret;
}
