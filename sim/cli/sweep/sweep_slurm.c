/* A sweep on a Slurm cluster: a job array whose tasks simulate shares of it, and a job that merges. */
#include "base/program.h"
#include "cli/launch.h"
#include "cli/sweep/sweep.h"

#include <errno.h>
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

/* ---- scripts --------------------------------------------------------------------------------------- */

typedef struct {
    const sweep_arguments_t *a;
    char program[4096], folder[4096], here[4096];
    int n_tasks;
    char **words, *array, *merge;
} job_t;

static char *array_script(const job_t *job) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out,
            "#!/bin/sh\n"
            "# One share of a sweep. At the signal before the time limit it ends with exit code 75 and is\n"
            "# requeued; finished parts are kept.\n"
            "#SBATCH --job-name=entente-sweep\n"
            "#SBATCH --array=0-%d\n"
            "#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --signal=B:USR1@60\n"
            "#SBATCH --output=\"%s/task-%%a.log\"\n"
            "cd ",
            job->n_tasks - 1, job->folder);
    launch_print_word(out, job->here);
    fputs(" || exit 66\n", out);
    launch_print_word(out, job->program);
    fputs(" sweep", out);
    for (char **w = job->words; *w; w++) {
        fputc(' ', out);
        launch_print_word(out, *w);
    }
    if (!job->a->common.workers) fputs(" -j \"${SLURM_CPUS_PER_TASK:-1}\"", out);
    fprintf(out,
            " --task \"$SLURM_ARRAY_TASK_ID/%d\" &\n"
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
            job->n_tasks);
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

/* Runs sbatch with these words; the number that it prints, or 0 after saying what went wrong. */
static long job_of(const char *const *words) {
    int ends[2], status;
    if (pipe(ends)) return 0;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(words[0], (char **)words);
        fprintf(stderr, "entente: sbatch: %s; is this a Slurm cluster? --dry-run prints the scripts\n",
                strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    char text[64] = "";
    size_t length = 0;
    for (ssize_t got;
         length < sizeof text - 1 && (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status)) return 0;
    return strtol(text, NULL, 10);
}

/* sbatch --parsable OPTIONS PATH: the job's number, or 0 after saying what went wrong. */
static long submit(const job_t *job, const char *dependency, const char *path) {
    const char **words = calloc((size_t)job->a->n_passed + 8, sizeof *words);
    int n = 0;
    if (!words) return 0;
    words[n++] = "sbatch";
    words[n++] = "--parsable";
    for (int i = 0; i < job->a->n_passed; i++) words[n++] = job->a->passed[i];
    if (dependency) words[n++] = dependency;
    words[n++] = path;
    long number = job_of(words);
    free(words);
    return number;
}

static int send(const job_t *job) {
    char array[4200], merge[4200], dependency[64];
    if (mkdir(job->folder, 0777) && errno != EEXIST) {
        fprintf(stderr, "entente: %s: cannot create: %s\n", job->folder, strerror(errno));
        return EX_CANTCREAT;
    }
    snprintf(array, sizeof array, "%s/array.sh", job->folder);
    snprintf(merge, sizeof merge, "%s/merge.sh", job->folder);
    if (!write_script(array, job->array) || !write_script(merge, job->merge)) return EX_CANTCREAT;
    long first = submit(job, NULL, array);
    if (!first) return EX_UNAVAILABLE;
    /* Not `afterok`: Slurm cancels the job if a task fails, even if that task is requeued, and then nothing
     * reports the missing parts. */
    snprintf(dependency, sizeof dependency, "--dependency=afterany:%ld", first);
    long second = submit(job, dependency, merge);
    if (!second) {
        fprintf(stderr, "entente: job %ld was submitted, the merge was not; afterwards: entente merge %s\n",
                first, job->a->common.out);
        return EX_UNAVAILABLE;
    }
    printf("job %ld: %d tasks\njob %ld: merge into %s\n", first, job->n_tasks, second, job->a->common.out);
    return 0;
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
    job.n_tasks = a->slurm_tasks ? a->slurm_tasks : (plan->n_blocks + BLOCKS_A_TASK - 1) / BLOCKS_A_TASK;
    if (job.n_tasks > plan->n_blocks) job.n_tasks = plan->n_blocks;
    if (!a->slurm_tasks && job.n_tasks > TASKS_MOST) job.n_tasks = TASKS_MOST;
    job.array = array_script(&job);
    job.merge = merge_script(&job);
    if (job.array && job.merge) {
        if (a->dry_run) {
            printf("# sbatch");
            for (int i = 0; i < a->n_passed; i++) printf(" %s", a->passed[i]);
            printf(" %s/array.sh\n%s\n# sbatch --dependency=afterany:JOB %s/merge.sh\n%s", job.folder,
                   job.array, job.folder, job.merge);
            status = 0;
        } else {
            status = send(&job);
        }
    }
    free(job.array);
    free(job.merge);
    return status;
}
