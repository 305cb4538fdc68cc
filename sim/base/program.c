#include "base/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void program_path(char *out, size_t size) {
    const char *launcher = getenv("ENTENTE_PROGRAM");
    int n = launcher ? snprintf(out, size, "%s", launcher) : (int)readlink("/proc/self/exe", out, size);
    out[n > 0 && (size_t)n < size ? n : 0] = '\0';
}
