/* To be preloaded (LD_PRELOAD) by tests of what a run does when the system fails it: of the calls that
 * FAIL_CALLS names
 * (",write,read,sync,rename,truncate,open,close,"), counted over all processes of a run, the FAIL_AT-th and
 * with FAIL_ON=1 all after it fail with FAIL_ERRNO. Standard input and output are spared. At the end
 * FAIL_COUNT, if set, is a file that has the number of calls. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static long at, *count; /* shared */
static int number;
static bool on;
static const char *calls;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAIL_AT");
    at = text ? strtol(text, NULL, 10) : 0;
    text = getenv("FAIL_ERRNO");
    number = text ? (int)strtol(text, NULL, 10) : EIO;
    on = getenv("FAIL_ON") != NULL;
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    calls = getenv("FAIL_CALLS");
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAIL_COUNT");
    calls = NULL;
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out) return;
    fprintf(out, "%ld\n", *count);
    fclose(out);
}

static bool fails(const char *what, int fd) {
    if (!calls || !strstr(calls, what) || (fd >= 0 && fd <= STDERR_FILENO)) return false;
    long n = __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    if (!at || (n != at && !(on && n > at))) return false;
    errno = number;
    return true;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* A call of that name: what it is counted as, its file (-1: none), its parameters, and how it is passed on.
 */
#define CALL(type, name, what, fd, parameters, arguments) \
    type name parameters {                                \
        if (fails("," what ",", fd)) return (type)-1;     \
        return NEXT(name) arguments;                      \
    }

CALL(ssize_t, write, "write", fd, (int fd, const void *bytes, size_t n), (fd, bytes, n))
CALL(ssize_t, pwrite, "write", fd, (int fd, const void *bytes, size_t n, off_t to), (fd, bytes, n, to))
CALL(ssize_t, pwrite64, "write", fd, (int fd, const void *bytes, size_t n, off64_t to), (fd, bytes, n, to))
CALL(ssize_t, read, "read", fd, (int fd, void *bytes, size_t n), (fd, bytes, n))
CALL(ssize_t, pread, "read", fd, (int fd, void *bytes, size_t n, off_t from), (fd, bytes, n, from))
CALL(ssize_t, pread64, "read", fd, (int fd, void *bytes, size_t n, off64_t from), (fd, bytes, n, from))
CALL(int, fsync, "sync", fd, (int fd), (fd))
CALL(int, ftruncate, "truncate", fd, (int fd, off_t n), (fd, n))
CALL(int, ftruncate64, "truncate", fd, (int fd, off64_t n), (fd, n))
CALL(int, rename, "rename", -1, (const char *from, const char *to), (from, to))
CALL(int, renameat, "rename", -1, (int folder, const char *from, int other, const char *to),
     (folder, from, other, to))

int close(int fd) {
    int closed = NEXT(close)(fd);
    return fails(",close,", fd) ? -1 : closed;
}

static int open_as(__typeof__(&open) next, const char *path, int flags, va_list rest) {
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    return fails(",open,", -1) ? -1 : next(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int fd = open_as(NEXT(open), path, flags, rest);
    va_end(rest);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int fd = open_as(NEXT(open64), path, flags, rest);
    va_end(rest);
    return fd;
}

int openat(int folder, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails(",open,", -1) ? -1 : NEXT(openat)(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails(",open,", -1) ? -1 : NEXT(openat64)(folder, path, flags, mode);
}

/* As they are called where the compiler knows how much room there is. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) {
    return open(path, flags);
}
int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) {
    return open64(path, flags);
}
int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags) {
    return openat(folder, path, flags);
}
int __openat64_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags) {
    return openat64(folder, path, flags);
}
ssize_t __read_chk(int fd, void *bytes, size_t n, size_t room) {
    return n > room ? (abort(), -1) : read(fd, bytes, n);
}
ssize_t __pread_chk(int fd, void *bytes, size_t n, off_t from, size_t room) {
    return n > room ? (abort(), -1) : pread(fd, bytes, n, from);
}
ssize_t __pread64_chk(int fd, void *bytes, size_t n, off64_t from, size_t room) {
    return n > room ? (abort(), -1) : pread64(fd, bytes, n, from);
}
