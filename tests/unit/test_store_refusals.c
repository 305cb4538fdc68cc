/* What is no output file, of another format, in use or damaged is refused, each with its own code. */
#include "../support/small_store.h"

#include "store/file/sealed.h"
#include <fcntl.h>
#include <hdf5.h>
#include <sys/file.h>
#include <sys/stat.h>

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
    expect_refusal(f, f->folder, ERR_NOINPUT, "is not a regular file");
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_no_output_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_formats_and_locks_have_codes_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_files_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
