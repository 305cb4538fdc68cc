/* Where this program is. */
#ifndef ENTENTE_BASE_PROGRAM_H
#define ENTENTE_BASE_PROGRAM_H

#include <stddef.h>

/* The path by which others start this program: what a launcher says in ENTENTE_PROGRAM (tools/packaging),
 * else the file that runs. "" where the system does not know, or where the path has no room. */
void program_path(char *out, size_t size);

#endif
