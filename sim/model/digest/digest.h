/* Fingerprints of a model: one for each section, of everything that can change a result.
 *
 * They ignore what cannot change a result: titles, labels, notes, sources, attributes that no statistic
 * uses, and variants, interventions and added entries that are not simulated. A number enters by its value,
 * a reference by its name, and unordered contents (mappings, sets) in the order of their names. If the order
 * of actors, ties, groups, event types, ... determines the order of a dimension or of a floating-point sum,
 * it is a separate section, so that the message can name it. The seed and the number of replicates are not
 * part of it, nor is `output`, which a run resolves further (run/plan/identity.h).
 *
 * Tables list which members of which struct enter (digest_tables.c); a test checks that they leave out no
 * byte of any struct. */
#ifndef ENTENTE_MODEL_DIGEST_DIGEST_H
#define ENTENTE_MODEL_DIGEST_DIGEST_H

#include "model/model.h"
#include <stdio.h>

/* Writes "SECTION: HASH" a line, in an order that does not depend on the file's: "actors", "kind call",
 * "variant no_call", "order of actors", ... `variants` [n_variants] are those that are simulated. `prefix`
 * begins each line. 0 or ERR_NOMEM. */
int model_digest(const model_t *model, int n_variants, const int *variants, const char *prefix, FILE *out);

#endif
