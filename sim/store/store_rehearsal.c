#include "store/store_rehearsal.h"

#include "store/file/store_pack.h"
#include "store/store.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 4                  /* of processor time, */
#define BYTES_A_SECOND (10u << 20) /* and more for large files: opening takes a fraction of it */
#define MEMORY ((rlim_t)8 << 30)   /* of addresses, with what the process has already */

static void limit(int resource, rlim_t most) {
    struct rlimit now;
    if (getrlimit(resource, &now)) return;
    if (now.rlim_max < most) most = now.rlim_max;
    setrlimit(resource, &(struct rlimit){most, most});
}

static void set_limits(uint64_t bytes) {
    limit(RLIMIT_CPU, (rlim_t)(SECONDS + bytes / BYTES_A_SECOND));
    limit(RLIMIT_CORE, 0);
#ifndef ENTENTE_SANITIZED /* whose own memory is beyond any limit */
    limit(RLIMIT_AS, MEMORY);
#endif
}

/* The chunk index of a dataset, from end to end. */
static int visit_chunks(const store_t *self, const char *path, fault_t *err) {
    grid_t grid;
    bool packed = false;
    int ret = 0;
    hid_t dataset = H5Dopen2(self->file, path, H5P_DEFAULT);
    if (dataset < 0) return hdf_fault_read(err, "reading %s", path);
    bool chunked = store_grid(dataset, &grid, &packed);
    uint64_t at[GRID_MOST_RANK] = {0};
    for (bool more = chunked && packed && grid_bytes(&grid); more && !ret; more = grid_advance(&grid, at)) {
        hsize_t place[HDF_MAX_RANK], size = 0;
        for (int d = 0; d < HDF_MAX_RANK; d++) place[d] = at[d];
        if (H5Dget_chunk_storage_size(dataset, place, &size) < 0)
            ret = hdf_fault_read(err, "reading %s", path);
    }
    return hdf_close(dataset, ret, err);
}

static int visit(const store_t *self, const char *path, fault_t *err) {
    char **texts;
    const entry_t *entry = catalogue_object(&self->catalogue, path);
    if (!entry) return 0;
    if (!catalogue_is_text(path)) return visit_chunks(self, path, err);
    size_t n = entry->rank ? entry->size[0] : 1;
    int ret = hdf_read_texts(self->file, path, n, &texts, err);
    if (!ret) hdf_free_texts(n, texts);
    return ret;
}

static int read_all(store_t *self, int (*open)(store_t *, fault_t *), fault_t *err) {
    fault_t own = {0};
    const char *path;
    int ret = open(self, err);
    if (ret) return ret;
    for (size_t n = 0; !ret && (path = catalogue_dataset(n)); n++) ret = visit(self, path, &own);
    return ret ? error_set(err, ret, "%s: %s", self->path, own.text) : 0;
}

static int wait_for(pid_t child, int *status) {
    while (waitpid(child, status, 0) < 0)
        if (errno != EINTR) return -1;
    return 0;
}

int store_rehearse(store_t *self, int (*open)(store_t *self, fault_t *err), fault_t *err) {
    int status = 0, ret = 0;
    fault_t *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told == MAP_FAILED) return error_memory(err);
    pid_t child = fork();
    if (!child) {
        set_limits(sealed_size(self->disk));
        read_all(self, open, told);
        _exit(0);
    }
    if (child < 0 || wait_for(child, &status))
        ret = error_set(err, ERR_NOMEM, "%s: cannot start a process to read it: %s", self->path,
                        strerror(errno));
    else if (WIFEXITED(status) && WEXITSTATUS(status) == error_exit_code(ERR_NOMEM))
        ret = error_set(err, ERR_NOMEM, "%s: out of memory", self->path);
    else if (status)
        ret =
            error_set(err, ERR_DATA, "%s: damaged or manipulated: the HDF5 library cannot read it (%s)",
                      self->path, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ends the program");
    else if (told->code)
        ret = error_set(err, told->code, "%s", told->text);
    munmap(told, sizeof *told);
    return ret;
}
