/* From parts to the final file: OUT.h5.tmp is filled block by block, summarised, made durable and renamed.
 * The final name never refers to an incomplete file. */
#ifndef ENTENTE_RUN_MERGE_H
#define ENTENTE_RUN_MERGE_H

#include "run/parts.h"

/* `earlier`: path of a finished file of the same plan whose first n_earlier replicates (of the first
 * earlier_points points, in a sweep) are taken over (NULL: none); the parts hold the rest. A part that is
 * missing, truncated or of another plan is named: ERR_DATA (its index in *bad_block, else -1). *n_failed:
 * replicates that stopped early. */
int merge_parts(const plan_t *plan, const parts_t *parts, const char *earlier, uint32_t n_earlier,
                int earlier_points, const char *out_path, provenance_t *provenance, int64_t *n_failed,
                int *bad_block, fault_t *err);

/* Whether all of a block is in such an earlier file. */
bool merge_is_earlier(const block_t *block, uint32_t n_earlier, int earlier_points);

#endif
