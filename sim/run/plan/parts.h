/* The folder OUT.h5.parts: one file for each finished block, the plan's text, and a lock. For its owner and
 * the files that may be removed see run/plan/parts_folder.h.
 *
 * The name of a block's file contains its point, its replicates and its identity, so the names show which
 * blocks are finished. A file is written completely or not at all (store/part.h). The lock ends with the
 * last process of a run, however that ends. */
#ifndef ENTENTE_RUN_PLAN_PARTS_H
#define ENTENTE_RUN_PLAN_PARTS_H

#include "run/plan/plan.h"

typedef struct {
    char *folder; /* its path; NULL while it is closed */
    int place;    /* the folder's file descriptor; only if there is a path, so the next */
    int lock;     /* file descriptor, -1 */
} parts_t;

/* Creates the folder if necessary and locks it, after waiting some seconds for a run that holds the lock. If
 * that run has ended and removed the folder, creates it again; the caller must then check OUT.h5 again.
 * Rejects a folder of another plan with the differences, or empties it with `restart`. Removes the files of
 * writers that died. ERR_CANTCREATE (also while another run writes), ERR_IO, ERR_DATA. */
int parts_open(parts_t *self, const char *out_path, const plan_t *plan, bool restart, fault_t *err);
/* The same for one of several processes that share the folder: their lock excludes those of parts_open but
 * not one another, and they remove nothing. */
int parts_join(parts_t *self, const char *out_path, const plan_t *plan, fault_t *err);

/* Stores the command of a run for `entente merge`: one argument a line, the working folder first. The text
 * read back is mem_free'd; NULL when there is none. */
int parts_keep_recipe(const parts_t *self, const char *recipe, fault_t *err);
int parts_read_recipe(const char *out_path, char **recipe, fault_t *err);

void parts_close(parts_t *self);               /* keeps the folder; safe on a closed one */
int parts_remove(parts_t *self, fault_t *err); /* everything in it that is ours, and the folder; closes */

/* Removes the folder of a run that died between the final rename and parts_remove: a folder of this plan
 * without blocks beyond the n replicates of the finished file. Any other folder stays. */
int parts_remove_stale(const char *out_path, const plan_t *plan, uint32_t n_replicates, fault_t *err);

/* The same for a folder without blocks, of any plan. Does not report files that stay. */
void parts_remove_bare(const char *out_path);

/* Path of a block's file; mem_free. NULL without memory. */
char *parts_path(const parts_t *self, const plan_t *plan, int block);
/* Where the output file is written before it gets its name; mem_free. NULL without memory. */
char *parts_result_path(const parts_t *self);
bool parts_has(const parts_t *self, const plan_t *plan, int block);
/* Reads it, point by point, into `part`, and hands each to `take` (may be NULL), whose error ends it.
 * ERR_DATA when the block is missing, damaged or another run's. */
typedef int (*parts_take_t)(void *context, part_t *part, fault_t *err);
int parts_read_block(const parts_t *self, const plan_t *plan, int block, part_t *part, parts_take_t take,
                     void *context, fault_t *err);

#endif
