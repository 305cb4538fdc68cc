#include "cli/launch.h"

#include "base/mem.h"
#include "cli/command.h"
#include "text/output.h"
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

int launch_processors(void) {
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
    return n < 1 ? 1 : n;
}

void launch_print_word(FILE *out, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (*word && strspn(word, plain) == strlen(word)) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++) fputs(*word == '\'' ? "'\\''" : (char[]){*word, 0}, out);
    fputc('\'', out);
}

char *launch_command(int argc, char **argv) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fputs(argv[0], out);
    for (int i = 1; i < argc; i++) {
        fputc(' ', out);
        launch_print_word(out, argv[i]);
    }
    return fclose(out) ? NULL : text;
}

json_t *launch_report(const char *out_path, const run_report_t *report) {
    return json_pack("{s:s s:I s:I s:I s:I s:b s:f}", "output", out_path, "replicates",
                     (json_int_t)report->n_replicates, "simulated", (json_int_t)report->n_simulated, "reused",
                     (json_int_t)report->n_reused, "failed", (json_int_t)report->n_failed, "was_complete",
                     report->was_complete, "seconds", report->seconds);
}

char *launch_folder(fault_t *err) {
    char *here = getcwd(NULL, 0);
    if (!here)
        error_set(err, errno == ENOMEM ? ERR_NOMEM : ERR_NOINPUT, "the working folder cannot be found: %s",
                  strerror(errno));
    return here;
}

int launch_recipe(const char *command, char **words, char **recipe, fault_t *err) {
    char *here = launch_folder(err);
    size_t size;
    *recipe = NULL;
    if (!here) return err->code;
    FILE *out = words ? open_memstream(recipe, &size) : NULL;
    if (out) {
        fprintf(out, "%s\n%s\n", here, command);
        for (char **w = words; *w; w++) fprintf(out, "%s\n", *w);
        if (fclose(out)) *recipe = NULL;
    }
    free(here);
    return *recipe ? 0 : error_memory(err);
}

void launch_tell_share(const common_t *common, const run_report_t *report) {
    fprintf(stderr, "entente: share %d of %d is done: %" PRId64 " replicates, %" PRId64 " of them now\n",
            common->task, common->n_tasks, report->n_simulated + report->n_reused, report->n_simulated);
}

const char *launch_renamed(const run_report_t *report) {
    return report->renamed ? "; its title and labels are updated from the scenario" : "";
}

void launch_tell_failed(int ret, const run_report_t *report) {
    if ((!ret || ret == ERR_INTERNAL) && report->n_failed) /* of which one reason is: too many of them */
        fprintf(stderr, "entente: %" PRId64 " replicates stopped early and are left out of the summaries\n",
                report->n_failed);
}

/* The variants to run, the base first, each once. 0 or the exit code. */
static int choose_variants(launch_t *self, opened_t *opened, const texts_t *names) {
    int n = 0, status = 0;
    self->variants[n++] = 0;
    if (!names->n)
        for (int v = 1; v < opened->scenario.model.n_variants; v++) self->variants[n++] = v;
    for (int i = 0; i < names->n; i++) {
        int variant = opened_variant(opened, names->items[i], &status);
        if (variant < 0) return status;
        bool there = false;
        for (int k = 0; k < n; k++) there |= self->variants[k] == variant;
        if (!there) self->variants[n++] = variant;
    }
    self->request.n_variants = n;
    return 0;
}

int launch_init(launch_t *self, const common_t *common, opened_t *opened, const char *command) {
    model_t *model = &opened->scenario.model;
    const sources_t *sources = &opened->scenario.sources;
    const char *const *settings = (const char *const *)opened->setting_texts;
    time_t now = time(NULL);
    struct tm utc;
    *self = (launch_t){
        .variants = calloc((size_t)(model->n_variants + common->variants.n) + 1, sizeof *self->variants),
        .paths = calloc((size_t)sources->n + 1, sizeof *self->paths),
        .texts = calloc((size_t)sources->n + 1, sizeof *self->texts)};
    if (!self->variants || !self->paths || !self->texts) {
        fputs("entente: out of memory\n", stderr);
        return EX_SOFTWARE;
    }
    fault_t err = {0};
    int ret = output_resolve(common->out, &self->out, &err);
    if (ret) return command_ended(ret, NULL, &err);
    for (int i = 0; i < sources->n; i++) {
        self->paths[i] = sources->items[i].path;
        self->texts[i] = sources->items[i].text;
    }
    strftime(self->start, sizeof self->start, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    self->request = (plan_request_t){
        .model = model,
        .scenario = self->paths[0],
        .seed = common->has_seed ? common->seed : model->seed,
        .n_replicates = common->replicates ? common->replicates : (uint32_t)model->replicates,
        .variants = self->variants,
        .n_settings = opened->n_settings,
        .settings = opened->settings,
        .block_replicates = common->block,
    };
    self->options = (run_options_t){
        .out_path = self->out,
        .workers = common->workers ? common->workers : launch_processors(),
        .restart = common->restart,
        .task = common->task,
        .n_tasks = common->n_tasks,
        .only_merge = common->only_merge,
        .progress = common->quiet  ? PROGRESS_QUIET
                    : common->json ? PROGRESS_JSON
                                   : PROGRESS_AUTO,
        .provenance = {.scenario = self->paths[0],
                       .n_files = sources->n,
                       .paths = self->paths,
                       .texts = self->texts,
                       .n_settings = opened->n_settings,
                       .settings = settings,
                       .command = command,
                       .start = self->start},
    };
    return choose_variants(self, opened, &common->variants);
}

void launch_free(launch_t *self) {
    free(self->variants);
    free(self->paths);
    free(self->texts);
    mem_free(self->out);
    *self = (launch_t){0};
}
