/* Workers: processes that take blocks, simulate them and commit each as a file. No threads.
 *
 * A worker that dies is replaced and its block tried again; a block on which three workers died ends the
 * run. If the parent dies, the kernel kills the worker: its uncommitted block is simulated again. */
#ifndef ENTENTE_RUN_WORKER_H
#define ENTENTE_RUN_WORKER_H

#include "run/plan/parts.h"
#include "run/progress.h"

#define WORKERS_MOST 1024

/* What workers have done for the variants but the first: events, and how many of them were simulated anew
 * (engine/engine.h), the others being those of the first. Adds up over calls. */
typedef struct {
    int64_t n_events, n_anew;
} work_t;

/* Simulates the blocks todo[0 .. n_todo) of the plan. 0; ERR_INTERRUPTED after a request to stop (committed
 * blocks are kept); ERR_IO and others from a worker; ERR_INTERNAL if workers die repeatedly. */
int workers_run(const plan_t *plan, const parts_t *parts, int n_todo, const int *todo, int n_workers,
                progress_t *progress, work_t *done, fault_t *err);

#endif
