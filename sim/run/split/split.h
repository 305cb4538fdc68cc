/* Multilevel splitting: the probability of a rare event from trees of simulations.
 *
 * A tree begins as a replicate. Where it enters the first level of the watched value (engine/result.h:
 * watch_t) it splits into `splits` paths of equal weight, which branch off there (engine/engine.h: branch_t);
 * each of these that enters the next level splits there, and so on. A level has at most `most_paths` paths of
 * one tree: if more would start, each of the entrances has fewer. The weights of the paths that start at a
 * level add up to those of the paths that have entered it. The sum of the weights of the paths that come to
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

#include "run/split/paths.h"

/* Fixed for a run. Its results are those of a scenario whose quantities are columns. */
typedef struct {
    watch_t watch; /* its levels are these: */
    double levels[SPLIT_LEVELS_MOST];
    int splits, most_paths; /* 2 <= splits <= most_paths */
    model_t columns; /* the model with the columns in place of its quantities; most of it is borrowed */
    arena_t arena;
} split_t;

/* Columns of a tree: its estimates of the probabilities of the event and of reaching each level (or the
 * event), and how many simulations it took. */
enum { SPLIT_EVENT, SPLIT_FIRST_LEVEL };
static inline int split_column_of_cost(const split_t *self) {
    return SPLIT_FIRST_LEVEL + self->watch.n_levels;
}

/* Makes the columns, when all else is there. The split must not be moved after that. 0 or ERR_NOMEM. */
int split_make_columns(split_t *self, const model_t *model);
void split_free(split_t *self); /* safe on a zeroed one */

/* What the simulations of trees need. */
typedef struct {
    const split_t *split; /* borrowed */
    path_engine_t engine; /* the caller's */
    void (*arrive)(void *context, const path_t *path,
                   double weight); /* a path has come to the event; or NULL */
    void *context;
    observation_t observation;
    result_t result;
    path_t *paths, *starts; /* [most_paths] of a level; where they enter the next */
    int n_starts;
} tree_t;

int tree_init(tree_t *self, const split_t *split, const model_t *model); /* 0 or ERR_NOMEM */
void tree_free(tree_t *self);                                            /* safe on a zeroed one */

/* Simulates the tree of a replicate: its columns as `root->quantities`; as counts of events those of all its
 * simulations. If one of these stops early, so does the tree (root->stop). 0 or ERR_NOMEM. */
int tree_simulate(tree_t *self, uint32_t replicate, result_t *root);

#endif
