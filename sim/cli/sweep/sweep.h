/* The options of `entente sweep`, and its parts in files of their own. */
#ifndef ENTENTE_CLI_SWEEP_SWEEP_H
#define ENTENTE_CLI_SWEEP_SWEEP_H

#include "cli/options.h"
#include "run/plan/plan.h"
#include "scenario/scenario.h"

typedef struct {
    common_t common;
    const char *list, *design; /* the design's name, or NULL */
    bool uncertain, independent, everything, dry_run, slurm;
    int points, slurm_tasks;
    texts_t params, quantities, keeps;
    int n_passed;
    char **passed; /* to sbatch */
} sweep_arguments_t;

typedef struct {
    int n;
    char **items; /* the first is the program's name */
} sweep_words_t;

/* "@FILE" stands for the options in it: a line each, the long name, a blank, its value; "scenario PATH" from
 * the file's folder; blank lines and those that begin with # are left out. Those words go to `files`, all
 * others to `own`; both are the arena's. 0 or the exit code, all said. */
int sweep_expand(arena_t *arena, int argc, char **argv, sweep_words_t *files, sweep_words_t *own);

/* The points that are swept, without those that break a constraint, which are reported. 0 or the exit code,
 * all said; points_free in any case. */
int sweep_points(const sweep_arguments_t *a, scenario_t *scenario, uint64_t seed, points_t *points);

/* Writes the scripts of a job array and of a merge job into OUT.h5.slurm/ and submits them, or prints them;
 * `words` are those of a command that has the same results (option_words). The exit code. */
int sweep_submit(const sweep_arguments_t *a, const plan_t *plan, char **words);

#endif
