/* The store: parts and their merging, failures. */
#include "../support/small_store.h"

#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void check_merged(fixture_t *f, const char *path, int n) {
    store_t *s;
    double values[14], offsets[28], counts[28], times[64];
    float strength[14];
    f->err = (fault_t){0};
    int ret = store_open(&s, path, &f->err);
    if (ret) fail_msg("%s", f->err.text);
    assert_int_equal(store_replicates(s), n);
    assert_true(store_seed(s) == UINT64_MAX);
    size_t all = (size_t)n;
    assert_int_equal(store_numbers(s, "replicate", all, values, &f->err), 0);
    for (int r = 0; r < n; r++) CHECK_NEAR(values[r], r, 0);
    assert_int_equal(store_numbers(s, "events/offset", 2 * all, offsets, &f->err), 0);
    assert_int_equal(store_numbers(s, "events/count", 2 * all, counts, &f->err), 0);
    assert_int_equal(store_numbers(s, "events/time", store_size(s, "events/event"), times, &f->err), 0);
    for (int v = 0; v < 2; v++) {
        assert_int_equal(store_read_quantities(s, -1, v, 0, (uint32_t)n, values, &f->err), 0);
        trajectory_t of = {"strength", -1, v, 2, 1, 0, (uint32_t)n};
        assert_int_equal(store_read_trajectory(s, &of, strength, &f->err), 0);
        for (int r = 0; r < n; r++) {
            CHECK_NEAR(values[r], r + 0.5 * v, 0);
            CHECK_NEAR((double)strength[r], r + 0.5 * v + 0.005, 1e-6);
            assert_int_equal((int)counts[n * v + r], r % 3);
            for (int i = 0; i < r % 3; i++) CHECK_NEAR(times[(int)offsets[n * v + r] + i], r + 0.5 * v, 0);
        }
    }
    assert_int_equal(store_trouble(s, &f->err), 0);
    store_close(s);
}

static void test_parts_merge_in_order(void **state) {
    fixture_t *f = *state;
    char out[96];
    snprintf(out, sizeof out, "%s/out.h5", f->folder);
    merge(f, out, 10, NULL);
    check_merged(f, out, 10);
}

/* A file that grows takes over what is there, and is the one that would have been made at once. */
static void test_a_file_grows(void **state) {
    fixture_t *f = *state;
    char small[96], grown[96], at_once[96], command[256];
    store_t *earlier;
    snprintf(small, sizeof small, "%s/small.h5", f->folder);
    snprintf(grown, sizeof grown, "%s/grown.h5", f->folder);
    snprintf(at_once, sizeof at_once, "%s/once.h5", f->folder);
    merge(f, small, 8, NULL);
    assert_int_equal(store_open_whole(&earlier, small, &f->err), 0);
    merge(f, grown, 14, earlier);
    store_close(earlier);
    check_merged(f, grown, 14);
    merge(f, at_once, 14, NULL);
    snprintf(command, sizeof command, "cmp '%s' '%s'", grown, at_once);
    assert_int_equal(system(command), 0);
}

static void test_parts_that_do_not_fit_are_refused(void **state) {
    fixture_t *f = *state;
    char out[96], path[96];
    store_t *s;
    part_t part, few;
    snprintf(out, sizeof out, "%s/out.h5", f->folder);
    snprintf(path, sizeof path, "%s/a.part", f->folder);
    write_part(f, path, 2, 4);
    assert_int_equal(store_create(&s, out, &f->layout, 10, 2, &f->err), 0);
    assert_int_equal(part_init_packed(&part, &f->layout, 4), 0);
    assert_int_equal(read_file(path, &part, &f->err), 0);
    assert_int_equal(store_append(s, &part, &f->err), ERR_DATA); /* not from a block's first replicate on */
    assert_non_null(strstr(f->err.text, "replicates 2 to 6 are no block of 4 of 10"));
    write_part(f, path, 4, 2);
    assert_int_equal(read_file(path, &part, &f->err), 0);
    assert_int_equal(store_append(s, &part, &f->err), ERR_DATA); /* half a block */
    assert_non_null(strstr(f->err.text, "replicates 4 to 6"));
    write_part(f, path, 0, 4);
    assert_int_equal(part_init_packed(&few, &f->layout, 3), 0);
    assert_int_equal(read_file(path, &few, &f->err), ERR_DATA); /* more than there is room for */
    part_free(&few);
    f->observation.n_times = 2;
    write_part(f, path, 0, 4);
    f->observation.n_times = N_TIMES;
    assert_int_equal(read_file(path, &part, &f->err), ERR_DATA); /* other times */
    part_free(&part);
    store_close(s);
    assert_int_not_equal(access(out, F_OK), 0);
}

static void test_same_content_same_bytes(void **state) {
    fixture_t *f = *state;
    char a[96], b[96], command[256];
    snprintf(a, sizeof a, "%s/a.h5", f->folder);
    snprintf(b, sizeof b, "%s/b.h5", f->folder);
    write_part(f, a, 8, 2); /* half of a chunk */
    write_part(f, b, 0, 4);
    sleep(1);
    write_part(f, b, 8, 2);
    snprintf(command, sizeof command, "cmp '%s' '%s'", a, b);
    assert_int_equal(system(command), 0);
}

/* Events enough for several chunks, cut anywhere by the parts: the columns are the parts' ones end to end,
 * and the number of threads is not to be seen. */
static void test_long_logs(void **state) {
    fixture_t *f = *state;
    enum { ROWS = 50021, PARTS = 3, ALL = 2 * ROWS * PARTS };
    static const int threads[] = {1, 3};
    char out[2][96], path[96], command[256];
    store_t *s;
    part_t part, read;
    result_t result;
    f->layout.chunk_replicates = 1;
    assert_int_equal(result_init(&result, &f->model, &f->observation), 0);
    for (int way = 0; way < 2; way++) {
        snprintf(out[way], sizeof out[way], "%s/out%d.h5", f->folder, way);
        assert_int_equal(store_create(&s, out[way], &f->layout, PARTS, threads[way], &f->err), 0);
        for (int p = 0, row = 0; p < PARTS; p++) {
            assert_int_equal(part_init(&part, &f->layout, -1, (uint32_t)p, 1), 0);
            for (int v = 0; v < 2; v++) {
                fill(f, &result, 0, v);
                for (int i = 0; i < ROWS; i++, row++) {
                    log_row_t r = {
                        .time = row, .kind = (int16_t)(row % 999), .parent = -row, .value_usd = NAN};
                    assert_true(log_append(&result.log, &r) >= 0);
                }
                assert_int_equal(part_add(&part, 0, v, &result), 0);
            }
            snprintf(path, sizeof path, "%s/%d.part", f->folder, p);
            assert_int_equal(write_file(path, &part, &f->err), 0);
            part_free(&part);
            assert_int_equal(part_init_packed(&read, &f->layout, 1), 0);
            assert_int_equal(read_file(path, &read, &f->err), 0);
            assert_int_equal(store_append(s, &read, &f->err), 0);
            part_free(&read);
        }
        assert_int_equal(store_finish(s, &f->err), 0);
    }
    result_free(&result);
    double *values = malloc(ALL * sizeof *values);
    assert_int_equal(store_open(&s, out[0], &f->err), 0);
    assert_int_equal(store_size(s, "events/event"), ALL);
    assert_int_equal(store_numbers(s, "events/time", ALL, values, &f->err), 0);
    for (int i = 0; i < ALL; i++) assert_true(values[i] == i);
    assert_int_equal(store_numbers(s, "events/parent", ALL, values, &f->err), 0);
    for (int i = 0; i < ALL; i++) assert_true(values[i] == -i);
    assert_int_equal(store_numbers(s, "events/kind", ALL, values, &f->err), 0);
    for (int i = 0; i < ALL; i++) assert_true(values[i] == i % 999);
    assert_int_equal(store_numbers(s, "events/value_usd", ALL, values, &f->err), 0);
    for (int i = 0; i < ALL; i++) assert_true(isnan(values[i]));
    store_close(s);
    free(values);
    snprintf(command, sizeof command, "cmp '%s' '%s'", out[0], out[1]);
    assert_int_equal(system(command), 0);
}

/* Trajectories of many times and ties, in several chunks along each axis: every value is where it belongs. */
static void test_many_chunks(void **state) {
    fixture_t *f = *state;
    enum { TIMES = 1500, TIES = 30, REPLICATES = 3 };
    double *times = calloc(TIMES, sizeof *times);
    int ties[TIES] = {0};
    char path[96];
    store_t *s;
    part_t part;
    for (int t = 0; t < TIMES; t++) times[t] = 10.0 * t / TIMES;
    f->observation.n_times = TIMES, f->observation.times = times;
    f->observation.n_ties = TIES, f->observation.ties = ties;
    f->layout.chunk_replicates = 100; /* more than there are */
    assert_int_equal(part_init(&part, &f->layout, -1, 0, REPLICATES), 0);
    size_t n = 2u * REPLICATES * TIMES * TIES;
    for (size_t i = 0; i < n; i++) part.strength[i] = (float)i;
    for (size_t i = 0; i < 2 * n; i++) part.trade[i] = -(float)i;
    snprintf(path, sizeof path, "%s/a.part", f->folder);
    assert_int_equal(write_file(path, &part, &f->err), 0);
    part_free(&part);
    assert_int_equal(part_init_packed(&part, &f->layout, REPLICATES), 0);
    assert_int_equal(read_file(path, &part, &f->err), 0);
    snprintf(path, sizeof path, "%s/out.h5", f->folder);
    assert_int_equal(store_create(&s, path, &f->layout, REPLICATES, 1, &f->err), 0);
    assert_int_equal(store_append(s, &part, &f->err), 0);
    assert_int_equal(store_finish(s, &f->err), 0);
    part_free(&part);
    double *values = malloc(2 * n * sizeof *values);
    assert_int_equal(store_open(&s, path, &f->err), 0);
    assert_int_equal(store_numbers(s, "strength", n, values, &f->err), 0);
    for (size_t i = 0; i < n; i++) assert_true(values[i] == (double)i);
    assert_int_equal(store_numbers(s, "trade", 2 * n, values, &f->err), 0);
    for (size_t i = 0; i < 2 * n; i++) assert_true(values[i] == -(double)i);
    store_close(s);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, "trade", H5P_DEFAULT),
          plist = H5Dget_create_plist(dataset);
    hsize_t chunk[4];
    assert_int_equal(H5Pget_chunk(plist, 4, chunk), 4);
    assert_true(chunk[2] < TIMES && chunk[3] == 16);
    H5Pclose(plist), H5Dclose(dataset), H5Fclose(file);
    free(values);
    free(times);
}

/* Files may grow to `most` bytes only. In a process of its own, whose limit it is. 0 if the error names the
 * reason. */
static int limited(fixture_t *f, int (*write)(fixture_t *, const char *), const char *path, rlim_t most) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, most});
        f->err = (fault_t){0};
        int ret = write(f, path);
        exit(ret == ERR_IO && strstr(f->err.text, "File too large") ? 0
                                                                    : 1); /* through what is done at exit */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int write_a_part(fixture_t *f, const char *path) {
    part_t part;
    assert_int_equal(part_init(&part, &f->layout, -1, 0, 4), 0);
    int ret = write_file(path, &part, &f->err);
    part_free(&part);
    return ret;
}

static int write_a_result(fixture_t *f, const char *path) {
    part_t part;
    store_t *s;
    assert_int_equal(part_init_packed(&part, &f->layout, 4), 0);
    unlink(path);
    int ret = store_create(&s, path, &f->layout, 4, 1, &f->err);
    char from[96];
    snprintf(from, sizeof from, "%s/whole", f->folder);
    if (!ret) ret = read_file(from, &part, &(fault_t){0});
    if (!ret) ret = store_append(s, &part, &f->err);
    if (ret)
        store_close(s);
    else
        ret = store_finish(s, &f->err);
    part_free(&part);
    return ret;
}

/* Wherever the disk is full (which is tried in tests/e2e), to the last byte: an error that names the reason,
 * and nothing under the final name. */
static void fill_disk(fixture_t *f, int (*write)(fixture_t *, const char *)) {
    char path[96];
    struct stat whole;
    snprintf(path, sizeof path, "%s/file", f->folder);
    assert_int_equal(write(f, path), 0);
    assert_int_equal(stat(path, &whole), 0);
    assert_int_equal(unlink(path), 0);
    for (int share = 1; share <= 40; share++) {
        assert_int_equal(limited(f, write, path, (rlim_t)(whole.st_size * share / 40 - 1)), 0);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

static void test_failed_writes_are_told(void **state) {
    fixture_t *f = *state;
    store_t *s = NULL;
    char path[96];
    fill_disk(f, write_a_part);
    snprintf(path, sizeof path, "%s/whole", f->folder);
    write_part(f, path, 0, 4);
    fill_disk(f, write_a_result);
    f->err = (fault_t){0};
    assert_int_equal(store_create(&s, "/proc/no/such.h5", &f->layout, 10, 2, &f->err), ERR_CANTCREATE);
}

/* Every allocation of writing a part fails once: an error, never a crash or a half file. */
static void test_without_memory(void **state) {
    fixture_t *f = *state;
    char path[96];
    snprintf(path, sizeof path, "%s/part.h5", f->folder);
    result_t result;
    assert_int_equal(result_init(&result, &f->model, &f->observation), 0);
    bool done = false;
    for (long n = 0; !done && n < 200; n++) {
        part_t part;
        f->err = (fault_t){0};
        fill(f, &result, 5, 0);
        mem_fail_after(n);
        int ret = part_init(&part, &f->layout, -1, 4, 2);
        for (int v = 0; v < 2 && !ret; v++)
            for (uint32_t i = 0; i < 2 && !ret; i++) ret = part_add(&part, i, v, &result);
        if (!ret) ret = write_file(path, &part, &f->err);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        assert_int_equal(access(path, F_OK) == 0, ret == 0);
        done = ret == 0;
        part_free(&part);
    }
    assert_true(done);
    result_free(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parts_merge_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts_that_do_not_fit_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_content_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_grows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_logs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_chunks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_writes_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
