/* The plan of a run: blocks of replicates, each of one design point and of all variants.
 *
 * If a point has fewer replicates than a block, several points form one block, so that many small points do
 * not make as many files. The division into blocks (run/plan/block.h) is a function of the scenario and its
 * settings, never of the number of workers or replicates, so a block has the same content in every run that
 * contains it. The plan's text (run/plan/identity.h) states everything that this content depends on; a
 * block's identity is a hash of that text, its point's settings and its replicates. */
#ifndef ENTENTE_RUN_PLAN_PLAN_H
#define ENTENTE_RUN_PLAN_PLAN_H

#include "base/hash.h"
#include "run/split/split.h"
#include "stats/design/design.h"
#include "store/store.h"

typedef struct { /* all borrowed */
    model_t *model;
    const char *scenario; /* path of its file, for messages */
    uint64_t seed;
    uint32_t n_replicates;
    int n_variants;
    const int *variants; /* [n_variants], the base first */
    int n_settings;
    const setting_t *settings; /* on top of the scenario, for all points; the later one of two holds */
    const points_t *points;    /* the design of a sweep, or NULL */
    bool independent;          /* each point has its own random numbers; else all points have common ones */
    const split_t *split;      /* replicates are trees of one variant (run/split/split.h), or NULL */
    uint32_t block_replicates; /* 0: as run/plan/block.h chooses */
} plan_request_t;

typedef struct {
    int point, n_points; /* points [point, point + n_points); -1 and 1 without a design */
    uint32_t first, n;   /* replicates [first, first + n) of each */
} block_t;

typedef struct {
    plan_request_t request;
    layout_t layout;
    observation_t observation;
    uint32_t block_replicates;
    int blocks_per_point, points_per_block, n_blocks; /* one of the first two is 1 */
    int earlier_points; /* that are there already: no block has some of them and others */
    char *text;
    char identity[HASH_SIZE];
} plan_t;

int plan_init(plan_t *self, const plan_request_t *request, fault_t *err);
void plan_free(plan_t *self);                                  /* safe on a zeroed plan */
void plan_set_replicates(plan_t *self, uint32_t n_replicates); /* more or fewer of the same */
void plan_set_earlier_points(plan_t *self, int n_points);      /* of the plan's, or more */

block_t plan_block(const plan_t *self, int index); /* ordered by point, then replicate */
int64_t block_replicates_in_all(const block_t *self);
/* The n-th block to be done: the points' first blocks, then their second ones, so that a sweep that is not
 * finished is balanced. */
int plan_nth(const plan_t *self, int n);
/* The seed of a point: the request's, or its own (keyed by the point's values, not by its number). */
uint64_t plan_seed(const plan_t *self, int point);
void plan_block_identity(const plan_t *self, const block_t *block, char out[HASH_SIZE]);
/* The settings of a point: the request's, then its own. [plan_n_settings] into `out`. */
int plan_n_settings(const plan_t *self);
void plan_settings(const plan_t *self, int point, setting_t *out);

#endif
