/* `entente show OUT.h5`: contents, provenance and status of an output file. */
#ifndef ENTENTE_CLI_SHOW_SHOW_OUTPUT_H
#define ENTENTE_CLI_SHOW_SHOW_OUTPUT_H

/* Prints to stdout, problems to stderr; the exit code. */
int show_output(const char *path);

#endif
