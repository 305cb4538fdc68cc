/* An output file that somebody has changed and sealed: opened, and all of it read that `show` and `run` read.
 */
#include "cli/command.h"
#include "cli/open_scenario.h"
#include "cli/reopen.h"
#include "cli/show/show_output.h"
#include "fuzz/template.h"
#include <sys/wait.h>

static template_t good;
static fuzz_file_t file;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    char folder[] = "/tmp/fuzz-results-XXXXXX", path[64], out[80];
    fuzz_need(mkdtemp(folder) != NULL, "a folder");
    snprintf(path, sizeof path, "%s/good.h5", folder);
    snprintf(out, sizeof out, "--output=%s", path);
    char *words[] = {"entente run", ENTENTE_SOURCE_DIR "/tests/fuzz/parameters.yaml", "-q", "-j1", out, NULL};
    pid_t child = fork();
    int status = 0;
    if (!child) _exit(command_run(5, words));
    fuzz_need(waitpid(child, &status, 0) == child && !status, "a file is made");
    template_read(&good, path);
    unlink(path);
    rmdir(folder);
    fuzz_file_init(&file, "good.h5");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    const common_t common = {.path = file.path};
    opened_t opened;
    reopened_t made;
    template_change(&good, bytes, n, &file);
    show_output(file.path);
    reopen_scenario(&opened, &made, &common);
    close_scenario(&opened);
    reopened_free(&made);
    return 0;
}
