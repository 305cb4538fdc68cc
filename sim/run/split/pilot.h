/* The pilot of multilevel splitting: finds levels, each of which about one in `splits` of the paths that have
 * reached the one before it reach.
 *
 * It simulates a number of replicates, takes as first level what that share of them reach, starts as many
 * paths from where these entered it, and so on, until that share of the paths come to the event. Where the
 * watched value has few values, a level makes up for what those before it have missed. Its random numbers are
 * its own: they have nothing in common with those of the trees. */
#ifndef ENTENTE_RUN_SPLIT_PILOT_H
#define ENTENTE_RUN_SPLIT_PILOT_H

#include "run/split/split.h"

typedef struct { /* borrowed */
    model_t *model;
    uint64_t seed;        /* of the run */
    path_engine_t engine; /* the pilot makes the engine itself */
    int n_paths;          /* a level */
} pilot_t;

/* Sets the levels of the split and the pace of its watch, where the other members are there. 0, ERR_NOMEM;
 * ERR_DATA if the paths come no nearer to the event, or only in more than SPLIT_LEVELS_MOST levels. */
int pilot_find_levels(const pilot_t *self, split_t *split, fault_t *err);

#endif
