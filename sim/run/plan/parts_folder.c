#include "run/plan/parts_folder.h"

#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK "lock"
#define LOCK_PATIENCE_MS 3000     /* processes of a killed run need a moment to end */
#define PLAN_BEGINNING "format: " /* of every plan (run/plan/identity.c) */

static int system_fault(fault_t *err, const char *path, const char *what) {
    bool io = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO || errno == EMFILE ||
              errno == ENFILE;
    int code = io ? ERR_IO : ERR_CANTCREATE;
    return error_set(err, code, "%s: %s: %s", path, what,
                     errno == ENOSPC || errno == EDQUOT ? "disk full" : strerror(errno));
}

static int file_fault(const parts_t *self, const char *name, const char *what, fault_t *err) {
    char path[4096];
    int number = errno;
    snprintf(path, sizeof path, "%s/%s", self->folder, name);
    errno = number;
    return system_fault(err, path, what);
}

/* ---- names --------------------------------------------------------------------------------------------- */

typedef enum {
    NAME_FOREIGN,
    NAME_LOCK,
    NAME_PLAN,
    NAME_TEXT,
    NAME_PART,
    NAME_PLAN_TEMPORARY,
    NAME_TEMPORARY
} name_t;

/* Behind `text` and the number that follows it, if both are there; else NULL. */
static const char *behind_number(const char *name, const char *text, uint32_t *number) {
    size_t n = strlen(text);
    char *end;
    if (!name || strncmp(name, text, n) != 0 || name[n] < '0' || name[n] > '9') return NULL;
    errno = 0;
    unsigned long value = strtoul(name + n, &end, 10);
    *number = (uint32_t)value;
    return errno || value > UINT32_MAX ? NULL : end;
}

/* Behind "pPOINT-rFIRST-END-IDENTITY.part", or NULL; *end of its replicates. */
static const char *behind_part(const char *name, uint32_t *end) {
    uint32_t point, first;
    const char *rest = behind_number(name, "p", &point);
    rest = behind_number(rest, "-r", &first);
    rest = behind_number(rest, "-", end);
    if (!rest || *rest != '-' || strspn(rest + 1, "0123456789abcdef") != 16) return NULL;
    return !strncmp(rest + 17, ".part", 5) ? rest + 22 : NULL;
}

static bool is_temporary(const char *rest) {
    size_t n = strlen(rest);
    return *rest == '.' && n > sizeof ".tmp" - 1 && !strcmp(rest + n - 4, ".tmp");
}

static name_t name_of(const char *name) {
    uint32_t end;
    if (!strcmp(name, LOCK)) return NAME_LOCK;
    if (!strcmp(name, PARTS_PLAN)) return NAME_PLAN;
    if (!strcmp(name, PARTS_RECIPE)) return NAME_TEXT;
    if (!strcmp(name, PARTS_RESULT)) return NAME_TEMPORARY;
    const char *rest = behind_part(name, &end);
    if (rest) return !*rest ? NAME_PART : is_temporary(rest) ? NAME_TEMPORARY : NAME_FOREIGN;
    if (!strncmp(name, PARTS_PLAN ".", sizeof PARTS_PLAN) && is_temporary(name + sizeof PARTS_PLAN - 1))
        return NAME_PLAN_TEMPORARY;
    if (!strncmp(name, PARTS_RECIPE ".", sizeof PARTS_RECIPE) && is_temporary(name + sizeof PARTS_RECIPE - 1))
        return NAME_TEMPORARY;
    return NAME_FOREIGN;
}

/* Calls `visit` for each name, until it returns anything but 0. */
typedef int (*visit_t)(const parts_t *self, const char *name, void *context, fault_t *err);
static int visit_all(const parts_t *self, visit_t visit, void *context, fault_t *err) {
    int copy = openat(self->place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        ret = system_fault(err, self->folder, "cannot read");
        if (copy >= 0) close(copy);
        return ret;
    }
    errno = 0;
    for (struct dirent *entry; !ret && (entry = readdir(dir)); errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ret = visit(self, entry->d_name, context, err);
    if (!ret && errno) ret = system_fault(err, self->folder, "cannot read");
    closedir(dir);
    return ret;
}

/* ---- whose folder it is ---------------------------------------------------------------------------------
 */

typedef struct {
    int n;
    char first[NAME_MAX + 1];
} foreign_t;

static int count_foreign(const parts_t *self, const char *name, void *context, fault_t *err) {
    (void)self, (void)err;
    foreign_t *foreign = context;
    name_t kind = name_of(name);
    if (kind == NAME_LOCK || kind == NAME_PLAN || kind == NAME_PLAN_TEMPORARY) return 0;
    if (!foreign->n++) snprintf(foreign->first, sizeof foreign->first, "%s", name);
    return 0;
}

/* A regular file that begins as every plan does. */
static int holds_plan(const parts_t *self, bool *holds, fault_t *err) {
    char *text;
    int ret = parts_folder_read(self, PARTS_PLAN, &text, err);
    *holds = !ret && text && !strncmp(text, PLAN_BEGINNING, sizeof PLAN_BEGINNING - 1);
    if (!ret && text && !*holds)
        ret = error_set(err, ERR_CANTCREATE,
                        "%s: its \"plan\" is not that of a run, so nothing in the folder was changed; choose "
                        "another output, or move it away",
                        self->folder);
    mem_free(text);
    return ret;
}

static int check_ours(const parts_t *self, fault_t *err) {
    struct stat info;
    bool holds;
    foreign_t foreign = {0};
    if (fstat(self->place, &info)) return system_fault(err, self->folder, "cannot read");
    if (info.st_uid != geteuid())
        return error_set(err, ERR_CANTCREATE,
                         "%s: the folder belongs to another user; the parts of a run need a folder of yours, "
                         "so choose another output",
                         self->folder);
    int ret = visit_all(self, count_foreign, &foreign, err);
    if (!ret) ret = holds_plan(self, &holds, err); /* after the rest, as it is what a run writes first */
    if (ret || holds || !foreign.n) return ret;
    error_set(err, ERR_CANTCREATE,
              "%s: the folder holds \"%s\"%s and no plan of a run, so it was not made by entente and was not "
              "changed; choose another output, or move it away",
              self->folder, foreign.first, foreign.n > 1 ? " and more" : "");
    return ERR_CANTCREATE;
}

/* *there: whether there is one. */
static int open_existing(parts_t *self, const char *out_path, bool *there, fault_t *err) {
    self->place = open(self->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    *there = self->place >= 0;
    if (*there || errno == ENOENT) return 0;
    if (errno != ENOTDIR && errno != ELOOP) return system_fault(err, self->folder, "cannot read");
    return error_set(
        err, ERR_CANTCREATE,
        "%s: is not a folder; the parts of a run go there (if %s is a link, they go beside its target)",
        self->folder, out_path);
}

static int set_path(parts_t *self, const char *out_path, fault_t *err) {
    size_t size = strlen(out_path) + sizeof ".parts";
    *self = (parts_t){.folder = mem_alloc(size, 1), .place = -1, .lock = -1};
    if (!self->folder) return error_memory(err);
    snprintf(self->folder, size, "%s.parts", out_path);
    return 0;
}

int parts_folder_look(parts_t *self, const char *out_path, bool *there, fault_t *err) {
    int ret = 0;
    *there = false;
    TRY(set_path(self, out_path, err));
    TRY(open_existing(self, out_path, there, err));
    if (*there) TRY(check_ours(self, err));
out:
    return ret;
}

/* ---- lock ------------------------------------------------------------------------------------------------
 */

static int refuse_locked(const parts_t *self, fault_t *err) {
    char holder[32] = "";
    ssize_t n = pread(self->lock, holder, sizeof holder - 1, 0);
    holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
    return error_set(err, ERR_CANTCREATE,
                     "%s: another run is writing this output%s%s; wait for it or stop it", self->folder,
                     *holder ? ", process " : "", holder);
}

static void close_both(parts_t *self) {
    if (self->lock >= 0) close(self->lock);
    if (self->place >= 0) close(self->place);
    self->lock = self->place = -1;
}

/* Makes the folder if need be, and opens the lock in it. A run that ends may remove both at any time. */
static int open_lock(parts_t *self, const char *out_path, fault_t *err) {
    for (;;) {
        int ret;
        bool there, made = !mkdir(self->folder, 0777);
        close_both(self);
        if (!made && errno != EEXIST) return system_fault(err, self->folder, "cannot create");
        if ((ret = open_existing(self, out_path, &there, err))) return ret;
        if (!there) continue;
        if (!made && (ret = check_ours(self, err))) return ret;
        self->lock = openat(self->place, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
        if (self->lock < 0 && errno == ENOENT) continue;
        struct stat info;
        if (self->lock < 0 || fstat(self->lock, &info)) return file_fault(self, LOCK, "cannot create", err);
        if (S_ISREG(info.st_mode) && info.st_nlink <= 1) return 0;
        return error_set(err, ERR_CANTCREATE, "%s/" LOCK ": is not the lock of a run; remove it",
                         self->folder);
    }
}

/* Whether the lock that is open is still the one by that name: the run that held it may have removed it. */
static bool is_there(const parts_t *self) {
    struct stat open, there;
    return !fstat(self->lock, &open) && !fstatat(self->place, LOCK, &there, AT_SYMLINK_NOFOLLOW) &&
           open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

static int take_lock(parts_t *self, const char *out_path, bool shared, fault_t *err) {
    int ret = 0;
    TRY(open_lock(self, out_path, err));
    for (int waited = 0;;) {
        if (!flock(self->lock, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB)) {
            if (is_there(self)) break;
            TRY(open_lock(self, out_path, err));
            continue;
        }
        if (errno != EWOULDBLOCK) return file_fault(self, LOCK, "cannot lock", err);
        if (waited >= LOCK_PATIENCE_MS) return refuse_locked(self, err);
        nanosleep(&(struct timespec){0, 50000000}, NULL);
        waited += 50;
    }
    if (shared) return 0;
    char pid[32];
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(self->lock, 0) || pwrite(self->lock, pid, (size_t)n, 0) != n)
        ret = file_fault(self, LOCK, "cannot write", err);
out:
    return ret;
}

int parts_folder_open(parts_t *self, const char *out_path, bool shared, fault_t *err) {
    int ret = set_path(self, out_path, err);
    return ret ? ret : take_lock(self, out_path, shared, err);
}

void parts_close(parts_t *self) {
    if (self->folder) close_both(self);
    mem_free(self->folder);
    *self = (parts_t){.lock = -1};
}

/* ---- texts -----------------------------------------------------------------------------------------------
 */

static int read_all(FILE *in, const parts_t *self, const char *name, char **text, fault_t *err) {
    size_t n = 0, capacity = 0;
    for (size_t got = 1; got; n += got) {
        char *larger = mem_resize(*text, capacity = 2 * capacity + 65536, 1);
        if (!larger) return error_memory(err);
        *text = larger;
        got = fread(*text + n, 1, capacity - 1 - n, in);
        if (ferror(in))
            return error_set(err, ERR_IO, "%s/%s: cannot read: %s", self->folder, name, strerror(errno));
    }
    (*text)[n] = '\0';
    return 0;
}

int parts_folder_read(const parts_t *self, const char *name, char **text, fault_t *err) {
    int fd = openat(self->place, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), ret;
    struct stat info;
    *text = NULL;
    if (fd < 0 && errno == ENOENT) return 0;
    FILE *in = fd >= 0 && !fstat(fd, &info) && S_ISREG(info.st_mode) ? fdopen(fd, "r") : NULL;
    if (!in) {
        ret = error_set(err, ERR_IO, "%s/%s: cannot read: %s", self->folder, name,
                        fd >= 0 ? "is not a regular file" : strerror(errno));
        if (fd >= 0) close(fd);
        return ret;
    }
    ret = read_all(in, self, name, text, err);
    fclose(in);
    if (ret) {
        mem_free(*text);
        *text = NULL;
    }
    return ret;
}

/* A new file for writing. One by that name is of a process that had our number and died. */
static FILE *create(const parts_t *self, const char *name) {
    unlinkat(self->place, name, 0);
    int fd = openat(self->place, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out && fd >= 0) close(fd);
    return out;
}

int parts_folder_write(const parts_t *self, const char *name, const char *text, fault_t *err) {
    int ret = 0;
    char temporary[128], host[64] = "";
    gethostname(host, sizeof host - 1); /* tasks on other hosts write the same text at the same time */
    snprintf(temporary, sizeof temporary, "%s.%s.%ld.tmp", name, host, (long)getpid());
    FILE *out = create(self, temporary);
    if (!out) return file_fault(self, temporary, "cannot create", err);
    bool failed = fputs(text, out) < 0 || fflush(out) || fsync(fileno(out));
    if (failed) ret = file_fault(self, temporary, "cannot write", err);
    fclose(out);
    if (!ret && renameat(self->place, temporary, self->place, name))
        ret = file_fault(self, name, "cannot rename", err);
    if (ret)
        unlinkat(self->place, temporary, 0);
    else if (fsync(self->place) && errno != EINVAL)
        ret = error_set(err, ERR_IO, "%s: flushing the folder to the disk failed: %s", self->folder,
                        strerror(errno));
    return ret;
}

/* ---- removal ---------------------------------------------------------------------------------------------
 */

static int remove_name(const parts_t *self, const char *name, fault_t *err) {
    if (!unlinkat(self->place, name, 0) || errno == ENOENT) return 0;
    return file_fault(self, name, "cannot remove", err);
}

static int remove_ours(const parts_t *self, const char *name, void *context, fault_t *err) {
    const parts_which_t *which = context;
    name_t kind = name_of(name);
    bool temporary = kind == NAME_TEMPORARY || kind == NAME_PLAN_TEMPORARY;
    if (!temporary && !(*which == PARTS_ALL && (kind == NAME_PART || kind == NAME_TEXT))) return 0;
    return remove_name(self, name, err);
}

int parts_folder_clear(const parts_t *self, parts_which_t which, fault_t *err) {
    int ret = visit_all(self, remove_ours, &which, err);
    return ret || which != PARTS_ALL ? ret : remove_name(self, PARTS_PLAN, err);
}

int parts_folder_remove(const parts_t *self, fault_t *err) {
    int ret = remove_name(self, LOCK, err);
    if (!ret && rmdir(self->folder) && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
        ret = system_fault(err, self->folder, "cannot remove");
    return ret;
}

typedef struct {
    uint32_t n;
    bool found;
} beyond_t;

static int note_beyond(const parts_t *self, const char *name, void *context, fault_t *err) {
    (void)self, (void)err;
    beyond_t *beyond = context;
    uint32_t end;
    if (behind_part(name, &end) && end > beyond->n) beyond->found = true;
    return 0;
}

int parts_folder_goes_beyond(const parts_t *self, uint32_t n, bool *beyond, fault_t *err) {
    beyond_t looked = {.n = n};
    int ret = visit_all(self, note_beyond, &looked, err);
    *beyond = looked.found;
    return ret;
}
