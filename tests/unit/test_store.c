/* The store: rounding, parts and their merging, failures. */
#include "../support/check.h"
#include "../support/toy.h"

#include "base/mem.h"
#include "store/file/sealed.h"
#include "store/store.h"
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- rounding ---------------------------------------------------------------------------------------- */

static void test_absolute_rounding_keeps_its_word(void **state) {
    (void)state;
    static const double errors[] = {0.1, 0.01, 0.001, 0.0005, 1e-5};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        rounding_t rounding = rounding_absolute(errors[i]);
        assert_true(rounding.error <= errors[i] && rounding.error > errors[i] / 2);
        for (float x = -1; x <= 1; x += 0.00137f) {
            float stored = rounding_store(&rounding, x);
            assert_true(fabs((double)stored - (double)x) <= rounding.error * (1 + 1e-6));
            assert_true(rounding_store(&rounding, stored) == stored);
        }
    }
}

static void test_relative_rounding_keeps_its_word(void **state) {
    (void)state;
    static const double errors[] = {0.1, 0.01, 0.001, 1e-5};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        rounding_t rounding = rounding_relative(errors[i]);
        assert_true(rounding.error <= errors[i] && rounding.error > errors[i] / 2);
        for (float x = 1e-3f; x < 1e13f; x *= 1.0371f)
            for (int sign = -1; sign <= 1; sign += 2) {
                float value = (float)sign * x, stored = rounding_store(&rounding, value);
                assert_true(fabs((double)stored - (double)value) <= rounding.error * (double)x * (1 + 1e-6));
            }
        assert_true(rounding_store(&rounding, 0) == 0);
        assert_true(isnan(rounding_store(&rounding, NAN)));
    }
}

static void test_codes_are_in_the_values_order(void **state) {
    (void)state;
    rounding_t roundings[] = {rounding_absolute(0.001), rounding_relative(0.001), rounding_absolute(0),
                              rounding_relative(0)};
    for (size_t i = 0; i < sizeof roundings / sizeof *roundings; i++)
        for (float x = -1; x < 1; x += 0.00091f)
            assert_true(rounding_code(&roundings[i], x) <= rounding_code(&roundings[i], x + 0.00091f));
    assert_true(rounding_store(&roundings[2], 0.123456789f) == 0.123456789f); /* exact */
    assert_true(rounding_store(&roundings[3], 1.23456789e9f) == 1.23456789e9f);
}

/* ---- parts ------------------------------------------------------------------------------------------- */

enum { N_TIMES = 3, N_TIES = 2 };

typedef struct {
    char folder[64];
    model_t model;
    observation_t observation;
    double times[N_TIMES];
    int ties[N_TIES], variants[2];
    layout_t layout;
    fault_t err;
} fixture_t;

static int set_up(void **state) {
    fixture_t *f = calloc(1, sizeof *f);
    strcpy(f->folder, "/tmp/entente-store-XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    toy_init(&f->model, 3, 2, 10);
    f->model.n_quantities = 1;
    f->model.quantities = arena_alloc(&f->model.arena, 1, sizeof(quantity_t));
    f->model.quantities[0] = (quantity_t){.name = "q", .label = "q", .unit = "1"};
    f->model.n_variants = 2;
    f->model.variants[1].name = "other";
    assert_int_equal(model_finish(&f->model), 0);
    f->ties[1] = 2;
    f->variants[1] = 1;
    for (int t = 0; t < N_TIMES; t++) f->times[t] = 5 * t;
    f->observation = (observation_t){
        .n_times = N_TIMES, .times = f->times, .n_ties = N_TIES, .ties = f->ties, .events = true};
    f->layout = (layout_t){.model = &f->model,
                           .observation = &f->observation,
                           .seed = UINT64_MAX,
                           .n_variants = 2,
                           .variants = f->variants,
                           .trajectories = true,
                           .events = true,
                           .chunk_replicates = 4,
                           .strength = rounding_absolute(0),
                           .trade = rounding_relative(0)};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    fixture_t *f = *state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    int failed = system(command);
    model_free(&f->model);
    free(f);
    return failed;
}

/* A result that tells its replicate and variant. */
static void fill(const fixture_t *f, result_t *r, uint32_t replicate, int variant) {
    double mark = replicate + 0.5 * variant;
    r->stop = STOP_NONE;
    r->stop_time = 10;
    r->quantities[0] = mark;
    for (int k = 0; k < f->model.n_kinds; k++) r->kind_counts[k] = replicate;
    int cells = f->observation.n_times * N_TIES;
    for (int i = 0; i < cells; i++) r->strength[i] = r->alignment[i] = (float)(mark + 0.001 * i);
    for (int i = 0; i < 2 * cells; i++) r->trade[i] = (float)(1e9 * mark + i);
    log_clear(&r->log);
    for (uint32_t i = 0; i < replicate % 3; i++) {
        log_row_t row = {.time = mark, .kind = (int16_t)(i % 2), .parent = (int32_t)i - 1, .value_usd = NAN};
        assert_true(log_append(&r->log, &row) >= 0);
    }
}

static int write_file(const char *path, const part_t *part, fault_t *err) {
    part_file_t *file;
    int ret = part_file_create(&file, path, "mine", err);
    if (ret) return ret;
    ret = part_file_add(file, part, err);
    if (!ret) return part_file_finish(file, err);
    part_file_close(file);
    return ret;
}

static int read_file(const char *path, part_t *part, fault_t *err) {
    part_file_t *file;
    int ret = part_file_open(&file, path, err);
    if (!ret) ret = part_file_next(file, part, err);
    if (!ret) assert_string_equal(part_file_identity(file), "mine");
    part_file_close(file);
    return ret;
}

static void write_part(fixture_t *f, const char *path, uint32_t first, uint32_t n) {
    part_t part;
    result_t result;
    assert_int_equal(part_init(&part, &f->layout, -1, first, n), 0);
    assert_int_equal(result_init(&result, &f->model, &f->observation), 0);
    for (uint32_t i = 0; i < n; i++)
        for (int v = 0; v < 2; v++) {
            fill(f, &result, first + i, v);
            assert_int_equal(part_add(&part, i, v, &result), 0);
        }
    f->err = (fault_t){0};
    assert_int_equal(write_file(path, &part, &f->err), 0);
    result_free(&result);
    part_free(&part);
}

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

/* Of replicates 0 to n, where `earlier` is there from it, else from parts of four. */
static void merge(fixture_t *f, const char *out, uint32_t n, store_t *earlier) {
    store_t *s;
    part_t part;
    f->err = (fault_t){0};
    unlink(out);
    assert_int_equal(store_create(&s, out, &f->layout, n, 2, &f->err), 0);
    assert_int_equal(part_init_packed(&part, &f->layout, 4), 0);
    for (uint32_t first = 0; first < n; first += 4) {
        uint32_t count = n - first < 4 ? n - first : 4;
        char path[96];
        snprintf(path, sizeof path, "%s/%u.part", f->folder, first);
        if (earlier && first + count <= store_replicates(earlier)) {
            if (store_read_part(earlier, -1, first, count, &part, &f->err)) fail_msg("%s", f->err.text);
        } else {
            write_part(f, path, first, count);
            assert_int_equal(read_file(path, &part, &f->err), 0);
        }
        assert_true(part.point == -1 && part.first == first && part.n == count);
        if (store_append(s, &part, &f->err)) fail_msg("%s", f->err.text);
    }
    part_free(&part);
    if (store_finish(s, &f->err)) fail_msg("%s", f->err.text);
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

static void expect_refusal(fixture_t *f, const char *path, int code, const char *why) {
    store_t *s;
    f->err = (fault_t){0};
    assert_int_equal(store_open(&s, path, &f->err), code);
    assert_null(s);
    if (!strstr(f->err.text, why)) fail_msg("\"%s\" does not say \"%s\"", f->err.text, why);
}

/* Seals what HDF5 or anybody else wrote. */
static void seal(const char *path) {
    static unsigned char bytes[1 << 20];
    FILE *in = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, in);
    sealed_t *disk;
    fault_t err = {0};
    assert_true(n < sizeof bytes && !fclose(in));
    unlink(path);
    assert_int_equal(sealed_create(&disk, path, &err), 0);
    sealed_write(disk, 0, bytes, n);
    assert_int_equal(sealed_finish(disk, &err), 0);
}

static void test_what_is_no_output_is_refused(void **state) {
    fixture_t *f = *state;
    char path[96];
    snprintf(path, sizeof path, "%s/x.h5", f->folder);
    expect_refusal(f, path, ERR_NOINPUT, "No such file");
    expect_refusal(f, f->folder, ERR_NOINPUT, "no regular file");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    expect_refusal(f, path, ERR_NOINPUT, "has no seal");
    seal(path);
    expect_refusal(f, path, ERR_DATA, "not an output file");
    merge(f, path, 10, NULL);
    assert_int_equal(truncate(path, 2000), 0);
    expect_refusal(f, path, ERR_NOINPUT, "has no seal");
    seal(path);
    expect_refusal(f, path, ERR_NOINPUT, "cannot read as HDF5");
    assert_int_equal(truncate(path, 0), 0);
    expect_refusal(f, path, ERR_NOINPUT, "has no seal");
}

/* A file that claims to be of that format. */
static void write_schema(const char *path, const char *schema) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1),
          space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(schema));
    hid_t attribute = H5Acreate2(file, "entente_schema", type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Awrite(attribute, type, schema) >= 0);
    H5Aclose(attribute), H5Sclose(space), H5Tclose(type), H5Fclose(file);
    seal(path);
}

/* Who calls can tell apart what is older, what is newer, and what somebody else is writing. */
static void test_formats_and_locks_have_codes_of_their_own(void **state) {
    fixture_t *f = *state;
    char path[96];
    snprintf(path, sizeof path, "%s/x.h5", f->folder);
    write_schema(path, "1.9");
    expect_refusal(f, path, ERR_SCHEMA, "written in format 1.9");
    write_schema(path, "99.0");
    expect_refusal(f, path, ERR_NEWER, "written in format 99.0");
    merge(f, path, 10, NULL);
    int lock = open(path, O_RDONLY);
    assert_true(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0);
    expect_refusal(f, path, ERR_LOCKED, "another program has it open for writing");
    close(lock);
    store_t *s;
    assert_int_equal(store_open(&s, path, &f->err), 0);
    store_close(s);
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

/* One bit that is another, anywhere: the file is not taken. */
static void flip_bits(fixture_t *f, const char *path, int (*open)(const char *, fault_t *)) {
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    f->err = (fault_t){0};
    if (open(path, &f->err)) fail_msg("%s", f->err.text);
    for (int i = 0; i < 300; i++) {
        off_t at = i < 64 ? info.st_size - 1 - i : (info.st_size - 1) * i / 299;
        unsigned char byte, other;
        FILE *file = fopen(path, "r+b");
        assert_true(file && !fseeko(file, at, SEEK_SET) && fread(&byte, 1, 1, file) == 1);
        other = byte ^ (unsigned char)(1 << i % 8);
        assert_true(!fseeko(file, at, SEEK_SET) && fwrite(&other, 1, 1, file) == 1 && !fflush(file));
        f->err = (fault_t){0};
        int ret = open(path, &f->err);
        if (ret != ERR_DAMAGED && ret != ERR_DATA && ret != ERR_NOINPUT)
            fail_msg("byte %ld: %d", (long)at, ret);
        assert_true(strstr(f->err.text, "damaged") || strstr(f->err.text, "seal"));
        assert_true(!fseeko(file, at, SEEK_SET) && fwrite(&byte, 1, 1, file) == 1 && !fclose(file));
    }
    f->err = (fault_t){0};
    if (open(path, &f->err)) fail_msg("%s", f->err.text);
}

static int open_part(const char *path, fault_t *err) {
    part_file_t *file;
    int ret = part_file_open(&file, path, err);
    part_file_close(file);
    return ret;
}

static int open_store(const char *path, fault_t *err) {
    store_t *store;
    int ret = store_open(&store, path, err);
    store_close(store);
    return ret;
}

static void test_damaged_files_are_refused(void **state) {
    fixture_t *f = *state;
    char path[96];
    snprintf(path, sizeof path, "%s/a.part", f->folder);
    write_part(f, path, 0, 4);
    flip_bits(f, path, open_part);
    merge(f, path, 10, NULL);
    flip_bits(f, path, open_store);
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
        cmocka_unit_test(test_absolute_rounding_keeps_its_word),
        cmocka_unit_test(test_relative_rounding_keeps_its_word),
        cmocka_unit_test(test_codes_are_in_the_values_order),
        cmocka_unit_test_setup_teardown(test_parts_merge_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts_that_do_not_fit_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_output_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_formats_and_locks_have_codes_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_content_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_grows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_logs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_chunks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_writes_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
