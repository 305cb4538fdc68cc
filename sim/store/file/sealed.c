#include "store/file/sealed.h"

#include "base/mem.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 65536u
#define BATCH 16u /* blocks read at a time */

typedef struct patch patch_t;
struct patch { /* what could not be written, or was not tried any more */
    patch_t *next;
    uint64_t at;
    size_t n;
    unsigned char bytes[];
};

struct sealed {
    char *path;
    int fd;
    bool writing;
    uint64_t size;
    int trouble; /* errno of the first call that failed, 0 */
    const char *what;
    patch_t *first, *last;
    uint32_t *own; /* [n_own] of the first blocks: bytes that have a checksum of their own */
    size_t n_own;
};

/* ---- the seal as it stands in a file, little-endian
 * --------------------------------------------------------- */

#define MAGIC "ENTSEAL1"
enum { OWN_CHECKSUM = 1 }; /* all of the block: whoever reads it sees whether it is whole */

typedef struct {
    uint32_t crc, flags;
} entry_t;

typedef struct {
    char magic[8];
    uint64_t size;
    uint32_t block, crc; /* of the entries and of the members above */
} footer_t;
_Static_assert(sizeof(entry_t) == 8 && sizeof(footer_t) == 24, "as specified");

static uint64_t n_blocks(uint64_t size) {
    return (size + BLOCK - 1) / BLOCK;
}

static uint32_t crc_of_seal(const footer_t *footer, const entry_t *entries, size_t n) {
    uint32_t crc = crc32_gzip_refl(0, (const unsigned char *)entries, n * sizeof *entries);
    return crc32_gzip_refl(crc, (const unsigned char *)footer, offsetof(footer_t, crc));
}

/* ---- the system's calls
 * ------------------------------------------------------------------------------------- */

static const char *reason_of(int number) {
    return number == ENOSPC || number == EDQUOT ? "disk full" : strerror(number);
}

static void note_trouble(sealed_t *self, const char *what) {
    if (self->trouble) return;
    self->trouble = errno ? errno : EIO;
    self->what = what;
}

static bool write_all(int fd, uint64_t at, const void *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t now = pwrite(fd, (const char *)bytes + done, n - done, (off_t)(at + done));
        if (now < 0 && errno == EINTR) continue;
        if (now <= 0) {
            if (!now) errno = ENOSPC;
            return false;
        }
        done += (size_t)now;
    }
    return true;
}

/* Zeros beyond the end. */
static bool read_all(int fd, uint64_t at, void *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t now = pread(fd, (char *)bytes + done, n - done, (off_t)(at + done));
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) return false;
        if (now == 0) {
            memset((char *)bytes + done, 0, n - done);
            break;
        }
        done += (size_t)now;
    }
    return true;
}

/* ---- writing
 * ------------------------------------------------------------------------------------------------ */

static sealed_t *make(const char *path, int fd, bool writing) {
    size_t length = strlen(path) + 1;
    sealed_t *self = mem_alloc(1, sizeof *self);
    char *copy = mem_alloc(length, 1);
    if (!self || !copy) {
        mem_free(self);
        mem_free(copy);
        return NULL;
    }
    memcpy(copy, path, length);
    *self = (sealed_t){.path = copy, .fd = fd, .writing = writing};
    return self;
}

static void free_all(sealed_t *self) {
    for (patch_t *patch = self->first, *next; patch; patch = next) {
        next = patch->next;
        mem_free(patch);
    }
    mem_free(self->own);
    mem_free(self->path);
    mem_free(self);
}

int sealed_create(sealed_t **self, const char *path, fault_t *err) {
    *self = NULL;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        int code = errno == ENOSPC || errno == EDQUOT || errno == EIO ? ERR_IO : ERR_CANTCREATE;
        return error_set(err, code, "%s: cannot create: %s", path, reason_of(errno));
    }
    flock(fd, LOCK_EX | LOCK_NB); /* for other readers; a file system without locks is not an error */
    if ((*self = make(path, fd, true))) return 0;
    close(fd);
    unlink(path);
    return error_memory(err);
}

static void keep(sealed_t *self, uint64_t at, const void *bytes, size_t n) {
    patch_t *patch = n < SIZE_MAX - sizeof *patch ? mem_alloc(1, sizeof *patch + n) : NULL;
    if (!patch) return; /* the file is lost in any case */
    patch->at = at;
    patch->n = n;
    memcpy(patch->bytes, bytes, n);
    if (self->last)
        self->last->next = patch;
    else
        self->first = patch;
    self->last = patch;
}

void sealed_write(sealed_t *self, uint64_t at, const void *bytes, size_t n) {
    if (at + n > self->size) self->size = at + n;
    if (!self->trouble && write_all(self->fd, at, bytes, n)) return;
    note_trouble(self, "writing");
    keep(self, at, bytes, n);
}

void sealed_resize(sealed_t *self, uint64_t size) {
    if (!self->trouble && ftruncate(self->fd, (off_t)size)) note_trouble(self, "writing");
    self->size = size;
}

int sealed_read(sealed_t *self, uint64_t at, void *bytes, size_t n) {
    if (!read_all(self->fd, at, bytes, n)) {
        note_trouble(self, "reading");
        return -1;
    }
    uint64_t end = at < self->size ? self->size - at : 0;
    if (end < n) memset((char *)bytes + end, 0, n - end); /* the seal is no content */
    for (const patch_t *patch = self->first; patch; patch = patch->next) {
        uint64_t from = patch->at > at ? patch->at : at,
                 to = patch->at + patch->n < at + n ? patch->at + patch->n : at + n;
        if (from < to) memcpy((char *)bytes + (from - at), patch->bytes + (from - patch->at), to - from);
    }
    return 0;
}

void sealed_own_checksum(sealed_t *self, uint64_t at, uint64_t n) {
    size_t needed = (size_t)n_blocks(at + n);
    if (needed > self->n_own) {
        uint32_t *larger = mem_resize(self->own, 2 * needed, sizeof *larger);
        if (!larger) return; /* then these blocks are compared, as all others */
        memset(larger + self->n_own, 0, (2 * needed - self->n_own) * sizeof *larger);
        self->own = larger;
        self->n_own = 2 * needed;
    }
    for (uint64_t done = 0, now; done < n; done += now) {
        uint64_t left = BLOCK - (at + done) % BLOCK;
        now = n - done < left ? n - done : left;
        self->own[(at + done) / BLOCK] += (uint32_t)now;
    }
}

uint64_t sealed_size(const sealed_t *self) {
    return self->size;
}

int sealed_trouble(const sealed_t *self, fault_t *err) {
    if (!self->trouble) return 0;
    return error_set(err, ERR_IO, "%s: %s failed: %s", self->path, self->what, reason_of(self->trouble));
}

static bool has_own(const sealed_t *self, size_t block) {
    uint64_t left = self->size - (uint64_t)block * BLOCK;
    return block < self->n_own && self->own[block] == (left < BLOCK ? left : BLOCK);
}

/* Reads the file back and appends the seal. */
static int seal(sealed_t *self, fault_t *err) {
    int ret = 0;
    size_t n = (size_t)n_blocks(self->size);
    entry_t *entries = mem_alloc(n, sizeof *entries);
    unsigned char *bytes = mem_alloc(BATCH, BLOCK);
    TRY_MEM(entries && bytes);
    for (size_t b = 0; b < n; b++) {
        uint64_t at = (uint64_t)b * BLOCK, left = self->size - at;
        if (b % BATCH == 0 && sealed_read(self, at, bytes, left < BATCH * BLOCK ? left : BATCH * BLOCK))
            break;
        uint32_t crc = crc32_gzip_refl(0, bytes + b % BATCH * BLOCK, left < BLOCK ? left : BLOCK);
        entries[b] = (entry_t){htole32(crc), htole32(has_own(self, b) ? OWN_CHECKSUM : 0)};
    }
    footer_t footer = {.magic = MAGIC, .size = htole64(self->size), .block = htole32(BLOCK)};
    footer.crc = htole32(crc_of_seal(&footer, entries, n));
    if (!self->trouble && (!write_all(self->fd, self->size, entries, n * sizeof *entries) ||
                           !write_all(self->fd, self->size + n * sizeof *entries, &footer, sizeof footer)))
        note_trouble(self, "writing");
out:
    mem_free(entries);
    mem_free(bytes);
    return ret;
}

int sealed_finish(sealed_t *self, fault_t *err) {
    int ret = self->trouble ? 0 : seal(self, err);
    if (!self->trouble && fsync(self->fd)) note_trouble(self, "making it durable");
    if (close(self->fd)) note_trouble(self, "closing");
    if (!ret) ret = sealed_trouble(self, err);
    if (ret) unlink(self->path);
    free_all(self);
    return ret;
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------ */

/* The entries of the seal, [*n]; the content's size is known after it. */
static int read_seal(sealed_t *self, entry_t **entries, size_t *n, fault_t *err) {
    struct stat info;
    footer_t footer;
    *entries = NULL;
    if (fstat(self->fd, &info)) return error_set(err, ERR_IO, "%s: %s", self->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERR_NOINPUT, "%s: cannot read: is not a regular file", self->path);
    uint64_t all = (uint64_t)info.st_size, at = all - sizeof footer;
    if (all < sizeof footer) goto none;
    if (!read_all(self->fd, at, &footer, sizeof footer)) goto failed;
    self->size = le64toh(footer.size);
    if (memcmp(footer.magic, MAGIC, sizeof footer.magic) != 0 || le32toh(footer.block) != BLOCK ||
        self->size > at || n_blocks(self->size) != (at - self->size) / sizeof **entries ||
        (at - self->size) % sizeof **entries)
        goto none;
    *n = (size_t)n_blocks(self->size);
    *entries = mem_alloc(*n, sizeof **entries);
    if (!*entries) return error_memory(err);
    if (!read_all(self->fd, self->size, *entries, *n * sizeof **entries)) goto failed;
    if (le32toh(footer.crc) != crc_of_seal(&footer, *entries, *n))
        return error_set(err, ERR_DAMAGED, "%s: damaged: its seal is not as it was written", self->path);
    return 0;
none:
    return error_set(err, ERR_NOINPUT,
                     "%s: has no seal: it is not an output file of entente, has a format before 2.0, is "
                     "incomplete, or was changed by another program",
                     self->path);
failed:
    return error_set(err, ERR_IO, "%s: reading failed: %s", self->path, strerror(errno));
}

static int compare_blocks(sealed_t *self, const entry_t *entries, size_t n, bool whole, fault_t *err) {
    int ret = 0;
    unsigned char *bytes = mem_alloc(BATCH, BLOCK);
    if (!bytes) return error_memory(err);
    for (size_t b = 0, end; b < n && !ret; b = end) {
        end = b + 1;
        if (!whole && le32toh(entries[b].flags) & OWN_CHECKSUM) continue;
        while (end < n && end - b < BATCH && (whole || !(le32toh(entries[end].flags) & OWN_CHECKSUM))) end++;
        uint64_t at = (uint64_t)b * BLOCK, left = self->size - at;
        if (left > (end - b) * BLOCK) left = (end - b) * BLOCK;
        if (!read_all(self->fd, at, bytes, left)) {
            ret = error_set(err, ERR_IO, "%s: reading failed: %s", self->path, strerror(errno));
            break;
        }
        for (size_t i = 0; i < end - b && !ret; i++) {
            uint64_t from = i * BLOCK, size = left - from < BLOCK ? left - from : BLOCK;
            unsigned long long first = at + from, last = first + size - 1;
            if (crc32_gzip_refl(0, bytes + from, size) != le32toh(entries[b + i].crc))
                ret = error_set(err, ERR_DAMAGED,
                                "%s: damaged: bytes %llu to %llu are not as they were written", self->path,
                                first, last);
        }
    }
    mem_free(bytes);
    return ret;
}

int sealed_open(sealed_t **out, const char *path, unsigned how, fault_t *err) {
    *out = NULL;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (how & SEALED_NO_LINK ? O_NOFOLLOW : 0)), ret;
    if (fd < 0 && errno == ELOOP && how & SEALED_NO_LINK)
        return error_set(err, ERR_NOINPUT, "%s: is a link, which is not followed", path);
    if (fd < 0) {
        int code = errno == EIO || errno == EMFILE || errno == ENFILE ? ERR_IO : ERR_NOINPUT;
        return error_set(err, code, "%s: cannot read: %s", path, strerror(errno));
    }
    if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK) {
        close(fd);
        return error_set(err, ERR_LOCKED, "%s: another program has it open for writing; close it there",
                         path);
    }
    sealed_t *self = make(path, fd, false);
    if (!self) {
        close(fd);
        return error_memory(err);
    }
    entry_t *entries;
    size_t n = 0;
    ret = read_seal(self, &entries, &n, err);
    if (!ret)
        ret = compare_blocks(self, entries, n, how & SEALED_WHOLE || self->size <= SEALED_WHOLE_BYTES, err);
    mem_free(entries);
    if (ret)
        sealed_close(self);
    else
        *out = self;
    return ret;
}

void sealed_close(sealed_t *self) {
    if (!self) return;
    close(self->fd);
    if (self->writing) unlink(self->path);
    free_all(self);
}

int sealed_sync_folder(const char *path, fault_t *err) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) && errno != EINVAL)) {
        error_set(err, ERR_IO, "%s: flushing the folder to the disk failed: %s", path, strerror(errno));
        if (fd >= 0) close(fd);
        return ERR_IO;
    }
    close(fd);
    return 0;
}
