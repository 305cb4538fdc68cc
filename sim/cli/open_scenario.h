/* Shared by the commands that take a scenario: read it, print its problems, apply --fixed and --set, find a
 * variant. */
#ifndef ENTENTE_CLI_OPEN_SCENARIO_H
#define ENTENTE_CLI_OPEN_SCENARIO_H

#include "cli/options/options.h"
#include "scenario/scenario.h"

typedef struct {
    scenario_t scenario;
    int n_settings;
    setting_t *settings;  /* of each parameter one at most */
    char **setting_texts; /* "PATH=VALUE" of each */
} opened_t;

/* Reads the scenario of `path`, prints its diagnostics to stderr, and parses its settings: with `fixed` each
 * uncertain parameter at the scenario's own value, which undoes its draws; then those of --set, whose values
 * go before them. 0 or the exit code, all said. Close it in any case. */
int opened_read(opened_t *self, const common_t *common);
/* The same of a text, whose path is the one that it would have. */
int opened_read_text(opened_t *self, const common_t *common, const char *path, const char *text);
/* Its last part, for a scenario that was read in another way: adds "PATH=VALUE"s, which take the place of
 * what earlier ones say of the same parameters, but must not contradict each other. */
int opened_set(opened_t *self, int n, const char *const *texts);
void opened_close(opened_t *self);

/* The variant's index (NULL: the base, 0), `without:NAME` (model/without.h) included; -1 after saying what
 * there is, with *status the exit code. */
int opened_variant(opened_t *self, const char *name, int *status);

/* "KAZ" gives a and b = -1, "KAZ-USA" both, whatever hyphens the names have; false if there are no such. */
bool opened_actor_or_tie(const model_t *model, const char *text, int *a, int *b);

#endif
