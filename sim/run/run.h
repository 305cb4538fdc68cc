/* A run from beginning to end: finds finished blocks, simulates the missing ones, merges all.
 *
 * The same call continues an interrupted run. Results depend on the plan and the
 * number of replicates alone. */
#ifndef ENTENTE_RUN_RUN_H
#define ENTENTE_RUN_RUN_H

#include "run/plan/plan.h"
#include "run/progress.h"
#include "run/worker.h"
#include "stats/precision.h"

/* A share of failed replicates above this ends a run with ERR_INTERNAL (the file is written). */
#define RUN_FAILED_SHARE 0.001

typedef struct {
    const char *out_path;
    int workers;  /* >= 1 */
    bool restart; /* throw away what an earlier run left */
    progress_mode_t progress;
    /* For a share of a sweep or run: simulate only every n_tasks-th block from the task-th on, and merge
     * nothing (n_tasks 0: all blocks). */
    int task, n_tasks;
    bool only_merge;    /* nothing is simulated: what is missing or damaged is named, ERR_DATA */
    const char *recipe; /* kept for `entente merge` (parts_keep_recipe), or NULL */
    /* With n_precision > 0 the run continues by the rule of stats/precision.h, to at most the plan's
     * replicates. */
    int n_precision;
    const precision_t *precision;
    provenance_t provenance; /* start, scenario, files, command; the run fills the rest */
} run_options_t;

typedef struct {
    uint32_t n_replicates;
    int64_t n_reused, n_simulated, n_failed; /* replicates of all points */
    bool was_complete;                       /* nothing was to be simulated */
    bool renamed;   /* it has the scenario's title and labels now, which were others */
    bool imprecise; /* the most replicates allowed were not enough for the precision asked for */
    work_t work;    /* of this call */
    double seconds;
} run_report_t;

/* 0; ERR_INTERRUPTED (the same call goes on); ERR_DATA when what is there belongs to another run;
 * ERR_CANTCREATE, ERR_IO; ERR_INTERNAL. */
int run_all(plan_t *plan, const run_options_t *options, run_report_t *report, fault_t *err);

/* Before tasks simulate a sweep: n_reused replicates exist already, n_simulated are missing, or it
 * was_complete. Creates the folder of parts and stores the recipe. Codes as of run_all. */
int run_look(const plan_t *plan, const run_options_t *options, run_report_t *report, fault_t *err);

#endif
