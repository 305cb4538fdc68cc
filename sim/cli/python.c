/* The commands of the Python package, which lies beside the program: in the source tree in analysis/, in an
 * installation in ENTENTE_PYTHON_DIR (cmake/Python.cmake). They run in the first interpreter that has what
 * the package needs. */
#include "base/program.h"
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Not run as a file: modules of its folder have names of Python's own. */
#define NEEDS "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')"

enum { MOST_WORDS = 512, PATH_SIZE = PATH_MAX + 128 };

/* The program itself, and the folder of the package: "" where it is not beside it. */
typedef struct {
    char program[PATH_MAX], folder[PATH_SIZE];
} home_t;

static bool is_package(const char *folder) {
    char path[PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/entente/needs.py", folder);
    return access(path, R_OK) == 0;
}

static void find_home(home_t *home) {
    static const char *const from_program[] = {"../../analysis", "../" ENTENTE_PYTHON_DIR};
    *home = (home_t){0};
    program_path(home->program, sizeof home->program);
    const char *slash = strrchr(home->program, '/');
    for (size_t i = 0; slash && i < sizeof from_program / sizeof *from_program; i++) {
        int length = (int)(slash - home->program);
        snprintf(home->folder, sizeof home->folder, "%.*s/%s", length, home->program, from_program[i]);
        if (is_package(home->folder)) return;
    }
    home->folder[0] = '\0';
}

/* So that the interpreter finds the package and the package this program. */
static void set_environment(const home_t *home) {
    const char *before = getenv("PYTHONPATH");
    static char path[2 * PATH_SIZE];
    if (*home->folder) {
        bool more = before && *before;
        snprintf(path, sizeof path, "%s%s%s", home->folder, more ? ":" : "", more ? before : "");
        setenv("PYTHONPATH", path, 1);
    }
    if (*home->program) setenv("ENTENTE", home->program, 0);
}

/* The exit code of the words as a command without output; 127 if there is no such program. */
static int quietly(char *const *words) {
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_RDWR);
        for (int fd = 0; fd <= 2; fd++)
            if (nothing < 0 || dup2(nothing, fd) < 0) _exit(EX_OSERR);
        execvp(words[0], words);
        _exit(errno == ENOENT ? 127 : 126);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
}

/* The first interpreter with everything; else the first that there is, which says what it lacks; else NULL.
 */
static const char *find_interpreter(const home_t *home) {
    const char *candidates[] = {getenv("PYTHON"), "python3", "/usr/bin/python3"}, *there = NULL;
    char needs[PATH_SIZE + 32];
    snprintf(needs, sizeof needs, "%s/entente/needs.py", home->folder);
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        const char *python = candidates[i];
        if (!python || !*python) continue;
        char *of_package[] = {(char *)python, "-c", NEEDS, needs, NULL};
        char *installed[] = {(char *)python, "-c", "import entente", NULL};
        int code = quietly(*home->folder ? of_package : installed);
        if (code == 0) return python;
        if (code != 127 && code != 126 && !there) there = python;
    }
    return there;
}

static int python(const char *name, int argc, char **argv) {
    char *words[MOST_WORDS] = {NULL, "-m", "entente", (char *)name};
    home_t home;
    if (argc + 4 > MOST_WORDS) {
        fprintf(stderr, "entente: %d arguments; at most %d are taken\n", argc - 1, MOST_WORDS - 5);
        return EX_USAGE;
    }
    find_home(&home);
    set_environment(&home);
    const char *interpreter = find_interpreter(&home);
    if (!interpreter) {
        fprintf(stderr,
                "entente: %s needs Python 3: there is neither python3 on PATH nor /usr/bin/python3\n"
                "Install it, or set PYTHON to the interpreter.\n",
                name);
        return EX_UNAVAILABLE;
    }
    if (!*home.folder && !getenv("PYTHONPATH"))
        fprintf(stderr, "entente: the Python package is not beside the program; %s may have it\n",
                interpreter);
    words[0] = (char *)interpreter;
    for (int i = 1; i < argc; i++) words[3 + i] = argv[i];
    execvp(interpreter, words);
    fprintf(stderr, "entente: cannot start %s: %s\n", interpreter, strerror(errno));
    return EX_UNAVAILABLE;
}

int command_figure(int argc, char **argv) {
    return python("figure", argc, argv);
}

int command_report(int argc, char **argv) {
    return python("report", argc, argv);
}

int command_export(int argc, char **argv) {
    return python("export", argc, argv);
}

int command_explore(int argc, char **argv) {
    return python("explore", argc, argv);
}
