/* To be preloaded (LD_PRELOAD) by tests/e2e/test_run_trouble.py: writes the calls that make files durable, in
 * their order, to the file that CALL_LOG names: "PID fsync PATH", "PID rename FROM TO", "PID unlink PATH". */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void tell(const char *what, const char *path, const char *to) {
    char line[9000];
    int n = snprintf(line, sizeof line, "%ld %s %s %s\n", (long)getpid(), what, path, to);
    int out = open(getenv("CALL_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (out < 0 || write(out, line, (size_t)n) != n) abort();
    close(out);
}

static void path_of(int fd, char path[4096]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 4095);
    path[n < 0 ? 0 : n] = '\0';
}

int fsync(int fd) {
    char path[4096];
    path_of(fd, path);
    tell("fsync", path, "");
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int rename(const char *from, const char *to) {
    tell("rename", from, to);
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}

int renameat(int folder, const char *from, int other, const char *to) {
    char path[4096], old[8200], new[8200];
    path_of(folder, path);
    snprintf(old, sizeof old, "%s/%s", path, from);
    path_of(other, path);
    snprintf(new, sizeof new, "%s/%s", path, to);
    tell("rename", old, new);
    return ((int (*)(int, const char *, int, const char *))dlsym(RTLD_NEXT, "renameat"))(folder, from, other,
                                                                                         to);
}

int unlink(const char *path) {
    tell("unlink", path, "");
    return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}

int unlinkat(int folder, const char *name, int flags) {
    char path[4096], whole[8200];
    path_of(folder, path);
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    tell("unlink", whole, "");
    return ((int (*)(int, const char *, int))dlsym(RTLD_NEXT, "unlinkat"))(folder, name, flags);
}
