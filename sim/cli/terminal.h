/* What a person sees on a terminal: lines folded to its width, headings in bold, causes dimmed, a pager.
 *
 * Into a pipe or a file nothing of this applies: lines are whole, so that programs can read them. */
#ifndef ENTENTE_CLI_TERMINAL_H
#define ENTENTE_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* If standard output is a terminal, lets all that is written to it from now on pass a child process, which
 * lays it out and starts the pager with the first line: the command of ENTENTE_PAGER, else of PAGER, else
 * `less`; none if it is empty or `cat`, or TERM is `dumb`. NO_COLOR switches the colours off. The program's
 * end waits for the child; a reader who leaves the pager early ends nothing. */
void terminal_begin(void);

/* Writes a line (without its end) to `out` in lines of at most `width` columns, split at blanks; what follows
 * the first is indented further. With `coloured`, as a heading or with a dimmed last "[...]". */
void terminal_write_line(FILE *out, const char *line, int width, bool coloured, bool heading);

#endif
