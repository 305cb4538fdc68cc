/* Multilevel splitting: the probability of a rare event from trees of simulations.
 *
 * A tree begins as a replicate. Whenever one of its paths first enters a level of the watched value
 * (engine/result.h: watch_t), it splits into `splits` paths, each of 1 / splits of its weight: itself, and
 * others that branch off there (engine/engine.h: branch_t). The sum of the weights of the paths that come to
 * the event is the tree's estimate. Its mean is the probability, whatever the levels, as long as they do not
 * depend on the trees: they are given, or come from a pilot with random numbers of its own (pilot.h). Trees
 * are independent, so that their mean and its interval are those of any sample (stats/interval.h).
 *
 * (Kahn and Harris, "Estimation of particle transmission by random sampling", National Bureau of Standards
 * Applied Mathematics Series 12, 1951; Glasserman, Heidelberger, Shahabuddin and Zajic, "Multilevel splitting
 * for estimating rare event probabilities", Operations Research 47, 1999.)
 *
 * Nothing of a simulation is copied: a branch is simulated again from the start, with the same numbers up to
 * its time. */
#ifndef ENTENTE_RUN_SPLIT_SPLIT_H
#define ENTENTE_RUN_SPLIT_SPLIT_H

#include "base/error.h"
#include "engine/engine.h"

#define SPLIT_LEVELS_MOST 50
#define SPLIT_SIMULATIONS_MOST 1000000 /* of one tree */

/* Fixed for a run. Its results are those of a scenario whose quantities are COLUMNS. */
typedef struct {
    watch_t watch; /* its levels are these: */
    double levels[SPLIT_LEVELS_MOST];
    int splits;      /* >= 2 */
    model_t columns; /* the model with the columns in place of its quantities; most of it is borrowed */
    arena_t arena;
} split_t;

/* Columns of a tree: its estimates of the probabilities of the event and of reaching each level (or the
 * event), and how many simulations it took. */
enum { SPLIT_EVENT, SPLIT_FIRST_LEVEL };
static inline int split_column_of_cost(const split_t *self) {
    return SPLIT_FIRST_LEVEL + self->watch.n_levels;
}

/* Makes the columns, when `watch`, `levels` and `splits` are there. The split must not be moved after that. 0
 * or ERR_NOMEM. */
int split_make_columns(split_t *self, const model_t *model);
void split_free(split_t *self); /* safe on a zeroed one */

/* A path that has come to the event. */
typedef struct {
    double weight;
    int n_branches;
    const branch_t *branches;
} arrival_t;

/* What the simulations of trees need; all but the result and the branches are borrowed. */
typedef struct {
    const split_t *split;
    engine_t *engine;
    int variant, n_settings;
    const setting_t *settings;
    void (*arrive)(void *context, const arrival_t *arrival); /* or NULL */
    void *context;
    observation_t observation;
    result_t result;
    branch_t branches[SPLIT_LEVELS_MOST];
    uint32_t replicate;
    int64_t n_simulations;
} tree_t;

int tree_init(tree_t *self, const split_t *split, const model_t *model); /* 0 or ERR_NOMEM */
void tree_free(tree_t *self);                                            /* safe on a zeroed one */

/* Simulates the tree of a replicate: its columns as `root->quantities`; as counts of events those of all its
 * simulations. If one of these stops early, so does the tree (root->stop). 0, ERR_NOMEM; ERR_DATA if it has
 * more than SPLIT_SIMULATIONS_MOST simulations. */
int tree_simulate(tree_t *self, uint32_t replicate, result_t *root, fault_t *err);

#endif
