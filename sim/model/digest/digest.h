/* Fingerprints of a model: one for each of its sections, of everything in it that can change a result.
 *
 * What cannot change one is left out: titles, labels, notes, sources, attributes that no statistic reads, and
 * variants, interventions and added entries that are not simulated. A number counts by its value, a reference
 * by the name it stands for, and what is unordered (mappings, sets) in the order of its names. Where the
 * order of actors, ties, groups, kinds, ... decides the order of a dimension or of a floating-point sum it is
 * a section of its own, so that the message can name it. The seed and the number of replicates are not part
 * of it, nor is `output`, which a run resolves further (run/plan/identity.h).
 *
 * Which members of which struct count stands in tables (digest_tables.c); a test holds that they leave out no
 * byte of any struct. */
#ifndef ENTENTE_MODEL_DIGEST_DIGEST_H
#define ENTENTE_MODEL_DIGEST_DIGEST_H

#include "model/model.h"
#include <stdio.h>

/* Writes "SECTION: HASH" a line, in an order that does not depend on the file's: "actors", "kind call",
 * "variant no_call", "order of actors", ... `variants` [n_variants] are those that are simulated. `prefix`
 * stands before each line. 0 or ERR_NOMEM. */
int model_digest(const model_t *model, int n_variants, const int *variants, const char *prefix, FILE *out);

#endif
