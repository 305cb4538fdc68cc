/* --task: a share of a run or sweep. */
#include "cli/options/options.h"

#include <errno.h>
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

/* How schedulers number the tasks of a job: the index and, where they are told, the first, the last or the
 * count, and the step. */
typedef struct {
    const char *name, *index, *first, *last, *count, *step;
    int from; /* the first where no variable tells it */
} scheduler_t;

static const scheduler_t schedulers[] = {
    {"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", NULL, "SLURM_ARRAY_TASK_COUNT",
     "SLURM_ARRAY_TASK_STEP", 0},
    {"Grid Engine", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", NULL, "SGE_TASK_STEPSIZE", 1},
    {"LSF", "LSB_JOBINDEX", NULL, "LSB_JOBINDEX_END", NULL, "LSB_JOBINDEX_STEP", 1},
    {"PBS", "PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL, 0},
    {"Torque", "PBS_ARRAYID", NULL, NULL, NULL, NULL, 0},
    {"Flux", "FLUX_TASK_RANK", NULL, NULL, "FLUX_JOB_SIZE", NULL, 0},
    {"Kubernetes", "JOB_COMPLETION_INDEX", NULL, NULL, NULL, NULL, 0},
    {"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", NULL, NULL, "AWS_BATCH_JOB_ARRAY_SIZE", NULL, 0},
};

/* The task among `count` (0: not known yet) of the array that this process is of; false if the variables do
 * not determine it. */
static bool task_of_array(const scheduler_t *s, int64_t *task, int64_t *count) {
    int index, first = s->from, last, told, step = 1;
    if (!number_of(s->index, &index)) return false;
    if (s->first && !number_of(s->first, &first)) return false;
    if (s->step) number_of(s->step, &step);
    if (step < 1) step = 1;
    if (s->last && number_of(s->last, &last) && last >= first) *count = (last - first) / step + 1;
    if (s->count && number_of(s->count, &told)) *count = told;
    *task = ((int64_t)index - first) / step;
    return true;
}

/* The scheduler that started this process, the task of its array and their count (`count` if given). */
static const scheduler_t *find_array(int64_t *task, int64_t *count) {
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++) {
        int64_t told = 0;
        /* LSF numbers jobs that are no array 0. */
        if (!task_of_array(&schedulers[i], task, &told) || *task < 0) continue;
        if (!*count) *count = told;
        return &schedulers[i];
    }
    return NULL;
}

/* The array's tasks times, in Slurm, the job's processes. `count`: of the array, 0 if the variables tell. */
static bool task_of_scheduler(common_t *a, int64_t count, const scheduler_t **found) {
    int64_t task = 0;
    int rank = 0, ranks = 1;
    bool processes = number_of("SLURM_PROCID", &rank);
    *found = find_array(&task, &count);
    if (!*found && getenv("SLURM_ARRAY_TASK_ID")) return false;
    if (!*found && !processes) return false;
    if (*found && *found != &schedulers[0]) processes = false;
    if (processes) number_of("SLURM_NTASKS", &ranks);
    if (!*found) count = 1;
    if (!processes) rank = 0;
    int64_t n_tasks = count * ranks, own = task * ranks + rank;
    a->n_tasks = (int)n_tasks;
    a->task = (int)own;
    return n_tasks > 0 && n_tasks <= INT32_MAX && own >= 0 && own < n_tasks;
}

static void read_auto(struct argp_state *state, common_t *a, int count) {
    const scheduler_t *found;
    if (task_of_scheduler(a, count, &found)) return;
    if (found && !count)
        argp_error(
            state,
            "--task auto: %s does not say how many tasks there are, or %s does not determine the share "
            "(an array with gaps does not); give auto/N or I/N",
            found->name, found->index);
    else if (found)
        argp_error(state, "--task auto/%d: %s is not within %d tasks", count, found->index, count);
    else
        argp_error(state,
                   "--task auto: no variable of a scheduler determines the share (docs/cluster.md lists "
                   "them; an array with gaps does not either); give I/N");
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
