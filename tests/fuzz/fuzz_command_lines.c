/* Command lines: the first byte chooses the command, then a word a line. What is wrong with them ends the
 * process, so each is a child's. No word may lead out of the folder that they are given in. */
#include "cli/command.h"
#include "fuzz/fuzz.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int (*const commands[])(int, char **) = {
    command_check,     command_show,       command_run,    command_trace,    command_compare,
    command_fit,       command_relational, command_score,  command_sweep,    command_merge,
    command_attribute, command_rare,       command_choose, command_discover, command_new};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    char folder[] = "/tmp/fuzz-command-lines-XXXXXX";
    fuzz_need(mkdtemp(folder) && !chdir(folder), "a folder");
    return 0;
}

/* Before libFuzzer's own handler, to which an exit is a fault. */
static void leave(int status, void *nothing) {
    (void)nothing;
    fflush(NULL);
    _exit(status);
}

static void give(int (*run)(int, char **), char *text) {
    enum { MOST = 60 };
    char *words[MOST + 1] = {"entente"};
    int n = 1;
    for (char *c = text; *c; c++)
        if (*c == '/') *c = '_';
    for (char *word; n < MOST && (word = strsep(&text, "\n"));) words[n++] = word;
    on_exit(leave, NULL);
    signal(SIGALRM, SIG_DFL); /* not libFuzzer's clock */
    alarm(20);
    exit(run(n, words));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    if (!n) return 0;
    char *text = fuzz_text(bytes + 1, n - 1);
    int status;
    pid_t child = fork();
    if (!child) give(commands[bytes[0] % (sizeof commands / sizeof *commands)], text);
    pid_t ended;
    do ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR); /* libFuzzer's clock */
    fuzz_need(child > 0 && ended == child, "a child ends");
    fuzz_need(WIFEXITED(status), "a command ends by itself");
    int code = WEXITSTATUS(status);
    fuzz_need(code == 0 || (code >= 64 && code <= 75), "with a documented code");
    free(text);
    return 0;
}
