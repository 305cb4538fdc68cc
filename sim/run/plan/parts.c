#include "run/plan/parts.h"

#include "base/mem.h"
#include "run/plan/identity.h"
#include "store/file/sealed.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_PATIENCE_MS 3000 /* processes of a killed run need a moment to end */

static char *join(const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = mem_alloc(size, 1);
    if (path) snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static int system_fault(fault_t *err, const char *path, const char *what) {
    bool io = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO;
    int code = io ? ERR_IO : ERR_CANTCREATE;
    return error_set(err, code, "%s: %s: %s", path, what,
                     errno == ENOSPC || errno == EDQUOT ? "disk full" : strerror(errno));
}

/* ---- lock ------------------------------------------------------------------------------------------ */

/* Whether the lock that is open is still the one by that name: the run that held it may have removed it. */
static bool is_there(int lock, const char *path) {
    struct stat open, there;
    return !fstat(lock, &open) && !stat(path, &there) && open.st_dev == there.st_dev &&
           open.st_ino == there.st_ino;
}

static int refuse_locked(const parts_t *self, fault_t *err) {
    char holder[32] = "";
    ssize_t n = pread(self->lock, holder, sizeof holder - 1, 0);
    holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
    return error_set(err, ERR_CANTCREATE,
                     "%s: another run is writing this output%s%s; wait for it or stop it", self->folder,
                     *holder ? ", process " : "", holder);
}

/* Makes the folder if need be, and opens the lock in it, which a run that ends may remove at any time. */
static int open_lock(parts_t *self, const char *path, fault_t *err) {
    for (;;) {
        if (mkdir(self->folder, 0777) && errno != EEXIST)
            return system_fault(err, self->folder, "cannot create");
        self->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (self->lock >= 0) return 0;
        if (errno != ENOENT) return system_fault(err, path, "cannot create");
    }
}

static int take_lock(parts_t *self, bool shared, fault_t *err) {
    char *path = join(self->folder, "lock");
    if (!path) return error_set(err, ERR_NOMEM, "out of memory");
    int ret = 0;
    TRY(open_lock(self, path, err));
    for (int waited = 0;;) {
        if (!flock(self->lock, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB)) {
            if (is_there(self->lock, path)) break;
            close(self->lock);
            self->lock = -1;
            TRY(open_lock(self, path, err));
            continue;
        }
        if (errno != EWOULDBLOCK) {
            ret = system_fault(err, path, "cannot lock");
            goto out;
        }
        if (waited >= LOCK_PATIENCE_MS) {
            ret = refuse_locked(self, err);
            goto out;
        }
        nanosleep(&(struct timespec){0, 50000000}, NULL);
        waited += 50;
    }
    if (shared) goto out;
    char pid[32];
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(self->lock, 0) || pwrite(self->lock, pid, (size_t)n, 0) != n)
        ret = system_fault(err, path, "cannot write");
out:
    mem_free(path);
    return ret;
}

/* ---- content --------------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end) {
    size_t n = strlen(name), m = strlen(end);
    return n >= m && !strcmp(name + n - m, end);
}

/* Removes the temporary files, or all of a run's files. */
static int sweep(const parts_t *self, bool all, fault_t *err) {
    DIR *dir = opendir(self->folder);
    if (!dir) return system_fault(err, self->folder, "cannot read");
    int ret = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && !ret;) {
        bool part = *entry->d_name == 'p' && ends_with(entry->d_name, ".part");
        if (ends_with(entry->d_name, ".tmp") ||
            (all && (part || !strcmp(entry->d_name, "plan") || !strcmp(entry->d_name, "recipe"))))
            if (unlinkat(dirfd(dir), entry->d_name, 0) && errno != ENOENT)
                ret = system_fault(err, self->folder, "cannot remove what is in it");
    }
    closedir(dir);
    return ret;
}

/* The whole of a text file; *text is NULL if there is none, which is no error. */
static int read_text(const char *path, char **text, fault_t *err) {
    FILE *in = fopen(path, "re");
    size_t n = 0, capacity = 0;
    int ret = 0;
    *text = NULL;
    if (!in)
        return errno == ENOENT ? 0 : error_set(err, ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    for (size_t got = 1; got && !ret; n += got) {
        char *larger = mem_resize(*text, capacity = 2 * capacity + 65536, 1);
        if (!larger) {
            ret = error_set(err, ERR_NOMEM, "out of memory");
            break;
        }
        *text = larger;
        got = fread(*text + n, 1, capacity - 1 - n, in);
        if (ferror(in)) ret = error_set(err, ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    }
    fclose(in);
    if (!ret) {
        (*text)[n] = '\0';
        return 0;
    }
    mem_free(*text);
    *text = NULL;
    return ret;
}

static int write_text(const char *path, const char *text, fault_t *err) {
    int ret = 0;
    size_t size = strlen(path) + 96;
    char *temporary = mem_alloc(size, 1), host[64] = "";
    if (!temporary) return error_set(err, ERR_NOMEM, "out of memory");
    gethostname(host, sizeof host - 1); /* tasks on other hosts write the same text at the same time */
    snprintf(temporary, size, "%s.%s.%ld.tmp", path, host, (long)getpid());
    FILE *out = fopen(temporary, "we");
    if (!out) {
        ret = system_fault(err, temporary, "cannot create");
        goto out;
    }
    bool failed = fputs(text, out) < 0 || fflush(out) || fsync(fileno(out));
    if (failed) ret = system_fault(err, temporary, "cannot write");
    fclose(out);
    if (!ret && rename(temporary, path)) ret = system_fault(err, path, "cannot rename");
    if (ret) unlink(temporary);
    if (!ret) ret = sealed_sync_folder(path, err);
out:
    mem_free(temporary);
    return ret;
}

static int settle_plan(parts_t *self, const plan_t *plan, bool shared, bool restart, fault_t *err) {
    char *path = join(self->folder, "plan"), *there = NULL, what[700];
    int ret = 0;
    if (!path) return error_set(err, ERR_NOMEM, "out of memory");
    TRY(read_text(path, &there, err));
    if (there && identity_differences(there, plan->text, plan->request.scenario, what, sizeof what)) {
        if (!restart) {
            ret = error_set(
                err, ERR_DATA,
                "%s holds parts of another run (%s); go on with that one as it was, or begin anew with "
                "--restart",
                self->folder, what);
            goto out;
        }
    }
    if (there && restart) TRY(sweep(self, true, err));
    if (!shared) TRY(sweep(self, false, err));
    if (!there || restart) TRY(write_text(path, plan->text, err));
out:
    mem_free(path);
    mem_free(there);
    return ret;
}

static int open_folder(parts_t *self, const char *out_path, const plan_t *plan, bool shared, bool restart,
                       fault_t *err) {
    int ret = 0;
    size_t size = strlen(out_path) + 8;
    *self = (parts_t){.folder = mem_alloc(size, 1), .lock = -1};
    if (!self->folder) return error_set(err, ERR_NOMEM, "out of memory");
    snprintf(self->folder, size, "%s.parts", out_path);
    struct stat info;
    if (!lstat(self->folder, &info) && !S_ISDIR(info.st_mode)) {
        ret = error_set(
            err, ERR_CANTCREATE,
            "%s: is no folder; the parts of a run go there (if %s is a link they go where it leads)",
            self->folder, out_path);
        goto out;
    }
    TRY(take_lock(self, shared, err));
    TRY(settle_plan(self, plan, shared, restart, err));
out:
    if (ret) parts_close(self);
    return ret;
}

int parts_open(parts_t *self, const char *out_path, const plan_t *plan, bool restart, fault_t *err) {
    return open_folder(self, out_path, plan, false, restart, err);
}

int parts_join(parts_t *self, const char *out_path, const plan_t *plan, fault_t *err) {
    return open_folder(self, out_path, plan, true, false, err);
}

int parts_keep_recipe(const parts_t *self, const char *recipe, fault_t *err) {
    char *path = join(self->folder, "recipe");
    if (!path) return error_set(err, ERR_NOMEM, "out of memory");
    int ret = write_text(path, recipe, err);
    mem_free(path);
    return ret;
}

int parts_read_recipe(const char *out_path, char **recipe, fault_t *err) {
    size_t size = strlen(out_path) + sizeof ".parts/recipe";
    char *path = mem_alloc(size, 1);
    *recipe = NULL;
    if (!path) return error_set(err, ERR_NOMEM, "out of memory");
    snprintf(path, size, "%s.parts/recipe", out_path);
    int ret = read_text(path, recipe, err);
    mem_free(path);
    return ret;
}

void parts_close(parts_t *self) {
    if (self->lock >= 0) close(self->lock);
    mem_free(self->folder);
    *self = (parts_t){.lock = -1};
}

int parts_remove(parts_t *self, fault_t *err) {
    int ret = 0;
    char *lock = join(self->folder, "lock");
    if (!lock) return error_set(err, ERR_NOMEM, "out of memory");
    TRY(sweep(self, true, err));
    unlink(lock);
    if (rmdir(self->folder) && errno != ENOENT && errno != ENOTEMPTY)
        ret = system_fault(err, self->folder, "cannot remove");
out:
    mem_free(lock);
    parts_close(self);
    return ret;
}

/* Whether a block's file goes beyond replicate n. */
static bool beyond(const parts_t *self, uint32_t n) {
    DIR *dir = opendir(self->folder);
    bool found = false;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *range = strstr(entry->d_name, "-r"), *dash = range ? strchr(range + 2, '-') : NULL;
        if (dash && strtoul(dash + 1, NULL, 10) > n) found = true;
    }
    if (dir) closedir(dir);
    return found;
}

int parts_remove_stale(const char *out_path, const plan_t *plan, uint32_t n_replicates, fault_t *err) {
    size_t size = strlen(out_path) + sizeof ".parts";
    char *folder = mem_alloc(size, 1);
    parts_t parts;
    if (!folder) return error_set(err, ERR_NOMEM, "out of memory");
    snprintf(folder, size, "%s.parts", out_path);
    bool gone = access(folder, F_OK) || parts_open(&parts, out_path, plan, false, &(fault_t){0});
    mem_free(folder);
    if (gone) return 0;
    if (!beyond(&parts, n_replicates)) return parts_remove(&parts, err);
    parts_close(&parts);
    return 0;
}

char *parts_path(const parts_t *self, const plan_t *plan, int index) {
    char name[80], identity[HASH_SIZE];
    block_t block = plan_block(plan, index);
    plan_block_identity(plan, &block, identity);
    snprintf(name, sizeof name, "p%d-r%u-%u-%.16s.part", block.point < 0 ? 0 : block.point, block.first,
             block.first + block.n, identity);
    return join(self->folder, name);
}

/* What is missing or damaged is simulated again; a system that cannot read or has no memory is not that. */
static int refuse_block(const char *path, int ret, const fault_t *own, fault_t *err) {
    if (ret == ERR_IO || ret == ERR_NOMEM) return error_set(err, ret, "%s: %s", path, own->text);
    return error_set(err, ERR_DATA, "%s: missing or damaged (%s)", path, own->text);
}

static int open_block(const char *path, const char *identity, part_file_t **out, fault_t *err) {
    int ret = part_file_open(out, path, err);
    if (ret || !strcmp(part_file_identity(*out), identity)) return ret;
    return error_set(err, ERR_DATA, "it belongs to another run");
}

static int next_point(part_file_t *file, const block_t *block, int p, part_t *part, fault_t *err) {
    int ret = part_file_next(file, part, err);
    if (ret || (part->point == block->point + p && part->first == block->first && part->n == block->n))
        return ret;
    return error_set(err, ERR_DATA, "it holds other replicates");
}

int parts_read_block(const parts_t *self, const plan_t *plan, int index, part_t *part, parts_take_t take,
                     void *context, fault_t *err) {
    block_t block = plan_block(plan, index);
    fault_t own = {0};
    part_file_t *file = NULL;
    char identity[HASH_SIZE], *path = parts_path(self, plan, index);
    if (!path) return error_set(err, ERR_NOMEM, "out of memory");
    plan_block_identity(plan, &block, identity);
    int ret = open_block(path, identity, &file, &own);
    if (ret) ret = refuse_block(path, ret, &own, err);
    for (int p = 0; p < block.n_points && !ret; p++) {
        ret = next_point(file, &block, p, part, &own);
        if (ret)
            ret = refuse_block(path, ret, &own, err);
        else if (take)
            ret = take(context, part, err);
    }
    part_file_close(file);
    mem_free(path);
    return ret;
}

bool parts_has(const parts_t *self, const plan_t *plan, int index) {
    char *path = parts_path(self, plan, index);
    bool there = path && !access(path, F_OK);
    mem_free(path);
    return there;
}
