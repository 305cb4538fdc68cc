/* Chunks packed outside HDF5 are read by it as they were, whatever is in them. */
#include "../support/check.h"

#include "base/rng.h"
#include "store/file/store_pack.h"
#include <unistd.h>

enum { ROWS = 150000, COLUMNS = 3, CHUNK_ROWS = 70000, CHUNK_COLUMNS = 2 };
#define PATH "pack.h5"

static hid_t make(hid_t file, hid_t type) {
    const hsize_t size[2] = {ROWS, COLUMNS}, chunk[2] = {CHUNK_ROWS, CHUNK_COLUMNS};
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(2, size, NULL);
    H5Pset_chunk(plist, 2, chunk);
    H5Pset_shuffle(plist);
    H5Pset_deflate(plist, 1);
    hid_t dataset = H5Dcreate2(file, "values", type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    H5Sclose(space);
    H5Pclose(plist);
    assert_true(dataset >= 0);
    return dataset;
}

static uint64_t constant(uint32_t n) {
    (void)n;
    return UINT64_C(0x7ff8000000000000);
}
static uint64_t counting(uint32_t n) {
    return n / 7;
}
static uint64_t noise(uint32_t n) { /* nothing to pack: more comes out than went in */
    return rng_key_number(5, n);
}

static void test_read_as_written(void **state) {
    (void)state;
    uint64_t (*const contents[])(uint32_t) = {constant, counting, noise};
    for (int c = 0; c < 3; c++)
        for (int threads = 1; threads <= 3; threads += 2) {
            static uint64_t values[ROWS * COLUMNS], read[ROWS * COLUMNS];
            fault_t err = {0};
            for (uint32_t n = 0; n < ROWS * COLUMNS; n++) values[n] = contents[c](n);
            hid_t file = H5Fcreate(PATH, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
            hid_t dataset = make(file, H5T_NATIVE_UINT64);
            packer_t *packer = packer_new(threads);
            assert_non_null(packer);
            if (packer_write_all(packer, dataset, values, &err)) fail_msg("%s", err.text);
            packer_free(packer);
            H5Dclose(dataset);
            H5Fclose(file);
            file = H5Fopen(PATH, H5F_ACC_RDONLY, H5P_DEFAULT);
            dataset = H5Dopen2(file, "values", H5P_DEFAULT);
            assert_true(H5Dread(dataset, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0);
            assert_memory_equal(read, values, sizeof values);
            H5Dclose(dataset);
            H5Fclose(file);
        }
    unlink(PATH);
}

typedef struct {
    size_t n;
    unsigned char bytes[2 * ROWS * sizeof(uint64_t)];
} packed_t;

static int collect(void *context, const uint64_t *at, const void *packed, size_t n, fault_t *err) {
    (void)at, (void)err;
    packed_t *self = context;
    assert_true(self->n + n <= sizeof self->bytes);
    memcpy(self->bytes + self->n, packed, n);
    self->n += n;
    return 0;
}

/* A chunk's bytes show whether it is damaged, so they must depend on its content alone: not on what the same
 * thread has packed before, nor on what lies around the content. */
static void test_same_bytes(void **state) {
    (void)state;
    static uint64_t values[ROWS], before[ROWS];
    static packed_t first, second;
    fault_t err = {0};
    for (uint32_t n = 0; n < ROWS; n++) {
        values[n] = n % 3 ? counting(n) : noise(n % 1000);
        before[n] = n % 2 ? noise(n) : counting(n);
    }
    for (int shuffle = 0; shuffle < 2; shuffle++)
        for (uint64_t size = 1; size <= ROWS; size *= 7) {
            grid_t grid = {
                .rank = 1, .size = {size}, .chunk = {5000}, .item = sizeof *values, .shuffle = shuffle};
            packer_t *fresh = packer_new(1), *used = packer_new(1);
            first.n = second.n = 0;
            assert_int_equal(packer_pack(fresh, &grid, values, collect, &first, &err), 0);
            assert_int_equal(packer_pack(used, &grid, before, collect, &second, &err), 0);
            second.n = 0;
            assert_int_equal(packer_pack(used, &grid, values, collect, &second, &err), 0);
            assert_int_equal(first.n, second.n);
            assert_memory_equal(first.bytes, second.bytes, first.n);
            packer_free(fresh);
            packer_free(used);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read_as_written),
                                       cmocka_unit_test(test_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
