/* A scenario read back from an output file's provenance, with the settings of the run that made it. */
#ifndef ENTENTE_CLI_REOPEN_H
#define ENTENTE_CLI_REOPEN_H

#include "cli/open_scenario.h"

typedef struct {
    uint64_t seed;
    uint32_t replicates, block_replicates;
    size_t n_variants, n_sets;
    char **variants;
    char **sets; /* "PATH=VALUE" of the run */
} reopened_t;

/* True if it is a regular file and begins as HDF5 files do. */
bool reopen_is_output(const char *path);

/* Of `common`, the path and --set, whose values go before those of the run. 0 or the exit code, all said.
 * Close both in any case. */
int reopen_scenario(opened_t *opened, reopened_t *made, const common_t *common);
void reopened_free(reopened_t *self);

#endif
