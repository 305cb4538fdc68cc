/* The identity of a plan, as a text: everything that its results depend on, one "name: value" a line.
 *
 * Lines that begin with "scenario " are fingerprints of the scenario's sections as read and resolved
 * (model/digest/digest.h), so the notation of the file does not matter: comments, quotes, the order of keys,
 * "1e3" for 1000, a default that is written out, labels, notes and sources. The other lines are the
 * remaining inputs of the run: seed, settings by their value, variants, swept parameters and design. The
 * numbers of replicates and points are not part of it, so that a run can grow; neither are the swept values,
 * which are in the identity of each block (plan_block_identity). Two plans with the same text have the same
 * blocks. */
#ifndef ENTENTE_RUN_PLAN_IDENTITY_H
#define ENTENTE_RUN_PLAN_IDENTITY_H

#include "run/plan/plan.h"

/* Sets the plan's text and identity; everything else of it is there. 0 or ERR_NOMEM. */
int identity_make(plan_t *plan, fault_t *err);

/* The differences between the plan and the text of another one, for a message: "seed: 1 there, 2 here;
 * s.yaml has changed: actors, kind call". `scenario` is the name of the scenario's file. False if nothing
 * does. */
bool identity_differences(const char *there, const char *here, const char *scenario, char *out, size_t size);

/* A line that differs; the texts do not end with 0. */
typedef struct {
    bool of_scenario;                /* a section of the scenario: its values are fingerprints */
    const char *name, *there, *here; /* NULL: there is no such line there, or here */
    int n_name, n_there, n_here;     /* bytes */
} identity_change_t;
typedef void identity_visit_t(void *context, const identity_change_t *change);

/* The same, one by one, without limits: the orders of sections only where no section differs, and not the
 * sizes of blocks. */
void identity_visit(const char *there, const char *here, identity_visit_t *visit, void *context);

#endif
