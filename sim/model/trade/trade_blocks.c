#include "model/trade/trade_blocks.h"

#include "base/error.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define ROUNDING 1e-12 /* of income: a transfer below it is none */

int trade_blocks_init(trade_blocks_t *self, int most) {
    size_t n = (size_t)most, each = 3 * sizeof(double) + 3 * sizeof(int) + 4 * sizeof(bool);
    *self = (trade_blocks_t){.most = most, .memory = mem_alloc(n, each)};
    if (!self->memory) return ERR_NOMEM;
    self->transfer = self->memory;
    self->sum = self->transfer + n;
    self->weight = self->sum + n;
    self->block = (int *)(self->weight + n);
    self->cluster = self->block + n;
    self->queue = self->cluster + n;
    self->ahead = (bool *)(self->queue + n);
    self->behind = self->ahead + n;
    self->sells = self->behind + n;
    self->buys = self->sells + n;
    return 0;
}

void trade_blocks_free(trade_blocks_t *self) {
    mem_free(self->memory);
    *self = (trade_blocks_t){0};
}

typedef enum { FORWARD = 1, BACKWARD = 2, EITHER = 3 } direction_t;

static bool joined(const double *links, int n, int i, int j, direction_t direction) {
    return ((direction & FORWARD) && links[i * n + j] > 0) ||
           ((direction & BACKWARD) && links[j * n + i] > 0);
}

/* reached[j]: there is a way from `from` to j. */
static void reach(trade_blocks_t *self, const double *links, int from, direction_t direction, bool *reached) {
    int n = self->n, head = 0, tail = 0;
    memset(reached, 0, (size_t)n * sizeof *reached);
    reached[from] = true;
    self->queue[tail++] = from;
    while (head < tail) {
        int i = self->queue[head++];
        for (int j = 0; j < n; j++)
            if (!reached[j] && joined(links, n, i, j, direction)) {
                reached[j] = true;
                self->queue[tail++] = j;
            }
    }
}

/* Closes all links of actors that cannot both sell and buy; marks the others by block 0, those by -1. */
static bool drop_out(trade_blocks_t *self, double *links) {
    int n = self->n;
    bool changed = false;
    for (int i = 0; i < n; i++) {
        bool out = false, in = false;
        for (int j = 0; j < n; j++) {
            out |= links[i * n + j] > 0;
            in |= links[j * n + i] > 0;
        }
        self->block[i] = out && in ? 0 : -1;
        if (out == in) continue;
        for (int j = 0; j < n; j++) links[i * n + j] = links[j * n + i] = 0;
        changed = true;
    }
    return changed;
}

/* Adds up what the actors reached owe to others and earn, and gives them the number `found`. */
static void gather(trade_blocks_t *self, int found, const double *owed, const double *income) {
    self->sum[found] = self->weight[found] = 0;
    for (int j = 0; j < self->n; j++)
        if (self->ahead[j]) {
            self->cluster[j] = found;
            self->sum[found] += owed[j];
            self->weight[found] += income[j];
        }
}

static void find_blocks(trade_blocks_t *self, const double *links, const double *transfer,
                        const double *income) {
    int n = self->n;
    self->n_blocks = 0;
    for (int i = 0; i < n; i++) self->cluster[i] = -1;
    for (int i = 0; i < n; i++) {
        if (self->block[i] < 0 || self->cluster[i] >= 0) continue;
        reach(self, links, i, EITHER, self->ahead);
        gather(self, self->n_blocks++, transfer, income);
    }
    for (int i = 0; i < n; i++) {
        int b = self->block[i] = self->cluster[i];
        self->transfer[i] = b < 0 ? 0 : transfer[i] - income[i] * self->sum[b] / self->weight[b];
    }
}

/* Sets of actors who can all reach each other: strongly connected components, numbered in `cluster`. */
static int find_clusters(trade_blocks_t *self, const double *links, const double *income) {
    int n = self->n, found = 0;
    for (int i = 0; i < n; i++) self->cluster[i] = -1;
    for (int i = 0; i < n; i++) {
        if (self->block[i] < 0 || self->cluster[i] >= 0) continue;
        reach(self, links, i, FORWARD, self->ahead);
        reach(self, links, i, BACKWARD, self->behind);
        for (int j = 0; j < n; j++) self->ahead[j] &= self->behind[j];
        gather(self, found++, self->transfer, income);
    }
    return found;
}

/* Closes the links between clusters that nothing pays for. */
static bool close_one_way(trade_blocks_t *self, double *links, int n_clusters) {
    int n = self->n;
    bool changed = false;
    for (int c = 0; c < n_clusters; c++) self->sells[c] = self->buys[c] = false;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (links[i * n + j] > 0 && self->cluster[i] != self->cluster[j])
                self->sells[self->cluster[i]] = self->buys[self->cluster[j]] = true;
    for (int c = 0; c < n_clusters; c++) {
        double owed = self->sum[c], least = ROUNDING * self->weight[c];
        bool cannot_buy = !self->sells[c] && owed <= least, cannot_sell = !self->buys[c] && owed >= -least;
        self->ahead[c] = self->buys[c] && cannot_buy;
        self->behind[c] = self->sells[c] && cannot_sell;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int from = self->cluster[i], to = self->cluster[j];
            if (!(links[i * n + j] > 0) || from == to || !(self->behind[from] || self->ahead[to])) continue;
            links[i * n + j] = 0;
            changed = true;
        }
    return changed;
}

void trade_blocks_find(trade_blocks_t *self, int n, double *links, const double *transfer,
                       const double *income) {
    assert(n <= self->most);
    self->n = n;
    for (;;) {
        while (drop_out(self, links)) {}
        find_blocks(self, links, transfer, income);
        int n_clusters = find_clusters(self, links, income);
        if (n_clusters == self->n_blocks || !close_one_way(self, links, n_clusters)) return;
    }
}
