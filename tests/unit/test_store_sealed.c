/* Sealed files: what was written is read, what was changed is told, and what failed is never sealed. */
#include "../support/check.h"

#include "base/mem.h"
#include "store/file/sealed.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH "sealed.bin"
#define BLOCK 65536

static fault_t err;

static sealed_t *create(void) {
    sealed_t *file;
    err = (fault_t){0};
    unlink(PATH);
    if (sealed_create(&file, PATH, &err)) fail_msg("%s", err.text);
    return file;
}

static int opens(bool whole) {
    sealed_t *file;
    err = (fault_t){0};
    int ret = sealed_open(&file, PATH, whole ? SEALED_WHOLE : 0, &err);
    sealed_close(file);
    return ret;
}

static void flip(off_t at) {
    int fd = open(PATH, O_RDWR);
    unsigned char byte;
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 16;
    assert_true(pwrite(fd, &byte, 1, at) == 1 && !close(fd));
}

/* Files of all lengths about a block's: pieces written in any order, with holes, are there, and nothing else
 * is. */
static void test_read_as_written(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 23, 24, 25, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 40 * BLOCK + 7};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        unsigned char *bytes = calloc(n + 100, 1), *read = calloc(n + 100, 1);
        sealed_t *file = create();
        for (size_t i = 0; i < n; i++) bytes[i] = (unsigned char)(i * 2654435761u >> 13);
        for (size_t i = 0; i < n / 3; i++) bytes[n / 3 + i] = 0; /* never written */
        sealed_write(file, n - n / 3, bytes + (n - n / 3), n / 3);
        sealed_write(file, 0, bytes, n / 3);
        sealed_write(file, 2 * (n / 3), bytes + 2 * (n / 3), n - n / 3 - 2 * (n / 3));
        sealed_resize(file, n);
        assert_int_equal(sealed_finish(file, &err), 0);
        if (sealed_open(&file, PATH, SEALED_WHOLE, &err)) fail_msg("%zu: %s", n, err.text);
        assert_int_equal(sealed_size(file), n);
        memset(read, 255, n + 100);
        assert_int_equal(sealed_read(file, 0, read, n + 100), 0); /* zeros behind the end, not the seal */
        assert_memory_equal(read, bytes, n + 100);
        sealed_close(file);
        free(bytes);
        free(read);
    }
    unlink(PATH);
}

static void test_every_byte_is_under_the_seal(void **state) {
    (void)state;
    sealed_t *file = create();
    char text[5000];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 40; i++) sealed_write(file, (uint64_t)i * sizeof text, text, sizeof text);
    assert_int_equal(sealed_finish(file, &err), 0);
    struct stat info;
    assert_int_equal(stat(PATH, &info), 0);
    for (off_t at = info.st_size - 1; at >= 0; at -= at > info.st_size - 100 ? 1 : 997) {
        flip(at);
        int ret = opens(false);
        assert_true(ret == ERR_DAMAGED || ret == ERR_NOINPUT);
        flip(at);
    }
    assert_int_equal(opens(false), 0);
    for (off_t n = info.st_size - 1; n >= 0; n -= n > info.st_size - 100 ? 1 : 9973) {
        assert_int_equal(truncate(PATH, n), 0);
        assert_int_equal(opens(false), ERR_NOINPUT);
    }
    unlink(PATH);
}

/* Of a large file what has own checksums is left to those who read it, but for those who ask for all. */
static void test_large_files(void **state) {
    (void)state;
    sealed_t *file = create();
    uint64_t size = (uint64_t)SEALED_WHOLE_BYTES + 10 * BLOCK;
    char *bytes = calloc(1, BLOCK);
    for (uint64_t at = 0; at < size; at += BLOCK) sealed_write(file, at, bytes, BLOCK);
    for (uint64_t at = 1000; at + 900 < size - 3 * BLOCK; at += 900) sealed_own_checksum(file, at, 900);
    assert_int_equal(sealed_finish(file, &err), 0);
    assert_int_equal(opens(false), 0);
    static const struct {
        off_t at;
        int looked, whole;
    } cases[] = {{500, ERR_DAMAGED, ERR_DAMAGED}, /* before the chunks, in a block that they share */
                 {5000, ERR_DAMAGED, ERR_DAMAGED},
                 {BLOCK * 7 + 3, 0, ERR_DAMAGED},
                 {(off_t)SEALED_WHOLE_BYTES + 9 * BLOCK, ERR_DAMAGED, ERR_DAMAGED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        flip(cases[i].at);
        assert_int_equal(opens(false), cases[i].looked);
        assert_int_equal(opens(true), cases[i].whole);
        flip(cases[i].at);
    }
    assert_int_equal(opens(true), 0);
    free(bytes);
    unlink(PATH);
}

/* After the first write that fails all goes on as if it had not, and ends with nothing but the fault. */
static void test_a_failed_write(void **state) {
    (void)state;
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    sealed_t *file = create();
    char text[1000], read[1000];
    sealed_write(file, 0, "first", 6);
    assert_int_equal(sealed_trouble(file, &err), 0);
    limit = (struct rlimit){2500, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 50; i++) {
        memset(text, 'a' + i % 26, sizeof text);
        sealed_write(file, (uint64_t)i * 700, text, sizeof text);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(sealed_read(file, (uint64_t)i * 700, read, sizeof read), 0);
        for (int k = 0; k < 700; k++) assert_int_equal(read[k], 'a' + i % 26);
    }
    assert_int_equal(sealed_size(file), 49 * 700 + 1000);
    assert_int_equal(sealed_trouble(file, &err), ERR_IO);
    assert_non_null(strstr(err.text, "File too large"));
    assert_int_equal(sealed_finish(file, &err), ERR_IO);
    assert_int_not_equal(access(PATH, F_OK), 0);
    signal(SIGXFSZ, SIG_DFL);
}

static void test_what_is_in_the_way(void **state) {
    (void)state;
    sealed_t *file, *other;
    assert_int_equal(symlink("elsewhere", PATH), 0);
    assert_int_equal(sealed_create(&file, PATH, &err), ERR_CANTCREATE);
    assert_int_not_equal(access("elsewhere", F_OK), 0);
    unlink(PATH);
    assert_int_equal(mkfifo(PATH, 0600), 0);
    assert_int_equal(sealed_create(&file, PATH, &err), ERR_CANTCREATE);
    assert_int_equal(opens(false), ERR_NOINPUT); /* and does not wait for somebody to write */
    unlink(PATH);
    file = create();
    assert_int_equal(sealed_create(&other, PATH, &err), ERR_CANTCREATE);
    sealed_close(file); /* not finished */
    assert_int_not_equal(access(PATH, F_OK), 0);
    assert_int_equal(opens(false), ERR_NOINPUT);
}

static void test_without_memory(void **state) {
    (void)state;
    bool done = false;
    for (long n = 0; !done; n++) {
        sealed_t *file;
        err = (fault_t){0};
        unlink(PATH);
        mem_fail_after(n);
        int ret = sealed_create(&file, PATH, &err);
        if (!ret) sealed_write(file, 0, "text", 4);
        if (!ret) ret = sealed_finish(file, &err);
        if (!ret) ret = opens(true);
        mem_fail_after(-1);
        assert_true(ret == 0 || ret == ERR_NOMEM);
        done = ret == 0;
    }
    unlink(PATH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_as_written),    cmocka_unit_test(test_every_byte_is_under_the_seal),
        cmocka_unit_test(test_large_files),        cmocka_unit_test(test_a_failed_write),
        cmocka_unit_test(test_what_is_in_the_way), cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
