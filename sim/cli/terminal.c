#include "cli/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH_LEAST 40
#define WIDTH_OTHERWISE 80
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* ---- lines ------------------------------------------------------------------------------------------- */

/* Bytes of the first `columns` letters. */
static size_t bytes_of(const char *text, int columns) {
    size_t i = 0;
    for (; text[i]; i++) /* the first byte of a letter in UTF-8 is no 10xxxxxx */
        if (((unsigned char)text[i] & 0xC0) != 0x80 && columns-- == 0) break;
    return i;
}

/* Where to split a line that is too long: at the last gap of two blanks in the second half, else at the last
 * blank, else where it must end. */
static size_t split_of(const char *text, size_t most) {
    for (size_t i = most; i > most / 2; i--)
        if (text[i] == ' ' && text[i - 1] == ' ') return i;
    for (size_t i = most; i > 0; i--)
        if (text[i] == ' ' && text[i - 1] != ' ') return i;
    return most;
}

/* A piece of a line; the last one with its "[...]" dimmed. */
static void write_piece(FILE *out, const char *text, size_t n, bool dimmed, bool heading) {
    const char *open = dimmed && n && text[n - 1] == ']' ? memrchr(text, '[', n) : NULL;
    size_t before = open ? (size_t)(open - text) : n;
    if (heading) fputs(BOLD, out);
    fwrite(text, 1, before, out);
    if (open) {
        fputs(DIM, out);
        fwrite(open, 1, n - before, out);
    }
    if (open || heading) fputs(PLAIN, out);
}

void terminal_write_line(FILE *out, const char *line, int width, bool coloured, bool heading) {
    int indent = (int)strspn(line, " "), further = 0;
    if (indent > width / 3) indent = width / 3;
    for (;;) {
        size_t most = bytes_of(line, width - further);
        fprintf(out, "%*s", further, "");
        if (!line[most]) break;
        size_t end = split_of(line, most), next = end;
        while (line[next] == ' ') next++;
        while (end > 0 && line[end - 1] == ' ') end--;
        write_piece(out, line, end, false, coloured && heading);
        putc('\n', out);
        line += next;
        further = indent + 4;
    }
    write_piece(out, line, strlen(line), coloured, coloured && heading);
    putc('\n', out);
}

/* ---- the child ------------------------------------------------------------------------------------------
 */

/* The pager's standard input, or `screen` itself. */
static FILE *reader_of(int screen, pid_t *pager) {
    const char *command = getenv("ENTENTE_PAGER"), *terminal = getenv("TERM");
    int ends[2];
    *pager = 0;
    if (!command) command = getenv("PAGER");
    if (!command) command = "less";
    if (!*command || !strcmp(command, "cat") || (terminal && !strcmp(terminal, "dumb")) || pipe(ends))
        return fdopen(screen, "w");
    *pager = fork();
    if (*pager == 0) {
        signal(SIGINT, SIG_DFL);
        dup2(ends[0], STDIN_FILENO);
        dup2(screen, STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("LESS", "FRX", 0); /* end if all fits on the screen, show colours, leave the text there */
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    return fdopen(*pager > 0 ? ends[1] : screen, "w");
}

static int width_of(int screen) {
    struct winsize size = {0};
    if (ioctl(screen, TIOCGWINSZ, &size) || !size.ws_col) return WIDTH_OTHERWISE;
    return size.ws_col > WIDTH_LEAST ? size.ws_col : WIDTH_LEAST;
}

/* A line at the margin is a heading if the next one is indented. */
static bool is_heading(const char *line, const char *next) {
    return *line && *line != ' ' && next && *next == ' ';
}

static void cut_end(char *line) {
    line[strcspn(line, "\n")] = '\0';
}

/* Lays out what comes, to its end, whether or not somebody still reads it: the program is not to be stopped
 * by a pager. */
static void lay_out(FILE *in, int screen) {
    const char *terminal = getenv("TERM");
    bool coloured = !getenv("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
    char *line = NULL, *next = NULL;
    size_t room = 0, next_room = 0;
    pid_t pager;
    bool more = getline(&line, &room, in) > 0;
    FILE *out = more ? reader_of(screen, &pager) : NULL;
    if (!out) return;
    while (more) {
        more = getline(&next, &next_room, in) > 0;
        cut_end(line);
        terminal_write_line(out, line, width_of(screen), coloured, is_heading(line, more ? next : NULL));
        char *other = line;
        size_t other_room = room;
        line = next;
        room = next_room;
        next = other;
        next_room = other_room;
    }
    fclose(out);
    if (pager > 0)
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR) {}
    free(line);
    free(next);
}

/* ---- the program ----------------------------------------------------------------------------------------
 */

typedef struct {
    pid_t owner, child;
} sheet_t;

static void wait_for_child(int status, void *argument) {
    sheet_t *self = argument;
    (void)status;
    if (getpid() != self->owner) return;
    fflush(stdout);
    close(STDOUT_FILENO);
    while (waitpid(self->child, NULL, 0) < 0 && errno == EINTR) {}
    free(self);
}

void terminal_begin(void) {
    int ends[2];
    sheet_t *self = isatty(STDOUT_FILENO) == 1 ? malloc(sizeof *self) : NULL;
    if (!self) return;
    fflush(stdout);
    *self = (sheet_t){.owner = getpid(), .child = pipe(ends) ? -1 : fork()};
    if (self->child == 0) {
        signal(SIGINT, SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
        close(ends[1]);
        FILE *in = fdopen(ends[0], "r");
        if (in) lay_out(in, STDOUT_FILENO);
        _exit(0);
    }
    if (self->child < 0 || on_exit(wait_for_child, self)) { /* as if it were no terminal */
        free(self);
        return;
    }
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
}
