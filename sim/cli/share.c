/* --task: a share of a run or sweep. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

static bool number_of(const char *name, int *out) {
    const char *text = getenv(name);
    char *end;
    if (!text || !*text) return false;
    long value = strtol(text, &end, 10);
    *out = (int)value;
    return !*end && value >= 0;
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
    a->n_tasks = count * ranks;
    a->task = (id - lowest) / step * ranks + rank;
    return a->task >= 0 && a->task < a->n_tasks;
}

void read_task(struct argp_state *state, void *arguments, const char *text) {
    common_t *a = arguments;
    if (!strcmp(text, "auto")) {
        if (!task_of_slurm(a))
            argp_error(state,
                       "--task auto: no SLURM_ARRAY_TASK_ID or SLURM_PROCID tells the share (an array with "
                       "gaps does not either): give I/N");
        return;
    }
    char *end;
    long task = strtol(text, &end, 10), of = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    a->task = (int)task;
    a->n_tasks = (int)of;
    if (*end || task < 0 || task >= of || of > INT32_MAX)
        argp_error(state, "--task is \"%s\": I/N is expected, I from 0 to N - 1", text);
}
