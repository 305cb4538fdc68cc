/* What `entente sweep` is told, and the parts of it that stand in files of their own. */
#ifndef ENTENTE_CLI_SWEEP_H
#define ENTENTE_CLI_SWEEP_H

#include "io/scenario.h"
#include "run/plan.h"

#define SWEEP_OPTIONS 256 /* of each option that may be repeated */

typedef struct {
    int n;
    const char *items[SWEEP_OPTIONS];
} texts_t;

typedef struct {
    const char *path, *out, *list;
    const char *design; /* its name, or NULL */
    bool has_seed, restart, quiet, json, uncertain, independent, everything, only_merge, dry_run, slurm;
    uint64_t seed;
    uint32_t replicates, block; /* 0: the scenario's */
    int workers, points, task, n_tasks, slurm_tasks;
    texts_t sets, variants, params, quantities, keeps, passed; /* `passed` goes to sbatch */
} sweep_arguments_t;

/* "PATH=LOW:HIGH", "PATH=LOW:HIGH:log", "PATH=V1,V2,..." or "PATH" (as `uncertain` has it). 0 or ERR_USAGE.
 */
int sweep_axis(scenario_t *scenario, const char *text, sweep_axis_t *axis, fault_t *err);

/* The words of a command that does the same (without --task, --slurm, --restart and what is shown):
 * `entente sweep SCENARIO -o OUT ...`, NULL last; the list is free()d, its texts live in `room`. */
char **sweep_words(const sweep_arguments_t *a, const char *program, char **room);

/* Writes the scripts of a job array and of a merge job into OUT.h5.slurm/ and submits them, or prints them.
 * The exit code. */
int sweep_submit(const sweep_arguments_t *a, const plan_t *plan);

#endif
