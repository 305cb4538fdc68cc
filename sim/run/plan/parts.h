/* The folder OUT.h5.parts: one file a finished block, the plan's text, and a lock. Whose it is, and what in
 * it may be removed: run/plan/parts_folder.h.
 *
 * A block's file is named after its point, its replicates and its identity, so what is done is known from
 * the names alone. Files appear whole or not at all (store/part.h). The lock goes with the last process
 * of a run, however it ends. */
#ifndef ENTENTE_RUN_PLAN_PARTS_H
#define ENTENTE_RUN_PLAN_PARTS_H

#include "run/plan/plan.h"

typedef struct {
    char *folder; /* its path; NULL while it is closed */
    int place;    /* the folder's file descriptor; only if there is a path, so the next */
    int lock;     /* file descriptor, -1 */
} parts_t;

/* Makes the folder if need be and locks it, waiting some seconds for the run that has it; when that one is
 * done and has removed the folder, it is made anew, so look at OUT.h5 again. A folder of another plan is
 * refused with what differs, or emptied if `restart`. Removes what dead writers left. ERR_CANTCREATE (also
 * while another run writes), ERR_IO, ERR_DATA. */
int parts_open(parts_t *self, const char *out_path, const plan_t *plan, bool restart, fault_t *err);
/* The same for one of many processes that share the folder: they lock out those of parts_open, but not each
 * other, and remove nothing. */
int parts_join(parts_t *self, const char *out_path, const plan_t *plan, fault_t *err);

/* Keeps what command a run is made by, for `entente merge`: one argument a line, the working folder first.
 * The text read back is mem_free'd; NULL when there is none. */
int parts_keep_recipe(const parts_t *self, const char *recipe, fault_t *err);
int parts_read_recipe(const char *out_path, char **recipe, fault_t *err);

void parts_close(parts_t *self);               /* keeps the folder; safe on a closed one */
int parts_remove(parts_t *self, fault_t *err); /* everything in it that is ours, and the folder; closes */

/* Removes what a run left that died between the final rename and parts_remove: a folder of this plan none of
 * whose blocks goes beyond the n replicates of the finished file. Any other folder stays. */
int parts_remove_stale(const char *out_path, const plan_t *plan, uint32_t n_replicates, fault_t *err);

/* The same for a folder in which no block is left, whatever the plan. Nothing is said of what stays. */
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
