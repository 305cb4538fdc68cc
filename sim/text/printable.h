/* Makes standard output and error safe for a terminal, whatever texts they contain. */
#ifndef ENTENTE_TEXT_PRINTABLE_H
#define ENTENTE_TEXT_PRINTABLE_H

/* From here on, what is written to stdout and stderr is text in UTF-8 without control characters but newline
 * and tab, and without those that turn the direction of a line: each becomes a question mark. Scenarios,
 * tables, output files, names of files and arguments all come out through here, so nobody who prints need
 * think of it. What is meant to move the cursor (run/progress.c) is written to the descriptor itself. */
void printable_streams(void);

#endif
