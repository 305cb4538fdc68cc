#include "cli/reopen.h"

#include "base/mem.h"
#include "store/store.h"
#include "version.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

bool reopen_is_output(const char *path) {
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char start[sizeof signature] = "";
    struct stat info;
    if (stat(path, &info) || !S_ISREG(info.st_mode)) return false; /* a pipe can be read once only */
    FILE *in = fopen(path, "re");
    if (!in) return false;
    size_t n = fread(start, 1, sizeof start, in);
    fclose(in);
    return n == sizeof start && !memcmp(start, signature, sizeof start);
}

void reopened_free(reopened_t *self) {
    store_free_names(self->n_variants, self->variants);
    store_free_names(self->n_sets, self->sets);
    *self = (reopened_t){0};
}

static void warn_of_version(store_t *store, const char *path) {
    const char *program = store_attribute(store, "provenance", "program");
    if (program && strcmp(program, "entente " ENTENTE_VERSION) != 0)
        fprintf(stderr, "entente: %s was made by %s; this is %s, and results may differ\n", path, program,
                ENTENTE_VERSION);
}

/* Reads the scenario's texts. The caller frees all. */
static int read_texts(store_t *store, opened_t *opened, fault_t *err) {
    size_t n = 0, n_texts = 0;
    char **paths = NULL, **texts = NULL;
    size_t *lengths = NULL;
    diagnostics_t diagnostics;
    diagnostics_init(&diagnostics);
    int ret = 0;
    TRY(store_names(store, "provenance/file", &n, &paths, err));
    TRY(store_names(store, "provenance/file_text", &n_texts, &texts, err));
    lengths = calloc(n + 1, sizeof *lengths);
    if (!lengths || n != n_texts) {
        ret = error_set(err, lengths ? ERR_DATA : ERR_NOMEM, "the provenance is damaged");
        goto out;
    }
    for (size_t i = 0; i < n; i++) lengths[i] = strlen(texts[i]);
    ret = scenario_read_texts(&opened->scenario, (int)n, (const char *const *)paths,
                              (const char *const *)texts, lengths, &diagnostics);
    diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
    if (ret) error_set(err, ret, "its scenario cannot be read");
out:
    diagnostics_free(&diagnostics);
    free(lengths);
    store_free_names(n, paths);
    store_free_names(n_texts, texts);
    return ret;
}

/* A sweep's points are not in what a run is made from. */
static int refuse_sweep(store_t *store, fault_t *err) {
    const char *command = store_attribute(store, "provenance", "command");
    return error_set(err, ERR_USAGE, "it is a sweep, which `entente run` does not repeat; it was made by: %s",
                     command ? command : "entente sweep");
}

/* An attribution stores less than its scenario says. */
static void keep_output(store_t *store, output_t *output) {
    output->events &= store_has(store, "events");
    output->trajectories &= store_has(store, "strength");
    if (!store_size(store, "metric_time")) output->n_metrics = 0;
}

static int read_all(store_t *store, opened_t *opened, reopened_t *made, fault_t *err) {
    int ret = 0;
    if (store_size(store, "point")) return refuse_sweep(store, err);
    TRY(read_texts(store, opened, err));
    TRY(store_names(store, "variant", &made->n_variants, &made->variants, err));
    keep_output(store, &opened->scenario.model.output);
    if (store_has(store, "provenance/setting"))
        TRY(store_names(store, "provenance/setting", &made->n_sets, &made->sets, err));
    made->replicates = store_replicates(store);
    made->seed = store_seed(store);
    made->block_replicates = store_chunk_replicates(store);
    ret = store_trouble(store, err);
out:
    return ret;
}

int reopen_scenario(opened_t *opened, reopened_t *made, const common_t *common) {
    fault_t err = {0};
    store_t *store = NULL;
    *opened = (opened_t){0};
    *made = (reopened_t){0};
    int ret = store_open(&store, common->path, &err);
    if (!ret) {
        warn_of_version(store, common->path);
        ret = read_all(store, opened, made, &err);
        if (ret) fprintf(stderr, "entente: %s: %s\n", common->path, err.text);
    } else {
        fprintf(stderr, "entente: %s\n", err.text);
    }
    store_close(store);
    if (ret) return error_exit_code(ret);
    int status = 0;
    for (size_t s = 0; s < made->n_sets && !status; s++) /* of one parameter the last one holds */
        status = opened_set(opened, 1, (const char *const[]){made->sets[s]});
    int own = opened_set(opened, common->sets.n, common->sets.items);
    return status ? status : own;
}
