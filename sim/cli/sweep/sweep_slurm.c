/* A sweep on a Slurm cluster: a job array whose tasks simulate shares of it, and a job that merges. */
#include "base/program.h"
#include "cli/launch.h"
#include "cli/sweep/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define BLOCKS_A_TASK 600 /* of about half a second */
#define TASKS_MOST 1000
#define ARRAY_MOST 1001 /* tasks of an array, where Slurm does not say otherwise */

/* ---- scripts --------------------------------------------------------------------------------------- */

typedef struct {
    const sweep_arguments_t *a;
    char program[4096], folder[4096], here[4096];
    int n_tasks, n_arrays, array_tasks; /* the last array may have fewer */
    char **words, *array, *merge;
} job_t;

static int first_of(const job_t *job, int array) {
    return array * job->array_tasks;
}

static int tasks_of(const job_t *job, int array) {
    int left = job->n_tasks - first_of(job, array);
    return left < job->array_tasks ? left : job->array_tasks;
}

/* "0-999%10": the tasks of an array, and how many of them may run at once. */
static void range_of(const job_t *job, int array, char *out, size_t size) {
    int n = snprintf(out, size, "0-%d", tasks_of(job, array) - 1), at_once = job->a->slurm_at_once;
    if (!at_once) return;
    int each = at_once / job->n_arrays;
    snprintf(out + n, size - (size_t)n, "%%%d", each > 1 ? each : 1);
}

static char *array_script(const job_t *job) {
    char *text = NULL, range[32];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    range_of(job, 0, range, sizeof range);
    fprintf(out,
            "#!/bin/sh\n"
            "# One share of a sweep. At the signal before the time limit it ends with exit code 75 and is\n"
            "# requeued; finished parts are kept.\n"
            "#SBATCH --job-name=entente-sweep\n"
            "#SBATCH --array=%s\n"
            "#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --signal=B:USR1@60\n"
            "#SBATCH --output=\"%s/task-%%a.log\"\n"
            "cd ",
            range, job->folder);
    launch_print_word(out, job->here);
    fputs(" || exit 66\n", out);
    launch_print_word(out, job->program);
    fputs(" sweep", out);
    for (char **w = job->words; *w; w++) {
        fputc(' ', out);
        launch_print_word(out, *w);
    }
    if (!job->a->common.workers) fputs(" -j \"${SLURM_CPUS_PER_TASK:-1}\"", out);
    /* Of several arrays each is given the number of its first task. */
    const char *index = job->n_arrays > 1 ? "$((SLURM_ARRAY_TASK_ID + ${1:?the first task of this array}))"
                                          : "$SLURM_ARRAY_TASK_ID";
    fprintf(out,
            " --task \"%s/%d\" &\n"
            "child=$!\n"
            "warned=0\n"
            "trap 'warned=1; kill -USR1 $child' USR1\n"
            "trap 'kill -TERM $child' TERM INT\n"
            "wait $child\n"
            "status=$?\n"
            "while kill -0 $child 2>/dev/null; do\n"
            "    wait $child\n"
            "    status=$?\n"
            "done\n"
            "if [ $warned = 1 ] && [ $status = 75 ]; then\n"
            "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
            "fi\n"
            "exit $status\n",
            index, job->n_tasks);
    return fclose(out) ? NULL : text;
}

static char *merge_script(const job_t *job) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out,
            "#!/bin/sh\n"
            "# Checks that all shares are complete and merges them; missing parts are named here (exit code "
            "65).\n"
            "#SBATCH --job-name=entente-merge\n"
            "#SBATCH --output=\"%s/merge.log\"\n"
            "cd ",
            job->folder);
    launch_print_word(out, job->here);
    fputs(" || exit 66\n", out);
    launch_print_word(out, job->program);
    fputs(" merge ", out);
    launch_print_word(out, job->a->common.out);
    fputc('\n', out);
    return fclose(out) ? NULL : text;
}

/* ---- submitting ------------------------------------------------------------------------------------ */

static bool write_script(const char *path, const char *text) {
    FILE *out = fopen(path, "we");
    bool good = out && fputs(text, out) >= 0;
    if (out && fclose(out)) good = false;
    if (!good) fprintf(stderr, "entente: %s: cannot write: %s\n", path, strerror(errno));
    return good;
}

/* What a program prints, at most size - 1 bytes of it. False if it cannot be started or fails; then it has
 * said why on standard error, or, with `quiet`, has said nothing. */
static bool output_of(const char *const *words, bool quiet, char *text, size_t size) {
    int ends[2], status;
    *text = '\0';
    if (pipe(ends)) return false;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
        if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], (char **)words);
        fprintf(stderr, "entente: %s: %s; is this a Slurm cluster? --dry-run prints the scripts\n", words[0],
                strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The most tasks that an array may have. */
static int array_most(void) {
    static const char *const words[] = {"scontrol", "show", "config", NULL};
    static const char name[] = "MaxArraySize";
    enum { SIZE = 64 * 1024 };
    char *text = malloc(SIZE);
    long most = 0;
    const char *at = text && output_of(words, true, text, SIZE) ? strstr(text, name) : NULL;
    if (at) at = strchr(at, '=');
    if (at) most = strtol(at + 1, NULL, 10);
    free(text);
    return most > 0 && most < INT32_MAX ? (int)most : ARRAY_MOST;
}

/* sbatch --parsable OPTIONS MORE...: the job's number, or 0 after saying what went wrong. */
static long submit(const job_t *job, int n_more, const char *const *more) {
    const char **words = calloc((size_t)job->a->n_passed + (size_t)n_more + 3, sizeof *words);
    char text[64];
    int n = 0;
    if (!words) return 0;
    words[n++] = "sbatch";
    words[n++] = "--parsable";
    for (int i = 0; i < job->a->n_passed; i++) words[n++] = job->a->passed[i];
    for (int i = 0; i < n_more; i++) words[n++] = more[i];
    long number = output_of(words, false, text, sizeof text) ? strtol(text, NULL, 10) : 0;
    free(words);
    return number;
}

/* The words of sbatch for one of several arrays. */
typedef struct {
    char range[48], log[4200], first[16];
} words_t;

static words_t words_of(const job_t *job, int array) {
    words_t out;
    int n = snprintf(out.range, sizeof out.range, "--array=");
    range_of(job, array, out.range + n, sizeof out.range - (size_t)n);
    snprintf(out.log, sizeof out.log, "--output=%s/task-%d+%%a.log", job->folder, first_of(job, array));
    snprintf(out.first, sizeof out.first, "%d", first_of(job, array));
    return out;
}

static long submit_array(const job_t *job, int array, const char *path) {
    if (job->n_arrays == 1) return submit(job, 1, &path);
    words_t words = words_of(job, array);
    return submit(job, 4, (const char *const[]){words.range, words.log, path, words.first});
}

/* Submits the arrays and the merge after them; an array that was submitted stays if a later one is not. */
static int submit_all(const job_t *job, const char *array, const char *merge) {
    char *dependency = NULL;
    size_t size;
    FILE *list = open_memstream(&dependency, &size);
    bool good = list != NULL;
    /* Not `afterok`: Slurm cancels the job if a task fails, even if that task is requeued, and then nothing
     * reports the missing parts. */
    if (list) fputs("--dependency=afterany", list);
    for (int i = 0; good && i < job->n_arrays; i++) {
        long number = submit_array(job, i, array);
        good = number > 0;
        if (!good) break;
        fprintf(list, ":%ld", number);
        printf("job %ld: %d tasks\n", number, tasks_of(job, i));
    }
    if (list && fclose(list)) good = false;
    long last = good ? submit(job, 2, (const char *const[]){dependency, merge}) : 0;
    free(dependency);
    if (last) printf("job %ld: merge into %s\n", last, job->a->common.out);
    return last ? 0 : EX_UNAVAILABLE;
}

static int send(const job_t *job) {
    char array[4200], merge[4200];
    if (mkdir(job->folder, 0777) && errno != EEXIST) {
        fprintf(stderr, "entente: %s: cannot create: %s\n", job->folder, strerror(errno));
        return EX_CANTCREAT;
    }
    snprintf(array, sizeof array, "%s/array.sh", job->folder);
    snprintf(merge, sizeof merge, "%s/merge.sh", job->folder);
    if (!write_script(array, job->array) || !write_script(merge, job->merge)) return EX_CANTCREAT;
    int status = submit_all(job, array, merge);
    if (status)
        fprintf(stderr, "entente: the merge was not submitted; afterwards: entente merge %s\n",
                job->a->common.out);
    return status;
}

/* The scripts, and the words with which they would be submitted. */
static void print_scripts(const job_t *job) {
    for (int i = 0; i < job->n_arrays; i++) {
        words_t words = words_of(job, i);
        printf("# sbatch");
        for (int w = 0; w < job->a->n_passed; w++) printf(" %s", job->a->passed[w]);
        if (job->n_arrays > 1)
            printf(" %s %s %s/array.sh %s\n", words.range, words.log, job->folder, words.first);
        else
            printf(" %s/array.sh\n", job->folder);
    }
    printf("%s\n# sbatch --dependency=afterany:JOB%s %s/merge.sh\n%s", job->array,
           job->n_arrays > 1 ? ":JOB..." : "", job->folder, job->merge);
}

int sweep_tasks(const sweep_arguments_t *a, const plan_t *plan) {
    int n = a->slurm_tasks ? a->slurm_tasks : (plan->n_blocks + BLOCKS_A_TASK - 1) / BLOCKS_A_TASK;
    if (!a->slurm_tasks && n > TASKS_MOST) n = TASKS_MOST;
    return n < plan->n_blocks ? n : plan->n_blocks;
}

/* How many tasks, in how many arrays. */
static void divide(job_t *job, const plan_t *plan) {
    job->n_tasks = sweep_tasks(job->a, plan);
    int most = array_most();
    job->n_arrays = (job->n_tasks + most - 1) / most;
    job->array_tasks = (job->n_tasks + job->n_arrays - 1) / job->n_arrays;
}

int sweep_submit(const sweep_arguments_t *a, const plan_t *plan, char **words) {
    job_t job = {.a = a, .words = words};
    int status = EX_SOFTWARE;
    program_path(job.program, sizeof job.program);
    if (!*job.program) snprintf(job.program, sizeof job.program, "entente");
    if (!getcwd(job.here, sizeof job.here)) {
        fprintf(stderr, "entente: the working folder: %s\n", strerror(errno));
        return EX_OSERR;
    }
    /* An absolute path, because sbatch may have another working folder. */
    bool rooted = *a->common.out == '/';
    if ((size_t)snprintf(job.folder, sizeof job.folder, "%s%s%s.slurm", rooted ? "" : job.here,
                         rooted ? "" : "/", a->common.out) >= sizeof job.folder) {
        fprintf(stderr, "entente: %s: the path is too long\n", a->common.out);
        return EX_CANTCREAT;
    }
    divide(&job, plan);
    job.array = array_script(&job);
    job.merge = merge_script(&job);
    if (job.array && job.merge) {
        if (a->dry_run) print_scripts(&job);
        status = a->dry_run ? 0 : send(&job);
    }
    free(job.array);
    free(job.merge);
    return status;
}
