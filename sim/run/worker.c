#include "run/worker.h"

#include "base/mem.h"
#include "engine/engine.h"
#include "run/signals.h"
#include "stats/tally.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES_MOST 3      /* workers that may die on one block */
#define ROWS_KEPT 100000u /* room for events that is kept from one replicate to the next, a variant */

typedef struct {        /* what one worker tells its parent */
    pid_t pid;          /* 0: none */
    atomic_int task;    /* index into todo, -1 between two */
    atomic_llong begun; /* replicates simulated of that block */
    fault_t fault;
} slot_t;

typedef struct { /* shared by all processes of a run */
    atomic_int next, stop;
    atomic_llong replicates; /* simulated so far */
    atomic_llong n_events, n_anew;
    slot_t slots[];
} shared_t;

/* ---- in the worker ----------------------------------------------------------------------------------- */

typedef struct {
    const plan_t *plan;
    const parts_t *parts;
    shared_t *shared;
    slot_t *slot; /* its own */
    engine_t *engine;
    uint64_t seed;     /* the engine's */
    result_t *results; /* [n_variants] */
    setting_t *settings;
    tree_t tree; /* where replicates are trees */
    part_t part;
    tally_t tallies[TALLY_N];
} worker_t;

static void worker_free(worker_t *self) {
    for (int v = 0; self->results && v < self->plan->layout.n_variants; v++) result_free(&self->results[v]);
    mem_free(self->results);
    mem_free(self->settings);
    tree_free(&self->tree);
    part_free(&self->part);
    for (int k = 0; k < TALLY_N; k++) tally_free(&self->tallies[k]);
    engine_free(self->engine);
}

static int worker_init(worker_t *self, const plan_t *plan, const parts_t *parts, shared_t *shared,
                       slot_t *slot) {
    int ret = 0;
    *self = (worker_t){.plan = plan, .parts = parts, .shared = shared, .slot = slot};
    for (int k = 0; k < TALLY_N; k++) tally_init(&self->tallies[k], layout_tally_cells(&plan->layout, k));
    self->results = mem_alloc((size_t)plan->layout.n_variants, sizeof *self->results);
    self->settings = mem_alloc((size_t)plan_n_settings(plan), sizeof *self->settings);
    if (!self->results || !self->settings) return ERR_NOMEM;
    for (int v = 0; v < plan->layout.n_variants; v++)
        TRY(result_init(&self->results[v], plan->layout.model, &plan->observation));
    uint32_t most = plan->block_replicates;
    if (most > plan->request.n_replicates) most = plan->request.n_replicates;
    TRY(part_init(&self->part, &plan->layout, -1, 0, most));
    if (plan->request.split) TRY(tree_init(&self->tree, plan->request.split, plan->request.model));
    self->seed = plan->request.seed;
    TRY(engine_init(&self->engine, plan->request.model, self->seed));
out:
    return ret;
}

static bool told_to_stop(const worker_t *self) {
    return atomic_load(&self->shared->stop) || signals_asked();
}

/* The tree that begins as the replicate. */
static int simulate_tree(worker_t *self, uint32_t i) {
    int ret = 0;
    self->tree.engine = (path_engine_t){.engine = self->engine,
                                        .variant = self->plan->layout.variants[0],
                                        .n_settings = plan_n_settings(self->plan),
                                        .settings = self->settings};
    TRY(tree_simulate(&self->tree, self->part.first + i, &self->results[0]));
    TRY(part_add(&self->part, i, 0, &self->results[0]));
out:
    return ret;
}

/* All variants of one replicate. Trajectories are counted only if all of them ran to the end. */
static int simulate(worker_t *self, uint32_t i) {
    const layout_t *layout = &self->plan->layout;
    bool good = true;
    int64_t n_events = 0;
    int ret = 0;
    TRY(engine_run_all(self->engine, self->part.first + i, layout->n_variants, layout->variants,
                       plan_n_settings(self->plan), self->settings, &self->plan->observation, self->results));
    for (int v = 1; v < layout->n_variants; v++) n_events += self->results[v].n_events;
    atomic_fetch_add(&self->shared->n_events, n_events);
    atomic_fetch_add(&self->shared->n_anew, engine_anew(self->engine));
    for (int v = 0; v < layout->n_variants; v++) {
        TRY(part_add(&self->part, i, v, &self->results[v]));
        good &= self->results[v].stop == STOP_NONE;
        if (self->results[v].log.capacity > ROWS_KEPT) log_free(&self->results[v].log); /* an explosion's */
    }
    for (int v = 0; v < layout->n_variants && good; v++)
        TRY(layout_tally_add(layout, v, &self->results[v], self->tallies));
out:
    return ret;
}

/* The engine with a point's own random numbers. */
static int reseed(worker_t *self, uint64_t seed) {
    if (seed == self->seed) return 0;
    engine_free(self->engine);
    self->engine = NULL;
    self->seed = seed;
    return engine_init(&self->engine, self->plan->request.model, seed);
}

/* One point's replicates of a block, into the worker's part. *n_done counts on. */
static int do_point(worker_t *self, const block_t *block, int point, uint32_t *n_done, fault_t *err) {
    int ret = 0;
    part_clear(&self->part, point, block->first, block->n);
    for (int k = 0; k < TALLY_N; k++) tally_clear(&self->tallies[k]);
    plan_settings(self->plan, point, self->settings);
    if ((ret = reseed(self, plan_seed(self->plan, point))) < 0)
        return error_set(err, ret, "%s", error_text(ret));
    for (uint32_t i = 0; i < block->n; i++) {
        if (told_to_stop(self)) return ERR_INTERRUPTED;
        ret = self->plan->request.split ? simulate_tree(self, i) : simulate(self, i);
        if (ret < 0) return error_set(err, ret, "%s", error_text(ret));
        atomic_fetch_add(&self->shared->replicates, 1);
        atomic_fetch_add(&self->slot->begun, 1);
        ++*n_done;
    }
    for (int k = 0; k < TALLY_N; k++)
        if (tally_take(&self->tallies[k], &self->part.counts[k]) < 0) return error_memory(err);
    return 0;
}

static int create_file(const worker_t *self, int index, part_file_t **out, fault_t *err) {
    block_t block = plan_block(self->plan, index);
    char identity[HASH_SIZE], *path = parts_path(self->parts, self->plan, index);
    if (!path) return error_memory(err);
    plan_block_identity(self->plan, &block, identity);
    int ret = part_file_create(out, path, identity, err);
    mem_free(path);
    return ret;
}

static int do_block(worker_t *self, int index, fault_t *err) {
    block_t block = plan_block(self->plan, index);
    part_file_t *file = NULL;
    uint32_t n_done = 0;
    int ret = 0;
    for (int p = 0; p < block.n_points; p++) {
        TRY(do_point(self, &block, block.point + p, &n_done, err));
        if (!file) TRY(create_file(self, index, &file, err));
        TRY(part_file_add(file, &self->part, err));
    }
    return part_file_finish(file, err);
out:
    if (ret == ERR_INTERRUPTED) atomic_fetch_sub(&self->shared->replicates, (long long)n_done);
    part_file_close(file);
    return ret;
}

static int work(worker_t *self, slot_t *slot, int n_todo, const int *todo) {
    for (;;) {
        if (told_to_stop(self)) return ERR_INTERRUPTED;
        int task = atomic_fetch_add(&self->shared->next, 1);
        if (task >= n_todo) return 0;
        atomic_store(&slot->task, task);
        int ret = do_block(self, todo[task], &slot->fault);
        if (ret) return ret;
        atomic_store(&slot->begun, 0);
        atomic_store(&slot->task, -1);
    }
}

static _Noreturn void worker_main(const plan_t *plan, const parts_t *parts, shared_t *shared, slot_t *slot,
                                  int n_todo, const int *todo, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1); /* it died before the line above */
    signals_install_worker();
    worker_t self;
    int ret = worker_init(&self, plan, parts, shared, slot);
    if (ret)
        error_set(&slot->fault, ret, "%s", error_text(ret));
    else
        ret = work(&self, slot, n_todo, todo);
    worker_free(&self);
    _exit(error_exit_code(ret));
}

/* ---- in the parent ----------------------------------------------------------------------------------- */

typedef struct {
    const plan_t *plan;
    const parts_t *parts;
    int n_todo, n_workers, running;
    const int *todo;
    shared_t *shared;
    uint8_t *tries; /* [n_todo] workers that died on it */
    progress_t *progress;
    int idle_deaths;      /* workers that died between two blocks, while */
    long long idle_since; /* so many replicates were simulated */
} pool_t;

static int start_worker(pool_t *pool, slot_t *slot, fault_t *err) {
    pid_t parent = getpid();
    slot->fault = (fault_t){0};
    atomic_store(&slot->task, -1);
    atomic_store(&slot->begun, 0);
    fflush(NULL); /* or the child would write what is buffered once more */
    pid_t pid = fork();
    if (pid < 0) return error_set(err, ERR_INTERNAL, "cannot start a worker: %s", strerror(errno));
    if (pid == 0) worker_main(pool->plan, pool->parts, pool->shared, slot, pool->n_todo, pool->todo, parent);
    slot->pid = pid;
    pool->running++;
    return 0;
}

/* A worker has ended: its own error ends the run; if it died, its block goes to the next round. */
static int end_worker(pool_t *pool, slot_t *slot, int status, fault_t *err) {
    int task = atomic_load(&slot->task);
    pid_t pid = slot->pid;
    slot->pid = 0;
    pool->running--;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    if (slot->fault.code) return error_set(err, slot->fault.code, "%s", slot->fault.text);
    if (WIFEXITED(status) && WEXITSTATUS(status) == error_exit_code(ERR_INTERRUPTED))
        return error_set(err, ERR_INTERRUPTED, "%s", "");
    char how[64];
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(how, sizeof how, "ended with %d", WEXITSTATUS(status));
    long long done = atomic_load(&pool->shared->replicates);
    if (done != pool->idle_since) pool->idle_deaths = 0;
    pool->idle_since = done;
    if (task < 0 && ++pool->idle_deaths >= TRIES_MOST * pool->n_workers)
        return error_set(
            err, ERR_INTERNAL,
            "%d workers died before they began, the last one %s (out of memory?); finished parts are kept",
            pool->idle_deaths, how);
    if (task < 0) {
        progress_say(pool->progress, true, "worker %ld %s between two blocks; the run continues", (long)pid,
                     how);
        return 0;
    }
    atomic_fetch_sub(&pool->shared->replicates, atomic_load(&slot->begun)); /* they are done again */
    block_t block = plan_block(pool->plan, pool->todo[task]);
    if (++pool->tries[task] >= TRIES_MOST)
        return error_set(err, ERR_INTERNAL,
                         "replicates %u to %u: %d workers died on them, the last one %s (out of memory?); "
                         "finished parts are kept",
                         block.first, block.first + block.n - 1, TRIES_MOST, how);
    progress_say(pool->progress, true, "worker %ld %s; replicates %u to %u are simulated again", (long)pid,
                 how, block.first, block.first + block.n - 1);
    return 0;
}

static void kill_all(pool_t *pool, int signal) {
    for (int w = 0; w < pool->n_workers; w++)
        if (pool->shared->slots[w].pid > 0) kill(pool->shared->slots[w].pid, signal);
}

/* Waits until all workers have ended. The first error or request to stop stops the others. */
static int wait_workers(pool_t *pool, int64_t before, fault_t *err) {
    int ret = 0, told = 0;
    while (pool->running) {
        for (int w = 0; w < pool->n_workers; w++) {
            slot_t *slot = &pool->shared->slots[w];
            int status;
            if (slot->pid <= 0 || waitpid(slot->pid, &status, WNOHANG) != slot->pid) continue;
            int ended = end_worker(pool, slot, status, ret ? &(fault_t){0} : err);
            if (ended && (!ret || ret == ERR_INTERRUPTED)) ret = ended;
            /* Starts another worker if one has died. */
            bool died = !ended && !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            if (died && !ret && !told && atomic_load(&pool->shared->next) < pool->n_todo)
                ret = start_worker(pool, slot, err);
        }
        int asked = signals_asked();
        if (asked > told) {
            if (asked > 1 && told)
                kill_all(pool, SIGKILL);
            else
                progress_say(pool->progress, false, "stopping; the workers finish their replicates");
            told = asked;
            if (!ret) ret = ERR_INTERRUPTED;
        }
        if (ret) atomic_store(&pool->shared->stop, 1);
        progress_update(pool->progress, before + atomic_load(&pool->shared->replicates), pool->running);
        if (pool->running) poll(NULL, 0, 10);
    }
    return ret;
}

/* What of todo is not there yet. */
static int count_missing(const pool_t *pool) {
    int n = 0;
    for (int i = 0; i < pool->n_todo; i++) n += !parts_has(pool->parts, pool->plan, pool->todo[i]);
    return n;
}

static int run_rounds(pool_t *pool, int *todo, fault_t *err) {
    int64_t before = pool->progress->before;
    int ret = 0;
    while (pool->n_todo) {
        atomic_store(&pool->shared->next, 0);
        int wanted = pool->n_workers < pool->n_todo ? pool->n_workers : pool->n_todo;
        for (int w = 0; w < wanted && !ret; w++) ret = start_worker(pool, &pool->shared->slots[w], err);
        if (ret) atomic_store(&pool->shared->stop, 1);
        int waited = wait_workers(pool, before, err);
        if (!ret) ret = waited;
        if (ret) return ret;
        if (!count_missing(pool)) return 0;
        /* The next round has only the blocks of workers that died. */
        int n = 0;
        for (int i = 0; i < pool->n_todo; i++) {
            if (parts_has(pool->parts, pool->plan, todo[i])) continue;
            pool->tries[n] = pool->tries[i];
            todo[n++] = todo[i];
        }
        pool->n_todo = n;
    }
    return ret;
}

int workers_run(const plan_t *plan, const parts_t *parts, int n_todo, const int *todo, int n_workers,
                progress_t *progress, work_t *done, fault_t *err) {
    if (!n_todo) return 0;
    if (n_workers > WORKERS_MOST) n_workers = WORKERS_MOST;
    int ret = 0, *own = mem_alloc((size_t)n_todo, sizeof *own);
    size_t bytes = sizeof(shared_t) + (size_t)n_workers * sizeof(slot_t);
    shared_t *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pool_t pool = {.plan = plan,
                   .parts = parts,
                   .n_todo = n_todo,
                   .n_workers = n_workers,
                   .todo = own,
                   .shared = shared,
                   .tries = mem_alloc((size_t)n_todo, 1),
                   .progress = progress};
    TRY_MEM(own && pool.tries && shared != MAP_FAILED);
    memcpy(own, todo, (size_t)n_todo * sizeof *own);
    ret = run_rounds(&pool, own, err);
    done->n_events += atomic_load(&shared->n_events);
    done->n_anew += atomic_load(&shared->n_anew);
out:
    if (shared != MAP_FAILED) munmap(shared, bytes);
    mem_free(pool.tries);
    mem_free(own);
    return ret;
}
