/* What commands that take a scenario share: read it, show its problems, apply --set, find a variant. */
#ifndef ENTENTE_CLI_OPEN_SCENARIO_H
#define ENTENTE_CLI_OPEN_SCENARIO_H

#include "io/scenario.h"

typedef struct {
    scenario_t scenario;
    int n_settings;
    setting_t *settings; /* of --set, in their order */
} opened_t;

/* Reads the scenario, prints its diagnostics to stderr, and parses `sets` ("PATH=VALUE"). 0 or the exit
 * code, all said. Close it in any case. */
int open_scenario(opened_t *self, const char *path, int n_sets, const char *const *sets);
/* Its last part: parses `sets` for a scenario that was read in another way. */
int open_settings(opened_t *self, int n_sets, const char *const *sets);
void close_scenario(opened_t *self);

/* "PATH=VALUE" of each uncertain parameter at the scenario's own value, which undoes its draws; followed by
 * `sets`, whose values go before them. Both the list and its first *n_fixed texts are to be freed
 * (free_sets). NULL without memory. */
const char **fixed_sets(const model_t *model, int n_sets, const char *const *sets, int *n_fixed);
void free_sets(const char **sets, int n_fixed);

/* The variant's index (NULL: the base, 0); -1 after saying what there is, with *status the exit code. */
int open_variant(const opened_t *self, const char *name, int *status);

/* "KAZ" gives a and b = -1, "KAZ-USA" both, whatever hyphens the names have; false if there are no such. */
bool find_actor_or_tie(const model_t *model, const char *text, int *a, int *b);

#endif
