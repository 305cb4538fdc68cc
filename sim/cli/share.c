/* --task: a share of a run or sweep. */
#include "cli/options.h"

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

/* The array's tasks times the job's processes. */
static bool task_of_slurm(common_t *a) {
    int id = 0, count = 1, lowest = 0, step = 1, rank = 0, ranks = 1;
    bool array = number_of("SLURM_ARRAY_TASK_ID", &id), process = number_of("SLURM_PROCID", &rank);
    if (array && !(number_of("SLURM_ARRAY_TASK_COUNT", &count) && number_of("SLURM_ARRAY_TASK_MIN", &lowest)))
        return false;
    number_of("SLURM_ARRAY_TASK_STEP", &step);
    if (process) number_of("SLURM_NTASKS", &ranks);
    if (!array && !process) return false;
    if (step < 1) step = 1;
    int64_t n_tasks = (int64_t)count * ranks, task = (int64_t)((id - lowest) / step) * ranks + rank;
    a->n_tasks = (int)n_tasks;
    a->task = (int)task;
    return n_tasks <= INT32_MAX && task >= 0 && task < n_tasks;
}

void options_read_task(struct argp_state *state, void *arguments, const char *text) {
    common_t *a = arguments;
    if (!strcmp(text, "auto")) {
        if (!task_of_slurm(a))
            argp_error(state, "--task auto: SLURM_ARRAY_TASK_ID and SLURM_PROCID do not determine the share "
                              "(an array with gaps does not either); give I/N");
        return;
    }
    const char *end;
    bool good = whole_number(text, &a->task, &end) && *end == '/' && whole_number(end + 1, &a->n_tasks, &end);
    if (!good || *end || a->task >= a->n_tasks)
        argp_error(state, "--task is \"%s\": I/N is expected, I from 0 to N - 1", text);
}
