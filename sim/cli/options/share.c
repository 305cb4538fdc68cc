/* --task: a share of a run or sweep. */
#include "cli/options/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digits at `text`, of a number that fits into an int; *end is the text after them. */
static bool whole_number(const char *text, int *out, const char **end) {
    char *rest;
    errno = 0;
    long value = strtol(text, &rest, 10);
    *end = rest;
    *out = (int)value;
    return *text >= '0' && *text <= '9' && !errno && value <= INT32_MAX;
}

static bool number_of(const char *name, int *out) {
    const char *text = getenv(name), *end;
    return text && whole_number(text, out, &end) && !*end;
}

/* How schedulers number the tasks of a job: the index and, where a variable has them, the first, the last or
 * the count, the step, and the processes of each task. */
typedef struct {
    const char *name, *index, *first, *last, *count, *step, *rank, *ranks;
    int from; /* the first where no variable has it */
} scheduler_t;

static const scheduler_t schedulers[] = {
    {.name = "Slurm",
     .index = "SLURM_ARRAY_TASK_ID",
     .first = "SLURM_ARRAY_TASK_MIN",
     .count = "SLURM_ARRAY_TASK_COUNT",
     .step = "SLURM_ARRAY_TASK_STEP",
     .rank = "SLURM_PROCID",
     .ranks = "SLURM_NTASKS"},
    {.name = "Slurm", .index = "SLURM_PROCID", .count = "SLURM_NTASKS"},
    {.name = "Grid Engine",
     .index = "SGE_TASK_ID",
     .first = "SGE_TASK_FIRST",
     .last = "SGE_TASK_LAST",
     .step = "SGE_TASK_STEPSIZE"},
    {.name = "LSF",
     .index = "LSB_JOBINDEX",
     .last = "LSB_JOBINDEX_END",
     .step = "LSB_JOBINDEX_STEP",
     .from = 1},
    {.name = "PBS", .index = "PBS_ARRAY_INDEX"},
    {.name = "Torque", .index = "PBS_ARRAYID"},
    /* Copies of a job (`flux submit --cc=0-39`), whose number no variable has, before the tasks of one. */
    {.name = "Flux", .index = "FLUX_JOB_CC", .rank = "FLUX_TASK_RANK", .ranks = "FLUX_JOB_SIZE"},
    {.name = "Flux", .index = "FLUX_TASK_RANK", .count = "FLUX_JOB_SIZE"},
    {.name = "Kubernetes", .index = "JOB_COMPLETION_INDEX"},
    {.name = "AWS Batch", .index = "AWS_BATCH_JOB_ARRAY_INDEX", .count = "AWS_BATCH_JOB_ARRAY_SIZE"},
};

#define CONDOR_AD "_CONDOR_JOB_AD"

static int64_t number_or(const char *name, int64_t otherwise) {
    int value;
    return name && number_of(name, &value) ? value : otherwise;
}

/* The share among `count` tasks (0: as many as the variables say); false if they do not determine it. */
static bool share_of(const scheduler_t *s, int64_t count, common_t *a) {
    int64_t index = number_or(s->index, -1), first = number_or(s->first, s->first ? -1 : s->from);
    int64_t step = number_or(s->step, 1), last = number_or(s->last, -1);
    int64_t rank = number_or(s->rank, 0), ranks = s->rank && getenv(s->rank) ? number_or(s->ranks, 1) : 1;
    if (index < first || first < 0) return false;
    if (step < 1) step = 1;
    if (!count) count = s->last && last >= first ? (last - first) / step + 1 : number_or(s->count, 0);
    int64_t n_tasks = count * ranks, task = (index - first) / step * ranks + rank;
    a->n_tasks = (int)n_tasks;
    a->task = (int)task;
    return n_tasks > 0 && n_tasks <= INT32_MAX && task < n_tasks;
}

/* The number of an attribute in HTCondor's description of the job, a file of lines "Name = value"; -1: not
 * there. */
static int64_t attribute(FILE *ad, const char *name) {
    char *line = NULL;
    size_t room = 0, length = strlen(name);
    int64_t value = -1;
    const char *end;
    int found;
    rewind(ad);
    while (value < 0 && getline(&line, &room, ad) > 0) {
        if (strncmp(line, name, length) != 0) continue;
        const char *at = line + length + strspn(line + length, " ");
        if (*at == '=' && whole_number(at + 1 + strspn(at + 1, " "), &found, &end)) value = found;
    }
    free(line);
    return value;
}

/* HTCondor sets no variable with the number of a process, but the path of the job's description. */
static bool share_of_condor(const char *path, int count, common_t *a) {
    FILE *ad = fopen(path, "re");
    int64_t task = ad ? attribute(ad, "ProcId") : -1;
    int64_t n_tasks = count || !ad ? count : attribute(ad, "TotalSubmitProcs");
    if (ad) fclose(ad);
    a->task = (int)task;
    a->n_tasks = (int)n_tasks;
    return task >= 0 && task < n_tasks;
}

static void read_auto(struct argp_state *state, common_t *a, int count) {
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++) {
        const scheduler_t *s = &schedulers[i];
        if (!getenv(s->index)) continue;
        if (share_of(s, count, a)) return;
        argp_error(state,
                   "--task auto: %s is \"%s\", but the variables of %s do not determine the share (no array, "
                   "one with "
                   "gaps, an index beyond the tasks, or no number of tasks); give auto/N or I/N",
                   s->index, getenv(s->index), s->name);
    }
    const char *ad = getenv(CONDOR_AD);
    if (ad && share_of_condor(ad, count, a)) return;
    if (ad)
        argp_error(state,
                   "--task auto: %s names \"%s\", but the job's description there does not determine the "
                   "share (ProcId, TotalSubmitProcs); give auto/N or I/N",
                   CONDOR_AD, ad);
    argp_error(state,
               "--task auto: no variable of a scheduler is set (docs/cluster.md lists them); give I/N");
}

void options_read_task(struct argp_state *state, void *arguments, const char *text) {
    common_t *a = arguments;
    const char *end;
    int count = 0;
    if (!strcmp(text, "auto")) {
        read_auto(state, a, 0);
        return;
    }
    if (!strncmp(text, "auto/", strlen("auto/"))) {
        if (!whole_number(text + strlen("auto/"), &count, &end) || *end || count < 1)
            argp_error(state, "--task is \"%s\": auto/N is expected, N at least 1", text);
        read_auto(state, a, count);
        return;
    }
    bool good = whole_number(text, &a->task, &end) && *end == '/' && whole_number(end + 1, &a->n_tasks, &end);
    if (!good || *end || a->task >= a->n_tasks)
        argp_error(state, "--task is \"%s\": I/N is expected, I from 0 to N - 1, or auto, auto/N", text);
}
