/* Who can still trade with whom, where embargoes have closed links, and which transfers that leaves possible.
 *
 * A link i -> j is open if a cost is finite and the flow was not zero at the baseline. Blocks are the sets of
 * actors that open links join, in whatever direction. Prices of one block say nothing of another's, and
 * nothing can be paid from one to another. So, until nothing changes any more:
 *
 *   1. an actor with no open link out or none in, its own counted, drops out: all its links close;
 *   2. the transfers of a block that do not sum to zero are balanced, by parts in proportion to income;
 *   3. actors who can reach each other but can sell to nobody else cannot buy from others either, unless
 *      transfers pay for it; and those who cannot buy from others do not sell to them, unless as a transfer.
 *
 * At a baseline none of this changes anything, since its own flows satisfy it; but trade below 1e-12 of the
 * income of those who can reach each other counts as none. */
#ifndef ENTENTE_MODEL_TRADE_BLOCKS_H
#define ENTENTE_MODEL_TRADE_BLOCKS_H

#include <stdbool.h>

typedef struct {
    int n, most; /* actors now, at most */
    int n_blocks;
    int *block;       /* [n] its block, -1 where an actor has no open link */
    double *transfer; /* [n] what is left of the transfers */
    /* room of its own */
    void *memory;
    int *cluster, *queue;
    bool *ahead, *behind, *sells, *buys;
    double *sum, *weight;
} trade_blocks_t;

int trade_blocks_init(trade_blocks_t *self, int most); /* 0 or ERR_NOMEM */
void trade_blocks_free(trade_blocks_t *self);          /* safe on a zeroed one */

/* links[n * n] > 0 where i -> j is open; closes more of them (sets 0). transfer[n] and income[n] are those of
 * the baseline. Some n^2 steps for each set of actors who can reach each other. */
void trade_blocks_find(trade_blocks_t *self, int n, double *links, const double *transfer,
                       const double *income);

#endif
