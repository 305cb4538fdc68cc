/* A whole run on a small model: blocks, workers, resuming, refusals. That files agree object by object is
 * tested with h5diff in tests/e2e; here the quantities and events stand for the rest. */
#include "../support/check.h"
#include "../support/toy.h"

#include "run/merge.h"
#include "run/run.h"
#include "run/worker.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two actors, one kind, two quantities, and a variant without its calendar event. */
static void make_model(model_t *m) {
    toy_init(m, 3, 1, 100);
    m->title = arena_text(&m->arena, "toy");
    m->kinds[0].rate_per_year = 20;
    m->kinds[0].goldstein = 5;
    m->n_quantities = 2;
    m->quantities = arena_alloc(&m->arena, 2, sizeof *m->quantities);
    m->quantities[0] = (quantity_t){.name = "strength",
                                    .label = "strength",
                                    .unit = "1",
                                    .what = QUANTITY_STRENGTH,
                                    .tie = 0,
                                    .flow = -1,
                                    .condition = -1,
                                    .at = 90};
    m->quantities[1] = (quantity_t){.name = "count",
                                    .label = "events",
                                    .unit = "events",
                                    .what = QUANTITY_COUNT,
                                    .tie = -1,
                                    .flow = -1,
                                    .condition = -1,
                                    .from = 0,
                                    .until = 100,
                                    .n_kinds = 1,
                                    .kinds = arena_alloc(&m->arena, 1, sizeof(int))};
    m->n_calendar = 1;
    m->calendar = arena_alloc(&m->arena, 1, sizeof *m->calendar);
    m->calendar[0] = toy_entry("first", 0, 0, 1, 10);
    m->n_variants = 2;
    m->variants[1] =
        (variant_t){.name = "without", .n_drop = 1, .drop = arena_alloc(&m->arena, 1, sizeof(int))};
    m->output = (output_t){
        .every = 10, .events = true, .trajectories = true, .precision = 0.001, .trade_precision = 0.001};
    assert_int_equal(model_finish(m), 0);
}

typedef struct {
    char folder[64], out[96];
    model_t model;
    int variants[2];
    const char *paths[1], *texts[1];
    plan_request_t request;
    plan_t plan;
    run_options_t options;
    run_report_t report;
    fault_t err;
} fixture_t;

static int set_up(void **state) {
    fixture_t *f = calloc(1, sizeof *f);
    strcpy(f->folder, "/tmp/entente-run-XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    snprintf(f->out, sizeof f->out, "%s/out.h5", f->folder);
    make_model(&f->model);
    f->variants[1] = 1;
    f->paths[0] = "toy.yaml";
    f->texts[0] = "entente: 1 # a comment\n";
    f->request = (plan_request_t){.model = &f->model,
                                  .scenario = f->paths[0],
                                  .seed = 7,
                                  .n_replicates = 25,
                                  .n_variants = 2,
                                  .variants = f->variants,
                                  .block_replicates = 5};
    f->options = (run_options_t){.out_path = f->out,
                                 .workers = 2,
                                 .progress = PROGRESS_QUIET,
                                 .provenance = {.scenario = "toy.yaml",
                                                .n_files = 1,
                                                .paths = f->paths,
                                                .texts = f->texts,
                                                .command = "test",
                                                .start = "now"}};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *f = *state;
    char command[128];
    plan_free(&f->plan);
    model_free(&f->model);
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    int failed = system(command);
    free(f);
    return failed;
}

static int run_it(fixture_t *f) {
    plan_free(&f->plan);
    f->err = (fault_t){0};
    int ret = plan_init(&f->plan, &f->request, &f->err);
    return ret ? ret : run_all(&f->plan, &f->options, &f->report, &f->err);
}

/* All quantities of all variants of a file. */
static double *read_values(const char *path, uint32_t n) {
    store_t *store;
    fault_t err = {0};
    double *values = calloc((size_t)n * 4, sizeof *values);
    assert_int_equal(store_open(&store, path, &err), 0);
    assert_int_equal(store_replicates(store), n);
    for (int v = 0; v < 2; v++)
        assert_int_equal(store_read_quantities(store, -1, v, 0, n, values + (size_t)v * n * 2, &err), 0);
    store_close(store);
    return values;
}

static bool same_values(const char *path, const char *other, uint32_t n) {
    double *a = read_values(path, n), *b = read_values(other, n);
    bool same = !memcmp(a, b, (size_t)n * 4 * sizeof *a);
    free(a);
    free(b);
    return same;
}

static bool exists(const fixture_t *f, const char *name) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    return !access(path, F_OK);
}

static void test_run_writes_and_cleans_up(void **state) {
    fixture_t *f = *state;
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_simulated, 25);
    assert_int_equal(f->report.n_failed, 0);
    assert_false(exists(f, "out.h5.parts"));
    assert_false(exists(f, "out.h5.tmp"));
    double *values = read_values(f->out, 25);
    assert_true(values[1] > 0);
    free(values);
    assert_int_equal(run_it(f), 0);
    assert_true(f->report.was_complete);
}

static void test_workers_and_blocks_do_not_matter(void **state) {
    fixture_t *f = *state;
    char first[128];
    snprintf(first, sizeof first, "%s/first.h5", f->folder);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(rename(f->out, first), 0);
    for (int workers = 1; workers <= 5; workers += 2)
        for (uint32_t block = 1; block <= 30; block = block * 4 + 3) {
            f->options.workers = workers;
            f->request.block_replicates = block;
            f->options.restart = true;
            assert_int_equal(run_it(f), 0);
            assert_true(same_values(first, f->out, 25));
        }
    f->request.seed = 8;
    assert_int_equal(run_it(f), 0);
    assert_false(same_values(first, f->out, 25));
}

/* Leaves the parts of the blocks todo[0 .. n), as a run that was killed. */
static void leave_blocks(fixture_t *f, int n, const int *todo) {
    parts_t parts;
    progress_t progress;
    f->err = (fault_t){0};
    plan_free(&f->plan);
    assert_int_equal(plan_init(&f->plan, &f->request, &f->err), 0);
    assert_int_equal(parts_open(&parts, f->out, &f->plan, false, &f->err), 0);
    progress_begin(&progress, PROGRESS_QUIET, 25, 0);
    assert_int_equal(workers_run(&f->plan, &parts, n, todo, 2, &progress, &(work_t){0}, &f->err), 0);
    parts_close(&parts);
}

static void leave_parts(fixture_t *f, int n) {
    static const int todo[] = {0, 1, 2, 3, 4};
    leave_blocks(f, n, todo);
}

static void test_order_of_blocks_does_not_matter(void **state) {
    fixture_t *f = *state;
    static const int reversed[] = {4, 3, 2, 1, 0};
    char first[128], command[400];
    snprintf(first, sizeof first, "%s/first.h5", f->folder);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(rename(f->out, first), 0);
    f->options.workers = 1;
    leave_blocks(f, 5, reversed);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_simulated, 0);
    snprintf(command, sizeof command, "h5diff --exclude-path /provenance '%s' '%s'", first, f->out);
    assert_int_equal(system(command), 0);
}

/* Died between the final rename and the removal of the parts. */
static void test_parts_left_behind_are_removed(void **state) {
    fixture_t *f = *state;
    char parts[128], aside[128];
    snprintf(parts, sizeof parts, "%s.parts", f->out);
    snprintf(aside, sizeof aside, "%s/aside", f->folder);
    leave_parts(f, 5);
    assert_int_equal(rename(parts, aside), 0);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(rename(aside, parts), 0);
    assert_int_equal(run_it(f), 0);
    assert_true(f->report.was_complete);
    assert_false(exists(f, "out.h5.parts"));
    f->request.n_replicates = 35; /* parts of a larger run stay */
    static const int more[] = {5};
    leave_blocks(f, 1, more);
    f->request.n_replicates = 25;
    assert_int_equal(run_it(f), 0);
    assert_true(exists(f, "out.h5.parts"));
    f->request.n_replicates = 35;
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_reused, 30);
}

static void test_resume_does_what_is_missing(void **state) {
    fixture_t *f = *state;
    leave_parts(f, 3);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_reused, 15);
    assert_int_equal(f->report.n_simulated, 10);
}

static void test_more_replicates_reuse(void **state) {
    fixture_t *f = *state;
    char direct[128];
    snprintf(direct, sizeof direct, "%s/direct.h5", f->folder);
    f->request.n_replicates = 40;
    assert_int_equal(run_it(f), 0);
    assert_int_equal(rename(f->out, direct), 0);
    f->request.n_replicates = 25;
    assert_int_equal(run_it(f), 0);
    f->request.n_replicates = 40;
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_reused, 25);
    assert_true(same_values(direct, f->out, 40));
    f->request.n_replicates = 10; /* fewer: there already */
    assert_int_equal(run_it(f), 0);
    assert_true(f->report.was_complete);
}

static void test_other_plan_is_refused(void **state) {
    fixture_t *f = *state;
    leave_parts(f, 2);
    f->request.seed = 8;
    assert_int_equal(run_it(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "seed: 7 there, 8 here"));
    f->request.seed = 7;
    f->texts[0] = "entente: 1 # another comment\n\n";
    assert_int_equal(run_it(f), 0); /* the text does not matter */
    f->model.kinds[0].goldstein = 6;
    assert_int_equal(run_it(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "(toy.yaml has changed: kind kind0)"));
    f->options.restart = true;
    assert_int_equal(run_it(f), 0);
}

/* Labels change no result: a file goes on with new ones, and carries them then, complete or not. */
static void test_labels_are_brought_up_to_date(void **state) {
    fixture_t *f = *state;
    size_t n;
    char **labels;
    store_t *store;
    assert_int_equal(run_it(f), 0);
    double *before = read_values(f->out, 25);
    for (uint32_t more = 0; more <= 10; more += 10) {
        f->model.title = more ? "third" : "second";
        f->model.quantities[1].label = more ? "calls" : "all events";
        f->request.n_replicates = 25 + more;
        assert_int_equal(run_it(f), 0);
        assert_int_equal(f->report.n_simulated, more);
        assert_true(f->report.renamed == (more == 0) && f->report.was_complete == (more == 0));
        assert_int_equal(store_open(&store, f->out, &f->err), 0);
        assert_int_equal(store_names(store, "summary/quantity_label", &n, &labels, &f->err), 0);
        assert_string_equal(labels[1], f->model.quantities[1].label);
        assert_string_equal(store_attribute(store, "", "title"), f->model.title);
        store_free_names(n, labels);
        store_close(store);
        double *after = read_values(f->out, 25 + more);
        assert_memory_equal(before, after, 25 * 2 * sizeof *before); /* the base's */
        free(after);
        f->request.n_replicates = 5; /* fewer: all of the file is kept */
        assert_int_equal(run_it(f), 0);
        assert_true(f->report.was_complete && !f->report.renamed);
        assert_false(exists(f, "out.h5.parts"));
    }
    free(before);
}

/* A plan of more than 64 KiB is read back whole. */
static void test_a_long_plan_is_resumed(void **state) {
    fixture_t *f = *state;
    enum { VARIANTS = 1500 };
    char name[64];
    int *variants = calloc(VARIANTS, sizeof *variants);
    model_t *m = &f->model;
    m->variants = arena_alloc(&m->arena, VARIANTS, sizeof *m->variants);
    for (int v = 0; v < VARIANTS; v++) {
        snprintf(name, sizeof name, "a_variant_with_a_long_name_%d", v);
        m->variants[v] = (variant_t){.name = arena_text(&m->arena, name)};
        variants[v] = v;
    }
    f->request.n_variants = m->n_variants = VARIANTS;
    f->request.variants = variants;
    f->request.n_replicates = 2;
    f->request.block_replicates = 1;
    leave_parts(f, 1);
    assert_int_equal(run_it(f), 0);
    assert_in_range(strlen(f->plan.text), 65537, 1000000);
    assert_int_equal(f->report.n_reused, 1);
    assert_int_equal(run_it(f), 0);
    assert_true(f->report.was_complete);
    m->variants[VARIANTS - 1].name = "another";
    assert_int_equal(run_it(f), ERR_DATA);
    assert_non_null(strstr(f->err.text, "variant another (new)"));
    free(variants);
}

static void test_foreign_file_is_kept(void **state) {
    fixture_t *f = *state;
    FILE *out = fopen(f->out, "w");
    fputs("a letter", out);
    fclose(out);
    f->options.restart = true;
    assert_int_equal(run_it(f), ERR_CANTCREATE);
    assert_false(exists(f, "out.h5.parts"));
}

static void test_damaged_part_is_done_again(void **state) {
    fixture_t *f = *state;
    char folder[128];
    leave_parts(f, 5);
    snprintf(folder, sizeof folder, "%s.parts", f->out);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (*entry->d_name == 'p' && strstr(entry->d_name, "r10-")) {
            int fd = openat(dirfd(dir), entry->d_name, O_WRONLY);
            assert_int_equal(ftruncate(fd, 3000), 0);
            close(fd);
        }
    closedir(dir);
    assert_int_equal(run_it(f), 0);
    assert_int_equal(f->report.n_simulated, 5);
}

static void test_exploding_replicates_are_flagged(void **state) {
    fixture_t *f = *state;
    f->model.event_cap = 12;
    assert_int_equal(run_it(f), ERR_INTERNAL);
    assert_true(f->report.n_failed > 0);
    assert_true(exists(f, "out.h5"));
    store_t *store;
    estimate_t *estimates;
    assert_int_equal(store_open(&store, f->out, &f->err), 0);
    f->err = (fault_t){0};
    assert_int_equal(store_read_estimates(store, &estimates, &f->err), 0);
    assert_int_equal(estimates[0].n, 25 - f->report.n_failed);
    assert_int_equal(estimates[2].n, estimates[0].n);
    mem_free(estimates);
    store_close(store);
}

/* Their events are not kept, in the worker's memory or in the file. */
static void test_exploding_replicates_leave_no_events(void **state) {
    fixture_t *f = *state;
    part_t part;
    result_t result;
    engine_t *engine;
    f->model.event_cap = 30;
    assert_int_equal(run_it(f), ERR_INTERNAL);
    assert_int_equal(part_init(&part, &f->plan.layout, -1, 0, 5), 0);
    assert_int_equal(result_init(&result, &f->model, &f->plan.observation), 0);
    assert_int_equal(engine_init(&engine, &f->model, 7), 0);
    int n_stopped = 0;
    for (uint32_t i = 0; i < 5; i++)
        for (int v = 0; v < 2; v++) {
            assert_int_equal(engine_run(engine, i, v, 0, NULL, &f->plan.observation, &result), 0);
            assert_int_equal(part_add(&part, i, v, &result), 0);
            bool stopped = result.stop != STOP_NONE;
            assert_int_equal(part.event_rows[v * 5 + (int)i], stopped ? 0 : result.log.n);
            assert_int_equal((double)result.n_events > f->model.event_cap, stopped);
            assert_true((double)result.n_events <=
                        f->model.event_cap + 1); /* it ends with the one too many */
            n_stopped += stopped;
        }
    assert_in_range(n_stopped, 1, 9);
    engine_free(engine);
    result_free(&result);
    part_free(&part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_run_writes_and_cleans_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_workers_and_blocks_do_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order_of_blocks_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts_left_behind_are_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_resume_does_what_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_replicates_reuse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_plan_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_labels_are_brought_up_to_date, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_plan_is_resumed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_foreign_file_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_part_is_done_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exploding_replicates_are_flagged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exploding_replicates_leave_no_events, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
