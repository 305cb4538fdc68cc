/* What a log says of the past of a replicate: kernels of excitation, pairs that met, leaders' engagements,
 * changes of membership and presence. Time rescaling (test_residuals.c) works out intensities from it. */
#ifndef ENTENTE_VERIFY_REPLAY_H
#define ENTENTE_VERIFY_REPLAY_H

#include "engine/engine.h"

#include <stdlib.h>

typedef struct {
    int kind, i, j, group;
    double time, amplitude, decay;
} kernel_t;

typedef struct {
    double time, weight;
    int kind, i, j;
    bool mutual, undirected;
    int before; /* the one before it on their tie, -1 */
} pair_t;

typedef struct {
    int actor, place, first, last;
    double since;
    int before; /* the actor's one before it, -1 */
} engagement_t;

typedef struct {
    int kind, i, j, tie, n_lazy;
    double log_rate; /* what does not move */
    const term_t *lazy[8];
} site_t;

typedef struct {
    double time;
    int group, actor; /* group -1: presence */
    bool on;
} change_t;

typedef struct {
    const model_t *m;
    const result_t *result;
    const observation_t *o;
    int n_kernels, n_pairs, n_engagements, n_places, n_changes;
    kernel_t *kernels;
    pair_t *pairs;
    engagement_t *engagements;
    site_t *places;
    change_t *changes;
    int *last_pair, *last_engagement; /* [n_ties], [n_actors] -1 */
    bool *member, *present;
    int *condition_quantity; /* [n_conditions][ties, flows] first of its readings, -1 if never on */
    double *base[2];         /* [n_kinds] base rate at either end of the step */
    int next_kernel;
    struct active {
        int n, *kernels;
    } * active; /* [n_kinds] kernels not yet faded */
} replay_t;

#define PUSH(list, n, ...)                                                                                \
    do {                                                                                                  \
        if (((n) & ((n)-1)) == 0) (list) = realloc((list), ((n) ? 2 * (size_t)(n) : 1) * sizeof *(list)); \
        (list)[(n)++] = __VA_ARGS__;                                                                      \
    } while (0)

/* Whether the actors may take part in the kind's events; j -1: an event of one actor. */
bool replay_may_be(const kind_t *k, int i, int j);
/* Fills `changes`, ordered by time. */
void replay_changes(replay_t *w);
/* Fills kernels, pairs and engagements; needs `changes`. */
void replay_log(replay_t *w);

#endif
