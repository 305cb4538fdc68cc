/* Merges parts into the final file: OUT.h5.tmp is filled block by block, summarised, flushed to the disk and
 * renamed. The final name never refers to an incomplete file. */
#ifndef ENTENTE_RUN_MERGE_H
#define ENTENTE_RUN_MERGE_H

#include "run/plan/parts.h"

typedef struct {
    const plan_t *plan;
    const parts_t *parts;
    const char *out_path;
    /* Path of a finished file of the same plan whose first n_earlier replicates (of the first earlier_points
     * points, in a sweep) are taken over; NULL: none. The parts hold the rest. */
    const char *earlier;
    uint32_t n_earlier;
    int earlier_points;
    /* found out */
    int64_t n_failed; /* replicates that stopped early */
    int bad_block;    /* index of a part that is missing, truncated or of another plan; else -1 */
} merge_t;

/* ERR_DATA of a bad part. `provenance` is completed. */
int merge_parts(merge_t *self, provenance_t *provenance, fault_t *err);

/* Whether all of a block is in such an earlier file. */
bool merge_is_earlier(const block_t *block, uint32_t n_earlier, int earlier_points);

#endif
