/* The options of `entente sweep`, and the functions of its other files. */
#ifndef ENTENTE_CLI_SWEEP_SWEEP_H
#define ENTENTE_CLI_SWEEP_SWEEP_H

#include "cli/options/options.h"
#include "run/plan/plan.h"
#include "scenario/scenario.h"

typedef struct {
    common_t common;
    const char *list, *design; /* the design's name, or NULL */
    bool uncertain, independent, everything, dry_run, slurm;
    int points, slurm_tasks, slurm_at_once; /* 0: not given */
    texts_t params, quantities, keeps;
    int n_passed;
    char **passed; /* to sbatch */
} sweep_arguments_t;

typedef struct {
    int n;
    char **items; /* the first is the program's name */
} sweep_words_t;

/* Replaces "@FILE" by the options in the file: one a line, the long name, a blank, its value; "scenario
 * PATH" is relative to the file's folder; empty lines and lines that begin with # are ignored. These words
 * go to `files`, all others to `own`; the arena owns both. 0 or the exit code, after printing the error. */
int sweep_expand(arena_t *arena, int argc, char **argv, sweep_words_t *files, sweep_words_t *own);

/* The points of the sweep without those that break a constraint, whose number is reported. 0 or the exit
 * code, after printing the error; call points_free in any case. */
int sweep_points(const sweep_arguments_t *a, scenario_t *scenario, uint64_t seed, points_t *points);

/* The tasks of --slurm: as many as it says, or as the plan's work asks for. */
int sweep_tasks(const sweep_arguments_t *a, const plan_t *plan);

/* Writes the scripts of a job array (of several, where Slurm limits them) and of a merge job into
 * OUT.h5.slurm/ and submits them, or prints them;
 * `words` are those of a command that has the same results (option_words). The exit code. */
int sweep_submit(const sweep_arguments_t *a, const plan_t *plan, char **words);

#endif
