/* `entente show OUT.h5`: what an output file holds, how it was made, how it ended. */
#ifndef ENTENTE_CLI_SHOW_SHOW_OUTPUT_H
#define ENTENTE_CLI_SHOW_SHOW_OUTPUT_H

/* Prints to stdout; the exit code, all said. */
int show_output(const char *path);

#endif
