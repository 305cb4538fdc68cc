#include "text/output.h"

#include "base/mem.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 /* of a chain, as the kernel has it */ };

static char *copy_text(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size, 1);
    if (copy) memcpy(copy, text, size);
    return copy;
}

static int out_of_memory(fault_t *err) {
    return error_memory(err);
}

/* ---- which file a name is of ------------------------------------------------------------------------- */

/* What the link `path` holds, seen from where the link is. NULL without memory, or with errno. */
static char *follow(const char *path) {
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n < 0) return NULL;
    target[n] = '\0';
    const char *slash = strrchr(path, '/');
    size_t folder = *target == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    char *next = mem_alloc(folder + (size_t)n + 1, 1);
    if (next) sprintf(next, "%.*s%s", (int)folder, path, target);
    return next;
}

int output_resolve(const char *path, char **resolved, fault_t *err) {
    struct stat info;
    *resolved = NULL;
    if (!strcmp(path, "-"))
        return error_set(err, ERR_CANTCREATE,
                         "-: results go into a file, not to standard output; give it a name (such as ./-)");
    char *at = copy_text(path);
    for (int n = 0; at && !lstat(at, &info) && S_ISLNK(info.st_mode); n++) {
        char *next = n < MOST_LINKS ? follow(at) : NULL;
        mem_free(at);
        if (n == MOST_LINKS)
            return error_set(err, ERR_CANTCREATE, "%s: these symbolic links form a circle", path);
        at = next;
    }
    *resolved = at;
    return at ? 0 : out_of_memory(err);
}

/* The folder of a name, and what it is called there. False without memory, or if there is no such folder. */
static bool place_of(const char *path, struct stat *folder, char name[NAME_MAX + 1]) {
    char *resolved, *copy;
    if (output_resolve(path, &resolved, NULL)) return false;
    copy = copy_text(resolved);
    bool good = copy && !stat(dirname(copy), folder);
    const char *last = basename(resolved);
    good = good && strlen(last) <= NAME_MAX;
    if (good) snprintf(name, NAME_MAX + 1, "%s", last);
    mem_free(copy);
    mem_free(resolved);
    return good;
}

bool output_is_same(const char *a, const char *b) {
    struct stat x, y;
    char first[NAME_MAX + 1], second[NAME_MAX + 1];
    bool a_there = !stat(a, &x), b_there = !stat(b, &y);
    if (a_there != b_there) return false;
    if (!a_there && !(place_of(a, &x, first) && place_of(b, &y, second) && !strcmp(first, second)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* ---- what may be replaced ---------------------------------------------------------------------------- */

/* 0 or ERR_NOMEM; a file that cannot be read begins with nothing. */
static int begins_with(const char *path, const char *beginning, bool *same) {
    size_t length = strlen(beginning);
    char *there = mem_alloc(length + 1, 1);
    if (!there) return ERR_NOMEM;
    FILE *in = fopen(path, "re");
    *same = in && fread(there, 1, length, in) == length && !memcmp(there, beginning, length);
    if (in) fclose(in);
    mem_free(there);
    return 0;
}

static int check(const char *path, const char *resolved, const char *beginning, fault_t *err) {
    struct stat info;
    bool same;
    assert(resolved);
    if (stat(resolved, &info)) {
        if (errno == ENOENT) return 0;
        return error_set(err, ERR_CANTCREATE, "cannot create %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) return error_set(err, ERR_CANTCREATE, "%s: is not a regular file", path);
    if (begins_with(resolved, beginning, &same)) return out_of_memory(err);
    if (same) return 0;
    return error_set(err, ERR_CANTCREATE,
                     "%s: there is a file of another type; remove it or choose another name", path);
}

int output_check(const char *path, const char *beginning, fault_t *err) {
    char *resolved;
    int ret = output_resolve(path, &resolved, err);
    if (!ret) ret = check(path, resolved, beginning, err);
    mem_free(resolved);
    return ret;
}

/* ---- a text ------------------------------------------------------------------------------------------ */

int output_begin(output_file_t *self, const char *path, const char *beginning, fault_t *err) {
    int ret, fd;
    *self = (output_file_t){0};
    TRY(output_resolve(path, &self->path, err));
    TRY(check(path, self->path, beginning, err));
    size_t size = strlen(self->path) + 32;
    self->temporary = mem_alloc(size, 1);
    if (!self->temporary) return out_of_memory(err);
    snprintf(self->temporary, size, "%s.%ld.tmp", self->path, (long)getpid());
    fd = open(self->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) self->file = fdopen(fd, "w");
    if (self->file) return 0;
    ret = error_set(err, ERR_CANTCREATE, "cannot create %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd); /* what is there under that name without us stays */
    if (fd < 0) mem_free(self->temporary), self->temporary = NULL;
out:
    return ret;
}

int output_flush(output_file_t *self, fault_t *err) {
    if (!self->file) return 0;
    bool bad = fflush(self->file) || ferror(self->file) || fsync(fileno(self->file));
    bad |= fclose(self->file) != 0;
    self->file = NULL;
    if (!bad) return 0;
    return error_set(err, ERR_IO, "writing %s failed: %s", self->path,
                     errno == ENOSPC || errno == EDQUOT ? "disk full" : strerror(errno));
}

int output_end(output_file_t *self, fault_t *err) {
    int ret = output_flush(self, err);
    if (ret || !self->temporary) return ret;
    if (rename(self->temporary, self->path))
        return error_set(err, ERR_CANTCREATE, "cannot rename %s to %s: %s", self->temporary, self->path,
                         strerror(errno));
    mem_free(self->temporary);
    self->temporary = NULL;
    return 0;
}

void output_drop(output_file_t *self) {
    if (self->file) fclose(self->file);
    if (self->temporary) unlink(self->temporary);
    mem_free(self->temporary);
    mem_free(self->path);
    *self = (output_file_t){0};
}
