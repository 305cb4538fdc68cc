/* Writes a scenario with changes applied.
 *
 * The changes are YAML, merged like the keys of a shared file: mappings key by key, everything else
 * replaced. The new scenario still refers to the tables and shared files; their paths are rewritten relative
 * to the new file's folder. Comments are lost. */
#ifndef ENTENTE_SCENARIO_OVERLAY_H
#define ENTENTE_SCENARIO_OVERLAY_H

#include "scenario/scenario.h"

#define OVERLAY_BEGINNING "# Fitted by "

/* Writes `scenario` (its own file, sources.items[0]) with `changes` to `path`, under a temporary name that
 * becomes `path` only once the result was read again without an error. `heading` is written first, each of
 * its lines a comment; with the `#` it begins with OVERLAY_BEGINNING, as must what is at `path` already. If
 * the changes name a prior (uncertain) of the scenario in another spelling, the scenario's prior is left
 * out. 0, ERR_CANTCREATE, ERR_IO, ERR_DATA (what was written is no scenario), ERR_NOMEM. */
int overlay_write(const scenario_t *scenario, const char *changes, const char *heading, const char *path,
                  fault_t *err);

#endif
